/**
 * Hedge groups as the console shows them. Bounded: what needs a person comes first, then what is live, then the newest
 * that ended; the ledger has the rest.
 */
import { Decimal, type DecimalText } from '../../../src-shared/domain/decimal.ts';
import { isEndedGroup, type HedgeGroup, type LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import { isOpening, type OrderRecord } from '../../../src-shared/domain/order.ts';
import type { GroupRow } from '../../../src-shared/domain/view.ts';
import { actsOf } from '../hedging/acts.ts';
import { exitEstimate } from '../hedging/closing.ts';
import { heldQty, signOf } from '../hedging/exposure.ts';
import type { EngineState } from '../state.ts';
import { ROW_BPS_DIGITS, shown, USD_DIGITS } from './rounding.ts';
import { nakedBaseQty, nakedUsdOf } from './worth.ts';

/** Every one of these is in every snapshot; a console asks the ledger for older ones. */
export const MAX_GROUP_ROWS = 50;

const needsAttention = (group: HedgeGroup): boolean => group.state === 'operator-held' || group.state === 'compensating';
const rankOf = (group: HedgeGroup): number => (needsAttention(group) ? 0 : isEndedGroup(group.state) ? 2 : 1);

/** At most {@link MAX_GROUP_ROWS}; within a rank the newest first. */
export const shownGroups = (groups: readonly HedgeGroup[]): readonly HedgeGroup[] =>
  groups
    .toReversed()
    .sort((p, q) => rankOf(p) - rankOf(q))
    .slice(0, MAX_GROUP_ROWS);

/** What the leg holds now and is the group's to close, signed, in the venue's unit. */
export const signedQty = (leg: LegRecord): DecimalText => {
  if (leg.openedQty === '0') return '0';
  const held = heldQty(leg);
  return held.isZero() ? '0' : held.times(signOf(leg.side)).toFixed();
};

const ordersOf = (state: EngineState, leg: LegRecord): readonly OrderRecord[] =>
  leg.orders.flatMap((id) => {
    const order = state.book.orders[id];
    return order === undefined ? [] : [order];
  });

/** Of the booked opening fills, volume-weighted. */
const openedAvgPx = (orders: readonly OrderRecord[]): DecimalText | null => {
  const opened = orders.filter((order) => isOpening(order.request.purpose) && order.avgPx !== null);
  const first = opened[0];
  if (first === undefined || first.avgPx === null) return null;
  if (opened.length === 1) return first.avgPx;
  let [qty, cash] = [new Decimal(0), new Decimal(0)];
  for (const { bookedQty, avgPx } of opened) {
    qty = qty.plus(bookedQty);
    cash = cash.plus(new Decimal(bookedQty).times(avgPx ?? 0));
  }
  return qty.isZero() ? null : cash.div(qty).toSignificantDigits(AVERAGE_PX_DIGITS).toFixed();
};
const AVERAGE_PX_DIGITS = 10;

const latencyOf = (order: OrderRecord | undefined): number | null =>
  order === undefined || order.endedUnixMs === null ? null : Math.round(order.endedUnixMs - order.committedUnixMs);

/** Since when something of the group is unhedged, in flight or not; null = nothing is. */
export const nakedSinceUnixMs = (state: EngineState, group: HedgeGroup): number | null => {
  if (nakedBaseQty(group) === 0 || isEndedGroup(group.state)) return null;
  if (group.residualSinceUnixMs !== null) return group.residualSinceUnixMs;
  // A leg is on its way: the first fill of the present phase is when it began.
  const fills = [...ordersOf(state, group.legs.a), ...ordersOf(state, group.legs.b)]
    .map((order) => order.firstFillUnixMs)
    .filter((at): at is number => at !== null && at >= group.stateSinceUnixMs);
  return fills.length === 0 ? group.stateSinceUnixMs : Math.min(...fills);
};

export const groupRow = (state: EngineState, group: HedgeGroup): GroupRow => {
  const { a, b } = group.legs;
  const [aOrders, bOrders] = [ordersOf(state, a), ordersOf(state, b)];
  const ended = isEndedGroup(group.state);
  const exit = ended ? null : exitEstimate(state, group);
  const nakedSince = nakedSinceUnixMs(state, group);
  return {
    pairId: group.pairId,
    direction: group.direction,
    state: group.state,
    stateSinceUnixMs: group.stateSinceUnixMs,
    why: group.why,
    createdUnixMs: group.createdUnixMs,
    openedUnixMs: group.openedUnixMs,
    endedUnixMs: group.endedUnixMs,
    legOrder: group.legOrder,
    baseQty: group.baseQty,
    notionalUsd: shown(group.notionalUsd, USD_DIGITS) ?? 0,
    aInstrument: a.instrumentId,
    aSide: a.side,
    aQty: signedQty(a),
    aAvgPx: openedAvgPx(aOrders),
    aOrder: aOrders.at(-1)?.state ?? null,
    aLatencyMs: latencyOf(aOrders.at(-1)),
    bInstrument: b.instrumentId,
    bSide: b.side,
    bQty: signedQty(b),
    bAvgPx: openedAvgPx(bOrders),
    bOrder: bOrders.at(-1)?.state ?? null,
    bLatencyMs: latencyOf(bOrders.at(-1)),
    residualBaseQty: group.residualBaseQty,
    nakedSinceUnixMs: nakedSince,
    nakedUsd: nakedSince === null ? null : shown(nakedUsdOf(group), USD_DIGITS),
    rungs: group.ladder.length,
    expectedEdgeBps: shown(group.expected.edgeBps, ROW_BPS_DIGITS) ?? 0,
    openNetUsd: shown(exit?.netUsd ?? null, USD_DIGITS),
    openNetBps: shown(exit?.netBps ?? null, ROW_BPS_DIGITS),
    closeReason: group.closeReason,
    netUsd: shown(group.result?.netUsd ?? null, USD_DIGITS),
    netBps: shown(group.result?.netBps ?? null, ROW_BPS_DIGITS),
    acts: actsOf(state, group),
  };
};
