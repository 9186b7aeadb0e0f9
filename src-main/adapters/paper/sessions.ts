/**
 * Whether the paper venue trades an instrument at a moment: what the terminal reported of its broker's hours, else the
 * configured calendar, else the configured weekly windows, else always. The venue's own view; the engine has its own.
 */
import type { CalendarSettings, InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { MS_PER_DAY, MS_PER_MIN } from '../../../src-shared/domain/units.ts';

export interface ReportedSessions {
  readonly serverUtcOffsetMin: number;
  readonly weekly: readonly { readonly openMinuteOfWeek: number; readonly closeMinuteOfWeek: number }[];
}

const MINUTES_PER_DAY = 1_440;
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;
/** 1970-01-01 was a Thursday; weeks begin on Sunday. */
const EPOCH_MINUTE_OF_WEEK = 4 * MINUTES_PER_DAY;

const minuteOfWeek = (unixMs: number, offsetMin: number): number =>
  (((unixMs / MS_PER_MIN + offsetMin + EPOCH_MINUTE_OF_WEEK) % MINUTES_PER_WEEK) + MINUTES_PER_WEEK) % MINUTES_PER_WEEK;

const inWeekly = (weekly: ReportedSessions['weekly'], minute: number): boolean =>
  weekly.some((w) => minute >= w.openMinuteOfWeek && minute < w.closeMinuteOfWeek);

const isOpenByCalendar = (calendar: CalendarSettings, unixMs: number): boolean => {
  const offset = calendar.offsets.findLast((each) => each.fromUnixMs <= unixMs)?.offsetMin ?? 0;
  const localMs = unixMs + offset * MS_PER_MIN;
  const date = new Date(Math.floor(localMs / MS_PER_DAY) * MS_PER_DAY).toISOString().slice(0, 10);
  const holiday = calendar.holidays.find((each) => each.date === date);
  const minute = minuteOfWeek(unixMs, offset);
  if (holiday === undefined) return inWeekly(calendar.weekly, minute);
  const minuteOfDay = minute % MINUTES_PER_DAY;
  return holiday.open.some((w) => minuteOfDay >= w.openMinuteOfDay && minuteOfDay < w.closeMinuteOfDay);
};

export const isInSession = (settings: InstrumentSettings, reported: ReportedSessions | null, unixMs: number): boolean => {
  if (reported !== null) return inWeekly(reported.weekly, minuteOfWeek(unixMs, reported.serverUtcOffsetMin));
  if (settings.calendar !== null) return isOpenByCalendar(settings.calendar, unixMs);
  if (settings.sessions.length === 0) return true;
  const minute = minuteOfWeek(unixMs, 0);
  return settings.sessions.some((w) => minute >= w.openUtcMinuteOfWeek && minute < w.closeUtcMinuteOfWeek);
};
