/**
 * The engine's own kill: a rule that only a person may lift has been reached (a residual past its time, more filled than
 * ordered, the day's loss, an order under our name that the ledger does not know). Never weaker than what is latched.
 */
import { note } from '../notes.ts';
import type { EngineState } from '../state.ts';
import { engineLatch, latchKill } from './latch.ts';

export const raiseHalt = (state: EngineState, reason: string): void => {
  if (latchKill(state, 'kill', engineLatch(state, reason), `engine-${state.seq}`)) return;
  note(state, 'critical', 'risk', null, `halt asked for while ${state.kill!.level} is latched: ${reason}`);
};
