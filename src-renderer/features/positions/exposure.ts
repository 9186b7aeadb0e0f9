/** Net exposure per underlying, from what is ours. Pure. A part that is not known makes the whole unknown, never smaller. */
import type { PairRow, PositionRow } from '../../../src-shared/domain/view.ts';
import { isZeroText, signedQty, sumOf } from '../../format/exact.ts';

export interface Exposure {
  readonly underlying: string;
  /** Signed base quantity, exact; null = a position's contract size is not known. */
  readonly baseQty: string | null;
  /** null while a price is stale. */
  readonly notionalUsd: number | null;
}

type Pairs = Readonly<Record<string, PairRow>>;
type Positions = Readonly<Record<string, PositionRow>>;

/** An instrument that no pair names stands for itself. */
const underlyingOf = (pairs: Pairs, instrumentId: string): string => {
  for (const pair of Object.values(pairs)) if (pair.a === instrumentId || pair.b === instrumentId) return pair.underlying;
  return instrumentId;
};

const sumKnown = (values: ReadonlyArray<number | null>): number | null =>
  values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);

const sumKnownText = (values: ReadonlyArray<string | null>): string | null => {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? sumOf(known) : null;
};

/** In the order of the pairs; an underlying of which nothing is held is absent. */
export const exposureOf = (pairs: Pairs, positions: Positions): readonly Exposure[] => {
  const byUnderlying = new Map<string, PositionRow[]>();
  for (const [instrumentId, position] of Object.entries(positions)) {
    if (isZeroText(position.ownQty)) continue;
    const underlying = underlyingOf(pairs, instrumentId);
    byUnderlying.set(underlying, [...(byUnderlying.get(underlying) ?? []), position]);
  }
  const order = Object.values(pairs).map((pair) => pair.underlying);
  const rank = (underlying: string): number => (order.includes(underlying) ? order.indexOf(underlying) : order.length);
  return [...byUnderlying]
    .sort(([x], [y]) => rank(x) - rank(y) || x.localeCompare(y))
    .map(([underlying, rows]) => {
      const baseQty = sumKnownText(rows.map((row) => row.baseQty));
      const isFlat = baseQty !== null && isZeroText(baseQty);
      return { underlying, baseQty, notionalUsd: isFlat ? 0 : sumKnown(rows.map((row) => row.notionalUsd)) };
    });
};

/** `XAU 0 · BTC +0.02`; `flat` while nothing is held. */
export const exposureText = (exposures: readonly Exposure[]): string =>
  exposures.length === 0 ? 'flat' : exposures.map(({ underlying, baseQty }) => `${underlying} ${signedQty(baseQty)}`).join(' · ');
