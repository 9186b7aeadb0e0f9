/**
 * The hedge group: two legs meant to offset each other, durable from the intent on. Data only; the rules are in
 * `core/hedging`. Amounts are decimal text; money is in the quote currency of leg b unless the name says otherwise.
 */
import type { DecimalText } from './decimal.ts';
import type { ClientOrderId, GroupId, InstrumentId, IntentId, PairId, VenueId } from './ids.ts';
import type { Direction } from './opportunity.ts';
import type { LegName, Side } from './order.ts';

/** `denied` and `closed` are the ends; `operator-held` waits for a person and is left by an operator's act or by evidence. */
export type GroupState = 'proposed' | 'denied' | 'opening' | 'open' | 'closing' | 'closed' | 'compensating' | 'operator-held';
export const isEndedGroup = (state: GroupState): boolean => state === 'closed' || state === 'denied';

/**
 * Which leg goes first. The second is sized to what the first filled. Without an MT5 leg, leg a stands for it.
 * `together`: both at once, the faster way and the one that can be left half filled on either side.
 */
export type LegOrder = 'metatrader-first' | 'exchange-first' | 'together';

/** `failed`: the opening came to nothing. `external`: somebody else closed a leg at its venue. */
export type CloseReason =
  | 'convergence'
  | 'take-profit'
  | 'stop'
  | 'holding-time'
  | 'session'
  | 'operator'
  | 'flatten'
  | 'external'
  | 'failed';

/** What an operator may do with a group; each is journaled with a reason. */
export type GroupAct = 'close' | 'complete' | 'unwind' | 'adopt' | 'write-off';
export const GROUP_ACTS: readonly GroupAct[] = ['close', 'complete', 'unwind', 'adopt', 'write-off'];

export interface LegRecord {
  readonly leg: LegName;
  readonly venueId: VenueId;
  readonly instrumentId: InstrumentId;
  readonly symbol: string;
  /** Side of the opening order. */
  readonly side: Side;
  readonly baseQtyPerUnit: DecimalText;
  /** The instrument's currencies as the venue named them at the decision; absent = it had not. */
  readonly baseCcy?: string;
  readonly quoteCcy?: string;
  readonly plannedQty: DecimalText;
  /** The touch relied on at the decision, in the leg's quote currency. */
  readonly referencePx: DecimalText;
  /** The venue's time of the first execution that opened it; absent = the venue told none, or it was booked before this was kept. */
  readonly firstVenueMs?: number;
  /** The venue's time of its newest execution, towards opening or closing; absent like the first. */
  readonly lastVenueMs?: number;
  /** Executed so far towards opening and towards closing, in the venue's unit; both positive. */
  readonly openedQty: DecimalText;
  readonly closedQty: DecimalText;
  /** Cash of booked fills without fees, in the leg's quote currency: sold + / bought −. */
  readonly cash: DecimalText;
  /** By currency, positive = paid. */
  readonly fees: Readonly<Record<string, DecimalText>>;
  /** Venue's units that fees in the base currency took out of what this leg holds (spot); absent = none. */
  readonly feeQty?: DecimalText;
  /** Part of what is held that no longer is this group's to close: dust, adopted, written off. Signed as `held`; absent = none. */
  readonly settledQty?: DecimalText;
  /** MT5 positions still held by this leg; empty at exchanges. */
  readonly positions: readonly { readonly positionId: string; readonly qty: DecimalText }[];
  /** Orders of this leg so far, in order of attempt. */
  readonly orders: readonly ClientOrderId[];
}

/** One step of the compensation ladder; durable before its order leaves. */
export interface CompensationRung {
  readonly rung: 'complete' | 'unwind' | 'close';
  readonly leg: LegName;
  readonly clientOrderId: ClientOrderId | null;
  readonly baseQty: DecimalText;
  readonly startedUnixMs: number;
  /** `impossible`: no order could be made (no fresh quote, price beyond the bound, not allowed now). */
  readonly outcome: 'in-flight' | 'done' | 'partial' | 'refused' | 'unknown' | 'impossible';
  readonly note: string;
}

/** A coded no before anything was sent, with its figures. */
export interface Denial {
  readonly code: string;
  readonly text: string;
  readonly measured: number | null;
  readonly limit: number | null;
}

export interface GroupResult {
  /** Cash of both legs without fees. */
  readonly gross: DecimalText;
  readonly fees: DecimalText;
  readonly net: DecimalText;
  readonly ccy: string;
  readonly netUsd: number;
  /** Net over the notional of one leg. */
  readonly netBps: number;
  /** Against the quotes of the decision, positive = worse than relied on; by leg, opening and closing orders together. */
  readonly slippageBps: { readonly a: number; readonly b: number };
}

export interface HedgeGroup {
  readonly id: GroupId;
  readonly intentId: IntentId;
  readonly pairId: PairId;
  readonly direction: Direction;
  readonly legOrder: LegOrder;
  readonly state: GroupState;
  readonly stateSinceUnixMs: number;
  /** Why it is in this state, for people. */
  readonly why: string;
  readonly legs: { readonly a: LegRecord; readonly b: LegRecord };
  readonly createdUnixMs: number;
  readonly openedUnixMs: number | null;
  readonly endedUnixMs: number | null;
  /** Opening that is not complete by then is compensated. */
  readonly deadlineUnixMs: number;
  readonly baseQty: DecimalText;
  readonly notionalUsd: number;
  readonly conversionRate: number;
  /** At the decision, bps. */
  readonly expected: { readonly spreadBps: number; readonly edgeBps: number; readonly costsBps: number };
  /** Signed unhedged base quantity: base held by leg a plus base held by leg b. */
  readonly residualBaseQty: DecimalText;
  /** Since when the residual is other than zero with no leg legitimately in flight; null = the clock does not run. */
  readonly residualSinceUnixMs: number | null;
  readonly residualAlarmed: boolean;
  readonly ladder: readonly CompensationRung[];
  readonly closeReason: CloseReason | null;
  /** The residual that an adoption or write-off took out of this group, or that was left as dust. */
  readonly settledBaseQty: DecimalText;
  readonly denials: readonly Denial[];
  readonly result: GroupResult | null;
}

/** What leaves a group without an order: too small to trade, adopted by the operator, or written off. */
export interface DustRecord {
  readonly groupId: GroupId;
  readonly leg: LegName;
  readonly instrumentId: InstrumentId;
  /** Signed, venue's unit and base units. */
  readonly qty: DecimalText;
  readonly baseQty: DecimalText;
  readonly kind: 'dust' | 'adopted' | 'written-off';
  readonly reason: string;
  readonly unixMs: number;
}
