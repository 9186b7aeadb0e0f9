/**
 * What trading facts do to their tables. Each record is kept once: the first fact of a group or an order names its row, a
 * later one holds the cells it replaced, so that every earlier version can be had back from the row and the facts after it.
 * A fill, dust and a first version are named by their key alone.
 */
import type { OrderRecord } from '../../../src-shared/domain/order.ts';
import type { Fact } from '../../core/facts.ts';
import { encodeExact } from '../../../src-shared/domain/exactJson.ts';
import { insertInto, updateOf, type Row, type TableOf } from './columns.ts';
import type { Sqlite } from './database.ts';
import { CHARGES, DAYS, DISABLEMENTS, DUST, FENCES, FILLS, GROUPS, ORDERS, OVERRIDES } from './tradingTables.ts';

/** Of executions that were passed over the newest so many are kept: far more than a cursor's overlap ever tells again. */
export const MAX_PASSED_TRADES = 500;

export type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

/** Where a fact stands in the journal. */
export interface FactPlace {
  readonly run: number;
  readonly seq: number;
  readonly ordinal: number;
  readonly unixMs: number;
}

const CHANGES_ROW = ['last_run', 'last_seq'];
const CREATES_ROW = ['first_run', 'first_seq', ...CHANGES_ROW];

/** A table whose rows change: reads the row that is there, writes the new one, and says what was replaced. */
const changing = <T>(db: Sqlite, table: string, { columns, rowOf, replaced }: TableOf<T>, key: string, tracked: boolean) => {
  const find = db.prepare<[string], Row>(`SELECT ${columns} FROM ${table} WHERE ${key} = ?`);
  const insert = insertInto(db, table, columns, tracked ? CREATES_ROW : []);
  const update = updateOf(db, table, columns, key, tracked ? CHANGES_ROW : []);
  /** @returns null for a new row. */
  return (record: T, { run, seq }: FactPlace): Row | null => {
    const row = rowOf(record);
    const earlier = find.get(row[key] as string);
    const place = tracked ? { first_run: run, first_seq: seq, last_run: run, last_seq: seq } : {};
    if (earlier === undefined) {
      insert.run({ ...row, ...place });
      return null;
    }
    const { first_run: _run, first_seq: _seq, ...last } = { first_run: run, first_seq: seq, ...place };
    update.run({ ...row, ...last });
    return replaced(earlier, row);
  };
};

/** A list that a fact carries whole: its rows are those of the newest one. */
const list = <T>(db: Sqlite, table: string, { columns, rowOf }: TableOf<T>) => {
  const clear = db.prepare(`DELETE FROM ${table}`);
  const add = insertInto(db, table, columns, ['ordinal']);
  return (records: readonly T[]): void => {
    clear.run();
    records.forEach((record, ordinal) => add.run({ ...rowOf(record), ordinal }));
  };
};

const upsert = <T>(db: Sqlite, table: string, { columns, rowOf }: TableOf<T>) => {
  const write = db.prepare<[Row]>(
    `INSERT OR REPLACE INTO ${table} (${columns}) VALUES (${columns
      .split(', ')
      .map((name) => `@${name}`)
      .join(', ')})`,
  );
  return (record: T): void => void write.run(rowOf(record));
};

const statementsOf = (db: Sqlite) => ({
  group: changing(db, 'hedge_groups', GROUPS, 'group_id', true),
  order: changing(db, 'orders', ORDERS, 'client_order_id', false),
  command: db.prepare<[string, number, string]>('INSERT INTO commands VALUES (?, ?, ?)'),
  fill: insertInto(db, 'fills', FILLS.columns),
  charge: insertInto(db, 'charges', CHARGES.columns),
  dust: insertInto(db, 'dust', DUST.columns),
  holding: db.prepare<[string, string, string, string | null]>(
    'INSERT OR REPLACE INTO holdings (instrument_id, qty, foreign_qty, accepted_qty) VALUES (?, ?, ?, ?)',
  ),
  difference: db.prepare<[number, number, number, number, string, string, string, string | null]>(
    'INSERT INTO position_differences VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  ),
  fences: list(db, 'fences', FENCES),
  disablements: list(db, 'disablements', DISABLEMENTS),
  stop: db.prepare<[string, string, string, number, number]>('INSERT OR REPLACE INTO scoped_stops VALUES (?, ?, ?, ?, ?)'),
  liftStop: db.prepare<[string]>('DELETE FROM scoped_stops WHERE scope = ?'),
  override: upsert(db, 'limit_overrides', OVERRIDES),
  liftOverride: db.prepare<[string]>('DELETE FROM limit_overrides WHERE name = ?'),
  day: upsert(db, 'day_results', DAYS),
  cursor: db.prepare<[string, number, number, number]>('INSERT OR REPLACE INTO fill_cursors VALUES (?, ?, ?, ?)'),
  bind: db.prepare<[string, string, number, number, number]>('INSERT OR REPLACE INTO venue_accounts VALUES (?, ?, ?, ?, ?)'),
  unbind: db.prepare<[string]>('DELETE FROM venue_accounts WHERE venue_id = ?'),
  clearHolding: db.prepare<[string]>('DELETE FROM holdings WHERE instrument_id = ?'),
  passed: db.prepare<[string, string, string, number | null, number]>(
    `INSERT OR REPLACE INTO passed_trades (venue_id, instrument_id, trade_id, venue_unix_ms, passed_unix_ms) VALUES (?, ?, ?, ?, ?)`,
  ),
  forgetPassed: db.prepare<[number]>('DELETE FROM passed_trades WHERE number <= (SELECT max(number) FROM passed_trades) - ?'),
  rung: db.prepare<[number, number | null, number, number]>('INSERT OR REPLACE INTO live_rung VALUES (1, ?, ?, ?, ?)'),
});

/** `@returns` of each: what the facts table keeps of the fact. */
export const tradingKeepers = (db: Sqlite) => {
  const sql = statementsOf(db);
  const keepOrder = (order: OrderRecord, place: FactPlace): Row | null => {
    const replaced = sql.order(order, place);
    const { magic, venueId, clientOrderId } = order.request;
    if (replaced === null && magic !== null) sql.command.run(venueId, magic, clientOrderId);
    return replaced;
  };
  return {
    'group-changed': ({ type, group, before }: FactOf<'group-changed'>, place: FactPlace) => {
      const replaced = sql.group(group, place);
      return { type, groupId: group.id, before, ...(replaced === null ? {} : { replaced }) };
    },
    'order-changed': ({ type, order, before }: FactOf<'order-changed'>, place: FactPlace) => {
      const replaced = keepOrder(order, place);
      return { type, clientOrderId: order.request.clientOrderId, before, ...(replaced === null ? {} : { replaced }) };
    },
    'fill-booked': ({ type, fill }: FactOf<'fill-booked'>) => {
      sql.fill.run(FILLS.rowOf(fill));
      return { type, venueId: fill.venueId, instrumentId: fill.instrumentId, tradeId: fill.tradeId };
    },
    'charge-booked': ({ type, charge }: FactOf<'charge-booked'>) => {
      sql.charge.run(CHARGES.rowOf(charge));
      return { type, venueId: charge.venueId, instrumentId: charge.instrumentId, chargeId: charge.chargeId };
    },
    'dust-booked': ({ type, dust }: FactOf<'dust-booked'>) => {
      const { lastInsertRowid } = sql.dust.run(DUST.rowOf(dust));
      return { type, groupId: dust.groupId, number: Number(lastInsertRowid) };
    },
    'holding-changed': (fact: FactOf<'holding-changed'>) => {
      sql.holding.run(fact.instrumentId, fact.after.qty, fact.after.foreignQty, fact.after.acceptedQty ?? null);
      return fact;
    },
    'position-difference': (fact: FactOf<'position-difference'>, { run, seq, ordinal, unixMs }: FactPlace) => {
      const { type, venueId, instrumentId, own, reported } = fact;
      sql.difference.run(run, seq, ordinal, unixMs, venueId, instrumentId, own, reported);
      return { type };
    },
    'fences-changed': (fact: FactOf<'fences-changed'>) => {
      sql.fences(fact.fences);
      return fact;
    },
    'disablements-changed': (fact: FactOf<'disablements-changed'>) => {
      sql.disablements(fact.disablements);
      return fact;
    },
    'scoped-stop': (fact: FactOf<'scoped-stop'>, { run, seq }: FactPlace) => {
      const { scope, level, after } = fact;
      if (after === null) sql.liftStop.run(scope);
      else sql.stop.run(scope, level, encodeExact(after), run, seq);
      return fact;
    },
    'limit-changed': (fact: FactOf<'limit-changed'>) => {
      if (fact.override === null) sql.liftOverride.run(fact.name);
      else sql.override(fact.override);
      return fact;
    },
    'day-changed': (fact: FactOf<'day-changed'>) => {
      sql.day(fact.day);
      return fact;
    },
    'cursor-moved': (fact: FactOf<'cursor-moved'>, { run, seq }: FactPlace) => {
      sql.cursor.run(fact.venueId, fact.fillsSinceUnixMs, run, seq);
      return fact;
    },
    'account-bound': (fact: FactOf<'account-bound'>, { run, seq, unixMs }: FactPlace) => {
      if (fact.account === null) sql.unbind.run(fact.venueId);
      else sql.bind.run(fact.venueId, fact.account, unixMs, run, seq);
      for (const instrumentId of fact.cleared) sql.clearHolding.run(instrumentId);
      return fact;
    },
    'trade-passed': (fact: FactOf<'trade-passed'>, { unixMs }: FactPlace) => {
      sql.passed.run(fact.venueId, fact.instrumentId, fact.tradeId, fact.venueUnixMs, unixMs);
      sql.forgetPassed.run(MAX_PASSED_TRADES);
      return fact;
    },
    'rung-changed': (fact: FactOf<'rung-changed'>) => {
      const { rung, maxNotionalUsd, closedWell, sinceUnixMs } = fact.after;
      sql.rung.run(rung, maxNotionalUsd, closedWell, sinceUnixMs);
      return fact;
    },
  };
};
