/**
 * How orders become fills. Owns price-time priority between accounts and the running market, the kinds of order, and what a fill
 * does to money. The market is known at its top alone: nothing is executed beyond it, and what was taken there is gone until
 * the market moves. A fill never exceeds what its order lacks, and both sides of a trade between accounts are booked alike.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import {
  hasEnded,
  type AccountId,
  type BookOrder,
  type EndReason,
  type NewOrder,
  type OrderOrigin,
  type Placed,
  type RefusalCode,
  type Refused,
  type TopOfBook,
} from './account.ts';
import type { Book, Market } from './book.ts';
import { fundsRefusal, rateOf } from './funds.ts';
import { decimal, feeOf, holdingAfter, signOf, textOf, ZERO } from './money.ts';

export const MAX_OPEN_ORDERS = 200;

const refused = (code: RefusalCode): Refused => ({ ok: false, code });
const restOf = (order: BookOrder): Decimal => decimal(order.orderQty).minus(order.filledQty);
const toStep = (qty: Decimal, step: string): Decimal => {
  const size = decimal(step);
  return size.isZero() ? qty : qty.div(size).floor().times(size);
};

/** Whether an order with this limit (null = any) takes at `price`. */
const reaches = (side: 'buy' | 'sell', limit: Decimal | null, price: Decimal): boolean =>
  limit === null || (side === 'buy' ? price.lte(limit) : price.gte(limit));
const limitOf = (order: NewOrder): Decimal | null => {
  const text = order.price ?? order.worstPrice;
  return text === null ? null : decimal(text);
};

/** Of two resting orders the one that is executed first. */
const byPriority = (a: BookOrder, b: BookOrder): number => {
  const [x, y] = [decimal(a.price ?? '0'), decimal(b.price ?? '0')];
  if (!x.eq(y)) return a.side === 'buy' ? y.cmp(x) : x.cmp(y);
  const [i, j] = [BigInt(a.orderId), BigInt(b.orderId)];
  return i < j ? -1 : i > j ? 1 : 0;
};

export class Matching {
  readonly #book: Book;
  /** Shares of the next orders, by account or for anybody (''). */
  readonly #partials = new Map<string, number[]>();

  constructor(book: Book) {
    this.#book = book;
  }

  partialNext(account: AccountId | null, share: number): void {
    const key = account ?? '';
    this.#partials.set(key, [...(this.#partials.get(key) ?? []), share]);
  }

  place(account: AccountId, order: NewOrder): Placed | Refused {
    const market = this.#book.markets.get(order.symbol);
    if (market === undefined) return refused('unknown-symbol');
    if (market.top === null) return refused('no-market');
    const qty = this.#quantityOf(order, market);
    if (qty.lte(0)) return refused('too-small');
    const no = this.#refusalOf(account, market, order, qty);
    if (no !== null) return refused(no);
    return this.#enter(market, this.#newOrder(account, market, order, this.#reducible(account, order, qty), 'user'));
  }

  /** No more than the position of what may only reduce it: Binance's futures change the quantity of the order itself. */
  #reducible(account: AccountId, { reduceOnly, symbol }: NewOrder, qty: Decimal): Decimal {
    return reduceOnly ? Decimal.min(qty, this.#book.holding(account, symbol).qty.abs()) : qty;
  }

  /** Takes what can be taken at once, and lets the rest do what its kind says. */
  #enter(market: Market, order: BookOrder): Placed {
    const from = this.#book.fills.length;
    this.#tell('accepted', order);
    const policy = this.#book.settings.policy;
    if (order.timeInForce === 'post-only' && policy.postOnlyCrossing === 'cancel' && this.#crosses(market, order))
      this.#end(order, 'post-only');
    else if (order.timeInForce === 'fok' && this.#takeable(market, order).lt(restOf(order))) this.#end(order, 'fok');
    else this.#take(market, order);
    this.#settle(market, this.#current(order));
    const fills = this.#book.fills.slice(from).filter((f) => f.orderId === order.orderId && f.symbol === order.symbol);
    return { ok: true, order: this.#current(order), fills };
  }

  #settle(market: Market, order: BookOrder): void {
    if (hasEnded(order.stage)) return;
    if (order.reduceOnly && this.#wanted(order).isZero()) {
      this.#end(order, 'nothing-to-reduce');
      return;
    }
    if (order.timeInForce === 'ioc' || order.timeInForce === 'fok') {
      this.#end(order, order.type === 'market' ? 'market-remainder' : 'ioc-remainder');
      return;
    }
    const resting: BookOrder = { ...order, rested: true };
    this.#book.putOrder(resting);
    market.resting.set(order.orderId, resting);
  }

  #quantityOf(order: NewOrder, market: Market): Decimal {
    if (order.qty !== null) return decimal(order.qty);
    const price = order.side === 'buy' ? market.ask : market.bid;
    return toStep(decimal(order.quoteQty ?? '0').div(price.times(market.basePerUnit)), order.qtyStep);
  }

  #refusalOf(account: AccountId, market: Market, order: NewOrder, qty: Decimal): RefusalCode | null {
    const { policy } = this.#book.settings;
    const own = [...this.#book.markets.values()].flatMap((m) => [...m.resting.values()].filter((o) => o.account === account));
    if (own.some((o) => o.clientId === order.clientId && o.clientId !== '')) return 'duplicate-id';
    if (order.timeInForce !== 'ioc' && own.filter((o) => o.symbol === order.symbol).length >= MAX_OPEN_ORDERS) return 'too-many-orders';
    if (order.reduceOnly) {
      const held = this.#book.holding(account, order.symbol).qty;
      if (held.times(signOf(order.side)).gte(0)) return 'reduce-only-none';
      if (policy.reduceOnlyOversize === 'refuse' && qty.gt(held.abs())) return 'reduce-only-oversize';
    }
    const funds = fundsRefusal(this.#book, account, market, order, qty);
    if (funds !== null) return funds;
    if (order.timeInForce === 'post-only' && policy.postOnlyCrossing === 'refuse' && this.#crosses(market, order))
      return 'post-only-crossing';
    if (order.timeInForce === 'fok' && policy.fokShort === 'refuse' && this.#takeable(market, { ...order, account }).lt(qty))
      return 'fok-short';
    return null;
  }

  /** Only checks, as the venues' test call does. */
  judge(account: AccountId, order: NewOrder): RefusalCode | null {
    const market = this.#book.markets.get(order.symbol);
    if (market === undefined) return 'unknown-symbol';
    if (market.top === null) return 'no-market';
    const qty = this.#quantityOf(order, market);
    return qty.lte(0) ? 'too-small' : this.#refusalOf(account, market, order, qty);
  }

  #newOrder(account: AccountId, market: Market, order: NewOrder, qty: Decimal, origin: OrderOrigin): BookOrder {
    const at = this.#book.now;
    const made: BookOrder = {
      ...order,
      account,
      origin,
      orderId: String(market.nextOrderId),
      orderQty: textOf(qty),
      stage: 'new',
      endReason: null,
      filledQty: '0',
      filledQuote: '0',
      averagePrice: '0',
      fees: {},
      realized: '0',
      rested: false,
      createdMs: at,
      updatedMs: at,
      fillCount: 0,
    };
    market.nextOrderId += 1n;
    this.#book.putOrder(made);
    return made;
  }

  #current(order: BookOrder): BookOrder {
    return this.#book.find(order.account, { symbol: order.symbol, orderId: order.orderId }) ?? order;
  }

  /** Resting orders of the other side that this one would meet: priced at the top of the running market or better. */
  #opposite(market: Market, order: Pick<NewOrder, 'side' | 'price' | 'worstPrice'>): BookOrder[] {
    const top = order.side === 'buy' ? market.ask : market.bid;
    const limit = limitOf(order as NewOrder);
    return [...market.resting.values()]
      .filter((o) => o.side !== order.side && reaches(order.side, top, decimal(o.price!)) && reaches(order.side, limit, decimal(o.price!)))
      .toSorted(byPriority);
  }

  #crosses(market: Market, order: NewOrder): boolean {
    const top = order.side === 'buy' ? market.ask : market.bid;
    return reaches(order.side, limitOf(order), top) || this.#opposite(market, order).length > 0;
  }

  #takeable(market: Market, order: NewOrder & { readonly account: AccountId }): Decimal {
    const top = order.side === 'buy' ? market.ask : market.bid;
    const shown = reaches(order.side, limitOf(order), top) ? market.leftFor(order.side) : ZERO;
    return this.#opposite(market, order)
      .filter((o) => o.account !== order.account || order.selfTrade === 'none')
      .reduce((sum, o) => sum.plus(restOf(o)), shown);
  }

  #take(market: Market, order: BookOrder): void {
    let capacity = this.#capacityOf(order);
    for (const met of this.#opposite(market, order)) {
      const [taker, maker] = [this.#current(order), this.#current(met)];
      if (hasEnded(taker.stage) || capacity.lte(0)) return;
      if (hasEnded(maker.stage)) continue;
      if (maker.account === order.account && order.selfTrade !== 'none') {
        if (order.selfTrade !== 'cancel-taker') this.#end(maker, 'self-trade');
        if (order.selfTrade !== 'cancel-maker') {
          this.#end(taker, 'self-trade');
          return;
        }
        continue;
      }
      const qty = Decimal.min(capacity, this.#wanted(taker), this.#wanted(maker));
      if (qty.lte(0)) continue;
      capacity = capacity.minus(qty);
      this.#trade(market, taker, maker, qty);
    }
    const taker = this.#current(order);
    const price = order.side === 'buy' ? market.ask : market.bid;
    if (hasEnded(taker.stage) || !reaches(order.side, limitOf(order), price)) return;
    const qty = Decimal.min(capacity, this.#wanted(taker), market.leftFor(order.side));
    if (qty.lte(0)) return;
    market.taken(order.side, qty);
    this.#fill(market, taker, qty, price, false);
  }

  #capacityOf(order: BookOrder): Decimal {
    const waiting = this.#partials.get(order.account)?.length ? this.#partials.get(order.account) : this.#partials.get('');
    const share = order.origin === 'user' ? waiting?.shift() : undefined;
    return share === undefined ? decimal(order.orderQty) : toStep(decimal(order.orderQty).times(share), order.qtyStep);
  }

  /** What the order may still take: of a reduce-only order no more than the position. */
  #wanted(order: BookOrder): Decimal {
    const rest = restOf(order);
    if (!order.reduceOnly) return rest;
    const held = this.#book.holding(order.account, order.symbol).qty;
    return held.times(signOf(order.side)).lt(0) ? Decimal.min(rest, held.abs()) : ZERO;
  }

  #trade(market: Market, taker: BookOrder, maker: BookOrder, qty: Decimal): void {
    const price = decimal(maker.price!);
    const tradeId = this.#nextTradeId(market);
    this.#fill(market, maker, qty, price, true, tradeId);
    this.#fill(market, this.#current(taker), qty, price, false, tradeId);
  }

  #nextTradeId(market: Market): string {
    const id = String(market.nextTradeId);
    market.nextTradeId += 1n;
    return id;
  }

  #fill(market: Market, order: BookOrder, qty: Decimal, price: Decimal, maker: boolean, tradeId = this.#nextTradeId(market)): void {
    const at = this.#book.now;
    const quote = price.times(qty).times(market.basePerUnit);
    const money = this.#move(market, order, qty, price, quote, maker);
    const filled = decimal(order.filledQty).plus(qty);
    const filledQuote = decimal(order.filledQuote).plus(quote);
    const after: BookOrder = {
      ...order,
      stage: filled.eq(order.orderQty) ? 'filled' : 'partially-filled',
      filledQty: textOf(filled),
      filledQuote: textOf(filledQuote),
      averagePrice: textOf(filledQuote.div(filled.times(market.basePerUnit))),
      fees: { ...order.fees, [money.asset]: textOf(decimal(order.fees[money.asset] ?? '0').plus(money.fee)) },
      realized: textOf(decimal(order.realized).plus(money.realized)),
      updatedMs: at,
      fillCount: order.fillCount + 1,
    };
    this.#book.putOrder(after);
    const { orderId, clientId, account, symbol, side, origin } = order;
    const fill = this.#book.putFill({
      tradeId,
      orderId,
      clientId,
      account,
      symbol,
      side,
      qty: textOf(qty),
      price: textOf(price),
      quote: textOf(quote),
      maker,
      origin,
      fee: textOf(money.fee),
      feeAsset: money.asset,
      realized: textOf(money.realized),
      atMs: at,
    });
    this.#book.events.push({ kind: 'order', account, change: 'traded', order: after, fill, atMs: at });
    if (market.listing.kind === 'perpetual' && this.#book.holding(account, symbol).qty.isZero()) this.#nothingToReduce(market, account);
  }

  #nothingToReduce(market: Market, account: AccountId): void {
    const idle = [...market.resting.values()].filter((o) => o.account === account && o.reduceOnly && !hasEnded(this.#current(o).stage));
    for (const order of idle) this.#end(this.#current(order), 'nothing-to-reduce');
  }

  /** Moves what the fill moves: base and quote of spot, position and gain of a perpetual, and the fee. */
  #move(market: Market, order: BookOrder, qty: Decimal, price: Decimal, quote: Decimal, maker: boolean) {
    const book = this.#book;
    const { listing, basePerUnit } = market;
    const { account, side } = order;
    const places = book.settings.policy.moneyDecimals;
    const rates = rateOf(book, account, market);
    const rate = maker ? rates.maker : rates.taker;
    const ordinary = listing.kind === 'spot' && side === 'buy' ? listing.base : listing.quote;
    const gross = ordinary === listing.base ? qty.times(basePerUnit) : quote;
    const other = this.#otherFee(account, quote, rate, places);
    const { asset, fee } = other ?? { asset: ordinary, fee: feeOf(gross, rate, places) };
    let realized = ZERO;
    if (listing.kind === 'spot') {
      book.pay(account, listing.base, qty.times(basePerUnit).times(signOf(side)));
      book.pay(account, listing.quote, quote.times(-signOf(side)));
    } else {
      const feeInQuote = asset === listing.quote ? fee : ZERO;
      const moved = holdingAfter(
        book.holding(account, listing.symbol),
        { side, qty, price, atMs: book.now, feeInQuote },
        basePerUnit,
        places,
      );
      realized = moved.realized;
      book.putHolding(account, moved.after);
      if (!realized.isZero()) book.pay(account, listing.quote, realized);
    }
    book.pay(account, asset, fee.neg());
    return { asset, fee, realized };
  }

  /** The fee in the account's own fee asset, while there is enough of it. */
  #otherFee(account: AccountId, quote: Decimal, rate: string, places: number): { readonly asset: string; readonly fee: Decimal } | null {
    const wish = this.#book.account(account).terms?.feeAsset;
    if (wish === null || wish === undefined || decimal(rate).lte(0)) return null;
    const fee = feeOf(quote.div(wish.priceInQuote).times(wish.share), rate, places);
    return this.#book.total(account, wish.asset).gte(fee) ? { asset: wish.asset, fee } : null;
  }

  #tell(change: 'accepted' | 'amended', order: BookOrder): void {
    this.#book.events.push({ kind: 'order', account: order.account, change, order, fill: null, atMs: order.updatedMs });
  }

  #end(order: BookOrder, endReason: EndReason): BookOrder {
    const canceled = endReason === 'asked' || endReason === 'dead-man' || endReason === 'replaced';
    const ended: BookOrder = { ...order, stage: canceled ? 'canceled' : 'expired', endReason, updatedMs: this.#book.now };
    this.#book.putOrder(ended);
    this.#book.events.push({ kind: 'order', account: order.account, change: 'ended', order: ended, fill: null, atMs: ended.updatedMs });
    return ended;
  }

  end(order: BookOrder, reason: EndReason): BookOrder {
    return this.#end(order, reason);
  }

  /** @see SimAccounts.amend */
  amend(order: BookOrder, to: { readonly price?: string | undefined; readonly qty?: string | undefined }): Placed | Refused {
    const market = this.#book.markets.get(order.symbol)!;
    const price = to.price ?? order.price;
    const orderQty = to.qty ?? order.orderQty;
    if (decimal(price ?? '0').eq(order.price ?? '0') && decimal(orderQty).eq(order.orderQty)) return refused('no-change');
    if (decimal(orderQty).lte(order.filledQty)) return refused('too-small');
    const changed: BookOrder = { ...order, price, orderQty, qty: orderQty, updatedMs: this.#book.now, rested: false };
    if (order.timeInForce === 'post-only' && this.#crosses(market, changed)) return refused('post-only-crossing');
    market.resting.delete(order.orderId);
    const funds = fundsRefusal(this.#book, order.account, market, changed, restOf(changed));
    if (funds !== null) {
      market.resting.set(order.orderId, order);
      return refused(funds);
    }
    this.#book.putOrder(changed);
    this.#tell('amended', changed);
    const from = this.#book.fills.length;
    this.#take(market, changed);
    this.#settle(market, this.#current(changed));
    const fills = this.#book.fills.slice(from).filter((f) => f.orderId === order.orderId && f.symbol === order.symbol);
    return { ok: true, order: this.#current(changed), fills };
  }

  /** The running market moved: sizes are whole again, and resting orders that its other side reaches are executed as makers. */
  market(market: Market, top: () => TopOfBook): void {
    market.move(top);
    if (market.resting.size === 0) return;
    for (const resting of [...market.resting.values()].toSorted(byPriority)) {
      const order = this.#current(resting);
      const price = order.side === 'buy' ? market.ask : market.bid;
      const left = market.leftFor(order.side);
      if (hasEnded(order.stage) || left.lte(0) || !reaches(order.side, limitOf(order), price)) continue;
      const qty = Decimal.min(this.#wanted(order), left);
      if (qty.lte(0)) continue;
      market.taken(order.side, qty);
      this.#fill(market, order, qty, decimal(order.price!), true);
    }
  }

  /** The venue closes at the top of the book, whole, whatever is displayed. */
  closeByVenue(account: AccountId, market: Market, origin: Exclude<OrderOrigin, 'user'>, share: Decimal): BookOrder {
    const held = this.#book.holding(account, market.listing.symbol).qty;
    const side = held.gt(0) ? 'sell' : 'buy';
    const clientId = this.#book.settings.policy.venueClientId?.(origin, String(market.nextOrderId)) ?? '';
    const asked: NewOrder = {
      symbol: market.listing.symbol,
      side,
      type: 'market',
      timeInForce: 'ioc',
      qty: textOf(share),
      quoteQty: null,
      qtyStep: '0',
      price: null,
      worstPrice: null,
      reduceOnly: true,
      clientId,
      selfTrade: 'none',
      tag: '',
      goodTillMs: null,
      wire: {},
    };
    const order = this.#newOrder(account, market, asked, share, origin);
    this.#tell('accepted', order);
    this.#fill(market, order, share, side === 'buy' ? market.ask : market.bid, false);
    return this.#current(order);
  }
}
