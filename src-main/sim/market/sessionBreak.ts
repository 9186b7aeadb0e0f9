/**
 * The daily break of a gold-like market, compressed so that a demo shows it. Owns when it is and how much wider quotes
 * get around it (brokers quote about ten times the usual width then).
 */

export interface SessionBreakPlan {
  /** From the end of one cycle to the end of the next. */
  readonly everyMs: number;
  readonly breakMs: number;
  /** Wide quotes before and after the break. */
  readonly shoulderMs: number;
  readonly widthFactor: number;
}

export interface BreakState {
  readonly closed: boolean;
  readonly widthFactor: number;
}

const OPEN: BreakState = { closed: false, widthFactor: 1 };

export const breakAt = (plan: SessionBreakPlan | undefined, atMs: number): BreakState => {
  if (plan === undefined) return OPEN;
  const inCycle = atMs % plan.everyMs;
  const closes = plan.everyMs - plan.breakMs - plan.shoulderMs;
  const opens = closes + plan.breakMs;
  if (inCycle >= closes && inCycle < opens) return { closed: true, widthFactor: plan.widthFactor };
  if (inCycle >= closes - plan.shoulderMs) return { closed: false, widthFactor: plan.widthFactor };
  return OPEN;
};
