/**
 * The MetaTrader protocol v1 as it is on the wire (JSON over HTTP, see `listener.ts`): schemas of what the EA
 * sends, shapes of what we answer, and errors that name the field. Pure; owns no state. Keys that are not ours are
 * ignored, so that a newer EA still talks to us; a wrong type or range in a key of ours is refused.
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { Decimal, MAX_EXACT_DIGITS, type DecimalText } from '../../../src-shared/domain/decimal.ts';

export const PROTOCOL_VERSION = 1;
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_SYMBOLS = 400;
export const MAX_TICKS = 256;
export const MAX_OPEN_IDS = 1_000;
export const MAX_SYMBOL_LENGTH = 32;
export const POLL_MS = 20;

export type ReplyMode = 'normal' | 'close_only' | 'halt';

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

/** An amount, exact. */
const decimal = (rule: (value: Decimal) => string | null) =>
  z.unknown().transform((raw, context): DecimalText => {
    const read = plainText(raw, 'allowed');
    const value = 'text' in read ? new Decimal(read.text) : null;
    const fault = 'fault' in read ? read.fault : value === null ? null : rule(value);
    if (fault === null && value !== null) return value.toFixed();
    context.addIssue({ code: 'custom', message: fault ?? 'invalid' });
    return z.NEVER;
  });

/** A price as a signal: a number from so few digits that its decimal can always be had back. */
const price = (inQuotes: 'allowed' | 'refused') =>
  z.unknown().transform((raw, context): number => {
    const read = plainText(raw, inQuotes);
    const value = 'text' in read ? Number(read.text) : 0;
    if (value > 0) return value;
    context.addIssue({ code: 'custom', message: 'fault' in read ? read.fault : 'must be above zero' });
    return z.NEVER;
  });

const above0 = decimal((value) => (value.gt(0) ? null : 'must be above zero'));
const atLeast0 = decimal((value) => (value.gte(0) ? null : 'must not be negative'));
const anyDecimal = decimal(() => null);

/** `*_msc`, `seq` and tickets travel as text, since an EA's `long` passes 2^53; ours must stay below it. */
const digits = z.unknown().transform((raw, context): number => {
  const value = typeof raw === 'string' && /^\d{1,16}$/.test(raw) ? Number(raw) : raw;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  context.addIssue({ code: 'custom', message: raw === undefined ? 'is missing' : 'digits in quotes, below 2^53' });
  return z.NEVER;
});

/** Broker server time in ms "stored as if epoch": between 2000 and 2100, so that seconds or microseconds are caught. */
const MIN_TIME_MSC = 946_684_800_000;
const MAX_TIME_MSC = 4_102_444_800_000;
const timeMsc = digits.refine((ms) => ms >= MIN_TIME_MSC && ms <= MAX_TIME_MSC, 'milliseconds since 1970 (server time)');
const bareTimeMsc = z
  .number()
  .int()
  .refine((ms) => ms >= MIN_TIME_MSC && ms <= MAX_TIME_MSC, 'milliseconds since 1970 (server time)');

// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;
const label = (max: number) =>
  z
    .string()
    .max(max, `at most ${max} characters`)
    .refine((text) => !CONTROL_CHARACTERS.test(text), 'no control characters');
const symbolName = label(MAX_SYMBOL_LENGTH).min(1, 'is empty');
const login = z.union([label(32).min(1), z.number().int().positive()]).transform(String);
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const TRADE_MODES = ['disabled', 'long_only', 'short_only', 'close_only', 'full'] as const;
export type TradeMode = (typeof TRADE_MODES)[number];
const MARGIN_MODES = ['netting', 'exchange', 'hedging'] as const;
export type MarginMode = (typeof MARGIN_MODES)[number];
/** An MQL5 enumeration as its number or its word. */
const enumeration = <const Words extends readonly string[]>(words: Words) =>
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

export const helloSymbolSchema = z.object({
  name: symbolName,
  digits: whole.max(16),
  point: above0,
  tick_size: atLeast0,
  tick_value: atLeast0.optional(),
  contract_size: above0,
  vol_min: above0,
  vol_step: above0,
  vol_max: atLeast0,
  vol_limit: atLeast0.optional(),
  trade_mode: enumeration(TRADE_MODES),
  base: label(16),
  profit: label(16),
  margin: label(16).optional(),
});
export type HelloSymbol = z.infer<typeof helloSymbolSchema>;

export const helloSchema = z.object({
  boot_id: label(64).min(1, 'is empty'),
  login,
  server: label(64).min(1, 'is empty'),
  company: label(128),
  currency: label(16),
  margin_mode: enumeration(MARGIN_MODES),
  terminal_build: z.union([label(16), whole]).transform(String),
  ea_version: label(32),
  server_utc_offset_s: z.number().int().min(-86_400).max(86_400),
  symbols: z.array(helloSymbolSchema).max(MAX_SYMBOLS, `at most ${MAX_SYMBOLS} symbols`),
  open_ids: z.array(label(64)).max(MAX_OPEN_IDS, `at most ${MAX_OPEN_IDS} ids`).default([]),
  gates: label(64).default('ok'),
  seq: digits.default(0),
});
export type Hello = z.infer<typeof helloSchema>;

const envelope = {
  session: label(64).min(1, 'is empty'),
  epoch: whole,
  seq: digits.refine((seq) => seq > 0, 'counts from 1'),
  mono_ms: digits.optional(),
  gates: label(64).min(1, 'is empty'),
};

const tickSchema = z.object({
  symbol: symbolName,
  bid: price('allowed'),
  ask: price('allowed'),
  time_msc: timeMsc,
  /** How long the terminal has known this tick; we stamp receipt ourselves and subtract it. */
  age_ms: digits.optional(),
});
export type WireTick = z.infer<typeof tickSchema>;

export const tickRequestSchema = z.object({ ...envelope, ticks: z.array(tickSchema).max(MAX_TICKS, `at most ${MAX_TICKS} ticks`) });
export const pollRequestSchema = z.object({
  ...envelope,
  connected: z.boolean(),
  ping_us: whole.nullable().default(null),
  equity: anyDecimal.nullable().default(null),
  margin_free: anyDecimal.nullable().default(null),
  queue_depth: whole.nullable().default(null),
  http_us_max: whole.nullable().default(null),
});
export type TickRequest = z.infer<typeof tickRequestSchema>;
export type PollRequest = z.infer<typeof pollRequestSchema>;

/** What EAs before the protocol post: numbers only, no session. Strict, because nothing else vouches for it. */
const barePrice = price('refused');
export const bareTickSchema = z.object({ symbol: symbolName, bid: barePrice, ask: barePrice, time_msc: bareTimeMsc });
export type BareTick = z.infer<typeof bareTickSchema>;

/** `ticks[2].bid` */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`),
    '',
  );

/** @throws WireRefusal 400 naming the first field that is wrong */
export const parseWire = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined ? '' : fieldOf(issue.path);
  throw new WireRefusal(400, 'bad-field', field === '' ? null : field, issue?.message ?? 'invalid');
};

/** The body as an object of protocol version 1. @throws WireRefusal */
export const readBody = (bytes: Buffer): Readonly<Record<string, unknown>> => {
  if (bytes.length === 0) throw new WireRefusal(400, 'no-body', null, 'a JSON body is needed');
  if (bytes.includes(0))
    throw new WireRefusal(400, 'nul-byte', null, 'the body holds a zero byte: StringToCharArray appends one, shrink the array by one');
  if (!isUtf8(bytes)) throw new WireRefusal(400, 'not-utf8', null, 'the body is not UTF-8: pass CP_UTF8 to StringToCharArray');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new WireRefusal(400, 'not-json', null, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WireRefusal(400, 'not-an-object', null, 'the body must be one JSON object');
  return value as Readonly<Record<string, unknown>>;
};

/** @throws WireRefusal 412 for another protocol version, 400 when there is none */
export const requireVersion = (body: Readonly<Record<string, unknown>>): void => {
  if (body['v'] === PROTOCOL_VERSION) return;
  if (typeof body['v'] !== 'number') throw new WireRefusal(400, 'bad-field', 'v', `must be ${PROTOCOL_VERSION}`);
  throw new WireRefusal(412, 'version', 'v', `this engine speaks protocol ${PROTOCOL_VERSION}, the EA ${body['v']}: update the older one`);
};

/** One flat object; `command` stays null while nothing can be ordered. */
export interface ReplyEnvelope {
  readonly v: typeof PROTOCOL_VERSION;
  readonly epoch: number;
  readonly ack_seq: string;
  readonly now_utc_ms: string;
  readonly poll_ms: number;
  readonly mode: ReplyMode;
  readonly want_snapshot: boolean;
  readonly more: boolean;
  readonly command: null;
}

export interface HelloReply extends ReplyEnvelope {
  readonly session: string;
  /** The symbols this engine is configured for, so that the EA streams no others. */
  readonly wanted: readonly string[];
  readonly deals_since_msc: string;
}
