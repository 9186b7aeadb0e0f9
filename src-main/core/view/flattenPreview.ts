/**
 * What FLATTEN would do at this moment: each live group with what would be sold and bought at which touch, what has to
 * wait and for what, and what would remain for a person. Promises nothing: prices move, and the act asks again.
 */
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LEGS, type LegName } from '../../../src-shared/domain/order.ts';
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { Stamp } from '../../../src-shared/domain/units.ts';
import type { FlattenPreview } from '../../../src-shared/domain/view.ts';
import { exitEstimate, flattenWait } from '../hedging/closing.ts';
import { groupInScope } from '../hedging/orders.ts';
import { hasQuote, isFresh } from '../marketData.ts';
import type { EngineState } from '../state.ts';
import { signedQty } from './groupRows.ts';
import { shown, USD_DIGITS } from './rounding.ts';

type PreviewedGroup = FlattenPreview['groups'][number];
type PreviewedLeg = PreviewedGroup['legs'][number];

/** The touch on the side that the closing order would take; null while it is stale. */
const touchOf = (state: EngineState, instrumentId: string, side: 'buy' | 'sell', at: Stamp): number | null => {
  const x = state.instruments.find(({ settings }) => settings.id === instrumentId);
  if (x === undefined || !hasQuote(x) || x.fault !== 'none' || !isFresh(x, at.monoUs)) return null;
  return side === 'buy' ? x.askPx : x.bidPx;
};

const closingLeg = (state: EngineState, group: HedgeGroup, name: LegName, at: Stamp): PreviewedLeg | null => {
  const leg = group.legs[name];
  const held = signedQty(leg);
  if (Number(held) === 0) return null;
  const side = held.startsWith('-') ? 'buy' : 'sell';
  const qty = held.startsWith('-') ? held.slice(1) : held;
  return { instrumentId: leg.instrumentId, side, qty, px: touchOf(state, leg.instrumentId, side, at) };
};

const previewOf = (state: EngineState, group: HedgeGroup, at: Stamp): PreviewedGroup => ({
  groupId: group.id,
  pairId: group.pairId,
  legs: LEGS.flatMap((name) => closingLeg(state, group, name, at) ?? []),
  estimatedNetUsd: shown(exitEstimate(state, group)?.netUsd ?? null, USD_DIGITS),
  waitsFor: flattenWait(state, group),
});

const unknownOrders = (state: EngineState, groups: readonly HedgeGroup[]): readonly string[] =>
  groups.flatMap((group) =>
    LEGS.flatMap((name) =>
      group.legs[name].orders
        .filter((id) => state.book.orders[id]?.state === 'unknown')
        .map((id) => `order ${id} of ${group.pairId} is unknown: nothing is closed before the venue has said what became of it`),
    ),
  );

const heldByOperator = (groups: readonly HedgeGroup[]): readonly string[] =>
  groups
    .filter((group) => group.state === 'operator-held')
    .map((group) => `group ${group.id} of ${group.pairId} is held for an operator: ${group.why}`);

const inVenueScope = (scope: StopScope, state: EngineState, venueId: string): boolean => {
  if (scope === 'all') return true;
  if (scope.startsWith('venue:')) return scope === `venue:${venueId}`;
  const pair = state.pairs.find(({ settings }) => scope === `pair:${settings.id}`);
  return pair !== undefined && (pair.a.settings.venueId === venueId || pair.b.settings.venueId === venueId);
};

/** What is at the venues and not ours to close, and venues that cannot answer. */
const atVenues = (state: EngineState, scope: StopScope): readonly string[] =>
  state.book.venues
    .filter(({ venueId }) => inVenueScope(scope, state, venueId))
    .flatMap((venue) => [
      ...(venue.reconciled === 'yes' ? [] : [`${venue.venueId} is not reconciled (${venue.reconciled}): ${venue.reconcileDetail}`]),
      ...(venue.foreignOrders.length === 0 ? [] : [`${venue.venueId}: ${venue.foreignOrders.length} open orders that are not ours`]),
      ...Object.entries(venue.differences).map(
        ([instrumentId, { own, reported }]) => `${instrumentId}: ${own} by our fills, ${reported} at the venue; only ours is closed`,
      ),
    ]);

const foreignHoldings = (state: EngineState, scope: StopScope): readonly string[] =>
  state.instruments.flatMap((x) => {
    const foreign = state.book.holdings[x.settings.id]?.foreignQty ?? '0';
    if (Number(foreign) === 0 || !inVenueScope(scope, state, x.settings.venueId)) return [];
    return [`${x.settings.id}: ${foreign} that is not ours stays untouched`];
  });

/** Of the given scope, as of `at`. */
export const buildFlattenPreview = (state: EngineState, scope: StopScope, at: Stamp): FlattenPreview => {
  const groups = state.book.groups.filter((group) => !isEndedGroup(group.state) && groupInScope(state, group, scope));
  return {
    groups: groups.map((group) => previewOf(state, group, at)),
    remains: [...heldByOperator(groups), ...unknownOrders(state, groups), ...atVenues(state, scope), ...foreignHoldings(state, scope)],
  };
};
