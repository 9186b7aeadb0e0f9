import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../client.testkit.ts';
import { Bench, ED_KEY, OTHER_KEY, type Values } from './binance.testkit.ts';

let bench: Bench;
const start = async () => {
  bench = new Bench('spot');
  await bench.start();
};
afterEach(() => bench.stop());

describe('orders on the simulated spot venue', () => {
  it('refuses what the venue refuses, with its codes and texts', async () => {
    await start();
    const cases: [Values, number, string][] = [
      [{ price: '4000.105' }, -1013, 'Filter failure: PRICE_FILTER'],
      [{ price: '4000.123456789' }, -1111, "Parameter 'price' has too much precision."],
      [{ quantity: '0.000015' }, -1013, 'Filter failure: LOT_SIZE'],
      [{ quantity: '0.00001' }, -1013, 'Filter failure: NOTIONAL'],
      [{ price: '20000.51' }, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'],
      [{ quantity: '30' }, -2010, 'Account has insufficient balance for requested action.'],
      [{ side: 'SELL', quantity: '2.1' }, -2010, 'Account has insufficient balance for requested action.'],
      [{ type: 'LIMIT_MAKER' }, -1106, "Parameter 'timeInForce' sent when not required."],
      [{ reduceOnly: true }, -1104, "Not all sent parameters were read; read '10' parameter(s) but was sent '11'."],
      [{ selfTradePreventionMode: 'DECREMENT' }, -1013, 'This symbol does not allow the specified self-trade prevention mode.'],
    ];
    for (const [values, code, msg] of cases) expect([values, (await bench.place(values)).body]).toEqual([values, { code, msg }]);
    const { timeInForce: _, ...maker } = bench.order({ type: 'LIMIT_MAKER' });
    expect((await bench.signed('POST', '/api/v3/order', maker)).body).toEqual({
      code: -2010,
      msg: 'Order would immediately match and take.',
    });
  });

  it('answers FULL with fills and the fee in base, and ends a short FOK', async () => {
    await start();
    const full = await bench.place({ newOrderRespType: 'FULL', newClientOrderId: 'sp-1' });
    expect(full.body).toMatchObject({ status: 'FILLED', cummulativeQuoteQty: '40.00100000', executedQty: '0.01000000' });
    expect(full.body['fills']).toMatchObject([{ price: '4000.10000000', commission: '0.00001000', commissionAsset: 'BTC' }]);
    expect((await bench.place({ timeInForce: 'FOK', quantity: '1.5' })).body).toMatchObject({
      status: 'EXPIRED',
      expiryReason: 'INSUFFICIENT_LIQUIDITY',
    });
    await bench.place({ timeInForce: 'GTC', price: '3990', newClientOrderId: 'sp-2' });
    expect((await bench.place({ timeInForce: 'GTC', price: '3990', newClientOrderId: 'sp-2' })).body).toEqual({
      code: -2010,
      msg: 'Duplicate order sent.',
    });
    const account = (await bench.signed('GET', '/api/v3/account')).body['balances'];
    expect(account).toContainEqual({ asset: 'USDT', free: '99920.09900000', locked: '39.90000000' });
    const canceled = await bench.signed('DELETE', '/api/v3/order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'sp-2',
      newClientOrderId: 'cancel-2',
    });
    expect(canceled.body).toMatchObject({ origClientOrderId: 'sp-2', clientOrderId: 'cancel-2', status: 'CANCELED' });
    expect((await bench.signed('GET', '/api/v3/myTrades', { symbol: 'BTCUSDT' })).body).toMatchObject([{ isBuyer: true, isMaker: false }]);
    const day = 86_400_000;
    const wide = { symbol: 'BTCUSDT', startTime: bench.at.ms - day - 1, endTime: bench.at.ms };
    expect((await bench.signed('GET', '/api/v3/myTrades', wide)).body['code']).toBe(-1127);
    // Of one order: by itself or from an id on, never of a time.
    const ofOrder = { symbol: 'BTCUSDT', orderId: 1, startTime: bench.at.ms };
    expect((await bench.signed('GET', '/api/v3/myTrades', ofOrder)).body['code']).toBe(-1128);
    expect((await bench.signed('GET', '/api/v3/account/commission', { symbol: 'BTCUSDT' })).body).toMatchObject({
      standardCommission: { taker: '0.00100000' },
    });
  });

  it('looks at the window ahead of its matching engine alone: what is on its way there is taken, however late', async () => {
    await start();
    bench.faults.inject({ kind: 'late-accept', delayMs: 150 });
    const late = bench.place({ newClientOrderId: 'late', recvWindow: 100 });
    await until(() => !bench.faults.active().includes('late-accept'), 'the request at the venue');
    bench.at.ms += 5_000;
    expect((await late).body).toMatchObject({ clientOrderId: 'late', status: 'FILLED' });
  });

  it('buys for an amount of quote', async () => {
    await start();
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' };
    expect((await bench.signed('POST', '/api/v3/order', order)).body).toMatchObject({ status: 'FILLED', executedQty: '0.02499000' });
  });
});

describe('user events of the simulated spot venue', () => {
  it('come on the socket that subscribed, by signature or after logging on', async () => {
    await start();
    const [signed, logged] = [await bench.join('/ws-api/v3'), await bench.join('/ws-api/v3')];
    expect(await bench.call(signed, 'a', 'userDataStream.subscribe')).toMatchObject({ error: { code: -2015 } });
    expect(await bench.call(signed, 'b', 'userDataStream.subscribe.signature', bench.socketParams())).toMatchObject({
      result: { subscriptionId: 0 },
    });
    expect(await bench.call(signed, 'c', 'userDataStream.subscribe.signature', bench.socketParams())).toMatchObject({
      error: { code: -2035 },
    });
    await bench.call(logged, 'd', 'session.logon', bench.socketParams({}, ED_KEY));
    expect(await bench.call(logged, 'e', 'userDataStream.subscribe')).toMatchObject({ result: { subscriptionId: 0 } });
    await bench.place({ newClientOrderId: 'sp-1' });
    await bench.place({}, OTHER_KEY);
    const isLast = (t: string) => t.includes('outboundAccountPosition');
    for (const client of [signed, logged]) {
      await client.hear(isLast);
      const events = client.heard
        .filter((t) => t.includes('"event"'))
        .map((t) => (JSON.parse(t) as { event: Record<string, unknown> }).event);
      expect(events.map((x) => [x['e'], x['x']])).toEqual([
        ['executionReport', 'NEW'],
        ['executionReport', 'TRADE'],
        ['outboundAccountPosition', undefined],
      ]);
      expect(events[1]).toMatchObject({ c: 'sp-1', n: '0.00001000', N: 'BTC', X: 'FILLED', Z: '40.00100000' });
      expect(events[2]?.['B']).toEqual([
        { a: 'USDT', f: '99959.99900000', l: '0.00000000' },
        { a: 'BTC', f: '2.00999000', l: '0.00000000' },
      ]);
    }
    await bench.call(signed, 'f', 'userDataStream.unsubscribe', { subscriptionId: 0 });
    const before = signed.heard.length;
    await bench.place();
    await logged.hear((t) => t.includes('99919.998'));
    expect(signed.heard.length).toBe(before);
  });

  it('name the order under C when it is canceled', async () => {
    await start();
    const client = await bench.join('/ws-api/v3');
    await bench.call(client, 'a', 'userDataStream.subscribe.signature', bench.socketParams());
    await bench.place({ timeInForce: 'GTC', price: '3990', newClientOrderId: 'sp-9' });
    await bench.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'sp-9', newClientOrderId: 'bye' });
    const { event } = JSON.parse(await client.hear((t) => t.includes('"CANCELED"'))) as { event: object };
    expect(event).toMatchObject({ c: 'bye', C: 'sp-9', x: 'CANCELED' });
  });
});
