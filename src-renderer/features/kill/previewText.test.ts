/** What a flatten would cost is never summed from what is not known. */
import { describe, expect, it } from 'vitest';
import { fixtureGroups, fixturePreview } from '../../fixtureTrading.testkit.ts';
import { previewLegText, previewSum } from './previewText.ts';

describe('previewSum', () => {
  it('counts what waits and what has no price, and sums the rest', () => {
    expect(previewSum(fixturePreview(fixtureGroups(0)))).toEqual({ groups: 2, waiting: 1, unpriced: 1, netUsd: -0.92 });
  });

  it('knows no sum without a price', () => {
    const { groups } = fixturePreview(fixtureGroups(0));
    expect(previewSum({ groups: groups.filter((group) => group.estimatedNetUsd === null), remains: [] }).netUsd).toBeNull();
    expect(previewSum({ groups: [], remains: [] })).toEqual({ groups: 0, waiting: 0, unpriced: 0, netUsd: null });
  });
});

describe('previewLegText', () => {
  it('says what is sent where, and at which touch', () => {
    expect(previewLegText({ instrumentId: 'XAUUSD@mt5', side: 'buy', qty: '0.01', px: 2_651.6 }, 2)).toBe('buy 0.01 XAUUSD mt5 at 2651.60');
  });

  it('never shows a price that is not there, nor a negative quantity', () => {
    expect(previewLegText({ instrumentId: 'XAUUSD@mt5', side: 'sell', qty: '-5', px: null }, 2)).toBe('sell 5 XAUUSD mt5 no fresh quote');
  });
});
