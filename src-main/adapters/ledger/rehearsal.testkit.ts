/** A rehearsal's ledger of the product's own making: a kill pressed, confirmed or not, and hedges that ended in several ways. */
import path from 'node:path';
import Database from 'better-sqlite3';
import { openLedger } from './ledger.ts';
import { smallSettings, type HandClock } from './ledger.testkit.ts';

const latch = { latchedUnixMs: 0, source: 'console', by: 'me', reason: '', level: 'kill', verifiedUnixMs: null, remaining: [] } as const;

export const REHEARSED_PAIR = 'xau';

/** @returns the ledger's file. */
export const rehearse = (folder: string, clock: HandClock, closed: number, verified: boolean, mode: 'demo' | 'live' = 'demo'): string => {
  const file = path.join(folder, 'ledger.sqlite');
  const ledger = openLedger({ path: file, clock, owner: 'test' });
  ledger.beginRun({ ...smallSettings(), mode }, '0');
  const pressed = clock.unixMs();
  const stamp = (seq: number, unixMs: number) => ({ seq, monoUs: seq, unixMs });
  const command = { kind: 'kill', requestId: 'rrrrrrrr', reason: '', source: 'console', by: 'me' } as const;
  ledger.commit({ type: 'operator', command, ...stamp(1, pressed) }, [{ type: 'kill-latched', latch, requestId: 'rrrrrrrr' }], [], 'full');
  if (verified) {
    const latched = { ...latch, verifiedUnixMs: pressed + 1_400 };
    ledger.commit({ type: 'timer', ...stamp(2, pressed + 1_400) }, [{ type: 'kill-verified', latch: latched }], [], 'full');
  }
  ledger.endRun('over');
  ledger.close();
  const db = new Database(file);
  db.pragma('foreign_keys = OFF');
  const columns = db.pragma('table_info(hedge_groups)') as { name: string; type: string; notnull: number }[];
  const insert = db.prepare(
    `INSERT INTO hedge_groups (${columns.map(({ name }) => name).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const group = (at: number, more: Record<string, unknown>) => {
    const fields: Record<string, unknown> = { pair_id: REHEARSED_PAIR, ...more };
    insert.run(
      ...columns.map(({ name, type }) =>
        name in fields ? fields[name] : name === 'number' ? null : name.endsWith('_id') ? `${name}${at}` : type === 'TEXT' ? '' : 0,
      ),
    );
  };
  for (let at = 0; at < closed; at += 1) group(at, { state: 'closed', opened_unix_ms: 1, close_reason: 'convergence' });
  group(10_000, { state: 'closed', opened_unix_ms: null, close_reason: 'failed' });
  group(10_001, { state: 'closed', opened_unix_ms: 1, close_reason: 'external' });
  group(10_003, { pair_id: 'another', state: 'closed', opened_unix_ms: 1, close_reason: 'convergence' });
  group(10_002, { state: 'open', opened_unix_ms: 1, close_reason: null });
  db.close();
  return file;
};
