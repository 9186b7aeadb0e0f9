import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../src-shared/config/schema.ts';
import { connect, until, type TestClient } from './client.testkit.ts';
import { startDemoWorld, type DemoWorld, type DemoWorldOptions } from './demoWorld.ts';
import { MAX_CONTROL_BODY_BYTES } from './control.ts';
import { MAX_CATCH_UP_MS, MAX_MODEL_SPEED, startPump } from './market/pump.ts';
import { inTemporaryFolder, line, sharedFile, spotFrame, usdmFrame, writeTape } from './tape/tapes.testkit.ts';
import { frameOfLine, recordedFrames } from './tape/rawFrames.ts';

let world: DemoWorld | null = null;
const start = async (options: Partial<DemoWorldOptions> = {}): Promise<DemoWorld> => {
  world = await startDemoWorld({ seed: 7, ...options });
  return world;
};
const place = { dataDir: 'x', listener: { port: 0 } };

afterEach(async () => {
  await world?.stop();
  world = null;
});

describe('the demo world', () => {
  it('gives a configuration that validates, with all four pairs and its own URLs', async () => {
    const { configInput, urls } = await start();
    const config = configSchema.parse(configInput(place));
    expect(config.pairs.map((p) => p.id)).toEqual(['xau-okx', 'xau-bin', 'btc-okx', 'btc-bin']);
    expect(config.venues.every((v) => v.simulated)).toBe(true);
    for (const v of config.venues) if (v.protocol !== 'metatrader') expect(v.urls).toEqual(urls[v.protocol]);
  });

  it('quotes every instrument of the configuration over the wire', async () => {
    const { urls } = await start({ speed: 5 });
    const usdm = await connect(`${urls['binance-usdm'].stream}/public/stream?streams=btcusdt@bookTicker/xauusdt@bookTicker`);
    const spot = await connect(`${urls['binance-spot'].stream}/ws/btcusdt@bookTicker`);
    const okx = await connect(`${urls.okx.stream}/public`);
    okx.say({ op: 'subscribe', args: ['XAU-USDT-SWAP', 'BTC-USDT-SWAP', 'BTC-USDT'].map((instId) => ({ channel: 'bbo-tbt', instId })) });
    await Promise.all([
      usdm.hear((t) => t.includes('XAUUSDT')),
      usdm.hear((t) => t.includes('BTCUSDT')),
      spot.hear((t) => t.includes('BTCUSDT')),
      ...['XAU-USDT-SWAP', 'BTC-USDT-SWAP', 'BTC-USDT'].map((id) => okx.hear((t) => t.includes(`"${id}"},"data"`))),
    ]);
    await Promise.all([usdm.end(), spot.end(), okx.end()]);
  });

  it('keeps its broker where it is told to, and finds it there again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-world-'));
    try {
      await start({ dataDir: folder });
      const file = join(folder, 'broker.jsonl');
      const opened = readFileSync(file, 'utf8');
      expect(opened).toContain('"comment":"Deposit"');
      await world?.stop();
      await start({ dataDir: folder });
      expect(readFileSync(file, 'utf8').match(/"comment":"Deposit"/g)).toHaveLength(1);
      expect(world!.configInput(place).mode).toBe('demo');
    } finally {
      await world?.stop();
      world = null;
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what it cannot do', async () => {
    await expect(startDemoWorld({ seed: 1, host: '0.0.0.0' })).rejects.toThrow('loopback only');
    await expect(startDemoWorld({ seed: 0.5 })).rejects.toThrow('seed');
    await expect(startDemoWorld({ seed: 1, rateScale: 0 })).rejects.toThrow('rateScale');
    await expect(startDemoWorld({ seed: 1, tapes: ['/nowhere'] })).rejects.toThrow('/nowhere');
    expect(() =>
      startPump({ advance: () => undefined, anchor: () => undefined, fairOf: () => 1 }, MAX_MODEL_SPEED + 1, () => undefined),
    ).toThrow(RangeError);
    expect(MAX_CATCH_UP_MS).toBe(1_000);
  });

  it('takes faults in-process and over the control endpoint, and names what is wrong', async () => {
    const { faults, controlUrl } = await start({ control: true });
    expect(() => faults.inject('kraken', { kind: 'clear' })).toThrow(expect.objectContaining({ field: 'venue' }));
    const post = async (body: string) => {
      const response = await fetch(controlUrl!, { method: 'POST', body });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    expect(await post('{"venue":"okx","kind":"silence","durationMs":60000}')).toMatchObject({
      status: 200,
      body: { active: { okx: ['silence'] } },
    });
    expect(faults.active().okx).toEqual(['silence']);
    expect(await post('{"venue":"okx","kind":"silence"}')).toMatchObject({ status: 400, body: { error: { field: 'durationMs' } } });
    expect(await post('{"venue":"mars","kind":"clear"}')).toMatchObject({ status: 400, body: { error: { field: 'venue' } } });
    expect(await post('{"kind":"clear"}')).toMatchObject({ status: 400, body: { error: { field: 'venue' } } });
    expect((await post('{')).status).toBe(400);
    expect((await post('x'.repeat(MAX_CONTROL_BODY_BYTES + 1))).status).toBe(413);
    expect((await fetch(controlUrl!, { headers: { origin: 'http://evil.test' } })).status).toBe(403);
    expect((await fetch(controlUrl!)).status).toBe(200);
  });
});

describe('tapes in the world', () => {
  it('play both recordings verbatim, complete and in order, once both are listened to', async () => {
    await inTemporaryFolder(async (folder) => {
      const futures = Array.from({ length: 700 }, (_, i) => line(i, usdmFrame(5_123_107_832_006 + i)));
      const spots = Array.from({ length: 300 }, (_, i) => line(i * 2, spotFrame(50_093_239_212 + i)));
      const trade = '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256300,"s":"BTCUSDT"}}';
      const tapes = [await writeTape(folder, 'a', [line(0, trade), ...spots]), await writeTape(folder, 'b', futures)];
      const { urls, tapesEnded, tapes: status } = await start({ tapes, speed: 2 });
      const usdm = await connect(`${urls['binance-usdm'].stream}/public/stream?streams=btcusdt@bookTicker`);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(usdm.heard).toEqual([]);
      // The tapes begin when the venue has this listener, which is before the listener knows.
      const began = performance.now();
      const spot = await connect(`${urls['binance-spot'].stream}/ws/btcusdt@bookTicker`);
      await tapesEnded;
      expect(performance.now() - began).toBeGreaterThanOrEqual(699 / 2 - 25);
      await until(() => usdm.heard.length === 700 && spot.heard.length === 300, 'all frames');
      expect(usdm.heard).toEqual(futures.map((l) => frameOfLine(l)!.frame.combined));
      expect(spot.heard).toEqual(spots.map((l) => frameOfLine(l)!.frame.raw));
      expect(status().map((s) => [s.state, s.played, s.skippedLines])).toEqual([
        ['ended', 301, 0],
        ['ended', 700, 0],
      ]);
      const time = (await (await fetch(`${urls['binance-usdm'].rest}/fapi/v1/time`)).json()) as { serverTime: number };
      expect(new Date(time.serverTime).toISOString().slice(0, 10)).toBe('2024-08-08');
      await Promise.all([usdm.end(), spot.end()]);
    });
  });

  it('start over when looped, after closing the sockets', async () => {
    await inTemporaryFolder(async (folder) => {
      const tape = await writeTape(
        folder,
        'a',
        Array.from({ length: 20 }, (_, i) => line(i, usdmFrame(100 + i))),
      );
      const { urls, tapes } = await start({ tapes: [tape], loop: true });
      const url = `${urls['binance-usdm'].stream}/public/ws/btcusdt@bookTicker`;
      const first = await connect(url);
      expect((await first.closed).code).toBe(1_012);
      expect(first.heard).toHaveLength(20);
      const again = async (): Promise<TestClient> => connect(url).catch(again);
      const second = await again();
      await until(() => second.heard.length === 20, 'the second pass');
      expect(second.heard).toEqual(first.heard);
      expect(tapes()[0]!.played).toBe(40);
    });
  });

  it('give a single tape a companion that follows its price', async () => {
    await inTemporaryFolder(async (folder) => {
      const tape = await writeTape(folder, 'a', [
        line(0, usdmFrame(1, 50_000)),
        ...Array.from({ length: 300 }, (_, i) => line(i, usdmFrame(2 + i, 52_000))),
      ]);
      const { urls, configInput } = await start({ tapes: [tape] });
      expect(configSchema.parse(configInput(place)).pairs.map((p) => [p.a, p.b])).toEqual([['BTCUSDT@binance-usdm', 'BTC-USDT-SWAP@okx']]);
      const okx = await connect(`${urls.okx.stream}/public`);
      okx.say({ op: 'subscribe', args: [{ channel: 'bbo-tbt', instId: 'BTC-USDT-SWAP' }] });
      await okx.hear((t) => /"bids":\[\["(49|50)\d{3}/.test(t));
      const usdm = await connect(`${urls['binance-usdm'].stream}/public/ws/btcusdt@bookTicker`);
      await okx.hear((t) => /"bids":\[\["5[12]\d{3}/.test(t));
      await Promise.all([usdm.end(), okx.end()]);
    });
  });

  it('deliver every recorded frame of the first seconds of a real tape', async (context) => {
    const path = sharedFile('binance-raw/usdm_btcusdt_20240808.gz');
    if (path === null) context.skip('shared data absent: binance-raw');
    const { urls, tapes } = await start({ tapes: [path!], speed: 60 });
    const client = await connect(`${urls['binance-usdm'].stream}/public/stream?streams=btcusdt@bookTicker`);
    await until(() => client.heard.length > 5_000, '5,000 frames');
    expect(tapes()[0]!.skippedLines).toBeLessThanOrEqual(1);
    const recorded = createHash('sha256');
    let left = 5_000;
    for await (const batch of recordedFrames(path!)) {
      for (const { frame } of batch) if (frame.stream === 'btcusdt@bookTicker' && left-- > 0) recorded.update(frame.combined);
      if (left <= 0) break;
    }
    const heard = createHash('sha256');
    for (const text of client.heard.slice(0, 5_000)) heard.update(text);
    expect(heard.digest('hex')).toBe(recorded.digest('hex'));
    client.socket.terminate();
  });
});

describe('the world as a process', () => {
  it('prints where it is, serves, and ends with its standard input', async () => {
    const child = spawn(process.execPath, [resolve(import.meta.dirname, 'main.ts'), '--seed', '3'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((r) => child.once('exit', (code) => r(code)));
    try {
      const text = await new Promise<string>((r) => createInterface({ input: child.stdout }).once('line', r));
      const ready = JSON.parse(text) as { urls: DemoWorld['urls']; controlUrl: string; pid: number };
      expect(ready.pid).toBe(child.pid);
      expect((await fetch(`${ready.urls.okx.rest}/api/v5/public/time`)).status).toBe(200);
      expect((await fetch(ready.controlUrl)).status).toBe(200);
    } finally {
      child.stdin.end();
    }
    expect(await ended).toBe(0);
  });

  it('says what is wrong with its arguments', async () => {
    const child = spawn(process.execPath, [resolve(import.meta.dirname, 'main.ts'), '--seed', 'x'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
    expect(await new Promise((r) => child.once('exit', (code) => r(code)))).toBe(1);
    expect(errors).toContain('--seed must be a number, got "x"');
  });
});
