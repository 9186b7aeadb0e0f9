/** Limits in their own units, their use, and which way a change goes. */
import { describe, expect, it } from 'vitest';
import { LIMIT_NAMES, TIGHTER } from '../../../src-shared/domain/limits.ts';
import { fixtureLimits } from '../../fixtureTrading.testkit.ts';
import {
  asLimitName,
  changeOf,
  limitFigure,
  limitUnit,
  limitWords,
  orderedLimits,
  parseLimit,
  shareUsed,
  toneOfShare,
} from './limitText.ts';

describe('limitFigure', () => {
  it.each([
    ['maxGroupNotionalUsd', 5_000, '$5\u202f000'],
    ['priceCollarBps', 10, '10 bp'],
    ['maxDayLossPct', 0.38, '0.38 %'],
    ['losingCooldownMs', 900_000, '15m 00s'],
    ['noEntryBeforeCloseMin', 15, '15 min'],
    ['maxOpenGroups', 3, '3'],
    ['maxOpenGroups', null, '—'],
  ])('%s %s', (name, value, text) => {
    expect(limitFigure(name, value)).toBe(text);
  });

  it('has words for every limit and leaves a foreign name as it is', () => {
    for (const name of LIMIT_NAMES) expect(limitWords(name)).not.toBe(name);
    expect(limitWords('somethingElse')).toBe('somethingElse');
    expect(asLimitName('somethingElse')).toBeNull();
    expect(limitUnit('maxVenueErrors')).toBe('');
  });
});

describe('shareUsed', () => {
  it.each([
    ['maxOpenGroups', 3, 3, 1],
    ['maxTotalNotionalUsd', 8_000, 2_000, 0.25],
    // A floor: the level has sunk to it when the share is one.
    ['minMarginLevelPct', 300, 600, 0.5],
    ['minMarginLevelPct', 300, 300, 1],
    ['maxOpenGroups', 0, 0, 0],
    ['maxOpenGroups', 0, 1, 1],
    ['priceCollarBps', 10, null, null],
  ])('%s %s used %s', (name, value, used, share) => {
    expect(shareUsed(name, { value, used })).toBe(share);
  });

  it('takes colour near the limit and at it', () => {
    expect([null, 0.79, 0.8, 0.99, 1, 2].map(toneOfShare)).toEqual(['', '', 'is-near', 'is-near', 'is-full', 'is-full']);
  });
});

describe('changeOf', () => {
  it('knows for every limit which way is looser', () => {
    for (const name of LIMIT_NAMES) {
      expect(changeOf(name, 10, 10)).toBe('same');
      expect(changeOf(name, 10, 9)).toBe(TIGHTER[name] === 'lower' ? 'tighter' : 'looser');
      expect(changeOf(name, 10, 11)).toBe(TIGHTER[name] === 'lower' ? 'looser' : 'tighter');
    }
  });
});

describe('parseLimit', () => {
  it.each([
    ['5000', 5_000],
    [' 0.5 ', 0.5],
    ['0', 0],
    ['', null],
    ['-1', null],
    ['1e3', null],
    ['1,000', null],
    ['9999999999', null],
    ['abc', null],
  ])('%j', (typed, value) => {
    expect(parseLimit(typed)).toBe(value);
  });
});

describe('orderedLimits', () => {
  it('loss and money first, every limit once, a foreign row last', () => {
    const limits = { zForeign: { value: 1, configured: 1, used: 1, changedBy: null }, ...fixtureLimits() };
    const names = orderedLimits(limits).map(([name]) => name);
    expect(names.slice(0, 3)).toEqual(['maxDayLossPct', 'maxTotalNotionalUsd', 'maxGroupNotionalUsd']);
    expect(names.at(-1)).toBe('zForeign');
    expect(new Set(names).size).toBe(LIMIT_NAMES.length + 1);
  });
});
