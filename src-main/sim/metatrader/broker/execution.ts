/**
 * How an order becomes deals and positions. Owns the arithmetic of opening, adding, reducing, closing and (netting)
 * reversing, commissions, and the account's balance; lots are conserved and every deal names its position. No rules, no
 * clock of its own.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';
import type { AccountBook, Book } from './book.ts';
import { CENTS, profitOf } from './money.ts';
import { DEAL_ENTRY, DEAL_TYPE, MARGIN_MODE } from './numbers.ts';
import type { DealEntry, OrderRecord, PositionRecord } from './records.ts';
import type { BrokerSymbol } from './symbols.ts';

export interface Fill {
  readonly login: number;
  readonly symbol: BrokerSymbol;
  readonly order: OrderRecord;
  readonly lots: Decimal;
  readonly price: DecimalText;
  readonly timeMsc: number;
  readonly utcMs: number;
  readonly reason: number;
  /** False: the commission comes later, by an update of the deal. */
  readonly chargeNow: boolean;
  /** A position of its own although the order has one already. */
  readonly ownPosition: boolean;
}

const NO_MONEY: DecimalText = '0';

export const commissionOf = (symbol: BrokerSymbol, lots: Decimal): Decimal =>
  lots.times(symbol.commissionPerLot).neg().toDecimalPlaces(CENTS);

/** Adds to the balance; the account adds up to the cent because every entry is a deal. */
export const credit = (book: Book, login: number, amount: Decimal): void => {
  if (amount.isZero()) return;
  const { account } = book.account(login);
  book.apply({ kind: 'account', account: { ...account, balance: new Decimal(account.balance).plus(amount).toFixed() } });
};

const post = (book: Book, login: number, deal: DealEntry): DealEntry => {
  book.apply({ kind: 'deal', login, deal, gone: false });
  credit(book, login, new Decimal(deal.profit).plus(deal.commission).plus(deal.swap).plus(deal.fee));
  return deal;
};

const averagePrice = (p: PositionRecord, lots: Decimal, price: DecimalText): DecimalText => {
  const total = lots.plus(p.volume);
  return new Decimal(p.priceOpen).times(p.volume).plus(lots.times(price)).div(total).toDecimalPlaces(10).toFixed();
};

const openOrAdd = (book: Book, fill: Fill, held: PositionRecord | null, entry: number): number => {
  const { login, order, lots, price, timeMsc } = fill;
  const first = held === null;
  const ticket = first ? (fill.ownPosition ? book.nextOrder() : order.ticket) : held.ticket;
  const position: PositionRecord = first
    ? {
        ticket,
        identifier: ticket,
        symbol: order.symbol,
        type: order.type % 2,
        magic: order.magic,
        volume: lots.toFixed(),
        priceOpen: price,
        sl: order.sl,
        tp: order.tp,
        swap: NO_MONEY,
        timeMsc,
        updateMsc: timeMsc,
        reason: order.reason,
        comment: order.comment,
      }
    : { ...held, volume: lots.plus(held.volume).toFixed(), priceOpen: averagePrice(held, lots, price), updateMsc: timeMsc };
  const deal = post(book, login, dealOf(book, fill, position.identifier, entry, lots));
  book.apply({ kind: 'position', login, position, gone: false, byDeal: true, was: ticket });
  return deal.ticket;
};

const dealOf = (book: Book, fill: Fill, positionId: number, entry: number, lots: Decimal): DealEntry => ({
  ticket: book.nextDeal(),
  order: fill.order.ticket,
  positionId,
  magic: fill.order.magic,
  symbol: fill.order.symbol,
  type: fill.order.type % 2 === 0 ? DEAL_TYPE.buy : DEAL_TYPE.sell,
  entry,
  volume: lots.toFixed(),
  price: fill.price,
  commission: fill.chargeNow ? commissionOf(fill.symbol, lots).toFixed() : NO_MONEY,
  swap: NO_MONEY,
  fee: NO_MONEY,
  profit: NO_MONEY,
  timeMsc: fill.timeMsc,
  utcMs: fill.utcMs,
  reason: fill.reason,
  comment: fill.order.comment,
});

/** Closes `lots` of a position; swap goes with the share that is closed. */
const reduce = (book: Book, fill: Fill, held: PositionRecord, lots: Decimal, entry: number, dealLots: Decimal): number => {
  const { login, symbol, price, timeMsc } = fill;
  const all = lots.eq(held.volume);
  const swap = all ? new Decimal(held.swap) : new Decimal(held.swap).times(lots).div(held.volume).toDecimalPlaces(CENTS);
  const profit = profitOf(symbol, held.type, lots, held.priceOpen, price);
  const deal = post(book, login, {
    ...dealOf(book, fill, held.identifier, entry, dealLots),
    swap: swap.toFixed(),
    profit: profit.toFixed(),
  });
  const left = {
    ...held,
    volume: new Decimal(held.volume).minus(lots).toFixed(),
    swap: new Decimal(held.swap).minus(swap).toFixed(),
    updateMsc: timeMsc,
  };
  book.apply({ kind: 'position', login, position: left, gone: all, byDeal: true, was: held.ticket });
  return deal.ticket;
};

const netting = (book: Book, fill: Fill, held: PositionRecord | null): number => {
  if (held === null || held.type === fill.order.type % 2) return openOrAdd(book, fill, held, DEAL_ENTRY.in);
  if (fill.lots.lte(held.volume)) return reduce(book, fill, held, fill.lots, DEAL_ENTRY.out, fill.lots);
  const rest = fill.lots.minus(held.volume);
  const deal = reduce(book, fill, held, new Decimal(held.volume), DEAL_ENTRY.inout, fill.lots);
  const position: PositionRecord = {
    ...held,
    ticket: fill.order.ticket,
    type: fill.order.type % 2,
    magic: fill.order.magic,
    volume: rest.toFixed(),
    priceOpen: fill.price,
    swap: NO_MONEY,
    updateMsc: fill.timeMsc,
  };
  book.apply({ kind: 'position', login: fill.login, position, gone: false, byDeal: true, was: held.ticket });
  return deal;
};

const heldBy = (account: AccountBook, fill: Fill): PositionRecord | null => {
  const positions = [...account.positions.values()];
  if (account.account.marginMode !== MARGIN_MODE.hedging) return positions.find((p) => p.symbol === fill.order.symbol) ?? null;
  return fill.ownPosition ? null : (positions.find((p) => p.identifier === fill.order.ticket) ?? null);
};

/** Executes `lots` of an order. @returns the ticket of the deal, or 0 when the position it was to close is gone */
export const execute = (book: Book, fill: Fill): number => {
  const account = book.account(fill.login);
  if (account.account.marginMode !== MARGIN_MODE.hedging) return netting(book, fill, heldBy(account, fill));
  if (fill.order.closes === 0) return openOrAdd(book, fill, heldBy(account, fill), DEAL_ENTRY.in);
  const held = [...account.positions.values()].find((p) => p.identifier === fill.order.positionId);
  if (held === undefined) return 0;
  const lots = Decimal.min(fill.lots, held.volume);
  return reduce(book, fill, held, lots, DEAL_ENTRY.out, lots);
};
