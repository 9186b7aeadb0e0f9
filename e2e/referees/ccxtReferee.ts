/**
 * ccxt as a referee, on Binance USD-M futures, Binance spot and OKX: its unified answers, not the raw ones, are what is compared.
 * Owns the settings that keep it from calling home and from adding ids of its own.
 */
import { Decimal } from 'decimal.js';
import { pro } from 'ccxt';
import {
  bySequence,
  negated,
  nonZero,
  plain,
  plainOr0,
  sideOf,
  type Ask,
  type FillSeen,
  type OrderSeen,
  type PositionSeen,
  type Referee,
  type RefereeSite,
  type Road,
  type Said,
} from './view.ts';

export type CcxtVenue = 'binance-usdm' | 'binance-spot' | 'okx';

/** What is used of ccxt's unified interface; its own types are looser than what it returns. */
interface Exchange {
  readonly has: Record<string, unknown>;
  loadHttpProxyAgent(): Promise<void>;
  loadMarkets(): Promise<unknown>;
  safeSymbol(id: string, market?: undefined, delimiter?: undefined, type?: string): string;
  market(symbol: string): { readonly id: string };
  createOrder(symbol: string, type: string, side: string, amount: number, price: number | undefined, params: object): Promise<UnifiedOrder>;
  createOrderWs(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price: number | undefined,
    params: object,
  ): Promise<UnifiedOrder>;
  cancelOrder(id: string | undefined, symbol: string, params: object): Promise<UnifiedOrder>;
  fetchOrder(id: string | undefined, symbol: string, params: object): Promise<UnifiedOrder>;
  fetchOpenOrders(symbol: string): Promise<UnifiedOrder[]>;
  fetchMyTrades(symbol: string): Promise<UnifiedTrade[]>;
  fetchPositions(symbols: string[]): Promise<UnifiedPosition[]>;
  fetchBalance(): Promise<{ readonly total: Readonly<Record<string, number | undefined>> }>;
  watchOrders(): Promise<UnifiedOrder[]>;
  watchMyTrades(): Promise<UnifiedTrade[]>;
  close(): Promise<void>;
}
interface UnifiedOrder {
  readonly id: string;
  readonly clientOrderId?: string;
  readonly symbol: string;
  readonly side: string;
  readonly amount: number;
  readonly filled: number;
  readonly status: string;
}
interface UnifiedTrade {
  readonly id: string;
  readonly order: string;
  readonly side: string;
  readonly amount: number;
  readonly price: number;
  readonly fee?: { readonly cost?: number; readonly currency?: string };
  readonly fees?: readonly { readonly cost?: number; readonly currency?: string }[];
}
interface UnifiedPosition {
  readonly symbol: string;
  readonly side: string | undefined;
  readonly contracts: number | undefined;
  readonly entryPrice: number | undefined;
}

const settingsOf = (venue: CcxtVenue, { rest, socket, key }: RefereeSite): object => {
  const common = { apiKey: key.apiKey, secret: key.secret, enableRateLimit: false, newUpdates: true };
  if (venue === 'okx')
    return {
      ...common,
      password: key.passphrase,
      options: { brokerId: '', fetchMarkets: { types: ['swap', 'spot'] } },
      urls: { api: { rest, ws: `${socket}/ws/v5` } },
    };
  if (venue === 'binance-spot') {
    const v3 = `${rest}/api/v3`;
    return {
      ...common,
      options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false },
      urls: {
        api: { public: v3, private: v3, sapi: `${rest}/sapi/v1`, ws: { spot: `${socket}/ws`, 'ws-api': { spot: `${socket}/ws-api/v3` } } },
      },
    };
  }
  const v = (n: number) => `${rest}/fapi/v${n}`;
  return {
    ...common,
    options: { fetchMarkets: { types: ['linear'] }, fetchCurrencies: false, fetchMargins: false },
    urls: {
      api: {
        fapiPublic: v(1),
        fapiPrivate: v(1),
        fapiPublicV2: v(2),
        fapiPrivateV2: v(2),
        fapiPublicV3: v(3),
        fapiPrivateV3: v(3),
        ws: { future: `${socket}/ws`, 'ws-api': { future: `${socket}/ws-fapi/v1` } },
      },
    },
  };
};

const CLASS = { okx: 'okx', 'binance-spot': 'binance', 'binance-usdm': 'binanceusdm' } as const;

const WORDS = [
  { words: 'Order would immediately match and take.', code: '-2010' },
  { words: 'Account has insufficient balance for requested action.', code: '-2010' },
  { words: 'Duplicate order sent.', code: '-2010' },
] as const;
/** The venue's own code in what ccxt throws: it keeps the body in the message. OKX names an order's refusal `sCode`. */
const refusalOf = (fault: unknown): Said => {
  const text = fault instanceof Error ? fault.message : String(fault);
  const code = /"sCode":"(?!0")(\d+)"/.exec(text)?.[1] ?? /"code":"?(-?\d+)/.exec(text)?.[1];
  if (code !== undefined) return { taken: false, code, text };
  // Over the socket it hands on the words alone.
  const known = WORDS.find(({ words }) => text.includes(words));
  if (known === undefined) throw fault;
  return { taken: false, code: known.code, text };
};

const STATES: Readonly<Record<string, OrderSeen['state']>> = {
  open: 'working',
  closed: 'filled',
  canceled: 'canceled',
  expired: 'canceled',
  rejected: 'rejected',
};

const orderSeen = (order: UnifiedOrder): OrderSeen => {
  const state = STATES[order.status];
  if (state === undefined) throw new Error(`ccxt says that an order is ${order.status}`);
  return {
    orderId: order.id,
    clientId: order.clientOrderId ?? '',
    side: sideOf(order.side),
    qty: plain(order.amount),
    filledQty: plainOr0(order.filled),
    state,
  };
};
const fillSeen = (trade: UnifiedTrade): FillSeen => {
  const fee = trade.fee?.currency === undefined ? trade.fees?.[0] : trade.fee;
  return {
    tradeId: trade.id,
    orderId: trade.order,
    side: sideOf(trade.side),
    qty: plain(trade.amount),
    px: plain(trade.price),
    fee: plainOr0(fee?.cost),
    feeCcy: fee?.currency ?? '',
  };
};

class CcxtReferee implements Referee {
  readonly name = 'ccxt';
  readonly balancesAreEquity = true;
  readonly roundsIds = false;
  readonly idPrefix = '';
  readonly roads: readonly Road[] = ['rest', 'socket'];
  readonly #venue: CcxtVenue;
  readonly #exchange: Exchange;
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #orders = new Map<string, OrderSeen>();
  readonly #fills = new Map<string, FillSeen>();
  #closed = false;
  /** Why it hears nothing any more. */
  #fault: unknown = null;

  constructor(venue: CcxtVenue, exchange: Exchange, symbols: ReadonlyMap<string, string>, listens: boolean) {
    this.#venue = venue;
    this.#exchange = exchange;
    this.#symbols = symbols;
    if (!listens) return;
    void this.#listen(async () => {
      for (const order of await this.#exchange.watchOrders()) this.#orders.set(order.clientOrderId ?? order.id, orderSeen(order));
    });
    void this.#listen(async () => {
      for (const trade of await this.#exchange.watchMyTrades()) this.#fills.set(trade.id, this.#pushedFill(trade));
    });
  }

  async #listen(next: () => Promise<void>): Promise<void> {
    while (!this.#closed) {
      try {
        await next();
      } catch (fault) {
        this.#fault ??= fault;
        return;
      }
    }
  }

  /** Of pushes at OKX alone ccxt 4.5.84 keeps the venue's sign; of its own lists of trades it turns it. */
  #pushedFill(trade: UnifiedTrade): FillSeen {
    const seen = fillSeen(trade);
    return this.#venue === 'okx' ? { ...seen, fee: negated(seen.fee) } : seen;
  }

  #unified(symbol: string): string {
    const found = this.#symbols.get(symbol);
    if (found === undefined) throw new Error(`ccxt was not told of ${symbol}`);
    return found;
  }

  async place(ask: Ask, road: Road): Promise<Said> {
    const params = {
      // Under its own name it leaves a second one behind, which Binance refuses.
      ...(this.#venue === 'okx' ? { clientOrderId: ask.clientId } : { newClientOrderId: ask.clientId }),
      ...(ask.kind === 'post-only' && this.#venue !== 'binance-spot' ? { postOnly: true } : {}),
      ...(ask.kind === 'ioc' || ask.kind === 'fok' ? { timeInForce: ask.kind.toUpperCase() } : {}),
      ...(ask.reduceOnly ? { reduceOnly: true } : {}),
      ...(this.#venue === 'okx' ? { tdMode: ask.symbol.endsWith('-SWAP') ? 'cross' : 'cash' } : {}),
    };
    // What it is told besides the type it sends on over the socket, which Binance spot refuses.
    const type = ask.px === null ? 'market' : ask.kind === 'post-only' && this.#venue === 'binance-spot' ? 'LIMIT_MAKER' : 'limit';
    const price = ask.px === null ? undefined : Number(ask.px);
    const create = road === 'rest' ? 'createOrder' : 'createOrderWs';
    try {
      const order = await this.#exchange[create](this.#unified(ask.symbol), type, ask.side, Number(ask.qty), price, params);
      return { taken: true, orderId: order.id };
    } catch (fault) {
      return refusalOf(fault);
    }
  }

  async cancel(symbol: string, clientId: string): Promise<Said> {
    try {
      const order = await this.#exchange.cancelOrder(undefined, this.#unified(symbol), { clientOrderId: clientId });
      return { taken: true, orderId: order.id };
    } catch (fault) {
      return refusalOf(fault);
    }
  }

  async order(symbol: string, clientId: string): Promise<OrderSeen> {
    return orderSeen(await this.#exchange.fetchOrder(undefined, this.#unified(symbol), { clientOrderId: clientId }));
  }

  async openOrders(symbol: string): Promise<readonly OrderSeen[]> {
    return (await this.#exchange.fetchOpenOrders(this.#unified(symbol))).map(orderSeen);
  }

  async fills(symbol: string): Promise<readonly FillSeen[]> {
    return bySequence((await this.#exchange.fetchMyTrades(this.#unified(symbol))).map(fillSeen));
  }

  async positions(): Promise<readonly PositionSeen[] | null> {
    if (this.#venue === 'binance-spot') return null;
    const wanted = [...this.#symbols].filter(([id]) => this.#venue !== 'okx' || id.endsWith('-SWAP'));
    const found = await this.#exchange.fetchPositions(wanted.map(([, unified]) => unified));
    return found.flatMap(({ symbol, side, contracts, entryPrice }) => {
      const size = new Decimal(contracts ?? 0);
      if (size.isZero()) return [];
      const id = this.#exchange.market(symbol).id;
      return [{ symbol: id, qty: plain((side === 'short' ? size.neg() : size).toFixed()), px: plain(entryPrice) }];
    });
  }

  async balances(): Promise<Readonly<Record<string, string>>> {
    const { total } = await this.#exchange.fetchBalance();
    return nonZero(Object.entries(total).map(([ccy, amount]) => [ccy, plainOr0(amount)] as const));
  }

  /** @throws what ended its listening */
  pushed(): { readonly orders: ReadonlyMap<string, OrderSeen>; readonly fills: readonly FillSeen[] } {
    if (this.#fault !== null) throw this.#fault;
    return { orders: this.#orders, fills: bySequence([...this.#fills.values()]) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#exchange.close();
  }
}

/** `listens`: to its private pushes; a key that cannot sign hears none. */
export const openCcxt = async (venue: CcxtVenue, site: RefereeSite, listens = true): Promise<Referee> => {
  const Class = pro[CLASS[venue]] as unknown as new (settings: object) => Exchange;
  const exchange = new Class(settingsOf(venue, site));
  exchange.has['fetchCurrencies'] = false;
  // Without it ccxt refuses addresses that are not encrypted.
  await exchange.loadHttpProxyAgent();
  await exchange.loadMarkets();
  const kind = (symbol: string): string => (venue === 'binance-spot' || (venue === 'okx' && !symbol.endsWith('-SWAP')) ? 'spot' : 'swap');
  const symbols = new Map(site.symbols.map((id) => [id, exchange.safeSymbol(id, undefined, undefined, kind(id))]));
  return new CcxtReferee(venue, exchange, symbols, listens);
};
