/**
 * What the dock says about a latching stop, from the console's own press and the engine's latch together. Pure. A state
 * is named only when it was reached: REQUESTED (console) → LATCHED (engine's word) → VERIFIED, or what remains.
 */
import type { KillLatch } from '../../../src-shared/domain/tradingState.ts';
import { age, utcClock } from '../../format/times.ts';
import { PRESS_LIFE_MS, type KillPhase } from './killMachine.ts';
import { ACT_WORDS, scopeText, type Stop } from './stops.ts';

/** A dead stop must never look live. */
export const DEAD_NOTE = 'this button may not work';

const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

const latchText = (latch: KillLatch): string => {
  if (latch.verifiedUnixMs !== null) return `VERIFIED ${milliseconds(Math.max(0, latch.verifiedUnixMs - latch.latchedUnixMs))}`;
  return latch.remaining.length === 0 ? 'verifying…' : `REMAINING: ${latch.remaining.join('; ')}`;
};

export const killStateText = (phase: KillPhase, latch: KillLatch | null, nowMs: number): string => {
  switch (phase.at) {
    case 'requested':
      return `REQUESTED · waiting ${age(Math.max(0, nowMs - phase.pressedMs))}`;
    case 'unconfirmed':
      return `UNCONFIRMED · retrying for ${Math.max(0, Math.ceil((phase.pressedMs + PRESS_LIFE_MS - nowMs) / 1_000))} s · ${phase.why}`;
    case 'refused':
      return `REFUSED · ${phase.why}`;
    case 'forgotten':
      return `NOT CONFIRMED · the press was dropped after ${PRESS_LIFE_MS / 1_000} s · ${phase.why}`;
    case 'latched': {
      const { engineMs, changed } = phase.acknowledgement;
      const latched = `REQUESTED → LATCHED ${milliseconds(engineMs)}${changed ? '' : ' (it was so already)'}`;
      return latch === null ? latched : `${latched} → ${latchText(latch)}`;
    }
    case 'ready':
      return latch === null ? '' : `LATCHED ${utcClock(latch.latchedUnixMs)} → ${latchText(latch)}`;
    default:
      return phase satisfies never;
  }
};

/** KILL of everything speaks for itself; any other stop is named. */
export const spokenStopText = (stop: Stop, text: string): string => {
  if (text === '' || (stop.level === 'kill' && stop.scope === 'all')) return text;
  return `${ACT_WORDS[stop.level]} ${scopeText(stop.scope)} · ${text}`;
};
