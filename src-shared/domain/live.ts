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
  /** What has to be typed, letter for letter, to arm: every account and the worst case. */
  readonly phrase: string;
  readonly worstCaseUsd: number;
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
