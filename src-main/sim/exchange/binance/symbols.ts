/**
 * What a simulated Binance lists, as its accounts and its order rules need it. Reads the very filters that `exchangeInfo` shows, so
 * that what is shown is what is enforced.
 */
import type { SimInstrument } from '../../market/instruments.ts';
import type { Listing, VenuePolicy } from '../account/account.ts';
import { spotSymbol, usdmSymbol } from '../binanceMetadata.ts';
import { MS_PER_DAY } from '../../../../src-shared/domain/units.ts';
import type { Product } from './wire.ts';

export interface SymbolRules {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly priceDigits: number;
  readonly qtyDigits: number;
  readonly tick: string;
  readonly step: string;
  readonly minPrice: string;
  readonly maxPrice: string;
  readonly minQty: string;
  readonly maxQty: string;
  readonly marketMaxQty: string;
  readonly minNotional: string;
  readonly maxNotional: string | null;
  /** Of the mark: how far a buy may go up and a sell down. */
  readonly bandUp: string;
  readonly bandDown: string;
  /** Share of the mark that a market order goes at most; futures. */
  readonly takeBound: string | null;
  readonly needsAgreement: boolean;
}

type Filter = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '0');

export const rulesOf = (x: SimInstrument, product: Product): SymbolRules => {
  const shown = product === 'spot' ? spotSymbol(x) : usdmSymbol(x);
  const filter = (type: string): Filter => (shown.filters as readonly Filter[]).find((f) => f['filterType'] === type) ?? {};
  const [price, lot, market] = [filter('PRICE_FILTER'), filter('LOT_SIZE'), filter('MARKET_LOT_SIZE')];
  const [band, sided] = [filter('PERCENT_PRICE'), filter('PERCENT_PRICE_BY_SIDE')];
  const notional = product === 'spot' ? filter('NOTIONAL') : filter('MIN_NOTIONAL');
  return {
    symbol: x.symbol,
    base: x.base,
    quote: x.quote,
    priceDigits: x.priceDecimals,
    qtyDigits: x.qtyDecimals,
    tick: text(price['tickSize']),
    step: text(lot['stepSize']),
    minPrice: text(price['minPrice']),
    maxPrice: text(price['maxPrice']),
    minQty: text(lot['minQty']),
    maxQty: text(lot['maxQty']),
    marketMaxQty: text(market['maxQty']),
    minNotional: text(product === 'spot' ? notional['minNotional'] : notional['notional']),
    maxNotional: product === 'spot' ? text(notional['maxNotional']) : null,
    bandUp: text(product === 'spot' ? sided['bidMultiplierUp'] : band['multiplierUp']),
    bandDown: text(product === 'spot' ? sided['askMultiplierDown'] : band['multiplierDown']),
    takeBound: 'marketTakeBound' in shown ? shown.marketTakeBound : null,
    needsAgreement: 'contractType' in shown && shown.contractType === 'TRADIFI_PERPETUAL',
  };
};

/** On some futures symbols order ids lie beyond 2^53, as on the real venue. */
const FIRST_ORDER_ID: Readonly<Record<string, string>> = { XAUUSDT: '8389766145050669870' };
const FIRST_ID = { usdm: { order: '812345678901', trade: '648980369' }, spot: { order: '5863070795', trade: '808340393' } } as const;
const MAINTENANCE_RATE = '0.005';
export const FUNDING_HOURS = 8;

export const listingOf = (x: SimInstrument, product: Product): Listing => ({
  symbol: x.symbol,
  kind: product === 'spot' ? 'spot' : 'perpetual',
  base: x.base,
  quote: x.quote,
  basePerUnit: '1',
  firstOrderId: product === 'usdm' ? (FIRST_ORDER_ID[x.symbol] ?? FIRST_ID.usdm.order) : FIRST_ID.spot.order,
  firstTradeId: FIRST_ID[product].trade,
  fundingHours: product === 'spot' ? null : FUNDING_HOURS,
  maintenanceRate: product === 'spot' ? '0' : MAINTENANCE_RATE,
});

/** Documented: 3 days for an order that ended unfilled, 90 days otherwise; spot keeps both for 90 days in the same call. */
export const policyOf = (product: Product): VenuePolicy => ({
  postOnlyCrossing: 'refuse',
  fokShort: product === 'spot' ? 'cancel' : 'refuse',
  reduceOnlyOversize: 'cut',
  forgetUnfilledMs: (product === 'spot' ? 90 : 3) * MS_PER_DAY,
  forgetFilledMs: 90 * MS_PER_DAY,
  moneyDecimals: 8,
  venueClientId: (origin, count) =>
    origin === 'liquidation' ? `autoclose-${count}` : origin === 'deleveraging' ? 'adl_autoclose' : `settlement_autoclose-${count}`,
});
