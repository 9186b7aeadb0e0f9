/**
 * What an operator may do with one group, under which conditions, and doing it: close, complete, unwind, adopt, write off. Every act
 * that was carried out is a fact with who, why and which; a refusal names every condition. Invariant: nothing is settled or sent
 * while an order of the group is in flight or unknown: unknown is not guessed by people either.
 */
import { GROUP_ACTS, isEndedGroup, type GroupAct, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { isLiveOrder, LEGS } from '../../../src-shared/domain/order.ts';
import type { OperatorCommand } from '../events.ts';
import type { CommandVerdict } from '../facts.ts';
import { emit } from '../notes.ts';
import type { EngineState, PairState } from '../state.ts';
import { stopOf } from '../stops/scope.ts';
import { requestClose } from './closing.ts';
import { driveGroup } from './drive.ts';
import { excessLeg, heldBase, isFlat, residualOf, ZERO } from './exposure.ts';
import { changeHolding } from './fillBooking.ts';
import { canReduce, tryRung } from './ladder.ts';
import { allOrdersOf, clockOf, groupOf, isOwed, pairOfGroup, putGroup } from './records.ts';
import { settleBase } from './residual.ts';
import { comeToRest } from './rest.ts';

type ActCommand = Extract<OperatorCommand, { readonly kind: 'group-act' }>;

/** Acts that would be allowed now. Reads only. */
export const actsOf = (state: EngineState, group: HedgeGroup): readonly GroupAct[] =>
  GROUP_ACTS.filter((act) => conditionsOf(state, group, act).length === 0);

/** Everything that stands against an act; empty = allowed. */
const conditionsOf = (state: EngineState, group: HedgeGroup, act: GroupAct): readonly string[] => {
  if (isEndedGroup(group.state)) return [`the group is ${group.state}`];
  const pair = pairOfGroup(state, group);
  if (pair === null) return [`the pair ${group.pairId} is not configured`];
  const conditions: string[] = [];
  for (const order of allOrdersOf(state, group)) {
    const { clientOrderId } = order.request;
    if (isLiveOrder(order.state)) conditions.push(`order ${clientOrderId} is ${order.state}: its end must be known first`);
    else if (isOwed(order)) conditions.push(`order ${clientOrderId}: ${order.filledQty} filled by the venue, only ${order.bookedQty} told`);
  }
  const sends = act === 'close' || act === 'complete' || act === 'unwind';
  if (sends && stopOf(state, group) === 'hands-off') conditions.push('hands off is in force: nothing is sent');
  return [...conditions, ...ACT_CONDITIONS[act](state, pair, group)];
};

const mustWait = ({ state }: HedgeGroup): readonly string[] =>
  state === 'operator-held' || state === 'compensating' ? [] : [`the group is ${state}, neither held nor compensating`];
const mustBeNaked = (group: HedgeGroup): readonly string[] => (residualOf(group).isZero() ? ['nothing is unhedged'] : []);

type Conditions = (state: EngineState, pair: PairState, group: HedgeGroup) => readonly string[];

/** What is hedged may be settled, too, where a person must end what the venues will not let us close. */
const settling: Conditions = (_state, _pair, group) => (group.state === 'operator-held' ? [] : [...mustWait(group), ...mustBeNaked(group)]);

const ACT_CONDITIONS: Readonly<Record<GroupAct, Conditions>> = {
  close: (_state, _pair, group) => {
    if (group.state === 'open') return [];
    if (group.state !== 'operator-held') return [`the group is ${group.state}, neither open nor held`];
    if (isFlat(group)) return ['both legs are flat'];
    return residualOf(group).isZero() ? [] : [`${group.residualBaseQty} is unhedged: complete, unwind, adopt or write it off first`];
  },
  complete: (_state, _pair, group) => [...mustWait(group), ...mustBeNaked(group)],
  unwind: (_state, pair, group) => [
    ...mustWait(group),
    ...mustBeNaked(group),
    ...(canReduce(pair, group, residualOf(group)) ? [] : ['the leg in excess holds no whole step']),
  ],
  adopt: settling,
  'write-off': settling,
};

export const actOnGroup = (state: EngineState, command: ActCommand): CommandVerdict => {
  const { requestId, act, by, reason } = command;
  const group = groupOf(state, command.groupId);
  const conditions: string[] = reason.trim() === '' ? ['a reason must be given'] : [];
  if (group === null) conditions.push(`there is no group ${command.groupId}`);
  else conditions.push(...conditionsOf(state, group, act));
  if (group === null || conditions.length > 0) return refuse(state, command, conditions);
  const refusal = ACTS[act](state, pairOfGroup(state, group)!, group, reason);
  if (refusal.length > 0) return refuse(state, command, refusal);
  emit(state, { type: 'group-acted', groupId: group.id, act, by, reason, requestId });
  return { code: 'applied', requestId, changed: true };
};

const refuse = (state: EngineState, { requestId, act, groupId }: ActCommand, conditions: readonly string[]): CommandVerdict => {
  emit(state, { type: 'command-refused', requestId, command: `${act} ${groupId}`, conditions });
  return { code: 'not-allowed', requestId, conditions };
};

/** @returns why it could not be done after all; empty = done */
type Act = (state: EngineState, pair: PairState, group: HedgeGroup, reason: string) => readonly string[];

const rung =
  (kind: 'complete' | 'unwind'): Act =>
  (state, pair, group) => {
    const sent = tryRung(state, pair, group, residualOf(group), kind, 'operator');
    if (sent === 'pause') return ['the last one is too recent'];
    return sent.ok ? [] : sent.denials.map(({ code, text }) => `${code}: ${text}`);
  };

/** The residual; where nothing is unhedged, all of both legs. */
const settle =
  (kind: 'adopted' | 'written-off'): Act =>
  (state, pair, group, reason) => {
    const residual = residualOf(group);
    const naked = excessLeg(group, residual);
    let settled = group;
    for (const name of naked === null ? LEGS : [naked]) {
      const baseQty = naked === null ? heldBase(group.legs[name]) : residual;
      if (baseQty.isZero()) continue;
      settled = settleBase(state, settled, name, baseQty, kind, reason);
      const { instrumentId, baseQtyPerUnit } = group.legs[name];
      const qty = baseQty.div(baseQtyPerUnit);
      changeHolding(state, instrumentId, qty.negated(), kind === 'adopted' ? qty : ZERO, `${kind} by an operator: ${reason}`);
    }
    settled = putGroup(state, settled);
    if (settled.state === 'operator-held') {
      clockOf(state, group.id).residualSinceUs = null;
      comeToRest(state, pair, putGroup(state, { ...settled, residualBaseQty: '0', residualSinceUnixMs: null, residualAlarmed: false }));
    } else driveGroup(state, group.id);
    return [];
  };

const close: Act = (state, pair, group) => {
  Object.assign(clockOf(state, group.id), { notBeforeUs: Number.NEGATIVE_INFINITY, closeRounds: 0 });
  const open = group.state === 'open' ? group : comeToRest(state, pair, { ...group, closeReason: null });
  requestClose(state, open, 'operator');
  return [];
};

const ACTS: Readonly<Record<GroupAct, Act>> = {
  close,
  complete: rung('complete'),
  unwind: rung('unwind'),
  adopt: settle('adopted'),
  'write-off': settle('written-off'),
};
