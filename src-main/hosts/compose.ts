/**
 * The one place where ports meet adapters: configuration and data directory in, a running engine with its listener out.
 * Owns the order of starting and stopping; holds no rule. Starting after a crash is the same path as any start. What
 * was begun when a later part fails is ended again, in reverse, before the failure is passed on.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { engineSettingsOf } from '../../src-shared/config/engineSettings.ts';
import { LOOPBACK_HOSTS, type Config, type MetatraderVenueConfig } from '../../src-shared/config/schema.ts';
import type { HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { StopScope } from '../../src-shared/domain/tradingState.ts';
import type { ConsoleTables, FlattenPreview, GroupHistory } from '../../src-shared/domain/view.ts';
import { openLedger } from '../adapters/ledger/ledger.ts';
import { createDesk } from '../adapters/metatrader/desk/desk.ts';
import type { CommandDesk } from '../adapters/metatrader/commandDesk.ts';
import { createMetatraderListener, type MetatraderListener } from '../adapters/metatrader/listener.ts';
import { createMetrics, type Metrics, type RunnerFigures } from '../adapters/metrics/metrics.ts';
import { createPaperGateway, type PaperGateway } from '../adapters/paper/gateway.ts';
import { teeInlets } from '../adapters/paper/tee.ts';
import { systemTimers } from '../adapters/paper/timers.ts';
import { ensurePrivateDirectory } from '../adapters/secrets/durableFile.ts';
import { openSecrets, rotateCookieSecret, secretValues, type Secrets } from '../adapters/secrets/secrets.ts';
import { createExchangeFeed } from '../adapters/venues/feed.ts';
import { createExchangeGateway, type ExchangeGatewayParts } from '../adapters/venues/gateway.ts';
import { createEngine } from '../core/engine.ts';
import type { OperatorCommand } from '../core/events.ts';
import { buildFlattenPreview } from '../core/view.ts';
import type { CommandOutcome } from '../runtime/commands.ts';
import { createDispatcher } from '../runtime/dispatcher.ts';
import type { Clock, CommandStore, ControlInlet, Inlets, Ledger, OrderGateway, VenueFeed } from '../runtime/ports.ts';
import { createPublisher, type Publisher } from '../runtime/publisher.ts';
import { createRunner, type Runner } from '../runtime/runner.ts';
import { createTape } from '../runtime/tape.ts';
import { createConsoleRouter, type ConsoleRouter } from './contractServer.ts';
import { fingerprintOf } from './doctorRecord.ts';
import { openEpochFile } from './epochFile.ts';
import type { HostKeys } from './hostKeys.ts';
import { createKillFileWatch, type KillFileWatch } from './killFile.ts';
import { createLiveGuard, type LiveGuard } from './liveGuard.ts';
import { refuseExposure } from './listener/exposure.ts';
import { interfaceRoutes } from './listener/interfaces.ts';
import { openListener, type Listener } from './listener/server.ts';
import { createSignIn, type SignIn } from './listener/signIn.ts';
import type { Log } from './log.ts';
import { keysForOrders } from './orderKeys.ts';
import { readinessOf, type Readiness } from './readiness.ts';
import { statusOf } from './status.ts';

export const LEDGER_FILE = 'ledger.sqlite';
export const TAPES_FOLDER = 'tapes';
/** Books of the paper accounts, one file a venue: what a venue would remember, whatever becomes of our ledger. */
export const PAPER_FOLDER = 'paper';
/** Longest that one part may take to stop before the next is stopped regardless. */
export const STOP_PART_MS = 5_000;

/** What a console served by this listener needs and gives: the headless host brings one, the desktop host none. */
export interface ConsoleFace {
  routes(server: FastifyInstance): Promise<void>;
  attach(listener: Listener, router: ConsoleRouter): void;
  consoles(): number;
  close(): Promise<void>;
}
export interface FaceParts {
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ComposeOptions {
  readonly config: Config;
  /** Absolute; made when missing. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly host: 'electron' | 'headless';
  readonly version: string;
  readonly log: Log;
  readonly face?: (parts: FaceParts) => ConsoleFace;
  /** Keys of exchange accounts, and the desk at which they are entered; absent = there are none. */
  readonly keys?: HostKeys;
  /** Of mode live: the ledger whose kill drill and closed groups are evidence. */
  readonly rehearsalLedger?: string | null;
  /** Keep every event for bit-exact replay (a bounded file a run, in the data directory). */
  readonly recordTape?: boolean;
}

export interface App {
  readonly settings: EngineSettings;
  readonly runId: string;
  readonly router: ConsoleRouter;
  readonly listener: { readonly host: string; readonly port: number; readonly url: string };
  /** What an EA on this machine needs; token and key are secrets. */
  readonly terminalAccess: { readonly listenerUrl: string; readonly token: string; readonly key: string };
  /** A fresh link that signs in once. */
  signInUrl(): string;
  dashboard(): ConsoleTables;
  readiness(): Readiness;
  metrics(): Promise<string>;
  command(command: OperatorCommand): Promise<CommandOutcome>;
  /** What FLATTEN of this scope would do now. */
  readonly flattenPreview: (scope: StopScope) => FlattenPreview;
  /** Newest first. */
  groups(beforeUnixMs: number | null, limit: number): readonly HedgeGroup[];
  /** One group with everything that happened to it; null where there is none of this id. */
  group(groupId: string): GroupHistory | null;
  backup(toPath: string): Promise<void>;
  /** Ends every part in reverse order, in bounded time; further calls wait for the first. */
  stop(why: string): Promise<void>;
}

/** The runner's figures under the names that metrics give them. */
const runnerFigures = (m: ReturnType<Runner['metricsSnapshot']>): RunnerFigures => ({
  now: { control_queue: m.controlDepth, market_queue: m.marketPending, loop_utilization: m.loopUtilization, tape_bytes: m.tapeBytes },
  totals: {
    quotes_received: m.quotesReceived,
    events_stepped: m.eventsStepped,
    events_committed: m.eventsCommitted,
    control_events_dropped: m.controlDropped,
  },
  latencies: { step: m.step, commit: m.commit, receipt_to_step: m.receiptToStep, timer_lateness: m.timerLateness },
});

/** What to undo, newest first. */
interface Ending {
  readonly what: string;
  readonly run: (why: string) => void | Promise<void>;
}

const withinBound = async (work: Promise<void>, what: string): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not stop within ${STOP_PART_MS} ms`)), STOP_PART_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const endAll = async (endings: readonly Ending[], why: string, log: Log): Promise<void> => {
  for (const { what, run } of endings.toReversed()) {
    try {
      await withinBound(Promise.resolve(run(why)), what);
    } catch (error) {
      log.error('a part did not stop cleanly', { part: what, fault: (error as Error).message });
    }
  }
};

const indexed = (settings: EngineSettings, venueId: string) =>
  settings.instruments.flatMap((each, index) => (each.venueId === venueId ? [{ index, settings: each }] : []));

const createFeeds = ({ config, clock }: ComposeOptions, settings: EngineSettings, inlets: Inlets): readonly VenueFeed[] =>
  config.venues.flatMap((venue) => {
    if (venue.protocol === 'metatrader') return [];
    const instruments = indexed(settings, venue.id).map(({ index, settings: { symbol, expected } }) => ({ index, symbol, expected }));
    return instruments.length === 0 ? [] : [createExchangeFeed({ venue, instruments, inlets, clock, random: Math.random })];
  });

interface EngineParts {
  readonly settings: EngineSettings;
  readonly ledger: Ledger;
  readonly runner: Runner;
  readonly publisher: Publisher;
  readonly metatrader: MetatraderListener;
  readonly gateways: readonly OrderGateway[];
  readonly feeds: readonly VenueFeed[];
  readonly runId: string;
  readonly flattenPreview: (scope: StopScope) => FlattenPreview;
}

/** In demo and live, orders of MetaTrader venues go through the EA. */
const isThroughEa = ({ config }: ComposeOptions, protocol: string): boolean => config.mode !== 'paper' && protocol === 'metatrader';

type ExchangeOrdersVenue = ExchangeGatewayParts['venue'];

/** In demo and live, orders of an exchange with `orders` go through its own gateway; every other order goes to a paper account. */
const ordersVenueOf = ({ config }: ComposeOptions, venueId: string): ExchangeOrdersVenue | null => {
  const venue = config.venues.find(({ id }) => id === venueId);
  if (config.mode === 'paper' || venue === undefined || venue.protocol === 'metatrader' || venue.orders === null) return null;
  return { ...venue, orders: venue.orders };
};

/** One gateway an exchange whose orders go to the exchange itself. @throws SecretsFault */
const createExchangeGateways = (
  options: ComposeOptions,
  settings: EngineSettings,
  inlet: ControlInlet,
  endings: Ending[],
): readonly OrderGateway[] => {
  const traded = settings.venues.flatMap(({ id, label }) => {
    const venue = ordersVenueOf(options, id);
    return venue === null ? [] : [{ id, label, venue }];
  });
  const keys = keysForOrders(
    options.keys,
    traded.map(({ id }) => id),
  );
  return traded.map(({ id, label, venue }) => {
    const key = keys.get(id)!;
    const instruments = settings.instruments
      .filter(({ venueId }) => venueId === id)
      .map(({ costs: { takerFeeBps, carryIntervalHours }, ...rest }) => ({ ...rest, takerFeeBps, carryIntervalHours }));
    const { clock } = options;
    const gateway = createExchangeGateway({ venue, instruments, key, inlet, clock, timers: systemTimers, random: Math.random });
    endings.push({ what: `orders of ${label}`, run: () => gateway.stop() });
    return gateway;
  });
};

/** One paper account a venue, each with a book of its own. They are handed no secret, and there is none that they could use. */
const createPaperGateways = (
  options: ComposeOptions,
  settings: EngineSettings,
  inlets: ControlInlet,
  endings: Ending[],
): readonly PaperGateway[] =>
  settings.venues.flatMap((venue, at) => {
    if (isThroughEa(options, venue.protocol) || ordersVenueOf(options, venue.id) !== null) return [];
    const { config, dataDir, clock, log } = options;
    const gateway = createPaperGateway({
      venue,
      instruments: indexed(settings, venue.id),
      account: config.venues[at]!.paper,
      clock,
      timers: systemTimers,
      random: Math.random,
      inlets,
      statePath: path.join(dataDir, PAPER_FOLDER, `${venue.id}.jsonl`),
    });
    endings.push({ what: `paper account of ${venue.label}`, run: () => gateway.stop() });
    for (const text of gateway.notes) log.warn(text);
    return [gateway];
  });

/** One desk a venue whose orders go through the EA. What an earlier run left of commands is settled here. @throws LedgerFault */
const createDesks = (
  options: ComposeOptions,
  settings: EngineSettings,
  store: CommandStore,
  inlet: ControlInlet,
): ReadonlyMap<string, CommandDesk> =>
  new Map(
    settings.venues.flatMap((venue) => {
      if (!isThroughEa(options, venue.protocol)) return [];
      const instruments = settings.instruments.filter(({ venueId }) => venueId === venue.id);
      const desk = createDesk({
        mode: options.config.mode === 'live' ? 'live' : 'demo',
        venue,
        instruments,
        store,
        inlet,
        clock: options.clock,
        random: randomBytes,
      });
      return [[venue.id, desk] as const];
    }),
  );

/** Only mode live has one; without the rehearsal's ledger the engine never hears that anything was shown, and arms nothing. */
const liveGuardOf = ({ config, dataDir, clock, rehearsalLedger = null }: ComposeOptions, inlet: ControlInlet): LiveGuard | null => {
  const { live } = config;
  return live === null || rehearsalLedger === null
    ? null
    : createLiveGuard({ config: { ...config, live }, dataDir, rehearsalLedger, clock, inlet });
};

/**
 * Everything but the doors, nothing started but the engine. What ends later stands earlier: doors first, then the engine, which
 * finishes what is under way with its venues still there, then feeds and gateways, and the ledger last.
 */
const startEngine = (options: ComposeOptions, secrets: Secrets, endings: Ending[]): EngineParts => {
  const { config, dataDir, clock, host, version, log } = options;
  const settings = engineSettingsOf(config, clock.unixMs());
  const ledger = openLedger({ path: path.join(dataDir, LEDGER_FILE), clock, owner: `quant-arb ${version} (${host})` });
  endings.push({ what: 'ledger', run: () => ledger.close() });
  const state = createEngine(settings);
  const inlet: ControlInlet = { offer: (event) => runner.offer(event) };
  const papers = createPaperGateways(options, settings, inlet, endings);
  const desks = createDesks(options, settings, ledger.commands, inlet);
  const exchanges = createExchangeGateways(options, settings, inlet, endings);
  const gateways: readonly OrderGateway[] = [...papers, ...exchanges, ...[...desks.values()].map(({ gateway }) => gateway)];
  const effects = createDispatcher({ gateways, announceMode: (mode) => metatrader.announceMode(mode) });
  const tape = options.recordTape === true ? { tape: createTape({ folder: path.join(dataDir, TAPES_FOLDER) }) } : {};
  const runner: Runner = createRunner({ settings, state, ledger, clock, effects, version, ...tape });
  const inlets = teeInlets(
    runner,
    papers.map(({ observer }) => observer),
  );
  const metatrader = createMetatraderListener({
    venues: config.venues.filter((venue): venue is MetatraderVenueConfig => venue.protocol === 'metatrader'),
    instruments: config.venues.flatMap((venue) => (venue.protocol === 'metatrader' ? indexed(settings, venue.id) : [])),
    inlets,
    desks,
    clock,
    epochs: openEpochFile(dataDir),
    token: secrets.mt5Token,
    key: secrets.mt5Key,
    randomId: () => randomBytes(24).toString('base64url'),
    note: (severity, text) => log[severity](text),
  });
  const feeds = createFeeds(options, settings, inlets);
  endings.push({ what: 'metatrader', run: () => metatrader.stop() });
  endings.push({ what: 'feeds', run: async () => void (await Promise.all(feeds.map((feed) => feed.stop()))) });
  const { runId } = runner.start();
  endings.push({ what: 'engine', run: (why) => runner.stop(why) });
  const guard = liveGuardOf(options, inlet);
  guard?.start();
  endings.push({ what: 'live guard', run: () => guard?.stop() });
  // The doors are shut by then and no EA can answer any more: what waits for one must not keep the engine from its clean end.
  endings.push({
    what: 'orders of MetaTrader',
    run: async () => void (await Promise.all([...desks.values()].map((desk) => desk.gateway.stop()))),
  });
  const publisher = createPublisher({ state, runner });
  endings.push({ what: 'publisher', run: () => publisher.stop() });
  const flattenPreview = (scope: StopScope): FlattenPreview => buildFlattenPreview(state, scope, runner.now());
  return { settings, ledger, runner, publisher, metatrader, gateways, feeds, runId, flattenPreview };
};

const openDoors = async (
  options: ComposeOptions,
  engine: EngineParts,
  secrets: Secrets,
  endings: Ending[],
  killFile: KillFileWatch,
): Promise<{ readonly listener: Listener; readonly router: ConsoleRouter; readonly signIn: SignIn; readonly metrics: Metrics }> => {
  const { config, dataDir, clock, host, version, log } = options;
  const { publisher, runner, metatrader, settings, ledger } = engine;
  const rotate = (before: Secrets): Secrets => {
    const after = rotateCookieSecret(dataDir, before);
    log.conceal(secretValues(after));
    return after;
  };
  const signIn = createSignIn({ clock, secrets, rotate });
  const face = options.face?.({ signIn, clock, log });
  const metrics = createMetrics({
    tables: () => publisher.snapshot(),
    version,
    counts: () => Object.fromEntries(Object.entries(metatrader.figures()).map(([venue, figures]) => [venue, { ...figures }])),
    consoles: () => face?.consoles() ?? publisher.subscribers,
    runtime: () => runnerFigures(runner.metricsSnapshot()),
  });
  endings.push({ what: 'metrics', run: () => metrics.stop() });
  const router = createConsoleRouter({
    about: { version, profile: config.profile, mode: config.mode, host },
    settings,
    ledger,
    frames: (signal) => publisher.subscribe(signal),
    pairDetails: (pairId, signal) => publisher.watchPair(pairId, signal),
    flattenPreview: engine.flattenPreview,
    command: killFile.command,
    keys: options.keys?.desk,
    unixMs: () => clock.unixMs(),
  });
  const fingerprint = fingerprintOf(config);
  const interfaces = interfaceRoutes({
    signIn,
    tokens: secrets,
    dashboard: () => publisher.snapshot(),
    status: () => statusOf(publisher.snapshot(), killFile.present(), options.keys?.desk.standing(), fingerprint),
    readiness: () => readinessOf(publisher.snapshot()),
    metrics,
    command: killFile.command,
    unixMs: () => clock.unixMs(),
  });
  const listener = await openListener({
    config: config.listener,
    clock,
    log,
    password: secrets.password,
    metatrader: async (server) => metatrader.plugin(server),
    routes: [interfaces, ...(face === undefined ? [] : [async (server: FastifyInstance) => face.routes(server)])],
  });
  endings.push({ what: 'listener', run: () => listener.close() });
  face?.attach(listener, router);
  if (face !== undefined) endings.push({ what: 'consoles', run: () => face.close() });
  return { listener, router, signIn, metrics };
};

/** Gateways before the feeds: their links rise with the feeds'. */
const startSources = ({ gateways, metatrader, feeds }: EngineParts): void => {
  for (const gateway of gateways) gateway.start();
  metatrader.start();
  for (const feed of feeds) feed.start();
};

/** What is allowed but probably not meant. */
const warnOfSurroundings = ({ config, dataDir, log }: ComposeOptions): void => {
  if (process.platform !== 'win32' && (statSync(dataDir).mode & 0o077) !== 0)
    log.warn('other users of this machine may enter the data directory', { dataDir });
  for (const venue of config.venues)
    if (venue.protocol === 'metatrader' && config.mode !== 'paper' && (venue.login === null || venue.server === null))
      log.warn('no account is configured: the first EA that says hello binds the ledger to its own', { venue: venue.id });
  const { host } = config.listener;
  const local = LOOPBACK_HOSTS.includes(host) || host === '0.0.0.0' || host === '::';
  if (!local && config.venues.some((venue) => venue.protocol === 'metatrader'))
    log.warn('the EA talks to 127.0.0.1, where nothing listens: bind 0.0.0.0 or a loopback address', { host });
};

/** @throws SecretsFault, ExposureFault, LedgerFault, PaperBookFault, InvariantViolation, PortFault: each message is for a person. */
export const compose = async (options: ComposeOptions): Promise<App> => {
  const { config, dataDir, log } = options;
  ensurePrivateDirectory(dataDir);
  const secrets = openSecrets(dataDir);
  log.conceal(secretValues(secrets));
  refuseExposure(config.listener, secrets.password);
  warnOfSurroundings(options);
  const endings: Ending[] = [];
  try {
    const engine = startEngine(options, secrets, endings);
    const killFile = createKillFileWatch({ dataDir, log, command: (command) => engine.runner.command(command) });
    // Before anybody can ask for anything.
    await killFile.look();
    killFile.start();
    endings.push({ what: 'kill file', run: () => killFile.stop() });
    const { listener, router, signIn, metrics } = await openDoors(options, engine, secrets, endings, killFile);
    startSources(engine);
    let stopping: Promise<void> | null = null;
    return {
      settings: engine.settings,
      runId: engine.runId,
      router,
      listener: { host: config.listener.host, port: listener.port, url: listener.url },
      terminalAccess: {
        listenerUrl: `${config.listener.tls === null ? 'http' : 'https'}://127.0.0.1:${listener.port}`,
        token: secrets.mt5Token,
        key: secrets.mt5Key,
      },
      signInUrl: () => `${listener.url}/signin?once=${signIn.oneTimeToken()}`,
      dashboard: () => engine.publisher.snapshot(),
      readiness: () => readinessOf(engine.publisher.snapshot()),
      metrics: () => metrics.text(),
      command: killFile.command,
      flattenPreview: engine.flattenPreview,
      groups: (beforeUnixMs, limit) => engine.ledger.groups(beforeUnixMs, limit),
      group: (groupId) => engine.ledger.group(groupId),
      backup: (toPath) => engine.ledger.backup(toPath),
      stop: (why) => (stopping ??= endAll(endings, why, log)),
    };
  } catch (error) {
    await endAll(endings, `start failed: ${(error as Error).message}`, log);
    throw error;
  }
};
