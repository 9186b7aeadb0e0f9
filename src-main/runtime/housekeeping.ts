/**
 * What the ledger needs from time to time, between turns and never inside one: samples out, lease renewed, old rows
 * deleted, WAL moved. Driven by the runner's timer; each duty is due by monotonic time, at most one heavy duty a call.
 */
import { US_PER_S } from '../../src-shared/domain/units.ts';
import type { Ledger } from './ports.ts';

export const SAMPLES_EVERY_US = US_PER_S;
/** A third of the lease, so that two renewals may fail to happen before it ends. */
export const LEASE_EVERY_US = 5 * US_PER_S;
export const PRUNE_EVERY_US = 60 * US_PER_S;
/** Two syncs and what has gathered: often and short, because a KILL must never wait behind a long one. */
export const CHECKPOINT_EVERY_US = 10 * US_PER_S;

export interface Duties {
  readonly flushSamples: () => void;
  readonly ledger: Pick<Ledger, 'renewLease' | 'prune' | 'checkpoint'>;
}

/** @returns a function to call often; it throws LedgerFault when a duty fails. */
export const createHousekeeping = ({ flushSamples, ledger }: Duties, nowMonoUs: number): ((nowMonoUs: number) => void) => {
  let samplesAt = nowMonoUs + SAMPLES_EVERY_US;
  let leaseAt = nowMonoUs + LEASE_EVERY_US;
  let pruneAt = nowMonoUs + PRUNE_EVERY_US / 2;
  let checkpointAt = nowMonoUs + CHECKPOINT_EVERY_US;
  return (now) => {
    if (now >= leaseAt) {
      leaseAt = now + LEASE_EVERY_US;
      ledger.renewLease();
    }
    if (now >= samplesAt) {
      samplesAt = now + SAMPLES_EVERY_US;
      flushSamples();
    }
    if (now >= checkpointAt) {
      checkpointAt = now + CHECKPOINT_EVERY_US;
      ledger.checkpoint();
    } else if (now >= pruneAt) {
      pruneAt = now + PRUNE_EVERY_US;
      ledger.prune();
    }
  };
};
