/** Gross → fees → net, with true signs; no result before there is one. */
import { expect, it } from 'vitest';
import { fixtureGroups, hedgeGroupOf } from '../../fixtureTrading.testkit.ts';
import { resultLines } from './resultText.ts';

const linesOf = (id: string) => {
  const row = fixtureGroups(0)[id];
  if (row === undefined) throw new Error(`no group ${id}`);
  return resultLines(hedgeGroupOf(id, row));
};

it('an ended group: what came in, what was paid, what is left, what slipped', () => {
  expect(linesOf('gxau3').map(([name, value]) => `${name}: ${value}`)).toEqual([
    'Expected edge: +4.9 bp',
    'of a spread of: +8.9 bp',
    'less costs of: −4.0 bp',
    'Gross: +2.11 USDT',
    'Fees: −0.80 USDT',
    'Net: +1.31 USDT · +1.31 $ · +4.9 bp',
    'Slippage, leg A: +0.4 bp',
    'Slippage, leg B: −0.1 bp',
  ]);
});

it('a live group: the fees so far by currency, and nothing that is not known', () => {
  expect(linesOf('gbtc9').at(-1)).toEqual(['Fees so far', '−1.94 USDT', false]);
  expect(linesOf('gbtc9').some(([name]) => name === 'Net')).toBe(false);
});
