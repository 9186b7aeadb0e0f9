/**
 * Names of intents, hedge groups and orders: at most 32 characters of [A-Za-z0-9], so that every exchange takes them as
 * client ids, and a pure function of run, pair, direction, episode, leg and attempt, so that a replay names them alike
 * and no name is ever used twice.
 */
import type { ClientOrderId, GroupId, IntentId } from '../../src-shared/domain/ids.ts';
import type { LegName } from '../../src-shared/domain/order.ts';
import { hash64 } from './hash.ts';
import { invariant } from './invariant.ts';

export const MAX_INTENT_ID_LENGTH = 32;
const PAIR_DIGITS = 2;
const BASE = 36;

/** `i` + run (13) + pair (2) + `f`/`r` + episode. */
export const intentIdOf = (runId: string, pair: number, direction: 0 | 1, episode: number): IntentId => {
  invariant(pair < BASE ** PAIR_DIGITS, `pair ${pair} does not fit into an intent id`);
  const run = hash64(runId).toString(BASE).padStart(13, '0');
  const id = `i${run}${pair.toString(BASE).padStart(PAIR_DIGITS, '0')}${direction === 0 ? 'f' : 'r'}${episode.toString(BASE)}`;
  invariant(id.length <= MAX_INTENT_ID_LENGTH, `intent id ${id} is too long`);
  return id as IntentId;
};

export const MAX_CLIENT_ORDER_ID_LENGTH = 32;
/** Every client order id of ours begins with it. */
export const CLIENT_ORDER_ID_PREFIX = 'q';
const ATTEMPT_DIGITS = 2;
/** Orders that one leg can ever name. */
export const MAX_ATTEMPTS = BASE ** ATTEMPT_DIGITS - 1;

/** `g` + the tail of the intent's id: one intent leads to at most one group. */
export const groupIdOf = (intentId: IntentId): GroupId => `g${intentId.slice(1)}` as GroupId;

/** `q` + the tail of the intent's id + leg + attempt (from 1). */
export const clientOrderIdOf = (groupId: GroupId, leg: LegName, attempt: number): ClientOrderId => {
  invariant(attempt >= 1 && attempt <= MAX_ATTEMPTS, `attempt ${attempt} of leg ${leg} of ${groupId} has no name`);
  const id = `${CLIENT_ORDER_ID_PREFIX}${groupId.slice(1)}${leg}${attempt.toString(BASE).padStart(ATTEMPT_DIGITS, '0')}`;
  invariant(id.length <= MAX_CLIENT_ORDER_ID_LENGTH, `client order id ${id} is too long`);
  return id as ClientOrderId;
};
