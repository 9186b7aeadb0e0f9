/**
 * How effects leave the runner: each that will be answered first gets a place for its answer, and events whose effects have
 * all been carried out are marked in the ledger later, together, off the way from quote to order.
 */
import type { ControlInput } from '../core/events.ts';
import type { Effect } from '../core/facts.ts';
import { isAsking, type EffectSink } from './dispatcher.ts';
import type { LedgerWriter } from './ports.ts';
import type { ControlQueue } from './queues.ts';

/** So many events wait for their mark at most. */
export const MAX_DONE_MARKS = 256;

export interface OutflowPorts {
  readonly effects: EffectSink;
  readonly queue: Pick<ControlQueue, 'reserve'>;
  readonly offer: (event: ControlInput) => 'taken' | 'full';
  readonly ledger: Pick<LedgerWriter, 'effectsDone'>;
  /** Asked to call `markDone`, guarded: too many wait. */
  readonly onManyDone: () => void;
}

export const createOutflow = ({ effects, queue, offer, ledger, onManyDone }: OutflowPorts) => {
  const done: number[] = [];
  return {
    /** @returns how many effects did not leave because no more answers can be owed. */
    dispatch(seq: number, wished: readonly Effect[]): number {
      const leaving = wished.filter((effect) => !isAsking(effect) || queue.reserve());
      effects.dispatch(leaving, {
        offer,
        done: () => {
          if (leaving.length < wished.length) return;
          done.push(seq);
          if (done.length >= MAX_DONE_MARKS) onManyDone();
        },
      });
      return wished.length - leaving.length;
    },
    /** @throws LedgerFault; the marks not made are then dropped: they tell a person only that nothing is open any more. */
    markDone(): void {
      for (const seq of done.splice(0)) ledger.effectsDone(seq);
    },
  };
};
