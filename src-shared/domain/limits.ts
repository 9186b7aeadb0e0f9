/**
 * The risk limits: every figure that can deny an order, with its unit in its name, its default, and which way is
 * tighter. Tightened at any time, loosened only while disarmed; every change is a journaled fact with before and after.
 */
export interface RiskLimits {
  readonly maxGroupNotionalUsd: number;
  readonly maxTotalNotionalUsd: number;
  readonly maxOpenGroups: number;
  readonly maxOpenGroupsPerPair: number;
  /** How far beyond the own venue's touch an order may reach. */
  readonly priceCollarBps: number;
  /** Mids of the two venues further apart than this: no entry. */
  readonly maxVenuesApartBps: number;
  readonly maxMessagesPerSecond: number;
  readonly maxMessagesPerMinute: number;
  /** Share of both budgets, in percent, that entries may not touch: kept for cancels and compensation. */
  readonly reservedMessagesPct: number;
  readonly maxGroupsPerMinute: number;
  readonly maxGroupsPerHour: number;
  /** A second entry of the same pair and direction within this time is a look-alike. */
  readonly duplicateWindowMs: number;
  /** Equity over used margin after the entry. */
  readonly minMarginLevelPct: number;
  readonly noEntryBeforeCloseMin: number;
  readonly noEntryAfterOpenMin: number;
  readonly noEntryBeforeWeekendMin: number;
  /** Losing groups in a row that bring the cooldown. */
  readonly maxLosingGroups: number;
  readonly losingCooldownMs: number;
  /** Of the day's first known equity; reached = halt until a person resets. */
  readonly maxDayLossPct: number;
  readonly maxVenueErrors: number;
  readonly venueErrorWindowMs: number;
  readonly heartbeatWarnMs: number;
  readonly heartbeatHaltMs: number;
  readonly fenceAfterEntryMs: number;
  readonly fenceAfterFailureMs: number;
  readonly fenceAfterLossMs: number;
  readonly fenceAfterReconnectMs: number;
}
export type LimitName = keyof RiskLimits;

export const DEFAULT_LIMITS: RiskLimits = {
  maxGroupNotionalUsd: 5_000,
  maxTotalNotionalUsd: 10_000,
  maxOpenGroups: 3,
  maxOpenGroupsPerPair: 1,
  priceCollarBps: 10,
  maxVenuesApartBps: 100,
  maxMessagesPerSecond: 5,
  maxMessagesPerMinute: 60,
  reservedMessagesPct: 30,
  maxGroupsPerMinute: 3,
  maxGroupsPerHour: 20,
  duplicateWindowMs: 2_000,
  minMarginLevelPct: 300,
  noEntryBeforeCloseMin: 15,
  noEntryAfterOpenMin: 5,
  noEntryBeforeWeekendMin: 60,
  maxLosingGroups: 3,
  losingCooldownMs: 900_000,
  maxDayLossPct: 1,
  maxVenueErrors: 5,
  venueErrorWindowMs: 300_000,
  heartbeatWarnMs: 3_000,
  heartbeatHaltMs: 10_000,
  fenceAfterEntryMs: 2_000,
  fenceAfterFailureMs: 30_000,
  fenceAfterLossMs: 60_000,
  fenceAfterReconnectMs: 5_000,
};

/** Which way a limit is tighter. */
export const TIGHTER: { readonly [K in LimitName]: 'lower' | 'higher' } = {
  maxGroupNotionalUsd: 'lower',
  maxTotalNotionalUsd: 'lower',
  maxOpenGroups: 'lower',
  maxOpenGroupsPerPair: 'lower',
  priceCollarBps: 'lower',
  maxVenuesApartBps: 'lower',
  maxMessagesPerSecond: 'lower',
  maxMessagesPerMinute: 'lower',
  reservedMessagesPct: 'higher',
  maxGroupsPerMinute: 'lower',
  maxGroupsPerHour: 'lower',
  duplicateWindowMs: 'higher',
  minMarginLevelPct: 'higher',
  noEntryBeforeCloseMin: 'higher',
  noEntryAfterOpenMin: 'higher',
  noEntryBeforeWeekendMin: 'higher',
  maxLosingGroups: 'lower',
  losingCooldownMs: 'higher',
  maxDayLossPct: 'lower',
  maxVenueErrors: 'lower',
  venueErrorWindowMs: 'higher',
  heartbeatWarnMs: 'lower',
  heartbeatHaltMs: 'lower',
  fenceAfterEntryMs: 'higher',
  fenceAfterFailureMs: 'higher',
  fenceAfterLossMs: 'higher',
  fenceAfterReconnectMs: 'higher',
};
export const LIMIT_NAMES = Object.keys(TIGHTER) as readonly LimitName[];

/** A limit changed by an operator. Outlives restarts until the configured value itself changes. */
export interface LimitOverride {
  readonly name: LimitName;
  readonly value: number;
  /** What the configuration said when it was changed. */
  readonly configured: number;
  readonly changedUnixMs: number;
  readonly by: string;
}
