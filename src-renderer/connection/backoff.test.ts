/** Waits between attempts: they double, are capped, and are spread. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffMs, FIRST_WAIT_MS, LONGEST_WAIT_MS } from './backoff.ts';

it.each([
  [1, FIRST_WAIT_MS],
  [2, 2 * FIRST_WAIT_MS],
  [4, 8 * FIRST_WAIT_MS],
  [50, LONGEST_WAIT_MS],
])('attempt %s waits at most %s ms and at least half of it', (attempt, ceilingMs) => {
  expect(backoffMs(attempt, 0)).toBe(ceilingMs / 2);
  expect(backoffMs(attempt, 0.999_999)).toBe(ceilingMs);
});

it('never exceeds the cap and never comes to nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const waitMs = backoffMs(attempt, random);
      expect(waitMs).toBeGreaterThanOrEqual(FIRST_WAIT_MS / 2);
      expect(waitMs).toBeLessThanOrEqual(LONGEST_WAIT_MS);
    }),
  );
});
