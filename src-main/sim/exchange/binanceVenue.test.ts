import { afterEach, describe, expect, it } from 'vitest';
import { connect, standingTime, until, type TestClient } from '../client.testkit.ts';
import { createFaultSwitch, type FaultSwitch } from '../faults.ts';
import { DEMO_INSTRUMENTS, demoInstrument, listedAt } from '../market/instruments.ts';
import type { BookUpdate } from '../market/model.ts';
import type { BinanceTimings } from './binanceStreams.ts';
import { startBinanceVenue, type BinanceVenue } from './binanceVenue.ts';
import { GARBAGE } from './peer.ts';
import { MAX_CLIENT_FRAME_BYTES, MAX_PEERS } from './venueServer.ts';

type Product = 'spot' | 'usdm';
const open: { venue: BinanceVenue | null; clients: TestClient[] } = { venue: null, clients: [] };
let faults: FaultSwitch;

const start = async (product: Product, timings: Partial<BinanceTimings> = {}, maxUnreadBytes?: number): Promise<BinanceVenue> => {
  faults = createFaultSwitch(1, `binance-${product}`);
  const venue = await startBinanceVenue({
    product,
    instruments: listedAt(DEMO_INSTRUMENTS, `binance-${product}`),
    faults,
    clock: () => 1_795_353_000_005,
    timings,
    maxUnreadBytes,
  });
  open.venue = venue;
  return venue;
};
const join = async (path: string): Promise<TestClient> => {
  const client = await connect(open.venue!.server.streamUrl + path);
  open.clients.push(client);
  return client;
};
let nextId = 400_900_217;
const update = (product: Product, symbol = 'BTCUSDT'): BookUpdate => ({
  instrument: demoInstrument(`binance-${product}`, symbol),
  atMs: 0,
  bidTicks: product === 'spot' ? 6_370_400 : 637_040,
  askTicks: product === 'spot' ? 6_370_401 : 637_041,
  bidQtySteps: 477_471,
  askQtySteps: 1_133_198,
  updateId: nextId++,
});
const get = async (path: string) => {
  const response = await fetch(open.venue!.server.restUrl + path);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
};

afterEach(async () => {
  for (const c of open.clients.splice(0)) c.socket.terminate();
  await open.venue?.stop();
  open.venue = null;
});

describe('frames of a simulated Binance', () => {
  it('spells the futures bookTicker key for key, with ps and st', async () => {
    const venue = await start('usdm');
    const client = await join('/public/ws/btcusdt@bookTicker');
    nextId = 400_900_217;
    venue.publish(update('usdm'));
    const text = await client.hear((t) => t.includes('bookTicker'));
    expect(text).toBe(
      '{"e":"bookTicker","u":400900217,"s":"BTCUSDT","ps":"BTCUSDT","b":"63704.00","B":"477.471","a":"63704.10","A":"1133.198","T":1795353000001,"E":1795353000005,"st":1}',
    );
  });

  it('spells the spot bookTicker without event name and times', async () => {
    const venue = await start('spot');
    const client = await join('/ws/btcusdt@bookTicker');
    nextId = 98_494_969_448;
    venue.publish(update('spot'));
    expect(await client.hear((t) => t.includes('"u"'))).toBe(
      '{"u":98494969448,"s":"BTCUSDT","b":"63704.00000000","B":"4.77471000","a":"63704.01000000","A":"11.33198000"}',
    );
  });

  it('wraps frames in combined mode, also when switched by SET_PROPERTY', async () => {
    const venue = await start('usdm');
    const combined = await join('/public/stream?streams=btcusdt@bookTicker/xauusdt@bookTicker');
    const raw = await join('/public/ws/xauusdt@bookTicker');
    venue.publish(update('usdm', 'XAUUSDT'));
    const wrapped = JSON.parse(await combined.hear((t) => t.includes('xauusdt'))) as { stream: string; data: unknown };
    expect(wrapped.stream).toBe('xauusdt@bookTicker');
    expect(wrapped.data).toEqual(JSON.parse(await raw.hear((t) => t.includes('XAUUSDT'))));
    raw.say({ method: 'SET_PROPERTY', params: ['combined', true], id: 5 });
    await raw.hear((t) => t === '{"result":null,"id":5}');
    venue.publish(update('usdm', 'XAUUSDT'));
    await raw.hear((t) => t.startsWith('{"stream":"xauusdt@bookTicker"'));
  });
});

describe('subscriptions of a simulated Binance', () => {
  it('acknowledges and then stays silent on the wrong path, for unknown symbols and for upper case', async () => {
    const venue = await start('usdm');
    const wrong = await join('/market/ws');
    const right = await join('/ws');
    for (const c of [wrong, right])
      c.say({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker', 'nope@bookTicker', 'XAUUSDT@bookTicker'], id: 1 });
    await wrong.hear((t) => t === '{"result":null,"id":1}');
    await right.hear((t) => t === '{"result":null,"id":1}');
    for (let i = 0; i < 20; i += 1) for (const s of ['BTCUSDT', 'XAUUSDT']) venue.publish(update('usdm', s));
    await until(() => right.heard.length === 21, '20 frames');
    wrong.say({ method: 'LIST_SUBSCRIPTIONS', id: 2 });
    await wrong.hear((t) => t === '{"result":["btcusdt@bookTicker","nope@bookTicker","XAUUSDT@bookTicker"],"id":2}');
    expect(wrong.heard).toHaveLength(2);
    expect(right.heard.every((t) => !t.includes('XAUUSDT'))).toBe(true);
  });

  it('stops a stream on UNSUBSCRIBE', async () => {
    const venue = await start('usdm');
    const client = await join('/public/ws/btcusdt@bookTicker');
    client.say({ method: 'UNSUBSCRIBE', params: ['btcusdt@bookTicker'], id: 3 });
    await client.hear((t) => t === '{"result":null,"id":3}');
    venue.publish(update('usdm'));
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 4 });
    await client.hear((t) => t === '{"result":[],"id":4}');
    expect(client.heard).toHaveLength(2);
  });

  it.each([
    ['{', 3],
    ['[]', 3],
    ['{"method":"SUBSCRIBE","params":["a"],"id":-1}', 2],
    ['{"method":"SUBSCRIBE","params":["a"],"id":"x"}', 2],
    ['{"method":"PLEASE","id":1}', 2],
    ['{"params":[],"id":1}', 2],
    ['{"method":"SUBSCRIBE","id":1}', 2],
    ['{"method":"SUBSCRIBE","params":[7],"id":1}', 2],
    ['{"method":"SET_PROPERTY","params":["shiny",true],"id":1}', 0],
    ['{"method":"SET_PROPERTY","params":["combined",1],"id":1}', 1],
  ])('refuses %s with code %i', async (text, code) => {
    await start('usdm');
    const client = await join('/public/ws');
    client.say(text);
    const reply = JSON.parse(await client.hear((t) => t.includes('error'))) as { error: { code: number; msg: string } };
    expect(reply.error.code).toBe(code);
    expect(reply.error.msg).not.toBe('');
  });

  it('takes text ids on spot only', async () => {
    await start('spot');
    const client = await join('/ws');
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 'abc' });
    await client.hear((t) => t === '{"result":[],"id":"abc"}');
  });

  it('has no such path as others and no groups on spot', async () => {
    await start('spot');
    await expect(join('/public/ws')).rejects.toThrow('404');
    await expect(join('/')).rejects.toThrow('404');
  });
});

describe('limits of a simulated Binance', () => {
  it.each([
    ['spot', 5],
    ['usdm', 10],
  ] as const)('%s closes at more than %i messages a second', async (product, limit) => {
    standingTime();
    await start(product);
    const client = await join('/ws');
    for (let i = 1; i <= limit + 1; i += 1) client.say({ method: 'LIST_SUBSCRIPTIONS', id: i });
    expect(await client.closed).toEqual({ code: 1_008, reason: 'Too many requests' });
    expect(client.heard).toHaveLength(limit);
  });

  it('takes 1024 streams and closes at one more', async () => {
    await start('usdm');
    const client = await join('/public/ws');
    const names = Array.from({ length: 1_024 }, (_, i) => `s${i}@bookTicker`);
    client.say({ method: 'SUBSCRIBE', params: names, id: 1 });
    await client.hear((t) => t === '{"result":null,"id":1}');
    client.say({ method: 'SUBSCRIBE', params: ['s0@bookTicker'], id: 2 });
    await client.hear((t) => t === '{"result":null,"id":2}');
    client.say({ method: 'SUBSCRIBE', params: ['one@bookTicker'], id: 3 });
    expect((await client.closed).code).toBe(1_008);
  });

  it('closes on a client frame beyond the limit', async () => {
    await start('usdm');
    const client = await join('/public/ws');
    client.say('x'.repeat(MAX_CLIENT_FRAME_BYTES + 1));
    expect((await client.closed).code).toBe(1_009);
  });

  it('pings with a payload, and closes when no pong comes', async () => {
    await start('spot', { pingIntervalMs: 30, pongTimeoutMs: 60 });
    const deaf = await connect(`${open.venue!.server.streamUrl}/ws`, { autoPong: false });
    open.clients.push(deaf);
    expect((await deaf.closed).reason).toBe('Pong timeout');
    expect(deaf.pings[0]).toBe('1795353000005');
  });

  it('keeps a client that answers its pings', async () => {
    await start('spot', { pingIntervalMs: 20, pongTimeoutMs: 5_000, messagesPerSecond: 1_000 });
    const polite = await join('/ws');
    await until(() => polite.pings.length >= 6, 'six pings');
    expect(polite.socket.readyState).toBe(polite.socket.OPEN);
  });

  it('ends a connection at its age, on spot after a serverShutdown', async () => {
    await start('spot', { lifetimeMs: 120, shutdownNoticeMs: 80 });
    const client = await join('/ws/btcusdt@bookTicker');
    expect(JSON.parse(await client.hear((t) => t.includes('serverShutdown')))).toEqual({ e: 'serverShutdown', E: 1_795_353_000_005 });
    expect((await client.closed).code).toBe(1_001);
  });

  it('cuts a reader that does not read', async () => {
    const venue = await start('usdm', {}, 64 * 1024);
    const client = await join('/public/ws/btcusdt@bookTicker');
    client.socket.pause();
    await until(() => {
      for (let i = 0; i < 500; i += 1) venue.publish(update('usdm'));
      return venue.server.peerCount() === 0;
    }, 'the close');
  });

  it('refuses the connection after the last it has room for', async () => {
    await start('usdm');
    for (let i = 0; i < MAX_PEERS; i += 1) await join('/public/ws');
    await expect(join('/public/ws')).rejects.toThrow('503');
  });

  it('refuses connections beyond the budget of five minutes', async () => {
    await start('spot', { connectionsPer5Min: 2 });
    await join('/ws');
    await join('/ws');
    await expect(join('/ws')).rejects.toThrow('429');
  });
});

describe('REST of a simulated Binance', () => {
  it('serves futures exchangeInfo with the filters of the gold contract', async () => {
    await start('usdm');
    const { body, headers } = await get('/fapi/v1/exchangeInfo');
    const gold = (body['symbols'] as Record<string, unknown>[]).find((s) => s['symbol'] === 'XAUUSDT')!;
    expect(gold).toMatchObject({ contractType: 'TRADIFI_PERPETUAL', status: 'TRADING', baseAsset: 'XAU', marketTakeBound: '0.02' });
    expect(gold['filters']).toContainEqual({ filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '10000', stepSize: '0.001' });
    expect(gold['filters']).toContainEqual({ filterType: 'MIN_NOTIONAL', notional: '5' });
    expect(headers.get('x-mbx-used-weight-1m')).toBe('1');
  });

  it('serves spot exchangeInfo by symbol, and refuses what the venue refuses', async () => {
    await start('spot');
    const one = await get('/api/v3/exchangeInfo?symbol=BTCUSDT');
    expect((one.body['symbols'] as unknown[]).length).toBe(1);
    expect(one.headers.get('x-mbx-used-weight-1m')).toBe('20');
    expect((await get('/api/v3/exchangeInfo?symbol=NOPE')).body).toEqual({ code: -1121, msg: 'Invalid symbol.' });
    expect((await get('/api/v3/exchangeInfo?symbol=btcusdt')).body['code']).toBe(-1100);
    expect((await get('/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D')).status).toBe(200);
    expect((await get('/api/v3/exchangeInfo?symbols=BTCUSDT')).body['code']).toBe(-1100);
    expect((await get('/api/v3/exchangeInfo?symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D')).body['code']).toBe(-1128);
    expect((await get('/api/v3/time')).body).toEqual({ serverTime: 1_795_353_000_005 });
  });

  it('serves premiumIndex with the middle of the book', async () => {
    const venue = await start('usdm');
    venue.publish(update('usdm'));
    expect((await get('/fapi/v1/premiumIndex?symbol=BTCUSDT')).body).toMatchObject({
      symbol: 'BTCUSDT',
      markPrice: '63704.10',
      lastFundingRate: '0.00010000',
    });
    expect((await get('/fapi/v1/premiumIndex?symbol=NOPE')).body['code']).toBe(-1121);
  });

  it('answers 429 with -1003 and Retry-After once the weight is spent', async () => {
    standingTime();
    await start('usdm', { weightPerMinute: 2 });
    await get('/fapi/v1/time');
    await get('/fapi/v1/time');
    const refused = await get('/fapi/v1/time');
    expect(refused.status).toBe(429);
    expect(refused.body['code']).toBe(-1_003);
    expect(refused.headers.get('retry-after')).toBe('60');
  });
});

describe('faults of a simulated exchange', () => {
  it('is silent while the socket lives', async () => {
    const venue = await start('usdm');
    const client = await join('/public/ws/btcusdt@bookTicker');
    faults.inject({ kind: 'silence', durationMs: 60_000 });
    venue.publish(update('usdm'));
    faults.inject({ kind: 'clear' });
    const after = update('usdm');
    venue.publish(after);
    await client.hear((t) => t.includes(String(after.updateId)));
    expect(client.heard).toHaveLength(1);
  });

  it('drops its share of data frames and no replies', async () => {
    const venue = await start('usdm');
    const client = await join('/public/ws/btcusdt@bookTicker');
    faults.inject({ kind: 'drop', share: 0.5, durationMs: 60_000 });
    for (let i = 0; i < 400; i += 1) venue.publish(update('usdm'));
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    await client.hear((t) => t.includes('"id":1'));
    expect(client.heard.length).toBeGreaterThan(140);
    expect(client.heard.length).toBeLessThan(260);
  });

  it('delays frames without changing their order', async () => {
    const venue = await start('usdm');
    const client = await join('/public/ws/btcusdt@bookTicker');
    faults.inject({ kind: 'delay', delayMs: 60, durationMs: 60_000 });
    const began = performance.now();
    const ids = Array.from({ length: 50 }, () => {
      const u = update('usdm');
      venue.publish(u);
      return u.updateId;
    });
    faults.inject({ kind: 'clear' });
    const last = update('usdm');
    venue.publish(last);
    await client.hear((t) => t.includes(String(last.updateId)));
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
    expect(client.heard.map((t) => (JSON.parse(t) as { u: number }).u)).toEqual([...ids, last.updateId]);
  });

  it('closes with the code asked for, tears on 1006, and sends garbage', async () => {
    await start('usdm');
    const first = await join('/public/ws');
    faults.inject({ kind: 'garbage', count: GARBAGE.length });
    await until(() => first.heard.length === GARBAGE.length, 'garbage');
    expect(first.heard).toEqual([...GARBAGE]);
    faults.inject({ kind: 'close', code: 4_321, reason: 'because' });
    expect(await first.closed).toEqual({ code: 4_321, reason: 'because' });
    const second = await join('/public/ws');
    faults.inject({ kind: 'close' });
    expect((await second.closed).code).toBe(1_006);
  });

  it('skews its clock', async () => {
    await start('usdm');
    faults.inject({ kind: 'clock-skew', skewMs: -5_000 });
    expect((await get('/fapi/v1/time')).body).toEqual({ serverTime: 1_795_352_995_005 });
  });

  it('refuses new connections and REST, and keeps the sockets it has', async () => {
    const venue = await start('usdm');
    const old = await join('/public/ws/btcusdt@bookTicker');
    faults.inject({ kind: 'refuse', durationMs: 60_000 });
    await expect(join('/public/ws')).rejects.toThrow();
    await expect(get('/fapi/v1/time')).rejects.toThrow();
    venue.publish(update('usdm'));
    await old.hear((t) => t.includes('bookTicker'));
  });

  it('does not announce what USD-M does not announce', async () => {
    await start('usdm');
    expect(() => faults.inject({ kind: 'announce-close' })).toThrow(expect.objectContaining({ field: 'kind' }));
    expect(() => faults.inject({ kind: 'restart' })).toThrow(expect.objectContaining({ field: 'kind' }));
  });
});
