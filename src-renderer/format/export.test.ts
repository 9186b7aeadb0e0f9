/** Files: quoting, full precision, ISO times, defused formulas. */
import { describe, expect, it } from 'vitest';
import { exportFileName, timeColumn, toCsv, toJson, type ExportColumn } from './export.ts';

interface Row {
  readonly atMs: number | null;
  readonly name: string;
  readonly bps: number | null;
}

const COLUMNS: ReadonlyArray<ExportColumn<Row>> = [
  timeColumn('at', (row: Row) => row.atMs),
  { name: 'name', cell: (row) => row.name },
  { name: 'bps', cell: (row) => row.bps },
];
const AT = Date.UTC(2026, 10, 22, 14, 2, 11);

describe('toCsv', () => {
  it('writes a head and one line a row, unknown as empty', () => {
    expect(toCsv([{ atMs: AT, name: 'XAU', bps: -1.23456789 }], COLUMNS)).toBe(
      'at,name,bps\r\n2026-11-22T14:02:11.000Z,XAU,-1.23456789\r\n',
    );
    expect(toCsv([{ atMs: null, name: '', bps: null }], COLUMNS)).toBe('at,name,bps\r\n,,\r\n');
  });

  it('quotes what needs quoting', () => {
    expect(toCsv([{ atMs: null, name: 'a "b", c\nd', bps: 1 }], COLUMNS)).toContain('"a ""b"", c\nd"');
  });

  it.each(['=1+1', '+cmd', '-2+3', '@sum'])('keeps a spreadsheet from running %s', (name) => {
    expect(toCsv([{ atMs: null, name, bps: 1 }], COLUMNS)).toContain(`'${name}`);
  });
});

describe('toJson', () => {
  it('keeps numbers as numbers and the unknown as null', () => {
    expect(JSON.parse(toJson([{ atMs: AT, name: 'XAU', bps: Number.NaN }], COLUMNS))).toEqual([
      { at: '2026-11-22T14:02:11.000Z', name: 'XAU', bps: null },
    ]);
  });
});

describe('exportFileName', () => {
  it('sorts by time and suits every file system', () => {
    expect(exportFileName('pairs', AT, 'csv')).toBe('pairs-20261122T140211Z.csv');
  });
});
