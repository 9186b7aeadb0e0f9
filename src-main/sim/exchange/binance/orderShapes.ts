/**
 * An order and a trade as a simulated Binance spells them in replies, key for key, futures and spot. What the official types lost in
 * 2026 (average price and quote total of a futures reply) is not sent; asking for the order still gives it.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { BookFill, BookOrder, EndReason } from '../account/account.ts';
import type { SymbolRules } from './symbols.ts';
import { exact, fixed, fixed8, fixedOrZero } from './wire.ts';

const STATUS = {
  new: 'NEW',
  'partially-filled': 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
} as const;
export const statusOf = (order: BookOrder): string => (order.endReason === 'self-trade' ? 'EXPIRED_IN_MATCH' : STATUS[order.stage]);
export const sideOf = (order: Pick<BookOrder, 'side'>): string => (order.side === 'buy' ? 'BUY' : 'SELL');
export const typeOf = (order: BookOrder): string => (order.origin === 'user' ? (order.wire['type'] ?? 'LIMIT') : 'LIQUIDATION');
export const timeInForceOf = (order: BookOrder): string => (order.origin === 'user' ? (order.wire['timeInForce'] ?? 'GTC') : 'IOC');
export const selfTradeOf = (order: BookOrder): string => order.wire['selfTrade'] ?? 'NONE';
const FUTURES_AVERAGE_DIGITS = 5;
export const averageOf = (order: BookOrder): string => fixed(order.averagePrice, FUTURES_AVERAGE_DIGITS);
export const priceOf = (order: BookOrder, digits: number): string => (order.price === null ? '0' : fixed(order.price, digits));

/** Of placing, changing and canceling. */
export const futuresReply = (order: BookOrder, r: SymbolRules): object => ({
  orderId: exact(order.orderId),
  symbol: order.symbol,
  status: statusOf(order),
  clientOrderId: order.clientId,
  price: priceOf(order, r.priceDigits),
  origQty: fixed(order.orderQty, r.qtyDigits),
  executedQty: fixed(order.filledQty, r.qtyDigits),
  cumQty: fixed(order.filledQty, r.qtyDigits),
  timeInForce: timeInForceOf(order),
  type: typeOf(order),
  reduceOnly: order.reduceOnly,
  closePosition: false,
  side: sideOf(order),
  positionSide: 'BOTH',
  stopPrice: '0',
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
  origType: typeOf(order),
  priceMatch: 'NONE',
  selfTradePreventionMode: selfTradeOf(order),
  goodTillDate: order.goodTillMs ?? 0,
  updateTime: order.updatedMs,
});

/** Of asking. */
export const futuresOrder = (order: BookOrder, r: SymbolRules): object => ({
  ...futuresReply(order, r),
  avgPrice: averageOf(order),
  cumQuote: fixedOrZero(order.filledQuote, r.priceDigits + r.qtyDigits),
  time: order.createdMs,
});

export const futuresTrade = (fill: BookFill, r: SymbolRules): object => ({
  symbol: fill.symbol,
  id: exact(fill.tradeId),
  orderId: exact(fill.orderId),
  side: sideOf(fill),
  price: fixed(fill.price, r.priceDigits),
  qty: fixed(fill.qty, r.qtyDigits),
  realizedPnl: fixed8(fill.realized),
  quoteQty: fixed(fill.quote, r.priceDigits + r.qtyDigits),
  commission: fixed8(fill.fee),
  commissionAsset: fill.feeAsset,
  time: fill.atMs,
  positionSide: 'BOTH',
  maker: fill.maker,
  buyer: fill.side === 'buy',
});

const EXPIRY: Readonly<Partial<Record<EndReason, string>>> = {
  'ioc-remainder': 'INSUFFICIENT_LIQUIDITY',
  'market-remainder': 'INSUFFICIENT_LIQUIDITY',
  fok: 'INSUFFICIENT_LIQUIDITY',
};
export const expiryReasonOf = (order: BookOrder): string | null => (order.endReason === null ? null : (EXPIRY[order.endReason] ?? null));

const spotBody = (order: BookOrder): object => ({
  price: fixed8(order.price ?? '0'),
  origQty: fixed8(order.orderQty),
  executedQty: fixed8(order.filledQty),
  origQuoteOrderQty: fixed8(order.quoteQty ?? '0'),
  cummulativeQuoteQty: fixed8(order.filledQuote),
  status: statusOf(order),
  timeInForce: timeInForceOf(order),
  type: typeOf(order),
  side: sideOf(order),
});

/** `how`: ACK, RESULT, FULL. */
export const spotReply = (order: BookOrder, fills: readonly BookFill[], how: string): object => {
  const ack = {
    symbol: order.symbol,
    orderId: exact(order.orderId),
    orderListId: -1,
    clientOrderId: order.clientId,
    transactTime: order.updatedMs,
  };
  if (how === 'ACK') return ack;
  const expiryReason = expiryReasonOf(order);
  const result = {
    ...ack,
    ...spotBody(order),
    workingTime: order.createdMs,
    selfTradePreventionMode: selfTradeOf(order),
    ...(expiryReason === null ? {} : { expiryReason }),
  };
  return how === 'RESULT' ? result : { ...result, fills: fills.map(spotReplyFill) };
};

const spotReplyFill = (fill: BookFill): object => ({
  price: fixed8(fill.price),
  qty: fixed8(fill.qty),
  commission: fixed8(fill.fee),
  commissionAsset: fill.feeAsset,
  tradeId: exact(fill.tradeId),
});

export const spotCanceled = (order: BookOrder, cancelId: string): object => ({
  symbol: order.symbol,
  origClientOrderId: order.clientId,
  orderId: exact(order.orderId),
  orderListId: -1,
  clientOrderId: cancelId,
  transactTime: order.updatedMs,
  ...spotBody(order),
  selfTradePreventionMode: selfTradeOf(order),
});

export const spotOrder = (order: BookOrder): object => ({
  symbol: order.symbol,
  orderId: exact(order.orderId),
  orderListId: -1,
  clientOrderId: order.clientId,
  ...spotBody(order),
  stopPrice: '0.00000000',
  icebergQty: '0.00000000',
  time: order.createdMs,
  updateTime: order.updatedMs,
  isWorking: true,
  workingTime: order.createdMs,
  selfTradePreventionMode: selfTradeOf(order),
});

export const spotTrade = (fill: BookFill): object => ({
  symbol: fill.symbol,
  id: exact(fill.tradeId),
  orderId: exact(fill.orderId),
  orderListId: -1,
  price: fixed8(fill.price),
  qty: fixed8(fill.qty),
  quoteQty: fixed8(fill.quote),
  commission: fixed8(fill.fee),
  commissionAsset: fill.feeAsset,
  time: fill.atMs,
  isBuyer: fill.side === 'buy',
  isMaker: fill.maker,
  isBestMatch: true,
});

/** What an order of this side still shows in the book, in quote. */
export const openNotional = (order: BookOrder, side: 'buy' | 'sell'): string =>
  order.side !== side || order.price === null ? '0' : new Decimal(order.orderQty).minus(order.filledQty).times(order.price).toFixed();
