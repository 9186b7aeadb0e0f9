/** Recorded and made user events of futures through the decoder: totals agree with the frames' own, early words never count twice. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport, OrderReport } from '../../../../src-shared/domain/order.ts';
import { parseExact } from '../shared/exactJson.ts';
import { sharedDataPath } from '../shared/frames.testkit.ts';
import { MAX_TALLIES, UsdmPushes } from './pushes.ts';

const VENUE = 'usdm' as VenueId;
const recorded = (name: string): unknown[] | null => {
  const path = sharedDataPath('private-streams', `${name}.log`);
  if (path === null) return null;
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map(parseExact);
};
const pushesOf = (...symbols: string[]) => new UsdmPushes(VENUE, new Map(symbols.map((symbol) => [symbol, instrumentIdOf(symbol, VENUE)])));

interface Order {
  readonly [key: string]: unknown;
  readonly s: string;
  readonly i: number;
  readonly x: string;
  readonly z: string;
  readonly n: string;
  readonly N: string;
}

const update = (o: Record<string, unknown>) => ({
  e: 'ORDER_TRADE_UPDATE',
  E: 2,
  T: 1,
  o: {
    s: 'XAUUSDT',
    c: 'q1',
    S: 'BUY',
    o: 'LIMIT',
    f: 'IOC',
    q: '0.010',
    p: '4000.6',
    ap: '0',
    x: 'NEW',
    X: 'NEW',
    i: 7,
    l: '0',
    z: '0',
    L: '0',
    n: '0',
    N: 'USDT',
    T: 1,
    t: 0,
    m: false,
    R: false,
    ps: 'BOTH',
    rp: '0',
    er: '0',
    ...o,
  },
});
const lite = (more: Record<string, unknown>) => ({
  e: 'TRADE_LITE',
  E: 2,
  T: 1,
  s: 'XAUUSDT',
  q: '0.010',
  p: '4000.6',
  m: false,
  c: 'q1',
  S: 'BUY',
  L: '4000.1',
  l: '0.004',
  t: 100,
  i: 7,
  ...more,
});

describe('recorded', () => {
  test('fills and fees of every order add up to the figures that the frames carry', (ctx) => {
    const frames = recorded('ORDER_TRADE_UPDATE') as { o: Order }[] | null;
    if (frames === null) return ctx.skip('no recorded frames here');
    const pushes = pushesOf(...new Set(frames.map(({ o }) => o.s)));
    const filled = new Map<string, Decimal>();
    const fees = new Map<string, Decimal>();
    let fills = 0;
    for (const frame of frames) {
      const { o } = frame;
      const key = `${o.s} ${o.i}`;
      const pushed = pushes.read(frame);
      expect(pushed.alarms).toEqual([]);
      expect(pushed.reports).toHaveLength(1);
      expect(pushed.fills).toHaveLength(o.x === 'TRADE' ? 1 : 0);
      for (const fill of pushed.fills) {
        filled.set(key, (filled.get(key) ?? new Decimal(0)).plus(fill.qty));
        fees.set(`${key} ${fill.feeCcy}`, (fees.get(`${key} ${fill.feeCcy}`) ?? new Decimal(0)).plus(fill.fee));
        fills += 1;
      }
      expect((filled.get(key) ?? new Decimal(0)).toFixed()).toBe(new Decimal(o.z).toFixed());
      expect(pushed.reports[0]!.filledQty).toBe(new Decimal(o.z).toFixed());
    }
    const own = new Map<string, Decimal>();
    for (const { o } of frames) {
      const key = `${o.s} ${o.i} ${o.N}`;
      if (o.x === 'TRADE') own.set(key, (own.get(key) ?? new Decimal(0)).plus(o.n));
    }
    expect(fills).toBe(27);
    expect([...fees].map(([key, fee]) => [key, fee.toFixed()])).toEqual([...own].map(([key, fee]) => [key, fee.toFixed()]));
  });

  test('balances and leverage are read; only leverage asks for new checks', (ctx) => {
    const accounts = recorded('ACCOUNT_UPDATE');
    const configs = recorded('ACCOUNT_CONFIG_UPDATE');
    if (accounts === null || configs === null) return ctx.skip('no recorded frames here');
    const pushes = pushesOf('WLDUSDT');
    for (const frame of accounts) expect(pushes.read(frame)).toEqual({ reports: [], fills: [], alarms: [], recheck: false });
    for (const frame of configs) expect(pushes.read(frame)).toEqual({ reports: [], fills: [], alarms: [], recheck: true });
    expect(accounts.length + configs.length).toBeGreaterThan(100);
  });

  test('a frame of May 2026, without the keys that went and with those that came', () => {
    const frame = `{"e":"ORDER_TRADE_UPDATE","T":1779367929401,"E":1779367929402,"o":{"s":"SOLUSDT","c":"bot-e0536484551311f1b0c42676a180379c","S":"BUY","o":"LIMIT","f":"GTC","q":"21.26","p":"85.67","ap":"0","sp":"0","x":"NEW","X":"NEW","i":215456450616,"l":"0","z":"0","L":"0","n":"0","N":"USDT","T":1779367929401,"t":0,"b":"2520.672","a":"0","m":false,"R":true,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"SHORT","cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}}`;
    const { reports } = pushesOf('SOLUSDT').read(parseExact(frame));
    expect(reports).toMatchObject([{ state: 'working', filledQty: '0', venueOrderId: '215456450616', text: 'NEW' }]);
  });
});

describe('an early word', () => {
  test('is told as a report and never as a fill; the fill comes once, with its fee', () => {
    const pushes = pushesOf('XAUUSDT');
    const first = pushes.read(lite({}));
    expect(first.fills).toEqual([]);
    expect(first.reports).toMatchObject([{ clientOrderId: 'q1', state: 'working', filledQty: '0.004', venueOrderId: '7' }]);
    const second = pushes.read(update({ x: 'TRADE', X: 'PARTIALLY_FILLED', l: '0.004', z: '0.004', L: '4000.1', t: 100, n: '0.008' }));
    expect(second.fills).toMatchObject([{ tradeId: '100', qty: '0.004', px: '4000.1', fee: '0.008', feeCcy: 'USDT', clientOrderId: 'q1' }]);
    const end = pushes.read(update({ x: 'EXPIRED', X: 'EXPIRED', z: '0.004', er: '2' }));
    expect(end.reports).toMatchObject([{ state: 'canceled', filledQty: '0.004', text: 'EXPIRED: the rest of an IOC order' }]);
    expect(end.fills).toEqual([]);
  });

  test('says filled where the whole quantity is known, and nothing where it is late, repeated or of something else', () => {
    const pushes = pushesOf('XAUUSDT');
    expect(pushes.read(lite({ l: '0.010' })).reports).toMatchObject([{ state: 'filled', filledQty: '0.01' }]);
    expect(pushes.read(lite({ l: '0.010' })).reports).toEqual([]);
    expect(pushes.read(lite({ t: 0 })).reports).toEqual([]);
    expect(pushes.read(lite({ t: 5, s: 'BTCUSDT' })).reports).toEqual([]);
    expect(pushes.read(lite({ t: 6, i: 8, c: 'autoclose-1' })).reports).toEqual([]);
    const ended = pushesOf('XAUUSDT');
    ended.read(update({ x: 'CANCELED', X: 'CANCELED', z: '0.004' }));
    expect(ended.read(lite({})).reports).toEqual([]);
  });

  test('in whatever order and how often the two come: reports never exceed what was filled, fills add up to it', () => {
    const trades = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(trades, fc.infiniteStream(fc.nat()), (lots, noise) => {
        const total = lots.reduce((sum, lot) => sum + lot, 0);
        const qty = (lot: number): string => new Decimal(lot).div(1_000).toFixed();
        let z = 0;
        const frames: unknown[] = lots.flatMap((lot, k) => {
          z += lot;
          const trade = { x: 'TRADE', X: z === total ? 'FILLED' : 'PARTIALLY_FILLED', l: qty(lot), z: qty(z), t: 100 + k, q: qty(total) };
          return [lite({ l: qty(lot), t: 100 + k, q: qty(total) }), update(trade), update(trade)];
        });
        const order = frames.map((frame) => ({ frame, key: noise.next().value! })).sort((p, q) => p.key - q.key);
        const pushes = pushesOf('XAUUSDT');
        const fills = new Map<string, FillReport>();
        const reports: OrderReport[] = [];
        for (const { frame } of order) {
          const pushed = pushes.read(frame);
          for (const fill of pushed.fills) fills.set(fill.tradeId, fill);
          reports.push(...pushed.reports);
        }
        const sum = [...fills.values()].reduce((all, fill) => all.plus(fill.qty), new Decimal(0));
        expect(sum.toFixed()).toBe(qty(total));
        for (const { filledQty, state } of reports) {
          expect(new Decimal(filledQty).lte(qty(total))).toBe(true);
          if (state === 'filled') expect(filledQty).toBe(qty(total));
        }
      }),
    );
  });

  test('so many orders are kept in mind and no more', () => {
    const pushes = pushesOf('XAUUSDT');
    pushes.read(lite({ i: 1 }));
    for (let i = 2; i <= MAX_TALLIES; i += 1) pushes.read(lite({ i }));
    expect(pushes.read(lite({ i: 1 })).reports).toEqual([]);
    pushes.read(lite({ i: MAX_TALLIES + 1 }));
    expect(pushes.read(lite({ i: 1 })).reports).toHaveLength(1);
  });
});

describe('what the exchange does of its own accord', () => {
  test.each([
    ['autoclose-1795353000000', 'liquidation'],
    ['adl_autoclose', 'deleveraging'],
    ['settlement_autoclose-1795353000000', 'settlement'],
  ])('%s alarms once an order, and is nobody’s fill', (c, venueMade) => {
    const pushes = pushesOf('XAUUSDT');
    const first = pushes.read(update({ c, S: 'SELL' }));
    expect(first.alarms).toEqual([expect.stringContaining(venueMade)]);
    expect(first.reports).toEqual([]);
    const trade = pushes.read(update({ c, S: 'SELL', x: 'TRADE', X: 'FILLED', l: '0.010', z: '0.010', L: '3900', t: 55, n: '0.02' }));
    expect(trade.alarms).toEqual([]);
    expect(trade.fills).toMatchObject([{ clientOrderId: null, venueMade, side: 'sell', qty: '0.01', tradeId: '55' }]);
    expect(pushes.read(update({ c, i: 8, s: 'ETHUSDT' })).alarms).toHaveLength(1);
  });

  test('a liquidation execution without a trade id is left to the list of executions, asks for new checks and reconciles', () => {
    const pushed = pushesOf('XAUUSDT').read(update({ x: 'CALCULATED', X: 'FILLED', l: '0.010', z: '0.010', L: '3900', t: 0 }));
    expect(pushed).toMatchObject({ fills: [], reports: [], recheck: true, missing: expect.any(String) });
    expect(pushed.alarms).toHaveLength(1);
  });

  test('margin calls and clearances alarm; a changed margin mode asks for new checks', () => {
    const pushes = pushesOf('XAUUSDT');
    expect(pushes.read({ e: 'MARGIN_CALL', E: 1, cw: '3', p: [{ s: 'XAUUSDT', ps: 'BOTH', pa: '1' }] }).alarms).toEqual([
      'margin call: XAUUSDT',
    ]);
    const account = (m: string) =>
      pushes.read({ e: 'ACCOUNT_UPDATE', E: 1, T: 1, a: { m, B: [{ a: 'USDT', wb: '1', cw: '1', bc: '-1' }], P: [] } });
    expect(account('INSURANCE_CLEAR').alarms).toHaveLength(1);
    expect(account('MARGIN_TYPE_CHANGE')).toMatchObject({ alarms: [], recheck: true });
    expect(account('ORDER')).toMatchObject({ alarms: [], recheck: false });
  });
});

test('ids beyond 2^53 stay as they are', () => {
  const frame = JSON.stringify(update({ x: 'TRADE', X: 'FILLED', l: '0.010', z: '0.010', L: '4000.1', t: 1 }))
    .replace('"i":7', '"i":8389766145050669870')
    .replace('"t":1,', '"t":9007199254740993,');
  const { reports, fills } = pushesOf('XAUUSDT').read(parseExact(frame));
  expect(reports[0]?.venueOrderId).toBe('8389766145050669870');
  expect(fills[0]?.tradeId).toBe('9007199254740993');
});

test('what cannot be read alarms and asks for new checks; events of other kinds are nothing', () => {
  const pushes = pushesOf('XAUUSDT');
  for (const broken of [null, 7, {}, update({ X: 'SOMETHING_NEW' }), update({ z: 'x' }), { e: 'TRADE_LITE' }])
    expect(pushes.read(broken)).toMatchObject({ reports: [], fills: [], alarms: [expect.any(String)], recheck: true });
  for (const other of [{ e: 'STRATEGY_UPDATE' }, { e: 'ALGO_UPDATE', o: {} }]) expect(pushes.read(other).alarms).toEqual([]);
});
