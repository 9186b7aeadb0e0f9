/**
 * The newest quote of every instrument, and what is wrong with it. Keeps copies only (the runner reuses its event).
 * A quote's age counts from its receive time on the monotonic clock; the venue's own stamp serves latency alone.
 * A bad quote replaces a good one: what the venue shows now is unusable, and the last good price is not its price.
 */
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import type { QuoteEvent } from './events.ts';
import { InvariantViolation } from './invariant.ts';
import type { EngineState, InstrumentState, QuoteFault, VenueState } from './state.ts';

/** Takes the quote in. @returns the instrument, whose pairs must now be looked at */
export const takeQuote = (state: EngineState, event: QuoteEvent): InstrumentState => {
  const x = state.instruments[event.instrument];
  if (x === undefined) throw new InvariantViolation(`a quote for instrument ${event.instrument} of ${state.instruments.length}`);
  const { bidPx, askPx, bidQty, askQty } = event;
  const receivedUs = Math.floor(event.receivedMonoUs);
  const moved = bidPx !== x.bidPx || askPx !== x.askPx;
  if (moved) x.movedMonoUs = receivedUs;
  if (moved || !sameQty(bidQty, x.bidQty) || !sameQty(askQty, x.askQty)) x.changedMonoUs = receivedUs;
  x.quotes++;
  x.bidPx = bidPx;
  x.bidQty = bidQty;
  x.askPx = askPx;
  x.askQty = askQty;
  x.venueMs = event.venueMs;
  x.updateId = event.updateId;
  x.receivedMonoUs = receivedUs;
  x.receivedUnixMs = event.unixMs - Math.max(0, event.monoUs - event.receivedMonoUs) / US_PER_MS;
  x.fault = faultOf(bidPx, bidQty, askPx, askQty);
  const { venue } = x;
  venue.newestQuoteMonoUs = receivedUs;
  if (event.venueMs !== null) {
    venue.newestVenueMs = event.venueMs;
    venue.newestVenueReceivedUnixMs = x.receivedUnixMs;
  }
  return x;
};

/** NaN means "not displayed" and equals itself here. */
const sameQty = (p: number, q: number): boolean => p === q || (p !== p && q !== q);

/** Quantities may be unknown (NaN) but never zero or negative. */
export const faultOf = (bidPx: number, bidQty: number, askPx: number, askQty: number): QuoteFault => {
  if (!(Number.isFinite(bidPx) && Number.isFinite(askPx))) return 'not-a-number';
  if (bidPx <= 0 || askPx <= 0 || bidQty <= 0 || askQty <= 0) return 'zero';
  if (bidPx > askPx) return 'crossed';
  if (bidPx === askPx) return 'locked';
  return 'none';
};

export const hasQuote = (x: InstrumentState): boolean => x.quotes > 0;

/** Age in ms at a monotonic moment; NaN before the first quote. */
export const ageMs = (x: InstrumentState, nowUs: number): number => Math.max(0, nowUs - x.receivedMonoUs) / US_PER_MS;

/** Not older than the venue's limit; at exactly the limit a quote is still fresh. */
export const isFresh = (x: InstrumentState, nowUs: number): boolean => nowUs - x.receivedMonoUs <= x.maxAgeUs;

/** A quote that has not changed for `frozenMs` while its twin's price moved since. */
export const isFrozen = (x: InstrumentState, twin: InstrumentState, nowUs: number, frozenMs: number): boolean =>
  nowUs - x.changedMonoUs >= frozenMs * US_PER_MS && twin.movedMonoUs > x.changedMonoUs;

/** Some instrument of the venue has a quote within its age limit. */
export const venueIsFresh = (venue: VenueState, nowUs: number): boolean =>
  nowUs - venue.newestQuoteMonoUs <= venue.settings.maxQuoteAgeMs * US_PER_MS;

/** Receive time minus venue time after the measured offset, ms; null where the venue sends no time or no offset is known. */
export const latencyMs = (venue: VenueState): number | null =>
  venue.clock === null || Number.isNaN(venue.newestVenueMs)
    ? null
    : venue.newestVenueReceivedUnixMs - (venue.newestVenueMs - venue.clock.offsetMs);
