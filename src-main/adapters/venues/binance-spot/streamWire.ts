/**
 * Binance spot's user events on the wire, as far as they are read: inside `event` on the web-socket API. Loose: unknown keys are
 * ignored. Source: Binance spot, user data streams, July 2026.
 */
import { z } from 'zod';
import { orderStatus, side, signedDecimal, tradeIdWire } from '../shared/binanceOrderWire.ts';
import { exactInteger, unixMs } from '../shared/binanceWire.ts';

/** `subscriptionId` names the subscription of this socket. */
export const pushedEvent = z.looseObject({ event: z.looseObject({ e: z.string() }) });

/** Short names as the venue has them. */
export const executionReport = z.looseObject({
  E: unixMs,
  /** Symbol, client id, order id, side. */
  s: z.string(),
  c: z.string(),
  /** Of a cancel: the client id of the order that was canceled, for `c` is then the cancel's own. */
  C: z.string().optional(),
  i: exactInteger,
  S: side,
  /** NEW, CANCELED, REPLACED, REJECTED, TRADE, EXPIRED, TRADE_PREVENTION. */
  x: z.string(),
  X: orderStatus,
  /** Why it was rejected; NONE = it was not. */
  r: z.string().optional(),
  /** Why it expired. */
  eR: z.string().optional(),
  /** This fill: quantity, price, trade id (−1 = none); all fills so far. */
  l: signedDecimal,
  L: signedDecimal,
  t: tradeIdWire,
  z: signedDecimal,
  /** Commission, positive = paid, often in base or BNB. */
  n: signedDecimal,
  N: z.string().nullable().optional(),
  T: unixMs,
});
