/**
 * `hello` of the MetaTrader protocol: who the terminal is, what it may trade and within which bounds. Pure. Two readings: an
 * EA that only streams quotes may leave out what matters to orders alone; where orders go through it, all of it is required.
 */
import { z } from 'zod';
import { above0, anyDecimal, atLeast0, digits, enumeration, label, login, magicNumber, symbolName, whole } from './fieldsWire.ts';

/** Rows and ids that together stay below the greatest body. */
export const MAX_SYMBOLS = 100;
export const MAX_OPEN_IDS = 500;
export const MAX_SESSIONS = 100;
const SECONDS_PER_DAY = 86_400;
/** A session may run past midnight, as MetaTrader reports it; none outlasts a week. */
const MAX_SESSION_END_S = 8 * SECONDS_PER_DAY;

const TRADE_MODES = ['disabled', 'long_only', 'short_only', 'close_only', 'full'] as const;
export type TradeMode = (typeof TRADE_MODES)[number];
const MARGIN_MODES = ['netting', 'exchange', 'hedging'] as const;
export type MarginMode = (typeof MARGIN_MODES)[number];
const ACCOUNT_KINDS = ['demo', 'contest', 'real'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];
const EXECUTION_MODES = ['request', 'instant', 'market', 'exchange'] as const;
export type ExecutionMode = (typeof EXECUTION_MODES)[number];
/** Bits of `filling`. */
export const FILLING_FOK = 1;
export const FILLING_IOC = 2;

/** `[day, from_s, to_s]` in server time, day 0 = Sunday. */
const tradingSession = z
  .tuple([whole.max(6), whole.max(SECONDS_PER_DAY), whole.max(MAX_SESSION_END_S)])
  .refine(([, from, to]) => from <= to, 'ends before it begins');
export type WireTradingSession = z.infer<typeof tradingSession>;

const streamedSymbol = {
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
};

const orderFigures = {
  tick_value: atLeast0,
  vol_limit: atLeast0,
  margin: label(16),
  filling: whole.max(255),
  exemode: enumeration(EXECUTION_MODES),
  swap_mode: whole.max(255),
  swap_long: anyDecimal,
  swap_short: anyDecimal,
  swap_triple_day: whole.max(6),
  sessions: z.array(tradingSession).max(MAX_SESSIONS, `at most ${MAX_SESSIONS} sessions`),
};

/** A symbol of an EA that orders may go through. */
export const helloSymbolSchema = z.object({ ...streamedSymbol, ...orderFigures });
export type HelloSymbol = z.infer<typeof helloSymbolSchema>;

const quotedSymbolSchema = z.object({
  ...streamedSymbol,
  filling: orderFigures.filling.nullable().default(null),
  exemode: orderFigures.exemode.nullable().default(null),
  swap_mode: orderFigures.swap_mode.nullable().default(null),
  swap_long: orderFigures.swap_long.nullish().transform((value) => value ?? null),
  swap_short: orderFigures.swap_short.nullish().transform((value) => value ?? null),
  swap_triple_day: orderFigures.swap_triple_day.nullable().default(null),
  sessions: orderFigures.sessions.nullable().default(null),
});
export type QuotedSymbol = z.infer<typeof quotedSymbolSchema>;

const terminal = {
  v: z.literal(1),
  boot_id: label(64).min(1, 'is empty'),
  login,
  server: label(64).min(1, 'is empty'),
  company: label(128),
  currency: label(16),
  margin_mode: enumeration(MARGIN_MODES),
  terminal_build: z.union([label(16), whole]).transform(String),
  ea_version: label(32),
  server_utc_offset_s: z.number().int().min(-SECONDS_PER_DAY).max(SECONDS_PER_DAY),
  open_ids: z.array(label(64)).max(MAX_OPEN_IDS, `at most ${MAX_OPEN_IDS} ids`).default([]),
  gates: label(64).default('ok'),
  seq: digits.default(0),
  /** Tells a late copy of a hello from a new one. */
  mono_ms: digits.optional(),
};

/** The EA's own bounds; they hold even if the engine is wrong. */
const eaLimits = z.object({
  max_lots_command: above0,
  max_lots_total: above0,
  max_commands_minute: whole.min(1),
  opening: z.boolean(),
});

/** Where orders go through the EA. */
export const helloSchema = z.object({
  ...terminal,
  open_ids: terminal.open_ids.unwrap(),
  account_kind: enumeration(ACCOUNT_KINDS),
  magic_base: magicNumber.refine((base) => base > 0 && base < Number.MAX_SAFE_INTEGER, 'above zero and below 2^53'),
  limits: eaLimits,
  kill_presses: whole,
  symbols: z.array(helloSymbolSchema).max(MAX_SYMBOLS, `at most ${MAX_SYMBOLS} symbols`),
});
export type Hello = z.infer<typeof helloSchema>;

/** Where it only streams. */
export const quotesHelloSchema = z.object({
  ...terminal,
  account_kind: enumeration(ACCOUNT_KINDS).nullable().default(null),
  kill_presses: whole.default(0),
  symbols: z.array(quotedSymbolSchema).max(MAX_SYMBOLS, `at most ${MAX_SYMBOLS} symbols`),
});
export type QuotesHello = z.infer<typeof quotesHelloSchema>;
