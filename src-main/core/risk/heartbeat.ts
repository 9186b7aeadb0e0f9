/**
 * Signs of life of an EA: its reports and its ticks. Silence is told at the warning limit, denies entries at the halt limit,
 * and stops the venue by a latch when something is at stake there. Exchanges have quote ages and links instead.
 */
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import { note } from '../notes.ts';
import type { EngineState, VenueState } from '../state.ts';
import { raiseVenueStop } from '../stops/latch.ts';
import { stopOf, isAtLeast } from '../stops/scope.ts';
import { liveGroups } from './exposure.ts';

export const noteHeartbeat = (state: EngineState, venue: VenueState): void => {
  state.book.venues[venue.index]!.heartbeatUs = Math.floor(state.monoUs);
};

/** Since the EA's last sign of life, ms; NaN before the first; null where there is no EA. */
export const silenceMs = (state: EngineState, venue: VenueState, nowUs: number): number | null => {
  if (venue.settings.protocol !== 'metatrader') return null;
  const { heartbeatUs } = state.book.venues[venue.index]!;
  const lastUs = Number.isNaN(heartbeatUs)
    ? venue.newestQuoteMonoUs
    : Number.isNaN(venue.newestQuoteMonoUs)
      ? heartbeatUs
      : Math.max(heartbeatUs, venue.newestQuoteMonoUs);
  return Math.max(0, nowUs - lastUs) / US_PER_MS;
};

/** Warns, and stops the venue; called by the timer. */
export const watchHeartbeats = (state: EngineState, nowUs: number): void => {
  const { heartbeatWarnMs, heartbeatHaltMs } = state.book.limits;
  for (const venue of state.venues) {
    const silent = silenceMs(state, venue, nowUs);
    if (silent === null || Number.isNaN(silent)) continue;
    const kept = state.book.venues[venue.index]!;
    const { id } = venue.settings;
    if (silent < heartbeatWarnMs) {
      if (kept.silenceWarned) note(state, 'info', 'venue', id, 'the EA is heard again');
      kept.silenceWarned = false;
      continue;
    }
    if (!kept.silenceWarned) note(state, 'warn', 'venue', id, `no word from the EA for ${Math.round(silent)} ms`);
    kept.silenceWarned = true;
    if (silent < heartbeatHaltMs || isAtLeast(stopOf(state, venue), 'kill')) continue;
    const atStake = state.book.armed !== null || liveGroups(state).some(({ legs }) => legs.a.venueId === id || legs.b.venueId === id);
    if (atStake) raiseVenueStop(state, id, `no word from the EA for ${Math.round(silent)} ms, limit ${heartbeatHaltMs} ms`);
  }
};
