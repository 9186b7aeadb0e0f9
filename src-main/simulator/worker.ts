/**
 * A child process that runs seeds it is sent, one after the other. With a planted bug it changes the production source at
 * load: hence everything of the engine is imported after the hook is in place.
 */
import { plantBug } from './bugs/plant.ts';
import type { Plan } from './plan.ts';

/** One run, asked for by seed or by a whole plan. */
export interface Job {
  readonly seed: number;
  readonly minutes: number;
  /** In place of the plan that the seed would give. */
  readonly plan?: Plan;
  /** Compares a replay with the state at the end. */
  readonly replays: boolean;
}

const bug = process.argv.indexOf('--bug');
if (bug >= 0) plantBug(process.argv[bug + 1] ?? '');

const { simulate } = await import('./simulation.ts');
const { createScratch } = await import('./scratch.ts');
const { drawPlan } = await import('./plan.ts');

const scratch = createScratch();
process.once('exit', () => scratch.remove());
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(1));

const perform = async ({ seed, minutes, plan, replays }: Job): Promise<void> => {
  const report = await simulate(plan ?? drawPlan(seed, minutes), { scratch, replays });
  process.send?.(report);
};
let last: Promise<void> = Promise.resolve();
process.on('message', (job: Job) => {
  last = last
    .then(() => perform(job))
    .catch((cause: unknown) => {
      console.error(cause);
      process.exit(1);
    });
});
