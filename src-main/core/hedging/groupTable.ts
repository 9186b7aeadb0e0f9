/**
 * The state machine of a hedge group as a table: one line a transition. What has no line is impossible: recorded and
 * alarmed by the caller, never thrown. `denied` and `closed` are ends that only late evidence of a fill can undo.
 */
import type { GroupState } from '../../../src-shared/domain/hedgeGroup.ts';

export type GroupCause =
  /** A risk gate said no before anything was sent. */
  | 'denied'
  /** Its first order was approved. */
  | 'begun'
  /** Both legs hold the same, nothing is in flight. */
  | 'hedged'
  /** Neither leg holds anything any longer, nothing is in flight. */
  | 'flat'
  /** A residual, or an uncertain leg, that the ladder must end. */
  | 'naked'
  /** An exit, or an operator, has closing begun. */
  | 'close'
  /** Only a person can go on. */
  | 'hold'
  /** A fill of an order of an ended group. */
  | 'late-fill';

type Line = readonly [from: GroupState, cause: GroupCause, to: GroupState];

export const GROUP_LINES: readonly Line[] = [
  ['proposed', 'denied', 'denied'],
  ['proposed', 'begun', 'opening'],

  ['opening', 'hedged', 'open'],
  ['opening', 'flat', 'closed'],
  ['opening', 'naked', 'compensating'],
  ['opening', 'hold', 'operator-held'],

  ['open', 'hedged', 'open'],
  ['open', 'flat', 'closed'],
  ['open', 'naked', 'compensating'],
  ['open', 'close', 'closing'],
  ['open', 'hold', 'operator-held'],

  ['closing', 'hedged', 'open'],
  ['closing', 'flat', 'closed'],
  ['closing', 'naked', 'compensating'],
  ['closing', 'hold', 'operator-held'],

  ['compensating', 'hedged', 'open'],
  ['compensating', 'flat', 'closed'],
  ['compensating', 'naked', 'compensating'],
  ['compensating', 'hold', 'operator-held'],

  ['operator-held', 'hedged', 'open'],
  ['operator-held', 'flat', 'closed'],
  ['operator-held', 'close', 'closing'],
  ['operator-held', 'hold', 'operator-held'],
  ['operator-held', 'late-fill', 'operator-held'],

  ['closed', 'late-fill', 'operator-held'],
  ['denied', 'late-fill', 'operator-held'],
];

const MOVES: Readonly<Record<string, GroupState>> = Object.fromEntries(GROUP_LINES.map(([from, cause, to]) => [`${from} ${cause}`, to]));

/** Where a cause leads from a state; null = impossible. */
export const groupMove = (from: GroupState, cause: GroupCause): GroupState | null => MOVES[`${from} ${cause}`] ?? null;
