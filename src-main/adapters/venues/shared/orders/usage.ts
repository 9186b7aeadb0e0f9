/**
 * Every allowance of one exchange account and host, counted where requests leave: sliding windows with a cost each, the last 30 % kept
 * for what makes us safer, never less than what the venue itself counts, silent while it asks for silence. Counts in slices of
 * a window and forgets a slice as a whole, so that it never counts less than what the window holds.
 */
import type { BudgetReport } from '../../../../../src-shared/domain/exchange.ts';
import { MS_PER_S, US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { Budget } from '../budget.ts';
import type { Lane } from './parts.ts';

/** What `entry` and `question` leave alone. */
export const RESERVED_SHARE = 0.3;
/** What `recovery` leaves alone. */
export const LEAST_RESERVED_SHARE = 0.1;
const LEFT_ALONE: Readonly<Record<Lane, number>> = {
  entry: RESERVED_SHARE,
  question: RESERVED_SHARE,
  recovery: LEAST_RESERVED_SHARE,
  safety: 0,
  figures: 0,
};
/** Beyond our own count the venue's figures are asked for no more often than this: its time, five times where it is measured, and its limits. */
export const FIGURES_BEYOND = { max: 6, windowMs: MS_PER_S } as const;
/** What left longer ago than this the venue has counted, if it ever came there. */
export const COUNTED_AFTER_MS = 5_000;
/** Slices a window: what was spent is given back at most one slice late, never early. */
export const SLICES = 20;
/** One more than the window has: the oldest reaches back beyond it. */
const KEPT_SLICES = SLICES + 1;

export interface AllowanceSpec {
  /** Unique within the account, for people: `orders 10 s`. */
  readonly name: string;
  readonly max: number;
  readonly windowMs: number;
}
/** What a request names: everything it draws on at once (an order counts in 10 s and in a minute). */
export interface BudgetSpec {
  readonly name: string;
  /** By name, of those that the account has. */
  readonly allowances: readonly string[];
}

export type Taken = { readonly taken: true } | { readonly taken: false; readonly waitMs: number; readonly why: string };

const TAKEN: Taken = { taken: true };

/** Where a slice is kept; slices before the clock's zero are negative. */
const place = (slice: number): number => (slice + KEPT_SLICES) % KEPT_SLICES;

class Allowance {
  readonly name: string;
  readonly windowMs: number;
  max: number;
  quietUntilUs = Number.NEGATIVE_INFINITY;
  readonly #sliceUs: number;
  readonly #spent = new Float64Array(KEPT_SLICES);
  #slice = Number.NEGATIVE_INFINITY;
  #used = 0;
  /** What others spent beside us by the venue's word: earlier runs, other programs of the address. */
  #beside = 0;
  #besideUntilUs = Number.NEGATIVE_INFINITY;

  constructor({ name, max, windowMs }: AllowanceSpec) {
    this.name = name;
    this.max = max;
    this.windowMs = windowMs;
    this.#sliceUs = (windowMs * US_PER_MS) / SLICES;
  }

  used(nowUs: number): number {
    this.#turn(nowUs);
    return this.#used + this.#besideAt(nowUs);
  }

  /**
   * The venue counts `told` now. Of less than before we believe what is certain: only what may be on its way is not in its count yet.
   * When others spent it is not told, hence it counts for a whole window more.
   */
  heard(told: number, nowUs: number): void {
    this.#turn(nowUs);
    const certain = Math.max(0, told - this.#used);
    const possible = Math.max(0, told - this.#countedLongAgo());
    this.#beside = Math.max(certain, Math.min(this.#besideAt(nowUs), possible));
    this.#besideUntilUs = (this.#slice + KEPT_SLICES) * this.#sliceUs;
  }

  #besideAt(nowUs: number): number {
    return nowUs < this.#besideUntilUs ? this.#beside : 0;
  }

  #countedLongAgo(): number {
    const newest = Math.floor((COUNTED_AFTER_MS * US_PER_MS) / this.#sliceUs) + 1;
    let counted = 0;
    for (let age = newest; age <= SLICES; age += 1) counted += this.#spent[place(this.#slice - age)]!;
    return counted;
  }

  spend(cost: number, nowUs: number): void {
    this.#turn(nowUs);
    const at = place(this.#slice);
    this.#spent[at] = this.#spent[at]! + cost;
    this.#used += cost;
  }

  /** 0 = `cost` fits below `limit` now. */
  waitMs(cost: number, limit: number, nowUs: number): number {
    this.#turn(nowUs);
    let used = this.#used + this.#besideAt(nowUs);
    if (used + cost <= limit) return 0;
    for (let age = SLICES; age >= 0; age -= 1) {
      used -= this.#spent[place(this.#slice - age)]!;
      if (used + cost > limit) continue;
      const freeUs = (this.#slice - age + SLICES + 1) * this.#sliceUs;
      return Math.max(1, Math.ceil((freeUs - nowUs) / US_PER_MS));
    }
    if (cost > limit) return this.windowMs;
    return Math.max(1, Math.ceil((this.#besideUntilUs - nowUs) / US_PER_MS));
  }

  #turn(nowUs: number): void {
    const slice = Math.floor(nowUs / this.#sliceUs);
    if (slice <= this.#slice) return;
    const gone = Math.min(slice - this.#slice, this.#spent.length);
    for (let step = 0; step < gone; step += 1) {
      const at = place(slice - step);
      this.#used -= this.#spent[at]!;
      this.#spent[at] = 0;
    }
    this.#slice = slice;
  }
}

export class Usage {
  readonly #clock: Clock;
  readonly #allowances: ReadonlyMap<string, Allowance>;
  readonly #budgets: ReadonlyMap<string, readonly Allowance[]>;
  readonly #beyond = new Budget(FIGURES_BEYOND);
  #quietUntilUs = Number.NEGATIVE_INFINITY;

  /** @throws RangeError for a name that comes twice or that nobody declared. */
  constructor(clock: Clock, allowances: readonly AllowanceSpec[], budgets: readonly BudgetSpec[]) {
    this.#clock = clock;
    this.#allowances = new Map(allowances.map((spec) => [spec.name, new Allowance(spec)]));
    if (this.#allowances.size !== allowances.length) throw new RangeError('an allowance is declared twice');
    this.#budgets = new Map(budgets.map((spec) => [spec.name, spec.allowances.map((name) => this.#allowance(name))]));
    if (this.#budgets.size !== budgets.length) throw new RangeError('a budget is declared twice');
  }

  #allowance(name: string): Allowance {
    const allowance = this.#allowances.get(name);
    if (allowance === undefined) throw new RangeError(`no allowance "${name}"`);
    return allowance;
  }

  #budget(name: string): readonly Allowance[] {
    const budget = this.#budgets.get(name);
    if (budget === undefined) throw new RangeError(`no budget "${name}"`);
    return budget;
  }

  /** Takes `cost` of all of the budget's allowances, or of none. @throws RangeError for an unknown budget. */
  take(budget: string, cost: number, lane: Lane): Taken {
    const nowUs = this.#clock.monoUs();
    const allowances = this.#budget(budget);
    let quietUntilUs = this.#quietUntilUs;
    for (const allowance of allowances) if (allowance.quietUntilUs > quietUntilUs) quietUntilUs = allowance.quietUntilUs;
    const quietUs = quietUntilUs - nowUs;
    if (quietUs > 0) {
      const waitMs = Math.ceil(quietUs / US_PER_MS);
      return { taken: false, waitMs, why: `the venue asked for silence for another ${Math.ceil(waitMs / MS_PER_S)} s` };
    }
    const share = 1 - LEFT_ALONE[lane];
    for (const allowance of allowances) {
      const limit = Math.max(1, Math.floor(allowance.max * share));
      const waitMs = allowance.waitMs(cost, limit, nowUs);
      if (waitMs === 0 || (lane === 'figures' && this.#beyond.take(nowUs) === 0)) continue;
      const { name, max } = allowance;
      const kept = limit === max ? '' : `, of which ${max - limit} are kept for cancels and compensation`;
      return { taken: false, waitMs, why: `our own allowance "${name}" is used up: ${allowance.used(nowUs)} of ${max}${kept}` };
    }
    for (const allowance of allowances) allowance.spend(cost, nowUs);
    return TAKEN;
  }

  /** The venue counts `used` in this window: we never count less, nor less than we spent ourselves. Unknown names are none of ours. */
  heard(allowance: string, used: number): void {
    if (used >= 0) this.#allowances.get(allowance)?.heard(used, this.#clock.monoUs());
  }

  /** The venue's own figure for what it allows, read live. */
  setMax(allowance: string, max: number): void {
    const known = this.#allowances.get(allowance);
    if (known !== undefined && max > 0) known.max = max;
  }

  /** The venue wants silence of this budget; it never becomes shorter. @throws RangeError for an unknown budget. */
  quiet(budget: string, ms: number): void {
    const untilUs = this.#clock.monoUs() + ms * US_PER_MS;
    for (const allowance of this.#budget(budget)) allowance.quietUntilUs = Math.max(allowance.quietUntilUs, untilUs);
  }

  /** The venue wants silence of everything that comes from us. */
  quietAll(ms: number): void {
    this.#quietUntilUs = Math.max(this.#quietUntilUs, this.#clock.monoUs() + ms * US_PER_MS);
  }

  /** For how long the venue wants silence of everything; 0 = it does not. */
  quietMs(): number {
    return Math.max(0, Math.ceil((this.#quietUntilUs - this.#clock.monoUs()) / US_PER_MS));
  }

  reports(): readonly BudgetReport[] {
    const nowUs = this.#clock.monoUs();
    const nowMs = this.#clock.unixMs();
    return [...this.#allowances.values()].map((allowance) => {
      const quietUs = Math.max(this.#quietUntilUs, allowance.quietUntilUs) - nowUs;
      const { name, max, windowMs } = allowance;
      const quietUntilUnixMs = quietUs > 0 ? Math.ceil(nowMs + quietUs / US_PER_MS) : null;
      return { name, used: allowance.used(nowUs), max, windowMs, quietUntilUnixMs };
    });
  }
}
