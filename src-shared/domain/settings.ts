/**
 * The engine's settings after validation: plain data with units in the names. `config` produces it from the
 * file, `core` reads it; it is journaled as a configuration version, and replay needs nothing else.
 */
import type { InstrumentId, PairId, VenueId } from './ids.ts';
import type { InstrumentExpectation, InstrumentKind, VenueProtocol } from './instrument.ts';

export interface VenueSettings {
  readonly id: VenueId;
  readonly label: string;
  readonly protocol: VenueProtocol;
  /** Shown in the console; has no other effect anywhere. */
  readonly simulated: boolean;
  /** A quote older than this is stale: MT5 1,000 ms, exchanges 500 ms. */
  readonly maxQuoteAgeMs: number;
}

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
}

export interface StatisticsSettings {
  readonly windowMs: number;
  /** Covered time below which the statistics gate fails. */
  readonly minCoveredMs: number;
  /** Width of a bucket to start with; it doubles (and is reported) when the range is left. */
  readonly bucketBps: number;
}

export interface EngineSettings {
  readonly mode: 'paper';
  readonly profile: string;
  readonly venues: readonly VenueSettings[];
  readonly instruments: readonly InstrumentSettings[];
  readonly pairs: readonly PairSettings[];
  readonly statistics: StatisticsSettings;
  /** A quote that has not changed for this long while its twin moved is frozen. */
  readonly frozenQuoteMs: number;
}
