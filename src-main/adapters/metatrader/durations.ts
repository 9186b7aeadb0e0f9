/** The newest durations of one kind, in a ring that is allocated once; percentiles are worked out when asked for. */
import type { Percentiles } from '../../../src-shared/domain/metatrader.ts';

/** How many of the newest count. */
export const DURATIONS_KEPT = 512;

export interface Durations {
  /** ms; anything but a finite number of zero or more is left out. */
  add(ms: number): void;
  /** null before the first. `count` is all there ever were. */
  percentiles(): Percentiles | null;
}

export const createDurations = (kept = DURATIONS_KEPT): Durations => {
  const ring = new Float64Array(kept);
  let count = 0;
  return {
    add(ms) {
      if (!(ms >= 0 && ms < Infinity)) return;
      ring[count % kept] = ms;
      count += 1;
    },
    percentiles() {
      if (count === 0) return null;
      const sorted = ring.slice(0, Math.min(count, kept)).sort();
      const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
      return { p50: at(0.5), p95: at(0.95), count };
    },
  };
};
