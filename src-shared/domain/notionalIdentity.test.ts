import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from './decimal.ts';
import { identityText, notionalIdentity, type UnitTerms } from './notionalIdentity.ts';

const gold: UnitTerms = { symbol: 'XAUUSD', kind: 'cfd', baseCcy: 'XAU', baseQtyPerUnit: '100', qtyStep: '0.01' };
const swap: UnitTerms = { symbol: 'XAU-USDT-SWAP', kind: 'perpetual', baseCcy: 'XAU', baseQtyPerUnit: '0.001', qtyStep: '1' };
const bitcoin: UnitTerms = { symbol: 'BTCUSD', kind: 'cfd', baseCcy: 'BTC', baseQtyPerUnit: '1', qtyStep: '0.01' };
const usdm: UnitTerms = { symbol: 'BTCUSDT', kind: 'perpetual', baseCcy: 'BTC', baseQtyPerUnit: '1', qtyStep: '0.001' };

describe('what one lot is on the other leg', () => {
  it.each([
    [gold, swap, '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP'],
    [bitcoin, usdm, '1.00 lot BTCUSD = 1 BTC = 1 BTC BTCUSDT'],
    [{ ...gold, qtyStep: '1' }, { ...usdm, symbol: 'XAUUSDT', baseCcy: 'XAU' }, '1 lot XAUUSD = 100 XAU = 100 XAU XAUUSDT'],
    [{ ...gold, baseQtyPerUnit: '1234567.5' }, usdm, '1.00 lot XAUUSD = 1,234,567.5 XAU = 1,234,567.5 BTC BTCUSDT'],
  ])('%#', (a, b, text) => {
    expect(identityText(a, b)).toBe(text);
  });

  it('knows the smallest size that both legs hold exactly, and when there is none', () => {
    expect(notionalIdentity(gold, swap).commonStepBaseQty).toBe('1');
    expect(notionalIdentity(bitcoin, usdm).commonStepBaseQty).toBe('0.01');
    expect(notionalIdentity({ ...gold, qtyStep: '0.03' }, { ...usdm, qtyStep: '2' }).commonStepBaseQty).toBe('6');
    expect(notionalIdentity({ ...gold, baseQtyPerUnit: '1.00001' }, { ...usdm, qtyStep: '0.1' }).commonStepBaseQty).toBeNull();
  });

  it('is the same amount on both sides, and a common step is whole steps of both', () => {
    const amount = fc
      .tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 0, max: 4 }))
      .map(([n, e]) => new Decimal(n).div(10 ** e).toFixed());
    fc.assert(
      fc.property(amount, amount, amount, amount, (perLot, lotStep, perUnit, unitStep) => {
        const a = { ...gold, baseQtyPerUnit: perLot, qtyStep: lotStep };
        const b = { ...swap, baseQtyPerUnit: perUnit, qtyStep: unitStep };
        const { baseQty, otherQty, commonStepBaseQty } = notionalIdentity(a, b);
        const back = new Decimal(otherQty).times(perUnit).div(baseQty);
        expect(back.minus(1).abs().lt('1e-12')).toBe(true);
        if (commonStepBaseQty === null) return;
        for (const step of [new Decimal(perLot).times(lotStep), new Decimal(perUnit).times(unitStep)])
          expect(new Decimal(commonStepBaseQty).mod(step).isZero()).toBe(true);
      }),
    );
  });
});
