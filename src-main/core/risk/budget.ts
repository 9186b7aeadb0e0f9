/**
 * Messages to each venue: so many a second and a minute, a share of both kept back for cancels and compensation. Every order,
 * cancel and query that changes something counts; only what opens can be denied by the reserve.
 */
import { US_PER_S } from '../../../src-shared/domain/units.ts';
import type { OrderVenue } from '../book.ts';
import type { EngineState } from '../state.ts';

const WINDOW_US = 60 * US_PER_S;
/** Cancels are never denied, hence never counted against a bound of their own; this one keeps the list finite. */
export const MAX_MESSAGES_KEPT = 1_024;

export interface MessageUse {
  readonly lastSecond: number;
  readonly lastMinute: number;
}

/** Messages within the last second and minute, the moment itself included, the far edge not. */
export const messageUse = ({ messagesUs }: OrderVenue, nowUs: number): MessageUse => {
  let lastSecond = 0;
  let lastMinute = 0;
  for (const atUs of messagesUs) {
    if (nowUs - atUs < US_PER_S) lastSecond++;
    if (nowUs - atUs < WINDOW_US) lastMinute++;
  }
  return { lastSecond, lastMinute };
};

export interface MessageLimits {
  readonly perSecond: number;
  readonly perMinute: number;
}

/** `opening` leaves the reserve alone. Whole messages: a part of one is none. */
export const messageLimits = (state: EngineState, kind: 'opening' | 'reducing'): MessageLimits => {
  const { maxMessagesPerSecond, maxMessagesPerMinute, reservedMessagesPct } = state.book.limits;
  const sharePct = kind === 'opening' ? Math.max(0, 100 - reservedMessagesPct) : 100;
  return { perSecond: Math.floor((maxMessagesPerSecond * sharePct) / 100), perMinute: Math.floor((maxMessagesPerMinute * sharePct) / 100) };
};

/** Counts one message to the venue, now. */
export const noteMessage = (state: EngineState, venueId: string): void => {
  const venue = state.book.venues.find((v) => v.venueId === venueId);
  if (venue === undefined) return;
  const nowUs = Math.floor(state.monoUs);
  const kept = venue.messagesUs.filter((atUs) => nowUs - atUs < WINDOW_US);
  kept.push(nowUs);
  venue.messagesUs = kept.slice(-MAX_MESSAGES_KEPT);
};
