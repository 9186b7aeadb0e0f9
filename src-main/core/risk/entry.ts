/**
 * Every rule that can deny a group, in order, and the answer to "may this be entered?". A rule that is not met is a coded
 * denial with its figures. Risk rules never stop an intent: they deny its group. Unset or unknown means denied.
 */
import type { Denial } from '../../../src-shared/domain/hedgeGroup.ts';
import type { Evaluation } from '../gates.ts';
import type { EngineState } from '../state.ts';
import { ACCOUNT_RULES, AMOUNT_RULES } from './amountRules.ts';
import { disable, disablementOf, scopesOfPair } from './disablements.ts';
import type { EntryPlan, RiskRule } from './entryPlan.ts';
import { notionalUsdOf } from './exposure.ts';
import { entryBaseQty } from './sizing.ts';
import { CONDUCT_RULES, entryCounts, HEALTH_RULES, STATE_RULES } from './stateRules.ts';

export type { EntryPlan } from './entryPlan.ts';

export const RISK_RULES: readonly RiskRule[] = [...STATE_RULES, ...AMOUNT_RULES, ...CONDUCT_RULES, ...ACCOUNT_RULES, ...HEALTH_RULES];

/** The entry that an evaluation would lead to, sized by the limits in force. */
export const planEntry = (evaluation: Evaluation): EntryPlan => {
  const { pair, d } = evaluation;
  const baseQty = entryBaseQty(evaluation);
  return { pair, d, evaluation, baseQty, notionalUsd: notionalUsdOf(pair, baseQty.toNumber()) };
};

/** Everything that speaks against the entry; empty = it may be made. An entry too many disables its pair, here and now. */
export const denialsOfEntry = (state: EngineState, plan: EntryPlan): readonly Denial[] => {
  const denials: Denial[] = [];
  for (const { code, judge } of RISK_RULES) {
    const { passed, text, measured, limit } = judge(state, plan);
    if (!passed) denials.push({ code, text, measured, limit });
  }
  if (denials.some(({ code }) => code === 'repeated')) disableRepeated(state, plan);
  return denials;
};

const disableRepeated = (state: EngineState, { pair, evaluation: { nowUnixMs } }: EntryPlan): void => {
  if (disablementOf(state, 'repeated', scopesOfPair(pair), nowUnixMs) !== null) return;
  const { minute, hour } = entryCounts(state, pair.settings.id, nowUnixMs);
  const text = `${minute} groups within a minute and ${hour} within an hour, one more was asked for`;
  disable(state, { scope: `pair:${pair.settings.id}`, code: 'repeated', text, sinceUnixMs: nowUnixMs, untilUnixMs: null });
};
