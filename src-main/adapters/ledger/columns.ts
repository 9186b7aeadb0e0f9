/**
 * Records as rows: one column a member, named once. The type of a table's columns demands every member of its record, so
 * that a new member cannot be forgotten: it does not compile until it has a column. Amounts stay decimal text.
 */
import { decodeExact, encodeExact } from '../../../src-shared/domain/exactJson.ts';
import type { Sqlite } from './database.ts';

/** `flag` is 0 or 1; `json` is exact JSON of a nested member. A null member is a NULL of any kind. */
type Kind = 'text' | 'number' | 'flag' | 'json';
export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

export type ColumnsOf<T> = { readonly [K in keyof T]-?: readonly [column: string, kind: Kind] };

const cellOf = (kind: Kind, value: unknown): Cell => {
  if (value === null || value === undefined) return null;
  if (kind === 'json') return encodeExact(value);
  return kind === 'flag' ? Number(value) : (value as string | number);
};

const memberOf = (kind: Kind, cell: Cell): unknown => {
  if (cell === null) return null;
  if (kind === 'json') return decodeExact(cell as string);
  return kind === 'flag' ? cell === 1 : cell;
};

export interface TableOf<T> {
  /** Column names separated by commas. */
  readonly columns: string;
  readonly rowOf: (record: T) => Row;
  readonly recordOf: (row: Row) => T;
  /** Cells of `earlier` that `later` does not have again, by column; empty = the same record. */
  readonly replaced: (earlier: Row, later: Row) => Row;
  /** The record as it was before a change that replaced these cells. */
  readonly before: (row: Row, replaced: Row) => Row;
}

export const tableOf = <T extends object>(columns: ColumnsOf<T>): TableOf<T> => {
  const members = Object.entries(columns) as unknown as readonly (readonly [string, readonly [string, Kind]])[];
  const names = members.map(([, [name]]) => name);
  return {
    columns: names.join(', '),
    rowOf: (record) => {
      const row: Record<string, Cell> = {};
      for (const [member, [name, kind]] of members) row[name] = cellOf(kind, (record as Readonly<Record<string, unknown>>)[member]);
      return row;
    },
    recordOf: (row) => {
      const record: Record<string, unknown> = {};
      for (const [member, [name, kind]] of members) record[member] = memberOf(kind, row[name] ?? null);
      return record as T;
    },
    replaced: (earlier, later) =>
      Object.fromEntries(names.filter((name) => earlier[name] !== later[name]).map((name) => [name, earlier[name] ?? null])),
    before: (row, replaced) => ({ ...row, ...replaced }),
  };
};

/** A statement that is given a whole row; members of the row that it does not name are ignored. */
export interface RowWriter {
  run(row: Row): { readonly lastInsertRowid: number | bigint };
}

/** `INSERT INTO table` of a whole row, with further columns that the record itself does not have. */
export const insertInto = (db: Sqlite, table: string, columns: string, further: readonly string[] = []): RowWriter => {
  const names = [...columns.split(', '), ...further];
  return db.prepare<[Row]>(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`);
};

/** `UPDATE table` of every column but the key. */
export const updateOf = (db: Sqlite, table: string, columns: string, key: string, further: readonly string[] = []): RowWriter => {
  const names = [...columns.split(', ').filter((name) => name !== key), ...further];
  return db.prepare<[Row]>(`UPDATE ${table} SET ${names.map((name) => `${name} = @${name}`).join(', ')} WHERE ${key} = @${key}`);
};
