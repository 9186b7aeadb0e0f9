import { describe, expect, test } from 'vitest';
import type { CalendarSettings, InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { MS_PER_HOUR, MS_PER_MIN } from '../../../src-shared/domain/units.ts';
import { instrument, pairOf, settingsOf, X_B } from '../core.testkit.ts';
import { createState, type BrokerHours, type EngineState } from '../state.ts';
import { sessionOf, venueHours, type SessionStatus } from './calendar.ts';

const DAY_MIN = 24 * 60;
const dayAt = (day: number, hour: number, minute = 0): number => day * DAY_MIN + hour * 60 + minute;

/** As brokers write metals: Monday to Friday 01:00–24:00 server time, a break from midnight to one. */
const WEEKLY: CalendarSettings['weekly'] = [1, 2, 3, 4, 5].map((day) => ({
  openMinuteOfWeek: dayAt(day, 1),
  closeMinuteOfWeek: dayAt(day, 24),
}));

/** Both turns of 2026, as `zoneOffsets` finds them. */
const ATHENS: CalendarSettings['offsets'] = [
  { fromUnixMs: 0, offsetMin: 120 },
  { fromUnixMs: Date.UTC(2026, 2, 29, 1), offsetMin: 180 },
  { fromUnixMs: Date.UTC(2026, 9, 25, 1), offsetMin: 120 },
];

const calendarOf = (more: Partial<CalendarSettings> = {}): CalendarSettings => ({
  zone: 'Europe/Athens',
  offsets: ATHENS,
  weekly: WEEKLY,
  holidays: [],
  ...more,
});

const stateOf = (more: Partial<InstrumentSettings>, hours: BrokerHours | null = null): EngineState => {
  const x = instrument('X', 'va', more);
  const state = createState(settingsOf({ instruments: [x, X_B], pairs: [pairOf(x, X_B)] }));
  state.instruments[0]!.brokerHours = hours;
  return state;
};

const at = (state: EngineState, unixMs: number): SessionStatus => sessionOf(state, state.instruments[0]!, unixMs);
const minutes = (ms: number | null): number | null => (ms === null ? null : ms / MS_PER_MIN);

describe('hours of an instrument', () => {
  test('nothing said = always open', () => {
    expect(at(stateOf({}), 0)).toEqual({ open: true, sinceOpenMs: null, untilCloseMs: null, untilOpenMs: null, weekendAhead: false });
  });

  test('UTC windows open with their first minute and shut with their closing one', () => {
    const state = stateOf({ sessions: [{ openUtcMinuteOfWeek: dayAt(3, 8), closeUtcMinuteOfWeek: dayAt(3, 17) }] });
    const opens = Date.UTC(2026, 0, 7, 8);
    const shuts = Date.UTC(2026, 0, 7, 17);
    expect(at(state, opens - 1)).toMatchObject({ open: false, untilOpenMs: 1, sinceOpenMs: null, untilCloseMs: null });
    expect(at(state, opens)).toMatchObject({ open: true, sinceOpenMs: 0, untilCloseMs: 9 * MS_PER_HOUR, weekendAhead: true });
    expect(at(state, shuts - 1)).toMatchObject({ open: true, untilCloseMs: 1 });
    expect(at(state, shuts)).toMatchObject({ open: false, untilOpenMs: (7 * 24 - 9) * MS_PER_HOUR });
  });

  test('a daily break is no weekend, the Friday close is one', () => {
    const state = stateOf({ calendar: calendarOf() });
    // Wednesday 23:30 in Athens, winter (UTC+2).
    expect(at(state, Date.UTC(2026, 0, 7, 21, 30))).toMatchObject({ open: true, untilCloseMs: 30 * MS_PER_MIN, weekendAhead: false });
    expect(at(state, Date.UTC(2026, 0, 7, 22, 30))).toMatchObject({ open: false, untilOpenMs: 30 * MS_PER_MIN });
    const friday = at(state, Date.UTC(2026, 0, 9, 21));
    expect(friday).toMatchObject({ open: true, untilCloseMs: MS_PER_HOUR, weekendAhead: true });
    expect(friday.untilOpenMs).toBe((1 + 49) * MS_PER_HOUR);
  });

  test('windows that meet at midnight are one session', () => {
    const whole = [0, 1, 2, 3, 4, 5, 6].map((day) => ({ openMinuteOfWeek: dayAt(day, 0), closeMinuteOfWeek: dayAt(day, 24) }));
    expect(at(stateOf({ calendar: calendarOf({ weekly: whole }) }), Date.UTC(2026, 0, 7, 22))).toEqual({
      open: true,
      sinceOpenMs: null,
      untilCloseMs: null,
      untilOpenMs: null,
      weekendAhead: false,
    });
  });

  test('a whole holiday shuts the day, a part of one keeps its own hours', () => {
    const calendar = calendarOf({
      holidays: [
        { date: '2026-12-25', name: 'Christmas', open: [] },
        { date: '2026-12-24', name: 'Christmas Eve', open: [{ openMinuteOfDay: 60, closeMinuteOfDay: 20 * 60 }] },
      ],
    });
    const state = stateOf({ calendar });
    const eve = at(state, Date.UTC(2026, 11, 24, 17, 30));
    expect(eve).toMatchObject({ open: true, untilCloseMs: 30 * MS_PER_MIN, weekendAhead: true });
    expect(at(state, Date.UTC(2026, 11, 24, 18))).toMatchObject({ open: false });
    expect(at(state, Date.UTC(2026, 11, 25, 12))).toMatchObject({ open: false });
    // Friday is a holiday: next is Monday 01:00 in Athens.
    expect(Date.UTC(2026, 11, 25, 12) + at(state, Date.UTC(2026, 11, 25, 12)).untilOpenMs!).toBe(Date.UTC(2026, 11, 27, 23));
  });

  test('daylight saving of the zone: an hour earlier in UTC from spring on, back in autumn', () => {
    const state = stateOf({ calendar: calendarOf() });
    const opening = (day: number, month: number, hourUtc: number): void => {
      expect(at(state, Date.UTC(2026, month, day, hourUtc) - 1).open).toBe(false);
      expect(at(state, Date.UTC(2026, month, day, hourUtc))).toMatchObject({ open: true, sinceOpenMs: 0 });
    };
    opening(26, 2, 23);
    // Turn on Sunday 2026-03-29 at 01:00 UTC: Monday's 01:00 in Athens is now Sunday 22:00 UTC.
    opening(29, 2, 22);
    expect(at(state, Date.UTC(2026, 2, 27, 21, 30))).toMatchObject({ open: true, untilCloseMs: 30 * MS_PER_MIN });
    expect(minutes(at(state, Date.UTC(2026, 2, 27, 22)).untilOpenMs)).toBe(48 * 60);
    // Turn on Sunday 2026-10-25 at 01:00 UTC: back to 23:00 UTC.
    opening(22, 9, 22);
    opening(25, 9, 23);
    expect(minutes(at(state, Date.UTC(2026, 9, 23, 21)).untilOpenMs)).toBe(50 * 60);
  });

  test('a turn in the middle of a session makes it an hour shorter or longer, and nothing else', () => {
    const weekend = [{ openMinuteOfWeek: 0, closeMinuteOfWeek: DAY_MIN }];
    const state = stateOf({ calendar: calendarOf({ weekly: weekend }) });
    // Sunday in Athens: 23 hours in March, 25 in October.
    const march = Date.UTC(2026, 2, 28, 22);
    expect(at(state, march)).toMatchObject({ open: true, sinceOpenMs: 0, untilCloseMs: 23 * MS_PER_HOUR });
    expect(at(state, march + 2 * MS_PER_HOUR)).toMatchObject({ open: true, untilCloseMs: 21 * MS_PER_HOUR });
    const october = Date.UTC(2026, 9, 24, 21);
    expect(at(state, october)).toMatchObject({ open: true, sinceOpenMs: 0, untilCloseMs: 25 * MS_PER_HOUR });
  });
});

describe('hours that the EA reports', () => {
  const LATE: BrokerHours = { serverUtcOffsetMin: 120, weekly: [{ openMinuteOfWeek: dayAt(3, 10), closeMinuteOfWeek: dayAt(3, 20) }] };

  test('narrow what is configured, and stand alone where nothing is', () => {
    for (const settings of [{ calendar: calendarOf() }, {}]) {
      const state = stateOf(settings, LATE);
      expect(at(state, Date.UTC(2026, 0, 7, 7, 59)).open).toBe(false);
      expect(at(state, Date.UTC(2026, 0, 7, 8))).toMatchObject({ open: true, sinceOpenMs: 0, untilCloseMs: 10 * MS_PER_HOUR });
      expect(at(state, Date.UTC(2026, 0, 7, 18)).open).toBe(false);
    }
  });

  test('never widen it', () => {
    const always: BrokerHours = { serverUtcOffsetMin: 120, weekly: [{ openMinuteOfWeek: 0, closeMinuteOfWeek: 7 * DAY_MIN }] };
    expect(at(stateOf({ calendar: calendarOf() }, always), Date.UTC(2026, 0, 10, 12)).open).toBe(false);
  });

  test('no hours at all is shut', () => {
    expect(at(stateOf({}, { serverUtcOffsetMin: 120, weekly: [] }), Date.UTC(2026, 0, 7, 12))).toMatchObject({
      open: false,
      untilOpenMs: null,
    });
  });

  test('a server in the configured zone keeps its daylight saving over a turn not reported yet', () => {
    const state = stateOf({ calendar: calendarOf() }, { serverUtcOffsetMin: 120, weekly: WEEKLY });
    expect(at(state, Date.UTC(2026, 2, 29, 22))).toMatchObject({ open: true, sinceOpenMs: 0 });
  });

  test('a window past the end of the week goes on into Sunday', () => {
    const state = stateOf({}, { serverUtcOffsetMin: 0, weekly: [{ openMinuteOfWeek: dayAt(6, 12), closeMinuteOfWeek: dayAt(7, 6) }] });
    expect(at(state, Date.UTC(2026, 0, 11, 5)).open).toBe(true);
    expect(at(state, Date.UTC(2026, 0, 11, 6)).open).toBe(false);
  });
});

describe('hours of a venue', () => {
  test('the first close and the first opening of its instruments', () => {
    const state = stateOf({ calendar: calendarOf() });
    const now = Date.UTC(2026, 0, 7, 21, 30);
    expect(venueHours(state, state.venues[0]!, now)).toEqual({ shutsUnixMs: now + 30 * MS_PER_MIN, opensUnixMs: now + 90 * MS_PER_MIN });
    expect(venueHours(state, state.venues[1]!, now)).toEqual({ shutsUnixMs: null, opensUnixMs: null });
  });

  test('an instrument may be named by its id; one that is not configured is a bug of ours', () => {
    const state = stateOf({ calendar: calendarOf() });
    expect(sessionOf(state, 'X@va', Date.UTC(2026, 0, 7, 12)).open).toBe(true);
    expect(() => sessionOf(state, 'Y@va', 0)).toThrow(/not configured/);
  });
});
