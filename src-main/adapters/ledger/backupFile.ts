/**
 * A consistent copy of a ledger by another process than the engine's, which may go on writing: one read transaction
 * (`VACUUM INTO`), examined, synced, then renamed. The online backup would start over with every commit of the engine.
 */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LedgerFault } from '../../runtime/ports.ts';
import { placeCopy, refuseSelfCopy } from './backup.ts';
import { faultOf, openDatabase } from './database.ts';
import { NEWEST_VERSION } from './migrations.ts';

const copyInto = (path: string, copyPath: string): void => {
  const source = openDatabase({ path, access: 'read', newestVersion: NEWEST_VERSION });
  try {
    source.prepare('VACUUM INTO ?').run(copyPath);
  } finally {
    source.close();
  }
};

/** @throws LedgerFault; an existing target is refused and stays as it is. */
export const backupFile = async (path: string, toPath: string): Promise<void> => {
  refuseSelfCopy(path, toPath);
  if (existsSync(toPath)) throw new LedgerFault('io', toPath, `${toPath}: the target exists already; choose another name.`);
  try {
    await placeCopy(toPath, (copyPath) => copyInto(path, copyPath));
  } catch (error) {
    throw faultOf(error, existsSync(dirname(resolve(toPath))) ? path : toPath);
  }
};
