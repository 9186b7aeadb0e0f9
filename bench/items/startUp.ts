/**
 * How long until one can see something: process start to the listener being ready, and to the first spread of the demo's
 * venues; beside a bare Node and beside a Node that only imports ccxt.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startBuiltHost } from '../builtHost.ts';
import { repository } from '../environment.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { peerVersion } from '../peers.ts';
import { bandOf, interleave, ratioBand, type Side } from '../rounds.ts';
import { atMost, figure, judge, ratioRow, skippedRow, type Row } from '../verdict.ts';

const ITEM = 'start-up';

/** Milliseconds of a Node process that runs `code` and ends. */
const nodeSide =
  (code: string): Side =>
  async () => {
    const beganMs = performance.now();
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      cwd: join(repository, 'bench', 'peers'),
      stdio: 'ignore',
    });
    const [exit] = (await once(child, 'exit')) as [number | null];
    if (exit !== 0) throw new Error(`node -e ${code} ended with ${exit}`);
    return performance.now() - beganMs;
  };

const FIRST_SPREAD_DEADLINE_MS = 30_000;

/** Milliseconds to readiness; the time to the first spread goes into `firstSpread`. */
const ourSide =
  (scratch: string, firstSpread: number[]): Side =>
  async () => {
    const host = await startBuiltHost(scratch, ['--profile', 'demo']);
    try {
      for (;;) {
        const { pairs } = await host.dashboard();
        if (Object.values(pairs).some((pair) => pair.fSpreadBps !== null)) break;
        if (performance.now() - host.beganMs > FIRST_SPREAD_DEADLINE_MS) throw new Error('no spread was shown');
        await pause(10);
      }
      firstSpread.push(performance.now() - host.beganMs);
      return host.readyMs;
    } finally {
      await host.stop();
    }
  };

export const startUpItem: BenchItem = {
  name: ITEM,
  title: 'process start to ready, and to the first spread of the demo (built headless host)',
  async run(context: BenchContext) {
    if (!existsSync(join(repository, 'out', 'main', 'headless.js')))
      return [skippedRow(ITEM, 'start to ready', 'not built: npm run build')];
    const firstSpread: number[] = [];
    const sides: Record<string, Side> = { ours: ourSide(context.scratch, firstSpread), bare: nodeSide('') };
    if (peerVersion('ccxt') !== null) sides['ccxt'] = nodeSide("await import('ccxt')");
    const { costs, control } = await interleave(sides, context.quick ? 2 : 5);
    const ms = (name: string): string => figure(bandOf(costs[name]!).median);
    const first = bandOf(firstSpread.map((each) => each / 1_000));
    const rows: Row[] = [
      ratioRow(ITEM, 'start to ready: ours / bare Node', ratioBand(costs['ours']!, costs['bare']!), atMost(8), {
        control,
        note: `${ms('ours')} / ${ms('bare')} ms, simulated venues included`,
      }),
      costs['ccxt'] === undefined
        ? skippedRow(ITEM, 'start to ready: ours / importing ccxt', 'ccxt is not installed')
        : ratioRow(ITEM, 'start to ready: ours / importing ccxt', ratioBand(costs['ours']!, costs['ccxt']), atMost(0.6), {
            note: `${ms('ours')} / ${ms('ccxt')} ms`,
          }),
      {
        item: ITEM,
        what: 'demo start to the first spread',
        goal: '≤ 3 s',
        measured: `${figure(first.median)} (${figure(first.p10)}–${figure(first.p90)}) s`,
        verdict: judge(first, atMost(3)),
        band: first,
      },
    ];
    return rows;
  },
};
