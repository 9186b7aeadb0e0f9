/**
 * What can happen to the engine. Time travels inside the event; `core` has no clock. Every event is plain
 * data that survives JSON (bigint ids excepted: the journal writes them as text).
 */
import type { ExchangeReport } from '../../src-shared/domain/exchange.ts';
import type { GroupAct } from '../../src-shared/domain/hedgeGroup.ts';
import type { ClientOrderId, InstrumentIndex, VenueId } from '../../src-shared/domain/ids.ts';
import type { Instrument, MetadataMismatch } from '../../src-shared/domain/instrument.ts';
import type { RiskLimits } from '../../src-shared/domain/limits.ts';
import type { LiveCheck } from '../../src-shared/domain/live.ts';
import type {
  CancelOutcome,
  ChargeReport,
  FillReport,
  OrderReport,
  PlaceOutcome,
  QueryOutcome,
  SnapshotOutcome,
} from '../../src-shared/domain/order.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { KillLatch, KillSource, Latch, StopScope } from '../../src-shared/domain/tradingState.ts';
import type { MetatraderReport, VenueClockReport, VenueCounters, VenueLinkReport } from '../../src-shared/domain/venueLink.ts';
import type { RecoveredTrading } from './book.ts';

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
  readonly trading: RecoveredTrading;
  /** What recovery found worth telling (an unclean end, a lease taken over); each becomes a `noted` fact of kind `ledger`. */
  readonly notes?: readonly string[];
}

/** Every command names who, where from and why; the same `requestId` is one act. */
interface CommandBase {
  readonly requestId: string;
  readonly reason: string;
  readonly source: KillSource;
  readonly by: string;
}

export type OperatorCommand =
  /** Stops and their end. A scope other than `all` covers one pair or venue; absent = `all`. */
  | (CommandBase & { readonly kind: 'pause' | 'resume' | 'kill' | 'flatten' | 'hands-off' | 'reset'; readonly scope?: StopScope })
  /** With real money `confirmation` must be the phrase that the engine shows, typed by a person. */
  | (CommandBase & { readonly kind: 'arm'; readonly confirmation?: string | undefined })
  | (CommandBase & { readonly kind: 'disarm' })
  /** One rung up the ladder of real money's sizes. */
  | (CommandBase & { readonly kind: 'climb' })
  | (CommandBase & { readonly kind: 'set-limits'; readonly limits: Partial<RiskLimits> })
  | (CommandBase & { readonly kind: 'group-act'; readonly groupId: string; readonly act: GroupAct })
  /** Ends what a rule has disabled until a person looked: repeated execution of a pair, errors of a venue, the losing streak (`all`). */
  | (CommandBase & { readonly kind: 'enable'; readonly scope: StopScope })
  /** The account that the exchange's key belongs to now is the one from now on; only with nothing open there. */
  | (CommandBase & { readonly kind: 'accept-account'; readonly venueId: string })
  /** The venue's position of an instrument is right as it is: the difference to our own counts as foreign from now on. */
  | (CommandBase & { readonly kind: 'accept-position'; readonly instrumentId: string });

export type ControlEvent =
  | StartedEvent
  | (EventStamp & { readonly type: 'timer' })
  | (EventStamp & { readonly type: 'operator'; readonly command: OperatorCommand })
  | (EventStamp & { readonly type: 'venue-link'; readonly venueId: VenueId; readonly report: VenueLinkReport })
  | (EventStamp & { readonly type: 'venue-clock'; readonly venueId: VenueId; readonly report: VenueClockReport })
  | (EventStamp & { readonly type: 'venue-counters'; readonly venueId: VenueId; readonly counters: VenueCounters })
  | (EventStamp & { readonly type: 'metatrader'; readonly venueId: VenueId; readonly report: MetatraderReport })
  /** The order side of an exchange account: on every change, at most a few times a second. */
  | (EventStamp & { readonly type: 'exchange'; readonly venueId: VenueId; readonly report: ExchangeReport })
  | (EventStamp & { readonly type: 'instrument'; readonly instrument: Instrument; readonly mismatches: readonly MetadataMismatch[] })
  | (EventStamp & { readonly type: 'instrument-missing'; readonly instrumentId: string; readonly why: string })
  | (EventStamp & { readonly type: 'order-outcome'; readonly clientOrderId: ClientOrderId; readonly outcome: PlaceOutcome })
  | (EventStamp & { readonly type: 'cancel-outcome'; readonly clientOrderId: ClientOrderId; readonly outcome: CancelOutcome })
  | (EventStamp & { readonly type: 'order-query'; readonly clientOrderId: ClientOrderId; readonly outcome: QueryOutcome })
  /** Pushed by the venue's private stream, or by the EA. Duplicates and any order of arrival are ordinary. */
  | (EventStamp & { readonly type: 'order-report'; readonly report: OrderReport })
  | (EventStamp & { readonly type: 'fill'; readonly fill: FillReport })
  | (EventStamp & { readonly type: 'charge'; readonly charge: ChargeReport })
  | (EventStamp & {
      readonly type: 'venue-snapshot';
      readonly venueId: VenueId;
      readonly requestId: number;
      readonly outcome: SnapshotOutcome;
    })
  /** The channel on which the venue tells us of our orders. `up` means that pushes arrive from now on: then reconcile. */
  | (EventStamp & { readonly type: 'order-link'; readonly venueId: VenueId; readonly state: 'up' | 'down'; readonly detail: string })
  /** Trading hours as the EA read them from its terminal, in server time. */
  | (EventStamp & {
      readonly type: 'instrument-sessions';
      readonly instrumentId: string;
      readonly serverUtcOffsetMin: number;
      /** Minutes since Sunday 00:00 server time. */
      readonly weekly: readonly { readonly openMinuteOfWeek: number; readonly closeMinuteOfWeek: number }[];
    })
  /** A named limit was crossed (queue, body, log line …). */
  | (EventStamp & { readonly type: 'limit-crossed'; readonly limit: string; readonly detail: string })
  /** What the host found of the evidence that real money needs: the whole list, repeated whenever it may have changed. */
  | (EventStamp & { readonly type: 'live-checklist'; readonly items: readonly LiveCheck[]; readonly checkedUnixMs: number })
  | (EventStamp & { readonly type: 'stopping'; readonly why: string });

export type EngineEvent = QuoteEvent | ControlEvent;

/** A control event before the runner has stamped it. */
export type Unstamped<E> = E extends EventStamp ? Omit<E, keyof EventStamp> : never;
export type ControlInput = Unstamped<ControlEvent>;
