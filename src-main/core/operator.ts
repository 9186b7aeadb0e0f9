/**
 * What an operator may ask of the engine, and what became of it. Every command ends in a verdict: applied (and whether anything
 * changed: a repeated one changes nothing and says so), or not allowed, with every condition that is missing and its figures.
 */
import type { Latch, ScopedStop, StopScope } from '../../src-shared/domain/tradingState.ts';
import type { OperatorCommand } from './events.ts';
import type { CommandVerdict } from './facts.ts';
import { acceptAccount } from './accountIdentity.ts';
import { actOnGroup } from './hedging/acts.ts';
import { confirmationFault } from './live/guard.ts';
import { climb, climbConditions } from './live/ladder.ts';
import { emit } from './notes.ts';
import { acceptPosition } from './reconcile/wall.ts';
import { arm, armConditions, disarm } from './risk/arming.ts';
import { liftDisablements } from './risk/disablements.ts';
import { changeLimits, limitConditions } from './risk/limits.ts';
import type { EngineState } from './state.ts';
import {
  announceMode,
  changeTradingState,
  endCheck,
  latchKill,
  latchPause,
  latchScoped,
  replaceScoped,
  scopedStopOf,
  setGate,
} from './stops/latch.ts';
import { resetConditions } from './stops/reset.ts';
import { scopeFault } from './stops/scope.ts';

type Command<K extends OperatorCommand['kind']> = Extract<OperatorCommand, { readonly kind: K }>;
type StopCommand = Extract<OperatorCommand, { readonly scope?: StopScope }> & Exclude<OperatorCommand, Command<'enable'>>;

const applied = (command: OperatorCommand, changed: boolean): CommandVerdict => ({
  code: 'applied',
  requestId: command.requestId,
  changed,
});

const refused = (state: EngineState, command: OperatorCommand, conditions: readonly string[]): CommandVerdict => {
  emit(state, { type: 'command-refused', requestId: command.requestId, command: command.kind, conditions });
  return { code: 'not-allowed', requestId: command.requestId, conditions };
};

const latchOf = (state: EngineState, { source, by, reason }: OperatorCommand): Latch => ({
  latchedUnixMs: state.unixMs,
  source,
  by,
  reason,
});

/** null = everything. */
const partOf = ({ scope = 'all' }: StopCommand): ScopedStop['scope'] | null => (scope === 'all' ? null : scope);

const stop = (state: EngineState, command: StopCommand): CommandVerdict => {
  const level = command.kind as ScopedStop['level'];
  const part = partOf(command);
  const latch = latchOf(state, command);
  if (part !== null) return applied(command, latchScoped(state, part, level, latch));
  return applied(
    command,
    level === 'pause' ? latchPause(state, latch, command.requestId) : latchKill(state, level, latch, command.requestId),
  );
};

const resume = (state: EngineState, command: StopCommand): CommandVerdict => {
  const part = partOf(command);
  if (part !== null) return resumePart(state, command, part);
  if (state.kill !== null) return refused(state, command, ['the kill switch is latched: reset it first']);
  const before = state.pause;
  if (before === null) return applied(command, false);
  state.pause = null;
  emit(state, { type: 'pause-changed', before, after: null, requestId: command.requestId });
  announceMode(state);
  return applied(command, true);
};

const resumePart = (state: EngineState, command: StopCommand, scope: ScopedStop['scope']): CommandVerdict => {
  const before = scopedStopOf(state, scope);
  if (before === null) return applied(command, false);
  if (before.level !== 'pause') return refused(state, command, [`${before.level} of ${scope} is latched: reset it first`]);
  return liftPart(state, command, before);
};

const liftPart = (state: EngineState, command: OperatorCommand, { scope, level, latch }: ScopedStop): CommandVerdict => {
  replaceScoped(state, scope, null);
  endCheck(state, scope);
  emit(state, { type: 'scoped-stop', scope, level, before: latch, after: null });
  return applied(command, true);
};

/** Leaves the engine disarmed, whatever it was: arming is another act. A reset of one pair or venue disarms, too. */
const reset = (state: EngineState, command: StopCommand): CommandVerdict => {
  const part = partOf(command);
  const before = part === null ? state.kill : scopedStopOf(state, part);
  if (before === null || before.level === 'pause') return applied(command, false);
  const conditions = [...(command.reason.trim() === '' ? ['a reason must be given'] : []), ...resetConditions(state, command.scope)];
  if (conditions.length > 0) return refused(state, command, conditions);
  disarm(state, `reset by ${command.by}`);
  if (part !== null) return liftPart(state, command, before as ScopedStop);
  emit(state, { type: 'kill-reset', before: state.kill!, reason: command.reason, by: command.by, requestId: command.requestId });
  state.kill = null;
  endCheck(state, 'all');
  changeTradingState(state, 'active');
  setGate(state);
  announceMode(state);
  return applied(command, true);
};

const obeyArm = (state: EngineState, command: Command<'arm'>): CommandVerdict => {
  if (state.book.armed !== null) return applied(command, false);
  const conditions = armConditions(state);
  if (conditions.length > 0) return refused(state, command, conditions);
  const fault = confirmationFault(state, command.confirmation);
  return fault === null ? applied(command, arm(state, latchOf(state, command))) : refused(state, command, [fault]);
};

const obeyDisarm = (state: EngineState, command: Command<'disarm'>): CommandVerdict =>
  applied(command, disarm(state, `by ${command.by}${command.reason === '' ? '' : `: ${command.reason}`}`));

const obeyClimb = (state: EngineState, command: Command<'climb'>): CommandVerdict => {
  const conditions = climbConditions(state);
  if (conditions.length > 0) return refused(state, command, conditions);
  climb(state, command.by);
  return applied(command, true);
};

const setLimits = (state: EngineState, command: Command<'set-limits'>): CommandVerdict => {
  const conditions = limitConditions(state, command);
  return conditions.length > 0 ? refused(state, command, conditions) : applied(command, changeLimits(state, command));
};

const enable = (state: EngineState, command: Command<'enable'>): CommandVerdict => {
  const changed = liftDisablements(state, command.scope, command.by);
  for (const venue of state.book.venues) if (command.scope === `venue:${venue.venueId}`) venue.errorsUs = [];
  if (command.scope.startsWith('pair:')) state.book.entries = state.book.entries.filter((mark) => command.scope !== `pair:${mark.pairId}`);
  return applied(command, changed);
};

const accept = (state: EngineState, command: Command<'accept-position'>): CommandVerdict => {
  const fault = acceptPosition(state, command.instrumentId, command.by);
  return fault === null ? applied(command, true) : refused(state, command, [fault]);
};

const obeyAcceptAccount = (state: EngineState, command: Command<'accept-account'>): CommandVerdict => {
  const conditions = acceptAccount(state, command.venueId, command.by);
  return conditions.length === 0 ? applied(command, true) : refused(state, command, conditions);
};

export const obey = (state: EngineState, command: OperatorCommand): CommandVerdict => {
  if ('scope' in command && command.scope !== undefined) {
    const fault = scopeFault(state, command.scope);
    if (fault !== null) return refused(state, command, [fault]);
  }
  switch (command.kind) {
    case 'pause':
    case 'kill':
    case 'flatten':
    case 'hands-off':
      return stop(state, command);
    case 'resume':
      return resume(state, command);
    case 'reset':
      return reset(state, command);
    case 'set-limits':
      return setLimits(state, command);
    case 'enable':
      return enable(state, command);
    case 'accept-position':
      return accept(state, command);
    case 'accept-account':
      return obeyAcceptAccount(state, command);
    case 'arm':
      return obeyArm(state, command);
    case 'disarm':
      return obeyDisarm(state, command);
    case 'climb':
      return obeyClimb(state, command);
    case 'group-act':
      return actOnGroup(state, command);
  }
};
