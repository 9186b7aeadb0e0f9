/**
 * What is scarce at one place must not silence another: key rights at the spot host, questions that fail, names that lag behind, weight
 * that earlier runs have spent.
 */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type * as exchangeSites from '../../../../src-shared/config/exchangeSites.ts';
import { LOST_BACKOFF } from '../shared/orders/accountSocket.ts';
import { COUNTED_AFTER_MS, FIGURES_BEYOND } from '../shared/orders/usage.ts';
import { CATCH_UP_MS, PUSH_GRACE_MS } from '../shared/binanceAccount.ts';
import { always, orderFor, refTo, until } from '../shared/binanceOrders.testkit.ts';
import type { OrdersStage } from '../shared/binanceOrders.testkit.ts';
import { EXCHANGE_INFO, result, SYMBOL, trade, usdmStage } from './usdmStage.testkit.ts';

const spotHost = vi.hoisted(() => ({ url: '' }));
vi.mock('../../../../src-shared/config/exchangeSites.ts', async (importOriginal) => {
  const sites = await importOriginal<typeof exchangeSites>();
  return { ...sites, sitesOf: () => ({ rest: spotHost.url, entry: '', stream: '' }) };
});

let stage: OrdersStage;
afterEach(async () => {
  await stage.end();
});

/** A spot host that refuses everything with `status`. */
const refusing = async (status: number): Promise<{ readonly server: Server; readonly asked: string[] }> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status, { 'retry-after': '600' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  spotHost.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, asked };
};

describe('what is refused elsewhere', () => {
  test.each([429, 403])('rights of the key refused with %i at the spot host silence no order and no cancel of futures', async (status) => {
    const { server, asked } = await refusing(status);
    stage = await usdmStage({ environment: 'live' });
    const { venue, dialect, up } = stage;
    await up();
    venue.rest.set('GET /fapi/v1/exchangeInfo', { body: EXCHANGE_INFO });
    venue.rest.set('GET /fapi/v1/accountConfig', { body: { canTrade: true, dualSidePosition: false, multiAssetsMargin: false } });
    venue.rest.set('GET /fapi/v1/fundingInfo', { body: [] });
    await dialect.check();
    expect(asked).toHaveLength(1);
    venue.api.set('order.place', { result: result({ executedQty: '0' }) });
    venue.api.set('order.cancel', { result: result({ status: 'CANCELED', executedQty: '0' }) });
    expect((await dialect.place(orderFor(SYMBOL, { purpose: 'unwind', reduceOnly: true }), always)).code).toBe('acknowledged');
    expect((await dialect.cancel(refTo(orderFor(SYMBOL)), always)).code).toBe('acknowledged');
    server.closeAllConnections();
    server.close();
  });
});

describe('an order that is found while its executions cannot be read', () => {
  test('is told, and the private stream is not given up for it: no push was due', async () => {
    stage = await usdmStage();
    const { venue, time, dialect, pushed, up } = stage;
    await up();
    venue.api.set('order.status', { result: result() });
    venue.rest.set('GET /fapi/v1/userTrades', { status: 500, body: {} });
    const outcome = await dialect.query(refTo(orderFor(SYMBOL)));
    expect(outcome.code).toBe('failed');
    expect(pushed.flatMap(({ reports }) => reports)).toMatchObject([{ clientOrderId: 'q1', filledQty: '0.004' }]);
    await time.pass(PUSH_GRACE_MS + 1_000);
    await until(() => true, 'sockets');
    expect(dialect.stream).toMatchObject({ up: true, detail: 'connected' });
    expect(venue.streams).toHaveLength(1);
  });
});

describe('an order that the venue does not know yet, and its execution that it lists', () => {
  const script = (): void => {
    const { rest, nowMs } = stage.venue;
    rest.set('GET /fapi/v1/openOrders', { body: [] });
    rest.set('GET /fapi/v3/positionRisk', { body: [] });
    const asset = { asset: 'USDT', walletBalance: '1', marginBalance: '1', initialMargin: '0', availableBalance: '1' };
    rest.set('GET /fapi/v3/account', {
      body: { totalInitialMargin: '0', totalMarginBalance: '1', availableBalance: '1', assets: [asset] },
    });
    rest.set('GET /fapi/v1/userTrades', { body: [trade(1, { time: nowMs - 1_000 })] });
    rest.set('GET /fapi/v1/order', { status: 400, body: { code: -2013, msg: 'Order does not exist.' } });
  };
  const namesRead = async (): Promise<readonly unknown[]> => {
    const reading = await stage.dialect.read(stage.venue.nowMs - 60_000);
    if (typeof reading === 'string') throw new Error(reading);
    return reading.fills.map(({ clientOrderId, venueMade }) => venueMade ?? clientOrderId);
  };

  test('is asked for again: it is not nobody’s for ever', async () => {
    stage = await usdmStage();
    await stage.up();
    script();
    expect(await namesRead()).toEqual([null]);
    stage.venue.rest.set('GET /fapi/v1/order', { body: result() });
    expect(await namesRead()).toEqual(['q1']);
  });

  test('of the exchange’s own making keeps the name that was pushed', async () => {
    stage = await usdmStage();
    const { venue, pushed, up } = stage;
    await up();
    script();
    const o = { s: SYMBOL, c: 'adl_autoclose', i: 7, S: 'BUY', x: 'NEW', X: 'NEW', q: '1', l: '0', L: '0', t: 0, z: '0', T: 9 };
    venue.push({ e: 'ORDER_TRADE_UPDATE', E: 9, T: 9, o });
    await until(() => pushed.some(({ alarms }) => alarms.length > 0), 'the push');
    expect(await namesRead()).toEqual(['deleveraging']);
  });
});

describe('weight that earlier runs and eager sweeps have spent', () => {
  /** 2400 a minute: sweeps stop at 1680, recovery at 2160. */
  const SPENT = 1_690;
  const flat = (used: number): void => {
    const { rest } = stage.venue;
    const asset = { asset: 'USDT', walletBalance: '1', marginBalance: '1', initialMargin: '0', availableBalance: '1' };
    rest.set('GET /fapi/v1/openOrders', { body: [], headers: { 'x-mbx-used-weight-1m': `${used}` } });
    rest.set('GET /fapi/v3/positionRisk', { body: [] });
    rest.set('GET /fapi/v3/account', {
      body: { totalInitialMargin: '0', totalMarginBalance: '1', availableBalance: '1', assets: [asset] },
    });
    rest.set('GET /fapi/v1/userTrades', { body: [] });
  };
  const read = (): ReturnType<OrdersStage['dialect']['read']> => stage.dialect.read(stage.venue.nowMs - 60_000);

  test('keeps no restarted engine from knowing its account; later it stops the sweeps, and no question for an order', async () => {
    stage = await usdmStage();
    await stage.up();
    flat(SPENT);
    // The first reading hears what was spent; what it finds missing is asked for in others.
    for (let reading = 0; reading < 3; reading += 1) expect(typeof (await read())).toBe('object');
    await stage.time.pass(CATCH_UP_MS);
    expect(await read()).toMatch(/our own allowance "weight 1 min" is used up/);
    stage.venue.api.set('order.status', { result: result({ executedQty: '0', status: 'CANCELED' }) });
    expect((await stage.dialect.query(refTo(orderFor(SYMBOL)))).code).toBe('found');
  });

  test('is drawn on again after a lost stream: a gap lies behind', async () => {
    stage = await usdmStage();
    const { venue, time, dialect, up } = stage;
    await up();
    flat(SPENT);
    await read();
    await time.pass(CATCH_UP_MS);
    expect(typeof (await read())).toBe('string');
    venue.streams.at(-1)!.socket.terminate();
    await until(() => !dialect.stream.up, 'the loss');
    await time.passUntil(() => dialect.stream.up, 'a new stream');
    expect(typeof (await read())).toBe('object');
  });

  test('is believed to be less as soon as the venue says so: a failed reading asks for nothing but the time', async () => {
    stage = await usdmStage();
    const { venue, time, up } = stage;
    await up();
    flat(2_161);
    await read();
    const asked = venue.heard.length;
    expect(await read()).toMatch(/of which 240 are kept/);
    await time.pass(COUNTED_AFTER_MS + 3_000);
    venue.timeHeaders = { 'x-mbx-used-weight-1m': '40' };
    flat(40);
    expect(await read()).toMatch(/of which 240 are kept/);
    await until(() => venue.heard.length === asked + 2, 'two questions for the time');
    expect(venue.heard.slice(asked).map(({ what }) => what)).toEqual(['GET /fapi/v1/time', 'GET /fapi/v1/time']);
    await until(() => stage.dialect.budgets()[0]!.used < 500, 'the answer');
    expect(typeof (await read())).toBe('object');
  });

  const limitsOf = (limit: number) => [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit }];

  test('beyond what is documented does not starve a start: what the venue allows by now is read first', async () => {
    stage = await usdmStage();
    const { venue, time, dialect, up } = stage;
    venue.timeHeaders = { 'x-mbx-used-weight-1m': '30000' };
    venue.rest.set('GET /fapi/v1/exchangeInfo', { body: { ...EXCHANGE_INFO, rateLimits: limitsOf(1_000_000) } });
    await up();
    await until(() => dialect.budgets()[0]!.used >= 30_000, 'what others spent');
    venue.streams.at(-1)!.socket.terminate();
    await until(() => !dialect.stream.up, 'the loss');
    await time.pass(FIGURES_BEYOND.windowMs);
    expect(dialect.stream.up).toBe(false);
    const checked = dialect.check();
    await time.passUntil(() => dialect.budgets()[0]!.max === 1_000_000, 'the limits', 250, 5_000);
    await time.passUntil(() => dialect.stream.up, 'the stream', 250, 5_000);
    await checked;
  });

  test('by others, all of it, is heard to be over soon after the venue counts anew, not a window later', async () => {
    stage = await usdmStage();
    const { venue, time, dialect, up } = stage;
    venue.timeHeaders = { 'x-mbx-used-weight-1m': '2400' };
    venue.rest.set('GET /fapi/v1/exchangeInfo', { body: { ...EXCHANGE_INFO, rateLimits: limitsOf(2_400) } });
    await up();
    await until(() => dialect.budgets()[0]!.used >= 2_400, 'what others spent');
    venue.streams.at(-1)!.socket.terminate();
    await until(() => !dialect.stream.up, 'the loss');
    await time.pass(COUNTED_AFTER_MS + 3_000);
    expect(dialect.stream.up).toBe(false);
    venue.timeHeaders = { 'x-mbx-used-weight-1m': '3' };
    await time.passUntil(() => dialect.stream.up, 'the stream', 250, 2 * LOST_BACKOFF.maxMs);
  });

  test('ends at the last tenth, which is for cancels', async () => {
    stage = await usdmStage();
    await stage.up();
    flat(2_161);
    await read();
    expect(await read()).toMatch(/of which 240 are kept/);
    stage.venue.api.set('order.cancel', { result: result({ status: 'CANCELED', executedQty: '0' }) });
    expect((await stage.dialect.cancel(refTo(orderFor(SYMBOL)), always)).code).toBe('acknowledged');
  });
});
