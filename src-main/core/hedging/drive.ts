/**
 * One turn of a hedge group: take stock, raise the alarms of a residual that lasts, then do what its state asks for. Called after
 * everything that happened to its orders, with quotes of its pair, and by the timer. Invariants: a turn may be taken at any time and
 * as often as one likes; nothing is sent while an order of the group is in flight or uncertain.
 */
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder } from '../../../src-shared/domain/order.ts';
import type { EngineState, PairState } from '../state.ts';
import { stopOf } from '../stops/scope.ts';
import { driveClosing, driveOpen, exitDue } from './closing.ts';
import { watchOrder } from './evidence.ts';
import { holdGroup } from './hold.ts';
import { climb } from './ladder.ts';
import { driveOpening } from './opening.ts';
import { allOrdersOf, clockOf, groupOf, isOwed, pairOfGroup } from './records.ts';
import { alarmResidual, hasQuarantined, nakedForMs, takeStock, type Standing } from './residual.ts';
import { comeToRest } from './rest.ts';

type Drive = (state: EngineState, pair: PairState, standing: Standing) => HedgeGroup;

const driveCompensating: Drive = (state, pair, standing) => {
  const { group, inFlight, uncertain, residual } = standing;
  if (inFlight || uncertain) return group;
  return residual.isZero() ? comeToRest(state, pair, group) : climb(state, pair, standing);
};

/** Left only by evidence that ends the residual, or by an act; never while more was filled than ordered and nobody acted on it. */
const driveHeld: Drive = (state, pair, standing) => {
  const { group, cameToRest } = standing;
  if (!cameToRest) return group;
  const acted = allOrdersOf(state, group).at(-1)?.request.authority === 'operator' || lastRungIsOperators(state, group);
  return hasQuarantined(state, group) && !acted ? group : comeToRest(state, pair, group);
};

const lastRungIsOperators = (state: EngineState, { ladder }: HedgeGroup): boolean => {
  const id = ladder.findLast((r) => r.clientOrderId !== null)?.clientOrderId ?? null;
  return id !== null && state.book.orders[id]?.request.authority === 'operator';
};

/** A switch, not a table of functions: the modules of the core refer to each other, and a table would be built too early. */
const turn: Drive = (state, pair, standing) => {
  switch (standing.group.state) {
    case 'opening':
      return driveOpening(state, pair, standing);
    case 'open':
      return driveOpen(state, pair, standing);
    case 'closing':
      return driveClosing(state, pair, standing);
    case 'compensating':
      return driveCompensating(state, pair, standing);
    case 'operator-held':
      return driveHeld(state, pair, standing);
    case 'proposed':
    case 'denied':
    case 'closed':
      return standing.group;
  }
};

export const driveGroup = (state: EngineState, groupId: string): void => {
  const group = groupOf(state, groupId);
  if (group === null || isEndedGroup(group.state)) return;
  const pair = pairOfGroup(state, group);
  if (pair === null) return;
  const standing = takeStock(state, pair, group);
  const alarmed = alarmResidual(state, standing);
  const naked = nakedForMs(state, groupId);
  if (naked !== null && naked >= state.settings.hedging.haltAfterMs && alarmed.state !== 'operator-held') {
    const what = standing.uncertain ? 'the outcome of an order is not known' : `${standing.residual.toFixed()} unhedged`;
    holdGroup(state, alarmed, `${what} for ${Math.round(naked / 1_000)} s`, 'halt');
    return;
  }
  turn(state, pair, { ...standing, group: alarmed });
};

/** With every quote of the pair, after the pair was valued. Nothing to do costs one comparison. */
export const drivePair = (state: EngineState, pair: PairState, _nowUs: number): void => {
  if (pair.liveGroups === 0) return;
  for (const group of state.book.groups.slice()) {
    if (group.pairId !== pair.settings.id || isEndedGroup(group.state) || group.state === 'operator-held') continue;
    if (group.state === 'open' ? quoteMatters(state, pair, group) : !waitsForVenue(state, group)) driveGroup(state, group.id);
  }
};

/** An open group at rest cares for quotes only where they bring an exit. */
const quoteMatters = (state: EngineState, pair: PairState, group: HedgeGroup): boolean => {
  const clock = clockOf(state, group.id);
  if (clock.residualSinceUs !== null) return true;
  if (group.closeReason !== null) return false;
  const level = stopOf(state, group);
  return (level === 'none' || level === 'pause') && exitDue(state, pair, group) !== null;
};

const waitsForVenue = (state: EngineState, group: HedgeGroup): boolean =>
  allOrdersOf(state, group).some((order) => isLiveOrder(order.state) || isOwed(order));

/** On the timer: overdue answers, questions, clocks, exits. */
export const tickGroups = (state: EngineState, _nowUs: number): void => {
  for (const { id } of state.book.groups.slice()) {
    const group = groupOf(state, id);
    if (group === null) continue;
    for (const order of allOrdersOf(state, group)) {
      if (isLiveOrder(order.state) || isOwed(order)) watchOrder(state, order.request.clientOrderId);
    }
    driveGroup(state, id);
  }
};
