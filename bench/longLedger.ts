/**
 * A ledger with a long history: millions of journal rows with their facts and log lines, ended groups, an hour of samples,
 * and, on top, the open hedges that a start must bring back. Rows are made by SQLite itself, many at once; the open hedges
 * are committed by the ledger as the engine does it.
 */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { EngineSettings } from '../src-shared/domain/settings.ts';
import { openLedger } from '../src-main/adapters/ledger/ledger.ts';
import { FILLS, GROUPS, ORDERS } from '../src-main/adapters/ledger/tradingTables.ts';
import type { EngineEvent, StartedEvent } from '../src-main/core/events.ts';
import type { Clock, Recovered } from '../src-main/runtime/ports.ts';
import { holdingsOf, openHedge } from './hedges.ts';

/** Between two journaled events, and how many of them bring a fact, a log line, an ended group. */
const ROW_MS = 100;
const ROWS_A_FACT = 5;
const ROWS_A_LOG_LINE = 10;
const ROWS_AN_ENDED_GROUP = 2_000;
/** The group that the ended ones are copies of. */
const TEMPLATE = 0;

export const startedOf = (
  runId: string,
  { pause, kill, samples, openIntents, trading, notes }: Recovered,
  unixMs: number,
): StartedEvent => ({
  type: 'started',
  seq: 1,
  monoUs: 0,
  unixMs,
  runId,
  pause,
  kill,
  samples,
  sampleIntervalMs: 1_000,
  openIntents,
  trading,
  notes,
});

const timer = (seq: number, unixMs: number): EngineEvent => ({ type: 'timer', seq, monoUs: seq * 1_000, unixMs });

const NUMBERS = 'WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < @count)';

/** Copies of the template's row with other names. */
const copy = (table: string, columns: string, changed: Readonly<Record<string, string>>): string => {
  const names = columns.split(', ');
  return `${NUMBERS}
    INSERT INTO ${table} (${names.join(', ')})
    SELECT ${names.map((name) => changed[name] ?? name).join(', ')} FROM number, ${table} WHERE ${table}.group_id = 'g${TEMPLATE}'`;
};

const ENDED_AT = '@from + n * @step';
const place = 'first_run, first_seq, last_run, last_seq';

const writeHistory = (path: string, rows: number, settings: EngineSettings, nowUnixMs: number): void => {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.pragma('foreign_keys = OFF');
    const from = nowUnixMs - rows * ROW_MS;
    const write = (sql: string, given: Readonly<Record<string, number>>): void =>
      void db.prepare(sql).run({ from, step: ROW_MS, ...given });
    db.transaction(() => {
      write(
        `${NUMBERS} INSERT INTO events SELECT 1, n + 2, ${ENDED_AT}, n * 100000.25, 'quote',
         printf('{"instrument":%d,"bidPx":%.2f,"bidQty":1.25,"askPx":%.2f,"askQty":0.5,"venueMs":%d,"updateId":%d,"receivedMonoUs":%d.5}',
                n % 20, 1000 + n % 7, 1000.5 + n % 7, @from + n, n * 3, n * 100000) FROM number`,
        { count: rows },
      );
      write(
        `${NUMBERS} INSERT INTO facts SELECT 1, n * ${ROWS_A_FACT} + 2, 0, 'noted',
         printf('{"type":"noted","severity":"info","kind":"venue","subject":"left","text":"something that was worth a line, number %d"}', n)
         FROM number`,
        { count: rows / ROWS_A_FACT },
      );
      write(
        `${NUMBERS} INSERT INTO event_log SELECT 1, n * ${ROWS_A_LOG_LINE} + 2, 0, ${ENDED_AT}, 'info', 'venue', 'left',
         printf('something that was worth a line, number %d', n) FROM number`,
        { count: rows / ROWS_A_LOG_LINE, step: ROW_MS * ROWS_A_LOG_LINE },
      );
      const count = Math.max(1, Math.floor(rows / ROWS_AN_ENDED_GROUP));
      const step = ROW_MS * ROWS_AN_ENDED_GROUP;
      const renamed = (letter: string): string => `printf('${letter}X%d', n)`;
      write(
        `${NUMBERS} INSERT INTO intents SELECT ${renamed('i')}, 1, n + 2, pair_id, ${ENDED_AT}, evidence, ${ENDED_AT}, end_reason, best_edge_bps,
         duration_ms, suppressed FROM number, intents WHERE intent_id = 'i${TEMPLATE}'`,
        { count, step },
      );
      const group = {
        group_id: renamed('g'),
        intent_id: renamed('i'),
        state: "'closed'",
        created_unix_ms: ENDED_AT,
        ended_unix_ms: ENDED_AT,
      };
      write(copy('hedge_groups', `${GROUPS.columns}, ${place}`, { ...group, last_seq: `n * ${ROWS_AN_ENDED_GROUP}` }), { count, step });
      const order = { client_order_id: "printf('qX%d%s', n, leg)", group_id: renamed('g'), committed_unix_ms: ENDED_AT };
      write(copy('orders', ORDERS.columns, order), { count, step });
      const fill = { trade_id: "printf('tX%d%s', n, leg)", ...order, booked_unix_ms: ENDED_AT };
      write(copy('fills', FILLS.columns, fill), { count, step });
      const seconds = Math.floor(settings.statistics.windowMs / 1_000);
      for (const pair of settings.pairs) {
        db.prepare('INSERT INTO sampled_pairs (pair_id) VALUES (?)').run(pair.id);
        write(
          `${NUMBERS} INSERT INTO samples SELECT (SELECT max(pair) FROM sampled_pairs), @from + n * 1000, (n % 50) / 10.0 - 2, -(n % 50) / 10.0 FROM number`,
          { count: seconds, from: nowUnixMs - seconds * 1_000 },
        );
      }
    })();
  } finally {
    db.close();
  }
};

export interface LongLedger {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** `rows` journaled events of the past, `openGroups` hedges that are open, and a run that was killed. */
export const writeLongLedger = (path: string, settings: EngineSettings, rows: number, openGroups: number, clock: Clock): LongLedger => {
  const now = clock.unixMs();
  const first = openLedger({ path, clock, owner: 'bench' });
  const begun = first.beginRun(settings, '0.0.0');
  first.commit(startedOf(begun.runId, begun.recovered, now), [], [], 'normal');
  first.commit(timer(2, now), openHedge(settings, TEMPLATE, now - rows * ROW_MS), [], 'normal');
  first.close();
  writeHistory(path, rows, settings, now);
  const second = openLedger({ path, clock, owner: 'bench' });
  const next = second.beginRun(settings, '0.0.0');
  second.commit(startedOf(next.runId, next.recovered, now), [], [], 'normal');
  for (let n = 1; n < openGroups; n += 1) second.commit(timer(n + 1, now), openHedge(settings, n, now - 1_000_000 + n), [], 'normal');
  second.commit(timer(openGroups + 1, now), holdingsOf(settings, openGroups), [], 'normal');
  second.close();
  return { path, rows, bytes: statSync(path).size };
};
