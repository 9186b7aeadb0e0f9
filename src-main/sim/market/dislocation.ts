/**
 * Moments in which one venue leaves the others. Owns when, how far and in which shape; a dislocation is what a hedger
 * waits for. Drawn in order of time from one stream, so the schedule does not depend on who looks at it, or when.
 */
import type { RandomStream } from '../random.ts';

export interface DislocationPlan {
  /** `SYMBOL@venue` of the one that leaves. */
  readonly instrument: string;
  readonly firstMs: number;
  readonly minGapMs: number;
  readonly maxGapMs: number;
  readonly minBps: number;
  readonly maxBps: number;
  readonly minHoldMs: number;
  readonly maxHoldMs: number;
}

interface Dislocation {
  readonly fromMs: number;
  readonly holdMs: number;
  /** Signed: above or below the others. */
  readonly bps: number;
}

export interface DislocationSchedule {
  readonly plan: DislocationPlan;
  readonly random: RandomStream;
  current: Dislocation;
}

const RAMP_MS = 300;
const DECAY_MS = 600;
const TAIL_DECAYS = 8;

const draw = (plan: DislocationPlan, random: RandomStream, fromMs: number): Dislocation => {
  const size = plan.minBps + random.uniform() * (plan.maxBps - plan.minBps);
  return {
    fromMs,
    holdMs: plan.minHoldMs + random.uniform() * (plan.maxHoldMs - plan.minHoldMs),
    bps: random.uniform() < 0.5 ? size : -size,
  };
};

export const scheduleOf = (plan: DislocationPlan, random: RandomStream): DislocationSchedule => ({
  plan,
  random,
  current: draw(plan, random, plan.firstMs),
});

const endOf = (d: Dislocation): number => d.fromMs + RAMP_MS + d.holdMs + DECAY_MS * TAIL_DECAYS;

/** How far the instrument is away at `atMs`; times must not go back. */
export const dislocationBps = (schedule: DislocationSchedule, atMs: number): number => {
  const { plan, random } = schedule;
  while (atMs >= endOf(schedule.current)) {
    const gap = plan.minGapMs + random.uniform() * (plan.maxGapMs - plan.minGapMs);
    schedule.current = draw(plan, random, endOf(schedule.current) + gap);
  }
  const d = schedule.current;
  const since = atMs - d.fromMs;
  if (since <= 0) return 0;
  if (since < RAMP_MS) return (d.bps * since) / RAMP_MS;
  const after = since - RAMP_MS - d.holdMs;
  return after <= 0 ? d.bps : d.bps * Math.exp(-after / DECAY_MS);
};
