/**
 * The SQLite file itself: opening, pragmas, integrity, and the classing of every failure as a LedgerFault that names
 * the file and the remedy. Knows no tables. A file is examined before anything is written to it, so that a foreign,
 * newer or damaged file is left exactly as it was found.
 */
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { LedgerFault, type Durability, type LedgerFaultCode } from '../../runtime/ports.ts';

export type Sqlite = Database.Database;

/** `QARB`: marks the file as ours, so that another program's database is never migrated. */
export const APPLICATION_ID = 0x51415242;
/** How long a statement waits for a lock; readers never block the writer in WAL mode, so this is a reserve. */
export const BUSY_TIMEOUT_MS = 2_000;
/** The WAL is cut back to this after a checkpoint, and a checkpoint is forced when it grows past it. */
export const MAX_WAL_BYTES = 64 * 1024 * 1024;
/**
 * Up to this size the whole file is checked at open (some 25 ms), above it the structure only: a start after a crash must
 * not wait for years of history. Every backup is checked whole.
 */
export const MAX_FULL_CHECK_BYTES = 16 * 1024 * 1024;

const SQLITE_MAGIC = 'SQLite format 3\0';

const REMEDIES: Readonly<Record<LedgerFaultCode, string>> = {
  'disk-full': 'Free space on that disk (or quota), then start again; everything committed so far is safe.',
  'read-only': 'Make the file and its folder writable for this user, or choose another --data-dir; nothing was changed.',
  corrupt: 'Keep the file for examination, put a backup in its place or choose another --data-dir; the file was not touched.',
  'newer-schema': 'Start the newer version of Quant Arb, or choose another --data-dir; the file was not touched.',
  'held-by-another': 'Stop the other engine first, or give this one its own --data-dir.',
  busy: 'Another program holds a lock on the file (a database browser, a copy tool); close it and start again.',
  'other-mode':
    'Paper, demo and live are never mixed in one file: choose another --data-dir (or the profile this file belongs to); nothing was changed.',
  io: 'Check the disk and the path, then start again; everything committed so far is safe.',
};

/** A fault with its remedy in the message. */
export const ledgerFault = (code: LedgerFaultCode, path: string, what: string, cause?: unknown): LedgerFault =>
  new LedgerFault(code, path, `Ledger ${path}: ${what}. ${REMEDIES[code]}`, cause === undefined ? undefined : { cause });

const mayWrite = (path: string): boolean => {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

const codeOfSqlite = (code: string, path: string): LedgerFaultCode => {
  if (code === 'SQLITE_FULL') return 'disk-full';
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') return 'read-only';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  if (code.startsWith('SQLITE_CANTOPEN') && !mayWrite(path)) return 'read-only';
  return 'io';
};

const codeOfSystem = (code: string): LedgerFaultCode => {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'disk-full';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'read-only';
  return 'io';
};

/** Any error as a LedgerFault; one that already is passes unchanged. */
export const faultOf = (error: unknown, path: string): LedgerFault => {
  if (error instanceof LedgerFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Database.SqliteError) {
    return ledgerFault(codeOfSqlite(error.code, path), path, `${message} (${error.code})`, error);
  }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return ledgerFault(codeOfSystem(code), path, message, error);
};

/** Runs `work`; whatever it throws leaves as a LedgerFault. */
export const guarded = <T>(path: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw faultOf(error, path);
  }
};

const refuseForeignHeader = (path: string): void => {
  const size = statSync(path).size;
  if (size === 0) return;
  const head = Buffer.alloc(SQLITE_MAGIC.length);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  if (head.toString('latin1') !== SQLITE_MAGIC) throw ledgerFault('corrupt', path, 'this is not an SQLite database');
};

const refuseForeignDatabase = (db: Sqlite, path: string, newestVersion: number): void => {
  const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() ?? 0;
  const application = db.pragma('application_id', { simple: true }) as number;
  const version = versionOf(db);
  if (tables > 0 && application !== APPLICATION_ID) {
    throw ledgerFault('corrupt', path, 'this is an SQLite database of another program');
  }
  if (version > newestVersion) {
    throw ledgerFault('newer-schema', path, `it has schema version ${version}, this program knows versions up to ${newestVersion}`);
  }
};

const refuseDamage = (db: Sqlite, path: string): void => {
  const whole = statSync(path).size <= MAX_FULL_CHECK_BYTES;
  const pragma = whole ? 'quick_check(1)' : "quick_check('sqlite_schema')";
  const verdict = db.pragma(pragma, { simple: true }) as string;
  if (verdict !== 'ok') throw ledgerFault('corrupt', path, `the integrity check found: ${verdict}`);
};

/** The schema version of an open database; 0 = empty. */
export const versionOf = (db: Sqlite): number => db.pragma('user_version', { simple: true }) as number;

export interface OpenOptions {
  readonly path: string;
  readonly access: 'write' | 'read';
  readonly newestVersion: number;
}

/**
 * Opens and examines the file; in `write` access it is created where absent and put in WAL mode.
 * @throws LedgerFault; the file is then closed and unchanged.
 */
export const openDatabase = ({ path, access, newestVersion }: OpenOptions): Sqlite =>
  guarded(path, () => {
    if (access === 'write') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (existsSync(path)) refuseForeignHeader(path);
    else if (access === 'read')
      throw new LedgerFault(
        'io',
        path,
        `Ledger ${path}: there is no such file. Name the place where an engine ran, or start one there first.`,
      );
    const db = new Database(path, { timeout: BUSY_TIMEOUT_MS, readonly: access === 'read', fileMustExist: access === 'read' });
    try {
      refuseForeignDatabase(db, path, newestVersion);
      refuseDamage(db, path);
      db.pragma('trusted_schema = OFF');
      db.pragma('cell_size_check = ON');
      db.pragma('foreign_keys = ON');
      if (access === 'write') takeWriteMode(db, path);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });

const takeWriteMode = (db: Sqlite, path: string): void => {
  const mode = db.pragma('journal_mode = WAL', { simple: true }) as string;
  if (mode !== 'wal') throw ledgerFault('io', path, `the file system does not support write-ahead logging (mode ${mode})`);
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`journal_size_limit = ${MAX_WAL_BYTES}`);
  db.pragma('synchronous = FULL');
};

/**
 * Sets what the next commit survives. One connection whose level is switched only when it differs from the last
 * one: the pragma takes effect when it is compiled (2–3 µs), whereas a second connection would have its own cache
 * and lock. A FULL commit syncs the whole WAL, hence every NORMAL one before it too.
 */
export const durabilitySwitch = (db: Sqlite): ((wanted: Durability) => void) => {
  let current: Durability = 'full';
  return (wanted) => {
    if (wanted === current) return;
    db.pragma(wanted === 'full' ? 'synchronous = FULL' : 'synchronous = NORMAL');
    current = wanted;
  };
};

/** Bytes in the write-ahead log; 0 where there is none. */
export const walBytes = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
