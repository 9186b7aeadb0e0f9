/**
 * What the engine answers an EA: the reply envelope, the command in it, the reply to `hello`, an error. Pure; the schemas are
 * what the JSON schemas for people are made from, and tests hold replies against them. All values of a command are text or
 * whole numbers, nothing is nested in it.
 */
import { z } from 'zod';
import { PROTOCOL_VERSION } from './wire.ts';

export const REPLY_MODES = ['normal', 'close_only', 'halt'] as const;
export type ReplyMode = (typeof REPLY_MODES)[number];

const unsigned = z.string().regex(/^\d{1,20}$/);
const amount = z.string().regex(/^\d{1,18}(\.\d{1,16})?$/);
const count = z.number().int().min(0);

const frame = {
  command_id: z.string().min(1).max(64),
  /** The magic number of open and close, of the target of a query; `0` for cancel and flatten. */
  num: unsigned,
  lease_id: z.string().min(1).max(64),
  lease_ms: count,
  /** What is left of its time, at this moment. */
  ttl_ms: count,
};
const execution = {
  ...frame,
  symbol: z.string().min(1).max(32),
  side: z.enum(['buy', 'sell']),
  lots: amount,
  limit_price: amount,
  max_dev_points: count,
  fill: z.literal('ioc'),
  comment: z.string().max(31),
};

export const wireCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), ...execution }),
  z.strictObject({ kind: z.literal('close'), ...execution, position_id: unsigned }),
  z.strictObject({ kind: z.literal('cancel'), ...frame, target_id: z.string().min(1).max(64) }),
  z.strictObject({ kind: z.literal('query'), ...frame, target_id: z.string().min(1).max(64) }),
  z.strictObject({ kind: z.literal('flatten'), ...frame, scope: z.string().min(1).max(32) }),
]);
export type WireCommand = Readonly<z.infer<typeof wireCommandSchema>>;

const envelope = {
  v: z.literal(PROTOCOL_VERSION),
  epoch: count,
  ack_seq: unsigned,
  now_utc_ms: unsigned,
  poll_ms: count,
  mode: z.enum(REPLY_MODES),
  /** 0: none is wanted. */
  snapshot_request: count,
  deals_since_msc: unsigned,
  more: z.boolean(),
  command: wireCommandSchema.nullable(),
};

export const replySchema = z.strictObject(envelope);
export type ReplyEnvelope = Readonly<z.infer<typeof replySchema>>;

export const helloReplySchema = z.strictObject({
  ...envelope,
  session: z.string().min(1).max(64),
  /** The symbols this engine is configured for, so that the EA streams no others. */
  wanted: z.array(z.string()).readonly(),
  /** false = quotes only. */
  trading: z.boolean(),
  why: z.string(),
});
export type HelloReply = Readonly<z.infer<typeof helloReplySchema>>;

export const errorReplySchema = z.strictObject({
  error: z.strictObject({ code: z.string(), field: z.string().nullable(), message: z.string() }),
});
