/**
 * The parts an exchange's order side is joined from, as types: who writes, who reads, what an answer is. A dialect is data and pure
 * functions (signing included); sockets, requests, deadlines, budgets and the exactly-one outcome belong to the parts. Nothing here
 * repeats anything: a second try is the core's decision alone.
 */
import type { ExchangeOrdersConfig, ExchangeVenueConfig } from '../../../../../src-shared/config/schema.ts';
import type { DecimalText } from '../../../../../src-shared/domain/decimal.ts';
import type { AccountCheck, BudgetReport } from '../../../../../src-shared/domain/exchange.ts';
import type { InstrumentId } from '../../../../../src-shared/domain/ids.ts';
import type { Instrument, InstrumentExpectation, InstrumentKind } from '../../../../../src-shared/domain/instrument.ts';
import type {
  AccountReport,
  CancelOutcome,
  FillReport,
  OpenOrderReport,
  OrderRef,
  OrderReport,
  OrderRequest,
  PlaceOutcome,
  PositionReport,
  QueryOutcome,
} from '../../../../../src-shared/domain/order.ts';
import type { Clock, ControlInlet, VenueKey } from '../../../../runtime/ports.ts';
import type { Timers } from '../timers.ts';

/** An instrument as the gateway needs it: what is configured of it, to be compared with what the venue says. */
export interface GatewayInstrument {
  readonly id: InstrumentId;
  readonly symbol: string;
  readonly kind: InstrumentKind;
  readonly expected: InstrumentExpectation;
  readonly takerFeeBps: number;
  /** Of the configuration: margin as a share of notional; 1 / leverage must not exceed it. */
  readonly initialMarginRate: number;
  readonly carryIntervalHours: number | null;
}

export interface GatewayParts {
  readonly venue: ExchangeVenueConfig & { readonly orders: ExchangeOrdersConfig };
  readonly instruments: readonly GatewayInstrument[];
  readonly key: VenueKey;
  readonly inlet: ControlInlet;
  readonly clock: Clock;
  readonly timers: Timers;
  /** [0, 1), for jitter only. */
  readonly random: () => number;
}

/**
 * Which allowance a request draws on. `entry` leaves 30 % of every budget alone, and so does `question` (sweeps, checks of every ten
 * minutes, bands); `recovery` (what became of an order; readings and checks until the account is known again) leaves 10 %; `safety`
 * (cancels, orders that reduce or complete, dead-man) may use all of it. A restart or a sweep that is too eager thereby starves neither.
 * `figures` (what the venue allows and counts) now and then goes beyond our own count, which may rest on an old figure: else nothing
 * would ever tell. Never while the venue asks for silence.
 */
export type Lane = 'entry' | 'safety' | 'question' | 'recovery' | 'figures';

/** A request that did not come back: `left` = bytes may have reached the venue, so the outcome is unknown; else it certainly did not. */
export interface NoAnswer {
  readonly came: false;
  readonly left: boolean;
  readonly why: string;
  /** Asking before then is useless; 0 = nothing is known. */
  readonly retryAfterMs: number;
}

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its query, signature included: exactly the bytes that were signed. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}
export interface RestAnswer {
  readonly came: true;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Exact JSON (`parseExact`); undefined where the body was none. */
  readonly value: unknown;
  readonly roundTripMs: number;
  /** Our clock half way between question and answer. */
  readonly midUnixMs: number;
}
/** REST of one account: keep-alive, bounded in time and size, asked of the budgets first; never follows or repeats. */
export interface PrivateRest {
  send(
    request: RestRequest,
    use: {
      readonly budget: string;
      readonly cost: number;
      readonly lane: Lane;
      readonly deadlineMs: number;
      readonly mayLeave?: () => boolean;
    },
  ): Promise<RestAnswer | NoAnswer>;
  close(): void;
}

/** A frame on the order socket, answered by id. */
export interface CallAnswer {
  readonly came: true;
  /** Exact JSON of the whole frame. */
  readonly value: unknown;
  readonly receivedMonoUs: number;
}

/** What one frame on an account socket is. */
export type SocketMessage =
  | { readonly kind: 'answer'; readonly id: string }
  | { readonly kind: 'push' }
  /** The log-in or a subscription was refused, or the venue revoked it: the socket is worthless. */
  | { readonly kind: 'refused'; readonly code: string; readonly text: string }
  | { readonly kind: 'closing-soon'; readonly text: string }
  | { readonly kind: 'ignored' };

/** Why there is no address now. `refused`: the venue said no, and would again. */
export interface NoAddress {
  readonly why: string;
  readonly refused?: boolean;
}

/** What the account socket must be told of a venue. */
export interface SocketDialect {
  /** Asked before each connection (a listen key may have to be made); a text = why there is none now. */
  readonly url: () => Promise<{ readonly url: string } | NoAddress>;
  /** Calls after opening, one after the other, each answered before the next is sent; the socket is up when the last is answered well. */
  readonly opening: readonly (() => { readonly id: string; readonly frame: string; readonly accepts: (value: unknown) => string | null })[];
  readonly read: (value: unknown) => SocketMessage;
  readonly heartbeat:
    | { readonly kind: 'server-ping'; readonly missedAfterMs: number }
    | {
        readonly kind: 'text-ping';
        readonly ping: string;
        readonly pong: string;
        readonly afterSilenceMs: number;
        readonly pongWithinMs: number;
      };
  readonly connectMs: number;
  /** Handed over before the venue ends it at 24 h. */
  readonly maxLifeMs: number;
  readonly connections: { readonly max: number; readonly windowMs: number };
  /** What the venue means by closing with `code`; empty when it says nothing special. */
  readonly closeMeaning?: (code: number) => string;
}

/** One logged-in socket that is kept up: reconnects with backoff, opens the successor before the venue closes the old one. */
export interface AccountSocket {
  start(): void;
  stop(): Promise<void>;
  readonly up: boolean;
  readonly detail: string;
  /**
   * `mayLeave` is asked in the moment before the write. A socket that ends, or a deadline that passes, after the write answers
   * `left: true`; before it, `left: false`.
   */
  call(
    id: string,
    frame: string,
    use: {
      readonly budget: string;
      readonly cost: number;
      readonly lane: Lane;
      readonly deadlineMs: number;
      readonly mayLeave?: () => boolean;
    },
  ): Promise<CallAnswer | NoAnswer>;
}

/** What an exchange's code means for a placement, a cancel or a question; see `OutcomeTable`. */
export type Meaning =
  /** May or may not exist. */
  | 'unknown'
  /** Certainly not executed; the same may be tried later, or at once on a fresh price. */
  | 'retry-later'
  | 'retry-fresh'
  | 'rejected'
  /** An earlier order of this client id exists or existed: it may live. */
  | 'duplicate-id'
  /** Of a cancel: nothing there to cancel, ask what became of it. */
  | 'nothing-to-cancel'
  /** Of a question: the venue does not know it. */
  | 'not-found'
  | 'already-set'
  | 'listen-key-dead'
  /** Our clock is off: measure it again. The request was refused. */
  | 'clock';

/** One row: first match wins, top to bottom. `code` null = any; `status` absent = any; `text` = part of the venue's own words. */
export interface OutcomeRow {
  readonly code: string | null;
  readonly status?: { readonly from: number; readonly to: number };
  readonly text?: string;
  readonly meaning: Meaning;
  /** In our words, for people. */
  readonly words: string;
  /** Where the rule is written. */
  readonly source: string;
}
/** A reply that no row matches is unknown when it answers a placement. */
export type OutcomeTable = readonly OutcomeRow[];

/** What the venue pushed, already in our nouns. Both lists may be empty; order within a frame is the venue's. */
export interface Pushed {
  readonly reports: readonly OrderReport[];
  readonly fills: readonly FillReport[];
  /** Critical for a person: the exchange did something of its own accord, or a frame could not be read. */
  readonly alarms: readonly string[];
  /** Something of the account changed that checks depend on (leverage, margin mode): check again. */
  readonly recheck: boolean;
  /** Executions may have been kept from us here, and how: only a reconciliation can tell; absent = none. */
  readonly missing?: string;
}

/** Everything a snapshot is made of, each part answered or failed as a whole. */
export interface AccountReading {
  readonly openOrders: readonly OpenOrderReport[];
  readonly fills: readonly FillReport[];
  readonly positions: readonly PositionReport[];
  readonly account: AccountReport;
}

/** What was read back and compared. */
export interface CheckedAccount {
  readonly checks: readonly AccountCheck[];
  /** What the venue calls the account of this key; null = it does not say; absent = the key was refused. */
  readonly account?: string | null;
  /** null = the key never expires, or the venue does not say. */
  readonly keyExpiresUnixMs: number | null;
  readonly described: readonly Instrument[];
}

/** The account side of one exchange: what the shell (`gateway.ts`) asks of a venue's folder. */
export interface ExchangeDialect {
  readonly environmentHeader: Readonly<Record<string, string>>;
  /** Opens sockets and keeps them; tells the shell of every change and push. */
  start(owner: DialectOwner): void;
  stop(): Promise<void>;
  place(order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome>;
  cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome>;
  query(ref: OrderRef): Promise<QueryOutcome>;
  /** A sentence = why it could not be read; then the venue is unknown, never flat. */
  read(fillsSinceUnixMs: number): Promise<AccountReading | string>;
  /** Reads back everything that is compared with the configuration. A sentence = why it could not be read. */
  check(): Promise<CheckedAccount | string>;
  /** Arms or refreshes the venue's dead-man timer for these symbols (0 = off; no symbols = nothing is sent); null = it has none. */
  deadMan(symbols: readonly string[], timeoutMs: number): Promise<{ readonly firesUnixMs: number } | string> | null;
  budgets(): readonly BudgetReport[];
  readonly entry: { readonly up: boolean; readonly detail: string };
  readonly stream: { readonly up: boolean; readonly detail: string };
  /** Venue clock now, by the measured offset; null = not measured yet. */
  venueUnixMs(): number | null;
  /** What the venue would take now, asked every few seconds while the links are up; null = it has no bands. A sentence = why it is not known. */
  bands(): Promise<readonly PriceBand[] | string> | null;
}
/** Beyond these the venue refuses a price; null = no such side. */
export interface PriceBand {
  readonly instrumentId: InstrumentId;
  readonly highestBuyPx: DecimalText | null;
  readonly lowestSellPx: DecimalText | null;
}
export interface DialectOwner {
  pushed(pushed: Pushed, receivedMonoUs: number): void;
  /** `entry` or `stream` went up or down, or the venue's clock became known or doubtful. */
  linksChanged(): void;
}
