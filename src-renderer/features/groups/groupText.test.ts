/** What an act will do, in one sentence that names the leg it really touches. */
import { describe, expect, it } from 'vitest';
import { GROUP_ACTS } from '../../../src-shared/domain/hedgeGroup.ts';
import { fixtureGroups } from '../../fixtureTrading.testkit.ts';
import { actSentence, nakedText, nakedTone, NAKED_ALARM_MS, NAKED_WARN_MS } from './groupText.ts';

const { gxau4: open, gbtc9: naked, gxag2: held } = fixtureGroups(0);
if (open === undefined || naked === undefined || held === undefined) throw new Error('the fixture lacks a group');

describe('actSentence', () => {
  it('close: both legs reversed, in the venues’ own units', () => {
    expect(actSentence('close', open)).toBe(
      'Will buy 0.01 XAUUSD at mt5-demo and sell 1000 XAU-USDT-SWAP at okx, reduce-only, both legs of the group together.',
    );
  });

  it('close with nothing held says so', () => {
    expect(actSentence('close', { ...open, aQty: '0', bQty: '0.00' })).toContain('neither leg holds anything');
  });

  it('complete: long residual lacks a sale, on the leg that sells', () => {
    expect(actSentence('complete', naked)).toMatch(/^Will sell what is worth 0\.02 base of BTCUSDT at binance-usdm/);
    expect(actSentence('complete', { ...naked, residualBaseQty: '-0.02' })).toMatch(
      /^Will buy what is worth 0\.02 base of BTCUSDT at binance-spot/,
    );
  });

  it('unwind: the leg that holds it', () => {
    expect(actSentence('unwind', naked)).toContain('0.02 base that BTCUSDT@binance-spot holds');
    expect(actSentence('unwind', held)).toContain('50 base that XAG-USDT-SWAP@okx holds');
    expect(actSentence('unwind', { ...held, residualBaseQty: '-50' })).toContain('XAGUSD@mt5-demo holds');
  });

  it('adopt and write off send nothing, and say so first', () => {
    for (const act of ['adopt', 'write-off'] as const) expect(actSentence(act, held)).toMatch(/^Sends nothing: books .*50 base/);
  });

  it('is one sentence for every act', () => {
    for (const act of GROUP_ACTS) expect(actSentence(act, held)).toMatch(/^[A-Z][^.]*(\.\d[^.]*)*\.$/);
  });
});

describe('the naked stopwatch', () => {
  it('is silent while nothing is naked', () => {
    expect(nakedText(null, null, 5)).toBeNull();
  });

  it('counts dollars and seconds, and never calls an unknown amount zero', () => {
    expect(nakedText(1_944.6, 1_000, 4_800)).toBe('$1\u202f945 · 3.8 s');
    expect(nakedText(-1_944.6, 1_000, 4_800)).toBe('$1\u202f945 · 3.8 s');
    expect(nakedText(null, 1_000, 1_200)).toBe('— · 200 ms');
    expect(nakedText(12, null, 9)).toBe('$12');
  });

  it('does not run backwards when the clocks disagree', () => {
    expect(nakedText(1, 1_000, 900)).toBe('$1 · 0 ms');
  });

  it('takes its colour from the ladder’s times', () => {
    expect(nakedTone(null)).toBe('tone-faint');
    expect(nakedTone(NAKED_WARN_MS - 1)).toBe('');
    expect(nakedTone(NAKED_WARN_MS)).toBe('tone-warn');
    expect(nakedTone(NAKED_ALARM_MS)).toBe('tone-error');
  });
});
