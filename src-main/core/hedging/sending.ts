/**
 * How an order of ours comes to be: name, magic, marketable limit with its bound, evidence of the quote, approval by risk,
 * record, wish. Invariants: the record is committed by the step that wishes for the order (I4); names and magics are never used
 * twice (I1); either all orders of one call are sent or none.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { Denial, HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import { isOpening, type LegName, type OrderPurpose, type OrderRequest, type Side } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT, US_PER_MS } from '../../../src-shared/domain/units.ts';
import { clientOrderIdOf, MAX_ATTEMPTS } from '../intentId.ts';
import { hasQuote } from '../marketData.ts';
import { emit, wish } from '../notes.ts';
import type { RiskApproved } from '../risk/approved.ts';
import { denial } from '../risk/entryPlan.ts';
import { evidenceOf } from '../risk/exact.ts';
import { approveOrder } from '../risk/orders.ts';
import { ceilTo, floorTo } from '../risk/sizing.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { sideFor, withLeg } from './exposure.ts';
import { instrumentOfLeg, putGroup } from './records.ts';

/** One order as the rules want it, before it has a name. */
export interface OrderPlan {
  readonly leg: LegName;
  readonly purpose: OrderPurpose;
  readonly authority: OrderRequest['authority'];
  /** Venue's units. */
  readonly qty: Decimal;
  /** How far beyond the touch it may reach. */
  readonly reachBps: number;
  /** A price it must not be worse than; null = the reach alone bounds it. */
  readonly boundPx: Decimal | null;
  /** The MT5 position to reduce. */
  readonly positionId: string | null;
}

export type Sent = { readonly ok: true; readonly group: HedgeGroup } | { readonly ok: false; readonly denials: readonly Denial[] };

export const textOfDenials = (denials: readonly Denial[]): string => denials.map((d) => d.code).join(', ');

/** Marketable limit: the touch and `reachBps` beyond it, not worse than the bound, on the tick; null = the touch is beyond the bound. */
export const limitPxOf = (x: InstrumentState, side: Side, reachBps: number, boundPx: Decimal | null): Decimal | null => {
  if (x.metadata === null || !hasQuote(x) || x.fault !== 'none') return null;
  const tick = new Decimal(x.metadata.tickSize);
  const touch = decimalOfWireNumber(side === 'buy' ? x.askPx : x.bidPx);
  const reach = touch.times(reachBps).div(BPS_PER_UNIT);
  if (side === 'buy') {
    const most = touch.plus(reach);
    const limit = floorTo(boundPx === null ? most : Decimal.min(most, boundPx), tick);
    return limit.gte(touch) ? limit : null;
  }
  const least = touch.minus(reach);
  const limit = ceilTo(boundPx === null ? least : Decimal.max(least, boundPx), tick);
  return limit.lte(touch) && limit.gt(0) ? limit : null;
};

export type Approval =
  | { readonly ok: true; readonly orders: readonly RiskApproved<OrderRequest>[] }
  | { readonly ok: false; readonly denials: readonly Denial[] };

/** All or none. The group must be in the book. */
export const approveAll = (state: EngineState, pair: PairState, group: HedgeGroup, plans: readonly OrderPlan[]): Approval => {
  const orders: RiskApproved<OrderRequest>[] = [];
  for (const plan of plans) {
    const request = requestOf(state, pair, group, plan, orders);
    if ('code' in request) return { ok: false, denials: [request] };
    const verdict = approveOrder(state, request);
    if (!verdict.ok) return { ok: false, denials: verdict.denials };
    orders.push(verdict.order);
  }
  return { ok: true, orders };
};

export type Patch = (group: HedgeGroup, requests: readonly OrderRequest[]) => HedgeGroup;

/** The group with the orders in its legs becomes a fact, then each order, then the wishes. */
export const commitOrders = (
  state: EngineState,
  group: HedgeGroup,
  orders: readonly RiskApproved<OrderRequest>[],
  patch: Patch,
): HedgeGroup => {
  for (const { venueId, magic } of orders) if (magic !== null) state.book.magics[venueId] = magic;
  const next = putGroup(state, patch(orders.reduce(withOrder, group), orders));
  for (const order of orders) dispatch(state, order);
  return next;
};

/** Approves and sends. The group that `patch` makes of the present one is committed with its orders; else nothing changes. */
export const sendOrders = (
  state: EngineState,
  pair: PairState,
  group: HedgeGroup,
  plans: readonly OrderPlan[],
  patch: Patch = (g) => g,
): Sent => {
  const approval = approveAll(state, pair, group, plans);
  return approval.ok ? { ok: true, group: commitOrders(state, group, approval.orders, patch) } : approval;
};

const withOrder = (group: HedgeGroup, { leg, clientOrderId }: OrderRequest): HedgeGroup =>
  withLeg(group, { ...group.legs[leg], orders: [...group.legs[leg].orders, clientOrderId] });

const requestOf = (
  state: EngineState,
  pair: PairState,
  group: HedgeGroup,
  plan: OrderPlan,
  before: readonly OrderRequest[],
): OrderRequest | Denial => {
  const leg: LegRecord = group.legs[plan.leg];
  const x = instrumentOfLeg(pair, plan.leg);
  const side = sideFor(leg, plan.purpose);
  const attempt = leg.orders.length + before.filter((o) => o.leg === plan.leg).length + 1;
  if (attempt > MAX_ATTEMPTS) return denial('attempts', `leg ${plan.leg} has no order name left`);
  if (!plan.qty.gt(0)) return denial('size', `nothing of leg ${plan.leg} can be traded in whole steps`);
  const limitPx = limitPxOf(x, side, plan.reachBps, plan.boundPx);
  if (limitPx === null)
    return denial('price', `${x.settings.id}: ${hasQuote(x) && x.fault === 'none' ? 'the touch is beyond the bound' : 'no sound quote'}`);
  return {
    clientOrderId: clientOrderIdOf(group.id, plan.leg, attempt),
    groupId: group.id,
    leg: plan.leg,
    attempt,
    purpose: plan.purpose,
    authority: plan.authority,
    venueId: leg.venueId,
    instrumentId: leg.instrumentId,
    symbol: leg.symbol,
    side,
    qty: plan.qty.toFixed(),
    limitPx: limitPx.toFixed(),
    timeInForce: 'ioc',
    reduceOnly: !isOpening(plan.purpose),
    positionId: plan.positionId,
    magic: x.venue.settings.protocol === 'metatrader' ? nextMagic(state, leg.venueId, before) : null,
    validityMs: x.venue.settings.orderValidityMs,
    quote: evidenceOf(x, Math.floor(state.monoUs)),
  };
};

/** Above every earlier one and never below the clock: a new ledger at the same account does not meet the old one's numbers. */
const nextMagic = (state: EngineState, venueId: string, before: readonly OrderRequest[]): number => {
  const used = before.filter((o) => o.venueId === venueId && o.magic !== null).map((o) => o.magic!);
  return Math.max((state.book.magics[venueId] ?? 0) + 1, Math.floor(state.unixMs), ...used.map((magic) => magic + 1));
};

const dispatch = (state: EngineState, order: RiskApproved<OrderRequest>): void => {
  const { clientOrderId, venueId, validityMs } = order;
  const venue = state.venues.find((v) => v.settings.id === venueId)!;
  const { clock } = venue;
  state.book.orderClocks[clientOrderId] = {
    committedUs: state.monoUs,
    acknowledgedUs: null,
    owedSinceUs: null,
    nextQueryUs: Number.POSITIVE_INFINITY,
    notFound: 0,
    committedVenueMs: clock === null ? null : state.unixMs + clock.offsetMs + clock.uncertaintyMs,
    missedVenueMs: null,
  };
  const record = {
    request: { ...order },
    state: 'in-flight',
    venueOrderId: null,
    filledQty: '0',
    bookedQty: '0',
    avgPx: null,
    refusal: null,
    why: `committed; void at the venue after ${validityMs} ms`,
    committedUnixMs: state.unixMs,
    acknowledgedUnixMs: null,
    firstFillUnixMs: null,
    endedUnixMs: null,
    unknownSinceUnixMs: null,
    cancelRequestedUnixMs: null,
    queries: 0,
    lastQueryUnixMs: null,
  } as const;
  state.book.orders[clientOrderId] = record;
  emit(state, { type: 'order-changed', order: record, before: null });
  wish(state, { type: 'place-order', order });
};

/** When an order sent by this step is overdue, monotonic µs. */
export const ackDueUs = (state: EngineState, venueId: string, sinceUs: number): number => {
  const venue = state.venues.find((v) => v.settings.id === venueId);
  return sinceUs + (venue?.settings.ackTimeoutMs ?? 0) * US_PER_MS;
};
