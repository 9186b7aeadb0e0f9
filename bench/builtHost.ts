/**
 * The built headless host, started as a person would, in a process of its own and with a data directory of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { repository } from './environment.ts';

const START_DEADLINE_MS = 60_000;

export interface BuiltHost {
  readonly url: string;
  readonly signInUrl: string;
  readonly child: ChildProcess;
  /** From the start of the process. */
  readonly readyMs: number;
  readonly beganMs: number;
  /** The JSON dashboard. */
  dashboard(): Promise<Dashboard>;
  stop(): Promise<void>;
}

export interface Dashboard {
  readonly engine: Readonly<Record<string, { readonly quotesPerSecond: number; readonly stepP99Us: number | null } | undefined>>;
  readonly pairs: Readonly<Record<string, { readonly fSpreadBps: number | null }>>;
}

interface ReadyFile {
  readonly url: string;
  readonly signInUrl: string;
}

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return null;
  }
};

/** @param args beside the data directory, port, and what keeps it quiet */
export const startBuiltHost = async (scratch: string, args: readonly string[]): Promise<BuiltHost> => {
  const dataDir = mkdtempSync(join(scratch, 'host-'));
  const readyFile = join(dataDir, 'ready.json');
  const main = join(repository, 'out', 'main', 'headless.js');
  const beganMs = performance.now();
  const child = spawn(process.execPath, [main, ...args, '--data-dir', dataDir, '--port', '0', '--no-open', '--ready-file', readyFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4_000)));
  const exited = once(child, 'exit');
  let ready: ReadyFile | null = null;
  while ((ready = readJson(readyFile) as ReadyFile | null) === null) {
    if (child.exitCode !== null) throw new Error(`the headless host ended with code ${child.exitCode}:\n${said}`);
    if (performance.now() - beganMs > START_DEADLINE_MS) {
      child.kill('SIGKILL');
      throw new Error(`the headless host was not ready within ${START_DEADLINE_MS / 1_000} s:\n${said}`);
    }
    await pause(2);
  }
  const readyMs = performance.now() - beganMs;
  const password = (readJson(join(dataDir, 'secrets.json')) as { password: string } | null)?.password ?? '';
  const { url, signInUrl } = ready;
  return {
    url,
    signInUrl,
    child,
    readyMs,
    beganMs,
    async dashboard() {
      const response = await fetch(new URL('/api/dashboard', url), {
        headers: { authorization: `Basic ${Buffer.from(`operator:${password}`).toString('base64')}` },
      });
      if (response.status !== 200) throw new Error(`dashboard: ${response.status} ${await response.text()}`);
      return (await response.json()) as Dashboard;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 8_000);
      await exited;
      clearTimeout(late);
    },
  };
};
