import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Fact } from '../../core/facts.ts';
import { LedgerFault, type LedgerFaultCode } from '../../runtime/ports.ts';
import { faultOf } from './database.ts';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, sampleIntent, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';
import { NEWEST_VERSION } from './migrations.ts';

const T0 = 1_760_000_000_000;

const open = (path: string) => openLedger({ path, clock: handClock(), owner: 'test' });

/** A closed ledger with a run, many events and samples: several pages of everything. */
const filled = (path = join(scratchFolder(), 'ledger.db')): string => {
  const ledger = open(path);
  const { runId, recovered } = ledger.beginRun(smallSettings(), '1');
  ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full');
  for (let seq = 2; seq < 300; seq += 1) {
    ledger.commit(stampedTimer(seq), [{ type: 'intent-proposed', intent: sampleIntent(`i${seq}`, T0 + seq) }], [], 'normal');
  }
  ledger.close();
  return path;
};

const faultAt = (work: () => unknown): LedgerFault => {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerFault) return error;
    throw error;
  }
  throw new Error('there was no fault');
};

/** The fault of opening; code, path and remedy are there, and the file is byte for byte what it was. */
const refused = (path: string, code: LedgerFaultCode): LedgerFault => {
  const before = readFileSync(path);
  const fault = faultAt(() => open(path));
  expect(fault).toMatchObject({ code, path });
  expect(fault.message).toContain(path);
  expect(readFileSync(path).equals(before)).toBe(true);
  return fault;
};

test('a file that is no database is refused and not touched', () => {
  const path = join(scratchFolder(), 'ledger.db');
  writeFileSync(path, 'Dear diary, today I was mistaken for a ledger.'.repeat(50));
  expect(refused(path, 'corrupt').message).toContain('not an SQLite database');
});

test('a short or truncated file is refused', () => {
  const whole = filled();
  for (const keep of [50, 4_096, Math.floor(statSync(whole).size / 2), statSync(whole).size - 4_096]) {
    const path = join(scratchFolder(), 'ledger.db');
    copyFileSync(whole, path);
    truncateSync(path, keep);
    refused(path, 'corrupt');
  }
});

test('overwritten pages are found at open', () => {
  const whole = filled();
  const pages = statSync(whole).size / 4_096;
  for (const page of [2, Math.floor(pages / 2), pages - 1]) {
    const path = join(scratchFolder(), 'ledger.db');
    copyFileSync(whole, path);
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.alloc(4_096, 0xa5), 0, 4_096, page * 4_096);
    closeSync(fd);
    refused(path, 'corrupt');
  }
});

test('a database of another program is refused', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const other = new Database(path);
  other.exec('CREATE TABLE recipes (name TEXT)');
  other.close();
  expect(refused(path, 'corrupt').message).toContain('another program');
});

test('a newer schema is refused with both versions, also for reading', () => {
  const path = filled();
  const db = new Database(path);
  db.pragma(`user_version = ${NEWEST_VERSION + 1}`);
  db.pragma('journal_mode = DELETE');
  db.close();
  const fault = refused(path, 'newer-schema');
  expect(fault.message).toContain(`version ${NEWEST_VERSION + 1}`);
  expect(fault.message).toContain(`up to ${NEWEST_VERSION}`);
  expect(faultAt(() => openArchive({ path })).code).toBe('newer-schema');
});

/** Opens (and, asked to, begins a run) as a user without rights on the file, in a process of its own where we are root. */
const openAsNobody = (path: string): string => {
  const ledgerUrl = pathToFileURL(join(import.meta.dirname, 'ledger.ts')).href;
  const script = `
    const { openLedger } = await import(${JSON.stringify(ledgerUrl)});
    try {
      openLedger({ path: ${JSON.stringify(path)}, owner: 'x', clock: { monoUs: () => 0, unixMs: () => ${T0} } });
      console.log('opened');
    } catch (error) {
      console.log(error.name + ' ' + error.code + ' ' + error.message);
    }`;
  const asRoot = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', ...asRoot });
  return stdout === '' ? stderr : stdout;
};

test('a read-only file and a read-only folder are each a clear message', (ctx) => {
  if (process.platform === 'win32') ctx.skip('Windows knows no write permission of folders');
  const folder = scratchFolder();
  const path = filled(join(folder, 'ledger.db'));
  chmodSync(path, 0o444);
  chmodSync(folder, 0o555);
  onTestFinished(() => chmodSync(folder, 0o755));
  expect(openAsNobody(path)).toMatch(/^LedgerFault read-only .*Make the file and its folder writable/);
  expect(openAsNobody(join(folder, 'new.db'))).toMatch(/^LedgerFault read-only /);
  chmodSync(folder, 0o777);
  expect(openAsNobody(path)).toMatch(/^LedgerFault read-only /);
});

test('a full disk loses the commit that did not fit and nothing before it; with room again it goes on', () => {
  const path = join(scratchFolder(), 'ledger.db');
  filled(path);
  const limited = new Database(path);
  const pages = limited.pragma('page_count', { simple: true }) as number;
  limited.close();
  const ledger = openWithPageLimit(path, pages + 4);
  const { runId, recovered } = ledger.beginRun(smallSettings(), '1');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  let kept = 1;
  const fault = faultAt(() => {
    for (;;) {
      ledger.commit(stampedTimer(kept + 1), bigFacts(kept + 1), [{ type: 'set-gate', gate: 'reducing' }], 'full');
      kept += 1;
    }
  });
  expect(fault).toMatchObject({ code: 'disk-full', path });
  expect(fault.message).toContain('Free space');
  ledger.close();
  const archive = openArchive({ path });
  expect([...archive.journal(runId)]).toHaveLength(kept);
  archive.close();
  const again = open(path);
  const next = again.beginRun(smallSettings(), '1');
  expect(next.recovered.undoneEffects).toHaveLength(kept - 1);
  again.commit(startedFrom(next.runId, next.recovered), [], [], 'full');
  again.close();
});

const bigFacts = (seq: number): Fact[] => [{ type: 'noted', severity: 'info', kind: 'engine', subject: null, text: `${seq}`.repeat(500) }];

/** SQLite's own limit of pages stands for the end of the disk: it raises the very SQLITE_FULL. */
const openWithPageLimit = (path: string, pages: number) => {
  const prepare: Database.Database['pragma'] = Reflect.get(Database.prototype, 'pragma');
  Database.prototype.pragma = function limited(this: Database.Database, ...args: Parameters<typeof prepare>) {
    const result = prepare.apply(this, args);
    if (args[0] === 'wal_autocheckpoint = 0') prepare.call(this, `max_page_count = ${pages}`);
    return result;
  };
  try {
    return open(path);
  } finally {
    Database.prototype.pragma = prepare;
  }
};

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mountpoint', ['--version']).status === 0;

test('a really full file system: refused or faulted at every filling, and what was committed stays', (ctx) => {
  if (!canMount) ctx.skip('mounting a small file system needs root on Linux; the page limit above stands for it');
  const folder = join(scratchFolder(), 'small');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=768k', 'tmpfs', folder]).status !== 0) ctx.skip('mounting is not allowed here');
  onTestFinished(() => void execFileSync('umount', [folder]));
  const path = join(folder, 'ledger.db');
  const ledger = open(path);
  const { runId, recovered } = ledger.beginRun(smallSettings(), '1');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  let kept = 1;
  const fault = faultAt(() => {
    for (;;) {
      ledger.commit(stampedTimer(kept + 1), bigFacts(kept + 1), [], 'full');
      kept += 1;
    }
  });
  expect(fault.code).toBe('disk-full');
  ledger.close();
  const archive = openArchive({ path });
  expect([...archive.journal(runId)]).toHaveLength(kept);
  archive.close();
  try {
    writeFileSync(join(folder, 'filler'), Buffer.alloc(1024 * 1024));
  } catch {
    // Now it is full to the last page.
  }
  const start = () => {
    const again = open(path);
    try {
      const next = again.beginRun(smallSettings(), '1');
      again.commit(startedFrom(next.runId, next.recovered), [], [], 'full');
      // What room the files have left in themselves is used up first.
      for (let seq = 2; seq < 2_000; seq += 1) again.commit(stampedTimer(seq), bigFacts(seq), [], 'full');
    } finally {
      again.close();
    }
  };
  expect(faultAt(start).code).toBe('disk-full');
});

test('a lock held by another program is named as such', () => {
  const path = filled();
  const other = new Database(path);
  other.exec('BEGIN EXCLUSIVE');
  const fault = faultAt(() => open(path));
  expect(fault.code).toBe('busy');
  other.exec('ROLLBACK');
  other.close();
});

test('the archive names a missing file and does not create it', () => {
  const path = join(scratchFolder(), 'none.db');
  expect(faultAt(() => openArchive({ path })).message).toContain('no such file');
  expect(existsSync(path)).toBe(false);
});

test.each<[string, LedgerFaultCode]>([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EROFS', 'read-only'],
  ['EACCES', 'read-only'],
  ['EIO', 'io'],
])('the system error %s is classed %s', (code, expected) => {
  const fault = faultOf(Object.assign(new Error(`${code}: it failed`), { code }), '/x');
  expect(fault).toMatchObject({ code: expected, path: '/x' });
  expect(fault.message).toContain('it failed');
});

test.each<[string, LedgerFaultCode]>([
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_READONLY_DIRECTORY', 'read-only'],
  ['SQLITE_CORRUPT_INDEX', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
  ['SQLITE_BUSY_SNAPSHOT', 'busy'],
  ['SQLITE_IOERR_FSYNC', 'io'],
])('the SQLite error %s is classed %s', (code, expected) => {
  expect(faultOf(new Database.SqliteError('it failed', code), '/x')).toMatchObject({ code: expected });
});
