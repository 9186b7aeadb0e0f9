/** Spread samples on their way to the ledger: gathered, written once a second with relaxed durability, bounded. */
import type { SpreadSample } from '../core/events.ts';
import type { LedgerWriter } from './ports.ts';

/** The core gives one sample a pair at the first timer of each second; each stands for that long. */
export const SAMPLE_INTERVAL_MS = 1_000;
/** 4,096 pairs and seconds; reached, the batch is written at once. */
export const MAX_PENDING_SAMPLES = 4_096;

export const createSampleBatch = (ledger: LedgerWriter) => {
  let pending: SpreadSample[] = [];
  const flush = (): void => {
    if (pending.length === 0) return;
    const batch = pending;
    pending = [];
    ledger.appendSamples(batch);
  };
  return {
    /** @throws LedgerFault when the batch was full and could not be written. */
    add(samples: readonly SpreadSample[]): void {
      for (const sample of samples) pending.push(sample);
      if (pending.length >= MAX_PENDING_SAMPLES) flush();
    },
    /** @throws LedgerFault; the batch is then dropped: statistics are restored from what was written before. */
    flush,
  };
};
