/**
 * How long after a crash the engine decides again: with 1,000 hedges open, from opening the ledger to the first quote stepped,
 * recovery committed; and whether that depends on how long the ledger has been in use.
 */
import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import { openLedger } from '../../src-main/adapters/ledger/ledger.ts';
import { createEngine, step } from '../../src-main/core/engine.ts';
import type { QuoteEvent } from '../../src-main/core/events.ts';
import { eventRowOf } from '../../src-main/core/notes.ts';
import { systemClock } from '../../src-main/runtime/clock.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { startedOf, writeLongLedger, type LongLedger } from '../longLedger.ts';
import { bandOf, interleave, ratioBand, type Side } from '../rounds.ts';
import { atMost, figure, judge, ratioRow, skippedRow, type Row } from '../verdict.ts';
import { settingsOf } from '../world.ts';

const ITEM = 'recovery';
const OPEN_GROUPS = 1_000;
const PAIRS = 10;
const SHORT = 100_000;
const SIZES: readonly number[] = [SHORT, 1_000_000, 10_000_000];
/** What a journal row takes with all that hangs on it; twice over, for the copy that a checkpoint may need. */
const BYTES_A_ROW = 500;
const GROUP_US = 40;
const FIXED_MS = 5;

const named = (rows: number): string => (rows >= 1_000_000 ? `${rows / 1_000_000} M` : `${rows / 1_000} k`);

const quoteAt = (seq: number): QuoteEvent => {
  const [monoUs, unixMs] = [systemClock.monoUs(), systemClock.unixMs()];
  return {
    type: 'quote',
    seq,
    monoUs,
    unixMs,
    instrument: 0,
    bidPx: 1_000.01,
    bidQty: 1,
    askPx: 1_000.02,
    askQty: 1,
    venueMs: null,
    updateId: null,
    receivedMonoUs: monoUs,
  };
};

/** Milliseconds of one start after a crash; the run is left as a crash would leave it. @throws Error when not everything came back */
const startOn = (path: string, settings: EngineSettings): number => {
  const began = performance.now();
  const ledger = openLedger({ path, clock: systemClock, owner: 'bench' });
  try {
    const { runId, recovered } = ledger.beginRun(settings, '0.0.0');
    const state = createEngine(settings);
    const started = { ...startedOf(runId, recovered, systemClock.unixMs()), monoUs: systemClock.monoUs() };
    const { facts, effects } = step(state, started);
    const rows = facts.map((fact) => eventRowOf(fact, started.unixMs));
    ledger.commit(started, facts, effects, 'full', rows);
    step(state, quoteAt(2));
    const totalMs = performance.now() - began;
    const open = state.book.groups.filter((group) => group.state === 'open').length;
    if (open !== OPEN_GROUPS) throw new Error(`${open} of ${OPEN_GROUPS} open groups came back`);
    return totalMs;
  } finally {
    ledger.close();
  }
};

/** Milliseconds of the ledger alone: opened, examined, everything open read; without the hour of samples. */
const readOn = (path: string, settings: EngineSettings): number => {
  const began = performance.now();
  const ledger = openLedger({ path, clock: systemClock, owner: 'bench' });
  try {
    ledger.beginRun({ ...settings, statistics: { ...settings.statistics, windowMs: 0 } }, '0.0.0');
    return performance.now() - began;
  } finally {
    ledger.close();
  }
};

const roomFor = (folder: string, rows: number): boolean => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > rows * BYTES_A_ROW * 2;
};

const secondsRow = (rows: number, totals: readonly number[], note: string): Row => {
  const band = bandOf(totals.map((ms) => ms / 1_000));
  const goal = atMost(1);
  return {
    item: ITEM,
    what: `${OPEN_GROUPS.toLocaleString('en-US')} open groups, ${named(rows)} journal rows: to the first quote`,
    goal: '≤ 1 s',
    measured: `${figure(band.median)} (${figure(band.p10)}–${figure(band.p90)}) s`,
    verdict: judge(band, goal),
    band,
    note,
  };
};

const ledgerRow = (rows: number, costs: readonly number[]): Row => {
  const band = bandOf(costs);
  const limit = (OPEN_GROUPS * GROUP_US) / 1_000 + FIXED_MS;
  return {
    item: ITEM,
    what: `the ledger alone: opened, examined, everything open read (${named(rows)} rows)`,
    goal: `≤ ${limit} ms`,
    measured: `${figure(band.median)} (${figure(band.p10)}–${figure(band.p90)}) ms`,
    verdict: judge(band, atMost(limit)),
    band,
    note: `goal: ${GROUP_US} µs a group + ${FIXED_MS} ms`,
  };
};

const measure = async (ledgers: readonly LongLedger[], settings: EngineSettings, rounds: number): Promise<readonly Row[]> => {
  const ledgerMs: Record<string, number[]> = {};
  const sides = Object.fromEntries(
    ledgers.map(({ path, rows }): [string, Side] => {
      const own: number[] = [];
      ledgerMs[named(rows)] = own;
      return [
        named(rows),
        () => {
          own.push(readOn(path, settings));
          return startOn(path, settings);
        },
      ];
    }),
  );
  const { costs, control } = await interleave(sides, rounds);
  const short = costs[named(SHORT)]!;
  return ledgers.flatMap(({ rows, bytes }) => {
    const totals = costs[named(rows)]!;
    const own = [
      secondsRow(rows, totals, `${figure(bytes / 1e6)} MB, an hour of samples of ${PAIRS} pairs included`),
      ledgerRow(rows, ledgerMs[named(rows)]!.slice(1)),
    ];
    if (rows === SHORT) return own;
    return [...own, ratioRow(ITEM, `${named(rows)} rows / ${named(SHORT)} rows`, ratioBand(totals, short), atMost(1.5), { control })];
  });
};

export const recoveryItem: BenchItem = {
  name: ITEM,
  title: 'recovery: from a crash to the first quote accepted, by the length of the history',
  async run(context: BenchContext) {
    const settings = settingsOf(PAIRS);
    const rows: Row[] = [];
    const ledgers: LongLedger[] = [];
    try {
      for (const size of context.quick ? SIZES.slice(0, 2) : SIZES) {
        if (!roomFor(context.scratch, size)) {
          const needed = Math.ceil((size * BYTES_A_ROW * 2) / 1e9);
          rows.push(skippedRow(ITEM, `${named(size)} journal rows`, `needs ${needed} GB of free disk for the time being`));
          continue;
        }
        const began = performance.now();
        const ledger = writeLongLedger(join(context.scratch, `recovery-${size}.db`), settings, size, OPEN_GROUPS, systemClock);
        context.say(`${named(size)} rows, ${figure(ledger.bytes / 1e6)} MB, written in ${figure((performance.now() - began) / 1_000)} s`);
        ledgers.push(ledger);
      }
      rows.unshift(...(await measure(ledgers, settings, context.quick ? 3 : 9)));
    } finally {
      for (const { path } of ledgers) for (const side of ['', '-wal', '-shm']) rmSync(`${path}${side}`, { force: true });
    }
    return rows;
  },
};
