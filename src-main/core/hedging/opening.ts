/**
 * The opening: first orders by the pair's policy, the second leg sized to what the first filled, and where an opening goes that
 * does not become whole. Invariant: the second leg is sent once; what it misses is the ladder's.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LEGS, type LegName } from '../../../src-shared/domain/order.ts';
import { floorTo, quantumOf } from '../risk/sizing.ts';
import type { EngineState, PairState } from '../state.ts';
import { isAtLeast, stopOf } from '../stops/scope.ts';
import { heldBase, twinOf } from './exposure.ts';
import { climb } from './ladder.ts';
import { clockOf, explain, instrumentOfLeg, moveGroup } from './records.ts';
import { comeToRest } from './rest.ts';
import { nakedForMs, withStoppedClock, type Standing } from './residual.ts';
import { sendOrders, textOfDenials, type OrderPlan } from './sending.ts';

/** The leg that a policy sends first. Without a single MetaTrader leg, leg a stands for it. */
export const firstLegOf = (pair: PairState, legOrder: HedgeGroup['legOrder']): LegName => {
  const slow = LEGS.filter((leg) => instrumentOfLeg(pair, leg).venue.settings.protocol === 'metatrader');
  const metatrader = slow.length === 1 ? slow[0]! : 'a';
  return legOrder === 'exchange-first' ? twinOf(metatrader) : metatrader;
};

export const openingPlan = (state: EngineState, leg: LegName, qty: Decimal): OrderPlan => ({
  leg,
  purpose: 'open',
  authority: 'rule',
  qty,
  reachBps: state.book.limits.priceCollarBps,
  boundPx: null,
  positionId: null,
});

export const driveOpening = (state: EngineState, pair: PairState, standing: Standing): HedgeGroup => {
  const { inFlight, uncertain, residual } = standing;
  const clock = clockOf(state, standing.group.id);
  let { group } = standing;
  const late = state.monoUs >= clock.deadlineUs;
  if (!inFlight && !uncertain) {
    if (residual.isZero()) return comeToRest(state, pair, group);
    const stopped = isAtLeast(stopOf(state, group), 'kill');
    if (!clock.secondSent && !late && !stopped) {
      group = sendSecond(state, pair, group);
      if (clock.secondSent) return group;
    }
    const patient = !late && !stopped && (nakedForMs(state, group.id) ?? 0) < state.settings.hedging.compensateAfterMs;
    if (patient) return group;
  } else if (!late) return group;
  const why = uncertain
    ? 'an order of the opening is unknown'
    : inFlight
      ? 'not complete by its deadline'
      : `${residual.toFixed()} unhedged`;
  const naked = moveGroup(state, group, 'naked', why);
  return inFlight || uncertain ? naked : climb(state, pair, { ...standing, group: naked });
};

/** Whole quanta of what the first leg holds; the rest, if any, is the ladder's. */
const sendSecond = (state: EngineState, pair: PairState, group: HedgeGroup): HedgeGroup => {
  const clock = clockOf(state, group.id);
  const first = heldBase(group.legs.a).isZero() ? 'b' : 'a';
  const name = twinOf(first);
  const quantum = quantumOf(pair);
  if (quantum === null) return explain(state, group, 'metadata awaited');
  const baseQty = floorTo(heldBase(group.legs[first]).abs(), quantum);
  if (!heldBase(group.legs[name]).isZero() || baseQty.isZero()) {
    clock.secondSent = true;
    return explain(state, group, 'less than one quantum was filled');
  }
  const plan = openingPlan(state, name, baseQty.div(group.legs[name].baseQtyPerUnit));
  const sent = sendOrders(state, pair, group, [plan], (g) => ({
    ...withStoppedClock(state, g),
    why: `leg ${first} holds ${baseQty.toFixed()} base units, leg ${name} follows`,
  }));
  if (!sent.ok) return explain(state, group, `leg ${name} cannot follow yet: ${textOfDenials(sent.denials)}`);
  clock.secondSent = true;
  return sent.group;
};
