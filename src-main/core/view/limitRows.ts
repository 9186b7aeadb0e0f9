/** Every limit with its value, what the configuration says, who changed it, and its use now where a use makes sense. */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LIMIT_NAMES, type LimitName } from '../../../src-shared/domain/limits.ts';
import { MS_PER_HOUR, MS_PER_MIN, MS_PER_S, type Stamp } from '../../../src-shared/domain/units.ts';
import type { LimitRow } from '../../../src-shared/domain/view.ts';
import { entryAgeMs } from '../risk/deadlines.ts';
import { liveGroups } from '../risk/exposure.ts';
import { dayLossPct } from '../risk/stateRules.ts';
import type { EngineState } from '../state.ts';
import { shown } from './rounding.ts';
import { countWithin } from './venueRows.ts';

const USE_DIGITS = 2;
const PERCENT = 100;

type Use = (state: EngineState, live: readonly HedgeGroup[], at: Stamp) => number | null;

const mostOf = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

const groupsOfBusiestPair: Use = (_state, live) => {
  const byPair: Record<string, number> = {};
  for (const { pairId } of live) byPair[pairId] = (byPair[pairId] ?? 0) + 1;
  return mostOf(Object.values(byPair));
};

const busiestVenue =
  (spanMs: number): Use =>
  (state, _live, at) =>
    mostOf(state.book.venues.map((venue) => countWithin(venue.messagesUs, spanMs, at.monoUs)));

const entriesWithin =
  (spanMs: number): Use =>
  (state, _live, at) =>
    state.book.entries.filter((entry) => entryAgeMs(entry, at.monoUs) < spanMs).length;

/** Of the venue nearest to its limit; an account that uses no margin has no level. */
const lowestMarginLevelPct: Use = (state) => {
  const levels = state.book.venues.flatMap(({ account }) => {
    const used = Number(account?.marginUsed ?? 0);
    return account === null || used <= 0 ? [] : [(Number(account.equity) / used) * PERCENT];
  });
  return levels.length === 0 ? null : Math.min(...levels);
};

/** A limit that is not here has no use: a time, a collar, a distance of the moment. */
const USES: { readonly [K in LimitName]?: Use } = {
  maxGroupNotionalUsd: (_state, live) => mostOf(live.map((group) => group.notionalUsd)),
  maxTotalNotionalUsd: (_state, live) => live.reduce((sum, group) => sum + group.notionalUsd, 0),
  maxOpenGroups: (_state, live) => live.length,
  maxOpenGroupsPerPair: groupsOfBusiestPair,
  maxMessagesPerSecond: busiestVenue(MS_PER_S),
  maxMessagesPerMinute: busiestVenue(MS_PER_MIN),
  maxGroupsPerMinute: entriesWithin(MS_PER_MIN),
  maxGroupsPerHour: entriesWithin(MS_PER_HOUR),
  minMarginLevelPct: lowestMarginLevelPct,
  maxLosingGroups: ({ book }) => book.day?.losingStreak ?? 0,
  maxDayLossPct: (state, _live, at) => dayLossPct(state, at.unixMs),
  maxVenueErrors: (state, _live, at) =>
    mostOf(state.book.venues.map((venue) => countWithin(venue.errorsUs, state.book.limits.venueErrorWindowMs, at.monoUs))),
};

export const limitRows = (state: EngineState, at: Stamp): Readonly<Record<string, LimitRow>> => {
  const live = liveGroups(state);
  return Object.fromEntries(
    LIMIT_NAMES.map((name): readonly [string, LimitRow] => [
      name,
      {
        value: state.book.limits[name],
        configured: state.settings.limits[name],
        used: shown(USES[name]?.(state, live, at) ?? null, USE_DIGITS),
        changedBy: state.book.overrides.find((override) => override.name === name)?.by ?? null,
      },
    ]),
  );
};
