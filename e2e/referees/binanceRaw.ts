/**
 * Binance's own field names into the plain shape, for the libraries that hand them through: REST rows and pushed events, of futures
 * and spot. Ids come as numbers, 64-bit whole numbers or text, as each library likes.
 */
import { Decimal } from 'decimal.js';
import { binanceState, nonZero, plain, plainOr0, sideOf, type Ask, type FillSeen, type OrderSeen, type PositionSeen } from './view.ts';

export type Id = string | number | bigint;

export interface RawOrder {
  readonly orderId?: Id | undefined;
  readonly clientOrderId?: string | undefined;
  readonly side?: string | undefined;
  readonly origQty?: string | number | undefined;
  readonly executedQty?: string | number | undefined;
  readonly status?: string | undefined;
}
/** Futures tell the side by name, spot by `isBuyer`. */
export interface RawTrade {
  readonly id?: Id | undefined;
  readonly orderId?: Id | undefined;
  readonly side?: string | undefined;
  readonly isBuyer?: boolean | undefined;
  readonly qty?: string | number | undefined;
  readonly price?: string | number | undefined;
  readonly commission?: string | number | undefined;
  readonly commissionAsset?: string | undefined;
}
export interface RawPosition {
  readonly symbol?: string | undefined;
  readonly positionAmt?: string | number | undefined;
  readonly entryPrice?: string | number | undefined;
}

export const orderOfRaw = (raw: RawOrder): OrderSeen => ({
  orderId: String(raw.orderId),
  clientId: raw.clientOrderId ?? '',
  side: sideOf(raw.side ?? ''),
  qty: plain(raw.origQty),
  filledQty: plainOr0(raw.executedQty),
  state: binanceState(raw.status ?? ''),
});
export const fillOfRaw = (raw: RawTrade): FillSeen => ({
  tradeId: String(raw.id),
  orderId: String(raw.orderId),
  side: raw.side === undefined ? (raw.isBuyer === true ? 'buy' : 'sell') : sideOf(raw.side),
  qty: plain(raw.qty),
  px: plain(raw.price),
  fee: plain(raw.commission),
  feeCcy: raw.commissionAsset ?? '',
});
export const positionsOfRaw = (rows: readonly RawPosition[]): readonly PositionSeen[] =>
  rows
    .map((row) => ({ symbol: row.symbol ?? '', qty: plain(row.positionAmt), px: plainOr0(row.entryPrice) }))
    .filter(({ qty }) => qty !== '0');
export const spotTotals = (
  rows: readonly {
    readonly asset?: string | undefined;
    readonly free?: string | number | undefined;
    readonly locked?: string | number | undefined;
  }[],
): Record<string, string> =>
  nonZero(rows.map(({ asset, free, locked }) => [asset ?? '', sumOf(plainOr0(free), plainOr0(locked))] as const));
const sumOf = (p: string, q: string): string => plain(new Decimal(p).plus(q).toFixed());

/** `o` of ORDER_TRADE_UPDATE and an executionReport share their letters. */
export interface RawEvent {
  readonly e?: string | undefined;
  readonly o?: RawUpdate | undefined;
}
export interface RawUpdate {
  readonly c?: string | undefined;
  /** Spot: the order's own id where `c` is that of the cancel. */
  readonly C?: string | undefined;
  readonly i?: Id | undefined;
  readonly S?: string | undefined;
  readonly q?: string | number | undefined;
  readonly z?: string | number | undefined;
  readonly X?: string | undefined;
  readonly x?: string | undefined;
  readonly t?: Id | undefined;
  readonly l?: string | number | undefined;
  readonly L?: string | number | undefined;
  readonly n?: string | number | undefined;
  readonly N?: string | undefined;
}

/** Collects what a private stream tells; a repetition changes nothing. */
export class BinancePushes {
  readonly orders = new Map<string, OrderSeen>();
  readonly fills = new Map<string, FillSeen>();

  /** Takes any frame of a user data stream; what is no order update is left aside. */
  take(event: RawEvent): void {
    if (event.e === 'ORDER_TRADE_UPDATE' && event.o !== undefined) this.#update(event.o);
    else if (event.e === 'executionReport') this.#update(event as unknown as RawUpdate);
  }

  #update(raw: RawUpdate): void {
    const clientId = raw.C === undefined || raw.C === '' ? (raw.c ?? '') : raw.C;
    const side = sideOf(raw.S ?? '');
    const orderId = String(raw.i);
    this.orders.set(clientId, {
      orderId,
      clientId,
      side,
      qty: plain(raw.q),
      filledQty: plainOr0(raw.z),
      state: binanceState(raw.X ?? ''),
    });
    if (raw.x !== 'TRADE') return;
    const tradeId = String(raw.t);
    this.fills.set(tradeId, {
      tradeId,
      orderId,
      side,
      qty: plain(raw.l),
      px: plain(raw.L),
      fee: plainOr0(raw.n),
      feeCcy: raw.N ?? '',
    });
  }
}

/** The request in Binance's words; amounts as each library wants them. */
export const binanceOrder = <A>(ask: Ask, product: 'usdm' | 'spot', amount: (text: string) => A) => ({
  symbol: ask.symbol,
  side: ask.side.toUpperCase(),
  type: ask.px === null ? 'MARKET' : ask.kind === 'post-only' && product === 'spot' ? 'LIMIT_MAKER' : 'LIMIT',
  quantity: amount(ask.qty),
  ...(ask.px === null ? {} : { price: amount(ask.px) }),
  ...(ask.px === null || (ask.kind === 'post-only' && product === 'spot')
    ? {}
    : { timeInForce: ask.kind === 'post-only' ? 'GTX' : ask.kind.toUpperCase() }),
  ...(ask.reduceOnly ? { reduceOnly: 'true' } : {}),
  newClientOrderId: ask.clientId,
});
