/**
 * A running console host, whichever it is: the built product on the demo venues with a data directory of its own. Specs
 * see pages, faults, and the means to stop, freeze, kill and restart it; they never see which host it is unless they ask.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { ConsoleTables } from '../../src-shared/domain/view.ts';
import { electronMain, headlessMain } from './built.ts';
import { launchDouble, startOnDouble } from './double.ts';
import type { RunningDouble } from './double.ts';
import { startProgram, whileRunning } from './program.ts';
import type { Ending, Program } from './program.ts';
import { eagerConfig, freePort, makeSecrets, startWorld } from './world.ts';
import type { EagerChoice, World } from './world.ts';

export type HostKind = 'headless' | 'electron-double';
/** The demo's venues and the pairs it watches on them. */
export const VENUES = ['mt5', 'okx', 'binance-usdm', 'binance-spot'] as const;
export type VenueId = (typeof VENUES)[number];
export const PAIRS = ['xau-okx', 'xau-bin', 'btc-okx', 'btc-bin'] as const;
/** As `src-main/sim` takes them. */
export interface Fault {
  readonly kind: 'silence' | 'garbage' | 'clear' | 'close' | 'drop' | 'gate';
  readonly durationMs?: number;
  readonly count?: number;
  readonly share?: number;
  /** Of `gate`: `ok`, or the permission that MetaTrader lacks from now on. */
  readonly gate?: string;
}

/** What a host writes when it is ready. */
export interface ReadyFile {
  readonly url: string;
  readonly signInUrl: string;
  readonly pid: number;
  readonly simControlUrl: string;
}

export interface HostChoice {
  readonly kind: HostKind;
  readonly browser: Browser;
  /** Of the demo venues: the same markets each time. */
  readonly seed?: number;
  /** Venues in a process of their own, and a configuration with which a hedge pays at almost any moment. */
  readonly eager?: EagerChoice | null;
}

const START_WITHIN_MS = 60_000;
const POLL_MS = 50;

const readReady = (file: string): ReadyFile | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ReadyFile;
  } catch {
    return null;
  }
};

const readyOf = async (program: Program, file: string): Promise<ReadyFile> => {
  let over = false;
  const appears = (async () => {
    for (;;) {
      const ready = readReady(file);
      if (ready !== null && ready.pid === program.pid) return ready;
      if (over) throw new Error('given up');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  })();
  try {
    return await whileRunning(program, 'readiness', START_WITHIN_MS, appears);
  } finally {
    over = true;
    appears.catch(() => undefined);
  }
};

interface Running {
  readonly program: Program;
  readonly ready: ReadyFile;
  readonly double: RunningDouble | null;
}

export class ConsoleHost {
  readonly kind: HostKind;
  readonly dataDir: string;
  readonly #browser: Browser;
  readonly #seed: number;
  readonly #eager: EagerChoice | null;
  #world: { readonly world: World; readonly port: number } | null = null;
  readonly #contexts: BrowserContext[] = [];
  #cookies: Awaited<ReturnType<BrowserContext['storageState']>> | null = null;
  #running: Running | null = null;

  constructor({ kind, browser, seed = 7, eager = null }: HostChoice) {
    this.kind = kind;
    this.#browser = browser;
    this.#seed = seed;
    this.#eager = eager;
    this.dataDir = mkdtempSync(path.join(tmpdir(), 'quant-arb-e2e-'));
  }

  get #live(): Running {
    if (this.#running === null) throw new Error('the host is not running');
    return this.#running;
  }

  get ready(): ReadyFile {
    return this.#live.ready;
  }

  get program(): Program {
    return this.#live.program;
  }

  get double(): RunningDouble {
    if (this.#live.double === null) throw new Error('this host is not on the double');
    return this.#live.double;
  }

  /** The operator's password of this data directory. */
  get password(): string {
    const secrets = JSON.parse(readFileSync(path.join(this.dataDir, 'secrets.json'), 'utf8')) as { password: string };
    return secrets.password;
  }

  get #configFile(): string {
    return path.join(this.dataDir, 'config.json');
  }

  #args(port: number, readyFile: string): string[] {
    const common = { '--data-dir': this.dataDir, '--port': port, '--ready-file': readyFile };
    const options =
      this.#eager === null ? { ...common, '--profile': 'demo', '--seed': this.#seed } : { ...common, '--config': this.#configFile };
    const flags = this.#eager === null ? ['--sim-control', '--no-open'] : ['--no-open'];
    return [...Object.entries(options).flatMap(([name, value]) => [name, String(value)]), ...flags];
  }

  /** The venues of their own, once; they know where the engine will listen. */
  async #ownWorld(eager: EagerChoice): Promise<{ readonly world: World; readonly port: number }> {
    if (this.#world !== null) return this.#world;
    const port = await freePort();
    const { mt5Token } = makeSecrets(this.dataDir);
    const world = await startWorld({ seed: this.#seed, listenerUrl: `http://127.0.0.1:${port}`, token: mt5Token });
    writeFileSync(this.#configFile, JSON.stringify(eagerConfig(world.config, this.dataDir, port, eager)));
    this.#world = { world, port };
    return this.#world;
  }

  /** Starts it, on a port of the system's choice unless one is named. */
  async start(port = 0): Promise<void> {
    const readyFile = path.join(this.dataDir, 'ready.json');
    rmSync(readyFile, { force: true });
    const own = this.#eager === null ? null : await this.#ownWorld(this.#eager);
    const args = this.#args(own?.port ?? port, readyFile);
    if (this.kind === 'headless') {
      const program = startProgram(headlessMain(), { args });
      this.#running = { program, ready: await readyOf(program, readyFile), double: null };
    } else {
      const double = await launchDouble(electronMain(), args, path.join(this.dataDir, 'home'));
      this.#running = { program: double.program, ready: await readyOf(double.program, readyFile), double };
    }
  }

  /** Starts a second program on the same data directory, for what must be refused. */
  startAgain(): Program {
    const args = this.#args(0, path.join(this.dataDir, 'second-ready.json'));
    if (this.kind === 'headless') return startProgram(headlessMain(), { args });
    return startOnDouble(electronMain(), args, path.join(this.dataDir, 'home'));
  }

  /** A signed-in console. On the double it is the window; headless, a page in a browser profile of its own. */
  async openConsole(): Promise<Page> {
    if (this.kind === 'electron-double') return this.double.page;
    const signedIn = this.#cookies;
    const context = await this.#browser.newContext({
      viewport: { width: 1600, height: 1000 },
      ...(signedIn === null ? {} : { storageState: signedIn }),
    });
    this.#contexts.push(context);
    const page = await context.newPage();
    // The link signs in once; later consoles of this host come with its cookie, as another tab would.
    await page.goto(signedIn === null ? this.ready.signInUrl : this.ready.url);
    this.#cookies = await context.storageState();
    return page;
  }

  /** Sets the size of a console's content. */
  async resize(page: Page, width: number, height: number): Promise<void> {
    if (this.kind === 'headless') return page.setViewportSize({ width, height });
    await this.double.control({ act: 'place-window', bounds: { x: 0, y: 0, width, height } });
    await page.waitForFunction((expected) => innerWidth === expected, width);
    return undefined;
  }

  /** Makes a simulated venue misbehave. */
  async inject(venue: VenueId, fault: Fault): Promise<void> {
    const response = await fetch(this.#world?.world.controlUrl ?? this.ready.simControlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ venue, ...fault }),
    });
    if (!response.ok) throw new Error(`the fault was refused: ${response.status} ${await response.text()}`);
  }

  /** Sockets stay open, nothing comes from any venue. */
  async silenceAll(): Promise<void> {
    for (const venue of VENUES) await this.inject(venue, { kind: 'silence', durationMs: 600_000 });
  }

  /** Ends every lasting fault. */
  async clearAll(): Promise<void> {
    for (const venue of VENUES) await this.inject(venue, { kind: 'clear' });
  }

  /** A command or query of the HTTP interfaces, by the operator's password. */
  async http(method: 'GET' | 'POST', route: string, body?: object): Promise<Response> {
    return fetch(new URL(route, this.ready.url), {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`operator:${this.password}`).toString('base64')}`,
        'x-quant-arb': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The console's tables, as programs read them. */
  async dashboard(): Promise<ConsoleTables> {
    return (await (await this.http('GET', '/api/dashboard')).json()) as ConsoleTables;
  }

  /** Ends the program; its data stays. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    const { program, double } = this.#live;
    this.#running = null;
    // Another port is another cookie.
    this.#cookies = null;
    // A frozen program answers no signal but this.
    program.child.kill('SIGCONT');
    const ending = await program.end(signal);
    await double?.browser.close().catch(() => undefined);
    return ending;
  }

  /** Ends everything and removes the data. */
  async dispose(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    try {
      if (this.#running !== null) await this.stop();
    } finally {
      await this.#world?.world.stop();
      rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
