/**
 * What is on disk, read without any code of the product: the ledger as a plain SQLite file, and the paper venues' own books
 * as lines of JSON. Amounts are exact: scaled whole numbers.
 */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCALE_DIGITS = 18;

/** Decimal text as a whole number of 10⁻¹⁸. */
export const exact = (text: string): bigint => {
  const match = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) throw new Error(`"${text}" is not plain decimal text`);
  const [, sign = '', whole = '0', fraction = ''] = match;
  const magnitude = BigInt(whole + fraction.padEnd(SCALE_DIGITS, '0'));
  return sign === '-' ? -magnitude : magnitude;
};

export interface VenueFill {
  readonly venueId: string;
  readonly instrumentId: string;
  readonly tradeId: string;
  readonly clientOrderId: string | null;
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  readonly px: string;
  readonly fee: string;
  readonly feeCcy: string;
}

export interface VenueOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  readonly filledQty: string;
  readonly fills: readonly VenueFill[];
}

export interface VenueBook {
  readonly venueId: string;
  readonly file: string;
  /** Taken since the file was last opened, in order, each line that is there. */
  readonly fresh: readonly VenueOrder[];
  /** Kept from before. */
  readonly past: readonly VenueOrder[];
  /** Orders that the account of the first line has counted. */
  readonly countedBefore: number;
  /** Net position by instrument in the first line. */
  readonly positionsBefore: ReadonlyMap<string, bigint>;
}

interface HeaderLine {
  readonly paperAccount?: number;
  readonly venueId: string;
  readonly account: { readonly orders: number; readonly positions: readonly { readonly instrumentId: string; readonly qty: string }[] };
}
interface OrderLine {
  readonly order: Omit<VenueOrder, 'fills'> & { readonly fills: readonly { readonly report: VenueFill }[] };
  readonly past?: boolean;
}

const orderOf = ({ order }: OrderLine): VenueOrder => ({ ...order, fills: order.fills.map(({ report }) => report) });

const readBook = (file: string): VenueBook | null => {
  const lines = readFileSync(file, 'utf8').split('\n');
  // What stands behind the last line break was never finished.
  lines.pop();
  let header: HeaderLine;
  try {
    header = JSON.parse(lines[0] ?? '') as HeaderLine;
  } catch {
    return null;
  }
  if (header.paperAccount === undefined) return null;
  const orders = lines.slice(1).map((line) => JSON.parse(line) as OrderLine);
  const positionsBefore = new Map<string, bigint>();
  for (const { instrumentId, qty } of header.account.positions)
    positionsBefore.set(instrumentId, (positionsBefore.get(instrumentId) ?? 0n) + exact(qty));
  return {
    venueId: header.venueId,
    file,
    fresh: orders.filter((line) => line.past !== true).map(orderOf),
    past: orders.filter((line) => line.past === true).map(orderOf),
    countedBefore: header.account.orders,
    positionsBefore,
  };
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jsonl?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));

/** The books of every paper venue below the data directory. */
export const readVenueBooks = (dataDir: string): readonly VenueBook[] => filesBelow(dataDir).flatMap((file) => readBook(file) ?? []);

export interface LedgerOrder {
  readonly client_order_id: string;
  readonly group_id: string;
  readonly leg: string;
  readonly attempt: number;
  readonly purpose: string;
  readonly venue_id: string;
  readonly instrument_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly qty: string;
  readonly state: string;
  readonly filled_qty: string;
  readonly booked_qty: string;
  readonly magic: number | null;
  readonly committed_unix_ms: number;
}
export interface LedgerFill {
  readonly venue_id: string;
  readonly instrument_id: string;
  readonly trade_id: string;
  readonly client_order_id: string | null;
  readonly group_id: string;
  readonly side: string;
  readonly qty: string;
  readonly px: string;
  readonly fee: string;
  readonly fee_ccy: string;
  /** In base units, unsigned. */
  readonly base_qty: string;
  readonly via: string;
}
export interface LedgerGroup {
  readonly group_id: string;
  readonly state: string;
  readonly why: string;
  readonly residual_base_qty: string;
  readonly settled_base_qty: string;
}
/** What a person took out of our own position: the ledger counts it no longer, the venue still holds it. */
export interface LedgerSettlement {
  readonly group_id: string;
  readonly instrument_id: string;
  readonly kind: 'adopted' | 'written-off';
  /** Signed, venue's unit. */
  readonly qty: string;
}
export interface LedgerView {
  readonly orders: readonly LedgerOrder[];
  readonly fills: readonly LedgerFill[];
  readonly groups: readonly LedgerGroup[];
  readonly holdings: readonly { readonly instrument_id: string; readonly qty: string; readonly foreign_qty: string }[];
  readonly settlements: readonly LedgerSettlement[];
  /** Groups of which the journal of operators says that a person settled them. */
  readonly settledByHand: readonly string[];
  readonly kill: { readonly level: string; readonly latchedUnixMs: number; readonly verifiedUnixMs: number | null } | null;
  /** What SQLite itself finds wrong; empty = sound. */
  readonly damage: readonly string[];
}

const readTables = (file: string): LedgerView => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('PRAGMA busy_timeout = 5000; BEGIN');
    const all = (sql: string): unknown => db.prepare(sql).all();
    const sound = (all('PRAGMA integrity_check') as { readonly integrity_check: string }[]).map((row) => row.integrity_check);
    const orphans = (all('PRAGMA foreign_key_check') as { readonly table: string }[]).map(
      (row) => `a row of ${row.table} refers to nothing`,
    );
    const latch = (all("SELECT latch FROM latches WHERE name = 'kill'") as { readonly latch: string | null }[])[0]?.latch ?? null;
    return {
      orders: all(
        'SELECT client_order_id, group_id, leg, attempt, purpose, venue_id, instrument_id, symbol, side, qty, state, filled_qty, booked_qty, magic, committed_unix_ms FROM orders',
      ) as LedgerView['orders'],
      fills: all(
        'SELECT venue_id, instrument_id, trade_id, client_order_id, group_id, side, qty, px, fee, fee_ccy, base_qty, via FROM fills ORDER BY number',
      ) as LedgerView['fills'],
      groups: all('SELECT group_id, state, why, residual_base_qty, settled_base_qty FROM hedge_groups') as LedgerView['groups'],
      holdings: all('SELECT instrument_id, qty, foreign_qty FROM holdings') as LedgerView['holdings'],
      settlements: all(
        "SELECT group_id, instrument_id, kind, qty FROM dust WHERE kind IN ('adopted', 'written-off')",
      ) as LedgerView['settlements'],
      settledByHand: (
        all(
          "SELECT DISTINCT target FROM operator_actions WHERE command = 'group-act' AND refused_because IS NULL AND detail IN ('adopt', 'write-off')",
        ) as { readonly target: string }[]
      ).map(({ target }) => target),
      kill: latch === null ? null : (JSON.parse(latch) as LedgerView['kill']),
      damage: [...(sound.length === 1 && sound[0] === 'ok' ? [] : sound), ...orphans],
    };
  } finally {
    db.close();
  }
};

/** The ledger of an engine that runs. */
export const readLiveLedger = (file: string): LedgerView => readTables(file);

/** What a ledger says whose engine is dead, read from a copy: reading must not heal what the next start has to find. */
export const fromCopy = <T>(file: string, read: (copy: string) => T): T => {
  const folder = mkdtempSync(path.join(tmpdir(), 'quant-arb-evidence-'));
  try {
    for (const suffix of ['', '-wal'])
      if (existsSync(file + suffix)) copyFileSync(file + suffix, path.join(folder, `ledger.sqlite${suffix}`));
    return read(path.join(folder, 'ledger.sqlite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const readDeadLedger = (file: string): LedgerView => fromCopy(file, readTables);
