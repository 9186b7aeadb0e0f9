/**
 * The engine's whole state: plain mutable objects and typed arrays, owned by `engine.ts`. Built once from the settings,
 * afterwards only `step` writes it, and nothing in it grows without a named bound. Settings and wiring are `readonly`.
 */
import type { ExchangeReport } from '../../src-shared/domain/exchange.ts';
import type { Instrument, MetadataMismatch } from '../../src-shared/domain/instrument.ts';
import type { Direction } from '../../src-shared/domain/opportunity.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { EngineSettings, InstrumentSettings, PairSettings, VenueSettings } from '../../src-shared/domain/settings.ts';
import type { KillLatch, Latch, TradingState } from '../../src-shared/domain/tradingState.ts';
import type { MetatraderReport, VenueClockReport, VenueCounters, LinkState } from '../../src-shared/domain/venueLink.ts';
import type { EventRow, IntentRow } from '../../src-shared/domain/view.ts';
import { DIRECTIONS } from '../../src-shared/domain/opportunity.ts';
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import { createBook, type HedgingBook } from './book.ts';
import type { SpreadSample } from './events.ts';
import type { CommandVerdict, Effect, Fact } from './facts.ts';
import { createPairStatistics, type PairStatistics } from './pairStatistics.ts';
import { checkSettings } from './settingsChecks.ts';

export type QuoteFault = 'none' | 'not-a-number' | 'zero' | 'crossed' | 'locked';

export interface VenueState {
  readonly index: number;
  readonly settings: VenueSettings;
  link: LinkState;
  linkDetail: string;
  linkSinceUnixMs: number;
  clock: VenueClockReport | null;
  counters: VenueCounters | null;
  countersMonoUs: number;
  framesPerSecond: number;
  metatrader: MetatraderReport | null;
  exchange: ExchangeReport | null;
  /** Receive moment of the newest quote of any instrument; NaN before the first. */
  newestQuoteMonoUs: number;
  /** Of the newest quote that carried a venue time. */
  newestVenueMs: number;
  newestVenueReceivedUnixMs: number;
}

/** Trading hours as the EA last reported them. */
export interface BrokerHours {
  readonly serverUtcOffsetMin: number;
  /** Minutes since Sunday 00:00 server time. */
  readonly weekly: readonly { readonly openMinuteOfWeek: number; readonly closeMinuteOfWeek: number }[];
}

export interface InstrumentState {
  readonly index: number;
  readonly settings: InstrumentSettings;
  readonly venue: VenueState;
  readonly maxAgeUs: number;
  /** Pairs that this instrument moves: as a leg, or as their conversion. */
  readonly fanOut: PairState[];
  quotes: number;
  bidPx: number;
  bidQty: number;
  askPx: number;
  askQty: number;
  venueMs: number | null;
  updateId: ExactInteger | null;
  /** Whole microseconds. */
  receivedMonoUs: number;
  receivedUnixMs: number;
  fault: QuoteFault;
  /** When any of the four figures last differed from its predecessor. */
  changedMonoUs: number;
  /** When a price last did. */
  movedMonoUs: number;
  metadata: Instrument | null;
  mismatches: readonly MetadataMismatch[];
  missing: string | null;
  /** null = nothing heard of the broker's hours; they narrow what is configured. */
  brokerHours: BrokerHours | null;
  /** NaN until the metadata came. */
  baseQtyPerUnit: number;
  pxDigits: number | null;
}

/** An intent whose episode still lasts. */
export interface LiveIntent {
  readonly id: string;
  readonly proposedMonoUs: number;
  bestEdgeBps: number;
  /** Further evaluations that would have fired within the episode: crossings back over the entry spread. */
  suppressed: number;
  aboveEntry: boolean;
}

export interface DirectionState {
  readonly index: 0 | 1;
  readonly direction: Direction;
  readonly sold: InstrumentState;
  readonly bought: InstrumentState;
  carryBps: number;
  /** Within [from, until) of the Unix clock the carry above is right. */
  carryFromUnixMs: number;
  carryUntilUnixMs: number;
  episodes: number;
  live: LiveIntent | null;
  /** The alarm of this excursion was raised. */
  abnormalAlarmed: boolean;
}

export interface PairState {
  readonly index: number;
  readonly settings: PairSettings;
  readonly a: InstrumentState;
  readonly b: InstrumentState;
  /** The instrument whose mid converts a's quote currency into b's; null = fixed rate. */
  readonly conversion: InstrumentState | null;
  readonly statistics: PairStatistics;
  readonly directions: readonly [DirectionState, DirectionState];
  /** Whether the three figures below are of valid, fresh quotes as of the last evaluation. */
  valid: boolean;
  fBps: number;
  rBps: number;
  rate: number;
  /** The first moment at which a leg (or the conversion) is past its age limit. */
  validUntilUs: number;
  /** Since when `valid` is false. */
  invalidSinceUs: number;
  cooldownUntilUs: number;
  /** Groups of this pair that have not ended: zero keeps the quote path short. */
  liveGroups: number;
}

export interface EngineState {
  readonly settings: EngineSettings;
  readonly venues: readonly VenueState[];
  readonly instruments: readonly InstrumentState[];
  readonly pairs: readonly PairState[];
  runId: string;
  startedUnixMs: number;
  seq: number;
  monoUs: number;
  unixMs: number;
  pause: Latch | null;
  kill: KillLatch | null;
  trading: TradingState;
  readonly book: HedgingBook;
  /** Newest last; the last {@link MAX_NOTES} and {@link MAX_INTENT_ROWS}. */
  readonly notes: { readonly id: string; readonly row: EventRow }[];
  readonly intents: { readonly id: string; row: IntentRow }[];
  lastSampleUnixS: number;
  /** Result of the step in progress; empty between steps. */
  readonly draft: { facts: Fact[]; effects: Effect[]; samples: SpreadSample[]; verdict: CommandVerdict | null };
}

/** A console asks the ledger for older ones; all of these are in every snapshot. */
export const MAX_NOTES = 60;
export const MAX_INTENT_ROWS = 50;

/** @throws InvariantViolation for settings that `config` would never have let through. */
export const createState = (settings: EngineSettings): EngineState => {
  checkSettings(settings);
  const venues = settings.venues.map(createVenue);
  const instruments = settings.instruments.map((s, index) => createInstrument(s, index, venues.find((v) => v.settings.id === s.venueId)!));
  const pairs = settings.pairs.map((s, index) => createPair(s, index, instruments, settings));
  return {
    settings,
    venues,
    instruments,
    pairs,
    runId: '',
    startedUnixMs: 0,
    seq: -1,
    monoUs: Number.NEGATIVE_INFINITY,
    unixMs: 0,
    pause: null,
    kill: null,
    trading: 'active',
    book: createBook(settings),
    notes: [],
    intents: [],
    lastSampleUnixS: 0,
    draft: { facts: [], effects: [], samples: [], verdict: null },
  };
};

const createVenue = (settings: VenueSettings, index: number): VenueState => ({
  index,
  settings,
  link: 'idle',
  linkDetail: 'not started',
  linkSinceUnixMs: 0,
  clock: null,
  counters: null,
  countersMonoUs: Number.NaN,
  framesPerSecond: 0,
  metatrader: null,
  exchange: null,
  newestQuoteMonoUs: Number.NaN,
  newestVenueMs: Number.NaN,
  newestVenueReceivedUnixMs: Number.NaN,
});

const createInstrument = (settings: InstrumentSettings, index: number, venue: VenueState): InstrumentState => ({
  index,
  settings,
  venue,
  maxAgeUs: venue.settings.maxQuoteAgeMs * US_PER_MS,
  fanOut: [],
  quotes: 0,
  bidPx: Number.NaN,
  bidQty: Number.NaN,
  askPx: Number.NaN,
  askQty: Number.NaN,
  venueMs: null,
  updateId: null,
  receivedMonoUs: Number.NaN,
  receivedUnixMs: Number.NaN,
  fault: 'none',
  changedMonoUs: Number.NaN,
  movedMonoUs: Number.NaN,
  metadata: null,
  mismatches: [],
  missing: null,
  brokerHours: null,
  baseQtyPerUnit: Number.NaN,
  pxDigits: null,
});

const createPair = (settings: PairSettings, index: number, instruments: readonly InstrumentState[], engine: EngineSettings): PairState => {
  const named = (id: string): InstrumentState => instruments.find((x) => x.settings.id === id)!;
  const a = named(settings.a);
  const b = named(settings.b);
  const conversion = settings.conversion.kind === 'instrument' ? named(settings.conversion.instrumentId) : null;
  const { windowMs, bucketBps } = engine.statistics;
  const pair: PairState = {
    index,
    settings,
    a,
    b,
    conversion,
    statistics: createPairStatistics(windowMs, bucketBps, settings.deviationPercentile),
    directions: [createDirection(0, a, b), createDirection(1, b, a)],
    valid: false,
    fBps: Number.NaN,
    rBps: Number.NaN,
    rate: settings.conversion.kind === 'fixed' ? settings.conversion.rate : Number.NaN,
    validUntilUs: Number.NEGATIVE_INFINITY,
    invalidSinceUs: Number.NEGATIVE_INFINITY,
    cooldownUntilUs: Number.NEGATIVE_INFINITY,
    liveGroups: 0,
  };
  for (const instrument of new Set([a, b, ...(conversion === null ? [] : [conversion])])) instrument.fanOut.push(pair);
  return pair;
};

const createDirection = (index: 0 | 1, sold: InstrumentState, bought: InstrumentState): DirectionState => ({
  index,
  direction: DIRECTIONS[index],
  sold,
  bought,
  carryBps: 0,
  carryFromUnixMs: Number.POSITIVE_INFINITY,
  carryUntilUnixMs: Number.NEGATIVE_INFINITY,
  episodes: 0,
  live: null,
  abnormalAlarmed: false,
});
