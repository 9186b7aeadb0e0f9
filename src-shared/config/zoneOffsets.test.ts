import { describe, expect, test } from 'vitest';
import { YEARS_AHEAD, zoneOffsetsOf } from './zoneOffsets.ts';

const around = Date.UTC(2026, 10, 22);
const in2026 = (zone: string) =>
  zoneOffsetsOf(zone, around).filter(({ fromUnixMs }) => fromUnixMs >= Date.UTC(2026, 0, 1) && fromUnixMs < Date.UTC(2027, 0, 1));

describe('offsets of a zone', () => {
  test('Athens turns at 01:00 UTC on the last Sundays of March and October', () => {
    expect(in2026('Europe/Athens')).toEqual([
      { fromUnixMs: Date.UTC(2026, 2, 29, 1), offsetMin: 180 },
      { fromUnixMs: Date.UTC(2026, 9, 25, 1), offsetMin: 120 },
    ]);
  });

  test('New York turns at 02:00 of its own clock, on other days', () => {
    expect(in2026('America/New_York')).toEqual([
      { fromUnixMs: Date.UTC(2026, 2, 8, 7), offsetMin: -240 },
      { fromUnixMs: Date.UTC(2026, 10, 1, 6), offsetMin: -300 },
    ]);
  });

  test('a zone without turns has one offset, from long before any event', () => {
    expect(zoneOffsetsOf('Asia/Kolkata', around)).toEqual([{ fromUnixMs: 0, offsetMin: 330 }]);
    expect(zoneOffsetsOf('UTC', around)).toEqual([{ fromUnixMs: 0, offsetMin: 0 }]);
  });

  test('reaches over the years ahead, in order, each turn a change', () => {
    const offsets = zoneOffsetsOf('Europe/Athens', around);
    expect(offsets[0]).toEqual({ fromUnixMs: 0, offsetMin: 120 });
    expect(offsets.at(-1)!.fromUnixMs).toBeGreaterThan(Date.UTC(2026 + YEARS_AHEAD, 9, 1));
    for (const [i, { fromUnixMs, offsetMin }] of offsets.entries()) {
      if (i === 0) continue;
      expect(fromUnixMs).toBeGreaterThan(offsets[i - 1]!.fromUnixMs);
      expect(offsetMin).not.toBe(offsets[i - 1]!.offsetMin);
    }
  });
});
