/**
 * Pause, resume, kill, reset: the operator's latches and what each asks of the outside. A latch is a fact before
 * anything else; repeating a command changes nothing and says so; a reset that is not allowed names every condition
 * that is missing, with its figures.
 */
import type { Latch, TradingState } from '../../src-shared/domain/tradingState.ts';
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import type { OperatorCommand } from './events.ts';
import type { CommandVerdict } from './facts.ts';
import { venueIsFresh } from './marketData.ts';
import { emit, note, wish } from './notes.ts';
import { endAllEpisodes } from './opportunity.ts';
import type { EngineState } from './state.ts';

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

/** Nothing new may be opened; MetaTrader may still close. */
const pause = (state: EngineState, command: OperatorCommand): CommandVerdict => {
  if (state.pause !== null) return applied(command, false);
  state.pause = latchOf(state, command);
  emit(state, { type: 'pause-changed', before: null, after: state.pause, requestId: command.requestId });
  endAllEpisodes(state, 'paused', Math.floor(state.monoUs));
  announceMode(state);
  return applied(command, true);
};

const resume = (state: EngineState, command: OperatorCommand): CommandVerdict => {
  if (state.kill !== null) return refused(state, command, ['the kill switch is latched: reset it first']);
  const before = state.pause;
  if (before === null) return applied(command, false);
  state.pause = null;
  emit(state, { type: 'pause-changed', before, after: null, requestId: command.requestId });
  announceMode(state);
  return applied(command, true);
};

/** A repeated kill changes nothing, but asks again for verification while that is outstanding. */
const kill = (state: EngineState, command: OperatorCommand): CommandVerdict => {
  if (state.kill !== null) {
    if (state.kill.verifiedUnixMs === null) wish(state, { type: 'verify-stopped' });
    return applied(command, false);
  }
  state.kill = { ...latchOf(state, command), verifiedUnixMs: null, remaining: [] };
  emit(state, { type: 'kill-latched', latch: state.kill, requestId: command.requestId });
  changeTradingState(state, 'halted');
  endAllEpisodes(state, 'killed', Math.floor(state.monoUs));
  announceMode(state);
  wish(state, { type: 'verify-stopped' });
  return applied(command, true);
};

const reset = (state: EngineState, command: OperatorCommand): CommandVerdict => {
  const before = state.kill;
  if (before === null) return applied(command, false);
  const conditions = missingForReset(state, command.reason);
  if (conditions.length > 0) return refused(state, command, conditions);
  state.kill = null;
  emit(state, { type: 'kill-reset', before, reason: command.reason, by: command.by, requestId: command.requestId });
  changeTradingState(state, 'active');
  announceMode(state);
  return applied(command, true);
};

const OBEY: Readonly<Record<OperatorCommand['kind'], (state: EngineState, command: OperatorCommand) => CommandVerdict>> = {
  pause,
  resume,
  kill,
  reset,
};

export const obey = (state: EngineState, command: OperatorCommand): CommandVerdict => OBEY[command.kind](state, command);

/** Every condition of a reset that does not hold, with its figures; empty = possible. Venues without instruments hold nothing. */
export const missingForReset = (state: EngineState, reason: string): readonly string[] => {
  const conditions: string[] = [];
  if (reason.trim() === '') conditions.push('a reason must be given');
  if (state.kill !== null && state.kill.verifiedUnixMs === null) {
    const { remaining } = state.kill;
    conditions.push(remaining.length === 0 ? 'the kill is not verified yet' : `still working: ${remaining.join(', ')}`);
  }
  const nowUs = Math.floor(state.monoUs);
  const used = new Set(state.instruments.map((x) => x.venue));
  for (const venue of used) {
    const { id, maxQuoteAgeMs } = venue.settings;
    if (venue.link !== 'live') conditions.push(`venue ${id} is ${venue.link}, not live: ${venue.linkDetail}`);
    if (Number.isNaN(venue.newestQuoteMonoUs)) conditions.push(`venue ${id} has sent no quote yet`);
    else if (!venueIsFresh(venue, nowUs)) {
      const age = Math.round((nowUs - venue.newestQuoteMonoUs) / US_PER_MS);
      conditions.push(`venue ${id}: newest quote is ${age} ms old, limit ${maxQuoteAgeMs} ms`);
    }
  }
  return conditions;
};

/** All gateways have answered. Without a latch the answer is late and means nothing. */
export const takeStopVerified = (state: EngineState, remaining: readonly string[]): void => {
  if (state.kill === null || state.kill.verifiedUnixMs !== null) return;
  if (remaining.length > 0) {
    state.kill = { ...state.kill, remaining };
    note(state, 'critical', 'risk', null, `kill not verified, still working: ${remaining.join(', ')}`);
    return;
  }
  state.kill = { ...state.kill, remaining, verifiedUnixMs: state.unixMs };
  emit(state, { type: 'kill-verified', latch: state.kill });
};

export const changeTradingState = (state: EngineState, after: TradingState): void => {
  if (state.trading === after) return;
  emit(state, { type: 'trading-state', before: state.trading, after });
  state.trading = after;
};

/** Tells MetaTrader what it may do. */
export const announceMode = (state: EngineState): void =>
  wish(state, { type: 'announce-mode', mode: state.kill !== null ? 'halt' : state.pause !== null ? 'close_only' : 'normal' });
