/**
 * When a venue is asked, what its answer changes, and the wall: no entry on a pair before both venues have reconciled since
 * their order link came up, and none while positions differ. Reads and writes `book.venues`; the comparison itself is in
 * `reconcile.ts`. Answers are taken in the order in which they arrive among all other events: that order is the buffer.
 */
import type { OrderRecord, PositionReport, SnapshotOutcome, VenueSnapshot } from '../../../src-shared/domain/order.ts';
import { MS_PER_S, US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { OrderVenue, RecoveredTrading } from '../book.ts';
import { accountBar } from '../accountIdentity.ts';
import type { ControlEvent } from '../events.ts';
import { takeFills, takeOrderReport } from '../hedging/orderEvents.ts';
import { queryOrder } from '../hedging/orders.ts';
import { invariant } from '../invariant.ts';
import { emit, note, wish } from '../notes.ts';
import { setFence } from '../risk/bookkeeping.ts';
import type { EngineState, InstrumentState, PairState, VenueState } from '../state.ts';
import { raiseHalt } from '../stops/halt.ts';
import {
  acceptDifference,
  comparePosition,
  firstCursor,
  isUnsettled,
  nextCursor,
  CURSOR_STEP_MS,
  ordersAt,
  patienceMs,
  POSITIONS_LAG_MS,
  quietMark,
  sortOpenOrders,
  type OpenOrdersSeen,
} from './reconcile.ts';

/** After a failure, and after an answer that was not quiet: first so soon, then twice as late each time, up to the maximum. */
export const ASK_AGAIN_MS = MS_PER_S;
export const MAX_ASK_AGAIN_MS = 30 * MS_PER_S;
export const MAX_RECHECK_MS = 8 * MS_PER_S;
/** A reconciled venue with its link up keeps its standing over fewer failed sweeps than this. */
export const MAX_FAILED_SWEEPS = 3;

type SnapshotEvent = Extract<ControlEvent, { type: 'venue-snapshot' }>;
type OrderLinkEvent = Extract<ControlEvent, { type: 'order-link' }>;

const venueOf = (state: EngineState, venueId: string): OrderVenue => {
  const venue = state.book.venues.find((v) => v.venueId === venueId);
  invariant(venue !== undefined, `a report about the orders of venue "${venueId}", which is not configured`);
  return venue;
};

const delayedUs = (times: number, maxMs: number): number => Math.min(ASK_AGAIN_MS * 2 ** (times - 1), maxMs) * US_PER_MS;

/**
 * Asks a venue for everything it knows of us. An earlier request that is not answered yet is superseded: its answer then
 * counts for its fills alone.
 * @returns the number of the request; `answeredRequest` reaches it when the answer was taken
 */
export const requestSnapshot = (state: EngineState, venueIndex: number, why: string): number => {
  const venue = state.book.venues[venueIndex];
  invariant(venue !== undefined, `a snapshot of venue ${venueIndex} of ${state.book.venues.length}`);
  const orders = ordersAt(state.book.orders, venue.venueId);
  if (venue.fillsSinceUnixMs === 0) venue.fillsSinceUnixMs = firstCursor(orders, state.startedUnixMs);
  const requestId = venue.nextRequest++;
  venue.pendingRequest = requestId;
  venue.pendingSinceUs = Math.floor(state.monoUs);
  venue.pendingWhy = why;
  venue.pendingMark = quietMark(orders);
  venue.askAgainUs = Number.POSITIVE_INFINITY;
  if (venue.reconciled !== 'yes' && venue.orderLink === 'up') {
    venue.reconciled = 'under-way';
    venue.reconcileDetail = `asked: ${why}`;
  }
  wish(state, {
    type: 'take-snapshot',
    venueId: venue.venueId as VenueId,
    requestId,
    fillsSinceUnixMs: Math.floor(venue.fillsSinceUnixMs),
  });
  return requestId;
};

/** The channel on which a venue tells us of our orders went down or came up. Up always means: a gap lies behind, ask. */
export const takeOrderLink = (state: EngineState, { venueId, state: link, detail }: OrderLinkEvent): void => {
  const venue = venueOf(state, venueId);
  const changed = venue.orderLink !== link;
  const returned = link === 'up' && venue.reconciledUnixMs !== null;
  venue.orderLink = link;
  venue.orderLinkDetail = detail;
  if (changed) note(state, link === 'up' ? 'info' : 'warn', 'venue', venueId, `order link ${link}: ${detail}`);
  if (venue.reconciled !== 'never') venue.reconciled = venue.reconciledUnixMs === null ? 'never' : 'stale';
  venue.reconcileDetail = link === 'up' ? 'the order link came up' : `the order link is down: ${detail}`;
  if (link === 'down') return;
  venue.failures = 0;
  venue.rechecks = 0;
  if (returned) fencePairsOf(state, venueId);
  requestSnapshot(state, state.book.venues.indexOf(venue), 'the order link came up');
};

const fencePairsOf = (state: EngineState, venueId: string): void => {
  for (const { settings, a, b } of state.pairs)
    if (a.settings.venueId === venueId || b.settings.venueId === venueId) setFence(state, settings.id, 'reconnect');
};

/** Time-outs, second attempts and the two sweeps; one snapshot serves both of these. */
export const tickReconcile = (state: EngineState, nowUs: number): void => {
  const { positionsSweepMs, fillsSweepMs } = state.settings.hedging;
  const sweepUs = Math.min(positionsSweepMs, fillsSweepMs) * US_PER_MS;
  state.book.venues.forEach((venue, index) => {
    const waitedUs = nowUs - venue.pendingSinceUs;
    if (venue.pendingRequest !== 0) {
      const dueMs = state.settings.hedging.snapshotTimeoutMs + patienceMs(venue.fillsSinceUnixMs, state.unixMs);
      if (waitedUs >= dueMs * US_PER_MS) takeFailure(state, venue, `no answer within ${dueMs} ms`);
      return;
    }
    if (venue.askAgainUs !== Number.POSITIVE_INFINITY) {
      if (nowUs >= venue.askAgainUs)
        requestSnapshot(state, index, venue.failures > 0 ? 'the last answer failed' : 'the last answer was not quiet');
    } else if (waitedUs >= sweepUs) requestSnapshot(state, index, 'sweep');
  });
};

export const takeSnapshot = (state: EngineState, { venueId, requestId, outcome }: SnapshotEvent): void => {
  const venue = venueOf(state, venueId);
  const bar = accountBar(state, venueId);
  if (requestId !== venue.pendingRequest) {
    if (outcome.code === 'answered') takeFills(state, outcome.snapshot.fills, 'snapshot');
    return;
  }
  if (outcome.code === 'failed') takeFailure(state, venue, outcome.why);
  else if (bar !== null) takeFailure(state, venue, bar);
  else takeAnswer(state, venue, outcome.snapshot);
};

/** Unknown, not flat: nothing is concluded but that we must ask again. */
const takeFailure = (state: EngineState, venue: OrderVenue, why: Extract<SnapshotOutcome, { code: 'failed' }>['why']): void => {
  venue.pendingRequest = 0;
  venue.failures++;
  venue.askAgainUs = Math.floor(state.monoUs) + delayedUs(venue.failures, MAX_ASK_AGAIN_MS);
  if (venue.orderLink === 'down' || (venue.reconciled === 'yes' && venue.failures < MAX_FAILED_SWEEPS)) return;
  if (venue.reconciled !== 'failed') note(state, 'error', 'venue', venue.venueId, `not reconciled: ${why}`);
  venue.reconciled = 'failed';
  venue.reconcileDetail = why;
};

const takeAnswer = (state: EngineState, venue: OrderVenue, snapshot: VenueSnapshot): void => {
  const nowUs = Math.floor(state.monoUs);
  const ours = (): readonly OrderRecord[] => ordersAt(state.book.orders, venue.venueId);
  const askedUs = venue.pendingSinceUs;
  const unchanged = venue.pendingMark !== null && venue.pendingMark === quietMark(ours());
  venue.answeredRequest = venue.pendingRequest;
  venue.pendingRequest = 0;
  venue.failures = 0;
  venue.lastSnapshotUs = nowUs;
  venue.lastFillsSweepUs = nowUs;
  venue.account = snapshot.account;
  venue.accountUs = Math.floor(state.monoUs);
  const missedFills = takeFills(state, snapshot.fills, 'snapshot');
  const lags = (): boolean => askedUs - venue.lastFillUs < POSITIONS_LAG_MS * US_PER_MS && anyDiffers(state, venue, snapshot.positions);
  const quiet = unchanged && missedFills === 0 && !lags();
  const seen = sortOpenOrders(snapshot.openOrders, ours());
  venue.ownOpenOrders = seen.own;
  venue.foreignOrders = seen.foreign;
  takeOpenOrders(state, venue, seen, { quiet, venueUnixMs: snapshot.venueUnixMs });
  moveCursor(state, venue, nextCursor(venue.fillsSinceUnixMs, snapshot.venueUnixMs, !ours().some(isUnsettled)));
  if (quiet) takePositions(state, venue, snapshot.positions);
  conclude(state, venue, { quiet, missedFills });
};

/** In the same commit as the fills that it passes, or after it. An older cursor is as good as the newest: not every step is kept. */
const moveCursor = (state: EngineState, venue: OrderVenue, fillsSinceUnixMs: number): void => {
  venue.fillsSinceUnixMs = fillsSinceUnixMs;
  const ahead = fillsSinceUnixMs - venue.keptCursorUnixMs;
  if (ahead >= 0 && ahead < CURSOR_STEP_MS) return;
  venue.keptCursorUnixMs = fillsSinceUnixMs;
  emit(state, { type: 'cursor-moved', venueId: venue.venueId as VenueId, fillsSinceUnixMs });
};

/** At start: from where the earlier run would have asked next, and how long ago it booked its last fill there. */
export const restoreCursors = (state: EngineState, { cursors = {}, orders }: RecoveredTrading): void => {
  for (const venue of state.book.venues) {
    venue.fillsSinceUnixMs = cursors[venue.venueId] ?? 0;
    venue.keptCursorUnixMs = venue.fillsSinceUnixMs;
    for (const { request, bookedQty, endedUnixMs } of orders)
      if (request.venueId === venue.venueId && bookedQty !== '0' && endedUnixMs !== null)
        venue.lastFillUs = Math.max(venue.lastFillUs, state.monoUs - Math.max(0, state.unixMs - endedUnixMs) * US_PER_MS);
  }
};

/** Whether a comparison would find a difference now. Reads only. */
const anyDiffers = (state: EngineState, venue: OrderVenue, reports: readonly PositionReport[]): boolean =>
  state.instruments.some(({ settings: { id, venueId }, metadata }) => {
    if (venueId !== venue.venueId) return false;
    const report = reports.find(({ instrumentId }) => instrumentId === id) ?? null;
    return comparePosition(state.book.holdings[id] ?? null, report, metadata?.qtyStep ?? null).code === 'differs';
  });

interface Moment {
  readonly quiet: boolean;
  readonly venueUnixMs: number | null;
}

const takeOpenOrders = (state: EngineState, venue: OrderVenue, seen: OpenOrdersSeen, { quiet, venueUnixMs }: Moment): void => {
  for (const { order, report } of seen.working)
    takeOrderReport(state, {
      clientOrderId: order.request.clientOrderId,
      venueId: order.request.venueId,
      venueOrderId: report.venueOrderId,
      state: 'working',
      filledQty: report.filledQty,
      venueUnixMs,
      text: 'open in a snapshot',
    });
  for (const order of seen.missing) askFor(state, order);
  for (const { clientOrderId, symbol, side, qty } of seen.unexplained)
    alarm(state, venue, `order ${clientOrderId} (${side} ${qty} ${symbol}) bears our name, and the ledger does not know it`);
  if (!quiet) return;
  for (const order of seen.ended) {
    alarm(state, venue, `order ${order.request.clientOrderId} is open there, and had ended here (${order.state}: ${order.why})`);
    askFor(state, order);
  }
};

/** Of the record as it now is: what was taken before may have changed it. */
const askFor = (state: EngineState, { request, state: before }: OrderRecord): void => {
  const order = state.book.orders[request.clientOrderId];
  if (order !== undefined && order.state === before) queryOrder(state, order);
};

const alarm = (state: EngineState, venue: OrderVenue, text: string): void => {
  note(state, 'critical', 'risk', venue.venueId, text);
  raiseHalt(state, `${venue.venueId}: ${text}`);
};

const takePositions = (state: EngineState, venue: OrderVenue, reports: readonly PositionReport[]): void => {
  for (const x of state.instruments) {
    if (x.settings.venueId !== venue.venueId) continue;
    takePosition(state, venue, x, reports.find((report) => report.instrumentId === x.settings.id) ?? null);
  }
};

const takePosition = (state: EngineState, venue: OrderVenue, x: InstrumentState, report: PositionReport | null): void => {
  const { id } = x.settings;
  const before = state.book.holdings[id] ?? null;
  const { code, holding, own, reported } = comparePosition(before, report, x.metadata?.qtyStep ?? null);
  if (before === null || before.foreignQty !== holding.foreignQty) {
    const why = before === null ? 'first sight: what is there is foreign' : 'the venue says what is foreign';
    state.book.holdings[id] = holding;
    emit(state, { type: 'holding-changed', instrumentId: id, before, after: holding, why });
    if (holding.foreignQty !== '0' || before !== null) note(state, 'warn', 'risk', id, `foreign position ${holding.foreignQty} (${why})`);
  }
  const earlier = venue.differences[id];
  if (code === 'agrees') return settleDifference(state, venue, id, own);
  if (earlier?.own === own && earlier.reported === reported) return;
  venue.differences = { ...venue.differences, [id]: { own, reported, sinceUnixMs: earlier?.sinceUnixMs ?? state.unixMs } };
  emit(state, { type: 'position-difference', venueId: x.settings.venueId, instrumentId: id, own, reported });
};

/** The position agrees (again): its pairs are free. Nothing where it did not differ. */
const settleDifference = (state: EngineState, venue: OrderVenue, instrumentId: string, own: string): void => {
  if (venue.differences[instrumentId] === undefined) return;
  const { [instrumentId]: _settled, ...others } = venue.differences;
  venue.differences = others;
  emit(state, { type: 'position-difference', venueId: venue.venueId as VenueId, instrumentId, own, reported: null });
};

/** What an answer means for the wall: all of it is taken, and positions were compared in quiet, since the link came up. */
const conclude = (state: EngineState, venue: OrderVenue, { quiet, missedFills }: { quiet: boolean; missedFills: number }): void => {
  venue.rechecks = quiet ? 0 : venue.rechecks + 1;
  venue.askAgainUs = quiet ? Number.POSITIVE_INFINITY : Math.floor(state.monoUs) + delayedUs(venue.rechecks, MAX_RECHECK_MS);
  const stands = venue.reconciled === 'yes';
  if (quiet && venue.orderLink === 'up') {
    venue.reconciled = 'yes';
    venue.reconciledUnixMs = state.unixMs;
  }
  const link = venue.orderLink === 'up' ? '' : `; the order link is down: ${venue.orderLinkDetail}`;
  const fills = missedFills === 0 ? '' : `, ${missedFills} missed ${missedFills === 1 ? 'fill' : 'fills'} booked`;
  const calm = quiet ? '' : '; positions are compared once no order of ours is live';
  venue.reconcileDetail = `${venue.pendingWhy}${fills}${calm}${link}`;
  if (missedFills === 0 && (stands || venue.reconciled !== 'yes')) return;
  const detail = venue.reconciled === 'yes' ? `reconciled (${venue.reconcileDetail})` : venue.reconcileDetail;
  emit(state, { type: 'venue-reconciled', venueId: venue.venueId as VenueId, detail, missedFills });
};

/** Another account stands behind the venue from now on: nothing is known of it, and nothing before this moment was ours. */
export const beginAnew = (state: EngineState, { index, settings, clock }: VenueState): void => {
  const venue = state.book.venues[index]!;
  venue.reconciled = 'never';
  venue.reconciledUnixMs = null;
  venue.reconcileDetail = 'another account was accepted';
  venue.failures = 0;
  venue.rechecks = 0;
  venue.account = null;
  venue.differences = {};
  venue.ownOpenOrders = [];
  venue.foreignOrders = [];
  venue.fillsSinceUnixMs = Math.floor(state.unixMs + (clock?.offsetMs ?? 0));
  venue.keptCursorUnixMs = venue.fillsSinceUnixMs;
  emit(state, { type: 'cursor-moved', venueId: settings.id, fillsSinceUnixMs: venue.fillsSinceUnixMs });
  if (venue.orderLink === 'up') requestSnapshot(state, index, 'another account was accepted');
};

/** Something was told that only a whole answer can place: asked for within a second, at the latest. */
export const askSoon = (state: EngineState, venueId: string): void => {
  const venue = venueOf(state, venueId);
  venue.askAgainUs = Math.min(venue.askAgainUs, Math.floor(state.monoUs) + delayedUs(1, MAX_ASK_AGAIN_MS));
};

/** Whether it has told, once since this start, what was executed there while nobody listened. */
export const hasAnswered = (state: EngineState, venueId: string): boolean => venueOf(state, venueId).answeredRequest > 0;

export const isReconciled = (state: EngineState, venueId: string): boolean => venueOf(state, venueId).reconciled === 'yes';

/** Why no group may be entered on the pair, in people's words with figures; null = nothing here stands in the way. */
export const entryBlock = (state: EngineState, pair: PairState): string | null => {
  for (const { settings } of [pair.a, pair.b]) {
    const venue = venueOf(state, settings.venueId);
    if (venue.reconciled !== 'yes') return `venue ${settings.venueId} is not reconciled (${venue.reconciled}): ${venue.reconcileDetail}`;
    const difference = venue.differences[settings.id];
    if (difference !== undefined)
      return `position of ${settings.id} differs: ${difference.own} by our fills, ${difference.reported} at the venue`;
  }
  return null;
};

/**
 * An operator says that the venue's position is right: what differs is foreign from now on.
 * @returns why that is not possible; null = done
 */
export const acceptPosition = (state: EngineState, instrumentId: string, by: string): string | null => {
  const venue = state.book.venues.find((v) => v.differences[instrumentId] !== undefined);
  const difference = venue?.differences[instrumentId];
  const before = state.book.holdings[instrumentId];
  if (venue === undefined || difference === undefined || before === undefined) return `the position of ${instrumentId} does not differ`;
  const holding = acceptDifference(before, difference);
  state.book.holdings[instrumentId] = holding;
  emit(state, { type: 'holding-changed', instrumentId, before, after: holding, why: `accepted by ${by}` });
  settleDifference(state, venue, instrumentId, difference.reported);
  return null;
};
