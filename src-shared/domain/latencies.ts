/** Times of the last orders or commands, in ms of the monotonic clock, as percentiles. Bounded. */
import type { Percentiles } from './metatrader.ts';

export const KEPT_SAMPLES = 256;

export interface Latencies {
  note(ms: number): void;
  /** null until there is one. */
  percentiles(): Percentiles | null;
}

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;

/** Empty; keeps the newest {@link KEPT_SAMPLES}. */
export const createLatencies = (): Latencies => {
  const kept: number[] = [];
  let count = 0;
  return {
    note(ms) {
      kept[count % KEPT_SAMPLES] = ms;
      count += 1;
    },
    percentiles() {
      if (count === 0) return null;
      const sorted = kept.toSorted((p, q) => p - q);
      return { p50: at(sorted, 0.5), p95: at(sorted, 0.95), count };
    },
  };
};
