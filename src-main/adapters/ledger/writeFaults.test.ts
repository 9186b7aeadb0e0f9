/** The disk fails in the middle: at every single write there is, before it or after it, on a real database. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fact } from '../../core/facts.ts';
import { LedgerFault, type Ledger, type Recovered } from '../../runtime/ports.ts';
import { openLedger } from './ledger.ts';
import { handClock, scratchFolder, smallSettings, stampedTimer, startedFrom } from './ledger.testkit.ts';
import {
  endedGroup,
  entryFacts,
  fillFact,
  groupFact,
  orderFact,
  sampleFill,
  sampleGroup,
  sampleOrder,
  sampleRequest,
  T0,
} from './trading.testkit.ts';

type When = 'before' | 'after';
interface Writes {
  count: number;
  failAt: number;
  when: When;
}

const writes: Writes = { count: 0, failAt: Infinity, when: 'before' };
const realPrepare: Database.Database['prepare'] = Reflect.get(Database.prototype, 'prepare');

/** Every statement that writes, begins, commits or rolls back, counted; the chosen one raises what SQLite raises for a bad disk. */
const armDisk = (failAt: number, when: When): void => {
  Object.assign(writes, { count: 0, failAt, when });
  Database.prototype.prepare = function counted(this: Database.Database, source: string) {
    const statement = realPrepare.call(this, source) as Database.Statement;
    if (statement.reader) return statement;
    const run = statement.run.bind(statement);
    statement.run = (...args: unknown[]) => {
      writes.count += 1;
      const fails = writes.count === writes.failAt;
      if (fails && writes.when === 'before') throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_WRITE');
      const result = run(...args);
      if (fails) throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
      return result;
    };
    return statement;
  } as Database.Database['prepare'];
};
const repairDisk = (): void => {
  Database.prototype.prepare = realPrepare;
};
afterEach(repairDisk);

const STEPS: readonly (readonly Fact[])[] = [
  entryFacts(1),
  [
    orderFact(sampleOrder(sampleRequest(1, 'a'), { state: 'filled', filledQty: '0.010' }), 'in-flight'),
    fillFact(sampleFill(1, 'a')),
    { type: 'holding-changed', instrumentId: 'BTCUSDT@one', before: null, after: { qty: '-0.010', foreignQty: '0' }, why: 'fill' },
  ],
  entryFacts(2),
  [groupFact(endedGroup(sampleGroup(1)), 'opening'), { type: 'fences-changed', fences: [{ pairId: 'p', kind: 'loss', untilUnixMs: T0 }] }],
];

/** Runs the whole story until it ends or faults. @returns steps whose commit came back, and the fault. */
const live = (path: string): { readonly kept: number; readonly fault: unknown } => {
  let kept = 0;
  let ledger: Ledger | null = null;
  try {
    ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
    const { runId, recovered } = ledger.beginRun(smallSettings(), '2');
    ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full');
    for (const facts of STEPS) {
      ledger.commit(stampedTimer(kept + 2), facts, [{ type: 'set-gate', gate: 'open' }], 'full');
      kept += 1;
    }
    return { kept, fault: null };
  } catch (fault) {
    return { kept, fault };
  } finally {
    ledger?.close();
  }
};

const tradingIn = (path: string): Recovered => {
  const ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
  try {
    return ledger.beginRun(smallSettings(), '2').recovered;
  } finally {
    ledger.close();
  }
};

/** What a start finds after so many steps, by a life without faults. */
const expectedAfter = (steps: number): Pick<Recovered, 'trading' | 'undoneEffects'> => {
  const path = join(scratchFolder(), 'ledger.db');
  const ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '2');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  STEPS.slice(0, steps).forEach((facts, i) => ledger.commit(stampedTimer(i + 2), facts, [{ type: 'set-gate', gate: 'open' }], 'full'));
  ledger.close();
  const { trading, undoneEffects } = tradingIn(path);
  return { trading, undoneEffects };
};

/** Where ledgers lie on a disk, each of some thousand commits waits for it. */
const ON_A_DISK_MS = 300_000;

describe.each<When>(['before', 'after'])('a disk that fails %s the n-th write', { timeout: ON_A_DISK_MS }, (when) => {
  test('halts with a clear message; a start finds exactly what was committed', () => {
    const expected = STEPS.map((_, steps) => expectedAfter(steps)).concat(expectedAfter(STEPS.length));
    const faultsAt = new Set<number>();
    for (let n = 1; ; n += 1) {
      const path = join(scratchFolder(), 'ledger.db');
      armDisk(n, when);
      const { kept, fault } = live(path);
      const reached = writes.count >= n;
      repairDisk();
      if (!reached) break;
      if (fault !== null) {
        expect(fault).toBeInstanceOf(LedgerFault);
        expect(fault).toMatchObject({ code: 'io', path });
        expect((fault as Error).message).toMatch(/ledger\.db: disk I\/O error.*everything committed so far is safe/s);
        faultsAt.add(kept);
      }
      const { trading, undoneEffects } = tradingIn(path);
      const found = expected.findIndex((each) => JSON.stringify(each) === JSON.stringify({ trading, undoneEffects }));
      // A commit that reports a failure may have reached the disk all the same; it is then there whole.
      const may = when === 'after' ? [kept, kept + 1] : [kept];
      expect(may, `write ${n}: ${kept} steps were kept, the file is as after ${found}`).toContain(found);
    }
    // Every step has been the one that failed.
    expect([...faultsAt].toSorted((p, q) => p - q)).toEqual(STEPS.map((_, step) => step));
    expect(writes.count).toBeGreaterThan(40);
  });
});

test('the writer that faulted goes on when the disk does, and has lost nothing and doubled nothing', () => {
  const path = join(scratchFolder(), 'ledger.db');
  armDisk(Infinity, 'before');
  const ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '2');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  let seq = 2;
  STEPS.forEach((facts, step) => {
    for (let n = 1; ; n += 1) {
      Object.assign(writes, { count: 0, failAt: n });
      try {
        ledger.commit(stampedTimer(seq), facts, [{ type: 'set-gate', gate: 'open' }], 'full');
        break;
      } catch (fault) {
        expect(fault, `step ${step}, write ${n}`).toMatchObject({ code: 'io' });
      }
    }
    seq += 1;
  });
  writes.failAt = Infinity;
  ledger.close();
  repairDisk();
  const { trading, undoneEffects } = tradingIn(path);
  expect({ trading, undoneEffects }).toStrictEqual(expectedAfter(STEPS.length));
});

test('a lock of another program: the commit waits, then faults as busy, and goes through once the lock is gone', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '2');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const commit = (): void => ledger.commit(stampedTimer(2), entryFacts(1), [], 'full');
  expect(commit).toThrow(expect.objectContaining({ name: 'LedgerFault', code: 'busy', path }));
  expect(ledger.group('g1')).toBeNull();
  other.exec('ROLLBACK');
  other.close();
  commit();
  expect(ledger.group('g1')?.orders).toHaveLength(2);
  ledger.close();
});

test('a disk that fills while groups are open: what was committed comes back, the entry that did not fit is not there', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
  const { runId, recovered } = ledger.beginRun(smallSettings(), '2');
  ledger.commit(startedFrom(runId, recovered), [], [], 'full');
  const limited = new Database(path);
  const pages = limited.pragma('page_count', { simple: true }) as number;
  limited.close();
  ledger.close();
  const pragma: Database.Database['pragma'] = Reflect.get(Database.prototype, 'pragma');
  Database.prototype.pragma = function limitedPragma(this: Database.Database, ...args: Parameters<typeof pragma>) {
    const result = pragma.apply(this, args);
    if (args[0] === 'wal_autocheckpoint = 0') pragma.call(this, `max_page_count = ${pages + 40}`);
    return result;
  };
  let kept = 0;
  try {
    const full = openLedger({ path, clock: handClock(T0), owner: 'test' });
    const next = full.beginRun(smallSettings(), '2');
    full.commit(startedFrom(next.runId, next.recovered), [], [], 'full');
    expect(() => {
      for (;;) {
        full.commit(stampedTimer(kept + 2), entryFacts(kept + 1), [], 'full');
        kept += 1;
      }
    }).toThrow(expect.objectContaining({ code: 'disk-full', path, message: expect.stringContaining('Free space') as string }));
    full.close();
  } finally {
    Database.prototype.pragma = pragma;
  }
  expect(kept).toBeGreaterThan(3);
  const { trading } = tradingIn(path);
  expect(trading.groups.map((group) => group.id)).toEqual(Array.from({ length: kept }, (_, i) => `g${i + 1}`));
  expect(trading.orders).toHaveLength(2 * kept);
});
