/**
 * What the rules remember: entries, fences, results of the day, losing streaks, venue errors. Owns those members of the book
 * and the moments at which they bring a cooldown, a disablement or a halt. Everything durable leaves as a fact.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { MS_PER_DAY, MS_PER_HOUR, US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { DayRecord, Fence } from '../book.ts';
import { emit, note } from '../notes.ts';
import type { EngineState } from '../state.ts';
import { raiseHalt } from '../stops/halt.ts';
import { entryAgeMs, FENCE_LIMITS, followClock, newEntry, newFence, setFences } from './deadlines.ts';
import { disable, disablementOf, expireDisablements } from './disablements.ts';
import { equityUsd } from './exposure.ts';
import { watchHeartbeats } from './heartbeat.ts';
import { dayLossPct } from './stateRules.ts';

export { noteMessage } from './budget.ts';

/** No entry on the pair until the fence's own time is over; a later one of the same kind takes its place. */
export const setFence = (state: EngineState, pairId: string, kind: Fence['kind']): void => {
  const forMs = state.book.limits[FENCE_LIMITS[kind]];
  if (forMs === 0) return;
  const kept = state.book.fences.filter((f) => f.endsUs > state.monoUs && !(f.pairId === pairId && f.kind === kind));
  setFences(state, [...kept, newFence(state, pairId, kind, forMs)]);
};

/** An entry was made: it counts against repetition and look-alikes. */
export const noteGroupStarted = (state: EngineState, group: HedgeGroup): void => {
  const { entries } = state.book;
  const kept = entries.filter((mark) => entryAgeMs(mark, state.monoUs) < MS_PER_HOUR);
  state.book.entries = [...kept, newEntry(state, group.pairId, group.direction)];
  setFence(state, group.pairId, 'entry');
};

const traded = ({ legs }: HedgeGroup): boolean => Number(legs.a.openedQty) > 0 || Number(legs.b.openedQty) > 0;

/** A group came to its end: its result counts for the day and the streak, a failure or a loss fences its pair. */
export const noteGroupEnded = (state: EngineState, group: HedgeGroup): void => {
  if (group.state === 'denied') return;
  if (group.closeReason === 'failed') setFence(state, group.pairId, 'failure');
  const { result } = group;
  if (result === null || !traded(group)) return;
  const lost = result.netUsd < 0;
  if (lost) setFence(state, group.pairId, 'loss');
  const today = dayOf(state);
  const losingStreak = lost ? today.losingStreak + 1 : 0;
  const reached = losingStreak >= state.book.limits.maxLosingGroups;
  setDay(state, {
    ...today,
    netUsd: today.netUsd + result.netUsd,
    groups: today.groups + 1,
    losingStreak: reached ? 0 : losingStreak,
  });
  if (reached && lost) coolDown(state, losingStreak);
  if (lost) haltOnDayLoss(state);
};

/** The result of a group that had been counted changed afterwards: the day changes with it, the streak does not. */
export const noteLateCharge = (state: EngineState, byUsd: number): void => {
  const today = dayOf(state);
  setDay(state, { ...today, netUsd: today.netUsd + byUsd });
  if (byUsd < 0) haltOnDayLoss(state);
};

const coolDown = (state: EngineState, losing: number): void =>
  disable(state, { scope: 'all', code: 'losing-streak', text: `${losing} losing groups in a row` }, state.book.limits.losingCooldownMs);

/** At the loss that reaches the limit, and at every further one after a reset. */
const haltOnDayLoss = (state: EngineState): void => {
  const loss = dayLossPct(state, state.unixMs);
  const { maxDayLossPct } = state.book.limits;
  if (loss !== null && loss >= maxDayLossPct) raiseHalt(state, `${loss.toFixed(2)} % of the day's equity lost, limit ${maxDayLossPct} %`);
};

const utcDayOf = (unixMs: number): number => Math.floor(unixMs / MS_PER_DAY);

/** The record of today; the losing streak goes on over midnight. A clock that went back never reopens an earlier day. */
const dayOf = (state: EngineState): DayRecord => {
  const { day } = state.book;
  const utcDay = utcDayOf(state.unixMs);
  if (day !== null && day.utcDay >= utcDay) return day;
  return { utcDay, startEquityUsd: equityUsd(state), netUsd: 0, groups: 0, losingStreak: day?.losingStreak ?? 0 };
};

const setDay = (state: EngineState, day: DayRecord): void => {
  state.book.day = day;
  emit(state, { type: 'day-changed', day });
};

/** A new day begins, or the first equity of this one becomes known. */
const rollDay = (state: EngineState): void => {
  const { day } = state.book;
  const today = dayOf(state);
  if (today !== day) {
    if (day !== null || today.startEquityUsd !== null) setDay(state, today);
    return;
  }
  if (today.startEquityUsd !== null) return;
  const equity = equityUsd(state);
  if (equity === null) return;
  // What was lost since midnight is part of what the day began with.
  setDay(state, { ...today, startEquityUsd: equity - today.netUsd });
  haltOnDayLoss(state);
};

/** A venue failed us: a refusal for its own reasons, an outcome nobody knows, a broken answer. Too many disable it. */
export const noteVenueError = (state: EngineState, venueId: string, why: string): void => {
  const venue = state.book.venues.find((v) => v.venueId === venueId);
  if (venue === undefined) return;
  const { maxVenueErrors, venueErrorWindowMs } = state.book.limits;
  const nowUs = Math.floor(state.monoUs);
  const kept = venue.errorsUs.filter((atUs) => nowUs - atUs < venueErrorWindowMs * US_PER_MS);
  kept.push(nowUs);
  venue.errorsUs = kept.slice(-Math.max(1, maxVenueErrors));
  note(state, 'warn', 'venue', venueId, `error ${venue.errorsUs.length} of ${maxVenueErrors}: ${why}`);
  if (venue.errorsUs.length < maxVenueErrors) return;
  const scope = `venue:${venueId}` as const;
  if (disablementOf(state, 'venue-errors', [scope], nowUs) !== null) return;
  const text = `${venue.errorsUs.length} errors within ${venueErrorWindowMs / 1_000} s, the last: ${why}`;
  disable(state, { scope, code: 'venue-errors', text }, null);
};

/** What time alone brings: silence, ends of cooldowns, a new day. Called by the timer. */
export const tickRisk = (state: EngineState, nowUs: number): void => {
  watchHeartbeats(state, nowUs);
  expireDisablements(state);
  followClock(state);
  rollDay(state);
};
