/**
 * The durable memory of MetaTrader epochs: one small file in the data directory. Invariant: an epoch is on disk
 * before it is returned, hence after a crash the next one is higher than any that was ever announced.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { EpochStore } from '../adapters/metatrader/session.ts';
import { writeFileDurably } from '../adapters/secrets/durableFile.ts';

export const EPOCHS_FILE = 'mt5-epochs.json';
const schema = z.strictObject({
  version: z.literal(1),
  epochs: z.record(z.string(), z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)),
});

/** @throws Error naming the file when it is there but unreadable: an epoch must never start over unnoticed. */
export const openEpochFile = (dataDir: string): EpochStore => {
  const file = path.join(dataDir, EPOCHS_FILE);
  let epochs: Readonly<Record<string, number>> = {};
  try {
    epochs = schema.parse(JSON.parse(readFileSync(file, 'utf8'))).epochs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${file}: is damaged; delete it, then restart the EAs so that they say hello again`, { cause: error });
  }
  const last = (venueId: string): number => epochs[venueId] ?? 0;
  return {
    last,
    next(venueId) {
      const raised = { ...epochs, [venueId]: last(venueId) + 1 };
      writeFileDurably(file, `${JSON.stringify({ version: 1, epochs: raised })}\n`);
      epochs = raised;
      return last(venueId);
    },
  };
};
