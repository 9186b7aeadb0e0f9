import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, sampleIntent, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';

const T0 = 1_760_000_000_000;

const begun = (folder: string) => {
  const ledger = openLedger({ path: join(folder, 'ledger.db'), clock: handClock(), owner: 'test' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '1');
  ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full');
  for (let seq = 2; seq < 400; seq += 1) {
    ledger.commit(stampedTimer(seq), [{ type: 'intent-proposed', intent: sampleIntent(`i${seq}`, T0 + seq) }], [], 'normal');
  }
  return { ledger, runId };
};

const contentOf = (path: string) => {
  const db = new Database(path, { readonly: true });
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'lease' ORDER BY name")
    .pluck()
    .all();
  const content = tables.map((table) => [table, db.prepare(`SELECT * FROM "${table}"`).all()]);
  db.close();
  return content;
};

test('a copy taken while the engine writes is whole, is one file, and starts an engine', async () => {
  const folder = scratchFolder();
  const { ledger, runId } = begun(folder);
  const copy = join(folder, 'copy.db');
  const copying = ledger.backup(copy);
  for (let seq = 400; seq < 450; seq += 1) {
    ledger.commit(stampedTimer(seq), [], [], 'normal');
    await new Promise(setImmediate);
  }
  await copying;
  expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
  const archive = openArchive({ path: copy });
  const seqs = Array.from(archive.journal(runId), (event) => event.seq);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  expect(seqs.length).toBeGreaterThanOrEqual(399);
  archive.close();
  const restored = openLedger({ path: copy, clock: handClock(), owner: 'restored' });
  expect(restored.beginRun(smallSettings(), '1').recovered.openIntents).toHaveLength(398);
  restored.close();
  ledger.close();
});

test('at rest the copy has the same content, row for row', async () => {
  const folder = scratchFolder();
  const { ledger } = begun(folder);
  const copy = join(folder, 'copy.db');
  await ledger.backup(copy);
  await ledger.backup(copy);
  ledger.close();
  expect(contentOf(copy)).toEqual(contentOf(ledger.path));
});

test('a backup that cannot be made leaves nothing behind and the old one as it was', async () => {
  const folder = scratchFolder();
  const { ledger } = begun(folder);
  await expect(ledger.backup(join(folder, 'none', 'copy.db'))).rejects.toMatchObject({ name: 'LedgerFault' });
  await expect(ledger.backup(ledger.path)).rejects.toThrow('onto itself');
  writeFileSync(join(folder, 'open.db-wal'), '');
  await expect(ledger.backup(join(folder, 'open.db'))).rejects.toThrow('open database');
  expect(existsSync(join(folder, 'none'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  ledger.close();
});
