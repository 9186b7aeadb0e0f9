/**
 * What both Binance market-data dialects share on the wire: stream frames, subscription calls, exchange-info
 * filters. Schemas are loose: keys that we do not know are ignored, for Binance adds some every few months.
 * Knows nothing of sockets or of our domain.
 */
import { z } from 'zod';

/** Plain decimal text as every price and quantity travels. */
export const decimalText = z.string().regex(/^\d{1,24}(?:\.\d{1,24})?$/, 'a plain decimal');
/** Integers that `parseExact` delivers: a number where exact, else a bigint. */
export const exactInteger = z.union([z.number().int().nonnegative(), z.bigint().nonnegative()]);
export const unixMs = z.number().int().nonnegative();

/** `<symbol>@bookTicker`. Spot sends neither `e`, `E` nor `T`. */
export const bookTicker = z.looseObject({
  e: z.literal('bookTicker').optional(),
  /** Order-book update id, strictly increasing per symbol. */
  u: exactInteger,
  s: z.string(),
  b: decimalText,
  B: decimalText,
  a: decimalText,
  A: decimalText,
  /** Matching-engine time. */
  T: unixMs.optional(),
  /** Gateway send time. */
  E: unixMs.optional(),
});

export const subscribeCall = z.looseObject({
  method: z.enum(['SUBSCRIBE', 'UNSUBSCRIBE']),
  params: z.array(z.string()).min(1),
  id: z.number().int().nonnegative(),
});

export const callAcknowledged = z.looseObject({ result: z.null(), id: z.number().int() });
export const callRefused = z.looseObject({
  error: z.looseObject({ code: z.number(), msg: z.string() }),
  id: z.number().int().nullable().optional(),
});
/** Older gateways put the error at the top level. */
export const bareError = z.looseObject({ code: z.number(), msg: z.string(), id: z.number().int().nullable().optional() });
/** The envelope of `/stream?streams=`. */
export const combined = z.looseObject({ stream: z.string(), data: z.looseObject({}) });
/** Comes shortly before a server closes: the replacement socket is to be opened at once. */
export const serverShutdown = z.looseObject({ e: z.literal('serverShutdown'), E: unixMs.optional() });

export const serverTime = z.looseObject({ serverTime: unixMs });
/** Body of a refused REST call. */
export const restError = z.looseObject({ code: z.union([z.number(), z.string()]), msg: z.string() });

export const streamNameOf = (symbol: string): string => `${symbol.toLowerCase()}@bookTicker`;

const filterOf = <T extends z.ZodRawShape>(filterType: string, shape: T) => z.looseObject({ filterType: z.literal(filterType), ...shape });
/** A zero field switches its rule off. */
export const priceFilter = filterOf('PRICE_FILTER', { minPrice: decimalText, maxPrice: decimalText, tickSize: decimalText });
export const lotSize = filterOf('LOT_SIZE', { minQty: decimalText, maxQty: decimalText, stepSize: decimalText });
/** Futures spell the amount `notional`, older spot `minNotional`. */
export const minNotional = filterOf('MIN_NOTIONAL', { notional: decimalText.optional(), minNotional: decimalText.optional() });
/** Spot. */
export const notional = filterOf('NOTIONAL', { minNotional: decimalText });

const filters = z.array(z.looseObject({ filterType: z.string() }));
export const symbolBase = z.looseObject({
  symbol: z.string(),
  status: z.string(),
  baseAsset: z.string(),
  quoteAsset: z.string(),
  filters,
});
export type SymbolWire = z.output<typeof symbolBase>;

/** Entries stay unread until chosen by symbol: the futures document names some 700 of which we want two. */
export const exchangeInfo = z.looseObject({ symbols: z.array(z.looseObject({ symbol: z.string() })) });
