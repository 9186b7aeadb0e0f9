/**
 * Orders as the rest of the core asks for them: how one is named to a venue, which are live within a scope, and the
 * wishes to cancel or to ask for them. Cancels are wished for, never assumed: an order ends only by evidence.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder, type OrderRecord, type OrderRef } from '../../../src-shared/domain/order.ts';
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { OrderClock } from '../book.ts';
import { wish } from '../notes.ts';
import { noteMessage } from '../risk/budget.ts';
import type { EngineState } from '../state.ts';
import { groupIsCovered, scopedBar } from '../stops/scope.ts';
import { groupOf, putOrder } from './records.ts';

export const orderRefOf = ({ request, venueOrderId }: OrderRecord): OrderRef => ({
  clientOrderId: request.clientOrderId,
  venueId: request.venueId,
  instrumentId: request.instrumentId,
  symbol: request.symbol,
  venueOrderId,
  magic: request.magic,
});

/** A stop of a venue covers every group that has a leg there. */
export const groupInScope = (_state: EngineState, group: HedgeGroup, scope: StopScope): boolean => groupIsCovered(scope, group);

const orderInScope = (state: EngineState, { request }: OrderRecord, scope: StopScope): boolean => {
  if (scope.startsWith('venue:')) return request.venueId === scope.slice('venue:'.length);
  const group = groupOf(state, request.groupId);
  return group !== null && groupInScope(state, group, scope);
};

/** In flight, working or unknown. */
export const liveOrders = (state: EngineState, scope: StopScope): readonly OrderRecord[] =>
  Object.values(state.book.orders).filter((order) => isLiveOrder(order.state) && orderInScope(state, order, scope));

/** Wishes a cancel of every live order within the scope; at MT5 that also revokes a command not yet delivered. */
export const cancelWorking = (state: EngineState, scope: StopScope): readonly OrderRecord[] => {
  const live = liveOrders(state, scope);
  for (const order of live) cancelOrder(state, order);
  return live;
};

/** Nothing is sent where hands are off, not even a cancel that a wider stop would bring. */
export const cancelOrder = (state: EngineState, order: OrderRecord): void => {
  if (scopedBar(state, order.request.clientOrderId, 'cancel') !== null) return;
  noteMessage(state, order.request.venueId);
  putOrder(state, { ...order, cancelRequestedUnixMs: state.unixMs });
  wish(state, { type: 'cancel-order', ref: orderRefOf(order) });
};

/** The order's times; one that had none (ended, and came back to life) begins now. */
export const orderClockOf = (state: EngineState, clientOrderId: string): OrderClock => {
  const { orderClocks } = state.book;
  return (orderClocks[clientOrderId] ??= {
    committedUs: state.monoUs,
    acknowledgedUs: null,
    owedSinceUs: null,
    nextQueryUs: Number.POSITIVE_INFINITY,
    notFound: 0,
    committedVenueMs: null,
    missedVenueMs: null,
  });
};

/** Asks the venue what became of it, and again after `queryEveryMs` while that is not known. */
export const queryOrder = (state: EngineState, order: OrderRecord): OrderRecord => {
  const clock = orderClockOf(state, order.request.clientOrderId);
  clock.nextQueryUs = state.monoUs + state.settings.hedging.queryEveryMs * US_PER_MS;
  const asked = putOrder(state, { ...order, queries: order.queries + 1, lastQueryUnixMs: state.unixMs });
  wish(state, { type: 'query-order', ref: orderRefOf(asked) });
  return asked;
};
