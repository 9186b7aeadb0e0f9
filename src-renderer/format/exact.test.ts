/** Exact decimals for the eye. */
import { expect, it } from 'vitest';
import { isZeroText, minus, moneyText, negated, priceText, signedQty, sumOf } from './exact.ts';

it('sums and differences are exact', () => {
  expect(sumOf(['0.1', '0.2', '-0.3'])).toBe('0');
  expect(sumOf([])).toBe('0');
  expect(minus('0.3', '0.1')).toBe('0.2');
  expect(negated('0.02')).toBe('-0.02');
});

it.each([
  ['0', '0'],
  ['-0.00', '0'],
  ['0.10', '+0.10'],
  ['-1', '−1'],
  [null, '—'],
])('signedQty(%s)', (decimal, text) => {
  expect(signedQty(decimal)).toBe(text);
});

it('money has two places and its sign', () => {
  expect(moneyText('1.305')).toBe('+1.30');
  expect(moneyText('-0.624')).toBe('−0.62');
  expect(moneyText(null)).toBe('—');
});

it('a price takes its tick’s digits, or all it has', () => {
  expect(priceText('97231.5', 2)).toBe('97231.50');
  expect(priceText('97231.512345', null)).toBe('97231.512345');
  expect(priceText(null, 2)).toBe('—');
  expect(priceText('-37.63', 1)).toBe('−37.6');
});

it('knows a zero however it is written', () => {
  expect(['0', '0.000', '-0', '.0'].every(isZeroText)).toBe(true);
  expect(['0.001', '-1', '10'].some(isZeroText)).toBe(false);
});
