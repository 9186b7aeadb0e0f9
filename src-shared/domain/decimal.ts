/**
 * Money and quantity. Owns the one decimal type of the house; no float may become money except through
 * `decimalOfWireNumber`, whose exactness is argued there.
 */
import { Decimal as DecimalJs } from 'decimal.js';

/** 40 significant digits, half-even: an isolated constructor, so that no library can change our rounding. */
export const Decimal = DecimalJs.clone({ precision: 40, rounding: DecimalJs.ROUND_HALF_EVEN, toExpNeg: -30, toExpPos: 30 });
export type Decimal = DecimalJs;

/** Plain decimal notation, for example `"0.001"`; never exponent notation. */
export type DecimalText = string;

/** A double carries every decimal of up to this many significant digits through text → double → text unharmed (IEEE 754). */
export const MAX_EXACT_DIGITS = 15;

/**
 * The exact decimal behind a number that a decoder read from at most {@link MAX_EXACT_DIGITS} significant digits.
 * Decoders refuse longer figures, hence the shortest round-trip text of the double is the venue's own decimal.
 * @throws RangeError for NaN and infinities: "not known" must never turn into an amount.
 */
export const decimalOfWireNumber = (value: number): Decimal => {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite amount: ${value}`);
  return new Decimal(value.toString());
};

/** Digits behind the point that a step needs: `"0.05"` → 2. */
export const fractionDigitsOf = (step: DecimalText): number => new Decimal(step).decimalPlaces();
