/** Runs every planted bug until the simulator catches it, and says by which invariant and after how many seeds. */
import { runCrew } from '../crew.ts';
import type { Invariant } from '../oracle/violation.ts';
import type { Job } from '../worker.ts';
import { BUGS, type PlantedBug } from './bugs.ts';
import { CATCHING_SEEDS } from './seeds.ts';

/** A bug counts as caught only by an invariant that it is expected to break. One that lives through so many seeds counts as not caught. */
export const MAX_SEEDS_A_BUG = 800;

export interface Catch {
  readonly bug: PlantedBug;
  /** null = not caught. */
  readonly by: Invariant | null;
  readonly text: string;
  /** Seeds until then, the catching one included. */
  readonly seeds: number;
  readonly seed: number;
}

export interface HuntOptions {
  readonly workers: number;
  readonly minutes: number;
  readonly only: string | null;
}

/** Tries the seed that is known to catch it first, and all the others only when that one no longer does. */
export const huntOne = async (bug: PlantedBug, workers: number, minutes: number): Promise<Catch> => {
  const known = CATCHING_SEEDS[bug.name];
  if (known !== undefined) {
    const caught = await huntWith(bug, [known], 1, minutes);
    if (caught.by !== null) return caught;
  }
  return huntAfresh(bug, workers, minutes);
};

/** Every seed in order, as if none were known. */
export const huntAfresh = (bug: PlantedBug, workers: number, minutes: number): Promise<Catch> =>
  huntWith(
    bug,
    Array.from({ length: MAX_SEEDS_A_BUG }, (_, n) => n + 1),
    workers,
    minutes,
  );

const huntWith = async (bug: PlantedBug, seeds: readonly number[], workers: number, minutes: number): Promise<Catch> => {
  const jobs = seeds.map((seed): Job => ({ seed, minutes: bug.minutes ?? minutes, replays: bug.expected.includes('I9') }));
  let caught: Catch = { bug, by: null, text: 'not caught', seeds: seeds.length, seed: 0 };
  let runs = 0;
  await runCrew(jobs, {
    workers,
    bug: bug.name,
    enough: ({ violation, seed }) => {
      runs += 1;
      if (violation === null || caught.by !== null || !bug.expected.includes(violation.invariant)) return caught.by !== null;
      caught = { bug, by: violation.invariant, text: violation.text, seeds: runs, seed };
      return true;
    },
  });
  return caught;
};

export const lineOf = ({ bug, by, seeds, seed, text }: Catch): string =>
  `${bug.name.padEnd(44)} ${(by ?? 'NOT CAUGHT').padEnd(11)} ${String(seeds).padStart(5)} ${String(seed).padStart(6)}  ${text.slice(0, 110)}`;

export const huntBugs = async ({ workers, minutes, only }: HuntOptions): Promise<number> => {
  console.log(`${'planted bug'.padEnd(44)} ${'caught by'.padEnd(11)} seeds   seed  first words`);
  let missed = 0;
  for (const bug of BUGS) {
    if (only !== null && !bug.name.includes(only)) continue;
    const caught = await huntAfresh(bug, workers, minutes);
    console.log(lineOf(caught));
    if (caught.by === null) missed += 1;
  }
  console.log(missed === 0 ? 'every planted bug was caught' : `${missed} planted bugs were not caught`);
  return missed === 0 ? 0 : 1;
};
