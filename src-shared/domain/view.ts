/**
 * What a console shows: flat tables of small rows, `topic → key → row`. Derived from the engine's state,
 * rounded for display, disposable. A row holds JSON values only; `null` = unknown and is drawn as `—`, never 0.
 * Deltas are per field (see `contract/frames.ts`), so keep fields small and stable.
 */
import type { ExchangeReport } from './exchange.ts';
import type { Instrument } from './instrument.ts';
import type { CloseReason, DustRecord, GroupAct, GroupState, HedgeGroup, LegOrder } from './hedgeGroup.ts';
import type { Direction, GateResult, Intent, IntentDisposition } from './opportunity.ts';
import type { FillRecord, OrderRecord, OrderState, Side } from './order.ts';
import type { LiveReport } from './live.ts';
import type { KillLatch, Latch, ScopedStop, TradingState } from './tradingState.ts';
import type { LinkState, MetatraderReport } from './venueLink.ts';

/** Single row, key `engine`. */
export interface EngineRow {
  readonly runId: string;
  readonly version: string;
  readonly mode: 'paper' | 'demo' | 'live';
  readonly profile: string;
  readonly startedUnixMs: number;
  /** Engine clock when the row was made; the console shows its own lag against it. */
  readonly nowUnixMs: number;
  readonly tradingState: TradingState;
  readonly armed: boolean;
  readonly armedBy: Latch | null;
  readonly pause: Latch | null;
  readonly kill: KillLatch | null;
  readonly scopedStops: readonly ScopedStop[];
  /** What would be refused now if asked; empty = possible. */
  readonly armConditions: readonly string[];
  readonly resetConditions: readonly string[];
  /** Realized today (UTC), all groups; null before the first. */
  readonly dayNetUsd: number | null;
  /** Sum over groups of what is unhedged, in dollars, and since when the oldest of them; null = nothing is naked. */
  readonly nakedUsd: number | null;
  readonly nakedSinceUnixMs: number | null;
  readonly openGroups: number;
  readonly heldGroups: number;
  readonly quotesPerSecond: number;
  readonly conflatedQuotes: number;
  readonly journalSeq: number;
  /** Set when the ledger can no longer be written: trading is halted and the console says why. */
  readonly ledgerFault: string | null;
  readonly ledgerPath: string;
  readonly stepP99Us: number | null;
  readonly commitP99Us: number | null;
  /** The guard of real money; null or absent where the money is not real. */
  readonly live?: LiveReport | null;
}

export interface VenueRow {
  readonly label: string;
  readonly protocol: string;
  readonly simulated: boolean;
  readonly link: LinkState;
  readonly linkDetail: string;
  readonly linkSinceUnixMs: number;
  /** Age of the newest quote of any instrument of this venue. */
  readonly quoteAgeMs: number | null;
  /** Receive time minus venue time after the measured offset; null where the venue sends no time. */
  readonly latencyMs: number | null;
  readonly clockOffsetMs: number | null;
  readonly clockUncertaintyMs: number | null;
  readonly roundTripMs: number | null;
  readonly framesPerSecond: number;
  readonly malformedFrames: number;
  readonly lastMalformed: string | null;
  readonly reconnects: number;
  readonly metatrader: MetatraderReport | null;
  /** The order side of an exchange account; null where its orders stay on paper. */
  readonly exchange: ExchangeReport | null;
  readonly orderLink: 'down' | 'up';
  readonly reconciled: 'never' | 'under-way' | 'yes' | 'failed' | 'stale';
  readonly reconcileDetail: string;
  readonly reconciledUnixMs: number | null;
  /** In the account's currency. */
  readonly equity: string | null;
  readonly equityCcy: string | null;
  readonly messagesLastMinute: number;
  readonly errorsInWindow: number;
  /** Why a rule has disabled the venue; null = it has not. */
  readonly disabled: string | null;
  /** When its instruments next shut, and open again; null = never, or not known. */
  readonly shutsUnixMs: number | null;
  readonly opensUnixMs: number | null;
}

export interface InstrumentRow {
  readonly venueId: string;
  readonly symbol: string;
  readonly bidPx: number | null;
  readonly askPx: number | null;
  readonly bidQty: number | null;
  readonly askQty: number | null;
  /** Digits behind the point, from the tick size; null until metadata came. */
  readonly pxDigits: number | null;
  readonly ageMs: number | null;
  readonly stale: boolean;
  readonly quoteOnly: boolean;
  /** `ok`, `awaited`, or the mismatch with both figures. */
  readonly metadata: string;
  /** As the venue describes it: its unit, step and currencies; null until it has. */
  readonly described: Instrument | null;
}

export interface DirectionView {
  readonly spreadBps: number | null;
  readonly edgeBps: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  /** The spread at which the rule fires now. */
  readonly entrySpreadBps: number | null;
  /** Share of covered time, 0–1. */
  readonly triggerRate: number | null;
}

/** Both directions flat (prefix `f` = sell-a-buy-b, `r` = sell-b-buy-a) so that a delta names one field. */
export interface PairRow {
  readonly underlying: string;
  readonly a: string;
  readonly b: string;
  /** How leg a's quote currency becomes leg b's, in words. */
  readonly conversion: string;
  readonly stale: boolean;
  readonly ageMs: number | null;
  readonly fSpreadBps: number | null;
  readonly fEdgeBps: number | null;
  readonly fP50: number | null;
  readonly fP75: number | null;
  readonly fP90: number | null;
  readonly fP99: number | null;
  readonly fEntryBps: number | null;
  readonly fTriggerRate: number | null;
  readonly rSpreadBps: number | null;
  readonly rEdgeBps: number | null;
  readonly rP50: number | null;
  readonly rP75: number | null;
  readonly rP90: number | null;
  readonly rP99: number | null;
  readonly rEntryBps: number | null;
  readonly rTriggerRate: number | null;
  readonly coverage: number;
  readonly gatesPassed: number;
  readonly gatesTotal: number;
  /** The better direction now, whose gates the two figures above count. */
  readonly best: Direction;
  /** Code of the first failing gate, null when all pass; its figures are in the focused pair's {@link PairDetail}. */
  readonly firstFailing: string | null;
  readonly liveIntentId: string | null;
  /** Newest group of the pair that has not ended. */
  readonly groupId: string | null;
  /** Why the pair may not enter: stop, fence, difference, disablement, with its end; null = it may. */
  readonly blocked: string | null;
}

/** A hedge group, flat. Legs with prefix `a`, `b`. */
export interface GroupRow {
  readonly pairId: string;
  readonly direction: Direction;
  readonly state: GroupState;
  readonly stateSinceUnixMs: number;
  readonly why: string;
  readonly createdUnixMs: number;
  readonly openedUnixMs: number | null;
  readonly endedUnixMs: number | null;
  readonly legOrder: LegOrder;
  readonly baseQty: string;
  readonly notionalUsd: number;
  readonly aInstrument: string;
  readonly aSide: Side;
  /** Signed, venue's unit: what the leg holds now. */
  readonly aQty: string;
  readonly aAvgPx: string | null;
  /** State of the leg's newest order, and milliseconds from its commit to its end. */
  readonly aOrder: OrderState | null;
  readonly aLatencyMs: number | null;
  readonly bInstrument: string;
  readonly bSide: Side;
  readonly bQty: string;
  readonly bAvgPx: string | null;
  readonly bOrder: OrderState | null;
  readonly bLatencyMs: number | null;
  readonly residualBaseQty: string;
  readonly nakedSinceUnixMs: number | null;
  readonly nakedUsd: number | null;
  readonly rungs: number;
  readonly expectedEdgeBps: number;
  /** Net of everything as if closed now, dollars and bps; null while a leg is stale or nothing is held. */
  readonly openNetUsd: number | null;
  readonly openNetBps: number | null;
  readonly closeReason: CloseReason | null;
  readonly netUsd: number | null;
  readonly netBps: number | null;
  /** Acts an operator may take now. */
  readonly acts: readonly GroupAct[];
}

/** Key = instrument id; instruments with nothing held, reported or differing are absent. */
export interface PositionRow {
  readonly venueId: string;
  readonly symbol: string;
  /** Signed, venue's unit. */
  readonly ownQty: string;
  readonly foreignQty: string;
  /** What the venue said when they differ; null = no difference. */
  readonly reportedQty: string | null;
  /** null until the venue has said what a unit is. */
  readonly baseQty: string | null;
  /** Signed, at the mid; null while it is stale. */
  readonly notionalUsd: number | null;
}

/** Key = limit name, or a use that has no setting of its own. */
export interface LimitRow {
  readonly value: number;
  readonly configured: number;
  /** Use now in the same unit; null where a use makes no sense (a time, a collar) or is not known. */
  readonly used: number | null;
  readonly changedBy: string | null;
}

/** Everything the ledger has of one group, oldest first. */
export interface GroupHistory {
  readonly group: HedgeGroup;
  readonly intent: Intent | null;
  readonly orders: readonly OrderRecord[];
  readonly fills: readonly FillRecord[];
  readonly dust: readonly DustRecord[];
  /** Event-log rows about this group and its orders. */
  readonly timeline: readonly EventRow[];
}

/** What FLATTEN would do now. */
export interface FlattenPreview {
  readonly groups: readonly {
    readonly groupId: string;
    readonly pairId: string;
    readonly legs: readonly { readonly instrumentId: string; readonly side: Side; readonly qty: string; readonly px: number | null }[];
    /** Negative = it costs; null while a leg cannot be priced. */
    readonly estimatedNetUsd: number | null;
    /** Why it would have to wait; null = it would go at once. */
    readonly waitsFor: string | null;
  }[];
  /** What would remain afterwards, and who must act. */
  readonly remains: readonly string[];
}

export interface IntentRow {
  readonly pairId: string;
  readonly direction: Direction;
  readonly episode: number;
  readonly proposedUnixMs: number;
  readonly endedUnixMs: number | null;
  readonly endReason: string | null;
  readonly spreadBps: number;
  readonly edgeBps: number;
  readonly bestEdgeBps: number;
  readonly thresholdBps: number;
  readonly costsBps: number;
  readonly executableBaseQty: number;
  readonly disposition: IntentDisposition;
  readonly groupId: string | null;
}

export type EventSeverity = 'info' | 'warn' | 'error' | 'critical';
export type EventKind = 'risk' | 'intent' | 'group' | 'order' | 'venue' | 'operator' | 'ledger' | 'engine';

export interface EventRow {
  readonly unixMs: number;
  readonly severity: EventSeverity;
  readonly kind: EventKind;
  /** Venue, pair, instrument, intent or hedge group the event is about. */
  readonly subject: string | null;
  readonly text: string;
}

export interface ConsoleTables {
  readonly engine: Readonly<Record<string, EngineRow>>;
  readonly venues: Readonly<Record<string, VenueRow>>;
  readonly instruments: Readonly<Record<string, InstrumentRow>>;
  readonly pairs: Readonly<Record<string, PairRow>>;
  readonly intents: Readonly<Record<string, IntentRow>>;
  readonly groups: Readonly<Record<string, GroupRow>>;
  readonly positions: Readonly<Record<string, PositionRow>>;
  readonly limits: Readonly<Record<string, LimitRow>>;
  readonly events: Readonly<Record<string, EventRow>>;
}
export type Topic = keyof ConsoleTables;
export const TOPICS: readonly Topic[] = ['engine', 'venues', 'instruments', 'pairs', 'intents', 'groups', 'positions', 'limits', 'events'];

/** The focused pair: streamed on its own, because it is large and only one is looked at. */
export interface PairDetail {
  readonly pairId: string;
  readonly atUnixMs: number;
  readonly directions: readonly [DirectionDetail, DirectionDetail];
  readonly conversionRate: number | null;
  readonly windowMs: number;
  readonly coveredMs: number;
  readonly coverage: number;
}

export interface DirectionDetail {
  readonly direction: Direction;
  readonly view: DirectionView;
  readonly centreBps: number | null;
  readonly thresholdBps: number | null;
  readonly executableBaseQty: number | null;
  readonly costs: {
    readonly feesBps: number;
    readonly commissionBps: number;
    readonly slippageBps: number;
    readonly carryBps: number;
    readonly exitSpreadBps: number;
    readonly totalBps: number;
  } | null;
  readonly gates: readonly GateResult[];
  /** Time-weighted: `shares[i]` of covered time at `fromBps + i × stepBps`; sums to 1 with the tails inside. */
  readonly histogram: { readonly fromBps: number; readonly stepBps: number; readonly shares: readonly number[] } | null;
  /** Half a bucket: the bound of every percentile. */
  readonly resolutionBps: number;
}

export interface HistoryPoint {
  readonly unixMs: number;
  /** null = a leg was stale: draw a gap. */
  readonly fBps: number | null;
  readonly rBps: number | null;
}
