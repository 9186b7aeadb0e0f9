/**
 * The account book of a paper venue on disk: one JSON line for each order that the venue took, with its fills, on disk
 * before anybody is told. It outlives the engine and its ledger like a venue does. Invariants: a line is one order whole,
 * or nothing; a torn last line is an order that was never taken, is cut off, and is said. Opening compacts the file:
 * the account as one line, then the newest orders, so that it never grows without bound.
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { DecimalText } from '../../../src-shared/domain/decimal.ts';
import { emptyAccount, withFill, type AccountFill, type AccountState } from './account.ts';

/** Orders that questions and snapshots can still name after the next opening; older ones live on in the account alone. */
export const MAX_KEPT_ORDERS = 2_000;
/** Orders after which an open book is compacted. */
export const MAX_APPENDED_ORDERS = 10_000;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

export interface BookedOrder {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly instrumentId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly qty: DecimalText;
  readonly filledQty: DecimalText;
  readonly state: 'filled' | 'canceled';
  readonly text: string;
  readonly magic: number | null;
  readonly venueUnixMs: number;
  readonly fills: readonly AccountFill[];
}

export interface BookIdentity {
  readonly venueId: string;
  readonly protocol: string;
}

interface Header extends BookIdentity {
  readonly paperAccount: 1;
  readonly account: AccountState;
}
/** `past`: already in the account of the header. */
interface Line {
  readonly order: BookedOrder;
  readonly past?: true;
}

/** The file cannot be used; the message names it and says what to do. */
export class PaperBookFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PaperBookFault';
  }
}

export interface BookFile {
  readonly account: AccountState;
  /** By client id, newest last. */
  readonly orders: ReadonlyMap<string, BookedOrder>;
  /** What opening found, for people; empty = nothing. */
  readonly notes: readonly string[];
  /** Takes an order into the book: on disk when it returns. @throws whatever the disk throws; then nothing was taken. */
  take(order: BookedOrder): void;
  close(): void;
}

const syncDirectory = (directory: string): void => {
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const writeAll = (descriptor: number, bytes: Buffer, from: number): void => {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written, bytes.length - written, from + written);
};

const readText = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

const bookOrder = (account: AccountState, order: BookedOrder): AccountState =>
  order.fills.reduce(withFill, { ...account, orders: account.orders + 1 });

const headerOf = (line: string | undefined, file: string, identity: BookIdentity): Header => {
  const header = line === undefined ? undefined : (parsed(line) as Partial<Header> | undefined);
  if (header?.paperAccount !== 1 || header.account === undefined)
    throw new PaperBookFault(`${file} is not the book of a paper account: move it away, or restore it from a backup`);
  if (header.venueId !== identity.venueId || header.protocol !== identity.protocol)
    throw new PaperBookFault(
      `${file} is the book of ${header.venueId} (${header.protocol}), not of ${identity.venueId} (${identity.protocol}): move it away`,
    );
  return header as Header;
};

interface Content {
  account: AccountState;
  readonly orders: Map<string, BookedOrder>;
  readonly notes: string[];
}

const readContent = (file: string, identity: BookIdentity, balances: Readonly<Record<string, DecimalText>>): Content => {
  const text = readText(file);
  if (text === null || text === '') return { account: emptyAccount(balances), orders: new Map(), notes: [] };
  const lines = text.split('\n');
  const torn = lines.pop()!;
  const notes = torn === '' ? [] : [`${file}: the last line was cut off by a crash; that order was never taken`];
  const content: Content = { account: headerOf(lines.shift(), file, identity).account, orders: new Map(), notes };
  for (const [at, line] of lines.entries()) {
    const { order, past } = (parsed(line) ?? {}) as Partial<Line>;
    if (order === undefined) throw new PaperBookFault(`${file} is damaged at line ${at + 2}: move it away, or restore it from a backup`);
    content.orders.set(order.clientOrderId, order);
    if (past !== true) content.account = bookOrder(content.account, order);
  }
  return content;
};

/** Replaces the file by account and newest orders. @returns the open descriptor of the new file, and its length. */
const writeCompact = (file: string, header: Header, orders: ReadonlyMap<string, BookedOrder>): { descriptor: number; length: number } => {
  const lines = [JSON.stringify(header), ...[...orders.values()].map((order) => JSON.stringify({ order, past: true } satisfies Line))];
  const bytes = Buffer.from(`${lines.join('\n')}\n`, 'utf8');
  mkdirSync(path.dirname(file), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  const draft = `${file}.tmp`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', OWNER_ONLY_FILE);
  try {
    writeAll(descriptor, bytes, 0);
    fsyncSync(descriptor);
    renameSync(draft, file);
    syncDirectory(path.dirname(file));
  } catch (error) {
    closeSync(descriptor);
    rmSync(draft, { force: true });
    throw error;
  }
  return { descriptor, length: bytes.length };
};

class OpenBook implements BookFile {
  readonly notes: readonly string[];
  readonly orders: Map<string, BookedOrder>;
  readonly #file: string;
  readonly #identity: BookIdentity;
  #account: AccountState;
  #descriptor = -1;
  #end = 0;
  #appended = 0;
  #broken: string | null = null;

  constructor(file: string, identity: BookIdentity, content: Content) {
    this.#file = file;
    this.#identity = identity;
    this.#account = content.account;
    this.orders = content.orders;
    this.notes = content.notes;
    this.#compact();
  }

  get account(): AccountState {
    return this.#account;
  }

  take(order: BookedOrder): void {
    if (this.#broken !== null) throw new PaperBookFault(this.#broken);
    const bytes = Buffer.from(`${JSON.stringify({ order } satisfies Line)}\n`, 'utf8');
    try {
      writeAll(this.#descriptor, bytes, this.#end);
      fsyncSync(this.#descriptor);
    } catch (error) {
      this.#undo(error as Error);
      throw error;
    }
    this.#end += bytes.length;
    this.#appended += 1;
    this.#account = bookOrder(this.#account, order);
    this.orders.set(order.clientOrderId, order);
    if (this.#appended >= MAX_APPENDED_ORDERS) this.#compact();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** What half of a line reached the file must go, or the next line would stand behind it. */
  #undo(fault: Error): void {
    try {
      ftruncateSync(this.#descriptor, this.#end);
      fsyncSync(this.#descriptor);
    } catch {
      this.#broken = `${this.#file} cannot be written any more (${fault.message}): the paper account takes nothing until a restart`;
    }
  }

  #compact(): void {
    for (const id of this.orders.keys()) {
      if (this.orders.size <= MAX_KEPT_ORDERS) break;
      this.orders.delete(id);
    }
    const { venueId, protocol } = this.#identity;
    const written = writeCompact(this.#file, { paperAccount: 1, venueId, protocol, account: this.#account }, this.orders);
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = written.descriptor;
    this.#end = written.length;
    this.#appended = 0;
  }
}

/**
 * @param balances what a new account starts with; an existing book keeps its own.
 * @throws PaperBookFault, or what the disk throws.
 */
export const openBookFile = (file: string, identity: BookIdentity, balances: Readonly<Record<string, DecimalText>>): BookFile =>
  new OpenBook(file, identity, readContent(file, identity, balances));
