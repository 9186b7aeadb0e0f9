/**
 * Judges decimals by their digits, as they are written: exact, and without arithmetic on objects where plain integers carry it. What is
 * written in any other way (signs, exponents, more digits than a double counts) is left to `Decimal`. Pure.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';

const POINT = 46;
const ZERO = 48;
const NINE = 57;

/** The venue's decimal in our one spelling: `"0.01000000"` → `"0.01"`. @throws Error for what is no decimal. */
export const plainDecimal = (text: string): string => {
  const { length } = text;
  let point = -1;
  /** Behind the last digit that says something. */
  let end = 0;
  for (let i = 0; i < length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === POINT && point === -1 && i > 0 && i < length - 1) point = i;
    else if (char < ZERO || char > NINE) return new Decimal(text).toFixed();
    else if (point === -1 || char !== ZERO) end = i + 1;
  }
  const isPadded = length > 1 && point !== 1 && text.charCodeAt(0) === ZERO;
  if (length === 0 || isPadded) return new Decimal(text).toFixed();
  return end === length ? text : text.slice(0, end);
};

const fractionOf = (text: string): number => {
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
};

/** How many times 10^−`digits` this is; NaN = it is not written plainly, or a double does not count that far. */
const countOf = (text: string, digits: number): number => {
  const point = text.indexOf('.');
  if (text === '' || point === 0 || point === text.length - 1) return Number.NaN;
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (i === point) continue;
    const char = text.charCodeAt(i);
    if (char < ZERO || char > NINE) return Number.NaN;
    count = count * 10 + (char - ZERO);
  }
  for (let missing = digits - fractionOf(text); missing > 0; missing -= 1) count *= 10;
  return count <= Number.MAX_SAFE_INTEGER ? count : Number.NaN;
};

/** Whether `amount` is a whole number of `step`s, exactly; nothing is a multiple of zero. @throws Error for what is no decimal. */
export const isMultipleOf = (amount: string, step: string): boolean => {
  const digits = Math.max(fractionOf(amount), fractionOf(step));
  // NaN comes out where either count is none, and where the step is zero.
  const rest = countOf(amount, digits) % countOf(step, digits);
  return Number.isNaN(rest) ? new Decimal(amount).mod(step).isZero() : rest === 0;
};

/** A step that many amounts are held against. */
export interface Step {
  readonly text: string;
  readonly digits: number;
  /** NaN or 0 = not to be counted with. */
  readonly count: number;
}
export const stepOf = (text: string): Step => {
  const digits = fractionOf(text);
  return { text, digits, count: countOf(text, digits) };
};

/** As {@link isMultipleOf}. @throws Error for what is no decimal. */
export const isMultipleOfStep = (amount: string, { text, digits, count }: Step): boolean => {
  if (fractionOf(amount) > digits) return isMultipleOf(amount, text);
  const rest = countOf(amount, digits) % count;
  return Number.isNaN(rest) ? isMultipleOf(amount, text) : rest === 0;
};

/** Whether `a` > `b`, exactly. @throws Error for what is no decimal. */
export const isAbove = (a: string, b: string): boolean => {
  const digits = Math.max(fractionOf(a), fractionOf(b));
  const [mine, other] = [countOf(a, digits), countOf(b, digits)];
  return Number.isNaN(mine + other) ? new Decimal(a).gt(b) : mine > other;
};
