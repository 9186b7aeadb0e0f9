import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_MS, BUCKETS, createServerClock, STEP_MS, STEP_SPAN_MS, STEP_TICKS } from './serverClock.ts';

const START = 1_790_000_000_000;

describe('server clock', () => {
  it('knows nothing before the first tick', () => {
    expect(createServerClock().estimate()).toBeNull();
  });

  it('never overstates the offset, and misses it by no more than the shortest delay of the window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50_000_000, max: 50_000_000 }),
        fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 200 }),
        (offset, delays) => {
          const clock = createServerClock();
          for (const [i, delay] of delays.entries()) expect(clock.observe(START + i * 500 + offset - delay, START + i * 500)).toBeNull();
          const estimate = clock.estimate();
          expect(estimate?.offsetMs).toBe(offset - Math.min(...delays));
          expect(estimate?.uncertaintyMs).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it('follows a clock that drifts back once its window has passed', () => {
    const clock = createServerClock();
    clock.observe(START + 1_000, START);
    for (let i = 1; i < BUCKETS; i += 1) clock.observe(START + i * BUCKET_MS + 900, START + i * BUCKET_MS);
    expect(clock.estimate()).toEqual({ offsetMs: 1_000, uncertaintyMs: 100 });
    clock.observe(START + BUCKETS * BUCKET_MS + 900, START + BUCKETS * BUCKET_MS);
    expect(clock.estimate()).toEqual({ offsetMs: 900, uncertaintyMs: 0 });
  });

  const stepped = (byMs: number, ticks: number, spacingMs: number) => {
    const clock = createServerClock();
    clock.observe(START + 7_200_000, START);
    const steps = [];
    for (let i = 1; i <= ticks; i += 1) steps.push(clock.observe(START + i * spacingMs + 7_200_000 + byMs, START + i * spacingMs));
    return { clock, steps };
  };

  it('takes a step of an hour when enough ticks agree for long enough, in both directions', () => {
    for (const by of [3_600_000, -3_600_000]) {
      const { clock, steps } = stepped(by, STEP_TICKS, STEP_SPAN_MS);
      expect(steps.slice(0, -1).every((step) => step === null)).toBe(true);
      expect(steps.at(-1)).toEqual({ fromMs: 7_200_000, toMs: 7_200_000 + by, daylightSaving: true });
      expect(clock.estimate()?.offsetMs).toBe(7_200_000 + by);
    }
  });

  it('calls neither ten seconds, ten minutes nor two hours daylight saving', () => {
    for (const by of [10_000, 600_000, 7_200_000])
      expect(stepped(by, STEP_TICKS, STEP_SPAN_MS).steps.at(-1)).toMatchObject({ daylightSaving: false });
  });

  it('takes neither one tick too few, nor a burst, nor strays that disagree', () => {
    expect(stepped(3_600_000, STEP_TICKS - 1, STEP_SPAN_MS).clock.estimate()?.offsetMs).toBe(7_200_000);
    expect(stepped(3_600_000, 50, (STEP_SPAN_MS - 1) / 50).clock.estimate()?.offsetMs).toBe(7_200_000);
    const clock = createServerClock();
    clock.observe(START, START);
    for (let i = 1; i < 50; i += 1) expect(clock.observe(START + i * 1_000 + i * (STEP_MS + 1), START + i * 1_000)).toBeNull();
    expect(clock.estimate()?.offsetMs).toBe(0);
  });

  it('treats exactly the step width as drift, one more as a stray', () => {
    const clock = createServerClock();
    clock.observe(START, START);
    clock.observe(START + 1 + STEP_MS, START + 1);
    expect(clock.estimate()?.offsetMs).toBe(STEP_MS);
    clock.observe(START + 2 + STEP_MS + STEP_MS + 1, START + 2);
    expect(clock.estimate()?.offsetMs).toBe(STEP_MS);
  });
});
