/**
 * The engine under test as a process that is started, armed, killed and started again, on one data directory and one port.
 * Everything is asked of it as an operator or a program would: contract, HTTP, files.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { headlessMain } from '../drivers/built.ts';
import { connectConsole, pressId, type Connected } from '../drivers/contractClient.ts';
import { startProgram, type Ending, type Program } from '../drivers/program.ts';
import type { GroupAct } from '../../src-shared/domain/hedgeGroup.ts';
import type { Secrets, WorldConfig } from '../drivers/world.ts';
import type { Boundary } from './boundary.ts';

const PRELOAD = new URL('boundary.ts', import.meta.url).href;
const START_WITHIN_MS = 60_000;
const POLL_MS = 20;

/** As `/api/status` gives it, as far as it is needed here. */
export interface Standing {
  readonly runId: string;
  readonly tradingState: string;
  readonly armed: boolean;
  readonly kill: { readonly source: string; readonly reason: string; readonly remaining: readonly string[] } | null;
  readonly groups: readonly { readonly id: string; readonly state: string; readonly why: string }[];
  readonly ledgerFault: string | null;
  readonly reasons: readonly string[];
}

/** As `/api/dashboard` gives it, as far as it is needed here. */
export interface Dashboard {
  readonly venues: Readonly<Record<string, { readonly reconciled: string; readonly orderLink: string }>>;
  readonly groups: Readonly<Record<string, { readonly state: string; readonly acts: readonly GroupAct[] }>>;
}

interface Ready {
  readonly url: string;
  readonly signInUrl: string;
  readonly pid: number;
}

export class CrashEngine {
  readonly dataDir: string;
  readonly #configFile: string;
  readonly #port: number;
  readonly #secrets: Secrets;
  #program: Program | null = null;
  #ready: Ready | null = null;
  #console: Connected | null = null;

  constructor(dataDir: string, port: number, secrets: Secrets, config: WorldConfig) {
    this.dataDir = dataDir;
    this.#port = port;
    this.#secrets = secrets;
    this.#configFile = path.join(dataDir, 'config.json');
    writeFileSync(this.#configFile, JSON.stringify(config));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get output(): string {
    return this.#program?.output() ?? '';
  }

  get #live(): Program {
    if (this.#program === null) throw new Error('the engine is not running');
    return this.#program;
  }

  /** Starts it. Resolves with `dead` when it died before it was ready, as it was told to. */
  async start(crashAt: Boundary | null = null): Promise<'ready' | 'dead'> {
    const readyFile = path.join(this.dataDir, 'ready.json');
    rmSync(readyFile, { force: true });
    const args = [
      '--config',
      this.#configFile,
      '--data-dir',
      this.dataDir,
      '--port',
      String(this.#port),
      '--ready-file',
      readyFile,
      '--no-open',
    ];
    const program = startProgram(headlessMain(), {
      args,
      nodeArgs: ['--import', PRELOAD],
      env: crashAt === null ? {} : { QUANT_ARB_CRASH_AT: JSON.stringify(crashAt) },
    });
    this.#program = program;
    let ending: Ending | null = null;
    void program.ended.then((how) => (ending = how));
    const endsMs = performance.now() + START_WITHIN_MS;
    while (performance.now() < endsMs) {
      const ready = readReady(readyFile, program.pid);
      if (ready !== null) {
        this.#ready = ready;
        return 'ready';
      }
      if (isOver(ending)) {
        this.#program = null;
        if (crashAt !== null && wasKilled(ending)) return 'dead';
        throw new Error(`the engine ended by itself:\n${program.output()}`);
      }
      await sleep(POLL_MS);
    }
    throw new Error(`the engine was not ready within ${START_WITHIN_MS} ms:\n${program.output()}`);
  }

  /** From now on it counts boundaries, and dies at this one. */
  crashAt(boundary: Boundary): void {
    this.#live.child.send({ crashAt: boundary });
  }

  /** From now on no database of it can grow. */
  fillDisk(): void {
    this.#live.child.send({ fillDisk: true });
  }

  /** Status of `/readyz`, with its reasons. */
  async readiness(): Promise<{ readonly status: number; readonly reasons: readonly string[] }> {
    const response = await fetch(`${this.url}/readyz`);
    return { status: response.status, reasons: ((await response.json()) as { readonly reasons?: readonly string[] }).reasons ?? [] };
  }

  async #connected(): Promise<Connected> {
    if (this.#console !== null) return this.#console;
    if (this.#ready === null) throw new Error('the engine is not running');
    this.#console = await connectConsole(this.#ready.url, this.#ready.signInUrl);
    return this.#console;
  }

  /** Arms as soon as the engine allows it. @throws with its conditions when it does not within the time. */
  async arm(withinMs: number): Promise<void> {
    await this.#untilAllowed('arm', withinMs, async ({ client }) => client.arm({ requestId: pressId(), reason: 'crash test' }));
  }

  async disarm(): Promise<void> {
    await (await this.#connected()).client.disarm({ requestId: pressId(), reason: 'crash test' });
  }

  /** As soon as the engine allows it, or until `inVain`. @throws with its conditions when it does not within the time. */
  async reset(withinMs: number, inVain: () => Promise<boolean>): Promise<void> {
    await this.#untilAllowed(
      'reset',
      withinMs,
      async ({ client }) => client.reset({ requestId: pressId(), reason: 'next crash', scope: 'all' }),
      inVain,
    );
  }

  /** @returns whether it was allowed */
  async act(groupId: string, act: GroupAct): Promise<boolean> {
    try {
      await (await this.#connected()).client.actOnGroup({ requestId: pressId(), reason: 'next crash', groupId, act });
      return true;
    } catch (error) {
      if (conditionsOf(error) === null) throw error;
      return false;
    }
  }

  async #untilAllowed(
    what: string,
    withinMs: number,
    act: (connected: Connected) => Promise<unknown>,
    inVain: () => Promise<boolean> = async () => false,
  ): Promise<void> {
    const endsMs = performance.now() + withinMs;
    for (;;) {
      try {
        await act(await this.#connected());
        return;
      } catch (error) {
        const conditions = conditionsOf(error);
        if (conditions === null) throw error;
        if (performance.now() > endsMs)
          throw new Error(`${what} was not allowed within ${withinMs} ms: ${conditions.join('; ')}`, { cause: error });
        if (await inVain()) return;
      }
      await sleep(POLL_MS * 5);
    }
  }

  async standing(): Promise<Standing> {
    const response = await fetch(`${this.url}/api/status`, { headers: { authorization: `Bearer ${this.#secrets.readToken}` } });
    return (await response.json()) as Standing;
  }

  async dashboard(): Promise<Dashboard> {
    const response = await fetch(`${this.url}/api/dashboard`, { headers: { authorization: `Bearer ${this.#secrets.readToken}` } });
    return (await response.json()) as Dashboard;
  }

  /** @returns when the engine's receipt says it was committed; null when it died before it could answer. */
  async kill(reason: string): Promise<number | null> {
    try {
      const response = await fetch(`${this.url}/api/kill`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#secrets.killToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason }),
      });
      // On a ledger that cannot be written it holds until the process ends, and the answer says so.
      if (response.status === 503) return null;
      if (!response.ok) throw new Error(`the kill was refused: ${response.status} ${await response.text()}`);
      return ((await response.json()) as { readonly committedUnixMs: number }).committedUnixMs;
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }

  /** Whether it has died by itself, within the time. */
  async diesWithin(ms: number): Promise<boolean> {
    const ended = await Promise.race([this.#live.ended.then(() => true), sleep(ms).then(() => false)]);
    if (ended) this.#buried();
    return ended;
  }

  async sigkill(): Promise<void> {
    const program = this.#live;
    program.child.kill('SIGKILL');
    await program.ended;
    this.#buried();
  }

  /** A clean end, for the last of all. */
  async stop(): Promise<void> {
    const program = this.#program;
    if (program === null) return;
    this.#console?.close();
    await program.end();
    this.#buried();
  }

  #buried(): void {
    this.#console?.close();
    this.#console = null;
    this.#program = null;
    this.#ready = null;
  }
}

/** Why the engine refused a command; null = it was something else that failed. */
const conditionsOf = (error: unknown): readonly string[] | null => {
  const { data, message } = error as { readonly data?: { readonly conditions?: readonly string[] }; readonly message?: string };
  if (data?.conditions === undefined) return null;
  return data.conditions.length > 0 ? data.conditions : [message ?? 'no reason given'];
};

/** Behind a function, since the promise that sets it is not seen by the compiler. */
const isOver = (ending: Ending | null): ending is Ending => ending !== null;
const wasKilled = (ending: Ending): boolean => ending.signal === 'SIGKILL';

const readReady = (file: string, pid: number): Ready | null => {
  try {
    const ready = JSON.parse(readFileSync(file, 'utf8')) as Ready;
    return ready.pid === pid ? ready : null;
  } catch {
    return null;
  }
};
