/**
 * What a client may ask of a simulated Binance: weight by address, orders by account. Owns the counts, the headers that tell them,
 * and the ban that follows an ignored 429.
 */
import { createBudget, type Budget } from '../budget.ts';
import { Refusal, type Product } from './wire.ts';
import { MS_PER_DAY, MS_PER_MIN } from '../../../../src-shared/domain/units.ts';

/** So many requests after a 429, and the address is banned. */
export const PATIENCE = 20;
export const BAN_MS = 120_000;

export interface LimitFigures {
  readonly weightPerMinute: number;
  readonly ordersPer10s: number;
  /** Futures. */
  readonly ordersPerMinute: number;
  /** Spot. */
  readonly ordersPerDay: number;
}

interface OrderLimit {
  readonly interval: 'SECOND' | 'MINUTE' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
  readonly windowMs: number;
  readonly header: string;
  readonly words: string;
}

const orderLimits = (product: Product, figures: LimitFigures): readonly OrderLimit[] => [
  { interval: 'SECOND', intervalNum: 10, windowMs: 10_000, header: '10s', words: 'TEN_SECONDS', limit: figures.ordersPer10s },
  product === 'usdm'
    ? { interval: 'MINUTE', intervalNum: 1, limit: figures.ordersPerMinute, windowMs: MS_PER_MIN, header: '1m', words: 'MINUTE' }
    : { interval: 'DAY', intervalNum: 1, limit: figures.ordersPerDay, windowMs: MS_PER_DAY, header: '1d', words: 'DAY' },
];

export class Limits {
  readonly #orderLimits: readonly OrderLimit[];
  readonly #weightPerMinute: number;
  readonly #weight: Budget;
  readonly #orders = new Map<string, readonly Budget[]>();
  #refusals = 0;
  #refusedUntilMs = 0;
  #bannedUntilMs = 0;

  constructor(product: Product, figures: LimitFigures) {
    const { weightPerMinute } = figures;
    this.#orderLimits = orderLimits(product, figures);
    this.#weightPerMinute = weightPerMinute;
    this.#weight = createBudget(weightPerMinute, MS_PER_MIN);
  }

  /** @throws Refusal 429, 418 */
  takeWeight(weight: number, monoMs = performance.now()): void {
    if (monoMs < this.#bannedUntilMs) throw this.#banned(monoMs);
    if (this.#weight.take(monoMs, weight)) return;
    this.#refusals = monoMs < this.#refusedUntilMs ? this.#refusals + 1 : 1;
    this.#refusedUntilMs = Math.max(this.#refusedUntilMs, monoMs + MS_PER_MIN);
    if (this.#refusals > PATIENCE) {
      this.#bannedUntilMs = monoMs + BAN_MS;
      throw this.#banned(monoMs);
    }
    const words = `Too many requests; current limit of IP(127.0.0.1) is ${this.#weightPerMinute} requests per minute. Please use the websocket for live updates to avoid polling the API.`;
    throw new Refusal(-1003, words, 429, MS_PER_MIN);
  }

  #banned(monoMs: number): Refusal {
    const leftMs = this.#bannedUntilMs - monoMs;
    return new Refusal(
      -1003,
      `Way too much request weight used; IP banned until ${Math.ceil(Date.now() + leftMs)}. Please use WebSocket Streams for live updates to avoid bans.`,
      418,
      leftMs,
    );
  }

  /** @throws Refusal −1015 */
  takeOrder(account: string, monoMs = performance.now()): void {
    const budgets = this.#ofAccount(account);
    const limits = this.#orderLimits;
    for (const [i, limit] of limits.entries()) {
      if (budgets[i]!.used(monoMs) >= limit.limit)
        throw new Refusal(-1015, `Too many new orders; current limit is ${limit.limit} orders per ${limit.words}.`, 429, limit.windowMs);
    }
    for (const budget of budgets) budget.take(monoMs);
  }

  #ofAccount(account: string): readonly Budget[] {
    const known = this.#orders.get(account) ?? this.#orderLimits.map((l) => createBudget(l.limit, l.windowMs));
    this.#orders.set(account, known);
    return known;
  }

  headers(account: string | null, monoMs = performance.now()): Record<string, string> {
    const used = String(this.#weight.used(monoMs));
    const weight = { 'x-mbx-used-weight-1m': used, 'x-mbx-used-weight': used };
    if (account === null) return weight;
    const budgets = this.#ofAccount(account);
    const orders = this.#orderLimits.map((l, i) => [`x-mbx-order-count-${l.header}`, String(budgets[i]!.used(monoMs))]);
    return { ...weight, ...(Object.fromEntries(orders) as Record<string, string>) };
  }

  /** As the web-socket API tells them beside a reply. */
  rows(account: string | null, monoMs = performance.now()): readonly object[] {
    const weight = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: this.#weightPerMinute };
    return [...(account === null ? [] : this.orderRows(account, monoMs)), { ...weight, count: this.#weight.used(monoMs) }];
  }

  orderRows(account: string, monoMs = performance.now()): readonly object[] {
    const budgets = this.#ofAccount(account);
    return this.#orderLimits.map(({ interval, intervalNum, limit }, i) => ({
      rateLimitType: 'ORDERS',
      interval,
      intervalNum,
      limit,
      count: budgets[i]!.used(monoMs),
    }));
  }
}
