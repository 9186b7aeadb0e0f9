/**
 * The simulator from the command line: runs seeds, prints what was covered and what was violated, and cuts a failing
 * schedule down to a short one. Exit code 1 = an invariant broke, or a planted bug was not caught.
 */
import { parseArgs } from 'node:util';
import { huntBugs } from './bugs/hunt.ts';
import { addCells, coverageTable, type Cells } from './coverage.ts';
import { runCrew } from './crew.ts';
import { describePlan, drawPlan, type Plan } from './plan.ts';
import { createScratch } from './scratch.ts';
import { shrink } from './shrink.ts';
import { INVARIANTS } from './oracle/violation.ts';
import { simulate, type RunReport } from './simulation.ts';
import type { Job } from './worker.ts';

const DEFAULT_MINUTES = 1;
const MAX_MINUTES = 600;
/** Every so many seeds a run is replayed from its journal (I9). */
const REPLAY_EVERY = 10;
const SHRINK_RUNS = 150;

const USAGE = `Usage: npm run simulate -- [options]

  --seeds N      how many runs (200)
  --seed S       the first one (1); a run is wholly made by its seed and its minutes
  --minutes M    virtual minutes of trouble a run, at most ${MAX_MINUTES} (${DEFAULT_MINUTES}); then faults stop
  --workers W    processes at once (2)
  --coverage     print how often each fault met each state
  --trace        tell the whole story of one seed
  --failures F   stop after so many violations (5)
  --no-shrink    do not look for the shortest failing schedule
  --bugs         plant known mistakes into the source, and see each caught
  --only WORDS   of those, only the ones whose name contains this
  --json         one document instead of lines
`;

const usageFault = (text: string): never => {
  console.error(`${text}\n\n${USAGE}`);
  process.exit(2);
};

const OPTIONS = {
  seeds: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
  minutes: { type: 'string', default: String(DEFAULT_MINUTES) },
  workers: { type: 'string', default: '2' },
  coverage: { type: 'boolean', default: false },
  bugs: { type: 'boolean', default: false },
  only: { type: 'string' },
  failures: { type: 'string', default: '5' },
  trace: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  'no-shrink': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const readOptions = () => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return usageFault((error as Error).message);
  }
};

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const values = readOptions();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const whole = (name: 'seeds' | 'seed' | 'workers' | 'failures'): number => {
  const value = Number(values[name]);
  return Number.isInteger(value) && value >= 0 ? value : usageFault(`--${name} must be a whole number, not "${values[name]}"`);
};
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= MAX_MINUTES)) usageFault(`--minutes must be above 0 and at most ${MAX_MINUTES}, not "${values.minutes}"`);

interface Totals {
  runs: number;
  simulatedMs: number;
  events: number;
  lives: number;
  orders: number;
  trades: number;
  groups: Record<string, number>;
  cells: Cells;
  failures: RunReport[];
}

const commandOf = (seed: number): string => `npm run simulate -- --seeds 1 --seed ${seed} --minutes ${minutes}`;

const add = (totals: Totals, report: RunReport): void => {
  totals.runs += 1;
  totals.simulatedMs += report.simulatedMs;
  totals.events += report.events;
  totals.lives += report.lives;
  totals.orders += report.orders;
  totals.trades += report.trades;
  addCells(totals.groups, report.groups);
  addCells(totals.cells, report.cells);
  if (report.violation !== null) totals.failures.push(report);
};

const firstWords = ({ seed, violation }: RunReport): string =>
  `seed ${seed}: ${violation!.invariant} broke at ${(violation!.atMs / 1_000).toFixed(3)} s: ${violation!.text}`;

const explain = async (report: RunReport): Promise<void> => {
  const { seed, violation } = report;
  console.log(`\n${firstWords(report)}`);
  console.log(`  ${violation!.invariant}: ${INVARIANTS[violation!.invariant]}`);
  console.log(`  ${violation!.invariant}: ${INVARIANTS[violation!.invariant]}`);
  console.log(`  again: ${commandOf(seed)} --trace`);
  if (values['no-shrink']) return;
  const scratch = createScratch();
  try {
    const run = (plan: Plan): Promise<RunReport> => simulate(plan, { scratch, replays: violation!.invariant === 'I9' });
    const shrunk = await shrink({ plan: drawPlan(seed, minutes), report }, { run, maxRuns: SHRINK_RUNS });
    console.log(`  shortest schedule found (${shrunk.runs} runs), ${shrunk.report.violation!.text}:`);
    for (const line of describePlan(shrunk.plan)) console.log(`    ${line}`);
  } finally {
    scratch.remove();
  }
};

const trace = async (seed: number): Promise<number> => {
  const scratch = createScratch();
  const plan = drawPlan(seed, minutes);
  for (const line of describePlan(plan)) console.log(line);
  const report = await simulate(plan, { scratch, replays: true, trace: (line) => console.log(line) });
  scratch.remove();
  const { cells: _, ...rest } = report;
  console.log(JSON.stringify(rest, null, 2));
  return report.violation === null ? 0 : 1;
};

const progress = (totals: Totals, begunMs: number): string => {
  const seconds = (performance.now() - begunMs) / 1_000;
  const hours = totals.simulatedMs / 3_600_000;
  return `${totals.runs} seeds, ${totals.failures.length} violations, ${(totals.runs / seconds).toFixed(1)} seeds/s, ${(hours / seconds).toFixed(3)} simulated h/s`;
};

const runSeeds = async (): Promise<number> => {
  const totals: Totals = { runs: 0, simulatedMs: 0, events: 0, lives: 0, orders: 0, trades: 0, groups: {}, cells: {}, failures: [] };
  const first = whole('seed');
  const count = whole('seeds');
  const jobs = Array.from({ length: count }, (_, n): Job => ({ seed: first + n, minutes, replays: (first + n) % REPLAY_EVERY === 0 }));
  const begunMs = performance.now();
  let toldMs = begunMs;
  await runCrew(jobs, {
    workers: Math.max(1, Math.min(whole('workers'), count)),
    enough: (report) => {
      add(totals, report);
      if (!values.json && report.violation !== null) console.error(firstWords(report));
      if (!values.json && performance.now() - toldMs > 10_000) {
        toldMs = performance.now();
        console.error(progress(totals, begunMs));
      }
      return totals.failures.length >= whole('failures');
    },
  });
  if (values.json) {
    console.log(JSON.stringify({ ...totals, seconds: (performance.now() - begunMs) / 1_000, first, minutes }));
    return totals.failures.length === 0 ? 0 : 1;
  }
  console.log(progress(totals, begunMs));
  const groups = Object.entries(totals.groups).map(([state, n]) => `${n} ${state}`);
  console.log(
    `${totals.orders} orders, ${totals.trades} fills, ${totals.lives} lives, ${totals.events} events; groups: ${groups.join(', ') || 'none'}`,
  );
  if (values.coverage) for (const line of coverageTable(totals.cells)) console.log(line);
  for (const failure of totals.failures) await explain(failure);
  return totals.failures.length === 0 ? 0 : 1;
};

if (values.bugs) process.exitCode = await huntBugs({ workers: whole('workers'), only: values.only ?? null, minutes });
else process.exitCode = values.trace ? await trace(whole('seed')) : await runSeeds();
