/**
 * The durable memory of MetaTrader sessions: one small file in the data directory with the last epoch of each venue, and how often
 * KILL was pressed on its chart as far as the engine has obeyed it. Invariant: an epoch is on disk before it is returned, hence
 * after a crash the next one is higher than any that was ever announced.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { EpochStore } from '../adapters/metatrader/session.ts';
import { writeFileDurably } from '../adapters/secrets/durableFile.ts';

export const EPOCHS_FILE = 'mt5-epochs.json';
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const schema = z.strictObject({
  version: z.literal(1),
  epochs: z.record(z.string(), count),
  presses: z.record(z.string(), z.strictObject({ bootId: z.string(), presses: count })).default({}),
});
type Kept = Omit<z.infer<typeof schema>, 'version'>;

/** @throws Error naming the file when it is there but unreadable: an epoch must never start over unnoticed. */
export const openEpochFile = (dataDir: string): Required<EpochStore> => {
  const file = path.join(dataDir, EPOCHS_FILE);
  let kept: Kept = { epochs: {}, presses: {} };
  try {
    const { epochs, presses } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    kept = { epochs, presses };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error(`${file}: is damaged; delete it, then restart the EAs so that they say hello again`, { cause: error });
  }
  const keep = (next: Kept): void => {
    writeFileDurably(file, `${JSON.stringify({ version: 1, ...next })}\n`);
    kept = next;
  };
  const last = (venueId: string): number => kept.epochs[venueId] ?? 0;
  return {
    last,
    next(venueId) {
      keep({ ...kept, epochs: { ...kept.epochs, [venueId]: last(venueId) + 1 } });
      return last(venueId);
    },
    presses: (venueId) => kept.presses[venueId] ?? null,
    rememberPresses: (venueId, bootId, presses) => keep({ ...kept, presses: { ...kept.presses, [venueId]: { bootId, presses } } }),
  };
};
