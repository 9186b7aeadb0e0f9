/**
 * When "not found" is proof that an order never reached the book, and the questions until then.
 *
 * The rule: the venue may accept an order until `validityMs` after it was sent, at some venues later ({@link LATE_ACCEPTANCE_MS}; paper
 * is never late), and `notFoundMarginMs` is added for what the venue's own replicas lag behind. Where the answer carries the venue's time, that moment must be past the moment of the commit,
 * translated to the venue's clock by the offset measured at the commit (host clocks jump, so a later offset would be wrong), plus
 * both; or, where our clock was wrong just then, past the venue's own time of its first such answer, plus both. Our own
 * monotonic clock must have seen the same time pass. Where the venue gives no time, or no offset was known, our clock alone
 * decides, with twice the margin. And one answer is not enough: {@link NOT_FOUND_ANSWERS} must agree.
 */
import { isLiveOrder, type OrderRecord } from '../../../src-shared/domain/order.ts';
import { LATE_ACCEPTANCE_MS } from '../../../src-shared/domain/settings.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { OrderClock } from '../book.ts';
import type { EngineState } from '../state.ts';
import { loseTrack } from './orderEvents.ts';
import { orderClockOf, queryOrder } from './orders.ts';
import { ackDueUs } from './sending.ts';
import { isOwed } from './records.ts';

/** Replicas of one venue need not agree with each other at once. */
export const NOT_FOUND_ANSWERS = 2;
const OWN_CLOCK_MARGINS = 2;

export const notFoundCounts = (
  state: EngineState,
  { request: { venueId, validityMs } }: OrderRecord,
  { committedUs, committedVenueMs, missedVenueMs }: OrderClock,
  venueUnixMs: number | null,
): boolean => {
  const { mode, hedging } = state.settings;
  const { notFoundMarginMs } = hedging;
  const protocol = state.venues.find(({ settings }) => settings.id === venueId)?.settings.protocol;
  const lifeMs = validityMs + (mode === 'paper' || protocol === undefined ? 0 : LATE_ACCEPTANCE_MS[protocol]);
  const elapsedMs = (state.monoUs - committedUs) / US_PER_MS;
  if (venueUnixMs === null || committedVenueMs === null) return elapsedMs >= lifeMs + OWN_CLOCK_MARGINS * notFoundMarginMs;
  const neededMs = lifeMs + notFoundMarginMs;
  const passedMs = venueUnixMs - Math.min(committedVenueMs, missedVenueMs ?? committedVenueMs);
  return elapsedMs >= neededMs && passedMs >= neededMs;
};

/** On the timer: answers that are overdue make an order unknown; what is unknown or owed is asked for when due. */
export const watchOrder = (state: EngineState, id: string): void => {
  const order = state.book.orders[id]!;
  const { venueId } = order.request;
  const clock = orderClockOf(state, id);
  if (order.state === 'in-flight' && state.monoUs >= ackDueUs(state, venueId, clock.committedUs))
    loseTrack(state, order, 'overdue', 'no answer in time');
  else if (order.state === 'working' && state.monoUs >= ackDueUs(state, venueId, clock.acknowledgedUs ?? clock.committedUs))
    loseTrack(state, order, 'overdue', 'acknowledged, and its end was not told in time');
  else if ((isLiveOrder(order.state) || isOwed(order)) && state.monoUs >= clock.nextQueryUs) queryOrder(state, order);
};
