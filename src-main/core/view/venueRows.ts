/** Venues and instruments as rows: links, clocks, quotes, and the venue as a place where orders go. */
import { MS_PER_MIN, US_PER_MS, type Stamp } from '../../../src-shared/domain/units.ts';
import type { InstrumentRow, VenueRow } from '../../../src-shared/domain/view.ts';
import type { OrderVenue } from '../book.ts';
import { metadataFault } from '../gates.ts';
import { invariant } from '../invariant.ts';
import { ageMs, hasQuote, isFresh, latencyMs } from '../marketData.ts';
import { venueHours } from '../risk/calendar.ts';
import { isInForce } from '../risk/deadlines.ts';
import type { EngineState, InstrumentState, VenueState } from '../state.ts';
import { shown, shownAge, shownQty } from './rounding.ts';

const bookOf = (state: EngineState, v: VenueState): OrderVenue => {
  const found = state.book.venues[v.index];
  invariant(found !== undefined, `venue ${v.settings.id} is in the book`);
  return found;
};

/** How many of the moments, oldest first, lie within the last `spanMs`. */
export const countWithin = (momentsUs: readonly number[], spanMs: number, nowUs: number): number => {
  const fromUs = nowUs - spanMs * US_PER_MS;
  let first = momentsUs.length;
  while (first > 0 && momentsUs[first - 1]! > fromUs) first -= 1;
  return momentsUs.length - first;
};

const disabledBy = (state: EngineState, venueId: string, monoUs: number): string | null =>
  state.book.disablements.find((each) => each.scope === `venue:${venueId}` && isInForce(each, monoUs))?.text ?? null;

export const venueRow = (state: EngineState, v: VenueState, at: Stamp): VenueRow => {
  const orders = bookOf(state, v);
  const { venueErrorWindowMs } = state.book.limits;
  const hours = venueHours(state, v, at.unixMs);
  return {
    label: v.settings.label,
    protocol: v.settings.protocol,
    simulated: v.settings.simulated,
    link: v.link,
    linkDetail: v.linkDetail,
    linkSinceUnixMs: v.linkSinceUnixMs,
    quoteAgeMs: shownAge(Math.max(0, at.monoUs - v.newestQuoteMonoUs) / US_PER_MS),
    latencyMs: shown(latencyMs(v), 0),
    clockOffsetMs: shown(v.clock?.offsetMs ?? null, 0),
    clockUncertaintyMs: shown(v.clock?.uncertaintyMs ?? null, 0),
    roundTripMs: shown(v.clock?.roundTripMs ?? null, 0),
    framesPerSecond: shown(v.framesPerSecond, 0) ?? 0,
    malformedFrames: v.counters?.malformedFrames ?? 0,
    lastMalformed: v.counters?.lastMalformed ?? null,
    reconnects: v.counters?.reconnects ?? 0,
    metatrader: v.metatrader,
    exchange: v.exchange,
    orderLink: orders.orderLink,
    reconciled: orders.reconciled,
    reconcileDetail: orders.reconcileDetail,
    reconciledUnixMs: orders.reconciledUnixMs,
    equity: orders.account?.equity ?? null,
    equityCcy: orders.account?.ccy ?? null,
    messagesLastMinute: countWithin(orders.messagesUs, MS_PER_MIN, at.monoUs),
    errorsInWindow: countWithin(orders.errorsUs, venueErrorWindowMs, at.monoUs),
    disabled: disabledBy(state, v.settings.id, at.monoUs),
    shutsUnixMs: shown(hours.shutsUnixMs, 0),
    opensUnixMs: shown(hours.opensUnixMs, 0),
  };
};

export const instrumentRow = (x: InstrumentState, at: Stamp): InstrumentRow => ({
  venueId: x.settings.venueId,
  symbol: x.settings.symbol,
  bidPx: Number.isFinite(x.bidPx) ? x.bidPx : null,
  askPx: Number.isFinite(x.askPx) ? x.askPx : null,
  bidQty: shownQty(x.bidQty),
  askQty: shownQty(x.askQty),
  pxDigits: x.pxDigits,
  ageMs: shownAge(ageMs(x, at.monoUs)),
  stale: !(hasQuote(x) && x.fault === 'none' && isFresh(x, at.monoUs)),
  quoteOnly: x.venue.metatrader?.quoteOnly ?? false,
  metadata: x.metadata === null && x.missing === null ? 'awaited' : (metadataFault(x) ?? 'ok'),
  described: x.metadata,
});
