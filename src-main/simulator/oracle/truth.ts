/**
 * The oracle's own books: what left, what the venues did with it, and what the engine was told. Fed by venues and by the
 * events that reach the engine; never by anything the engine concludes.
 */
import type { FillReport, OrderRequest } from '../../../src-shared/domain/order.ts';
import { tradeKeyOf } from './account.ts';

/** `dead` = was not and can never be executed; `ended` = at the venue, and over. */
export type Fate = 'wished' | 'left' | 'working' | 'ended' | 'dead';

export interface TrackedOrder {
  readonly request: OrderRequest;
  readonly pairId: string;
  readonly wishedMs: number;
  fate: Fate;
  leftTimes: number;
  /** Executed in truth, venue's unit. */
  traded: number;
  /** What the engine was told was executed. */
  heard: number;
  /** The engine was told how it ended: refused, a final report, or absence past its validity. */
  isTold: boolean;
  committed: boolean;
}

export interface TruthTrade {
  readonly key: string;
  readonly fill: FillReport;
  /** null = a part of what the venue did by itself. */
  readonly order: TrackedOrder | null;
  readonly groupId: string;
  readonly leg: 'a' | 'b';
  readonly tradedMs: number;
  readonly baseQty: number;
  /** Delivered to the engine in this or a committed earlier life. */
  heard: boolean;
}

export const EPSILON = 1e-9;
export const isOpeningPurpose = (purpose: OrderRequest['purpose']): boolean => purpose === 'open' || purpose === 'complete';

export class Truth {
  readonly orders = new Map<string, TrackedOrder>();
  readonly trades = new Map<string, TruthTrade>();
  readonly #byGroup = new Map<string, TrackedOrder[]>();
  readonly #tradesByGroup = new Map<string, TruthTrade[]>();
  readonly #byPair = new Map<string, Set<TrackedOrder>>();

  track(request: OrderRequest, pairId: string, nowMs: number): TrackedOrder {
    const order: TrackedOrder = {
      request,
      pairId,
      wishedMs: nowMs,
      fate: 'wished',
      leftTimes: 0,
      traded: 0,
      heard: 0,
      isTold: false,
      committed: false,
    };
    this.orders.set(request.clientOrderId, order);
    this.#list(this.#byGroup, request.groupId).push(order);
    const open = this.#byPair.get(pairId) ?? new Set();
    open.add(order);
    this.#byPair.set(pairId, open);
    return order;
  }

  ofGroup(groupId: string): readonly TrackedOrder[] {
    return this.#byGroup.get(groupId) ?? [];
  }

  tradesOf(groupId: string): readonly TruthTrade[] {
    return this.#tradesByGroup.get(groupId) ?? [];
  }

  /** Orders of the pair whose end the engine was not told. */
  untold(pairId: string): readonly TrackedOrder[] {
    const open = this.#byPair.get(pairId);
    if (open === undefined) return [];
    for (const order of open) if (order.isTold && order.fate !== 'working' && order.fate !== 'left') open.delete(order);
    return [...open].filter((order) => !order.isTold);
  }

  addTrade(fill: FillReport, baseQty: number, nowMs: number): TruthTrade | null {
    const order = fill.clientOrderId === null ? undefined : this.orders.get(fill.clientOrderId);
    if (order === undefined) return null;
    const trade: TruthTrade = {
      key: tradeKeyOf(fill),
      fill,
      order,
      groupId: order.request.groupId,
      leg: order.request.leg,
      tradedMs: nowMs,
      baseQty,
      heard: false,
    };
    order.traded += Number(fill.qty);
    this.trades.set(trade.key, trade);
    this.#list(this.#tradesByGroup, order.request.groupId).push(trade);
    return trade;
  }

  /** Part of what a venue did by itself, as the engine booked it. */
  addPart(fill: FillReport, groupId: string, leg: 'a' | 'b', baseQty: number, nowMs: number): TruthTrade {
    const part: TruthTrade = { key: tradeKeyOf(fill), fill, order: null, groupId, leg, tradedMs: nowMs, baseQty, heard: true };
    this.#list(this.#tradesByGroup, groupId).push(part);
    return part;
  }

  removePart(part: TruthTrade): void {
    this.#tradesByGroup.set(
      part.groupId,
      this.tradesOf(part.groupId).filter((each) => each !== part),
    );
  }

  /** Signed base held by a leg: bought less sold, of all trades or of those that were told. */
  legBase(groupId: string, leg: 'a' | 'b', which: 'all' | 'heard'): number {
    let base = 0;
    for (const trade of this.tradesOf(groupId))
      if (trade.leg === leg && (which === 'all' || trade.heard)) base += (trade.fill.side === 'buy' ? 1 : -1) * trade.baseQty;
    return base;
  }

  /** The process died: what it was told and did not commit, it no longer knows. */
  forget(isCommitted: (tradeKey: string) => boolean, isToldDurably: (clientOrderId: string) => boolean): void {
    for (const trade of this.trades.values()) trade.heard = isCommitted(trade.key);
    for (const [id, order] of this.orders) {
      // Neither committed nor sent: it never was, and its name is free.
      if (!order.committed && order.leftTimes === 0) {
        this.orders.delete(id);
        this.#byGroup.set(
          order.request.groupId,
          this.ofGroup(order.request.groupId).filter((each) => each !== order),
        );
        this.#byPair.get(order.pairId)?.delete(order);
        continue;
      }
      // Committed, and the process died before it left: no later one sends it.
      if (order.fate === 'wished') order.fate = 'dead';
      order.isTold = isToldDurably(order.request.clientOrderId);
      if (!order.isTold) this.#byPair.get(order.pairId)?.add(order);
      order.heard = 0;
    }
    for (const trade of this.trades.values()) if (trade.heard && trade.order !== null) trade.order.heard += Number(trade.fill.qty);
  }

  #list<T>(map: Map<string, T[]>, key: string): T[] {
    const list = map.get(key) ?? [];
    map.set(key, list);
    return list;
  }
}
