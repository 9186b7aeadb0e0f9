/**
 * What a client asks of OKX's matching, read and judged before the book sees it: parameters, modes, ids, sizes, prices. Owns the
 * order of these rules and their codes. Pure but for the band and the position, which it asks for.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { MarginMode, NewOrder, SelfTradeRule, TimeInForce } from './account/account.ts';
import { MAX_LIMIT_SIZE, MAX_MARKET_SIZE, type OkxInstrument, type PriceBand } from './okxListings.ts';
import * as no from './okxRefusals.ts';
import type { OkxRefused } from './okxRefusals.ts';

export type OkxArgs = Readonly<Record<string, unknown>>;

export const CLIENT_ID = /^[A-Za-z0-9]{1,32}$/;
const TAG = /^[A-Za-z0-9]{1,16}$/;
const AMOUNT = /^(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/;
const ORDER_TYPES: Readonly<Record<string, TimeInForce>> = {
  market: 'ioc',
  limit: 'gtc',
  post_only: 'post-only',
  fok: 'fok',
  ioc: 'ioc',
  optimal_limit_ioc: 'ioc',
};
const SELF_TRADE: Readonly<Record<string, SelfTradeRule>> = {
  cancel_maker: 'cancel-maker',
  cancel_taker: 'cancel-taker',
  cancel_both: 'cancel-both',
};
export const DEFAULT_STP = 'cancel_maker';

export interface OrderScene {
  readonly instrument: OkxInstrument;
  readonly hedged: boolean;
  readonly band: PriceBand | null;
  /** Contracts held, with their sign. */
  readonly held: Decimal;
}
export interface OkxNewOrder {
  readonly order: NewOrder;
  readonly marginMode: MarginMode | null;
}

/** Clients send numbers and booleans as text or as they are. */
const text = (args: OkxArgs, name: string): string => {
  const value = args[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

export const isRefusedArgs = (x: OkxNewOrder | OkxRefused): x is OkxRefused => 'code' in x;

const isMultiple = (amount: string, step: string): boolean => new Decimal(amount).mod(step).isZero();

const modeRefusal = (args: OkxArgs, { instrument, hedged, held }: OrderScene): OkxRefused | null => {
  const spot = instrument.instType === 'SPOT';
  const tdMode = text(args, 'tdMode');
  if (tdMode === '') return no.empty('tdMode');
  if (!(spot ? ['cash'] : ['cross', 'isolated']).includes(tdMode)) return no.wrong('tdMode');
  const side = text(args, 'side');
  if (side === '') return no.empty('side');
  if (side !== 'buy' && side !== 'sell') return no.wrong('side');
  const posSide = text(args, 'posSide');
  if (!spot && hedged) return no.wrong('posSide');
  if (posSide !== '' && posSide !== 'net') return no.wrong('posSide');
  if (text(args, 'reduceOnly') !== 'true') return null;
  if (spot) return no.SPOT_REDUCES_NOTHING;
  if (held.isZero()) return no.REFUSALS['reduce-only-none'];
  return held.gt(0) === (side === 'buy') ? no.REDUCES_SAME_SIDE : null;
};

const idRefusal = (args: OkxArgs): OkxRefused | null => {
  const clOrdId = text(args, 'clOrdId');
  if (clOrdId !== '' && !CLIENT_ID.test(clOrdId)) return no.wrong('clOrdId');
  const tag = text(args, 'tag');
  if (tag !== '' && !TAG.test(tag)) return no.wrong('tag');
  const stpMode = text(args, 'stpMode');
  if (stpMode !== '' && SELF_TRADE[stpMode] === undefined) return no.wrong('stpMode');
  return stpMode === 'cancel_both' && text(args, 'ordType') === 'fok' ? no.mismatched('stpMode', 'ordType') : null;
};

/** A size in what it is counted in; `quoteSized` sizes have no lot. */
export const sizeRefusal = (sz: string, x: OkxInstrument, kind: 'market' | 'limit', quoteSized: boolean): OkxRefused | null => {
  if (sz === '') return no.empty('sz');
  if (!AMOUNT.test(sz) || new Decimal(sz).lte(0)) return no.wrong('sz');
  const most = kind === 'limit' ? MAX_LIMIT_SIZE : MAX_MARKET_SIZE[x.instType === 'SWAP' ? 'swap' : 'spot'];
  if (new Decimal(sz).gt(most)) return no.ABOVE_MAXIMUM(most);
  if (quoteSized) return null;
  if (!isMultiple(sz, x.lotSz)) return no.NOT_A_LOT;
  return new Decimal(sz).lt(x.minSz) ? no.BELOW_MINIMUM : null;
};

export const priceRefusal = (px: string, side: string, x: OkxInstrument, band: PriceBand | null): OkxRefused | null => {
  if (px === '') return no.empty('px');
  if (!AMOUNT.test(px) || new Decimal(px).lte(0)) return no.wrong('px');
  if (!isMultiple(px, x.tickSz)) return no.TOO_PRECISE;
  if (band === null) return null;
  if (side === 'buy' && new Decimal(px).gt(band.buyLmt)) return no.BUY_ABOVE(band.buyLmt);
  return side === 'sell' && new Decimal(px).lt(band.sellLmt) ? no.SELL_BELOW(band.sellLmt) : null;
};

/** Words of the request that reports repeat. */
const wireOf = (args: OkxArgs, ordType: string, tgtCcy: string): Record<string, string> => ({
  ordType,
  tdMode: text(args, 'tdMode'),
  sz: text(args, 'sz'),
  px: text(args, 'px'),
  tgtCcy,
  stpMode: text(args, 'stpMode') === '' ? DEFAULT_STP : text(args, 'stpMode'),
  tag: text(args, 'tag'),
});

/** @returns what the book is to be asked for, or why not; the instrument is known already. */
export const newOrderOf = (args: OkxArgs, scene: OrderScene): OkxNewOrder | OkxRefused => {
  const { instrument: x, band } = scene;
  const ordType = text(args, 'ordType');
  if (ordType === '') return no.empty('ordType');
  const timeInForce = ORDER_TYPES[ordType];
  if (timeInForce === undefined || (ordType === 'optimal_limit_ioc' && x.instType === 'SPOT')) return no.wrong('ordType');
  const modes = modeRefusal(args, scene) ?? idRefusal(args);
  if (modes !== null) return modes;
  const side = text(args, 'side') === 'buy' ? 'buy' : 'sell';
  const atMarket = ordType === 'market' || ordType === 'optimal_limit_ioc';
  const spotMarket = atMarket && x.instType === 'SPOT';
  const asked = text(args, 'tgtCcy');
  if (asked !== '' && (!spotMarket || (asked !== 'base_ccy' && asked !== 'quote_ccy'))) return no.wrong('tgtCcy');
  const tgtCcy = !spotMarket ? '' : asked !== '' ? asked : side === 'buy' ? 'quote_ccy' : 'base_ccy';
  const inQuote = tgtCcy === 'quote_ccy';
  const sz = text(args, 'sz');
  const px = text(args, 'px');
  const bad = sizeRefusal(sz, x, atMarket ? 'market' : 'limit', inQuote) ?? (atMarket ? null : priceRefusal(px, side, x, band));
  if (bad !== null) return bad;
  const worst = band === null ? null : side === 'buy' ? band.buyLmt : band.sellLmt;
  const tdMode = text(args, 'tdMode');
  return {
    marginMode: tdMode === 'cross' || tdMode === 'isolated' ? tdMode : null,
    order: {
      symbol: x.listing.symbol,
      side,
      type: atMarket ? 'market' : 'limit',
      timeInForce,
      qty: inQuote ? null : sz,
      quoteQty: inQuote ? sz : null,
      qtyStep: x.lotSz,
      price: atMarket ? null : px,
      worstPrice: atMarket && x.instType === 'SWAP' ? worst : null,
      reduceOnly: text(args, 'reduceOnly') === 'true',
      clientId: text(args, 'clOrdId'),
      selfTrade: SELF_TRADE[text(args, 'stpMode')] ?? 'cancel-maker',
      tag: text(args, 'tag'),
      goodTillMs: null,
      wire: wireOf(args, ordType, tgtCcy),
    },
  };
};

/** By which id an order is meant; the venue's counts where both are given. */
export const keyOfArgs = (args: OkxArgs, symbol: string): { symbol: string; orderId: string | null; clientId: string | null } | null => {
  const orderId = text(args, 'ordId');
  const clientId = text(args, 'clOrdId');
  if (orderId === '' && clientId === '') return null;
  return { symbol, orderId: orderId === '' ? null : orderId, clientId: orderId === '' ? clientId : null };
};
export const argText = text;
