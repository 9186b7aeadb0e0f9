/**
 * What the trade server checks before it takes an order: the first rule that a request breaks decides the retcode. Pure
 * questions about book, symbol, quote and time; changes nothing.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountBook } from './book.ts';
import { figuresOf, marginOf, openingPrice, type Market } from './money.ts';
import { ACTION, EXECUTION, FILLING, FILLING_BIT, MARGIN_MODE, ORDER_TYPE, REASON, TRADE_MODE } from './numbers.ts';
import type { PositionRecord, TradeRequest } from './records.ts';
import { RETCODE } from './retcodes.ts';
import { isOpenAt, isVolume, type BrokerSymbol } from './symbols.ts';

export interface Case {
  readonly book: AccountBook;
  readonly market: Market;
  readonly request: TradeRequest;
  readonly reason: number;
  readonly serverMs: number;
  /** Requests of this account in the last second, this one included. */
  readonly recentRequests: number;
}

/** 0 = nothing against it. */
type Rule = (c: Case, symbol: BrokerSymbol) => number;

const isBuy = (type: number): boolean => type % 2 === 0;
const isPending = (c: Case): boolean => c.request.action === ACTION.pending;

/** The position a request names; by ticket only, as the server does. */
export const namedPosition = (book: AccountBook, request: TradeRequest): PositionRecord | null =>
  book.positions.get(request.position) ?? null;

const lotsOf = (request: TradeRequest): Decimal => {
  try {
    return new Decimal(request.volume);
  } catch {
    return new Decimal(Number.NaN);
  }
};

const account: Rule = ({ book, reason, recentRequests }) => {
  if (!book.account.tradeAllowed) return RETCODE.tradeDisabled;
  if (!book.account.tradeExpert && reason === REASON.expert) return RETCODE.serverDisables;
  return recentRequests > book.account.maxRequestsPerSecond ? RETCODE.tooMany : 0;
};

const orderType: Rule = (c) => {
  const { type } = c.request;
  const market = type === ORDER_TYPE.buy || type === ORDER_TYPE.sell;
  const resting = type >= ORDER_TYPE.buyLimit && type <= ORDER_TYPE.sellStop;
  return (isPending(c) ? resting : market) ? 0 : RETCODE.orderType;
};

const volume: Rule = ({ request }, symbol) => (isVolume(symbol, lotsOf(request)) ? 0 : RETCODE.volume);

const closing: Rule = ({ book, request }) => {
  if (request.position === 0) return 0;
  const position = namedPosition(book, request);
  if (position === null) return RETCODE.positionClosed;
  if (position.symbol !== request.symbol || isBuy(position.type) === isBuy(request.type)) return RETCODE.invalid;
  if (lotsOf(request).gt(position.volume)) return RETCODE.closeVolume;
  const older = [...book.positions.values()].some(
    (p) => p.symbol === position.symbol && p.type === position.type && p.timeMsc < position.timeMsc,
  );
  return book.account.fifoClose && older ? RETCODE.fifo : 0;
};

/** In netting, an opposite order that does not exceed the position reduces it. */
const opens = ({ book, request }: Case): boolean => {
  if (request.position !== 0) return false;
  if (book.account.marginMode === MARGIN_MODE.hedging) return true;
  const held = [...book.positions.values()].find((p) => p.symbol === request.symbol);
  return held === undefined || isBuy(held.type) === isBuy(request.type) || lotsOf(request).gt(held.volume);
};

const tradeMode: Rule = (c, symbol) => {
  if (symbol.tradeMode === TRADE_MODE.disabled) return RETCODE.tradeDisabled;
  if (!opens(c) || symbol.tradeMode === TRADE_MODE.full) return 0;
  if (symbol.tradeMode === TRADE_MODE.closeOnly) return RETCODE.closeOnly;
  if (symbol.tradeMode === TRADE_MODE.longOnly) return isBuy(c.request.type) ? 0 : RETCODE.longOnly;
  return isBuy(c.request.type) ? RETCODE.shortOnly : 0;
};

const session: Rule = ({ serverMs }, symbol) => (isOpenAt(symbol, serverMs) ? 0 : RETCODE.marketClosed);
const quoted: Rule = ({ market }, symbol) => (market.quote(symbol.name) === null ? RETCODE.priceOff : 0);

const filling: Rule = (c, symbol) => {
  const { filling: asked } = c.request;
  const has = (bit: number) => (symbol.filling & bit) !== 0;
  if (isPending(c)) return asked === FILLING.return || asked === FILLING.fok || asked === FILLING.ioc ? 0 : RETCODE.filling;
  if (asked === FILLING.return) return symbol.exeMode === EXECUTION.market ? RETCODE.filling : 0;
  if (asked !== FILLING.fok && asked !== FILLING.ioc) return RETCODE.filling;
  if (symbol.exeMode === EXECUTION.instant || symbol.exeMode === EXECUTION.request) return 0;
  return has(asked === FILLING.fok ? FILLING_BIT.fok : FILLING_BIT.ioc) ? 0 : RETCODE.filling;
};

const stops: Rule = ({ request, market }, symbol) => {
  const quote = market.quote(symbol.name);
  if (quote === null) return 0;
  const price = new Decimal(openingPrice(isBuy(request.type) ? 0 : 1, quote));
  const gap = new Decimal(symbol.point).times(symbol.stopsLevel);
  const sign = isBuy(request.type) ? 1 : -1;
  const ahead = (level: string) => new Decimal(level).minus(price).times(sign);
  if (Number(request.sl) > 0 && ahead(request.sl).gt(gap.neg())) return RETCODE.stops;
  return Number(request.tp) > 0 && ahead(request.tp).lt(gap) ? RETCODE.stops : 0;
};

/** Only where the client names the price: instant and request execution, and resting orders. */
const price: Rule = (c, symbol) => {
  const { request, market } = c;
  const named = new Decimal(request.price);
  if (isPending(c)) {
    const quote = market.quote(symbol.name)!;
    if (!named.gt(0)) return RETCODE.price;
    const now = new Decimal(openingPrice(isBuy(request.type) ? 0 : 1, quote));
    const below = request.type === ORDER_TYPE.buyLimit || request.type === ORDER_TYPE.sellStop;
    return (below ? named.lt(now) : named.gt(now)) ? 0 : RETCODE.price;
  }
  if (symbol.exeMode !== EXECUTION.instant && symbol.exeMode !== EXECUTION.request) return 0;
  if (!named.gt(0)) return RETCODE.price;
  const now = openingPrice(isBuy(request.type) ? 0 : 1, market.quote(symbol.name)!);
  const apart = named.minus(now).abs();
  return apart.gt(new Decimal(symbol.point).times(request.deviation)) ? RETCODE.requote : 0;
};

const expiration: Rule = (c) =>
  isPending(c) && c.request.expiration !== 0 && c.request.expiration * 1_000 <= c.serverMs ? RETCODE.expiration : 0;

const limits: Rule = (c, symbol) => {
  if (!opens(c)) return 0;
  const { book, request } = c;
  const { account: a } = book;
  const positions = [...book.positions.values()].filter((p) => p.symbol === symbol.name);
  if (!a.hedgeAllowed && positions.some((p) => isBuy(p.type) !== isBuy(request.type))) return RETCODE.hedgeProhibited;
  if (a.maxPositions > 0 && !isPending(c) && book.positions.size >= a.maxPositions) return RETCODE.limitPositions;
  if (a.maxOrders > 0 && isPending(c) && book.orders.size >= a.maxOrders) return RETCODE.limitOrders;
  if (Number(symbol.volLimit) === 0) return 0;
  const sameWay = (x: { readonly type: number; readonly symbol: string }) =>
    x.symbol === symbol.name && isBuy(x.type) === isBuy(request.type);
  const held = [...book.positions.values()].filter(sameWay).reduce((sum, p) => sum.plus(p.volume), new Decimal(0));
  const resting = [...book.orders.values()].filter(sameWay).reduce((sum, o) => sum.plus(o.volumeCurrent), new Decimal(0));
  return held.plus(resting).plus(lotsOf(request)).gt(symbol.volLimit) ? RETCODE.limitVolume : 0;
};

const money: Rule = (c, symbol) => {
  if (!opens(c)) return 0;
  const quote = c.market.quote(symbol.name)!;
  const needed = marginOf(symbol, lotsOf(c.request), openingPrice(isBuy(c.request.type) ? 0 : 1, quote), c.book.account.leverage);
  return figuresOf(c.market, c.book).marginFree.lt(needed) ? RETCODE.noMoney : 0;
};

const RULES: readonly Rule[] = [
  account,
  orderType,
  volume,
  closing,
  tradeMode,
  session,
  quoted,
  filling,
  price,
  stops,
  expiration,
  limits,
  money,
];

/** The retcode of the first rule that a deal or a resting order breaks; 0 = the server takes it. */
export const verdictOf = (c: Case): number => {
  const symbol = c.market.symbol(c.request.symbol);
  if (symbol === null) return RETCODE.invalid;
  for (const rule of RULES) {
    const code = rule(c, symbol);
    if (code !== 0) return code;
  }
  return 0;
};
