/**
 * Armed or not: whether intents may become orders. Every launch starts disarmed, every kill disarms, an operator may disarm
 * at any time. Arming is refused with everything that stands against it.
 */
import type { Latch } from '../../../src-shared/domain/tradingState.ts';
import { accountFaults } from '../exchangeAccount.ts';
import { liveConditions } from '../live/guard.ts';
import { emit } from '../notes.ts';
import { isReconciled } from '../reconcile/wall.ts';
import type { EngineState } from '../state.ts';
import { dayLossPct } from './stateRules.ts';
import { tradedVenues } from './exposure.ts';

/** What an arming would be refused for now; empty = possible. */
export const armConditions = (state: EngineState): readonly string[] => {
  const conditions: string[] = [];
  if (state.kill !== null) conditions.push(`${state.kill.level} is latched: reset it first`);
  if (state.pause !== null) conditions.push('paused: resume first');
  if (state.kill === null && state.trading !== 'active') conditions.push(`trading state is ${state.trading}`);
  for (const index of tradedVenues(state)) {
    const { venueId, reconciled, reconcileDetail } = state.book.venues[index]!;
    if (!isReconciled(state, venueId)) conditions.push(`venue ${venueId} is not reconciled (${reconciled}): ${reconcileDetail}`);
  }
  conditions.push(...accountFaults(state));
  const loss = dayLossPct(state, state.unixMs);
  const { maxDayLossPct } = state.book.limits;
  if (loss !== null && loss >= maxDayLossPct) conditions.push(`${loss.toFixed(2)} % lost today, limit ${maxDayLossPct} %`);
  return [...conditions, ...liveConditions(state)];
};

/** @returns whether anything changed */
export const arm = (state: EngineState, latch: Latch): boolean => {
  if (state.book.armed !== null) return false;
  state.book.armed = latch;
  emit(state, { type: 'arming-changed', before: null, after: latch, why: latch.reason });
  return true;
};

/** @returns whether anything changed */
export const disarm = (state: EngineState, why: string): boolean => {
  const before = state.book.armed;
  if (before === null) return false;
  state.book.armed = null;
  emit(state, { type: 'arming-changed', before, after: null, why });
  return true;
};
