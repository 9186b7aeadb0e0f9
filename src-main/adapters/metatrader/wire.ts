/**
 * The MetaTrader protocol v1 as it is on the wire (JSON over HTTP, see `listener.ts`): how a body is read, and the requests
 * that carry quotes and the heartbeat. Pure; owns no state. Keys that are not ours are ignored in these, so that a newer EA
 * still talks to us; a wrong type or range in a key of ours is refused. See `helloWire`, `tradeWire` and `replyWire` for the rest.
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import {
  MAX_FREE_TEXT,
  anyDecimal,
  atLeast0,
  bareTimeMsc,
  digits,
  envelope,
  signalPrice,
  symbolName,
  timeMsc,
  WireRefusal,
  whole,
} from './fieldsWire.ts';

export const PROTOCOL_VERSION = 1;
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_TICKS = 256;
export const POLL_MS = 20;
const SECONDS_PER_DAY = 86_400;

const tickSchema = z.object({
  symbol: symbolName,
  bid: signalPrice('allowed'),
  ask: signalPrice('allowed'),
  time_msc: timeMsc,
  /** How long the terminal has known this tick; we stamp receipt ourselves and subtract it. */
  age_ms: digits.optional(),
});
export type WireTick = z.infer<typeof tickSchema>;

export const tickRequestSchema = z.object({ ...envelope, ticks: z.array(tickSchema).max(MAX_TICKS, `at most ${MAX_TICKS} ticks`) });

const heartbeat = {
  ...envelope,
  connected: z.boolean(),
  ping_us: whole.nullable().default(null),
  queue_depth: whole.nullable().default(null),
  http_us_max: whole.nullable().default(null),
};
const standing = {
  equity: anyDecimal,
  margin_free: anyDecimal,
  open_positions: whole,
  open_lots: atLeast0,
  server_utc_offset_s: z.number().int().min(-SECONDS_PER_DAY).max(SECONDS_PER_DAY),
  /** How often a person pressed KILL on the chart since boot. */
  kill_presses: whole,
};
/** Where orders go through the EA. */
export const pollRequestSchema = z.object({ ...heartbeat, ...standing });
const absent = <T>(field: z.ZodType<T>) => field.nullish().transform((value) => value ?? null);
/** Where it only streams: figures of the account may be left out. */
export const quotesPollSchema = z.object({
  ...heartbeat,
  equity: absent(standing.equity),
  margin_free: absent(standing.margin_free),
  open_positions: absent(standing.open_positions),
  open_lots: absent(standing.open_lots),
  server_utc_offset_s: absent(standing.server_utc_offset_s),
  kill_presses: whole.default(0),
});
export type TickRequest = z.infer<typeof tickRequestSchema>;
export type PollRequest = z.infer<typeof pollRequestSchema>;
export type QuotesPoll = z.infer<typeof quotesPollSchema>;

/** What EAs before the protocol post: numbers only, no session. Strict, because nothing else vouches for it. */
const barePrice = signalPrice('refused');
export const bareTickSchema = z.object({ symbol: symbolName, bid: barePrice, ask: barePrice, time_msc: bareTimeMsc });
export type BareTick = z.infer<typeof bareTickSchema>;

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** The first key that comes twice in one object of a valid JSON text. */
const repeatedKey = (json: string): string | null => {
  const open: (Set<string> | null)[] = [];
  let text = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') text = token;
    else {
      const key = JSON.parse(text) as string;
      if (open.at(-1)?.has(key) === true) return key;
      open.at(-1)?.add(key);
    }
  }
  return null;
};

/**
 * The body as an object of protocol version 1. `strict`: a key that comes twice is refused, for nobody knows which one is meant.
 * @throws WireRefusal
 */
export const readBody = (bytes: Buffer, reading: 'tolerant' | 'strict' = 'tolerant'): Readonly<Record<string, unknown>> => {
  if (bytes.length === 0) throw new WireRefusal(400, 'no-body', null, 'a JSON body is needed');
  if (bytes.includes(0))
    throw new WireRefusal(400, 'nul-byte', null, 'the body holds a zero byte: StringToCharArray appends one, shrink the array by one');
  if (!isUtf8(bytes)) throw new WireRefusal(400, 'not-utf8', null, 'the body is not UTF-8: pass CP_UTF8 to StringToCharArray');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireRefusal(400, 'not-json', null, 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WireRefusal(400, 'not-an-object', null, 'the body must be one JSON object');
  const repeated = reading === 'strict' ? repeatedKey(text) : null;
  if (repeated !== null) throw new WireRefusal(400, 'bad-field', repeated.slice(0, MAX_FREE_TEXT), 'comes twice in one object');
  return value as Readonly<Record<string, unknown>>;
};

/** @throws WireRefusal 412 for another protocol version, 400 when there is none */
export const requireVersion = (body: Readonly<Record<string, unknown>>): void => {
  if (body['v'] === PROTOCOL_VERSION) return;
  if (typeof body['v'] !== 'number') throw new WireRefusal(400, 'bad-field', 'v', `must be ${PROTOCOL_VERSION}`);
  throw new WireRefusal(412, 'version', 'v', `this engine speaks protocol ${PROTOCOL_VERSION}, the EA ${body['v']}: update the older one`);
};
