/**
 * What OKX's accounts may trade, from what the simulated market lists: units, ids, margin and the venue's own way where venues
 * differ. Owns the rules of size and price that come before the book, the price band among them. Pure.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { fixedText, type SimInstrument } from '../market/instruments.ts';
import type { Listing, VenuePolicy } from './account/account.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const FIRST_INST_ID_CODE = 10_458;
/** Share by which an order may lie beyond the middle of the book. */
export const BAND = '0.02';
export const MAX_LIMIT_SIZE = '100000000';
export const MAX_MARKET_SIZE = { swap: '20000', spot: '1000000' } as const;
export const MAX_LEVERAGE = 50;
/** Order ids are those of one account for all instruments; each symbol has its own range of them, beyond 2^53. */
const FIRST_ORDER_ID = 312_269_865_356_374_016n;
const IDS_PER_SYMBOL = 10n ** 15n;
const FIRST_TRADE_ID = 797_592_319n;
const FUNDING_HOURS = 8;
const FIRST_BILL_ID = 623_950_854_533_513_219n;

/** What the documentation says of orders that are asked for: unfilled ones 2 h, others 3 months. */
export const OKX_POLICY: VenuePolicy = {
  postOnlyCrossing: 'cancel',
  fokShort: 'cancel',
  reduceOnlyOversize: 'refuse',
  forgetUnfilledMs: 2 * HOUR_MS,
  forgetFilledMs: 90 * DAY_MS,
  venueClientId: () => '',
  moneyDecimals: 12,
};
export const HISTORY_MS = 7 * DAY_MS;
export const RECENT_FILLS_MS = 3 * DAY_MS;
export const FILLS_HISTORY_MS = 90 * DAY_MS;

export const billIdOf = (seq: number): string => String(FIRST_BILL_ID + BigInt(seq));

export const okxListing = (x: SimInstrument, index: number): Listing => ({
  symbol: x.symbol,
  kind: x.kind === 'spot' ? 'spot' : 'perpetual',
  base: x.base,
  quote: x.quote,
  basePerUnit: x.kind === 'spot' ? '1' : x.unitsPerContract,
  firstOrderId: String(FIRST_ORDER_ID + BigInt(index) * IDS_PER_SYMBOL),
  firstTradeId: String(FIRST_TRADE_ID + BigInt(index) * 400_000_000n),
  fundingHours: x.kind === 'spot' ? null : FUNDING_HOURS,
  maintenanceRate: '0.004',
});

/** One instrument as the order side needs it. */
export interface OkxInstrument {
  readonly listed: SimInstrument;
  readonly listing: Listing;
  readonly instIdCode: number;
  readonly instType: 'SPOT' | 'SWAP';
  readonly lotSz: string;
  readonly minSz: string;
  readonly tickSz: string;
  /** Perpetuals on what exchanges of old trade are open only to who has accepted their terms. */
  readonly needsAgreement: boolean;
}

export const okxInstruments = (instruments: readonly SimInstrument[]): readonly OkxInstrument[] =>
  instruments.map((listed, index) => {
    const lotSz = fixedText(listed.stepUnits, listed.qtyDecimals, true);
    return {
      listed,
      listing: okxListing(listed, index),
      instIdCode: FIRST_INST_ID_CODE + index,
      instType: listed.kind === 'spot' ? 'SPOT' : 'SWAP',
      lotSz,
      minSz: listed.kind === 'spot' ? '0.00001' : lotSz,
      tickSz: fixedText(listed.tickUnits, listed.priceDecimals, true),
      needsAgreement: listed.kind !== 'spot' && listed.underlying === 'XAU',
    };
  });

export interface PriceBand {
  readonly buyLmt: string;
  readonly sellLmt: string;
}
/** The highest buy and the lowest sell now; null before the first book. */
export const bandOf = (x: OkxInstrument, mark: string | null): PriceBand | null => {
  if (mark === null) return null;
  const tick = new Decimal(x.tickSz);
  const at = (factor: Decimal) => new Decimal(mark).times(factor).div(tick).round().times(tick).toFixed();
  return { buyLmt: at(new Decimal(1).plus(BAND)), sellLmt: at(new Decimal(1).minus(BAND)) };
};
