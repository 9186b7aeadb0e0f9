/**
 * Numbers as the trader reads them: true minus, sign where a sign means something, a dash for what is not known.
 * Display only: nothing here may feed a calculation, and nothing unknown may come out as a zero.
 */

export const UNKNOWN = '—';
export const MINUS = '−';

type Figure = number | null | undefined;

const isKnown = (value: Figure): value is number => typeof value === 'number' && Number.isFinite(value);

const magnitude = (value: number, digits: number): string => Math.abs(value).toFixed(digits);

/** `+7.2`, `−1.4`: the sign is that of the value, also where the rounded figure is zero. */
export const signed = (value: Figure, digits: number): string =>
  isKnown(value) ? `${value < 0 ? MINUS : '+'}${magnitude(value, digits)}` : UNKNOWN;

/** `7.2`, `−1.4`: for figures whose plus sign says nothing (prices, ages, counts). */
export const plain = (value: Figure, digits: number): string =>
  isKnown(value) ? `${value < 0 ? MINUS : ''}${magnitude(value, digits)}` : UNKNOWN;

export const bps = (value: Figure): string => signed(value, 1);

/** Price by the tick's digits; where the metadata has not come yet, as many digits as the number has, at most 8. */
export const price = (value: Figure, pxDigits: number | null): string => {
  if (!isKnown(value)) return UNKNOWN;
  return pxDigits === null ? fullPrecision(Number(value.toFixed(8))) : plain(value, pxDigits);
};

/** A share of 0–1 as `1.4`: the column head carries the per cent sign. Below 0.05 % but not zero: `<0.1`. */
export const percentOf = (share: Figure, digits = 1): string => {
  if (!isKnown(share)) return UNKNOWN;
  const smallest = 10 ** -digits;
  if (share > 0 && share * 100 < smallest / 2) return `<${smallest.toFixed(digits)}`;
  return plain(share * 100, digits);
};

/** Whole numbers in groups of three by a narrow no-break space. */
export const count = (value: Figure): string => {
  if (!isKnown(value)) return UNKNOWN;
  const digits = magnitude(value, 0).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return `${value < 0 && Math.round(value) !== 0 ? MINUS : ''}${digits}`;
};

/** Sizes: up to 5 significant digits, no exponent. */
export const quantity = (value: Figure): string => {
  if (!isKnown(value)) return UNKNOWN;
  if (value === 0) return '0';
  const digits = Math.min(8, Math.max(0, 4 - Math.floor(Math.log10(Math.abs(value)))));
  const text = plain(value, digits);
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
};

/** What goes to the clipboard and to files: every digit the number has, ASCII minus, empty when unknown. */
export const fullPrecision = (value: Figure): string => {
  if (!isKnown(value)) return '';
  const text = String(value);
  if (!text.includes('e')) return text;
  return value.toFixed(20).replace(/0+$/, '').replace(/\.$/, '');
};

/** An exact decimal as text, with a true sign: `9.1` → `+9.1`. */
export const signedText = (decimal: string): string => (decimal.startsWith('-') ? `${MINUS}${decimal.slice(1)}` : `+${decimal}`);

/** How many characters must follow `text` so that a column whose widest fraction has `digits` aligns on the point. */
export const padAfter = (text: string, digits: number): { readonly digits: number; readonly point: boolean } => {
  const at = text.indexOf('.');
  const own = at < 0 ? 0 : text.length - at - 1;
  return { digits: Math.max(0, digits - own), point: at < 0 && digits > 0 };
};

/** A sentence of the engine's with true minus signs before its figures; hyphens inside words stay. */
export const trueMinus = (sentence: string): string => sentence.replaceAll(/(^|[\s(])-(?=\d)/g, `$1${MINUS}`);
