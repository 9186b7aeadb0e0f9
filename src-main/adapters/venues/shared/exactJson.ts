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

/**
 * Shorter whole numbers are exact anyway, and a reviver costs several times the parsing. A number starts behind one of these; digits
 * behind a quote are a text, as OKX writes its ids.
 */
const LONG_NUMBER = /(?:^|[:,[\s-])\d{16}/;

/** JSON.parse with whole numbers beyond 2^53 as bigint. @throws SyntaxError */
export const parseExact = (text: string): unknown => (LONG_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text));

const PLAIN_DECIMAL = /^(\d{1,24})(?:\.(\d{1,24}))?$/;

/** A plain decimal text as a number; NaN where it is none or carries more than 15 significant digits. */
export const numberOfDecimalText = (text: string): number => {
  const parts = PLAIN_DECIMAL.exec(text);
  if (parts === null) return Number.NaN;
  const digits = `${parts[1]}${parts[2] ?? ''}`.replace(/^0+/, '').replace(/0+$/, '');
  return digits.length > MAX_EXACT_DIGITS ? Number.NaN : Number(text);
};
