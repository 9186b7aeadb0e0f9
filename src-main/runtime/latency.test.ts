import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLatencyMeter, LATENCY_WINDOW_US } from './latency.ts';

test('quantiles are never too low and at most an eighth (or 1/16 µs) too high', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e8, noNaN: true }), { minLength: 1, maxLength: 300 }), (values) => {
      const meter = createLatencyMeter();
      for (const value of values) meter.record(value, 0);
      const sorted = [...values].sort((a, b) => a - b);
      const { p50Us, p99Us, count, maxUs } = meter.summary();
      for (const [shown, share] of [
        [p50Us, 0.5],
        [p99Us, 0.99],
      ] as const) {
        const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
        expect(shown).toBeGreaterThanOrEqual(exact);
        expect(shown).toBeLessThanOrEqual((exact + 1 / 16) * 1.125 + 1 / 16);
      }
      expect(count).toBe(values.length);
      expect(maxUs).toBe(sorted.at(-1));
    }),
  );
});

test('old measurements leave the quantiles, not the counts', () => {
  const meter = createLatencyMeter();
  expect(meter.summary()).toEqual({ count: 0, sumUs: 0, maxUs: 0, p50Us: null, p99Us: null });
  meter.record(5_000, 0);
  meter.record(1, LATENCY_WINDOW_US);
  expect(meter.summary().p99Us).toBeGreaterThan(4_999);
  meter.record(1, 2 * LATENCY_WINDOW_US);
  expect(meter.summary()).toMatchObject({ count: 3, maxUs: 5_000, p99Us: 1.0625 });
});

test('after a long silence nothing old is shown', () => {
  const meter = createLatencyMeter();
  meter.record(5_000, 0);
  meter.record(1, 10 * LATENCY_WINDOW_US);
  expect(meter.summary().p99Us).toBeLessThan(2);
});
