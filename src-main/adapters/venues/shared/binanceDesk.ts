/**
 * Orders at Binance: placed by the web-socket API alone, canceled and asked for by it or, where it is down, by REST. One call, one
 * outcome; nothing is repeated here. What a reply already tells of the order is pushed before the call resolves, so that a silent
 * private stream hides nothing.
 */
import type { CancelOutcome, OrderRef, OrderRequest, PlaceOutcome, QueryOutcome, Side } from '../../../../src-shared/domain/order.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { z } from 'zod';
import { MAX_RECV_WINDOW_MS } from './binanceAuth.ts';
import type { BinanceAuth, Params } from './binanceAuth.ts';
import { CLOCK_REFUSED, QUESTION_DEADLINE_MS, QUESTION_WINDOW_MS } from './binanceCalls.ts';
import type { BinanceCalls } from './binanceCalls.ts';
import type { BinanceBudget } from './binanceLimits.ts';
import { namedOrder, orderWire, readOrder, readReply } from './binanceOrderWire.ts';
import type { OrderWire } from './binanceOrderWire.ts';
import { OrderFrames } from './binanceOrderFrames.ts';
import type { FrameText } from './binanceOrderFrames.ts';
import { idText, NOTHING_PUSHED, replyFillsOf, reportOf } from './binanceReports.ts';
import { filledBy } from './binanceTrades.ts';
import type { BinanceTrades } from './binanceTrades.ts';
import {
  cancelOutcomeOf,
  cancelWithoutAnswer,
  gatewayRefusal,
  meaningOf,
  placeOutcomeOf,
  placeWithoutAnswer,
  wordsOf,
} from './orders/outcomes.ts';
import type { VenueReply } from './orders/outcomes.ts';
import type { AccountSocket, NoAnswer, OutcomeTable, Pushed } from './orders/parts.ts';
import { laneOf } from './orders/privateRest.ts';
import type { VenueClock } from './orders/venueClock.ts';

export interface DeskProduct {
  readonly outcomes: OutcomeTable;
  readonly orderPath: string;
  /** Of asking for one order. */
  readonly orderWeight: number;
  /** What the product's orders carry besides what every order does; of an instrument and a side it differs by `reduceOnly` alone. */
  readonly orderParams: (order: Pick<OrderRequest, 'reduceOnly'>) => Params;
  /** The venue forgot an order that ended without a fill: as good as having seen it end; null = it has no such word. */
  readonly archivedCode: string | null;
}

export interface DeskParts {
  readonly venueId: VenueId;
  readonly product: DeskProduct;
  readonly auth: BinanceAuth;
  readonly calls: BinanceCalls;
  readonly clock: VenueClock;
  readonly entry: AccountSocket;
  readonly trades: BinanceTrades;
  readonly ackTimeoutMs: number;
  readonly selfTradePrevention: 'taker' | 'maker' | 'both';
  /** What the reply to a placement tells: a push of it is due. */
  readonly pushed: (pushed: Pushed, receivedMonoUs: number) => void;
  /** What an answer tells of an order that was placed some time ago: its pushes may have come in an earlier life. */
  readonly told: (pushed: Pushed, receivedMonoUs: number) => void;
  /** A frame that left got no answer: the socket may be dead while its heartbeat goes on. */
  readonly unanswered: (why: string) => void;
  readonly monoUs: () => number;
}

const STP_MODE = { taker: 'EXPIRE_TAKER', maker: 'EXPIRE_MAKER', both: 'EXPIRE_BOTH' } as const;
/** Orders that are gone from the venue's books, and whose executions are older than this, have ended. */
export const FORGOTTEN_AFTER_MS = 3 * 24 * 3_600_000;

/** An answer to our frame: the order it tells of, or at least its name, or the venue's words, or what we cannot read. */
type Said =
  | { readonly order: OrderWire }
  | { readonly named: z.output<typeof namedOrder> }
  | { readonly reply: VenueReply }
  | { readonly unreadable: string };

const saidOf = (value: unknown): Said => {
  const read = readReply(value);
  if (read === null) return { unreadable: 'a reply that cannot be read' };
  const { status, result, error } = read;
  if (error !== undefined || status !== 200)
    return { reply: { code: error === undefined ? null : `${error.code}`, status, text: error?.msg ?? '' } };
  const order = readOrder(result);
  if (order !== null) return { order };
  const named = namedOrder.safeParse(result);
  return named.success ? { named: named.data } : { unreadable: 'taken, and the reply cannot be read' };
};

type Status = { readonly order: OrderWire } | { readonly absent: VenueReply } | { readonly failed: string };

export class BinanceDesk {
  readonly #parts: DeskParts;
  readonly #frames: OrderFrames;
  #lastId = 0;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#frames = new OrderFrames({ auth: parts.auth, paramsOf: (order) => this.paramsOf(order) });
  }

  async place(order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> {
    const { clock } = this.#parts;
    const venueUnixMs = clock.unixMs();
    if (venueUnixMs === null) return gatewayRefusal(clock.why, 'later');
    const { entry, ackTimeoutMs, product } = this.#parts;
    const frame = this.#frames.frame(this.#nextId(), order, Math.min(order.validityMs, MAX_RECV_WINDOW_MS), venueUnixMs);
    const use = { budget: 'order' satisfies BinanceBudget, cost: 1, lane: laneOf(order.purpose), deadlineMs: ackTimeoutMs, mayLeave };
    const answer = await entry.call(frame.id, frame.text, use);
    if (!answer.came) {
      this.#doubt(answer);
      return placeWithoutAnswer(answer);
    }
    const said = saidOf(answer.value);
    if ('unreadable' in said) return { code: 'unknown', why: said.unreadable };
    if ('reply' in said) {
      this.#heed(said.reply);
      return placeOutcomeOf(product.outcomes, said.reply);
    }
    const { clientOrderId, orderId } = 'order' in said ? said.order : said.named;
    if (clientOrderId !== order.clientOrderId) return { code: 'unknown', why: `the reply tells of another order, ${clientOrderId}` };
    const venueOrderId = idText(orderId);
    if ('named' in said) return { code: 'acknowledged', venueOrderId, venueUnixMs: null };
    this.#tell(order, order.side, said.order, answer.receivedMonoUs, this.#parts.pushed);
    return { code: 'acknowledged', venueOrderId, venueUnixMs: said.order.transactTime ?? said.order.updateTime ?? null };
  }

  /** Everything that an order says to the venue, stamp and signature aside. */
  paramsOf(order: OrderRequest): Params {
    return {
      symbol: order.symbol,
      side: order.side === 'buy' ? 'BUY' : 'SELL',
      type: 'LIMIT',
      timeInForce: 'IOC',
      quantity: order.qty,
      price: order.limitPx,
      newClientOrderId: order.clientOrderId,
      selfTradePreventionMode: STP_MODE[this.#parts.selfTradePrevention],
      ...this.#parts.product.orderParams(order),
    };
  }

  async cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome> {
    const { product, entry, clock } = this.#parts;
    if (clock.unixMs() === null) return { code: 'refused', venueCode: null, text: `not sent: ${clock.why}` };
    const answer = entry.up ? await this.#cancelBySocket(ref, mayLeave) : await this.#cancelByRest(ref, mayLeave);
    if ('came' in answer) return cancelWithoutAnswer(answer);
    if ('unreadable' in answer) return { code: 'unknown', why: answer.unreadable };
    if ('reply' in answer) {
      this.#heed(answer.reply);
      return cancelOutcomeOf(product.outcomes, answer.reply);
    }
    if ('order' in answer) this.#tell(ref, null, answer.order, this.#parts.monoUs());
    return { code: 'acknowledged' };
  }

  async #cancelBySocket(ref: OrderRef, mayLeave: () => boolean): Promise<Said | NoAnswer> {
    const { entry, ackTimeoutMs } = this.#parts;
    const frame = this.#frame('order.cancel', nameOf(ref), QUESTION_WINDOW_MS)!;
    const answer = await entry.call(frame.id, frame.text, {
      budget: 'weight',
      cost: 1,
      lane: 'safety',
      deadlineMs: ackTimeoutMs,
      mayLeave,
    });
    if (answer.came) return saidOf(answer.value);
    this.#doubt(answer);
    return answer;
  }

  async #cancelByRest(ref: OrderRef, mayLeave: () => boolean): Promise<Said | NoAnswer> {
    const { calls, product, ackTimeoutMs } = this.#parts;
    const use = { cost: 1, lane: 'safety', deadlineMs: ackTimeoutMs, mayLeave } as const;
    const asked = await calls.signed('DELETE', product.orderPath, nameOf(ref), orderWire, use);
    if (asked.ok) return { order: asked.value };
    return asked.reply === null ? { came: false, left: asked.left, why: asked.why, retryAfterMs: 0 } : { reply: asked.reply };
  }

  /**
   * The order, and all of its executions. Where the order can be had and the executions cannot, the order is told by a push and the
   * question counts as failed: to be asked again.
   */
  async query(ref: OrderRef): Promise<QueryOutcome> {
    const { venueId, trades, clock } = this.#parts;
    const status = await this.#status(ref);
    if ('failed' in status) return { code: 'failed', why: status.failed };
    if ('absent' in status) return this.#absent(ref, status.absent);
    const { order } = status;
    const report = reportOf(venueId, ref.clientOrderId, order);
    trades.learn(ref.symbol, idText(order.orderId), ref.clientOrderId);
    if (report.filledQty === '0') return { code: 'found', report, fills: [] };
    const nowMs = clock.unixMs() ?? 0;
    const fills = await trades.ofOrder(ref.instrumentId, ref.symbol, idText(order.orderId), ref.clientOrderId, nowMs, order.time ?? null);
    if (typeof fills !== 'string') return { code: 'found', report, fills };
    this.#tell(ref, null, order, this.#parts.monoUs());
    return { code: 'failed', why: `found (${report.text}, ${report.filledQty} filled), but not its executions: ${fills}` };
  }

  async #status(ref: OrderRef): Promise<Status> {
    const { entry, calls, product } = this.#parts;
    const params = nameOf(ref);
    const frame = entry.up ? this.#frame('order.status', params, QUESTION_WINDOW_MS) : null;
    if (frame !== null) {
      const use = { budget: 'weight', cost: product.orderWeight, lane: 'recovery', deadlineMs: QUESTION_DEADLINE_MS } as const;
      const answer = await entry.call(frame.id, frame.text, use);
      // A question may be put twice: REST is the second path.
      if (answer.came) return this.#judged(ref, saidOf(answer.value));
      this.#doubt(answer);
    }
    const asked = await calls.signed('GET', product.orderPath, params, orderWire, { cost: product.orderWeight, lane: 'recovery' });
    if (asked.ok) return this.#judged(ref, { order: asked.value });
    return asked.reply === null ? { failed: asked.why } : this.#judged(ref, { reply: asked.reply });
  }

  #judged(ref: OrderRef, said: Said): Status {
    if ('unreadable' in said) return { failed: said.unreadable };
    if ('named' in said) return { failed: 'the answer does not say how the order stands' };
    if ('order' in said) {
      const { clientOrderId } = said.order;
      return clientOrderId === ref.clientOrderId ? said : { failed: `the answer tells of another order, ${clientOrderId}` };
    }
    this.#heed(said.reply);
    const isAbsent = meaningOf(this.#parts.product.outcomes, said.reply) === 'not-found';
    return isAbsent ? { absent: said.reply } : { failed: wordsOf(said.reply) };
  }

  /** The venue knows no such order; of one that it took, executions may still be known. */
  async #absent(ref: OrderRef, reply: VenueReply): Promise<QueryOutcome> {
    const { venueId, product, trades, clock } = this.#parts;
    const venueUnixMs = clock.unixMs();
    const wholeMs = venueUnixMs === null ? null : Math.floor(venueUnixMs);
    const { clientOrderId, venueOrderId } = ref;
    const base = { clientOrderId, venueId, venueOrderId, venueUnixMs: wholeMs, text: wordsOf(reply) };
    if (reply.code !== null && reply.code === product.archivedCode)
      return { code: 'found', report: { ...base, state: 'canceled', filledQty: '0' }, fills: [] };
    if (venueOrderId === null || venueUnixMs === null) return { code: 'not-found', venueUnixMs: wholeMs };
    const fills = await trades.ofOrder(ref.instrumentId, ref.symbol, venueOrderId, clientOrderId, venueUnixMs, null);
    if (typeof fills === 'string') return { code: 'failed', why: fills };
    const newestMs = fills.at(-1)?.venueUnixMs;
    if (newestMs === undefined || newestMs === null) return { code: 'not-found', venueUnixMs: wholeMs };
    const state = venueUnixMs - newestMs > FORGOTTEN_AFTER_MS ? 'canceled' : 'working';
    const text = `${base.text}, and yet there are executions of it`;
    return { code: 'found', report: { ...base, state, filledQty: filledBy(fills).toFixed(), text }, fills };
  }

  /** What a reply tells of an order, as if it had been pushed; executions only where the side is known. */
  #tell(
    { clientOrderId, instrumentId, symbol }: OrderRef | OrderRequest,
    side: Side | null,
    order: OrderWire,
    receivedMonoUs: number,
    tell: DeskParts['told'] = this.#parts.told,
  ): void {
    const { venueId, trades } = this.#parts;
    trades.learn(symbol, idText(order.orderId), clientOrderId);
    const report = reportOf(venueId, clientOrderId, order);
    const fills = side === null ? [] : replyFillsOf(venueId, instrumentId, clientOrderId, side, order);
    tell({ ...NOTHING_PUSHED, reports: [report], fills }, receivedMonoUs);
  }

  #doubt({ left }: NoAnswer): void {
    if (left) this.#parts.unanswered('a request was not answered');
  }

  #heed(reply: VenueReply): void {
    if (reply.code === CLOCK_REFUSED) this.#parts.clock.distrust(wordsOf(reply));
  }

  /** null = the venue's clock is not known, and then nothing can be stamped. */
  #frame(method: string, params: Params, recvWindowMs: number): FrameText | null {
    const { clock, auth } = this.#parts;
    const venueUnixMs = clock.unixMs();
    if (venueUnixMs === null) return null;
    const id = this.#nextId();
    return { id, text: JSON.stringify({ id, method, params: auth.onSocket({ ...params, recvWindow: recvWindowMs }, venueUnixMs) }) };
  }

  #nextId(): string {
    this.#lastId += 1;
    return `${this.#lastId}`;
  }
}

const nameOf = (ref: OrderRef): Params => ({ symbol: ref.symbol, origClientOrderId: ref.clientOrderId });
