/**
 * The time-weighted distribution of one spread over a rolling window, in constant memory (112 KiB).
 * Weights are whole microseconds: nothing is ever rounded, so what a slice added is exactly what its expiry removes.
 * Values are kept to a bucket of `widthBps`; every quantile is off by at most `resolutionBps`, which is always stated.
 * The grid is absolute (bucket i covers [i·width, (i+1)·width)), so widening by two merges whole buckets, a drifting
 * level only slides the range, and after an outlier has left the window the width narrows again.
 * Must not know about quotes, pairs or clocks: `pairStatistics.ts` says what time is.
 */
import { invariant } from './invariant.ts';

/** Buckets of the range that is held at once. */
export const BUCKETS = 4_096;
/** Complete slices of a window; the oldest leaves whole, so a window is between 60 and 61 slices long. */
export const SLICES = 60;
/** (bucket, weight) entries of all complete slices together; overflow widens the buckets. */
export const RING_CAPACITY = 8_192;
const MAX_ENTRY_WEIGHT = 0xffff_ffff;
/** Narrow again only when range and ring are this empty, so that width does not flutter. */
const NARROW_AT_SHARE = 1 / 4;

export interface Distribution {
  readonly baseWidthBps: number;
  /** `widthBps = baseWidthBps · 2^level`. */
  level: number;
  widthBps: number;
  /** Absolute index of `weights[0]`. */
  base: number;
  readonly weights: Float64Array;
  total: number;
  /** Bounds of the occupied range; may be wider than it, never narrower. */
  lo: number;
  hi: number;
  readonly slice: Float64Array;
  sliceLo: number;
  sliceHi: number;
  /** Coarsest level at which anything of the current slice was recorded. */
  sliceLevel: number;
  readonly ringBuckets: Uint16Array;
  readonly ringWeights: Uint32Array;
  ringHead: number;
  ringCount: number;
  readonly entriesOfSlice: Uint16Array;
  readonly levelOfSlice: Uint8Array;
  /** Place of the oldest complete slice: where the ring starts. */
  oldestPlace: number;
  /** One cursor a quantile: its bucket, and the weight of all buckets below it. */
  readonly quantiles: Float64Array;
  readonly cursorBuckets: Int32Array;
  readonly cursorBelow: Float64Array;
}

const scratchWeights = new Float64Array(BUCKETS);
const scratchSlice = new Float64Array(BUCKETS);
const scratchBuckets = new Uint16Array(RING_CAPACITY);
const scratchEntryWeights = new Uint32Array(RING_CAPACITY);

/** @param quantiles each in (0, 1]; read back by position with {@link quantileAt}. */
export const createDistribution = (baseWidthBps: number, quantiles: readonly number[]): Distribution => {
  for (const q of quantiles) invariant(q > 0 && q <= 1, `a quantile of ${q} is not within (0, 1]`);
  return {
    baseWidthBps,
    level: 0,
    widthBps: baseWidthBps,
    base: 0,
    weights: new Float64Array(BUCKETS),
    total: 0,
    lo: BUCKETS,
    hi: -1,
    slice: new Float64Array(BUCKETS),
    sliceLo: BUCKETS,
    sliceHi: -1,
    sliceLevel: 0,
    ringBuckets: new Uint16Array(RING_CAPACITY),
    ringWeights: new Uint32Array(RING_CAPACITY),
    ringHead: 0,
    ringCount: 0,
    entriesOfSlice: new Uint16Array(SLICES),
    levelOfSlice: new Uint8Array(SLICES),
    oldestPlace: 0,
    quantiles: Float64Array.from(quantiles),
    cursorBuckets: new Int32Array(quantiles.length),
    cursorBelow: new Float64Array(quantiles.length),
  };
};

/** Exactly as created: the next value centres the range anew at the finest width. */
export const clearDistribution = (d: Distribution): void => {
  d.level = 0;
  d.widthBps = d.baseWidthBps;
  d.weights.fill(0);
  d.slice.fill(0);
  d.total = 0;
  d.lo = d.sliceLo = BUCKETS;
  d.hi = d.sliceHi = -1;
  d.sliceLevel = 0;
  d.base = 0;
  d.ringHead = d.ringCount = d.oldestPlace = 0;
  d.ringBuckets.fill(0);
  d.ringWeights.fill(0);
  d.entriesOfSlice.fill(0);
  d.levelOfSlice.fill(0);
  d.cursorBuckets.fill(0);
  d.cursorBelow.fill(0);
};

/** Adds whole microseconds of `value` to the current slice. */
export const addWeight = (d: Distribution, value: number, weightUs: number): void => {
  let bucket = Math.floor(value / d.widthBps) - d.base;
  if (d.total === 0 || bucket < 0 || bucket >= BUCKETS) bucket = makeRoom(d, value);
  d.weights[bucket]! += weightUs;
  d.slice[bucket]! += weightUs;
  d.total += weightUs;
  if (bucket < d.lo) d.lo = bucket;
  if (bucket > d.hi) d.hi = bucket;
  if (bucket < d.sliceLo) d.sliceLo = bucket;
  if (bucket > d.sliceHi) d.sliceHi = bucket;
  for (let c = 0; c < d.cursorBelow.length; c++) if (bucket < d.cursorBuckets[c]!) d.cursorBelow[c]! += weightUs;
  walkCursors(d);
};

/** Ends the current slice: the slice whose place (0 … SLICES−1) it takes leaves the window, and it takes that place. */
export const turnSlice = (d: Distribution, place: number): void => {
  expireSlice(d, place);
  if (d.sliceHi >= 0) {
    while (d.ringCount + entriesNeeded(d) > RING_CAPACITY) coarsen(d);
    storeSlice(d, place);
  }
  d.levelOfSlice[place] = d.sliceLevel;
  if (d.total === 0) {
    clearDistribution(d);
    return;
  }
  tightenBounds(d);
  d.sliceLevel = d.level;
  if (d.level > 0 && d.hi - d.lo + 1 <= BUCKETS * NARROW_AT_SHARE && d.ringCount <= RING_CAPACITY * NARROW_AT_SHARE) {
    remap(d, -1, (d.base + d.lo) * 2 + (d.hi - d.lo) - BUCKETS / 2);
    d.sliceLevel = d.level;
  }
  walkCursors(d);
};

/** Smallest bucket whose cumulative weight reaches `q · total`, as its centre; NaN while nothing is recorded. */
export const quantileAt = (d: Distribution, cursor: number): number =>
  d.total === 0 ? Number.NaN : (d.base + d.cursorBuckets[cursor]! + 0.5) * d.widthBps;

/** Share of the recorded time with a value of at least `value`, 0–1; exact for some value within `resolutionBps` of it. */
export const shareAtLeast = (d: Distribution, value: number): number => {
  if (d.total === 0) return Number.NaN;
  const from = Math.max(d.lo, Math.ceil(value / d.widthBps - 0.5) - d.base);
  let weight = 0;
  for (let b = from; b <= d.hi; b++) weight += d.weights[b]!;
  return weight / d.total;
};

/** Bound of the error of every quantile: half a bucket, or a whole one of slices that were recorded coarser. */
export const resolutionBps = (d: Distribution): number => {
  let coarsest = d.sliceLevel;
  for (let s = 0; s < SLICES; s++) if (d.entriesOfSlice[s]! > 0 && d.levelOfSlice[s]! > coarsest) coarsest = d.levelOfSlice[s]!;
  return coarsest > d.level ? d.baseWidthBps * 2 ** coarsest : d.widthBps / 2;
};

const walkCursors = (d: Distribution): void => {
  const { weights, total } = d;
  for (let c = 0; c < d.cursorBuckets.length; c++) {
    const target = d.quantiles[c]! * total;
    let at = d.cursorBuckets[c]!;
    let below = d.cursorBelow[c]!;
    while (below >= target && at > 0) below -= weights[--at]!;
    while (below + weights[at]! < target && at < BUCKETS - 1) below += weights[at++]!;
    d.cursorBuckets[c] = at;
    d.cursorBelow[c] = below;
  }
};

/** Slides the range, or widens the buckets, until `value` has one. @returns that bucket */
const makeRoom = (d: Distribution, value: number): number => {
  if (d.total === 0) {
    d.base = Math.floor(value / d.widthBps) - BUCKETS / 2;
    d.cursorBuckets.fill(BUCKETS / 2);
    return BUCKETS / 2;
  }
  tightenBounds(d);
  for (;;) {
    const index = Math.floor(value / d.widthBps);
    const lowest = Math.min(d.base + d.lo, index);
    const highest = Math.max(d.base + d.hi, index);
    const spare = BUCKETS - (highest - lowest + 1);
    if (spare >= 0) {
      remap(d, 0, lowest - (spare >> 1));
      return index - d.base;
    }
    coarsen(d);
  }
};

/** Older slices, made coarser as well, need no mark of their own: the current slice carries it and leaves after them. */
const coarsen = (d: Distribution): void => {
  remap(d, 1, (d.base >> 1) - BUCKETS / 4);
  d.sliceLevel = Math.max(d.sliceLevel, d.level);
};

/**
 * Moves every weight to its bucket in a grid `levels` coarser (1), the same (0) or finer (−1), starting at `base`.
 * A coarser bucket that is split goes whole into its upper half: its error is stated by its slice's level.
 */
const remap = (d: Distribution, levels: -1 | 0 | 1, base: number): void => {
  const oldBase = d.base;
  const target = (bucket: number): number => {
    const index = oldBase + bucket;
    return (levels === 1 ? index >> 1 : levels === 0 ? index : 2 * index + 1) - base;
  };
  scratchWeights.set(d.weights);
  scratchSlice.set(d.slice);
  d.weights.fill(0);
  d.slice.fill(0);
  for (let b = d.lo; b <= d.hi; b++) {
    if (scratchWeights[b] === 0) continue;
    const t = target(b);
    invariant(t >= 0 && t < BUCKETS, 'a remapped bucket left the range');
    d.weights[t]! += scratchWeights[b]!;
    d.slice[t]! += scratchSlice[b]!;
  }
  remapRing(d, target);
  if (d.hi >= 0) [d.lo, d.hi] = [Math.max(0, target(d.lo)), Math.min(BUCKETS - 1, target(d.hi))];
  if (d.sliceHi >= 0) [d.sliceLo, d.sliceHi] = [Math.max(0, target(d.sliceLo)), Math.min(BUCKETS - 1, target(d.sliceHi))];
  d.level += levels;
  d.widthBps = d.baseWidthBps * 2 ** d.level;
  d.base = base;
  d.cursorBuckets.fill(d.lo);
  d.cursorBelow.fill(0);
  walkCursors(d);
};

/** Rewrites all entries from the ring's start, merging neighbours of one slice that fell into one bucket. */
const remapRing = (d: Distribution, target: (bucket: number) => number): void => {
  let read = d.ringHead;
  let written = 0;
  for (let k = 0; k < SLICES; k++) {
    const place = (d.oldestPlace + k) % SLICES;
    const first = written;
    for (let n = d.entriesOfSlice[place]!; n > 0; n--) {
      const bucket = target(d.ringBuckets[read]!);
      const weight = d.ringWeights[read]!;
      read = (read + 1) % RING_CAPACITY;
      const last = written - 1;
      if (last >= first && scratchBuckets[last] === bucket && scratchEntryWeights[last]! + weight <= MAX_ENTRY_WEIGHT)
        scratchEntryWeights[last]! += weight;
      else {
        scratchBuckets[written] = bucket;
        scratchEntryWeights[written++] = weight;
      }
    }
    d.entriesOfSlice[place] = written - first;
  }
  d.ringBuckets.set(scratchBuckets.subarray(0, written));
  d.ringWeights.set(scratchEntryWeights.subarray(0, written));
  d.ringHead = 0;
  d.ringCount = written;
};

const expireSlice = (d: Distribution, place: number): void => {
  const count = d.entriesOfSlice[place]!;
  for (let n = 0; n < count; n++) {
    const at = (d.ringHead + n) % RING_CAPACITY;
    const bucket = d.ringBuckets[at]!;
    const weight = d.ringWeights[at]!;
    d.weights[bucket]! -= weight;
    d.total -= weight;
    for (let c = 0; c < d.cursorBelow.length; c++) if (bucket < d.cursorBuckets[c]!) d.cursorBelow[c]! -= weight;
  }
  d.ringHead = (d.ringHead + count) % RING_CAPACITY;
  d.ringCount -= count;
  d.entriesOfSlice[place] = 0;
  d.levelOfSlice[place] = 0;
  d.oldestPlace = (place + 1) % SLICES;
};

const entriesNeeded = (d: Distribution): number => {
  let count = 0;
  for (let b = d.sliceLo; b <= d.sliceHi; b++) count += Math.ceil(d.slice[b]! / MAX_ENTRY_WEIGHT);
  return count;
};

const storeSlice = (d: Distribution, place: number): void => {
  const before = d.ringCount;
  for (let b = d.sliceLo; b <= d.sliceHi; b++) {
    for (let left = d.slice[b]!; left > 0; left -= MAX_ENTRY_WEIGHT) {
      const at = (d.ringHead + d.ringCount++) % RING_CAPACITY;
      d.ringBuckets[at] = b;
      d.ringWeights[at] = Math.min(left, MAX_ENTRY_WEIGHT);
    }
    d.slice[b] = 0;
  }
  d.entriesOfSlice[place] = d.ringCount - before;
  d.sliceLo = BUCKETS;
  d.sliceHi = -1;
};

const tightenBounds = (d: Distribution): void => {
  while (d.lo <= d.hi && d.weights[d.lo] === 0) d.lo++;
  while (d.hi >= d.lo && d.weights[d.hi] === 0) d.hi--;
  if (d.lo > d.hi) [d.lo, d.hi] = [BUCKETS, -1];
};
