/**
 * UTC offsets of an IANA zone over the years a configuration may be used. Daylight saving is looked up here, once, in the
 * platform's own tables; the core gets plain figures, so that a journal means the same hours on every machine.
 */
import { MS_PER_DAY, MS_PER_MIN } from '../domain/units.ts';

/** From one year before to this many after the year of the given moment. */
export const YEARS_AHEAD = 10;

const offsetMinAt = (format: Intl.DateTimeFormat, unixMs: number): number => {
  const parts = format.formatToParts(unixMs);
  const partOf = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(partOf('year'), partOf('month') - 1, partOf('day'), partOf('hour'), partOf('minute'), partOf('second'));
  return Math.round((local - Math.floor(unixMs / 1_000) * 1_000) / MS_PER_MIN);
};

/** First moment in (low, high] at which the offset is no longer `before`, to the minute. */
const turnOf = (format: Intl.DateTimeFormat, low: number, high: number, before: number): number => {
  let [from, to] = [low, high];
  while (to - from > MS_PER_MIN) {
    const middle = Math.floor((from + to) / 2 / MS_PER_MIN) * MS_PER_MIN;
    if (offsetMinAt(format, middle) === before) from = middle;
    else to = middle;
  }
  return to;
};

/** @param aroundUnixMs any moment of the year in which the settings are made */
export const zoneOffsetsOf = (
  zone: string,
  aroundUnixMs: number,
): readonly { readonly fromUnixMs: number; readonly offsetMin: number }[] => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const year = new Date(aroundUnixMs).getUTCFullYear();
  const start = Date.UTC(year - 1, 0, 1);
  const end = Date.UTC(year + YEARS_AHEAD, 11, 31);
  let offset = offsetMinAt(format, start);
  const offsets = [{ fromUnixMs: 0, offsetMin: offset }];
  for (let day = start; day < end; day += MS_PER_DAY) {
    const next = offsetMinAt(format, day + MS_PER_DAY);
    if (next === offset) continue;
    offsets.push({ fromUnixMs: turnOf(format, day, day + MS_PER_DAY, offset), offsetMin: next });
    offset = next;
  }
  return offsets;
};
