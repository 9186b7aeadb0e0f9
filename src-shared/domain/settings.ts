/**
 * The engine's settings after validation: plain data with units in the names. `config` produces it from the
 * file, `core` reads it; it is journaled as a configuration version, and replay needs nothing else.
 */
import type { InstrumentId, PairId, VenueId } from './ids.ts';
import type { LegOrder } from './hedgeGroup.ts';
import type { InstrumentExpectation, InstrumentKind, VenueProtocol } from './instrument.ts';
import { DEFAULT_LIMITS, type RiskLimits } from './limits.ts';
import type { LiveSettings } from './live.ts';

export interface VenueSettings {
  readonly id: VenueId;
  readonly label: string;
  readonly protocol: VenueProtocol;
  /** Shown in the console; has no other effect anywhere. */
  readonly simulated: boolean;
  /** A quote older than this is stale: MT5 1,000 ms, exchanges 500 ms. */
  readonly maxQuoteAgeMs: number;
  /** An order without an answer for so long is unknown: exchanges 2 s, MT5 5 s. */
  readonly ackTimeoutMs: number;
  /** How long after it was sent the venue may still accept an order: exchanges 1.5 s, MT5 commands 2 s. */
  readonly orderValidityMs: number;
}

/**
 * How long after its validity an order may still be taken. Binance spot looks at the window ahead of its matching engine, which may take
 * longer than this for its answer ("execution status unknown"), and a question sees what the engine has put out (Binance spot, REST API,
 * general information and timing security). The engines of the others look at the window themselves.
 */
export const LATE_ACCEPTANCE_MS: Readonly<Record<VenueProtocol, number>> = {
  'binance-spot': 10_000,
  'binance-usdm': 0,
  okx: 0,
  metatrader: 0,
};

/** What every venue starts from. */
export const VENUE_DEFAULTS = {
  exchange: { maxQuoteAgeMs: 500, ackTimeoutMs: 2_000, orderValidityMs: 1_500 },
  metatrader: { maxQuoteAgeMs: 1_000, ackTimeoutMs: 5_000, orderValidityMs: 2_000 },
} as const;

export interface InstrumentCosts {
  readonly takerFeeBps: number;
  /** MT5 commission per lot and side, in the quote currency; 0 for exchanges. */
  readonly commissionPerLot: number;
  /** Expected slippage per execution of this leg. */
  readonly slippageBps: number;
  /** Cost of holding per day, bps of notional, positive = paid: swap or funding as a daily rate. */
  readonly carryLongBpsPerDay: number;
  readonly carryShortBpsPerDay: number;
  /** UTC weekday (0 = Sunday) whose rollover counts three times (MT5); null = none. */
  readonly tripleCarryUtcWeekday: number | null;
  /** UTC minute of the day at which a day's carry is charged (MT5 rollover); null = accrues at `carryIntervalHours`. */
  readonly rolloverUtcMinute: number | null;
  /** Funding interval of a perpetual; null for spot and CFDs. */
  readonly carryIntervalHours: number | null;
}

/** Nothing is charged: what replays, benches and tests start from. */
export const NO_COSTS: InstrumentCosts = {
  takerFeeBps: 0,
  commissionPerLot: 0,
  slippageBps: 0,
  carryLongBpsPerDay: 0,
  carryShortBpsPerDay: 0,
  tripleCarryUtcWeekday: null,
  rolloverUtcMinute: null,
  carryIntervalHours: null,
};

/** Weekly session windows in UTC minutes since Sunday 00:00; empty = always open. */
export interface SessionWindow {
  readonly openUtcMinuteOfWeek: number;
  readonly closeUtcMinuteOfWeek: number;
}

/**
 * Trading hours in the broker's own zone. Daylight saving is resolved before the core sees it: `offsets` lists the zone's
 * UTC offsets from the moments they begin, so that the same journal gives the same hours on any machine.
 */
export interface CalendarSettings {
  /** IANA name, for people. */
  readonly zone: string;
  /** Oldest first; the first begins long before any event. */
  readonly offsets: readonly { readonly fromUnixMs: number; readonly offsetMin: number }[];
  /** Minutes since Sunday 00:00 in that zone; a daily break is the gap between two windows. */
  readonly weekly: readonly { readonly openMinuteOfWeek: number; readonly closeMinuteOfWeek: number }[];
  /** Days of that zone without trade, or with trade only in the given minutes of the day. */
  readonly holidays: readonly {
    /** `YYYY-MM-DD` in the zone. */
    readonly date: string;
    readonly name: string;
    readonly open: readonly { readonly openMinuteOfDay: number; readonly closeMinuteOfDay: number }[];
  }[];
}

export interface InstrumentSettings {
  readonly id: InstrumentId;
  readonly venueId: VenueId;
  readonly symbol: string;
  readonly kind: InstrumentKind;
  readonly expected: InstrumentExpectation;
  readonly costs: InstrumentCosts;
  /** Base quantity to assume where the venue displays no size (MT5). */
  readonly assumedDisplayedBaseQty: number;
  readonly sessions: readonly SessionWindow[];
  /** Where given it replaces `sessions`. What the EA reports of its broker's hours narrows either. */
  readonly calendar: CalendarSettings | null;
  /** Margin that a position needs, as a share of its notional: 1 = paid in full (spot), 0.05 = 20 times leverage. */
  readonly initialMarginRate: number;
}

/** How one leg's quote currency becomes the other's; never assumed equal without saying so. */
export type ConversionSettings =
  | {
      readonly kind: 'fixed' /** quote currency of `a` in units of the quote currency of `b` */;
      readonly rate: number;
      readonly why: string;
    }
  | { readonly kind: 'instrument'; readonly instrumentId: InstrumentId; readonly invert: boolean };

export interface PairSettings {
  readonly id: PairId;
  readonly underlying: string;
  readonly a: InstrumentId;
  readonly b: InstrumentId;
  readonly conversion: ConversionSettings;
  /** Floor of the deviation threshold, bps. */
  readonly deviationFloorBps: number;
  /** Which percentile of the deviation from the centre an entry must reach, 0–100. */
  readonly deviationPercentile: number;
  /** Least edge after all costs, bps. */
  readonly minEdgeBps: number;
  /** An episode ends when the edge falls this far below the entry condition, bps. */
  readonly hysteresisBps: number;
  /** Share of the displayed size we would take, 0–1. */
  readonly displayedShare: number;
  readonly minExecutableBaseQty: number;
  readonly maxSkewMs: number;
  /** Block and alarm above this edge, bps … */
  readonly abnormalEdgeBps: number;
  /** … or above this multiple of the 99th percentile of the deviation. */
  readonly abnormalP99Multiple: number;
  /** Expected holding time, for carry. */
  readonly expectedHoldMs: number;
  /** No second intent of this pair for this long after one ended. */
  readonly cooldownMs: number;
  readonly legOrder: LegOrder;
  readonly exits: ExitSettings;
  /** US dollars that one unit of leg b's quote currency is worth; limits are in dollars. */
  readonly usdPerQuoteCcy: number;
}

/** When an open group is closed. All in bps of mid, of the group's own direction. */
export interface ExitSettings {
  /** The executable spread has come back to within this of the centre. */
  readonly convergenceBps: number;
  /** Net of everything, measured as if closed now; null = off. */
  readonly takeProfitBps: number | null;
  readonly stopLossBps: number | null;
  readonly maxHoldMs: number;
  /** Closed so long before a session of either leg ends; 0 = held through. */
  readonly closeBeforeSessionEndMs: number;
}

export const DEFAULT_EXITS: ExitSettings = {
  convergenceBps: 0,
  takeProfitBps: null,
  stopLossBps: 50,
  maxHoldMs: 4 * 3_600_000,
  closeBeforeSessionEndMs: 600_000,
};

/** How groups are driven; the times of the compensation ladder, of evidence and of reconciliation. */
export interface HedgingSettings {
  /** From the first moment of a residual without a leg in flight. */
  readonly compensateAfterMs: number;
  readonly alarmAfterMs: number;
  readonly haltAfterMs: number;
  /** How far from the decision's price the missing leg may be completed, and how far from the touch a leg is unwound. */
  readonly compensationSlippageBps: number;
  readonly maxCompleteAttempts: number;
  /** In a row, without anything filled. */
  readonly maxUnwindAttempts: number;
  /** An opening that has not become complete after this is compensated. */
  readonly openingDeadlineMs: number;
  /** An unknown order is asked for this often. */
  readonly queryEveryMs: number;
  /** Added to an order's validity on the venue's clock before "not found" counts as proof. */
  readonly notFoundMarginMs: number;
  /** Naked legs while killed: `repair` unwinds them, `freeze` leaves them to the operator. */
  readonly nakedLegsOnKill: 'repair' | 'freeze';
  readonly fillsSweepMs: number;
  readonly positionsSweepMs: number;
  /** A venue that has not answered a snapshot by then counts as failed; asked again. */
  readonly snapshotTimeoutMs: number;
}

export const DEFAULT_HEDGING: HedgingSettings = {
  compensateAfterMs: 3_000,
  alarmAfterMs: 10_000,
  haltAfterMs: 30_000,
  compensationSlippageBps: 30,
  maxCompleteAttempts: 2,
  maxUnwindAttempts: 5,
  openingDeadlineMs: 10_000,
  queryEveryMs: 2_000,
  notFoundMarginMs: 2_000,
  nakedLegsOnKill: 'repair',
  fillsSweepMs: 60_000,
  positionsSweepMs: 30_000,
  snapshotTimeoutMs: 5_000,
};

/** What a paper account does with orders; read by the paper gateway alone. Nothing here reaches a live venue. */
export interface PaperSettings {
  /** From the call to the venue's answer. */
  readonly latencyMs: number;
  readonly latencyJitterMs: number;
  /** Against the touch, always to our cost. */
  readonly slippageBps: number;
  /** Share of orders that fill in part, and that are rejected, 0–1. */
  readonly partialFillRate: number;
  readonly rejectRate: number;
  /** By currency; an account's equity starts here. */
  readonly startBalances: Readonly<Record<string, string>>;
}

export interface StatisticsSettings {
  readonly windowMs: number;
  /** Covered time below which the statistics gate fails. */
  readonly minCoveredMs: number;
  /** Width of a bucket to start with; it doubles (and is reported) when the range is left. */
  readonly bucketBps: number;
}

export interface EngineSettings {
  readonly mode: 'paper' | 'demo' | 'live';
  readonly profile: string;
  readonly venues: readonly VenueSettings[];
  readonly instruments: readonly InstrumentSettings[];
  readonly pairs: readonly PairSettings[];
  readonly statistics: StatisticsSettings;
  /** A quote that has not changed for this long while its twin moved is frozen. */
  readonly frozenQuoteMs: number;
  readonly limits: RiskLimits;
  readonly hedging: HedgingSettings;
  /** Real money: its accounts and its ladder; null, or absent in what older runs journaled, in every other mode. */
  readonly live?: LiveSettings | null;
}

/** What an engine, a pair and an instrument have of which nothing is said about trading. */
export const TRADING_DEFAULTS = { limits: DEFAULT_LIMITS, hedging: DEFAULT_HEDGING } as const;
export const PAIR_TRADING_DEFAULTS = { legOrder: 'metatrader-first', exits: DEFAULT_EXITS, usdPerQuoteCcy: 1 } as const;
export const INSTRUMENT_TRADING_DEFAULTS = { calendar: null, initialMarginRate: 1 } as const;
