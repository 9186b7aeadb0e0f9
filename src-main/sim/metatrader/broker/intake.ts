/**
 * The life of a request at the trade server: rules, scripted faults, the order, its execution now or later, the answer.
 * Owns orders from acceptance to their end and the audit line of each; what executes is `execution.ts`. Invariant: an order
 * and its audit line are made together, and the audit's filled lots are the deals'.
 */
import { Decimal, type DecimalText } from '../../../../src-shared/domain/decimal.ts';
import type { RandomStream } from '../../random.ts';
import type { Book } from './book.ts';
import { commissionOf, credit, execute } from './execution.ts';
import { openingPrice, type Market } from './money.ts';
import { ACTION, FILLING, MARGIN_MODE, ORDER_STATE, ORDER_TYPE } from './numbers.ts';
import type { OrderRecord, TradeAnswer, TradeRequest } from './records.ts';
import { RETCODE, retcodeOf } from './retcodes.ts';
import { namedPosition, verdictOf } from './rules.ts';
import type { BrokerFault, FaultScript } from './scriptedFaults.ts';
import type { BrokerSymbol } from './symbols.ts';

export const MAX_COMMENT = 31;
/** `OrderSend` returned false. */
const ERROR_SEND_FAILED = 4_756;
const ACCEPTED = [RETCODE.done, RETCODE.partial, RETCODE.placed] as readonly number[];

/** What the broker does without being told, drawn from its seed. */
export interface Habits {
  /** Share of market orders above the least volume that are filled in part only. */
  readonly partialShare: number;
  /** Share of market orders answered with a requote. */
  readonly requoteShare: number;
}

export interface IntakeParts {
  readonly book: Book;
  readonly market: Market;
  readonly script: FaultScript;
  readonly habits: Habits;
  readonly random: RandomStream;
  readonly utcMs: () => number;
  readonly serverMs: () => number;
  /** Does something later; at least once, in order of time. */
  readonly later: (afterMs: number, act: () => void) => void;
}

interface Execution {
  readonly lots: Decimal;
  readonly parts: number;
  readonly ownPositions: boolean;
  readonly slipPoints: number;
  /** null = the commission is charged at once. */
  readonly commissionAfterMs: number | null;
}

const PLAIN: Omit<Execution, 'lots'> = { parts: 1, ownPositions: false, slipPoints: 0, commissionAfterMs: null };
const SECOND_MS = 1_000;

export class Intake {
  readonly #parts: IntakeParts;
  readonly #recent = new Map<number, number[]>();
  #made = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Takes a request of an account. `order`: what was really made of it, whatever its client is told. */
  take(login: number, request: TradeRequest, reason: number): { readonly answer: TradeAnswer; readonly order: number } {
    this.#made = 0;
    const answer = this.#take(login, request, reason);
    return { answer, order: this.#made };
  }

  #take(login: number, request: TradeRequest, reason: number): TradeAnswer {
    if (request.action === ACTION.remove) return this.#remove(login, request);
    if (request.action === ACTION.sltp) return this.#setStops(login, request);
    if (request.action !== ACTION.deal && request.action !== ACTION.pending) return this.#answer(request, RETCODE.invalid);
    const code = this.check(login, request, reason);
    if (code !== 0) return this.#answer(request, code);
    const act = request.position === 0 ? 'open' : 'close';
    const fault = this.#parts.script.take({ symbol: request.symbol, magic: request.magic, act }) ?? this.#habit(request);
    if (fault?.kind === 'answer') {
      if (fault.trace === true) this.#reject(login, request, reason, fault.retcode);
      return this.#answer(request, fault.retcode);
    }
    if (fault?.kind === 'unclear' && !fault.executed) return this.#answer(request, fault.retcode);
    const order = this.#accept(login, request, reason, fault);
    return request.action === ACTION.pending ? this.#rest(login, request, order) : this.#run(login, request, order, fault);
  }

  /** The retcode of the first rule the request breaks; 0 = none. Counts as a request. */
  check(login: number, request: TradeRequest, reason: number): number {
    const { book, market, utcMs, serverMs } = this.#parts;
    const now = utcMs();
    const recent = (this.#recent.get(login) ?? []).filter((at) => at > now - SECOND_MS);
    recent.push(now);
    this.#recent.set(login, recent);
    return verdictOf({ book: book.account(login), market, request, reason, serverMs: serverMs(), recentRequests: recent.length });
  }

  /** Executes what an active order still wants, at the price of now; the rest is canceled unless the order may rest. */
  finish(
    login: number,
    order: OrderRecord,
    execution: Execution | null,
    reason: number,
  ): { readonly deal: number; readonly filled: Decimal } {
    const { book, market } = this.#parts;
    const symbol = market.symbol(order.symbol)!;
    const asked = execution ?? { ...PLAIN, lots: new Decimal(order.volumeCurrent) };
    const lots = this.#available(order, symbol, asked.lots);
    let deal = 0;
    let filled = new Decimal(0);
    const parts = this.#split(symbol, lots, asked.parts);
    const price = this.#price(order, symbol, asked.slipPoints);
    for (const [i, part] of parts.entries()) {
      const ownPosition = asked.ownPositions && i > 0 && order.closes === 0;
      const [timeMsc, utcMs] = [this.#parts.serverMs(), this.#parts.utcMs()];
      const chargeNow = asked.commissionAfterMs === null;
      const ticket = execute(book, { login, symbol, order, lots: part, price, timeMsc, utcMs, reason, chargeNow, ownPosition });
      if (ticket === 0) break;
      const did = new Decimal(book.account(login).deals.get(ticket)!.volume);
      filled = filled.plus(did);
      deal = ticket;
      if (asked.commissionAfterMs !== null) this.#chargeLater(login, ticket, symbol, asked.commissionAfterMs);
    }
    this.#end(login, order, filled);
    return { deal, filled };
  }

  #accept(login: number, request: TradeRequest, reason: number, fault: BrokerFault | null): OrderRecord {
    const { book, serverMs, utcMs } = this.#parts;
    const position = namedPosition(book.account(login), request);
    const lots = new Decimal(request.volume).toFixed();
    const order: OrderRecord = {
      ticket: book.nextOrder(),
      symbol: request.symbol,
      type: request.type,
      state: ORDER_STATE.started,
      magic: request.magic,
      volumeInitial: lots,
      volumeCurrent: lots,
      priceOpen: request.price,
      sl: request.position === 0 ? request.sl : '0',
      tp: request.position === 0 ? request.tp : '0',
      filling: request.filling,
      setupMsc: serverMs(),
      doneMsc: 0,
      positionId: position?.identifier ?? 0,
      closes: position?.ticket ?? 0,
      reason,
      comment: fault?.kind === 'comment' ? fault.comment.slice(0, MAX_COMMENT) : request.comment.slice(0, MAX_COMMENT),
    };
    this.#made = order.ticket;
    book.apply({ kind: 'order', login, order, place: 'active' });
    const side = request.type % 2 === 0 ? 'buy' : 'sell';
    const act = request.action === ACTION.pending ? 'resting' : position === null ? 'open' : 'close';
    const { ticket, magic, symbol, positionId, comment } = order;
    book.apply({
      kind: 'audit',
      line: {
        utcMs: utcMs(),
        login,
        order: ticket,
        magic,
        symbol,
        side,
        lots,
        filledLots: '0',
        act,
        positionId,
        reason,
        comment,
        retcode: 0,
      },
    });
    return order;
  }

  #run(login: number, request: TradeRequest, order: OrderRecord, fault: BrokerFault | null): TradeAnswer {
    const told = (code: number, over: Partial<TradeAnswer> = {}) =>
      this.#told(order, this.#answer(request, code, { order: order.ticket, ...over }));
    if (fault?.kind === 'placed' || fault?.kind === 'resting') {
      this.#place(login, order);
      if (fault.kind === 'placed') this.#finishLater(login, order, fault.afterMs);
      return told(RETCODE.placed);
    }
    if (fault?.kind === 'unclear') {
      if ((fault.afterMs ?? 0) > 0) {
        this.#place(login, order);
        this.#finishLater(login, order, fault.afterMs!);
      } else this.finish(login, order, null, order.reason);
      return this.#told(order, this.#answer(request, fault.retcode));
    }
    const { deal, filled } = this.finish(login, order, this.#executionOf(order, fault), order.reason);
    if (filled.isZero()) return told(RETCODE.reject);
    const done = filled.eq(order.volumeInitial) ? RETCODE.done : RETCODE.partial;
    if (fault?.kind === 'bare-result') return this.#told(order, this.#answer(request, done));
    return told(done, { deal, volume: filled.toFixed(), price: this.#parts.book.account(login).deals.get(deal)!.price });
  }

  #executionOf(order: OrderRecord, fault: BrokerFault | null): Execution {
    const lots = new Decimal(order.volumeInitial);
    if (fault?.kind === 'partial') return { ...PLAIN, lots: Decimal.min(lots, fault.lots) };
    if (fault?.kind === 'split') return { ...PLAIN, lots, parts: fault.parts, ownPositions: fault.positions === true };
    if (fault?.kind === 'slip') return { ...PLAIN, lots, slipPoints: fault.points };
    if (fault?.kind === 'late-commission') return { ...PLAIN, lots, commissionAfterMs: fault.afterMs };
    return { ...PLAIN, lots };
  }

  #habit(request: TradeRequest): BrokerFault | null {
    const { habits, random, market } = this.#parts;
    if (request.action !== ACTION.deal || (habits.partialShare === 0 && habits.requoteShare === 0)) return null;
    const draw = random.uniform();
    if (draw < habits.requoteShare) return { kind: 'answer', retcode: RETCODE.requote };
    const { volStep, volMin } = market.symbol(request.symbol)!;
    const steps = new Decimal(request.volume).div(volStep).toNumber();
    if (draw >= habits.requoteShare + habits.partialShare || steps < 2 || new Decimal(request.volume).lte(volMin)) return null;
    return { kind: 'partial', lots: new Decimal(volStep).times(random.integer(1, steps - 1)).toFixed() };
  }

  /** What is to be had: never more than the book shows, all or nothing for FOK. */
  #available(order: OrderRecord, symbol: BrokerSymbol, wanted: Decimal): Decimal {
    const lots = symbol.depthLots === null ? wanted : Decimal.min(wanted, symbol.depthLots);
    return order.filling === FILLING.fok && lots.lt(order.volumeInitial) ? new Decimal(0) : lots;
  }

  #split(symbol: BrokerSymbol, lots: Decimal, parts: number): Decimal[] {
    if (lots.isZero()) return [];
    const steps = lots.div(symbol.volStep).toNumber();
    const count = Math.max(1, Math.min(parts, steps));
    const each = Math.floor(steps / count);
    return Array.from({ length: count }, (_, i) => new Decimal(symbol.volStep).times(i === count - 1 ? steps - each * (count - 1) : each));
  }

  #price(order: OrderRecord, symbol: BrokerSymbol, slipPoints: number): DecimalText {
    const type = order.type % 2;
    const now = openingPrice(type, this.#parts.market.quote(order.symbol)!);
    const worse = new Decimal(symbol.point).times(slipPoints).times(type === 0 ? 1 : -1);
    return new Decimal(now).plus(worse).toFixed();
  }

  #finishLater(login: number, order: OrderRecord, afterMs: number): void {
    this.#parts.later(afterMs, () => {
      const active = this.#parts.book.account(login).orders.get(order.ticket);
      if (active !== undefined) this.finish(login, active, null, active.reason);
    });
  }

  #chargeLater(login: number, ticket: number, symbol: BrokerSymbol, afterMs: number): void {
    const { book, later } = this.#parts;
    later(afterMs, () => {
      const deal = book.account(login).deals.get(ticket);
      if (deal === undefined) return;
      const commission = commissionOf(symbol, new Decimal(deal.volume));
      book.apply({ kind: 'deal', login, deal: { ...deal, commission: commission.toFixed() }, gone: false });
      credit(book, login, commission.minus(deal.commission));
    });
  }

  #place(login: number, order: OrderRecord): void {
    this.#parts.book.apply({ kind: 'order', login, order: { ...order, state: ORDER_STATE.placed }, place: 'active' });
  }

  #rest(login: number, request: TradeRequest, order: OrderRecord): TradeAnswer {
    this.#place(login, order);
    return this.#told(order, this.#answer(request, RETCODE.done, { order: order.ticket }));
  }

  #reject(login: number, request: TradeRequest, reason: number, retcode: number): void {
    const order = this.#accept(login, request, reason, null);
    this.#parts.book.apply({
      kind: 'order',
      login,
      order: { ...order, state: ORDER_STATE.rejected, doneMsc: this.#parts.serverMs() },
      place: 'history',
    });
    this.#note(order.ticket, { retcode });
  }

  /** The end of an order, or a rest that stays: only RETURN leaves one. */
  #end(login: number, order: OrderRecord, filled: Decimal): void {
    const { book, serverMs } = this.#parts;
    const left = new Decimal(order.volumeCurrent).minus(filled);
    const line = book.auditOf(order.ticket);
    if (line !== null) this.#note(order.ticket, { filledLots: new Decimal(line.filledLots).plus(filled).toFixed() });
    const opened = order.closes === 0 && filled.gt(0) && order.positionId === 0;
    const positionId = opened ? this.#positionOf(login, order) : order.positionId;
    const after = { ...order, volumeCurrent: left.toFixed(), positionId };
    if (left.gt(0) && filled.gt(0) && order.filling === FILLING.return) {
      book.apply({ kind: 'order', login, order: { ...after, state: ORDER_STATE.partial }, place: 'active' });
      return;
    }
    const state = left.isZero() ? ORDER_STATE.filled : ORDER_STATE.canceled;
    book.apply({ kind: 'order', login, order: { ...after, state, doneMsc: serverMs() }, place: 'history' });
  }

  #positionOf(login: number, order: OrderRecord): number {
    const { account, deals } = this.#parts.book.account(login);
    if (account.marginMode === MARGIN_MODE.hedging) return order.ticket;
    return [...deals.values()].findLast((d) => d.order === order.ticket)?.positionId ?? order.ticket;
  }

  #remove(login: number, request: TradeRequest): TradeAnswer {
    const { book, serverMs } = this.#parts;
    const order = book.account(login).orders.get(request.order);
    if (order === undefined) return this.#answer(request, RETCODE.invalid);
    book.apply({ kind: 'order', login, order: { ...order, state: ORDER_STATE.canceled, doneMsc: serverMs() }, place: 'history' });
    this.#made = order.ticket;
    return this.#answer(request, RETCODE.done, { order: order.ticket });
  }

  #setStops(login: number, request: TradeRequest): TradeAnswer {
    const { book, serverMs } = this.#parts;
    const position = namedPosition(book.account(login), request);
    if (position === null) return this.#answer(request, RETCODE.positionClosed);
    if (position.sl === request.sl && position.tp === request.tp) return this.#answer(request, RETCODE.noChanges);
    const changed = { ...position, sl: request.sl, tp: request.tp, updateMsc: serverMs() };
    book.apply({ kind: 'position', login, position: changed, gone: false, byDeal: false, was: position.ticket });
    return this.#answer(request, RETCODE.done);
  }

  #note(order: number, over: { readonly retcode?: number; readonly filledLots?: DecimalText }): void {
    const line = this.#parts.book.auditOf(order);
    if (line !== null) this.#parts.book.apply({ kind: 'audit', line: { ...line, ...over } });
  }

  #told(order: OrderRecord, answer: TradeAnswer): TradeAnswer {
    this.#note(order.ticket, { retcode: answer.retcode });
    return answer;
  }

  #answer(request: TradeRequest, code: number, over: Partial<TradeAnswer> = {}): TradeAnswer {
    const quote = this.#parts.market.quote(request.symbol);
    const sent = ACCEPTED.includes(code);
    return {
      sent,
      error: sent ? 0 : ERROR_SEND_FAILED,
      retcode: code,
      deal: 0,
      order: 0,
      volume: '0',
      price: '0',
      bid: quote?.bid ?? '0',
      ask: quote?.ask ?? '0',
      comment: retcodeOf(code).text,
      ...over,
    };
  }
}

/** Whether the quote has reached a resting order's price. */
export const isReached = (order: OrderRecord, bid: DecimalText, ask: DecimalText): boolean => {
  const price = new Decimal(order.priceOpen);
  if (order.type === ORDER_TYPE.buyLimit) return price.gte(ask);
  if (order.type === ORDER_TYPE.sellLimit) return price.lte(bid);
  if (order.type === ORDER_TYPE.buyStop) return price.lte(ask);
  return order.type === ORDER_TYPE.sellStop && price.gte(bid);
};
