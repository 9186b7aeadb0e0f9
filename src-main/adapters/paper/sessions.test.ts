import { expect, test } from 'vitest';
import {
  INSTRUMENT_TRADING_DEFAULTS,
  NO_COSTS,
  type CalendarSettings,
  type InstrumentSettings,
} from '../../../src-shared/domain/settings.ts';
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import { isInSession } from './sessions.ts';

const settings = (over: Partial<InstrumentSettings>): InstrumentSettings => ({
  id: 'X@v' as InstrumentId,
  venueId: 'v' as VenueId,
  symbol: 'X',
  kind: 'cfd',
  expected: {},
  costs: NO_COSTS,
  assumedDisplayedBaseQty: 1,
  sessions: [],
  ...INSTRUMENT_TRADING_DEFAULTS,
  ...over,
});
const HOUR = 60;
const DAY = 24 * HOUR;

test('nothing said: always open', () => {
  expect(isInSession(settings({}), null, Date.UTC(2026, 10, 22))).toBe(true);
});

test('weekly windows in UTC, from their first minute to before their last', () => {
  // Wednesday 2026-11-18, 09:00–17:00.
  const of = settings({ sessions: [{ openUtcMinuteOfWeek: 3 * DAY + 9 * HOUR, closeUtcMinuteOfWeek: 3 * DAY + 17 * HOUR }] });
  const at = (hour: number, minute: number, second = 0) => isInSession(of, null, Date.UTC(2026, 10, 18, hour, minute, second));
  expect([at(8, 59, 59), at(9, 0), at(16, 59, 59), at(17, 0)]).toEqual([false, true, true, false]);
  expect(isInSession(of, null, Date.UTC(2026, 10, 19, 12))).toBe(false);
});

test('a calendar follows its zone through daylight saving, and its holidays', () => {
  const calendar: CalendarSettings = {
    zone: 'Europe/Athens',
    offsets: [
      { fromUnixMs: Date.UTC(2026, 2, 29, 1), offsetMin: 180 },
      { fromUnixMs: Date.UTC(2026, 9, 25, 1), offsetMin: 120 },
    ],
    weekly: [1, 2, 3, 4, 5].map((day) => ({ openMinuteOfWeek: day * DAY + HOUR, closeMinuteOfWeek: (day + 1) * DAY })),
    holidays: [
      { date: '2026-12-25', name: 'Christmas', open: [] },
      { date: '2026-11-26', name: 'early', open: [{ openMinuteOfDay: HOUR, closeMinuteOfDay: 20 * HOUR }] },
    ],
  };
  const at = (...moment: [number, number, number, number, number]) => isInSession(settings({ calendar }), null, Date.UTC(...moment));
  // Monday 01:00 of the zone is Sunday 22:00 UTC in summer, 23:00 in winter.
  expect([at(2026, 6, 19, 21, 59), at(2026, 6, 19, 22, 0)]).toEqual([false, true]);
  expect([at(2026, 10, 22, 22, 59), at(2026, 10, 22, 23, 0)]).toEqual([false, true]);
  expect(at(2026, 11, 25, 12, 0)).toBe(false);
  expect([at(2026, 10, 26, 17, 59), at(2026, 10, 26, 18, 0)]).toEqual([true, false]);
});

test('what the terminal reports of its broker goes before the configuration', () => {
  const reported = { serverUtcOffsetMin: 120, weekly: [{ openMinuteOfWeek: 3 * DAY, closeMinuteOfWeek: 3 * DAY + 14 * HOUR }] };
  const of = settings({ sessions: [{ openUtcMinuteOfWeek: 0, closeUtcMinuteOfWeek: 7 * DAY }] });
  expect(isInSession(of, reported, Date.UTC(2026, 10, 18, 11, 59))).toBe(true);
  expect(isInSession(of, reported, Date.UTC(2026, 10, 18, 12, 0))).toBe(false);
});
