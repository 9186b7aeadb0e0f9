/** That a start never reads a history: neither a table whole, nor an index that holds what has ended. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { handClock, scratchFolder, smallSettings, startedFrom } from './ledger.testkit.ts';

/** Bounded by what is open, by the settings or by a limit of their own, however long the file has been in use. */
const BOUNDED_SCANS: readonly RegExp[] = [
  /^SCAN hedge_groups USING INDEX hedge_groups_live$/,
  /^SCAN hedge_groups USING INDEX hedge_groups_ended$/,
  /^SCAN intents USING INDEX intents_open$/,
  /^SCAN (fills|charges|passed_trades)$/,
  /^SCAN runs$/,
  /^SCAN (fences|disablements|scoped_stops|limit_overrides|holdings|day_results|latches|fill_cursors|venue_accounts)\b/,
  /^SCAN (sqlite_master|trading_mode|lease)$/,
  /^SCAN (venue|2-ROW VALUES|CONSTANT ROW)\b/,
];
/** Of those, the ones that a LIMIT must end. */
const MUST_BE_LIMITED = /^SCAN (fills|charges|passed_trades|runs|hedge_groups USING INDEX hedge_groups_ended|day_results)/;

const sourcesOfAStart = (path: string): readonly string[] => {
  const sources = new Set<string>();
  const prepare: Database.Database['prepare'] = Reflect.get(Database.prototype, 'prepare');
  Database.prototype.prepare = function noted(this: Database.Database, source: string) {
    const statement = prepare.call(this, source) as Database.Statement;
    for (const name of ['all', 'get', 'run', 'iterate'] as const) {
      if (typeof statement[name] !== 'function') continue;
      const real = (statement[name] as (...args: unknown[]) => unknown).bind(statement);
      Object.assign(statement, {
        [name]: (...args: unknown[]) => {
          sources.add(source);
          return real(...args);
        },
      });
    }
    return statement;
  } as Database.Database['prepare'];
  try {
    const ledger = openLedger({ path, clock: handClock(), owner: 'x' });
    const { runId, recovered } = ledger.beginRun(smallSettings(), '2');
    ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full');
    ledger.close();
  } finally {
    Database.prototype.prepare = prepare;
  }
  return [...sources];
};

test('every statement of a start goes through a key or an index of what is open', () => {
  const path = join(scratchFolder(), 'ledger.db');
  openLedger({ path, clock: handClock(), owner: 'x' }).close();
  const sources = sourcesOfAStart(path);
  expect(sources.filter((source) => source.includes('hedge_groups')).length).toBeGreaterThanOrEqual(3);
  const db = new Database(path, { readonly: true });
  onTestFinished(() => void db.close());
  const plansOf = (source: string): readonly string[] => {
    const parameters = (source.match(/\?/g) ?? []).map(() => 1);
    return db
      .prepare<unknown[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${source}`)
      .all(...parameters)
      .map((row) => row.detail);
  };
  const offending = sources
    .filter((source) => /^\s*(SELECT|WITH|UPDATE|DELETE)/.test(source))
    .flatMap((source) => {
      const scans = plansOf(source).filter((detail) => detail.startsWith('SCAN '));
      const unbounded = scans.filter((detail) => !BOUNDED_SCANS.some((bounded) => bounded.test(detail)));
      const unlimited = scans.filter((detail) => MUST_BE_LIMITED.test(detail) && !/\bLIMIT\b/.test(source));
      return [...unbounded, ...unlimited].map((detail) => `${detail}: ${source}`);
    });
  expect(offending).toEqual([]);
});
