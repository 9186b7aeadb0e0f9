/**
 * Binance spot's account side on the wire: paths, weights, schemas of answers. Loose: unknown keys are ignored.
 * Source: Binance spot documentation, July 2026. Not verified at the exchange: whether the demo environment serves the rights of keys.
 */
import { z } from 'zod';
import { signedDecimal } from '../shared/binanceOrderWire.ts';
import { decimalText, exactInteger } from '../shared/binanceWire.ts';

export const PATHS = {
  time: '/api/v3/time',
  order: '/api/v3/order',
  openOrders: '/api/v3/openOrders',
  trades: '/api/v3/myTrades',
  allOrders: '/api/v3/allOrders',
  account: '/api/v3/account',
  commission: '/api/v3/account/commission',
  bookTicker: '/api/v3/ticker/bookTicker',
  averagePrice: '/api/v3/avgPrice',
  referencePrice: '/api/v3/referencePrice',
} as const;

export const WEIGHTS = {
  exchangeInfo: 20,
  order: 4,
  openOrdersOfAll: 80,
  trades: 20,
  tradesOfOrder: 5,
  allOrders: 20,
  account: 20,
  commission: 20,
  bookTicker: 4,
  averagePrice: 2,
  referencePrice: 2,
} as const;

/** As documented; the venue's own figures replace them. */
export const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160_000 },
] as const;

export const account = z.looseObject({
  canTrade: z.boolean(),
  accountType: z.string().optional(),
  /** Of the account that the key belongs to, a sub-account's own. */
  uid: exactInteger.optional(),
  balances: z.array(z.looseObject({ asset: z.string(), free: signedDecimal, locked: signedDecimal })),
});

/** A taker pays `taker` and, by side, `buyer` or `seller`. */
const rates = z.looseObject({
  taker: signedDecimal,
  buyer: signedDecimal.optional(),
  seller: signedDecimal.optional(),
});
/** The discount holds for the standard part alone, and while there is enough of its asset. */
export const commission = z.looseObject({
  symbol: z.string(),
  standardCommission: rates,
  specialCommission: rates.optional(),
  taxCommission: rates.optional(),
  discount: z
    .looseObject({ enabledForAccount: z.boolean(), enabledForSymbol: z.boolean(), discountAsset: z.string(), discount: signedDecimal })
    .optional(),
});
export type CommissionWire = z.output<typeof commission>;

export const bookTickers = z.array(z.looseObject({ symbol: z.string(), bidPrice: decimalText, askPrice: decimalText }));
export const averagePrice = z.looseObject({ price: decimalText });
/** null = none now; {@link NO_REFERENCE_PRICE}: it never had one. */
export const referencePrice = z.looseObject({ referencePrice: decimalText.nullable() });
export const NO_REFERENCE_PRICE = '-2043';
