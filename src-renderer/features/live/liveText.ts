/** Words of the guard around real money. Pure. */
import type { LadderRung, LiveCheck, LiveReport } from '../../../src-shared/domain/live.ts';
import { count } from '../../format/numbers.ts';

/** `venue minimum`, `up to $1 000 a group`. */
export const rungText = ({ maxNotionalUsd }: LadderRung): string =>
  maxNotionalUsd === null ? 'venue minimum' : `up to $${count(maxNotionalUsd)} a group`;

/** `rung 1 of 4 · venue minimum`. */
export const rungPlace = ({ rung, rungs }: LiveReport): string => {
  const now = rungs[rung];
  return `rung ${rung + 1} of ${rungs.length}${now === undefined ? '' : ` · ${rungText(now)}`}`;
};

/** `2 of 5 closed well`; null on the last rung, where nothing is left to climb. */
export const climbProgress = ({ rung, rungs, groupsOnRung }: LiveReport): string | null => {
  const now = rungs[rung];
  return now === undefined || rung + 1 >= rungs.length ? null : `${groupsOnRung} of ${now.groups} closed well`;
};

export const isShown = ({ state }: LiveCheck): boolean => state === 'pass';

/** `3 of 4 shown`. */
export const checklistText = (checklist: readonly LiveCheck[]): string =>
  checklist.length === 0 ? 'nothing shown yet' : `${checklist.filter(isShown).length} of ${checklist.length} shown`;

/** `$150`; what cannot be said is said so. */
export const worstCaseText = ({ worstCaseUsd }: Pick<LiveReport, 'worstCaseUsd'>): string =>
  worstCaseUsd === null ? 'cannot be said now' : `$${count(worstCaseUsd)}`;
