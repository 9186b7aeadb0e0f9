/**
 * The demo's simulated venues in a process of their own, so that they outlive the engine under test like real ones do; and
 * a data directory prepared for an engine that watches them: secrets that both sides know, and the configuration.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = path.join(import.meta.dirname, '..', '..', 'src-main', 'sim', 'main.ts');
const START_WITHIN_MS = 30_000;

/** As `src-shared/config` reads it, as far as specs change it. */
export interface WorldConfig {
  readonly profile: string;
  readonly venues: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
  readonly instruments: readonly (Readonly<Record<string, unknown>> & {
    readonly venue: string;
    readonly symbol: string;
    readonly costs: Readonly<Record<string, unknown>>;
  })[];
  readonly pairs: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[];
  readonly [member: string]: unknown;
}

export interface World {
  readonly config: WorldConfig;
  readonly controlUrl: string;
  stop(): Promise<void>;
}

export interface Secrets {
  readonly mt5Token: string;
  readonly mt5Key: string;
  readonly killToken: string;
  readonly readToken: string;
  readonly password: string;
}

/** A port that nobody has now; whoever binds it next is us, unless the machine is very unlucky. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const token = (): string => randomBytes(32).toString('base64url');

/** Makes the secrets of a data directory before its first engine does. */
export const makeSecrets = (dataDir: string): Secrets => {
  const secrets = {
    version: 1,
    mt5Token: token(),
    mt5Key: token(),
    password: token(),
    cookieSecret: token(),
    killToken: token(),
    readToken: token(),
  };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(dataDir, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
};

export interface WorldChoice {
  readonly seed: number;
  /** Where the engine will listen, again and again. */
  readonly listenerUrl: string;
  readonly token: string;
  /** Quotes a second, scaled. */
  readonly rateScale?: number;
}

interface WorldProcess {
  /** Its first line: what it serves. */
  readonly told: unknown;
  /** Ends it, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

/** Starts the simulated venues with these arguments and waits until they serve. @throws Error with its last words when they do not */
export const startWorldProcess = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<WorldProcess> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-10_000);
  });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    const overdue = setTimeout(() => reject(new Error(`the simulated world did not start: ${errors}`)), START_WITHIN_MS);
    createInterface({ input: child.stdout }).once('line', (text) => {
      clearTimeout(overdue);
      resolve(text);
    });
    void ended.then(() => reject(new Error(`the simulated world ended: ${errors}`)));
  });
  return {
    told: JSON.parse(line),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
};

/** Starts the world and waits until it serves. */
export const startWorld = async ({ seed, listenerUrl, token: bearer, rateScale = 1 }: WorldChoice): Promise<World> => {
  const args = ['--seed', String(seed), '--listener', listenerUrl, '--rate-scale', String(rateScale)];
  const { told, stop } = await startWorldProcess(args, { QUANT_ARB_SIM_TOKEN: bearer });
  const { config, controlUrl } = told as Pick<World, 'config' | 'controlUrl'>;
  return { config, controlUrl, stop };
};

/** The world's configuration, made so that a hedge pays at almost any moment: fees are paid to us, entry needs no deviation. */
export interface EagerChoice {
  /** Pairs by id: `[a, b]` as `SYMBOL@venue`. */
  readonly pairs: Readonly<Record<string, readonly [string, string]>>;
  readonly rebateBps?: number;
  /** Into the paper account of every venue. */
  readonly paper?: Readonly<Record<string, unknown>>;
  /** Over that, of single venues. */
  readonly paperOf?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Into every venue. */
  readonly venue?: Readonly<Record<string, unknown>>;
  readonly pair?: Readonly<Record<string, unknown>>;
  readonly exits?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly hedging?: Readonly<Record<string, unknown>>;
}

/** What a test must not wait for: fences between entries, budgets of an hour, the broker's shoulders. */
const EAGER_LIMITS = {
  maxGroupsPerMinute: 10_000,
  maxGroupsPerHour: 100_000,
  maxMessagesPerSecond: 1_000,
  maxMessagesPerMinute: 60_000,
  duplicateWindowMs: 0,
  maxLosingGroups: 100_000,
  maxDayLossPct: 100,
  maxVenueErrors: 100_000,
  noEntryBeforeCloseMin: 0,
  noEntryAfterOpenMin: 0,
  noEntryBeforeWeekendMin: 0,
  fenceAfterEntryMs: 0,
  fenceAfterFailureMs: 0,
  fenceAfterLossMs: 0,
  fenceAfterReconnectMs: 0,
};

export const eagerConfig = (world: WorldConfig, dataDir: string, port: number, choice: EagerChoice): WorldConfig => {
  const used = new Set(Object.values(choice.pairs).flat());
  const instruments = world.instruments
    .filter(({ symbol, venue }) => used.has(`${symbol}@${venue}`))
    .map((each) => ({
      ...each,
      sessions: [],
      costs: {
        ...each.costs,
        takerFeeBps: -(choice.rebateBps ?? 20),
        commissionPerLot: 0,
        slippageBps: 0,
        carryLongBpsPerDay: 0,
        carryShortBpsPerDay: 0,
      },
    }));
  const venueIds = new Set(instruments.map(({ venue }) => venue));
  return {
    version: 1,
    profile: 'test',
    mode: 'paper',
    dataDir,
    listener: { host: '127.0.0.1', port },
    venues: world.venues
      .filter(({ id }) => venueIds.has(id))
      .map((each) => ({
        ...each,
        ...('orders' in each ? { orders: null } : {}),
        ...choice.venue,
        paper: { ...choice.paper, ...choice.paperOf?.[each.id] },
      })),
    instruments,
    pairs: Object.entries(choice.pairs).map(([id, [a, b]]) => ({
      id,
      underlying: 'BTC',
      a,
      b,
      conversion: { kind: 'fixed', rate: 1, why: 'in the simulated world 1 USD buys 1 USDT by construction' },
      deviationFloorBps: 0,
      deviationPercentile: 50,
      minEdgeBps: 0,
      hysteresisBps: 0,
      abnormalEdgeBps: 10_000,
      abnormalP99Multiple: 100,
      expectedHoldMs: 60_000,
      cooldownMs: 0,
      ...choice.pair,
      exits: { ...choice.exits },
    })),
    statistics: { windowMs: 60_000, minCoveredMs: 1_000 },
    limits: { ...EAGER_LIMITS, ...choice.limits },
    hedging: { ...choice.hedging },
  };
};
