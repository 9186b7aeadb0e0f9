/**
 * The state machine of one order as a table: one line a transition. Late fills after a cancel are legal, duplicates and
 * reordered reports are lines that lead back to where they start, and what has no line is impossible: recorded and
 * alarmed by the caller, never thrown, for a venue can say anything.
 */
import type { OrderState } from '../../../src-shared/domain/order.ts';

export type OrderCause =
  /** The three ends of a placement. */
  | 'acknowledged'
  | 'refused'
  | 'outcome-unknown'
  /** No answer, or no end of an acknowledged order, within the venue's time. */
  | 'overdue'
  /** The engine ended while the order lived. */
  | 'restarted'
  /** Reports, pushed or asked for. */
  | 'told-working'
  | 'told-filled'
  | 'told-canceled'
  | 'told-rejected'
  /** What booked fills and cumulative reports add up to. */
  | 'filled-part'
  | 'filled-whole'
  | 'over-filled'
  /** "Not found" after its validity, on the venue's clock. */
  | 'proven-absent';

/** `alarm`: legal because it happens, and a person must know. */
type Line = readonly [from: OrderState, cause: OrderCause, to: OrderState, alarm?: 'alarm'];

export const ORDER_LINES: readonly Line[] = [
  ['in-flight', 'acknowledged', 'working'],
  ['in-flight', 'refused', 'rejected'],
  ['in-flight', 'outcome-unknown', 'unknown'],
  ['in-flight', 'overdue', 'unknown'],
  ['in-flight', 'restarted', 'unknown'],
  ['in-flight', 'told-working', 'working'],
  ['in-flight', 'told-filled', 'filled'],
  ['in-flight', 'told-canceled', 'canceled'],
  ['in-flight', 'told-rejected', 'rejected'],
  ['in-flight', 'filled-part', 'working'],
  ['in-flight', 'filled-whole', 'filled'],
  ['in-flight', 'over-filled', 'quarantined'],

  ['working', 'acknowledged', 'working'],
  ['working', 'refused', 'unknown', 'alarm'],
  ['working', 'outcome-unknown', 'working'],
  ['working', 'overdue', 'unknown'],
  ['working', 'restarted', 'unknown'],
  ['working', 'told-working', 'working'],
  ['working', 'told-filled', 'filled'],
  ['working', 'told-canceled', 'canceled'],
  ['working', 'told-rejected', 'rejected'],
  ['working', 'filled-part', 'working'],
  ['working', 'filled-whole', 'filled'],
  ['working', 'over-filled', 'quarantined'],

  ['unknown', 'acknowledged', 'working'],
  ['unknown', 'refused', 'rejected'],
  ['unknown', 'outcome-unknown', 'unknown'],
  ['unknown', 'overdue', 'unknown'],
  ['unknown', 'restarted', 'unknown'],
  ['unknown', 'told-working', 'working'],
  ['unknown', 'told-filled', 'filled'],
  ['unknown', 'told-canceled', 'canceled'],
  ['unknown', 'told-rejected', 'rejected'],
  ['unknown', 'filled-part', 'unknown'],
  ['unknown', 'filled-whole', 'filled'],
  ['unknown', 'over-filled', 'quarantined'],
  ['unknown', 'proven-absent', 'absent'],

  ['filled', 'acknowledged', 'filled'],
  ['filled', 'outcome-unknown', 'filled'],
  ['filled', 'told-working', 'filled'],
  ['filled', 'told-filled', 'filled'],
  ['filled', 'told-canceled', 'filled'],
  ['filled', 'filled-part', 'filled'],
  ['filled', 'filled-whole', 'filled'],
  ['filled', 'over-filled', 'quarantined'],

  ['canceled', 'acknowledged', 'canceled'],
  ['canceled', 'outcome-unknown', 'canceled'],
  ['canceled', 'told-working', 'canceled'],
  ['canceled', 'told-filled', 'filled'],
  ['canceled', 'told-canceled', 'canceled'],
  ['canceled', 'told-rejected', 'canceled'],
  ['canceled', 'filled-part', 'canceled'],
  ['canceled', 'filled-whole', 'filled'],
  ['canceled', 'over-filled', 'quarantined'],

  ['rejected', 'acknowledged', 'unknown', 'alarm'],
  ['rejected', 'refused', 'rejected'],
  ['rejected', 'outcome-unknown', 'rejected'],
  ['rejected', 'told-working', 'unknown', 'alarm'],
  ['rejected', 'told-filled', 'filled', 'alarm'],
  ['rejected', 'told-canceled', 'canceled'],
  ['rejected', 'told-rejected', 'rejected'],
  ['rejected', 'filled-part', 'unknown', 'alarm'],
  ['rejected', 'filled-whole', 'filled', 'alarm'],
  ['rejected', 'over-filled', 'quarantined'],

  ['absent', 'acknowledged', 'unknown', 'alarm'],
  ['absent', 'refused', 'absent'],
  ['absent', 'outcome-unknown', 'absent'],
  ['absent', 'told-working', 'unknown', 'alarm'],
  ['absent', 'told-filled', 'filled', 'alarm'],
  ['absent', 'told-canceled', 'canceled'],
  ['absent', 'told-rejected', 'rejected'],
  ['absent', 'filled-part', 'unknown', 'alarm'],
  ['absent', 'filled-whole', 'filled', 'alarm'],
  ['absent', 'over-filled', 'quarantined'],

  ['quarantined', 'acknowledged', 'quarantined'],
  ['quarantined', 'outcome-unknown', 'quarantined'],
  ['quarantined', 'told-working', 'quarantined'],
  ['quarantined', 'told-filled', 'quarantined'],
  ['quarantined', 'told-canceled', 'quarantined'],
  ['quarantined', 'filled-part', 'quarantined'],
  ['quarantined', 'filled-whole', 'quarantined'],
  ['quarantined', 'over-filled', 'quarantined'],
];

export interface OrderMove {
  readonly to: OrderState;
  readonly alarm: boolean;
}

const MOVES: Readonly<Record<string, OrderMove>> = Object.fromEntries(
  ORDER_LINES.map(([from, cause, to, alarm]) => [`${from} ${cause}`, { to, alarm: alarm !== undefined }]),
);

/** Where a cause leads from a state; null = impossible. */
export const orderMove = (from: OrderState, cause: OrderCause): OrderMove | null => MOVES[`${from} ${cause}`] ?? null;
