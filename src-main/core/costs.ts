/**
 * What a round trip costs, in bps of mid, positive = paid. Numbers only: a signal is found with them, money is not.
 * Carry counts the instants that fall into (now, now + expected hold] of the Unix clock in UTC; there is no daylight
 * saving in it: a rollover that moves with the broker's season moves in the settings.
 */
import type { CostBreakdown } from '../../src-shared/domain/opportunity.ts';
import type { InstrumentCosts } from '../../src-shared/domain/settings.ts';
import { BPS_PER_UNIT, MS_PER_DAY, MS_PER_HOUR, MS_PER_MIN } from '../../src-shared/domain/units.ts';
import { P50 } from './pairStatistics.ts';
import { quantileAt } from './rollingStats.ts';
import type { DirectionState, InstrumentState, PairState } from './state.ts';

const TRIPLE = 3;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4;
const DAYS_PER_WEEK = 7;

const mod = (value: number, by: number): number => ((value % by) + by) % by;

/** Taker fees of both legs, in and out. */
export const feesBps = (pair: PairState): number => 2 * (pair.a.settings.costs.takerFeeBps + pair.b.settings.costs.takerFeeBps);

/** Both legs are executed twice. */
export const slippageBps = (pair: PairState): number => 2 * (pair.a.settings.costs.slippageBps + pair.b.settings.costs.slippageBps);

/** Commission per lot and side of both legs, in and out; NaN while a contract size that it needs is unknown. */
export const commissionBps = (pair: PairState): number => 2 * (legCommissionBps(pair.a) + legCommissionBps(pair.b));

const legCommissionBps = (x: InstrumentState): number => {
  const perLot = x.settings.costs.commissionPerLot;
  if (perLot === 0) return 0;
  return (perLot / (x.baseQtyPerUnit * ((x.bidPx + x.askPx) / 2))) * BPS_PER_UNIT;
};

/** Rate a day of one leg held for `holdMs` from `nowUnixMs`: rollovers, funding instants, or plain accrual. */
export const legCarryBps = (costs: InstrumentCosts, side: 'long' | 'short', nowUnixMs: number, holdMs: number): number => {
  const perDay = side === 'long' ? costs.carryLongBpsPerDay : costs.carryShortBpsPerDay;
  if (perDay === 0) return 0;
  if (costs.rolloverUtcMinute !== null)
    return perDay * rolloverDays(costs.rolloverUtcMinute, costs.tripleCarryUtcWeekday, nowUnixMs, nowUnixMs + holdMs);
  if (costs.carryIntervalHours !== null) {
    const intervalMs = costs.carryIntervalHours * MS_PER_HOUR;
    const crossed = Math.floor((nowUnixMs + holdMs) / intervalMs) - Math.floor(nowUnixMs / intervalMs);
    return perDay * (costs.carryIntervalHours / 24) * crossed;
  }
  return (perDay * holdMs) / MS_PER_DAY;
};

/**
 * Days of carry charged at the daily rollovers in (from, to]. With a triple day that weekday counts three and the two
 * days of the weekend nothing, for the triple day pays for them. A rollover before noon UTC closes the day before it.
 */
const rolloverDays = (utcMinute: number, tripleWeekday: number | null, fromUnixMs: number, toUnixMs: number): number => {
  const offsetMs = utcMinute * MS_PER_MIN;
  const first = Math.floor((fromUnixMs - offsetMs) / MS_PER_DAY) + 1;
  const last = Math.floor((toUnixMs - offsetMs) / MS_PER_DAY);
  if (tripleWeekday === null) return last - first + 1;
  const closesDayBefore = utcMinute < 12 * 60 ? 1 : 0;
  let days = 0;
  for (let day = first; day <= last; day++) {
    const weekday = mod(day + EPOCH_WEEKDAY, DAYS_PER_WEEK);
    const tradingDay = mod(weekday - closesDayBefore, DAYS_PER_WEEK);
    if (weekday === tripleWeekday) days += TRIPLE;
    else if (tradingDay !== 0 && tradingDay !== 6) days += 1;
  }
  return days;
};

/** Carry of both legs until the expected exit; negative when we are paid. */
export const carryBps = (pair: PairState, d: DirectionState, nowUnixMs: number): number => {
  const holdMs = pair.settings.expectedHoldMs;
  return legCarryBps(d.sold.settings.costs, 'short', nowUnixMs, holdMs) + legCarryBps(d.bought.settings.costs, 'long', nowUnixMs, holdMs);
};

/** {@link carryBps}, kept until the Unix clock reaches the next moment at which it can change. Only `step` may call it. */
export const keptCarryBps = (pair: PairState, d: DirectionState, nowUnixMs: number): number => {
  if (nowUnixMs < d.carryFromUnixMs || nowUnixMs >= d.carryUntilUnixMs) {
    d.carryBps = carryBps(pair, d, nowUnixMs);
    d.carryFromUnixMs = nowUnixMs;
    const holdMs = pair.settings.expectedHoldMs;
    d.carryUntilUnixMs = Math.min(
      nextCarryChange(d.sold.settings.costs, nowUnixMs, holdMs),
      nextCarryChange(d.bought.settings.costs, nowUnixMs, holdMs),
    );
  }
  return d.carryBps;
};

const nextCarryChange = (costs: InstrumentCosts, nowUnixMs: number, holdMs: number): number => {
  const everyMs =
    costs.rolloverUtcMinute !== null ? MS_PER_DAY : costs.carryIntervalHours !== null ? costs.carryIntervalHours * MS_PER_HOUR : null;
  if (everyMs === null) return Number.POSITIVE_INFINITY;
  const offsetMs = (costs.rolloverUtcMinute ?? 0) * MS_PER_MIN;
  const nextAfter = (t: number): number => (Math.floor((t - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
  return Math.min(nextAfter(nowUnixMs), nextAfter(nowUnixMs + holdMs) - holdMs);
};

/** What leaving is expected to cost: minus the median executable spread of the opposite direction; NaN before statistics. */
export const exitSpreadBps = (pair: PairState, d: DirectionState): number => -quantileAt(pair.statistics.directions[1 - d.index]!, P50);

/** All costs with a given carry. NaN while a part is unknown: an unknown cost is never taken for none. */
export const totalCostBps = (pair: PairState, d: DirectionState, carry: number): number =>
  feesBps(pair) + commissionBps(pair) + slippageBps(pair) + carry + exitSpreadBps(pair, d);

/** The same figures one by one, for the console and the journal. */
export const costBreakdown = (pair: PairState, d: DirectionState, nowUnixMs: number): CostBreakdown => {
  const carry = carryBps(pair, d, nowUnixMs);
  return {
    feesBps: feesBps(pair),
    commissionBps: commissionBps(pair),
    slippageBps: slippageBps(pair),
    carryBps: carry,
    exitSpreadBps: exitSpreadBps(pair, d),
    totalBps: totalCostBps(pair, d, carry),
  };
};
