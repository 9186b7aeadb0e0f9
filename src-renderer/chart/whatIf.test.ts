/** Dragging the trigger: shares, pixels and keys. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisSpan, bpsAt, keyStepBps, perDayMs, shareBeyond, upperEdge, xOf, type Histogram } from './whatIf.ts';

const FLAT: Histogram = { fromBps: -2, stepBps: 1, shares: [0.25, 0.25, 0.25, 0.25] };

describe('shareBeyond', () => {
  it.each([
    [-3, 1],
    [-2, 1],
    [-1, 0.75],
    [-0.5, 0.625],
    [1.9, 0.025],
    [2, 0],
    [9, 0],
  ])('of a flat histogram at %s is %s', (triggerBps, share) => {
    expect(shareBeyond(FLAT, triggerBps)).toBeCloseTo(share, 12);
  });

  const histogram = fc
    .tuple(
      fc.integer({ min: -50, max: 50 }),
      fc.constantFrom(0.05, 0.25, 1),
      fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 80 }),
    )
    .map(([fromBps, stepBps, weights]): Histogram => {
      const sum = weights.reduce((total, weight) => total + weight, 0) || 1;
      return { fromBps, stepBps, shares: weights.map((weight) => weight / sum) };
    });

  it('never grows as the trigger moves up, and stays a share', () => {
    fc.assert(
      fc.property(
        histogram,
        fc.double({ min: -80, max: 80, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (each, at, further) => {
          const [near, far] = [shareBeyond(each, at), shareBeyond(each, at + further)];
          expect(far).toBeLessThanOrEqual(near + 1e-12);
          expect(near).toBeGreaterThanOrEqual(0);
          expect(near).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('equals the sum of whole buckets at every bucket edge', () => {
    fc.assert(
      fc.property(histogram, fc.nat(100), (each, pick) => {
        const index = pick % (each.shares.length + 1);
        const sum = each.shares.slice(index).reduce((total, share) => total + share, 0);
        expect(shareBeyond(each, each.fromBps + index * each.stepBps)).toBeCloseTo(sum, 9);
      }),
    );
  });
});

describe('the axis', () => {
  it('leaves far single samples out and takes a near entry in', () => {
    const shares = [0.0001, ...Array.from({ length: 50 }, () => 0), 0.4999, 0.5];
    const span = axisSpan({ fromBps: 0, stepBps: 1, shares }, 54);
    expect(span.minBps).toBeGreaterThan(40);
    expect(span.maxBps).toBeGreaterThan(54);
    expect(axisSpan({ fromBps: 0, stepBps: 1, shares }, 500).maxBps).toBeLessThan(60);
  });

  it('is the whole histogram when every bucket matters', () => {
    const span = axisSpan(FLAT, null);
    expect(span.minBps).toBeLessThanOrEqual(-2);
    expect(span.maxBps).toBeGreaterThanOrEqual(upperEdge(FLAT));
  });

  it('survives a single bucket and a histogram of nothing', () => {
    for (const shares of [[1], [0, 0, 0]]) {
      const span = axisSpan({ fromBps: 1, stepBps: 0.5, shares }, null);
      expect(span.maxBps).toBeGreaterThan(span.minBps);
    }
  });
});

describe('pointer and keys', () => {
  const span = { minBps: -5, maxBps: 15 };

  it('hold the trigger inside the axis', () => {
    expect([bpsAt(-40, 200, span), bpsAt(0, 200, span), bpsAt(100, 200, span), bpsAt(999, 200, span)]).toEqual([-5, -5, 5, 15]);
    expect(bpsAt(10, 0, span)).toBe(-5);
  });

  it('turn pixels into spread and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 300, noNaN: true }), (x) => {
        expect(xOf(bpsAt(x, 300, span), 300, span)).toBeCloseTo(x, 6);
      }),
    );
  });

  it.each([
    [{ minBps: -5, maxBps: 15 }, 0.2],
    [{ minBps: 0, maxBps: 1 }, 0.01],
    [{ minBps: 0, maxBps: 300 }, 5],
    [{ minBps: 0, maxBps: 900 }, 10],
  ])('step by a round part of %o', (each, step) => {
    expect(keyStepBps(each)).toBeCloseTo(step, 12);
  });

  it('say how much of a day a share is', () => {
    expect(perDayMs(0.25)).toBe(21_600_000);
  });
});
