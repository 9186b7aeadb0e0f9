/** Recorded and made user events of spot through the decoder: totals agree with the frames' own. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import { parseExact } from '../shared/exactJson.ts';
import { sharedDataPath } from '../shared/frames.testkit.ts';
import { SpotPushes } from './pushes.ts';

const VENUE = 'spot' as VenueId;
const pushesOf = (...symbols: string[]) => new SpotPushes(VENUE, new Map(symbols.map((symbol) => [symbol, instrumentIdOf(symbol, VENUE)])));

const execution = (more: Record<string, unknown>) => ({
  subscriptionId: 0,
  event: {
    e: 'executionReport',
    E: 2,
    s: 'PAXGUSDT',
    c: 'q1',
    S: 'BUY',
    o: 'LIMIT',
    f: 'IOC',
    q: '0.01000000',
    p: '4000.60000000',
    g: -1,
    C: '',
    x: 'NEW',
    X: 'NEW',
    r: 'NONE',
    i: 11,
    l: '0.00000000',
    z: '0.00000000',
    L: '0.00000000',
    n: '0',
    N: null,
    T: 1,
    t: -1,
    I: 5,
    w: true,
    m: false,
    O: 1,
    Z: '0.00000000',
    Y: '0.00000000',
    V: 'EXPIRE_TAKER',
    ...more,
  },
});

interface Recorded {
  readonly s: string;
  readonly i: number;
  readonly x: string;
  readonly z: string;
  readonly Z: string;
  readonly n: string;
}

describe('recorded', () => {
  test('fills of every order add up to the cumulative quantity and money that the frames carry; fees keep their sum', (ctx) => {
    const path = sharedDataPath('private-streams', 'executionReport.log');
    if (path === null) return ctx.skip('no recorded frames here');
    const lines = readFileSync(path, 'utf8').split('\n');
    const events = lines.filter((line) => line.trim() !== '').map((line) => parseExact(line) as Recorded);
    const pushes = pushesOf(...new Set(events.map(({ s }) => s)));
    const totals = new Map<string, { qty: Decimal; money: Decimal }>();
    let fee = new Decimal(0);
    let ownFee = new Decimal(0);
    for (const event of events) {
      const pushed = pushes.read({ subscriptionId: 0, event });
      expect(pushed.alarms).toEqual([]);
      const key = `${event.s} ${event.i}`;
      const before = totals.get(key) ?? { qty: new Decimal(0), money: new Decimal(0) };
      const after = pushed.fills.reduce(
        ({ qty, money }, fill) => ({ qty: qty.plus(fill.qty), money: money.plus(new Decimal(fill.qty).times(fill.px)) }),
        before,
      );
      totals.set(key, after);
      expect(after.qty.toFixed()).toBe(new Decimal(event.z).toFixed());
      // `Z` is cut at eight digits a trade.
      expect(after.money.minus(event.Z).abs().lt('0.000001')).toBe(true);
      expect(pushed.reports[0]?.filledQty).toBe(new Decimal(event.z).toFixed());
      fee = pushed.fills.reduce((sum, each) => sum.plus(each.fee), fee);
      if (event.x === 'TRADE') ownFee = ownFee.plus(event.n);
    }
    expect(events).toHaveLength(59);
    expect(fee.toFixed()).toBe(ownFee.toFixed());
    expect(fee.gt(0)).toBe(true);
  });

  test('balances are none of it', (ctx) => {
    const path = sharedDataPath('private-streams', 'outboundAccountPosition.log');
    if (path === null) return ctx.skip('no recorded frames here');
    for (const line of readFileSync(path, 'utf8')
      .split('\n')
      .filter((each) => each.trim() !== ''))
      expect(pushesOf('BNBUSDT').read({ subscriptionId: 0, event: parseExact(line) })).toMatchObject({
        reports: [],
        fills: [],
        alarms: [],
      });
  });
});

test('a cancel names the order in `C`, and `c` is the cancel’s own', () => {
  const canceled = execution({ c: 'Vx3', C: 'q1', x: 'CANCELED', X: 'CANCELED', z: '0.00400000' });
  expect(pushesOf('PAXGUSDT').read(canceled).reports).toMatchObject([{ clientOrderId: 'q1', state: 'canceled', filledQty: '0.004' }]);
});

test('a commission in base or in BNB stays what it is', () => {
  const pushes = pushesOf('PAXGUSDT');
  const trade = (more: Record<string, unknown>) =>
    pushes.read(execution({ x: 'TRADE', X: 'FILLED', l: '0.01000000', z: '0.01000000', L: '4000.10000000', t: 77, ...more })).fills;
  expect(trade({ n: '0.00001000', N: 'PAXG' })).toMatchObject([
    { fee: '0.00001', feeCcy: 'PAXG', qty: '0.01', tradeId: '77', side: 'buy' },
  ]);
  expect(trade({ n: '0.00004500', N: 'BNB', t: 78 })).toMatchObject([{ fee: '0.000045', feeCcy: 'BNB' }]);
});

test('why an order ended is told', () => {
  const pushes = pushesOf('PAXGUSDT');
  const report = (more: Record<string, unknown>) => pushes.read(execution(more)).reports[0]!;
  expect(report({ x: 'EXPIRED', X: 'EXPIRED', eR: 'UNFILLED_IOC_QUANTITY_EXPIRED' })).toMatchObject({
    state: 'canceled',
    text: 'EXPIRED: UNFILLED_IOC_QUANTITY_EXPIRED',
  });
  expect(report({ x: 'TRADE_PREVENTION', X: 'EXPIRED_IN_MATCH' })).toMatchObject({ state: 'canceled', text: 'EXPIRED_IN_MATCH' });
  expect(report({ x: 'REJECTED', X: 'REJECTED', r: 'INSUFFICIENT_BALANCES' })).toMatchObject({
    state: 'rejected',
    text: 'REJECTED: INSUFFICIENT_BALANCES',
  });
  const theirs = pushes.read(execution({ x: 'EXPIRED', X: 'EXPIRED', eR: 'EXCHANGE_CANCELED' }));
  expect(theirs).toMatchObject({ alarms: [expect.stringContaining('q1')], recheck: true });
});

test('what cannot be read alarms; other symbols and other events are nothing', () => {
  const pushes = pushesOf('PAXGUSDT');
  for (const broken of [null, {}, { event: 3 }, execution({ X: 'NOBODY_KNOWS' }), execution({ l: 'x' })])
    expect(pushes.read(broken)).toMatchObject({ reports: [], alarms: [expect.any(String)], recheck: true });
  expect(pushes.read(execution({ s: 'BTCUSDT' }))).toMatchObject({ reports: [], fills: [], alarms: [] });
  expect(pushes.read({ event: { e: 'balanceUpdate', a: 'BNB', d: '1', T: 1 } }).alarms).toEqual([]);
});

test('ids beyond 2^53 stay as they are', () => {
  const frame = JSON.stringify(execution({ x: 'TRADE', X: 'FILLED', l: '0.01', z: '0.01', L: '4000', t: 1 }))
    .replace('"i":11', '"i":8389766145050669870')
    .replace('"t":1,', '"t":9007199254740993,');
  const { reports, fills } = pushesOf('PAXGUSDT').read(parseExact(frame));
  expect(reports[0]?.venueOrderId).toBe('8389766145050669870');
  expect(fills[0]?.tradeId).toBe('9007199254740993');
});
