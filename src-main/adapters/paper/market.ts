/**
 * What one paper venue sees of its market: the newest quote of each instrument, how much of its displayed size our own
 * orders have taken already, and what the venue said of instruments, links, sessions. Never invents a price.
 */
import type { InstrumentIndex } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import type { Side } from '../../../src-shared/domain/order.ts';
import type { InstrumentSettings, VenueSettings } from '../../../src-shared/domain/settings.ts';
import type { LinkState, MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { ControlInput } from '../../core/events.ts';
import type { ReportedSessions } from './sessions.ts';
import type { InletObserver } from './tee.ts';

export interface PaperInstrument {
  readonly index: InstrumentIndex;
  readonly settings: InstrumentSettings;
}

/** One instrument as the venue knows it. */
export interface Listing {
  readonly settings: InstrumentSettings;
  instrument: Instrument | null;
  missing: string | null;
  sessions: ReportedSessions | null;
  bidPx: number;
  bidQty: number;
  askPx: number;
  askQty: number;
  receivedMonoUs: number;
  /** Of the displayed size, by our own orders since this quote came; venue's unit. */
  takenBid: Decimal;
  takenAsk: Decimal;
}

export interface PaperMarket {
  readonly listings: ReadonlyMap<string, Listing>;
  readonly observer: InletObserver;
  link: LinkState;
  linkDetail: string;
  metatrader: MetatraderReport | null;
}

const ZERO = new Decimal(0);

const listingOf = (settings: InstrumentSettings): Listing => ({
  settings,
  instrument: null,
  missing: null,
  sessions: null,
  bidPx: Number.NaN,
  bidQty: Number.NaN,
  askPx: Number.NaN,
  askQty: Number.NaN,
  receivedMonoUs: Number.NaN,
  takenBid: ZERO,
  takenAsk: ZERO,
});

/** @param changed called after everything but quotes. */
export const createMarket = (venue: VenueSettings, instruments: readonly PaperInstrument[], changed: () => void): PaperMarket => {
  const listings = new Map<string, Listing>(instruments.map(({ settings }) => [settings.id, listingOf(settings)]));
  const byIndex: Listing[] = [];
  for (const { index, settings } of instruments) byIndex[index] = listings.get(settings.id)!;
  const market: PaperMarket = {
    listings,
    link: 'idle',
    linkDetail: 'not connected yet',
    metatrader: null,
    observer: {
      instruments: instruments.map(({ index }) => index),
      quote(index, bidPx, bidQty, askPx, askQty, _venueMs, _updateId, receivedMonoUs) {
        const listing = byIndex[index]!;
        const first = Number.isNaN(listing.receivedMonoUs);
        listing.bidPx = bidPx;
        listing.bidQty = bidQty;
        listing.askPx = askPx;
        listing.askQty = askQty;
        listing.receivedMonoUs = receivedMonoUs;
        listing.takenBid = listing.takenAsk = ZERO;
        if (first) changed();
      },
      control(event) {
        if (takeReport(market, venue, event)) changed();
      },
    },
  };
  return market;
};

/** @returns whether it concerned this venue. */
const takeReport = (market: PaperMarket, venue: VenueSettings, event: ControlInput): boolean => {
  if (event.type === 'venue-link' && event.venueId === venue.id) {
    market.link = event.report.state;
    market.linkDetail = event.report.detail;
    return true;
  }
  if (event.type === 'metatrader' && event.venueId === venue.id) {
    market.metatrader = event.report;
    return true;
  }
  if (event.type === 'instrument') return describe(market.listings.get(event.instrument.id), event.instrument, null);
  if (event.type === 'instrument-missing') return describe(market.listings.get(event.instrumentId), null, event.why);
  const listing = event.type === 'instrument-sessions' ? market.listings.get(event.instrumentId) : undefined;
  if (event.type !== 'instrument-sessions' || listing === undefined) return false;
  listing.sessions = event;
  return true;
};

const describe = (listing: Listing | undefined, instrument: Instrument | null, missing: string | null): boolean => {
  if (listing === undefined) return false;
  listing.instrument = instrument;
  listing.missing = missing;
  return true;
};

/** Both sides are there, positive and not crossed. */
export const isQuoted = (listing: Listing): boolean => listing.bidPx > 0 && listing.askPx >= listing.bidPx;

export const quoteAgeMs = (listing: Listing, monoUs: number): number => (monoUs - listing.receivedMonoUs) / US_PER_MS;

export const markOf = (listing: Listing | undefined): Decimal | null =>
  listing === undefined || !isQuoted(listing) ? null : decimalOfWireNumber(listing.bidPx).plus(decimalOfWireNumber(listing.askPx)).div(2);

/** Venue's unit: displayed less what we have taken of it; where nothing is displayed, the assumed size. */
export const displayedQty = (listing: Listing, instrument: Instrument, side: Side): Decimal => {
  const shown = side === 'buy' ? listing.askQty : listing.bidQty;
  const whole = Number.isNaN(shown)
    ? new Decimal(listing.settings.assumedDisplayedBaseQty).div(instrument.baseQtyPerUnit)
    : decimalOfWireNumber(shown);
  return Decimal.max(0, whole.minus(side === 'buy' ? listing.takenAsk : listing.takenBid));
};

export const takeDisplayed = (listing: Listing, side: Side, qty: Decimal): void => {
  if (side === 'buy') listing.takenAsk = listing.takenAsk.plus(qty);
  else listing.takenBid = listing.takenBid.plus(qty);
};
