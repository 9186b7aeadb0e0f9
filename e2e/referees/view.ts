/**
 * What a referee, our own gateway and the simulator's own book each say of the same orders, in one plain shape, so that three
 * independent accounts can be compared field by field. Holds no library and no rule of trading; amounts are decimal text without
 * trailing zeros, in the venue's own unit.
 */
import { Decimal } from 'decimal.js';

export interface Ask {
  /** The venue's own name. */
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  /** null = market. */
  readonly px: string | null;
  readonly kind: 'ioc' | 'gtc' | 'post-only' | 'fok' | 'market';
  readonly reduceOnly: boolean;
  readonly clientId: string;
}
export type Road = 'rest' | 'socket';
export type Said =
  | { readonly taken: true; readonly orderId: string }
  | { readonly taken: false; readonly code: string; readonly text: string };

export interface OrderSeen {
  readonly orderId: string;
  readonly clientId: string;
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  readonly filledQty: string;
  readonly state: 'working' | 'filled' | 'canceled' | 'rejected';
}
export interface FillSeen {
  readonly tradeId: string;
  readonly orderId: string;
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  readonly px: string;
  /** Positive = paid. */
  readonly fee: string;
  readonly feeCcy: string;
}
export interface PositionSeen {
  readonly symbol: string;
  /** Positive = long. */
  readonly qty: string;
  readonly px: string;
}

/** One library's client of one account. Every call reaches the venue; nothing is answered from memory but what was pushed. */
export interface Referee {
  readonly name: string;
  /** Its totals count what open positions are worth: comparable with money alone when there are none. */
  readonly balancesAreEquity: boolean;
  /** It reads ids as binary fractions, and so loses the last digits of long ones. */
  readonly roundsIds: boolean;
  /** It complains of client ids that begin otherwise; '' = any will do. */
  readonly idPrefix: string;
  /** By which roads it can place orders. */
  readonly roads: readonly Road[];
  place(ask: Ask, road: Road): Promise<Said>;
  cancel(symbol: string, clientId: string): Promise<Said>;
  order(symbol: string, clientId: string): Promise<OrderSeen>;
  openOrders(symbol: string): Promise<readonly OrderSeen[]>;
  /** Oldest first. */
  fills(symbol: string): Promise<readonly FillSeen[]>;
  /** null = there are none at this venue (spot). */
  positions(): Promise<readonly PositionSeen[] | null>;
  /** Totals that are not 0, by currency. */
  balances(): Promise<Readonly<Record<string, string>>>;
  /** Every order as the private pushes last told of it, and every execution in them. */
  pushed(): { readonly orders: ReadonlyMap<string, OrderSeen>; readonly fills: readonly FillSeen[] };
  close(): Promise<void>;
}

/** Of the key that a referee signs with. */
export interface RefereeKey {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}
export interface RefereeSite {
  /** Without a path. */
  readonly rest: string;
  readonly socket: string;
  readonly key: RefereeKey;
  /** The venue's names of what it trades there. */
  readonly symbols: readonly string[];
}

/** Decimal text without exponent and trailing zeros. @throws where it is no number at all */
export const plain = (value: string | number | bigint | undefined | null): string => {
  if (value === undefined || value === null || value === '') throw new Error('no amount was given');
  const amount = new Decimal(String(value));
  return amount.isZero() ? '0' : amount.toFixed();
};
export const plainOr0 = (value: string | number | bigint | undefined | null): string =>
  value === undefined || value === null || value === '' ? '0' : plain(value);
export const negated = (value: string): string => plain(new Decimal(value).neg().toFixed());

/** How Binance calls the stages of an order. */
export const binanceState = (status: string): OrderSeen['state'] => {
  if (status === 'NEW' || status === 'PARTIALLY_FILLED') return 'working';
  if (status === 'FILLED') return 'filled';
  if (status === 'REJECTED') return 'rejected';
  if (status === 'CANCELED' || status === 'EXPIRED' || status === 'EXPIRED_IN_MATCH') return 'canceled';
  throw new Error(`no such stage of an order: ${status}`);
};
/** How OKX calls them. */
export const okxState = (state: string): OrderSeen['state'] => {
  if (state === 'live' || state === 'partially_filled') return 'working';
  if (state === 'filled') return 'filled';
  if (state === 'canceled' || state === 'mmp_canceled') return 'canceled';
  throw new Error(`no such stage of an order: ${state}`);
};

export const sideOf = (side: string): 'buy' | 'sell' => {
  const lower = side.toLowerCase();
  if (lower !== 'buy' && lower !== 'sell') throw new Error(`no such side: ${side}`);
  return lower;
};
export const bySequence = <T extends { readonly tradeId: string }>(fills: readonly T[]): readonly T[] =>
  fills.toSorted((p, q) => (BigInt(p.tradeId) < BigInt(q.tradeId) ? -1 : 1));
export const nonZero = (totals: Iterable<readonly [string, string]>): Record<string, string> =>
  Object.fromEntries([...totals].map(([ccy, total]) => [ccy, plain(total)] as const).filter(([, total]) => total !== '0'));

/** Waits until `read` says something other than null. @throws after `withinMs`, naming what was waited for */
export const eventually = async <T>(what: string, withinMs: number, read: () => T | null | Promise<T | null>): Promise<T> => {
  const endsMs = performance.now() + withinMs;
  for (;;) {
    const found = await read();
    if (found !== null) return found;
    if (performance.now() > endsMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
