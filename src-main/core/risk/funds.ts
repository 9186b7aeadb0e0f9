/**
 * Whether both accounts can carry an entry, before the first leg is sent: spot gives base or quote currency, everything else
 * needs free margin. What other groups in flight will still take, or took after the account was last heard of, is reserved.
 * An account that is not known carries nothing.
 */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { GroupId } from '../../../src-shared/domain/ids.ts';
import type { Side } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import type { OrderVenue } from '../book.ts';
import type { EngineState, InstrumentState } from '../state.ts';
import { liveGroups, usdPer } from './exposure.ts';

/** One claim on one account. `margin`: of the account's free margin, in its currency. */
interface Claim {
  readonly venue: OrderVenue;
  readonly kind: 'balance' | 'margin';
  readonly ccy: string;
  /** NaN where it cannot be valued: then nothing can be afforded. */
  readonly amount: number;
}

export interface LegNeed {
  readonly x: InstrumentState;
  readonly side: Side;
  readonly baseQty: number;
}

export interface FundsVerdict {
  readonly passed: boolean;
  readonly measured: number | null;
  readonly limit: number | null;
  readonly text: string;
}

const orderVenueOf = (state: EngineState, x: InstrumentState): OrderVenue => state.book.venues[x.venue.index]!;

/** Worth of a leg in its own quote currency at the worse touch, with collar and fee on top. */
const dearest = (state: EngineState, { x, side, baseQty }: LegNeed): number => {
  const margin = 1 + (state.book.limits.priceCollarBps + Math.max(0, x.settings.costs.takerFeeBps)) / BPS_PER_UNIT;
  return baseQty * (side === 'buy' ? x.askPx : x.bidPx) * margin;
};

const claimOf = (state: EngineState, need: LegNeed): Claim => {
  const { x, side, baseQty } = need;
  const venue = orderVenueOf(state, x);
  const baseCcy = x.metadata?.baseCcy ?? '';
  const quoteCcy = x.metadata?.quoteCcy ?? '';
  if (x.settings.kind === 'spot')
    return side === 'sell'
      ? { venue, kind: 'balance', ccy: baseCcy, amount: baseQty }
      : { venue, kind: 'balance', ccy: quoteCcy, amount: dearest(state, need) };
  const ccy = venue.account?.ccy ?? '';
  const [from, to] = [usdPer(state, quoteCcy), usdPer(state, ccy)];
  const rate = quoteCcy === ccy ? 1 : from === null || to === null ? Number.NaN : from / to;
  return { venue, kind: 'margin', ccy, amount: dearest(state, need) * x.settings.initialMarginRate * rate };
};

const legNeeds = (state: EngineState, group: HedgeGroup): readonly LegNeed[] =>
  [group.legs.a, group.legs.b].flatMap((leg) => {
    const x = state.instruments.find((i) => i.settings.id === leg.instrumentId);
    if (x === undefined) return [];
    const openedUs = state.book.groupClocks[group.id]?.openedUs ?? null;
    const settled = openedUs !== null && openedUs < orderVenueOf(state, x).accountUs;
    return settled ? [] : [{ x, side: leg.side, baseQty: Number(leg.plannedQty) * Number(leg.baseQtyPerUnit) }];
  });

/** Claims of the entry itself, then those of every other group that its account does not show yet. */
const claims = (state: EngineState, needs: readonly LegNeed[], except: GroupId | null): readonly Claim[] =>
  [...needs, ...liveGroups(state, except).flatMap((group) => legNeeds(state, group))].map((need) => claimOf(state, need));

const figure = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : '—');
const unknown = (text: string): FundsVerdict => ({ passed: false, measured: null, limit: null, text });

/** Free funds of one account against everything claimed of them; the first account that cannot is the verdict. */
export const judgeFunds = (state: EngineState, needs: readonly LegNeed[], except: GroupId | null): FundsVerdict => {
  const all = claims(state, needs, except);
  let verdict: FundsVerdict | null = null;
  for (const { venue, kind, ccy } of needs.map((need) => claimOf(state, need))) {
    const { account, venueId } = venue;
    if (account === null) return unknown(`${venueId}: the account is not known yet`);
    const needed = all.filter((c) => c.venue === venue && c.kind === kind && c.ccy === ccy).reduce((sum, c) => sum + c.amount, 0);
    const balance = account.balances.find((b) => b.ccy === ccy);
    const free = kind === 'margin' ? account.marginFree : (balance?.free ?? '0');
    if (free === null) return unknown(`${venueId}: free margin is not known`);
    const what = kind === 'margin' ? 'free margin' : 'free';
    const judged = {
      passed: Number(free) >= needed,
      measured: needed,
      limit: Number(free),
      text: `${venueId}: ${figure(needed)} ${ccy} needed with what is reserved, ${figure(Number(free))} ${what}`,
    };
    if (!judged.passed) return judged;
    verdict ??= judged;
  }
  return verdict ?? unknown('nothing to pay for');
};

/** Equity over used margin after the entry, in percent, at the account that comes out worst. */
export const judgeMargin = (state: EngineState, needs: readonly LegNeed[], except: GroupId | null): FundsVerdict => {
  const all = claims(state, needs, except);
  const least = state.book.limits.minMarginLevelPct;
  let worst: FundsVerdict | null = null;
  for (const { venue, kind } of needs.map((need) => claimOf(state, need))) {
    if (kind === 'balance') continue;
    const { account, venueId } = venue;
    if (account === null || account.marginUsed === null) return unknown(`${venueId}: used margin is not known`);
    const added = all.filter((c) => c.venue === venue && c.kind === 'margin').reduce((sum, c) => sum + c.amount, 0);
    const level = (Number(account.equity) / (Number(account.marginUsed) + added)) * 100;
    if (worst !== null && level >= worst.measured!) continue;
    const text = `${venueId}: margin level ${figure(level)} % after the entry, at least ${least} % needed`;
    worst = { passed: level >= least, measured: level, limit: least, text };
    if (Number.isNaN(level)) return { ...worst, measured: null };
  }
  return worst ?? { passed: true, measured: null, limit: least, text: 'both legs are paid in full' };
};
