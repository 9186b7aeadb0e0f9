import { afterEach, describe, expect, it } from 'vitest';
import { connect, standingTime, until, type TestClient } from '../client.testkit.ts';
import { createFaultSwitch, type FaultSwitch } from '../faults.ts';
import { DEMO_INSTRUMENTS, demoInstrument, listedAt } from '../market/instruments.ts';
import type { BookUpdate } from '../market/model.ts';
import type { OkxTimings } from './okxStreams.ts';
import { startOkxVenue, type OkxVenue } from './okxVenue.ts';

const NOW_MS = 1_795_353_000_000;
const BBO = { channel: 'bbo-tbt', instId: 'XAU-USDT-SWAP' };
let venue: OkxVenue | null = null;
let faults: FaultSwitch;
const clients: TestClient[] = [];

const start = async (timings: Partial<OkxTimings> = {}): Promise<OkxVenue> => {
  faults = createFaultSwitch(1, 'okx');
  venue = await startOkxVenue({
    instruments: listedAt(DEMO_INSTRUMENTS, 'okx'),
    faults,
    clock: () => NOW_MS,
    seed: 3,
    timings: { connectionsPerSecond: 1_000, ...timings },
  });
  return venue;
};
const join = async (path = '/ws/v5/public'): Promise<TestClient> => {
  const client = await connect(venue!.server.streamUrl + path);
  clients.push(client);
  return client;
};
const update = (updateId: number, bidTicks = 400_001): BookUpdate => ({
  instrument: demoInstrument('okx', 'XAU-USDT-SWAP'),
  atMs: 0,
  bidTicks,
  askTicks: bidTicks + 9,
  bidQtySteps: 31_210,
  askQtySteps: 40_660,
  updateId,
});
const get = async (path: string) => {
  const response = await fetch(venue!.server.restUrl + path);
  return { status: response.status, body: (await response.json()) as { code: string; msg: string; data: Record<string, unknown>[] } };
};
const connIdOf = (text: string) => (JSON.parse(text) as { connId: string }).connId;

afterEach(async () => {
  for (const c of clients.splice(0)) c.socket.terminate();
  await venue?.stop();
  venue = null;
});

describe('sockets of a simulated OKX', () => {
  it('acknowledges with id and connId, then sends the book at once and on change', async () => {
    const okx = await start();
    okx.publish(update(1_902_443_311));
    const client = await join();
    client.say({ id: 'a1', op: 'subscribe', args: [BBO] });
    const ack = await client.hear((t) => t.includes('"event":"subscribe"'));
    expect(ack).toBe(`{"id":"a1","event":"subscribe","arg":{"channel":"bbo-tbt","instId":"XAU-USDT-SWAP"},"connId":"${connIdOf(ack)}"}`);
    expect(await client.hear((t) => t.includes('1902443311'))).toBe(
      '{"arg":{"channel":"bbo-tbt","instId":"XAU-USDT-SWAP"},"data":[{"asks":[["4000.1","40660","0","8"]],"bids":[["4000.01","31210","0","8"]],"ts":"1795353000000","seqId":1902443311}]}',
    );
    okx.publish(update(1_902_443_399));
    await client.hear((t) => t.includes('1902443399'));
  });

  it('conflates a burst to the newest book', async () => {
    const okx = await start();
    const client = await join();
    client.say({ op: 'subscribe', args: [BBO] });
    await client.hear((t) => t.includes('subscribe'));
    for (let i = 1; i <= 200; i += 1) okx.publish(update(i));
    await client.hear((t) => t.includes('"seqId":200}'));
    expect(client.heard.length).toBeLessThan(20);
  });

  it.each([
    ['{', '60012'],
    ['{"op":"order","args":[]}', '60012'],
    ['{"op":"subscribe"}', '60013'],
    ['{"op":"subscribe","args":[{"instId":"XAU-USDT-SWAP"}]}', '60013'],
    ['{"id":"not-alnum","op":"subscribe","args":[{"channel":"tickers","instId":"XAU-USDT-SWAP"}]}', '60013'],
    ['{"op":"subscribe","args":[{"channel":"bbo-tbt","instId":"NOPE-USDT"}]}', '60018'],
    ['{"op":"subscribe","args":[{"channel":"shiny","instId":"XAU-USDT-SWAP"}]}', '60018'],
    ['{"op":"subscribe","args":[{"channel":"funding-rate","instId":"BTC-USDT"}]}', '60018'],
    ['{"op":"subscribe","args":[{"channel":"orders","instType":"ANY"}]}', '60018'],
    ['{"op":"subscribe","args":[{"channel":"books-l2-tbt","instId":"XAU-USDT-SWAP"}]}', '64003'],
  ])('refuses %s with %s', async (text, code) => {
    await start();
    const client = await join();
    client.say(text);
    const reply = JSON.parse(await client.hear((t) => t.includes('error'))) as { event: string; code: string; connId: string };
    expect(reply).toMatchObject({ event: 'error', code });
    expect(reply.connId).toMatch(/^[0-9a-f]{8}$/);
  });

  it('serves public channels on the public path only, and none without log-in on the private one', async () => {
    await start();
    const business = await join('/ws/v5/business');
    business.say({ id: '1', op: 'subscribe', args: [BBO] });
    expect(await business.hear((t) => t.includes('60018'))).toContain('"id":"1"');
    const secret = await join('/ws/v5/private');
    secret.say({ op: 'subscribe', args: [{ channel: 'orders', instType: 'ANY' }] });
    await secret.hear((t) => t.includes('60011'));
    await expect(join('/ws')).rejects.toThrow('404');
  });

  it('answers text ping with text pong, and closes whoever stays idle with 4004', async () => {
    const pass = standingTime();
    await start({ idleCloseMs: 120 });
    const [idle, pinging] = [await join(), await join()];
    const ping = async (client: TestClient) => {
      const pongs = client.heard.length;
      client.say('ping');
      await until(() => client.heard.length > pongs, 'pong');
      expect(client.heard.at(-1)).toBe('pong');
    };
    await ping(idle);
    await ping(pinging);
    pass(120);
    await ping(pinging);
    expect(idle.socket.readyState).toBe(idle.socket.OPEN);
    pass(1);
    expect((await idle.closed).code).toBe(4_004);
    for (let i = 0; i < 5; i += 1) {
      await ping(pinging);
      pass(120);
    }
    expect(pinging.socket.readyState).toBe(pinging.socket.OPEN);
  });

  it('repeats an unchanged book', async () => {
    const okx = await start({ repeatUnchangedMs: 50 });
    okx.publish(update(77));
    const client = await join();
    client.say({ op: 'subscribe', args: [BBO] });
    await until(() => client.heard.filter((t) => t.includes('"seqId":77')).length >= 3, 'repeats');
  });

  it('announces a close with 64008 and carries it out', async () => {
    await start({ noticeMs: 60 });
    const client = await join();
    faults.inject({ kind: 'announce-close' });
    expect(JSON.parse(await client.hear((t) => t.includes('notice')))).toMatchObject({ event: 'notice', code: '64008' });
    expect((await client.closed).code).toBe(1_001);
  });

  it('limits operations an hour and connections a second', async () => {
    standingTime();
    await start({ operationsPerHour: 2, connectionsPerSecond: 1 });
    const joins = await Promise.allSettled([join(), join()]);
    expect(joins.map((j) => j.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [client] = clients as [TestClient];
    for (let i = 0; i < 3; i += 1) client.say({ id: `n${i}`, op: 'subscribe', args: [BBO] });
    expect(await client.hear((t) => t.includes('60014'))).toContain('"id":"n2"');
  });
});

describe('REST of a simulated OKX', () => {
  it('lists the gold swap with its contract value and integer code', async () => {
    await start();
    const { body } = await get('/api/v5/public/instruments?instType=SWAP&instId=XAU-USDT-SWAP');
    expect(body.code).toBe('0');
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({
      ctVal: '0.001',
      ctMult: '1',
      ctValCcy: 'XAU',
      tickSz: '0.01',
      lotSz: '1',
      minSz: '1',
      state: 'live',
      instCategory: '4',
    });
    expect(Number.isInteger(body.data[0]!['instIdCode'])).toBe(true);
  });

  it('leaves ctVal empty for spot', async () => {
    await start();
    expect((await get('/api/v5/public/instruments?instType=SPOT')).body.data[0]).toMatchObject({
      instId: 'BTC-USDT',
      ctVal: '',
      baseCcy: 'BTC',
      quoteCcy: 'USDT',
    });
  });

  it.each([
    ['/api/v5/public/instruments', 400, '50014'],
    ['/api/v5/public/instruments?instType=SHINY', 400, '51000'],
    ['/api/v5/public/instruments?instType=SWAP&instId=NOPE', 200, '51001'],
    ['/api/v5/public/funding-rate', 400, '50014'],
    ['/api/v5/public/funding-rate?instId=BTC-USDT', 200, '51001'],
    ['/api/v5/nowhere', 404, '404'],
  ])('answers %s with %i and %s', async (path, status, code) => {
    await start();
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, data: [] });
  });

  it('serves time, funding and the price band', async () => {
    const okx = await start();
    okx.publish(update(1));
    expect((await get('/api/v5/public/time')).body.data).toEqual([{ ts: String(NOW_MS) }]);
    const [funding] = (await get('/api/v5/public/funding-rate?instId=XAU-USDT-SWAP')).body.data;
    expect(Number(funding!['nextFundingTime']) - Number(funding!['fundingTime'])).toBe(8 * 3_600_000);
    expect((await get('/api/v5/public/price-limit?instId=XAU-USDT-SWAP')).body.data[0]).toMatchObject({ enabled: true, buyLmt: '4080.06' });
  });

  it('answers 50011 once the budget of two seconds is spent', async () => {
    standingTime();
    await start({ requestsPer2s: 2 });
    const answers = await Promise.all(Array.from({ length: 3 }, () => get('/api/v5/public/time')));
    expect(answers.map((a) => a.body.code).toSorted()).toEqual(['0', '0', '50011']);
  });
});
