/**
 * What can happen to the engine. Time travels inside the event; `core` has no clock. Every event is plain
 * data that survives JSON (bigint ids excepted: the journal writes them as text).
 */
import type { InstrumentIndex, VenueId } from '../../src-shared/domain/ids.ts';
import type { Instrument, MetadataMismatch } from '../../src-shared/domain/instrument.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { KillLatch, KillSource, Latch } from '../../src-shared/domain/tradingState.ts';
import type { MetatraderReport, VenueClockReport, VenueCounters, VenueLinkReport } from '../../src-shared/domain/venueLink.ts';

/** Consecutive within a run; order comes from it, never from time. */
export interface EventStamp {
  readonly seq: number;
  readonly monoUs: number;
  readonly unixMs: number;
}

/** The hot one. The runner reuses a single object: `core` copies what it keeps. */
export interface QuoteEvent extends EventStamp {
  readonly type: 'quote';
  readonly instrument: InstrumentIndex;
  readonly bidPx: number;
  readonly bidQty: number;
  readonly askPx: number;
  readonly askQty: number;
  readonly venueMs: number | null;
  readonly updateId: ExactInteger | null;
  readonly receivedMonoUs: number;
}

export interface SpreadSample {
  readonly unixMs: number;
  /** Index into `EngineSettings.pairs`. */
  readonly pair: number;
  /** null = a leg was stale. */
  readonly fBps: number | null;
  readonly rBps: number | null;
}

/** First event of every run: what the ledger remembers. Always leads to a disarmed engine. */
export interface StartedEvent extends EventStamp {
  readonly type: 'started';
  readonly runId: string;
  readonly pause: Latch | null;
  readonly kill: KillLatch | null;
  /** Oldest first, at most one statistics window. Each stands for `sampleIntervalMs`. */
  readonly samples: readonly SpreadSample[];
  readonly sampleIntervalMs: number;
  readonly openIntents: readonly { readonly id: string; readonly pairId: string }[];
  /** What recovery found worth telling (an unclean end, a lease taken over); each becomes a `noted` fact of kind `ledger`. */
  readonly notes?: readonly string[];
}

export type OperatorCommand =
  | {
      readonly kind: 'pause' | 'resume' | 'kill';
      readonly requestId: string;
      readonly reason: string;
      readonly source: KillSource;
      readonly by: string;
    }
  | { readonly kind: 'reset'; readonly requestId: string; readonly reason: string; readonly source: KillSource; readonly by: string };

export type ControlEvent =
  | StartedEvent
  | (EventStamp & { readonly type: 'timer' })
  | (EventStamp & { readonly type: 'operator'; readonly command: OperatorCommand })
  | (EventStamp & { readonly type: 'venue-link'; readonly venueId: VenueId; readonly report: VenueLinkReport })
  | (EventStamp & { readonly type: 'venue-clock'; readonly venueId: VenueId; readonly report: VenueClockReport })
  | (EventStamp & { readonly type: 'venue-counters'; readonly venueId: VenueId; readonly counters: VenueCounters })
  | (EventStamp & { readonly type: 'metatrader'; readonly venueId: VenueId; readonly report: MetatraderReport })
  | (EventStamp & { readonly type: 'instrument'; readonly instrument: Instrument; readonly mismatches: readonly MetadataMismatch[] })
  | (EventStamp & { readonly type: 'instrument-missing'; readonly instrumentId: string; readonly why: string })
  /** All gateways have answered the `verify-stopped` effect. */
  | (EventStamp & { readonly type: 'stop-verified'; readonly remaining: readonly string[] })
  /** A named limit was crossed (queue, body, log line …). */
  | (EventStamp & { readonly type: 'limit-crossed'; readonly limit: string; readonly detail: string })
  | (EventStamp & { readonly type: 'stopping'; readonly why: string });

export type EngineEvent = QuoteEvent | ControlEvent;

/** A control event before the runner has stamped it. */
export type Unstamped<E> = E extends EventStamp ? Omit<E, keyof EventStamp> : never;
export type ControlInput = Unstamped<ControlEvent>;
