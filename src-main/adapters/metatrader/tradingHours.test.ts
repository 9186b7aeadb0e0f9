import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WireTradingSession } from './helloWire.ts';
import { weeklyOf } from './tradingHours.ts';

it.each<[string, readonly WireTradingSession[], readonly (readonly [number, number])[]]>([
  ['nothing', [], []],
  ['a day', [[1, 3_600, 7_200]], [[1_500, 1_560]]],
  ['an empty window', [[1, 3_600, 3_600]], []],
  ['broken minutes as shut', [[0, 59, 181]], [[1, 3]]],
  ['less than a minute', [[0, 61, 119]], []],
  [
    'days that touch',
    [
      [1, 0, 86_400],
      [2, 0, 86_400],
      [3, 0, 3_600],
    ],
    [[1_440, 4_380]],
  ],
  [
    'windows in any order',
    [
      [2, 0, 60],
      [1, 0, 60],
    ],
    [
      [1_440, 1_441],
      [2_880, 2_881],
    ],
  ],
  [
    'a daily break',
    [
      [1, 0, 79_200],
      [1, 82_800, 86_400],
    ],
    [
      [1_440, 2_760],
      [2_820, 2_880],
    ],
  ],
  ['past midnight, into the next week', [[6, 82_800, 93_600]], [[10_020, 10_200]]],
  [
    'one within another',
    [
      [1, 0, 86_400],
      [1, 3_600, 7_200],
    ],
    [[1_440, 2_880]],
  ],
])('%s', (_name, sessions, windows) => {
  expect(weeklyOf(sessions).map(({ openMinuteOfWeek, closeMinuteOfWeek }) => [openMinuteOfWeek, closeMinuteOfWeek])).toEqual(windows);
});

it('opens exactly the whole minutes that some session opens', () => {
  const session = fc
    .tuple(fc.nat(6), fc.nat(86_400), fc.nat(40_000))
    .map(([day, from, long]): WireTradingSession => [day, from, from + long]);
  fc.assert(
    fc.property(fc.array(session, { maxLength: 8 }), fc.nat(8 * 1_440), (sessions, minute) => {
      const open = weeklyOf(sessions).some((w) => w.openMinuteOfWeek <= minute && minute < w.closeMinuteOfWeek);
      const expected = sessions.some(([day, from, to]) => day * 86_400 + from <= minute * 60 && (minute + 1) * 60 <= day * 86_400 + to);
      expect(open).toBe(expected);
    }),
  );
});
