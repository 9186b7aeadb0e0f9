/**
 * Latency in fixed memory: eight buckets an octave from 1/16 µs up, so every quantile is at most one eighth too high and
 * never too low. Two windows are kept, so that the figure shown is of the last half to one minute and not of start-up.
 */

const SUB_BITS = 3;
const SUB_BUCKETS = 1 << SUB_BITS;
const UNITS_PER_US = 16;
const MAX_UNITS = 0x7fffffff;
const BUCKETS = (32 - SUB_BITS) * SUB_BUCKETS;
export const LATENCY_WINDOW_US = 30_000_000;

export interface LatencySummary {
  /** Since start. */
  readonly count: number;
  readonly sumUs: number;
  readonly maxUs: number;
  /** Of the newest windows; null without a measurement in them. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
}

export interface LatencyMeter {
  record(us: number, nowMonoUs: number): void;
  summary(): LatencySummary;
}

const bucketOf = (us: number): number => {
  const units = Math.min(MAX_UNITS, Math.ceil(us * UNITS_PER_US));
  if (units < SUB_BUCKETS) return units < 0 ? 0 : units;
  const exponent = 31 - Math.clz32(units) - SUB_BITS;
  return (exponent + 1) * SUB_BUCKETS + ((units >>> exponent) - SUB_BUCKETS);
};

/** The largest value that falls into a bucket. */
const upperUsOf = (bucket: number): number => {
  if (bucket < SUB_BUCKETS) return bucket / UNITS_PER_US;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  const units = ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** exponent - 1;
  return units / UNITS_PER_US;
};

const quantile = (windows: readonly Uint32Array[], share: number): number | null => {
  const total = windows.reduce((sum, window) => sum + window.reduce((s, n) => s + n, 0), 0);
  if (total === 0) return null;
  let left = Math.ceil(total * share);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    for (const window of windows) left -= window[bucket] ?? 0;
    if (left <= 0) return upperUsOf(bucket);
  }
  return upperUsOf(BUCKETS - 1);
};

export const createLatencyMeter = (): LatencyMeter => {
  let current = new Uint32Array(BUCKETS);
  let previous = new Uint32Array(BUCKETS);
  let windowStart = Number.NEGATIVE_INFINITY;
  let count = 0;
  let sumUs = 0;
  let maxUs = 0;
  const turnWindow = (nowMonoUs: number): void => {
    const silent = nowMonoUs - windowStart >= 2 * LATENCY_WINDOW_US;
    [previous, current] = [current, previous];
    current.fill(0);
    if (silent) previous.fill(0);
    windowStart = nowMonoUs;
  };
  return {
    record(us, nowMonoUs) {
      if (nowMonoUs - windowStart >= LATENCY_WINDOW_US) turnWindow(nowMonoUs);
      const bucket = bucketOf(us);
      current[bucket] = (current[bucket] ?? 0) + 1;
      count += 1;
      sumUs += us;
      if (us > maxUs) maxUs = us;
    },
    summary() {
      const windows = [current, previous];
      return { count, sumUs, maxUs, p50Us: quantile(windows, 0.5), p99Us: quantile(windows, 0.99) };
    },
  };
};
