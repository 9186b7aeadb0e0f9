/**
 * When something happens in the demo. Owns the timetable: the first dislocation comes once the demo's statistics have
 * warmed up, then one every half minute or so across the pairs; sizes pay after the fees `demoConfig.ts` declares.
 */
import type { DislocationPlan } from './dislocation.ts';
import type { Underlying } from './instruments.ts';
import type { SessionBreakPlan } from './sessionBreak.ts';

const plan = (instrument: string, firstMs: number, minBps: number, maxBps: number): DislocationPlan => ({
  instrument,
  firstMs,
  minGapMs: 100_000,
  maxGapMs: 180_000,
  minBps,
  maxBps,
  minHoldMs: 4_000,
  maxHoldMs: 9_000,
});

export const DEMO_DISLOCATIONS: readonly DislocationPlan[] = [
  plan('XAU-USDT-SWAP@okx', 28_000, 10, 16),
  plan('BTC-USDT-SWAP@okx', 52_000, 12, 18),
  plan('XAUUSDT@binance-usdm', 80_000, 10, 16),
  plan('BTCUSDT@binance-usdm', 105_000, 16, 24),
];

const restless = (instrument: string, firstMs: number): DislocationPlan => ({
  instrument,
  firstMs,
  minGapMs: 200,
  maxGapMs: 1_500,
  minBps: 14,
  maxBps: 26,
  minHoldMs: 500,
  maxHoldMs: 2_000,
});

/** For tests that need many hedges: somebody leaves the others at almost any moment, and comes back. */
export const RESTLESS_DISLOCATIONS: readonly DislocationPlan[] = [
  restless('XAU-USDT-SWAP@okx', 1_000),
  restless('BTC-USDT-SWAP@okx', 2_000),
  restless('XAUUSDT@binance-usdm', 4_000),
  restless('BTCUSDT@binance-usdm', 5_000),
];

/** A gold break of 20 s every 4 min stands for the broker's daily one. */
export const DEMO_BREAKS: Partial<Record<Underlying, SessionBreakPlan>> = {
  XAU: { everyMs: 240_000, breakMs: 20_000, shoulderMs: 10_000, widthFactor: 10 },
};
