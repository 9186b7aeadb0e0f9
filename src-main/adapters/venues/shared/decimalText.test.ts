import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { isAbove, isMultipleOf, isMultipleOfStep, plainDecimal, stepOf } from './decimalText.ts';

/** As venues write amounts, and at the edge of what they may write. */
const digits = (max: number) =>
  fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), minLength: 1, maxLength: max });
const plain = fc.tuple(digits(24), fc.option(digits(24), { nil: null })).map(([w, f]) => (f === null ? w : `${w}.${f}`));
const short = fc.tuple(digits(6), fc.option(digits(8), { nil: null })).map(([w, f]) => (f === null ? w : `${w}.${f}`));
const odd = fc.constantFrom(
  '',
  '-',
  '.',
  '1.',
  '.5',
  '-0',
  '-0.0',
  '-1.50',
  '+1',
  '1e3',
  '1E-7',
  ' 1',
  '1 ',
  '1..2',
  '0x10',
  'NaN',
  '٣',
  '1_0',
);
const text = fc.oneof(plain, short, odd, fc.string({ maxLength: 6 }));

const outcomeOf = (judge: () => unknown): unknown => {
  try {
    return judge();
  } catch {
    return 'thrown';
  }
};

describe('decimals judged by their digits are what the decimal type says', () => {
  test.each([
    ['0.01000000', '0.01'],
    ['0', '0'],
    ['0.000', '0'],
    ['100', '100'],
    ['100.00', '100'],
    ['007.10', '7.1'],
    ['-0.50', '-0.5'],
    ['-0.00', '0'],
    ['123456789012345678901234.000000000000000000000001', '123456789012345678901234.000000000000000000000001'],
  ])('%s is spelled %s', (written, spelled) => {
    expect(plainDecimal(written)).toBe(spelled);
  });

  test('the spelling', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(outcomeOf(() => plainDecimal(each))).toEqual(outcomeOf(() => new Decimal(each).toFixed()));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['0.3', '0.1', true],
    ['61800.10', '0.1', true],
    ['61800.15', '0.1', false],
    ['0.0010000', '0.001', true],
    ['0', '0.1', true],
    ['10', '3', false],
    ['1', '0', false],
    // One beyond what a double counts.
    ['9007199254740993', '2', false],
    ['9007199254740992.5', '0.5', true],
    ['9007199254740992.3', '0.5', false],
  ])('%s by steps of %s: %s', (amount, step, is) => {
    expect(isMultipleOf(amount, step)).toBe(is);
    expect(isMultipleOfStep(amount, stepOf(step))).toBe(is);
  });

  test('multiples, also where there is one', () => {
    const near = fc
      .tuple(short, fc.bigInt({ min: 0n, max: 10n ** 14n }))
      .map(([step, times]) => [new Decimal(step).times(times.toString()).toFixed(), step]);
    fc.assert(
      fc.property(fc.oneof(near, fc.tuple(text, text)), ([amount, step]) => {
        const asked = outcomeOf(() => new Decimal(amount).mod(step).isZero());
        expect(outcomeOf(() => isMultipleOf(amount, step))).toEqual(asked);
        expect(outcomeOf(() => isMultipleOfStep(amount, stepOf(step)))).toEqual(asked);
      }),
      { numRuns: 1_000 },
    );
  });

  test('what is above what', () => {
    const pair = fc.oneof(
      fc.tuple(text, text),
      short.map((each) => [each, `${each}${each.includes('.') ? '0' : '.0'}`] as const),
    );
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(outcomeOf(() => isAbove(a, b))).toEqual(outcomeOf(() => new Decimal(a).gt(b)));
      }),
      { numRuns: 1_000 },
    );
  });
});
