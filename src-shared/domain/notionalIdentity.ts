/**
 * What one unit of a leg is on the other: "1.00 lot XAUUSD = 100 XAU = 100,000 contracts". Pure; the figures are the venues'
 * own. A person compares this line with the contract specifications before anything is traded.
 */
import { Decimal, fractionDigitsOf, type DecimalText } from './decimal.ts';
import type { Instrument } from './instrument.ts';

/** The part of an instrument that the identity needs. */
export type UnitTerms = Pick<Instrument, 'symbol' | 'kind' | 'baseCcy' | 'baseQtyPerUnit' | 'qtyStep'>;

export interface NotionalIdentity {
  /** One lot of `a` in base units, and in units of `b`. */
  readonly baseQty: DecimalText;
  readonly otherQty: DecimalText;
  /** Smallest size in base units that both legs can hold exactly; null where none within a thousand steps fits. */
  readonly commonStepBaseQty: DecimalText | null;
}

/** Steps of the coarser leg that are tried before none is said to fit. */
const MAX_STEPS_TRIED = 1_000;

const commonStep = (a: Decimal, b: Decimal): DecimalText | null => {
  const [coarse, fine] = a.gte(b) ? [a, b] : [b, a];
  for (let steps = 1; steps <= MAX_STEPS_TRIED; steps += 1) {
    const size = coarse.times(steps);
    if (size.mod(fine).isZero()) return size.toFixed();
  }
  return null;
};

/** `a` is the leg counted in lots. */
export const notionalIdentity = (a: UnitTerms, b: UnitTerms): NotionalIdentity => {
  const perLot = new Decimal(a.baseQtyPerUnit);
  const perUnit = new Decimal(b.baseQtyPerUnit);
  return {
    baseQty: perLot.toFixed(),
    otherQty: perLot.div(perUnit).toSignificantDigits(15).toFixed(),
    commonStepBaseQty: commonStep(perLot.times(a.qtyStep), perUnit.times(b.qtyStep)),
  };
};

/** Groups of three by a plain comma: this text also goes to terminals and files. */
const grouped = (decimal: DecimalText): string => {
  const [whole = '0', fraction] = decimal.split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
};

/** What a unit of the venue is called: lots are MetaTrader's, contracts OKX's and other multiples', else it is the base itself. */
const unitWord = ({ kind, baseQtyPerUnit, baseCcy }: UnitTerms): string =>
  kind !== 'spot' && !new Decimal(baseQtyPerUnit).eq(1) ? 'contracts' : baseCcy;

/** `1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP`. */
export const identityText = (a: UnitTerms, b: UnitTerms): string => {
  const { baseQty, otherQty } = notionalIdentity(a, b);
  const lot = new Decimal(1).toFixed(fractionDigitsOf(a.qtyStep));
  return `${lot} lot ${a.symbol} = ${grouped(baseQty)} ${a.baseCcy} = ${grouped(otherQty)} ${unitWord(b)} ${b.symbol}`;
};
