/**
 * From a frame on the wire to an intent that is safe in the ledger, through real sockets and the whole engine, at 1,000 to
 * 50,000 quotes a second. Intents come ten a second at most, as they do in life: a path that is hammered is flattered.
 * And the kill switch under the heaviest load: from the command to the committed latch.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { measureFdatasync } from '../environment.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { commanded, commandedInTime, startLiveEngine, type LiveEngine } from '../liveEngine.ts';
import { quantileOf, sortedOf } from '../rounds.ts';
import { atLeast, atMost, figure, figureRow, type Row } from '../verdict.ts';

const ITEM = 'tick';
const PAIRS = 50;
const RATES = [1_000, 10_000, 50_000] as const;
const CROSSINGS_PER_SECOND = 10;
const SETTLE_MS = 700;

const monoUs = (): number => Number(process.hrtime.bigint() / 1_000n);
const performanceUs = (): number => performance.now() * 1_000;

interface Taken {
  readonly stepWire: number[];
  readonly internal: number[];
  readonly wire: number[];
  readonly crossings: number;
  readonly intents: number;
  readonly stepped: number;
  readonly received: number;
  readonly conflated: number;
  readonly sent: number;
  readonly cpuShare: number;
}

const p = (values: readonly number[]): string => {
  const sorted = sortedOf(values);
  return `${figure(quantileOf(sorted, 0.5))} / ${figure(quantileOf(sorted, 0.99))} µs`;
};

const run = async (engine: LiveEngine, quotesPerSecond: number, seconds: number): Promise<Taken> => {
  const stepWire: number[] = [];
  const internal: number[] = [];
  const wire: number[] = [];
  let stepped = 0;
  engine.order({ do: 'pace', quotesPerSecond, crossingsPerSecond: CROSSINGS_PER_SECOND });
  await pause(SETTLE_MS);
  const before = engine.runner.metricsSnapshot();
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  engine.onStep = (event) => {
    stepped += 1;
    // One in eight is plenty, and costs the engine little.
    if (event.type === 'quote' && stepped % 8 === 0) stepWire.push(monoUs() - Number(event.updateId));
  };
  engine.onIntent = (event) => {
    if (event.type !== 'quote') return;
    wire.push(monoUs() - Number(event.updateId));
    internal.push(performanceUs() - event.receivedMonoUs);
  };
  await pause(seconds * 1_000);
  const used = process.cpuUsage(cpu);
  const cpuShare = (used.user + used.system) / 1_000 / (performance.now() - beganMs);
  const after = engine.runner.metricsSnapshot();
  // A crossing that was sent at the very end is still under way.
  const { sent, crossings } = await engine.rest();
  await pause(50);
  engine.onStep = engine.onIntent = null;
  return {
    stepWire,
    internal,
    wire,
    stepped,
    sent,
    crossings: crossings - Math.round((SETTLE_MS / 1_000) * CROSSINGS_PER_SECOND),
    intents: wire.length,
    received: after.quotesReceived - before.quotesReceived,
    conflated: after.quotesConflated - before.quotesConflated,
    cpuShare,
  };
};

const rowsOf = (rate: number, taken: Taken): Row[] => {
  const label = `${rate.toLocaleString('en-US')} quotes/s`;
  const got = `${taken.intents} intents, ${taken.received.toLocaleString('en-US')} quotes, ${figure((taken.conflated / Math.max(1, taken.received)) * 100)} % conflated, ${figure(taken.cpuShare * 100)} % of a core`;
  const row = (what: string, values: readonly number[], note?: string): Row => ({
    item: ITEM,
    what: `${label}: ${what}, p50 / p99`,
    goal: '',
    measured: p(values),
    verdict: 'no goal',
    ...(note === undefined ? {} : { note }),
  });
  return [
    row('sent → stepped', taken.stepWire),
    row('received → intent committed (NORMAL)', taken.internal, got),
    row('sent → intent committed (NORMAL)', taken.wire),
    figureRow(
      ITEM,
      `${label}: intents / crossings sent`,
      Math.min(1, taken.intents / taken.crossings) * 100,
      '%',
      rate === 50_000 ? atLeast(99) : null,
      {
        note: `${taken.intents} of about ${taken.crossings}`,
      },
    ),
  ];
};

const withFull = async (engine: LiveEngine, context: BenchContext, normal: Taken, seconds: number): Promise<Row> => {
  engine.durability = 'full';
  const full = await run(engine, 1_000, seconds);
  engine.durability = null;
  const floorUs = measureFdatasync(context.scratch).p50;
  const median = (values: readonly number[]): number => quantileOf(sortedOf(values), 0.5);
  const ratio = median(full.internal) / (median(normal.internal) + floorUs);
  return figureRow(ITEM, '1,000 quotes/s: FULL / (NORMAL + fdatasync)', ratio, '×', atMost(1.4), {
    note: `${p(full.internal)} with FULL; fdatasync ${floorUs} µs back to back`,
  });
};

const KILLS = 20;

const kills = async (engine: LiveEngine): Promise<Row> => {
  engine.order({ do: 'pace', quotesPerSecond: 50_000, crossingsPerSecond: 0 });
  await pause(SETTLE_MS);
  const costs: number[] = [];
  for (let n = 0; n < KILLS; n++) {
    const beganMs = performance.now();
    await commanded(engine.runner, 'kill');
    costs.push(performance.now() - beganMs);
    await commandedInTime(engine.runner, 'reset');
    await pause(20);
  }
  await engine.rest();
  const sorted = sortedOf(costs);
  return figureRow(ITEM, 'kill command → latch committed, at 50,000 quotes/s (worst)', sorted.at(-1)!, 'ms', atMost(5), {
    note: `p50 ${figure(quantileOf(sorted, 0.5))} ms of ${KILLS}, committed FULL`,
  });
};

export const tickItem: BenchItem = {
  name: ITEM,
  title: `tick to effect, real sockets, ${PAIRS} pairs, ${CROSSINGS_PER_SECOND} crossings/s (up to the committed intent, disarmed; orders are their own item)`,
  async run(context: BenchContext) {
    const engine = await startLiveEngine(PAIRS, context.scratch);
    const seconds = context.quick ? 2 : 6;
    try {
      const rows: Row[] = [];
      let first: Taken | null = null;
      for (const rate of RATES) {
        const taken = await run(engine, rate, seconds);
        first ??= taken;
        rows.push(...rowsOf(rate, taken));
      }
      rows.push(await withFull(engine, context, first!, seconds), await kills(engine));
      return rows;
    } finally {
      await engine.stop();
    }
  },
};
