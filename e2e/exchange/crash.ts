/**
 * `npm run crash -- --exchanges --kills N [--seed S]`: the built engine, trading through the exchange gateways, killed N times at random
 * moments and at the boundaries of its ledger's transactions; after each the ledger is held beside the exchanges' own books, which
 * live on in another process; `--weather` adds faults of their roads. Prints every violation; ends with 1 when there was one.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runCrashes, type Arena, type ArenaPlace } from '../crash/crashRun.ts';
import { randomStream } from '../../src-main/sim/random.ts';
import { EXCHANGES, exchangeConfig, keyVariable, startExchangeWorld } from './exchangeWorld.ts';
import { weather } from './storm.ts';

const DEFAULT_KILLS = 100;
const WEATHER_EVERY_MS = 700;
const CALM_SHARE = 0.4;
const TRADED = ['okx', 'binance-usdm'] as const;
/** The kills end connections often enough; connections that end without them keep it from trading at all. */
const CONNECTIONS_END: ReadonlySet<string> = new Set([
  'close',
  'refuse',
  'dead-private-socket',
  'listen-key-expire',
  'maintenance',
  'rate-limit',
]);
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

/** One fault of the road a while, at one of the exchanges that are traded at; ends when it is called. */
const startWeather = (controlUrl: string, seed: number): (() => void) => {
  const random = randomStream(seed, 'weather');
  const inject = async (fault: object): Promise<void> => {
    const body = JSON.stringify(fault);
    const { status } = await fetch(controlUrl, { method: 'POST', body });
    if (status !== 200) throw new Error(`the world refused a fault: ${body}`);
  };
  const blow = async (): Promise<void> => {
    // Faults that no order has met yet would add up, until no order is without.
    for (const venue of TRADED) await inject({ venue, kind: 'clear' });
    if (random.uniform() < CALM_SHARE) return;
    const venue = TRADED[random.uniform() < 0.5 ? 0 : 1];
    const faults = weather(venue, random).filter(({ kind }) => !CONNECTIONS_END.has(kind));
    await inject({ venue, ...faults[Math.floor(random.uniform() * faults.length)] });
  };
  const timer = setInterval(() => void blow(), WEATHER_EVERY_MS);
  return () => clearInterval(timer);
};

/** The exchanges live in a process and a directory of their own; the engine gets its keys by the environment. */
const exchangeArena = async ({ dataDir, port, secrets, seed }: ArenaPlace, hasWeather: boolean): Promise<Arena> => {
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
  const endWeather = hasWeather ? startWeather(world.controlUrl, seed) : () => undefined;
  return {
    config: exchangeConfig(world, dataDir, port, TRADING),
    readBooks: () => world.readBooks(),
    stop: async () => {
      endWeather();
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

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string' },
    report: { type: 'string' },
    /** Faults of the exchanges beside the kills. */
    weather: { type: 'boolean', default: false },
  },
});
const kills = whole('kills', values.kills, DEFAULT_KILLS);
const seed = whole('seed', values.seed, 1);
const begunMs = performance.now();
console.log(`${kills} kills at the exchanges, seed ${seed}`);
const report = await runCrashes({ kills, seed, say: (line) => console.log(line), arena: (place) => exchangeArena(place, values.weather) });
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
