/**
 * What became true, and what we wish done about it. Facts are committed to the ledger in the transaction that
 * commits their event; effects leave the process only after that commit.
 */
import type { EventKind, EventSeverity } from '../../src-shared/domain/view.ts';
import type { Intent } from '../../src-shared/domain/opportunity.ts';
import type { KillLatch, Latch, TradingState } from '../../src-shared/domain/tradingState.ts';
import type { SpreadSample } from './events.ts';

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
  /** Ask every order gateway whether anything of ours still works; answered by `stop-verified`. */
  | { readonly type: 'verify-stopped' };

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
