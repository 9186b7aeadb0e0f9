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
import { VENUES } from './world.ts';

const READY_DEADLINE_MS = 15_000;

/** Both venues are the two ports of one child; only the first pair can ever pay. */
export const configOf = (pairs: number, ports: readonly number[], dataDir: string): Config => {
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
      VENUES.map((venue) => ({ venue, symbol: `C${pair}USDT`, kind: 'perpetual' as const, costs: { takerFeeBps: pair === 0 ? 0 : 10 } })),
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
    })),
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
  /** What intents are committed with, whatever the rules say; null = as the rules say. */
  durability: Durability | null;
  stop(): Promise<void>;
}

/** The ledger, telling when an intent has been committed. */
const watched = (ledger: Ledger, engine: () => LiveEngine): Ledger =>
  new Proxy(ledger, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key === 'commit') {
        const commit: Ledger['commit'] = (event, facts, effects, durability, rows) => {
          const isIntent = facts.some((fact) => fact.type === 'intent-proposed');
          target.commit(event, facts, effects, isIntent ? (engine().durability ?? durability) : durability, rows);
          if (isIntent) engine().onIntent?.(event);
        };
        return commit;
      }
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

const everyVenueLive = (runner: Runner, state: ReturnType<typeof createEngine>): boolean =>
  runner.figures().ledgerFault === null &&
  state.venues.every((venue) => venue.link === 'live') &&
  state.instruments.every((each) => each.metadata !== null && !Number.isNaN(each.receivedMonoUs));

export const startLiveEngine = async (pairs: number, scratch: string): Promise<LiveEngine> => {
  const venues = startChild('venueServer.ts', { args: [String(pairs)] });
  const { ports } = await venues.next<{ ports: readonly number[] }>();
  const folder = mkdtempSync(join(scratch, 'live-'));
  const config = configOf(pairs, ports, folder);
  const settings = engineSettingsOf(config, systemClock.unixMs());
  const state = createEngine(settings);
  const ledger = openLedger({ path: join(folder, 'ledger.db'), clock: systemClock, owner: 'bench' });
  const runner = createRunner({
    settings,
    state,
    ledger: watched(ledger, () => engine),
    clock: systemClock,
    effects: createDispatcher({ gateways: [], announceMode: () => {} }),
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
    order: (order) => venues.send(order),
    rest: () => {
      venues.send({ do: 'rest' } satisfies VenueOrder);
      return venues.next<VenueAnswer>();
    },
    async stop() {
      await Promise.all(feeds.map((feed) => feed.stop()));
      await runner.stop('measured');
      ledger.close();
      await venues.end();
    },
  };
  runner.start();
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
