import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_COSTS, type InstrumentCosts } from '../../src-shared/domain/settings.ts';
import { instrument, metadataOf, pairOf, settingsOf, World } from './core.testkit.ts';
import { carryBps, costBreakdown, keptCarryBps, legCarryBps } from './costs.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (day: number, hour: number, minute = 0): number => Date.UTC(2026, 0, day, hour, minute);

describe('carry of a leg', () => {
  const rollover: InstrumentCosts = {
    ...NO_COSTS,
    carryLongBpsPerDay: 2,
    carryShortBpsPerDay: -1,
    rolloverUtcMinute: 22 * 60,
    tripleCarryUtcWeekday: 3,
  };
  const carry = (costs: InstrumentCosts, from: number, holdMs: number): number => legCarryBps(costs, 'long', from, holdMs);

  test('no rollover crossed costs nothing; the instant itself belongs to what follows it', () => {
    expect(carry(rollover, at(6, 20), HOUR)).toBe(0);
    expect(carry(rollover, at(6, 21), HOUR)).toBe(2);
    expect(carry(rollover, at(6, 22), HOUR)).toBe(0);
  });

  test('Wednesday counts three, the weekend nothing, a week seven', () => {
    expect(carry(rollover, at(7, 21, 30), HOUR)).toBe(6);
    expect(carry(rollover, at(10, 12), DAY)).toBe(0);
    expect(carry(rollover, at(11, 12), DAY)).toBe(0);
    expect(carry(rollover, at(5, 0), 7 * DAY)).toBe(14);
    expect(legCarryBps(rollover, 'short', at(5, 0), 7 * DAY)).toBe(-7);
  });

  test('a rollover at midnight UTC closes the day before it', () => {
    const midnight = { ...rollover, rolloverUtcMinute: 0, tripleCarryUtcWeekday: 4 };
    expect(carry(midnight, at(9, 23), 2 * HOUR)).toBe(2);
    expect(carry(midnight, at(10, 23), 2 * HOUR)).toBe(0);
    expect(carry(midnight, at(11, 23), 2 * HOUR)).toBe(0);
    expect(carry(midnight, at(7, 23), 2 * HOUR)).toBe(6);
    expect(carry(midnight, at(5, 12), 7 * DAY)).toBe(14);
  });

  test('without a triple day every rollover counts one', () => {
    expect(carry({ ...rollover, tripleCarryUtcWeekday: null }, at(5, 0), 7 * DAY)).toBe(14);
  });

  test('funding is charged at the instants crossed only', () => {
    const funding: InstrumentCosts = { ...NO_COSTS, carryLongBpsPerDay: 3, carryIntervalHours: 8 };
    expect(carry(funding, at(6, 8), 8 * HOUR - 1)).toBe(0);
    expect(carry(funding, at(6, 8), 8 * HOUR)).toBe(1);
    expect(carry(funding, at(6, 7, 59), 8 * HOUR + 60_000)).toBe(2);
  });

  test('with neither instants nor rollover it accrues with time', () => {
    expect(carry({ ...NO_COSTS, carryLongBpsPerDay: 24 }, at(6, 8), HOUR)).toBe(1);
  });

  test('the kept carry always equals the fresh one, whichever way the clock goes', () => {
    const perpetual: InstrumentCosts = { ...NO_COSTS, carryLongBpsPerDay: 3, carryShortBpsPerDay: 2, carryIntervalHours: 8 };
    const a = instrument('X', 'va', { costs: rollover });
    const b = instrument('X', 'vb', { costs: perpetual });
    const world = new World(settingsOf({ instruments: [a, b], pairs: [pairOf(a, b, { expectedHoldMs: 9 * HOUR })] }));
    const pair = world.state.pairs[0]!;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: at(5, 0), max: at(12, 0) }), { minLength: 1, maxLength: 30 }), (moments) => {
        for (const t of moments)
          for (const d of pair.directions) {
            const same = (unixMs: number): void => expect(keptCarryBps(pair, d, unixMs)).toBe(carryBps(pair, d, unixMs));
            same(t);
            same(d.carryUntilUnixMs - 1);
            same(d.carryUntilUnixMs);
            same(t + HOUR);
            same(Math.floor(t / HOUR) * HOUR);
          }
      }),
    );
  });
});

describe('the whole breakdown', () => {
  const mt5 = instrument('XAUUSD', 'va', {
    kind: 'cfd',
    costs: {
      ...NO_COSTS,
      commissionPerLot: 3.5,
      slippageBps: 0.4,
      carryShortBpsPerDay: 1,
      rolloverUtcMinute: 13 * 60,
      tripleCarryUtcWeekday: 3,
    },
  });
  const swap = instrument('XAU-USDT-SWAP', 'vb', {
    costs: { ...NO_COSTS, takerFeeBps: 5, slippageBps: 0.1, carryLongBpsPerDay: 3, carryIntervalHours: 8 },
  });
  const worldOf = (): World =>
    new World(settingsOf({ instruments: [mt5, swap], pairs: [pairOf(mt5, swap, { expectedHoldMs: 4 * HOUR })] }));

  test('fees and slippage of both legs in and out, commission a lot, triple swap, funding, exit at the opposite median', () => {
    const world = worldOf().ready();
    world.control({ type: 'instrument', instrument: metadataOf(mt5, { baseQtyPerUnit: '100' }), mismatches: [] });
    world.quote(0, { bid: 3_499.9, ask: 3_500.1 });
    world.quote(1, { bid: 3_499.5, ask: 3_500.5 });
    world.pass(100).timer();
    const pair = world.state.pairs[0]!;
    const costs = costBreakdown(pair, pair.directions[0], world.unixMs);
    expect(costs.feesBps).toBe(10);
    expect(costs.slippageBps).toBe(1);
    expect(costs.commissionBps).toBeCloseTo(2 * (3.5 / 350_000) * 10_000, 9);
    expect(costs.carryBps).toBe(3 + 1);
    expect(costs.exitSpreadBps).toBeCloseTo((0.6 / 3_500) * 10_000, 2);
    expect(costs.totalBps).toBeCloseTo(10 + 1 + 0.2 + 4 + costs.exitSpreadBps, 9);
  });

  test('a commission whose contract size is unknown makes the total unknown, never free', () => {
    const world = worldOf();
    world.start();
    world.quote(0, { bid: 3_499.9, ask: 3_500.1 });
    world.quote(1, { bid: 3_499.5, ask: 3_500.5 });
    world.pass(100).timer();
    const pair = world.state.pairs[0]!;
    expect(costBreakdown(pair, pair.directions[0], world.unixMs).totalBps).toBeNaN();
  });
});
