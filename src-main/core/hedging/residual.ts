/**
 * What a group stands at: orders in flight, orders whose outcome is uncertain, the residual, and the clock that runs while it
 * is naked. Also the dust: a residual that no order of either leg could remove leaves the group visibly. Invariants (I3): the clock
 * begins at the first moment at which something is or may be unhedged with no leg legitimately in flight, runs through every
 * compensation, and stops only when nothing is unhedged, in flight or uncertain.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { CompensationRung, DustRecord, HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder, type LegName, type OrderRecord } from '../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import { emit, note } from '../notes.ts';
import { baseStepOf, ceilTo } from '../risk/sizing.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { excessLeg, heldQty, residualOf, signOf, withLeg } from './exposure.ts';
import { allOrdersOf, clockOf, instrumentOfLeg, isOwed, putGroup } from './records.ts';
import { ackDueUs } from './sending.ts';

export interface Standing {
  readonly group: HedgeGroup;
  /** An order is in flight or working within its time, or its fills are just being fetched. */
  readonly inFlight: boolean;
  /** An order is unknown, or fills that the venue reported cannot be had. Nothing is compensated on a guess. */
  readonly uncertain: boolean;
  readonly residual: Decimal;
  /** The clock ran until this turn. */
  readonly cameToRest: boolean;
}

const isQuarantined = (order: OrderRecord): boolean => order.state === 'quarantined';
export const hasQuarantined = (state: EngineState, group: HedgeGroup): boolean => allOrdersOf(state, group).some(isQuarantined);

/** Brings ladder, dust, residual and clock up to date. */
export const takeStock = (state: EngineState, pair: PairState, given: HedgeGroup): Standing => {
  const clock = clockOf(state, given.id);
  let inFlight = false;
  let uncertain = false;
  for (const order of allOrdersOf(state, given)) {
    if (order.state === 'unknown') uncertain = true;
    else if (isLiveOrder(order.state)) inFlight = true;
    else if (isOwed(order)) {
      if (fillsAreDue(state, order)) inFlight = true;
      else uncertain = true;
    }
  }
  let group = withRungs(state, given);
  if (!inFlight && !uncertain) group = dropDust(state, pair, group);
  const residual = residualOf(group);
  const wasRunning = clock.residualSinceUs !== null;
  const resting = residual.isZero() && !inFlight && !uncertain;
  if (resting) {
    clock.residualSinceUs = null;
    clock.ladderFrom = group.ladder.length;
  } else if (!wasRunning && !inFlight) clock.residualSinceUs = state.monoUs;
  group = withResidual(state, group, residual, clock.residualSinceUs === null ? 'stopped' : wasRunning ? 'runs' : 'begins');
  return { group: group === given ? given : putGroup(state, group), inFlight, uncertain, residual, cameToRest: wasRunning && resting };
};

/** Reported and not booked yet, but the venue has had less than its time to send them. */
const fillsAreDue = (state: EngineState, { request }: OrderRecord): boolean => {
  const since = state.book.orderClocks[request.clientOrderId]?.owedSinceUs ?? null;
  return since !== null && state.monoUs < ackDueUs(state, request.venueId, since);
};

const withResidual = (state: EngineState, group: HedgeGroup, residual: Decimal, clock: 'stopped' | 'runs' | 'begins'): HedgeGroup => {
  const residualBaseQty = residual.toFixed();
  const residualSinceUnixMs = clock === 'stopped' ? null : clock === 'begins' ? state.unixMs : (group.residualSinceUnixMs ?? state.unixMs);
  const residualAlarmed = clock === 'stopped' ? false : group.residualAlarmed;
  const same =
    residualBaseQty === group.residualBaseQty &&
    residualSinceUnixMs === group.residualSinceUnixMs &&
    residualAlarmed === group.residualAlarmed;
  return same ? group : { ...group, residualBaseQty, residualSinceUnixMs, residualAlarmed };
};

/** The planned second leg goes: from now on a leg is legitimately in flight, and the clock begins anew if it fails. */
export const withStoppedClock = (state: EngineState, group: HedgeGroup): HedgeGroup => {
  clockOf(state, group.id).residualSinceUs = null;
  return { ...group, residualSinceUnixMs: null, residualAlarmed: false };
};

/** What became of each rung's order. */
const withRungs = (state: EngineState, group: HedgeGroup): HedgeGroup => {
  let changed = false;
  const ladder = group.ladder.map((rung) => {
    if (rung.clientOrderId === null || (rung.outcome !== 'in-flight' && rung.outcome !== 'unknown')) return rung;
    const order = state.book.orders[rung.clientOrderId];
    const outcome = order === undefined ? rung.outcome : outcomeOf(order);
    if (outcome === rung.outcome) return rung;
    changed = true;
    return { ...rung, outcome, note: order!.why };
  });
  return changed ? { ...group, ladder } : group;
};

const outcomeOf = (order: OrderRecord): CompensationRung['outcome'] => {
  if (order.state === 'unknown') return 'unknown';
  if (isLiveOrder(order.state) || isOwed(order)) return 'in-flight';
  if (order.bookedQty === '0') return 'refused';
  return order.bookedQty === order.request.qty ? 'done' : 'partial';
};

/**
 * Least base quantity of an order that gives back what a leg holds: one step, and at spot venues, which exempt no order, their
 * least notional. Null until the metadata came.
 */
export const leastBackOf = (x: InstrumentState): Decimal | null => {
  const step = baseStepOf(x);
  const { metadata, bidPx, settings } = x;
  if (step === null || settings.kind !== 'spot' || metadata === null || metadata.minNotional === null) return step;
  if (!(Number.isFinite(bidPx) && bidPx > 0)) return step;
  return Decimal.max(step, ceilTo(new Decimal(metadata.minNotional).div(decimalOfWireNumber(bidPx)), step));
};

/** A residual smaller than the least order of either leg: nothing that a venue takes could remove it. */
const dropDust = (state: EngineState, pair: PairState, group: HedgeGroup): HedgeGroup => {
  const residual = residualOf(group);
  const name = excessLeg(group, residual);
  const least = [leastBackOf(pair.a), leastBackOf(pair.b)];
  if (name === null || least.some((each) => each === null || residual.abs().gte(each))) return group;
  return settleBase(state, group, name, residual, 'dust', 'smaller than the least order of either leg');
};

/** Takes `baseQty` (signed) out of what the leg is to hedge and to close, visibly. Holdings are the caller's. */
export const settleBase = (
  state: EngineState,
  group: HedgeGroup,
  name: LegName,
  baseQty: Decimal,
  kind: DustRecord['kind'],
  reason: string,
): HedgeGroup => {
  const leg = group.legs[name];
  const held = baseQty.div(leg.baseQtyPerUnit).times(signOf(leg.side));
  const dust: DustRecord = {
    groupId: group.id,
    leg: name,
    instrumentId: leg.instrumentId,
    qty: held.times(signOf(leg.side)).toFixed(),
    baseQty: baseQty.toFixed(),
    kind,
    reason,
    unixMs: state.unixMs,
  };
  emit(state, { type: 'dust-booked', dust });
  const settled: LegRecord = { ...leg, settledQty: held.plus(leg.settledQty ?? 0).toFixed() };
  return { ...withLeg(group, settled), settledBaseQty: baseQty.plus(group.settledBaseQty).toFixed() };
};

/** Both legs hold less than their least order: nothing can be closed any more. */
export const settleRemnants = (state: EngineState, group: HedgeGroup): HedgeGroup => {
  let settled = group;
  for (const name of ['a', 'b'] as const) {
    const leg = settled.legs[name];
    const held = heldQty(leg);
    if (!held.isZero())
      settled = settleBase(state, settled, name, held.times(leg.baseQtyPerUnit).times(signOf(leg.side)), 'dust', 'too small to be closed');
  }
  return putGroup(state, { ...settled, residualBaseQty: residualOf(settled).toFixed() });
};

/** The leg's tradable part: whole steps of what is held, in venue's units. Zero where no order may be so small, and until the metadata came. */
export const tradableQty = (pair: PairState, group: HedgeGroup, name: LegName): Decimal => {
  const x = instrumentOfLeg(pair, name);
  const least = leastBackOf(x);
  if (x.metadata === null || least === null) return new Decimal(0);
  const step = new Decimal(x.metadata.qtyStep);
  const whole = Decimal.max(0, heldQty(group.legs[name]).div(step).floor().times(step));
  return whole.times(x.metadata.baseQtyPerUnit).lt(least) ? new Decimal(0) : whole;
};

/** For how long the group has been naked, ms; null = it is not, or a leg is legitimately in flight. */
export const nakedForMs = (state: EngineState, groupId: string): number | null => {
  const since = clockOf(state, groupId).residualSinceUs;
  return since === null ? null : (state.monoUs - since) / US_PER_MS;
};

/** The alarm of a residual that lasts; once an episode. */
export const alarmResidual = (state: EngineState, { group, residual, uncertain }: Standing): HedgeGroup => {
  const naked = nakedForMs(state, group.id);
  if (naked === null || naked < state.settings.hedging.alarmAfterMs || group.residualAlarmed) return group;
  const what = uncertain
    ? `the outcome of an order is not known, ${residual.toFixed()} unhedged by our books`
    : `${residual.toFixed()} unhedged`;
  note(state, 'critical', 'risk', group.id, `${group.pairId}: ${what} for ${Math.round(naked / 1_000)} s`);
  return putGroup(state, { ...group, residualAlarmed: true });
};
