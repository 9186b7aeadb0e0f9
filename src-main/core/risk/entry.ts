/**
 * Every rule that can deny a group, in order, and the answer to "may this be entered?". A rule that is not met is a coded
 * denial with its figures. Risk rules never stop an intent: they deny its group. Unset or unknown means denied.
 */
import type { Denial } from '../../../src-shared/domain/hedgeGroup.ts';
import type { RiskGateCode } from '../../../src-shared/domain/opportunity.ts';
import type { Evaluation } from '../gates.ts';
import type { EngineState } from '../state.ts';
import * as amount from './amountRules.ts';
import { disable, disablementOf, scopesOfPair } from './disablements.ts';
import { RISK_GATES, type EntryPlan, type RiskVerdict } from './entryPlan.ts';
import { notionalUsdOf } from './exposure.ts';
import { entryBaseQty } from './sizing.ts';
import * as conduct from './stateRules.ts';

export type { EntryPlan } from './entryPlan.ts';

type Judge = (state: EngineState, plan: EntryPlan) => RiskVerdict;

/** Looked up when asked, never while modules load: rules and what they watch import each other. */
const judgeOf = (code: RiskGateCode): Judge => {
  switch (code) {
    case 'armed':
      return conduct.armedVerdict;
    case 'stopped':
      return conduct.stoppedVerdict;
    case 'reconciled':
      return conduct.reconciledVerdict;
    case 'account':
      return conduct.accountVerdict;
    case 'unknown-leg':
      return conduct.unknownVerdict;
    case 'fence':
      return conduct.fenceVerdict;
    case 'open-groups':
      return conduct.openGroupsVerdict;
    case 'size':
      return amount.sizeVerdict;
    case 'notional':
      return amount.notionalVerdict;
    case 'collar':
      return amount.collarVerdict;
    case 'calendar':
      return amount.calendarVerdict;
    case 'messages':
      return amount.messagesVerdict;
    case 'repeated':
      return conduct.repeatedVerdict;
    case 'duplicate':
      return conduct.duplicateVerdict;
    case 'funds':
      return amount.fundsVerdict;
    case 'margin':
      return amount.marginVerdict;
    case 'loss':
      return conduct.lossVerdict;
    case 'venue-errors':
      return conduct.errorsVerdict;
    case 'heartbeat':
      return conduct.heartbeatVerdict;
  }
};

/** One rule's verdict. Reads only. */
export const judgeRisk = (state: EngineState, plan: EntryPlan, code: RiskGateCode): RiskVerdict => judgeOf(code)(state, plan);

/** The entry that an evaluation would lead to, sized by the limits in force. */
export const planEntry = (evaluation: Evaluation): EntryPlan => {
  const { pair, d } = evaluation;
  const baseQty = entryBaseQty(evaluation);
  return { pair, d, evaluation, baseQty, notionalUsd: notionalUsdOf(pair, baseQty.toNumber()) };
};

/** Everything that speaks against the entry; empty = it may be made. An entry too many disables its pair, here and now. */
export const denialsOfEntry = (state: EngineState, plan: EntryPlan): readonly Denial[] => {
  const denials: Denial[] = [];
  for (const { code } of RISK_GATES) {
    const { passed, text, measured, limit } = judgeRisk(state, plan, code);
    if (!passed) denials.push({ code, text, measured, limit });
  }
  if (denials.some(({ code }) => code === 'repeated')) disableRepeated(state, plan);
  return denials;
};

const disableRepeated = (state: EngineState, { pair, evaluation: { nowUs } }: EntryPlan): void => {
  if (disablementOf(state, 'repeated', scopesOfPair(pair), nowUs) !== null) return;
  const { minute, hour } = conduct.entryCounts(state, pair.settings.id, nowUs);
  const text = `${minute} groups within a minute and ${hour} within an hour, one more was asked for`;
  disable(state, { scope: `pair:${pair.settings.id}`, code: 'repeated', text }, null);
};
