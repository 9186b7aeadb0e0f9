/**
 * The public REST side of a simulated Binance: time, exchangeInfo, premiumIndex, ticker/bookTicker. Owns parameters,
 * request weights and the venue's errors; figures come from the listed instruments.
 */
import { fixedText, type SimInstrument } from '../market/instruments.ts';
import type { HttpReply } from './venueServer.ts';
import { Refusal as VenueRefusal } from './binance/wire.ts';
import type { LimitFigures, Limits } from './binance/limits.ts';

const SYMBOL_RULE = /^[A-Z0-9-_.]{1,20}$/;

export interface BinanceMetadataSettings {
  readonly product: 'spot' | 'usdm';
  readonly instruments: readonly SimInstrument[];
  readonly figures: LimitFigures;
  readonly limits: Limits;
  readonly venueNow: () => number;
  /** Share at the next funding of a symbol, and when that is. */
  readonly fundingOf: (symbol: string) => { readonly rate: string; readonly nextMs: number };
  /** Middle of the last book, as price text; null before the first. */
  readonly markOf: (symbol: string) => string | null;
}

interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly msg: string;
}
type Answer = { readonly body: unknown } | Refusal;

const INVALID_SYMBOL: Refusal = { status: 400, code: -1121, msg: 'Invalid symbol.' };
const illegal = (name: string): Refusal => ({
  status: 400,
  code: -1100,
  msg: `Illegal characters found in parameter '${name}'; legal range is '^[A-Z0-9-_.]{1,20}$'.`,
});

const tickText = (x: SimInstrument): string => fixedText(x.tickUnits, x.priceDecimals);
const stepText = (x: SimInstrument): string => fixedText(x.stepUnits, x.qtyDecimals);

export const spotSymbol = (x: SimInstrument) => ({
  symbol: x.symbol,
  status: 'TRADING',
  baseAsset: x.base,
  baseAssetPrecision: 8,
  quoteAsset: x.quote,
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  baseCommissionPrecision: 8,
  quoteCommissionPrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'],
  icebergAllowed: true,
  ocoAllowed: true,
  otoAllowed: true,
  opoAllowed: true,
  quoteOrderQtyMarketAllowed: true,
  allowTrailingStop: true,
  cancelReplaceAllowed: true,
  amendAllowed: true,
  pegInstructionsAllowed: true,
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: true,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: tickText(x), maxPrice: '1000000.00000000', tickSize: tickText(x) },
    { filterType: 'LOT_SIZE', minQty: stepText(x), maxQty: '9000.00000000', stepSize: stepText(x) },
    { filterType: 'ICEBERG_PARTS', limit: 10 },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '75.33610083', stepSize: '0.00000000' },
    {
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: 10,
      maxTrailingAboveDelta: 2_000,
      minTrailingBelowDelta: 10,
      maxTrailingBelowDelta: 2_000,
    },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: '5',
      bidMultiplierDown: '0.2',
      askMultiplierUp: '5',
      askMultiplierDown: '0.2',
      avgPriceMins: 5,
    },
    {
      filterType: 'NOTIONAL',
      minNotional: '5.00000000',
      applyMinToMarket: true,
      maxNotional: '9000000.00000000',
      applyMaxToMarket: false,
      avgPriceMins: 5,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
  ],
  permissions: [],
  permissionSets: [['SPOT', 'MARGIN']],
  defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
  allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
});

export const usdmSymbol = (x: SimInstrument) => ({
  symbol: x.symbol,
  pair: x.symbol,
  contractType: x.underlying === 'XAU' ? 'TRADIFI_PERPETUAL' : 'PERPETUAL',
  deliveryDate: 4_133_404_800_000,
  onboardDate: x.underlying === 'XAU' ? 1_765_440_000_000 : 1_569_398_400_000,
  status: 'TRADING',
  maintMarginPercent: '2.5000',
  requiredMarginPercent: '5.0000',
  baseAsset: x.base,
  quoteAsset: x.quote,
  marginAsset: x.quote,
  pricePrecision: 2,
  quantityPrecision: 3,
  baseAssetPrecision: 8,
  quotePrecision: 8,
  underlyingType: x.underlying === 'XAU' ? 'COMMODITY' : 'COIN',
  underlyingSubType: [x.underlying === 'XAU' ? 'TradFi' : 'PoW'],
  triggerProtect: '0.0500',
  liquidationFee: '0.012500',
  marketTakeBound: x.underlying === 'XAU' ? '0.02' : '0.05',
  maxMoveOrderLimit: 10_000,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: x.underlying === 'XAU' ? '0.01' : '556.80', maxPrice: '4529764', tickSize: tickText(x) },
    { filterType: 'LOT_SIZE', minQty: stepText(x), maxQty: x.underlying === 'XAU' ? '10000' : '1000', stepSize: stepText(x) },
    { filterType: 'MARKET_LOT_SIZE', minQty: stepText(x), maxQty: x.underlying === 'XAU' ? '1000' : '120', stepSize: stepText(x) },
    { filterType: 'MAX_NUM_ORDERS', limit: 200 },
    { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 10 },
    { filterType: 'MIN_NOTIONAL', notional: x.underlying === 'XAU' ? '5' : '100' },
    { filterType: 'PERCENT_PRICE', multiplierUp: '1.0200', multiplierDown: '0.9800', multiplierDecimal: '4' },
    { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE' },
  ],
  orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
  permissionSets: ['GRID', 'COPY'],
});

const spotLimits = ({ weightPerMinute, ordersPer10s, ordersPerDay }: LimitFigures) => [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10s },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: ordersPerDay },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
];
const usdmLimits = ({ weightPerMinute, ordersPer10s, ordersPerMinute }: LimitFigures) => [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
  { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: ordersPerMinute },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10s },
];

/** One symbol by the venue's rules: missing, malformed, unknown are three different answers. */
const pickSymbol = (query: URLSearchParams, listed: readonly SimInstrument[]): SimInstrument | Refusal | null => {
  const symbol = query.get('symbol');
  if (symbol === null) return null;
  if (!SYMBOL_RULE.test(symbol)) return illegal('symbol');
  return listed.find((x) => x.symbol === symbol) ?? INVALID_SYMBOL;
};
const isRefusal = (x: object | null): x is Refusal => x !== null && 'code' in x;

const exchangeInfo = (settings: BinanceMetadataSettings, query: URLSearchParams): Answer => {
  const { product, instruments, figures } = settings;
  const now = settings.venueNow();
  if (product === 'usdm')
    return {
      body: {
        timezone: 'UTC',
        serverTime: now,
        futuresType: 'U_MARGINED',
        rateLimits: usdmLimits(figures),
        exchangeFilters: [],
        assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
        symbols: instruments.map(usdmSymbol),
      },
    };
  const listed = pickSpotSymbols(query, instruments);
  if ('code' in listed) return listed;
  return {
    body: {
      timezone: 'UTC',
      serverTime: now,
      rateLimits: spotLimits(figures),
      exchangeFilters: [],
      symbols: listed.map(spotSymbol),
    },
  };
};

const pickSpotSymbols = (query: URLSearchParams, instruments: readonly SimInstrument[]): readonly SimInstrument[] | Refusal => {
  const one = pickSymbol(query, instruments);
  const many = query.get('symbols');
  if (one !== null && many !== null) return { status: 400, code: -1128, msg: 'Combination of optional parameters invalid.' };
  if (isRefusal(one)) return one;
  if (one !== null) return [one];
  if (many === null) return instruments;
  const names = /^\[("[^"]*"(,"[^"]*")*)?\]$/.test(many) ? (JSON.parse(many) as string[]) : null;
  if (names === null || !names.every((n) => SYMBOL_RULE.test(n))) return illegal('symbols');
  const found = names.map((n) => instruments.find((x) => x.symbol === n));
  return found.every((x) => x !== undefined) ? found : INVALID_SYMBOL;
};

/** Mark and index from the book's own middle; the rate is the ordinary 0.01 %. */
const premiumOf = (x: SimInstrument, settings: BinanceMetadataSettings) => {
  const now = settings.venueNow();
  const mark = settings.markOf(x.symbol) ?? '0.00';
  return {
    symbol: x.symbol,
    markPrice: mark,
    indexPrice: mark,
    estimatedSettlePrice: mark,
    lastFundingRate: settings.fundingOf(x.symbol).rate,
    interestRate: '0.00010000',
    nextFundingTime: settings.fundingOf(x.symbol).nextMs,
    time: now,
  };
};

const premiumIndex = (settings: BinanceMetadataSettings, query: URLSearchParams): Answer => {
  const one = pickSymbol(query, settings.instruments);
  if (isRefusal(one)) return one;
  return { body: one === null ? settings.instruments.map((x) => premiumOf(x, settings)) : premiumOf(one, settings) };
};

/** null = not a question of this side. */
export const createBinanceMetadata = (settings: BinanceMetadataSettings): ((method: string, url: URL) => HttpReply | null) => {
  const { limits } = settings;
  const root = settings.product === 'spot' ? '/api/v3' : '/fapi/v1';
  const spot = settings.product === 'spot';
  const routes = new Map<string, { weight: number; answer: (query: URLSearchParams) => Answer }>([
    [`${root}/ping`, { weight: 1, answer: () => ({ body: {} }) }],
    [`${root}/time`, { weight: 1, answer: () => ({ body: { serverTime: settings.venueNow() } }) }],
    [`${root}/exchangeInfo`, { weight: spot ? 20 : 1, answer: (query) => exchangeInfo(settings, query) }],
  ]);
  if (!spot) routes.set(`${root}/premiumIndex`, { weight: 1, answer: (query) => premiumIndex(settings, query) });

  return (method, url) => {
    const route = routes.get(url.pathname);
    if (route === undefined || method !== 'GET') return null;
    try {
      limits.takeWeight(route.weight);
    } catch (error) {
      if (error instanceof VenueRefusal) return refusedReply(error, limits.headers(null));
      throw error;
    }
    const answer = route.answer(url.searchParams);
    const headers = limits.headers(null);
    return 'code' in answer
      ? { status: answer.status, body: JSON.stringify({ code: answer.code, msg: answer.msg }), headers }
      : { status: 200, body: JSON.stringify(answer.body), headers };
  };
};

/** A refusal as REST says it. */
export const refusedReply = ({ status, code, message, retryAfterMs }: VenueRefusal, headers: Record<string, string>): HttpReply => ({
  status,
  body: JSON.stringify({ code, msg: message }),
  headers: { ...headers, ...(retryAfterMs === null ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }) },
});
export const NOT_FOUND: HttpReply = {
  status: 404,
  body: '<html><body><h2>404 Not found</h2></body></html>',
  headers: { 'content-type': 'text/html' },
};
