/**
 * Tables as files: CSV and JSON with full precision and ISO-8601 UTC times. Pure text; the download itself is the
 * browser's. A cell that a spreadsheet would run as a formula is defused.
 */
import { fullPrecision } from './numbers.ts';
import { isoUtc } from './times.ts';

export type ExportCell = string | number | boolean | null;

export interface ExportColumn<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ExportCell;
}

/** A column of Unix milliseconds, exported as ISO-8601 UTC. */
export const timeColumn = <Row>(name: string, unixMs: (row: Row) => number | null): ExportColumn<Row> => ({
  name,
  cell: (row) => isoUtc(unixMs(row)),
});

const csvCell = (cell: ExportCell): string => {
  if (cell === null) return '';
  if (typeof cell === 'number') return fullPrecision(cell);
  if (typeof cell === 'boolean') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** RFC 4180: a header line, CRLF between lines. */
export const toCsv = <Row>(rows: readonly Row[], columns: ReadonlyArray<ExportColumn<Row>>): string =>
  [columns.map((column) => csvCell(column.name)), ...rows.map((row) => columns.map((column) => csvCell(column.cell(row))))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

const jsonCell = (cell: ExportCell): ExportCell => (typeof cell === 'number' && !Number.isFinite(cell) ? null : cell);

export const toJson = <Row>(rows: readonly Row[], columns: ReadonlyArray<ExportColumn<Row>>): string =>
  `${JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((column) => [column.name, jsonCell(column.cell(row))]))),
    null,
    2,
  )}\n`;

/** `pairs-20261122T153500Z.csv` */
export const exportFileName = (table: string, unixMs: number, extension: 'csv' | 'json'): string =>
  `${table}-${isoUtc(unixMs).slice(0, 19).replace(/[-:]/g, '')}Z.${extension}`;
