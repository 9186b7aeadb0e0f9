/**
 * Private pushes on their way to a client, with the faults that strike them: lost, doubled, in the wrong order, or all of them
 * withheld. Owns what is held back for one client (at most one push). Must not know any venue's wire.
 */
import type { OrderFaults } from '../orderFaults.ts';

/** How long a push waits for its successor to overtake it. */
export const REORDER_WAIT_MS = 25;

export interface PrivatePushes {
  push(text: string): void;
  stop(): void;
}

export const createPrivatePushes = (faults: OrderFaults, send: (text: string) => void): PrivatePushes => {
  let held: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  const release = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const text = held;
    held = null;
    if (text !== null) send(text);
  };
  return {
    push: (text) => {
      if (faults.timed('dead-private-socket') !== null || faults.strikes('drop-push')) return;
      if (held === null && faults.strikes('reorder-push')) {
        held = text;
        timer = setTimeout(release, REORDER_WAIT_MS);
        return;
      }
      send(text);
      if (faults.strikes('duplicate-push')) send(text);
      release();
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      held = null;
    },
  };
};
