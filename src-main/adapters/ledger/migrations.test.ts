import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { APPLICATION_ID, versionOf } from './database.ts';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, scratchFolder, smallSettings } from './ledger.testkit.ts';
import { migrate, MIGRATIONS, NEWEST_VERSION } from './migrations.ts';

const schemaOf = (db: Database.Database) => db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();

test.each(MIGRATIONS.map((_, version) => version))('a file of version %i comes to the newest schema and is usable', (version) => {
  const path = join(scratchFolder(), 'ledger.db');
  const old = new Database(path);
  migrate(old, version);
  expect(versionOf(old)).toBe(version);
  old.close();
  const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
  ledger.beginRun(smallSettings(), '1');
  ledger.close();
  const migrated = new Database(path);
  const fresh = new Database(':memory:');
  migrate(fresh);
  expect(schemaOf(migrated)).toEqual(schemaOf(fresh));
  expect(versionOf(migrated)).toBe(NEWEST_VERSION);
  expect(migrated.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
  migrated.close();
  fresh.close();
});

test('a step that fails leaves the file at its old version, whole', () => {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE lease (in_the_way TEXT)');
  const before = schemaOf(db);
  expect(() => migrate(db)).toThrow('already exists');
  expect(versionOf(db)).toBe(0);
  expect(schemaOf(db)).toEqual(before);
  db.close();
});

test('an older file is not read half: the archive asks for the engine to bring it up', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const db = new Database(path);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.close();
  expect(() => openArchive({ path })).toThrow('older schema version 0');
});
