/**
 * Who may write. One row names the owner, its pid and host, and until when it holds; every commit checks inside its
 * own transaction that the row is still ours, so that an engine that slept through its lease cannot write beside its
 * successor. Taken over: an expired lease, and at once that of a process of this host which is gone.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../../runtime/ports.ts';
import { ledgerFault, type Sqlite } from './database.ts';

export const LEASE_MS = 15_000;

interface LeaseRow {
  readonly token: string;
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
  readonly expires_unix_ms: number;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};

/** Tokens of leases held by this very process: a foreign row with our own pid is of an earlier process, unless it is here. */
const heldHere = new Set<string>();

const holderOf = (row: LeaseRow): string =>
  `${row.owner} (pid ${row.pid} on ${row.host}, until ${new Date(row.expires_unix_ms).toISOString()})`;

const isGone = (row: LeaseRow): boolean => {
  if (row.host !== hostname()) return false;
  return row.pid === process.pid ? !heldHere.has(row.token) : !isAlive(row.pid);
};

export interface Lease {
  /** What was taken over, as a sentence for the event log; null after a clean release. */
  readonly takenOver: string | null;
  /** To be called inside every write transaction. @throws LedgerFault `held-by-another`. */
  assertHeld(): void;
  renew(): void;
  release(): void;
}

/** @throws LedgerFault `held-by-another` naming owner, pid, host and expiry. */
export const takeLease = (db: Sqlite, path: string, owner: string, clock: Clock): Lease => {
  const token = randomBytes(16).toString('hex');
  const read = db.prepare<[], LeaseRow>('SELECT token, owner, pid, host, expires_unix_ms FROM lease WHERE only = 1');
  const heldToken = db.prepare<[], string>('SELECT token FROM lease WHERE only = 1').pluck();
  const write = db.prepare('INSERT OR REPLACE INTO lease VALUES (1, ?, ?, ?, ?, ?, ?)');
  const extend = db.prepare<[number, string]>('UPDATE lease SET expires_unix_ms = ? WHERE token = ?');
  const remove = db.prepare<[string]>('DELETE FROM lease WHERE token = ?');

  const refusal = () => {
    const row = read.get();
    return ledgerFault('held-by-another', path, row ? `it is held by ${holderOf(row)}` : 'our lease is gone');
  };
  const take = db.transaction((): string | null => {
    const row = read.get();
    const now = clock.unixMs();
    if (row !== undefined && now < row.expires_unix_ms && !isGone(row)) throw refusal();
    write.run(token, owner, process.pid, hostname(), now, now + LEASE_MS);
    return row === undefined ? null : `The lease of ${holderOf(row)} had ended without a release and was taken over.`;
  });
  const takenOver = take.immediate();
  heldHere.add(token);

  return {
    takenOver,
    assertHeld() {
      if (heldToken.get() !== token) throw refusal();
    },
    renew() {
      if (extend.run(clock.unixMs() + LEASE_MS, token).changes !== 1) throw refusal();
    },
    release() {
      heldHere.delete(token);
      remove.run(token);
    },
  };
};
