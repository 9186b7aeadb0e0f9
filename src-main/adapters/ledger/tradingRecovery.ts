/**
 * What trading must not forget, read at the start of a run. Every query goes through an index that holds only what is
 * asked for (live groups, newest fills), so that the length of the history costs nothing.
 */
import { MS_PER_HOUR } from '../../../src-shared/domain/units.ts';
import type { KillLatch, Latch, ScopedStop } from '../../../src-shared/domain/tradingState.ts';
import type { RungRecord } from '../../../src-shared/domain/live.ts';
import { decodeExact } from '../../../src-shared/domain/exactJson.ts';
import { MAX_ENDED_GROUPS, MAX_TRADE_IDS } from '../../runtime/ports.ts';
import type { Row, TableOf } from './columns.ts';
import type { Sqlite } from './database.ts';
import { MAX_PASSED_TRADES } from './tradingProjections.ts';
import { DAYS, DISABLEMENTS, FENCES, GROUPS, ORDERS, OVERRIDES, type Trading } from './tradingTables.ts';

/** Of the remembered keys, those kept for charges. */
export const MAX_CHARGE_IDS = 1_000;
/** Entries of so long ago still count against a limit. */
export const ENTRY_MEMORY_MS = MS_PER_HOUR;

const IS_LIVE = "hedge_groups.state NOT IN ('closed', 'denied')";
const LIVE = `SELECT ${GROUPS.columns} FROM hedge_groups WHERE ${IS_LIVE} ORDER BY number`;
const ENDED = `
SELECT ${GROUPS.columns} FROM hedge_groups WHERE state IN ('closed', 'denied')
ORDER BY last_run DESC, last_seq DESC, number DESC LIMIT ?`;
const ORDER_COLUMNS = ORDERS.columns
  .split(', ')
  .map((name) => `orders.${name}`)
  .join(', ');
// Group by group along the index of what is live, each group's orders along their own key. CROSS keeps that sequence.
const ORDERS_OF_LIVE = `
SELECT ${ORDER_COLUMNS} FROM hedge_groups INDEXED BY hedge_groups_live CROSS JOIN orders ON orders.group_id = hedge_groups.group_id
WHERE ${IS_LIVE} ORDER BY hedge_groups.number, leg, attempt`;
const ORDERS_OF_GROUP = `SELECT ${ORDERS.columns} FROM orders WHERE group_id = ? ORDER BY leg, attempt`;

const groupsOf = (db: Sqlite): Pick<Trading, 'groups' | 'orders'> => {
  const live = db.prepare<[], Row>(LIVE).all();
  const ended = db.prepare<[number], Row>(ENDED).all(MAX_ENDED_GROUPS).toReversed();
  const ordersOfGroup = db.prepare<[string], Row>(ORDERS_OF_GROUP);
  const orders = db.prepare<[], Row>(ORDERS_OF_LIVE).all();
  for (const row of ended) orders.push(...ordersOfGroup.all(row['group_id'] as string));
  return { groups: [...live, ...ended].map(GROUPS.recordOf), orders: orders.map(ORDERS.recordOf) };
};

const newestKeys = (db: Sqlite, sql: string, limit: number): readonly string[] =>
  db.prepare<[number], string>(sql).pluck().all(limit).toReversed();

const FILL_KEYS = "SELECT venue_id || ' ' || instrument_id || ' ' || trade_id FROM fills ORDER BY number DESC LIMIT ?";
const PASSED_KEYS = "SELECT venue_id || ' ' || instrument_id || ' ' || trade_id FROM passed_trades ORDER BY number DESC LIMIT ?";
const CHARGE_KEYS = "SELECT venue_id || ' ' || instrument_id || ' ' || charge_id FROM charges ORDER BY number DESC LIMIT ?";

/** Fills, then what was passed over, then charges: each oldest first. The later ones are few, and the last to be forgotten. */
const tradeIdsOf = (db: Sqlite): readonly string[] => {
  const charges = newestKeys(db, CHARGE_KEYS, MAX_CHARGE_IDS);
  const passed = newestKeys(db, PASSED_KEYS, MAX_PASSED_TRADES);
  return [...newestKeys(db, FILL_KEYS, MAX_TRADE_IDS - charges.length - passed.length), ...passed, ...charges];
};

const holdingsOf = (db: Sqlite): Trading['holdings'] =>
  Object.fromEntries(
    db
      .prepare<[], readonly [string, string, string, string | null]>(
        'SELECT instrument_id, qty, foreign_qty, accepted_qty FROM holdings ORDER BY instrument_id',
      )
      .raw()
      .all()
      .map(([instrumentId, qty, foreignQty, acceptedQty]) => [
        instrumentId,
        { qty, foreignQty, ...(acceptedQty === null ? {} : { acceptedQty }) },
      ]),
  );

// Hops from venue to venue along the key: a plain GROUP BY would read every command there ever was.
const HIGHEST_MAGICS = `
WITH RECURSIVE venue (id) AS (
  SELECT min(venue_id) FROM commands
  UNION ALL
  SELECT (SELECT min(venue_id) FROM commands WHERE venue_id > id) FROM venue WHERE id IS NOT NULL
)
SELECT id, (SELECT max(magic) FROM commands WHERE venue_id = id) FROM venue WHERE id IS NOT NULL`;

const magicsOf = (db: Sqlite): Trading['magics'] =>
  Object.fromEntries(db.prepare<[], readonly [string, number]>(HIGHEST_MAGICS).raw().all());

const stopsOf = (db: Sqlite): readonly ScopedStop[] =>
  db
    .prepare<[], { readonly scope: string; readonly level: string; readonly latch: string }>(
      'SELECT scope, level, latch FROM scoped_stops ORDER BY run, seq, scope',
    )
    .all()
    .map((row) => ({
      scope: row.scope as ScopedStop['scope'],
      level: row.level as ScopedStop['level'],
      latch: decodeExact(row.latch) as KillLatch,
    }));

const entriesOf = (db: Sqlite, now: number): Trading['entries'] =>
  db
    .prepare<[number], Trading['entries'][number]>(
      `SELECT created_unix_ms AS unixMs, pair_id AS pairId, direction FROM hedge_groups
       WHERE created_unix_ms > ? AND state <> 'denied' ORDER BY created_unix_ms, number`,
    )
    .all(now - ENTRY_MEMORY_MS);

const all = <T>(db: Sqlite, table: string, { columns, recordOf }: TableOf<T>, order: string): readonly T[] =>
  db.prepare<[], Row>(`SELECT ${columns} FROM ${table} ORDER BY ${order}`).all().map(recordOf);

/** The engine's own latches, committed by earlier runs. */
export const recoverLatches = (db: Sqlite): { readonly pause: Latch | null; readonly kill: KillLatch | null } => {
  const find = db.prepare<[string], string | null>('SELECT latch FROM latches WHERE name = ?').pluck();
  const latchOf = (name: 'pause' | 'kill'): unknown => {
    const text = find.get(name) ?? null;
    return text === null ? null : decodeExact(text);
  };
  return { pause: latchOf('pause') as Latch | null, kill: latchOf('kill') as KillLatch | null };
};

const cursorsOf = (db: Sqlite): Readonly<Record<string, number>> =>
  Object.fromEntries(
    db.prepare<[], readonly [string, number]>('SELECT venue_id, fills_since_unix_ms FROM fill_cursors ORDER BY venue_id').raw().all(),
  );

const accountsOf = (db: Sqlite): Readonly<Record<string, string>> =>
  Object.fromEntries(
    db.prepare<[], readonly [string, string]>('SELECT venue_id, account FROM venue_accounts ORDER BY venue_id').raw().all(),
  );

const rungOf = (db: Sqlite): RungRecord | null =>
  db
    .prepare<[], RungRecord>(
      `SELECT rung, max_notional_usd AS maxNotionalUsd, closed_well AS closedWell, since_unix_ms AS sinceUnixMs FROM live_rung WHERE only = 1`,
    )
    .get() ?? null;

/** Inside the transaction that begins the run: nothing can come between reading and the first commit. */
export const recoverTrading = (db: Sqlite, now: number): Trading => {
  const day = db.prepare<[], Row>(`SELECT ${DAYS.columns} FROM day_results ORDER BY utc_day DESC LIMIT 1`).get();
  return {
    ...groupsOf(db),
    tradeIds: tradeIdsOf(db),
    holdings: holdingsOf(db),
    magics: magicsOf(db),
    fences: all(db, 'fences', FENCES, 'ordinal'),
    disablements: all(db, 'disablements', DISABLEMENTS, 'ordinal'),
    scopedStops: stopsOf(db),
    overrides: all(db, 'limit_overrides', OVERRIDES, 'name'),
    day: day === undefined ? null : DAYS.recordOf(day),
    entries: entriesOf(db, now),
    cursors: cursorsOf(db),
    accounts: accountsOf(db),
    rung: rungOf(db),
  };
};
