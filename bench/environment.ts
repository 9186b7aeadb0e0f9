/**
 * Where the figures come from: the machine, its versions, how busy it was with other things, and what its disk takes to
 * make a line durable. A figure without these says nothing.
 */
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerVersion } from './peers.ts';
import { quantileOf, sortedOf } from './rounds.ts';

export const repository = fileURLToPath(new URL('..', import.meta.url));

export interface Environment {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly versions: Readonly<Record<string, string | null>>;
  readonly loadAtStart: readonly number[];
  /** Microseconds of append + fdatasync, p50 and p99, back to back. */
  readonly fdatasyncUs: { readonly p50: number; readonly p99: number };
}

const ownVersion = (name: string): string | null => {
  try {
    return (JSON.parse(readFileSync(join(repository, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
};

const SYNCS = 200;
const ROW = Buffer.alloc(230, 'x');

/** Cost of the floor of durable: append a row, `fdatasync`. */
export const measureFdatasync = (folder: string): { readonly p50: number; readonly p99: number } => {
  const path = join(folder, 'fdatasync.probe');
  const fd = openSync(path, 'a');
  const costs: number[] = [];
  for (let i = 0; i < SYNCS; i++) {
    const began = performance.now();
    writeSync(fd, ROW);
    fdatasyncSync(fd);
    costs.push((performance.now() - began) * 1_000);
  }
  closeSync(fd);
  rmSync(path);
  const sorted = sortedOf(costs);
  return { p50: Math.round(quantileOf(sorted, 0.5)), p99: Math.round(quantileOf(sorted, 0.99)) };
};

/** Where recorded market data lies: named, or beside the repository; null where there is none. */
export const recordingsFolder = (): string | null => {
  const folder = process.env['QUANT_ARB_SHARED_DATA'] ?? resolve(repository, '..', 'shared', 'data');
  return existsSync(folder) ? folder : null;
};

export const environmentOf = (scratch: string): Environment => ({
  at: new Date().toISOString(),
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  system: `${type()} ${release()}`,
  node: process.version,
  v8: process.versions.v8,
  versions: {
    ...Object.fromEntries(['ws', 'fastify', 'better-sqlite3', 'decimal.js'].map((name) => [name, ownVersion(name)])),
    ...Object.fromEntries(['ccxt', 'binance', 'okx-api'].map((name) => [name, peerVersion(name)])),
  },
  loadAtStart: loadavg().map((load) => Math.round(load * 100) / 100),
  fdatasyncUs: measureFdatasync(scratch),
});

export interface Foreign {
  /** Share of all cores that others used, 0–1. */
  readonly share: number;
}

/** Watches how much of the machine other processes take, children of ours not counted apart. */
export const watchForeign = (): (() => Foreign) => {
  const total = (): { busy: number; all: number } => {
    let [busy, all] = [0, 0];
    for (const { times } of cpus()) {
      const sum = times.user + times.nice + times.sys + times.idle + times.irq;
      all += sum;
      busy += sum - times.idle;
    }
    return { busy, all };
  };
  const before = total();
  const own = process.cpuUsage();
  return () => {
    const after = total();
    const used = process.cpuUsage(own);
    const ownMs = (used.user + used.system) / 1_000;
    const share = after.all === before.all ? 0 : (after.busy - before.busy - ownMs) / (after.all - before.all);
    return { share: Math.max(0, Math.round(share * 100) / 100) };
  };
};
