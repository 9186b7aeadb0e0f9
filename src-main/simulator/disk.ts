/**
 * The ledger on a faulty disk: the real one, with commits that fail before or after they took effect, that take long, or
 * at which the process dies. Tells the oracle what is durable.
 */
import type { EngineEvent } from '../core/events.ts';
import type { Effect, Fact } from '../core/facts.ts';
import { LedgerFault, type Ledger, type LedgerFaultCode } from '../runtime/ports.ts';

export interface DiskOrders {
  /** Commits that are still to fail, and how; null = a sound disk. */
  failing: { code: LedgerFaultCode; torn: boolean; left: number } | null;
  slowMs: number;
  /** The process dies at the next commit that matches. */
  dying: { when: 'before' | 'after'; ofOrder: boolean } | null;
  /** It has died: nothing reaches the file any more. */
  gone: boolean;
}

export interface DiskWitness {
  /** A commit took effect. */
  committed(event: EngineEvent, facts: readonly Fact[], effects: readonly Effect[]): void;
  /** A commit was reported as failed. */
  failed(): void;
  slowed(ms: number): void;
  /** The process dies here and now. */
  dies(): void;
}

const sendsOrder = (effects: readonly Effect[]): boolean => effects.some((effect) => effect.type === 'place-order');

/** @param nameRun names the runs of the ledger, so that one seed always gives the same ids */
export const faultyLedger = (ledger: Ledger, orders: DiskOrders, witness: DiskWitness, nameRun: () => string): Ledger => ({
  ...ledger,
  beginRun(settings, version) {
    const { recovered } = ledger.beginRun(settings, version);
    return { runId: nameRun(), recovered };
  },
  commit(event, facts, effects, durability, rows) {
    if (orders.gone) throw new LedgerFault('io', ledger.path, 'the process is gone');
    const { dying, failing } = orders;
    const dies = dying !== null && (!dying.ofOrder || sendsOrder(effects));
    if (dies && dying.when === 'before') {
      orders.gone = true;
      witness.dies();
      throw new LedgerFault('io', ledger.path, 'the process is gone');
    }
    if (orders.slowMs > 0) witness.slowed(orders.slowMs);
    const fails = failing !== null && failing.left > 0;
    if (fails) failing.left -= 1;
    if (fails && !failing.torn) {
      witness.failed();
      throw new LedgerFault(failing.code, ledger.path, `simulated ${failing.code}`);
    }
    ledger.commit(event, facts, effects, durability, rows);
    witness.committed(event, facts, effects);
    if (fails) {
      witness.failed();
      throw new LedgerFault(failing.code, ledger.path, `simulated ${failing.code}, after it took effect`);
    }
    if (dies) {
      orders.gone = true;
      witness.dies();
      throw new LedgerFault('io', ledger.path, 'the process is gone');
    }
  },
});
