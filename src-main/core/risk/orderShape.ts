/**
 * The shape of one order: its name, its side and amount against what the group holds and lacks, the venue's steps and minima,
 * and its price against the touch. Decimals only. A rule returns its denial, or null where it is met.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { Denial } from '../../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder, isOpening, oppositeOf, type OrderPurpose } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import { heldQty, residualOf, signOf, ZERO } from '../hedging/exposure.ts';
import { denial } from './entryPlan.ts';
import type { OrderContext } from './orders.ts';

const CLIENT_ORDER_ID = /^[A-Za-z0-9]{1,32}$/;
const POSITIVE_DECIMAL = /^\d{1,18}(\.\d{1,18})?$/;

/** Names, validity and the marks by which a venue only reduces. */
export const formDenial = ({ state, request, x }: OrderContext): Denial | null => {
  const { clientOrderId, qty, limitPx, validityMs, purpose, reduceOnly, positionId, quote, magic } = request;
  const { kind, id } = x.settings;
  const { orderValidityMs, protocol } = x.venue.settings;
  const bad = (text: string): Denial => denial('form', `${clientOrderId}: ${text}`);
  if (!CLIENT_ORDER_ID.test(clientOrderId)) return bad('not 1 to 32 letters and digits');
  if (state.book.orders[clientOrderId] !== undefined) return denial('duplicate', `${clientOrderId} was used before`);
  if (!POSITIVE_DECIMAL.test(qty) || !POSITIVE_DECIMAL.test(limitPx)) return bad(`quantity ${qty} or price ${limitPx} is no plain decimal`);
  if (!(validityMs > 0 && validityMs <= orderValidityMs)) return bad(`valid for ${validityMs} ms, at most ${orderValidityMs} ms`);
  if (quote.instrumentId !== id) return bad(`priced by a quote of ${quote.instrumentId}`);
  if (protocol === 'metatrader' && !(magic !== null && Number.isSafeInteger(magic) && magic > 0))
    return bad('a command needs its magic number');
  if (isOpening(purpose)) return reduceOnly ? bad('opens, and claims to reduce only') : null;
  if (kind === 'perpetual' && !reduceOnly) return bad('must be reduce-only');
  if (kind === 'cfd' && positionId === null) return bad('must name the position that it reduces');
  return null;
};

/** What live orders of the leg may still execute on the given kind of side. */
const pendingQty = ({ state, request, group }: OrderContext, purposes: (purpose: OrderPurpose) => boolean): Decimal =>
  group.legs[request.leg].orders
    .map((id) => state.book.orders[id])
    .reduce(
      (sum, order) =>
        order !== undefined && isLiveOrder(order.state) && purposes(order.request.purpose)
          ? sum.plus(order.request.qty).minus(order.bookedQty)
          : sum,
      ZERO,
    );

/** An opening stays within the plan, a completion within what is unhedged, a reduction within what is held. */
export const exposureDenial = (context: OrderContext): Denial | null => {
  const { request, group } = context;
  const leg = group.legs[request.leg];
  const qty = new Decimal(request.qty);
  const over = (text: string, most: Decimal): Denial | null =>
    qty.lte(most) ? null : denial('exposure', `${request.side} ${request.qty}, ${text} ${most.toFixed()}`, qty.toNumber(), most.toNumber());
  const held = heldQty(leg);
  switch (request.purpose) {
    case 'open': {
      if (request.side !== leg.side) return denial('exposure', `opens by ${request.side}, planned is ${leg.side}`);
      return over(
        'left of the plan',
        Decimal.max(ZERO, new Decimal(leg.plannedQty).minus(leg.openedQty).minus(pendingQty(context, isOpening))),
      );
    }
    case 'complete': {
      const residual = residualOf(group);
      const lacking = residual.times(signOf(request.side)).lt(0) ? residual.abs().div(leg.baseQtyPerUnit) : ZERO;
      return over('unhedged is', Decimal.max(ZERO, lacking.minus(pendingQty(context, () => true))));
    }
    case 'close':
    case 'unwind': {
      const reducing = held.isNegative() ? leg.side : oppositeOf(leg.side);
      if (request.side !== reducing) return denial('exposure', `${request.side} would raise what the leg holds (${held.toFixed()})`);
      return over('held is', Decimal.max(ZERO, held.abs().minus(pendingQty(context, (purpose) => !isOpening(purpose)))));
    }
  }
};

/** On the venue's step, within its minimum and maximum. Futures venues exempt reduce-only orders from the least notional, spot knows none. */
export const sizeDenial = ({ request, x }: OrderContext): Denial | null => {
  const { metadata } = x;
  const qty = new Decimal(request.qty);
  if (metadata === null) return denial('size', `${x.settings.id}: steps are not known`);
  if (!qty.gt(0) || !qty.mod(metadata.qtyStep).isZero())
    return denial('size', `${request.qty} is no multiple of ${metadata.qtyStep}`, qty.toNumber());
  if (qty.lt(metadata.minQty)) return denial('size', `${request.qty} is below ${metadata.minQty}`, qty.toNumber(), Number(metadata.minQty));
  if (metadata.maxQty !== null && qty.gt(metadata.maxQty))
    return denial('size', `${request.qty} is above ${metadata.maxQty}`, qty.toNumber(), Number(metadata.maxQty));
  if (metadata.minNotional === null || (request.reduceOnly && x.settings.kind !== 'spot')) return null;
  const notional = qty.times(metadata.baseQtyPerUnit).times(request.limitPx);
  return notional.gte(metadata.minNotional)
    ? null
    : denial('size', `worth ${notional.toFixed(2)}, at least ${metadata.minNotional}`, notional.toNumber(), Number(metadata.minNotional));
};

/** On the tick, and no further beyond the own touch than the collar; what repairs or closes, than its own bound. */
export const priceDenial = ({ state, request, x }: OrderContext): Denial | null => {
  const { metadata } = x;
  const px = new Decimal(request.limitPx);
  if (metadata === null) return denial('price', `${x.settings.id}: the tick is not known`);
  if (!px.gt(0) || !px.mod(metadata.tickSize).isZero()) return denial('price', `${request.limitPx} is no multiple of ${metadata.tickSize}`);
  const { priceCollarBps } = state.book.limits;
  const bound = request.purpose === 'open' ? priceCollarBps : Math.max(priceCollarBps, state.settings.hedging.compensationSlippageBps);
  const touchPx = request.side === 'buy' ? x.askPx : x.bidPx;
  if (!(Number.isFinite(touchPx) && touchPx > 0)) return denial('quote', `${x.settings.id} is not quoted`);
  const touch = decimalOfWireNumber(touchPx);
  const beyond = px.minus(touch).times(signOf(request.side)).div(touch).times(BPS_PER_UNIT);
  if (beyond.lte(bound)) return null;
  return denial('collar', `${beyond.toFixed(2)} bps beyond ${touch.toFixed()}, at most ${bound}`, beyond.toNumber(), bound);
};
