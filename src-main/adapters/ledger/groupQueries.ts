/**
 * Reading groups: pages for the console and the export, and one group with everything that happened to it. Earlier
 * versions of a group or an order come back from its row and the facts that replaced parts of it.
 */
import { decodeExact } from '../../../src-shared/domain/exactJson.ts';
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { FillRecord, OrderRecord } from '../../../src-shared/domain/order.ts';
import type { EngineSettings } from '../../../src-shared/domain/settings.ts';
import type { EventRow, GroupHistory } from '../../../src-shared/domain/view.ts';
import type { Row, TableOf } from './columns.ts';
import { guarded, type Sqlite } from './database.ts';
import { intentOf } from './earlierVersions.ts';
import { DUST, FILLS, GROUPS, ORDERS } from './tradingTables.ts';

/** Of one group; a group that has more shows its newest ones. */
export const MAX_TIMELINE_ROWS = 2_000;

/** Newest first; a page ends with every row of its last millisecond. */
export const pageOf = (table: string, columns: string, time: string, key: string): string => `
SELECT ${columns} FROM ${table}
WHERE ${time} < @before AND ${time} >= coalesce(
  (SELECT ${time} FROM ${table} WHERE ${time} < @before ORDER BY ${time} DESC LIMIT 1 OFFSET @limit - 1), 0)
ORDER BY ${time} DESC, ${key} DESC`;

const TIMELINE = `
SELECT unix_ms AS unixMs, severity, kind, subject, text FROM event_log
WHERE subject = ? ORDER BY run DESC, seq DESC, ordinal DESC LIMIT ${MAX_TIMELINE_ROWS}`;

const GROUP = `SELECT ${GROUPS.columns} FROM hedge_groups WHERE group_id = ?`;

export const groupReader = (db: Sqlite, path: string) => {
  const pages = db.prepare<[Readonly<Record<string, number>>], Row>(pageOf('hedge_groups', GROUPS.columns, 'created_unix_ms', 'number'));
  const group = db.prepare<[string], Row>(GROUP);
  const intent = db.prepare<[string], string>('SELECT evidence FROM intents WHERE intent_id = ?').pluck();
  const orders = db.prepare<[string], Row>(
    `SELECT ${ORDERS.columns} FROM orders WHERE group_id = ? ORDER BY committed_unix_ms, leg, attempt`,
  );
  const fills = db.prepare<[string], Row>(`SELECT ${FILLS.columns} FROM fills WHERE group_id = ? ORDER BY number`);
  const dust = db.prepare<[string], Row>(`SELECT ${DUST.columns} FROM dust WHERE group_id = ? ORDER BY number`);
  const timeline = db.prepare<[string], EventRow>(TIMELINE);
  const read = (groupId: string): GroupHistory | null => {
    const row = group.get(groupId);
    if (row === undefined) return null;
    const found = GROUPS.recordOf(row);
    const evidence = intent.get(found.intentId);
    return {
      group: found,
      intent: evidence === undefined ? null : intentOf(evidence),
      orders: orders.all(groupId).map(ORDERS.recordOf),
      fills: fills.all(groupId).map(FILLS.recordOf),
      dust: dust.all(groupId).map(DUST.recordOf),
      timeline: timeline.all(groupId).toReversed(),
    };
  };
  return {
    groups: (beforeUnixMs: number | null, limit: number): readonly HedgeGroup[] =>
      guarded(path, () => pages.all({ before: beforeUnixMs ?? Number.MAX_VALUE, limit }).map(GROUPS.recordOf)),
    /** All reads of one history see one moment of the file. */
    group: (groupId: string): GroupHistory | null => guarded(path, () => db.transaction(() => read(groupId))()),
  };
};

interface ReplacingFact {
  readonly seq: number;
  readonly payload: string;
}

const versionsOf = <T>({ recordOf, before }: TableOf<T>, row: Row, facts: readonly ReplacingFact[]): readonly T[] => {
  const versions = [recordOf(row)];
  let version = row;
  for (const { payload } of facts.toReversed()) {
    const { replaced } = decodeExact(payload) as { readonly replaced?: Row };
    if (replaced === undefined) break;
    version = before(version, replaced);
    versions.push(recordOf(version));
  }
  return versions.toReversed();
};

const GROUP_FACTS = `
SELECT facts.seq, payload FROM facts JOIN hedge_groups ON group_id = @id
WHERE (facts.run, facts.seq) BETWEEN (first_run, first_seq) AND (last_run, last_seq) AND type = @type AND payload ->> @name = @key
ORDER BY facts.run, facts.seq, ordinal`;

/** What `export` reads besides: orders and fills by time, and every version a record ever had. */
export const tradeReader = (db: Sqlite, path: string) => {
  const orders = db.prepare<[Readonly<Record<string, number>>], Row>(
    pageOf('orders', ORDERS.columns, 'committed_unix_ms', 'client_order_id'),
  );
  const fills = db.prepare<[Readonly<Record<string, number>>], Row>(pageOf('fills', FILLS.columns, 'booked_unix_ms', 'number'));
  const group = db.prepare<[string], Row>(GROUP);
  const order = db.prepare<[string], Row>(`SELECT ${ORDERS.columns} FROM orders WHERE client_order_id = ?`);
  const facts = db.prepare<[Readonly<Record<string, string>>], ReplacingFact>(GROUP_FACTS);
  const mode = db.prepare<[], EngineSettings['mode'] | 'live'>('SELECT mode FROM trading_mode').pluck();
  const page = (beforeUnixMs: number | null, limit: number) => ({ before: beforeUnixMs ?? Number.MAX_VALUE, limit });
  return {
    mode: (): EngineSettings['mode'] | 'live' | null => guarded(path, () => mode.get() ?? null),
    orders: (beforeUnixMs: number | null, limit: number): readonly OrderRecord[] =>
      guarded(path, () => orders.all(page(beforeUnixMs, limit)).map(ORDERS.recordOf)),
    fills: (beforeUnixMs: number | null, limit: number): readonly FillRecord[] =>
      guarded(path, () => fills.all(page(beforeUnixMs, limit)).map(FILLS.recordOf)),
    /** Oldest first; the last is the present one. Empty where there is none of this id. */
    groupVersions: (groupId: string): readonly HedgeGroup[] =>
      guarded(path, () => {
        const row = group.get(groupId);
        if (row === undefined) return [];
        return versionsOf(GROUPS, row, facts.all({ id: groupId, type: 'group-changed', name: '$.groupId', key: groupId }));
      }),
    orderVersions: (clientOrderId: string): readonly OrderRecord[] =>
      guarded(path, () => {
        const row = order.get(clientOrderId);
        if (row === undefined) return [];
        const id = row['group_id'] as string;
        return versionsOf(ORDERS, row, facts.all({ id, type: 'order-changed', name: '$.clientOrderId', key: clientOrderId }));
      }),
  };
};
