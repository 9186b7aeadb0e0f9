/**
 * A consistent copy of a ledger by another process than the engine's, which may go on writing: one read transaction
 * (`VACUUM INTO`), examined, synced, then renamed. The online backup would start over with every commit of the engine.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { faultOf, ledgerFault, openDatabase } from './database.ts';
import { NEWEST_VERSION } from './migrations.ts';

const copyInto = (path: string, copyPath: string): void => {
  const source = openDatabase({ path, access: 'read', newestVersion: NEWEST_VERSION });
  try {
    source.prepare('VACUUM INTO ?').run(copyPath);
  } finally {
    source.close();
  }
  const copy = new Database(copyPath);
  try {
    const verdict = copy.pragma('quick_check(1)', { simple: true }) as string;
    if (verdict !== 'ok') throw ledgerFault('corrupt', copyPath, `the copy did not pass its integrity check: ${verdict}`);
    // The lease belongs to the engine that still runs, not to the copy.
    copy.exec('DELETE FROM lease');
  } finally {
    copy.close();
  }
};

const sync = async (path: string): Promise<void> => {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

/** @throws LedgerFault; an existing target is refused and stays as it is. */
export const backupFile = async (path: string, toPath: string): Promise<void> => {
  if (resolve(toPath) === resolve(path)) throw ledgerFault('io', toPath, 'a ledger cannot be backed up onto itself');
  if (existsSync(toPath)) throw ledgerFault('io', toPath, 'the target exists already; choose another name');
  const copyPath = `${toPath}.${randomBytes(4).toString('hex')}.partial`;
  try {
    copyInto(path, copyPath);
    await sync(copyPath);
    await rename(copyPath, resolve(toPath));
  } catch (error) {
    await rm(copyPath, { force: true });
    throw faultOf(error, existsSync(dirname(resolve(toPath))) ? path : toPath);
  }
};
