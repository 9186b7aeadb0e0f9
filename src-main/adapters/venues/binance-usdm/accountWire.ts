/**
 * Binance USD-M futures' account side on the wire: paths, weights, schemas of answers. Loose: unknown keys are ignored.
 * Source: USD-M futures documentation, May 2026, and its connector, September 2026. Not verified at the exchange: the hosts of the demo
 * environment, whether order tests are answered with −4411, the spelling of `isAutoAddMargin`, whether an `accountAlias` ever changes.
 */
import { z } from 'zod';
import { signedDecimal } from '../shared/binanceOrderWire.ts';
import { unixMs } from '../shared/binanceWire.ts';

export const PATHS = {
  time: '/fapi/v1/time',
  order: '/fapi/v1/order',
  orderTest: '/fapi/v1/order/test',
  openOrders: '/fapi/v1/openOrders',
  trades: '/fapi/v1/userTrades',
  allOrders: '/fapi/v1/allOrders',
  account: '/fapi/v3/account',
  balance: '/fapi/v3/balance',
  positions: '/fapi/v3/positionRisk',
  accountConfig: '/fapi/v1/accountConfig',
  symbolConfig: '/fapi/v1/symbolConfig',
  commissionRate: '/fapi/v1/commissionRate',
  premiumIndex: '/fapi/v1/premiumIndex',
  fundingInfo: '/fapi/v1/fundingInfo',
  leverageBracket: '/fapi/v1/leverageBracket',
  countdown: '/fapi/v1/countdownCancelAll',
} as const;

export const WEIGHTS = {
  exchangeInfo: 1,
  order: 1,
  openOrdersOfAll: 40,
  trades: 5,
  allOrders: 5,
  account: 5,
  balance: 5,
  positions: 5,
  accountConfig: 5,
  symbolConfig: 5,
  commissionRate: 20,
  premiumIndex: 1,
  fundingInfo: 1,
  leverageBracket: 1,
  orderTest: 1,
  countdown: 10,
} as const;

/** As documented; the venue's own figures replace them. */
export const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
  { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
] as const;

const asset = z.looseObject({
  asset: z.string(),
  walletBalance: signedDecimal,
  marginBalance: signedDecimal,
  initialMargin: signedDecimal,
  availableBalance: signedDecimal,
});
/** The totals are of USDT alone, or, in multi-assets mode, in USD. */
export const account = z.looseObject({
  totalInitialMargin: signedDecimal,
  totalMarginBalance: signedDecimal,
  availableBalance: signedDecimal,
  assets: z.array(asset),
});

/** The one word for the account itself: futures tell no uid. */
export const balance = z.array(z.looseObject({ accountAlias: z.string().min(1).optional() }));

/** Only symbols with a position or an order. */
export const positions = z.array(
  z.looseObject({
    symbol: z.string(),
    /** BOTH in one-way mode; in the other one LONG and SHORT, each with its sign. */
    positionSide: z.string(),
    positionAmt: signedDecimal,
    entryPrice: signedDecimal,
  }),
);

export const accountConfig = z.looseObject({
  canTrade: z.boolean(),
  dualSidePosition: z.boolean(),
  multiAssetsMargin: z.boolean(),
});

export const symbolConfig = z.array(z.looseObject({ symbol: z.string(), marginType: z.string(), leverage: z.number().positive() })).min(1);

export const commissionRate = z.looseObject({ symbol: z.string(), takerCommissionRate: signedDecimal });

export const premiumIndex = z.looseObject({ symbol: z.string(), markPrice: signedDecimal, nextFundingTime: unixMs });

/** Only symbols that differ from the ordinary. */
export const fundingInfo = z.array(z.looseObject({ symbol: z.string(), fundingIntervalHours: z.number().positive() }));
export const ORDINARY_FUNDING_HOURS = 8;

const bracketsOfSymbol = z.looseObject({ symbol: z.string(), brackets: z.array(z.looseObject({ initialLeverage: z.number() })).min(1) });
/** One object for one symbol, or a list of one. */
export const leverageBracket = z.union([bracketsOfSymbol, z.array(bracketsOfSymbol).min(1)]);

/** The venue answers an order test with nothing. */
export const orderTested = z.looseObject({});
export const countdown = z.looseObject({ symbol: z.string() });

/** Its contracts need a signed agreement. */
export const TRADFI_CONTRACT = 'TRADIFI_PERPETUAL';
export const NO_AGREEMENT = '-4411';
