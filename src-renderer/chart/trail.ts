/**
 * The line that the spread chart draws: one point per grid step, oldest first, and a point without a value wherever
 * nothing is known. Pure. A chart's time axis counts points, not seconds, so every step of the grid must be there or a
 * gap would vanish.
 */
import type { Direction } from '../../src-shared/domain/opportunity.ts';
import type { HistoryPoint } from '../../src-shared/domain/view.ts';
import type { Range } from '../store/uiStore.ts';

export interface TrailPoint {
  readonly unixMs: number;
  readonly fBps: number | null;
  readonly rBps: number | null;
  readonly ageMs: number | null;
}

export interface RangeShape {
  readonly spanMs: number;
  readonly stepMs: number;
}

/** Steps are halves and wholes of seconds: exact in the chart's floating seconds. */
export const RANGE_SHAPES: Readonly<Record<Range, RangeShape>> = {
  '5m': { spanMs: 300_000, stepMs: 500 },
  '1h': { spanMs: 3_600_000, stepMs: 5_000 },
  '1d': { spanMs: 86_400_000, stepMs: 60_000 },
};

export const pointsIn = ({ spanMs, stepMs }: RangeShape): number => Math.floor(spanMs / stepMs);

const gridMs = (unixMs: number, stepMs: number): number => Math.floor(unixMs / stepMs) * stepMs;

const emptyPoint = (unixMs: number): TrailPoint => ({ unixMs, fBps: null, rBps: null, ageMs: null });

/**
 * History laid on the grid up to and including `toUnixMs`. A point speaks for its own step and, where the history is
 * coarser than the grid, for the steps up to the next point but never further than `historyStepMs`.
 */
export const trailOf = (
  history: readonly HistoryPoint[],
  historyStepMs: number,
  toUnixMs: number,
  shape: RangeShape,
): readonly TrailPoint[] => {
  const { stepMs } = shape;
  const last = gridMs(toUnixMs, stepMs);
  const length = pointsIn(shape);
  const first = last - (length - 1) * stepMs;
  const trail: TrailPoint[] = [];
  let at = 0;
  for (let unixMs = first; unixMs <= last; unixMs += stepMs) {
    while (at + 1 < history.length && (history[at + 1]?.unixMs ?? Infinity) < unixMs + stepMs) at += 1;
    const point = history[at];
    const speaks = point !== undefined && point.unixMs < unixMs + stepMs && unixMs - point.unixMs < Math.max(historyStepMs, stepMs);
    trail.push(speaks ? { unixMs, fBps: point.fBps, rBps: point.rBps, ageMs: null } : emptyPoint(unixMs));
  }
  return trail;
};

export interface TrailStep {
  readonly trail: readonly TrailPoint[];
  /** Points appended or replaced at the end; the chart updates only these. */
  readonly changed: readonly TrailPoint[];
  /** True when so much was skipped that the chart must be set anew. */
  readonly rebuilt: boolean;
}

/** Skipped steps become points without a value; a point of the past is ignored. */
export const extendTrail = (trail: readonly TrailPoint[], live: TrailPoint, shape: RangeShape): TrailStep => {
  const { stepMs } = shape;
  const unixMs = gridMs(live.unixMs, stepMs);
  const last = trail.at(-1);
  const point = { ...live, unixMs };
  if (last === undefined) return { trail: [point], changed: [point], rebuilt: true };
  if (unixMs < last.unixMs) return { trail, changed: [], rebuilt: false };
  if (unixMs === last.unixMs) return { trail: [...trail.slice(0, -1), point], changed: [point], rebuilt: false };
  const capacity = pointsIn(shape);
  const missing = Math.round((unixMs - last.unixMs) / stepMs) - 1;
  if (missing >= capacity) return { trail: [point], changed: [point], rebuilt: true };
  const changed: TrailPoint[] = [];
  for (let step = 1; step <= missing; step += 1) changed.push(emptyPoint(last.unixMs + step * stepMs));
  changed.push(point);
  return { trail: [...trail, ...changed].slice(-capacity), changed, rebuilt: false };
};

export const spreadOf = (point: TrailPoint, direction: Direction): number | null =>
  direction === 'sell-a-buy-b' ? point.fBps : point.rBps;

/** What the line series takes: a value, and whether the line must start anew because a gap lies before it. */
export type LineItem =
  | { readonly unixMs: number; readonly value: number; readonly breakBefore: boolean }
  | { readonly unixMs: number; readonly value: null };

/** @param afterGap whether the point before `points[0]` had no value. */
export const lineItems = (points: readonly TrailPoint[], direction: Direction, afterGap: boolean): readonly LineItem[] => {
  let gap = afterGap;
  return points.map((point): LineItem => {
    const value = spreadOf(point, direction);
    if (value === null || !Number.isFinite(value)) {
      gap = true;
      return { unixMs: point.unixMs, value: null };
    }
    const breakBefore = gap;
    gap = false;
    return { unixMs: point.unixMs, value, breakBefore };
  });
};
