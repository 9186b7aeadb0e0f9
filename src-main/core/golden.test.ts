/** The engine on recorded markets: every figure of the recording's README, by nothing but `step`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { NO_COSTS, type InstrumentCosts, type PairSettings } from '../../src-shared/domain/settings.ts';
import { instrument, metadataOf, pairOf, settingsOf, venue } from './core.testkit.ts';
import { digestOf } from './digest.ts';
import { createEngine, step, type EngineState } from './engine.ts';
import type { ControlInput, EngineEvent } from './events.ts';
import { SIGNAL_GATES } from './gates.ts';
import type { Fact } from './facts.ts';
import type { Distribution } from './rollingStats.ts';
import { NOTHING_RECOVERED } from './book.ts';

const shared = process.env['QUANT_ARB_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const folder = join(shared, 'binance-raw');
const present = existsSync(folder);

interface Tick {
  readonly leg: 0 | 1;
  readonly monoUs: number;
  readonly unixMs: number;
  readonly figures: readonly [bidPx: number, bidQty: number, askPx: number, askQty: number];
  readonly venueMs: number | null;
  readonly updateId: number;
}

/** `<receive ns> <frame>` lines; only `bookTicker` frames are quotes. */
const read = (name: string, leg: 0 | 1): Tick[] => {
  const ticks: Tick[] = [];
  for (const line of gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .split('\n')) {
    if (!line.includes('@bookTicker"')) continue;
    const cut = line.indexOf(' ');
    const ns = BigInt(line.slice(0, cut));
    const { data } = JSON.parse(line.slice(cut + 1)) as { data: Record<string, string | number> };
    ticks.push({
      leg,
      monoUs: Number(ns / 1_000n) - 1_723_161_000_000_000,
      unixMs: Number(ns) / 1e6,
      figures: [Number(data['b']), Number(data['B']), Number(data['a']), Number(data['A'])],
      venueMs: typeof data['T'] === 'number' ? data['T'] : null,
      updateId: Number(data['u']),
    });
  }
  return ticks;
};

const SPOT = instrument('BTCUSDT', 'spot', { kind: 'spot' });
const FUTURES = instrument('BTCUSDT', 'futures');

interface Run {
  readonly state: EngineState;
  readonly facts: readonly Fact[];
  /** Spreads of `sell-a-buy-b` and `sell-b-buy-a`, highest of each within the overlap. */
  readonly highest: readonly [number, number];
  /** Quotes at which both legs were known. */
  readonly mergedStates: number;
}

const run = (
  ticks: readonly Tick[],
  untilMonoUs: number,
  costs: readonly [InstrumentCosts, InstrumentCosts],
  pair: Partial<PairSettings>,
): Run => {
  const legs = [
    { ...SPOT, costs: costs[0] },
    { ...FUTURES, costs: costs[1] },
  ] as const;
  const state = createEngine(
    settingsOf({
      venues: ['spot', 'futures'].map((id) => venue(id, { maxQuoteAgeMs: 3_600_000 })),
      instruments: legs,
      pairs: [pairOf(...legs, { maxSkewMs: 3_600_000, ...pair })],
      statistics: { windowMs: 3_600_000, minCoveredMs: 30_000, bucketBps: 0.01 },
    }),
  );
  const facts: Fact[] = [];
  const highest: [number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let seq = 0;
  let mergedStates = 0;
  const [{ monoUs, unixMs }] = ticks as [Tick];
  const take = (event: ControlInput | EngineEvent): void => {
    facts.push(...step(state, { monoUs, unixMs, ...event, seq: seq++ }).facts);
  };
  take({
    type: 'started',
    runId: 'golden',
    pause: null,
    kill: null,
    samples: [],
    sampleIntervalMs: 1_000,
    openIntents: [],
    trading: NOTHING_RECOVERED,
  });
  for (const x of legs) {
    take({ type: 'venue-link', venueId: x.venueId, report: { state: 'live', detail: 'tape' } });
    take({ type: 'instrument', instrument: metadataOf(x), mismatches: [] });
  }
  for (const tick of ticks) {
    if (tick.monoUs > untilMonoUs) break;
    const [bidPx, bidQty, askPx, askQty] = tick.figures;
    const { leg, venueMs, updateId, ...when } = tick;
    take({ type: 'quote', seq, ...when, instrument: leg, bidPx, bidQty, askPx, askQty, venueMs, updateId, receivedMonoUs: tick.monoUs });
    const { valid, fBps, rBps } = state.pairs[0]!;
    if (valid) {
      mergedStates++;
      highest[0] = Math.max(highest[0], fBps);
      highest[1] = Math.max(highest[1], rBps);
    }
  }
  return { state, facts, highest, mergedStates };
};

const quantile = (d: Distribution, q: number): number => {
  let below = 0;
  for (let b = 0; b < d.weights.length; b++) {
    below += d.weights[b]!;
    if (below >= q * d.total) return (d.base + b + 0.5) * d.widthBps;
  }
  throw new Error('empty');
};

describe('two recorded books of one operator, spot against futures', () => {
  let spot: Tick[] = [];
  let futures: Tick[] = [];
  let merged: Tick[] = [];
  let endUs = 0;
  beforeAll(() => {
    if (!present) return;
    spot = read('spot_btcusdt_20240808.gz', 0);
    futures = read('usdm_btcusdt_20240808.gz', 1);
    merged = [...spot, ...futures].toSorted((x, y) => x.monoUs - y.monoUs);
    endUs = Math.min(spot.at(-1)!.monoUs, futures.at(-1)!.monoUs);
  });
  const golden = (name: string, body: () => void): void =>
    test(name, (context) => {
      if (!present) context.skip(`no recorded data in ${folder}`);
      body();
    });

  golden('quotes, overlap and executable spreads, time-weighted', () => {
    expect([spot.length, futures.length]).toEqual([28_040, 66_089]);
    const { state, highest, mergedStates } = run(merged, endUs, [NO_COSTS, NO_COSTS], {});
    expect(mergedStates).toBe(93_823);
    const pair = state.pairs[0]!;
    const [f, r] = pair.statistics.directions;
    expect(f.level).toBe(0);
    expect(pair.statistics.coveredUs / 1e6).toBeCloseTo(344.4, 1);
    expect(Math.abs(quantile(f, 0.1) - 2.93)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(quantile(f, 0.5) - 3.63)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(quantile(f, 0.9) - 4.41)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(highest[0] - 11.04)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(highest[1] - 0.8)).toBeLessThanOrEqual(0.01);
    const positive = r.weights.reduce((sum, w, b) => (r.base + b >= 0 ? sum + w : sum), 0);
    expect(positive / r.total).toBeCloseTo(0.0002, 4);
  });

  golden('with taker fees of 10 and 5 bps each way the right number of intents is zero', () => {
    const { facts } = run(
      merged,
      endUs,
      [
        { ...NO_COSTS, takerFeeBps: 10 },
        { ...NO_COSTS, takerFeeBps: 5 },
      ],
      {},
    );
    expect(facts.filter((fact) => fact.type === 'intent-proposed')).toEqual([]);
  });

  golden('without costs, 2 bps from the centre: episodes, each with exact evidence, and the same ones again', () => {
    const rule: Partial<PairSettings> = { deviationFloorBps: 2, deviationPercentile: 90, minEdgeBps: 0, cooldownMs: 0 };
    const { facts, state } = run(merged, endUs, [NO_COSTS, NO_COSTS], rule);
    const intents = facts.flatMap((fact) => (fact.type === 'intent-proposed' ? [fact.intent] : []));
    const ends = facts.filter((fact) => fact.type === 'intent-ended');
    expect(intents.length).toBeGreaterThan(0);
    expect(intents.length - ends.length).toBeLessThanOrEqual(1);
    expect(new Set(intents.map((x) => x.id)).size).toBe(intents.length);
    for (const intent of intents) {
      expect(intent.deviationBps).toBeGreaterThanOrEqual(2 - 1e-9);
      expect(intent.spreadBps).toBeGreaterThanOrEqual(intent.entrySpreadBps);
      expect(Math.abs(Number(intent.exactSpreadBps) - intent.spreadBps)).toBeLessThan(1e-6);
      expect(intent.gates.slice(0, SIGNAL_GATES.length).every((gate) => gate.passed)).toBe(true);
    }
    const again = run(merged, endUs, [NO_COSTS, NO_COSTS], rule);
    expect(again.facts).toEqual(facts);
    expect(digestOf(again.state)).toBe(digestOf(state));
  });
});
