/** Order of the pairs table. Pure. */
import type { PairRow } from '../../../src-shared/domain/view.ts';

export type PairSort = 'given' | 'pair' | 'edge' | 'spread' | 'trigger';

type PairTable = Readonly<Record<string, PairRow>>;

const bestOf = (f: number | null, r: number | null): number => Math.max(f ?? -Infinity, r ?? -Infinity);

const rankOf = (row: PairRow, sort: Exclude<PairSort, 'given' | 'pair'>): number => {
  if (row.stale) return -Infinity;
  if (sort === 'edge') return bestOf(row.fEdgeBps, row.rEdgeBps);
  if (sort === 'spread') return bestOf(row.fSpreadBps, row.rSpreadBps);
  return bestOf(row.fTriggerRate, row.rTriggerRate);
};

const descending = (x: number, y: number): number => {
  if (x === y) return 0;
  return x > y ? -1 : 1;
};

export const orderedPairs = (pairs: PairTable, sort: PairSort): readonly string[] => {
  const ids = Object.keys(pairs);
  if (sort === 'given') return ids;
  if (sort === 'pair') return ids.sort();
  return ids.sort((x, y) => {
    const [rowX, rowY] = [pairs[x], pairs[y]];
    return rowX === undefined || rowY === undefined ? 0 : descending(rankOf(rowX, sort), rankOf(rowY, sort));
  });
};
