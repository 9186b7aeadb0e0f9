/**
 * A pair's rolling statistics: both directions' distributions and the share of time both legs were fresh (coverage).
 * Time is the events' monotonic clock in whole microseconds. A spread counts from its moment until the next change,
 * but never past `validUntilUs` (the moment the older leg reaches its age limit); all other time counts as stale, also
 * when the next event comes much later. How often `advance` is called changes nothing: the parts add up exactly.
 */
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import { InvariantViolation } from './invariant.ts';
import { addWeight, clearDistribution, createDistribution, SLICES, turnSlice, type Distribution } from './rollingStats.ts';

/** No spread is wider: beyond it a quote cannot have passed validation. */
const MAX_SPREAD_BPS = 1_000_000;

export const P50 = 0;
export const P75 = 1;
export const P90 = 2;
export const P99 = 3;
/** The pair's own `deviationPercentile`. */
export const ENTRY_PERCENTILE = 4;

export interface PairStatistics {
  readonly sliceUs: number;
  /** Executable spread of `sell-a-buy-b`, then of `sell-b-buy-a`. */
  readonly directions: readonly [Distribution, Distribution];
  readonly coveredOfSlice: Float64Array;
  readonly staleOfSlice: Float64Array;
  sliceCoveredUs: number;
  sliceStaleUs: number;
  /** Of the whole window, the current slice included. */
  coveredUs: number;
  staleUs: number;
  /** Number of the current slice: `⌊time / sliceUs⌋`. */
  slice: number;
  /** All time before this moment is attributed; NaN before the first moment. */
  accountedUs: number;
  inForce: boolean;
  fBps: number;
  rBps: number;
  validUntilUs: number;
}

export const createPairStatistics = (windowMs: number, bucketBps: number, entryPercentile: number): PairStatistics => {
  const quantiles = [0.5, 0.75, 0.9, 0.99, entryPercentile / 100];
  return {
    sliceUs: Math.ceil((windowMs * US_PER_MS) / SLICES),
    directions: [createDistribution(bucketBps, quantiles), createDistribution(bucketBps, quantiles)],
    coveredOfSlice: new Float64Array(SLICES),
    staleOfSlice: new Float64Array(SLICES),
    sliceCoveredUs: 0,
    sliceStaleUs: 0,
    coveredUs: 0,
    staleUs: 0,
    slice: 0,
    accountedUs: Number.NaN,
    inForce: false,
    fBps: Number.NaN,
    rBps: Number.NaN,
    validUntilUs: Number.NEGATIVE_INFINITY,
  };
};

/** Attributes the time up to `toUs` (a whole number) to the spread in force, or to staleness. Earlier moments change nothing. */
export const advance = (s: PairStatistics, toUs: number): void => {
  if (Number.isNaN(s.accountedUs)) {
    s.accountedUs = toUs;
    s.slice = Math.floor(toUs / s.sliceUs);
    return;
  }
  if (s.inForce) {
    const freshTo = Math.min(toUs, s.validUntilUs);
    if (freshTo > s.accountedUs) attribute(s, freshTo, true);
    if (toUs >= s.validUntilUs) s.inForce = false;
  }
  if (toUs > s.accountedUs) attribute(s, toUs, s.inForce);
};

/** From the accounted moment on, these spreads hold, at most until `validUntilUs` (a whole number). */
export const setInForce = (s: PairStatistics, fBps: number, rBps: number, validUntilUs: number): void => {
  if (!(Math.abs(fBps) <= MAX_SPREAD_BPS && Math.abs(rBps) <= MAX_SPREAD_BPS))
    throw new InvariantViolation(`a spread of ${fBps} / ${rBps} bps cannot come from valid quotes`);
  s.inForce = true;
  s.fBps = fBps;
  s.rBps = rBps;
  s.validUntilUs = validUntilUs;
};

export const setStale = (s: PairStatistics): void => {
  s.inForce = false;
};

/** Share of the window in which both legs were fresh, 0–1; 0 before anything was seen. */
export const coverageOf = (s: PairStatistics): number => {
  const seenUs = s.coveredUs + s.staleUs;
  return seenUs === 0 ? 0 : s.coveredUs / seenUs;
};

const attribute = (s: PairStatistics, toUs: number, covered: boolean): void => {
  const lastSlice = Math.floor(toUs / s.sliceUs);
  if (lastSlice - s.slice > SLICES + 1) forget(s, lastSlice - SLICES - 1);
  while (s.accountedUs < toUs) {
    const sliceEndUs = (s.slice + 1) * s.sliceUs;
    const untilUs = Math.min(toUs, sliceEndUs);
    const weightUs = untilUs - s.accountedUs;
    s.accountedUs = untilUs;
    if (weightUs > 0) credit(s, weightUs, covered);
    if (untilUs === sliceEndUs) nextSlice(s);
  }
};

const credit = (s: PairStatistics, weightUs: number, covered: boolean): void => {
  if (covered) {
    addWeight(s.directions[0], s.fBps, weightUs);
    addWeight(s.directions[1], s.rBps, weightUs);
    s.sliceCoveredUs += weightUs;
    s.coveredUs += weightUs;
  } else {
    s.sliceStaleUs += weightUs;
    s.staleUs += weightUs;
  }
};

const nextSlice = (s: PairStatistics): void => {
  const place = ((s.slice % SLICES) + SLICES) % SLICES;
  turnSlice(s.directions[0], place);
  turnSlice(s.directions[1], place);
  s.coveredUs -= s.coveredOfSlice[place]!;
  s.staleUs -= s.staleOfSlice[place]!;
  s.coveredOfSlice[place] = s.sliceCoveredUs;
  s.staleOfSlice[place] = s.sliceStaleUs;
  s.sliceCoveredUs = 0;
  s.sliceStaleUs = 0;
  s.slice++;
};

/** More than a whole window passed at once: everything before slice `first` has left it. */
const forget = (s: PairStatistics, first: number): void => {
  for (const d of s.directions) clearDistribution(d);
  s.coveredOfSlice.fill(0);
  s.staleOfSlice.fill(0);
  s.sliceCoveredUs = s.sliceStaleUs = s.coveredUs = s.staleUs = 0;
  s.slice = first;
  s.accountedUs = first * s.sliceUs;
};
