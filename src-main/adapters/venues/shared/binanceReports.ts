/** What Binance says of orders and executions, in our nouns. Pure; amounts in one spelling, ids as text. */
import type { ClientOrderId, InstrumentId, VenueId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport, OpenOrderReport, OrderReport, Side } from '../../../../src-shared/domain/order.ts';
import type { ExactInteger } from '../../../../src-shared/domain/quote.ts';
import { ORDER_STATES } from './binanceOrderWire.ts';
import type { OpenOrderWire, OrderWire, TradeWire } from './binanceOrderWire.ts';
import { plainDecimal } from './decimalText.ts';
import type { Pushed } from './orders/parts.ts';

export const sideOf = (wire: 'BUY' | 'SELL'): Side => (wire === 'BUY' ? 'buy' : 'sell');
export const idText = (id: ExactInteger): string => `${id}`;

/** Client ids that the exchange gives to orders of its own making, longest first. Source: USD-M futures, ORDER_TRADE_UPDATE. */
const VENUE_MADE: readonly (readonly [string, NonNullable<FillReport['venueMade']>])[] = [
  ['settlement_autoclose-', 'settlement'],
  ['adl_autoclose', 'deleveraging'],
  ['autoclose-', 'liquidation'],
];
/** Why the exchange made an order of this client id; null = it did not. */
export const venueMadeOf = (clientOrderId: string): NonNullable<FillReport['venueMade']> | null =>
  VENUE_MADE.find(([prefix]) => clientOrderId.startsWith(prefix))?.[1] ?? null;

export const NOTHING_PUSHED: Pushed = { reports: [], fills: [], alarms: [], recheck: false };

/** In words, of an order that ended. */
const textOf = ({ status, expiryReason }: OrderWire): string => (expiryReason === undefined ? status : `${status}: ${expiryReason}`);

/** For how much the venue holds a filled order to be, where it says so. */
export const heldFor = (state: OrderReport['state'], orderQty: string | undefined): Pick<OrderReport, 'orderQty'> =>
  state !== 'filled' || orderQty === undefined ? {} : { orderQty: plainDecimal(orderQty) };

export const reportOf = (venueId: VenueId, clientOrderId: ClientOrderId, order: OrderWire): OrderReport => ({
  clientOrderId,
  venueId,
  venueOrderId: idText(order.orderId),
  state: ORDER_STATES[order.status],
  filledQty: plainDecimal(order.executedQty),
  ...heldFor(ORDER_STATES[order.status], order.origQty),
  venueUnixMs: order.transactTime ?? order.updateTime ?? order.time ?? null,
  text: textOf(order),
});

/** Executions that spot tells with the reply to a placement. */
export const replyFillsOf = (
  venueId: VenueId,
  instrumentId: InstrumentId,
  clientOrderId: ClientOrderId,
  side: Side,
  order: OrderWire,
): readonly FillReport[] =>
  (order.fills ?? []).map((fill) => ({
    venueId,
    instrumentId,
    tradeId: idText(fill.tradeId),
    clientOrderId,
    side,
    qty: plainDecimal(fill.qty),
    px: plainDecimal(fill.price),
    fee: plainDecimal(fill.commission),
    feeCcy: fill.commissionAsset,
    positionId: null,
    venueUnixMs: order.transactTime ?? null,
  }));

/** `name` = client id of its order; null = nobody's that is known. */
export const fillOfTrade = (venueId: VenueId, instrumentId: InstrumentId, trade: TradeWire, name: string | null): FillReport => {
  const venueMade = name === null ? null : venueMadeOf(name);
  return {
    venueId,
    instrumentId,
    tradeId: idText(trade.id),
    clientOrderId: venueMade === null ? (name as ClientOrderId | null) : null,
    side: trade.side === undefined ? (trade.isBuyer === true ? 'buy' : 'sell') : sideOf(trade.side),
    qty: plainDecimal(trade.qty),
    px: plainDecimal(trade.price),
    fee: plainDecimal(trade.commission),
    feeCcy: trade.commissionAsset,
    positionId: null,
    venueUnixMs: trade.time,
    ...(venueMade === null ? {} : { venueMade }),
  };
};

export const openOrderOf = (order: OpenOrderWire): OpenOrderReport => ({
  venueOrderId: idText(order.orderId),
  clientOrderId: order.clientOrderId,
  symbol: order.symbol,
  side: sideOf(order.side),
  qty: plainDecimal(order.origQty),
  filledQty: plainDecimal(order.executedQty),
});

/** Oldest first; a sort keeps the venue's order within a millisecond. */
export const byTime = (a: FillReport, b: FillReport): number => (a.venueUnixMs ?? 0) - (b.venueUnixMs ?? 0);
