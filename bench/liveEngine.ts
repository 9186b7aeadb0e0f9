/**
 * The engine as it runs, fed through real sockets: our feeds, runner, core and ledger in this process, both venues in
 * another. What is measured is taken where things really happen: at the step, and after the ledger's commit.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { engineSettingsOf } from '../src-shared/config/engineSettings.ts';
import { configSchema, type Config, type ConfigInput } from '../src-shared/config/schema.ts';
import { openLedger } from '../src-main/adapters/ledger/ledger.ts';
import { createExchangeFeed } from '../src-main/adapters/venues/feed.ts';
import { createEngine, step } from '../src-main/core/engine.ts';
import type { EngineEvent } from '../src-main/core/events.ts';
import { systemClock } from '../src-main/runtime/clock.ts';
import { createDispatcher } from '../src-main/runtime/dispatcher.ts';
import type { Durability, Ledger } from '../src-main/runtime/ports.ts';
import { createRunner, type Runner } from '../src-main/runtime/runner.ts';
import { startChild, type Child } from './child.ts';
import type { VenueAnswer, VenueOrder } from './children/venueServer.ts';
import { connectSink, createSocketGateway, type SocketGateway } from './socketGateway.ts';
import { VENUES } from './world.ts';

const READY_DEADLINE_MS = 15_000;

/** What stands against hedging all day long is loosened: the bench hammers, and pays nobody. Sizes and prices keep theirs. */
const LIMITS = {
  maxTotalNotionalUsd: 1e9,
  maxOpenGroups: 1_000,
  maxMessagesPerSecond: 1e6,
  maxMessagesPerMinute: 1e6,
  maxGroupsPerMinute: 1e6,
  maxGroupsPerHour: 1e6,
  duplicateWindowMs: 0,
  maxLosingGroups: 1e6,
  maxDayLossPct: 1e6,
  maxVenueErrors: 1e6,
  fenceAfterEntryMs: 0,
  fenceAfterFailureMs: 0,
  fenceAfterLossMs: 0,
  fenceAfterReconnectMs: 0,
};

/** Both venues are the two ports of one child; only the first pairs, `paying` of them, can ever pay. */
export const configOf = (pairs: number, ports: readonly number[], dataDir: string, paying = 1): Config => {
  const input: ConfigInput = {
    version: 1,
    profile: 'bench',
    mode: 'paper',
    dataDir,
    listener: { port: 0 },
    venues: VENUES.map((id, at) => ({
      id,
      label: id,
      protocol: 'binance-usdm',
      simulated: true,
      maxQuoteAgeMs: 60_000,
      urls: { rest: `http://127.0.0.1:${ports[at]}`, stream: `ws://127.0.0.1:${ports[at]}` },
    })),
    instruments: Array.from({ length: pairs }, (_, pair) =>
      VENUES.map((venue) => ({
        venue,
        symbol: `C${pair}USDT`,
        kind: 'perpetual' as const,
        costs: { takerFeeBps: pair < paying ? 0 : 10 },
      })),
    ).flat(),
    pairs: Array.from({ length: pairs }, (_, pair) => ({
      id: `pair-${pair}`,
      underlying: `C${pair}`,
      a: `C${pair}USDT@left`,
      b: `C${pair}USDT@right`,
      conversion: { kind: 'fixed' as const, rate: 1, why: 'one currency' },
      maxSkewMs: 60_000,
      abnormalEdgeBps: 1_000,
      abnormalP99Multiple: 100,
      cooldownMs: 0,
      legOrder: paying > 1 ? ('together' as const) : ('metatrader-first' as const),
      exits: { convergenceBps: 1 },
    })),
    limits: LIMITS,
    statistics: { windowMs: 60_000, minCoveredMs: 0 },
  };
  return configSchema.parse(input);
};

export interface LiveEngine {
  readonly runner: Runner;
  readonly venues: Child;
  order(order: VenueOrder): void;
  /** Stops the stream; what was sent since the last order. */
  rest(): Promise<VenueAnswer>;
  /** Called for every stepped quote, before the step. */
  onStep: ((event: EngineEvent) => void) | null;
  /** Called after the commit of every intent. */
  onIntent: ((event: EngineEvent) => void) | null;
  /** What is committed with, whatever the rules say; `none` = nothing is kept; null = as the rules say. */
  durability: Durability | 'none' | null;
  /** Called when the mode is announced: right after the gate at the dispatch point was set, before anything is canceled. */
  onMode: ((mode: string) => void) | null;
  readonly gateways: readonly SocketGateway[];
  /** Why no order can leave now; null = it may. */
  readonly stopped: string | null;
  /** Arms, once every venue is reconciled. */
  arm(): Promise<void>;
  stop(): Promise<void>;
}

const ARM_DEADLINE_MS = 10_000;
let commands = 0;
/** @throws when the engine refuses, with its reasons. */
export const commanded = async (runner: Runner, kind: 'arm' | 'disarm' | 'kill' | 'reset'): Promise<void> => {
  const requestId = `bench${String((commands += 1)).padStart(8, '0')}`;
  const outcome = await runner.command({ kind, requestId, reason: 'measured', source: 'console', by: 'bench' });
  if (outcome.code !== 'applied') throw new Error(`${kind}: ${JSON.stringify(outcome)}`);
};

/** Commands again until the engine's conditions hold: a reset waits for snapshots, an arming for reconciled venues. */
export const commandedInTime = async (runner: Runner, kind: 'arm' | 'reset'): Promise<void> => {
  const giveUpMs = performance.now() + ARM_DEADLINE_MS;
  for (;;) {
    try {
      return await commanded(runner, kind);
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
      await pause(20);
    }
  }
};

/** The ledger, telling when an intent has been committed. */
const watched = (ledger: Ledger, engine: () => LiveEngine): Ledger =>
  new Proxy(ledger, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key === 'commit') {
        const commit: Ledger['commit'] = (event, facts, effects, durability, rows) => {
          const asked = engine().durability ?? durability;
          if (asked !== 'none') target.commit(event, facts, effects, asked, rows);
          if (facts.some((fact) => fact.type === 'intent-proposed')) engine().onIntent?.(event);
        };
        return commit;
      }
      if (key === 'effectsDone') {
        const effectsDone: Ledger['effectsDone'] = (seq) => {
          if (engine().durability !== 'none') target.effectsDone(seq);
        };
        return effectsDone;
      }
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

const everyVenueLive = (runner: Runner, state: ReturnType<typeof createEngine>): boolean =>
  runner.figures().ledgerFault === null &&
  state.venues.every((venue) => venue.link === 'live') &&
  state.instruments.every((each) => each.metadata !== null && !Number.isNaN(each.receivedMonoUs));

export const startLiveEngine = async (pairs: number, scratch: string, paying = 1): Promise<LiveEngine> => {
  const venues = startChild('venueServer.ts', { args: [String(pairs)] });
  const { ports, sinkPort } = await venues.next<{ ports: readonly number[]; sinkPort: number }>();
  const folder = mkdtempSync(join(scratch, 'live-'));
  const config = configOf(pairs, ports, folder, paying);
  const settings = engineSettingsOf(config, systemClock.unixMs());
  const state = createEngine(settings);
  const ledger = openLedger({ path: join(folder, 'ledger.db'), clock: systemClock, owner: 'bench' });
  const sink = await connectSink(sinkPort);
  const gateways = settings.venues.map(({ id }) => createSocketGateway(id, sink, { offer: (event) => runner.offer(event) }));
  const runner: Runner = createRunner({
    settings,
    state,
    ledger: watched(ledger, () => engine),
    clock: systemClock,
    effects: createDispatcher({ gateways, announceMode: (mode) => engine.onMode?.(mode) }),
    version: '0.0.0',
    step: (held, event) => {
      if (event.type === 'quote') engine.onStep?.(event);
      return step(held, event);
    },
  });
  const feeds = config.venues.flatMap((venue) => {
    if (venue.protocol === 'metatrader') return [];
    const instruments = settings.instruments.flatMap(({ venueId, symbol, expected }, index) =>
      venueId === venue.id ? [{ index, symbol, expected }] : [],
    );
    return [createExchangeFeed({ venue, instruments, inlets: runner, clock: systemClock, random: Math.random })];
  });
  const engine: LiveEngine = {
    runner,
    venues,
    onStep: null,
    onIntent: null,
    durability: null,
    onMode: null,
    gateways,
    get stopped() {
      if (state.kill !== null) return state.kill.reason;
      if (state.book.armed === null) return 'disarmed';
      return runner.figures().ledgerFault ?? state.notes.findLast(({ row }) => row.severity !== 'info')?.row.text ?? null;
    },
    arm: () => commandedInTime(runner, 'arm'),
    order: (order) => venues.send(order),
    rest: () => {
      venues.send({ do: 'rest' } satisfies VenueOrder);
      return venues.next<VenueAnswer>();
    },
    async stop() {
      await Promise.all(feeds.map((feed) => feed.stop()));
      await runner.stop('measured');
      sink.destroy();
      ledger.close();
      await venues.end();
    },
  };
  runner.start();
  for (const gateway of gateways) gateway.start();
  for (const feed of feeds) feed.start();
  const giveUpMs = performance.now() + READY_DEADLINE_MS;
  while (!everyVenueLive(runner, state)) {
    if (performance.now() > giveUpMs) {
      await engine.stop();
      throw new Error(
        `the feeds were not ready: ${state.venues.map((venue) => `${venue.settings.id} ${venue.link} ${venue.linkDetail}`).join(', ')}`,
      );
    }
    await engine.rest();
    await pause(100);
  }
  return engine;
};
