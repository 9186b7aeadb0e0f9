/**
 * What an entry would be, which risk gates there are, and what a verdict is. Imports no rule: whoever needs the list of gates
 * while modules are still loading finds it here.
 */
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Denial } from '../../../src-shared/domain/hedgeGroup.ts';
import type { GroupId } from '../../../src-shared/domain/ids.ts';
import type { GateUnit, RiskGateCode } from '../../../src-shared/domain/opportunity.ts';
import type { Evaluation } from '../gates.ts';
import type { DirectionState, PairState } from '../state.ts';

export interface EntryPlan {
  readonly pair: PairState;
  readonly d: DirectionState;
  readonly evaluation: Evaluation;
  /** Of the whole group; zero while it cannot be sized. */
  readonly baseQty: Decimal;
  /** At the mid of leg b; NaN while unknown. */
  readonly notionalUsd: number;
  /** The group itself, where it is already in the book: it is not counted against itself. */
  readonly groupId?: GroupId;
  /** Known once the intent has a name. */
  readonly intentId?: string;
}

export interface RiskVerdict {
  readonly passed: boolean;
  readonly measured: number | null;
  readonly limit: number | null;
  /** One short sentence for people, with the figures in it. */
  readonly text: string;
}

/** In order of evaluation. */
export const RISK_GATES: readonly { readonly code: RiskGateCode; readonly unit: GateUnit }[] = [
  { code: 'armed', unit: 'none' },
  { code: 'stopped', unit: 'none' },
  { code: 'reconciled', unit: 'none' },
  { code: 'account', unit: 'none' },
  { code: 'unknown-leg', unit: 'count' },
  { code: 'fence', unit: 'ms' },
  { code: 'open-groups', unit: 'count' },
  { code: 'size', unit: 'base' },
  { code: 'notional', unit: 'usd' },
  { code: 'collar', unit: 'bps' },
  { code: 'calendar', unit: 'min' },
  { code: 'messages', unit: 'count' },
  { code: 'repeated', unit: 'count' },
  { code: 'duplicate', unit: 'ms' },
  { code: 'funds', unit: 'none' },
  { code: 'margin', unit: '%' },
  { code: 'loss', unit: '%' },
  { code: 'venue-errors', unit: 'count' },
  { code: 'heartbeat', unit: 'ms' },
];

export const verdict = (passed: boolean, text: string, measured: number | null = null, limit: number | null = null): RiskVerdict => ({
  passed,
  measured: measured === null || !Number.isFinite(measured) ? null : measured,
  limit,
  text,
});

/** A coded no, with its figures where there are any. */
export const denial = (code: string, text: string, measured: number | null = null, limit: number | null = null): Denial => ({
  code,
  text,
  measured,
  limit,
});
