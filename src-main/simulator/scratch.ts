/** Where simulated ledgers live: a folder in memory where there is one, with one migrated file as the template of all. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../adapters/ledger/ledger.ts';
import { Clockwork } from './clockwork.ts';

const MEMORY = '/dev/shm';

export interface Scratch {
  /** The path of a fresh, migrated ledger; the file of the run before is gone. */
  fresh(): string;
  remove(): void;
}

export const createScratch = (): Scratch => {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'quant-arb-simulator-'));
  const template = join(folder, 'template.db');
  const path = join(folder, 'ledger.db');
  openLedger({ path: template, clock: new Clockwork(0), owner: 'simulator' }).close();
  return {
    fresh() {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
      copyFileSync(template, path);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
