/**
 * The JSON schema of every message of the MetaTrader protocol, made from the very schemas that messages are read with. For
 * people who write an EA; nothing at run time reads them. Pure. Rules over several fields are in PROTOCOL.md alone.
 */
import { z } from 'zod';
import { helloSchema, quotesHelloSchema } from './helloWire.ts';
import { errorReplySchema, helloReplySchema, replySchema, wireCommandSchema } from './replyWire.ts';
import { ackRequestSchema, fillRequestSchema, snapshotRequestSchema } from './tradeWire.ts';
import { pollRequestSchema, quotesPollSchema, tickRequestSchema } from './wire.ts';

const MESSAGES = {
  hello: [helloSchema, 'EA → engine: hello, where orders go through the EA'],
  'hello.quotes': [quotesHelloSchema, 'EA → engine: hello, where the EA only streams quotes'],
  tick: [tickRequestSchema, 'EA → engine: tick'],
  poll: [pollRequestSchema, 'EA → engine: poll, where orders go through the EA'],
  'poll.quotes': [quotesPollSchema, 'EA → engine: poll, where the EA only streams quotes'],
  snapshot: [snapshotRequestSchema, 'EA → engine: one part of a snapshot'],
  ack: [ackRequestSchema, 'EA → engine: what became of a command'],
  fill: [fillRequestSchema, 'EA → engine: deals'],
  reply: [replySchema, 'engine → EA: reply to all but hello'],
  'hello.reply': [helloReplySchema, 'engine → EA: reply to hello'],
  command: [wireCommandSchema, 'engine → EA: the command in a reply'],
  error: [errorReplySchema, 'engine → EA: body of every status but 200'],
} as const satisfies Readonly<Record<string, readonly [z.ZodType, string]>>;

/** File name → text, as `npm run mql5:protocol` writes them beside PROTOCOL.md. */
export const protocolSchemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(MESSAGES).map(([name, [schema, title]]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [`${name}.schema.json`, `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`];
    }),
  );
