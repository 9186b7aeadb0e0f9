/**
 * What positions are worth: floating profit, margin, equity. Pure; account currency, rounded to the cent where the broker
 * books it. Margin is the gross sum: opposite positions of a hedging account each need theirs.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';
import type { AccountBook } from './book.ts';
import type { PositionRecord, Quote } from './records.ts';
import type { BrokerSymbol } from './symbols.ts';

export const CENTS = 2;

export interface Market {
  symbol(name: string): BrokerSymbol | null;
  quote(name: string): Quote | null;
}

export interface AccountFigures {
  readonly balance: Decimal;
  readonly profit: Decimal;
  readonly equity: Decimal;
  readonly margin: Decimal;
  readonly marginFree: Decimal;
  /** Percent; 0 without a margin, as the terminal shows it. */
  readonly marginLevel: Decimal;
}

/** Price at which a position of that type would be closed now. */
export const closingPrice = (type: number, quote: Quote): DecimalText => (type === 0 ? quote.bid : quote.ask);
/** Price at which an order of that type would be executed now. */
export const openingPrice = (type: number, quote: Quote): DecimalText => (type === 0 ? quote.ask : quote.bid);

/** Profit of closing `lots` opened at `from` at the price `to`, to the cent. */
export const profitOf = (symbol: BrokerSymbol, type: number, lots: Decimal, from: DecimalText, to: DecimalText): Decimal =>
  new Decimal(to)
    .minus(from)
    .times(type === 0 ? 1 : -1)
    .times(lots)
    .times(symbol.contractSize)
    .times(symbol.profitRate)
    .toDecimalPlaces(CENTS);

export const marginOf = (symbol: BrokerSymbol, lots: Decimal, price: DecimalText, leverage: number): Decimal =>
  lots.times(symbol.contractSize).times(price).times(symbol.profitRate).div(leverage).toDecimalPlaces(CENTS);

export const floatingOf = (market: Market, position: PositionRecord): Decimal => {
  const symbol = market.symbol(position.symbol);
  const quote = market.quote(position.symbol);
  if (symbol === null || quote === null) return new Decimal(0);
  return profitOf(symbol, position.type, new Decimal(position.volume), position.priceOpen, closingPrice(position.type, quote));
};

export const figuresOf = (market: Market, book: AccountBook): AccountFigures => {
  const balance = new Decimal(book.account.balance);
  let profit = new Decimal(0);
  let margin = new Decimal(0);
  for (const p of book.positions.values()) {
    profit = profit.plus(floatingOf(market, p)).plus(p.swap);
    const symbol = market.symbol(p.symbol);
    if (symbol !== null) margin = margin.plus(marginOf(symbol, new Decimal(p.volume), p.priceOpen, book.account.leverage));
  }
  const equity = balance.plus(profit);
  const marginLevel = margin.isZero() ? new Decimal(0) : equity.div(margin).times(100).toDecimalPlaces(CENTS);
  return { balance, profit, equity, margin, marginFree: equity.minus(margin), marginLevel };
};
