/**
 * The ports between the engine and the outside. Types only. Adapters implement them, `hosts/compose.ts` joins
 * them, and tests and simulators hand in others.
 */
import type { CommandRecord, CommandTransition, DealRecord } from '../../src-shared/domain/metatrader.ts';
import type { Environment } from '../../src-shared/domain/exchange.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { InstrumentIndex, VenueId } from '../../src-shared/domain/ids.ts';
import type { Intent } from '../../src-shared/domain/opportunity.ts';
import type { KillLatch, Latch } from '../../src-shared/domain/tradingState.ts';
import type {
  CancelOutcome,
  FillRecord,
  OrderRecord,
  OrderRef,
  OrderRequest,
  PlaceOutcome,
  QueryOutcome,
  SnapshotOutcome,
} from '../../src-shared/domain/order.ts';
import type { EventRow, GroupHistory, HistoryPoint, IntentRow } from '../../src-shared/domain/view.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { RecoveredTrading } from '../core/book.ts';
import type { ControlInput, EngineEvent, SpreadSample } from '../core/events.ts';
import type { Effect, Fact } from '../core/facts.ts';
import type { RiskApproved } from '../core/risk/approved.ts';

/** How much of what has ended a ledger gives back at start. */
export { MAX_ENDED_GROUPS, MAX_TRADE_IDS, NOTHING_RECOVERED } from '../core/book.ts';

export interface Clock {
  /** Monotonic microseconds; fractions allowed. */
  monoUs(): number;
  unixMs(): number;
}

/** Where feeds put quotes: conflated to the newest per instrument, never blocks, never allocates. */
export interface MarketInlet {
  quote(
    instrument: InstrumentIndex,
    bidPx: number,
    bidQty: number,
    askPx: number,
    askQty: number,
    venueMs: number | null,
    updateId: ExactInteger | null,
    receivedMonoUs: number,
  ): void;
}

/** Where everything else goes in; bounded, drained before market data. */
export interface ControlInlet {
  /** `full`: the event was not taken, and the runner notes the crossed limit itself. */
  offer(event: ControlInput): 'taken' | 'full';
}

export interface Inlets extends MarketInlet, ControlInlet {}

/** One connected venue's data side. */
export interface VenueFeed {
  start(): void;
  /** Resolves when every socket and timer is gone. */
  stop(): Promise<void>;
}

/**
 * A venue as a place where orders go. Each call resolves with exactly one of its outcomes and never rejects: what cannot
 * be said is `unknown` or `failed`. Pushes (`order-report`, `fill`, `order-link`) come through the control inlet; a gateway may
 * push before its call resolves, and more than once. It sends nothing of its own accord and repeats nothing.
 */
export interface OrderGateway {
  readonly venueId: VenueId;
  /** One ledger file, total and screen never sees both. */
  readonly kind: 'paper' | 'demo' | 'live';
  /** Opens the push channel and reports `order-link`. */
  start(): void;
  /** Resolves when every socket and timer is gone. Orders at the venue stay as they are. */
  stop(): Promise<void>;
  /**
   * `mayLeave` is asked once more in the moment before the bytes are written, or the command is handed to the EA; false =
   * refused by the gateway, nothing was sent.
   */
  place(order: RiskApproved<OrderRequest>, mayLeave: () => boolean): Promise<PlaceOutcome>;
  cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome>;
  query(ref: OrderRef): Promise<QueryOutcome>;
  snapshot(fillsSinceUnixMs: number): Promise<SnapshotOutcome>;
}

/** What proves who we are at one exchange account. Held in memory alone; nothing prints it. */
export interface VenueKey {
  readonly environment: Environment;
  readonly apiKey: string;
  /** HMAC secret as text, or an Ed25519 private key in PEM (Binance only). */
  readonly secret: { readonly algorithm: 'hmac-sha256'; readonly text: string } | { readonly algorithm: 'ed25519'; readonly pem: string };
  /** OKX only. */
  readonly passphrase: string | null;
}

/** Where keys of exchange accounts come from: the desktop's safe storage, or what a service manager hands over. */
export interface Secrets {
  /** @throws SecretsFault naming the source and the member, never the content; null = there is no key for this venue. */
  venueKey(venueId: VenueId): VenueKey | null;
  /** In words, where it looks and what it found, for people; never a content. */
  describe(venueId: VenueId): string;
}

/** `full` survives power loss, `normal` survives the death of the process. */
export type Durability = 'full' | 'normal';

/** What the ledger knew at start. */
export interface Recovered {
  readonly pause: Latch | null;
  readonly kill: KillLatch | null;
  readonly samples: readonly SpreadSample[];
  readonly openIntents: readonly { readonly id: string; readonly pairId: string }[];
  readonly trading: RecoveredTrading;
  readonly previousRunEndedCleanly: boolean | null;
  /**
   * Committed by earlier runs but never marked done. Committing `started` settles them: none is dispatched again; the core
   * announces anew, and an order that was in flight is unknown and asked for.
   */
  readonly undoneEffects: readonly Effect[];
  /** For the event log: an unclean end, a lease that was taken over. */
  readonly notes: readonly string[];
}

/** Every failure of the ledger, classed; the message names the file and what to do. */
export type LedgerFaultCode = 'disk-full' | 'read-only' | 'corrupt' | 'newer-schema' | 'held-by-another' | 'busy' | 'io' | 'other-mode';
export class LedgerFault extends Error {
  readonly code: LedgerFaultCode;
  readonly path: string;
  constructor(code: LedgerFaultCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LedgerFault';
    this.code = code;
    this.path = path;
  }
}

/**
 * The durable memory of commands to EAs and of their deals, in the ledger's file. Each call is one transaction, on disk when
 * it returns. @throws LedgerFault; nothing of the call is then kept.
 */
export interface CommandStore {
  /** The account this file is bound to for the venue; null before the first. */
  account(venueId: VenueId): { readonly login: string; readonly server: string } | null;
  bindAccount(venueId: VenueId, account: { readonly login: string; readonly server: string }): void;
  /** Replaces the record and appends the transition. Refuses (throws Error) to change a final state or to take an id or magic twice. */
  put(command: CommandRecord, durability: Durability): void;
  get(commandId: string): CommandRecord | null;
  ofOrder(clientOrderId: string): CommandRecord | null;
  ofMagic(venueId: VenueId, magic: number): CommandRecord | null;
  /** Not final, oldest first. */
  live(venueId: VenueId): readonly CommandRecord[];
  /** Newest first, over all venues. */
  newest(limit: number): readonly CommandRecord[];
  /** New deals, and known ones with a higher `rev`. */
  putDeals(deals: readonly DealRecord[]): void;
  deal(venueId: VenueId, deal: string): DealRecord | null;
  dealsOfMagic(venueId: VenueId, magic: number): readonly DealRecord[];
  /** Of one position (identifier), oldest first. */
  dealsOfPosition(venueId: VenueId, positionId: string): readonly DealRecord[];
  /** Of the venue since then (UTC), oldest first. */
  dealsSince(venueId: VenueId, unixMs: number): readonly DealRecord[];
  /** Every revision of one deal that was ever reported, oldest first. */
  revisions(venueId: VenueId, deal: string): readonly DealRecord[];
}

export interface LedgerWriter {
  /**
   * Event, facts and effects in one transaction. `rows[i]` is what a person reads of `facts[i]` in the event log, null = nothing.
   * @throws LedgerFault; nothing of the batch is then kept.
   */
  commit(
    event: EngineEvent,
    facts: readonly Fact[],
    effects: readonly Effect[],
    durability: Durability,
    rows?: ReadonlyArray<EventRow | null>,
  ): void;
  /** Marks outbox rows of an event as carried out. */
  effectsDone(seq: number): void;
  appendSamples(samples: readonly SpreadSample[]): void;
  /** Renews the lease; called by a timer. @throws LedgerFault `held-by-another` when it was taken over. */
  renewLease(): void;
}

export interface LedgerReader {
  /** Newest first. */
  intents(beforeUnixMs: number | null, limit: number): ReadonlyArray<IntentRow & { readonly id: string }>;
  intent(intentId: string): Intent | null;
  /** Newest first. */
  events(beforeUnixMs: number | null, limit: number): ReadonlyArray<EventRow & { readonly id: string }>;
  /** Newest first. */
  groups(beforeUnixMs: number | null, limit: number): readonly HedgeGroup[];
  /** One group with everything that happened to it, oldest first; null where there is none of this id. */
  group(groupId: string): GroupHistory | null;
  /** Thinned to at most `maxPoints`; a gap is a point with null. */
  history(
    pairId: string,
    fromUnixMs: number,
    toUnixMs: number,
    maxPoints: number,
  ): { readonly points: readonly HistoryPoint[]; readonly stepMs: number };
}

export interface Ledger extends LedgerWriter, LedgerReader {
  readonly path: string;
  readonly commands: CommandStore;
  beginRun(settings: EngineSettings, version: string): { readonly runId: string; readonly recovered: Recovered };
  endRun(why: string): void;
  /** Online copy, consistent while the engine runs. */
  backup(toPath: string): Promise<void>;
  /** Moves the WAL into the database, off the hot path. */
  checkpoint(): void;
  /** Deletes samples past their retention, a bounded number a call; returns how many. Off the hot path. */
  prune(): number;
  close(): void;
}

export interface RunRecord {
  readonly runId: string;
  readonly startedUnixMs: number;
  readonly version: string;
  readonly endedUnixMs: number | null;
  readonly endReason: string | null;
  readonly lastSeq: number;
}

/** The journal as replay, status and export read it: no lease, no writing. */
export interface LedgerArchive extends LedgerReader {
  readonly path: string;
  /** Oldest first. */
  runs(): readonly RunRecord[];
  /** @throws LedgerFault `corrupt` when the run is unknown or its configuration is missing. */
  settingsOf(runId: string): EngineSettings;
  /** What the file is bound to; null before its first run. */
  mode(): 'paper' | 'demo' | 'live' | null;
  /** Newest first; a page ends with every row of its last millisecond. */
  orders(beforeUnixMs: number | null, limit: number): readonly OrderRecord[];
  fills(beforeUnixMs: number | null, limit: number): readonly FillRecord[];
  /** Newest first; a page ends with every row of its last millisecond. */
  terminalCommands(beforeUnixMs: number | null, limit: number): readonly CommandRecord[];
  deals(beforeUnixMs: number | null, limit: number): readonly DealRecord[];
  /** Oldest first; empty where there is none of this id. */
  commandTransitions(commandId: string): readonly CommandTransition[];
  dealRevisions(venueId: string, deal: string): readonly DealRecord[];
  /** Every version that was ever committed, oldest first; empty where there is none of this id. */
  groupVersions(groupId: string): readonly HedgeGroup[];
  orderVersions(clientOrderId: string): readonly OrderRecord[];
  /** What the next start would recover of stops and trading, read without starting: for `quant-arb status`. */
  standing(): Pick<Recovered, 'pause' | 'kill' | 'trading'>;
  /** Committed events in order of their sequence number. */
  journal(runId: string): Iterable<EngineEvent>;
  close(): void;
}
