import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../client.testkit.ts';
import { Bench, ED_KEY, KEY, keyOf, opening, OTHER_KEY, signature, type Values } from './binance.testkit.ts';
import { BAN_MS, PATIENCE } from './limits.ts';

let bench: Bench;
const start = async (...args: Parameters<Bench['start']>) => {
  bench = new Bench('usdm');
  await bench.start(...args);
  return bench;
};
afterEach(() => bench.stop());
const codeOf = async (values: Values) => (await bench.place(values)).body['code'];

describe('who may speak to the simulated futures venue', () => {
  it('refuses in the order of the venue: key, missing parameters, window, signature', async () => {
    await start();
    const path = '/fapi/v3/balance';
    const at = bench.at.ms;
    expect(await bench.raw('GET', path, '', null)).toMatchObject({ status: 401, body: { code: -2014 } });
    expect(await bench.raw('GET', path, '', 'x'.repeat(64))).toMatchObject({ status: 401, body: { code: -2015 } });
    expect(await bench.raw('GET', path, `timestamp=${at}`)).toMatchObject({
      status: 400,
      body: { code: -1102, msg: expect.stringContaining("'signature'") },
    });
    expect(await bench.raw('GET', path, 'signature=x')).toMatchObject({
      body: { code: -1102, msg: expect.stringContaining("'timestamp'") },
    });
    expect(await bench.raw('GET', path, `timestamp=${at}&signature=${'0'.repeat(64)}`)).toMatchObject({
      status: 400,
      body: { code: -1022 },
    });
    expect((await bench.signed('GET', path, { recvWindow: 60_001 })).body['code']).toBe(-1131);
    expect((await bench.signed('GET', path)).status).toBe(200);
    expect((await bench.signed('GET', path, {}, ED_KEY)).status).toBe(200);
  });

  it.each([
    [-5_000, 200],
    [-5_001, -1021],
    [999, 200],
    [1_000, -1021],
  ])('judges a stamp %i ms away', async (byMs, expected) => {
    await start();
    const reply = await bench.signed('GET', '/fapi/v3/balance', { timestamp: bench.at.ms + byMs });
    expect(reply.status === 200 ? 200 : reply.body['code']).toBe(expected);
  });

  it('heeds rights, addresses and expiry of a key, and tells them', async () => {
    await start();
    const reader = 'R'.repeat(64);
    const bound = 'N'.repeat(64);
    const dying = 'D'.repeat(64);
    bench.venue.accounts.open(
      opening('three', [
        keyOf(reader, { mayTrade: false }),
        keyOf(bound, { addresses: ['10.9.8.7'] }),
        keyOf(dying, { expiresMs: bench.at.ms + 1_000, mayWithdraw: true }),
      ]),
    );
    expect((await bench.place({}, reader)).body['code']).toBe(-2015);
    expect((await bench.signed('GET', '/fapi/v3/balance', {}, reader)).status).toBe(200);
    expect((await bench.signed('GET', '/fapi/v3/balance', {}, bound)).body['code']).toBe(-2015);
    const rights = await bench.signed('GET', '/sapi/v1/account/apiRestrictions', {}, dying);
    expect(rights.body).toMatchObject({ enableWithdrawals: true, ipRestrict: false, tradingAuthorityExpirationTime: bench.at.ms + 1_000 });
    bench.at.ms += 1_000;
    expect((await bench.signed('GET', '/fapi/v3/balance', {}, dying)).body['code']).toBe(-2015);
  });
});

describe('orders on the simulated futures venue', () => {
  it('refuses what the venue refuses, with its codes', async () => {
    await start();
    const cases: [Values, number][] = [
      [{ symbol: 'NOPE' }, -1121],
      [{ side: 'LONG' }, -1117],
      [{ type: 'STOP_MARKET' }, -4120],
      [{ type: 'ICEBERG' }, -1116],
      [{ timeInForce: 'DAY' }, -1115],
      [{ timeInForce: '' }, -1102],
      [{ price: '4000.105' }, -1111],
      [{ price: '4080.06' }, -4016],
      [{ side: 'SELL', price: '3920.00' }, -4024],
      [{ quantity: '0.0001' }, -1111],
      [{ quantity: '0' }, -4003],
      [{ quantity: '10001' }, -4005],
      [{ quantity: '0.001' }, -4164],
      [{ type: 'MARKET', timeInForce: 'GTC' }, -1106],
      [{ positionSide: 'LONG' }, -4061],
      [{ newClientOrderId: 'a b' }, -1100],
      [{ newClientOrderId: 'x'.repeat(37) }, -1100],
      [{ reduceOnly: true }, -2022],
      [{ timeInForce: 'FOK', quantity: '0.501' }, -5021],
      [{ timeInForce: 'GTX' }, -5022],
      [{ quantity: '600', timeInForce: 'GTC' }, -2019],
    ];
    for (const [values, code] of cases) expect([values, await codeOf(values)]).toEqual([values, code]);
    expect(bench.venue.accounts.orders('one')).toEqual([]);
  });

  it('holds no larger position than the leverage allows', async () => {
    await start();
    bench.venue.accounts.deposit('one', 'USDT', '1000000');
    bench.venue.accounts.setLeverage('one', 'XAUUSDT', 100);
    expect(await codeOf({ quantity: '74.998', timeInForce: 'GTC' })).toBe(undefined);
    expect(await codeOf({ quantity: '74.498' })).toBe(undefined);
    expect(await codeOf({ quantity: '74.499' })).toBe(-2027);
    expect(await codeOf({ side: 'SELL', price: '4000.00', quantity: '0.400' })).toBe(undefined);
  });

  it('knows the agreement of TradFi contracts', async () => {
    await start();
    bench.venue.accounts.open(opening('new', [keyOf('C'.repeat(64))], { signed: false }));
    expect((await bench.place({}, 'C'.repeat(64))).body).toMatchObject({ code: -4411 });
    expect((await bench.signed('POST', '/fapi/v1/order/test', bench.order(), 'C'.repeat(64))).body).toMatchObject({ code: -4411 });
    await bench.signed('POST', '/fapi/v1/stock/contract', {}, 'C'.repeat(64));
    expect((await bench.place({}, 'C'.repeat(64))).status).toBe(200);
  });

  it('answers placing, asking, canceling and trades with exact 64-bit ids', async () => {
    await start();
    const done = await bench.place({ quantity: '0.900', newClientOrderId: 'arb-1' });
    expect(done.body).toMatchObject({
      clientOrderId: 'arb-1',
      status: 'EXPIRED',
      executedQty: '0.500',
      origQty: '0.900',
      price: '4000.10',
    });
    expect(done.text).toContain('"orderId":8389766145050669870,');
    expect(done.body).not.toHaveProperty('avgPrice');
    expect([done.headers.get('x-mbx-order-count-10s'), done.headers.get('x-mbx-order-count-1m')]).toEqual(['1', '1']);
    const asked = await bench.signed('GET', '/fapi/v1/order', { symbol: 'XAUUSDT', orderId: '8389766145050669870' });
    expect(asked.body).toMatchObject({ clientOrderId: 'arb-1', avgPrice: '4000.10000', cumQuote: '2000.05000' });
    const resting = await bench.place({ timeInForce: 'GTC', price: '3990', newClientOrderId: 'arb-2' });
    expect(resting.body).toMatchObject({ status: 'NEW' });
    expect(await codeOf({ timeInForce: 'GTC', price: '3990', newClientOrderId: 'arb-2' })).toBe(-4116);
    const one = { symbol: 'XAUUSDT', origClientOrderId: 'arb-2' };
    expect((await bench.signed('DELETE', '/fapi/v1/order', one, OTHER_KEY)).body['code']).toBe(-2011);
    expect((await bench.signed('DELETE', '/fapi/v1/order', one)).body).toMatchObject({ status: 'CANCELED' });
    expect((await bench.signed('DELETE', '/fapi/v1/order', one)).body).toEqual({ code: -2011, msg: 'Unknown order sent.' });
    expect((await bench.signed('GET', '/fapi/v1/order', { symbol: 'XAUUSDT', origClientOrderId: 'none' })).body['code']).toBe(-2013);
    const trades = await bench.signed('GET', '/fapi/v1/userTrades', { symbol: 'XAUUSDT' });
    expect(trades.text).toContain('"orderId":8389766145050669870,"side":"BUY","price":"4000.10","qty":"0.500"');
    bench.at.ms += 3 * 86_400_000 + 1;
    expect((await bench.signed('GET', '/fapi/v1/order', one)).body['code']).toBe(-2013);
    expect((await bench.signed('GET', '/fapi/v1/order', { symbol: 'XAUUSDT', origClientOrderId: 'arb-1' })).status).toBe(200);
  });

  it('pages trades by id and by time, and refuses ranges that are too wide', async () => {
    await start();
    for (let i = 0; i < 4; i += 1) await bench.place({ quantity: '0.010' });
    const ask = async (values: Values) =>
      (await bench.signed('GET', '/fapi/v1/userTrades', { symbol: 'XAUUSDT', ...values })).body as unknown;
    const all = (await ask({})) as { id: number }[];
    expect(all).toHaveLength(4);
    expect(await ask({ limit: 2 })).toEqual(all.slice(-2));
    expect(await ask({ fromId: all[1]!.id, limit: 2 })).toEqual(all.slice(1, 3));
    expect(await ask({ fromId: all[1]!.id, startTime: bench.at.ms })).toMatchObject({ code: -1128 });
    const week = 7 * 86_400_000;
    expect(await ask({ startTime: bench.at.ms - week, endTime: bench.at.ms })).toEqual(all);
    expect(await ask({ startTime: bench.at.ms - week - 1, endTime: bench.at.ms })).toMatchObject({ code: -4165 });
    // By one bound alone: the oldest from a start on, the newest up to an end.
    expect(await ask({ startTime: bench.at.ms - week, limit: 2 })).toEqual(all.slice(0, 2));
    expect(await ask({ endTime: bench.at.ms, limit: 2 })).toEqual(all.slice(-2));
    const [placed, orderId] = [bench.at.ms, (all[0] as unknown as { orderId: number }).orderId];
    bench.at.ms += week + 1;
    // Without times the last seven days are told of, whatever else is asked for.
    expect(await ask({})).toEqual([]);
    expect(await ask({ fromId: all[1]!.id })).toEqual([]);
    expect(await ask({ orderId })).toEqual([]);
    expect(await ask({ startTime: placed, endTime: placed + 1 })).toEqual(all);
    const orders = (values: Values) => bench.signed('GET', '/fapi/v1/allOrders', { symbol: 'XAUUSDT', ...values });
    expect((await orders({})).body).toEqual([]);
    expect((await orders({ startTime: placed, endTime: placed + 1 })).body).toHaveLength(4);
  });

  it('names what it does not know of an order by the documented codes', async () => {
    await start();
    expect(await codeOf({ newOrderRespType: 'FULL' })).toBe(-1136);
    expect(await codeOf({ selfTradePreventionMode: 'DECREMENT' })).toBe(-5039);
    expect(await codeOf({ timeInForce: 'GTD', goodTillDate: bench.at.ms + 1_000 })).toBe(-5040);
  });

  it('wants the signature at the end of what it signs', async () => {
    await start();
    const query = `symbol=XAUUSDT&timestamp=${bench.at.ms}`;
    const signed = signature(query, KEY);
    expect((await bench.raw('GET', '/fapi/v1/openOrders', `signature=${signed}&${query}`)).body['code']).toBe(-1022);
    expect((await bench.raw('GET', '/fapi/v1/openOrders', `${query}&signature=${signed}`)).body).toEqual([]);
  });

  it('takes whole numbers of the web-socket API as numbers alone', async () => {
    await start();
    const client = await bench.join('/ws-fapi/v1');
    const ask = (id: string, values: Values) => bench.call(client, id, 'order.status', bench.socketParams({ ...nobody, ...values }));
    const nobody = { symbol: 'XAUUSDT', origClientOrderId: 'nobody' };
    expect(await ask('1', { timestamp: String(bench.at.ms) })).toMatchObject({ error: { code: -1102 } });
    expect(await ask('2', { recvWindow: '5000' })).toMatchObject({ error: { code: -1102 } });
    expect(await ask('3', { recvWindow: 5_000 })).toMatchObject({ error: { code: -2013 } });
  });

  it('reads back positions, balances and conditions', async () => {
    await start();
    await bench.place({ quantity: '0.200' });
    await bench.signed('POST', '/fapi/v1/leverage', { symbol: 'XAUUSDT', leverage: 10 });
    const position = (await bench.signed('GET', '/fapi/v3/positionRisk')).body as unknown as Record<string, string>[];
    expect(position).toHaveLength(1);
    expect(position[0]).toMatchObject({
      symbol: 'XAUUSDT',
      positionAmt: '0.200',
      entryPrice: '4000.10000000',
      initialMargin: '80.00100000',
    });
    expect((await bench.signed('GET', '/fapi/v1/symbolConfig', { symbol: 'XAUUSDT' })).body).toMatchObject([
      { marginType: 'CROSSED', leverage: 10 },
    ]);
    expect((await bench.signed('GET', '/fapi/v1/commissionRate', { symbol: 'XAUUSDT' })).body).toMatchObject({
      takerCommissionRate: '0.0005',
    });
    expect((await bench.signed('GET', '/fapi/v1/accountConfig')).body).toMatchObject({ dualSidePosition: false });
    const account = (await bench.signed('GET', '/fapi/v3/account')).body;
    expect(account).toMatchObject({ totalWalletBalance: '99999.59999000', positions: [{ symbol: 'XAUUSDT', positionAmt: '0.200' }] });
    const set = (path: string, values: Values) => bench.signed('POST', path, values).then((r) => r.body['code']);
    expect(await set('/fapi/v1/marginType', { symbol: 'XAUUSDT', marginType: 'CROSSED' })).toBe(-4046);
    expect(await set('/fapi/v1/marginType', { symbol: 'XAUUSDT', marginType: 'ISOLATED' })).toBe(-4048);
    expect(await set('/fapi/v1/positionSide/dual', { dualSidePosition: 'false' })).toBe(-4059);
    expect(await set('/fapi/v1/positionSide/dual', { dualSidePosition: 'true' })).toBe(-4068);
    expect(await set('/fapi/v1/leverage', { symbol: 'XAUUSDT', leverage: 126 })).toBe(-4028);
  });

  it('tells every movement of the wallet, funding at its hour included', async () => {
    await start();
    await bench.place({ quantity: '0.200' });
    await bench.place({ side: 'SELL', price: '4000.00' });
    bench.at.ms = bench.venue.accounts.nextFundingMs('XAUUSDT');
    await until(() => bench.venue.accounts.transfers('one').length > 0, 'funding');
    const rows = (await bench.signed('GET', '/fapi/v1/income')).body as unknown as { incomeType: string; income: string }[];
    expect(rows.map((r) => [r.incomeType, r.income])).toEqual([
      ['COMMISSION', '-0.40001000'],
      ['COMMISSION', '-0.20000000'],
      ['REALIZED_PNL', '-0.01000000'],
      ['FUNDING_FEE', '-0.04000050'],
    ]);
    const moved = rows.reduce((sum, r) => sum + Number(r.income), 100_000);
    const account = (await bench.signed('GET', '/fapi/v3/account')).body;
    expect(Number(account['totalWalletBalance'])).toBeCloseTo(moved, 8);
  });

  it('cancels for who falls silent, one symbol at a time', async () => {
    await start();
    await bench.place({ timeInForce: 'GTC', price: '3990' });
    await bench.signed('POST', '/fapi/v1/countdownCancelAll', { symbol: 'XAUUSDT', countdownTime: 30_000 });
    bench.at.ms += 30_000;
    await until(() => bench.venue.accounts.openOrders('one').length === 0, 'the countdown');
  });
});

describe('limits of the simulated futures venue', () => {
  it('counts orders by account, and refuses the next with -1015', async () => {
    await start({ ordersPer10s: 2 });
    expect([await codeOf({}), await codeOf({})]).toEqual([undefined, undefined]);
    const over = await bench.place();
    expect(over).toMatchObject({ status: 429, body: { code: -1015 } });
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await bench.place({}, OTHER_KEY)).status).toBe(200);
    const shown = (await bench.raw('GET', '/fapi/v1/exchangeInfo', '')).body['rateLimits'];
    expect(shown).toContainEqual({ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 2 });
  });

  it('bans who goes on after 429', async () => {
    await start({ weightPerMinute: 5 });
    await bench.signed('GET', '/fapi/v3/balance');
    for (let i = 0; i < PATIENCE; i += 1) expect((await bench.signed('GET', '/fapi/v3/balance')).status).toBe(429);
    const banned = await bench.signed('GET', '/fapi/v3/balance');
    expect(banned).toMatchObject({ status: 418, body: { code: -1003 } });
    expect(Number(banned.headers.get('retry-after'))).toBeCloseTo(BAN_MS / 1_000, -1);
  });
});

describe('user events of the simulated futures venue', () => {
  const listen = async (tail = ''): Promise<Awaited<ReturnType<Bench['join']>>> => {
    const { body } = await bench.raw('POST', '/fapi/v1/listenKey', '', KEY);
    return bench.join(`/private/ws?listenKey=${body['listenKey'] as string}${tail}`);
  };

  it('pushes NEW, TRADE_LITE, ACCOUNT_UPDATE, TRADE, EXPIRED in this order', async () => {
    await start();
    const client = await listen();
    await bench.place({ quantity: '0.900', newClientOrderId: 'arb-1' });
    await client.hear((t) => t.includes('"EXPIRED"'));
    const told = client.heard.map((t) => JSON.parse(t) as { e: string; o?: Record<string, unknown> });
    expect(told.map((x) => [x.e, x.o?.['x']])).toEqual([
      ['ORDER_TRADE_UPDATE', 'NEW'],
      ['TRADE_LITE', undefined],
      ['ACCOUNT_UPDATE', undefined],
      ['ORDER_TRADE_UPDATE', 'TRADE'],
      ['ORDER_TRADE_UPDATE', 'EXPIRED'],
    ]);
    expect(told[3]?.o).toMatchObject({ X: 'PARTIALLY_FILLED', l: '0.500', L: '4000.10', n: '1.00002500', N: 'USDT', er: '0' });
    expect(told[4]?.o).toMatchObject({ X: 'EXPIRED', z: '0.500', er: '2' });
    expect(client.heard[0]).toContain('"i":8389766145050669870');
  });

  it('heeds the events asked for, wraps on /stream, and keeps accounts apart', async () => {
    await start();
    const [all, some] = [await listen(), await listen('&events=TRADE_LITE/ACCOUNT_UPDATE')];
    const { body } = await bench.raw('POST', '/fapi/v1/listenKey', '', OTHER_KEY);
    const wrapped = await bench.join(`/private/stream?listenKey=${body['listenKey'] as string}`);
    const wrongPath = await bench.join(`/public/ws/${body['listenKey'] as string}`);
    await bench.place();
    await bench.place({}, OTHER_KEY);
    await all.hear((t) => t.includes('"FILLED"'));
    await wrapped.hear((t) => t.includes('"FILLED"'));
    // Sockets are read in no certain order.
    await some.hear((t) => t.includes('ACCOUNT_UPDATE'));
    expect(some.heard.map((t) => (JSON.parse(t) as { e: string }).e)).toEqual(['TRADE_LITE', 'ACCOUNT_UPDATE']);
    expect(wrapped.heard.every((t) => t.startsWith(`{"stream":"${body['listenKey'] as string}"`))).toBe(true);
    expect([all.heard.length, wrapped.heard.length, wrongPath.heard.length]).toEqual([4, 4, 0]);
  });

  it('lets a listen key die an hour after it was last kept alive', async () => {
    await start();
    const client = await listen();
    bench.at.ms += 3_599_999;
    expect((await bench.raw('PUT', '/fapi/v1/listenKey', '')).status).toBe(200);
    bench.at.ms += 3_600_000;
    await client.hear((t) => t.includes('listenKeyExpired'));
    expect((await bench.raw('PUT', '/fapi/v1/listenKey', '')).body).toMatchObject({ code: -1125 });
  });

  it('reports what the exchange does of its own accord', async () => {
    await start();
    await bench.place({ quantity: '0.400' });
    const client = await listen();
    bench.faults.inject({ kind: 'liquidate', instrument: 'XAUUSDT', share: 1 });
    const fill = JSON.parse(await client.hear((t) => t.includes('CALCULATED'))) as { o: Record<string, string> };
    expect(fill.o).toMatchObject({ o: 'LIQUIDATION', l: '0.400', X: 'FILLED', S: 'SELL' });
    expect(fill.o['c']).toMatch(/^autoclose-/);
  });
});

describe('the web-socket API of the simulated futures venue', () => {
  it('takes orders by key and signature, numbers as they were written', async () => {
    await start();
    const client = await bench.join('/ws-fapi/v1');
    const params = bench.socketParams({ ...bench.order({ newClientOrderId: 'arb-7' }), quantity: 0.1, price: 4000.1 });
    const reply = await bench.call(client, 'a', 'order.place', params);
    expect(reply).toMatchObject({ status: 200, result: { status: 'FILLED', clientOrderId: 'arb-7' } });
    expect(reply['rateLimits']).toContainEqual({ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300, count: 1 });
    const asked = bench.socketParams({ symbol: 'XAUUSDT', origClientOrderId: 'arb-7' });
    expect(await bench.call(client, 'b', 'order.status', asked)).toMatchObject({ result: { executedQty: '0.100' } });
    expect(await bench.call(client, 'c', 'order.cancel', asked)).toMatchObject({ status: 400, error: { code: -2011 } });
    const bad = { ...bench.socketParams(bench.order()), signature: 'f'.repeat(64) };
    expect(await bench.call(client, 'd', 'order.place', bad)).toMatchObject({ status: 400, error: { code: -1022 } });
    expect(await bench.call(client, 'e', 'order.dance')).toMatchObject({ status: 400 });
    expect(await bench.call(client, 'f', 'ticker.book', { symbol: 'XAUUSDT' })).toMatchObject({ result: { bidPrice: '4000.00' } });
  });

  it('logs on with Ed25519 alone; then a stamp suffices', async () => {
    await start();
    const client = await bench.join('/ws-fapi/v1?returnRateLimits=false');
    expect(await bench.call(client, 'a', 'session.logon', bench.socketParams())).toMatchObject({ error: { code: -4056 } });
    expect(await bench.call(client, 'b', 'order.place', bench.order())).toMatchObject({ error: { code: -1102 } });
    expect(await bench.call(client, 'c', 'session.logon', bench.socketParams({}, ED_KEY))).toMatchObject({ result: { apiKey: ED_KEY } });
    const placed = await bench.call(client, 'd', 'order.place', { ...bench.order(), timestamp: bench.at.ms });
    expect(placed).toMatchObject({ status: 200, result: { status: 'FILLED' } });
    expect(placed).not.toHaveProperty('rateLimits');
    expect(await bench.call(client, 'e', 'order.place', { ...bench.order(), timestamp: bench.at.ms - 5_001 })).toMatchObject({
      error: { code: -1021 },
    });
    await bench.call(client, 'f', 'session.logout');
    expect(await bench.call(client, 'g', 'order.place', { ...bench.order(), timestamp: bench.at.ms })).toMatchObject({
      error: { code: -1102 },
    });
  });
});

describe('faults of the simulated order side', () => {
  it('loses the answer and keeps the order', async () => {
    await start();
    bench.faults.inject({ kind: 'accept-then-drop-reply' });
    await expect(bench.place({ newClientOrderId: 'lost' })).rejects.toThrow();
    expect(bench.venue.accounts.order('one', { symbol: 'XAUUSDT', clientId: 'lost' })?.stage).toBe('filled');
    bench.faults.inject({ kind: 'unknown-503' });
    expect(await bench.place({ newClientOrderId: 'vague', timeInForce: 'GTC', price: '3990' })).toMatchObject({
      status: 503,
      body: { msg: 'Unknown error, please check your request or try again later.' },
    });
    expect(bench.venue.accounts.openOrders('one').map((o) => o.clientId)).toEqual(['vague']);
    const client = await bench.join('/ws-fapi/v1');
    bench.faults.inject({ kind: 'accept-then-drop-reply', close: true });
    client.say({ id: 'x', method: 'order.place', params: bench.socketParams(bench.order({ newClientOrderId: 'torn' })) });
    expect((await client.closed).code).toBe(1_006);
    expect(bench.venue.accounts.order('one', { symbol: 'XAUUSDT', clientId: 'torn' })).not.toBeNull();
  });

  it('accepts late within the window, and refuses late beyond it', async () => {
    await start();
    bench.faults.inject({ kind: 'late-accept', delayMs: 5 });
    expect((await bench.place()).status).toBe(200);
    bench.faults.inject({ kind: 'late-accept', delayMs: 150 });
    const late = bench.place({ newClientOrderId: 'late' });
    await until(() => !bench.faults.active().includes('late-accept'), 'the request at the venue');
    bench.at.ms += 5_001;
    expect((await late).body).toMatchObject({ code: -5028 });
    expect(bench.venue.accounts.order('one', { symbol: 'XAUUSDT', clientId: 'late' })).toBeNull();
  });

  it('hides young orders, fills in part, refuses by code, is in maintenance, limits and bans', async () => {
    await start();
    bench.faults.inject({ kind: 'not-found-then-found', forMs: 1_000, durationMs: 60_000 });
    await bench.place({ newClientOrderId: 'shy' });
    const ask = () => bench.signed('GET', '/fapi/v1/order', { symbol: 'XAUUSDT', origClientOrderId: 'shy' });
    expect((await ask()).body['code']).toBe(-2013);
    bench.at.ms += 1_000;
    expect((await ask()).status).toBe(200);
    bench.faults.inject({ kind: 'partial', share: 0.5 });
    expect((await bench.place()).body).toMatchObject({ status: 'EXPIRED', executedQty: '0.050' });
    bench.faults.inject({ kind: 'reject', code: '-2019', message: 'Margin is insufficient.' });
    expect((await bench.place()).body).toEqual({ code: -2019, msg: 'Margin is insufficient.' });
    bench.faults.inject({ kind: 'rate-limit', durationMs: 60_000, ban: true });
    expect(await bench.place()).toMatchObject({ status: 418, body: { code: -1003 } });
    bench.faults.inject({ kind: 'clear' });
    bench.faults.inject({ kind: 'maintenance', durationMs: 60_000 });
    expect(await bench.place()).toMatchObject({ status: 503, body: { msg: 'Service Unavailable.' } });
  });
});
