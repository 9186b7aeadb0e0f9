/**
 * An MT5 trade server for hedging and netting accounts. Owns symbols, quotes, accounts and time's work (late deals,
 * rollover, stops, stop-outs); requests are taken by `intake.ts`, everything that happened is in the book. Pure: time and
 * seed come from outside, `turn()` does what has become due.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';
import { randomStream } from '../../random.ts';
import { Book, type AccountBook } from './book.ts';
import type { ServerClock } from './clock.ts';
import { credit } from './execution.ts';
import { Intake, isReached, type Habits } from './intake.ts';
import { closingPrice, figuresOf, floatingOf, CENTS, type AccountFigures, type Market } from './money.ts';
import { ACCOUNT_KIND, ACTION, DEAL_ENTRY, DEAL_TYPE, FILLING, MARGIN_MODE, REASON } from './numbers.ts';
import {
  emptyRequest,
  type AccountRecord,
  type AuditLine,
  type BookChange,
  type DealEntry,
  type PositionRecord,
  type Quote,
  type ReceivedRequest,
  type TradeAnswer,
  type TradeRequest,
} from './records.ts';
import { FaultScript, type BrokerFault } from './scriptedFaults.ts';
import { dayOf, isOpenAt, type BrokerSymbol } from './symbols.ts';

export interface TradeServerSettings {
  readonly clock: ServerClock;
  readonly symbols: readonly BrokerSymbol[];
  readonly seed?: number;
  readonly habits?: Partial<Habits>;
  /** A book from before. */
  readonly restore?: Iterable<BookChange>;
}

export type NewAccount = Partial<Omit<AccountRecord, 'balance'>> & { readonly login: number; readonly deposit: DecimalText };

const NEW_ACCOUNT: Omit<AccountRecord, 'login' | 'balance'> = {
  name: 'Simulated Client',
  server: 'Simulated-Demo',
  company: 'Simulated Broker',
  currency: 'USD',
  kind: ACCOUNT_KIND.demo,
  marginMode: MARGIN_MODE.hedging,
  leverage: 100,
  tradeAllowed: true,
  tradeExpert: true,
  hedgeAllowed: true,
  fifoClose: false,
  maxOrders: 0,
  maxPositions: 0,
  maxRequestsPerSecond: 1_000,
  stopOutLevel: 50,
};
const SWAP_IN_POINTS = 1;
const TRIPLE = 3;
const DAY_MS = 86_400_000;
const nightOf = (serverMs: number): number => Math.floor(serverMs / DAY_MS);
/** Requests remembered with every field; the audit line of each accepted one stays for ever. */
export const MAX_RECEIVED = 50_000;

interface Due {
  readonly atUtcMs: number;
  readonly act: () => void;
}

export class TradeServer implements Market {
  readonly clock: ServerClock;
  readonly #book = new Book();
  readonly #script = new FaultScript();
  readonly #symbols: Map<string, BrokerSymbol>;
  readonly #quotes = new Map<string, Quote>();
  readonly #quoteWatchers = new Set<(symbol: string, quote: Quote) => void>();
  readonly #intake: Intake;
  readonly #received: ReceivedRequest[] = [];
  #due: Due[] = [];
  /** Server day whose night has not come yet. */
  #night: number;

  constructor(settings: TradeServerSettings) {
    this.clock = settings.clock;
    this.#symbols = new Map(settings.symbols.map((s) => [s.name, s]));
    this.#intake = new Intake({
      book: this.#book,
      market: this,
      script: this.#script,
      habits: { partialShare: 0, requoteShare: 0, ...settings.habits },
      random: randomStream(settings.seed ?? 1, 'mt5/broker'),
      utcMs: () => settings.clock.utcMs(),
      serverMs: () => settings.clock.serverMs(),
      later: (afterMs, act) => {
        this.#due.push({ atUtcMs: this.clock.utcMs() + afterMs, act });
        this.#due.sort((a, b) => a.atUtcMs - b.atUtcMs);
      },
    });
    if (settings.restore !== undefined) this.#book.restore(settings.restore);
    this.#night = nightOf(this.clock.serverMs());
  }

  // What is

  symbol(name: string): BrokerSymbol | null {
    return this.#symbols.get(name) ?? null;
  }
  symbols(): BrokerSymbol[] {
    return [...this.#symbols.values()];
  }
  quote(name: string): Quote | null {
    return this.#quotes.get(name) ?? null;
  }
  /** Read only; requests and persons change it. */
  accountBook(login: number): AccountBook {
    return this.#book.account(login);
  }
  hasAccount(login: number): boolean {
    return this.#book.logins().includes(login);
  }
  figures(login: number): AccountFigures {
    return figuresOf(this, this.#book.account(login));
  }
  /** Every request that was ever accepted, oldest first. No client can touch it. */
  audit(): readonly AuditLine[] {
    return this.#book.audit();
  }
  /** Every request as it came, oldest first. */
  received(): readonly ReceivedRequest[] {
    return this.#received;
  }
  dump(): Generator<BookChange> {
    return this.#book.dump();
  }

  // What watches

  /** Each batch is one indivisible step of the book. @returns how to stop */
  watch(watcher: (changes: readonly BookChange[]) => void): () => void {
    return this.#book.watch(watcher);
  }
  watchQuotes(watcher: (symbol: string, quote: Quote) => void): () => void {
    this.#quoteWatchers.add(watcher);
    return () => this.#quoteWatchers.delete(watcher);
  }

  // What the broker's people do

  openAccount(account: NewAccount): void {
    const { deposit, ...said } = account;
    this.#book.apply({ kind: 'account', account: { ...NEW_ACCOUNT, ...said, balance: '0' } });
    this.moneyEntry(account.login, { type: DEAL_TYPE.balance, profit: deposit, comment: 'Deposit' });
  }

  changeAccount(login: number, over: Partial<Omit<AccountRecord, 'login' | 'balance'>>): void {
    this.#book.apply({ kind: 'account', account: { ...this.#book.account(login).account, ...over } });
    this.#book.flush();
  }

  changeSymbol(name: string, over: Partial<BrokerSymbol>): void {
    const symbol = this.#symbols.get(name);
    if (symbol === undefined) throw new RangeError(`no symbol ${name}`);
    this.#symbols.set(name, { ...symbol, ...over });
  }

  inject(fault: BrokerFault): void {
    this.#script.inject(fault);
  }
  clearFaults(): void {
    this.#script.clear();
  }
  faultsWaiting(): number {
    return this.#script.waiting();
  }

  /** A deal that is no execution: deposit, charge, commission, interest. @returns its ticket */
  moneyEntry(
    login: number,
    entry: Partial<Pick<DealEntry, 'profit' | 'commission' | 'comment' | 'symbol' | 'positionId' | 'magic'>> & { readonly type: number },
  ): number {
    const deal: DealEntry = {
      ticket: this.#book.nextDeal(),
      order: 0,
      positionId: 0,
      magic: 0,
      symbol: '',
      entry: DEAL_ENTRY.in,
      volume: '0',
      price: '0',
      commission: '0',
      swap: '0',
      fee: '0',
      profit: '0',
      timeMsc: this.clock.serverMs(),
      utcMs: this.clock.utcMs(),
      reason: REASON.client,
      comment: '',
      ...entry,
    };
    this.#book.apply({ kind: 'deal', login, deal, gone: false });
    credit(this.#book, login, new Decimal(deal.profit).plus(deal.commission));
    this.#book.flush();
    return deal.ticket;
  }

  /** A later correction of money on a deal. */
  correctDeal(login: number, ticket: number, over: Partial<Pick<DealEntry, 'commission' | 'swap' | 'fee' | 'profit'>>): void {
    const deal = this.#dealAt(login, ticket);
    const changed = { ...deal, ...over };
    const sum = (d: DealEntry) => new Decimal(d.profit).plus(d.commission).plus(d.swap).plus(d.fee);
    this.#book.apply({ kind: 'deal', login, deal: changed, gone: false });
    credit(this.#book, login, sum(changed).minus(sum(deal)));
    this.#book.flush();
  }

  /** A deal the broker takes back; its money goes with it. */
  removeDeal(login: number, ticket: number): void {
    const deal = this.#dealAt(login, ticket);
    this.#book.apply({ kind: 'deal', login, deal, gone: true });
    credit(this.#book, login, new Decimal(deal.profit).plus(deal.commission).plus(deal.swap).plus(deal.fee).neg());
    this.#book.flush();
  }

  // What clients do

  /** A request that has arrived: carried out whatever becomes of its sender. */
  request(login: number, request: TradeRequest, reason: number = REASON.expert): TradeAnswer {
    this.turn();
    return this.#take(login, request, reason);
  }

  #take(login: number, request: TradeRequest, reason: number): TradeAnswer {
    const { answer, order } = this.#intake.take(login, request, reason);
    this.#received.push({ utcMs: this.clock.utcMs(), login, reason, request, retcode: answer.retcode, order });
    if (this.#received.length > MAX_RECEIVED) this.#received.shift();
    this.#book.flush();
    return answer;
  }

  /** `OrderCheck`: the verdict, and nothing else. */
  check(login: number, request: TradeRequest, reason: number = REASON.expert): number {
    return this.#intake.check(login, request, reason);
  }

  /** A person at the terminal, or the server itself, closes a position (in part). Magic and reason say who it was. */
  closePosition(login: number, ticket: number, over: { readonly lots?: DecimalText; readonly reason?: number } = {}): TradeAnswer {
    const position = this.#book.account(login).positions.get(ticket);
    const reason = over.reason ?? REASON.client;
    const own = reason === REASON.sl || reason === REASON.tp || reason === REASON.so;
    const request: TradeRequest = {
      ...emptyRequest,
      action: ACTION.deal,
      symbol: position?.symbol ?? '',
      volume: over.lots ?? position?.volume ?? '0',
      type: position === undefined || position.type === 1 ? 0 : 1,
      filling: FILLING.ioc,
      position: ticket,
      magic: own ? (position?.magic ?? 0) : 0,
      comment:
        reason === REASON.so ? '[so]' : reason === REASON.sl ? `[sl ${position?.sl}]` : reason === REASON.tp ? `[tp ${position?.tp}]` : '',
    };
    return this.#take(login, request, reason);
  }

  // What time does

  /** A new quote: prices as text, time of now unless said. Stops and stop-outs follow from it. */
  setQuote(name: string, bid: DecimalText, ask: DecimalText, timeMsc = this.clock.serverMs()): void {
    if (!this.#symbols.has(name)) throw new RangeError(`no symbol ${name}`);
    const quote: Quote = { bid, ask, timeMsc };
    this.#quotes.set(name, quote);
    for (const watcher of this.#quoteWatchers) watcher(name, quote);
    this.turn();
    for (const login of this.#book.logins()) this.#triggers(login, name, quote);
    this.#book.flush();
  }

  /** The symbol is no longer quoted: requests are answered 10021. */
  dropQuote(name: string): void {
    this.#quotes.delete(name);
  }

  /** Does what has become due. Called often; costs nothing when nothing is. */
  turn(): void {
    const now = this.clock.utcMs();
    while (this.#due[0] !== undefined && this.#due[0].atUtcMs <= now) this.#due.shift()!.act();
    const today = nightOf(this.clock.serverMs());
    for (; this.#night < today; this.#night += 1) this.rollOver({ day: dayOf(this.#night * DAY_MS) });
    this.#book.flush();
  }

  /** Swaps of one night; `retickets`: the server re-opens each position under a new ticket, its identifier stays. */
  rollOver(how: { readonly day?: number; readonly retickets?: boolean } = {}): void {
    const day = how.day ?? dayOf(this.clock.serverMs());
    for (const login of this.#book.logins()) {
      const held = [...this.#book.account(login).positions.values()];
      for (const position of held) {
        const ticket = how.retickets === true ? this.#book.nextOrder() : position.ticket;
        const swap = new Decimal(position.swap).plus(this.#nightOf(position, day)).toFixed();
        const changed = { ...position, ticket, swap, updateMsc: this.clock.serverMs() };
        this.#book.apply({ kind: 'position', login, position: changed, gone: false, byDeal: false, was: position.ticket });
      }
    }
    this.#book.flush();
  }

  #nightOf(position: PositionRecord, day: number): Decimal {
    const symbol = this.#symbols.get(position.symbol);
    if (symbol === undefined || symbol.swapMode !== SWAP_IN_POINTS) return new Decimal(0);
    return new Decimal(position.type === 0 ? symbol.swapLong : symbol.swapShort)
      .times(symbol.point)
      .times(symbol.contractSize)
      .times(symbol.profitRate)
      .times(position.volume)
      .times(day === symbol.swapTripleDay ? TRIPLE : 1)
      .toDecimalPlaces(CENTS);
  }

  #triggers(login: number, name: string, quote: Quote): void {
    const book = this.#book.account(login);
    if (!isOpenAt(this.#symbols.get(name)!, this.clock.serverMs())) return;
    const [orders, positions] = [[...book.orders.values()], [...book.positions.values()]];
    for (const order of orders)
      if (order.symbol === name && isReached(order, quote.bid, quote.ask)) this.#intake.finish(login, order, null, order.reason);
    for (const p of positions) if (p.symbol === name) this.#stopsOf(login, p, quote);
    if (book.positions.size > 0) this.#stopOut(login);
  }

  #stopsOf(login: number, p: PositionRecord, quote: Quote): void {
    const now = new Decimal(closingPrice(p.type, quote));
    const reached = (level: DecimalText, below: boolean) => Number(level) > 0 && (below ? now.lte(level) : now.gte(level));
    if (reached(p.sl, p.type === 0)) this.closePosition(login, p.ticket, { reason: REASON.sl });
    else if (reached(p.tp, p.type !== 0)) this.closePosition(login, p.ticket, { reason: REASON.tp });
  }

  /** The largest loss goes first, until the margin suffices or nothing is left. */
  #stopOut(login: number): void {
    const book = this.#book.account(login);
    for (;;) {
      const { margin, marginLevel } = this.figures(login);
      if (margin.isZero() || marginLevel.gte(book.account.stopOutLevel)) return;
      const worst = [...book.positions.values()].sort((a, b) => floatingOf(this, a).cmp(floatingOf(this, b)))[0];
      if (worst === undefined || !this.closePosition(login, worst.ticket, { reason: REASON.so }).sent) return;
    }
  }

  #dealAt(login: number, ticket: number): DealEntry {
    const deal = this.#book.account(login).deals.get(ticket);
    if (deal === undefined) throw new RangeError(`no deal ${ticket} of account ${login}`);
    return deal;
  }
}
