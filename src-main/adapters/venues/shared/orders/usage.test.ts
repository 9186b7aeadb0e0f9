import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualTime } from '../scriptedVenue.testkit.ts';
import type { Lane } from './parts.ts';
import { COUNTED_AFTER_MS, FIGURES_BEYOND, LEAST_RESERVED_SHARE, RESERVED_SHARE, SLICES, Usage } from './usage.ts';

const WINDOW_MS = 10_000;
const MAX = 100;
const make = (time: ManualTime) =>
  new Usage(
    time,
    [
      { name: 'orders 10 s', max: MAX, windowMs: WINDOW_MS },
      { name: 'orders 1 min', max: 1_000, windowMs: 60_000 },
      { name: 'weight', max: 50, windowMs: 60_000 },
    ],
    [
      { name: 'order', allowances: ['orders 10 s', 'orders 1 min'] },
      { name: 'weight', allowances: ['weight'] },
    ],
  );
const usedOf = (usage: Usage, name: string) => usage.reports().find((report) => report.name === name)?.used;
const times = (n: number, act: () => unknown) => Array.from({ length: n }, act);

describe('an allowance', () => {
  it('keeps 30 % for the safety lane, to the last one', () => {
    const usage = make(new ManualTime());
    const open = MAX * (1 - RESERVED_SHARE);
    for (const taken of times(open, () => usage.take('order', 1, 'entry'))) expect(taken).toEqual({ taken: true });
    expect(usage.take('order', 1, 'entry')).toMatchObject({
      taken: false,
      why: expect.stringContaining('70 of 100, of which 30 are kept'),
    });
    expect(usage.take('order', 1, 'question')).toMatchObject({ taken: false });
    for (const taken of times(MAX - open, () => usage.take('order', 1, 'safety'))) expect(taken).toEqual({ taken: true });
    expect(usage.take('order', 1, 'safety')).toMatchObject({ taken: false });
    expect(usedOf(usage, 'orders 10 s')).toBe(MAX);
  });

  it('lets recovery go on where questions stop, and leaves the last 10 % to the safety lane', () => {
    const usage = make(new ManualTime());
    const reach = MAX * (1 - LEAST_RESERVED_SHARE);
    usage.heard('orders 10 s', MAX * (1 - RESERVED_SHARE));
    expect(usage.take('order', 1, 'question').taken).toBe(false);
    for (const taken of times(reach - MAX * (1 - RESERVED_SHARE), () => usage.take('order', 1, 'recovery')))
      expect(taken).toEqual({ taken: true });
    expect(usage.take('order', 1, 'recovery')).toMatchObject({
      taken: false,
      why: expect.stringContaining('90 of 100, of which 10 are kept'),
    });
    for (const taken of times(MAX - reach, () => usage.take('order', 1, 'safety'))) expect(taken).toEqual({ taken: true });
    expect(usage.take('order', 1, 'safety').taken).toBe(false);
  });

  it('lets the venue’s own figures be asked for beyond our count, so often, and never while it asks for silence', () => {
    const time = new ManualTime();
    const usage = make(time);
    usage.heard('weight', 3_000);
    const ask = () => usage.take('weight', 1, 'figures').taken;
    expect(usage.take('weight', 1, 'safety').taken).toBe(false);
    expect(times(FIGURES_BEYOND.max + 1, ask)).toEqual([...times(FIGURES_BEYOND.max, () => true), false]);
    time.skip(FIGURES_BEYOND.windowMs - 1);
    expect(ask()).toBe(false);
    time.skip(1);
    expect(ask()).toBe(true);
    usage.quietAll(5_000);
    time.skip(4_999);
    expect(ask()).toBe(false);
    time.skip(1);
    expect(ask()).toBe(true);
  });

  it('counts from the first moment of a clock that starts at nought', () => {
    for (const ms of [0, 0.001, 120, 499, 500, 9_999]) {
      const clock = { monoUs: () => ms * 1_000, unixMs: () => ms };
      const usage = new Usage(clock, [{ name: 'a', max: 2, windowMs: WINDOW_MS }], [{ name: 'b', allowances: ['a'] }]);
      expect([usage.take('b', 2, 'safety').taken, usage.take('b', 1, 'safety').taken, usedOf(usage, 'a')]).toEqual([true, false, 2]);
    }
  });

  it('gives back what left the window, no sooner, and says when', async () => {
    const time = new ManualTime();
    const usage = make(time);
    usage.take('order', MAX, 'safety');
    const refused = usage.take('order', 1, 'safety');
    expect(refused.taken).toBe(false);
    const waitMs = refused.taken ? 0 : refused.waitMs;
    expect(waitMs).toBeGreaterThanOrEqual(WINDOW_MS);
    expect(waitMs).toBeLessThanOrEqual(WINDOW_MS + WINDOW_MS / SLICES);
    time.skip(waitMs - 1);
    expect(usage.take('order', 1, 'safety').taken).toBe(false);
    time.skip(1);
    expect(usage.take('order', 1, 'safety').taken).toBe(true);
  });

  it('takes of all that a budget draws on, or of none', () => {
    const usage = make(new ManualTime());
    usage.heard('orders 1 min', 1_000);
    expect(usage.take('order', 1, 'safety').taken).toBe(false);
    expect(usedOf(usage, 'orders 10 s')).toBe(0);
  });

  it('counts no less than the venue, and no less than what it spent itself', () => {
    const usage = make(new ManualTime());
    usage.take('weight', 10, 'question');
    usage.heard('weight', 4);
    expect(usedOf(usage, 'weight')).toBe(10);
    usage.heard('weight', 34);
    expect(usage.take('weight', 2, 'question')).toMatchObject({ taken: false });
    expect(usage.take('weight', 1, 'question').taken).toBe(true);
    usage.heard('no such allowance', 5);
    usage.heard('weight', Number.NaN);
    expect(usedOf(usage, 'weight')).toBe(35);
  });

  it('believes a smaller count of the venue, but for what may be on its way', () => {
    const time = new ManualTime();
    const usage = make(time);
    usage.heard('orders 1 min', 900);
    usage.take('order', 10, 'safety');
    usage.heard('orders 1 min', 500);
    // Our ten are in these 500, or they are not.
    expect(usedOf(usage, 'orders 1 min')).toBe(510);
    time.skip(COUNTED_AFTER_MS + 60_000 / SLICES);
    usage.heard('orders 1 min', 500);
    expect(usedOf(usage, 'orders 1 min')).toBe(500);
    usage.heard('orders 1 min', 0);
    expect(usedOf(usage, 'orders 1 min')).toBe(10);
  });

  it('forgets what others spent a window after the venue told of it', () => {
    const time = new ManualTime();
    const usage = make(time);
    usage.heard('weight', 50);
    const refused = usage.take('weight', 1, 'safety');
    const waitMs = refused.taken ? 0 : refused.waitMs;
    expect(waitMs).toBeGreaterThanOrEqual(60_000);
    expect(waitMs).toBeLessThanOrEqual(60_000 + 60_000 / SLICES);
    time.skip(waitMs - 1);
    expect(usage.take('weight', 1, 'safety').taken).toBe(false);
    time.skip(1);
    expect(usage.take('weight', 1, 'safety').taken).toBe(true);
  });

  it('follows the maximum that the venue reads out', () => {
    const usage = make(new ManualTime());
    usage.setMax('weight', 10);
    expect(usage.take('weight', 8, 'question').taken).toBe(false);
    expect(usage.take('weight', 7, 'question').taken).toBe(true);
  });

  it('refuses names that nobody declared', () => {
    const usage = make(new ManualTime());
    expect(() => usage.take('nothing', 1, 'entry')).toThrow(RangeError);
    expect(() => new Usage(new ManualTime(), [], [{ name: 'x', allowances: ['y'] }])).toThrow(RangeError);
  });
});

describe('silence', () => {
  it('of one budget leaves the others alone and binds every lane', () => {
    const time = new ManualTime();
    const usage = make(time);
    usage.quiet('weight', 3_000);
    usage.quiet('weight', 1_000);
    expect(usage.take('weight', 1, 'safety')).toEqual({ taken: false, waitMs: 3_000, why: 'the venue asked for silence for another 3 s' });
    expect(usage.take('order', 1, 'entry').taken).toBe(true);
    expect(usage.reports().map(({ quietUntilUnixMs }) => quietUntilUnixMs)).toEqual([null, null, time.unixMs() + 3_000]);
    time.skip(3_000);
    expect(usage.take('weight', 1, 'safety').taken).toBe(true);
  });

  it('of the host silences everything', () => {
    const time = new ManualTime();
    const usage = make(time);
    usage.quietAll(120_000);
    expect(usage.take('order', 1, 'safety').taken).toBe(false);
    time.skip(120_000);
    expect(usage.take('order', 1, 'safety').taken).toBe(true);
  });
});

it('never lets more through than the maximum, in any window', () => {
  const act = fc.record({
    gapMs: fc.integer({ min: 0, max: 3_000 }),
    cost: fc.integer({ min: 1, max: 9 }),
    lane: fc.constantFrom<Lane[]>('entry', 'safety', 'question'),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
      const time = new ManualTime();
      const usage = new Usage(time, [{ name: 'a', max: 20, windowMs: 4_000 }], [{ name: 'b', allowances: ['a'] }]);
      const taken: { atMs: number; cost: number }[] = [];
      for (const { gapMs, cost, lane } of acts) {
        time.skip(gapMs);
        const answer = usage.take('b', cost, lane);
        if (answer.taken) taken.push({ atMs: time.unixMs(), cost });
        else expect(answer.waitMs).toBeGreaterThan(0);
        const inWindow = taken.filter(({ atMs }) => atMs > time.unixMs() - 4_000).reduce((sum, each) => sum + each.cost, 0);
        expect(inWindow).toBeLessThanOrEqual(20);
        expect(usage.reports()[0]!.used).toBeGreaterThanOrEqual(inWindow);
      }
    }),
    { numRuns: 60 },
  );
});

it('beside others never lets the venue count more than the maximum, whose counts it hears with the answers', () => {
  const act = fc.record({
    gapMs: fc.integer({ min: 0, max: 900 }),
    cost: fc.integer({ min: 1, max: 6 }),
    others: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
      const time = new ManualTime();
      const usage = new Usage(time, [{ name: 'a', max: 30, windowMs: 6_000 }], [{ name: 'b', allowances: ['a'] }]);
      const counted: { atMs: number; cost: number }[] = [];
      const count = (): number => counted.filter(({ atMs }) => atMs > time.unixMs() - 6_000).reduce((sum, { cost }) => sum + cost, 0);
      for (const { gapMs, cost, others } of acts) {
        time.skip(gapMs);
        counted.push({ atMs: time.unixMs(), cost: others });
        // An answer that tells the count of this moment, as that to the question for the time does.
        usage.heard('a', count());
        if (usage.take('b', cost, 'safety').taken) {
          counted.push({ atMs: time.unixMs(), cost });
          expect(count()).toBeLessThanOrEqual(30);
        }
      }
    }),
    { numRuns: 60 },
  );
});
