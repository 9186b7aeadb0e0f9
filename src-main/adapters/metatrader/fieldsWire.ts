/**
 * The fields that messages of the MetaTrader protocol are made of, and the refusal that names one. Pure; owns no state.
 * Each field carries the JSON schema of what may stand on the wire, because its check is a transform that has none.
 */
import { z } from 'zod';
import { Decimal, MAX_EXACT_DIGITS, type DecimalText } from '../../../src-shared/domain/decimal.ts';

export const MAX_SYMBOL_LENGTH = 32;
/** Free text of people and brokers is cut here; it is shown, never compared. */
export const MAX_FREE_TEXT = 256;

/** A refusal: HTTP status plus the body `{error:{code,field,message}}`. */
export class WireRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  constructor(status: number, code: string, field: string | null, message: string) {
    super(message);
    this.name = 'WireRefusal';
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

const PLAIN_DECIMAL = /^-?\d{1,18}(\.\d{1,16})?$/;

/** Zeros at either end carry nothing: `DoubleToString` pads with them. */
const significantDigits = (text: string): number =>
  (text.split(/e/i)[0] ?? '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;

/** A JSON number or a plain decimal in quotes, as text that still has every digit. @returns a fault in place of it */
const plainText = (raw: unknown, inQuotes: 'allowed' | 'refused'): { readonly text: string } | { readonly fault: string } => {
  if (raw === undefined) return { fault: 'is missing' };
  if (typeof raw === 'string' && inQuotes === 'refused') return { fault: 'must be a number, not in quotes' };
  if (typeof raw !== 'number' && typeof raw !== 'string') return { fault: 'a number, or a plain decimal in quotes' };
  if (typeof raw === 'number' ? !Number.isFinite(raw) : !PLAIN_DECIMAL.test(raw))
    return { fault: 'a finite number, or a plain decimal in quotes' };
  const text = String(raw);
  return significantDigits(text) > MAX_EXACT_DIGITS ? { fault: `more than ${MAX_EXACT_DIGITS} significant digits` } : { text };
};

const DECIMAL_TEXT_SCHEMA = { type: 'string' as const, pattern: PLAIN_DECIMAL.source };

/** An amount, exact. */
const decimal = (description: string, rule: (value: Decimal) => string | null) =>
  z
    .unknown()
    .meta({ anyOf: [{ type: 'number' }, DECIMAL_TEXT_SCHEMA], description })
    .transform((raw, context): DecimalText => {
      const read = plainText(raw, 'allowed');
      const value = 'text' in read ? new Decimal(read.text) : null;
      const fault = 'fault' in read ? read.fault : value === null ? null : rule(value);
      if (fault === null && value !== null) return value.isZero() ? '0' : value.toFixed();
      context.addIssue({ code: 'custom', message: fault ?? 'invalid' });
      return z.NEVER;
    });

/** A price as a signal: a number from so few digits that its decimal can always be had back. */
export const signalPrice = (inQuotes: 'allowed' | 'refused') =>
  z
    .unknown()
    .meta({ anyOf: inQuotes === 'allowed' ? [{ type: 'number' }, DECIMAL_TEXT_SCHEMA] : [{ type: 'number' }], description: 'above zero' })
    .transform((raw, context): number => {
      const read = plainText(raw, inQuotes);
      const value = 'text' in read ? Number(read.text) : 0;
      if (value > 0) return value;
      context.addIssue({ code: 'custom', message: 'fault' in read ? read.fault : 'must be above zero' });
      return z.NEVER;
    });

export const above0 = decimal('above zero', (value) => (value.gt(0) ? null : 'must be above zero'));
export const atLeast0 = decimal('zero or more', (value) => (value.gte(0) ? null : 'must not be negative'));
export const anyDecimal = decimal('any sign', () => null);

/** `seq`, `mono_ms`, ages: counted text, since an EA's `long` passes 2^53; ours must stay below it. */
export const digits = z
  .unknown()
  .meta({
    anyOf: [
      { type: 'string', pattern: '^\\d{1,16}$' },
      { type: 'integer', minimum: 0 },
    ],
    description: 'below 2^53',
  })
  .transform((raw, context): number => {
    const value = typeof raw === 'string' && /^\d{1,16}$/.test(raw) ? Number(raw) : raw;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    context.addIssue({ code: 'custom', message: raw === undefined ? 'is missing' : 'digits in quotes, below 2^53' });
    return z.NEVER;
  });

/**
 * A 64-bit figure of a trading message, in quotes only: a bare JSON number may already have lost its last digits on the way.
 * Kept as text without leading zeros; `0` is no ticket.
 */
export const ticket = z
  .string('digits in quotes')
  .regex(/^\d{1,20}$/, 'digits in quotes')
  .transform((text) => text.replace(/^0+(?=\d)/, ''));
/** A ticket that cannot be absent. */
export const someTicket = z
  .string('digits in quotes')
  .regex(/^0*[1-9]\d*$/, 'digits in quotes, above zero')
  .max(20, 'at most 20 digits')
  .transform((text) => text.replace(/^0+/, ''));

/**
 * A magic number. Other people's may be any 64-bit figure and must not make their deals unreadable: beyond 2^53 − 1 it is that
 * bound, which is none of ours.
 */
export const magicNumber = z
  .string('digits in quotes')
  .regex(/^-?\d{1,20}$/, 'digits in quotes')
  .transform((text) => Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text))) + 0);

/** Broker server time in ms "stored as if epoch": between 2000 and 2100, so that seconds or microseconds are caught. */
const MIN_TIME_MSC = 946_684_800_000;
const MAX_TIME_MSC = 4_102_444_800_000;
export const timeMsc = digits.refine((ms) => ms >= MIN_TIME_MSC && ms <= MAX_TIME_MSC, 'milliseconds since 1970 (server time)');
export const bareTimeMsc = z
  .number()
  .int()
  .refine((ms) => ms >= MIN_TIME_MSC && ms <= MAX_TIME_MSC, 'milliseconds since 1970 (server time)');

// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;
export const label = (max: number) =>
  z
    .string()
    .max(max, `at most ${max} characters`)
    .refine((text) => !CONTROL_CHARACTERS.test(text), 'no control characters');
export const symbolName = label(MAX_SYMBOL_LENGTH).min(1, 'is empty');
/** Comments and broker texts hold anything: cut and cleaned, never a reason to refuse a deal. */
export const freeText = z
  .string()
  // eslint-disable-next-line no-control-regex
  .transform((text) => text.slice(0, MAX_FREE_TEXT).replace(/[\u0000-\u001f\u007f]/g, ' '));
/** Accounts are numbers in MetaTrader and may be told as such. */
export const login = z.union([label(32).min(1), z.number().int().positive()], 'an account number').transform(String);
export const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** An MQL5 enumeration as its number or its word. */
export const enumeration = <const Words extends readonly string[]>(words: Words) =>
  z
    .union(
      [
        z.enum(words),
        z
          .number()
          .int()
          .min(0)
          .max(words.length - 1),
      ],
      `one of ${words.join(', ')}, or 0–${words.length - 1}`,
    )
    .transform((value): Words[number] => (typeof value === 'number' ? (words[value] as Words[number]) : value));

/** What every request but `hello` begins with. */
export const envelope = {
  v: z.literal(1),
  session: label(64).min(1, 'is empty'),
  epoch: whole,
  seq: digits.refine((seq) => seq > 0, 'counts from 1'),
  mono_ms: digits.optional(),
  gates: label(64).min(1, 'is empty'),
};

/** `ticks[2].bid` */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`),
    '',
  );

/** @throws WireRefusal 400 naming the first field that is wrong, or that has no business there */
export const parseWire = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = issue === undefined ? '' : fieldOf([...issue.path, ...unknownKey]).slice(0, MAX_FREE_TEXT);
  const said = unknownKey.length > 0 ? 'is no field of this message' : (issue?.message ?? 'invalid');
  throw new WireRefusal(400, 'bad-field', field === '' ? null : field, said);
};
