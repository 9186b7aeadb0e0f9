/**
 * Arithmetic behind the histogram's draggable trigger. Pure, and a display only: it reads the time-weighted histogram
 * and changes nothing in the engine.
 */
import { MS_PER_DAY } from '../../src-shared/domain/units.ts';

export interface Histogram {
  readonly fromBps: number;
  readonly stepBps: number;
  readonly shares: readonly number[];
}

export const upperEdge = ({ fromBps, stepBps, shares }: Histogram): number => fromBps + stepBps * shares.length;

/**
 * Share of covered time (0–1) at or beyond `triggerBps`. Within a bucket time is taken as evenly spread, so the
 * answer is off by at most the share of that one bucket.
 */
export const shareBeyond = (histogram: Histogram, triggerBps: number): number => {
  const { fromBps, stepBps, shares } = histogram;
  let beyond = 0;
  for (const [index, share] of shares.entries()) {
    const low = fromBps + index * stepBps;
    const part = (low + stepBps - triggerBps) / stepBps;
    beyond += share * Math.min(1, Math.max(0, part));
  }
  return Math.min(1, beyond);
};

export interface AxisSpan {
  readonly minBps: number;
  readonly maxBps: number;
}

/** Space kept around the figures on the axis, as a part of the span. */
const MARGIN = 0.04;
/** Time share cut off at either end: a single far sample must not squeeze everything else. */
const TAIL = 0.0005;

/** The part of the axis worth showing: nearly all of the time, and the entry with it where it is not too far off. */
export const axisSpan = (histogram: Histogram, entryBps: number | null): AxisSpan => {
  const { fromBps, stepBps, shares } = histogram;
  let low = 0;
  let high = shares.length - 1;
  for (let cut = shares[low] ?? 0; low < high && cut <= TAIL; cut += shares[low] ?? 0) low += 1;
  for (let cut = shares[high] ?? 0; high > low && cut <= TAIL; cut += shares[high] ?? 0) high -= 1;
  const minBps = fromBps + low * stepBps;
  const maxBps = fromBps + (high + 1) * stepBps;
  const span = maxBps - minBps;
  const reached = entryBps !== null && entryBps > maxBps && entryBps < maxBps + 3 * span ? entryBps + span * MARGIN : maxBps;
  const lowest = entryBps !== null && entryBps < minBps && entryBps > minBps - 3 * span ? entryBps - span * MARGIN : minBps;
  return { minBps: lowest - (reached - lowest) * MARGIN, maxBps: reached + (reached - lowest) * MARGIN };
};

/** Spread under a pointer `x` pixels from the plot's left edge, held inside the axis. */
export const bpsAt = (x: number, widthPx: number, { minBps, maxBps }: AxisSpan): number => {
  const part = widthPx > 0 ? Math.min(1, Math.max(0, x / widthPx)) : 0;
  return minBps + part * (maxBps - minBps);
};

export const xOf = (bps: number, widthPx: number, { minBps, maxBps }: AxisSpan): number => ((bps - minBps) / (maxBps - minBps)) * widthPx;

/** What one press of an arrow key moves the trigger by: a hundredth of the axis, rounded to 1, 2 or 5 × 10ⁿ. */
export const keyStepBps = ({ minBps, maxBps }: AxisSpan): number => {
  const raw = (maxBps - minBps) / 100;
  const scale = 10 ** Math.floor(Math.log10(raw));
  const nearest = [1, 2, 5, 10].find((factor) => factor * scale >= raw * 0.999) ?? 10;
  return nearest * scale;
};

/** Time a day of 24 h would spend beyond a share, were it like the window. */
export const perDayMs = (share: number): number => share * MS_PER_DAY;
