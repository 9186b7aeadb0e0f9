/**
 * The worst case in dollars, which a person types before real money is armed: what may stand unhedged at once, not what is to be
 * expected. From limits, ladder and leg order alone, in numbers: no order is made of it.
 */
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import { liveGroups, notionalUsdOf, openNotionalUsd } from '../risk/exposure.ts';
import { minimumBaseQty } from '../risk/sizing.ts';
import type { EngineState, PairState } from '../state.ts';
import { rungInForce } from './ladder.ts';

/** A tenth more than the smallest size is worth now. */
export const MINIMUM_HEADROOM = 1.1;

export interface WorstCase {
  /** Whole dollars; null = cannot be said now. */
  readonly usd: number | null;
  readonly why: string;
}

/** Up, to two figures. */
export const roundedUp = (usd: number): number => {
  if (usd <= 100) return Math.ceil(usd);
  const step = 10 ** (Math.floor(Math.log10(usd)) - 1);
  return Math.ceil(usd / step) * step;
};

const smallestUsd = (pair: PairState): number => {
  const least = minimumBaseQty(pair);
  return least === null ? Number.NaN : notionalUsdOf(pair, least.toNumber()) * MINIMUM_HEADROOM;
};

/** Dollars of one group on the rung in force; NaN while a quote or a size is not known. */
const sizeUsd = (state: EngineState, maxNotionalUsd: number | null): number =>
  maxNotionalUsd === null
    ? state.pairs.reduce((most, pair) => Math.max(most, smallestUsd(pair)), 0)
    : Math.min(maxNotionalUsd, state.book.limits.maxGroupNotionalUsd);

/**
 * The formula:
 *
 *   groups  = min(maxOpenGroups, pairs × maxOpenGroupsPerPair)
 *   size    = the rung's dollars, at most maxGroupNotionalUsd; on the first rung the dearest pair's smallest size at the mid, and
 *             {@link MINIMUM_HEADROOM} for the price to move in before it is entered
 *   open    = dollars of the groups that have not ended: an earlier rung may have been larger, and a limit that was tightened closes none
 *   alone   = min(maxTotalNotionalUsd, open + groups that may still be opened × size), never less than open: every group open at once
 *             has lost one leg, and the other becomes worthless
 *   crossed = the collar of every leg that leaves without waiting for the other (one; two where a pair sends both together), and the
 *             reach of the compensation that follows
 *   worst   = alone × (1 + crossed), rounded up to two figures, so that it does not change with every quote
 */
export const worstCase = (state: EngineState): WorstCase => {
  const rung = rungInForce(state);
  if (rung === null) return { usd: null, why: 'the money is not real' };
  const { maxOpenGroups, maxOpenGroupsPerPair, maxTotalNotionalUsd, priceCollarBps } = state.book.limits;
  const groups = Math.min(maxOpenGroups, state.pairs.length * maxOpenGroupsPerPair);
  const size = sizeUsd(state, rung.maxNotionalUsd);
  if (!Number.isFinite(size)) return { usd: null, why: 'the smallest size of a pair is not known yet: its venues must have quoted' };
  const open = openNotionalUsd(state);
  const further = Math.max(0, groups - liveGroups(state).length);
  const alone = Math.max(open, Math.min(maxTotalNotionalUsd, open + further * size));
  const together = state.pairs.some(({ settings }) => settings.legOrder === 'together');
  const crossedBps = (together ? 2 : 1) * priceCollarBps + state.settings.hedging.compensationSlippageBps;
  const usd = roundedUp(alone * (1 + crossedBps / BPS_PER_UNIT));
  const each = rung.maxNotionalUsd === null ? 'the smallest size' : `at most $${size.toFixed(0)}`;
  const standing = open === 0 ? '' : `$${open.toFixed(0)} open, and `;
  const why = `${standing}${further} groups of ${each} with one leg left alone, at most $${alone.toFixed(0)} in all, entered and left ${crossedBps} bps worse`;
  return { usd, why };
};
