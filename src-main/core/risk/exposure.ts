/**
 * What is at stake, in dollars: the worth of a currency, of a leg, of a group, of all groups that have not ended. Numbers,
 * for gates alone; no order is made of them. What cannot be valued is null or NaN, never zero.
 */
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { GroupId } from '../../../src-shared/domain/ids.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';

/** Middle of the newest quote; NaN before the first. */
export const midOf = (x: InstrumentState): number => (x.bidPx + x.askPx) / 2;

/** Mid of leg a in the quote currency of leg b; NaN while unknown. */
export const convertedMidA = (pair: PairState): number => midOf(pair.a) * pair.rate;

/** Dollars that `baseQty` is worth at the mid of leg b. */
export const notionalUsdOf = (pair: PairState, baseQty: number): number => baseQty * midOf(pair.b) * pair.settings.usdPerQuoteCcy;

/** Dollars that one unit of a currency is worth by what the pairs' settings say; null = nobody says. */
export const usdPer = (state: EngineState, ccy: string): number | null => {
  if (ccy === 'USD') return 1;
  for (const { a, b, rate, settings } of state.pairs) {
    if (b.metadata?.quoteCcy === ccy) return settings.usdPerQuoteCcy;
    if (a.metadata?.quoteCcy === ccy && rate > 0) return rate * settings.usdPerQuoteCcy;
  }
  return null;
};

/**
 * The same for a currency in which fees are taken and nothing is settled (BNB): by the pairs' settings, else at the mid of any instrument
 * that quotes it in a currency they value; null = nobody says.
 */
export const usdOfFeeCcy = (state: EngineState, ccy: string): number | null => {
  const said = usdPer(state, ccy);
  if (said !== null) return said;
  for (const x of state.instruments) {
    if (x.metadata?.baseCcy !== ccy || x.fault !== 'none' || !(midOf(x) > 0)) continue;
    const quoteUsd = usdPer(state, x.metadata.quoteCcy);
    if (quoteUsd !== null) return midOf(x) * quoteUsd;
  }
  return null;
};

/** Groups that have not ended; `except` is left out. */
export const liveGroups = (state: EngineState, except: GroupId | null = null): readonly HedgeGroup[] =>
  state.book.groups.filter((group) => !isEndedGroup(group.state) && group.id !== except);

export const openNotionalUsd = (state: EngineState, except: GroupId | null = null): number =>
  liveGroups(state, except).reduce((sum, group) => sum + group.notionalUsd, 0);

/** Venues that some pair trades at, by index. */
export const tradedVenues = (state: EngineState): readonly number[] => [
  ...new Set(state.pairs.flatMap((pair) => [pair.a.venue.index, pair.b.venue.index])),
];

/** Sum of the equity of all venues traded at; null while one is not known or cannot be valued. */
export const equityUsd = (state: EngineState): number | null => {
  let sum = 0;
  for (const index of tradedVenues(state)) {
    const account = state.book.venues[index]!.account;
    const worth = account === null ? null : usdPer(state, account.ccy);
    if (account === null || worth === null) return null;
    sum += Number(account.equity) * worth;
  }
  return Number.isFinite(sum) ? sum : null;
};
