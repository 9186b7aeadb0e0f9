/**
 * The production core fed from two tapes: settings from the command line, metadata read off the tapes, time from the
 * recorded receive stamps. Nothing here decides anything; it only supplies events and collects what came out.
 */
import { instrumentIdOf, type PairId, type VenueId } from '../../../src-shared/domain/ids.ts';
import type { Intent } from '../../../src-shared/domain/opportunity.ts';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  PAIR_TRADING_DEFAULTS,
  TRADING_DEFAULTS,
  VENUE_DEFAULTS,
  type EngineSettings,
} from '../../../src-shared/domain/settings.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { PairDetail } from '../../../src-shared/domain/view.ts';
import { createEngine, step } from '../../core/engine.ts';
import type { ControlInput, EngineEvent } from '../../core/events.ts';
import type { Fact, StepResult } from '../../core/facts.ts';
import { buildPairDetail } from '../../core/view.ts';
import { createQuoteSlot } from '../../runtime/queues.ts';
import type { TapeIdentity, TapeQuote } from './quoteCursor.ts';
import { NOTHING_RECOVERED } from '../../core/book.ts';

const TIMER_INTERVAL_US = 100_000;
const PAIR = 'tapes' as PairId;
const VENUES = ['tape-a' as VenueId, 'tape-b' as VenueId] as const;

export interface ReplayRule {
  readonly takerFeeBps: readonly [number, number];
  readonly deviationFloorBps: number;
  readonly deviationPercentile: number;
  readonly minEdgeBps: number;
  readonly hysteresisBps: number;
  readonly cooldownMs: number;
  readonly abnormalEdgeBps: number;
  readonly abnormalP99Multiple: number;
  readonly maxQuoteAgeMs: number;
  readonly windowMs: number;
  readonly minCoveredMs: number;
}

/** Venue defaults of 2026 for an ordinary account, both Binance: spot 10 bps, USD-M futures 5 bps. */
export const ordinaryTakerFeeBps = (tape: TapeIdentity): number => (tape.protocol === 'binance-spot' ? 10 : 5);

export interface Episode {
  readonly intent: Intent;
  readonly endedUnixMs: number | null;
  readonly endReason: string | null;
  readonly bestEdgeBps: number | null;
  readonly durationMs: number | null;
  readonly suppressed: number | null;
}

export const settingsOf = (tapes: readonly [TapeIdentity, TapeIdentity], rule: ReplayRule): EngineSettings => ({
  mode: 'paper',
  profile: 'replay',
  venues: tapes.map((tape, i) => ({
    id: VENUES[i]!,
    label: tape.protocol,
    protocol: tape.protocol,
    simulated: false,
    ...VENUE_DEFAULTS.exchange,
    maxQuoteAgeMs: rule.maxQuoteAgeMs,
  })),
  instruments: tapes.map((tape, i) => ({
    id: instrumentIdOf(tape.symbol, VENUES[i]!),
    venueId: VENUES[i]!,
    symbol: tape.symbol,
    kind: tape.protocol === 'binance-spot' ? 'spot' : 'perpetual',
    expected: {},
    costs: { ...NO_COSTS, takerFeeBps: rule.takerFeeBps[i]! },
    assumedDisplayedBaseQty: 1,
    sessions: [],
    ...INSTRUMENT_TRADING_DEFAULTS,
  })),
  pairs: [
    {
      id: PAIR,
      underlying: tapes[0].symbol,
      a: instrumentIdOf(tapes[0].symbol, VENUES[0]),
      b: instrumentIdOf(tapes[1].symbol, VENUES[1]),
      conversion: { kind: 'fixed', rate: 1, why: 'both tapes quote in one currency' },
      deviationFloorBps: rule.deviationFloorBps,
      deviationPercentile: rule.deviationPercentile,
      minEdgeBps: rule.minEdgeBps,
      hysteresisBps: rule.hysteresisBps,
      displayedShare: 0.5,
      minExecutableBaseQty: 0,
      maxSkewMs: 750,
      abnormalEdgeBps: rule.abnormalEdgeBps,
      abnormalP99Multiple: rule.abnormalP99Multiple,
      expectedHoldMs: 3_600_000,
      cooldownMs: rule.cooldownMs,
      ...PAIR_TRADING_DEFAULTS,
    },
  ],
  statistics: { windowMs: rule.windowMs, minCoveredMs: rule.minCoveredMs, bucketBps: 0.001 },
  frozenQuoteMs: 60_000,
  ...TRADING_DEFAULTS,
});

export class EngineRun {
  readonly #state;
  readonly #startUnixMs: number;
  readonly #quoteEvent = createQuoteSlot();
  readonly #episodes = new Map<string, Episode>();
  #seq = 0;
  #nowUs = 0;
  #nextTimerUs = TIMER_INTERVAL_US;
  abnormalAlarms = 0;
  steps = 0;

  /** @param startUnixMs host time of the tapes' first frame: zero of the monotonic clock */
  constructor(tapes: readonly [TapeIdentity, TapeIdentity], rule: ReplayRule, startUnixMs: number) {
    this.#startUnixMs = startUnixMs;
    this.#state = createEngine(settingsOf(tapes, rule));
    this.#control({
      type: 'started',
      runId: 'replay',
      pause: null,
      kill: null,
      samples: [],
      sampleIntervalMs: 1_000,
      openIntents: [],
      trading: NOTHING_RECOVERED,
    });
    for (const [i, tape] of tapes.entries()) this.#announce(VENUES[i]!, tape);
  }

  /** @param atUs whole microseconds since the first frame, never falling */
  quote(book: 0 | 1, quote: TapeQuote, atUs: number): void {
    for (; this.#nextTimerUs <= atUs; this.#nextTimerUs += TIMER_INTERVAL_US) {
      this.#nowUs = this.#nextTimerUs;
      this.#control({ type: 'timer' });
    }
    this.#nowUs = atUs;
    const event = this.#quoteEvent;
    event.seq = this.#seq++;
    event.monoUs = atUs;
    event.unixMs = this.#startUnixMs + atUs / US_PER_MS;
    event.instrument = book;
    event.bidPx = quote.bidPx;
    event.bidQty = quote.bidQty;
    event.askPx = quote.askPx;
    event.askQty = quote.askQty;
    event.venueMs = quote.venueMs;
    event.updateId = quote.updateId;
    event.receivedMonoUs = atUs;
    this.#step(event);
  }

  detail(): PairDetail {
    const detail = buildPairDetail(this.#state, PAIR, { monoUs: this.#nowUs, unixMs: this.#startUnixMs + this.#nowUs / US_PER_MS });
    if (detail === null) throw new Error('the replayed pair is unknown to the engine');
    return detail;
  }

  get episodes(): readonly Episode[] {
    return [...this.#episodes.values()];
  }

  #announce(venueId: VenueId, tape: TapeIdentity): void {
    this.#control({ type: 'venue-link', venueId, report: { state: 'live', detail: 'tape' } });
    this.#control({
      type: 'instrument',
      mismatches: [],
      instrument: {
        id: instrumentIdOf(tape.symbol, venueId),
        venueId,
        symbol: tape.symbol,
        kind: tape.protocol === 'binance-spot' ? 'spot' : 'perpetual',
        baseCcy: tape.symbol,
        quoteCcy: tape.symbol,
        tickSize: tape.tickSize,
        qtyStep: tape.qtyStep,
        minQty: tape.qtyStep,
        maxQty: null,
        minNotional: null,
        baseQtyPerUnit: '1',
        tradable: true,
        venueState: 'tape',
        instIdCode: null,
      },
    });
  }

  #control(input: ControlInput): void {
    this.#step({ ...input, seq: this.#seq++, monoUs: this.#nowUs, unixMs: this.#startUnixMs + this.#nowUs / US_PER_MS });
  }

  #step(event: EngineEvent): void {
    this.steps++;
    const result: StepResult = step(this.#state, event);
    for (const fact of result.facts) this.#collect(fact, event.unixMs);
  }

  #collect(fact: Fact, unixMs: number): void {
    if (fact.type === 'intent-proposed')
      this.#episodes.set(fact.intent.id, {
        intent: fact.intent,
        endedUnixMs: null,
        endReason: null,
        bestEdgeBps: fact.intent.edgeBps,
        durationMs: null,
        suppressed: 0,
      });
    else if (fact.type === 'intent-ended') {
      const episode = this.#episodes.get(fact.intentId);
      if (episode === undefined) return;
      this.#episodes.set(fact.intentId, {
        ...episode,
        endedUnixMs: unixMs,
        endReason: fact.reason,
        bestEdgeBps: fact.bestEdgeBps,
        durationMs: fact.durationMs,
        suppressed: fact.suppressed,
      });
    } else if (fact.type === 'noted' && fact.severity === 'critical') this.abnormalAlarms++;
  }
}
