/**
 * What a paper venue tells of its own accord, in order: an event that a full inlet does not take waits, and those behind
 * it wait, too. Bounded; what goes beyond is lost, as pushes are, and found again by the engine's reconciliation.
 */
import type { ControlInput } from '../../core/events.ts';
import type { ControlInlet } from '../../runtime/ports.ts';
import type { Timers } from './timers.ts';

export const MAX_WAITING_PUSHES = 256;
export const PUSH_RETRY_MS = 20;

export interface Pushes {
  give(event: ControlInput): void;
  stop(): void;
}

export const createPushes = (inlets: ControlInlet, timers: Timers): Pushes => {
  const waiting: ControlInput[] = [];
  let cancel: (() => void) | null = null;
  let ended = false;
  const turn = (): void => {
    cancel = null;
    while (waiting[0] !== undefined && inlets.offer(waiting[0]) === 'taken') waiting.shift();
    if (waiting.length > 0) cancel = timers.after(PUSH_RETRY_MS, turn);
  };
  return {
    give(event) {
      if (ended || waiting.length >= MAX_WAITING_PUSHES) return;
      waiting.push(event);
      if (cancel === null) turn();
    },
    stop() {
      ended = true;
      cancel?.();
      cancel = null;
    },
  };
};
