/**
 * Binance USD-M futures' user events on the wire, as far as they are read. Loose: unknown keys are ignored, for some come and go.
 * Source: USD-M futures, user data streams, May 2026; `er` travels as text.
 */
import { z } from 'zod';
import { isOrderStatus, isSide, orderStatus, side, signedDecimal, tradeIdWire } from '../shared/binanceOrderWire.ts';
import { exactInteger, unixMs } from '../shared/binanceWire.ts';
import { isExactId, isMaybeText, isMembers, isSignedDecimal, isText, isUnixMs, isWhole } from '../shared/wireGuards.ts';

export const userEvent = z.looseObject({ e: z.string() });

/** Short names as the venue has them. */
export const orderTradeUpdate = z.looseObject({
  E: unixMs,
  T: unixMs,
  o: z.looseObject({
    /** Symbol, client id, order id, side. */
    s: z.string(),
    c: z.string(),
    i: exactInteger,
    S: side,
    /** Execution type; NEW, TRADE, CANCELED, EXPIRED, AMENDMENT, CALCULATED = liquidation. */
    x: z.string(),
    X: orderStatus,
    q: signedDecimal,
    /** This fill: quantity, price, trade id (0 = none); all fills so far. */
    l: signedDecimal,
    L: signedDecimal,
    t: tradeIdWire,
    z: signedDecimal,
    /** Commission, positive = paid; both absent where there is none. */
    n: signedDecimal.optional(),
    N: z.string().nullable().optional(),
    T: unixMs,
    /** Why it expired. */
    er: z.union([z.string(), z.number()]).optional(),
  }),
});

type OrderTradeUpdate = z.output<typeof orderTradeUpdate>;

const isOrderEvent = (o: unknown): boolean =>
  isMembers(o) &&
  isText(o['s']) &&
  isText(o['c']) &&
  isExactId(o['i']) &&
  isSide(o['S']) &&
  isText(o['x']) &&
  isOrderStatus(o['X']) &&
  isSignedDecimal(o['q']) &&
  isSignedDecimal(o['l']) &&
  isSignedDecimal(o['L']) &&
  isWhole(o['t']) &&
  isSignedDecimal(o['z']) &&
  (o['n'] === undefined || isSignedDecimal(o['n'])) &&
  (o['N'] === null || isMaybeText(o['N'])) &&
  isUnixMs(o['T']) &&
  isMaybeText(o['er']);
/** An order's update as it ordinarily is; where not, the schema judges. */
export const isOrderTradeUpdate = (value: unknown): value is OrderTradeUpdate =>
  isMembers(value) && value['e'] === 'ORDER_TRADE_UPDATE' && isUnixMs(value['E']) && isUnixMs(value['T']) && isOrderEvent(value['o']);

/** Ahead of ORDER_TRADE_UPDATE, without fee and state. */
export const tradeLite = z.looseObject({
  E: unixMs,
  T: unixMs,
  s: z.string(),
  c: z.string(),
  i: exactInteger,
  q: signedDecimal,
  l: signedDecimal,
  t: tradeIdWire,
});

type TradeLite = z.output<typeof tradeLite>;

export const isTradeLite = (value: unknown): value is TradeLite =>
  isMembers(value) &&
  value['e'] === 'TRADE_LITE' &&
  isUnixMs(value['E']) &&
  isUnixMs(value['T']) &&
  isText(value['s']) &&
  isText(value['c']) &&
  isExactId(value['i']) &&
  isSignedDecimal(value['q']) &&
  isSignedDecimal(value['l']) &&
  isWhole(value['t']);

export const accountUpdate = z.looseObject({
  E: unixMs,
  a: z.looseObject({
    /** Why: ORDER, FUNDING_FEE, MARGIN_TYPE_CHANGE, INSURANCE_CLEAR … */
    m: z.string(),
    B: z.array(z.looseObject({ a: z.string(), wb: signedDecimal, bc: signedDecimal })),
    P: z.array(z.looseObject({ s: z.string(), pa: signedDecimal, ps: z.string() })),
  }),
});

export const configUpdate = z.looseObject({
  /** Leverage of a symbol, or the multi-assets mode of the account. */
  ac: z.looseObject({ s: z.string(), l: z.number() }).optional(),
  ai: z.looseObject({ j: z.boolean() }).optional(),
});

export const marginCall = z.looseObject({ p: z.array(z.looseObject({ s: z.string() })) });
