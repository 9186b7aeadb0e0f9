/** Held groups stand on top, whatever their age. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureGroups, groupRow } from '../../fixtureTrading.testkit.ts';
import { orderedGroups } from './groupOrder.ts';

describe('orderedGroups', () => {
  it('what waits for a person, what is naked, what moves, what is open, what ended', () => {
    expect(orderedGroups(fixtureGroups(1e9))).toEqual(['gxag2', 'gbtc9', 'gxau5', 'gbtc8', 'gxau4', 'gxau3', 'gbtc7', 'gxau2']);
  });

  it('an open group with a naked part rises above those that move', () => {
    const groups = { moving: groupRow(0, 'opening'), naked: groupRow(0, 'open', { nakedSinceUnixMs: 1 }), open: groupRow(0, 'open') };
    expect(orderedGroups(groups)).toEqual(['naked', 'moving', 'open']);
  });

  it('is the same whatever order the rows came in', () => {
    const entries = Object.entries(fixtureGroups(1e9));
    const expected = orderedGroups(Object.fromEntries(entries));
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(orderedGroups(Object.fromEntries(shuffled))).toEqual(expected);
      }),
    );
  });
});
