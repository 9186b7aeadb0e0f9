/**
 * The nouns of a signal: direction, cost breakdown, gates, intent. Data only; the rules are in `core`.
 */
import type { Denial } from './hedgeGroup.ts';
import type { GroupId, IntentId, PairId } from './ids.ts';
import type { QuoteEvidence } from './quote.ts';

/** Which leg is sold. `sell-a-buy-b`: spread = bid(a) − ask(b). */
export type Direction = 'sell-a-buy-b' | 'sell-b-buy-a';
export const DIRECTIONS: readonly [Direction, Direction] = ['sell-a-buy-b', 'sell-b-buy-a'];

/** Every cost of a round trip, in bps of mid, positive = paid. */
export interface CostBreakdown {
  /** Taker fees of both legs, in and out. */
  readonly feesBps: number;
  /** MT5 commission of both sides. */
  readonly commissionBps: number;
  readonly slippageBps: number;
  /** Swap and funding until the expected exit; negative when we are paid. */
  readonly carryBps: number;
  /** What leaving is expected to cost: minus the median executable spread of the opposite direction. */
  readonly exitSpreadBps: number;
  readonly totalBps: number;
}

/** In order of evaluation. Signal gates decide whether an intent exists. */
export type GateCode =
  | 'metadata'
  | 'venue-link'
  | 'quote-present'
  | 'quote-valid'
  | 'quote-age-a'
  | 'quote-age-b'
  | 'quote-skew'
  | 'session'
  | 'statistics'
  | 'executable-qty'
  | 'edge'
  | 'deviation'
  | 'abnormal-edge'
  | 'trading-state'
  | 'cooldown'
  | RiskGateCode;

/** Evaluated after the signal gates: they decide whether an intent becomes a group. */
export type RiskGateCode =
  | 'armed'
  | 'stopped'
  | 'reconciled'
  | 'account'
  | 'unknown-leg'
  | 'fence'
  | 'open-groups'
  | 'size'
  | 'notional'
  | 'collar'
  | 'calendar'
  | 'messages'
  | 'repeated'
  | 'duplicate'
  | 'funds'
  | 'margin'
  | 'loss'
  | 'venue-errors'
  | 'heartbeat';

/** What became of an intent. `denied`: armed, but a risk gate said no. */
export type IntentDisposition = 'disarmed' | 'denied' | 'hedging';

export type GateUnit = 'bps' | 'ms' | 's' | 'min' | '%' | 'base' | 'usd' | 'count' | 'none';

export interface GateResult {
  readonly code: GateCode;
  readonly passed: boolean;
  readonly measured: number | null;
  readonly limit: number | null;
  readonly unit: GateUnit;
  /** One short sentence for people, with the figures in it. */
  readonly note: string;
}

/** Every figure that led to an intent; written to the journal whole. */
export interface Intent {
  readonly id: IntentId;
  readonly pairId: PairId;
  readonly direction: Direction;
  /** Counts the episodes of this pair and direction within the run. */
  readonly episode: number;
  readonly proposedUnixMs: number;
  readonly spreadBps: number;
  readonly edgeBps: number;
  readonly centreBps: number;
  readonly deviationBps: number;
  readonly thresholdBps: number;
  /** The spread at which the rule fires now: the stricter of the deviation and the edge condition. */
  readonly entrySpreadBps: number;
  readonly percentiles: { readonly p50: number; readonly p75: number; readonly p90: number; readonly p99: number };
  readonly triggerRate: number;
  readonly coverage: number;
  readonly executableBaseQty: number;
  readonly conversionRate: number;
  readonly costs: CostBreakdown;
  readonly quotes: readonly [QuoteEvidence, QuoteEvidence];
  readonly gates: readonly GateResult[];
  /** Exact recheck in decimals of the spread found in numbers (`core/risk`), as text. */
  readonly exactSpreadBps: string;
  readonly disposition: IntentDisposition;
  /** Codes with figures of the risk gates that denied it; empty otherwise. */
  readonly denials: readonly Denial[];
  readonly groupId: GroupId | null;
}
