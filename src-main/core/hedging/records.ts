/**
 * The one place where groups and orders are replaced in the book. Every replacement is a fact; several of one group in
 * one step become one fact a state. Invariants: a pair's count of live groups is right, an ended group keeps no clock, and the
 * book keeps at most {@link MAX_ENDED_GROUPS} ended groups with their orders.
 */
import { isEndedGroup, type HedgeGroup, type LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { OrderRecord } from '../../../src-shared/domain/order.ts';
import { isLiveOrder, LEGS, type LegName } from '../../../src-shared/domain/order.ts';
import { MAX_ENDED_GROUPS, type GroupClock } from '../book.ts';
import type { Fact } from '../facts.ts';
import { fallBack } from '../live/ladder.ts';
import { emit, note } from '../notes.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { groupMove, type GroupCause } from './groupTable.ts';

export const groupOf = (state: EngineState, id: string): HedgeGroup | null => state.book.groups.find((g) => g.id === id) ?? null;

/** null = the pair is no longer configured: such a group can only be watched. */
export const pairOfGroup = (state: EngineState, group: HedgeGroup): PairState | null =>
  state.pairs.find((p) => p.settings.id === group.pairId) ?? null;

export const instrumentOfLeg = (pair: PairState, leg: LegName): InstrumentState => (leg === 'a' ? pair.a : pair.b);

export const ordersOf = (state: EngineState, leg: LegRecord): readonly OrderRecord[] => leg.orders.map((id) => state.book.orders[id]!);

export const allOrdersOf = (state: EngineState, { legs }: HedgeGroup): readonly OrderRecord[] =>
  LEGS.flatMap((leg) => ordersOf(state, legs[leg]));

export const newGroupClock = (deadlineUs: number): GroupClock => ({
  residualSinceUs: null,
  deadlineUs,
  openedUs: null,
  ladderFrom: 0,
  notBeforeUs: Number.NEGATIVE_INFINITY,
  secondSent: false,
  closeRounds: 0,
});

/** The clock of a group that has not ended; one that came back to life has none of its times any more. */
export const clockOf = (state: EngineState, groupId: string): GroupClock => {
  const { groupClocks } = state.book;
  return (groupClocks[groupId] ??= { ...newGroupClock(Number.NEGATIVE_INFINITY), secondSent: true });
};

export const putGroup = (state: EngineState, next: HedgeGroup): HedgeGroup => {
  const { groups } = state.book;
  const at = groups.findIndex((g) => g.id === next.id);
  const before = at === -1 ? null : groups[at]!;
  if (at === -1) groups.push(next);
  else groups[at] = next;
  emitGroup(state, next, before);
  const lived = before !== null && !isEndedGroup(before.state);
  const lives = !isEndedGroup(next.state);
  if (lived === lives) return next;
  countLive(state, next, lives ? 1 : -1);
  if (!lives) {
    delete state.book.groupClocks[next.id];
    forgetOldest(state);
  }
  return next;
};

export const countLive = (state: EngineState, group: HedgeGroup, by: 1 | -1): void => {
  const pair = pairOfGroup(state, group);
  if (pair !== null) pair.liveGroups += by;
};

/** One fact a state and step: a later replacement within the same state takes the place of the earlier fact. */
const emitGroup = (state: EngineState, group: HedgeGroup, before: HedgeGroup | null): void => {
  const { facts } = state.draft;
  for (let i = facts.length - 1; i >= 0; i--) {
    const fact: Fact = facts[i]!;
    if (fact.type !== 'group-changed' || fact.group.id !== group.id) continue;
    if (fact.group.state === group.state) {
      facts[i] = { ...fact, group };
      return;
    }
    break;
  }
  emit(state, { type: 'group-changed', group, before: before?.state ?? null });
};

/** The group as the table moves it; null = impossible, which is told and changes nothing. */
export const movedGroup = (
  state: EngineState,
  group: HedgeGroup,
  cause: GroupCause,
  why: string,
  more: Partial<HedgeGroup> = {},
): HedgeGroup | null => {
  const to = groupMove(group.state, cause);
  if (to !== null)
    return { ...group, ...more, state: to, why, stateSinceUnixMs: to === group.state ? group.stateSinceUnixMs : state.unixMs };
  note(state, 'critical', 'group', group.id, `impossible: "${cause}" of a group that is ${group.state} (${why}); nothing changed`);
  return null;
};

export const moveGroup = (
  state: EngineState,
  group: HedgeGroup,
  cause: GroupCause,
  why: string,
  more: Partial<HedgeGroup> = {},
): HedgeGroup => {
  const moved = movedGroup(state, group, cause, why, more);
  if (moved === null) return group;
  if (moved.state === group.state && group.why === why && Object.keys(more).length === 0) return group;
  if (moved.state === 'operator-held' && group.state !== 'operator-held') fallBack(state, `group ${group.id} is held for a person`);
  return putGroup(state, moved);
};

/** Says why it is where it is; nothing when that was said already. */
export const explain = (state: EngineState, group: HedgeGroup, why: string): HedgeGroup =>
  group.why === why ? group : putGroup(state, { ...group, why });

const forgetOldest = (state: EngineState): void => {
  const { book } = state;
  let ended = 0;
  for (const g of book.groups) if (isEndedGroup(g.state)) ended++;
  for (let i = 0; ended > MAX_ENDED_GROUPS && i < book.groups.length; ) {
    const group = book.groups[i]!;
    if (!isEndedGroup(group.state)) {
      i++;
      continue;
    }
    for (const leg of LEGS)
      for (const id of group.legs[leg].orders) {
        delete book.orders[id];
        delete book.orderClocks[id];
      }
    book.groups.splice(i, 1);
    ended--;
  }
};

/** Replaces an order and says so. */
export const putOrder = (state: EngineState, next: OrderRecord): OrderRecord => {
  const { clientOrderId } = next.request;
  const before = state.book.orders[clientOrderId] ?? null;
  state.book.orders[clientOrderId] = next;
  emit(state, { type: 'order-changed', order: next, before: before?.state ?? null });
  if (!isLiveOrder(next.state) && !isOwed(next)) delete state.book.orderClocks[clientOrderId];
  return next;
};

/** Ended, but the venue reported more than the fills that we have booked. */
export const isOwed = (order: OrderRecord): boolean => !isLiveOrder(order.state) && order.filledQty !== order.bookedQty;
