/** `export`: intents, hedge groups, orders, fills, commands or deals of a ledger as CSV (one row each) or JSON (with all there is of each). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MAX_PAGE_ROWS } from '../../src-shared/contract/contract.ts';
import { encodeExact } from '../../src-shared/domain/exactJson.ts';
import { openArchive } from '../adapters/ledger/ledger.ts';
import { UsageFault } from '../hosts/headless/args.ts';
import type { LedgerArchive } from '../runtime/ports.ts';
import { COMMANDS, DEALS, FILLS, GROUPS, INTENTS, ORDERS, type Cell, type ExportTable } from './exportTables.ts';
import { LEDGER_USAGE, ledgerPathOf } from './ledgerPath.ts';
import { EXIT, guarded, type Output } from './output.ts';

export const EXPORT_USAGE = `Usage: quant-arb export intents|groups|orders|fills|commands|deals [options]

Writes them newest first; times are ISO 8601 in UTC, amounts are exact decimals. All but intents say in each row
whether they are paper, demo or live. Commands are what was given to the EA of a MetaTrader venue; deals are what its
terminal reported, ours and foreign (own: yes or no), with money in the account's currency and the broker's sign
(server_time is the broker's clock).

  --format csv|json      default csv; json holds everything: the figures and both quotes of an intent, the orders,
                         fills, timeline and every earlier version of a group, every earlier version of an order,
                         every transition of a command, every revision of a deal
  --out FILE             default: standard output; an existing file is refused
  --from TIME            only what was proposed, created, sent, booked or queued at or after this time
  --to TIME              only what was so before this time
${LEDGER_USAGE}`;

const NAMES = ['intents', 'groups', 'orders', 'fills', 'commands', 'deals'] as const;

/** RFC 4180; unknown is an empty cell. */
export const csvCell = (value: Cell): string => {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

interface Span {
  readonly fromUnixMs: number;
  readonly toUnixMs: number | null;
}

function* rowsOf<Row>(table: ExportTable<Row>, archive: LedgerArchive, { fromUnixMs, toUnixMs }: Span): Generator<Row> {
  for (let before = toUnixMs; ; ) {
    const page = table.page(archive, before, MAX_PAGE_ROWS);
    for (const row of page) {
      if (table.timeOf(row) < fromUnixMs) return;
      yield row;
    }
    // A page ends with all rows of its last millisecond, so going on before it skips none.
    const last = page.at(-1);
    if (last === undefined || page.length < MAX_PAGE_ROWS) return;
    before = table.timeOf(last);
  }
}

function* csvOf<Row>(table: ExportTable<Row>, archive: LedgerArchive, span: Span): Generator<string> {
  const mode = archive.mode();
  yield csvLine(table.columns.map(([name]) => name));
  for (const row of rowsOf(table, archive, span)) yield csvLine(table.columns.map(([, of]) => of(row, mode)));
}

function* jsonOf<Row>(table: ExportTable<Row>, archive: LedgerArchive, span: Span): Generator<string> {
  const mode = archive.mode();
  let between = '[\n';
  for (const row of rowsOf(table, archive, span)) {
    yield `${between}${encodeExact(table.json(row, archive, mode))}`;
    between = ',\n';
  }
  yield between === '[\n' ? '[]\n' : '\n]\n';
}

type Chunks = (format: 'csv' | 'json', archive: LedgerArchive, span: Span) => Generator<string>;

const chunksOf =
  <Row>(table: ExportTable<Row>): Chunks =>
  (format, archive, span) =>
    format === 'csv' ? csvOf(table, archive, span) : jsonOf(table, archive, span);

const EXPORTS: Readonly<Record<(typeof NAMES)[number], Chunks>> = {
  intents: chunksOf(INTENTS),
  groups: chunksOf(GROUPS),
  orders: chunksOf(ORDERS),
  fills: chunksOf(FILLS),
  commands: chunksOf(COMMANDS),
  deals: chunksOf(DEALS),
};

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
    const name = NAMES.find((each) => each === positionals[0]);
    if (positionals.length !== 1 || name === undefined) throw new UsageFault(`say what to export: ${NAMES.join(', ')}`);
    const format = values.format ?? 'csv';
    if (format !== 'csv' && format !== 'json') throw new UsageFault(`--format must be csv or json, not "${format}"`);
    const span = { fromUnixMs: timeOf('from', values.from) ?? 0, toUnixMs: timeOf('to', values.to) };
    const archive = openArchive({ path: ledgerPathOf(values) });
    try {
      writeTo(values.out, EXPORTS[name](format, archive, span), output);
    } finally {
      archive.close();
    }
    return EXIT.ok;
  });
