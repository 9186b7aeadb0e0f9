/** Net exposure: exact where it is known, unknown where a part is. */
import { describe, expect, it } from 'vitest';
import { fixtureTables } from '../../fixtureRows.testkit.ts';
import { exposureOf, exposureText } from './exposure.ts';

const { pairs, positions } = fixtureTables(0);
const [template] = Object.values(positions);
if (template === undefined) throw new Error('the fixture holds nothing');

describe('exposureOf', () => {
  it('sums both legs of an underlying, in the order of the pairs', () => {
    expect(exposureOf(pairs, positions)).toEqual([
      { underlying: 'XAU', baseQty: '0', notionalUsd: 0 },
      { underlying: 'BTC', baseQty: '0.02', notionalUsd: 1_944.6 },
      { underlying: 'XAG', baseQty: '50', notionalUsd: null },
    ]);
  });

  it('does not make a residual of binary fractions', () => {
    const of = (baseQty: string) => ({ ...template, ownQty: baseQty, baseQty });
    const held = { 'XAUUSD@mt5-demo': of('0.1'), 'XAU-USDT-SWAP@okx': of('0.2'), 'other@x': of('1') };
    const more = { ...held, 'XAUUSD@mt5-demo': of('-0.3'), 'XAU-USDT-SWAP@okx': of('0.3') };
    expect(exposureOf(pairs, held)[0]).toMatchObject({ underlying: 'XAU', baseQty: '0.3' });
    expect(exposureOf(pairs, more)[0]).toMatchObject({ baseQty: '0', notionalUsd: 0 });
    expect(exposureOf(pairs, more)[1]).toMatchObject({ underlying: 'other@x' });
  });

  it('is unknown where a contract’s size is', () => {
    expect(exposureOf(pairs, { 'XAUUSD@mt5-demo': { ...template, baseQty: null } })[0]).toMatchObject({ baseQty: null });
  });

  it('leaves out what is not ours', () => {
    expect(exposureOf(pairs, { 'BTCUSDT@binance-spot': { ...template, ownQty: '0', foreignQty: '9' } })).toEqual([]);
  });
});

describe('exposureText', () => {
  it('one word where nothing is held', () => {
    expect(exposureText([])).toBe('flat');
    expect(exposureText(exposureOf(pairs, positions))).toBe('XAU 0 · BTC +0.02 · XAG +50');
  });
});
