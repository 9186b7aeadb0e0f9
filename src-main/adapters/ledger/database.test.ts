import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Fact } from '../../core/facts.ts';
import { durabilitySwitch, MAX_WAL_BYTES, openDatabase, walBytes } from './database.ts';
import { openLedger } from './ledger.ts';
import { handClock, scratchFolder, smallSettings, stampedTimer } from './ledger.testkit.ts';
import { NEWEST_VERSION } from './migrations.ts';

test('the connection syncs exactly when the next commit must survive power loss', () => {
  const db = openDatabase({ path: join(scratchFolder(), 'l.db'), access: 'write', newestVersion: NEWEST_VERSION });
  const level = () => db.pragma('synchronous', { simple: true });
  const setDurability = durabilitySwitch(db);
  const [normal, full] = [1, 2];
  expect(level()).toBe(full);
  for (const [wanted, expected] of [
    ['normal', normal],
    ['normal', normal],
    ['full', full],
    ['normal', normal],
  ] as const) {
    setDurability(wanted);
    expect(level()).toBe(expected);
  }
  expect(db.pragma('wal_autocheckpoint', { simple: true })).toBe(0);
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  db.close();
});

const heavy = (megabytes: number): Fact[] =>
  Array.from({ length: megabytes }, () => ({
    type: 'noted',
    severity: 'info',
    kind: 'engine',
    subject: null,
    text: 'x'.repeat(1024 * 1024),
  }));

test('a checkpoint lets the write-ahead log be used from its start again, and its size is capped', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
  ledger.beginRun(smallSettings(), '1');
  ledger.commit(stampedTimer(1), heavy(4), [], 'normal');
  const once = walBytes(path);
  ledger.checkpoint();
  ledger.commit(stampedTimer(2), heavy(3), [], 'normal');
  expect(walBytes(path)).toBe(once);
  ledger.commit(stampedTimer(3), heavy(70), [], 'normal');
  expect(walBytes(path)).toBeGreaterThan(MAX_WAL_BYTES);
  ledger.appendSamples([{ unixMs: 1, pair: 0, fBps: 1, rBps: 1 }]);
  ledger.appendSamples([{ unixMs: 2, pair: 0, fBps: 1, rBps: 1 }]);
  expect(walBytes(path)).toBeLessThanOrEqual(MAX_WAL_BYTES);
  ledger.close();
  expect(walBytes(path)).toBe(0);
  expect(statSync(path).size).toBeGreaterThan(75 * 1024 * 1024);
});

test('reading does not put a file into another mode', () => {
  const path = join(scratchFolder(), 'l.db');
  openLedger({ path, clock: handClock(), owner: 'x' }).close();
  const db = openDatabase({ path, access: 'read', newestVersion: NEWEST_VERSION });
  expect(() => db.exec('DELETE FROM lease')).toThrow(Database.SqliteError);
  db.close();
});
