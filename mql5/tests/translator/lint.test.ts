/** Each rule of the lint with a planted violation, and the same thing done right beside it. */
import { describe, expect, test } from 'vitest';
import { EXPERT, lintEa } from '../build.ts';
import { COMMENT_LIMIT, lint, NAME_LIMIT } from './lint.ts';
import { referenceNames } from './names.ts';
import { written } from './written.testkit.ts';

const rulesOf = (text: string): string[] => [...new Set(lint(written(text).source()).map((one) => one.rule))];
const inFunction = (body: string): string => `void Act()\n  {\n   ${body}\n  }\n`;

describe('each planted violation is found by its rule', () => {
  test.each<[rule: string, text: string]>([
    ['builtin-redefined', 'double NormalizeDouble(double x,int d) { return(x); }'],
    ['builtin-redefined', '#define FILE_READ 1\n'],
    ['unknown-name', inFunction('int x=StringLenght("a");')],
    ['unknown-name', inFunction('int x=TRADE_RETCODE_OFF_QUOTES;')],
    ['unknown-name', inFunction('int x=strlen("a");')],
    ['unknown-member', inFunction('MqlTradeRequest r={};\n   r.slippage=3;')],
    ['unknown-member', 'struct Own { int a; };\nvoid Act() { Own o={};\n   o.b=1; }'],
    ['cpp-only', inFunction('auto x=1;')],
    ['cpp-only', inFunction('int y=0;\n   int &x=y;')],
    ['cpp-only', inFunction('ulong x=5UL;')],
    ['cpp-only', inFunction('string s[];\n   for(string one : s) Print(one);')],
    ['cpp-only', inFunction('int x=[](int a) { return(a); }(1);')],
    ['cpp-only', inFunction('long x=static_cast<long>(1.5);')],
    ['cpp-only', 'struct Own { int a; };\nvoid Act(Own &o) { Own p=Own{};\n   o=p; }'],
    ['cpp-only', 'struct Own { int a; };\nOwn Make() { return {1}; }'],
    ['cpp-only', 'struct Own { int a; };\nvoid Act(Own &o) { o->a=1; }'],
    ['by-value', 'void Act(int a[]) { Print(a[0]); }'],
    ['by-value', 'struct Own { int a; };\nvoid Act(const Own o) { Print(o.a); }'],
    ['by-value', 'void Act(MqlTick tick) { Print(tick.bid); }'],
    ['comment-length', inFunction(`MqlTradeRequest r={};\n   r.comment="${'x'.repeat(COMMENT_LIMIT + 1)}";`)],
    ['event-signature', 'void OnTimer(int n) { Print(n); }'],
    [
      'event-signature',
      'void OnTradeTransaction(MqlTradeTransaction &t,MqlTradeRequest &q,MqlTradeResult &r) { Print(t.deal,q.magic,r.deal); }',
    ],
    ['event-signature', 'bool OnInit() { return(true); }'],
    ['event-name', 'void OnTradeTransactions() { }'],
    ['format', inFunction('ulong ticket=1;\n   PrintFormat("%d",ticket);')],
    ['format', inFunction('ulong ticket=1;\n   string s=StringFormat("%u",ticket);')],
    ['format', 'struct Own { long id; };\nOwn g_rows[];\nvoid Act() { PrintFormat("%d",g_rows[0].id); }'],
    ['format', inFunction('PrintFormat("%d",PositionGetInteger(POSITION_TICKET));')],
    ['format', inFunction('PrintFormat("%s",(long)1);')],
    ['format', inFunction('double x=1;\n   PrintFormat("%d",x);')],
    ['format', inFunction('PrintFormat("%I64d",(ulong)1);')],
    ['format', inFunction('PrintFormat("%d %d",1);')],
    ['name-length', inFunction(`int ${'n'.repeat(NAME_LIMIT + 1)}=0;`)],
  ])('%s', (rule, text) => {
    expect(rulesOf(text)).toContain(rule);
  });
});

test.each([
  inFunction(`MqlTradeRequest r={};\n   r.comment="${'x'.repeat(COMMENT_LIMIT)}";\n   r.magic=1;`),
  inFunction('ulong ticket=1;\n   int n=2;\n   PrintFormat("%I64u %d %s %.2f %%",ticket,n,"x",1.5*n);'),
  inFunction(`int ${'n'.repeat(NAME_LIMIT)}=0;`),
  'struct Own { int a[2]; };\nvoid Act(const Own &o,const int &list[]) { int x=o.a[1]+list[0]; Print(x); }',
  'int OnInit() { return(INIT_SUCCEEDED); }\nvoid OnDeinit(const int reason) { Print(reason); }\nvoid OnTick() { }',
  'void OnTradeTransaction(const MqlTradeTransaction &t,const MqlTradeRequest &q,const MqlTradeResult &r) { Print(t.deal,q.magic,r.deal); }',
  'class Own { public: int Length() const { return(1); } };\nclass More : public Own { };\nvoid Act(More &m) { Print(m.Length()); }',
])('what is right is left alone (%#)', (text) => {
  expect(lint(written(text).source())).toEqual([]);
});

test('a problem stands at the line of the file it is in', () => {
  const { source } = written('#include "Other.mqh"\n\nint g_a=Unknown1;\n', { 'Experts/Other.mqh': '\n\n\nint g_b=Unknown2;\n' });
  expect(lint(source()).map(({ file, line }) => `${file.split('/').at(-1)}:${line}`)).toEqual(['Other.mqh:4', 'Expert.mq5:3']);
});

test('the names of the reference are there, each kind', () => {
  const names = referenceNames();
  expect(names.functions.size).toBeGreaterThan(300);
  expect(names.constants.size).toBeGreaterThan(1500);
  expect([...['WebRequest', 'OrderSend'].map((one) => names.functions.has(one)), names.functions.has('OnTimer')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(names.members.get('MqlTradeRequest')?.has('position')).toBe(true);
});

test("Quant Arb's own expert keeps every rule", () => {
  expect(lintEa(EXPERT)).toEqual([]);
});
