/**
 * What both Binance products say of orders and executions, as schemas: replies of the web-socket API and of REST. Loose: unknown keys
 * are ignored. Order and trade ids are whole numbers that may exceed 2^53.
 */
import { z } from 'zod';
import { exactInteger, unixMs } from './binanceWire.ts';
import { isExactId, isMaybeText, isMaybeUnixMs, isMembers, isSignedDecimal, isText } from './wireGuards.ts';

/** Fees may be negative: a rebate. */
export const signedDecimal = z.string().regex(/^-?\d{1,24}(?:\.\d{1,24})?$/, 'a decimal');
export const side = z.enum(['BUY', 'SELL']);
/** −1 or 0 = none. */
export const tradeIdWire = z.union([z.number().int(), z.bigint()]);

/** A reply of the web-socket API. `id` is ours; null where the venue speaks of the whole connection. */
export const socketReply = z.looseObject({
  id: z.union([z.string(), z.number()]).nullable(),
  status: z.number().int(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number().int(), msg: z.string() }).optional(),
});
export type SocketReply = z.output<typeof socketReply>;

const isPlainReply = (value: unknown): value is SocketReply =>
  isMembers(value) && isText(value['id']) && Number.isSafeInteger(value['status']) && value['error'] === undefined;
/** null = it is no reply. */
export const readReply = (value: unknown): SocketReply | null =>
  isPlainReply(value) ? value : (socketReply.safeParse(value).data ?? null);

/** Body of a refused REST call. */
export const restRefusal = z.looseObject({ code: z.number().int(), msg: z.string() });

export const ORDER_STATES = {
  NEW: 'working',
  PENDING_NEW: 'working',
  PENDING_CANCEL: 'working',
  PARTIALLY_FILLED: 'working',
  NEW_INSURANCE: 'working',
  NEW_ADL: 'working',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'canceled',
  EXPIRED_IN_MATCH: 'canceled',
  REJECTED: 'rejected',
} as const;
export const orderStatus = z.enum(Object.keys(ORDER_STATES) as [keyof typeof ORDER_STATES]);
export const isOrderStatus = (value: unknown): value is keyof typeof ORDER_STATES => isText(value) && Object.hasOwn(ORDER_STATES, value);
export const isSide = (value: unknown): value is 'BUY' | 'SELL' => value === 'BUY' || value === 'SELL';

/** Spot, with `newOrderRespType` FULL. */
const replyFill = z.looseObject({
  price: signedDecimal,
  qty: signedDecimal,
  commission: signedDecimal,
  commissionAsset: z.string(),
  tradeId: exactInteger,
});

/** Of placing, canceling and asking alike. */
export const orderWire = z.looseObject({
  orderId: exactInteger,
  clientOrderId: z.string(),
  /** Of a cancel on spot: ours, for `clientOrderId` is then the cancel's own. */
  origClientOrderId: z.string().optional(),
  status: orderStatus,
  /** Futures make a reducing order smaller, down to the position, and show that here alone. */
  origQty: signedDecimal.optional(),
  executedQty: signedDecimal,
  time: unixMs.optional(),
  updateTime: unixMs.optional(),
  transactTime: unixMs.optional(),
  expiryReason: z.string().optional(),
  fills: z.array(replyFill).optional(),
});
export type OrderWire = z.output<typeof orderWire>;

const isReplyFill = (value: unknown): boolean =>
  isMembers(value) &&
  isSignedDecimal(value['price']) &&
  isSignedDecimal(value['qty']) &&
  isSignedDecimal(value['commission']) &&
  isText(value['commissionAsset']) &&
  isExactId(value['tradeId']);
const areReplyFills = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.every(isReplyFill));
const isOrderWire = (value: unknown): value is OrderWire =>
  isMembers(value) &&
  isExactId(value['orderId']) &&
  isText(value['clientOrderId']) &&
  isMaybeText(value['origClientOrderId']) &&
  isOrderStatus(value['status']) &&
  (value['origQty'] === undefined || isSignedDecimal(value['origQty'])) &&
  isSignedDecimal(value['executedQty']) &&
  isMaybeUnixMs(value['time']) &&
  isMaybeUnixMs(value['updateTime']) &&
  isMaybeUnixMs(value['transactTime']) &&
  isMaybeText(value['expiryReason']) &&
  areReplyFills(value['fills']);
/** null = it is no order. */
export const readOrder = (value: unknown): OrderWire | null => (isOrderWire(value) ? value : (orderWire.safeParse(value).data ?? null));

/** Whose an order is, whatever its state. */
export const namedOrder = z.looseObject({ orderId: exactInteger, clientOrderId: z.string() });
export const namedOrders = z.array(namedOrder);
/** Open, hence its state does not matter. */
const openOrder = namedOrder.extend({ symbol: z.string(), side, origQty: signedDecimal, executedQty: signedDecimal });
export type OpenOrderWire = z.output<typeof openOrder>;
export const openOrders = z.array(openOrder);

/** `userTrades` of futures, `myTrades` of spot; the latter tells the side by `isBuyer` alone. */
export const tradeWire = z.looseObject({
  symbol: z.string(),
  id: exactInteger,
  orderId: exactInteger,
  side: side.optional(),
  isBuyer: z.boolean().optional(),
  price: signedDecimal,
  qty: signedDecimal,
  commission: signedDecimal,
  commissionAsset: z.string(),
  time: unixMs,
});
export type TradeWire = z.output<typeof tradeWire>;
export const tradeWires = z.array(tradeWire);
