/**
 * What the simulated EA has to say, one request at a time: acks, deals with revisions, snapshots in parts. Owns the queues;
 * nothing leaves them before the engine has taken it, and what it has refused is said again a minute later.
 */
import type { AccountBook } from '../broker/book.ts';
import { dealTypeWord, entryWord, DEAL_TYPE, reasonWord } from '../broker/numbers.ts';
import type { DealEntry } from '../broker/records.ts';
import type { TerminalSession } from '../broker/terminalSession.ts';
import { isFinal, type Entry, type Journal } from './journal.ts';

export const MAX_ROWS = 100;
export const REFUSED_PAUSE_MS = 60_000;
export const SNAPSHOT_READS_APART_MS = 1_000;
const SCAN_EVERY_MS = 1_000;
const MAX_TEXT = 200;

export interface Report {
  readonly path: '/mt5/ack' | '/mt5/fill' | '/mt5/snapshot';
  /** Everything but the envelope; the same at every repeat. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly taken: () => void;
}

interface Spoken {
  readonly leaseId: string;
  readonly duplicate: boolean;
}

export interface ReportParts {
  readonly session: TerminalSession;
  readonly journal: Journal;
  readonly monoMs: () => number;
}

const moneyOf = (d: DealEntry): string => [d.commission, d.swap, d.fee, d.profit].join('|');
const ORDER_TYPES: readonly string[] = ['buy', 'sell', 'buy_limit', 'sell_limit', 'buy_stop', 'sell_stop'];
const ORDER_STATES: readonly string[] = ['started', 'placed', 'canceled', 'partial', 'filled', 'rejected', 'expired'];

const dealRow = (d: DealEntry, rev: number): Record<string, unknown> => {
  const trade = d.type <= DEAL_TYPE.sell;
  const side = d.type === DEAL_TYPE.buy ? 'buy' : 'sell';
  return {
    deal: String(d.ticket),
    order: String(d.order),
    position_id: String(d.positionId),
    magic: String(d.magic),
    symbol: d.symbol,
    side: trade ? side : 'none',
    entry: trade ? entryWord(d.entry) : 'none',
    lots: d.volume,
    price: d.price,
    commission: d.commission,
    swap: d.swap,
    fee: d.fee,
    profit: d.profit,
    time_msc: String(d.timeMsc),
    reason: reasonWord(d.reason),
    type: dealTypeWord(d.type),
    comment: d.comment,
    rev,
  };
};

const ackBody = (e: Entry, { leaseId, duplicate }: Spoken): Record<string, unknown> => ({
  command_id: e.id,
  lease_id: leaseId,
  state: e.state,
  retcode: e.retcode,
  retcode_ext: 0,
  error: e.error,
  text: e.text.slice(0, MAX_TEXT),
  order: String(e.order),
  deals: e.deals.map(String),
  positions: e.positions.map(String),
  cum_lots: e.cumLots,
  avg_price: e.avgPrice,
  broker_ms: e.brokerMs,
  queue_ms: e.queueMs,
  duplicate,
});

const chunks = <T>(rows: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));

/** What two reads must have in common: not prices, which move. */
const shapeOf = (book: AccountBook): string =>
  JSON.stringify([
    [...book.positions.values()].map((p) => [p.ticket, p.volume]),
    [...book.orders.values()].map((o) => [o.ticket, o.volumeCurrent, o.state]),
    [...book.deals.values()].map((d) => d.ticket),
  ]);

export class ExpertReports {
  readonly #p: ReportParts;
  readonly #acks = new Map<string, Spoken>();
  #fresh: number[] = [];
  #parts: Report[] = [];
  #read: { readonly request: number; readonly shape: string; readonly atMonoMs: number } | null = null;
  #answered = 0;
  #scannedMonoMs = -Infinity;
  readonly #quietUntil = new Map<Report['path'], number>();

  constructor(parts: ReportParts) {
    this.#p = parts;
  }

  say(id: string, leaseId: string, duplicate: boolean): void {
    this.#acks.delete(id);
    this.#acks.set(id, { leaseId, duplicate });
  }

  /** A new session: whatever is open or was not taken is said again. */
  begin(): void {
    this.#parts = [];
    this.#read = null;
    this.#answered = 0;
    this.#quietUntil.clear();
    for (const id of this.#p.journal.openIds()) this.say(id, this.#p.journal.find(id)?.leaseId ?? '', true);
  }

  /** `request` > 0: the engine wants a snapshot begun after this reply. */
  wantSnapshot(request: number, dealsSinceMsc: number): void {
    const { session, monoMs } = this.#p;
    // Once read, its parts go out as they are: they were begun after the question.
    if (this.#parts.length > 0 || request === 0 || request === this.#answered || !session.connected) return;
    const shape = shapeOf(session.book());
    const first = this.#read;
    if (first === null || first.request !== request || first.shape !== shape) {
      this.#read = { request, shape, atMonoMs: monoMs() };
    } else if (monoMs() - first.atMonoMs >= SNAPSHOT_READS_APART_MS) {
      this.#parts = this.#snapshot(request, dealsSinceMsc);
      this.#read = null;
    }
  }

  /** What is to be said next; null = nothing. */
  next(): Report | null {
    this.#scan();
    return this.#ackReport() ?? this.#fillReport() ?? (this.#mayAsk('/mt5/snapshot') ? (this.#parts[0] ?? null) : null);
  }

  /** The engine does not take it: goes on with everything else, says it again later. */
  refused({ path }: Report): void {
    this.#quietUntil.set(path, this.#p.monoMs() + REFUSED_PAUSE_MS);
    if (path === '/mt5/snapshot') this.#parts = [];
  }

  #mayAsk(path: Report['path']): boolean {
    return this.#p.monoMs() >= (this.#quietUntil.get(path) ?? -Infinity);
  }

  #ackReport(): Report | null {
    const next = this.#acks.entries().next();
    if (next.done === true || !this.#mayAsk('/mt5/ack')) return null;
    const [key, spoken] = next.value;
    const { journal } = this.#p;
    const [id = '', conflict] = key.split('|');
    const entry = journal.find(id);
    if (entry === null) {
      this.#acks.delete(key);
      return this.#ackReport();
    }
    const said: Entry =
      conflict === undefined ? entry : { ...entry, state: 'rejected', error: 'conflict', text: 'known with other content' };
    const taken = () => {
      if (this.#acks.get(key) === spoken) this.#acks.delete(key);
      if (conflict === undefined && isFinal(entry.state) && journal.find(id)?.state === entry.state)
        journal.write(id, { acknowledged: true });
    };
    return { path: '/mt5/ack', body: ackBody(said, spoken), taken };
  }

  /** Deals whose money is new: the lists are read, whatever rang the bell. */
  #scan(): void {
    const { session, journal, monoMs } = this.#p;
    const rung = session.takeTransactions().length > 0;
    if (!session.connected || (!rung && monoMs() - this.#scannedMonoMs < SCAN_EVERY_MS)) return;
    this.#scannedMonoMs = monoMs();
    this.#fresh = [];
    for (const deal of session.book().deals.values()) {
      const mark = journal.mark(deal.ticket);
      const money = moneyOf(deal);
      if (mark === null) journal.writeMark({ deal: deal.ticket, money, rev: 0, taken: -1 });
      else if (mark.money !== money) journal.writeMark({ ...mark, money, rev: mark.rev + 1 });
      if (mark === null || mark.money !== money || mark.taken < mark.rev) this.#fresh.push(deal.ticket);
    }
  }

  #fillReport(): Report | null {
    if (!this.#mayAsk('/mt5/fill')) return null;
    const tickets = this.#fresh.slice(0, MAX_ROWS);
    if (tickets.length === 0) return null;
    return { path: '/mt5/fill', body: { deals: this.#rowsOf(tickets) }, taken: () => this.#dealsTaken(tickets) };
  }

  #rowsOf(tickets: readonly number[]): Record<string, unknown>[] {
    const { deals } = this.#p.session.book();
    return tickets.flatMap((ticket) => {
      const deal = deals.get(ticket);
      return deal === undefined ? [] : [dealRow(deal, this.#p.journal.mark(ticket)?.rev ?? 0)];
    });
  }

  #dealsTaken(tickets: readonly number[]): void {
    for (const ticket of tickets) {
      const mark = this.#p.journal.mark(ticket);
      if (mark !== null && mark.taken < mark.rev) this.#p.journal.writeMark({ ...mark, taken: mark.rev });
    }
    this.#fresh = this.#fresh.filter((ticket) => !tickets.includes(ticket));
  }

  #snapshot(request: number, dealsSinceMsc: number): Report[] {
    const { session } = this.#p;
    const book = session.book();
    const f = session.figures();
    const currency = book.account.currency;
    const money = { balance: f.balance, equity: f.equity, margin: f.margin, margin_free: f.marginFree };
    const account = { ...Object.fromEntries(Object.entries(money).map(([k, v]) => [k, v.toFixed()])), currency };
    const since = [...book.deals.values()].filter((d) => d.timeMsc >= dealsSinceMsc).map((d) => d.ticket);
    const parts = [
      ...chunks(this.#positionRows(book), MAX_ROWS).map((positions) => ({ positions, orders: [], tickets: [] as number[] })),
      ...chunks(this.#orderRows(book), MAX_ROWS).map((orders) => ({ positions: [], orders, tickets: [] as number[] })),
      ...chunks(since, MAX_ROWS).map((tickets) => ({ positions: [], orders: [], tickets })),
    ];
    const all = parts.length === 0 ? [{ positions: [], orders: [], tickets: [] as number[] }] : parts;
    return all.map(({ positions, orders, tickets }, part): Report => {
      const last = part === all.length - 1;
      const body = { request: String(request), part, last, account, positions, orders, deals: this.#rowsOf(tickets) };
      const taken = () => {
        this.#parts.shift();
        this.#dealsTaken(tickets);
        if (last) this.#answered = request;
      };
      return { path: '/mt5/snapshot', body, taken };
    });
  }

  #positionRows(book: AccountBook): Record<string, unknown>[] {
    return [...book.positions.values()].map((p) => ({
      id: String(p.identifier),
      ticket: String(p.ticket),
      symbol: p.symbol,
      side: p.type === 0 ? 'buy' : 'sell',
      lots: p.volume,
      price_open: p.priceOpen,
      magic: String(p.magic),
      swap: p.swap,
      profit: this.#p.session.floatingOf(p).toFixed(),
      time_msc: String(p.timeMsc),
      comment: p.comment,
    }));
  }

  #orderRows(book: AccountBook): Record<string, unknown>[] {
    return [...book.orders.values()].map((o) => ({
      order: String(o.ticket),
      symbol: o.symbol,
      side: o.type % 2 === 0 ? 'buy' : 'sell',
      type: ORDER_TYPES[o.type] ?? 'other',
      lots: o.volumeInitial,
      lots_left: o.volumeCurrent,
      price: o.priceOpen,
      magic: String(o.magic),
      time_msc: String(o.setupMsc),
      state: ORDER_STATES[o.state] ?? 'other',
    }));
  }
}
