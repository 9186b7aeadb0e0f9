/**
 * What an EA says of orders, deals and positions: `ack`, `fill`, `snapshot`. Pure. Strict: a key that is not ours is refused
 * by name, for a misspelt field of money must not vanish; rows of other people's trading are read whatever they hold.
 */
import { z } from 'zod';
import {
  above0,
  anyDecimal,
  atLeast0,
  digits,
  envelope,
  freeText,
  label,
  magicNumber,
  someTicket,
  ticket,
  timeMsc,
  whole,
} from './fieldsWire.ts';

/** Rows of one `fill`, and of one part of a snapshot over all its lists. */
export const MAX_ROWS = 100;
/** Tickets named by one `ack`. */
export const MAX_TICKETS = 100;
/** Parts of one snapshot: a hundred thousand rows. */
export const MAX_PARTS = 1_000;

const sameOnce = (rows: readonly string[]): boolean => new Set(rows).size === rows.length;
const sideOrNone = z.enum(['buy', 'sell', 'none']).transform((side) => (side === 'none' ? null : side));

const dealRow = z
  .strictObject({
    deal: someTicket,
    order: ticket,
    position_id: ticket,
    magic: magicNumber,
    /** Empty for money entries. */
    symbol: label(64),
    /** `none` for money entries. */
    side: sideOrNone,
    entry: z.enum(['in', 'out', 'inout', 'out_by', 'none']),
    lots: atLeast0,
    price: atLeast0,
    commission: anyDecimal,
    swap: anyDecimal,
    fee: anyDecimal,
    profit: anyDecimal,
    time_msc: timeMsc,
    reason: label(32),
    /** `trade`, or the word of a money entry. */
    type: label(32).min(1, 'is empty'),
    comment: freeText,
    rev: whole,
  })
  .superRefine((row, context) => {
    if (row.type !== 'trade') return;
    const refuse = (field: keyof typeof row, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (row.side === null) refuse('side', 'a trade has a side');
    if (row.entry === 'none') refuse('entry', 'a trade has an entry');
    if (row.lots === '0') refuse('lots', 'must be above zero');
    if (row.price === '0') refuse('price', 'must be above zero');
    if (row.symbol === '') refuse('symbol', 'is empty');
  });
/** A deal as read; `side` is null and `symbol` empty for money entries. */
export type WireDeal = z.infer<typeof dealRow>;

const deals = z
  .array(dealRow)
  .max(MAX_ROWS, `at most ${MAX_ROWS} rows`)
  .refine((rows) => sameOnce(rows.map((row) => row.deal)), 'names a deal twice');

export const fillRequestSchema = z.strictObject({ ...envelope, deals });
export type FillRequest = z.infer<typeof fillRequestSchema>;

export const ACK_STATES = [
  'received',
  'sending',
  'accepted',
  'unknown',
  'done',
  'partial',
  'rejected',
  'expired',
  'canceled',
  'not_executed',
] as const;
export type AckState = (typeof ACK_STATES)[number];

const tickets = z
  .array(someTicket)
  .max(MAX_TICKETS, `at most ${MAX_TICKETS} tickets`)
  .refine((rows) => sameOnce(rows), 'names a ticket twice');

export const ackRequestSchema = z.strictObject({
  ...envelope,
  command_id: label(64).min(1, 'is empty'),
  /** Empty where the EA never had a lease of it: a query or cancel asked for a command it does not know. */
  lease_id: label(64),
  state: z.enum(ACK_STATES),
  retcode: whole,
  retcode_ext: z.number().int(),
  /** A code word, empty when there is none. */
  error: label(64),
  text: freeText,
  /** `0` when there is none. */
  order: ticket,
  deals: tickets,
  positions: tickets,
  cum_lots: atLeast0,
  /** Zero when there is none. */
  avg_price: atLeast0,
  broker_ms: whole,
  queue_ms: whole,
  duplicate: z.boolean(),
});
export type AckRequest = z.infer<typeof ackRequestSchema>;

const side = z.enum(['buy', 'sell']);

const positionRow = z.strictObject({
  /** The identifier, which never changes. */
  id: someTicket,
  /** What a close must name now. */
  ticket: someTicket,
  symbol: label(64).min(1, 'is empty'),
  side,
  lots: above0,
  price_open: atLeast0,
  magic: magicNumber,
  swap: anyDecimal,
  profit: anyDecimal,
  time_msc: timeMsc,
  comment: freeText,
});
export type WirePosition = z.infer<typeof positionRow>;

const orderRow = z.strictObject({
  order: someTicket,
  symbol: label(64).min(1, 'is empty'),
  side,
  type: label(32),
  lots: atLeast0,
  lots_left: atLeast0,
  price: atLeast0,
  magic: magicNumber,
  time_msc: timeMsc,
  state: label(32),
});
export type WireOrder = z.infer<typeof orderRow>;

export const snapshotRequestSchema = z
  .strictObject({
    ...envelope,
    /** The `snapshot_request` it answers. */
    request: digits.refine((request) => request > 0, 'counts from 1'),
    part: whole.max(MAX_PARTS - 1),
    last: z.boolean(),
    account: z.strictObject({
      balance: anyDecimal,
      equity: anyDecimal,
      margin: atLeast0,
      margin_free: anyDecimal,
      currency: label(16).min(1, 'is empty'),
    }),
    positions: z
      .array(positionRow)
      .max(MAX_ROWS, `at most ${MAX_ROWS} rows`)
      .refine((rows) => sameOnce(rows.map((row) => row.id)), 'names a position twice'),
    orders: z
      .array(orderRow)
      .max(MAX_ROWS, `at most ${MAX_ROWS} rows`)
      .refine((rows) => sameOnce(rows.map((row) => row.order)), 'names an order twice'),
    deals,
  })
  .refine((part) => part.positions.length + part.orders.length + part.deals.length <= MAX_ROWS, {
    path: ['positions'],
    message: `at most ${MAX_ROWS} rows a part, over all lists`,
  });
export type SnapshotRequest = z.infer<typeof snapshotRequestSchema>;
