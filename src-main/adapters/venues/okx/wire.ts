/**
 * OKX v5 public market data on the wire: path, documented limits, schemas, close codes.
 * Sizes are contracts for derivatives and base units for spot. Keys that we do not know are ignored.
 * Source: OKX API v5 documentation, July 2026.
 */
import { z } from 'zod';

/** Appended to `urls.stream`, which ends in `/ws/v5`. */
export const STREAM_PATH = '/public';
export const TIME_PATH = '/api/v5/public/time';
export const INSTRUMENTS_PATH = '/api/v5/public/instruments';
export const BBO_CHANNEL = 'bbo-tbt';

export const MAX_CONNECTIONS_PER_S = 3;
/** Subscribe, unsubscribe and login calls of one connection. */
export const MAX_SUBSCRIPTION_CALLS_PER_H = 480;
export const MAX_ARGUMENT_BYTES = 65_536;
/** The server closes a connection that has carried nothing for this long. */
export const IDLE_CLOSE_MS = 30_000;
/** A snapshot channel repeats its last frame after about this long without change. */
export const REPEAT_EVERY_MS = 60_000;
export const NOTICE_CLOSING_SOON = '64008';
export const PING = 'ping';
export const PONG = 'pong';

export const CLOSE_CODES: Readonly<Record<number, string>> = {
  1009: 'request too large',
  4001: 'login failed',
  4002: 'bad parameter',
  4004: 'no traffic for 30 s',
  4005: 'write buffer full, we read too slowly',
  4006: 'abnormal',
  4007: 'key changed',
  4008: 'too many channels',
  4009: 'too many channels',
};

export const decimalText = z.string().regex(/^\d{1,24}(?:\.\d{1,24})?$/, 'a plain decimal');
const exactInteger = z.union([z.number().int(), z.bigint()]);
/** `[price, size, "0", orders]` */
const level = z.tuple([decimalText, decimalText], z.unknown());
export const millisText = z.string().regex(/^\d{1,16}$/, 'Unix milliseconds as text');

export const channelArg = z.looseObject({ channel: z.string(), instId: z.string().optional() });
/** Also the shape of the first level of `books5`; an empty list is an empty side. */
export const bookEntry = z.looseObject({
  asks: z.array(level),
  bids: z.array(level),
  ts: millisText,
  seqId: exactInteger.optional(),
  prevSeqId: exactInteger.optional(),
});
/** An empty text is an empty side. */
const maybeDecimal = z.union([decimalText, z.literal('')]);
export const tickerEntry = z.looseObject({
  bidPx: maybeDecimal,
  bidSz: maybeDecimal,
  askPx: maybeDecimal,
  askSz: maybeDecimal,
  ts: millisText,
});
export const push = z.looseObject({ arg: channelArg, data: z.array(z.unknown()) });

export const subscribeCall = z.looseObject({
  /** At most 32 letters and digits. */
  id: z
    .string()
    .regex(/^[A-Za-z0-9]{1,32}$/)
    .optional(),
  op: z.enum(['subscribe', 'unsubscribe']),
  args: z.array(channelArg).min(1),
});
export const subscribed = z.looseObject({ event: z.literal('subscribe'), arg: channelArg, id: z.string().optional() });
/** `arg` comes with some refusals only. */
export const refused = z.looseObject({
  event: z.literal('error'),
  code: z.string(),
  msg: z.string(),
  id: z.string().optional(),
  arg: channelArg.optional(),
});
export const notice = z.looseObject({ event: z.literal('notice'), code: z.string(), msg: z.string().optional() });
export const otherEvent = z.looseObject({ event: z.string() });

export const restReply = z.looseObject({ code: z.string(), msg: z.string(), data: z.array(z.unknown()).optional() });
export const timeEntry = z.looseObject({ ts: millisText });
export const instrumentEntry = z.looseObject({
  instType: z.string(),
  instId: z.string(),
  /** Integer, differs between production and demo; may be null. */
  instIdCode: z.union([exactInteger, z.string()]).nullable().optional(),
  uly: z.string().default(''),
  instFamily: z.string().default(''),
  baseCcy: z.string().default(''),
  quoteCcy: z.string().default(''),
  settleCcy: z.string().default(''),
  /** These four are empty for spot. */
  ctVal: z.string().default(''),
  ctMult: z.string().default(''),
  ctValCcy: z.string().default(''),
  ctType: z.string().default(''),
  tickSz: decimalText,
  lotSz: decimalText,
  minSz: decimalText,
  maxLmtSz: z.string().default(''),
  state: z.string(),
});
export type InstrumentWire = z.output<typeof instrumentEntry>;

export const RATE_LIMITED = '50011';
export const INSTRUMENT_UNKNOWN = '51001';

/** `XAU-USDT-SWAP` → SWAP, `BTC-USDT` → SPOT, `BTC-USDT-261225` → FUTURES. */
export const instTypeOf = (instId: string): 'SPOT' | 'SWAP' | 'FUTURES' => {
  const parts = instId.split('-');
  if (parts.length <= 2) return 'SPOT';
  return parts.at(-1) === 'SWAP' ? 'SWAP' : 'FUTURES';
};
export const instrumentsQuery = (instId: string): string =>
  `${INSTRUMENTS_PATH}?instType=${instTypeOf(instId)}&instId=${encodeURIComponent(instId)}`;
