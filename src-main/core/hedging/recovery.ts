/**
 * What the ledger remembers becomes the book again. Nothing is sent but questions: an order that was in flight is unknown, clocks go
 * on from the wall clock's word with the time between the runs counted in, and no second leg is sent any more by plan: what is
 * missing is compensated. Invariant: the same rows give the same book.
 */
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { isLiveOrder, LEGS, type LegName, type OrderRecord } from '../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { RecoveredTrading } from '../book.ts';
import { restoreRung } from '../live/ladder.ts';
import { note } from '../notes.ts';
import { restoreCursors } from '../reconcile/wall.ts';
import { recoverDisablement, recoverEntry, recoverFence } from '../risk/deadlines.ts';
import { restoreLimits } from '../risk/limits.ts';
import type { EngineState } from '../state.ts';
import { withLeg } from './exposure.ts';
import { loseTrack } from './orderEvents.ts';
import { orderClockOf, queryOrder } from './orders.ts';
import { countLive, isOwed, newGroupClock, pairOfGroup } from './records.ts';

export const recoverTrading = (state: EngineState, trading: RecoveredTrading): void => {
  const { book } = state;
  book.groups = trading.groups
    .map((group) => withAllOrders(group, trading.orders))
    .sort((p, q) => p.createdUnixMs - q.createdUnixMs || (p.id < q.id ? -1 : 1));
  book.orders = Object.fromEntries(trading.orders.map((order) => [order.request.clientOrderId, order]));
  book.tradeIds = Object.fromEntries(trading.tradeIds.map((key) => [key, true as const]));
  book.accounts = { ...trading.accounts };
  book.holdings = { ...trading.holdings };
  book.magics = { ...trading.magics };
  restoreCursors(state, trading);
  restoreLimits(state, trading.overrides);
  book.fences = trading.fences.map((fence) => recoverFence(state, fence));
  book.disablements = trading.disablements.map((disablement) => recoverDisablement(state, disablement));
  restoreRung(state, trading.rung ?? null);
  book.day = trading.day;
  book.entries = trading.entries.map((mark) => recoverEntry(state, mark));
  for (const group of book.groups) if (!isEndedGroup(group.state)) recoverGroup(state, group);
  for (const order of trading.orders) recoverOrder(state, order);
};

/** A stop is committed even where the step before it could not be: it may name orders that their group does not know yet. */
const withAllOrders = (group: HedgeGroup, orders: readonly OrderRecord[]): HedgeGroup => {
  const idsOf = (leg: LegName): readonly ClientOrderId[] =>
    orders
      .filter(({ request }) => request.groupId === group.id && request.leg === leg)
      .sort((p, q) => p.request.attempt - q.request.attempt)
      .map(({ request }) => request.clientOrderId);
  return LEGS.reduce((g, leg) => {
    const ids = idsOf(leg);
    return ids.length === g.legs[leg].orders.length ? g : withLeg(g, { ...g.legs[leg], orders: ids });
  }, group);
};

const recoverGroup = (state: EngineState, group: HedgeGroup): void => {
  countLive(state, group, 1);
  const sinceUs = (unixMs: number | null): number | null =>
    unixMs === null ? null : state.monoUs - Math.max(0, state.unixMs - unixMs) * US_PER_MS;
  state.book.groupClocks[group.id] = {
    ...newGroupClock(state.monoUs),
    residualSinceUs: sinceUs(group.residualSinceUnixMs),
    openedUs: sinceUs(group.openedUnixMs),
    secondSent: true,
  };
  const where =
    pairOfGroup(state, group) === null ? 'its pair is not configured any more: only watched' : `${group.residualBaseQty} unhedged`;
  note(state, 'warn', 'group', group.id, `${group.pairId}: recovered as ${group.state}, ${where}`);
};

const recoverOrder = (state: EngineState, order: OrderRecord): void => {
  if (!isLiveOrder(order.state) && !isOwed(order)) return;
  const clock = orderClockOf(state, order.request.clientOrderId);
  if (isOwed(order)) {
    clock.owedSinceUs = state.monoUs;
    queryOrder(state, order);
  } else if (order.state === 'unknown') queryOrder(state, order);
  else loseTrack(state, order, 'restarted', 'the engine ended before its end was known');
};
