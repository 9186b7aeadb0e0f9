/**
 * A few hundred seeds of the simulator against the production engine, the same every time; the coverage they give; that one
 * seed is one history; and that the oracle can fail at all. The planted bugs are in `bugs/bugs.test.ts`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCells, GROUP_STATES, groupCell, ORDER_STATES, orderCell, type Cells } from './coverage.ts';
import { runCrew } from './crew.ts';
import { FAULT_NAMES, HOST_FAULT_NAMES, TERMINAL_FAULT_NAMES, VENUE_FAULT_NAMES } from './faultKinds.ts';
import { describePlan, drawPlan, type Plan } from './plan.ts';
import { createScratch, type Scratch } from './scratch.ts';
import { shrink } from './shrink.ts';
import { simulate, type RunReport } from './simulation.ts';

const SEEDS = 240;
const MINUTES = 1;
const WORKERS = 2;
const DEADLINE_MS = 600_000;

describe('the production engine under simulated trouble', () => {
  const reports: RunReport[] = [];
  const cells: Cells = {};

  beforeAll(async () => {
    const jobs = Array.from({ length: SEEDS }, (_, n) => ({ seed: n + 1, minutes: MINUTES, replays: (n + 1) % 10 === 0 }));
    await runCrew(jobs, {
      workers: WORKERS,
      enough: (report) => {
        reports.push(report);
        return false;
      },
    });
    for (const report of reports) addCells(cells, report.cells);
  }, DEADLINE_MS);

  test(`${SEEDS} seeds break no invariant`, () => {
    const broken = reports.flatMap(({ seed, violation }) =>
      violation === null
        ? []
        : [`${violation.invariant}: ${violation.text} (npm run simulate -- --seeds 1 --seed ${seed} --minutes ${MINUTES} --trace)`],
    );
    expect(broken).toEqual([]);
    expect(reports.length).toBe(SEEDS);
  });

  test('they trade: groups open, close, are compensated, held and denied', () => {
    const groups: Record<string, number> = {};
    for (const report of reports) addCells(groups, report.groups);
    expect(groups['closed']).toBeGreaterThan(SEEDS);
    expect(groups['denied']).toBeGreaterThan(0);
    expect(reports.reduce((sum, report) => sum + report.trades, 0)).toBeGreaterThan(SEEDS * 10);
    expect(reports.filter((report) => report.lives > 1).length).toBeGreaterThan(SEEDS / 20);
  });

  test('every fault struck while groups and orders were under way', () => {
    const struck = (fault: (typeof FAULT_NAMES)[number]): number =>
      GROUP_STATES.reduce((sum, state) => sum + (cells[groupCell(state, fault)] ?? 0), 0);
    expect(FAULT_NAMES.filter((fault) => struck(fault) === 0)).toEqual([]);
  });

  test('no state of a group or an order was spared by venues, terminal and host alike', () => {
    const groupStates = ['opening', 'open', 'closing', 'compensating', 'operator-held'] as const;
    const orderStates = ['in-flight', 'working', 'unknown', 'filled', 'canceled', 'rejected', 'absent'] as const;
    const seen = (cell: (fault: (typeof FAULT_NAMES)[number]) => string, faults: typeof FAULT_NAMES): number =>
      faults.filter((fault) => (cells[cell(fault)] ?? 0) > 0).length;
    for (const state of groupStates) {
      expect(
        seen((fault) => groupCell(state, fault), VENUE_FAULT_NAMES),
        `group ${state}`,
      ).toBeGreaterThan(VENUE_FAULT_NAMES.length / 3);
      expect(
        seen((fault) => groupCell(state, fault), TERMINAL_FAULT_NAMES),
        `group ${state}`,
      ).toBeGreaterThan(0);
    }
    expect(seen((fault) => groupCell('open', fault), HOST_FAULT_NAMES)).toBeGreaterThan(HOST_FAULT_NAMES.length / 2);
    for (const state of orderStates)
      expect(
        seen((fault) => orderCell(state, fault), FAULT_NAMES),
        `order ${state}`,
      ).toBeGreaterThan(3);
    expect(GROUP_STATES.length + ORDER_STATES.length).toBe(16);
  });
});

describe('a run', () => {
  let scratch: Scratch;
  beforeAll(() => {
    scratch = createScratch();
  });
  afterAll(() => scratch.remove());

  test('is one history a seed', async () => {
    const plan = drawPlan(11, MINUTES);
    const first = await simulate(plan, { scratch, replays: true });
    const again = await simulate(plan, { scratch, replays: true });
    expect(again).toEqual(first);
    const other = await simulate(drawPlan(12, MINUTES), { scratch, replays: true });
    expect(other.digest).not.toBe(first.digest);
  });

  test('is a plan that people can read', () => {
    const plan = drawPlan(7, MINUTES);
    expect(describePlan(plan)).toHaveLength(plan.items.length + 1);
  });

  test('that fails is cut down to what matters', async () => {
    // A stand-in for the simulation: fails as soon as one certain fault is in the plan.
    const plan = drawPlan(3, 3);
    const culprit = plan.items.find((item) => item.kind === 'fault')!;
    const report = (failed: boolean): RunReport =>
      ({ seed: 3, violation: failed ? { invariant: 'I1', text: 'planted', atMs: 1 } : null }) as unknown as RunReport;
    const run = (candidate: Plan): Promise<RunReport> =>
      Promise.resolve(
        report(candidate.items.some((item) => item.kind === 'fault' && item.fault === culprit.fault && item.atMs === culprit.atMs)),
      );
    const shrunk = await shrink({ plan, report: report(true) }, { run, maxRuns: 200 });
    expect(shrunk.plan.items.map((item) => item.kind)).toEqual(['fault']);
    expect(shrunk.runs).toBeLessThanOrEqual(200);
  });
});
