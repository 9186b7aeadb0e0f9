/**
 * Loaded into the engine under test before its own code (`node --import`): ends the process by SIGKILL at the n-th BEGIN or
 * COMMIT of the ledger, right before or right after SQLite has carried it out. Counted from the start when the environment
 * says so, or from the moment a message comes. Another message makes the disk full, as far as SQLite can tell: no database
 * may grow by another page. Knows SQL text and nothing of the product.
 */
import { createRequire } from 'node:module';

export interface Boundary {
  readonly at: 'BEGIN' | 'COMMIT';
  readonly side: 'before' | 'after';
  /** Counted from 1. */
  readonly n: number;
}

interface Statement {
  run: (...args: readonly unknown[]) => unknown;
}
interface Prototype {
  prepare: (sql: string) => Statement;
  readonly open: boolean;
  readonly readonly: boolean;
  pragma: (text: string, options?: { readonly simple: boolean }) => unknown;
}

let boundary: Boundary | null = JSON.parse(process.env['QUANT_ARB_CRASH_AT'] ?? 'null') as Boundary | null;
let passed = 0;

const dieIf = (at: string, side: 'before' | 'after'): void => {
  if (boundary?.at === at && boundary.side === side && passed === boundary.n) process.kill(process.pid, 'SIGKILL');
};

const watched = (statement: Statement, at: Boundary['at']): Statement => {
  const run = statement.run.bind(statement);
  statement.run = (...args) => {
    if (boundary?.at === at) passed += 1;
    dieIf(at, 'before');
    const result = run(...args);
    dieIf(at, 'after');
    return result;
  };
  return statement;
};

const { prototype } = createRequire(import.meta.url)('better-sqlite3') as { readonly prototype: Prototype };
const { prepare } = prototype;
const databases = new Set<Prototype>();
prototype.prepare = function prepareWatched(this: Prototype, sql: string): Statement {
  const statement = prepare.call(this, sql);
  databases.add(this);
  const word = /^\s*(BEGIN|COMMIT)\b/i.exec(sql)?.[1]?.toUpperCase();
  return word === undefined ? statement : watched(statement, word as Boundary['at']);
};

const fillDisk = (): void => {
  for (const db of databases)
    if (db.open && !db.readonly) db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
};

process.on('message', (message: { readonly crashAt?: Boundary; readonly fillDisk?: true }) => {
  if (message.fillDisk) fillDisk();
  if (message.crashAt === undefined) return;
  passed = 0;
  boundary = message.crashAt;
});
// An engine whose test has died must not live on.
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
