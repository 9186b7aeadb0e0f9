/** The memory of commands and deals: what it refuses to forget, to change, and to take twice; and what a bad disk leaves of it. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMAND_STATES, isFinalCommand, type CommandRecord, type DealRecord } from '../../../src-shared/domain/metatrader.ts';
import type { ClientOrderId, InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import { LedgerFault, type CommandStore, type Ledger } from '../../runtime/ports.ts';
import { FINAL_STATES } from './commandSchema.ts';
import { openArchive, openLedger } from './ledger.ts';
import { handClock, scratchFolder } from './ledger.testkit.ts';
import { migrate } from './migrations.ts';
import { smallSettings } from './ledger.testkit.ts';

const T0 = 1_760_000_000_000;
const VENUE = 'mt5' as VenueId;
const OTHER = 'mt5-b' as VenueId;

const command = (n: number, over: Partial<CommandRecord> = {}): CommandRecord => ({
  venueId: VENUE,
  commandId: `c${n}`,
  kind: 'open',
  magic: T0 + n,
  clientOrderId: `q${n}` as ClientOrderId,
  instrumentId: 'XAUUSD@mt5' as InstrumentId,
  body: { symbol: 'XAUUSD', side: 'buy', lots: '0.10', max_dev_points: 3 },
  state: 'queued',
  why: 'waits',
  deliveries: 0,
  leaseId: null,
  retcode: null,
  order: null,
  cumLots: '0',
  avgPx: null,
  queuedUnixMs: T0 + n,
  deliveredUnixMs: null,
  acknowledgedUnixMs: null,
  endedUnixMs: null,
  firstDealUnixMs: null,
  brokerMs: null,
  quarantine: null,
  ...over,
});
const deal = (n: number, over: Partial<DealRecord> = {}): DealRecord => ({
  venueId: VENUE,
  deal: String(n),
  rev: 0,
  order: '5001',
  positionId: '5001',
  magic: T0 + 1,
  own: true,
  instrumentId: 'XAUUSD@mt5' as InstrumentId,
  symbol: 'XAUUSD',
  side: 'buy',
  entry: 'in',
  lots: '0.10',
  price: '2400.50',
  commission: '-0.70',
  swap: '0',
  fee: '0',
  profit: '0',
  timeMsc: T0 + 7_200_000 + n,
  unixMs: T0 + n,
  reason: 'expert',
  ...over,
});

let path: string;
let ledger: Ledger;
let store: CommandStore;
const open = (): void => {
  ledger = openLedger({ path, clock: handClock(T0), owner: 'test' });
  store = ledger.commands;
};
beforeEach(() => {
  path = join(scratchFolder(), 'ledger.db');
  open();
});
afterEach(() => ledger.close());
const again = (): void => {
  ledger.close();
  open();
};

describe('commands', () => {
  test('come back as they were put, after a restart, too; each step is kept', () => {
    const done = command(1, {
      state: 'done',
      deliveries: 2,
      leaseId: 'l2',
      retcode: 10_009,
      order: '5',
      cumLots: '0.10',
      avgPx: '2400.5',
      brokerMs: 0.25,
    });
    store.put(command(1), 'normal');
    store.put(command(1, { state: 'leased', deliveries: 1, leaseId: 'l1', deliveredUnixMs: T0 + 0.5 }), 'full');
    store.put(done, 'full');
    again();
    expect(store.get('c1')).toStrictEqual(done);
    expect(store.ofOrder('q1')).toStrictEqual(done);
    expect(store.ofMagic(VENUE, T0 + 1)).toStrictEqual(done);
    const archive = openArchive({ path });
    expect(archive.commandTransitions('c1').map(({ state, deliveries, leaseId }) => [state, deliveries, leaseId])).toEqual([
      ['queued', 0, null],
      ['leased', 1, 'l1'],
      ['done', 2, 'l2'],
    ]);
    archive.close();
  });

  test('an end never changes; what is known besides may still grow', () => {
    for (const state of COMMAND_STATES.filter(isFinalCommand)) {
      const n = COMMAND_STATES.indexOf(state);
      store.put(command(n, { state }), 'full');
      for (const other of COMMAND_STATES.filter((each) => each !== state))
        expect(() => store.put(command(n, { state: other }), 'full'), `${state} → ${other}`).toThrow(/ended as/);
      store.put(command(n, { state, firstDealUnixMs: T0, quarantine: 'other figures' }), 'full');
      expect(store.get(`c${n}`)).toMatchObject({ state, quarantine: 'other figures' });
    }
  });

  test('the list of ends in the schema is that of the program, and the file itself refuses to change one', () => {
    expect(FINAL_STATES).toBe(
      `(${COMMAND_STATES.filter(isFinalCommand)
        .map((state) => `'${state}'`)
        .join(', ')})`,
    );
    store.put(command(1, { state: 'rejected' }), 'full');
    const raw = new Database(path);
    expect(() => raw.exec("UPDATE terminal_commands SET state = 'done'")).toThrow('never changes');
    expect(() => raw.exec("UPDATE terminal_transitions SET state = 'done'")).toThrow('only added to');
    expect(() => raw.exec('DELETE FROM terminal_transitions')).toThrow('only added to');
    store.putDeals([deal(1)]);
    expect(() => raw.exec("UPDATE terminal_deal_revisions SET lots = '9'")).toThrow('only added to');
    expect(() => raw.exec('DELETE FROM terminal_deal_revisions')).toThrow('only added to');
    raw.close();
  });

  test('what it asks for never changes', () => {
    store.put(command(1), 'full');
    for (const over of [
      { kind: 'close' },
      { magic: T0 + 9 },
      { clientOrderId: 'q9' as ClientOrderId },
      { body: { lots: '9' } },
      { venueId: OTHER },
    ] as const)
      expect(() => store.put(command(1, over), 'full'), Object.keys(over)[0]).toThrow(/already another one/);
    expect(store.get('c1')).toStrictEqual(command(1));
  });

  test('a number of a venue and an order that may execute are one command; other venues and questions are free', () => {
    store.put(command(1), 'full');
    expect(() => store.put(command(2, { magic: T0 + 1 }), 'full')).toThrow('is already that of command c1');
    expect(() => store.put(command(2, { clientOrderId: 'q1' as ClientOrderId }), 'full')).toThrow('already has command c1');
    expect(store.get('c2')).toBeNull();
    store.put(command(3, { venueId: OTHER, magic: T0 + 1 }), 'full');
    store.put(command(4, { kind: 'query', magic: null, clientOrderId: 'q1' as ClientOrderId }), 'full');
    store.put(command(5, { kind: 'cancel', magic: null, clientOrderId: 'q1' as ClientOrderId }), 'full');
    expect(store.ofOrder('q1')?.commandId).toBe('c1');
    expect(store.ofMagic(OTHER, T0 + 1)?.commandId).toBe('c3');
  });

  test('live ones by venue oldest first, newest ones over all', () => {
    for (const n of [1, 2, 3]) store.put(command(n), 'normal');
    store.put(command(4, { venueId: OTHER }), 'normal');
    store.put(command(2, { state: 'expired' }), 'full');
    expect(store.live(VENUE).map(({ commandId }) => commandId)).toEqual(['c1', 'c3']);
    expect(store.newest(3).map(({ commandId }) => commandId)).toEqual(['c4', 'c3', 'c2']);
  });

  test('the account is bound once', () => {
    expect(store.account(VENUE)).toBeNull();
    const account = { login: '1', server: 'Demo' };
    store.bindAccount(VENUE, account);
    store.bindAccount(VENUE, account);
    expect(() => store.bindAccount(VENUE, { login: '2', server: 'Demo' })).toThrow(/bound to account 1 at Demo/);
    again();
    expect([store.account(VENUE), store.account(OTHER)]).toEqual([account, null]);
  });
});

describe('deals', () => {
  test('each revision is kept, the newest is the deal; an older one and a repeat change nothing', () => {
    store.putDeals([deal(1), deal(2, { magic: 5, own: false, positionId: '9' })]);
    store.putDeals([deal(1, { rev: 2, commission: '-1' })]);
    store.putDeals([deal(1, { rev: 1, commission: '-9' }), deal(1, { rev: 2, commission: '-1' })]);
    again();
    expect(store.deal(VENUE, '1')).toStrictEqual(deal(1, { rev: 2, commission: '-1' }));
    expect(store.revisions(VENUE, '1').map(({ rev, commission }) => [rev, commission])).toEqual([
      [0, '-0.70'],
      [2, '-1'],
    ]);
    expect(store.dealsOfMagic(VENUE, T0 + 1).map((each) => each.deal)).toEqual(['1']);
    expect(store.dealsOfPosition(VENUE, '9').map((each) => each.deal)).toEqual(['2']);
    expect(store.dealsSince(VENUE, T0 + 2).map((each) => each.deal)).toEqual(['2']);
    expect([store.deal(OTHER, '1'), store.dealsSince(OTHER, 0)]).toEqual([null, []]);
  });
  test('other figures than money never change, and take nothing of their batch with them into the file', () => {
    store.putDeals([deal(1)]);
    expect(() => store.putDeals([deal(2), deal(1, { rev: 1, lots: '0.2' })])).toThrow('lots differ');
    expect([store.deal(VENUE, '2'), store.revisions(VENUE, '1').length]).toEqual([null, 1]);
  });
});

const realPrepare: Database.Database['prepare'] = Reflect.get(Database.prototype, 'prepare');

describe.each(['before', 'after'] as const)('a disk that fails %s the n-th write', (when) => {
  afterEach(() => {
    Database.prototype.prepare = realPrepare;
  });
  test('leaves each call whole or not at all, and the next try succeeds', () => {
    ledger.close();
    let count = 0;
    let failAt = Number.POSITIVE_INFINITY;
    Database.prototype.prepare = function counted(this: Database.Database, source: string) {
      const statement = realPrepare.call(this, source) as Database.Statement;
      if (statement.reader) return statement;
      const run = statement.run.bind(statement);
      statement.run = (...args: unknown[]) => {
        count += 1;
        if (count === failAt && when === 'before') throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_WRITE');
        const result = run(...args);
        if (count === failAt) throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
        return result;
      };
      return statement;
    } as Database.Database['prepare'];
    open();
    const calls: readonly (() => void)[] = [
      () => store.bindAccount(VENUE, { login: '1', server: 'Demo' }),
      () => store.put(command(1), 'normal'),
      () => store.put(command(1, { state: 'leased', deliveries: 1 }), 'full'),
      () => store.putDeals([deal(1), deal(2)]),
      () => store.putDeals([deal(1, { rev: 1, swap: '-1' }), deal(3)]),
      () => store.put(command(1, { state: 'done', deliveries: 1 }), 'full'),
    ];
    const content = (): string => {
      const raw = new Database(path, { readonly: true });
      const tables = ['terminal_accounts', 'terminal_commands', 'terminal_transitions', 'terminal_deals', 'terminal_deal_revisions'];
      const rows = tables.map((table) => (realPrepare.call(raw, `SELECT * FROM ${table}`) as Database.Statement<[]>).all());
      raw.close();
      return JSON.stringify(rows);
    };
    let faults = 0;
    for (const [index, call] of calls.entries()) {
      for (let n = 1; n < 60; n += 1) {
        const before = content();
        count = 0;
        failAt = n;
        try {
          call();
          break;
        } catch (fault) {
          faults += 1;
          expect(fault, `call ${index}, write ${n}`).toBeInstanceOf(LedgerFault);
          const after = content();
          if (when === 'before') expect(after).toBe(before);
          // A commit that reports a failure may have reached the disk all the same, whole.
          else if (after !== before) break;
        }
      }
    }
    failAt = Number.POSITIVE_INFINITY;
    expect(faults).toBeGreaterThan(20);
    expect(store.get('c1')).toMatchObject({ state: 'done' });
    expect(store.dealsSince(VENUE, 0).map((each) => [each.deal, each.rev])).toEqual([
      ['1', 1],
      ['2', 0],
      ['3', 0],
    ]);
    const archive = openArchive({ path });
    expect(archive.commandTransitions('c1').map(({ state }) => state)).toEqual(['queued', 'leased', 'done']);
    archive.close();
  });
});

test('a lock of another program: the call faults as busy, keeps nothing, and goes through once the lock is gone', () => {
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  expect(() => store.put(command(1), 'full')).toThrow(expect.objectContaining({ name: 'LedgerFault', code: 'busy', path }));
  expect(store.get('c1')).toBeNull();
  other.exec('ROLLBACK');
  other.close();
  store.put(command(1), 'full');
  expect(store.get('c1')).toMatchObject({ state: 'queued' });
});

describe('files of version 2', () => {
  const version2 = (mode: string | null): string => {
    const at = join(scratchFolder(), 'old.db');
    const old = new Database(at);
    migrate(old, 2);
    if (mode !== null) old.prepare('INSERT INTO trading_mode VALUES (1, ?)').run(mode);
    old.close();
    return at;
  };
  test.each(['paper', 'live'])('one of %s trading stays so, and takes commands', (mode) => {
    const at = version2(mode);
    const migrated = openLedger({ path: at, clock: handClock(T0), owner: 'test' });
    expect(() => migrated.beginRun({ ...smallSettings(), mode: 'demo' }, '1')).toThrow(expect.objectContaining({ code: 'other-mode' }));
    migrated.commands.put(command(1), 'full');
    expect(migrated.commands.get('c1')).toStrictEqual(command(1));
    migrated.close();
    const archive = openArchive({ path: at });
    expect(archive.mode()).toBe(mode);
    archive.close();
  });
  test('one that never ran becomes what its first run is: demo, and nothing else from then on', () => {
    const at = version2(null);
    const demo = (): Ledger => openLedger({ path: at, clock: handClock(T0), owner: 'test' });
    const first = demo();
    first.beginRun({ ...smallSettings(), mode: 'demo' }, '1');
    first.close();
    const second = demo();
    expect(() => second.beginRun(smallSettings(), '1')).toThrow(/holds demo trading, this engine is to trade paper/);
    second.close();
    const archive = openArchive({ path: at });
    expect(archive.mode()).toBe('demo');
    archive.close();
  });
});
