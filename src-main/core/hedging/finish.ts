/**
 * The end of a group: its result in decimals, from what was booked alone, and the last move. What was left in the group (dust,
 * adopted) is valued at the mid; a fee in a currency that nothing converts is named, not guessed.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { CloseReason, GroupResult, HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import { isOpening, LEGS, type LegName } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import { countRung } from '../live/ladder.ts';
import { note } from '../notes.ts';
import { noteGroupEnded } from '../risk/bookkeeping.ts';
import { usdOfFeeCcy } from '../risk/exposure.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { signOf, ZERO } from './exposure.ts';
import { instrumentOfLeg, moveGroup, ordersOf, pairOfGroup } from './records.ts';

/** Mid of the newest quote, or the decision's touch where there is none. */
const midPx = (x: InstrumentState, leg: LegRecord): Decimal =>
  x.fault === 'none' && Number.isFinite(x.bidPx) && Number.isFinite(x.askPx)
    ? decimalOfWireNumber(x.bidPx).plus(decimalOfWireNumber(x.askPx)).div(2)
    : new Decimal(leg.referencePx);

/** Leg a's quote currency in leg b's: as it is now, else as it was at the decision. */
export const rateOf = (pair: PairState, group: HedgeGroup): Decimal =>
  new Decimal(Number.isFinite(pair.rate) && pair.rate > 0 ? pair.rate : group.conversionRate);

/** As it was named at the decision; the venue may not have spoken yet in this run. */
const currencyOf = (x: InstrumentState, leg: LegRecord, which: 'baseCcy' | 'quoteCcy'): string | null =>
  leg[which] ?? x.metadata?.[which] ?? x.settings.expected[which] ?? null;

/** What one unit of a currency is worth in leg b's quote currency; null = nothing here converts it. */
export const worthOf = (state: EngineState, pair: PairState, group: HedgeGroup, ccy: string): Decimal | null => {
  const { a, b } = group.legs;
  if (ccy === currencyOf(pair.b, b, 'quoteCcy')) return new Decimal(1);
  if (ccy === currencyOf(pair.a, a, 'quoteCcy')) return rateOf(pair, group);
  if (ccy === currencyOf(pair.b, b, 'baseCcy')) return midPx(pair.b, b);
  if (ccy === currencyOf(pair.a, a, 'baseCcy')) return midPx(pair.a, a).times(rateOf(pair, group));
  const usd = usdOfFeeCcy(state, ccy);
  return usd === null ? null : decimalOfWireNumber(usd).div(pair.settings.usdPerQuoteCcy);
};

export interface FeeSum {
  readonly fees: Decimal;
  /** Currencies that could not be converted, with their amounts. */
  readonly unvalued: readonly string[];
}

/** Fees of both legs in leg b's quote currency. */
export const feesOf = (state: EngineState, pair: PairState, group: HedgeGroup): FeeSum => {
  let fees = ZERO;
  const unvalued: string[] = [];
  for (const name of LEGS) {
    for (const [ccy, amount] of Object.entries(group.legs[name].fees)) {
      const worth = worthOf(state, pair, group, ccy);
      if (worth !== null) fees = fees.plus(worth.times(amount));
      else if (!new Decimal(amount).isZero()) unvalued.push(`${amount} ${ccy}`);
    }
  }
  return { fees, unvalued };
};

/**
 * Cash of both legs, and at the mid what was settled out of them and what fees took in kind (they are counted among the fees, and
 * must not be missed twice), in leg b's quote currency.
 */
const grossOf = (pair: PairState, group: HedgeGroup): Decimal => {
  const valueOf = (name: LegName): Decimal => {
    const leg = group.legs[name];
    const left = new Decimal(leg.settledQty ?? 0)
      .plus(leg.feeQty ?? 0)
      .times(leg.baseQtyPerUnit)
      .times(signOf(leg.side));
    return left.times(midPx(instrumentOfLeg(pair, name), leg)).plus(leg.cash);
  };
  return valueOf('a').times(rateOf(pair, group)).plus(valueOf('b'));
};

/** Against the decision's quote when opening, against the order's own quote when closing; weighted by quantity; positive = worse. */
const slippageBps = (state: EngineState, leg: LegRecord): number => {
  let weighted = ZERO;
  let total = ZERO;
  for (const { request, avgPx, bookedQty } of ordersOf(state, leg)) {
    if (avgPx === null) continue;
    const relied = isOpening(request.purpose) ? leg.referencePx : request.side === 'buy' ? request.quote.askPx : request.quote.bidPx;
    const worse = new Decimal(avgPx).minus(relied).times(signOf(request.side)).div(relied).times(BPS_PER_UNIT);
    weighted = weighted.plus(worse.times(bookedQty));
    total = total.plus(bookedQty);
  }
  return total.isZero() ? 0 : weighted.div(total).toNumber();
};

export interface Valued {
  readonly result: GroupResult;
  readonly unvalued: FeeSum['unvalued'];
}

/** Of one leg, in leg b's quote currency. */
export const notionalOf = ({ legs: { b }, baseQty }: HedgeGroup): Decimal =>
  Decimal.max(new Decimal(b.openedQty).times(b.baseQtyPerUnit), baseQty).times(b.referencePx);

export const resultOf = (state: EngineState, pair: PairState, group: HedgeGroup): Valued => {
  const gross = grossOf(pair, group);
  const { fees, unvalued } = feesOf(state, pair, group);
  const net = gross.minus(fees);
  const notional = notionalOf(group);
  const result: GroupResult = {
    gross: gross.toFixed(),
    fees: fees.toFixed(),
    net: net.toFixed(),
    ccy: currencyOf(pair.b, group.legs.b, 'quoteCcy') ?? '',
    netUsd: net.times(pair.settings.usdPerQuoteCcy).toNumber(),
    netBps: notional.isZero() ? 0 : net.div(notional).times(BPS_PER_UNIT).toNumber(),
    slippageBps: { a: slippageBps(state, group.legs.a), b: slippageBps(state, group.legs.b) },
  };
  return { result, unvalued };
};

const REASON_TEXT: Readonly<Record<CloseReason, string>> = {
  convergence: 'the spread has come back to the centre',
  'take-profit': 'the profit was taken',
  stop: 'the stop was reached',
  'holding-time': 'it was held long enough',
  session: 'a session was about to end',
  operator: 'an operator closed it',
  flatten: 'flatten',
  external: 'a leg was closed at its venue by somebody else',
  failed: 'the opening came to nothing',
};

/** Both legs are flat and nothing is in flight or uncertain. */
export const finishGroup = (state: EngineState, group: HedgeGroup): HedgeGroup => {
  const closeReason = group.closeReason ?? 'failed';
  const pair = pairOfGroup(state, group);
  const { result, unvalued } = pair === null ? { result: null, unvalued: [] } : resultOf(state, pair, group);
  let why = REASON_TEXT[closeReason];
  if (unvalued.length > 0) {
    why += `; not in the result: ${unvalued.join(', ')}`;
    note(state, 'error', 'group', group.id, `fees that nothing converts are not in the result: ${unvalued.join(', ')}`);
  }
  const ended = moveGroup(state, group, 'flat', why, {
    closeReason,
    endedUnixMs: state.unixMs,
    result,
  });
  noteGroupEnded(state, sinceCounted(ended, group.result));
  if (group.result === null) countRung(state, ended);
  return ended;
};

/** A group that a late fill had opened again was counted once already: only the difference counts now. */
const sinceCounted = (ended: HedgeGroup, counted: GroupResult | null): HedgeGroup =>
  ended.result === null || counted === null
    ? ended
    : { ...ended, result: { ...ended.result, netUsd: ended.result.netUsd - counted.netUsd } };
