/**
 * What a leg and a group hold, in decimals: venue's units held, base units signed by side, the residual, and which leg
 * has too much. Reads records only. Invariant: the residual of a group is the sum of its legs' signed base quantity.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import { isOpening, LEGS, oppositeOf, type LegName, type OrderPurpose, type Side } from '../../../src-shared/domain/order.ts';

export const ZERO = new Decimal(0);

export const twinOf = (leg: LegName): LegName => (leg === 'a' ? 'b' : 'a');

/** Venue's units that are this group's to close; negative = more was closed than opened. */
export const heldQty = ({ openedQty, closedQty, feeQty = '0', settledQty = '0' }: LegRecord): Decimal =>
  new Decimal(openedQty).minus(closedQty).minus(feeQty).minus(settledQty);

export const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);

/** Base units held, positive = long. */
export const heldBase = (leg: LegRecord): Decimal => heldQty(leg).times(leg.baseQtyPerUnit).times(signOf(leg.side));

/** Signed unhedged base quantity. */
export const residualOf = ({ legs }: HedgeGroup): Decimal => heldBase(legs.a).plus(heldBase(legs.b));

/** The leg that holds what its twin lacks: the long one for a positive residual; null = no residual. */
export const excessLeg = (group: HedgeGroup, residual: Decimal): LegName | null => {
  if (residual.isZero()) return null;
  const side: Side = residual.isPositive() ? 'buy' : 'sell';
  return group.legs.a.side === side ? 'a' : 'b';
};

export const isFlat = (group: HedgeGroup): boolean => LEGS.every((leg) => heldQty(group.legs[leg]).isZero());

/** The side of an order of this purpose. */
export const sideFor = (leg: LegRecord, purpose: OrderPurpose): Side => (isOpening(purpose) ? leg.side : oppositeOf(leg.side));

export const withLeg = (group: HedgeGroup, leg: LegRecord): HedgeGroup => ({ ...group, legs: { ...group.legs, [leg.leg]: leg } });
