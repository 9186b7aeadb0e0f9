/**
 * What becomes of an order that a venue has taken: an IOC takes the displayed size at the touch, within its limit, and
 * what is left expires. Slippage is always to our cost, prices stay on the tick, quantities on the step. Fees as each
 * venue charges them: a spot purchase in the asset bought, else in the quote currency, a CFD by the lot.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import type { OrderRequest, Side } from '../../../src-shared/domain/order.ts';
import type { PaperSettings } from '../../../src-shared/domain/settings.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import type { AccountFill } from './account.ts';
import { displayedQty, type Listing } from './market.ts';

/** Digits of a commission: exchanges 8, a broker books cents. */
const EXCHANGE_FEE_DIGITS = 8;
const BROKER_FEE_DIGITS = 2;

export interface Execution {
  /** Zero = nothing was executed. */
  readonly qty: Decimal;
  readonly px: Decimal;
  /** The touch lies beyond the limit: an exchange lets the order expire, MetaTrader requotes. */
  readonly beyondLimit: boolean;
}

const onStep = (qty: Decimal, step: string): Decimal => qty.div(step).floor().times(step);

const onTick = (px: Decimal, tick: string, side: Side): Decimal => {
  const ticks = px.div(tick);
  return (side === 'buy' ? ticks.ceil() : ticks.floor()).times(tick);
};

/** @param partialShare null = no artificial remainder; else which share of the order is executed at most, 0–1. */
export const executionOf = (
  request: OrderRequest,
  listing: Listing,
  instrument: Instrument,
  paper: PaperSettings,
  partialShare: number | null,
): Execution => {
  const touch = decimalOfWireNumber(request.side === 'buy' ? listing.askPx : listing.bidPx);
  const isBuy = request.side === 'buy';
  const beyondLimit = isBuy ? touch.gt(request.limitPx) : touch.lt(request.limitPx);
  if (beyondLimit) return { qty: new Decimal(0), px: touch, beyondLimit };
  const slip = new Decimal(paper.slippageBps).div(BPS_PER_UNIT).times(isBuy ? 1 : -1);
  const slipped = paper.slippageBps === 0 ? touch : onTick(touch.times(slip.plus(1)), instrument.tickSize, request.side);
  const px = isBuy ? Decimal.min(slipped, request.limitPx) : Decimal.max(slipped, request.limitPx);
  const wanted = new Decimal(request.qty);
  // What cannot be divided is not executed in part: at least one step.
  const shared = partialShare === null ? wanted : Decimal.max(instrument.qtyStep, onStep(wanted.times(partialShare), instrument.qtyStep));
  const qty = Decimal.min(shared, onStep(displayedQty(listing, instrument, request.side), instrument.qtyStep));
  return { qty, px, beyondLimit };
};

export interface FillIdentity {
  readonly venueId: VenueId;
  readonly tradeId: string;
  readonly venueUnixMs: number;
  /** MT5: the position opened or reduced; null at exchanges. */
  readonly positionId: string | null;
}

const feeOf = (
  request: OrderRequest,
  listing: Listing,
  instrument: Instrument,
  qty: Decimal,
  notional: Decimal,
): readonly [Decimal, string] => {
  const { takerFeeBps, commissionPerLot } = listing.settings.costs;
  const rate = new Decimal(takerFeeBps).div(BPS_PER_UNIT);
  if (instrument.kind === 'cfd')
    return [notional.times(rate).plus(qty.times(commissionPerLot)).toDecimalPlaces(BROKER_FEE_DIGITS), instrument.quoteCcy];
  if (instrument.kind === 'spot' && request.side === 'buy')
    return [qty.times(instrument.baseQtyPerUnit).times(rate).toDecimalPlaces(EXCHANGE_FEE_DIGITS), instrument.baseCcy];
  return [notional.times(rate).toDecimalPlaces(EXCHANGE_FEE_DIGITS), instrument.quoteCcy];
};

/** One fill as the account books it. */
export const fillOf = (
  request: OrderRequest,
  listing: Listing,
  instrument: Instrument,
  execution: Execution,
  identity: FillIdentity,
): AccountFill => {
  const { qty, px } = execution;
  const baseQty = qty.times(instrument.baseQtyPerUnit);
  const notional = baseQty.times(px);
  const [fee, feeCcy] = feeOf(request, listing, instrument, qty, notional);
  const sign = request.side === 'buy' ? 1 : -1;
  const { positionId } = identity;
  return {
    report: {
      venueId: identity.venueId,
      instrumentId: request.instrumentId,
      tradeId: identity.tradeId,
      clientOrderId: request.clientOrderId,
      side: request.side,
      qty: qty.toFixed(),
      px: px.toFixed(),
      fee: fee.toFixed(),
      feeCcy,
      positionId,
      venueUnixMs: identity.venueUnixMs,
    },
    flows: {
      [instrument.quoteCcy]: notional.times(-sign).toFixed(),
      ...(instrument.kind === 'spot' ? { [instrument.baseCcy]: baseQty.times(sign).toFixed() } : {}),
    },
    position:
      instrument.kind === 'spot'
        ? null
        : { positionId, magic: request.magic, baseQtyPerUnit: instrument.baseQtyPerUnit, ccy: instrument.quoteCcy },
  };
};
