/**
 * The durable history, behind the `Ledger` port. One writer, one commit = one transaction of event, facts, effects and
 * all tables derived from them. After a fault the transaction is gone whole; this module never retries by itself.
 */
import { createHash, randomInt } from 'node:crypto';
import type { EngineSettings } from '../../../src-shared/domain/settings.ts';
import type { EventRow } from '../../../src-shared/domain/view.ts';
import type { EngineEvent, SpreadSample } from '../../core/events.ts';
import type { Effect, Fact } from '../../core/facts.ts';
import type { Clock, Durability, Ledger, LedgerArchive, Recovered } from '../../runtime/ports.ts';
import { backupTo } from './backup.ts';
import { commandStore, type InTransaction } from './commandStore.ts';
import { durabilitySwitch, guarded, ledgerFault, MAX_WAL_BYTES, openDatabase, versionOf, walBytes, type Sqlite } from './database.ts';
import { encodeExact } from '../../../src-shared/domain/exactJson.ts';
import { encodeTrading, rowOfEvent } from './journal.ts';
import { takeLease, type Lease } from './lease.ts';
import { migrate, NEWEST_VERSION } from './migrations.ts';
import { outbox } from './outbox.ts';
import { projector } from './projections.ts';
import { archiveReader, ledgerReader } from './queries.ts';
import { readSamples, SAMPLE_RETENTION_MS, sampleWriter } from './samples.ts';
import { recoverLatches, recoverTrading } from './tradingRecovery.ts';

export interface LedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Who holds the lease, for the message another engine will show: program and version. */
  readonly owner: string;
}

interface OpenRun {
  readonly run: number;
  readonly pairIds: readonly string[];
}

const statementsOf = (db: Sqlite) => ({
  event: db.prepare<[number, number, number, number, string, string]>('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)'),
  recovery: db.prepare<[number, string]>('INSERT INTO recoveries VALUES (?, ?)'),
  configuration: db.prepare<[string, string, number]>('INSERT OR IGNORE INTO configuration_versions VALUES (?, ?, ?)'),
  run: db.prepare<[string, string, string, string, number]>(
    'INSERT INTO runs (run_id, version, owner, configuration, started_unix_ms) VALUES (?, ?, ?, ?, ?)',
  ),
  endRun: db.prepare<[number, string, number]>('UPDATE runs SET ended_unix_ms = ?, end_reason = ? WHERE run = ? AND ended_unix_ms IS NULL'),
  lastRun: db.prepare<[], { readonly run_id: string; readonly ended_unix_ms: number | null }>(
    'SELECT run_id, ended_unix_ms FROM runs ORDER BY run DESC LIMIT 1',
  ),
  mode: db.prepare<[], string>('SELECT mode FROM trading_mode').pluck(),
  bindMode: db.prepare<[string]>('INSERT INTO trading_mode VALUES (1, ?)'),
  openIntents: db.prepare<[], { readonly id: string; readonly pairId: string }>(
    'SELECT intent_id AS id, pair_id AS pairId FROM intents WHERE ended_unix_ms IS NULL ORDER BY run, seq, intent_id',
  ),
});
type Statements = ReturnType<typeof statementsOf>;

const RUN_SUFFIX_CHARACTERS = 3;

/** `[0-9a-z]` only, short enough to lead an intent id, different even for two ledgers started in one millisecond. */
const newRunId = (unixMs: number): string =>
  Math.floor(unixMs).toString(36) +
  randomInt(36 ** RUN_SUFFIX_CHARACTERS)
    .toString(36)
    .padStart(RUN_SUFFIX_CHARACTERS, '0');

/** The first run binds the file to its mode, for good. @throws LedgerFault `other-mode` */
const bindMode = (sql: Statements, path: string, wanted: EngineSettings['mode']): void => {
  const bound = sql.mode.get();
  if (bound === undefined) sql.bindMode.run(wanted);
  else if (bound !== wanted) throw ledgerFault('other-mode', path, `it holds ${bound} trading, this engine is to trade ${wanted}`);
};

const recover = (
  db: Sqlite,
  sql: Statements,
  settings: EngineSettings,
  now: number,
  takenOver: string | null,
): Omit<Recovered, 'undoneEffects'> => {
  const last = sql.lastRun.get();
  const clean = last === undefined ? null : last.ended_unix_ms !== null;
  const notes = takenOver === null ? [] : [takenOver];
  if (clean === false) notes.push(`The previous run ${last?.run_id} did not end cleanly; everything it committed was recovered.`);
  const pairIds = settings.pairs.map((pair) => pair.id);
  return {
    ...recoverLatches(db),
    samples: readSamples(db, pairIds, now - settings.statistics.windowMs, now),
    openIntents: sql.openIntents.all(),
    trading: recoverTrading(db, now),
    previousRunEndedCleanly: clean,
    notes,
  };
};

/** The one way into the file: what is done in it is kept whole or not at all. */
const transactionsOf = (db: Sqlite, path: string, lease: Lease): InTransaction => {
  const sql = { begin: db.prepare('BEGIN IMMEDIATE'), commit: db.prepare('COMMIT'), rollback: db.prepare('ROLLBACK') };
  const setDurability = durabilitySwitch(db);
  return (durability, work) =>
    guarded(path, () => {
      setDurability(durability);
      try {
        sql.begin.run();
        lease.assertHeld();
        const result = work();
        sql.commit.run();
        return result;
      } catch (error) {
        // SQLite itself ends the transaction on some faults (disk full, I/O).
        if (db.inTransaction) sql.rollback.run();
        throw error;
      }
    });
};

const writerOf = (db: Sqlite, path: string, clock: Clock, owner: string, lease: Lease, inTransaction: InTransaction) => {
  const sql = statementsOf(db);
  const effectRows = outbox(db);
  const project = projector(db);
  const samples = sampleWriter(db);
  let open: OpenRun | null = null;

  const running = (): OpenRun => {
    if (open === null) throw ledgerFault('io', path, 'no run has begun, nothing can be committed');
    return open;
  };

  return {
    beginRun: (settings: EngineSettings, version: string) =>
      inTransaction('full', () => {
        const now = clock.unixMs();
        bindMode(sql, path, settings.mode);
        const text = encodeExact(settings);
        const digest = createHash('sha256').update(text).digest('hex');
        const recovered = recover(db, sql, settings, now, lease.takenOver);
        sql.configuration.run(digest, text, now);
        const runId = newRunId(now);
        const run = Number(sql.run.run(runId, version, owner, digest, now).lastInsertRowid);
        open = { run, pairIds: settings.pairs.map((pair) => pair.id) };
        return { runId, recovered: { ...recovered, undoneEffects: effectRows.undoneBefore(run) } };
      }),
    commit: (
      event: EngineEvent,
      facts: readonly Fact[],
      effects: readonly Effect[],
      durability: Durability,
      rows: readonly (EventRow | null)[] = [],
    ): void =>
      inTransaction(durability, () => {
        const { run } = running();
        const row = rowOfEvent(event);
        sql.event.run(run, row.seq, row.unix_ms, row.mono_us, row.type, row.payload);
        if (event.type === 'started') sql.recovery.run(run, encodeTrading(event));
        project(run, event, facts, rows);
        effectRows.add(run, event.seq, effects, facts);
        if (event.type === 'started') effectRows.settleBefore(run);
      }),
    effectsDone: (seq: number): void => inTransaction('normal', () => effectRows.markDone(running().run, seq, clock.unixMs())),
    appendSamples: (batch: readonly SpreadSample[]): void => {
      inTransaction('normal', () => samples.append(batch, running().pairIds));
      // The next write then starts the log over and cuts it to its limit.
      if (walBytes(path) > MAX_WAL_BYTES) guarded(path, () => db.pragma('wal_checkpoint(RESTART)'));
    },
    prune: (): number => inTransaction('normal', () => samples.prune(clock.unixMs() - SAMPLE_RETENTION_MS)),
    renewLease: (): void => inTransaction('normal', () => lease.renew()),
    endRun: (why: string): void =>
      inTransaction('full', () => {
        sql.endRun.run(clock.unixMs(), why, running().run);
        open = null;
      }),
  };
};

/** Opens, migrates and takes the lease. @throws LedgerFault with code, path and what to do; the file is then unchanged. */
export const openLedger = ({ path, clock, owner }: LedgerOptions): Ledger => {
  const db = openDatabase({ path, access: 'write', newestVersion: NEWEST_VERSION });
  try {
    return guarded(path, () => {
      migrate(db);
      const lease = takeLease(db, path, owner, clock);
      const inTransaction = transactionsOf(db, path, lease);
      return {
        path,
        ...writerOf(db, path, clock, owner, lease, inTransaction),
        commands: commandStore(db, path, clock, inTransaction),
        ...ledgerReader(db, path),
        backup: (toPath: string) => backupTo(db, path, toPath),
        checkpoint: () => guarded(path, () => void db.pragma('wal_checkpoint(PASSIVE)')),
        close: () => {
          if (db.open) closeLedger(db, lease);
        },
      };
    });
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Releases what can be released; a ledger that can no longer be written still closes, its lease then expires. */
const closeLedger = (db: Sqlite, lease: Lease): void => {
  try {
    lease.release();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // Closing must not mask the fault that led here: the WAL keeps what the checkpoint could not move.
  } finally {
    db.close();
  }
};

/** Read access beside a running engine, or without one. @throws LedgerFault. */
export const openArchive = ({ path }: { readonly path: string }): LedgerArchive => {
  const db = openDatabase({ path, access: 'read', newestVersion: NEWEST_VERSION });
  try {
    if (versionOf(db) < NEWEST_VERSION) {
      throw ledgerFault('io', path, `it has the older schema version ${versionOf(db)}; start the engine on it once to bring it up to date`);
    }
    return guarded(path, () => ({ path, ...ledgerReader(db, path), ...archiveReader(db, path), close: () => void db.close() }));
  } catch (error) {
    db.close();
    throw error;
  }
};
