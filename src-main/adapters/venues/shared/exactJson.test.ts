import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseByReviver, parseExact } from './exactJson.ts';

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

/** A bigint is equal to itself alone, and what is no JSON is none by either way. */
const outcomeOf = (read: (text: string) => unknown, text: string): unknown => {
  try {
    return { value: read(text) };
  } catch (error) {
    return { thrown: (error as Error).name };
  }
};
const expectSame = (text: string): void => {
  expect(outcomeOf(parseExact, text), text).toEqual(outcomeOf(parseByReviver, text));
};

describe('the short way reads what the reviver reads', () => {
  const MARKED = '\u{e000}9007199254740993';
  test.each([
    `{"a":":${LONG},"}`,
    `{"a":",${LONG}","b":${LONG}}`,
    `{"a":"[ ${LONG} ]","b":[${LONG}]}`,
    `{"a\\":${LONG},"b":"\\\\","c":${LONG}}`,
    `{"a\\"":${LONG},"b":" ${LONG} "}`,
    `{"a":"${MARKED}","b":${LONG}}`,
    `{"a":"\\ue0009007199254740993","b":${LONG}}`,
    `{${LONG}:1}`,
    `{ ${LONG} : 1}`,
    `{"a":1,${LONG} : 1}`,
    `{"a":1,${LONG}}`,
    `[${LONG}.0]`,
    `[${LONG}e2]`,
    `[1e-${LONG}]`,
    `[-${LONG}]`,
    `[- ${LONG}]`,
    `[0${LONG}]`,
    `[+${LONG}]`,
    `[1 ${LONG}]`,
    `["a" ${LONG}]`,
    `[${LONG} ${LONG}]`,
    `[\u00a0${LONG}]`,
    `[${LONG}\u2028]`,
    `[${LONG}`,
    `{"a":${LONG}`,
    '1234567890123456',
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '9'.repeat(40),
    `{"__proto__":${LONG}}`,
    `{"__proto__":{"a":${LONG}},"constructor":${LONG}}`,
    `{"a":${LONG},"a":1}`,
    `{"a":1,"a":${LONG}}`,
    `{"1":${LONG},"0":${LONG},"a":null}`,
    ` ${LONG} `,
  ])('%s', expectSame);

  test('whatever values stand wherever', () => {
    const whole = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String);
    const odd = fc.constantFrom(`:${LONG},`, `[${LONG}]`, ` ${LONG} `, MARKED, '"', '\\', `"${LONG}`, `{"a":${LONG}}`, LONG);
    const leaf = fc.oneof(
      whole,
      fc.oneof(fc.string({ maxLength: 8 }), odd).map((text) => JSON.stringify(text)),
      fc.constantFrom('null', 'true', '1.5', '-0', '1e400', `${LONG}.5`, `${LONG}e1`),
    );
    const space = fc.constantFrom('', '', ' ', '\n\t');
    // Without backslashes: the parser of V8 13 takes the name `\"` for `\`, or the first of two for the last, once it has met such names.
    const name = fc.oneof(fc.string({ maxLength: 4 }), odd).map((text) => text.replaceAll('\\', '/'));
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([all, gap]) => `[${gap}${all.join(`${gap},${gap}`)}${gap}]`),
        fc
          .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }), space)
          .map(([all, gap]) => `{${all.map(([key, each]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${each}${gap}`).join(',')}}`),
      ),
    }));
    fc.assert(fc.property(value, expectSame), { numRuns: 2_000 });
  });

  test('broken in any place', () => {
    const whole = `{"id":${LONG},"n":":${LONG}","a":[1,-${LONG} , {"b" : ${LONG}}],"t":"x"}`;
    const mark = fc.constantFrom('', '"', ',', ':', ' ', '0', '-', '.', 'e', '[', ']', '{', '}', '\\', LONG);
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), fc.nat({ max: 3 }), mark, (at, cut, put) => {
        expectSame(whole.slice(0, at) + put + whole.slice(at + cut));
      }),
      { numRuns: 2_000 },
    );
  });
});
