/**
 * Arithmetic of linear perpetuals and fees. Owns how a position's cost changes by a fill, and what a position and a margin account
 * look like at a mark. Pure. Invariant: wallet − cost changes by exactly what was paid and received, whatever is rounded.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';
import type { Side } from '../../../../src-shared/domain/order.ts';
import type { Listing, MarginMode, Position } from './account.ts';

export const ZERO = new Decimal(0);
export const decimal = (text: DecimalText): Decimal => new Decimal(text);
/** Plain text of an amount, never with an exponent. */
export const textOf = (amount: Decimal): DecimalText => amount.toFixed();
export const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);

/** A perpetual as the book keeps it: `cost` is what it was bought for, with its sign; entry price = cost / (qty × basePerUnit). */
export interface Holding {
  readonly symbol: string;
  readonly qty: Decimal;
  readonly cost: Decimal;
  /** Fees of the position since it was opened, in quote. */
  readonly fees: Decimal;
  readonly realized: Decimal;
  readonly accumulated: Decimal;
  readonly leverage: number;
  readonly marginMode: MarginMode;
  readonly updatedMs: number;
}

export const flatHolding = (symbol: string, leverage: number, marginMode: MarginMode): Holding => ({
  symbol,
  qty: ZERO,
  cost: ZERO,
  fees: ZERO,
  realized: ZERO,
  accumulated: ZERO,
  leverage,
  marginMode,
  updatedMs: 0,
});

export interface Execution {
  readonly side: Side;
  readonly qty: Decimal;
  readonly price: Decimal;
  readonly atMs: number;
  /** In quote; what was paid in another asset counts 0. */
  readonly feeInQuote: Decimal;
}

/** The position after a fill, and what the reduced part brought. A fill through flat closes first, then opens at its own price. */
export const holdingAfter = (
  before: Holding,
  fill: Execution,
  basePerUnit: Decimal,
  moneyDecimals: number,
): { readonly after: Holding; readonly realized: Decimal } => {
  const signed = fill.qty.times(signOf(fill.side));
  const unit = fill.price.times(basePerUnit);
  const opposed = before.qty.times(signed).lt(0);
  const closing = opposed ? Decimal.min(before.qty.abs(), fill.qty) : ZERO;
  const opening = fill.qty.minus(closing);
  const wholly = closing.eq(before.qty.abs());
  const released = wholly ? before.cost : before.cost.times(closing).div(before.qty.abs()).toDecimalPlaces(moneyDecimals);
  const realized = closing.isZero() ? ZERO : unit.times(closing).times(-signOf(fill.side)).minus(released);
  const qty = before.qty.plus(signed);
  const kept = closing.isZero() ? before.cost : before.cost.minus(released);
  const anew = before.qty.isZero() || (opposed && opening.gt(0));
  return {
    realized,
    after: {
      ...before,
      qty,
      cost: kept.plus(unit.times(opening).times(signOf(fill.side))),
      fees: (anew ? ZERO : before.fees).plus(fill.feeInQuote),
      realized: (anew ? ZERO : before.realized).plus(realized),
      accumulated: before.accumulated.plus(realized),
      updatedMs: fill.atMs,
    },
  };
};

const perUnit = (amount: Decimal, holding: Holding, basePerUnit: Decimal): Decimal => amount.div(holding.qty.times(basePerUnit));

/**
 * The price at which the margin left of the whole account no longer carries this position; '0' where none is in reach.
 * `cushion` = equity without this position's unrealized part, minus what other positions need.
 */
const liquidationPriceOf = (holding: Holding, listing: Listing, cushion: Decimal): Decimal => {
  const base = holding.qty.times(listing.basePerUnit);
  const rate = decimal(listing.maintenanceRate);
  // cushion + base × p − cost = |base| × p × rate
  const divisor = base.abs().times(rate).minus(base);
  if (divisor.isZero()) return ZERO;
  const price = cushion.minus(holding.cost).div(divisor);
  return price.gt(0) ? price : ZERO;
};

/** How a position looks at `mark` (null = nothing known yet: 0). */
export const positionOf = (holding: Holding, listing: Listing, mark: Decimal | null, cushion: Decimal): Position => {
  const basePerUnit = decimal(listing.basePerUnit);
  const flat = holding.qty.isZero();
  const value = mark === null ? ZERO : holding.qty.times(basePerUnit).times(mark);
  const notional = value.abs();
  return {
    symbol: holding.symbol,
    qty: textOf(holding.qty),
    entryPrice: flat ? '0' : textOf(perUnit(holding.cost, holding, basePerUnit)),
    breakEvenPrice: flat ? '0' : textOf(perUnit(holding.cost.plus(holding.fees).minus(holding.realized), holding, basePerUnit)),
    realized: textOf(holding.realized),
    accumulated: textOf(holding.accumulated),
    leverage: holding.leverage,
    marginMode: holding.marginMode,
    markPrice: mark === null ? '0' : textOf(mark),
    unrealized: flat || mark === null ? '0' : textOf(value.minus(holding.cost)),
    notional: textOf(notional),
    initialMargin: textOf(notional.div(holding.leverage)),
    maintenanceMargin: textOf(notional.times(listing.maintenanceRate)),
    liquidationPrice: flat ? '0' : textOf(liquidationPriceOf(holding, listing, cushion)),
    updatedMs: holding.updatedMs,
  };
};

/** A fee, rounded away from zero: the venue never rounds in the payer's favour. */
export const feeOf = (amount: Decimal, rate: DecimalText, moneyDecimals: number): Decimal =>
  amount.times(rate).toDecimalPlaces(moneyDecimals, Decimal.ROUND_UP);
