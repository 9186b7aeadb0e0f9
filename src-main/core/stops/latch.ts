/**
 * The latches: pause, kill, flatten, hands-off, of everything, of a pair, of a venue. A latch is a fact before anything else,
 * rises only, and a repeated or weaker one changes nothing. Order of work of one stop, in one step: latch, trading state,
 * disarm, gate, mode of MetaTrader, cancels, questions to every venue, closes. Hands-off cancels and closes nothing.
 */
import type { KillLatch, KillLevel, Latch, ScopedStop, StopScope, TradingState } from '../../../src-shared/domain/tradingState.ts';
import { requestClose } from '../hedging/closing.ts';
import { cancelWorking } from '../hedging/orders.ts';
import { fallBack } from '../live/ladder.ts';
import { emit, wish } from '../notes.ts';
import { endAllEpisodes } from '../opportunity.ts';
import { requestSnapshot } from '../reconcile/wall.ts';
import { disarm } from '../risk/arming.ts';
import type { EngineState } from '../state.ts';
import { groupIsCovered, isAtLeast, scopeHasVenue } from './scope.ts';

/** Who made the engine itself latch. */
export const engineLatch = (state: EngineState, reason: string): Latch => ({
  latchedUnixMs: state.unixMs,
  source: 'engine',
  by: 'engine',
  reason,
});

export const changeTradingState = (state: EngineState, after: TradingState): void => {
  if (state.trading === after) return;
  emit(state, { type: 'trading-state', before: state.trading, after });
  state.trading = after;
  if (after === 'halted') fallBack(state, 'trading was halted');
};

/**
 * What MetaTrader may do; never less than the gate. Under a pause all of it: no group begins, but the second leg of one that has begun
 * must not be refused. Under a kill what a person closes must leave, also where naked legs are frozen: else the exchange's leg would
 * close and its twin be refused.
 */
export const announceMode = (state: EngineState): void => wish(state, { type: 'announce-mode', mode: modeOf(state) });

const modeOf = ({ kill }: EngineState): 'normal' | 'close_only' | 'halt' => {
  if (kill === null) return 'normal';
  return kill.level === 'hands-off' ? 'halt' : 'close_only';
};

/** The gate at the dispatch point, as the latch in force wants it. */
export const setGate = (state: EngineState): void =>
  wish(state, { type: 'set-gate', gate: state.kill === null ? 'open' : state.kill.level === 'hands-off' ? 'closed' : 'reducing' });

/** @returns whether anything changed */
export const latchPause = (state: EngineState, latch: Latch, requestId: string): boolean => {
  if (state.pause !== null) return false;
  state.pause = latch;
  emit(state, { type: 'pause-changed', before: null, after: latch, requestId });
  endAllEpisodes(state, 'paused', Math.floor(state.monoUs));
  announceMode(state);
  return true;
};

/** Stops everything. @returns whether anything changed: false where the same or a stronger stop is latched */
export const latchKill = (state: EngineState, level: KillLevel, latch: Latch, requestId: string): boolean => {
  const before = state.kill;
  if (before !== null && isAtLeast(before.level, level)) return false;
  const after: KillLatch = { ...latch, level, verifiedUnixMs: null, remaining: [] };
  state.kill = after;
  if (before === null) emit(state, { type: 'kill-latched', latch: after, requestId });
  else emit(state, { type: 'kill-raised', before, after, requestId });
  changeTradingState(state, 'halted');
  disarm(state, `${level} by ${latch.by}`);
  setGate(state);
  announceMode(state);
  endAllEpisodes(state, 'killed', Math.floor(state.monoUs));
  carryOut(state, 'all', level);
  return true;
};

/** Stops one pair or venue; the rest goes on. @returns whether anything changed */
export const latchScoped = (state: EngineState, scope: ScopedStop['scope'], level: ScopedStop['level'], latch: Latch): boolean => {
  const before = scopedStopOf(state, scope);
  if (before !== null && isAtLeast(before.level, level)) return false;
  // A pause has nothing to verify.
  const after: KillLatch = {
    ...latch,
    level: level === 'pause' ? 'kill' : level,
    verifiedUnixMs: level === 'pause' ? latch.latchedUnixMs : null,
    remaining: [],
  };
  replaceScoped(state, scope, { scope, level, latch: after });
  emit(state, { type: 'scoped-stop', scope, level, before: before?.latch ?? null, after });
  if (level !== 'pause') carryOut(state, scope, level);
  return true;
};

/** The EA of a venue is silent while something is at stake there. */
export const raiseVenueStop = (state: EngineState, venueId: string, reason: string): void => {
  latchScoped(state, `venue:${venueId}`, 'kill', engineLatch(state, reason));
};

export const scopedStopOf = (state: EngineState, scope: StopScope): ScopedStop | null =>
  state.book.scopedStops.find((stop) => stop.scope === scope) ?? null;

/** Puts the stop in the place of the earlier one of its scope; null takes it away. */
export const replaceScoped = (state: EngineState, scope: StopScope, stop: ScopedStop | null): void => {
  const others = state.book.scopedStops.filter((s) => s.scope !== scope);
  state.book.scopedStops = stop === null ? others : [...others, stop];
};

/** From now on only snapshots asked for after this moment prove that nothing of ours is working. */
export const beginCheck = (state: EngineState, scope: StopScope): void => {
  const fromRequest = state.venues.map((venue) =>
    scopeHasVenue(state, scope, venue) ? state.book.venues[venue.index]!.nextRequest : null,
  );
  const check = { scope, fromRequest, sinceUs: Math.floor(state.monoUs), toldUs: null };
  state.book.stopChecks = [...state.book.stopChecks.filter((each) => each.scope !== scope), check];
};

export const endCheck = (state: EngineState, scope: StopScope): void => {
  state.book.stopChecks = state.book.stopChecks.filter((check) => check.scope !== scope);
};

const carryOut = (state: EngineState, scope: StopScope, level: KillLevel): void => {
  if (level !== 'hands-off') cancelWorking(state, scope);
  beginCheck(state, scope);
  for (const venue of state.venues) if (scopeHasVenue(state, scope, venue)) requestSnapshot(state, venue.index, `${level} of ${scope}`);
  if (level !== 'flatten') return;
  const open = state.book.groups.filter((group) => group.state === 'open' && groupIsCovered(scope, group));
  for (const group of open) requestClose(state, group, 'flatten');
};
