/**
 * Cuts a failing schedule down: half the time, then piece by piece whatever can go, as long as the same invariant still
 * breaks. What is left is the shortest story of the failure that this way of cutting finds.
 */
import type { Plan } from './plan.ts';
import type { RunReport } from './simulation.ts';

export interface ShrinkOptions {
  readonly run: (plan: Plan) => Promise<RunReport>;
  /** Bound of the runs spent. */
  readonly maxRuns: number;
}

export interface Shrunk {
  readonly plan: Plan;
  readonly report: RunReport;
  readonly runs: number;
}

/** @param failed a plan and its report with a violation */
export const shrink = async (failed: { plan: Plan; report: RunReport }, { run, maxRuns }: ShrinkOptions): Promise<Shrunk> => {
  let { plan, report } = failed;
  const invariant = report.violation!.invariant;
  let runs = 0;
  const attempt = async (smaller: Plan): Promise<boolean> => {
    if (runs >= maxRuns) return false;
    runs += 1;
    const again = await run(smaller);
    if (again.violation?.invariant !== invariant) return false;
    plan = smaller;
    report = again;
    return true;
  };
  const within = (whole: Plan, troubleMs: number): Plan => ({
    ...whole,
    troubleMs,
    items: whole.items
      .filter((item) => item.atMs < troubleMs)
      .map((item) => (item.kind === 'fault' ? { ...item, forMs: Math.min(item.forMs, troubleMs - item.atMs) } : item)),
  });
  while (plan.troubleMs > 10_000 && (await attempt(within(plan, Math.round(plan.troubleMs / 2)))));
  // Large pieces first, then single ones, until nothing more can go.
  for (let size = Math.ceil(plan.items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < plan.items.length; ) {
      const items = [...plan.items.slice(0, at), ...plan.items.slice(at + size)];
      if (!(await attempt({ ...plan, items }))) at += size;
    }
  }
  return { plan, report, runs };
};
