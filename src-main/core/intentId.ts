/**
 * Names of intents: at most 32 characters of [A-Za-z0-9], so that every exchange takes them as client ids, and a pure
 * function of run, pair, direction and episode, so that a replay names them alike.
 */
import type { IntentId } from '../../src-shared/domain/ids.ts';
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
