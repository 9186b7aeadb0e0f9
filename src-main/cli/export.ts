/** `export`: every intent of a ledger as CSV (one row an intent) or JSON (with the evidence that led to it). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MAX_PAGE_ROWS } from '../../src-shared/contract/contract.ts';
import { encodeExact } from '../../src-shared/domain/exactJson.ts';
import type { IntentRow } from '../../src-shared/domain/view.ts';
import { openArchive } from '../adapters/ledger/ledger.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import type { LedgerArchive } from '../runtime/ports.ts';
import { LEDGER_USAGE, ledgerPathOf } from './ledgerPath.ts';
import { EXIT, guarded, type Output } from './output.ts';

export const EXPORT_USAGE = `Usage: quant-arb export intents [options]

Writes intents, newest first; times are ISO 8601 in UTC.

  --format csv|json      default csv; json holds every figure and both quotes of each intent
  --out FILE             default: standard output; an existing file is refused
  --from TIME            only intents proposed at or after this time
  --to TIME              only intents proposed before this time
${LEDGER_USAGE}`;

type Row = IntentRow & { readonly id: string };

const COLUMNS: readonly (readonly [name: string, of: (row: Row) => string | number | null])[] = [
  ['id', (row) => row.id],
  ['pair', (row) => row.pairId],
  ['direction', (row) => row.direction],
  ['episode', (row) => row.episode],
  ['proposed_utc', (row) => new Date(row.proposedUnixMs).toISOString()],
  ['ended_utc', (row) => (row.endedUnixMs === null ? null : new Date(row.endedUnixMs).toISOString())],
  ['end_reason', (row) => row.endReason],
  ['spread_bps', (row) => row.spreadBps],
  ['edge_bps', (row) => row.edgeBps],
  ['best_edge_bps', (row) => row.bestEdgeBps],
  ['threshold_bps', (row) => row.thresholdBps],
  ['costs_bps', (row) => row.costsBps],
  ['executable_base_qty', (row) => row.executableBaseQty],
  ['disposition', (row) => row.disposition],
];

/** RFC 4180; unknown is an empty cell. */
export const csvCell = (value: string | number | null): string => {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csvLine = (cells: readonly (string | number | null)[]): string => `${cells.map(csvCell).join(',')}\r\n`;

interface Span {
  readonly fromUnixMs: number;
  readonly toUnixMs: number | null;
}

function* rowsOf(archive: LedgerArchive, { fromUnixMs, toUnixMs }: Span): Generator<Row> {
  for (let before = toUnixMs; ; ) {
    const page = archive.intents(before, MAX_PAGE_ROWS);
    for (const row of page) {
      if (row.proposedUnixMs < fromUnixMs) return;
      yield row;
    }
    // A page ends with all rows of its last millisecond, so going on before it skips none.
    const last = page.at(-1);
    if (last === undefined || page.length < MAX_PAGE_ROWS) return;
    before = last.proposedUnixMs;
  }
}

function* csvOf(rows: Iterable<Row>): Generator<string> {
  yield csvLine(COLUMNS.map(([name]) => name));
  for (const row of rows) yield csvLine(COLUMNS.map(([, of]) => of(row)));
}

function* jsonOf(rows: Iterable<Row>, archive: LedgerArchive): Generator<string> {
  let between = '[\n';
  for (const row of rows) {
    yield `${between}${encodeExact({ row, evidence: archive.intent(row.id) })}`;
    between = ',\n';
  }
  yield between === '[\n' ? '[]\n' : '\n]\n';
}

const timeOf = (name: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  const unixMs = Date.parse(text);
  if (Number.isNaN(unixMs)) throw new UsageFault(`--${name} must be a time such as 2026-11-22 or 2026-11-22T14:00:00Z, not "${text}"`);
  return unixMs;
};

const OPTIONS = {
  format: { type: 'string' },
  out: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  ledger: { type: 'string' },
  'data-dir': { type: 'string' },
  profile: { type: 'string' },
} as const;

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
};

const writeTo = (file: string | undefined, chunks: Iterable<string>, output: Output): void => {
  if (file === undefined) {
    for (const chunk of chunks) output.out(chunk);
    return;
  }
  const descriptor = openSync(file, 'wx');
  try {
    for (const chunk of chunks) writeSync(descriptor, chunk);
  } finally {
    closeSync(descriptor);
  }
};

export const runExport = (argv: readonly string[], output: Output): Promise<number> =>
  guarded(output, EXPORT_USAGE, async () => {
    const { values, positionals } = parse(argv);
    if (positionals.length !== 1 || positionals[0] !== 'intents') throw new UsageFault('say what to export: intents');
    const format = values.format ?? 'csv';
    if (format !== 'csv' && format !== 'json') throw new UsageFault(`--format must be csv or json, not "${format}"`);
    const span = { fromUnixMs: timeOf('from', values.from) ?? 0, toUnixMs: timeOf('to', values.to) };
    const archive = openArchive({ path: ledgerPathOf(values) });
    try {
      const rows = rowsOf(archive, span);
      writeTo(values.out, format === 'csv' ? csvOf(rows) : jsonOf(rows, archive), output);
    } finally {
      archive.close();
    }
    return EXIT.ok;
  });
