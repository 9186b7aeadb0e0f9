/**
 * One run of crashes: a schedule drawn from a seed, alternating random moments and ledger boundaries, every crash followed by
 * the checker on what lies on disk, a start (now and then killed, too), and the checker again at rest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eagerConfig, freePort, makeSecrets, startWorld, type Secrets, type World, type WorldConfig } from '../drivers/world.ts';
import type { Boundary } from './boundary.ts';
import { Checker, keptKill } from './checks.ts';
import { CrashEngine, type Standing } from './engineRun.ts';
import { readDeadLedger, readLiveLedger, readVenueBooks, type VenueBook } from './evidence.ts';
import { seededRandom, type Random } from './random.ts';

/** Boundaries are visited up to this number; then from the first again. */
const MAX_BOUNDARY = 24;
/** While starting: opening, lease, run, the first events, the first snapshots. */
const MAX_START_BOUNDARY = 12;
const MAX_MOMENT_MS = 1_500;
const ALLOWED_WITHIN_MS = 60_000;
const REST_WITHIN_MS = 60_000;
/** A boundary that is not reached in this time is left, and the process is killed where it stands. */
const BOUNDARY_WITHIN_MS = 8_000;
const POLL_MS = 50;
const KILL_SHARE = 0.25;
const CRASH_AT_START_SHARE = 0.25;
const PAIRS = {
  'xau-x': ['XAU-USDT-SWAP@okx', 'XAUUSDT@binance-usdm'],
  'btc-mt5': ['BTCUSD@mt5', 'BTC-USDT-SWAP@okx'],
} as const;

/** Where the engine is killed: its venues, its configuration, and how the venues' own books are read. */
export interface Arena {
  readonly config: WorldConfig;
  /** Read anew at every check; by files alone, for they outlive everybody. */
  readBooks(): readonly VenueBook[];
  stop(): Promise<void>;
}
export interface ArenaPlace {
  readonly dataDir: string;
  readonly port: number;
  readonly secrets: Secrets;
  readonly seed: number;
}

export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Default: paper venues, which live and die with the engine. */
  readonly arena?: (place: ArenaPlace) => Promise<Arena>;
}

export interface CrashReport {
  readonly kills: { moment: number; boundary: number; start: number; fullDisk: number };
  readonly killSwitchKept: number;
  readonly heldGroups: number;
  readonly orders: number;
  readonly fills: number;
  readonly groups: number;
  readonly recoveryMs: { readonly p50: number; readonly max: number };
  readonly violations: readonly string[];
}

interface Scene {
  readonly say: (line: string) => void;
  readonly tour: readonly Boundary[];
  readonly engine: CrashEngine;
  readonly checker: Checker;
  readonly random: Random;
  readonly ledgerFile: string;
  readonly arena: Arena;
  readonly report: {
    readonly kills: { moment: number; boundary: number; start: number; fullDisk: number };
    killSwitchKept: number;
    heldGroups: number;
    groups: number;
    readonly violations: string[];
    readonly recoveriesMs: number[];
  };
}

const SIDES = [
  ['BEGIN', 'before'],
  ['BEGIN', 'after'],
  ['COMMIT', 'before'],
  ['COMMIT', 'after'],
] as const;

/** Every boundary there is: before and after each BEGIN and COMMIT up to the last; in an order that the seed decides. */
const tourOf = (random: Random): readonly Boundary[] => {
  const tour = SIDES.flatMap(([at, side]) => Array.from({ length: MAX_BOUNDARY }, (_, i) => ({ at, side, n: i + 1 })));
  for (let i = tour.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [tour[i], tour[j]] = [tour[j]!, tour[i]!];
  }
  return tour;
};

const describe = ({ at, side, n }: Boundary): string => `${side} ${at} ${n}`;

/** What became of a kill before the crash: not asked, asked without an answer, or acknowledged at this moment. */
type Killed = 'no' | 'unanswered' | { readonly atUnixMs: number };

const checkDead = ({ arena, checker, ledgerFile, report }: Scene, where: string, killed: Killed): void => {
  const wrong = arena.readBooks().flatMap((book) => checker.absorb(book));
  const ledger = readDeadLedger(ledgerFile);
  wrong.push(...checker.always(ledger), ...(typeof killed === 'string' ? [] : keptKill(ledger, killed.atUnixMs)));
  report.violations.push(...wrong.map((what) => `${where}, dead: ${what}`));
};

/** A killed engine closes nothing by itself: what is hedged then stays open until the reset. */
const isQuiet = ({ groups, kill }: Standing): boolean =>
  groups.every(({ state }) => state === 'operator-held' || (state === 'open' && kill !== null));

/** Waits until every venue is reconciled and no group is under way; what takes too long is a violation. */
const rest = async (engine: CrashEngine): Promise<string | null> => {
  const endsMs = performance.now() + REST_WITHIN_MS;
  for (;;) {
    const [standing, { venues }] = await Promise.all([engine.standing(), engine.dashboard()]);
    const unsettled = Object.entries(venues).filter(([, venue]) => venue.reconciled !== 'yes');
    if (isQuiet(standing) && unsettled.length === 0) return null;
    if (performance.now() > endsMs)
      return `no rest within ${REST_WITHIN_MS} ms: ${[
        ...unsettled.map(([id, venue]) => `${id} ${venue.reconciled}`),
        ...standing.groups.map(({ id, state, why }) => `${id} ${state} (${why})`),
      ].join(', ')}`;
    await sleep(POLL_MS);
  }
};

const checkRest = async ({ engine, arena, checker, ledgerFile, report }: Scene, where: string): Promise<void> => {
  const late = await rest(engine);
  const books = arena.readBooks();
  const wrong = books.flatMap((book) => checker.absorb(book));
  const ledger = readLiveLedger(ledgerFile);
  report.groups = ledger.groups.length;
  wrong.push(...(late === null ? checker.atRest(ledger, books) : [late, ...checker.always(ledger)]));
  report.violations.push(...wrong.map((what) => `${where}, at rest: ${what}`));
};

/** Tells of violations as they are found: a run may be ended before its summary. */
const tellNew = ({ report, say }: Scene, from: number): void => {
  for (const violation of report.violations.slice(from)) say(`      VIOLATION ${violation}`);
};

/** What a person who finds a group held does first; adopting keeps the venue's position in the books, as not ours. */
const BY_HAND = ['unwind', 'close', 'adopt'] as const;
/** A venue that refuses so often is not asked again: what is left is adopted … */
const MAX_ORDERS_BY_HAND = 20;
/** … and so is what nothing else can be done about for so long: right after a start the venues have not said yet what may be traded. */
const ADOPT_AFTER_MS = 20_000;
/** What is unwound by hand may leave something that closes badly, and is held again. */
const MAX_RESETS = 10;

/** Ends, as a person would, what only a person may end: gives back what has no twin, and adopts what cannot be given back. */
const endByHand = async (engine: CrashEngine, groupId: string): Promise<boolean> => {
  const begunMs = performance.now();
  let actedMs = begunMs;
  for (let orders = 0; performance.now() < begunMs + REST_WITHIN_MS; await sleep(POLL_MS)) {
    const row = (await engine.dashboard()).groups[groupId];
    if (row?.state !== 'operator-held') return true;
    const inVain = orders >= MAX_ORDERS_BY_HAND || performance.now() > actedMs + ADOPT_AFTER_MS;
    const act = BY_HAND.find((each) => row.acts.includes(each) && (each === 'adopt') === inVain);
    if (act === undefined || !(await engine.act(groupId, act))) continue;
    orders += 1;
    actedMs = performance.now();
  }
  return false;
};

const isHeld = ({ state }: Standing['groups'][number]): boolean => state === 'operator-held';

/** Until nothing is held, resets what is latched; a group may be left to a person while we wait for that. */
const reset = async ({ engine, report, say }: Scene, where: string): Promise<void> => {
  for (let round = 0; round < MAX_RESETS; round += 1) {
    const { kill, groups } = await engine.standing();
    if (kill === null && !groups.some(isHeld)) return;
    for (const { id, why } of groups.filter(isHeld)) {
      report.heldGroups += 1;
      say(`      held after ${where}: ${id}: ${why}`);
      if (!(await endByHand(engine, id))) report.violations.push(`${where}: a person could not end ${id} within ${REST_WITHIN_MS} ms`);
    }
    if ((await engine.standing()).kill !== null)
      await engine.reset(ALLOWED_WITHIN_MS, async () => (await engine.standing()).groups.some(isHeld));
  }
  report.violations.push(`${where}: held and halted again ${MAX_RESETS} times`);
};

/** Ends what is held, so that the next round can begin; what is hedged closes by itself. */
const release = async (scene: Scene, where: string): Promise<void> => {
  const { engine, report } = scene;
  await reset(scene, where);
  const late = await rest(engine);
  if (late !== null) report.violations.push(`${where}, released: ${late}`);
};

/** A latch that was acknowledged is there, and nothing has been opened since; then it is reset. */
const checkLatch = async (scene: Scene, where: string, killed: Killed): Promise<void> => {
  const { engine, ledgerFile, report } = scene;
  const { armed, kill, tradingState, groups } = await engine.standing();
  if (armed) report.violations.push(`${where}: armed after the start`);
  if (kill === null) {
    if (typeof killed !== 'string') report.violations.push(`${where}: the kill latch was lost`);
    return;
  }
  const halted = kill.source === 'engine' && groups.some(isHeld);
  if (killed === 'no' && !halted) report.violations.push(`${where}: killed by ${kill.source}: ${kill.reason}`);
  if (tradingState !== 'halted') report.violations.push(`${where}: killed, and yet ${tradingState}`);
  report.killSwitchKept += 1;
  await reset(scene, where);
  if (typeof killed !== 'string')
    report.violations.push(...keptKill(readLiveLedger(ledgerFile), killed.atUnixMs, false).map((what) => `${where}: ${what}`));
};

/** Starts it again, now and then through a crash of the start itself. */
const restart = async (scene: Scene, where: string, killed: Killed): Promise<void> => {
  const { engine, random, report } = scene;
  while (random.chance(CRASH_AT_START_SHARE)) {
    const [at, side] = SIDES[random.below(SIDES.length)]!;
    const boundary = { at, side, n: 1 + random.below(MAX_START_BOUNDARY) };
    const began = await engine.start(boundary);
    if (began === 'ready' && !(await engine.diesWithin(2_000))) await engine.sigkill();
    report.kills.start += 1;
    checkDead(scene, `${where}, and ${describe(boundary)} of the start`, killed);
  }
  const begunMs = performance.now();
  await engine.start();
  await engine.standing();
  report.recoveriesMs.push(performance.now() - begunMs);
  await checkLatch(scene, where, killed);
};

const crash = async (scene: Scene, round: number): Promise<{ readonly where: string; readonly killed: Killed }> => {
  const { engine, random, report } = scene;
  const killFirst = random.chance(KILL_SHARE);
  const momentMs = random.uniform() * MAX_MOMENT_MS;
  const killMs = random.uniform() * momentMs;
  const killAt = async (): Promise<Killed> => {
    if (!killFirst) return 'no';
    await sleep(killMs);
    const atUnixMs = await engine.kill(`crash ${round}`);
    return atUnixMs === null ? 'unanswered' : { atUnixMs };
  };
  if (round % 2 === 0) {
    const killing = killAt();
    await sleep(momentMs);
    await engine.sigkill();
    report.kills.moment += 1;
    return { where: `crash ${round} after ${momentMs.toFixed(0)} ms${killFirst ? ', killed before' : ''}`, killed: await killing };
  }
  const boundary = scene.tour[((round - 1) / 2) % scene.tour.length]!;
  engine.crashAt(boundary);
  const killing = killAt();
  if (!(await engine.diesWithin(BOUNDARY_WITHIN_MS))) await engine.sigkill();
  report.kills.boundary += 1;
  return { where: `crash ${round} ${describe(boundary)}${killFirst ? ', killed before' : ''}`, killed: await killing };
};

/** The disk fills up while it trades: trading halts and says why, a kill still works, and nothing committed is lost. */
const fullDisk = async (scene: Scene): Promise<void> => {
  const { engine, report, ledgerFile } = scene;
  const where = 'full disk';
  await engine.arm(ALLOWED_WITHIN_MS);
  engine.fillDisk();
  const endsMs = performance.now() + REST_WITHIN_MS;
  while ((await engine.standing()).ledgerFault === null && performance.now() < endsMs) await sleep(POLL_MS);
  const { ledgerFault, tradingState } = await engine.standing();
  const { status, reasons } = await engine.readiness();
  if (ledgerFault === null) report.violations.push(`${where}: no fault was noticed`);
  else if (!ledgerFault.includes(ledgerFile) || !/space/i.test(ledgerFault))
    report.violations.push(`${where}: not told clearly: ${ledgerFault}`);
  if (tradingState !== 'halted') report.violations.push(`${where}: and yet ${tradingState}`);
  if (status !== 503 || !reasons.some((reason) => reason.includes('ledger')))
    report.violations.push(`${where}: /readyz ${status} ${reasons.join('; ')}`);
  const committed = readLiveLedger(ledgerFile);
  await engine.kill(where);
  if ((await engine.standing()).kill === null) report.violations.push(`${where}: a kill was not obeyed`);
  await engine.sigkill();
  report.kills.fullDisk += 1;
  checkDead(scene, where, 'unanswered');
  const kept = readDeadLedger(ledgerFile);
  if (kept.orders.length < committed.orders.length || kept.fills.length < committed.fills.length)
    report.violations.push(`${where}: what had been committed is gone`);
  await engine.start();
  await checkLatch(scene, where, 'unanswered');
  await checkRest(scene, where);
};

const summary = ({ checker, report }: Scene): CrashReport => {
  const sorted = report.recoveriesMs.toSorted((p, q) => p - q);
  const { recoveriesMs: _, ...rest } = report;
  const recoveryMs = { p50: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
  return { ...rest, ...checker.counts, recoveryMs };
};

const configOf = (world: World, dataDir: string, port: number) =>
  eagerConfig(world.config, dataDir, port, {
    pairs: PAIRS,
    paper: {
      latencyMs: 15,
      latencyJitterMs: 30,
      slippageBps: 0.1,
      partialFillRate: 0.2,
      rejectRate: 0.1,
      startBalances: { USD: '10000000', USDT: '10000000', BTC: '100' },
    },
    venue: { ackTimeoutMs: 400, orderValidityMs: 300 },
    exits: { maxHoldMs: 300, stopLossBps: null },
    limits: { maxOpenGroups: 3, maxTotalNotionalUsd: 20_000 },
    hedging: {
      compensateAfterMs: 300,
      queryEveryMs: 200,
      notFoundMarginMs: 200,
      openingDeadlineMs: 3_000,
      fillsSweepMs: 2_000,
      positionsSweepMs: 2_000,
      snapshotTimeoutMs: 2_000,
    },
  });

const paperArena = async ({ dataDir, port, secrets, seed }: ArenaPlace): Promise<Arena> => {
  const world = await startWorld({ seed, listenerUrl: `http://127.0.0.1:${port}`, token: secrets.mt5Token, rateScale: 2 });
  return { config: configOf(world, dataDir, port), readBooks: () => readVenueBooks(dataDir), stop: () => world.stop() };
};

/** Never rejects over a violation: they are in the report. @throws when the engine cannot be started or armed at all */
export const runCrashes = async ({ kills, seed, say, arena: open = paperArena }: CrashOptions): Promise<CrashReport> => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'quant-arb-crash-'));
  const secrets = makeSecrets(dataDir);
  const port = await freePort();
  const arena = await open({ dataDir, port, secrets, seed });
  const engine = new CrashEngine(dataDir, port, secrets, arena.config);
  const random = seededRandom(seed);
  const scene: Scene = {
    say,
    tour: tourOf(random),
    random,
    engine,
    checker: new Checker(),
    arena,
    ledgerFile: path.join(dataDir, 'ledger.sqlite'),
    report: {
      kills: { moment: 0, boundary: 0, start: 0, fullDisk: 0 },
      killSwitchKept: 0,
      heldGroups: 0,
      groups: 0,
      violations: [],
      recoveriesMs: [],
    },
  };
  const total = (): number => Object.values(scene.report.kills).reduce((sum, count) => sum + count, 0);
  let kept = false;
  try {
    await engine.start();
    for (let round = 0; total() < kills - 1; round += 1) {
      const violations = scene.report.violations.length;
      await engine.arm(ALLOWED_WITHIN_MS);
      const { where, killed } = await crash(scene, round);
      checkDead(scene, where, killed);
      await restart(scene, where, killed);
      await checkRest(scene, where);
      const { orders, fills } = scene.checker.counts;
      say(`${String(total()).padStart(4)} kills, ${orders} orders, ${fills} fills, ${scene.report.violations.length} violations: ${where}`);
      await release(scene, where);
      tellNew(scene, violations);
    }
    await fullDisk(scene);
    await engine.stop();
  } catch (error) {
    kept = true;
    say(engine.output);
    throw error;
  } finally {
    await engine.sigkill().catch(() => undefined);
    await arena.stop();
    kept ||= scene.report.violations.length > 0;
    if (kept) say(`Evidence was kept: ${dataDir}`);
    else rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
  return summary(scene);
};
