/**
 * The built engine with its MT5 leg through the real EA: exchanges simulated in a process of their own, a broker whose prices follow
 * them, the EA as a program, the engine as it is shipped. Owns their start and end, and the evidence of all of them at rest.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CrashEngine } from '../../e2e/crash/engineRun.ts';
import { eagerConfig, freePort, makeSecrets, type WorldConfig } from '../../e2e/drivers/world.ts';
import { brokerSymbol } from '../../src-main/sim/metatrader/broker/symbols.ts';
import { brokerEvidence } from './brokerEvidence.ts';
import { startBroker, type BrokerHost } from './broker/server.ts';
import { readEngine } from './evidence.ts';
import { judge } from './oracle.ts';
import { openRoad, type Road } from './proxy.ts';
import type { Stage } from './scenario.ts';
import { Terminal } from './terminal.ts';

const EXCHANGES = fileURLToPath(new URL('../../src-main/sim/main.ts', import.meta.url));
const LOGIN = 500_123;
const MAGIC_BASE = 1_600_000_000_000;
const START_WITHIN_MS = 30_000;
const POLL_MS = 100;
/** The broker's mark-up on each side of the exchange's middle. */
const HALF_SPREAD = 1;
const INSTRUMENT = 'BTC-USDT-SWAP';

interface Exchanges {
  readonly config: WorldConfig;
  readonly urls: { readonly okx: { readonly stream: string } };
  stop(): Promise<void>;
}

const startExchanges = async (): Promise<Exchanges> => {
  const child: ChildProcess = spawn(process.execPath, [EXCHANGES, '--seed', '7'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr?.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-5_000)));
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    const overdue = setTimeout(() => reject(new Error(`the exchanges did not start: ${errors}`)), START_WITHIN_MS);
    createInterface({ input: child.stdout! }).once('line', (text) => {
      clearTimeout(overdue);
      resolve(text);
    });
    void ended.then(() => reject(new Error(`the exchanges ended: ${errors}`)));
  });
  return {
    ...(JSON.parse(line) as { config: WorldConfig; urls: Exchanges['urls'] }),
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
};

/** The broker quotes what the exchange trades at, with its own spread. */
const follow = (stream: string, broker: BrokerHost): (() => void) => {
  const socket = new WebSocket(`${stream}/public`);
  socket.addEventListener('open', () =>
    socket.send(JSON.stringify({ op: 'subscribe', args: [{ channel: 'bbo-tbt', instId: INSTRUMENT }] })),
  );
  socket.addEventListener('message', ({ data }) => {
    const { data: [row] = [] } = JSON.parse(String(data)) as {
      data?: readonly { bids: readonly (readonly string[])[]; asks: readonly (readonly string[])[] }[];
    };
    const [bid, ask] = [Number(row?.bids[0]?.[0]), Number(row?.asks[0]?.[0])];
    if (!(bid > 0 && ask > 0)) return;
    const middle = (bid + ask) / 2;
    broker.server.setQuote('BTCUSD', (middle - HALF_SPREAD).toFixed(2), (middle + HALF_SPREAD).toFixed(2));
  });
  return () => socket.close();
};

export class BuiltWorld {
  readonly broker: BrokerHost;
  readonly engine: CrashEngine;
  readonly ea: Terminal;
  readonly road: Road;
  readonly #dataDir: string;
  readonly #exchanges: Exchanges;
  readonly #unfollow: () => void;

  constructor(parts: { broker: BrokerHost; engine: CrashEngine; ea: Terminal; road: Road; dataDir: string; exchanges: Exchanges }) {
    this.broker = parts.broker;
    this.engine = parts.engine;
    this.ea = parts.ea;
    this.road = parts.road;
    this.#dataDir = parts.dataDir;
    this.#exchanges = parts.exchanges;
    this.#unfollow = follow(parts.exchanges.urls.okx.stream, parts.broker);
  }

  get ledgerFile(): string {
    return path.join(this.#dataDir, 'ledger.sqlite');
  }

  deals(): number {
    return brokerEvidence(this.broker.server, LOGIN).deals.filter(({ magic }) => magic >= MAGIC_BASE).length;
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
    const endsMs = performance.now() + withinMs;
    while (!(await holds())) {
      if (performance.now() > endsMs) throw new Error(`not within ${withinMs} ms: ${what}\n${await this.story()}`);
      await sleep(POLL_MS);
    }
  }

  /** Reconciled with every venue, and nothing under way. */
  async rest(withinMs = 90_000): Promise<void> {
    await this.until(
      'rest',
      async () => {
        const [{ groups }, { venues }] = await Promise.all([this.engine.standing(), this.engine.dashboard()]);
        return (
          groups.every(({ state }) => state === 'operator-held') && Object.values(venues).every(({ reconciled }) => reconciled === 'yes')
        );
      },
      withinMs,
    );
  }

  commandStates(): readonly string[] {
    return readEngine(this.ledgerFile).commands.map(({ state }) => state);
  }

  verdict(): readonly string[] {
    return judge({
      broker: brokerEvidence(this.broker.server, LOGIN),
      engine: readEngine(this.ledgerFile),
      magicBase: MAGIC_BASE,
      settled: true,
    });
  }

  async agree(withinMs = 20_000): Promise<void> {
    let wrong: readonly string[] = [];
    await this.until('all agree', () => (wrong = this.verdict()).length === 0, withinMs).catch((error: unknown) => {
      throw new Error(`the oracle finds:\n${wrong.join('\n')}`, { cause: error });
    });
  }

  async story(): Promise<string> {
    const standing = await this.engine.standing().catch(() => null);
    return [
      JSON.stringify(standing)?.slice(0, 3_000),
      this.engine.output.slice(-2_000),
      `EA: ${this.ea.alive ? 'alive' : 'dead'}`,
      ...this.ea.lines.slice(-14),
      this.ea.errors.slice(-1_000),
    ].join('\n');
  }

  async end(): Promise<void> {
    this.#unfollow();
    await this.ea.stop();
    await this.engine.sigkill().catch(() => undefined);
    await this.road.stop();
    await this.broker.stop();
    await this.#exchanges.stop();
  }
}

const configOf = (exchanges: Exchanges, dataDir: string, port: number): WorldConfig => ({
  ...eagerConfig(exchanges.config, dataDir, port, {
    pairs: { 'btc-mt5': ['BTCUSD@mt5', `${INSTRUMENT}@okx`] },
    rebateBps: 30,
    paper: { latencyMs: 15, latencyJitterMs: 20, slippageBps: 0.1, startBalances: { USD: '10000000', USDT: '10000000', BTC: '100' } },
    exits: { maxHoldMs: 1_500, stopLossBps: null },
    limits: { maxOpenGroups: 2, maxTotalNotionalUsd: 50_000 },
    hedging: {
      compensateAfterMs: 1_500,
      queryEveryMs: 400,
      notFoundMarginMs: 300,
      openingDeadlineMs: 6_000,
      fillsSweepMs: 3_000,
      positionsSweepMs: 3_000,
      snapshotTimeoutMs: 4_000,
    },
  }),
  mode: 'demo',
});

export const buildBuiltWorld = async ({ program, folder }: Stage): Promise<BuiltWorld> => {
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const secrets = makeSecrets(dataDir);
  const { mt5Key } = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8')) as { mt5Key: string };
  const [exchanges, port] = [await startExchanges(), await freePort()];
  const broker = await startBroker({
    symbols: [brokerSymbol('BTCUSD', { contractSize: '1', base: 'BTC', margin: 'BTC', commissionPerLot: '2' })],
    accounts: [{ login: LOGIN, deposit: '10000000' }],
    delayMs: 20,
  });
  const engine = new CrashEngine(dataDir, port, secrets, configOf(exchanges, dataDir, port));
  const road = await openRoad({ target: port, maxDelayMs: 60 });
  const url = `http://127.0.0.1:${road.port}`;
  const ea = new Terminal({
    program,
    folder: path.join(folder, 'terminal'),
    broker: broker.address,
    allow: [url],
    inputs: {
      InpUrl: url,
      InpToken: secrets.mt5Token,
      InpKey: mt5Key,
      InpSymbols: 'BTCUSD',
      InpMagicBase: String(MAGIC_BASE),
      InpTimerMs: '20',
      InpHttpTimeoutMs: '1000',
      InpResolveSeconds: '2',
      InpMaxLotsCommand: '50',
      InpMaxLotsTotal: '50',
      InpMaxCommandsMinute: '10000',
      InpAllowOpening: 'true',
      InpMaxQuoteAgeMs: '5000',
      InpDeviationPoints: '50',
    },
    args: ['--chart', 'BTCUSD'],
  });
  return new BuiltWorld({ broker, engine, ea, road, dataDir, exchanges });
};
