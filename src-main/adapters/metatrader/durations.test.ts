import { expect, it } from 'vitest';
import { createDurations } from './durations.ts';

it('has no percentiles before the first, and those of a list afterwards', () => {
  const durations = createDurations();
  expect(durations.percentiles()).toBeNull();
  durations.add(7);
  expect(durations.percentiles()).toEqual({ p50: 7, p95: 7, count: 1 });
  for (let ms = 1; ms <= 99; ms += 1) durations.add(ms === 7 ? 100 : ms);
  expect(durations.percentiles()).toEqual({ p50: 50, p95: 95, count: 100 });
});

it('keeps the newest, and counts all', () => {
  const durations = createDurations(4);
  for (const ms of [900, 900, 1, 2, 3, 4]) durations.add(ms);
  expect(durations.percentiles()).toEqual({ p50: 2, p95: 4, count: 6 });
});

it('leaves out what is no duration', () => {
  const durations = createDurations();
  for (const ms of [Number.NaN, -1, Infinity]) durations.add(ms);
  expect(durations.percentiles()).toBeNull();
  durations.add(0);
  expect(durations.percentiles()).toEqual({ p50: 0, p95: 0, count: 1 });
});
