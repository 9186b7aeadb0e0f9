/**
 * The nouns of the guard around real money: what must be shown before arming, what has to be typed, and the ladder of sizes
 * that is climbed one rung at a time. Data only; whoever collects the evidence and whoever judges it are elsewhere.
 */

/** What must be shown before real money moves. Each is collected outside the core and handed in as a whole list. */
export type LiveCheckCode = 'doctor' | 'kill-drill' | 'rehearsal-groups' | 'keys';
export const LIVE_CHECK_CODES: readonly LiveCheckCode[] = ['doctor', 'kill-drill', 'rehearsal-groups', 'keys'];

export interface LiveCheck {
  readonly code: LiveCheckCode;
  readonly state: 'pass' | 'fail';
  readonly label: string;
  /** What was found, with figures and times; never a secret. */
  readonly detail: string;
  /** One sentence; empty while it passes. */
  readonly fix: string;
}

/** One size at which groups may be opened. */
export interface LadderRung {
  /** Largest notional of a group in dollars; null = the smallest size that both legs of a pair can hold. */
  readonly maxNotionalUsd: number | null;
  /** Groups that must have closed well on this rung before the next may be climbed. */
  readonly groups: number;
}

/** Of the configuration, for mode live alone. */
export interface LiveSettings {
  /** Every account that real money stands on, by the name a person knows it by. */
  readonly accounts: readonly { readonly venueId: string; readonly name: string }[];
  /** The first is the venue minimum; each further one is larger. */
  readonly ladder: readonly LadderRung[];
}

/** How live trading stands, for the console; null in every other mode. */
export interface LiveReport {
  readonly checklist: readonly LiveCheck[];
  /** When the evidence was last collected; null = not yet, and then every item counts as failed. */
  readonly checkedUnixMs: number | null;
  /** What has to be typed, letter for letter, to arm: every account and the worst case. null = the worst case cannot be said now. */
  readonly phrase: string | null;
  readonly worstCaseUsd: number | null;
  /** How the worst case is made up, in words. */
  readonly worstCaseWhy: string;
  /** Index into `rungs`. */
  readonly rung: number;
  readonly rungs: readonly LadderRung[];
  /** Groups that closed well on this rung. */
  readonly groupsOnRung: number;
  /** Why the next rung may not be climbed now; empty = it may. */
  readonly climbConditions: readonly string[];
}

/** Where the ladder stands; outlives every restart. */
export interface RungRecord {
  /** Index into the ladder. */
  readonly rung: number;
  /** The rung's own limit when it was reached: a ladder that was configured anew begins at its first rung. */
  readonly maxNotionalUsd: number | null;
  /** Groups that began and closed well on it. */
  readonly closedWell: number;
  readonly sinceUnixMs: number;
}

export const firstRungOf = (ladder: readonly LadderRung[], unixMs: number): RungRecord => ({
  rung: 0,
  maxNotionalUsd: ladder[0]?.maxNotionalUsd ?? null,
  closedWell: 0,
  sinceUnixMs: unixMs,
});

export const MAX_RUNGS = 16;
/** Longest confirmation that is read at all. */
export const MAX_CONFIRMATION_LENGTH = 1_000;

/** The confirmation: the accounts in the order of the configuration, then the worst case in whole dollars. */
export const livePhraseOf = (accounts: LiveSettings['accounts'], worstCaseUsd: number): string =>
  `live ${accounts.map(({ name }) => name.trim().replaceAll(/\s+/g, ' ')).join(' + ')} worst ${worstCaseUsd} USD`;

/** Blanks at the ends and repeated ones do not matter; everything else does. */
export const confirms = (typed: string, phrase: string): boolean => typed.trim().replaceAll(/\s+/g, ' ') === phrase;
