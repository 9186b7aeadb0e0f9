/** Translation, case by case: what becomes of the words, and what the compiler then says. */
import { beforeEach, describe, expect, test } from 'vitest';
import { BuildFault, buildEa, CompilerMissing, compilerVersion } from '../build.ts';
import { translate } from './emit.ts';
import { decodeSource } from './source.ts';
import { SourceFault } from './tokens.ts';
import { written } from './written.testkit.ts';

const BUILD_LIMIT_MS = 400_000;

/** The C++ without what frames it, in one line. */
function cpp(text: string, others: Readonly<Record<string, string>> = {}): string {
  const whole = translate(written(text, others).source());
  const body = whole.slice(whole.indexOf('namespace expert {') + 'namespace expert {'.length, whole.indexOf('}  // namespace expert'));
  return body
    .replaceAll(/#line[^\n]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function faultOf(text: string, others: Readonly<Record<string, string>> = {}): string {
  try {
    cpp(text, others);
  } catch (error) {
    if (error instanceof SourceFault) return `${error.line}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('files', () => {
  test('are UTF-8 with or without mark, or UTF-16 of either order', () => {
    const text = 'string s="é";';
    const wide = Buffer.from(`\uFEFF${text}`, 'utf16le');
    expect(decodeSource(Buffer.from(text))).toBe(text);
    expect(decodeSource(Buffer.from(`\uFEFF${text}`))).toBe(text);
    expect(decodeSource(wide)).toBe(text);
    expect(decodeSource(Buffer.from(wide).swap16())).toBe(text);
  });

  test('are included once, wherever they are named from', () => {
    const others = { 'Include/QuantArb/A.mqh': '#include "B.mqh"\nint g_a=1;\n', 'Include/QuantArb/B.mqh': 'int g_b=2;\n' };
    expect(cpp('#include <QuantArb/A.mqh>\n#include <QuantArb\\B.mqh>\nint g_c=3;', others)).toBe(
      'int g_b = 2 ; int g_a = 1 ; int g_c = 3 ;',
    );
  });

  test('keep their lines', () => {
    const { source, expert } = written('\n\n#include "B.mqh"\nint g_c=3;\n', { 'Experts/B.mqh': '\nint g_b=2;' });
    const text = translate(source());
    expect(text).toContain(`#line 2 "${expert.replace('Expert.mq5', 'B.mqh')}"\nint g_b`);
    expect(text).toContain(`#line 4 "${expert}"\nint g_c`);
  });

  test('give their properties to the program', () => {
    const text = translate(
      written('#property version "1.00" // x\n#property description "a // b"\n#property strict\nvoid OnTick() { }').source(),
    );
    expect(text).toContain('shim::run_expert("Expert", {{"version", "1.00"}, {"description", "a // b"}});');
  });
});

describe('words', () => {
  test.each([
    ['string s="a\\n\\"é\\x20AC" "b";', 'string s = string(u"a\\012\\"\\u00e9\\u20acb") ;'],
    ["int c='A';", 'int c = ushort(65) ;'],
    ["int c='\\n';", 'int c = ushort(10) ;'],
    ["datetime d=D'2026.01.02 03:04:05';", 'datetime d = datetime(1767323045L) ;'],
    ["datetime d=D'2026.01.02';", 'datetime d = datetime(1767312000L) ;'],
    ["color c=C'1,2,3';", 'color c = color(197121) ;'],
    ['string s=NULL;', 'string s = nullptr ;'],
    ['int xor=1;', 'int xor_ = 1 ;'],
    ['int a[];', 'arr<int> a ;'],
    ['int a[3],b,c[];', 'farr<int, 3> a ; int b ; arr<int> c ;'],
    ['int a[2]={1,2};', 'farr<int, 2> a = { { 1 , 2 } } ;'],
    ['int a[][4];', 'arr<farr<int, 4>> a ;'],
    ['struct S { uchar b[4]; string n[]; };', 'struct S; struct S { farr<uchar, 4> b ; arr<string> n ; } ;'],
    ['#define N 3\n#define M N\nint a[M];', 'farr<int, 3> a ;'],
    ['#ifdef X\nint a;\n#else\nint b;\n#endif', 'int b ;'],
    ['#define X\n#ifndef X\nint a;\n#endif\nint b;', 'int b ;'],
  ])('%s', (text, wanted) => {
    expect(cpp(text)).toBe(wanted);
  });

  test('arrays as parameters, in and out', () => {
    expect(cpp('void F(const int &a[],string &b[],double c=1.5) { }')).toBe(
      'void F ( const cref<int> &a , const aref<string> &b , double c = 1.5 ) ; void F ( const cref<int> &a , const aref<string> &b , double c ) { }',
    );
  });

  test('arrays inside bodies, static ones too, and no index taken for a declaration', () => {
    expect(cpp('void F() { static int a[2]; if(true) { string b[]; } a[0]=1; case_x: return; }')).toContain(
      '{ static farr<int, 2> a ; if ( true ) { arr<string> b ; } a [ 0 ] = 1 ;',
    );
  });

  test('enums know their names, and stand before what uses them', () => {
    const text = cpp('void F(E e=B) { }\nenum E { A, B=5 };');
    expect(text.startsWith('enum E : int { A , B = 5 , };')).toBe(true);
    expect(text).toContain('if (value == B) return string(u"B");');
  });

  test('this has a dot in MQL5', () => {
    expect(cpp('class C { int m_x; public: void Set(int x) { this.m_x=x; } };')).toContain('this-> m_x = x ;');
  });
});

describe('refused, at its line', () => {
  test.each([
    ['\n#import "x.dll"\nint f();\n#import', '2: #import is refused: the expert uses no DLL'],
    ['#if 1\n#endif', '1: #if is not in MQL5: only #ifdef and #ifndef'],
    ['#define SQUARE(x) ((x)*(x))\n', '1: macro SQUARE has parameters, which is not translated: make it a function'],
    ['int a;\n\ntemplate<typename T> T F(T x) { return x; }', '3: templates are not translated'],
    ['void F()\n{\n', "2: '{' is not closed"],
    ['string s="abc\n";', '1: a string or character is not closed'],
    ['string s="\\q";', "1: '\\q' is no escape of MQL5"],
    ['int a;\n/* x', '2: a comment is not closed'],
    ['int a=1 @ 2;', "1: '@' is no part of MQL5"],
    ['struct S { int a; }\nint b;', "1: ';' is missing behind struct S"],
    ["datetime d=D'tomorrow';", "1: D'tomorrow' is no date"],
  ])('%j', (text, wanted) => {
    expect(faultOf(text)).toBe(wanted);
  });

  test('a file that is not there, where it is named', () => {
    expect(faultOf('\n#include <QuantArb/Gone.mqh>')).toMatch(/^2: cannot read .*Gone\.mqh$/);
  });
});

describe('the compiler', () => {
  beforeEach((context) => {
    if (compilerVersion() === null) context.skip(new CompilerMissing().message);
  });
  test(
    'finds what MQL5 refuses too, at the lines of the source',
    async () => {
      const { expert } = written(
        [
          'input int InpA=1;',
          'void F() { InpA=2; }',
          'void G() { string s="a"+1; Print(s); }',
          'void H() { string s="a"; if(s) Print(s); }',
          'void I() { uchar b=0; int n=300; b=n; Print((int)b); }',
          'int J() { Print("x"); }',
          'void K() { ENUM_INIT_RETCODE_ x=0; }',
          'void L() { int n=Missing(1); Print(n); }',
          'void M() { int n; Print(n+1); }',
        ].join('\n'),
      );
      const fault = await buildEa({ source: expert }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(fault).toBeInstanceOf(BuildFault);
      const lines = (fault as BuildFault).problems.map((one) => /:(\d+):\d+: error:/.exec(one)?.[1]);
      expect(new Set(lines)).toEqual(new Set(['2', '3', '4', '5', '6', '7', '8']));
    },
    BUILD_LIMIT_MS,
  );
});
