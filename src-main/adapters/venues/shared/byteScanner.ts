/**
 * Reads JSON straight from a frame's bytes, without building strings or objects. Every function takes an index and
 * returns the next one, or `SURPRISE` for anything that it does not want to judge: the caller then asks JSON.parse.
 * Invariant: what is accepted here, JSON.parse accepts with the same meaning. Never throws, never allocates
 * (ids beyond 2^53 excepted).
 */
import { MAX_EXACT_DIGITS } from '../../../../src-shared/domain/decimal.ts';
import type { ExactInteger } from '../../../../src-shared/domain/quote.ts';

export const SURPRISE = -1;
/** Deeper values are left to JSON.parse. */
export const MAX_SKIP_DEPTH = 32;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;

export type Bytes = Uint8Array;

/** Index of the first byte that is not JSON white space; may be the length. */
export const skipSpace = (bytes: Bytes, at: number): number => {
  // Venues send none, hence the test that ends at once stands first. Never reads past the end: an `undefined` among
  // the bytes would make every later comparison here a slow one.
  const n = bytes.length;
  if (at >= n || bytes[at]! > SPACE) return at;
  let i = at;
  while (i < n && (bytes[i] === SPACE || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09)) i++;
  return i;
};

/** `at` is behind the opening quote; returns the index of the closing one. Escapes and control bytes are surprises. */
export const plainStringEnd = (bytes: Bytes, at: number): number => {
  const n = bytes.length;
  for (let i = at; i < n; i++) {
    const c = bytes[i]!;
    if (c === QUOTE) return i;
    if (c === BACKSLASH || c < SPACE) return SURPRISE;
  }
  return SURPRISE;
};

/** Whether `[start, end)` is exactly `spelling`. */
export const isSpelt = (spelling: Bytes, bytes: Bytes, start: number, end: number): boolean => {
  if (spelling.length !== end - start) return false;
  for (let i = 0; i < spelling.length; i++) if (spelling[i] !== bytes[start + i]) return false;
  return true;
};

const isHex = (c: number): boolean => (c >= ZERO && c <= NINE) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66);

/** Index behind the escape whose backslash is at `at`. */
const skipEscape = (bytes: Bytes, at: number): number => {
  switch (bytes[at + 1]) {
    case undefined:
      return SURPRISE;
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at + 2;
    case 0x75:
      for (let i = at + 2; i < at + 6; i++) if (i >= bytes.length || !isHex(bytes[i]!)) return SURPRISE;
      return at + 6;
    default:
      return SURPRISE;
  }
};

/** `at` is behind the opening quote; returns the index behind the closing one. */
const skipString = (bytes: Bytes, at: number): number => {
  const n = bytes.length;
  let i = at;
  while (i < n) {
    const c = bytes[i]!;
    if (c === QUOTE) return i + 1;
    if (c < SPACE) return SURPRISE;
    if (c === BACKSLASH) {
      i = skipEscape(bytes, i);
      if (i === SURPRISE) return SURPRISE;
    } else i++;
  }
  return SURPRISE;
};

const skipDigits = (bytes: Bytes, at: number): number => {
  let i = at;
  while (bytes[i]! >= ZERO && bytes[i]! <= NINE) i++;
  return i;
};

const skipNumber = (bytes: Bytes, at: number): number => {
  let i = bytes[at] === MINUS ? at + 1 : at;
  const whole = skipDigits(bytes, i);
  if (whole === i || (bytes[i] === ZERO && whole > i + 1)) return SURPRISE;
  i = whole;
  if (bytes[i] === POINT) {
    const fraction = skipDigits(bytes, i + 1);
    if (fraction === i + 1) return SURPRISE;
    i = fraction;
  }
  if (bytes[i] === 0x65 || bytes[i] === 0x45) {
    const signed = bytes[i + 1] === PLUS || bytes[i + 1] === MINUS ? i + 2 : i + 1;
    i = skipDigits(bytes, signed);
    if (i === signed) return SURPRISE;
  }
  return i;
};

const matches = (bytes: Bytes, at: number, word: string): boolean => {
  for (let k = 0; k < word.length; k++) if (bytes[at + k] !== word.charCodeAt(k)) return false;
  return true;
};

const skipContainer = (bytes: Bytes, at: number, depth: number): number => {
  const isObject = bytes[at] === OPEN_BRACE;
  const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
  let i = skipSpace(bytes, at + 1);
  if (bytes[i] === close) return i + 1;
  for (;;) {
    if (isObject) {
      if (bytes[i] !== QUOTE) return SURPRISE;
      i = skipString(bytes, i + 1);
      if (i === SURPRISE) return SURPRISE;
      i = skipSpace(bytes, i);
      if (bytes[i] !== COLON) return SURPRISE;
      i = skipSpace(bytes, i + 1);
    }
    i = skipValue(bytes, i, depth + 1);
    if (i === SURPRISE) return SURPRISE;
    i = skipSpace(bytes, i);
    if (bytes[i] === close) return i + 1;
    if (bytes[i] !== COMMA) return SURPRISE;
    i = skipSpace(bytes, i + 1);
  }
};

/** Index behind the value that begins at `at`, whatever it is. */
export const skipValue = (bytes: Bytes, at: number, depth = 0): number => {
  switch (bytes[at]) {
    case undefined:
      return SURPRISE;
    case QUOTE:
      return skipString(bytes, at + 1);
    case OPEN_BRACE:
    case OPEN_BRACKET:
      return depth >= MAX_SKIP_DEPTH ? SURPRISE : skipContainer(bytes, at, depth);
    case 0x74:
      return matches(bytes, at, 'true') ? at + 4 : SURPRISE;
    case 0x66:
      return matches(bytes, at, 'false') ? at + 5 : SURPRISE;
    case 0x6e:
      return matches(bytes, at, 'null') ? at + 4 : SURPRISE;
    default:
      return skipNumber(bytes, at);
  }
};

/** Where the last number read by `scanInteger` or `scanDecimalText` ended; a second return value without an object. */
export const scanned = { end: 0 };

/** Digits of which every value is exact in a double. */
const ALWAYS_EXACT_DIGITS = 15;

/**
 * The unsigned integer at `at`: a number where that is exact, else a bigint; `scanned.end` is the index behind it.
 * `SURPRISE` for fractions, exponents, signs and leading zeros.
 */
export const scanInteger = (bytes: Bytes, at: number): ExactInteger => {
  let value = 0;
  let i = at;
  for (; ; i++) {
    const digit = bytes[i]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  const next = bytes[i];
  if (i === at || (bytes[at] === ZERO && i > at + 1) || next === POINT || next === 0x65 || next === 0x45) return SURPRISE;
  scanned.end = i;
  return i - at > ALWAYS_EXACT_DIGITS ? readLongInteger(bytes, at, i) : value;
};

const readLongInteger = (bytes: Bytes, start: number, end: number): ExactInteger => {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  const exact = BigInt(text);
  return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact;
};

/** Every power of ten that a double holds exactly. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
/** The longest decimal that is read here; longer ones go to JSON.parse and its own bound. */
const MAX_DECIMAL_BYTES = 24;
/** From here on a mantissa may have lost a digit, and has more than `MAX_EXACT_DIGITS`. */
const MANTISSA_BOUND = 10 ** MAX_EXACT_DIGITS;

/**
 * The plain decimal between the quote at `at` and the next one; `scanned.end` is the index behind the latter.
 * Correctly rounded: an integer below 2^53 divided by an exact power of ten needs one rounding only.
 * NaN for everything else, more than 15 significant digits included.
 */
export const scanDecimalText = (bytes: Bytes, at: number): number => {
  if (bytes[at] !== QUOTE) return Number.NaN;
  const start = at + 1;
  let i = start;
  let mantissa = 0;
  for (; ; i++) {
    const digit = bytes[i]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    mantissa = mantissa * 10 + digit;
  }
  const point = i;
  if (i === start) return Number.NaN;
  if (bytes[i] === POINT) {
    for (i++; ; i++) {
      const digit = bytes[i]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      mantissa = mantissa * 10 + digit;
    }
    if (i === point + 1) return Number.NaN;
  }
  if (bytes[i] !== QUOTE || i - start > MAX_DECIMAL_BYTES) return Number.NaN;
  scanned.end = i + 1;
  if (mantissa >= MANTISSA_BOUND) return withoutTrailingZeros(bytes, start, point, i);
  return point === i ? mantissa : mantissa / POWERS_OF_TEN[i - point - 1]!;
};

/** Zeros at the end of a fraction carry nothing, but would exceed the exact range. */
const withoutTrailingZeros = (bytes: Bytes, start: number, point: number, end: number): number => {
  let last = end;
  while (last > point + 1 && bytes[last - 1] === ZERO) last--;
  let mantissa = 0;
  for (let i = start; i < last; i++) if (i !== point) mantissa = mantissa * 10 + (bytes[i]! - ZERO);
  return point === end || mantissa >= MANTISSA_BOUND ? Number.NaN : mantissa / POWERS_OF_TEN[last - point - 1]!;
};
