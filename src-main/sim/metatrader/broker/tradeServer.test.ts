import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { LOGIN, marketOrder, MONDAY_NOON_UTC, OFFSET_S, openBench, SYMBOLS, XAU, type Bench } from './broker.testkit.ts';
import { MAX_COMMENT } from './intake.ts';
import {
  ACTION,
  DEAL_ENTRY,
  DEAL_TYPE,
  EXECUTION,
  FILLING,
  FILLING_BIT,
  MARGIN_MODE,
  ORDER_STATE,
  ORDER_TYPE,
  REASON,
  TRADE_MODE,
} from './numbers.ts';
import type { TradeRequest } from './records.ts';
import { RETCODES, retcodeOf } from './retcodes.ts';
import { brokerSymbol, METAL_HOURS, type BrokerSymbol } from './symbols.ts';
import type { NewAccount } from './tradeServer.ts';

const bookOf = ({ server }: Bench) => server.accountBook(LOGIN);
const opened = (bench: Bench, over: Partial<TradeRequest> = {}) => {
  const answer = bench.server.request(LOGIN, marketOrder(over));
  expect(answer.retcode).toBe(10_009);
  return bookOf(bench).positions.get(answer.order)!;
};

describe('the table of retcodes', () => {
  it('has each code once, and an unknown one is evidence of nothing', () => {
    expect(new Set(RETCODES.map((r) => r.code)).size).toBe(RETCODES.length);
    expect(retcodeOf(12_345).class).toBe('unknown');
    expect([0, 10_011, 10_012, 10_028, 10_031].map((c) => retcodeOf(c).class)).toEqual(Array.from({ length: 5 }, () => 'unknown'));
  });
});

interface RuleCase {
  readonly what: string;
  readonly code: number;
  readonly request?: Partial<TradeRequest>;
  readonly account?: Partial<NewAccount>;
  readonly symbol?: Partial<BrokerSymbol>;
  readonly before?: (bench: Bench) => void;
  readonly reason?: number;
}

const SUNDAY = 6 * 86_400_000;
const RULES: readonly RuleCase[] = [
  { what: 'nothing against it', code: 10_009 },
  { what: 'a symbol it does not list', code: 10_013, request: { symbol: 'EURUSD' } },
  { what: 'an action there is not', code: 10_013, request: { action: 0 } },
  { what: 'a resting type as a deal', code: 10_035, request: { type: ORDER_TYPE.buyLimit } },
  { what: 'no volume', code: 10_014, request: { volume: '0' } },
  { what: 'a volume that is no number', code: 10_014, request: { volume: 'NaN' } },
  { what: 'a volume below the least', code: 10_014, request: { volume: '0.005' } },
  { what: 'the least volume', code: 10_009, request: { volume: '0.01' } },
  { what: 'a volume off the step', code: 10_014, request: { volume: '0.015' } },
  { what: 'the largest volume', code: 10_009, request: { volume: '1' }, symbol: { volMax: '1' } },
  { what: 'a volume above the largest', code: 10_014, request: { volume: '1.01' }, symbol: { volMax: '1' } },
  { what: 'an account that may not trade', code: 10_017, account: { tradeAllowed: false } },
  { what: 'a broker who lets no program trade', code: 10_026, account: { tradeExpert: false } },
  { what: 'the same, by hand', code: 10_009, account: { tradeExpert: false }, reason: REASON.client },
  { what: 'a symbol that is disabled', code: 10_017, symbol: { tradeMode: TRADE_MODE.disabled } },
  { what: 'long only, buying', code: 10_009, symbol: { tradeMode: TRADE_MODE.longOnly } },
  { what: 'long only, selling', code: 10_042, symbol: { tradeMode: TRADE_MODE.longOnly }, request: { type: 1 } },
  { what: 'short only, buying', code: 10_043, symbol: { tradeMode: TRADE_MODE.shortOnly } },
  { what: 'close only', code: 10_044, symbol: { tradeMode: TRADE_MODE.closeOnly } },
  { what: 'within its hours', code: 10_009, symbol: { sessions: METAL_HOURS } },
  { what: 'on a Sunday', code: 10_018, symbol: { sessions: METAL_HOURS }, before: ({ wait }) => wait(SUNDAY) },
  { what: 'no quote', code: 10_021, before: ({ server }) => server.dropQuote(XAU) },
  { what: 'RETURN under market execution', code: 10_030, request: { filling: FILLING.return } },
  { what: 'RETURN under exchange execution', code: 10_009, request: { filling: FILLING.return }, symbol: { exeMode: EXECUTION.exchange } },
  { what: 'IOC where there is only FOK', code: 10_030, symbol: { filling: FILLING_BIT.fok } },
  { what: 'FOK where there is only FOK', code: 10_009, symbol: { filling: FILLING_BIT.fok }, request: { filling: FILLING.fok } },
  {
    what: 'IOC without its bit, instant execution',
    code: 10_009,
    symbol: { filling: 0, exeMode: EXECUTION.instant },
    request: { price: '4000.40' },
  },
  { what: 'instant execution without a price', code: 10_015, symbol: { exeMode: EXECUTION.instant } },
  {
    what: 'instant, off by the deviation',
    code: 10_009,
    symbol: { exeMode: EXECUTION.instant },
    request: { price: '4000.30', deviation: 10 },
  },
  {
    what: 'instant, off by more',
    code: 10_004,
    symbol: { exeMode: EXECUTION.instant },
    request: { price: '4000.29', deviation: 10 },
  },
  { what: 'market execution whatever the price', code: 10_009, request: { price: '1' } },
  { what: 'a stop on the wrong side', code: 10_016, request: { sl: '4100' } },
  { what: 'a target on the wrong side', code: 10_016, request: { tp: '3900' } },
  { what: 'stops too near', code: 10_016, symbol: { stopsLevel: 50 }, request: { sl: '4000.00' } },
  { what: 'stops where they belong', code: 10_009, symbol: { stopsLevel: 50 }, request: { sl: '3999.90', tp: '4000.90' } },
  { what: 'more than the money', code: 10_019, request: { volume: '26' } },
  { what: 'as much as the money', code: 10_009, request: { volume: '24' } },
  { what: 'the limit of the direction', code: 10_034, symbol: { volLimit: '0.1' }, before: (b) => void opened(b) },
  { what: 'the other direction', code: 10_009, symbol: { volLimit: '0.1' }, before: (b) => void opened(b), request: { type: 1 } },
  { what: 'as many positions as there may be', code: 10_040, account: { maxPositions: 1 }, before: (b) => void opened(b) },
  { what: 'no hedging', code: 10_046, account: { hedgeAllowed: false }, before: (b) => void opened(b), request: { type: 1 } },
  { what: 'too many requests', code: 10_024, account: { maxRequestsPerSecond: 1 }, before: (b) => void opened(b) },
  { what: 'a position that is gone', code: 10_036, request: { type: 1, position: 7 } },
];

describe('what the trade server checks', () => {
  it.each(RULES)('$what: $code', ({ code, request, account, symbol, before, reason }) => {
    const [gold, ...others] = SYMBOLS;
    const bench = openBench({ account: account ?? {}, symbols: [{ ...gold!, ...symbol }, ...others] });
    before?.(bench);
    const lines = bench.server.audit().length;
    const answer = bench.server.request(LOGIN, marketOrder(request), reason);
    expect(answer.retcode).toBe(code);
    expect(answer.sent).toBe(code === 10_009);
    expect(answer.error).toBe(code === 10_009 ? 0 : 4_756);
    expect(bench.server.audit().length - lines).toBe(code === 10_009 ? 1 : 0);
  });

  it('closes by ticket only: right symbol, opposite type, no more than there is, oldest first where FIFO rules', () => {
    const bench = openBench();
    const { ticket } = opened(bench);
    const close = (over: Partial<TradeRequest>) => bench.server.request(LOGIN, marketOrder({ type: 1, position: ticket, ...over })).retcode;
    expect(close({ type: 0 })).toBe(10_013);
    expect(close({ symbol: 'BTCUSD' })).toBe(10_013);
    expect(close({ volume: '0.11' })).toBe(10_038);
    expect(close({ volume: '0.04' })).toBe(10_009);
    expect(bookOf(bench).positions.get(ticket)!.volume).toBe('0.06');
    bench.wait(1_000);
    const second = opened(bench);
    bench.server.changeAccount(LOGIN, { fifoClose: true });
    expect(close({ position: second.ticket, volume: '0.01' })).toBe(10_045);
    expect(close({ volume: '0.06' })).toBe(10_009);
    expect(close({ position: second.ticket })).toBe(10_009);
    expect(close({ position: second.ticket })).toBe(10_036);
  });

  it('opens an opposite position on a hedging account when no ticket is named', () => {
    const bench = openBench();
    opened(bench);
    opened(bench, { type: 1 });
    expect([...bookOf(bench).positions.values()].map((p) => p.type)).toEqual([0, 1]);
  });
});

describe('orders, deals, positions', () => {
  it('count apart; the position is named after its order, and magic goes from order to deal to position', () => {
    const bench = openBench();
    const magic = 1_700_000_000_042;
    const comment = 'x'.repeat(40);
    const answer = bench.server.request(LOGIN, marketOrder({ magic, comment }));
    const { history, deals, positions } = bookOf(bench);
    const [order, deal, position] = [history.get(answer.order)!, deals.get(answer.deal)!, positions.get(answer.order)!];
    expect(answer.deal).not.toBe(answer.order);
    expect(position).toMatchObject({ ticket: order.ticket, identifier: order.ticket, magic, priceOpen: '4000.4', reason: REASON.expert });
    expect(deal).toMatchObject({
      order: order.ticket,
      positionId: order.ticket,
      magic,
      entry: DEAL_ENTRY.in,
      commission: '-0.35',
      profit: '0',
    });
    expect(order).toMatchObject({ state: ORDER_STATE.filled, volumeCurrent: '0', positionId: order.ticket });
    expect(order.comment).toHaveLength(MAX_COMMENT);
    expect(deal.timeMsc).toBe(MONDAY_NOON_UTC + OFFSET_S * 1_000);
    expect(deal.utcMs).toBe(MONDAY_NOON_UTC);
  });

  it('a closing order carries its own magic and books the profit', () => {
    const bench = openBench();
    const { ticket } = opened(bench);
    bench.server.setQuote(XAU, '4010.10', '4010.40');
    const { deal } = bench.server.request(LOGIN, marketOrder({ type: 1, position: ticket, magic: 1_600_000_000_002, volume: '0.04' }));
    expect(bookOf(bench).deals.get(deal)).toMatchObject({
      positionId: ticket,
      magic: 1_600_000_000_002,
      entry: DEAL_ENTRY.out,
      profit: '38.8',
      commission: '-0.14',
    });
    expect(bookOf(bench).account.balance).toBe('100038.31');
    expect(bench.server.figures(LOGIN).equity.toFixed()).toBe('100096.51');
  });

  it('netting: adds at the average, reduces, reverses', () => {
    const bench = openBench({ account: { marginMode: MARGIN_MODE.netting } });
    const send = (type: number, volume: string) => bench.server.request(LOGIN, marketOrder({ type, volume }));
    const only = () => [...bookOf(bench).positions.values()].map((p) => [p.type, p.volume, p.priceOpen]);
    send(0, '0.1');
    bench.server.setQuote(XAU, '4002.10', '4002.40');
    send(0, '0.1');
    expect(only()).toEqual([[0, '0.2', '4001.4']]);
    send(1, '0.05');
    expect(only()).toEqual([[0, '0.15', '4001.4']]);
    const { deal } = send(1, '0.25');
    expect(only()).toEqual([[1, '0.1', '4002.1']]);
    expect(bookOf(bench).deals.get(deal)).toMatchObject({ entry: DEAL_ENTRY.inout, volume: '0.25', profit: '10.5' });
    send(0, '0.1');
    expect(only()).toEqual([]);
  });

  it('resting orders wait for their price, can be removed, and are audited', () => {
    const bench = openBench();
    const rest = (price: string, over: Partial<TradeRequest> = {}) =>
      bench.server.request(
        LOGIN,
        marketOrder({ action: ACTION.pending, type: ORDER_TYPE.buyLimit, filling: FILLING.return, price, ...over }),
      );
    expect(rest('4000.50').retcode).toBe(10_015);
    expect(rest('3999', { expiration: 1 }).retcode).toBe(10_022);
    const first = rest('3999');
    const second = rest('3990');
    expect(bench.server.request(LOGIN, { ...marketOrder(), action: ACTION.remove, order: second.order }).retcode).toBe(10_009);
    expect(bench.server.request(LOGIN, { ...marketOrder(), action: ACTION.remove, order: second.order }).retcode).toBe(10_013);
    bench.server.setQuote(XAU, '3998.60', '3998.90');
    expect(bookOf(bench).orders.size).toBe(0);
    expect(bookOf(bench).history.get(first.order)!.state).toBe(ORDER_STATE.filled);
    expect(bench.server.audit().map((l) => [l.act, l.filledLots])).toEqual([
      ['resting', '0.1'],
      ['resting', '0'],
    ]);
  });
});

describe('time', () => {
  it('books swap at rollover, threefold once a week; the ticket may change, the identifier never', () => {
    const bench = openBench({ symbols: [brokerSymbol(XAU, { swapLong: '-4.2' })].concat(SYMBOLS.slice(1)) });
    const { ticket } = opened(bench);
    bench.wait(10 * 3_600_000);
    expect(bookOf(bench).positions.get(ticket)!.swap).toBe('-0.42');
    bench.wait(72 * 3_600_000);
    expect(bookOf(bench).positions.get(ticket)!.swap).toBe('-2.52');
    bench.server.rollOver({ day: 3, retickets: true });
    const [moved] = bookOf(bench).positions.values();
    expect(moved).toMatchObject({ identifier: ticket, swap: '-3.78' });
    expect(moved!.ticket).not.toBe(ticket);
    const { deal } = bench.server.request(LOGIN, marketOrder({ type: 1, position: moved!.ticket }));
    expect(bookOf(bench).deals.get(deal)).toMatchObject({ positionId: ticket, swap: '-3.78' });
  });

  it('stops, targets and stop-outs close with their reason and the magic of the position', () => {
    const bench = openBench();
    const magic = 1_600_000_000_009;
    opened(bench, { sl: '3990', magic });
    opened(bench, { tp: '4020', magic });
    const reasons = () => [...bookOf(bench).deals.values()].filter((d) => d.entry === DEAL_ENTRY.out).map((d) => [d.reason, d.magic]);
    bench.server.setQuote(XAU, '4020.00', '4020.30');
    expect(reasons()).toEqual([[REASON.tp, magic]]);
    bench.server.setQuote(XAU, '3990.00', '3990.30');
    expect(reasons()).toEqual([
      [REASON.tp, magic],
      [REASON.sl, magic],
    ]);
    opened(bench, { volume: '20', magic });
    bench.server.setQuote(XAU, '3975.00', '3975.30');
    expect(bookOf(bench).positions.size).toBe(1);
    bench.server.setQuote(XAU, '3900.00', '3900.30');
    expect(bookOf(bench).positions.size).toBe(0);
    expect(reasons().at(-1)).toEqual([REASON.so, magic]);
  });

  it('a person closes by hand: no magic, reason client', () => {
    const bench = openBench();
    const { ticket } = opened(bench);
    const { deal } = bench.server.closePosition(LOGIN, ticket, { lots: '0.03' });
    expect(bookOf(bench).deals.get(deal)).toMatchObject({ magic: 0, reason: REASON.client, volume: '0.03', positionId: ticket });
    expect(bench.server.audit().at(-1)).toMatchObject({ act: 'close', positionId: ticket, magic: 0 });
  });
});

describe('what the account adds up to', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('open' as const), lots: fc.integer({ min: 1, max: 30 }), type: fc.constantFrom(0, 1) }),
    fc.record({ kind: fc.constant('close' as const), lots: fc.integer({ min: 1, max: 30 }), which: fc.nat(5) }),
    fc.record({ kind: fc.constant('quote' as const), ticks: fc.integer({ min: -300, max: 300 }) }),
    fc.record({ kind: fc.constant('night' as const) }),
    fc.record({ kind: fc.constant('fault' as const), which: fc.nat(6) }),
  );
  const FAULTS = [
    { kind: 'partial', lots: '0.02' },
    { kind: 'split', parts: 3 },
    { kind: 'split', parts: 2, positions: true },
    { kind: 'unclear', retcode: 10_012, executed: true },
    { kind: 'unclear', retcode: 10_031, executed: false },
    { kind: 'late-commission', afterMs: 500 },
    { kind: 'placed', afterMs: 700 },
  ] as const;

  it('lots are conserved, the balance is the sum of its deals, and no order is without its audit line', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.constantFrom(MARGIN_MODE.hedging, MARGIN_MODE.netting), (steps, marginMode) => {
        const bench = openBench({ account: { marginMode } });
        let price = 400_010;
        for (const s of steps) {
          if (s.kind === 'quote') {
            price += s.ticks;
            bench.server.setQuote(XAU, (price / 100).toFixed(2), ((price + 30) / 100).toFixed(2));
          } else if (s.kind === 'night') bench.wait(86_400_000);
          else if (s.kind === 'fault') bench.server.inject(FAULTS[s.which]!);
          else if (s.kind === 'open') bench.server.request(LOGIN, marketOrder({ volume: (s.lots / 100).toFixed(2), type: s.type }));
          else {
            const held = [...bookOf(bench).positions.values()][s.which];
            const lots = Decimal.min(s.lots / 100, held?.volume ?? 0).toFixed();
            if (held !== undefined)
              bench.server.request(LOGIN, marketOrder({ volume: lots, type: held.type === 0 ? 1 : 0, position: held.ticket }));
          }
          bench.wait(400);
        }
        bench.wait(5_000);
        const { deals, positions, history, orders, account } = bookOf(bench);
        const sum = (values: string[]) => values.reduce((total, v) => total.plus(v), new Decimal(0));
        expect(account.balance).toBe(sum([...deals.values()].flatMap((d) => [d.profit, d.commission, d.swap, d.fee])).toFixed());
        const net = (rows: { type: number; volume: string }[]) =>
          sum(rows.map((r) => (r.type === 0 ? r.volume : `-${r.volume}`))).toFixed();
        expect(net([...positions.values()])).toBe(net([...deals.values()].filter((d) => d.type <= DEAL_TYPE.sell)));
        const audited = new Map(bench.server.audit().map((l) => [l.order, l]));
        for (const o of [...history.values(), ...orders.values()]) {
          expect(audited.get(o.ticket)?.filledLots).toBe(new Decimal(o.volumeInitial).minus(o.volumeCurrent).toFixed());
          const done = sum([...deals.values()].filter((d) => d.order === o.ticket).map((d) => d.volume));
          expect(done.toFixed()).toBe(audited.get(o.ticket)!.filledLots);
        }
        expect(audited.size).toBe(history.size + orders.size);
      }),
      { numRuns: 150 },
    );
  });

  it('a book put back from its changes is the same book, and its tickets go on', () => {
    const bench = openBench();
    opened(bench);
    opened(bench, { type: 1, volume: '0.2' });
    const again = openBench({ restore: [...bench.server.dump()] });
    expect([...again.server.dump()]).toEqual([...bench.server.dump()]);
    const before = new Set(bookOf(bench).history.keys());
    expect(before.has(opened(again).ticket)).toBe(false);
  });
});
