/**
 * `npm run crash -- --exchanges --kills N [--seed S]`: the built engine, trading through the exchange gateways, killed N times at random
 * moments and at the boundaries of its ledger's transactions; after each the ledger is held beside the exchanges' own books, which
 * live on in another process. Prints every violation; ends with 1 when there was one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runCrashes, type Arena, type ArenaPlace } from '../crash/crashRun.ts';
import { EXCHANGES, exchangeConfig, keyVariable, startExchangeWorld } from './exchangeWorld.ts';

const DEFAULT_KILLS = 100;
const TRADING = {
  venue: { ackTimeoutMs: 600, orderValidityMs: 400 },
  exits: { maxHoldMs: 300, stopLossBps: null },
  limits: { maxOpenGroups: 3, maxTotalNotionalUsd: 20_000 },
  hedging: {
    compensateAfterMs: 600,
    queryEveryMs: 200,
    notFoundMarginMs: 400,
    openingDeadlineMs: 4_000,
    // 60 of weight each at Binance futures: more often would be more than its allowance gives.
    fillsSweepMs: 5_000,
    positionsSweepMs: 5_000,
    snapshotTimeoutMs: 6_000,
  },
};

/** The exchanges live in a process and a directory of their own; the engine gets its keys by the environment. */
export const exchangeArena = async ({ dataDir, port, secrets, seed }: ArenaPlace): Promise<Arena> => {
  const worldDir = mkdtempSync(path.join(tmpdir(), 'quant-arb-exchanges-'));
  const listenerUrl = `http://127.0.0.1:${port}`;
  const world = await startExchangeWorld({
    seed,
    worldDir,
    listenerUrl,
    token: secrets.mt5Token,
    terminalKey: secrets.mt5Key,
    rateScale: 2,
    restless: true,
  });
  for (const venueId of EXCHANGES) process.env[keyVariable(venueId)] = JSON.stringify(world.keys[venueId]);
  return {
    config: exchangeConfig(world, dataDir, port, TRADING),
    readBooks: () => world.readBooks(),
    stop: async () => {
      for (const venueId of EXCHANGES) delete process.env[keyVariable(venueId)];
      await world.stop();
      rmSync(worldDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

const whole = (name: string, text: string | undefined, otherwise: number): number => {
  const value = Number(text ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
};

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' }, report: { type: 'string' } } });
const kills = whole('kills', values.kills, DEFAULT_KILLS);
const seed = whole('seed', values.seed, 1);
const begunMs = performance.now();
console.log(`${kills} kills at the exchanges, seed ${seed}`);
const report = await runCrashes({ kills, seed, say: (line) => console.log(line), arena: exchangeArena });
const { moment, boundary, start, fullDisk } = report.kills;
for (const violation of report.violations) console.log(`VIOLATION ${violation}`);
console.log(
  [
    `${moment + boundary + start + fullDisk} kills in ${((performance.now() - begunMs) / 1_000).toFixed(0)} s: ${moment} at random moments, ${boundary} at ledger boundaries, ${start} while starting, ${fullDisk} on a full disk`,
    `${report.groups} hedge groups, ${report.orders} orders and ${report.fills} fills at the exchanges; ${report.heldGroups} groups held`,
    `start to answer p50 ${report.recoveryMs.p50.toFixed(0)} ms, max ${report.recoveryMs.max.toFixed(0)} ms`,
    `${report.violations.length} violations`,
  ].join('\n'),
);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report));
// Too few trades prove nothing.
if (report.fills === 0) console.log('VIOLATION nothing was ever traded');
process.exit(report.violations.length === 0 && report.fills > 0 ? 0 : 1);
