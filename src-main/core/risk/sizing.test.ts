import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { metadataOf, settingsOf, X_A, X_B, World } from '../core.testkit.ts';
import { ceilTo, commonMultiple, floorTo, maximumBaseQty, minimumBaseQty, quantumOf } from './sizing.ts';

const text = (value: Decimal | null): string | null => (value === null ? null : value.toFixed());

describe('the common quantum', () => {
  test.each([
    ['0.01', '0.001', '0.01'],
    ['0.03', '0.02', '0.06'],
    ['1', '0.3', '3'],
    ['100', '0.01', '100'],
    ['0.1', '0.1', '0.1'],
  ])('of %s and %s is %s', (p, q, expected) => {
    expect(commonMultiple(new Decimal(p), new Decimal(q)).toFixed()).toBe(expected);
  });

  test('is a whole multiple of both steps, and nothing smaller is', () => {
    const steps = fc
      .tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 6 }))
      .map(([n, digits]) => new Decimal(n).div(10 ** digits));
    fc.assert(
      fc.property(steps, steps, (p, q) => {
        const multiple = commonMultiple(p, q);
        expect(multiple.mod(p).isZero() && multiple.mod(q).isZero()).toBe(true);
        const [m, n] = [multiple.div(p).toNumber(), multiple.div(q).toNumber()];
        for (let divisor = 2; divisor <= Math.min(m, n); divisor++) expect(m % divisor === 0 && n % divisor === 0).toBe(false);
      }),
    );
  });
});

describe('sizes of a pair', () => {
  const world = (): World => {
    const w = new World(settingsOf());
    w.ready();
    w.spread(0);
    return w;
  };

  test('unknown until both legs are described; anew when a description changes', () => {
    const { state } = world();
    const pair = state.pairs[0]!;
    expect(text(quantumOf(pair))).toBe('0.001');
    pair.b.metadata = metadataOf(X_B, { qtyStep: '0.01', baseQtyPerUnit: '0.5' });
    expect(text(quantumOf(pair))).toBe('0.005');
    pair.a.metadata = metadataOf(X_A, { qtyStep: '0.003' });
    expect(text(quantumOf(pair))).toBe('0.015');
    pair.b.metadata = null;
    expect([quantumOf(pair), minimumBaseQty(pair)]).toEqual([null, null]);
  });

  test('the minimum covers least quantity, least notional at the bid and the own setting, in whole quanta', () => {
    const { state } = world();
    const pair = state.pairs[0]!;
    expect(text(minimumBaseQty(pair))).toBe('0.001');
    pair.a.metadata = metadataOf(X_A, { minQty: '0.02' });
    expect(text(minimumBaseQty(pair))).toBe('0.02');
    // 300 at a bid of 9,999.995: a little more than 0.03.
    pair.b.metadata = metadataOf(X_B, { minNotional: '300' });
    expect(text(minimumBaseQty(pair))).toBe('0.031');
    pair.b.bidPx = Number.NaN;
    expect(minimumBaseQty(pair)).toBeNull();
  });

  test('the maximum is the smaller of both, in base units; none where no venue sets one', () => {
    const { state } = world();
    const pair = state.pairs[0]!;
    expect(maximumBaseQty(pair)).toBeNull();
    pair.a.metadata = metadataOf(X_A, { maxQty: '3' });
    pair.b.metadata = metadataOf(X_B, { maxQty: '200', baseQtyPerUnit: '0.01' });
    expect(text(maximumBaseQty(pair))).toBe('2');
  });

  test('down and up to whole steps', () => {
    const step = new Decimal('0.003');
    expect([floorTo(new Decimal('0.01'), step).toFixed(), ceilTo(new Decimal('0.01'), step).toFixed()]).toEqual(['0.009', '0.012']);
    expect([floorTo(new Decimal('0.009'), step).toFixed(), ceilTo(new Decimal('0.009'), step).toFixed()]).toEqual(['0.009', '0.009']);
  });
});
