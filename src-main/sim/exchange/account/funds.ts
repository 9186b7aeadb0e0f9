/**
 * What an account may still use. Owns locks behind resting spot orders and margin of positions and resting orders; nothing of it
 * is stored, so it cannot disagree with the book it is read from.
 */
import { Decimal as D, type Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountId, Balance, BookOrder, MarginReport, NewOrder, Position, RefusalCode } from './account.ts';
import type { Book, Market } from './book.ts';
import { decimal, feeOf, positionOf, signOf, textOf, ZERO } from './money.ts';

const restOf = (order: BookOrder): Decimal => decimal(order.orderQty).minus(order.filledQty);

/** The asset and amount a resting spot order keeps from other uses. */
const lockOf = (order: BookOrder, market: Market): { readonly asset: string; readonly amount: Decimal } => {
  const rest = restOf(order).times(market.basePerUnit);
  return order.side === 'sell'
    ? { asset: market.listing.base, amount: rest }
    : { asset: market.listing.quote, amount: rest.times(order.price ?? '0') };
};

export const lockedOf = (book: Book, account: AccountId, asset: string): Decimal => {
  let locked = ZERO;
  for (const market of book.markets.values()) {
    if (market.listing.kind !== 'spot') continue;
    for (const order of market.resting.values()) {
      if (order.account !== account) continue;
      const lock = lockOf(order, market);
      if (lock.asset === asset) locked = locked.plus(lock.amount);
    }
  }
  return locked;
};

export const balanceOf = (book: Book, account: AccountId, asset: string): Balance => {
  const wallet = book.account(account).wallets.get(asset);
  return {
    asset,
    total: textOf(wallet?.total ?? ZERO),
    locked: textOf(lockedOf(book, account, asset)),
    updatedMs: wallet?.updatedMs ?? 0,
  };
};

export const markOf = (market: Market): Decimal | null => (market.top === null ? null : market.bid.plus(market.ask).div(2));

/** Margin of resting orders that could grow a position; reduce-only ones need none. */
const orderMarginOf = (book: Book, account: AccountId, quote: string): Decimal => {
  let margin = ZERO;
  for (const market of book.markets.values()) {
    if (market.listing.kind !== 'perpetual' || market.listing.quote !== quote) continue;
    for (const order of market.resting.values()) {
      if (order.account !== account || order.reduceOnly) continue;
      const value = restOf(order)
        .times(market.basePerUnit)
        .times(order.price ?? '0');
      margin = margin.plus(value.div(book.holding(account, market.listing.symbol).leverage));
    }
  }
  return margin;
};

export const marginOf = (book: Book, account: AccountId, asset: string): MarginReport => {
  let unrealized = ZERO;
  let positionMargin = ZERO;
  let maintenance = ZERO;
  for (const holding of book.account(account).holdings.values()) {
    const market = book.markets.get(holding.symbol);
    if (market === undefined || market.listing.quote !== asset || holding.qty.isZero()) continue;
    const mark = markOf(market);
    const value = mark === null ? holding.cost : holding.qty.times(market.basePerUnit).times(mark);
    unrealized = unrealized.plus(value.minus(holding.cost));
    positionMargin = positionMargin.plus(value.abs().div(holding.leverage));
    maintenance = maintenance.plus(value.abs().times(market.listing.maintenanceRate));
  }
  const wallet = book.total(account, asset);
  const orderMargin = orderMarginOf(book, account, asset);
  const equity = wallet.plus(unrealized);
  const available = equity
    .minus(positionMargin)
    .minus(orderMargin)
    .minus(lockedOf(book, account, asset));
  return {
    asset,
    wallet: textOf(wallet),
    unrealized: textOf(unrealized),
    positionMargin: textOf(positionMargin),
    orderMargin: textOf(orderMargin),
    maintenance: textOf(maintenance),
    equity: textOf(equity),
    available: textOf(D.max(available, 0)),
  };
};

export const viewPosition = (book: Book, account: AccountId, market: Market): Position => {
  const holding = book.holding(account, market.listing.symbol);
  const mark = markOf(market);
  const own = mark === null ? ZERO : holding.qty.times(market.basePerUnit).times(mark).minus(holding.cost);
  const whole = marginOf(book, account, market.listing.quote);
  const needed = mark === null ? ZERO : holding.qty.times(market.basePerUnit).times(mark).abs().times(market.listing.maintenanceRate);
  const cushion = decimal(whole.equity).minus(own).minus(decimal(whole.maintenance).minus(needed));
  return positionOf(holding, market.listing, mark, cushion);
};

/** Whether the account can pay for the order as it stands; null = it can. A market order is judged at the top of the book. */
export const fundsRefusal = (book: Book, account: AccountId, market: Market, order: NewOrder, qty: Decimal): RefusalCode | null => {
  const { listing, basePerUnit } = market;
  const price = order.price === null ? (order.side === 'buy' ? market.ask : market.bid) : decimal(order.price);
  const base = qty.times(basePerUnit);
  if (listing.kind === 'spot') {
    const [asset, need] = order.side === 'buy' ? [listing.quote, base.times(price)] : [listing.base, base];
    const free = book.total(account, asset).minus(lockedOf(book, account, asset));
    return need.gt(free) ? 'insufficient-balance' : null;
  }
  if (order.reduceOnly) return null;
  const { qty: held, leverage } = book.holding(account, listing.symbol);
  const opposed = held.times(signOf(order.side)).lt(0);
  const opening = opposed ? D.max(qty.minus(held.abs()), 0) : qty;
  if (opening.isZero()) return null;
  const value = opening.times(basePerUnit).times(price);
  const fee = feeOf(value, rateOf(book, account, market).taker, book.settings.policy.moneyDecimals);
  return value
    .div(leverage)
    .plus(D.max(fee, 0))
    .gt(marginOf(book, account, listing.quote).available)
    ? 'insufficient-margin'
    : null;
};

/** @throws Error for an account that was never opened */
export const rateOf = (book: Book, account: AccountId, market: Market) => {
  const fees = book.account(account).terms?.fees;
  if (fees === undefined) throw new Error(`account ${account} was never opened`);
  return fees.bySymbol?.[market.listing.symbol] ?? fees[market.listing.kind];
};
