/**
 * Verification of a stop: nothing of ours works any longer within its scope, by the word of every venue asked after the latch
 * and by our own book; else a list of what remains and who must act. Reads the book, asks venues, cancels what slipped
 * through, and never concludes anything from silence.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { KillLatch, StopScope } from '../../../src-shared/domain/tradingState.ts';
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { isOpening, type OpenOrderReport, type OrderRecord } from '../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { StopCheck } from '../book.ts';
import { flattenWait } from '../hedging/closing.ts';
import { cancelOrder, liveOrders } from '../hedging/orders.ts';
import { emit, note } from '../notes.ts';
import { requestSnapshot } from '../reconcile/wall.ts';
import type { EngineState } from '../state.ts';
import { replaceScoped, scopedStopOf } from './latch.ts';
import { groupIsCovered } from './scope.ts';

/** A venue that still showed orders of ours is asked again after this. */
export const VERIFY_AGAIN_MS = 1_000;
/** What remains is told to people only after this: the first moments are ordinary. */
export const TELL_REMAINING_AFTER_MS = 2_000;
/** … and again, where it has changed, after this. */
export const TELL_REMAINING_AGAIN_MS = 30_000;
export const MAX_REMAINING_LINES = 20;

/** Called by the timer and after every event about orders. Costs nothing while no stop is latched. */
export const watchStops = (state: EngineState): void => {
  for (const check of state.book.stopChecks) watchCheck(state, check);
};

const latchFor = (state: EngineState, scope: StopScope): KillLatch | null =>
  scope === 'all' ? state.kill : (scopedStopOf(state, scope)?.latch ?? null);

const watchCheck = (state: EngineState, check: StopCheck): void => {
  const latch = latchFor(state, check.scope);
  if (latch === null) return;
  if (latch.level !== 'hands-off') cancelStragglers(state, check.scope);
  if (latch.verifiedUnixMs !== null) return;
  askVenues(state, check);
  const remaining = remainingOf(state, check.scope, latch);
  if (remaining.length === 0) setVerified(state, check.scope, { ...latch, remaining, verifiedUnixMs: state.unixMs });
  else {
    const changed = remaining.join('\n') !== latch.remaining.join('\n');
    if (changed) setLatch(state, check.scope, { ...latch, remaining });
    tellRemaining(state, check, { ...latch, remaining }, changed);
  }
};

/** Opening orders that only now turned out to be working. */
const cancelStragglers = (state: EngineState, scope: StopScope): void => {
  for (const order of liveOrders(state, scope))
    if (order.state === 'working' && isOpening(order.request.purpose) && order.cancelRequestedUnixMs === null) cancelOrder(state, order);
};

const askVenues = (state: EngineState, { fromRequest }: StopCheck): void => {
  const nowUs = Math.floor(state.monoUs);
  fromRequest.forEach((from, index) => {
    const venue = state.book.venues[index]!;
    if (from === null || venue.pendingRequest !== 0 || venue.askAgainUs !== Number.POSITIVE_INFINITY) return;
    const unanswered = venue.answeredRequest < from && venue.nextRequest > from;
    const stillOpen = venue.ownOpenOrders.length > 0 && nowUs - venue.lastSnapshotUs >= VERIFY_AGAIN_MS * US_PER_MS;
    if (unanswered || stillOpen) requestSnapshot(state, index, 'verification of a stop');
  });
};

const setLatch = (state: EngineState, scope: StopScope, latch: KillLatch): void => {
  if (scope === 'all') state.kill = latch;
  else replaceScoped(state, scope, { ...scopedStopOf(state, scope)!, latch });
};

const setVerified = (state: EngineState, scope: StopScope, latch: KillLatch): void => {
  const before = latchFor(state, scope);
  setLatch(state, scope, latch);
  if (scope === 'all') emit(state, { type: 'kill-verified', latch });
  else emit(state, { type: 'scoped-stop', scope, level: latch.level, before, after: latch });
};

const tellRemaining = (state: EngineState, check: StopCheck, latch: KillLatch, changed: boolean): void => {
  const { scope, sinceUs, toldUs } = check;
  const nowUs = Math.floor(state.monoUs);
  const due =
    toldUs === null
      ? nowUs - sinceUs >= TELL_REMAINING_AFTER_MS * US_PER_MS
      : changed && nowUs - toldUs >= TELL_REMAINING_AGAIN_MS * US_PER_MS;
  if (!due) return;
  state.book.stopChecks = state.book.stopChecks.map((c) => (c === check ? { ...c, toldUs: nowUs } : c));
  note(state, 'critical', 'risk', scope === 'all' ? null : scope, `${latch.level} not verified: ${latch.remaining.join('; ')}`);
};

/** Everything that keeps a stop from being verified; empty = verified. */
const remainingOf = (state: EngineState, scope: StopScope, latch: KillLatch): readonly string[] => {
  const groups = latch.level === 'flatten' ? unflattened(state, scope) : latch.level === 'kill' ? underRepair(state, scope) : [];
  const lines = [...workingOf(state, scope), ...groups];
  if (lines.length <= MAX_REMAINING_LINES) return lines;
  return [...lines.slice(0, MAX_REMAINING_LINES), `and ${lines.length - MAX_REMAINING_LINES} more`];
};

/** Venues that have not answered since the stop, and orders of ours that may be working within its scope. */
export const workingOf = (state: EngineState, scope: StopScope): readonly string[] => {
  const lines: string[] = [];
  const check = state.book.stopChecks.find((c) => c.scope === scope);
  const named: Record<string, true> = {};
  for (const order of liveOrders(state, scope)) {
    named[order.request.clientOrderId] = true;
    lines.push(liveLine(state, order));
  }
  for (const [index, from] of (check?.fromRequest ?? []).entries()) {
    const venue = state.book.venues[index]!;
    if (from === null) continue;
    if (venue.answeredRequest < from) lines.push(`${venue.venueId} has not answered since the stop: look at its link, and at the venue`);
    for (const open of venue.ownOpenOrders)
      if (named[open.clientOrderId ?? ''] === undefined && isInScope(state, open, scope))
        lines.push(`order ${open.clientOrderId ?? open.venueOrderId} was open at ${venue.venueId}: cancel it there if it stays`);
  }
  return lines;
};

/** A venue's own list counts for a pair only as far as the order is known to belong to it. */
const isInScope = (state: EngineState, open: OpenOrderReport, scope: StopScope): boolean => {
  if (!scope.startsWith('pair:')) return true;
  const groupId = state.book.orders[open.clientOrderId ?? '']?.request.groupId;
  const group = state.book.groups.find((g) => g.id === groupId);
  return group === undefined || groupIsCovered(scope, group);
};

const liveLine = (state: EngineState, { request, state: order }: OrderRecord): string => {
  const what = `order ${request.clientOrderId} (${request.side} ${request.qty} ${request.instrumentId})`;
  const handsOff = state.kill?.level === 'hands-off';
  if (order === 'unknown') return `${what}: outcome not known, ${request.venueId} is being asked`;
  if (handsOff) return `${what} is ${order}: hands are off, cancel it at ${request.venueId}`;
  return `${what} is ${order} at ${request.venueId}`;
};

/** Naked legs that the engine itself still has to end; one that is held has left its hands, and its group says so. */
const underRepair = (state: EngineState, scope: StopScope): readonly string[] =>
  state.book.groups
    .filter((group) => !isEndedGroup(group.state) && group.state !== 'operator-held' && groupIsCovered(scope, group))
    .filter((group) => !new Decimal(group.residualBaseQty).isZero())
    .map((group) => `group ${group.id} has ${group.residualBaseQty} base units unhedged: being unwound`);

const unflattened = (state: EngineState, scope: StopScope): readonly string[] =>
  state.book.groups
    .filter((group) => !isEndedGroup(group.state) && groupIsCovered(scope, group))
    .map((group) => {
      if (group.state === 'operator-held') return `group ${group.id} is held: an operator must act on it`;
      const wait = flattenWait(state, group);
      return `group ${group.id} is ${group.state}${wait === null ? '' : `: waits, ${wait}`}`;
    });
