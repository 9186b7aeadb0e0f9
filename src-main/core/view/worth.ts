/**
 * What quantities are worth in US dollars, for display: a fresh mid where there is one, else what the decision relied on.
 * Numbers, because nothing is decided with them.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { hasQuote, isFresh } from '../marketData.ts';
import { usdPer } from '../risk/exposure.ts';
import type { EngineState, InstrumentState } from '../state.ts';

/** Mid of a sound and fresh quote; NaN otherwise. */
export const freshMid = (x: InstrumentState, nowUs: number): number =>
  hasQuote(x) && x.fault === 'none' && isFresh(x, nowUs) ? (x.bidPx + x.askPx) / 2 : Number.NaN;

/** Signed dollars of a signed quantity in the venue's unit; NaN while price or unit is unknown. */
export const usdOfQty = (state: EngineState, x: InstrumentState, qty: number, nowUs: number): number =>
  qty * x.baseQtyPerUnit * freshMid(x, nowUs) * (x.metadata === null ? Number.NaN : (usdPer(state, x.metadata.quoteCcy) ?? Number.NaN));

/** Signed base quantity without a twin; what an act of the operator took out of the group is no longer its own. */
export const nakedBaseQty = (group: HedgeGroup): number => Number(group.residualBaseQty);

/** Dollars that are unhedged; valued as at the decision, so that a stale leg cannot hide a naked one. */
export const nakedUsdOf = (group: HedgeGroup): number => {
  const base = Number(group.baseQty);
  return base === 0 ? 0 : Math.abs(nakedBaseQty(group) / base) * group.notionalUsd;
};
