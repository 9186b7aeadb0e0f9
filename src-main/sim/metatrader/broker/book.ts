/**
 * The trade server's memory. Owns all accounts, orders, deals, positions, the audit and the ticket counters; the one way
 * to change any of them is `apply`, so that the durable log and every terminal see exactly what happened. No clock, no
 * rules, no I/O.
 */
import type { AccountRecord, AuditLine, BookChange, DealEntry, OrderRecord, PositionRecord } from './records.ts';

export interface AccountBook {
  account: AccountRecord;
  readonly orders: Map<number, OrderRecord>;
  readonly history: Map<number, OrderRecord>;
  readonly deals: Map<number, DealEntry>;
  readonly positions: Map<number, PositionRecord>;
}

export const FIRST_ORDER_TICKET = 40_000_001;
export const FIRST_DEAL_TICKET = 70_000_001;

export const emptyAccountBook = (account: AccountRecord): AccountBook => ({
  account,
  orders: new Map(),
  history: new Map(),
  deals: new Map(),
  positions: new Map(),
});

/** Changes of one account's book; used by the server and by every terminal's copy. */
export const applyTo = (book: AccountBook, change: BookChange): void => {
  switch (change.kind) {
    case 'account':
      book.account = change.account;
      break;
    case 'order':
      if (change.place === 'history') book.orders.delete(change.order.ticket);
      (change.place === 'history' ? book.history : book.orders).set(change.order.ticket, change.order);
      break;
    case 'deal':
      if (change.gone) book.deals.delete(change.deal.ticket);
      else book.deals.set(change.deal.ticket, change.deal);
      break;
    case 'position':
      if (change.was !== change.position.ticket) book.positions.delete(change.was);
      if (change.gone) book.positions.delete(change.position.ticket);
      else book.positions.set(change.position.ticket, change.position);
      break;
    case 'audit':
    case 'counters':
      break;
  }
};

/** Whom a change concerns; null = nobody in particular. */
export const loginOf = (change: BookChange): number | null => {
  if (change.kind === 'account') return change.account.login;
  if (change.kind === 'counters' || change.kind === 'audit') return null;
  return change.login;
};

export class Book {
  readonly #accounts = new Map<number, AccountBook>();
  /** By order ticket: one line an order. */
  readonly #audit = new Map<number, AuditLine>();
  readonly #watchers = new Set<(changes: readonly BookChange[]) => void>();
  #order = FIRST_ORDER_TICKET;
  #deal = FIRST_DEAL_TICKET;
  #batch: BookChange[] = [];

  account(login: number): AccountBook {
    const book = this.#accounts.get(login);
    if (book === undefined) throw new RangeError(`no account ${login} at this broker`);
    return book;
  }

  logins(): number[] {
    return [...this.#accounts.keys()];
  }

  audit(): readonly AuditLine[] {
    return [...this.#audit.values()];
  }

  auditOf(order: number): AuditLine | null {
    return this.#audit.get(order) ?? null;
  }

  nextOrder(): number {
    return this.#order++;
  }

  nextDeal(): number {
    return this.#deal++;
  }

  apply(change: BookChange): void {
    this.#take(change);
    this.#batch.push(change);
  }

  /** Tells the watchers what has been applied since the last call, as one indivisible batch. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = [...this.#batch, { kind: 'counters' as const, order: this.#order, deal: this.#deal }];
    this.#batch = [];
    for (const watcher of this.#watchers) watcher(batch);
  }

  /** @returns how to stop watching */
  watch(watcher: (changes: readonly BookChange[]) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Puts back what a durable log holds; tells nobody. */
  restore(changes: Iterable<BookChange>): void {
    for (const change of changes) this.#take(change);
  }

  /** The whole book as changes that would make it. */
  *dump(): Generator<BookChange> {
    for (const [login, book] of this.#accounts) {
      yield { kind: 'account', account: book.account };
      for (const order of book.history.values()) yield { kind: 'order', login, order, place: 'history' };
      for (const order of book.orders.values()) yield { kind: 'order', login, order, place: 'active' };
      for (const deal of book.deals.values()) yield { kind: 'deal', login, deal, gone: false };
      for (const p of book.positions.values()) {
        yield { kind: 'position', login, position: p, gone: false, byDeal: true, was: p.ticket };
      }
    }
    for (const line of this.#audit.values()) yield { kind: 'audit', line };
    yield { kind: 'counters', order: this.#order, deal: this.#deal };
  }

  #take(change: BookChange): void {
    if (change.kind === 'counters') {
      this.#order = change.order;
      this.#deal = change.deal;
      return;
    }
    if (change.kind === 'audit') {
      this.#audit.set(change.line.order, change.line);
      return;
    }
    const login = loginOf(change)!;
    const book = this.#accounts.get(login);
    if (book !== undefined) applyTo(book, change);
    else if (change.kind === 'account') this.#accounts.set(login, emptyAccountBook(change.account));
    else throw new RangeError(`a change of account ${login}, which is not in the book`);
  }
}
