/**
 * Everything a venue remembers of its accounts. Owns wallets, positions, orders and fills, their indexes, and the file; applies no
 * rule. Changes are gathered until `commit`, which writes them as one line before anybody is told of them.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { Side } from '../../../../src-shared/domain/order.ts';
import { openLineFile, type LineFile } from '../../metatrader/lineFile.ts';
import {
  hasEnded,
  type AccountEvent,
  type AccountId,
  type AccountKey,
  type AccountTerms,
  type BookFill,
  type BookOrder,
  type Listing,
  type OrderKey,
  type PositionMode,
  type SimAccountsSettings,
  type TopOfBook,
  type Transfer,
} from './account.ts';
import { decimal, flatHolding, textOf, ZERO, type Holding } from './money.ts';
import { holdingOf, holdingRow, rowsOf, type Row } from './rows.ts';

/** Ended orders and fills of a venue that are remembered at most; the oldest go first. */
export const MAX_REMEMBERED_ORDERS = 50_000;
export const MAX_REMEMBERED_FILLS = 100_000;
const MAX_TRANSFERS = 20_000;
const DEFAULT_LEVERAGE = 20;
const MS_PER_HOUR = 3_600_000;
const DEFAULT_FUNDING_HOURS = 8;

export interface Wallet {
  readonly total: Decimal;
  readonly updatedMs: number;
}
export interface AccountState {
  readonly id: AccountId;
  keys: readonly AccountKey[];
  terms: AccountTerms | null;
  positionMode: PositionMode;
  signed: boolean;
  openedMs: number;
  readonly wallets: Map<string, Wallet>;
  readonly holdings: Map<string, Holding>;
}
/** One symbol's running market, with what is left of the displayed sizes; a new top is read only when somebody looks at it. */
export class Market {
  readonly listing: Listing;
  readonly basePerUnit: Decimal;
  fundingRate = '0.0001';
  nextFundingMs = 0;
  nextOrderId: bigint;
  nextTradeId: bigint;
  /** Resting, in order of their making. */
  readonly resting = new Map<string, BookOrder>();
  #coming: (() => TopOfBook) | null = null;
  #top: TopOfBook | null = null;
  #prices: { bid: Decimal; ask: Decimal; bidLeft: Decimal; askLeft: Decimal } = { bid: ZERO, ask: ZERO, bidLeft: ZERO, askLeft: ZERO };

  constructor(listing: Listing, now: number) {
    this.listing = listing;
    this.basePerUnit = decimal(listing.basePerUnit);
    this.scheduleFunding(now);
    this.nextOrderId = BigInt(listing.firstOrderId);
    this.nextTradeId = BigInt(listing.firstTradeId);
  }

  /** The next full hour of funding; also after a clock went back, as a recording's does when it starts anew. */
  scheduleFunding(now: number): void {
    const intervalMs = (this.listing.fundingHours ?? DEFAULT_FUNDING_HOURS) * MS_PER_HOUR;
    this.nextFundingMs = (Math.floor(now / intervalMs) + 1) * intervalMs;
  }

  move(top: () => TopOfBook): void {
    this.#coming = top;
  }

  get top(): TopOfBook | null {
    this.#read();
    return this.#top;
  }
  get bid(): Decimal {
    return this.#read().bid;
  }
  get ask(): Decimal {
    return this.#read().ask;
  }
  /** What an order of this side could still take of the displayed size. */
  leftFor(side: Side): Decimal {
    return side === 'buy' ? this.#read().askLeft : this.#read().bidLeft;
  }
  taken(side: Side, qty: Decimal): void {
    if (side === 'buy') this.#prices.askLeft = this.#prices.askLeft.minus(qty);
    else this.#prices.bidLeft = this.#prices.bidLeft.minus(qty);
  }

  #read() {
    if (this.#coming === null) return this.#prices;
    const top = this.#coming();
    this.#coming = null;
    this.#top = top;
    this.#prices = {
      bid: decimal(top.bidPrice),
      ask: decimal(top.askPrice),
      bidLeft: decimal(top.bidQty),
      askLeft: decimal(top.askQty),
    };
    return this.#prices;
  }
}

const orderKeyOf = (symbol: string, orderId: string): string => `${symbol}|${orderId}`;
const clientKeyOf = (account: AccountId, symbol: string, clientId: string): string => `${account}|${symbol}|${clientId}`;
const timerKeyOf = (account: AccountId, symbol: string | null, tag: string | null): string => `${account}|${symbol ?? ''}|${tag ?? ''}`;

export interface DeadMan {
  readonly account: AccountId;
  readonly symbol: string | null;
  readonly tag: string | null;
  readonly firesMs: number;
}

export class Book {
  readonly settings: SimAccountsSettings;
  readonly accounts = new Map<AccountId, AccountState>();
  readonly markets = new Map<string, Market>();
  /** Oldest first. */
  readonly orders = new Map<string, BookOrder>();
  readonly fills: BookFill[] = [];
  readonly transfers: Transfer[] = [];
  readonly deadMen = new Map<string, DeadMan>();
  /** What listeners are told after the next commit. */
  readonly events: AccountEvent[] = [];
  #fillCount = 0;
  readonly #newest = new Map<string, string>();
  readonly #file: LineFile;
  #changed: Row[] = [];

  constructor(settings: SimAccountsSettings) {
    this.settings = settings;
    for (const listing of settings.listings) this.markets.set(listing.symbol, new Market(listing, this.now));
    this.#file = openLineFile(settings.file);
    for (const line of this.#file.before) for (const row of rowsOf(line)) this.#restore(row);
    this.#file.rewrite(this.#file.before.length === 0 ? [] : [[...this.#dump()]]);
  }

  get now(): number {
    return this.settings.clock();
  }

  /** @throws Error for an account nobody opened */
  account(id: AccountId): AccountState {
    const found = this.accounts.get(id);
    if (found === undefined) throw new Error(`no account ${id}`);
    return found;
  }

  ensureAccount(id: AccountId): AccountState {
    let state = this.accounts.get(id);
    if (state === undefined) {
      state = {
        id,
        keys: [],
        terms: null,
        positionMode: 'net',
        signed: false,
        openedMs: this.now,
        wallets: new Map(),
        holdings: new Map(),
      };
      this.accounts.set(id, state);
    }
    return state;
  }

  putAccount(state: AccountState): void {
    const { id, openedMs, positionMode, signed, terms } = state;
    this.#changed.push({ t: 'account', id, openedMs, positionMode, signed, terms });
  }

  total(account: AccountId, asset: string): Decimal {
    return this.account(account).wallets.get(asset)?.total ?? ZERO;
  }

  /** Adds to what is owned; below zero only where futures lost more than there was. */
  pay(account: AccountId, asset: string, amount: Decimal): void {
    const total = this.total(account, asset).plus(amount);
    const updatedMs = this.now;
    this.account(account).wallets.set(asset, { total, updatedMs });
    this.#changed.push({ t: 'wallet', account, asset, total: textOf(total), updatedMs });
  }

  holding(account: AccountId, symbol: string): Holding {
    const { holdings, terms } = this.account(account);
    return holdings.get(symbol) ?? flatHolding(symbol, terms?.leverage ?? DEFAULT_LEVERAGE, terms?.marginMode ?? 'cross');
  }

  putHolding(account: AccountId, holding: Holding): void {
    this.account(account).holdings.set(holding.symbol, holding);
    this.#changed.push(holdingRow(account, holding));
  }

  putOrder(order: BookOrder): void {
    this.#indexOrder(order);
    this.#changed.push({ t: 'order', order });
  }

  putFill(fill: Omit<BookFill, 'seq'>): BookFill {
    this.#fillCount += 1;
    const kept = { ...fill, seq: this.#fillCount };
    this.fills.push(kept);
    this.#changed.push({ t: 'fill', fill: kept });
    return kept;
  }

  putTransfer(transfer: Transfer): void {
    this.transfers.push(transfer);
    this.#changed.push({ t: 'transfer', transfer });
  }

  putDeadMan(timer: DeadMan): void {
    const key = timerKeyOf(timer.account, timer.symbol, timer.tag);
    if (timer.firesMs === 0) this.deadMen.delete(key);
    else this.deadMen.set(key, timer);
    this.#changed.push({ t: 'timer', ...timer });
  }

  /** The order as it was last put; by client id the newest. */
  find(account: AccountId, key: OrderKey): BookOrder | null {
    const byClient =
      key.clientId === null || key.clientId === undefined ? undefined : this.#newest.get(clientKeyOf(account, key.symbol, key.clientId));
    const id = key.orderId ?? byClient;
    const order = id === undefined ? undefined : this.orders.get(orderKeyOf(key.symbol, id));
    return order === undefined || order.account !== account ? null : order;
  }

  /** Writes what changed since the last call; nobody may be told of it before. */
  commit(): void {
    if (this.#changed.length === 0) return;
    const changed = this.#changed;
    this.#changed = [];
    if (this.settings.file !== null) this.#file.append(newestOf(changed));
    this.#forget();
  }

  #indexOrder(order: BookOrder): void {
    this.orders.set(orderKeyOf(order.symbol, order.orderId), order);
    this.#newest.set(clientKeyOf(order.account, order.symbol, order.clientId), order.orderId);
    const resting = this.markets.get(order.symbol)?.resting;
    if (hasEnded(order.stage)) resting?.delete(order.orderId);
    else if (order.rested) resting?.set(order.orderId, order);
  }

  #forget(): void {
    if (this.fills.length > MAX_REMEMBERED_FILLS) this.fills.splice(0, this.fills.length - MAX_REMEMBERED_FILLS);
    if (this.transfers.length > MAX_TRANSFERS) this.transfers.splice(0, this.transfers.length - MAX_TRANSFERS);
    let over = this.orders.size - MAX_REMEMBERED_ORDERS;
    for (const [key, order] of over > 0 ? this.orders : []) {
      if (over <= 0) break;
      if (!hasEnded(order.stage)) continue;
      over -= 1;
      this.orders.delete(key);
      const client = clientKeyOf(order.account, order.symbol, order.clientId);
      if (this.#newest.get(client) === order.orderId) this.#newest.delete(client);
    }
  }

  #restore(row: Row): void {
    switch (row.t) {
      case 'account': {
        const { positionMode, signed, openedMs, terms } = row;
        Object.assign(this.ensureAccount(row.id), { positionMode, signed, openedMs, terms });
        return;
      }
      case 'ids': {
        const market = this.markets.get(row.symbol);
        if (market === undefined) return;
        market.nextOrderId = larger(market.nextOrderId, BigInt(row.orderId));
        market.nextTradeId = larger(market.nextTradeId, BigInt(row.tradeId));
        return;
      }
      case 'wallet':
        this.ensureAccount(row.account).wallets.set(row.asset, { total: decimal(row.total), updatedMs: row.updatedMs });
        return;
      case 'holding':
        this.ensureAccount(row.account).holdings.set(String(row.holding.symbol), holdingOf(row));
        return;
      case 'order': {
        this.#indexOrder(row.order);
        const market = this.markets.get(row.order.symbol);
        if (market !== undefined) market.nextOrderId = larger(market.nextOrderId, BigInt(row.order.orderId) + 1n);
        return;
      }
      case 'fill': {
        this.fills.push(row.fill);
        this.#fillCount = Math.max(this.#fillCount, row.fill.seq);
        const market = this.markets.get(row.fill.symbol);
        if (market !== undefined) market.nextTradeId = larger(market.nextTradeId, BigInt(row.fill.tradeId) + 1n);
        return;
      }
      case 'transfer':
        this.transfers.push(row.transfer);
        return;
      case 'timer': {
        const { account, symbol, tag, firesMs } = row;
        const key = timerKeyOf(account, symbol, tag);
        if (firesMs === 0) this.deadMen.delete(key);
        else this.deadMen.set(key, { account, symbol, tag, firesMs });
        return;
      }
      default:
        row satisfies never;
    }
  }

  *#dump(): Iterable<Row> {
    for (const { listing, nextOrderId, nextTradeId } of this.markets.values())
      yield { t: 'ids', symbol: listing.symbol, orderId: String(nextOrderId), tradeId: String(nextTradeId) };
    for (const { id, openedMs, positionMode, signed, terms, wallets, holdings } of this.accounts.values()) {
      yield { t: 'account', id, openedMs, positionMode, signed, terms };
      for (const [asset, w] of wallets) yield { t: 'wallet', account: id, asset, total: textOf(w.total), updatedMs: w.updatedMs };
      for (const holding of holdings.values()) yield holdingRow(id, holding);
    }
    for (const order of this.orders.values()) yield { t: 'order', order };
    for (const fill of this.fills) yield { t: 'fill', fill };
    for (const transfer of this.transfers) yield { t: 'transfer', transfer };
    for (const timer of this.deadMen.values()) yield { t: 'timer', ...timer };
  }
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Of several rows of one wallet, position or order only the last; their order otherwise stays. */
const newestOf = (rows: readonly Row[]): readonly Row[] => {
  const keyOf = (row: Row): string | null => {
    if (row.t === 'wallet') return `w${row.account}|${row.asset}`;
    if (row.t === 'holding') return `h${row.account}|${String(row.holding.symbol)}`;
    return row.t === 'order' ? `o${orderKeyOf(row.order.symbol, row.order.orderId)}` : null;
  };
  const last = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key !== null) last.set(key, row);
  }
  return rows.filter((row) => {
    const key = keyOf(row);
    return key === null || last.get(key) === row;
  });
};
