/**
 * An engine of any number of pairs, ready to be measured: settings, the events that make every pair live, and quotes that
 * never pay (or, where asked, pay when told). Each pair has two instruments of its own, on two venues.
 */
import type { InstrumentId, PairId, VenueId } from '../src-shared/domain/ids.ts';
import type { Instrument } from '../src-shared/domain/instrument.ts';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  PAIR_TRADING_DEFAULTS,
  TRADING_DEFAULTS,
  VENUE_DEFAULTS,
  type EngineSettings,
  type InstrumentSettings,
} from '../src-shared/domain/settings.ts';
import { createEngine, step, type EngineState } from '../src-main/core/engine.ts';
import type { ControlInput, QuoteEvent } from '../src-main/core/events.ts';
import { seeded } from './frames.ts';
import { NOTHING_RECOVERED } from '../src-main/core/book.ts';

export const VENUES = ['left', 'right'] as const;
const NOON_UNIX_MS = Date.UTC(2026, 0, 7, 12);

const instrumentOf = (pair: number, venue: string, feeBps: number): InstrumentSettings => ({
  id: `C${pair}USDT@${venue}` as InstrumentId,
  venueId: venue as VenueId,
  symbol: `C${pair}USDT`,
  kind: 'perpetual',
  expected: {},
  costs: { ...NO_COSTS, takerFeeBps: feeBps },
  assumedDisplayedBaseQty: 1,
  sessions: [],
  ...INSTRUMENT_TRADING_DEFAULTS,
});

/** Instrument 2·i is leg a of pair i, 2·i+1 leg b. */
export const settingsOf = (pairs: number, more: { readonly feeBps?: number; readonly windowMs?: number } = {}): EngineSettings => {
  const instruments = Array.from({ length: pairs }, (_, i) => VENUES.map((venue) => instrumentOf(i, venue, more.feeBps ?? 10))).flat();
  return {
    mode: 'paper',
    profile: 'bench',
    venues: VENUES.map((id) => ({
      id: id as VenueId,
      label: id,
      protocol: 'binance-usdm',
      simulated: true,
      ...VENUE_DEFAULTS.exchange,
      maxQuoteAgeMs: 60_000,
    })),
    instruments,
    pairs: Array.from({ length: pairs }, (_, i) => ({
      id: `pair-${i}` as PairId,
      underlying: `C${i}`,
      a: instruments[2 * i]!.id,
      b: instruments[2 * i + 1]!.id,
      conversion: { kind: 'fixed', rate: 1, why: 'one currency' },
      deviationFloorBps: 2,
      deviationPercentile: 90,
      minEdgeBps: 1,
      hysteresisBps: 0.5,
      displayedShare: 0.5,
      minExecutableBaseQty: 0,
      maxSkewMs: 60_000,
      abnormalEdgeBps: 1_000,
      abnormalP99Multiple: 1_000,
      expectedHoldMs: 3_600_000,
      cooldownMs: 1,
      ...PAIR_TRADING_DEFAULTS,
    })),
    statistics: { windowMs: more.windowMs ?? 3_600_000, minCoveredMs: 0, bucketBps: 0.01 },
    frozenQuoteMs: 600_000,
    ...TRADING_DEFAULTS,
  };
};

const metadataOf = (x: InstrumentSettings): Instrument => ({
  id: x.id,
  venueId: x.venueId,
  symbol: x.symbol,
  kind: x.kind,
  baseCcy: x.symbol.replace('USDT', ''),
  quoteCcy: 'USDT',
  tickSize: '0.01',
  qtyStep: '0.001',
  minQty: '0.001',
  maxQty: null,
  minNotional: null,
  baseQtyPerUnit: '1',
  tradable: true,
  venueState: 'TRADING',
  instIdCode: null,
});

/** What feeds report before the first quote: venues live, instruments described. */
export const openingEvents = (settings: EngineSettings): readonly ControlInput[] => [
  ...settings.venues.map(({ id }): ControlInput => ({ type: 'venue-link', venueId: id, report: { state: 'live', detail: 'bench' } })),
  ...settings.instruments.map((x): ControlInput => ({ type: 'instrument', instrument: metadataOf(x), mismatches: [] })),
];

/** An engine stepped directly, on a clock of its own. */
export interface DirectEngine {
  readonly state: EngineState;
  /** One quote of the walk, `gapUs` after the last event. */
  quote(gapUs: number): void;
  timer(gapUs: number): void;
}

export const directEngine = (settings: EngineSettings, seed: number): DirectEngine => {
  const state = createEngine(settings);
  const random = seeded(seed);
  let seq = 0;
  let monoUs = 1_000_000;
  const stamp = (): { seq: number; monoUs: number; unixMs: number } => ({ seq: (seq += 1), monoUs, unixMs: NOON_UNIX_MS + monoUs / 1_000 });
  const give = (event: ControlInput): void => void step(state, { ...event, ...stamp() });
  give({
    type: 'started',
    runId: 'bench',
    pause: null,
    kill: null,
    samples: [],
    sampleIntervalMs: 1_000,
    openIntents: [],
    trading: NOTHING_RECOVERED,
  });
  for (const event of openingEvents(settings)) give(event);
  const mids = new Float64Array(settings.pairs.length).fill(1_000);
  const event: { -readonly [K in keyof QuoteEvent]: QuoteEvent[K] } = {
    type: 'quote',
    ...stamp(),
    instrument: 0,
    bidPx: 0,
    bidQty: 10,
    askPx: 0,
    askQty: 10,
    venueMs: null,
    updateId: null,
    receivedMonoUs: 0,
  };
  return {
    state,
    quote(gapUs) {
      monoUs += gapUs;
      const instrument = Math.floor(random() * settings.instruments.length);
      const pair = instrument >> 1;
      mids[pair]! += (Math.floor(random() * 5) - 2) / 100;
      event.seq = seq += 1;
      event.monoUs = monoUs;
      event.unixMs = NOON_UNIX_MS + monoUs / 1_000;
      event.instrument = instrument;
      event.bidPx = mids[pair]! - 0.01;
      event.askPx = mids[pair]! + 0.01;
      event.receivedMonoUs = monoUs;
      step(state, event);
    },
    timer(gapUs) {
      monoUs += gapUs;
      give({ type: 'timer' });
    },
  };
};
