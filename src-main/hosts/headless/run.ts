/**
 * One life of the headless host: arguments in, an engine with its console in the browser, a clean end on a signal.
 * Holds no rule of trading; joins the demo's simulated venues or a configuration file to `compose`.
 */
import path from 'node:path';
import { configSchema, type Config, type ConfigInput } from '../../../src-shared/config/schema.ts';
import { ensurePrivateDirectory, writeFileDurably } from '../../adapters/secrets/durableFile.ts';
import type { Sealer } from '../../adapters/secrets/sealedKeys.ts';
import { systemClock } from '../../runtime/clock.ts';
import { startDemoWorld, type DemoWorld } from '../../sim/demoWorld.ts';
import { compose, LEDGER_FILE, type App, type ComposeOptions } from '../compose.ts';
import { readConfigFile } from '../configFile.ts';
import { defaultDataDir } from '../dataDir.ts';
import { removeMarker, writeMarker } from '../engineMarker.ts';
import { openHostKeys } from '../hostKeys.ts';
import type { Log } from '../log.ts';
import { productRoot, productVersion } from '../version.ts';
import { DEFAULT_PORT, type HeadlessArgs } from './args.ts';
import { createConsoleFace } from './consoleFace.ts';

/** What the simulated broker and the simulated EA remember, as their own disks would: not the engine's, which never reads it. */
export const SIMULATED_FOLDER = 'simulated';

export interface Running {
  readonly app: App;
  readonly url: string;
  readonly signInUrl: string;
  readonly dataDir: string;
  /** Ends engine and demo world; further calls wait for the first. */
  stop(why: string): Promise<void>;
}

interface Plan {
  readonly config: Config;
  readonly dataDir: string;
  readonly world: DemoWorld | null;
  /** Of mode live. */
  readonly rehearsalLedger: string | null;
}

const planDemo = async (args: HeadlessArgs): Promise<Plan> => {
  const dataDir = args.dataDir ?? defaultDataDir('demo');
  const { seed, tapes, speed, simControl } = args;
  const simulated = path.join(dataDir, SIMULATED_FOLDER);
  ensurePrivateDirectory(simulated);
  const world = await startDemoWorld({ seed, tapes, speed, control: simControl, dataDir: simulated });
  const input: ConfigInput = world.configInput({ dataDir, listener: { host: '127.0.0.1', port: args.port ?? DEFAULT_PORT } });
  return { config: configSchema.parse(input), dataDir, world, rehearsalLedger: null };
};

const planFile = (args: HeadlessArgs, file: string): Plan => {
  const read = readConfigFile(file);
  const beside = (name: string): string => path.resolve(path.dirname(file), name);
  const { tls } = read.listener;
  const listener = {
    ...read.listener,
    port: args.port ?? read.listener.port,
    tls: tls === null ? null : { certFile: beside(tls.certFile), keyFile: beside(tls.keyFile) },
  };
  const config = { ...read, listener };
  const rehearsalLedger = config.live === null ? null : path.join(beside(config.live.rehearsalDataDir), LEDGER_FILE);
  return { config, dataDir: args.dataDir ?? beside(config.dataDir), world: null, rehearsalLedger };
};

const writeReadyFile = (file: string, app: App, signInUrl: string, world: DemoWorld | null): void => {
  const simControlUrl = world?.controlUrl ?? undefined;
  writeFileDurably(file, `${JSON.stringify({ url: app.listener.url, signInUrl, pid: process.pid, simControlUrl })}\n`);
};

/** What differs between the hosts: its name, whether browsers are served, and what keeps keys that are entered in its console. */
export type HostShape = Pick<ComposeOptions, 'host' | 'face'> & { readonly sealer?: Sealer };

/** Where a run keeps its data, when no configuration file says otherwise. */
export const dataDirOf = (args: HeadlessArgs): string => args.dataDir ?? defaultDataDir(args.profile);

/** @throws everything that `compose` throws, ConfigFault, and the demo's refusals of tapes */
export const startHost = async (args: HeadlessArgs, log: Log, { sealer, ...shape }: HostShape): Promise<Running> => {
  const { config, dataDir, world, rehearsalLedger } = args.configFile === null ? await planDemo(args) : planFile(args, args.configFile);
  let app: App | null = null;
  try {
    ensurePrivateDirectory(dataDir);
    const keys = await openHostKeys({ config, dataDir, env: process.env, log, given: world?.keys?.(), sealer });
    app = await compose({
      config,
      dataDir,
      keys,
      rehearsalLedger,
      clock: systemClock,
      version: productVersion(),
      log,
      ...shape,
      recordTape: args.recordTape,
    });
    writeMarker(dataDir, {
      pid: process.pid,
      runId: app.runId,
      url: app.listener.url,
      certFile: config.listener.tls?.certFile ?? null,
      startedUnixMs: systemClock.unixMs(),
    });
    await world?.attachTerminals(app.terminalAccess);
    const signInUrl = app.signInUrl();
    if (args.readyFile !== null) writeReadyFile(args.readyFile, app, signInUrl, world);
    const running = app;
    let stopping: Promise<void> | null = null;
    const stop = async (why: string): Promise<void> => {
      await running.stop(why);
      removeMarker(dataDir);
      await world?.stop();
    };
    return { app, url: app.listener.url, signInUrl, dataDir, stop: (why) => (stopping ??= stop(why)) };
  } catch (error) {
    if (app !== null) removeMarker(dataDir);
    await app?.stop(`start failed: ${(error as Error).message}`);
    await world?.stop();
    throw error;
  }
};

/** The headless host: the console is served to browsers. @throws as `startHost` */
export const startHeadless = (args: HeadlessArgs, log: Log): Promise<Running> =>
  startHost(args, log, { host: 'headless', face: createConsoleFace(path.join(productRoot(), 'out', 'renderer')) });
