/** What an entry would be, and how a risk rule judges it. Data and types; the rules are in `rules*.ts`. */
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { GroupId } from '../../../src-shared/domain/ids.ts';
import type { GateUnit, RiskGateCode } from '../../../src-shared/domain/opportunity.ts';
import type { Evaluation } from '../gates.ts';
import type { DirectionState, EngineState, PairState } from '../state.ts';

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

/** Decides and explains itself. What is unknown does not pass. Reads only. */
export interface RiskRule {
  readonly code: RiskGateCode;
  readonly unit: GateUnit;
  readonly judge: (state: EngineState, plan: EntryPlan) => RiskVerdict;
}

export const verdict = (passed: boolean, text: string, measured: number | null = null, limit: number | null = null): RiskVerdict => ({
  passed,
  measured: measured === null || !Number.isFinite(measured) ? null : measured,
  limit,
  text,
});
