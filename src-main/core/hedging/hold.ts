/** Leaves a group to a person: the state, the alarm, and where money is at stake the halt of the engine. */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { note } from '../notes.ts';
import type { EngineState } from '../state.ts';
import { raiseHalt } from '../stops/halt.ts';
import { moveGroup } from './records.ts';

/** `halt`: nothing may be opened anywhere until a person has looked. */
export const holdGroup = (state: EngineState, group: HedgeGroup, why: string, halt: 'halt' | 'hold-only'): HedgeGroup => {
  const held = moveGroup(state, group, 'hold', why);
  if (halt === 'halt') {
    note(state, 'critical', 'risk', group.id, `${group.pairId}: ${why}`);
    raiseHalt(state, `group ${group.id} of ${group.pairId}: ${why}`);
  }
  return held;
};
