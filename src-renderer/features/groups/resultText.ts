/** A group's money as lines: gross → fees → net, and what each leg slipped. Pure. */
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { moneyText, negated, signedQty } from '../../format/exact.ts';
import { bps, signed } from '../../format/numbers.ts';

export type ResultLine = readonly [name: string, value: string, isSum: boolean];

const feesOf = ({ a, b }: HedgeGroup['legs']): string => {
  const paid = [a, b].flatMap((leg) => Object.entries(leg.fees).map(([ccy, fee]) => `${signedQty(negated(fee))} ${ccy}`));
  return paid.length === 0 ? 'none yet' : paid.join(', ');
};

/** While it lives there is no result: what was expected and what was paid so far. */
export const resultLines = (group: HedgeGroup): readonly ResultLine[] => {
  const expected: readonly ResultLine[] = [
    ['Expected edge', `${bps(group.expected.edgeBps)} bp`, false],
    ['of a spread of', `${bps(group.expected.spreadBps)} bp`, false],
    ['less costs of', `${bps(-group.expected.costsBps)} bp`, false],
  ];
  const { result } = group;
  if (result === null) return [...expected, ['Fees so far', feesOf(group.legs), false]];
  return [
    ...expected,
    ['Gross', `${moneyText(result.gross)} ${result.ccy}`, false],
    ['Fees', `${moneyText(negated(result.fees))} ${result.ccy}`, false],
    ['Net', `${moneyText(result.net)} ${result.ccy} · ${signed(result.netUsd, 2)} $ · ${bps(result.netBps)} bp`, true],
    ['Slippage, leg A', `${bps(result.slippageBps.a)} bp`, false],
    ['Slippage, leg B', `${bps(result.slippageBps.b)} bp`, false],
  ];
};
