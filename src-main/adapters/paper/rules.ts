/**
 * What a venue checks before it takes an order, in the order in which it checks: what may be traded, the price, the
 * quantity, what is to be reduced, the funds. Answers the first refusal with the venue's own code, or nothing. Changes
 * nothing and repairs nothing: an order that is a step too fine is refused, never rounded.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Instrument, VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { OrderRequest, Refusal } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import { marginOf, netQtyOf, signedQty, type AccountState, type MarkOf } from './account.ts';
import { markOf, type Listing, type PaperMarket } from './market.ts';
import { refusalOf, type Violation } from './refusals.ts';
import { isInSession } from './sessions.ts';

/** How far a limit may lie from the middle of the venue's own quote: its price filter. Shares of that price, up and down. */
const PRICE_BAND: Record<VenueProtocol, { readonly up: number; readonly down: number }> = {
  'binance-spot': { up: 4, down: 0.8 },
  'binance-usdm': { up: 0.05, down: 0.05 },
  okx: { up: 0.05, down: 0.05 },
  metatrader: { up: 0.05, down: 0.05 },
};

export interface OrderAtVenue {
  readonly protocol: VenueProtocol;
  readonly request: OrderRequest;
  readonly listing: Listing;
  readonly market: PaperMarket;
  readonly account: AccountState;
  readonly unixMs: number;
}

type Check = (at: OrderAtVenue, instrument: Instrument) => readonly [Violation, string] | null;

const isMultiple = (value: Decimal, step: string): boolean => new Decimal(step).isZero() || value.mod(step).isZero();

/** MetaTrader's gates and trade modes; the broker names each. */
const metatraderState: Check = ({ protocol, request, listing, market, unixMs }, instrument) => {
  if (protocol !== 'metatrader') return null;
  const gates = market.metatrader?.gates ?? 'ok';
  if (gates !== 'ok') return ['trading-off', `the terminal says "${gates}"`];
  const currency = market.metatrader?.currency ?? instrument.quoteCcy;
  if (currency !== instrument.quoteCcy) return ['declined', `the paper account of ${currency} cannot settle ${instrument.quoteCcy}`];
  const mode = instrument.venueState;
  const closes = request.positionId !== null;
  if (mode === 'disabled') return ['trade-disabled', `${request.symbol} is ${mode}`];
  if (!closes && mode === 'close_only') return ['close-only', `${request.symbol} is ${mode}`];
  if (!closes && mode === 'long_only' && request.side === 'sell') return ['long-only', `${request.symbol} is ${mode}`];
  if (!closes && mode === 'short_only' && request.side === 'buy') return ['short-only', `${request.symbol} is ${mode}`];
  return isInSession(listing.settings, listing.sessions, unixMs) ? null : ['market-closed', `${request.symbol} has no session now`];
};

const exchangeState: Check = ({ protocol, request }, instrument) =>
  protocol === 'metatrader' || instrument.tradable ? null : ['not-tradable', `${request.symbol} is ${instrument.venueState}`];

const price: Check = ({ protocol, request, listing }, instrument) => {
  const px = new Decimal(request.limitPx);
  if (!px.gt(0)) return ['price-invalid', `price ${request.limitPx}`];
  if (!isMultiple(px, instrument.tickSize)) return ['price-step', `price ${request.limitPx}, tick ${instrument.tickSize}`];
  const middle = markOf(listing);
  if (middle === null) return null;
  const highest = middle.times(1 + PRICE_BAND[protocol].up);
  const lowest = middle.times(1 - PRICE_BAND[protocol].down);
  if (px.gt(highest)) return ['price-too-high', `price ${request.limitPx}, at most ${highest.toFixed()}`];
  return px.lt(lowest) ? ['price-too-low', `price ${request.limitPx}, at least ${lowest.toFixed()}`] : null;
};

const quantity: Check = ({ request }, instrument) => {
  const qty = new Decimal(request.qty);
  if (!qty.gt(0) || qty.lt(instrument.minQty)) return ['qty-below-minimum', `quantity ${request.qty}, at least ${instrument.minQty}`];
  if (instrument.maxQty !== null && qty.gt(instrument.maxQty))
    return ['qty-above-maximum', `quantity ${request.qty}, at most ${instrument.maxQty}`];
  return isMultiple(qty, instrument.qtyStep) ? null : ['qty-step', `quantity ${request.qty}, step ${instrument.qtyStep}`];
};

const notional: Check = ({ protocol, request }, instrument) => {
  if (instrument.minNotional === null || (request.reduceOnly && protocol !== 'binance-spot')) return null;
  const value = new Decimal(request.qty).times(request.limitPx).times(instrument.baseQtyPerUnit);
  return value.lt(instrument.minNotional)
    ? ['notional-below-minimum', `notional ${value.toFixed()}, at least ${instrument.minNotional}`]
    : null;
};

/** A hedging account closes by ticket; a net account by `reduceOnly`. Spot knows neither: there the balance decides. */
const reducing: Check = ({ protocol, request, account }, instrument) => {
  if (protocol === 'metatrader') return request.positionId === null ? null : closingTicket(request, account);
  if (!request.reduceOnly || instrument.kind === 'spot') return null;
  const held = netQtyOf(account, request.instrumentId);
  const change = signedQty(request.side, request.qty);
  if (held.isZero() || held.isNegative() === change.isNegative()) return ['nothing-to-reduce', `${request.side}, held ${held.toFixed()}`];
  return change.abs().gt(held.abs()) ? ['reduces-too-much', `quantity ${request.qty}, held ${held.toFixed()}`] : null;
};

const closingTicket = (request: OrderRequest, account: AccountState): readonly [Violation, string] | null => {
  const position = account.positions.find((each) => each.positionId === request.positionId);
  const named = `position ${request.positionId}`;
  if (position === undefined || position.instrumentId !== request.instrumentId) return ['nothing-to-reduce', named];
  const held = new Decimal(position.qty);
  if (held.isNegative() === signedQty(request.side, request.qty).isNegative())
    return ['declined', `${request.side} does not close ${named} of ${position.qty}`];
  return held.abs().lt(request.qty) ? ['reduces-too-much', `quantity ${request.qty}, ${named} holds ${position.qty}`] : null;
};

/** What of an order's quantity makes the account's position larger; venue's unit. */
const increaseOf = ({ protocol, request, account }: OrderAtVenue): Decimal => {
  if (protocol === 'metatrader') return request.positionId === null ? new Decimal(request.qty) : new Decimal(0);
  const held = netQtyOf(account, request.instrumentId);
  const after = held.plus(signedQty(request.side, request.qty));
  return Decimal.max(0, after.abs().minus(held.abs()));
};

const markWithin =
  ({ market, account }: OrderAtVenue): MarkOf =>
  (id) =>
    markOf(market.listings.get(id)) ?? (account.marks[id] === undefined ? null : new Decimal(account.marks[id]));

const funds: Check = (at, instrument) => {
  const { request, listing, account, market } = at;
  const rateOf = (id: string): number => market.listings.get(id)?.settings.initialMarginRate ?? 1;
  const { costs, initialMarginRate } = listing.settings;
  const unitValue = new Decimal(request.limitPx).times(instrument.baseQtyPerUnit);
  if (instrument.kind === 'spot' && request.side === 'sell') {
    const free = new Decimal(account.balances[instrument.baseCcy] ?? 0);
    const needed = new Decimal(request.qty).times(instrument.baseQtyPerUnit);
    return needed.gt(free) ? ['funds', `needs ${needed.toFixed()} ${instrument.baseCcy}, free ${free.toFixed()}`] : null;
  }
  const margin = marginOf(account, instrument.quoteCcy, markWithin(at), rateOf);
  const isSpot = instrument.kind === 'spot';
  const raised = isSpot ? new Decimal(request.qty) : increaseOf(at);
  if (raised.isZero()) return null;
  const share = isSpot ? new Decimal(1) : new Decimal(initialMarginRate).plus(new Decimal(costs.takerFeeBps).div(BPS_PER_UNIT));
  const commission = new Decimal(costs.commissionPerLot).times(request.qty);
  const needed = raised.times(unitValue).times(share).plus(commission);
  return needed.gt(margin.free) ? ['funds', `needs ${needed.toFixed(2)} ${instrument.quoteCcy}, free ${margin.free.toFixed(2)}`] : null;
};

const CHECKS: readonly Check[] = [metatraderState, exchangeState, price, quantity, notional, reducing, funds];

/** @returns the venue's refusal, or null when it would take the order to its book. */
export const refusalBy = (at: OrderAtVenue): Refusal | null => {
  const { instrument } = at.listing;
  if (instrument === null)
    return refusalOf(at.protocol, 'unknown-symbol', at.listing.missing ?? `${at.request.symbol} is not described yet`);
  for (const check of CHECKS) {
    const broken = check(at, instrument);
    if (broken !== null) return refusalOf(at.protocol, broken[0], broken[1]);
  }
  return null;
};
