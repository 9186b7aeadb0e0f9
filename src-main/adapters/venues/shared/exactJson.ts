/**
 * The slow and complete way to read a venue's JSON: integers beyond 2^53 stay exact, decimals of more digits than a
 * double carries are refused. The byte scanner is measured against this.
 */
import { MAX_EXACT_DIGITS } from '../../../../src-shared/domain/decimal.ts';

interface SourceContext {
  readonly source?: string;
}

const WHOLE = /^-?\d+$/;

const keepExact = (_key: string, value: unknown, context?: SourceContext): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined && WHOLE.test(context.source)
    ? BigInt(context.source)
    : value;

/** Whatever the text looks like; several times the cost of parsing. @throws SyntaxError */
export const parseByReviver = (text: string): unknown => JSON.parse(text, keepExact);

/**
 * Shorter whole numbers are exact anyway, and a reviver costs several times the parsing. A number starts behind one of these; digits
 * behind a quote are a text, as OKX writes its ids.
 */
const LONG_NUMBER = /(?:^|[:,[\s-])\d{16}/g;
/** A long whole number where a value may stand; no name can, for a colon would follow it. Starts with what stands before it. */
const LONG_VALUE = /(?:^|[:,[ \t\r\n])-?[1-9]\d{15,}(?=[ \t\r\n]*(?:[,\]}]|$))/g;
/** Set before the digits of a number that is carried past the parser as a text; a frame that has one itself is read by the reviver. */
const MARK = '\u{e000}';
const MARK_CODE = 0xe000;

/** JSON.parse with whole numbers beyond 2^53 as bigint. @throws SyntaxError */
export const parseExact = (text: string): unknown => {
  LONG_NUMBER.lastIndex = 0;
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  if (text.includes('\\') || text.includes(MARK)) return parseByReviver(text);
  const carried = withLongAsTexts(text, Math.max(0, LONG_NUMBER.lastIndex - BEFORE_16));
  try {
    return broughtBack(JSON.parse(carried.text), carried);
  } catch {
    return parseByReviver(text);
  }
};
/** The sixteen digits, a sign, and what stands before them. */
const BEFORE_16 = 18;

/** `left`: how many numbers are still texts; of a member that is named twice the first is lost on the way, and then all is looked through. */
interface Carried {
  readonly text: string;
  left: number;
}

/** Of a text without escapes. In a string, the quote ends it and the mark stands where none may: no JSON, and the reviver's to read. */
const withLongAsTexts = (text: string, searchFrom: number): Carried => {
  let carried = '';
  let left = 0;
  let from = 0;
  LONG_VALUE.lastIndex = searchFrom;
  for (let found = LONG_VALUE.exec(text); found !== null; found = LONG_VALUE.exec(text)) {
    const [match] = found;
    const first = match.charCodeAt(0);
    const start = found.index + (first === MINUS || (first > ZERO && first <= NINE) ? 0 : 1);
    carried += `${text.slice(from, start)}"${MARK}${text.slice(start, LONG_VALUE.lastIndex)}"`;
    from = LONG_VALUE.lastIndex;
    left += 1;
  }
  return { text: carried + text.slice(from), left };
};
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

const broughtBack = (value: unknown, carried: Carried): unknown => {
  if (typeof value === 'string' && value.charCodeAt(0) === MARK_CODE) {
    carried.left -= 1;
    return wholeOf(value.slice(MARK.length));
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'string' ? member.charCodeAt(0) === MARK_CODE : typeof member === 'object') {
      const back = broughtBack(member, carried);
      if (back !== member) members[key] = back;
      if (carried.left === 0) break;
    }
  }
  return value;
};

const wholeOf = (digits: string): number | bigint => {
  const rounded = Number(digits);
  return Number.isSafeInteger(rounded) ? rounded : BigInt(digits);
};

const PLAIN_DECIMAL = /^(\d{1,24})(?:\.(\d{1,24}))?$/;

/** A plain decimal text as a number; NaN where it is none or carries more than 15 significant digits. */
export const numberOfDecimalText = (text: string): number => {
  const parts = PLAIN_DECIMAL.exec(text);
  if (parts === null) return Number.NaN;
  const digits = `${parts[1]}${parts[2] ?? ''}`.replace(/^0+/, '').replace(/0+$/, '');
  return digits.length > MAX_EXACT_DIGITS ? Number.NaN : Number(text);
};
