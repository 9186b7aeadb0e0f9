/** The futures dialect over real sockets against a venue that does what the test says and refuses what is not signed. */
import { afterEach, describe, expect, test } from 'vitest';
import { always, orderFor, refTo, until } from '../shared/binanceOrders.testkit.ts';
import type { OrdersStage, OrdersStageOptions } from '../shared/binanceOrders.testkit.ts';
import { PUSH_GRACE_MS } from '../shared/binanceAccount.ts';
import { KEEP_ALIVE_MS } from './listenKey.ts';
import { EVENTS, result, SYMBOL, trade, usdmStage } from './usdmStage.testkit.ts';

let stage: OrdersStage;
const open = async (more: Partial<OrdersStageOptions> = {}): Promise<OrdersStage> => {
  stage = await usdmStage(more);
  return stage;
};
afterEach(async () => {
  expect(stage.venue.unsigned).toEqual([]);
  await stage.end();
});

describe('placing', () => {
  test('one signed frame with everything explicit; the reply is told before the call resolves', async () => {
    const { venue, dialect, pushed, up } = await open();
    await up();
    venue.api.set('order.place', { result: result() });
    const outcome = await dialect.place(orderFor(SYMBOL, { purpose: 'close', reduceOnly: true }), always);
    expect(outcome).toEqual({ code: 'acknowledged', venueOrderId: '7', venueUnixMs: 1_795_353_396_790 });
    const [heard, ...more] = venue.of('order.place');
    expect(more).toEqual([]);
    const { timestamp, ...params } = heard!.params;
    expect(params).toEqual({
      apiKey: 'an-api-key',
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'IOC',
      quantity: '0.010',
      price: '4000.60',
      newClientOrderId: 'q1',
      newOrderRespType: 'RESULT',
      positionSide: 'BOTH',
      reduceOnly: 'true',
      selfTradePreventionMode: 'EXPIRE_TAKER',
      recvWindow: '1500',
    });
    expect(Math.abs(Number(timestamp) - venue.nowMs)).toBeLessThan(1_000);
    expect(pushed.flatMap(({ reports }) => reports)).toMatchObject([
      { clientOrderId: 'q1', state: 'canceled', filledQty: '0.004', venueOrderId: '7' },
    ]);
  });

  test('Ed25519 logs on once and then sends a stamp alone', async () => {
    const { venue, dialect, up } = await open({ ed25519: true });
    await up();
    venue.api.set('order.place', { result: result() });
    expect((await dialect.place(orderFor(SYMBOL), always)).code).toBe('acknowledged');
    expect(venue.of('session.logon')).toHaveLength(1);
    expect(venue.of('order.place')[0]!.params).not.toHaveProperty('apiKey');
    expect(venue.of('order.place')[0]!.params).not.toHaveProperty('reduceOnly');
  });

  test('the stamp is the venue’s, however far its clock is', async () => {
    const { venue, dialect, up } = await open();
    venue.aheadMs = -7_200_000;
    await up();
    venue.api.set('order.place', { result: result() });
    await dialect.place(orderFor(SYMBOL), always);
    expect(Math.abs(Number(venue.of('order.place')[0]!.params['timestamp']) - venue.nowMs)).toBeLessThan(1_000);
  });

  test('a lost socket and a missing answer are unknown, and nothing is sent again', async () => {
    const { venue, dialect, time, up } = await open();
    await up();
    venue.api.set('order.place', 'drop');
    expect((await dialect.place(orderFor(SYMBOL), always)).code).toBe('unknown');
    await time.passUntil(() => dialect.entry.up, 'up again');
    venue.api.set('order.place', 'silent');
    const placed = dialect.place(orderFor(SYMBOL), always);
    await until(() => venue.of('order.place').length === 2, 'the second one heard');
    const sockets = venue.apiSockets.length;
    await time.pass(2_500);
    expect((await placed).code).toBe('unknown');
    // It may be dead while its heartbeat goes on: a successor takes over, and nothing is repeated on it.
    await time.passUntil(() => venue.apiSockets.length > sockets && dialect.entry.up, 'a successor', 250, 10_000);
    expect(venue.of('order.place')).toHaveLength(2);
  });

  test('what the gate stops in the last moment does not leave; without a clock nothing does', async () => {
    const { venue, dialect, up } = await open();
    expect(await dialect.place(orderFor(SYMBOL), always)).toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
    await up();
    expect(await dialect.place(orderFor(SYMBOL), () => false)).toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
    expect(venue.of('order.place')).toEqual([]);
  });

  test('refusals by their class; a refused stamp has the clock measured anew', async () => {
    const { venue, dialect, time, up } = await open();
    await up();
    const refuse = (status: number, code: number, msg: string) => {
      venue.api.set('order.place', { status, error: { code, msg } });
      return dialect.place(orderFor(SYMBOL), always);
    };
    expect(await refuse(400, -2019, 'Margin is insufficient.')).toMatchObject({
      refusal: { venueCode: '-2019', retry: 'never', by: 'venue' },
    });
    expect((await refuse(400, -4116, 'ClientOrderId is duplicated.')).code).toBe('unknown');
    expect((await refuse(503, -1000, 'Unknown error, please check your request or try again later.')).code).toBe('unknown');
    expect(await refuse(503, -1008, 'Request throttled.')).toMatchObject({ refusal: { retry: 'later' } });
    const asked = venue.of('GET /fapi/v1/time').length;
    expect(await refuse(400, -1021, 'Timestamp for this request is outside of the recvWindow.')).toMatchObject({
      refusal: { retry: 'later' },
    });
    expect(dialect.venueUnixMs()).toBeNull();
    expect(dialect.entry.up).toBe(false);
    await time.passUntil(() => dialect.venueUnixMs() !== null, 'measured anew');
    expect(venue.of('GET /fapi/v1/time').length).toBeGreaterThan(asked);
  });

  test('a reply that tells of another order, or of nothing, is unknown', async () => {
    const { venue, dialect, up } = await open();
    await up();
    venue.api.set('order.place', { result: result({ clientOrderId: 'q2' }) });
    expect((await dialect.place(orderFor(SYMBOL), always)).code).toBe('unknown');
    venue.api.set('order.place', { result: {} });
    expect((await dialect.place(orderFor(SYMBOL), always)).code).toBe('unknown');
  });

  test('a reply that names our order and no more is an acknowledgement, and tells nothing', async () => {
    const { venue, dialect, pushed, up } = await open();
    await up();
    venue.api.set('order.place', { result: { orderId: 7, clientOrderId: 'q1', status: 'A_NEW_STATE' } });
    expect(await dialect.place(orderFor(SYMBOL), always)).toEqual({ code: 'acknowledged', venueOrderId: '7', venueUnixMs: null });
    expect(pushed).toEqual([]);
    venue.api.set('order.status', { result: { orderId: 7, clientOrderId: 'q1', status: 'A_NEW_STATE' } });
    expect((await dialect.query(refTo(orderFor(SYMBOL)))).code).toBe('failed');
    // As short as the documentation's example.
    const { symbol: _symbol, side: _side, ...short } = result();
    venue.api.set('order.place', { result: short });
    expect((await dialect.place(orderFor(SYMBOL), always)).code).toBe('acknowledged');
    expect(pushed).toHaveLength(1);
  });

  test('too many requests silence us for as long as the venue says, and its counts are believed', async () => {
    const { venue, dialect, up } = await open();
    await up();
    const limit = { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300, count: 123 };
    venue.api.set('order.place', { result: result(), rateLimits: [limit] });
    await dialect.place(orderFor(SYMBOL), always);
    expect(dialect.budgets().find(({ name }) => name === 'orders 10 s')).toMatchObject({ used: 123, max: 300 });
    const error = { code: -1003, msg: 'Too many requests', data: { retryAfter: venue.nowMs + 30_000 } };
    venue.api.set('order.place', { status: 429, error });
    expect(await dialect.place(orderFor(SYMBOL), always)).toMatchObject({ refusal: { retry: 'later', by: 'venue' } });
    expect(await dialect.place(orderFor(SYMBOL), always)).toMatchObject({ refusal: { retry: 'later', by: 'gateway' } });
    expect(venue.of('order.place')).toHaveLength(2);
    expect(dialect.budgets().every(({ quietUntilUnixMs }) => quietUntilUnixMs !== null)).toBe(true);
  });
});

describe('canceling and asking', () => {
  test('by the socket; by REST where it is down', async () => {
    const { venue, dialect, up } = await open();
    const ref = refTo(orderFor(SYMBOL));
    await up();
    venue.api.set('order.cancel', { result: result({ status: 'CANCELED' }) });
    expect(await dialect.cancel(ref, always)).toEqual({ code: 'acknowledged' });
    expect(venue.of('order.cancel')[0]!.params).toMatchObject({ symbol: SYMBOL, origClientOrderId: 'q1' });
    venue.apiSockets.at(-1)!.socket.terminate();
    await until(() => !dialect.entry.up, 'down');
    venue.rest.set('DELETE /fapi/v1/order', { status: 400, body: { code: -2011, msg: 'Unknown order sent.' } });
    expect(await dialect.cancel(ref, always)).toMatchObject({ code: 'refused', venueCode: '-2011' });
    venue.rest.set('DELETE /fapi/v1/order', { status: 502, body: 'Bad gateway' });
    expect((await dialect.cancel(ref, always)).code).toBe('unknown');
    expect(await dialect.cancel(ref, () => false)).toMatchObject({ code: 'refused', venueCode: null });
    expect(venue.of('DELETE /fapi/v1/order')).toHaveLength(2);
  });

  test('found: with all executions, ids exact', async () => {
    const { venue, dialect, up } = await open();
    await up();
    const big =
      '{"orderId":8389766145050669870,"symbol":"XAUUSDT","clientOrderId":"q1","status":"FILLED","side":"BUY","origQty":"0.010","executedQty":"0.010","time":1,"updateTime":2}';
    venue.apiSockets.at(-1)!.socket.terminate();
    venue.rest.set('GET /fapi/v1/order', { body: big });
    venue.rest.set('GET /fapi/v1/userTrades', ({ params }) => ({
      body: params['orderId'] === '8389766145050669870' ? [trade(2, { qty: '0.006' }), trade(1)] : [],
    }));
    const outcome = await dialect.query(refTo(orderFor(SYMBOL)));
    expect(outcome).toMatchObject({
      code: 'found',
      report: { state: 'filled', filledQty: '0.01', venueOrderId: '8389766145050669870' },
      fills: [
        { tradeId: '1', qty: '0.004', clientOrderId: 'q1', fee: '0.0080002', feeCcy: 'USDT' },
        { tradeId: '2', qty: '0.006' },
      ],
    });
  });

  test('not found carries the venue’s time; executions of an order that it took are believed before it', async () => {
    const { venue, dialect, up } = await open();
    await up();
    venue.api.set('order.status', { status: 400, error: { code: -2013, msg: 'Order does not exist.' } });
    const outcome = await dialect.query(refTo(orderFor(SYMBOL)));
    expect(outcome.code).toBe('not-found');
    expect(outcome.code === 'not-found' && Math.abs((outcome.venueUnixMs ?? 0) - venue.nowMs)).toBeLessThan(1_000);
    venue.rest.set('GET /fapi/v1/userTrades', { body: [] });
    expect((await dialect.query(refTo(orderFor(SYMBOL), '7'))).code).toBe('not-found');
    venue.rest.set('GET /fapi/v1/userTrades', { body: [trade(1, { time: venue.nowMs })] });
    expect(await dialect.query(refTo(orderFor(SYMBOL), '7'))).toMatchObject({
      code: 'found',
      report: { state: 'working', filledQty: '0.004' },
    });
    venue.rest.set('GET /fapi/v1/userTrades', { body: [trade(1, { time: venue.nowMs - 4 * 86_400_000 })] });
    expect(await dialect.query(refTo(orderFor(SYMBOL), '7'))).toMatchObject({ code: 'found', report: { state: 'canceled' } });
  });

  test('a question that cannot be answered has failed; an order without its executions is told and has failed', async () => {
    const { venue, dialect, pushed, up } = await open();
    await up();
    venue.api.set('order.status', { status: 503, error: { code: -1000, msg: 'Unknown error' } });
    expect((await dialect.query(refTo(orderFor(SYMBOL)))).code).toBe('failed');
    venue.api.set('order.status', { result: result() });
    venue.rest.set('GET /fapi/v1/userTrades', { status: 500, body: {} });
    expect((await dialect.query(refTo(orderFor(SYMBOL)))).code).toBe('failed');
    expect(pushed.flatMap(({ reports }) => reports)).toMatchObject([{ state: 'canceled', filledQty: '0.004' }]);
  });
});

describe('the private stream', () => {
  test('is opened with a listen key and a filter, kept alive, and left to run out: others of the account may listen with the same', async () => {
    const { venue, time, dialect, up } = await open();
    await up();
    expect(venue.streams.map(({ path }) => path)).toEqual([`/private/ws?listenKey=key1&events=${EVENTS}`]);
    expect(venue.of('PUT /fapi/v1/listenKey')).toEqual([]);
    // The venue's pings keep the sockets alive over the half hour.
    for (let passed = 0; passed < KEEP_ALIVE_MS; passed += 300_000) {
      for (const { socket } of [...venue.streams, ...venue.apiSockets]) socket.ping();
      await time.pass(300_000);
    }
    await until(() => venue.of('PUT /fapi/v1/listenKey').length === 1, 'kept alive');
    await dialect.stop();
    expect(venue.of('DELETE /fapi/v1/listenKey')).toEqual([]);
  });

  test('an expired key, and one that the venue no longer knows, have it opened with another', async () => {
    const { venue, time, dialect, up } = await open();
    await up();
    venue.push({ e: 'listenKeyExpired', E: 1, listenKey: 'key1' });
    await time.passUntil(() => venue.streams.length === 2 && dialect.stream.up, 'opened anew');
    expect(venue.streams.at(-1)!.path).toContain('key2');
    venue.rest.set('PUT /fapi/v1/listenKey', { status: 400, body: { code: -1125, msg: 'This listenKey does not exist.' } });
    for (let passed = 0; passed < KEEP_ALIVE_MS; passed += 300_000) {
      for (const { socket } of [...venue.streams, ...venue.apiSockets]) socket.ping();
      await time.pass(300_000);
    }
    await until(() => venue.of('PUT /fapi/v1/listenKey').length === 1, 'kept alive in vain');
    await time.passUntil(() => /the listen key is gone/.test(dialect.stream.detail), 'given up', 50, 60_000);
    const opened = venue.streams.length;
    await time.passUntil(() => venue.streams.length === opened + 1 && dialect.stream.up, 'opened with another', 250, 60_000);
    expect(venue.streams.at(-1)!.path).toMatch(/key[3-9]/);
    for (const { detail } of [dialect.stream, dialect.entry]) expect(detail).not.toMatch(/key\d/);
  });

  test('is opened anew where an execution that a reply told of was not pushed, and only there', async () => {
    const { venue, time, dialect, up } = await open();
    await up();
    venue.api.set('order.place', { result: result({ executedQty: '0.000' }) });
    await dialect.place(orderFor(SYMBOL), always);
    venue.api.set('order.place', { result: result({ orderId: 8 }) });
    await dialect.place(orderFor(SYMBOL), always);
    const o = {
      s: SYMBOL,
      c: 'q1',
      i: 8,
      S: 'BUY',
      x: 'TRADE',
      X: 'PARTIALLY_FILLED',
      q: '0.010',
      l: '0.004',
      L: '4000.1',
      t: 5,
      z: '0.004',
      T: 9,
    };
    venue.push({ e: 'ORDER_TRADE_UPDATE', E: 9, T: 9, o });
    await until(() => stage.pushed.some(({ fills }) => fills.length > 0), 'the push');
    await time.pass(PUSH_GRACE_MS + 1_000);
    expect(venue.streams).toHaveLength(1);
    venue.api.set('order.place', { result: result({ orderId: 9 }) });
    await dialect.place(orderFor(SYMBOL), always);
    await time.passUntil(() => !dialect.stream.up && /not pushed/.test(dialect.stream.detail), 'given up', 250, 10_000);
    await time.passUntil(() => venue.streams.length === 2 && dialect.stream.up, 'opened anew', 250, 10_000);
  });

  test('events are told; a frame that is none alarms', async () => {
    const { venue, pushed, up } = await open();
    await up();
    const o = {
      s: SYMBOL,
      c: 'q1',
      i: 7,
      S: 'BUY',
      x: 'TRADE',
      X: 'FILLED',
      q: '0.010',
      l: '0.010',
      L: '4000.1',
      t: 5,
      z: '0.010',
      n: '0.02',
      N: 'USDT',
      T: 9,
    };
    venue.push({ e: 'ORDER_TRADE_UPDATE', E: 9, T: 9, o });
    venue.push('{"e":"ORDER_TRADE_UPDATE"');
    await until(() => pushed.length >= 2, 'two pushes');
    expect(pushed[0]).toMatchObject({ fills: [{ tradeId: '5', fee: '0.02', clientOrderId: 'q1' }], reports: [{ state: 'filled' }] });
    expect(pushed[1]?.alarms).toHaveLength(1);
  });
});

describe('a snapshot', () => {
  const script = () => {
    const { rest } = stage.venue;
    rest.set('GET /fapi/v1/openOrders', { body: [result({ status: 'WHO_KNOWS', clientOrderId: 'web_1', orderId: 3 })] });
    rest.set('GET /fapi/v3/positionRisk', {
      body: [
        { symbol: SYMBOL, positionSide: 'BOTH', positionAmt: '-0.250', entryPrice: '4000.5' },
        { symbol: 'ETHUSDT', positionSide: 'LONG', positionAmt: '2', entryPrice: '3000' },
        { symbol: 'ETHUSDT', positionSide: 'SHORT', positionAmt: '-0.5', entryPrice: '3100' },
      ],
    });
    const asset = { asset: 'USDT', walletBalance: '1000.50', marginBalance: '990', initialMargin: '50', availableBalance: '940' };
    rest.set('GET /fapi/v3/account', {
      body: { totalInitialMargin: '51', totalMarginBalance: '991', availableBalance: '941', assets: [asset] },
    });
    rest.set('GET /fapi/v1/userTrades', { body: [trade(1), trade(2, { orderId: 8, commission: '-0.001' })] });
    rest.set('GET /fapi/v1/order', ({ params }) => ({
      body: result({ orderId: Number(params['orderId']), clientOrderId: params['orderId'] === '7' ? 'q1' : 'adl_autoclose' }),
    }));
  };

  test('is whole: orders, positions, money, executions with the names of their orders', async () => {
    const { venue, dialect, up } = await open();
    await up();
    script();
    const since = 1_795_353_000_000;
    const reading = await dialect.read(since);
    expect(reading).toMatchObject({
      openOrders: [{ venueOrderId: '3', clientOrderId: 'web_1', qty: '0.01', filledQty: '0.004', side: 'buy' }],
      positions: [
        { instrumentId: 'XAUUSDT@x', qty: '-0.25', avgPx: '4000.5' },
        { instrumentId: 'ETHUSDT@x', qty: '1.5', avgPx: null },
      ],
      account: { ccy: 'USDT', equity: '990', marginUsed: '50', marginFree: '940' },
      fills: [
        { tradeId: '1', clientOrderId: 'q1' },
        { tradeId: '2', clientOrderId: null, venueMade: 'deleveraging', fee: '-0.001' },
      ],
    });
    const asked = venue.of('GET /fapi/v1/userTrades');
    expect(asked).toHaveLength(1);
    expect(asked[0]!.params).toMatchObject({ startTime: `${since}`, limit: '1000' });
    await dialect.read(since);
    expect(venue.of('GET /fapi/v1/order')).toHaveLength(2);
  });

  test('a ban whose end stands in the words of a refusal silences the address until then', async () => {
    const { venue, dialect, up } = await open();
    await up();
    script();
    const until = Math.ceil(venue.nowMs) + 7_200_000;
    const msg = `Way too many requests; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`;
    venue.rest.set('GET /fapi/v1/openOrders', { status: 418, body: { code: -1003, msg } });
    expect(await dialect.read(1_795_353_000_000)).toEqual(expect.any(String));
    const [{ quietUntilUnixMs } = { quietUntilUnixMs: null }] = dialect.budgets();
    const leftMs = (quietUntilUnixMs ?? 0) - (venue.nowMs - venue.aheadMs);
    expect(Math.abs(leftMs - 7_200_000)).toBeLessThan(5_000);
  });

  test('any part that fails, fails the whole', async () => {
    const { venue, dialect, up } = await open();
    await up();
    for (const path of ['openOrders', 'userTrades', 'order']) {
      script();
      venue.rest.set(`GET /fapi/v1/${path}`, { status: 500, body: {} });
      expect(await dialect.read(1_795_353_000_000), path).toEqual(expect.any(String));
    }
    script();
    venue.rest.set('GET /fapi/v3/positionRisk', { body: { what: 'is this' } });
    expect(await dialect.read(1_795_353_000_000)).toEqual(expect.any(String));
  });

  test('executions are asked for in windows of a week, full pages followed by time: without times the venue tells of the last week alone', async () => {
    const { venue, dialect, up } = await open();
    await up();
    script();
    const DAY = 86_400_000;
    const since = venue.nowMs - 9 * DAY;
    // Several in one millisecond, on both sides of the page's end.
    const done = Array.from({ length: 2_500 }, (_, k) => trade(k + 1, { time: since + Math.floor(k / 4) })).concat(
      trade(2_501, { time: venue.nowMs - 1_000 }),
    );
    venue.rest.set('GET /fapi/v1/userTrades', ({ params }) => {
      const from = Number(params['startTime'] ?? venue.nowMs - 7 * DAY);
      const to = Number(params['endTime'] ?? from + 7 * DAY);
      const least = Number(params['fromId'] ?? 0);
      return { body: done.filter(({ id, time }) => Number(id) >= least && time >= from && time <= to).slice(0, 1_000) };
    });
    const reading = await dialect.read(since);
    if (typeof reading === 'string') throw new Error(reading);
    expect(reading.fills.map(({ tradeId }) => tradeId)).toEqual(done.map(({ id }) => `${id}`));
    const asked = venue.of('GET /fapi/v1/userTrades');
    expect(asked).toHaveLength(4);
    for (const { params } of asked.slice(0, -1)) expect(Number(params['endTime']) - Number(params['startTime'])).toBeLessThan(7 * DAY);
    // What is newer than our idea of the venue's time belongs to it, too.
    expect(asked.at(-1)!.params).not.toHaveProperty('endTime');
  });

  test('a full page of one millisecond is followed by id, for time leads no further', async () => {
    const { venue, dialect, up } = await open();
    await up();
    script();
    const at = venue.nowMs - 5_000;
    const done = Array.from({ length: 1_001 }, (_, k) => trade(k + 1, { time: at }));
    venue.rest.set('GET /fapi/v1/userTrades', ({ params }) => ({
      body: done.filter(({ id }) => Number(id) >= Number(params['fromId'] ?? 0)).slice(0, 1_000),
    }));
    const reading = await dialect.read(at);
    expect(typeof reading !== 'string' && reading.fills.length).toBe(1_001);
  });

  test('many orders whose names are not known are asked for by pages', async () => {
    const { venue, dialect, up } = await open();
    await up();
    script();
    const trades = Array.from({ length: 1_500 }, (_, k) => trade(k + 1, { orderId: 100 + k }));
    const pageFrom = (from: number) => trades.slice(from, from + 1_000);
    venue.rest.set('GET /fapi/v1/userTrades', ({ params }) => ({ body: pageFrom(Number(params['fromId'] ?? 1) - 1) }));
    venue.rest.set('GET /fapi/v1/allOrders', ({ params }) => {
      const from = Number(params['orderId']);
      const known = Array.from({ length: Math.min(1_000, 1_598 - from) }, (_, k) => from + k);
      return { body: known.map((orderId) => ({ orderId, clientOrderId: `q${orderId}`, status: 'NOBODY_KNOWS' })) };
    });
    venue.rest.set('GET /fapi/v1/order', { status: 400, body: { code: -2013, msg: 'Order does not exist.' } });
    const reading = await dialect.read(1_795_353_000_000);
    if (typeof reading === 'string') throw new Error(reading);
    const names = reading.fills.map(({ clientOrderId }) => clientOrderId);
    expect(names).toEqual([...Array.from({ length: 1_498 }, (_, k) => `q${100 + k}`), null, null]);
    expect(venue.of('GET /fapi/v1/allOrders')).toHaveLength(2);
    expect(venue.of('GET /fapi/v1/order')).toHaveLength(2);
  });
});

test('the dead-man timer is set for each symbol, and says when it fires', async () => {
  const { venue, dialect, up } = await open();
  await up();
  venue.rest.set('POST /fapi/v1/countdownCancelAll', ({ params }) => ({
    body: { symbol: params['symbol'], countdownTime: params['countdownTime'] },
  }));
  const armed = await dialect.deadMan([SYMBOL], 60_000);
  expect(venue.of('POST /fapi/v1/countdownCancelAll').map(({ params }) => [params['symbol'], params['countdownTime']])).toEqual([
    [SYMBOL, '60000'],
  ]);
  expect(typeof armed === 'object' && armed !== null && Math.abs(armed.firesUnixMs - venue.nowMs - 60_000)).toBeLessThan(1_000);
  venue.rest.set('POST /fapi/v1/countdownCancelAll', { status: 500, body: {} });
  expect(await dialect.deadMan([SYMBOL], 0)).toEqual(expect.any(String));
});
