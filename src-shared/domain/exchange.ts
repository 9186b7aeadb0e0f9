/**
 * The nouns of an exchange account: which world it lives in, what was read back of it and checked, and what a person must see of
 * its order side. Data only. No member ever holds a key, a signature or an account's secret.
 */
import type { InstrumentId } from './ids.ts';
import type { Percentiles } from './metatrader.ts';

/** `simulated`: our own venues over loopback. `demo`: the exchange's play money. Credentials and hosts of one never serve another. */
export const ENVIRONMENTS = ['simulated', 'demo', 'live'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** OKX has three sites, each with its own hosts and keys; Binance has one here. */
export const REGIONS = ['global', 'eea', 'us'] as const;
export type Region = (typeof REGIONS)[number];

/** Longest identity of an account that is shown whole. */
const MAX_SHOWN_IDENTITY = 8;
/** An account's identity as people are shown it: enough to tell two of their own apart. */
export const shortIdentity = (identity: string): string => {
  const cut = identity.lastIndexOf(' ') + 1;
  const [world, id] = [identity.slice(0, cut), identity.slice(cut)];
  return id.length <= MAX_SHOWN_IDENTITY ? identity : `${world}${id.slice(0, 3)}…${id.slice(-4)}`;
};

export type AccountCheckCode =
  | 'account'
  | 'key'
  | 'trading-right'
  | 'withdrawal-right'
  | 'ip-binding'
  | 'key-expiry'
  | 'clock'
  | 'account-level'
  | 'position-mode'
  | 'margin-mode'
  | 'leverage'
  | 'metadata'
  | 'fees'
  | 'funding'
  | 'agreement'
  | 'price-band'
  | 'self-trade-prevention';

/** One thing that was read from the account and compared. `fail` refuses the pairs it concerns, with both figures. */
export interface AccountCheck {
  readonly code: AccountCheckCode;
  /** null = the whole account. */
  readonly instrumentId: InstrumentId | null;
  readonly state: 'pass' | 'warn' | 'fail' | 'waiting';
  readonly label: string;
  /** What the configuration says, and what the venue says; null where there is nothing to say. */
  readonly configured: string | null;
  readonly reported: string | null;
  /** The venue's own code and text, as it came; null where it gave none. */
  readonly venueCode: string | null;
  /** One sentence; empty while it passes. */
  readonly fix: string;
}

/** The venue's own timer that cancels our resting orders when we fall silent. */
export interface DeadManReport {
  readonly supported: boolean;
  readonly armed: boolean;
  /** When the venue would act, on its clock; null while not armed. */
  readonly firesUnixMs: number | null;
  readonly detail: string;
}

/** One of the venue's allowances as we count it, corrected by the venue's own headers and replies. */
export interface BudgetReport {
  readonly name: string;
  readonly used: number;
  readonly max: number;
  readonly windowMs: number;
  /** The venue asked for silence until then; null = it did not. */
  readonly quietUntilUnixMs: number | null;
}

/** What the order side of an exchange account is worth now. */
export interface ExchangeReport {
  readonly environment: Environment;
  readonly region: Region;
  /** Order entry and private stream, each with its own sentence. */
  readonly entry: { readonly up: boolean; readonly detail: string };
  readonly stream: { readonly up: boolean; readonly detail: string };
  readonly checks: readonly AccountCheck[];
  /** What the exchange calls the account of this key; null = it does not say; absent = not read yet. No secret. */
  readonly account?: string | null;
  readonly deadMan: DeadManReport;
  readonly budgets: readonly BudgetReport[];
  /** null = the key never expires, or the venue does not say. */
  readonly keyExpiresUnixMs: number | null;
  /** ms from the write to the acknowledgement, and to the first word of a fill; null until there is one. */
  readonly toAck: Percentiles | null;
  readonly toFill: Percentiles | null;
  /** The venue's refusals since start by its own code, most frequent first, at most {@link MAX_REJECT_ROWS}. */
  readonly rejects: readonly { readonly code: string; readonly text: string; readonly count: number }[];
}
export const MAX_REJECT_ROWS = 16;
