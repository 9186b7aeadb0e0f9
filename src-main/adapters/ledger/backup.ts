/**
 * A consistent copy while the engine runs: SQLite's online backup into a temporary name beside the target, examined,
 * synced, then renamed. What appears under the target's name is therefore always whole. The copy carries no lease.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { faultOf, ledgerFault, type Sqlite } from './database.ts';

const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/** Flushing a file takes a handle that may write (Windows); a folder's must not ask for that. */
const syncPath = async (path: string, flags: 'r' | 'r+'): Promise<void> => {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

const finishCopy = (copyPath: string): void => {
  const copy = new Database(copyPath);
  try {
    const verdict = copy.pragma('quick_check(1)', { simple: true }) as string;
    if (verdict !== 'ok') throw ledgerFault('corrupt', copyPath, `the copy did not pass its integrity check: ${verdict}`);
    copy.exec('DELETE FROM lease');
    // One self-contained file: no side files that could be left behind when it is moved.
    copy.pragma('journal_mode = DELETE');
  } finally {
    copy.close();
  }
};

/** Lets `write` make the copy under a temporary name; only a whole one, examined and synced, appears as `toPath`. */
export const placeCopy = async (toPath: string, write: (copyPath: string) => unknown): Promise<void> => {
  const copyPath = `${toPath}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await write(copyPath);
    finishCopy(copyPath);
    await syncPath(copyPath, 'r+');
    await rename(copyPath, toPath);
    if (process.platform !== 'win32') await syncPath(dirname(resolve(toPath)), 'r');
  } catch (error) {
    await rm(copyPath, { force: true });
    throw error;
  } finally {
    for (const side of SIDE_FILES) rmSync(`${copyPath}${side}`, { force: true });
  }
};

/** @throws LedgerFault where source and target are one file */
export const refuseSelfCopy = (path: string, toPath: string): void => {
  if (resolve(toPath) === resolve(path)) throw ledgerFault('io', toPath, 'a ledger cannot be backed up onto itself');
};

/** @throws LedgerFault; a target that existed before is then unchanged. */
export const backupTo = async (db: Sqlite, path: string, toPath: string): Promise<void> => {
  refuseSelfCopy(path, toPath);
  if (existsSync(`${toPath}-wal`)) throw ledgerFault('busy', toPath, 'the target is an open database');
  try {
    await placeCopy(toPath, (copyPath) => db.backup(copyPath));
  } catch (error) {
    throw faultOf(error, toPath);
  }
};
