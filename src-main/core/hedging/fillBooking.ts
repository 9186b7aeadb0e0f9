/**
 * Books one execution: order, leg, cash, fees, MT5 positions and the holding of its instrument change together, in
 * decimals, once. Invariants: a trade (venue, instrument, trade id) is booked at most once (I11); more filled than ordered is
 * booked as it is, for it happened, and the order is quarantined (I5).
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import { isOpening, type FillReport, type LegName, type OrderRecord } from '../../../src-shared/domain/order.ts';
import { MAX_TRADE_IDS } from '../book.ts';
import type { Fact } from '../facts.ts';
import { emit, note } from '../notes.ts';
import { holdingOf } from '../reconcile/reconcile.ts';
import type { EngineState } from '../state.ts';
import { signOf, withLeg, ZERO } from './exposure.ts';
import { groupOf, putGroup } from './records.ts';

type Via = Extract<Fact, { type: 'fill-booked' }>['fill']['via'];

export const tradeKeyOf = (venueId: VenueId, instrumentId: InstrumentId, tradeId: string): string =>
  `${venueId} ${instrumentId} ${tradeId}`;

export const isBooked = (state: EngineState, fill: FillReport): boolean =>
  state.book.tradeIds[tradeKeyOf(fill.venueId, fill.instrumentId, fill.tradeId)] === true;

/** Remembers the trade; the oldest leaves for the newest. */
export const rememberTrade = (state: EngineState, { venueId, instrumentId, tradeId }: FillReport): void =>
  rememberKey(state, tradeKeyOf(venueId, instrumentId, tradeId));

/** Decided and not booked: it was not of what we hold. Durable, so that no later run judges it again by what that one holds. */
export const passTrade = (state: EngineState, fill: FillReport): void => {
  rememberTrade(state, fill);
  const { venueId, instrumentId, tradeId, venueUnixMs } = fill;
  emit(state, { type: 'trade-passed', venueId, instrumentId, tradeId, venueUnixMs });
};

export const rememberKey = (state: EngineState, key: string): void => {
  const { tradeIds } = state.book;
  tradeIds[key] = true;
  const kept = Object.keys(tradeIds);
  if (kept.length > MAX_TRADE_IDS) delete tradeIds[kept[0]!];
};

/** Fact, holding and leg. */
const bookOnLeg = (state: EngineState, group: HedgeGroup, leg: LegRecord, opening: boolean, fill: FillReport, via: Via): void => {
  rememberTrade(state, fill);
  const at = state.book.venues.find(({ venueId }) => venueId === fill.venueId);
  if (at !== undefined) at.lastFillUs = Math.floor(state.monoUs);
  const qty = new Decimal(fill.qty);
  const feeQty = feeInBase(state, fill, leg);
  emit(state, {
    type: 'fill-booked',
    fill: {
      ...fill,
      groupId: group.id,
      leg: leg.leg,
      baseQty: qty.times(leg.baseQtyPerUnit).toFixed(),
      bookedUnixMs: state.unixMs,
      via,
    },
  });
  changeHolding(state, fill.instrumentId, qty.times(signOf(fill.side)).minus(feeQty), ZERO, `fill ${fill.tradeId}`);
  putGroup(state, withLeg(group, filledLeg(leg, opening, fill, qty, feeQty)));
};

/** An execution without an order of ours, that closed part of a leg; `opens`: part of what had been closed beyond it. */
export const bookExternalFill = (state: EngineState, group: HedgeGroup, leg: LegName, fill: FillReport, via: Via, opens = false): void =>
  bookOnLeg(state, group, group.legs[leg], opens, fill, via);

/** The order after the fill; its state is the caller's to move. The group's leg and the holding are replaced here. */
export const bookFill = (state: EngineState, order: OrderRecord, fill: FillReport, via: Via): OrderRecord => {
  const group = groupOf(state, order.request.groupId)!;
  bookOnLeg(state, group, group.legs[order.request.leg], isOpening(order.request.purpose), fill, via);
  const qty = new Decimal(fill.qty);
  const booked = new Decimal(order.bookedQty);
  const bookedAfter = booked.plus(qty);
  return {
    ...order,
    bookedQty: bookedAfter.toFixed(),
    filledQty: Decimal.max(order.filledQty, bookedAfter).toFixed(),
    avgPx: new Decimal(order.avgPx ?? 0).times(booked).plus(qty.times(fill.px)).div(bookedAfter).toFixed(),
    firstFillUnixMs: order.firstFillUnixMs ?? state.unixMs,
  };
};

const filledLeg = (leg: LegRecord, opening: boolean, fill: FillReport, qty: Decimal, feeQty: Decimal): LegRecord => {
  const cash = qty.times(leg.baseQtyPerUnit).times(fill.px).times(-signOf(fill.side));
  return {
    ...leg,
    ...(opening && fill.venueUnixMs !== null ? { firstVenueMs: Math.min(fill.venueUnixMs, leg.firstVenueMs ?? fill.venueUnixMs) } : {}),
    ...(fill.venueUnixMs === null ? {} : { lastVenueMs: Math.max(fill.venueUnixMs, leg.lastVenueMs ?? fill.venueUnixMs) }),
    openedQty: opening ? qty.plus(leg.openedQty).toFixed() : leg.openedQty,
    closedQty: opening ? leg.closedQty : qty.plus(leg.closedQty).toFixed(),
    cash: cash.plus(leg.cash).toFixed(),
    fees: { ...leg.fees, [fill.feeCcy]: new Decimal(leg.fees[fill.feeCcy] ?? 0).plus(fill.fee).toFixed() },
    feeQty: feeQty
      .times(signOf(leg.side))
      .plus(leg.feeQty ?? 0)
      .toFixed(),
    positions: positionsAfter(leg, fill, opening ? qty : qty.negated()),
  };
};

/** MT5 only: what each position of the leg still holds. */
const positionsAfter = (leg: LegRecord, { positionId }: FillReport, by: Decimal): LegRecord['positions'] => {
  if (positionId === null) return leg.positions;
  const before = leg.positions.find((p) => p.positionId === positionId);
  const qty = by.plus(before?.qty ?? 0);
  const changed = { positionId, qty: qty.toFixed() };
  const rest = leg.positions.map((p) => (p === before ? changed : p));
  return (before === undefined ? [...leg.positions, changed] : rest).filter((p) => !new Decimal(p.qty).isZero());
};

/** Spot venues take the fee of a purchase out of what was bought: so much less is held, and must be hedged. */
const feeInBase = (state: EngineState, fill: FillReport, leg: LegRecord): Decimal => {
  const x = state.instruments.find((i) => i.settings.id === fill.instrumentId);
  if (x === undefined || x.settings.kind !== 'spot') return ZERO;
  const baseCcy = leg.baseCcy ?? x.metadata?.baseCcy ?? x.settings.expected.baseCcy ?? null;
  if (baseCcy === null)
    note(state, 'error', 'order', fill.instrumentId, `base currency not known: a fee in ${fill.feeCcy} may have reduced the position`);
  return baseCcy === fill.feeCcy ? new Decimal(fill.fee).div(leg.baseQtyPerUnit) : ZERO;
};

/** Changes our and the foreign part of an instrument's position; what becomes foreign here bears our name at the venue. */
export const changeHolding = (state: EngineState, instrumentId: InstrumentId, by: Decimal, foreignBy: Decimal, why: string): void => {
  const before = state.book.holdings[instrumentId] ?? null;
  const after = holdingOf(by.plus(before?.qty ?? 0), foreignBy.plus(before?.foreignQty ?? 0), foreignBy.plus(before?.acceptedQty ?? 0));
  state.book.holdings[instrumentId] = after;
  emit(state, { type: 'holding-changed', instrumentId, before, after, why });
};

/** What is wrong with a fill that claims to be this order's; null = it may be booked. */
export const fillFault = (order: OrderRecord, fill: FillReport): string | null => {
  const { venueId, instrumentId, side } = order.request;
  if (fill.venueId !== venueId) return `it comes from ${fill.venueId}, the order is at ${venueId}`;
  if (fill.instrumentId !== instrumentId) return `it is of ${fill.instrumentId}, the order is of ${instrumentId}`;
  if (fill.side !== side) return `it is a ${fill.side}, the order is a ${side}`;
  if (!isPositive(fill.qty) || !isPositive(fill.px)) return `quantity ${fill.qty} at ${fill.px}`;
  return null;
};

const isPositive = (text: string): boolean => /^\d+(\.\d+)?$/.test(text) && new Decimal(text).gt(0);
