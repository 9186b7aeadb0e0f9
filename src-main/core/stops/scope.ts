/**
 * What a stop covers, and the strongest stop in force for a group, pair, venue or order. Reads only. A group or pair is
 * covered by a stop of either of its venues; an order only by one of its own venue, so that the other leg can be closed.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import type { ScopedStop, StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { EngineState, PairState, VenueState } from '../state.ts';

export type StopLevel = 'none' | ScopedStop['level'];
/** Weakest first. */
export const STOP_LEVELS: readonly StopLevel[] = ['none', 'pause', 'kill', 'flatten', 'hands-off'];

export const isAtLeast = (level: StopLevel, least: StopLevel): boolean => STOP_LEVELS.indexOf(level) >= STOP_LEVELS.indexOf(least);

const stronger = (p: StopLevel, q: StopLevel): StopLevel => (isAtLeast(p, q) ? p : q);

/** The pair and venue ids that something touches. */
interface Reach {
  readonly pairId: string | null;
  readonly venueIds: readonly string[];
}

const reachOf = (target: HedgeGroup | PairState | VenueState): Reach => {
  if ('legs' in target) return { pairId: target.pairId, venueIds: [target.legs.a.venueId, target.legs.b.venueId] };
  if ('directions' in target) return { pairId: target.settings.id, venueIds: [target.a.settings.venueId, target.b.settings.venueId] };
  return { pairId: null, venueIds: [target.settings.id] };
};

const covers = (scope: StopScope, { pairId, venueIds }: Reach): boolean =>
  scope === 'all' || (pairId !== null && scope === `pair:${pairId}`) || venueIds.some((id) => scope === `venue:${id}`);

const strongest = (state: EngineState, reach: Reach): StopLevel => {
  let level: StopLevel = state.kill !== null ? state.kill.level : state.pause !== null ? 'pause' : 'none';
  for (const stop of state.book.scopedStops) if (covers(stop.scope, reach)) level = stronger(level, stop.level);
  return level;
};

/** The strongest stop in force over a group, a pair or a venue. */
export const stopOf = (state: EngineState, target: HedgeGroup | PairState | VenueState): StopLevel => strongest(state, reachOf(target));

/** The strongest stop in force over one order: of everything, of its pair, of its own venue. */
export const stopOfOrder = (state: EngineState, request: OrderRequest, pairId: string): StopLevel =>
  strongest(state, { pairId, venueIds: [request.venueId] });

/**
 * Why nothing may be sent for an order at this moment by a stop of its pair or venue; null = it may. The stop of everything is
 * the gate's. Asked when the order is about to leave: a stop may have come while it waited.
 */
export const scopedBar = (state: EngineState, clientOrderId: string, act: 'open' | 'reduce' | 'cancel'): string | null => {
  const request = state.book.orders[clientOrderId]?.request;
  const pairId = state.book.groups.find((group) => group.id === request?.groupId)?.pairId ?? null;
  if (request === undefined) return null;
  let level: StopLevel = 'none';
  for (const stop of state.book.scopedStops)
    if (covers(stop.scope, { pairId, venueIds: [request.venueId] })) level = stronger(level, stop.level);
  if (level === 'hands-off') return 'hands-off is in force: nothing is sent';
  return act === 'open' && request.authority === 'rule' && isAtLeast(level, 'kill') ? `${level} is in force: nothing may open` : null;
};

/** Whether a scope covers a venue's account: every venue of a pair counts. */
export const scopeHasVenue = (state: EngineState, scope: StopScope, venue: VenueState): boolean =>
  covers(scope, { pairId: null, venueIds: [venue.settings.id] }) ||
  state.pairs.some((p) => scope === `pair:${p.settings.id}` && (p.a.venue === venue || p.b.venue === venue));

/** Why a scope names nothing of ours; null = it does. */
export const scopeFault = (state: EngineState, scope: StopScope): string | null => {
  const known =
    scope === 'all' ||
    state.pairs.some((p) => scope === `pair:${p.settings.id}`) ||
    state.venues.some((v) => scope === `venue:${v.settings.id}`);
  return known ? null : `there is no ${scope.replace(':', ' ')}`;
};

export const groupIsCovered = (scope: StopScope, group: HedgeGroup): boolean => covers(scope, reachOf(group));
