/**
 * One program in one terminal, logged in to one account. Owns the terminal's copy of the account (empty after start, behind
 * the server by a lag, stale while offline), the queue of trade transactions, the switches a person can flip and what the
 * terminal refuses before anything leaves it. The server never waits for a session, and outlives it.
 */
import type { RandomStream } from '../../random.ts';
import { applyTo, emptyAccountBook, loginOf, type AccountBook } from './book.ts';
import type { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { figuresOf, floatingOf, type AccountFigures } from './money.ts';
import { TRANSACTION } from './numbers.ts';
import type { BookChange, PositionRecord, Quote, TradeAnswer, TradeRequest } from './records.ts';
import { RETCODE, retcodeOf } from './retcodes.ts';
import type { BrokerSymbol } from './symbols.ts';
import type { TradeServer } from './tradeServer.ts';

export const MAX_TRANSACTIONS = 1_024;
/** `OrderSend` may not trade; `OrderSend` failed. */
const ERROR_TRADE_DISABLED = 4_752;
const ERROR_SEND_FAILED = 4_756;

export interface SessionHabits {
  /** After log-in and after each reconnection the lists are empty (old) for so long. */
  readonly syncMs: number;
  /** How far the terminal's lists are behind the server. */
  readonly lagMs: number;
  /** Transactions of one batch come in another order. */
  readonly shuffle: boolean;
  /** Share of transactions that come twice. */
  readonly duplicateShare: number;
  /** Share of transactions that never come. */
  readonly dropShare: number;
}

export const PROMPT: SessionHabits = { syncMs: 0, lagMs: 0, shuffle: false, duplicateShare: 0, dropShare: 0 };

/** As `MqlTradeTransaction`, and for a REQUEST what it was about. */
export interface Transaction {
  readonly type: number;
  readonly deal: number;
  readonly order: number;
  readonly symbol: string;
  readonly orderType: number;
  readonly orderState: number;
  readonly dealType: number;
  readonly price: string;
  readonly volume: string;
  readonly position: number;
  readonly requestId: number;
  readonly request: TradeRequest | null;
  readonly answer: TradeAnswer | null;
}

export interface SessionParts {
  readonly server: TradeServer;
  readonly login: number;
  readonly habits: SessionHabits;
  readonly random: RandomStream;
}

/** What a person can switch at the terminal. */
export interface Switches {
  /** The Algo Trading button. */
  algoTrading: boolean;
  /** The box in the expert's own properties. */
  expertAllowed: boolean;
}

const EMPTY: Omit<Transaction, 'type'> = {
  deal: 0,
  order: 0,
  symbol: '',
  orderType: 0,
  orderState: 0,
  dealType: 0,
  price: '0',
  volume: '0',
  position: 0,
  requestId: 0,
  request: null,
  answer: null,
};

interface Arrival {
  readonly atUtcMs: number;
  readonly changes: readonly BookChange[];
}

export class TerminalSession {
  readonly switches: Switches = { algoTrading: true, expertAllowed: true };
  readonly #server: TradeServer;
  readonly #random: RandomStream;
  readonly #stopWatching: readonly (() => void)[];
  #habits: SessionHabits;
  #login: number;
  #copy: AccountBook;
  #arrivals: Arrival[] = [];
  #transactions: Transaction[] = [];
  #ticks = new Map<string, Quote>();
  #fresh = new Set<string>();
  #connected = true;
  #syncedAtUtcMs = 0;
  #synced = false;
  #lastTickMsc = 0;
  #requestId = 0;

  constructor({ server, login, habits, random }: SessionParts) {
    this.#server = server;
    this.#login = login;
    this.#habits = habits;
    this.#random = random;
    this.#copy = emptyAccountBook(server.accountBook(login).account);
    this.#stopWatching = [server.watch((changes) => this.#hear(changes)), server.watchQuotes((name, quote) => this.#tick(name, quote))];
    for (const { name } of server.symbols()) {
      const quote = server.quote(name);
      if (quote !== null) this.#tick(name, quote);
    }
    // Known, but nothing that happens now.
    this.#fresh.clear();
    this.#startSync();
  }

  end(): void {
    for (const stop of this.#stopWatching) stop();
  }

  setHabits(over: Partial<SessionHabits>): void {
    this.#habits = { ...this.#habits, ...over };
  }

  // The connection to the broker

  get connected(): boolean {
    return this.#connected;
  }
  get login(): number {
    return this.#login;
  }

  /** Cut: nothing comes any more, the lists stay as they were. Restored: what was missed is not told, the lists are read anew. */
  setConnected(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (!connected) this.#arrivals = [];
    else this.#startSync();
  }

  /** Another account in the same terminal: nothing of the old one stays. */
  logIn(login: number): void {
    this.#login = login;
    this.#copy = emptyAccountBook(this.#server.accountBook(login).account);
    this.#arrivals = [];
    this.#transactions = [];
    this.#startSync();
  }

  // What the terminal knows

  /** The terminal's own copy; behind the server. */
  book(): AccountBook {
    this.#settle();
    return this.#copy;
  }
  figures(): AccountFigures {
    this.#settle();
    return figuresOf(this, this.#copy);
  }
  floatingOf(position: PositionRecord): Decimal {
    return floatingOf(this, position);
  }
  symbol(name: string): BrokerSymbol | null {
    return this.#server.symbol(name);
  }
  symbols(): BrokerSymbol[] {
    return this.#server.symbols();
  }
  quote(name: string): Quote | null {
    return this.#ticks.get(name) ?? null;
  }
  isSynchronized(name: string): boolean {
    this.#settle();
    return this.#connected && this.#synced && this.#server.symbol(name) !== null;
  }
  /** Server time of the newest quote: stands still without ticks. Seconds. */
  timeCurrentS(): number {
    return Math.floor(this.#lastTickMsc / 1_000);
  }
  timeTradeServerS(): number {
    return Math.floor(this.#server.clock.serverMs() / 1_000);
  }

  /** Symbols with a quote since the last call. */
  takeTicks(): string[] {
    const names = [...this.#fresh];
    this.#fresh.clear();
    return names;
  }
  takeTransactions(): Transaction[] {
    this.#settle();
    return this.#transactions.splice(0);
  }

  // What the program asks for

  /** Refusals of the terminal itself; null = the request may leave. */
  refusal(request: TradeRequest): TradeAnswer | null {
    if (!this.switches.algoTrading || !this.switches.expertAllowed)
      return this.#refused(request, RETCODE.clientDisables, ERROR_TRADE_DISABLED);
    return this.#connected ? null : this.#refused(request, RETCODE.connection, ERROR_SEND_FAILED);
  }

  nextRequestId(): number {
    this.#requestId += 1;
    return this.#requestId;
  }

  /** A request that has reached the server; the answer's transaction is queued too. */
  deliver(request: TradeRequest, requestId: number): TradeAnswer {
    const answer = this.#server.request(this.#login, request);
    if (this.#connected) this.#queue([{ ...EMPTY, type: TRANSACTION.request, order: answer.order, requestId, request, answer }]);
    return answer;
  }

  check(request: TradeRequest): number {
    const refused = this.refusal(request);
    return refused === null ? this.#server.check(this.#login, request) : refused.retcode;
  }

  // How news arrives

  #hear(changes: readonly BookChange[]): void {
    const mine = changes.filter((change) => loginOf(change) === this.#login);
    if (!this.#connected || mine.length === 0) return;
    this.#arrivals.push({ atUtcMs: this.#server.clock.utcMs() + this.#habits.lagMs, changes: mine });
    this.#settle();
  }

  #tick(name: string, quote: Quote): void {
    if (!this.#connected) return;
    this.#ticks.set(name, quote);
    this.#fresh.add(name);
    this.#lastTickMsc = Math.max(this.#lastTickMsc, quote.timeMsc);
  }

  #startSync(): void {
    this.#synced = false;
    this.#syncedAtUtcMs = this.#server.clock.utcMs() + this.#habits.syncMs;
    this.#settle();
  }

  #settle(): void {
    const now = this.#server.clock.utcMs();
    if (!this.#synced) {
      if (!this.#connected || now < this.#syncedAtUtcMs) return;
      this.#synced = true;
      this.#arrivals = [];
      const book = this.#server.accountBook(this.#login);
      this.#copy = {
        account: book.account,
        orders: new Map(book.orders),
        history: new Map(book.history),
        deals: new Map(book.deals),
        positions: new Map(book.positions),
      };
      return;
    }
    while (this.#arrivals[0] !== undefined && this.#arrivals[0].atUtcMs <= now) {
      const { changes } = this.#arrivals.shift()!;
      const told = changes.flatMap((change) => this.#transactionsOf(change));
      for (const change of changes) applyTo(this.#copy, change);
      this.#queue(this.#habits.shuffle ? this.#shuffled(told) : told);
    }
  }

  #transactionsOf(change: BookChange): Transaction[] {
    if (change.kind === 'order') {
      const { order: o, place } = change;
      const base = {
        ...EMPTY,
        order: o.ticket,
        symbol: o.symbol,
        orderType: o.type,
        orderState: o.state,
        price: o.priceOpen,
        volume: o.volumeCurrent,
        position: o.positionId,
      };
      if (place === 'active') return [{ ...base, type: this.#copy.orders.has(o.ticket) ? TRANSACTION.orderUpdate : TRANSACTION.orderAdd }];
      if (this.#copy.history.has(o.ticket)) return [{ ...base, type: TRANSACTION.historyUpdate }];
      return [
        { ...base, type: TRANSACTION.orderDelete },
        { ...base, type: TRANSACTION.historyAdd },
      ];
    }
    if (change.kind === 'deal') {
      const { deal: d } = change;
      const known = this.#copy.deals.has(d.ticket);
      const type = change.gone ? TRANSACTION.dealDelete : known ? TRANSACTION.dealUpdate : TRANSACTION.dealAdd;
      return [
        {
          ...EMPTY,
          type,
          deal: d.ticket,
          order: d.order,
          symbol: d.symbol,
          dealType: d.type,
          price: d.price,
          volume: d.volume,
          position: d.positionId,
        },
      ];
    }
    if (change.kind !== 'position' || change.byDeal) return [];
    const { position: p } = change;
    return [{ ...EMPTY, type: TRANSACTION.position, symbol: p.symbol, price: p.priceOpen, volume: p.volume, position: p.ticket }];
  }

  /** The newest 1024 are kept. */
  #queue(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      if (this.#habits.dropShare > 0 && this.#random.uniform() < this.#habits.dropShare) continue;
      this.#transactions.push(transaction);
      if (this.#habits.duplicateShare > 0 && this.#random.uniform() < this.#habits.duplicateShare) this.#transactions.push(transaction);
    }
    if (this.#transactions.length > MAX_TRANSACTIONS) this.#transactions.splice(0, this.#transactions.length - MAX_TRANSACTIONS);
  }

  #shuffled(rows: readonly Transaction[]): Transaction[] {
    const mixed = [...rows];
    for (let i = mixed.length - 1; i > 0; i -= 1) {
      const j = this.#random.integer(0, i);
      [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
    }
    return mixed;
  }

  #refused(request: TradeRequest, code: number, error: number): TradeAnswer {
    const quote = this.quote(request.symbol);
    const zero = { deal: 0, order: 0, volume: '0', price: '0' };
    return { sent: false, error, retcode: code, ...zero, bid: quote?.bid ?? '0', ask: quote?.ask ?? '0', comment: retcodeOf(code).text };
  }
}
