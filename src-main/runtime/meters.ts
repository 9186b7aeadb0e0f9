/** The runner's own figures: rates, depths and latencies, for the console's engine row and for metrics. Counting only. */
import type { Clock } from './ports.ts';
import { createLatencyMeter, type LatencySummary } from './latency.ts';

export interface RuntimeMetrics {
  readonly quotesReceived: number;
  readonly quotesConflated: number;
  readonly quotesPerSecond: number;
  readonly eventsStepped: number;
  readonly eventsCommitted: number;
  readonly controlDepth: number;
  readonly controlDropped: number;
  readonly marketPending: number;
  readonly journalSeq: number;
  readonly step: LatencySummary;
  readonly commit: LatencySummary;
  /** From a quote's receipt (`receivedMonoUs`) to the end of its step. */
  readonly receiptToStep: LatencySummary;
  /** How late the 100 ms timer fires: what everything else on the event loop has to wait. */
  readonly timerLateness: LatencySummary;
  /** Share of time in which the event loop was busy since start, 0–1. */
  readonly loopUtilization: number;
  readonly tapeBytes: number;
  readonly tapeEndedBecause: string | null;
  readonly ledgerFault: string | null;
}

const RATE_SLOTS = 10;

/** Events a second over the last second, sampled by ten ticks of 100 ms. */
export const createRate = (clock: Clock) => {
  const counts = new Float64Array(RATE_SLOTS);
  const times = new Float64Array(RATE_SLOTS);
  let next = 0;
  let ticks = 0;
  let perSecond = 0;
  return {
    tick(total: number): void {
      const now = clock.monoUs();
      if (ticks > 0) {
        const oldest = ticks < RATE_SLOTS ? 0 : next;
        const passedUs = now - times[oldest]!;
        if (passedUs > 0) perSecond = ((total - counts[oldest]!) * 1_000_000) / passedUs;
      }
      counts[next] = total;
      times[next] = now;
      next = (next + 1) % RATE_SLOTS;
      ticks += 1;
    },
    get perSecond() {
      return perSecond;
    },
  };
};

export const createMeters = (clock: Clock) => {
  const since = performance.eventLoopUtilization();
  return {
    step: createLatencyMeter(),
    commit: createLatencyMeter(),
    receiptToStep: createLatencyMeter(),
    timerLateness: createLatencyMeter(),
    rate: createRate(clock),
    loopUtilization: (): number => performance.eventLoopUtilization(since).utilization,
  };
};
