import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, type TestContext } from 'vitest';
import { linesOf, MAX_LINE_CHARACTERS } from './lines.ts';
import { createTimeline, MAX_SPEED, playOnce } from './playback.ts';
import { frameOfLine, recordedFrames } from './rawFrames.ts';
import { recogniseTape, TapeRefused } from './recognise.ts';
import { planTapeWorld } from './tapeWorld.ts';
import { dayQuotes } from './terminalTicks.ts';
import { inTemporaryFolder, line, sharedFile, spotFrame, START_MS, usdmFrame, writeTape, zipOf } from './tapes.testkit.ts';

/** The path of a shared recording; skips the test, with its reason, where there is none. */
const shared = (context: TestContext, name: string): string => {
  const path = sharedFile(name);
  if (path === null) context.skip(`shared data absent: ${name}`);
  return path;
};
const NEVER = new AbortController().signal;
const collect = async <T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> => {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
};

describe('recorded lines', () => {
  it('keep a frame’s text as it is, in both forms', () => {
    const text = usdmFrame(5_123_107_832_006);
    const recorded = frameOfLine(`1723161255030314667 ${text}`)!;
    expect(recorded.atMs).toBeCloseTo(1_723_161_255_030.314, 2);
    expect(recorded.frame.stream).toBe('btcusdt@bookTicker');
    expect(recorded.frame.combined).toBe(text);
    expect(`{"stream":"btcusdt@bookTicker","data":${recorded.frame.raw}}`).toBe(text);
  });

  it('are left out and counted when they hold no frame', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = await writeTape(folder, 'a', [line(0, usdmFrame(1)), line(1, '{"lastUpdateId":7}'), 'nonsense', line(2, usdmFrame(2))]);
      let skipped = 0;
      const frames = await collect(recordedFrames(path, () => (skipped += 1)));
      expect(frames.map((f) => f.atMs)).toEqual([START_MS, START_MS + 2]);
      expect(skipped).toBe(2);
    });
  });

  it('are split wherever the chunks break, also within a character', async () => {
    const bytes = Buffer.from('aé\nbb\n\ncc');
    const single = Readable.from([...bytes].map((b) => Buffer.from([b])));
    expect(await collect(linesOf(single))).toEqual(['aé', 'bb', '', 'cc']);
  });

  it('must not be endless', async () => {
    const endless = Readable.from([Buffer.alloc(MAX_LINE_CHARACTERS, 97), Buffer.from('a')]);
    await expect(collect(linesOf(endless))).rejects.toThrow('characters');
  });
});

describe('recognising a tape by its content', () => {
  it('tells futures from spot and finds the venue’s clock', async () => {
    await inTemporaryFolder(async (folder) => {
      const futures = await recogniseTape(await writeTape(folder, 'x', [line(0, usdmFrame(1))]));
      expect(futures).toMatchObject({ kind: 'binance-frames', product: 'usdm', symbol: 'BTCUSDT', firstMs: START_MS, venueLeadMs: 1_269 });
      const trade = '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256000,"s":"BTCUSDT"}}';
      const spot = await recogniseTape(await writeTape(folder, 'y', [line(0, trade), line(3, spotFrame(1))]));
      expect(spot).toMatchObject({ kind: 'binance-frames', product: 'spot', venueLeadMs: 1_000 });
      expect(spot.firstMid).toBeCloseTo(61_837.635, 6);
    });
  });

  it.each([
    ['plain text', Buffer.from('hello'), 'neither gzip'],
    ['nothing', Buffer.alloc(0), 'neither gzip'],
    ['gzip without frames', gzipSync('a\nb\n'), 'no line is'],
    ['cut gzip', gzipSync(Array.from({ length: 900 }, (_, i) => `${Math.sin(i)}`).join('\n')).subarray(0, 4_000), 'unexpected end'],
    ['JSON of something else', Buffer.from('{"ticks":[]}'), 'metadata'],
    ['a ZIP of something else', zipOf('readme.txt', 'x'), 'readme.txt'],
    ['a broken ZIP', Buffer.from('PK\u0003\u0004 and no more'), 'end of central directory'],
  ])('refuses %s, naming the file', async (_what, bytes, why) => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'odd.file');
      await writeFile(path, bytes);
      await expect(recogniseTape(path)).rejects.toThrow(TapeRefused);
      await expect(recogniseTape(path)).rejects.toThrow(why);
      await expect(recogniseTape(path)).rejects.toThrow('odd.file');
    });
  });

  it('refuses a file that is not there', async () => {
    await expect(recogniseTape('/nowhere/at/all')).rejects.toThrow(TapeRefused);
  });

  it('reads a zipped day of quotes', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'any.name');
      await writeFile(path, zipOf('20140508_xauusd_tick_quote.csv', '42.4312,1290.33,1290.66\r\n46.642,1290.31,1290.66\nrubbish\n'));
      const tape = await recogniseTape(path);
      if (tape.kind !== 'day-quotes') throw new Error(tape.kind);
      expect(tape).toMatchObject({ symbol: 'XAUUSD', dayUnixMs: Date.UTC(2014, 4, 8) });
      let skipped = 0;
      const ticks = await collect(dayQuotes(tape.entry, tape.dayUnixMs, () => (skipped += 1)));
      expect(ticks.map((t) => [t.bid, t.ask])).toEqual([
        ['1290.33', '1290.66'],
        ['1290.31', '1290.66'],
      ]);
      expect(skipped).toBe(1);
    });
  });
});

describe('playback', () => {
  const play = async (items: readonly number[], speed: number, backlogBytes: () => number = () => 0) => {
    const played: { item: number; ms: number }[] = [];
    const timeline = createTimeline(items[0]!, speed);
    const began = performance.now();
    timeline.begin();
    async function* batches() {
      await Promise.resolve();
      yield items;
    }
    const count = await playOnce(
      { batches, atMsOf: (x) => x, play: (x) => played.push({ item: x, ms: performance.now() - began }), backlogBytes },
      timeline,
      NEVER,
    );
    return { played, count, ms: performance.now() - began };
  };

  it('plays every item once, in order, never early, at the asked speed', async () => {
    const items = Array.from({ length: 200 }, (_, i) => i * 10);
    for (const speed of [10, 20]) {
      const { played, count, ms } = await play(items, speed);
      expect(count).toBe(200);
      expect(played.map((p) => p.item)).toEqual(items);
      for (const p of played) expect(p.ms).toBeGreaterThanOrEqual(p.item / speed - 3);
      expect(ms).toBeGreaterThanOrEqual(1_990 / speed - 3);
    }
  });

  it('waits for a listener that is behind', async () => {
    let checks = 0;
    const behind = () => (++checks < 10 ? 10_000_000 : 0);
    const { count } = await play(
      Array.from({ length: 600 }, () => 0),
      1,
      behind,
    );
    expect(count).toBe(600);
    expect(checks).toBeGreaterThanOrEqual(10);
  });

  it('refuses speeds that are none', () => {
    for (const speed of [0, -1, Number.NaN, MAX_SPEED + 1]) expect(() => createTimeline(0, speed)).toThrow(RangeError);
    expect(createTimeline(0, MAX_SPEED).speed).toBe(MAX_SPEED);
  });

  it('keeps tape time standing until it begins', () => {
    let now = 50;
    const timeline = createTimeline(1_000, 4, () => now);
    now = 80;
    expect(timeline.nowMs()).toBe(1_000);
    timeline.begin();
    now = 90;
    expect(timeline.nowMs()).toBe(1_040);
    expect(timeline.untilMs(1_080)).toBe(10);
  });
});

describe('the real recordings', () => {
  it.for([
    ['binance-raw/spot_btcusdt_20240808.gz', 'spot', 28_040],
    ['binance-raw/usdm_btcusdt_20240808.gz', 'usdm', 66_089],
  ] as const)('%s is recognised and holds its quotes', async ([name, product, quotes], context) => {
    const path = shared(context, name);
    const tape = await recogniseTape(path);
    expect(tape).toMatchObject({ kind: 'binance-frames', product, symbol: 'BTCUSDT' });
    if (tape.kind === 'binance-frames') expect(Math.abs(tape.venueLeadMs - 1_269)).toBeLessThan(5);
    let seen = 0;
    for await (const frames of recordedFrames(path)) seen += frames.filter((f) => f.frame.stream === 'btcusdt@bookTicker').length;
    expect(seen).toBe(quotes);
  });

  it('hold broker ticks whose clock is an hour and 650 ms ahead', async (context) => {
    const path = shared(context, 'mt5-ticks/BTCUSD_20260307_090342_ticks.json');
    const tape = await recogniseTape(path);
    if (tape.kind !== 'mt5-capture') throw new Error(tape.kind);
    expect(tape.capture.ticks).toHaveLength(694);
    for (const t of tape.capture.ticks) expect(Math.abs(t.serverLeadMs! - 3_600_656)).toBeLessThan(30);
  });

  it('hold a day of gold', async (context) => {
    const path = shared(context, 'gold-ticks/20140508_quote.zip');
    const tape = await recogniseTape(path);
    if (tape.kind !== 'day-quotes') throw new Error(tape.kind);
    const ticks = await collect(dayQuotes(tape.entry, tape.dayUnixMs));
    expect(ticks).toHaveLength(199_123);
    expect(ticks.at(-1)).toMatchObject({ bid: '1290.875', ask: '1291.209' });
  });

  it('that are no MT5 capture are refused with the reason', async (context) => {
    await expect(recogniseTape(shared(context, 'mt5-ticks/BTCUSD_20260128_194422_ticks.json'))).rejects.toThrow(
      'metadata.data_collector is "kraken"',
    );
  });

  it('become a spot-against-futures pair, or a pair with a companion', async (context) => {
    const [spot, futures, gold, yen] = await Promise.all(
      [
        'binance-raw/spot_btcusdt_20240808.gz',
        'binance-raw/usdm_btcusdt_20240808.gz',
        'gold-ticks/20140508_quote.zip',
        'mt5-ticks/USDJPY_20251010_174914_ticks.json',
      ].map((name) => recogniseTape(shared(context, name))),
    );
    const url = { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:1' };
    const urls = { 'binance-spot': url, 'binance-usdm': url, okx: url };
    const both = planTapeWorld([futures!, spot!]).config(urls);
    expect(both.pairs.map((p) => [p.a, p.b])).toEqual([['BTCUSDT@binance-spot', 'BTCUSDT@binance-usdm']]);
    expect(both.instruments.map((i) => i.costs.takerFeeBps)).toEqual([5, 10]);
    const alone = planTapeWorld([gold!]);
    expect(alone.config(urls).pairs.map((p) => [p.a, p.b])).toEqual([['XAUUSD@mt5', 'XAU-USDT-SWAP@okx']]);
    expect(alone.symbols[0]).toMatchObject({ name: 'XAUUSD', digits: 3, point: '0.001', contractSize: '100' });
    expect(() => planTapeWorld([yen!])).toThrow('USDJPY has no exchange instrument');
    expect(() => planTapeWorld([spot!, spot!])).toThrow('a second tape of BTCUSDT@binance-spot');
  });
});
