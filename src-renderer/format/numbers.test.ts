/** What a trader reads: signs, dashes, digits; and that nothing unknown ever turns into a zero. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bps,
  count,
  fullPrecision,
  MINUS,
  padAfter,
  percentOf,
  plain,
  price,
  quantity,
  signed,
  signedText,
  trueMinus,
  UNKNOWN,
} from './numbers.ts';

describe('signs', () => {
  it.each([
    [7.24, '+7.2'],
    [-1.45, `${MINUS}1.4`],
    [0, '+0.0'],
    [-0.04, `${MINUS}0.0`],
    [-14.02, `${MINUS}14.0`],
    [null, UNKNOWN],
    [undefined, UNKNOWN],
    [Number.NaN, UNKNOWN],
    [Number.POSITIVE_INFINITY, UNKNOWN],
  ])('bps(%s) is %s', (value, text) => {
    expect(bps(value)).toBe(text);
  });

  it('uses the true minus, never a hyphen', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 8 }), (value, digits) => {
        for (const text of [signed(value, digits), plain(value, digits), count(value), quantity(value), price(value, digits)]) {
          expect(text).not.toContain('-');
          expect(text).not.toContain('e');
        }
      }),
    );
  });

  it('shows a sign on every known signed figure', () => {
    fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => /^[+−]\d/.test(signed(value, 2))));
  });

  it('shows the sign of exact decimals kept as text', () => {
    expect(signedText('9.100000')).toBe('+9.100000');
    expect(signedText('-0.25')).toBe('−0.25');
  });
});

describe('unknown figures', () => {
  it('are a dash everywhere, never a zero', () => {
    for (const unknown of [null, undefined, Number.NaN]) {
      expect([signed(unknown, 1), plain(unknown, 1), price(unknown, 2), percentOf(unknown), count(unknown), quantity(unknown)]).toEqual(
        Array.from({ length: 6 }, () => UNKNOWN),
      );
      expect(fullPrecision(unknown)).toBe('');
    }
  });
});

describe('prices and sizes', () => {
  it('take the digits of the tick', () => {
    expect(price(2_651.4, 2)).toBe('2651.40');
    expect(price(97_240, 1)).toBe('97240.0');
    expect(price(31, 0)).toBe('31');
  });

  it('show their own digits while the metadata is awaited', () => {
    expect(price(2_651.42, null)).toBe('2651.42');
    expect(price(0.1 + 0.2, null)).toBe('0.3');
  });

  it.each([
    [0, '0'],
    [12.5, '12.5'],
    [0.000123456, '0.00012346'],
    [1_234_567.891, '1234568'],
    [100, '100'],
  ])('quantity(%s) is %s', (value, text) => {
    expect(quantity(value)).toBe(text);
  });

  it('groups counts by threes', () => {
    expect(count(1_234_567)).toBe('1\u202f234\u202f567');
    expect(count(999)).toBe('999');
  });
});

describe('percentOf', () => {
  it.each([
    [0.014, '1.4'],
    [0, '0.0'],
    [0.0002, '<0.1'],
    [1, '100.0'],
  ])('of %s is %s', (share, text) => {
    expect(percentOf(share)).toBe(text);
  });
});

describe('fullPrecision', () => {
  it('gives back the very number, without exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
        const text = fullPrecision(value);
        expect(text).not.toContain('e');
        if (Math.abs(value) >= 1e-4) expect(Number(text)).toBe(value === 0 ? 0 : value);
      }),
    );
    expect(fullPrecision(1e-7)).toBe('0.0000001');
  });
});

describe('padAfter', () => {
  it('brings the points of a column into line', () => {
    expect(padAfter('2651.42', 3)).toEqual({ digits: 1, point: false });
    expect(padAfter('97240', 2)).toEqual({ digits: 2, point: true });
    expect(padAfter('31.204', 3)).toEqual({ digits: 0, point: false });
    expect(padAfter('31', 0)).toEqual({ digits: 0, point: false });
  });
});

describe('trueMinus', () => {
  it('changes signs and nothing else', () => {
    expect(trueMinus('edge -5.40 = spread 1.95 − costs 7.35 (-2 at least)')).toBe(
      `edge ${MINUS}5.40 = spread 1.95 − costs 7.35 (${MINUS}2 at least)`,
    );
    expect(trueMinus('XAU-USDT-SWAP@okx-2: since 2026-11-22')).toBe('XAU-USDT-SWAP@okx-2: since 2026-11-22');
  });
});
