/**
 * The replay against recorded books with known answers (see the figures' source beside the recordings), and against
 * tapes made here for everything a recording does not contain.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayCommand } from './replayCommand.ts';
import type { ReplayOutcome } from './replayTapes.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const RECORDINGS = join(process.env['QUANT_ARB_SHARED_DATA'] ?? join(ROOT, '../shared/data'), 'binance-raw');
const SPOT = join(RECORDINGS, 'spot_btcusdt_20240808.gz');
const FUTURES = join(RECORDINGS, 'usdm_btcusdt_20240808.gz');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quant-arb-replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  let [out, err] = ['', ''];
  const code = await replayCommand(
    args,
    (text) => (out += text),
    (text) => (err += text),
  );
  return { code, out, err };
};
const outcomeOf = async (...args: string[]): Promise<ReplayOutcome> => {
  const { code, out, err } = await run(...args, '--json');
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out) as ReplayOutcome;
};

describe('recorded BTCUSDT, spot against futures', () => {
  const needsRecording = (context: { skip: (why: string) => void }): void => {
    if (!existsSync(SPOT)) context.skip(`the recording is not here: ${SPOT}`);
  };

  test('reproduces counts, gaps, freshness and spreads; ordinary fees leave no entry', async (context) => {
    needsRecording(context);
    const { measures: m, episodes, abnormalAlarms, engine, tapes } = await outcomeOf('--tape', SPOT, '--tape', FUTURES);
    expect(m.quotes).toEqual([28_040, 66_089]);
    expect(m.mergedStates).toBe(93_823);
    expect(m.overlapS).toBeCloseTo(344.4, 1);
    expect(new Date(m.overlapFromUnixMs).toISOString()).toBe('2024-08-08T23:54:15.088Z');
    expect(new Date(m.overlapToUnixMs).toISOString()).toBe('2024-08-08T23:59:59.439Z');
    expect(Math.abs(m.largestGapMs[0] - 636)).toBeLessThan(1);
    expect(Math.abs(m.largestGapMs[1] - 753)).toBeLessThan(1);
    expect(m.bothFresh.map((f) => Math.round(f.share * 1_000) / 10)).toEqual([81.7, 97.7, 99.8]);
    for (const [figure, known] of [
      [m.midBps.min, -11.89],
      [m.midBps.p10, -4.42],
      [m.midBps.p50, -3.64],
      [m.midBps.p90, -2.94],
      [m.midBps.max, 1.76],
      [m.sellABuyBBps.p10, 2.93],
      [m.sellABuyBBps.p50, 3.63],
      [m.sellABuyBBps.p90, 4.41],
      [m.sellABuyBBps.max, 11.04],
      [m.sellBBuyABps.max, 0.8],
    ] as const)
      expect(Math.abs(figure - known)).toBeLessThanOrEqual(0.01);
    expect(Math.round(m.sellBBuyABps.positiveShare * 10_000)).toBe(2);
    expect(episodes).toEqual([]);
    expect(abnormalAlarms).toBe(0);
    expect(tapes.map((t) => t.malformed)).toEqual([0, 0]);
    expect(tapes.map((t) => t.outOfOrder)).toEqual([0, 0]);

    const [forward, backward] = engine.directions;
    for (const [rolling, exact] of [
      [forward.view, m.sellABuyBBps],
      [backward.view, m.sellBBuyABps],
    ] as const)
      for (const p of ['p50', 'p75', 'p90', 'p99'] as const) expect(Math.abs(rolling[p]! - exact[p])).toBeLessThanOrEqual(0.01);
    expect(engine.coverage).toBeGreaterThan(0.99);
  });

  test('without costs a 2 bps deviation rule finds episodes, each far from the rolling centre and ended', async (context) => {
    needsRecording(context);
    const outcome = await outcomeOf('--tape', SPOT, '--tape', FUTURES, '--taker-fee-bps', '0,0', '--abnormal-p99-multiple', '100');
    expect(outcome.episodes.length).toBeGreaterThan(0);
    for (const { intent, endedUnixMs, bestEdgeBps } of outcome.episodes) {
      expect(intent.deviationBps).toBeGreaterThanOrEqual(2);
      expect(intent.spreadBps).toBeCloseTo(intent.centreBps + intent.deviationBps, 6);
      expect(intent.quotes.map((q) => q.instrumentId)).toEqual(['BTCUSDT@tape-a', 'BTCUSDT@tape-b']);
      expect(Number(intent.exactSpreadBps)).toBeCloseTo(intent.spreadBps, 6);
      expect(endedUnixMs).not.toBeNull();
      expect(bestEdgeBps).toBeGreaterThanOrEqual(intent.edgeBps);
    }
    const again = await outcomeOf('--tape', SPOT, '--tape', FUTURES, '--taker-fee-bps', '0,0', '--abnormal-p99-multiple', '100');
    expect(again.episodes).toEqual(outcome.episodes);
    const { out } = await run('--tape', SPOT, '--tape', FUTURES, '--taker-fee-bps', '0,0', '--abnormal-p99-multiple', '100');
    expect(out).toContain(`intents: ${outcome.episodes.length}`);
    expect(out.match(/sell [AB], buy [AB]/g)?.length).toBe(Math.min(60, outcome.episodes.length));
  });
});

describe('made tapes', () => {
  const START_NS = 1_800_000_000_000_000_000n;
  const spotFrame = (u: string, bid: string, ask: string): string =>
    `{"u":${u},"s":"XUSDT","b":"${bid}","B":"2.00","a":"${ask}","A":"3.00"}`;
  const futuresFrame = (u: number, bid: string, ask: string): string =>
    `{"e":"bookTicker","u":${u},"s":"XUSDT","b":"${bid}","B":"2.00","a":"${ask}","A":"3.00","T":1800000000000,"E":1800000000001}`;
  const tape = async (name: string, lines: readonly (readonly [ms: number, frame: string])[], compress = false): Promise<string> => {
    const text = lines.map(([ms, frame]) => `${START_NS + BigInt(ms) * 1_000_000n} ${frame}\n`).join('');
    const path = join(folder, name);
    await writeFile(path, compress ? gzipSync(text) : text);
    return path;
  };

  test('weights by time, merges by receive time, and ends the overlap with the tape that ends first', async () => {
    const a = await tape(
      'a.gz',
      [
        [0, spotFrame('1', '100.00', '100.02')],
        [300, spotFrame('2', '101.00', '101.02')],
        [400, spotFrame('3', '100.00', '100.02')],
      ],
      true,
    );
    const b = await tape('b.txt', [
      [100, futuresFrame(1, '100.00', '100.02')],
      [9_000, futuresFrame(2, '500.00', '500.02')],
    ]);
    const { measures: m, tapes } = await outcomeOf('--tape', a, '--tape', b);
    expect(tapes.map((t) => t.protocol)).toEqual(['binance-spot', 'binance-usdm']);
    expect(m.overlapS).toBeCloseTo(0.3, 9);
    expect(m.mergedStates).toBe(3);
    expect(m.quotes).toEqual([3, 2]);
    expect(m.largestGapMs).toEqual([300, 8_900]);
    expect(m.midBps.p50).toBe(0);
    expect(m.midBps.min).toBeCloseTo(-99.49, 2);
    expect(m.sellABuyBBps.positiveShare).toBeCloseTo(1 / 3, 9);
  });

  test('counts malformed and repeated frames and goes on', async () => {
    const a = await tape('mixed', [
      [0, spotFrame('9007199254740993', '100.00', '100.02')],
      [10, spotFrame('9007199254740993', '100.01', '100.02')],
      [20, spotFrame('9007199254740995', '100.00', '100.0')],
      [30, '{"u":'],
      [35, '{"u":9007199254740997,"s":"XUSDT","b":"1","B":"2","a":{}}'],
      [40, spotFrame('9007199254740999', '100.00', '100.02')],
    ]);
    const b = await tape('plain', [
      [0, futuresFrame(1, '100.00', '100.02')],
      [50, futuresFrame(2, '100.00', '100.02')],
    ]);
    const { tapes } = await outcomeOf('--tape', a, '--tape', b);
    expect(tapes[0]).toMatchObject({ frames: 6, malformed: 2, outOfOrder: 1 });
    expect(tapes[0].firstMalformed).toMatch(/JSON/);
  });

  test('believes a venue that began its numbering anew, as the feeds do', async () => {
    const a = await tape('renumbered', [
      [0, spotFrame('100', '100.00', '100.02')],
      [10, spotFrame('1', '100.01', '100.02')],
      [5_010, spotFrame('2', '100.00', '100.02')],
      [5_020, spotFrame('3', '100.00', '100.02')],
    ]);
    const b = await tape('steady', [
      [0, futuresFrame(1, '100.00', '100.02')],
      [6_000, futuresFrame(2, '100.00', '100.02')],
    ]);
    const { measures, tapes } = await outcomeOf('--tape', a, '--tape', b);
    expect(measures.quotes).toEqual([3, 2]);
    expect(tapes[0].outOfOrder).toBe(1);
  });

  test.each([
    ['a missing file', async () => join(folder, 'none.gz'), /none\.gz: no such file/],
    [
      'a cut file',
      async () => {
        const path = join(folder, 'cut.gz');
        const whole = gzipSync(
          Array.from({ length: 2_000 }, (_, i) => `${START_NS + BigInt(i)} ${spotFrame(String(i), `1${i}.5`, `1${i}.75`)}\n`).join(''),
        );
        await writeFile(path, whole.subarray(0, whole.length - 40));
        return path;
      },
      /cut\.gz.*(too early|damaged)/,
    ],
    [
      'a foreign file',
      async () => {
        const path = join(folder, 'readme.md');
        await writeFile(path, 'hello\n');
        return path;
      },
      /readme\.md, line 1: does not begin with a receive time/,
    ],
    ['a tape without quotes', async () => tape('trades', [[0, '{"e":"trade","s":"XUSDT"}']]), /trades: holds no Binance bookTicker frame/],
  ])('%s is named', async (_name, make, message) => {
    const good = await tape('good', [
      [0, futuresFrame(1, '100.00', '100.02')],
      [50, futuresFrame(2, '100.00', '100.02')],
    ]);
    const { code, err, out } = await run('--tape', await make(), '--tape', good);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  test('tapes that do not overlap are refused', async () => {
    const a = await tape('early', [
      [0, spotFrame('1', '100.00', '100.02')],
      [10, spotFrame('2', '100.00', '100.02')],
    ]);
    const b = await tape('late', [[50, futuresFrame(1, '100.00', '100.02')]]);
    expect((await run('--tape', a, '--tape', b)).err).toMatch(/do not overlap/);
  });

  test.each([
    [['--tape', 'x'], /two tapes make a pair, 1 given/],
    [['--tape', 'x', '--tape', 'y', '--min-edge-bps', 'much'], /--min-edge-bps: "much" is not a number from 0 to 1000/],
    [['--tape', 'x', '--tape', 'y', '--taker-fee-bps', '1'], /two figures/],
    [['--tape', 'x', '--tape', 'y', '--window-min', '1', '--warm-up-s', '61'], /longer than/],
    [['--tapes', 'x'], /--tapes/],
  ])('wrong arguments %j end with usage', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).toContain('--taker-fee-bps X,Y');
  });
});
