/** Order of the groups table. Pure: what waits for a person, what is naked, what moves, what is open, then what ended. */
import { isEndedGroup, type GroupState } from '../../../src-shared/domain/hedgeGroup.ts';
import type { GroupRow } from '../../../src-shared/domain/view.ts';

const RANKS: Readonly<Record<GroupState, number>> = {
  'operator-held': 0,
  compensating: 1,
  opening: 3,
  closing: 3,
  proposed: 3,
  open: 4,
  closed: 5,
  denied: 5,
};
const NAKED_RANK = 2;

const rankOf = (row: GroupRow): number => {
  const rank = RANKS[row.state];
  return row.nakedSinceUnixMs === null || isEndedGroup(row.state) ? rank : Math.min(rank, NAKED_RANK);
};

const newestOf = (row: GroupRow): number => row.endedUnixMs ?? row.createdUnixMs;

/** Ids; within a rank the newest first, and by id where even that is equal. */
export const orderedGroups = (groups: Readonly<Record<string, GroupRow>>): readonly string[] =>
  Object.entries(groups)
    .sort(([idX, x], [idY, y]) => rankOf(x) - rankOf(y) || newestOf(y) - newestOf(x) || idX.localeCompare(idY))
    .map(([id]) => id);

export const isLiveGroup = (row: GroupRow): boolean => !isEndedGroup(row.state);
