/** Trading hours as an EA lists them, as the engine keeps them. Pure. */
import type { WireTradingSession } from './helloWire.ts';

export interface WeeklyWindow {
  /** Minutes since Sunday 00:00 server time; the close may lie in the next week. */
  readonly openMinuteOfWeek: number;
  readonly closeMinuteOfWeek: number;
}

const MINUTES_PER_DAY = 1_440;
const SECONDS_PER_MINUTE = 60;

/** Windows in order, those that touch or overlap made one; broken minutes are taken as shut, empty windows left out. */
export const weeklyOf = (sessions: readonly WireTradingSession[]): readonly WeeklyWindow[] => {
  const windows = sessions
    .map(([day, fromS, toS]) => ({
      openMinuteOfWeek: day * MINUTES_PER_DAY + Math.ceil(fromS / SECONDS_PER_MINUTE),
      closeMinuteOfWeek: day * MINUTES_PER_DAY + Math.floor(toS / SECONDS_PER_MINUTE),
    }))
    .filter((window) => window.openMinuteOfWeek < window.closeMinuteOfWeek)
    .toSorted((a, b) => a.openMinuteOfWeek - b.openMinuteOfWeek);
  const merged: WeeklyWindow[] = [];
  for (const window of windows) {
    const before = merged.at(-1);
    if (before === undefined || window.openMinuteOfWeek > before.closeMinuteOfWeek) merged.push(window);
    else merged[merged.length - 1] = { ...before, closeMinuteOfWeek: Math.max(before.closeMinuteOfWeek, window.closeMinuteOfWeek) };
  }
  return merged;
};
