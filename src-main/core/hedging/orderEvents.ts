/**
 * What venues say of our orders: outcomes, cancels, answers, reports, fills. Takes them in any order and any number of times:
 * what is known already changes nothing (I11). Unknown is never guessed: it ends by a report, by fills, or by "not found" that
 * counts (`evidence.ts`). Every change is followed by one turn of its group.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import {
  isLiveOrder,
  type CancelOutcome,
  type FillReport,
  type OrderRecord,
  type OrderReport,
  type OrderState,
  type PlaceOutcome,
  type QueryOutcome,
  type Refusal,
} from '../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { accountBar } from '../accountIdentity.ts';
import { CLIENT_ORDER_ID_PREFIX } from '../intentId.ts';
import { note } from '../notes.ts';
import { noteVenueError } from '../risk/bookkeeping.ts';
import type { EngineState } from '../state.ts';
import { stopOf } from '../stops/scope.ts';
import { driveGroup } from './drive.ts';
import { notFoundCounts, NOT_FOUND_ANSWERS } from './evidence.ts';
import { takeExternalFill } from './externalFills.ts';
import { bookFill, fillFault, isBooked, passTrade } from './fillBooking.ts';
import { holdGroup } from './hold.ts';
import { cancelOrder, orderClockOf, queryOrder } from './orders.ts';
import { takeVenueMade } from './venueMade.ts';
import { orderMove, type OrderCause } from './orderTable.ts';
import { groupOf, isOwed, moveGroup, putOrder } from './records.ts';

/** Pushed fills are given so long to arrive after a report ahead of them before they are asked for. */
export const FILL_GRACE_MS = 250;

type Via = 'push' | 'query' | 'snapshot';

const orderNamed = (state: EngineState, clientOrderId: ClientOrderId, what: string): OrderRecord | null => {
  const order = state.book.orders[clientOrderId];
  if (order !== undefined) return order;
  note(state, 'warn', 'order', null, `${what} of order ${clientOrderId}, which the book does not have`);
  return null;
};

export const takeOrderOutcome = (state: EngineState, clientOrderId: ClientOrderId, outcome: PlaceOutcome): void => {
  const order = orderNamed(state, clientOrderId, `outcome "${outcome.code}"`);
  if (order === null) return;
  if (outcome.code === 'acknowledged') {
    const acknowledged = {
      acknowledgedUnixMs: order.acknowledgedUnixMs ?? state.unixMs,
      venueOrderId: outcome.venueOrderId ?? order.venueOrderId,
    };
    settle(state, { ...order, ...acknowledged }, 'acknowledged', 'acknowledged');
  } else if (outcome.code === 'refused') takeRefusal(state, order, outcome.refusal);
  else {
    noteVenueError(state, order.request.venueId, outcome.why);
    settle(state, order, 'outcome-unknown', outcome.why);
  }
};

const takeRefusal = (state: EngineState, order: OrderRecord, refusal: Refusal): void => {
  const why = `${refusal.by === 'venue' ? 'rejected' : 'not sent'}: ${refusal.text}${refusal.venueCode === null ? '' : ` (${refusal.venueCode})`}`;
  if (refusal.by === 'venue' && refusal.retry !== 'fresh-price') noteVenueError(state, order.request.venueId, why);
  if (order.state === 'unknown' && order.filledQty !== '0') {
    note(
      state,
      'critical',
      'order',
      order.request.groupId,
      `${order.request.clientOrderId} ${why}, yet ${order.filledQty} of it was filled`,
    );
    return;
  }
  settle(state, { ...order, refusal }, 'refused', why);
};

/** Neither answer ends the order: a taken cancel is followed by a report, a refused one asks what became of the order. */
export const takeCancelOutcome = (state: EngineState, clientOrderId: ClientOrderId, outcome: CancelOutcome): void => {
  const order = orderNamed(state, clientOrderId, `cancel "${outcome.code}"`);
  if (order === null || !isLiveOrder(order.state)) return;
  const clock = orderClockOf(state, clientOrderId);
  const asked = outcome.code !== 'acknowledged' && order.lastQueryUnixMs !== null;
  // A venue that refuses the cancel and says "working" each time is asked at the pace of questions, not of its answers.
  const pauseMs = asked ? state.settings.hedging.queryEveryMs : FILL_GRACE_MS;
  if (outcome.code === 'acknowledged' || asked) clock.nextQueryUs = Math.min(clock.nextQueryUs, state.monoUs + pauseMs * US_PER_MS);
  else queryOrder(state, order);
};

export const takeOrderQuery = (state: EngineState, clientOrderId: ClientOrderId, outcome: QueryOutcome): void => {
  const order = orderNamed(state, clientOrderId, `answer "${outcome.code}"`);
  if (order === null) return;
  if (outcome.code === 'not-found') takeNotFound(state, order, outcome.venueUnixMs);
  else if (outcome.code === 'found') {
    for (const fill of outcome.fills) if (fill.clientOrderId === clientOrderId) book(state, fill, 'query');
    report(state, outcome.report);
    cancelRest(state, clientOrderId);
  }
  driveGroup(state, order.request.groupId);
};

/** An IOC that rests after it was asked for should not: it is canceled, unless nothing may be sent. */
const cancelRest = (state: EngineState, clientOrderId: ClientOrderId): void => {
  const order = state.book.orders[clientOrderId]!;
  const group = groupOf(state, order.request.groupId);
  if (order.state === 'working' && group !== null && stopOf(state, group) !== 'hands-off') cancelOrder(state, order);
};

const takeNotFound = (state: EngineState, order: OrderRecord, venueUnixMs: number | null): void => {
  // What bears our name is ours wherever it is found; another account finds nothing.
  if (order.state !== 'unknown' || accountBar(state, order.request.venueId) !== null) return;
  const clock = orderClockOf(state, order.request.clientOrderId);
  if (!notFoundCounts(state, order, clock, venueUnixMs)) {
    clock.missedVenueMs ??= venueUnixMs;
    return;
  }
  clock.notFound++;
  if (clock.notFound < NOT_FOUND_ANSWERS) return;
  const why = `not found ${clock.notFound} times after its validity had passed at the venue`;
  change(state, order, order.filledQty === '0' ? 'proven-absent' : 'told-canceled', why);
};

export const takeOrderReport = (state: EngineState, pushed: OrderReport): void => {
  if (state.book.orders[pushed.clientOrderId] === undefined) {
    if (pushed.clientOrderId.startsWith(CLIENT_ORDER_ID_PREFIX)) orderNamed(state, pushed.clientOrderId, `report "${pushed.state}"`);
    return;
  }
  if (report(state, pushed)) driveGroup(state, state.book.orders[pushed.clientOrderId]!.request.groupId);
};

const CAUSE_OF: Readonly<Record<OrderReport['state'], OrderCause>> = {
  working: 'told-working',
  filled: 'told-filled',
  canceled: 'told-canceled',
  rejected: 'told-rejected',
};

/** What "filled" means: all that was asked, or all that the venue made of it. */
const wholeOf = ({ orderQty }: OrderReport, asked: Decimal): Decimal =>
  orderQty === undefined || !isPositive(orderQty) ? asked : Decimal.min(asked, orderQty);

const isPositive = (text: string): boolean => /^\d+(\.\d+)?$/.test(text) && new Decimal(text).gt(0);

/** @returns whether it changed anything */
const report = (state: EngineState, pushed: OrderReport): boolean => {
  const { clientOrderId, venueId, venueOrderId, state: told, filledQty, text } = pushed;
  const order = state.book.orders[clientOrderId];
  if (order === undefined) return false;
  if (venueId !== order.request.venueId || !/^\d+(\.\d+)?$/.test(filledQty)) {
    note(
      state,
      'critical',
      'order',
      order.request.groupId,
      `senseless report of ${clientOrderId} by ${venueId}: ${told}, filled "${filledQty}"`,
    );
    return false;
  }
  const qty = new Decimal(order.request.qty);
  const known = Decimal.max(order.filledQty, filledQty, told === 'filled' ? wholeOf(pushed, qty) : 0);
  let cause = CAUSE_OF[told];
  if (known.gt(qty)) cause = 'over-filled';
  else if (known.eq(qty)) cause = 'told-filled';
  else if (told === 'filled' || (told === 'rejected' && known.gt(0))) cause = 'told-canceled';
  const words = text === '' ? `the venue says ${told}` : text;
  const why = told === 'filled' && cause === 'told-canceled' ? `the venue took ${known.toFixed()} of ${qty.toFixed()}: ${words}` : words;
  return change(state, { ...order, filledQty: known.toFixed(), venueOrderId: venueOrderId ?? order.venueOrderId }, cause, why);
};

/**
 * Executions that one answer tells together are booked together: no group takes its turn on a part of them.
 * @returns how many were new and ours
 */
export const takeFills = (state: EngineState, fills: readonly FillReport[], via: Via): number => {
  const booked = fills.filter((fill) => book(state, fill, via));
  const groups = booked.map((fill) => state.book.orders[fill.clientOrderId!]!.request.groupId);
  for (const [i, groupId] of groups.entries()) if (groups.indexOf(groupId) === i) driveGroup(state, groupId);
  const external = fills.filter((fill) => !isBooked(state, fill) && takeForeign(state, fill, via));
  return booked.length + external.length;
};

/** Not of an order of ours. @returns whether it closed something of ours */
const takeForeign = (state: EngineState, fill: FillReport, via: Via): boolean => {
  if (accountBar(state, fill.venueId) !== null) return false;
  if (fill.venueMade !== undefined) return takeVenueMade(state, fill, via);
  return fill.clientOrderId === null && takeExternalFill(state, fill, via);
};

const book = (state: EngineState, fill: FillReport, via: Via): boolean => {
  if (fill.clientOrderId === null || fill.venueMade !== undefined || isBooked(state, fill)) return false;
  const order = state.book.orders[fill.clientOrderId];
  if (order === undefined) {
    if (!fill.clientOrderId.startsWith(CLIENT_ORDER_ID_PREFIX)) return false;
    passTrade(state, fill);
    note(
      state,
      'critical',
      'order',
      fill.instrumentId,
      `fill ${fill.tradeId} of order ${fill.clientOrderId}, which the book does not have`,
    );
    return false;
  }
  const fault = fillFault(order, fill);
  if (fault !== null) {
    passTrade(state, fill);
    const group = groupOf(state, order.request.groupId)!;
    holdGroup(state, reopened(state, group.id), `fill ${fill.tradeId} of ${fill.clientOrderId} cannot be: ${fault}`, 'halt');
    return false;
  }
  const after = bookFill(state, order, fill, via);
  reopened(state, order.request.groupId);
  const left = new Decimal(after.request.qty).minus(after.filledQty);
  const cause = left.isNegative() ? 'over-filled' : left.isZero() ? 'filled-whole' : 'filled-part';
  change(state, after, cause, `filled ${after.filledQty} of ${after.request.qty}`);
  return true;
};

/** A group that had ended lives again when an order of its turns out to have been filled; a person must look. */
const reopened = (state: EngineState, groupId: string): NonNullable<ReturnType<typeof groupOf>> => {
  const group = groupOf(state, groupId)!;
  if (!isEndedGroup(group.state)) return group;
  const why = `a fill came after the group had ended (${group.state})`;
  note(state, 'critical', 'group', group.id, `${group.pairId}: ${why}`);
  return moveGroup(state, group, 'late-fill', why, { endedUnixMs: null });
};

/** Changes the order, then lets its group have its turn. */
const settle = (state: EngineState, patched: OrderRecord, cause: OrderCause, why: string): void => {
  if (change(state, patched, cause, why)) driveGroup(state, patched.request.groupId);
};

/** Moves by the table and keeps what the patch learned. @returns whether anything changed */
const change = (state: EngineState, patched: OrderRecord, cause: OrderCause, why: string): boolean => {
  const { clientOrderId, groupId } = patched.request;
  const before = state.book.orders[clientOrderId]!;
  const move = orderMove(before.state, cause);
  if (move === null)
    note(
      state,
      'critical',
      'order',
      groupId,
      `impossible: "${cause}" of ${clientOrderId}, which is ${before.state} (${why}); kept as it is`,
    );
  else if (move.alarm) note(state, 'critical', 'order', groupId, `${clientOrderId} was ${before.state}, and yet: ${why}`);
  const to = move?.to ?? before.state;
  if (to === before.state && sameKnowledge(before, patched)) return false;
  const next = putOrder(state, { ...patched, ...stamps(state, before, to), state: to, why: move === null ? before.why : why });
  afterChange(state, before.state, next);
  return true;
};

const sameKnowledge = (p: OrderRecord, q: OrderRecord): boolean =>
  p.filledQty === q.filledQty &&
  p.bookedQty === q.bookedQty &&
  p.venueOrderId === q.venueOrderId &&
  p.acknowledgedUnixMs === q.acknowledgedUnixMs;

const stamps = (state: EngineState, before: OrderRecord, to: OrderState): Pick<OrderRecord, 'endedUnixMs' | 'unknownSinceUnixMs'> => ({
  endedUnixMs: isLiveOrder(to) ? null : (before.endedUnixMs ?? state.unixMs),
  unknownSinceUnixMs: to === 'unknown' ? (before.unknownSinceUnixMs ?? state.unixMs) : null,
});

/** Its times, the question that must follow, and the halt where more was filled than ordered. */
const afterChange = (state: EngineState, was: OrderState, order: OrderRecord): void => {
  const { clientOrderId, groupId, qty } = order.request;
  if (order.state === 'working' && was !== 'working') orderClockOf(state, clientOrderId).acknowledgedUs = state.monoUs;
  if (order.state === 'unknown' && was !== 'unknown') queryOrder(state, order);
  if (isOwed(order)) {
    const clock = orderClockOf(state, clientOrderId);
    clock.owedSinceUs ??= state.monoUs;
    if (clock.nextQueryUs === Number.POSITIVE_INFINITY) clock.nextQueryUs = state.monoUs + FILL_GRACE_MS * US_PER_MS;
  }
  if (order.state === 'quarantined' && was !== 'quarantined')
    holdGroup(state, reopened(state, groupId), `${clientOrderId}: ${order.filledQty} was filled of ${qty} ordered`, 'halt');
};

/** The placement has had its time, or the run that sent it is over. */
export const loseTrack = (state: EngineState, order: OrderRecord, cause: 'overdue' | 'restarted', why: string): void => {
  if (cause === 'overdue') noteVenueError(state, order.request.venueId, why);
  change(state, order, cause, why);
};
