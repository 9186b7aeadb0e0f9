/**
 * Stops after a restart: every latch holds, of whatever scope, and is verified anew, because what an earlier run had seen
 * says nothing of now. The links are still down: the snapshots that follow their coming up are the answers that count.
 */
import type { StartedEvent } from '../events.ts';
import { note } from '../notes.ts';
import type { EngineState } from '../state.ts';
import { announceMode, beginCheck, changeTradingState, setGate } from './latch.ts';

/** After the book is restored, before anything may be wished for. */
export const restoreStops = (state: EngineState, { pause, kill, trading }: StartedEvent): void => {
  state.pause = pause;
  state.kill = kill === null ? null : { ...kill, verifiedUnixMs: null, remaining: [] };
  state.book.scopedStops = trading.scopedStops.map((stop) =>
    stop.level === 'pause' ? stop : { ...stop, latch: { ...stop.latch, verifiedUnixMs: null, remaining: [] } },
  );
  if (kill !== null) {
    changeTradingState(state, 'halted');
    note(state, 'critical', 'operator', null, `${kill.level} is still latched (${kill.by}, ${kill.source})`);
    setGate(state);
    beginCheck(state, 'all');
  }
  if (pause !== null) note(state, 'warn', 'operator', null, `still paused (${pause.by}, ${pause.source})`);
  for (const { scope, level, latch } of trading.scopedStops) {
    note(state, 'warn', 'operator', scope, `${level} is still in force (${latch.by}, ${latch.source})`);
    if (level !== 'pause') beginCheck(state, scope);
  }
  announceMode(state);
};
