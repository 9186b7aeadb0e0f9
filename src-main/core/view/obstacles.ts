/**
 * Why a pair may not enter, in one sentence for its row: the first thing in force of stop, disablement, difference and
 * fence, each with its end where it has one. The gates decide; this says what stands in the way for longer than a quote.
 */
import type { ScopedStop } from '../../../src-shared/domain/tradingState.ts';
import type { Disablement, Fence } from '../book.ts';
import { accountFault } from '../exchangeAccount.ts';
import { isInForce, longestFence } from '../risk/deadlines.ts';
import { scopesOfPair } from '../risk/disablements.ts';
import type { EngineState, PairState } from '../state.ts';
import { utcTimeOfDay } from './rounding.ts';

const untilText = (untilUnixMs: number | null): string =>
  untilUnixMs === null ? 'until an operator enables it' : `until ${utcTimeOfDay(untilUnixMs)}`;

const stopText = ({ scope, level, latch }: ScopedStop): string => `${level} of ${scope} by ${latch.by}`;
const disablementText = ({ text, untilUnixMs }: Disablement): string => `${text}, ${untilText(untilUnixMs)}`;
const fenceText = ({ kind, untilUnixMs }: Fence): string => `fence after ${kind} ${untilText(untilUnixMs)}`;

const differenceText = (state: EngineState, pair: PairState): string | null => {
  for (const x of [pair.a, pair.b]) {
    const difference = state.book.venues[x.venue.index]?.differences[x.settings.id];
    if (difference === undefined) continue;
    return `${x.settings.id}: ${difference.own} by our fills, ${difference.reported} at the venue`;
  }
  return null;
};

/** Null = nothing but the gates of the moment. */
export const entryObstacle = (state: EngineState, pair: PairState, monoUs: number): string | null => {
  const { scopedStops, disablements } = state.book;
  const scopes = scopesOfPair(pair);
  const stop = scopedStops.find(({ scope }) => scopes.includes(scope));
  if (stop !== undefined) return stopText(stop);
  const disablement = disablements.find((each) => scopes.includes(each.scope) && isInForce(each, monoUs));
  if (disablement !== undefined) return disablementText(disablement);
  const difference = differenceText(state, pair);
  if (difference !== null) return difference;
  const account = accountFault(pair);
  if (account !== null) return account;
  const fence = longestFence(state, pair.settings.id, monoUs);
  return fence === null ? null : fenceText(fence);
};
