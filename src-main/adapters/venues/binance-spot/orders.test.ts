/** The spot dialect over real sockets against a venue that does what the test says and refuses what is not signed. */
import { afterEach, describe, expect, test } from 'vitest';
import { always, orderFor, ordersStage, refTo, until } from '../shared/binanceOrders.testkit.ts';
import type { OrdersStage, OrdersStageOptions } from '../shared/binanceOrders.testkit.ts';
import { takerRateOf } from './checks.ts';
import { binanceSpotOrders } from './orders.ts';

const SYMBOL = 'PAXGUSDT';
const DAY_MS = 86_400_000;
const result = (more: Record<string, unknown> = {}) => ({
  symbol: SYMBOL,
  orderId: 11,
  orderListId: -1,
  clientOrderId: 'q1',
  transactTime: 1_795_353_396_790,
  price: '4000.60',
  origQty: '0.01000000',
  executedQty: '0.01000000',
  status: 'FILLED',
  side: 'BUY',
  fills: [
    { price: '4000.10000000', qty: '0.00600000', commission: '0.00000600', commissionAsset: 'PAXG', tradeId: 77 },
    { price: '4000.20000000', qty: '0.00400000', commission: '0.00000400', commissionAsset: 'PAXG', tradeId: 78 },
  ],
  ...more,
});
const trade = (id: number, time: number, more: Record<string, unknown> = {}) => ({
  symbol: SYMBOL,
  id,
  orderId: 11,
  price: '4000.10',
  qty: '0.006',
  commission: '0.000006',
  commissionAsset: 'PAXG',
  time,
  isBuyer: true,
  isMaker: false,
  ...more,
});
const EXCHANGE_INFO = {
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1_234 }],
  symbols: [
    {
      symbol: SYMBOL,
      status: 'TRADING',
      baseAsset: 'PAXG',
      quoteAsset: 'USDT',
      allowedSelfTradePreventionModes: ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER'],
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '100000.00000000', tickSize: '0.01000000' },
        { filterType: 'LOT_SIZE', minQty: '0.00010000', maxQty: '9000.00000000', stepSize: '0.00010000' },
        { filterType: 'NOTIONAL', minNotional: '5.00000000' },
        {
          filterType: 'PERCENT_PRICE_BY_SIDE',
          bidMultiplierUp: '1.2',
          bidMultiplierDown: '0.2',
          askMultiplierUp: '5',
          askMultiplierDown: '0.8',
          avgPriceMins: 5,
        },
      ],
    },
  ],
};
const commissionAnswer = (taker: string, more: Record<string, unknown> = {}) => ({
  symbol: SYMBOL,
  standardCommission: { maker: '0.001', taker, buyer: '0.00000000', seller: '0.00000000' },
  specialCommission: { maker: '0', taker: '0', buyer: '0', seller: '0' },
  taxCommission: { maker: '0', taker: '0', buyer: '0', seller: '0' },
  discount: { enabledForAccount: false, enabledForSymbol: true, discountAsset: 'BNB', discount: '0.75000000' },
  ...more,
});

let stage: OrdersStage;
const open = async (more: Partial<OrdersStageOptions> = {}): Promise<OrdersStage> => {
  const instrument = { takerFeeBps: 10, initialMarginRate: 1 };
  stage = await ordersStage({ protocol: 'binance-spot', make: binanceSpotOrders, symbol: SYMBOL, kind: 'spot', instrument, ...more });
  stage.venue.api.set('userDataStream.subscribe.signature', { result: { subscriptionId: 0 } });
  stage.venue.api.set('userDataStream.subscribe', { result: { subscriptionId: 0 } });
  const answers: Record<string, unknown> = {
    'GET /api/v3/exchangeInfo': EXCHANGE_INFO,
    'GET /api/v3/account': {
      canTrade: true,
      accountType: 'SPOT',
      balances: [
        { asset: 'USDT', free: '900.00000000', locked: '100.00000000' },
        { asset: 'PAXG', free: '0.50000000', locked: '0.25000000' },
        { asset: 'BNB', free: '1.00000000', locked: '0.00000000' },
      ],
    },
    'GET /api/v3/account/commission': commissionAnswer('0.00100000'),
    'GET /api/v3/openOrders': [],
    'GET /api/v3/ticker/bookTicker': [{ symbol: SYMBOL, bidPrice: '4000.00', askPrice: '4000.10' }],
    'GET /api/v3/avgPrice': { mins: 5, price: '4000.00000000' },
    'GET /api/v3/referencePrice': { symbol: SYMBOL, referencePrice: null, timestamp: 1_795_353_396_790 },
    'GET /sapi/v1/account/apiRestrictions': { ipRestrict: true, enableWithdrawals: false, enableSpotAndMarginTrading: true },
    'GET /api/v3/order': { ...result(), fills: undefined },
  };
  for (const [what, body] of Object.entries(answers)) stage.venue.rest.set(what, { body });
  return stage;
};
afterEach(async () => {
  expect(stage.venue.unsigned).toEqual([]);
  await stage.end();
});

describe('one socket', () => {
  test('carries orders and events; with HMAC the subscription is signed by itself', async () => {
    const { venue, dialect, pushed, up } = await open();
    await up();
    expect(venue.heard.filter(({ what }) => what.startsWith('userDataStream')).map(({ what }) => what)).toEqual([
      'userDataStream.subscribe.signature',
    ]);
    venue.api.set('order.place', { result: result() });
    const outcome = await dialect.place(orderFor(SYMBOL, { qty: '0.01' }), always);
    expect(outcome).toEqual({ code: 'acknowledged', venueOrderId: '11', venueUnixMs: 1_795_353_396_790 });
    expect(venue.of('order.place')[0]!.params).toMatchObject({
      newOrderRespType: 'FULL',
      recvWindow: '1500',
      selfTradePreventionMode: 'EXPIRE_TAKER',
    });
    for (const futures of ['positionSide', 'reduceOnly']) expect(venue.of('order.place')[0]!.params).not.toHaveProperty(futures);
    expect(pushed).toMatchObject([
      {
        reports: [{ state: 'filled', filledQty: '0.01' }],
        fills: [{ tradeId: '77', fee: '0.000006', feeCcy: 'PAXG', clientOrderId: 'q1' }, { tradeId: '78' }],
      },
    ]);
    const event = {
      e: 'executionReport',
      E: 1,
      s: SYMBOL,
      c: 'q1',
      C: '',
      i: 11,
      S: 'BUY',
      x: 'TRADE',
      X: 'FILLED',
      l: '0.006',
      L: '4000.1',
      t: 77,
      z: '0.01',
      n: '0.000006',
      N: 'PAXG',
      T: 1,
    };
    venue.push({ subscriptionId: 0, event });
    await until(() => pushed.length === 2, 'the event');
    // Told once: the reply was first.
    expect(pushed[1]).toMatchObject({ fills: [], reports: [{ state: 'filled' }] });
  });

  test('with Ed25519 it logs on, then subscribes without a signature', async () => {
    const { venue, up } = await open({ ed25519: true });
    await up();
    expect(venue.heard.filter(({ what }) => !what.includes(' ')).map(({ what }) => what)).toEqual([
      'session.logon',
      'userDataStream.subscribe',
    ]);
  });

  test('a subscription that ended, or a refused one, has the socket opened anew; a shut-down is stepped ahead of', async () => {
    const { venue, time, dialect, up } = await open();
    await up();
    venue.push({ subscriptionId: 0, event: { e: 'eventStreamTerminated', E: 1 } });
    // Sooner than the silence of the old one would be noticed.
    await time.passUntil(() => venue.apiSockets.length === 2 && dialect.stream.up, 'subscribed again', 250, 20_000);
    venue.push({ event: { e: 'serverShutdown', E: 1 } });
    await time.passUntil(() => venue.apiSockets.length === 3, 'a successor');
    expect(dialect.entry.up).toBe(true);
    await time.passUntil(() => venue.of('userDataStream.subscribe.signature').length === 3 && dialect.stream.up, 'subscribed there');
    venue.api.set('userDataStream.subscribe.signature', { status: 400, error: { code: -2035, msg: 'Subscription already active.' } });
    venue.push({ id: null, status: 401, error: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' } });
    await time.passUntil(() => !dialect.entry.up && /-2035/.test(dialect.entry.detail), 'refused');
    expect(dialect.stream.up).toBe(false);
  });

  test('every 5xx is unknown, and so is a duplicate id', async () => {
    const { venue, dialect, up } = await open();
    await up();
    for (const [status, code, msg] of [
      [503, -1008, 'Service Unavailable.'],
      [500, -2010, 'Account has insufficient balance for requested action.'],
      [400, -2010, 'Duplicate order sent.'],
    ] as const) {
      venue.api.set('order.place', { status, error: { code, msg } });
      expect((await dialect.place(orderFor(SYMBOL), always)).code, `${status} ${code}`).toBe('unknown');
    }
    venue.api.set('order.place', { status: 400, error: { code: -1013, msg: 'Filter failure: NOTIONAL' } });
    expect(await dialect.place(orderFor(SYMBOL), always)).toMatchObject({ refusal: { venueCode: '-1013', retry: 'never' } });
  });

  test('a cancel’s reply names the order in another place', async () => {
    const { venue, dialect, pushed, up } = await open();
    await up();
    venue.api.set('order.cancel', {
      result: result({
        clientOrderId: 'anything',
        origClientOrderId: 'q1',
        status: 'CANCELED',
        executedQty: '0.00000000',
        fills: undefined,
      }),
    });
    expect(await dialect.cancel(refTo(orderFor(SYMBOL)), always)).toEqual({ code: 'acknowledged' });
    expect(pushed[0]!.reports).toMatchObject([{ clientOrderId: 'q1', state: 'canceled', filledQty: '0' }]);
  });

  test('an archived order ended without a fill', async () => {
    const { venue, dialect, up } = await open();
    await up();
    venue.api.set('order.status', { status: 400, error: { code: -2026, msg: 'Order was archived.' } });
    expect(await dialect.query(refTo(orderFor(SYMBOL)))).toMatchObject({
      code: 'found',
      report: { state: 'canceled', filledQty: '0' },
      fills: [],
    });
  });
});

describe('a snapshot', () => {
  test('positions are what there is of the base, equity values it, executions carry names', async () => {
    const { venue, dialect, up } = await open();
    await up();
    venue.rest.set('GET /api/v3/myTrades', { body: [trade(77, venue.nowMs - 1_000), trade(78, venue.nowMs - 900, { isBuyer: false })] });
    const reading = await dialect.read(venue.nowMs - 600_000);
    expect(reading).toMatchObject({
      openOrders: [],
      positions: [{ instrumentId: 'PAXGUSDT@x', qty: '0.75', foreignQty: null }],
      account: { ccy: 'USDT', equity: '4000', marginUsed: null, marginFree: null },
      fills: [
        { tradeId: '77', side: 'buy', clientOrderId: 'q1', fee: '0.000006', feeCcy: 'PAXG' },
        { tradeId: '78', side: 'sell' },
      ],
    });
    const [asked] = venue.of('GET /api/v3/myTrades');
    expect(asked!.params).not.toHaveProperty('endTime');
  });

  test('of a longer time the newest page is asked first, and days only where it does not reach', async () => {
    const { venue, dialect, up } = await open();
    await up();
    const since = venue.nowMs - 3 * DAY_MS;
    venue.rest.set('GET /api/v3/myTrades', { body: [trade(1, since - 5), trade(2, since + 5)] });
    const short = await dialect.read(since);
    expect(typeof short !== 'string' && short.fills.map(({ tradeId }) => tradeId)).toEqual(['2']);
    expect(venue.of('GET /api/v3/myTrades')).toHaveLength(1);
    const newest = Array.from({ length: 1_000 }, (_, k) => trade(10_000 + k, venue.nowMs - 1_000 + k / 2));
    venue.rest.set('GET /api/v3/myTrades', ({ params }) => {
      if (params['startTime'] === undefined)
        return { body: params['fromId'] === undefined ? newest.map((t) => ({ ...t, time: Math.floor(t.time) })) : [] };
      const from = Number(params['startTime']);
      const to = Number(params['endTime'] ?? venue.nowMs);
      expect(to - from).toBeLessThan(DAY_MS);
      const olds = [
        trade(5, Math.floor(since) + 10),
        trade(6, Math.floor(since) + DAY_MS + 10),
        trade(7, Math.floor(since) + 2 * DAY_MS + 10),
      ];
      return { body: olds.filter(({ time }) => time >= from && time <= to) };
    });
    const long = await dialect.read(since);
    if (typeof long === 'string') throw new Error(long);
    expect(long.fills.slice(0, 3).map(({ tradeId }) => tradeId)).toEqual(['5', '6', '7']);
    expect(long.fills).toHaveLength(1_003);
  });

  test('any part that fails, fails the whole', async () => {
    const { venue, dialect, up } = await open();
    await up();
    for (const path of ['myTrades', 'openOrders', 'account', 'ticker/bookTicker']) {
      venue.rest.set('GET /api/v3/myTrades', { body: [] });
      const before = venue.rest.get(`GET /api/v3/${path}`)!;
      venue.rest.set(`GET /api/v3/${path}`, { status: 502, body: 'no' });
      expect(await dialect.read(venue.nowMs - 1_000), path).toEqual(expect.any(String));
      venue.rest.set(`GET /api/v3/${path}`, before);
    }
  });
});

describe('checks', () => {
  const failing = async () => {
    const checked = await stage.dialect.check();
    if (typeof checked === 'string') throw new Error(checked);
    return checked.checks.filter(({ state }) => state !== 'pass');
  };

  test('an account as configured passes; without a reference price bands follow the average one; there is no dead-man timer', async () => {
    const { dialect, up } = await open();
    await up();
    expect(await failing()).toEqual([]);
    expect(await dialect.bands()).toEqual([{ instrumentId: 'PAXGUSDT@x', highestBuyPx: '4800', lowestSellPx: '3200' }]);
    expect(dialect.deadMan([SYMBOL], 1)).toBeNull();
    expect(dialect.budgets().find(({ name }) => name === 'weight 1 min')?.max).toBe(1_234);
  });

  test('bands follow the reference price where the symbol has one', async () => {
    const { venue, dialect, up } = await open();
    await up();
    const at = (px: string, low: string) => [{ instrumentId: 'PAXGUSDT@x', highestBuyPx: px, lowestSellPx: low }];
    venue.rest.set('GET /api/v3/referencePrice', { body: { symbol: SYMBOL, referencePrice: '4100.00000000', timestamp: 1 } });
    expect(await dialect.bands()).toEqual(at('4920', '3280'));
    expect(venue.of('GET /api/v3/avgPrice')).toHaveLength(0);
    // It never had one.
    venue.rest.set('GET /api/v3/referencePrice', {
      status: 400,
      body: { code: -2043, msg: "This symbol doesn't have a reference price." },
    });
    expect(await dialect.bands()).toEqual(at('4800', '3200'));
    // Whether it has one is not known: then the band is not known, either.
    venue.rest.set('GET /api/v3/referencePrice', { status: 500, body: {} });
    expect(await dialect.bands()).toEqual(expect.any(String));
  });

  test.each([
    ['fees', 'GET /api/v3/account/commission', commissionAnswer('0.00100001'), 'fail'],
    ['fees', 'GET /api/v3/account/commission', commissionAnswer('0.00099'), 'warn'],
    ['trading-right', 'GET /api/v3/account', { canTrade: false, balances: [] }, 'fail'],
    ['withdrawal-right', 'GET /sapi/v1/account/apiRestrictions', { ipRestrict: true, enableWithdrawals: true }, 'fail'],
    [
      'trading-right',
      'GET /sapi/v1/account/apiRestrictions',
      { ipRestrict: true, enableWithdrawals: false, enableSpotAndMarginTrading: false },
      'fail',
    ],
    [
      'self-trade-prevention',
      'GET /api/v3/exchangeInfo',
      { ...EXCHANGE_INFO, symbols: [{ ...EXCHANGE_INFO.symbols[0], allowedSelfTradePreventionModes: ['NONE'] }] },
      'fail',
    ],
  ])('%s is found out', async (code, what, body, state) => {
    const { venue, up } = await open();
    await up();
    venue.rest.set(what, { body });
    expect(await failing()).toMatchObject([{ code, state }]);
  });

  test('a refused key is a finding; a symbol that is not listed is a sentence', async () => {
    const { venue, dialect, up } = await open();
    await up();
    venue.rest.set('GET /api/v3/account', { status: 401, body: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' } });
    expect(await failing()).toMatchObject([{ code: 'key', state: 'fail' }]);
    venue.rest.set('GET /api/v3/exchangeInfo', { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } });
    expect(await dialect.check()).toMatch(/PAXGUSDT is not listed/);
  });

  test('what a taker pays: all parts, the dearer side, the discount where its asset is there', () => {
    const wire = {
      symbol: SYMBOL,
      standardCommission: { taker: '0.001', buyer: '0.0002', seller: '0.0001' },
      specialCommission: { taker: '0.0001' },
      taxCommission: { taker: '0', seller: '0.0003' },
      discount: { enabledForAccount: true, enabledForSymbol: true, discountAsset: 'BNB', discount: '0.75' },
    };
    expect(takerRateOf(wire, false)).toMatchObject({ how: '' });
    expect(takerRateOf(wire, false).rate.toFixed()).toBe('0.0016');
    expect(takerRateOf(wire, true).rate.toFixed()).toBe('0.0013');
    expect(takerRateOf(wire, true).how).toMatch(/BNB/);
  });
});
