import { describe, expect, it } from 'vitest';
import { ManualTime } from '../scriptedVenue.testkit.ts';
import { CLOCK_EVERY_MS, CLOCK_KEEPS_MS, CLOCK_SAMPLES, MAX_ROUND_TRIP_MS, NO_TIME_BACKOFF, VenueClock } from './venueClock.ts';

/** A venue whose clock is `aheadMs` ahead; each question takes the next of `roundTrips`, all of it on the way back. */
const stage = (roundTrips: readonly number[], aheadMs = 5_000) => {
  const time = new ManualTime();
  const world = { aheadMs, asked: 0, failing: null as string | null, changes: 0 };
  const clock = new VenueClock({
    ask: async () => {
      const roundTripMs = roundTrips[world.asked % roundTrips.length]!;
      world.asked += 1;
      if (world.failing !== null) return world.failing;
      const sentMs = time.unixMs();
      time.skip(roundTripMs);
      return { serverMs: Math.floor(sentMs + world.aheadMs), midUnixMs: sentMs + roundTripMs / 2, roundTripMs };
    },
    clock: time,
    timers: time,
    random: () => 0.5,
    changed: () => {
      world.changes += 1;
    },
  });
  return { time, world, clock };
};

describe('the venue’s clock', () => {
  it('is unknown until it was measured, then off by at most half the best round trip', async () => {
    const { time, world, clock } = stage([300, 40, 500, 200, 900]);
    expect(clock.unixMs()).toBeNull();
    expect(clock.why).not.toBe('');
    await clock.measure();
    expect(world.asked).toBe(CLOCK_SAMPLES);
    expect(clock.roundTripMs).toBe(40);
    expect(Math.abs(clock.unixMs()! - (time.unixMs() + 5_000))).toBeLessThanOrEqual(20.5);
    expect(clock.why).toBe('');
    expect(world.changes).toBe(1);
  });

  it('is measured each minute, and sooner after a failure', async () => {
    const { time, world, clock } = stage([10]);
    const askedBy = (count: number, stepMs: number) => time.passUntil(() => world.asked >= count, `${count} questions`, stepMs, 120_000);
    clock.start();
    await askedBy(5, 1);
    const measuredMs = time.unixMs();
    await askedBy(10, 1_000);
    expect(time.unixMs() - measuredMs).toBeGreaterThanOrEqual(CLOCK_EVERY_MS);
    world.failing = 'HTTP 503';
    await askedBy(11, 1_000);
    const failedMs = time.unixMs();
    await askedBy(12, 250);
    expect(time.unixMs() - failedMs).toBeLessThan(10_000);
    expect(clock.unixMs()).not.toBeNull();
    clock.stop();
  });

  it('is not believed for ever', async () => {
    const { time, clock } = stage([10]);
    await clock.measure();
    time.skip(CLOCK_KEEPS_MS - 1);
    expect(clock.unixMs()).not.toBeNull();
    time.skip(2);
    expect(clock.unixMs()).toBeNull();
  });

  it('takes no measurement that took too long', async () => {
    expect(await measured(MAX_ROUND_TRIP_MS)).not.toBeNull();
    expect(await measured(MAX_ROUND_TRIP_MS + 1)).toBeNull();
  });

  it('has no time after the venue refused our stamp, until measured anew', async () => {
    const { clock, world, time } = stage([10]);
    await clock.measure();
    world.aheadMs = -8_000;
    clock.distrust('-1021');
    expect(clock.unixMs()).toBeNull();
    expect(clock.why).toContain('-1021');
    await clock.measure();
    expect(Math.abs(clock.unixMs()! - (time.unixMs() - 8_000))).toBeLessThan(6);
  });

  it('is known again within seconds after a venue that did not answer for long is well: nothing can be stamped meanwhile', async () => {
    const { clock, time, world } = stage([10]);
    clock.start();
    await time.passUntil(() => clock.unixMs() !== null, 'the first measurement', 250, 5_000);
    world.failing = 'HTTP 503';
    clock.distrust('-1021');
    const wellMs = time.unixMs() + 570_000;
    await time.passUntil(() => time.unixMs() >= wellMs, 'a long outage', 2_000);
    expect(clock.unixMs()).toBeNull();
    world.failing = null;
    await time.passUntil(() => clock.unixMs() !== null, 'the clock', 250, NO_TIME_BACKOFF.maxMs + 250);
    clock.stop();
  });

  it('does not follow our own clock when that is set', async () => {
    const { clock, time } = stage([10]);
    await clock.measure();
    const before = clock.unixMs()!;
    const unixMs = time.unixMs.bind(time);
    time.unixMs = () => unixMs() + 3_600_000;
    expect(clock.unixMs()).toBe(before);
  });

  it('takes no measurement during which our own clock was set: an order would say that it holds for an hour', async () => {
    const { clock, time, world } = stage([10]);
    const unixMs = time.unixMs.bind(time);
    time.unixMs = () => unixMs() + (world.asked >= 3 ? 3_600_000 : 0);
    await clock.measure();
    expect(clock.unixMs()).toBeNull();
    expect(clock.why).toContain('our own clock');
    await clock.measure();
    expect(Math.abs(clock.unixMs()! - (time.unixMs() + 5_000))).toBeLessThan(6);
  });
});

const measured = async (roundTripMs: number) => {
  const { clock } = stage([roundTripMs]);
  await clock.measure();
  return clock.unixMs();
};
