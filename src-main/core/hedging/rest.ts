/** Where a group goes that has nothing in flight, nothing uncertain and no residual: open with what it holds, or ended. */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { EngineState, PairState } from '../state.ts';
import { isFlat } from './exposure.ts';
import { finishGroup } from './finish.ts';
import { clockOf, moveGroup } from './records.ts';
import { settleRemnants, tradableQty } from './residual.ts';

/** Reasons to close that are decided anew when a closing left something open; the others stay until nothing is left. */
const DECIDED_ANEW = ['convergence', 'take-profit'] as const;

export const comeToRest = (state: EngineState, pair: PairState, group: HedgeGroup): HedgeGroup => {
  if (isFlat(group)) return finishGroup(state, group);
  const remnants =
    pair.a.metadata !== null &&
    pair.b.metadata !== null &&
    tradableQty(pair, group, 'a').isZero() &&
    tradableQty(pair, group, 'b').isZero();
  if (remnants) return finishGroup(state, settleRemnants(state, group));
  const clock = clockOf(state, group.id);
  clock.openedUs ??= state.monoUs;
  clock.secondSent = false;
  const openedUnixMs = group.openedUnixMs ?? state.unixMs;
  const anew = DECIDED_ANEW.some((reason) => reason === group.closeReason);
  const closeReason = anew ? null : group.closeReason;
  return moveGroup(
    state,
    group,
    'hedged',
    closeReason === null ? 'both legs hold the same' : `what is left is to be closed (${closeReason})`,
    {
      openedUnixMs,
      closeReason,
    },
  );
};
