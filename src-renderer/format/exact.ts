/** Exact decimals as the engine writes them: sums and roundings for the eye, never for an order. */
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { MINUS, UNKNOWN } from './numbers.ts';

export const sumOf = (decimals: readonly string[]): string => decimals.reduce((sum, text) => sum.plus(text), new Decimal(0)).toFixed();

export const minus = (x: string, y: string): string => new Decimal(x).minus(y).toFixed();

export const negated = (decimal: string): string => new Decimal(decimal).neg().toFixed();

export const isZeroText = (decimal: string): boolean => /^-?0*\.?0*$/.test(decimal);

/** A quantity with its sign: `+0.10`, `−1`, and a bare `0` for nothing. */
export const signedQty = (decimal: string | null | undefined): string => {
  if (decimal === null || decimal === undefined) return UNKNOWN;
  if (isZeroText(decimal)) return '0';
  return decimal.startsWith('-') ? `${MINUS}${decimal.slice(1)}` : `+${decimal}`;
};

/** Money as text to two places, with its sign: `+1.31`, `−0.62`. */
export const moneyText = (decimal: string | null | undefined): string => {
  if (decimal === null || decimal === undefined) return UNKNOWN;
  const rounded = new Decimal(decimal).toFixed(2);
  return rounded.startsWith('-') ? `${MINUS}${rounded.slice(1)}` : `+${rounded}`;
};

/** A price by its tick's digits; every digit it has where they are not known. */
export const priceText = (decimal: string | null | undefined, pxDigits: number | null): string => {
  if (decimal === null || decimal === undefined) return UNKNOWN;
  const shown = pxDigits === null ? decimal : new Decimal(decimal).toFixed(pxDigits);
  return shown.startsWith('-') ? `${MINUS}${shown.slice(1)}` : shown;
};
