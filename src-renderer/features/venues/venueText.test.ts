/** Lamps that do not lie, and clocks that keep local time. */
import { describe, expect, it } from 'vitest';
import { fixtureTables } from '../../fixtureRows.testkit.ts';
import { clockOffsetText, lampOf, metatraderText } from './venueText.ts';

const report = fixtureTables(0).venues['mt5-demo']?.metatrader ?? null;
if (report === null) throw new Error('the fixture has no MetaTrader venue');

describe('lampOf', () => {
  it.each([
    ['live', null, 'is-live'],
    ['stale', null, 'is-wait'],
    ['connecting', null, 'is-wait'],
    ['backing-off', null, 'is-bad'],
    ['down', null, 'is-bad'],
    ['idle', null, ''],
    ['live', report, 'is-live'],
    ['live', { ...report, gates: 'algo-trading-off' }, 'is-wait'],
    ['live', { ...report, quoteOnly: true }, 'is-wait'],
    ['down', { ...report, gates: 'algo-trading-off' }, 'is-bad'],
  ] as const)('%s', (link, metatrader, lamp) => {
    expect(lampOf({ link, metatrader })).toBe(lamp);
  });
});

describe('metatraderText', () => {
  it('says what is there and what is missing', () => {
    expect(metatraderText(null)).toBeNull();
    expect(metatraderText(report)).toBe('session 7f3a21c0 epoch 3 · gates ok · 50123456 @ Demo-Server');
    expect(metatraderText({ ...report, quoteOnly: true })).toContain('QUOTE ONLY');
    expect(metatraderText({ ...report, sessionId: null })).toBe('no session yet');
    expect(metatraderText({ ...report, gates: null, login: null, server: null })).toBe('session 7f3a21c0 epoch 3 · gates —');
  });
});

describe('clockOffsetText', () => {
  it.each([
    [-3.1, 1.2, '−3 ± 1'],
    [7_200_651, 1, '+2 h +651 ± 1'],
    [19_799_990, 4, '+5.50 h −10 ± 4'],
    [-14_400_000, null, '−4 h +0 ± —'],
    [null, null, '—'],
  ])('%s ± %s', (offsetMs, uncertaintyMs, text) => {
    expect(clockOffsetText(offsetMs, uncertaintyMs)).toBe(text);
  });
});
