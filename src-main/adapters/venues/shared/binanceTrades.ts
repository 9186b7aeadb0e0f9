/**
 * Executions of an account, completely: by order, or since a moment, in the windows and pages that the product allows. Trades name an
 * order id alone; whose order it was is remembered, or asked for. Either the whole answer or a sentence, never a part of it.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { InstrumentId, VenueId } from '../../../../src-shared/domain/ids.ts';
import type { FillReport } from '../../../../src-shared/domain/order.ts';
import { MS_PER_MIN } from '../../../../src-shared/domain/units.ts';
import type { Params } from './binanceAuth.ts';
import type { BinanceCalls, CallCost, Failed } from './binanceCalls.ts';
import { namedOrder, namedOrders, tradeWires } from './binanceOrderWire.ts';
import type { TradeWire } from './binanceOrderWire.ts';
import { fillOfTrade, idText } from './binanceReports.ts';

/** Most that either product gives at once. */
export const PAGE = 1_000;
/** More orders than this whose names are not known are asked for by pages. */
export const MAX_SINGLE_ORDERS = 10;
/** Names kept; the oldest leaves for the newest. */
export const MAX_NAMES = 20_000;
const NO_SUCH_ORDER = '-2013';
/** Orders and executions are read from different replicas: of an execution younger than this, "no such order" is not the last word. */
export const NAME_LAG_MS = 10 * MS_PER_MIN;

export interface TradeFigures {
  readonly orderPath: string;
  readonly tradesPath: string;
  readonly allOrdersPath: string;
  readonly weights: { readonly order: number; readonly trades: number; readonly tradesOfOrder: number; readonly allOrders: number };
  /** Longest time between `startTime` and `endTime`. */
  readonly windowMs: number;
  /** How far back the venue remembers. */
  readonly memoryMs: number;
  /** A question without times gives the newest page of all (spot), not of the last window (futures). */
  readonly newestFirst: boolean;
}

const isLater = (a: TradeWire, b: TradeWire): number => (BigInt(a.id) < BigInt(b.id) ? -1 : 1);
/** The least id that is not in the page any more. */
const idAfter = (page: readonly TradeWire[]): string =>
  `${page.reduce((most, { id }) => (BigInt(id) > most ? BigInt(id) : most), 0n) + 1n}`;

export class BinanceTrades {
  readonly #venueId: VenueId;
  readonly #calls: BinanceCalls;
  readonly #figures: TradeFigures;
  /** `symbol orderId` to client id; an empty name is nobody's. */
  readonly #names = new Map<string, string>();

  constructor(venueId: VenueId, calls: BinanceCalls, figures: TradeFigures) {
    this.#venueId = venueId;
    this.#calls = calls;
    this.#figures = figures;
  }

  learn(symbol: string, orderId: string, clientOrderId: string): void {
    if (this.#names.size >= MAX_NAMES) this.#names.delete(this.#names.keys().next().value!);
    this.#names.set(`${symbol} ${orderId}`, clientOrderId);
  }

  /** All executions of one order, oldest first. `placedUnixMs`: where it is known, for the venue looks back one window otherwise. */
  async ofOrder(
    instrumentId: InstrumentId,
    symbol: string,
    orderId: string,
    name: string | null,
    nowMs: number,
    placedUnixMs: number | null,
  ) {
    const { tradesPath, weights, windowMs } = this.#figures;
    const old = placedUnixMs !== null && nowMs - placedUnixMs > windowMs && !this.#figures.newestFirst;
    const times = old ? { startTime: placedUnixMs, endTime: placedUnixMs + windowMs - 1 } : {};
    const params = { symbol, orderId, limit: PAGE, ...times };
    const use = { cost: weights.tradesOfOrder, lane: 'recovery' } as const;
    const next = (page: readonly TradeWire[]): Params => ({ symbol, orderId, fromId: idAfter(page), limit: PAGE });
    const found = await this.#pages(tradesPath, params, use, next);
    return typeof found === 'string' ? found : found.sort(isLater).map((trade) => fillOfTrade(this.#venueId, instrumentId, trade, name));
  }

  /** All executions of one symbol since then, oldest first; what is newer than our idea of the venue's time is among them. */
  async since(instrumentId: InstrumentId, symbol: string, fromMs: number, nowMs: number): Promise<readonly FillReport[] | string> {
    const trades = await this.#sinceOf(symbol, Math.floor(Math.max(fromMs, nowMs - this.#figures.memoryMs)), Math.floor(nowMs));
    if (typeof trades === 'string') return trades;
    const unnamed = await this.#name(symbol, trades, nowMs);
    if (unnamed !== null) return unnamed;
    return trades.map((trade) => {
      const name = this.#names.get(`${symbol} ${idText(trade.orderId)}`) ?? '';
      return fillOfTrade(this.#venueId, instrumentId, trade, name === '' ? null : name);
    });
  }

  async #sinceOf(symbol: string, fromMs: number, toMs: number): Promise<TradeWire[] | string> {
    const { tradesPath, weights, windowMs, newestFirst } = this.#figures;
    const found = new Map<string, TradeWire>();
    const keep = (page: readonly TradeWire[]): void => {
      for (const trade of page) if (trade.time >= fromMs) found.set(idText(trade.id), trade);
    };
    let endMs = toMs;
    if (newestFirst && toMs - fromMs >= windowMs) {
      const newest = await this.#page(tradesPath, { symbol, limit: PAGE }, { cost: weights.trades });
      if (typeof newest === 'string') return newest;
      keep(newest);
      const oldestMs = newest.reduce((least, { time }) => Math.min(least, time), Number.POSITIVE_INFINITY);
      endMs = newest.length < PAGE ? fromMs - 1 : Math.min(toMs, oldestMs);
    }
    for (let startMs = fromMs; startMs <= endMs; startMs += windowMs) {
      const lastMs = startMs + windowMs - 1;
      const isLast = lastMs >= toMs;
      const params = { symbol, startTime: startMs, endTime: isLast ? undefined : lastMs, limit: PAGE };
      let reachedMs = startMs;
      // By time, for futures tell of the last week alone where no time is given; by id only where a page is one millisecond.
      const next = (page: readonly TradeWire[]): Params => {
        const latestMs = page.reduce((latest, { time }) => Math.max(latest, time), reachedMs);
        if (latestMs === reachedMs) return { symbol, fromId: idAfter(page), limit: PAGE };
        reachedMs = latestMs;
        return { ...params, startTime: reachedMs };
      };
      const window = await this.#pages(tradesPath, params, { cost: weights.trades }, next, isLast ? undefined : lastMs);
      if (typeof window === 'string') return window;
      keep(window);
    }
    return [...found.values()].sort(isLater);
  }

  /** A full page is followed by the next, until one is not full or lies behind `untilMs`; what stands in two may come twice. */
  async #pages(
    path: string,
    first: Params,
    use: CallCost,
    next: (page: readonly TradeWire[]) => Params,
    untilMs = Number.POSITIVE_INFINITY,
  ): Promise<TradeWire[] | string> {
    const all: TradeWire[] = [];
    for (let params = first; ; ) {
      const page = await this.#page(path, params, use);
      if (typeof page === 'string') return page;
      all.push(...page);
      if (page.length < PAGE || page.some(({ time }) => time > untilMs)) return all;
      params = next(page);
    }
  }

  async #page(path: string, params: Params, use: CallCost): Promise<readonly TradeWire[] | string> {
    const asked = await this.#calls.signed('GET', path, params, tradeWires, use);
    return asked.ok ? asked.value : asked.why;
  }

  /** Learns whose the trades' orders are. @returns why that is not possible; null = all are known */
  async #name(symbol: string, trades: readonly TradeWire[], nowMs: number): Promise<string | null> {
    const fresh = new Set(trades.filter(({ time }) => nowMs - time < NAME_LAG_MS).map(({ orderId }) => idText(orderId)));
    const isUnknown = (orderId: string): boolean => !this.#names.has(`${symbol} ${orderId}`);
    let unknown = [...new Set(trades.map(({ orderId }) => idText(orderId)))].filter(isUnknown);
    if (unknown.length > MAX_SINGLE_ORDERS) {
      const why = await this.#nameByPages(symbol, unknown);
      if (why !== null) return why;
      unknown = unknown.filter(isUnknown);
    }
    for (const orderId of unknown) {
      const why = await this.#nameOne(symbol, orderId, fresh.has(orderId));
      if (why !== null) return why;
    }
    return null;
  }

  async #nameOne(symbol: string, orderId: string, isFresh: boolean): Promise<string | null> {
    const { orderPath, weights } = this.#figures;
    const asked = await this.#calls.signed('GET', orderPath, { symbol, orderId }, namedOrder, { cost: weights.order });
    if (!asked.ok && !isNoSuchOrder(asked)) return asked.why;
    if (asked.ok) this.learn(symbol, orderId, asked.value.clientOrderId);
    else if (!isFresh) this.learn(symbol, orderId, '');
    return null;
  }

  /** From the oldest id on, as long as pages are full and ids are missing. */
  async #nameByPages(symbol: string, orderIds: readonly string[]): Promise<string | null> {
    const { allOrdersPath, weights } = this.#figures;
    const ids = orderIds.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
    const last = ids.at(-1) ?? 0n;
    for (let from = ids[0] ?? 0n; from <= last; ) {
      const params = { symbol, orderId: `${from}`, limit: PAGE };
      const asked = await this.#calls.signed('GET', allOrdersPath, params, namedOrders, { cost: weights.allOrders });
      if (!asked.ok) return asked.why;
      for (const { orderId, clientOrderId } of asked.value) this.learn(symbol, idText(orderId), clientOrderId);
      if (asked.value.length < PAGE) return null;
      from = asked.value.reduce((most, { orderId }) => (BigInt(orderId) > most ? BigInt(orderId) : most), from) + 1n;
    }
    return null;
  }
}

const isNoSuchOrder = ({ reply }: Failed): boolean => reply?.code === NO_SUCH_ORDER;

/** Sum of the executions' quantities. */
export const filledBy = (fills: readonly FillReport[]): Decimal => fills.reduce((sum, { qty }) => sum.plus(qty), new Decimal(0));
