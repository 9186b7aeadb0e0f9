/**
 * What a ledger shows of a rehearsal: the last kill that a person pressed and every venue confirmed, and how many groups were
 * opened and closed. Reads a few rows by their keys, beside a running engine or without one; writes nothing.
 */
import { guarded, ledgerFault, openDatabase, versionOf, type Sqlite } from './database.ts';
import { NEWEST_VERSION } from './migrations.ts';

export interface Rehearsal {
  /** null before the file's first run. */
  readonly mode: string | null;
  /** null = none since the moment asked for. */
  readonly drill: { readonly pressedUnixMs: number; readonly verifiedUnixMs: number } | null;
  /** Presses since then, whether verified or not. */
  readonly presses: number;
  /** Groups of the pairs asked for that were opened and closed by our own doing. */
  readonly closedGroups: number;
}

/** Runs are short beside this; a person presses a few times a month. */
const MAX_PRESSES = 200;

/** Of everything, by a person: what the engine did by itself is no drill. */
const PRESSES = `
SELECT run, seq, unix_ms AS unixMs FROM operator_actions
WHERE unix_ms >= ? AND command IN ('kill', 'flatten') AND refused_because IS NULL AND coalesce(target, 'all') = 'all' AND source <> 'engine'
ORDER BY run DESC, seq DESC LIMIT ${MAX_PRESSES}`;

/** The first word on the kill switch after the press that ends it: confirmed, or reset without having been. */
const VERIFIED = `
SELECT f.type, e.unix_ms AS unixMs FROM facts f JOIN events e ON e.run = f.run AND e.seq = f.seq
WHERE f.run = ? AND f.seq >= ? AND f.type IN ('kill-verified', 'kill-reset') ORDER BY f.seq, f.ordinal LIMIT 1`;

const CLOSED = `
SELECT count(*) FROM hedge_groups
WHERE pair_id IN (SELECT value FROM json_each(?)) AND state = 'closed' AND opened_unix_ms IS NOT NULL AND close_reason IS NOT NULL AND close_reason NOT IN ('failed', 'external')`;

const read = (db: Sqlite, sinceUnixMs: number, pairIds: readonly string[]): Rehearsal => {
  const verified = db.prepare<[number, number], { readonly type: string; readonly unixMs: number }>(VERIFIED);
  const presses = db.prepare<[number], { readonly run: number; readonly seq: number; readonly unixMs: number }>(PRESSES).all(sinceUnixMs);
  let drill: Rehearsal['drill'] = null;
  for (const { run, seq, unixMs } of presses) {
    const word = verified.get(run, seq);
    if (word?.type !== 'kill-verified') continue;
    drill = { pressedUnixMs: unixMs, verifiedUnixMs: word.unixMs };
    break;
  }
  return {
    mode: db.prepare<[], string>('SELECT mode FROM trading_mode').pluck().get() ?? null,
    drill,
    presses: presses.length,
    closedGroups: db.prepare<[string], number>(CLOSED).pluck().get(JSON.stringify(pairIds)) ?? 0,
  };
};

/** @param pairIds hedges of other pairs rehearsed something else. @throws LedgerFault when the file is missing, damaged, or of another version */
export const readRehearsal = (path: string, sinceUnixMs: number, pairIds: readonly string[]): Rehearsal => {
  const db = openDatabase({ path, access: 'read', newestVersion: NEWEST_VERSION });
  try {
    if (versionOf(db) < NEWEST_VERSION)
      throw ledgerFault('io', path, `it has the older schema version ${versionOf(db)}; start the engine on it once to bring it up to date`);
    return guarded(path, () => db.transaction(() => read(db, sinceUnixMs, pairIds))());
  } finally {
    db.close();
  }
};
