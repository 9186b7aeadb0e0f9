import { expect, test } from 'vitest';
import { CHECKPOINT_EVERY_US, createHousekeeping, LEASE_EVERY_US, PRUNE_EVERY_US, SAMPLES_EVERY_US } from './housekeeping.ts';

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
  const untilUs = 10 * PRUNE_EVERY_US;
  for (atUs = 0; atUs <= untilUs; atUs += 100_000) keepHouse(atUs);
  const times = (duty: string) => done.filter((one) => one.duty === duty).map((one) => one.atUs);
  expect(times('samples')).toHaveLength(untilUs / SAMPLES_EVERY_US);
  expect(times('lease')).toHaveLength(untilUs / LEASE_EVERY_US);
  expect(times('checkpoint')).toHaveLength(untilUs / CHECKPOINT_EVERY_US);
  expect(times('prune')).toHaveLength(10);
  expect(times('prune').filter((at) => times('checkpoint').includes(at))).toEqual([]);
});
