/** Weekly trading sessions in UTC. A window is open from its first minute up to, not including, its closing minute. */
import type { SessionWindow } from '../../src-shared/domain/settings.ts';
import { MS_PER_MIN } from '../../src-shared/domain/units.ts';

const MS_PER_WEEK = 7 * 24 * 60 * MS_PER_MIN;
/** 1970-01-01 was a Thursday: the first Sunday 00:00 UTC. */
const FIRST_SUNDAY_UNIX_MS = 3 * 24 * 60 * MS_PER_MIN;

/** No windows = always open. */
export const sessionIsOpen = (sessions: readonly SessionWindow[], unixMs: number): boolean => {
  if (sessions.length === 0) return true;
  const sinceSundayMs = (((unixMs - FIRST_SUNDAY_UNIX_MS) % MS_PER_WEEK) + MS_PER_WEEK) % MS_PER_WEEK;
  const minute = sinceSundayMs / MS_PER_MIN;
  return sessions.some((w) => minute >= w.openUtcMinuteOfWeek && minute < w.closeUtcMinuteOfWeek);
};
