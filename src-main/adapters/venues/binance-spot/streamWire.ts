/**
 * Binance spot's user events on the wire, as far as they are read: inside `event` on the web-socket API. Loose: unknown keys are
 * ignored. Source: Binance spot, user data streams, July 2026.
 */
import { z } from 'zod';
import { isOrderStatus, isSide, orderStatus, side, signedDecimal, tradeIdWire } from '../shared/binanceOrderWire.ts';
import { exactInteger, unixMs } from '../shared/binanceWire.ts';
import { isExactId, isMaybeText, isMembers, isSignedDecimal, isText, isUnixMs, isWhole } from '../shared/wireGuards.ts';

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
type ExecutionReport = z.output<typeof executionReport>;

/** The `event` of an execution report as it ordinarily is; where not, the schema judges. */
export const isExecutionReport = (event: unknown): event is ExecutionReport =>
  isMembers(event) &&
  event['e'] === 'executionReport' &&
  isUnixMs(event['E']) &&
  isText(event['s']) &&
  isText(event['c']) &&
  isMaybeText(event['C']) &&
  isExactId(event['i']) &&
  isSide(event['S']) &&
  isText(event['x']) &&
  isOrderStatus(event['X']) &&
  isMaybeText(event['r']) &&
  isMaybeText(event['eR']) &&
  isSignedDecimal(event['l']) &&
  isSignedDecimal(event['L']) &&
  isWhole(event['t']) &&
  isSignedDecimal(event['z']) &&
  isSignedDecimal(event['n']) &&
  (event['N'] === null || isMaybeText(event['N'])) &&
  isUnixMs(event['T']);
