/**
 * Measures how far a broker's server clock is from ours, from ticks alone. A tick's stamp minus our receive time
 * is the offset minus that tick's delay, and a delay is never negative: the greatest difference of a window is
 * the best estimate. Windows slide, so a drifting clock is followed; a step (daylight saving, ±1 h) is taken only
 * when several fresh ticks agree. Pure: time comes in with each tick.
 */
import { MS_PER_HOUR } from '../../../src-shared/domain/units.ts';

/** The estimate is the maximum over this many buckets of {@link BUCKET_MS}: ten minutes. */
export const BUCKETS = 30;
export const BUCKET_MS = 20_000;
/** A difference this far from the estimate is a step or a stray tick, never drift. */
export const STEP_MS = 5_000;
/** This many consecutive ticks must agree, within {@link STEP_MS}, before a step is believed … */
export const STEP_TICKS = 5;
/** … and they must span this long, so that one burst of strays is not a step. */
export const STEP_SPAN_MS = 2_000;
const HOUR_TOLERANCE_MS = 60_000;

export interface ServerClockEstimate {
  /** Server clock minus ours, ms. */
  readonly offsetMs: number;
  /** How far the buckets of the window disagree, ms; with one bucket, how far its ticks do. */
  readonly uncertaintyMs: number;
}

export interface ClockStep {
  readonly fromMs: number;
  readonly toMs: number;
  /** Within a minute of one hour: daylight saving; anything else deserves an alarm. */
  readonly daylightSaving: boolean;
}

/** How far an EA's own estimate, rounded to 15 minutes, may be from the truth. */
export const DECLARED_TOLERANCE_MS = 450_000 + STEP_MS;

export interface ServerClock {
  /** What the EA declares: taken until there are ticks; the first ones must come near it, or agree with each other like a step. */
  declare(offsetMs: number): void;
  /** Feed each new tick once. Returns the step it completed, if any. */
  observe(venueMs: number, receivedUnixMs: number): ClockStep | null;
  /** null before the first tick. */
  estimate(): ServerClockEstimate | null;
}

interface Bucket {
  readonly index: number;
  greatestMs: number;
  leastMs: number;
}

export const createServerClock = (): ServerClock => {
  let buckets: Bucket[] = [];
  let declaredMs: number | null = null;
  let suspects: { readonly differenceMs: number; readonly atMs: number }[] = [];

  const greatest = (): number => buckets.reduce((most, bucket) => Math.max(most, bucket.greatestMs), -Infinity);

  const put = (differenceMs: number, receivedUnixMs: number): void => {
    const index = Math.floor(receivedUnixMs / BUCKET_MS);
    const newest = buckets.at(-1);
    if (newest !== undefined && index <= newest.index) {
      newest.greatestMs = Math.max(newest.greatestMs, differenceMs);
      newest.leastMs = Math.min(newest.leastMs, differenceMs);
      return;
    }
    buckets.push({ index, greatestMs: differenceMs, leastMs: differenceMs });
    buckets = buckets.filter((bucket) => bucket.index > index - BUCKETS);
  };

  /** Strays are dropped one by one; a run of agreeing ones replaces the estimate. */
  const suspect = (differenceMs: number, atMs: number, estimateMs: number): ClockStep | null => {
    const first = suspects[0];
    if (first === undefined || Math.abs(first.differenceMs - differenceMs) > STEP_MS) suspects = [{ differenceMs, atMs }];
    else if (suspects.length < STEP_TICKS) suspects.push({ differenceMs, atMs });
    else suspects = [...suspects.slice(0, -1), { differenceMs, atMs }];
    const start = suspects[0] as { readonly differenceMs: number; readonly atMs: number };
    if (suspects.length < STEP_TICKS || atMs - start.atMs < STEP_SPAN_MS) return null;
    const agreed = suspects;
    suspects = [];
    buckets = [];
    for (const each of agreed) put(each.differenceMs, each.atMs);
    const toMs = greatest();
    const moved = toMs - estimateMs;
    return { fromMs: estimateMs, toMs, daylightSaving: Math.abs(Math.abs(moved) - MS_PER_HOUR) <= HOUR_TOLERANCE_MS };
  };

  return {
    declare(offsetMs) {
      declaredMs = offsetMs;
    },
    observe(venueMs, receivedUnixMs) {
      const differenceMs = venueMs - receivedUnixMs;
      const estimateMs = greatest();
      // After a weekend the newest tick is days old: it says nothing about the server's clock.
      if (buckets.length === 0 && declaredMs !== null && Math.abs(differenceMs - declaredMs) > DECLARED_TOLERANCE_MS)
        return suspect(differenceMs, receivedUnixMs, declaredMs);
      if (buckets.length > 0 && Math.abs(differenceMs - estimateMs) > STEP_MS) return suspect(differenceMs, receivedUnixMs, estimateMs);
      suspects = [];
      put(differenceMs, receivedUnixMs);
      return null;
    },
    estimate() {
      if (buckets.length === 0) return null;
      const offsetMs = greatest();
      const lowest =
        buckets.length === 1
          ? (buckets[0] as Bucket).leastMs
          : buckets.reduce((least, bucket) => Math.min(least, bucket.greatestMs), Infinity);
      return { offsetMs, uncertaintyMs: offsetMs - lowest };
    },
  };
};
