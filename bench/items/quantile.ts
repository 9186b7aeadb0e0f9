/**
 * A rolling window's percentiles: our histogram with walking cursors against a sorted typed array, which is what one
 * writes first. Same samples, same window, three quantiles asked after every update; the answers must agree exactly.
 */
import {
  addWeight,
  createDistribution,
  quantileAt,
  resolutionBps,
  SLICES,
  turnSlice,
  type Distribution,
} from '../../src-main/core/rollingStats.ts';
import { seeded } from '../frames.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { bandOf, interleave, quantileOf, ratioBand, sortedOf, timed, type Side } from '../rounds.ts';
import { atMost, figure, figureRow, ratioRow } from '../verdict.ts';

const ITEM = 'quantile';
const BUCKET_BPS = 0.01;
const QUANTILES = [0.5, 0.75, 0.9];
const SAMPLE_US = 100_000;
const FLOAT_NOISE_BPS = 1e-9;

/** Spreads that revert to a mean, on bucket centres, so that exact agreement can be asked. */
const spreads = (count: number, seed: number): Float64Array => {
  const random = seeded(seed);
  let level = 3;
  return Float64Array.from({ length: count }, () => {
    level += (3 - level) * 0.02 + (random() + random() + random() - 1.5) * 0.3;
    return (Math.floor(level / BUCKET_BPS) + 0.5) * BUCKET_BPS;
  });
};

/** The window as our engine keeps it: 60 whole slices and the one under way. */
class Histogram {
  readonly distribution: Distribution = createDistribution(BUCKET_BPS, QUANTILES);
  readonly perSlice: number;
  #inSlice = 0;
  #place = 0;

  constructor(window: number) {
    this.perSlice = Math.ceil(window / SLICES);
  }

  update(value: number): void {
    addWeight(this.distribution, value, SAMPLE_US);
    this.#inSlice += 1;
    if (this.#inSlice < this.perSlice) return;
    turnSlice(this.distribution, this.#place);
    this.#place = (this.#place + 1) % SLICES;
    this.#inSlice = 0;
  }

  ask(): number {
    return quantileAt(this.distribution, 0) + quantileAt(this.distribution, 1) + quantileAt(this.distribution, 2);
  }
}

/** The window as a sorted array: binary search, memmove. */
class SortedWindow {
  readonly #sorted: Float64Array;
  readonly #ring: Float64Array;
  #size = 0;
  #at = 0;

  constructor(window: number) {
    this.#sorted = new Float64Array(window);
    this.#ring = new Float64Array(window);
  }

  #search(value: number): number {
    let [lo, hi] = [0, this.#size];
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.#sorted[mid]! < value) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  update(value: number): void {
    const oldest = this.#ring[this.#at]!;
    if (this.#size === this.#ring.length) {
      const out = this.#search(oldest);
      this.#sorted.copyWithin(out, out + 1, this.#size);
      this.#size -= 1;
    }
    const into = this.#search(value);
    this.#sorted.copyWithin(into + 1, into, this.#size);
    this.#sorted[into] = value;
    this.#size += 1;
    this.#ring[this.#at] = value;
    this.#at = (this.#at + 1) % this.#ring.length;
  }

  ask(): number {
    let sum = 0;
    for (const q of QUANTILES) sum += this.#sorted[Math.max(0, Math.ceil(q * this.#size) - 1)]!;
    return sum;
  }
}

/** Keeps a result alive, so that asking is not optimised away. */
let asked = 0;

const sideOf = (window: Histogram | SortedWindow, samples: Float64Array, fill: number, updates: number): Side => {
  let at = 0;
  const next = (): number => samples[at++ % samples.length]!;
  for (let i = 0; i < fill; i++) window.update(next());
  return () =>
    timed(updates, () => {
      for (let i = 0; i < updates; i++) {
        window.update(next());
        asked += window.ask();
      }
    });
};

interface Exactness {
  readonly largestErrorBps: number;
  /** The most by which an error passed the bound that the histogram states for itself at that moment; 0 = never. */
  readonly beyondBoundBps: number;
}

/** The histogram's quantiles against those of the very same samples, sorted. */
const exactnessOf = (samples: Float64Array, window: number): Exactness => {
  const histogram = new Histogram(window);
  let [largestErrorBps, beyondBoundBps] = [0, 0];
  for (let turned = 1; turned * histogram.perSlice <= samples.length; turned++) {
    const end = turned * histogram.perSlice;
    for (let i = end - histogram.perSlice; i < end; i++) histogram.update(samples[i]!);
    if (turned % 7 !== 0) continue;
    const held = sortedOf(samples.subarray(Math.max(0, end - SLICES * histogram.perSlice), end));
    for (const [cursor, q] of QUANTILES.entries()) {
      const error = Math.abs(quantileAt(histogram.distribution, cursor) - quantileOf(held, q));
      largestErrorBps = Math.max(largestErrorBps, error);
      beyondBoundBps = Math.max(beyondBoundBps, error - resolutionBps(histogram.distribution) - FLOAT_NOISE_BPS);
    }
  }
  return { largestErrorBps, beyondBoundBps };
};

export const quantileItem: BenchItem = {
  name: ITEM,
  title: 'rolling percentiles, update and three queries',
  async run(context: BenchContext) {
    const updates = context.quick ? 4_000 : 12_000;
    const samples = spreads(500_000, 5);
    const sides: Record<string, Side> = {
      ours36: sideOf(new Histogram(36_000), samples, 40_000, updates),
      sorted36: sideOf(new SortedWindow(36_000), samples, 40_000, updates),
      ours10: sideOf(new Histogram(10_000), samples, 40_000, updates),
      ours180: sideOf(new Histogram(180_000), samples, 200_000, updates),
    };
    const { costs, control } = await interleave(sides, context.quick ? 7 : 25);
    const { largestErrorBps, beyondBoundBps } = exactnessOf(samples, 36_000);
    const ns = (name: string): number => Math.round(bandOf(costs[name]!).median);
    return [
      ratioRow(ITEM, '36,000 samples: ours / sorted typed array', ratioBand(costs['ours36']!, costs['sorted36']!), atMost(0.12), {
        control,
        note: `${ns('ours36')} / ${ns('sorted36')} ns`,
      }),
      ratioRow(ITEM, '180,000 / 10,000 samples', ratioBand(costs['ours180']!, costs['ours10']!), atMost(1.3), {
        note: `${ns('ours180')} / ${ns('ours10')} ns`,
      }),
      figureRow(ITEM, 'error beyond the bound it states, over 500,000 samples', beyondBoundBps, 'bps', atMost(0), {
        note: `largest error ${figure(largestErrorBps)} bps at buckets of ${BUCKET_BPS} bps`,
        figures: { asked },
      }),
    ];
  },
};
