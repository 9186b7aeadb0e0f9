/**
 * From a quote to the first byte of an order on a socket, through the whole engine and the durable commit, at 1,000 to
 * 50,000 quotes a second; the same engine without a ledger, and append + fdatasync at the same pace, as floors. And the
 * kill: from the command to the closed gate, and to the last cancel written, while 50,000 quotes a second arrive.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext, BenchItem } from '../item.ts';
import { commanded, commandedInTime, startLiveEngine, type LiveEngine } from '../liveEngine.ts';
import { quantileOf, sortedOf } from '../rounds.ts';
import { atMost, figure, figureRow, type Row } from '../verdict.ts';

const ITEM = 'orders';
const PAIRS = 50;
const RATES = [1_000, 10_000, 50_000] as const;
const CROSSINGS_PER_SECOND = 10;
const SETTLE_MS = 700;
/** What an event with an intent, a group and an order takes in the journal, about. */
const ROW_BYTES = 4_096;
type Way = 'full' | 'normal' | 'none';
const WAYS: readonly Way[] = ['full', 'normal', 'none'];
const LABEL: Record<Way, string> = { full: 'FULL', normal: 'NORMAL', none: 'no ledger' };

const monoUs = (): number => Number(process.hrtime.bigint() / 1_000n);
const performanceUs = (): number => performance.now() * 1_000;
const p50 = (values: readonly number[]): number => quantileOf(sortedOf(values), 0.5);
const p99 = (values: readonly number[]): number => quantileOf(sortedOf(values), 0.99);
const both = (values: readonly number[]): string => `${figure(p50(values))} / ${figure(p99(values))} µs`;

interface Taken {
  /** From the receipt of the quote; from its sending by the other process. */
  readonly received: readonly number[];
  readonly sent: readonly number[];
  readonly crossings: number;
}

const run = async (engine: LiveEngine, way: Way, quotesPerSecond: number, seconds: number): Promise<Taken> => {
  const received: number[] = [];
  const sent: number[] = [];
  let steppedUs = Number.NaN;
  let quoteId = 0;
  engine.durability = way;
  engine.order({ do: 'pace', quotesPerSecond, crossingsPerSecond: CROSSINGS_PER_SECOND });
  await pause(SETTLE_MS);
  engine.onStep = (event) => {
    if (event.type !== 'quote') return;
    steppedUs = event.receivedMonoUs;
    quoteId = Number(event.updateId);
  };
  for (const gateway of engine.gateways)
    gateway.onOrder = ({ purpose, leg }) => {
      // Leg a is first, and its order leaves in the turn of the quote that led to it.
      if (purpose !== 'open' || leg !== 'a') return;
      received.push(performanceUs() - steppedUs);
      sent.push(monoUs() - quoteId);
    };
  await pause(seconds * 1_000);
  const { crossings } = await engine.rest();
  await pause(150);
  if (received.length === 0)
    throw new Error(`no order left at ${quotesPerSecond} quotes/s (${LABEL[way]}): ${engine.stopped ?? 'nothing crossed'}`);
  engine.onStep = null;
  engine.durability = null;
  for (const gateway of engine.gateways) gateway.onOrder = null;
  return { received, sent, crossings: crossings - Math.round((SETTLE_MS / 1_000) * CROSSINGS_PER_SECOND) };
};

/** Append + fdatasync, one each tenth of a second, as orders come. */
const pacedFloor = async (scratch: string, count: number): Promise<readonly number[]> => {
  const descriptor = openSync(join(scratch, 'orders-floor.log'), 'a');
  const row = Buffer.alloc(ROW_BYTES, 'x');
  const costs: number[] = [];
  try {
    for (let i = 0; i < count; i++) {
      await pause(1_000 / CROSSINGS_PER_SECOND);
      const began = performanceUs();
      writeSync(descriptor, row);
      fdatasyncSync(descriptor);
      costs.push(performanceUs() - began);
    }
  } finally {
    closeSync(descriptor);
  }
  return costs;
};

const rowsOf = (rate: number, taken: Readonly<Record<Way, Taken>>, floor: readonly number[]): readonly Row[] => {
  const label = `${rate.toLocaleString('en-US')} quotes/s`;
  const rows = WAYS.map((way): Row => {
    const { received, sent, crossings } = taken[way];
    return {
      item: ITEM,
      what: `${label}: received → first order written (${LABEL[way]}), p50 / p99`,
      goal: '',
      measured: both(received),
      verdict: 'no goal',
      note: `sent → written ${both(sent)}; ${received.length} orders of about ${crossings} crossings`,
      figures: { p50: p50(received), p99: p99(received), sentP50: p50(sent), sentP99: p99(sent), orders: received.length },
    };
  });
  const ratio = p50(taken.full.received) / (p50(taken.none.received) + p50(floor));
  const note = `paced append + fdatasync ${both(floor)}`;
  return [...rows, figureRow(ITEM, `${label}: FULL / (no ledger + paced fdatasync)`, ratio, '×', null, { note })];
};

/** A fresh engine a rate: one that has seen crossings for a minute takes them for ordinary, and rightly asks for more. */
const quotesToOrders = async (context: BenchContext): Promise<readonly Row[]> => {
  const seconds = context.quick ? 2 : 6;
  const rows: Row[] = [];
  const floor = await pacedFloor(context.scratch, context.quick ? 20 : 60);
  for (const rate of RATES) {
    const taken = await measured(context, 1, async (engine) => {
      await engine.arm();
      const ways = {} as Record<Way, Taken>;
      for (const way of WAYS) ways[way] = await run(engine, way, rate, seconds);
      return ways;
    });
    rows.push(...rowsOf(rate, taken, floor));
  }
  return rows;
};

const KILL_PAIRS = 10;
const REST_DEADLINE_MS = 5_000;

const restingOf = (engine: LiveEngine): number => engine.gateways.reduce((sum, { resting }) => sum + resting.size, 0);

/** Every crossing pair has an order resting on each side. */
const restOrders = async (engine: LiveEngine): Promise<void> => {
  const giveUpMs = performance.now() + REST_DEADLINE_MS;
  await commandedInTime(engine.runner, 'arm');
  while (restingOf(engine) < KILL_PAIRS) {
    if (performance.now() > giveUpMs) throw new Error(`only ${restingOf(engine)} orders came to rest`);
    engine.order({ do: 'cross', pairs: KILL_PAIRS });
    await pause(40);
  }
};

const kills = async (engine: LiveEngine, count: number): Promise<readonly Row[]> => {
  for (const gateway of engine.gateways) gateway.habit = 'rest';
  engine.order({ do: 'pace', quotesPerSecond: 50_000, crossingsPerSecond: 0 });
  await pause(SETTLE_MS);
  const toGate: number[] = [];
  const toCancel: number[] = [];
  const cancels: number[] = [];
  for (let n = 0; n < count; n++) {
    await restOrders(engine);
    const resting = restingOf(engine);
    let gateMs = Number.NaN;
    let cancelMs = Number.NaN;
    let written = 0;
    engine.onMode = () => {
      if (Number.isNaN(gateMs)) gateMs = performance.now();
    };
    for (const gateway of engine.gateways)
      gateway.onCancel = () => {
        cancelMs = performance.now();
        written += 1;
      };
    const beganMs = performance.now();
    await commanded(engine.runner, 'kill');
    const giveUpMs = performance.now() + REST_DEADLINE_MS;
    while (restingOf(engine) > 0 && performance.now() < giveUpMs) await pause(5);
    engine.onMode = null;
    if (restingOf(engine) > 0) throw new Error(`${restingOf(engine)} of ${resting} orders were not canceled`);
    toGate.push(gateMs - beganMs);
    toCancel.push(cancelMs - beganMs);
    cancels.push(written);
    await commandedInTime(engine.runner, 'reset');
  }
  await engine.rest();
  const worst = (values: readonly number[]): number => sortedOf(values).at(-1)!;
  const noteOf = (values: readonly number[]): string =>
    `p50 ${figure(p50(values))} ms of ${count} kills, ${Math.min(...cancels)}–${Math.max(...cancels)} working orders each`;
  return [
    figureRow(ITEM, 'kill → gate closed, at 50,000 quotes/s (worst)', worst(toGate), 'ms', atMost(5), { note: noteOf(toGate) }),
    figureRow(ITEM, 'kill → last cancel written, at 50,000 quotes/s (worst)', worst(toCancel), 'ms', atMost(50), {
      note: noteOf(toCancel),
    }),
  ];
};

const measured = async <T>(context: BenchContext, paying: number, work: (engine: LiveEngine) => Promise<T>): Promise<T> => {
  const engine = await startLiveEngine(PAIRS, context.scratch, paying);
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
};

export const ordersItem: BenchItem = {
  name: ITEM,
  title: `quote to order and kill to cancel, real sockets, ${PAIRS} pairs, ${CROSSINGS_PER_SECOND} crossings/s`,
  async run(context: BenchContext) {
    const orders = await quotesToOrders(context);
    const stops = await measured(context, KILL_PAIRS, (engine) => kills(engine, context.quick ? 5 : 20));
    return [...orders, ...stops];
  },
};
