import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact } from './exactJson.ts';

const LONG = '9007199254740993';
const exact = BigInt(LONG);

describe('whole numbers beyond 2^53', () => {
  test.each([
    [LONG, exact],
    [`-${LONG}`, -exact],
    [` ${LONG}`, exact],
    [`[1,${LONG}]`, [1, exact]],
    [`[-${LONG}]`, [-exact]],
    [`{"a":${LONG}}`, { a: exact }],
    [`{"a":\n\t${LONG}}`, { a: exact }],
    [`{"a":"${LONG}","b":[{"c":-${LONG}}]}`, { a: LONG, b: [{ c: -exact }] }],
  ])('%s keeps every digit', (text, value) => {
    expect(parseExact(text)).toEqual(value);
  });

  test('wherever they stand, in whatever layout', () => {
    const whole = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
    const space = fc.constantFrom('', ' ', '\n', '\t', '  ');
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 5 }), space, fc.string({ maxLength: 20 }), (numbers, gap, note) => {
        const rows = numbers.map((number) => `{"note":${JSON.stringify(note)},"id":${gap}${number}${gap}}`);
        const read = parseExact(`[${gap}${rows.join(`${gap},${gap}`)}]`) as { note: string; id: number | bigint }[];
        expect(read.map(({ id }) => BigInt(id))).toEqual(numbers);
        expect(read.every((row) => row.note === note)).toBe(true);
      }),
    );
  });
});
