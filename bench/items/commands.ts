/**
 * Commands to MetaTrader through the real EA program: from being placed to being in the EA's hands, at a 20 ms timer and several rates
 * of ticks; and thousands over a road that loses, doubles, delays and forges, counted by the oracle. Floors are of the same run: the
 * timer's own expectation, and the broker's round trip. `--commands N` sets how many.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { buildEa, compilerVersion } from '../../mql5/tests/build.ts';
import type { Placed } from '../../mql5/tests/engineSide.ts';
import type { RoadFault } from '../../mql5/tests/proxy.ts';
import { buildWorld, GOLD_THERE, type World } from '../../mql5/tests/world.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { quantileOf, sortedOf } from '../rounds.ts';
import { atMost, figure, figureRow, skippedRow, type Row } from '../verdict.ts';

const ITEM = 'commands';
const TIMER_MS = 20;
/** A timer of the terminal wakes in steps of about so much (reference: 15 to 32 ms were seen at 20). */
const TICK_RATES = [0, 10, 100] as const;
const BROKER_MS = 10;
const MAX_GAP_MS = 60;
const IN_FLIGHT = 8;
const MANY = 10_000;
/** An account's history is searched for every command: a day of trading, and not a year. */
const A_WORLD = 500;
const VALIDITY_MS = 60_000;
const ROAD: Partial<Readonly<Record<RoadFault, number>>> = {
  'lose-request': 0.005,
  'lose-reply': 0.005,
  'delay-request': 0.01,
  'delay-reply': 0.01,
  double: 0.02,
  overtaken: 0.005,
  'cut-request': 0.002,
  'cut-reply': 0.002,
  'garble-reply': 0.003,
  'old-reply': 0.003,
  'unsigned-reply': 0.003,
  'gateway-error': 0.002,
};

interface Times {
  readonly pickup: readonly number[];
  readonly answer: readonly number[];
}

/** What the engine wrote down itself, ms. */
const timesOf = (world: World, after: number): Times => {
  const db = new DatabaseSync(world.engine.ledgerFile, { readOnly: true });
  try {
    const rows = db
      .prepare(
        'SELECT queued_unix_ms AS q, delivered_unix_ms AS d, acknowledged_unix_ms AS a FROM terminal_commands WHERE number > ? AND delivered_unix_ms IS NOT NULL AND acknowledged_unix_ms IS NOT NULL',
      )
      .all(after) as unknown as readonly { q: number; d: number; a: number }[];
    return { pickup: rows.map(({ q, d }) => d - q), answer: rows.map(({ d, a }) => a - d) };
  } finally {
    db.close();
  }
};

const countOf = (world: World): number => {
  const db = new DatabaseSync(world.engine.ledgerFile, { readOnly: true });
  try {
    return (db.prepare('SELECT coalesce(max(number), 0) AS n FROM terminal_commands').get() as unknown as { n: number }).n;
  } finally {
    db.close();
  }
};

/** Quotes of the chart's symbol at a rate; at 0 just often enough that the last one stays fresh. */
const ticking = (world: World, perSecond: number): (() => void) => {
  world.quoting = false;
  let n = 0;
  const timer = setInterval(
    () => {
      n += 1;
      const wave = (n % 5) / 100;
      world.broker.setQuote(GOLD_THERE, (world.mid - 0.1 + wave).toFixed(2), (world.mid + 0.1 + wave).toFixed(2));
    },
    perSecond === 0 ? 3_000 : 1_000 / perSecond,
  );
  return () => clearInterval(timer);
};

/** Opens and closes by turns, so that nothing piles up. */
const alternate = (world: World): (() => Placed) => {
  const closing = new Set<number>();
  return () => {
    const held = [...world.broker.accountBook(world.login).positions.values()].find(
      ({ identifier, magic }) => magic > 0 && !closing.has(identifier),
    );
    if (held === undefined || world.broker.accountBook(world.login).positions.size < IN_FLIGHT)
      return world.engine.place({ side: 'buy', lots: '0.01', limitPx: '4010.00', validityMs: VALIDITY_MS });
    closing.add(held.identifier);
    return world.engine.place({
      side: 'sell',
      lots: '0.01',
      limitPx: '3990.00',
      positionId: String(held.identifier),
      validityMs: VALIDITY_MS,
    });
  };
};

const pickupAt = async (world: World, rate: number, count: number): Promise<Times> => {
  const stop = ticking(world, rate);
  await pause(300);
  const before = countOf(world);
  const next = alternate(world);
  for (let n = 0; n < count; n += 1) {
    await next().outcome;
    await pause(Math.random() * MAX_GAP_MS);
  }
  stop();
  world.quoting = true;
  return timesOf(world, before);
};

const pickups = async (world: World, context: BenchContext): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const rate of TICK_RATES) {
    const { pickup, answer } = await pickupAt(world, rate, context.quick ? 60 : 400);
    const [sorted, answers] = [sortedOf(pickup), sortedOf(answer)];
    const [p50, p99] = [quantileOf(sorted, 0.5), quantileOf(sorted, 0.99)];
    rows.push(
      figureRow(ITEM, `placed → delivered to the EA, ${rate} ticks/s, p50`, p50, 'ms', null, {
        note: `${figure(p50 / (TIMER_MS / 2))} × half a timer; p99 ${figure(p99)} ms = ${figure(p99 / TIMER_MS)} × the timer; ${sorted.length} commands`,
        figures: { p50, p99, commands: sorted.length },
      }),
      figureRow(ITEM, `delivered → acknowledged, ${rate} ticks/s, p50`, quantileOf(answers, 0.5), 'ms', null, {
        note: `p99 ${figure(quantileOf(answers, 0.99))} ms; the broker's own round trip is ${BROKER_MS} ms`,
      }),
    );
  }
  return rows;
};

/** All of them, some at a time; each is waited for until the engine's side knows what became of it. */
const trade = async (world: World, commands: number): Promise<readonly Placed[]> => {
  const placed: Placed[] = [];
  const next = alternate(world);
  const worker = async (): Promise<void> => {
    while (placed.length < commands) {
      await world.engine.untilUp(60_000);
      const one = next();
      placed.push(one);
      await one.outcome;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return placed;
};

interface Count {
  commands: number;
  executed: number;
  twice: number;
  lost: number;
  tookMs: number;
  readonly wrong: string[];
  readonly faults: Record<string, number>;
}

/** One world's share, added to the count. */
const share = async (world: World, commands: number, count: Count, say: (line: string) => void): Promise<void> => {
  await world.trading();
  world.road.rates = ROAD;
  const beganMs = performance.now();
  const placed = await trade(world, commands);
  count.tookMs += performance.now() - beganMs;
  world.road.rates = {};
  for (const one of placed) {
    const known = await world.engine.settle(one, 60_000);
    const told = known.code === 'found' ? Number(known.report.filledQty) : 0;
    const executed = world.executedLots(one);
    if (told !== executed) count.lost += 1;
    if (executed > 0) count.executed += 1;
  }
  await world.agree().catch((error: unknown) => void count.wrong.push(String(error)));
  const magics = new Map<number, number>();
  const accepted = new Set(world.broker.audit().map(({ order }) => order));
  for (const { request, order } of world.broker.received())
    if (accepted.has(order)) magics.set(request.magic, (magics.get(request.magic) ?? 0) + 1);
  count.twice += [...magics.values()].filter((times) => times > 1).length;
  count.commands += placed.length;
  for (const [name, times] of Object.entries(world.road.counts)) if (times > 0) count.faults[name] = (count.faults[name] ?? 0) + times;
  say(`${count.commands} commands, ${count.executed} executed, ${count.twice} twice, ${count.lost} lost`);
};

const newWorld = (program: string, context: BenchContext, road: { readonly seed?: number; readonly maxDelayMs?: number }): Promise<World> =>
  buildWorld({
    program,
    folder: mkdtempSync(join(context.scratch, 'commands-')),
    brokerMs: BROKER_MS,
    road,
    inputs: { InpTimerMs: String(TIMER_MS), InpMaxQuoteAgeMs: '10000', InpMaxCommandsMinute: '100000' },
  });

const badRoad = async (program: string, commands: number, context: BenchContext): Promise<readonly Row[]> => {
  const count: Count = { commands: 0, executed: 0, twice: 0, lost: 0, tookMs: 0, wrong: [], faults: {} };
  for (let seed = 1; count.commands < commands; seed += 1) {
    const world = await newWorld(program, context, { seed, maxDelayMs: 60 });
    try {
      await share(world, Math.min(A_WORLD, commands - count.commands), count, context.say);
    } finally {
      await world.end();
    }
  }
  const eachMs = count.tookMs / count.commands;
  const faults = Object.entries(count.faults).map(([name, times]) => `${name} ${times}`);
  return [
    figureRow(ITEM, `${count.commands.toLocaleString('en-US')} commands on a bad road: executed twice`, count.twice, '', atMost(0), {
      note: `${count.executed.toLocaleString('en-US')} executed, in accounts of ${A_WORLD.toLocaleString('en-US')} commands; faults of the road: ${faults.join(', ')}`,
      figures: { ...count },
    }),
    figureRow(ITEM, 'the same: lost, or told otherwise than executed', count.lost, '', atMost(0)),
    figureRow(ITEM, 'the same: disagreements that the oracle finds', count.wrong.length, '', atMost(0), {
      note: count.wrong[0]?.slice(0, 300) ?? '',
    }),
    figureRow(ITEM, `the same: time a command, ${IN_FLIGHT} at a time`, eachMs, 'ms', null, {
      note: `${figure(eachMs / BROKER_MS)} × the broker's round trip, which the terminal waits for one by one`,
    }),
  ];
};

const wanted = (quick: boolean): number => {
  const at = process.argv.indexOf('--commands');
  const said = at < 0 ? Number.NaN : Number(process.argv[at + 1]);
  if (Number.isSafeInteger(said) && said > 0) return said;
  return quick ? 200 : MANY;
};

export const commandsItem: BenchItem = {
  name: ITEM,
  title: 'commands to MetaTrader through the real EA (broker, EA, road and engine side on this machine)',
  async run(context: BenchContext) {
    if (compilerVersion() === null) return [skippedRow(ITEM, 'commands through the EA', 'no g++ here')];
    const program = await buildEa({ sanitize: false });
    const rows: Row[] = [];
    const world = await newWorld(program, context, {});
    try {
      await world.trading();
      rows.push(...(await pickups(world, context)));
    } finally {
      await world.end();
    }
    return [...rows, ...(await badRoad(program, wanted(context.quick), context))];
  },
};
