/**
 * What became true, and what we wish done about it. Facts are committed to the ledger in the transaction that
 * commits their event; effects leave the process only after that commit.
 */
import type { DecimalText } from '../../src-shared/domain/decimal.ts';
import type { DustRecord, GroupAct, GroupState, HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { GroupId, InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import type { LimitName, LimitOverride } from '../../src-shared/domain/limits.ts';
import type { RungRecord } from '../../src-shared/domain/live.ts';
import type { Intent } from '../../src-shared/domain/opportunity.ts';
import type { ChargeRecord, FillRecord, OrderRecord, OrderRef, OrderRequest, OrderState } from '../../src-shared/domain/order.ts';
import type { KillLatch, Latch, ScopedStop, StopScope, TradingState } from '../../src-shared/domain/tradingState.ts';
import type { EventKind, EventSeverity } from '../../src-shared/domain/view.ts';
import type { DayRecord, Disablement, Fence, Holding } from './book.ts';
import type { SpreadSample } from './events.ts';
import type { RiskApproved } from './risk/approved.ts';

export type Fact =
  | { readonly type: 'intent-proposed'; readonly intent: Intent }
  | {
      readonly type: 'intent-ended';
      readonly intentId: string;
      readonly reason: 'edge-gone' | 'stale' | 'paused' | 'killed' | 'restart' | 'stopping';
      /** These three are null after a restart: what the earlier run had seen last is not known. */
      readonly bestEdgeBps: number | null;
      readonly durationMs: number | null;
      readonly suppressed: number | null;
    }
  | { readonly type: 'pause-changed'; readonly before: Latch | null; readonly after: Latch | null; readonly requestId: string }
  | { readonly type: 'kill-latched'; readonly latch: KillLatch; readonly requestId: string }
  | { readonly type: 'kill-verified'; readonly latch: KillLatch }
  | { readonly type: 'kill-reset'; readonly before: KillLatch; readonly reason: string; readonly by: string; readonly requestId: string }
  | { readonly type: 'command-refused'; readonly requestId: string; readonly command: string; readonly conditions: readonly string[] }
  /** A latch rises (kill → flatten → hands-off); `after` stands in place of `before`. */
  | { readonly type: 'kill-raised'; readonly before: KillLatch; readonly after: KillLatch; readonly requestId: string }
  /** A stop of one pair or venue was set, changed (verified, raised) or lifted (`after` null). */
  | {
      readonly type: 'scoped-stop';
      readonly scope: StopScope;
      readonly level: ScopedStop['level'];
      readonly before: KillLatch | null;
      readonly after: KillLatch | null;
    }
  /** `after` null = disarmed, with the reason in `why`. */
  | { readonly type: 'arming-changed'; readonly before: Latch | null; readonly after: Latch | null; readonly why: string }
  | {
      readonly type: 'limit-changed';
      readonly name: LimitName;
      readonly before: number;
      readonly after: number;
      /** null = back to what the configuration says. */
      readonly override: LimitOverride | null;
      readonly by: string;
      readonly reason: string;
    }
  /** The whole record as it now is; `before` null = new. The ledger replaces its row. */
  | { readonly type: 'group-changed'; readonly group: HedgeGroup; readonly before: GroupState | null }
  | { readonly type: 'order-changed'; readonly order: OrderRecord; readonly before: OrderState | null }
  | { readonly type: 'fill-booked'; readonly fill: FillRecord }
  | { readonly type: 'charge-booked'; readonly charge: ChargeRecord }
  | { readonly type: 'dust-booked'; readonly dust: DustRecord }
  | {
      readonly type: 'holding-changed';
      readonly instrumentId: string;
      readonly before: Holding | null;
      readonly after: Holding;
      readonly why: string;
    }
  /** The whole list that is now in force. */
  | { readonly type: 'fences-changed'; readonly fences: readonly Fence[] }
  | { readonly type: 'disablements-changed'; readonly disablements: readonly Disablement[]; readonly why: string }
  | { readonly type: 'day-changed'; readonly day: DayRecord }
  /** Fills of the venue before this moment of its clock are booked: the next run asks from here. */
  | { readonly type: 'cursor-moved'; readonly venueId: VenueId; readonly fillsSinceUnixMs: number }
  /**
   * This ledger belongs to that account of the exchange from now on: `before` null = the first that was found, else a person accepted
   * another one (`account` null = whichever is found next); holdings of `cleared` were of the account before.
   */
  | {
      readonly type: 'account-bound';
      readonly venueId: VenueId;
      readonly before: string | null;
      readonly account: string | null;
      readonly cleared: readonly InstrumentId[];
      readonly why: string;
    }
  /** An execution that was looked at and is none of ours, or cannot be: no later run looks at it again. */
  | {
      readonly type: 'trade-passed';
      readonly venueId: VenueId;
      readonly instrumentId: InstrumentId;
      readonly tradeId: string;
      readonly venueUnixMs: number | null;
    }
  /** The ladder of real money's sizes: climbed, counted, fallen back. */
  | { readonly type: 'rung-changed'; readonly before: RungRecord; readonly after: RungRecord; readonly why: string }
  | { readonly type: 'venue-reconciled'; readonly venueId: VenueId; readonly detail: string; readonly missedFills: number }
  /** Our position and the venue's differ, or no longer do (`reported` null = settled). */
  | {
      readonly type: 'position-difference';
      readonly venueId: VenueId;
      readonly instrumentId: string;
      readonly own: DecimalText;
      readonly reported: DecimalText | null;
    }
  /** An operator's act on a group that was carried out; refusals are `command-refused`. */
  | {
      readonly type: 'group-acted';
      readonly groupId: GroupId;
      readonly act: GroupAct;
      readonly by: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | { readonly type: 'trading-state'; readonly before: TradingState; readonly after: TradingState }
  | { readonly type: 'run-started'; readonly runId: string }
  | { readonly type: 'run-stopping'; readonly why: string }
  /** Venue changes, refused pairs, abnormal edges, crossed limits: everything a person reads in the event log. */
  | {
      readonly type: 'noted';
      readonly severity: EventSeverity;
      readonly kind: EventKind;
      readonly subject: string | null;
      readonly text: string;
    };

export type Effect =
  /** The reply `mode` of the MetaTrader listener. */
  | { readonly type: 'announce-mode'; readonly mode: 'normal' | 'close_only' | 'halt' }
  /** Answered by exactly one `order-outcome`. Never repeated, by no run: what was not answered is unknown. */
  | { readonly type: 'place-order'; readonly order: RiskApproved<OrderRequest> }
  /** Answered by `cancel-outcome`. At MT5 it also revokes a command that was not delivered yet. */
  | { readonly type: 'cancel-order'; readonly ref: OrderRef }
  /** Answered by `order-query`. */
  | { readonly type: 'query-order'; readonly ref: OrderRef }
  /** Answered by `venue-snapshot` with the same number. Fills from `fillsSinceUnixMs` of the venue's clock. */
  | { readonly type: 'take-snapshot'; readonly venueId: VenueId; readonly requestId: number; readonly fillsSinceUnixMs: number }
  /**
   * The gate at the one dispatch point. `open`: what the core wishes leaves. `reducing`: no opening order leaves,
   * an operator's own completion of a held group excepted. `closed`: nothing that changes an order leaves, not even cancels; questions still do.
   */
  | { readonly type: 'set-gate'; readonly gate: 'open' | 'reducing' | 'closed' };

export interface StepResult {
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  /** Relaxed durability: written in batches, never in the journal. */
  readonly samples: readonly SpreadSample[];
  /** Outcome of an operator command, for its receipt; null for every other event. */
  readonly verdict: CommandVerdict | null;
}

export type CommandVerdict =
  | { readonly code: 'applied'; readonly requestId: string; readonly changed: boolean }
  | { readonly code: 'not-allowed'; readonly requestId: string; readonly conditions: readonly string[] };

export const NOTHING: StepResult = Object.freeze({ facts: [], effects: [], samples: [], verdict: null });
