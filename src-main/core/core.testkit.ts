/** A small world for tests of the core: settings with every cost at zero, instruments, and a driver that stamps events. */
import type { InstrumentId, PairId, VenueId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  PAIR_TRADING_DEFAULTS,
  TRADING_DEFAULTS,
  VENUE_DEFAULTS,
  type EngineSettings,
  type InstrumentSettings,
  type PairSettings,
  type VenueSettings,
} from '../../src-shared/domain/settings.ts';
import { createEngine, step, type EngineState } from './engine.ts';
import type { ControlInput, EngineEvent, OperatorCommand, QuoteEvent, StartedEvent, Unstamped } from './events.ts';
import type { StepResult } from './facts.ts';
import { NOTHING_RECOVERED } from './book.ts';

/** Wednesday 2026-01-07 12:00:00 UTC. */
export const NOON_UNIX_MS = Date.UTC(2026, 0, 7, 12);

export const venue = (id: string, more: Partial<VenueSettings> = {}): VenueSettings => ({
  id: id as VenueId,
  label: id,
  protocol: 'okx',
  simulated: true,
  ...VENUE_DEFAULTS.exchange,
  maxQuoteAgeMs: 500,
  ...more,
});

export const instrument = (symbol: string, venueId: string, more: Partial<InstrumentSettings> = {}): InstrumentSettings => ({
  id: `${symbol}@${venueId}` as InstrumentId,
  venueId: venueId as VenueId,
  symbol,
  kind: 'perpetual',
  expected: {},
  costs: NO_COSTS,
  assumedDisplayedBaseQty: 1,
  sessions: [],
  ...INSTRUMENT_TRADING_DEFAULTS,
  ...more,
});

export const pairOf = (a: InstrumentSettings, b: InstrumentSettings, more: Partial<PairSettings> = {}): PairSettings => ({
  id: 'pair' as PairId,
  underlying: 'X',
  a: a.id,
  b: b.id,
  conversion: { kind: 'fixed', rate: 1, why: 'one currency' },
  deviationFloorBps: 2,
  deviationPercentile: 90,
  minEdgeBps: 1,
  hysteresisBps: 0.5,
  displayedShare: 0.5,
  minExecutableBaseQty: 0,
  maxSkewMs: 750,
  abnormalEdgeBps: 100,
  abnormalP99Multiple: 3,
  expectedHoldMs: 3_600_000,
  cooldownMs: 1_000,
  ...PAIR_TRADING_DEFAULTS,
  ...more,
});

export const X_A = instrument('X', 'va');
export const X_B = instrument('X', 'vb');

export const settingsOf = (more: Partial<EngineSettings> = {}): EngineSettings => ({
  mode: 'paper',
  profile: 'test',
  venues: [venue('va'), venue('vb')],
  instruments: [X_A, X_B],
  pairs: [pairOf(X_A, X_B)],
  statistics: { windowMs: 3_600_000, minCoveredMs: 0, bucketBps: 0.01 },
  frozenQuoteMs: 60_000,
  ...TRADING_DEFAULTS,
  ...more,
});

export const metadataOf = (x: InstrumentSettings, more: Partial<Instrument> = {}): Instrument => ({
  id: x.id,
  venueId: x.venueId,
  symbol: x.symbol,
  kind: x.kind,
  baseCcy: 'X',
  quoteCcy: 'USD',
  tickSize: '0.01',
  qtyStep: '0.001',
  minQty: '0.001',
  maxQty: null,
  minNotional: null,
  baseQtyPerUnit: '1',
  tradable: true,
  venueState: 'live',
  instIdCode: null,
  ...more,
});

export interface QuoteFigures {
  readonly bid: number;
  readonly ask: number;
  readonly bidQty?: number;
  readonly askQty?: number;
  readonly venueMs?: number | null;
  readonly ageUs?: number;
}

/** Drives an engine on its own clock, which only `pass` moves; keeps every event and every result. */
export class World {
  readonly state: EngineState;
  readonly events: EngineEvent[] = [];
  readonly results: StepResult[] = [];
  startUnixMs: number;
  monoUs = 1_000_000;
  private seq = 0;

  constructor(settings: EngineSettings = settingsOf(), startUnixMs = NOON_UNIX_MS) {
    this.state = createEngine(settings);
    this.startUnixMs = startUnixMs - this.monoUs / 1_000;
  }

  get unixMs(): number {
    return this.startUnixMs + this.monoUs / 1_000;
  }

  get at(): { readonly monoUs: number; readonly unixMs: number } {
    return { monoUs: this.monoUs, unixMs: this.unixMs };
  }

  pass(ms: number): this {
    this.monoUs += ms * 1_000;
    return this;
  }

  /** The host's wall clock jumps; no time passes. */
  jump(ms: number): this {
    this.startUnixMs += ms;
    return this;
  }

  take(event: Unstamped<EngineEvent>): StepResult {
    const stamped = { ...event, seq: this.seq++, ...this.at } as EngineEvent;
    this.events.push(stamped);
    const result = step(this.state, stamped);
    this.results.push(result);
    return result;
  }

  control(event: ControlInput): StepResult {
    return this.take(event);
  }

  start(more: Partial<StartedEvent> = {}): StepResult {
    return this.take({
      type: 'started',
      runId: 'run-1',
      pause: null,
      kill: null,
      samples: [],
      sampleIntervalMs: 1_000,
      openIntents: [],
      trading: NOTHING_RECOVERED,
      ...more,
    });
  }

  /** Started, every venue live, every instrument known. */
  ready(more: Partial<StartedEvent> = {}): this {
    this.start(more);
    for (const v of this.state.venues) this.link(v.settings.id, 'live');
    for (const x of this.state.instruments) this.control({ type: 'instrument', instrument: metadataOf(x.settings), mismatches: [] });
    return this;
  }

  link(venueId: string, state: 'live' | 'down' | 'backing-off' | 'connecting'): StepResult {
    return this.control({ type: 'venue-link', venueId: venueId as VenueId, report: { state, detail: 'test' } });
  }

  quote(index: number, { bid, ask, bidQty = 10, askQty = 10, venueMs = null, ageUs = 0 }: QuoteFigures): StepResult {
    const event: Unstamped<QuoteEvent> = {
      type: 'quote',
      instrument: index,
      bidPx: bid,
      bidQty,
      askPx: ask,
      askQty,
      venueMs,
      updateId: null,
      receivedMonoUs: this.monoUs - ageUs,
    };
    return this.take(event);
  }

  /** Quotes leg b at 10,000 and leg a so that `sell-a-buy-b` has this executable spread (zero widths but one tick). */
  spread(fBps: number): StepResult {
    const halfTick = 0.005;
    this.quote(1, { bid: 10_000 - halfTick, ask: 10_000 + halfTick });
    const mid = (10_000 + halfTick + 10_000 * (fBps / 10_000 / 2)) / (1 - fBps / 10_000 / 2);
    return this.quote(0, { bid: mid, ask: mid + 2 * halfTick });
  }

  /** The same spread again and again, 100 ms apart. */
  hold(fBps: number, ms: number): this {
    for (let passed = 0; passed < ms; passed += 100) {
      this.spread(fBps);
      this.pass(100);
    }
    return this;
  }

  /** `more`: scope, limits, group and act, whatever this kind of command needs. */
  command(kind: OperatorCommand['kind'], reason = 'because', more: Readonly<Record<string, unknown>> = {}): StepResult {
    const requestId = `request-${this.seq}`;
    const command = { kind, requestId, reason, source: 'console', by: 'tester', ...more } as OperatorCommand;
    return this.control({ type: 'operator', command });
  }

  timer(): StepResult {
    return this.control({ type: 'timer' });
  }

  facts<T extends StepResult['facts'][number]['type']>(type: T): Extract<StepResult['facts'][number], { type: T }>[] {
    return this.results.flatMap((r) => r.facts).filter((f): f is Extract<StepResult['facts'][number], { type: T }> => f.type === type);
  }
}
