import { expect, test } from 'vitest';
import { CHECKPOINT_EVERY_US, createHousekeeping, LEASE_EVERY_US } from './housekeeping.ts';

test('each duty is done in its own rhythm, and pruning never together with a checkpoint', () => {
  const done: { readonly duty: string; readonly atUs: number }[] = [];
  let atUs = 0;
  const note = (duty: string) => () => {
    done.push({ duty, atUs });
    return 0;
  };
  const keepHouse = createHousekeeping(
    { flushSamples: note('samples'), ledger: { renewLease: note('lease'), prune: note('prune'), checkpoint: note('checkpoint') } },
    0,
  );
  for (atUs = 0; atUs <= 10 * CHECKPOINT_EVERY_US; atUs += 100_000) keepHouse(atUs);
  const times = (duty: string) => done.filter((one) => one.duty === duty).map((one) => one.atUs);
  expect(times('samples')).toHaveLength(600);
  expect(times('lease')).toHaveLength((10 * CHECKPOINT_EVERY_US) / LEASE_EVERY_US);
  expect(times('checkpoint')).toHaveLength(10);
  expect(times('prune')).toHaveLength(10);
  expect(times('prune').filter((at) => times('checkpoint').includes(at))).toEqual([]);
});
