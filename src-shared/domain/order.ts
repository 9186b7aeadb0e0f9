/**
 * The nouns of one order: request, outcome, report, fill, and what a venue says of itself. Data only; the rules are in
 * `core/hedging`. `qty` is always in the venue's own unit (base quantity, contracts, lots), `baseQty` in base units; both
 * are decimal text. A fee is positive when paid, whatever sign the venue uses.
 */
import type { DecimalText } from './decimal.ts';
import type { ClientOrderId, GroupId, InstrumentId, VenueId } from './ids.ts';
import type { QuoteEvidence } from './quote.ts';

export type Side = 'buy' | 'sell';
export type LegName = 'a' | 'b';
export const LEGS: readonly [LegName, LegName] = ['a', 'b'];
export const oppositeOf = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');

/**
 * `open` and `close` are the planned legs. `complete` adds what a leg lacks against its twin (raises exposure at its venue);
 * `unwind` gives back what has no twin. `close` and `unwind` can only reduce.
 */
export type OrderPurpose = 'open' | 'complete' | 'close' | 'unwind';
export const isOpening = (purpose: OrderPurpose): boolean => purpose === 'open' || purpose === 'complete';

export interface OrderRequest {
  readonly clientOrderId: ClientOrderId;
  readonly groupId: GroupId;
  readonly leg: LegName;
  /** Counts the orders of this leg from 1; part of the client id. */
  readonly attempt: number;
  readonly purpose: OrderPurpose;
  /** Whose decision: a rule of the engine, or an operator's act on this very group. */
  readonly authority: 'rule' | 'operator';
  readonly venueId: VenueId;
  readonly instrumentId: InstrumentId;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: DecimalText;
  /** Marketable limit with the collar in it; MT5 checks it just before sending. */
  readonly limitPx: DecimalText;
  readonly timeInForce: 'ioc';
  readonly reduceOnly: boolean;
  /** The MT5 position that a close reduces; null elsewhere and when opening. */
  readonly positionId: string | null;
  /** One magic number a command, below 2^53; null at exchanges. */
  readonly magic: number | null;
  /** The venue must not accept it later than this after it was sent (`recvWindow`, `expTime`, the command's ttl). */
  readonly validityMs: number;
  /** The quote its price came from. */
  readonly quote: QuoteEvidence;
}

/** How an order is asked for and canceled. */
export interface OrderRef {
  readonly clientOrderId: ClientOrderId;
  readonly venueId: VenueId;
  readonly instrumentId: InstrumentId;
  readonly symbol: string;
  readonly venueOrderId: string | null;
  readonly magic: number | null;
}

/** How a placement ends: exactly one of three. A duplicate client id is `unknown`: the earlier one may live. */
export type PlaceOutcome =
  | { readonly code: 'acknowledged'; readonly venueOrderId: string | null; readonly venueUnixMs: number | null }
  | { readonly code: 'refused'; readonly refusal: Refusal }
  | { readonly code: 'unknown'; readonly why: string };

/** A definite no: nothing was and nothing will be executed. */
export interface Refusal {
  /** The venue's own code; null where we refused before sending. */
  readonly venueCode: string | null;
  readonly text: string;
  /** `fresh-price`: may be tried again at once on a new quote. `later`: the venue is busy. `never`: the same would be refused again. */
  readonly retry: 'never' | 'fresh-price' | 'later';
  /** Who said no: the venue, or our own side before anything left. */
  readonly by: 'venue' | 'gateway';
}

/** `acknowledged` says that the cancel was taken, not that the order is gone. `refused`: there is nothing to cancel, ask what became of it. */
export type CancelOutcome =
  | { readonly code: 'acknowledged' }
  | { readonly code: 'refused'; readonly venueCode: string | null; readonly text: string }
  | { readonly code: 'unknown'; readonly why: string };

/** What a venue says of an order, pushed or asked for. `filledQty` is cumulative. */
export interface OrderReport {
  readonly clientOrderId: ClientOrderId;
  readonly venueId: VenueId;
  readonly venueOrderId: string | null;
  readonly state: 'working' | 'filled' | 'canceled' | 'rejected';
  readonly filledQty: DecimalText;
  /**
   * For how much the venue holds a filled order to be. Less than asked = it made a reducing order smaller, down to the position, and the
   * rest was never accepted. Absent = it does not say.
   */
  readonly orderQty?: DecimalText;
  readonly venueUnixMs: number | null;
  /** The venue's own words: expiry reason, reject text. */
  readonly text: string;
}

/** One execution. Identity: venue, instrument, `tradeId`. */
export interface FillReport {
  readonly venueId: VenueId;
  readonly instrumentId: InstrumentId;
  readonly tradeId: string;
  /** null = not an order of ours. */
  readonly clientOrderId: ClientOrderId | null;
  readonly side: Side;
  readonly qty: DecimalText;
  readonly px: DecimalText;
  readonly fee: DecimalText;
  readonly feeCcy: string;
  /** The MT5 position it opened or reduced; null at exchanges. */
  readonly positionId: string | null;
  readonly venueUnixMs: number | null;
  /** The exchange executed it of its own accord; absent = somebody's order. Then it closes what we hold of the instrument. */
  readonly venueMade?: 'liquidation' | 'deleveraging' | 'settlement';
}

/**
 * Money that a venue took or gave for an execution after it had reported it: a late commission, swap, a correction. Identity: venue,
 * instrument, `chargeId`; it is booked once, on top of the fill's own fee.
 */
export interface ChargeReport {
  readonly venueId: VenueId;
  readonly instrumentId: InstrumentId;
  /** Never the same as a trade id. */
  readonly chargeId: string;
  /** The execution that it belongs to. */
  readonly tradeId: string;
  readonly clientOrderId: ClientOrderId;
  /** What it adds: positive = paid, negative = received. */
  readonly amount: DecimalText;
  readonly ccy: string;
  readonly venueUnixMs: number | null;
  /** In words: commission, swap … */
  readonly why: string;
}

export type QueryOutcome =
  | { readonly code: 'found'; readonly report: OrderReport; readonly fills: readonly FillReport[] }
  /** Evidence only once the request's validity has passed on the venue's clock, `venueUnixMs`, plus a margin. */
  | { readonly code: 'not-found'; readonly venueUnixMs: number | null }
  /** A transport error is not "not found". */
  | { readonly code: 'failed'; readonly why: string };

export interface OpenOrderReport {
  readonly venueOrderId: string;
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: DecimalText;
  readonly filledQty: DecimalText;
}

export interface PositionReport {
  readonly instrumentId: InstrumentId;
  /** Signed, positive = long, everything that the account holds. */
  readonly qty: DecimalText;
  /** The part that is certainly not ours, where the venue can tell (MT5, by magic); null = it cannot. */
  readonly foreignQty: DecimalText | null;
  readonly avgPx: DecimalText | null;
}

export interface AccountReport {
  /** Currency of the three figures. */
  readonly ccy: string;
  readonly equity: DecimalText;
  readonly marginUsed: DecimalText | null;
  readonly marginFree: DecimalText | null;
  readonly balances: readonly { readonly ccy: string; readonly free: DecimalText; readonly total: DecimalText }[];
}

/** Everything a venue knows of us at one moment, as far as asked. */
export interface VenueSnapshot {
  readonly venueUnixMs: number | null;
  readonly openOrders: readonly OpenOrderReport[];
  /** Fills since the moment asked for, oldest first. */
  readonly fills: readonly FillReport[];
  /** An instrument that is missing here is flat. */
  readonly positions: readonly PositionReport[];
  readonly account: AccountReport;
}

export type SnapshotOutcome =
  | { readonly code: 'answered'; readonly snapshot: VenueSnapshot }
  /** The venue is then unknown, never flat. */
  | { readonly code: 'failed'; readonly why: string };

/**
 * `in-flight`: committed and given to the gateway, no answer yet. `unknown`: outcome not known, ended only by evidence.
 * `canceled`: ended with a remainder (an IOC's rest, too), fills possible. `rejected`: definite, nothing executed. `absent`:
 * proven never to have reached the book. `quarantined`: more was filled than ordered; a person must look.
 */
export type OrderState = 'in-flight' | 'working' | 'unknown' | 'filled' | 'canceled' | 'rejected' | 'absent' | 'quarantined';
export const isLiveOrder = (state: OrderState): boolean => state === 'in-flight' || state === 'working' || state === 'unknown';

/** An order as the ledger keeps it; replaced whole at every change. */
export interface OrderRecord {
  readonly request: OrderRequest;
  readonly state: OrderState;
  readonly venueOrderId: string | null;
  /** The larger of what fills add up to and what the venue reported cumulatively. */
  readonly filledQty: DecimalText;
  /** What booked fills add up to; less than `filledQty` while fills are still to be fetched. */
  readonly bookedQty: DecimalText;
  /** Volume-weighted over booked fills; null before the first. */
  readonly avgPx: DecimalText | null;
  readonly refusal: Refusal | null;
  /** The last thing that became known, for people. */
  readonly why: string;
  readonly committedUnixMs: number;
  readonly acknowledgedUnixMs: number | null;
  readonly firstFillUnixMs: number | null;
  readonly endedUnixMs: number | null;
  readonly unknownSinceUnixMs: number | null;
  readonly cancelRequestedUnixMs: number | null;
  readonly queries: number;
  readonly lastQueryUnixMs: number | null;
}

/** A fill as booked; never changed afterwards. */
export interface FillRecord extends Omit<FillReport, 'venueMade'> {
  readonly groupId: GroupId;
  readonly leg: LegName;
  readonly baseQty: DecimalText;
  readonly bookedUnixMs: number;
  readonly via: 'push' | 'query' | 'snapshot';
}

/** A charge as booked. */
export interface ChargeRecord extends ChargeReport {
  readonly groupId: GroupId;
  readonly leg: LegName;
  readonly bookedUnixMs: number;
}
