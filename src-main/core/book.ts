/**
 * Everything of trading that the engine holds: groups, orders, holdings, fences, limits, and what it knows of each
 * venue's account. Plain data in arrays and records (no Map or Set: the digest must see every member). Records of groups
 * and orders are immutable and replaced whole, so that a fact may carry them. What must outlive the process is exactly
 * `RecoveredTrading`; everything else is learned again from the venues.
 */
import type { DecimalText } from '../../src-shared/domain/decimal.ts';
import type { HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { LimitOverride, RiskLimits } from '../../src-shared/domain/limits.ts';
import { firstRungOf, type LiveCheck, type RungRecord } from '../../src-shared/domain/live.ts';
import type { AccountReport, OpenOrderReport, OrderRecord } from '../../src-shared/domain/order.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { Latch, ScopedStop, StopScope } from '../../src-shared/domain/tradingState.ts';

/** Ended groups kept in memory, with their orders, so that a late fill finds its group. */
export const MAX_ENDED_GROUPS = 64;
/** Booked trade ids remembered against duplicates; older fills are below every cursor we ask from. */
export const MAX_TRADE_IDS = 4_096;

/** Why a pair may not enter for a while. */
export interface Fence {
  readonly pairId: string;
  readonly kind: 'entry' | 'failure' | 'loss' | 'reconnect';
  readonly untilUnixMs: number;
}

/** What a rule has disabled until a person enables it again. */
export interface Disablement {
  readonly scope: StopScope;
  readonly code: 'repeated' | 'venue-errors' | 'losing-streak' | 'difference';
  readonly text: string;
  readonly sinceUnixMs: number;
  /** null = until an operator enables it; else it ends by itself. */
  readonly untilUnixMs: number | null;
}

/** As it stands in the book: with its end on the monotonic clock, which decides. */
export interface TimedFence extends Fence {
  readonly endsUs: number;
}
export interface TimedDisablement extends Disablement {
  /** null = until an operator enables it. */
  readonly endsUs: number | null;
}

/** Realized results of one UTC day. */
export interface DayRecord {
  /** Days since 1970-01-01. */
  readonly utcDay: number;
  /** Sum of all venues' equity when it was first wholly known that day; null = not yet. */
  readonly startEquityUsd: number | null;
  readonly netUsd: number;
  readonly groups: number;
  /** Losing groups in a row, over midnight, too. */
  readonly losingStreak: number;
}

/** Our position of an instrument against the venue's. */
export interface Holding {
  /** Signed, venue's unit: what our own fills add up to. */
  readonly qty: DecimalText;
  /** Signed: what is known not to be ours. */
  readonly foreignQty: DecimalText;
  /** Signed: the part of it that bears our name at the venue, and that a person adopted or accepted as foreign; absent = none. */
  readonly acceptedQty?: DecimalText;
}

/** Committed by earlier runs and needed again: the ledger reads it whole at start, bounded by what is open. */
export interface RecoveredTrading {
  /** Not ended, oldest first, then the newest {@link MAX_ENDED_GROUPS} ended ones. */
  readonly groups: readonly HedgeGroup[];
  /** Every order of those groups. */
  readonly orders: readonly OrderRecord[];
  /** `venue instrument tradeId` of booked fills and of executions that were passed over, at most {@link MAX_TRADE_IDS}. */
  readonly tradeIds: readonly string[];
  readonly holdings: Readonly<Record<string, Holding>>;
  /** Highest magic used, by venue. */
  readonly magics: Readonly<Record<string, number>>;
  readonly fences: readonly Fence[];
  readonly disablements: readonly Disablement[];
  readonly scopedStops: readonly ScopedStop[];
  readonly overrides: readonly LimitOverride[];
  readonly day: DayRecord | null;
  /** When groups of the last hour were started, oldest first, with pair and direction. */
  readonly entries: readonly EntryMark[];
  /** By venue: fills before this moment of its clock are booked. Absent in records of before. */
  readonly cursors?: Readonly<Record<string, number>>;
  /** By venue: the account that the exchange's key belongs to, as the exchange names it. Absent in records of before. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Where the ladder of real money stands; absent in records of before. */
  readonly rung?: RungRecord | null;
}

export interface EntryMark {
  readonly unixMs: number;
  readonly pairId: string;
  readonly direction: string;
}

/** As it stands in the book: with its moment on the monotonic clock, by which its age is judged. */
export interface TimedEntry extends EntryMark {
  readonly atUs: number;
}

export const NOTHING_RECOVERED: RecoveredTrading = {
  groups: [],
  orders: [],
  tradeIds: [],
  holdings: {},
  magics: {},
  fences: [],
  disablements: [],
  scopedStops: [],
  overrides: [],
  day: null,
  entries: [],
  cursors: {},
  accounts: {},
  rung: null,
};

/** A venue as a place where orders go; by the index of `EngineState.venues`. */
export interface OrderVenue {
  readonly venueId: string;
  /** Push channel of our orders. */
  orderLink: 'down' | 'up';
  orderLinkDetail: string;
  /** `never` and `stale` wall off the venue; `stale` = was reconciled, and the link has been down since. */
  reconciled: 'never' | 'under-way' | 'yes' | 'failed' | 'stale';
  reconcileDetail: string;
  reconciledUnixMs: number | null;
  /** Snapshot asked for and not answered; 0 = none. */
  pendingRequest: number;
  pendingSinceUs: number;
  nextRequest: number;
  lastSnapshotUs: number;
  /** What the pending request was made for, in people's words. */
  pendingWhy: string;
  /** Fingerprint of our orders there when it was made; null = one of them was live, so that positions prove nothing. */
  pendingMark: string | null;
  /** In a row: snapshots without an answer, and answers that were not quiet enough to compare positions. */
  failures: number;
  rechecks: number;
  /** When (monotonic µs) to ask again, sooner than the sweep would; +∞ = not. */
  askAgainUs: number;
  lastFillsSweepUs: number;
  /** Fills before this moment of the venue's clock are known to be booked; snapshots ask from here. */
  fillsSinceUnixMs: number;
  /** The cursor that the ledger has; 0 = none. */
  keptCursorUnixMs: number;
  /** When the newest fill was booked there, monotonic µs; −∞ = none that matters. */
  lastFillUs: number;
  /** Number of the newest request that was answered with a snapshot; 0 = none yet. Set with every answer. */
  answeredRequest: number;
  /** Orders of ours that the newest snapshot showed as open at the venue. */
  ownOpenOrders: readonly OpenOrderReport[];
  account: AccountReport | null;
  /** When the account was last heard of, monotonic µs; NaN = never. */
  accountUs: number;
  foreignOrders: readonly OpenOrderReport[];
  /** Per instrument id: expected and reported quantity, where they differ. */
  differences: Readonly<Record<string, { readonly own: DecimalText; readonly reported: DecimalText; readonly sinceUnixMs: number }>>;
  /** Moments (monotonic µs) of messages in the last minute, oldest first. */
  messagesUs: number[];
  /** Moments (monotonic µs) of errors within the window, oldest first. */
  errorsUs: number[];
  /** Last sign of life of the EA, monotonic µs; NaN before the first and at exchanges. */
  heartbeatUs: number;
  /** The EA's present silence was told. */
  silenceWarned: boolean;
  /** A link that was live was lost: its return is a reconnect. */
  linkLost: boolean;
}

/** Which snapshots count for the verification of a stop. */
export interface StopCheck {
  readonly scope: StopScope;
  /** By venue index: the first request that was made after the latch; null = not in scope. */
  readonly fromRequest: readonly (number | null)[];
  /** Monotonic µs. */
  readonly sinceUs: number;
  /** When people were last told what remains; null = not yet. */
  readonly toldUs: number | null;
}

/** The monotonic side of a group's times: ages and deadlines never follow the wall clock. Begun anew by every launch. */
export interface GroupClock {
  /** When the residual's clock began; null = it does not run. */
  residualSinceUs: number | null;
  /** An opening not complete by then is compensated. */
  deadlineUs: number;
  /** Since when it is open; null = it is not. */
  openedUs: number | null;
  /** Rungs before this one belong to an earlier residual. */
  ladderFrom: number;
  /** No rung and no closing order before this moment. */
  notBeforeUs: number;
  /** The second leg of this opening or closing was sent (or must not be any more). */
  secondSent: boolean;
  /** How often closing was begun; a closing that moved nothing is tried again later and later. */
  closeRounds: number;
}

/** The monotonic side of an order's times, and what of its evidence need not outlive the process. */
export interface OrderClock {
  committedUs: number;
  acknowledgedUs: number | null;
  /** Since when it has ended with fills still to be fetched; null = it has not. */
  owedSinceUs: number | null;
  /** When it is asked for next; +∞ = not. */
  nextQueryUs: number;
  /** Answers "not found" in a row that count as evidence. */
  notFound: number;
  /** The moment of its commit on the venue's clock by the offset measured then; null = no offset was known. */
  committedVenueMs: number | null;
  /** The venue's own time of its first answer "not found": certainly after the commit, whatever our clock said then. */
  missedVenueMs: number | null;
}

/** The guard of real money. */
export interface LiveBook {
  rung: RungRecord;
  /** null = not told yet: then every item counts as failed. */
  checklist: readonly LiveCheck[] | null;
  checkedUnixMs: number | null;
}

export interface HedgingBook {
  /** null = disarmed. Never recovered: every launch starts disarmed. */
  armed: Latch | null;
  limits: RiskLimits;
  overrides: readonly LimitOverride[];
  /** Newest last; live ones and the newest ended ones. */
  groups: HedgeGroup[];
  orders: Record<string, OrderRecord>;
  /** By group id, for every group that has not ended. */
  groupClocks: Record<string, GroupClock>;
  /** By client order id, for every order of this run and every recovered one that is not settled. */
  orderClocks: Record<string, OrderClock>;
  /** By venue: the exchange account to which this ledger belongs. */
  accounts: Record<string, string>;
  tradeIds: Record<string, true>;
  holdings: Record<string, Holding>;
  magics: Record<string, number>;
  fences: readonly TimedFence[];
  disablements: readonly TimedDisablement[];
  scopedStops: readonly ScopedStop[];
  /** One for each kill latch in force, global or scoped; never recovered: a restart verifies anew. */
  stopChecks: readonly StopCheck[];
  day: DayRecord | null;
  entries: readonly TimedEntry[];
  /** null = the money is not real. */
  readonly live: LiveBook | null;
  readonly venues: readonly OrderVenue[];
}

export const createBook = (settings: EngineSettings): HedgingBook => ({
  armed: null,
  limits: settings.limits,
  overrides: [],
  groups: [],
  orders: {},
  groupClocks: {},
  orderClocks: {},
  accounts: {},
  tradeIds: {},
  holdings: {},
  magics: {},
  fences: [],
  disablements: [],
  scopedStops: [],
  stopChecks: [],
  day: null,
  entries: [],
  live: settings.live ? { rung: firstRungOf(settings.live.ladder, 0), checklist: null, checkedUnixMs: null } : null,
  venues: settings.venues.map((venue) => ({
    venueId: venue.id,
    orderLink: 'down',
    orderLinkDetail: 'not connected yet',
    reconciled: 'never',
    reconcileDetail: 'not asked yet',
    reconciledUnixMs: null,
    pendingRequest: 0,
    pendingSinceUs: Number.NaN,
    nextRequest: 1,
    lastSnapshotUs: Number.NaN,
    pendingWhy: '',
    pendingMark: null,
    failures: 0,
    rechecks: 0,
    askAgainUs: Number.POSITIVE_INFINITY,
    lastFillsSweepUs: Number.NaN,
    fillsSinceUnixMs: 0,
    keptCursorUnixMs: 0,
    lastFillUs: Number.NEGATIVE_INFINITY,
    answeredRequest: 0,
    ownOpenOrders: [],
    account: null,
    accountUs: Number.NaN,
    foreignOrders: [],
    differences: {},
    messagesUs: [],
    errorsUs: [],
    heartbeatUs: Number.NaN,
    silenceWarned: false,
    linkLost: false,
  })),
});
