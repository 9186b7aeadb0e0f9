/** Order of the pairs: sorted, and still while the pointer is inside. */
import { describe, expect, it } from 'vitest';
import type { PairRow } from '../../../src-shared/domain/view.ts';
import { fixtureTables } from '../../fixtureRows.testkit.ts';
import { heldOrder } from '../../parts/heldOrder.ts';
import { orderedPairs } from './order.ts';

const [template] = Object.values(fixtureTables(0).pairs) as [PairRow];
const row = (fields: Partial<PairRow>): PairRow => ({ ...template, ...fields });

const PAIRS = {
  b: row({ fEdgeBps: 1, rEdgeBps: -9, fTriggerRate: 0.1, rTriggerRate: null }),
  a: row({ fEdgeBps: null, rEdgeBps: 4, fTriggerRate: null, rTriggerRate: null }),
  c: row({ fEdgeBps: 99, rEdgeBps: 99, stale: true }),
};

describe('orderedPairs', () => {
  it.each([
    ['given', ['b', 'a', 'c']],
    ['pair', ['a', 'b', 'c']],
    ['edge', ['a', 'b', 'c']],
    ['trigger', ['b', 'a', 'c']],
  ] as const)('by %s', (sort, ids) => {
    expect(orderedPairs(PAIRS, sort)).toEqual(ids);
  });

  it('puts stale pairs last, however good their last figure was', () => {
    expect(orderedPairs(PAIRS, 'edge').at(-1)).toBe('c');
  });
});

describe('heldOrder', () => {
  it('keeps rows in place, drops the gone, appends the new', () => {
    expect(heldOrder(['c', 'gone', 'a'], PAIRS)).toEqual(['c', 'a', 'b']);
  });
});
