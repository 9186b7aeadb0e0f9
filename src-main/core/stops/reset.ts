/**
 * The way back from a stop: resume ends a pause, reset ends a kill, flatten or hands-off, and both are explicit acts. A reset
 * names everything that stands against it, and leaves the engine disarmed.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import { venueIsFresh } from '../marketData.ts';
import { isReconciled } from '../reconcile/wall.ts';
import type { EngineState, VenueState } from '../state.ts';
import { groupIsCovered, scopeHasVenue } from './scope.ts';
import { workingOf } from './verify.ts';

const ageOf = (venue: VenueState, nowUs: number): number => Math.round((nowUs - venue.newestQuoteMonoUs) / US_PER_MS);

const venueConditions = (state: EngineState, venue: VenueState, nowUs: number): readonly string[] => {
  const { id, maxQuoteAgeMs } = venue.settings;
  const conditions: string[] = [];
  if (venue.link !== 'live') conditions.push(`venue ${id} is ${venue.link}, not live: ${venue.linkDetail}`);
  if (Number.isNaN(venue.newestQuoteMonoUs)) conditions.push(`venue ${id} has sent no quote yet`);
  else if (!venueIsFresh(venue, nowUs))
    conditions.push(`venue ${id}: newest quote is ${ageOf(venue, nowUs)} ms old, limit ${maxQuoteAgeMs} ms`);
  const { reconciled, reconcileDetail } = state.book.venues[venue.index]!;
  if (!isReconciled(state, id)) conditions.push(`venue ${id} is not reconciled (${reconciled}): ${reconcileDetail}`);
  return conditions;
};

const groupConditions = (state: EngineState, scope: StopScope): readonly string[] =>
  state.book.groups.flatMap((group) => {
    if (isEndedGroup(group.state) || !groupIsCovered(scope, group)) return [];
    if (group.state === 'compensating') return [`group ${group.id} is compensating`];
    if (new Decimal(group.residualBaseQty).isZero()) return [];
    const held = group.state === 'operator-held' ? ': act on it first' : '';
    return [`group ${group.id} is ${group.state} with ${group.residualBaseQty} base units unhedged${held}`];
  });

/** What a reset of this scope would be refused for now, its reason aside; empty = possible, or nothing is latched. */
export const resetConditions = (state: EngineState, scope: StopScope = 'all'): readonly string[] => {
  const latched = scope === 'all' ? state.kill !== null : state.book.scopedStops.some((s) => s.scope === scope && s.level !== 'pause');
  if (!latched) return [];
  const nowUs = Math.floor(state.monoUs);
  const used = state.venues.filter((v) => scopeHasVenue(state, scope, v) && state.instruments.some((x) => x.venue === v));
  return [...workingOf(state, scope), ...used.flatMap((venue) => venueConditions(state, venue, nowUs)), ...groupConditions(state, scope)];
};
