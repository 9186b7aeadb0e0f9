/** Ages and clocks, at the edges where units change. */
import { describe, expect, it } from 'vitest';
import { age, clockText, dateText, isoUtc, microseconds, preciseClockText, utcClock, zoneOffset } from './times.ts';

const AT = Date.UTC(2026, 10, 22, 14, 2, 11, 45);

describe('age', () => {
  it.each([
    [0, '0 ms'],
    [-3, '0 ms'],
    [80.4, '80 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [4_210, '4.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1m 00s'],
    [192_000, '3m 12s'],
    [3_600_000, '1h 00m'],
    [18_420_000, '5h 07m'],
    [187_200_000, '2d 4h'],
    [null, '—'],
    [Number.NaN, '—'],
  ])('of %s ms is %s', (spanMs, text) => {
    expect(age(spanMs)).toBe(text);
  });
});

describe('microseconds', () => {
  it.each([
    [38, '38 µs'],
    [1_420, '1.4 ms'],
    [41_000, '41 ms'],
    [null, '—'],
  ])('of %s is %s', (spanUs, text) => {
    expect(microseconds(spanUs)).toBe(text);
  });
});

describe('clocks', () => {
  it('name their zone', () => {
    expect(clockText(AT, zoneOffset('utc', AT, null))).toBe('14:02:11Z');
    expect(clockText(AT, zoneOffset('mt5', AT, 7_200))).toBe('16:02:11 MT5');
    expect(clockText(AT, { zone: 'local', offsetS: -12_600 })).toBe('10:32:11 −03:30');
    expect(preciseClockText(AT, zoneOffset('utc', AT, null))).toBe('14:02:11.045Z');
  });

  it('show a dash while the MT5 server has not told its offset', () => {
    expect(clockText(AT, zoneOffset('mt5', AT, null))).toBe('—');
    expect(dateText(AT, zoneOffset('mt5', AT, null))).toBe('—');
  });

  it('take the local offset of the moment, not of today', () => {
    expect(zoneOffset('local', AT, null).offsetS).toBe(-new Date(AT).getTimezoneOffset() * 60);
  });

  it('carry the date over midnight', () => {
    expect(dateText(Date.UTC(2026, 11, 31, 23, 30), zoneOffset('mt5', AT, 7_200))).toBe('2027-01-01');
  });

  it('export ISO-8601 UTC', () => {
    expect(isoUtc(AT)).toBe('2026-11-22T14:02:11.045Z');
    expect(isoUtc(null)).toBe('');
    expect(utcClock(AT)).toBe('14:02:11Z');
  });
});
