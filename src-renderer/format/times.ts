/**
 * Ages, durations and clocks. All input is Unix milliseconds or a span of milliseconds; zones are UTC, this
 * computer's, and the MT5 server's by its declared offset. Files always get ISO-8601 UTC.
 */
import { UNKNOWN } from './numbers.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MIN, MS_PER_S } from '../../src-shared/domain/units.ts';

export type ClockZone = 'utc' | 'local' | 'mt5';

const two = (value: number): string => String(value).padStart(2, '0');

/** `80 ms`, `4.2 s`, `3m 12s`, `5h 07m`, `2d 4h`. */
export const age = (spanMs: number | null | undefined): string => {
  if (typeof spanMs !== 'number' || !Number.isFinite(spanMs)) return UNKNOWN;
  const span = Math.max(0, spanMs);
  if (span < MS_PER_S - 0.5) return `${Math.round(span)} ms`;
  if (span < MS_PER_MIN - 50) return `${(span / MS_PER_S).toFixed(1)} s`;
  const seconds = Math.round(span / MS_PER_S);
  if (span < MS_PER_HOUR) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.floor(span / MS_PER_MIN);
  if (span < MS_PER_DAY) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  return `${Math.floor(span / MS_PER_DAY)}d ${Math.floor((span % MS_PER_DAY) / MS_PER_HOUR)}h`;
};

/** `0.8 ms`, `45 µs`: spans measured in microseconds. */
export const microseconds = (spanUs: number | null | undefined): string => {
  if (typeof spanUs !== 'number' || !Number.isFinite(spanUs)) return UNKNOWN;
  if (spanUs < 1_000) return `${Math.round(spanUs)} µs`;
  return `${(spanUs / 1_000).toFixed(spanUs < 10_000 ? 1 : 0)} ms`;
};

export interface ZoneOffset {
  readonly zone: ClockZone;
  /** Seconds east of UTC; null = the MT5 server has not said. */
  readonly offsetS: number | null;
}

export const zoneOffset = (zone: ClockZone, unixMs: number, mt5OffsetS: number | null): ZoneOffset => {
  if (zone === 'utc') return { zone, offsetS: 0 };
  if (zone === 'mt5') return { zone, offsetS: mt5OffsetS };
  return { zone, offsetS: -new Date(unixMs).getTimezoneOffset() * 60 };
};

const offsetText = (offsetS: number): string => {
  const minutes = Math.abs(Math.round(offsetS / 60));
  return `${offsetS < 0 ? '−' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
};

const suffixOf = ({ zone, offsetS }: ZoneOffset): string => {
  if (zone === 'utc') return 'Z';
  return zone === 'mt5' ? ' MT5' : ` ${offsetText(offsetS ?? 0)}`;
};

const wallTime = (unixMs: number, offsetS: number): string => new Date(unixMs + offsetS * MS_PER_S).toISOString();

/** `14:02:11Z`, `16:02:11 +02:00`, `17:02:11 MT5`. */
export const clockText = (unixMs: number | null | undefined, zone: ZoneOffset): string => {
  if (typeof unixMs !== 'number' || !Number.isFinite(unixMs) || zone.offsetS === null) return UNKNOWN;
  return `${wallTime(unixMs, zone.offsetS).slice(11, 19)}${suffixOf(zone)}`;
};

/** As `clockText` with milliseconds. */
export const preciseClockText = (unixMs: number | null | undefined, zone: ZoneOffset): string => {
  if (typeof unixMs !== 'number' || !Number.isFinite(unixMs) || zone.offsetS === null) return UNKNOWN;
  return `${wallTime(unixMs, zone.offsetS).slice(11, 23)}${suffixOf(zone)}`;
};

export const dateText = (unixMs: number, zone: ZoneOffset): string =>
  zone.offsetS === null ? UNKNOWN : wallTime(unixMs, zone.offsetS).slice(0, 10);

/** `14:02:11Z`, always UTC: labels of latches, which several people read in several places. */
export const utcClock = (unixMs: number): string => clockText(unixMs, { zone: 'utc', offsetS: 0 });

export const isoUtc = (unixMs: number | null): string => (unixMs === null ? '' : new Date(unixMs).toISOString());
