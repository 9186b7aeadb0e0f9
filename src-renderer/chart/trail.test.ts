/** The grid under the chart: every step present, gaps where nothing is known, nothing invented. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extendTrail, lineItems, pointsIn, RANGE_SHAPES, trailOf, type TrailPoint } from './trail.ts';

const SHAPE = { spanMs: 10_000, stepMs: 1_000 };
const live = (unixMs: number, fBps: number | null): TrailPoint => ({ unixMs, fBps, rBps: null, ageMs: 1 });
const values = (trail: readonly TrailPoint[]): ReadonlyArray<number | null> => trail.map((point) => point.fBps);

describe('trailOf', () => {
  it('covers the whole span up to its end, unknown where there is no history', () => {
    const trail = trailOf([{ unixMs: 18_000, fBps: 1, rBps: -1 }], 1_000, 20_400, SHAPE);
    expect(trail.map((point) => point.unixMs)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map((s) => s * 1_000));
    expect(values(trail)).toEqual([null, null, null, null, null, null, null, 1, null, null]);
  });

  it('takes the newest of several points in one step', () => {
    const history = [
      { unixMs: 20_000, fBps: 1, rBps: null },
      { unixMs: 20_900, fBps: 2, rBps: null },
    ];
    expect(values(trailOf(history, 1_000, 20_950, SHAPE)).at(-1)).toBe(2);
  });

  it('lets a coarse point speak for its own step only, then leaves a gap', () => {
    const history = [
      { unixMs: 12_000, fBps: 1, rBps: null },
      { unixMs: 15_000, fBps: null, rBps: null },
      { unixMs: 18_000, fBps: 3, rBps: null },
    ];
    expect(values(trailOf(history, 3_000, 20_000, SHAPE))).toEqual([null, 1, 1, 1, null, null, null, 3, 3, 3]);
  });

  it('does not bridge a hole in the history', () => {
    const history = [
      { unixMs: 12_000, fBps: 1, rBps: null },
      { unixMs: 19_000, fBps: 2, rBps: null },
    ];
    expect(values(trailOf(history, 1_000, 20_000, SHAPE))).toEqual([null, 1, null, null, null, null, null, null, 2, null]);
  });

  it.each(Object.entries(RANGE_SHAPES))('gives %s a grid of exact half seconds', (_, shape) => {
    expect(trailOf([], 0, 1e12, shape)).toHaveLength(pointsIn(shape));
    expect(shape.stepMs % 500).toBe(0);
  });
});

describe('extendTrail', () => {
  it('replaces the newest point within its step and appends in the next', () => {
    const first = extendTrail([], live(5_100, 1), SHAPE);
    const same = extendTrail(first.trail, live(5_900, 2), SHAPE);
    const next = extendTrail(same.trail, live(6_000, 3), SHAPE);
    expect(values(next.trail)).toEqual([2, 3]);
    expect([first.rebuilt, same.changed.length, next.changed.length]).toEqual([true, 1, 1]);
  });

  it('fills skipped steps with points without a value', () => {
    const { trail, changed } = extendTrail([live(5_000, 1)], live(8_200, 2), SHAPE);
    expect(values(trail)).toEqual([1, null, null, 2]);
    expect(changed).toHaveLength(3);
  });

  it('ignores the past and starts anew after a whole span of silence', () => {
    const trail = [live(5_000, 1)];
    expect(extendTrail(trail, live(4_000, 9), SHAPE).trail).toBe(trail);
    expect(extendTrail(trail, live(16_000, 2), SHAPE)).toMatchObject({ rebuilt: true, trail: [{ unixMs: 16_000, fBps: 2 }] });
  });

  it('stays on the grid, unbroken and within the span, whatever comes', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.option(fc.integer({ min: -5, max: 5 })));
    fc.assert(
      fc.property(fc.array(point, { maxLength: 60 }), (points) => {
        let at = 0;
        let trail: readonly TrailPoint[] = [];
        for (const [pauseMs, value] of points) {
          at += pauseMs;
          trail = extendTrail(trail, live(at, value), SHAPE).trail;
          expect(trail.at(-1)).toMatchObject({ unixMs: Math.floor(at / 1_000) * 1_000, fBps: value });
        }
        expect(trail.length).toBeLessThanOrEqual(pointsIn(SHAPE));
        for (const [index, each] of trail.entries()) {
          if (index > 0) expect(each.unixMs - (trail[index - 1]?.unixMs ?? 0)).toBe(SHAPE.stepMs);
        }
      }),
    );
  });
});

describe('lineItems', () => {
  it('breaks the line exactly after points without a value', () => {
    const points = [live(0, 1), live(1, null), live(2, 2), live(3, 3), live(4, Number.NaN), live(5, 4)];
    expect(lineItems(points, 'sell-a-buy-b', false)).toEqual([
      { unixMs: 0, value: 1, breakBefore: false },
      { unixMs: 1, value: null },
      { unixMs: 2, value: 2, breakBefore: true },
      { unixMs: 3, value: 3, breakBefore: false },
      { unixMs: 4, value: null },
      { unixMs: 5, value: 4, breakBefore: true },
    ]);
  });

  it('continues a gap that lies before its first point', () => {
    expect(lineItems([live(0, 1)], 'sell-a-buy-b', true)).toEqual([{ unixMs: 0, value: 1, breakBefore: true }]);
  });

  it('draws the direction asked for', () => {
    expect(lineItems([{ unixMs: 0, fBps: 1, rBps: -2, ageMs: null }], 'sell-b-buy-a', false)).toEqual([
      { unixMs: 0, value: -2, breakBefore: false },
    ]);
  });
});
