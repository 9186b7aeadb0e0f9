/**
 * What the desk tells the engine of its own accord, in order: an event that a full inlet does not take waits, and those behind
 * it wait, too. Bounded; beyond the bound nothing is kept, and `overflowed` says so once everything before has gone: all of it
 * is in the store, and the desk then lets the engine reconcile.
 */
import type { ControlInput } from '../../../core/events.ts';
import type { ControlInlet } from '../../../runtime/ports.ts';

export const MAX_WAITING = 4_096;

export interface Pushes {
  give(event: ControlInput): void;
  /** Offers again what waits. */
  turn(): void;
  readonly waiting: number;
}

export const createPushes = (inlet: ControlInlet, overflowed: () => void): Pushes => {
  const waiting: ControlInput[] = [];
  let lost = false;
  const turn = (): void => {
    while (waiting[0] !== undefined && inlet.offer(waiting[0]) === 'taken') waiting.shift();
    if (!lost || waiting.length > 0) return;
    lost = false;
    overflowed();
  };
  return {
    give(event) {
      if (waiting.length >= MAX_WAITING) lost = true;
      else waiting.push(event);
      turn();
    },
    turn,
    get waiting() {
      return waiting.length;
    },
  };
};
