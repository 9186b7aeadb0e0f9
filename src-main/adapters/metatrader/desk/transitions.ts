/**
 * The state machine of a command as a table: what the EA says of it, and what that makes of it. `same` was known, `late` is
 * older than what is known, `contradiction` cannot be true beside what is known: it is quarantined and never believed.
 */
import type { CommandState } from '../../../../src-shared/domain/metatrader.ts';
import type { AckState } from '../tradeWire.ts';

export type Verdict = CommandState | 'same' | 'late' | 'contradiction';

const WORDS = ['received', 'sending', 'accepted', 'unknown', 'done', 'partial', 'rejected', 'expired', 'canceled', 'not_executed'] as const;

const X = 'contradiction';
const L = 'late';
const S = 'same';
const N = 'not-executed';

/** Columns as in `WORDS`. */
const TABLE: Readonly<Record<CommandState, readonly Verdict[]>> = {
  // Before its first delivery no EA can have it.
  queued: [X, X, X, X, X, X, X, X, X, X],
  leased: ['received', 'sending', 'accepted', 'unknown', 'done', 'partial', 'rejected', 'expired', 'canceled', N],
  received: [S, 'sending', 'accepted', 'unknown', 'done', 'partial', 'rejected', 'expired', 'canceled', N],
  // What has begun cannot have run out of time, nor been called back, before it began.
  sending: [L, S, 'accepted', 'unknown', 'done', 'partial', 'rejected', X, X, N],
  accepted: [L, L, S, 'unknown', 'done', 'partial', 'rejected', X, 'canceled', N],
  // Left only by evidence; silence made it unknown as often as the EA's own word, hence `expired` and `canceled`.
  unknown: [L, L, L, S, 'done', 'partial', 'rejected', 'expired', 'canceled', N],
  done: [L, L, L, L, S, X, X, X, X, X],
  partial: [L, L, L, L, X, S, X, X, X, X],
  // "Nothing came of it", found again in the history, says no more than is known.
  rejected: [L, L, L, L, X, X, S, X, X, L],
  expired: [L, L, L, L, X, X, X, S, X, L],
  canceled: [L, L, L, L, X, X, X, X, S, L],
  'not-executed': [L, L, L, L, X, X, L, L, L, S],
};

/** What an ack makes of a command; `deliveries` 0 = it has never left. */
export const verdictOn = (state: CommandState, deliveries: number, word: AckState): Verdict =>
  deliveries === 0 ? 'contradiction' : (TABLE[state][WORDS.indexOf(word)] ?? 'contradiction');
