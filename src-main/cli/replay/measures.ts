/**
 * What a tape of two books says by itself, before any rule: counts, gaps, freshness, spreads. Independent of the
 * engine on purpose: the report sets the engine's rolling figures beside these, and they must agree.
 */
import { bpsOf, MS_PER_S, US_PER_MS } from '../../../src-shared/domain/units.ts';
import { WeightedValues, type Quantiles } from './weighted.ts';

/** Step of the grid on which freshness is asked. */
export const FRESHNESS_GRID_MS = 10;
export const FRESHNESS_LIMITS_MS = [100, 250, 500] as const;

export interface Measures {
  readonly quotes: readonly [number, number];
  readonly largestGapMs: readonly [number, number];
  readonly overlapFromUnixMs: number;
  readonly overlapToUnixMs: number;
  readonly overlapS: number;
  readonly mergedStates: number;
  /** Share of the grid's moments at which both quotes were at most so old. */
  readonly bothFresh: readonly { readonly withinMs: number; readonly share: number }[];
  /** mid(b) − mid(a), in bps of the mean mid. */
  readonly midBps: Quantiles;
  /** bid(a) − ask(b). */
  readonly sellABuyBBps: Quantiles;
  /** bid(b) − ask(a). */
  readonly sellBBuyABps: Quantiles;
}

interface Book {
  bidPx: number;
  askPx: number;
  atUs: number;
  quotes: number;
  largestGapUs: number;
}

const emptyBook = (): Book => ({ bidPx: Number.NaN, askPx: Number.NaN, atUs: Number.NaN, quotes: 0, largestGapUs: 0 });

/** Takes quotes of two books in time order; times are microseconds since any fixed moment. */
export class TapeMeasures {
  readonly #books: readonly [Book, Book] = [emptyBook(), emptyBook()];
  readonly #mid = new WeightedValues();
  readonly #forward = new WeightedValues();
  readonly #backward = new WeightedValues();
  readonly #fresh = FRESHNESS_LIMITS_MS.map(() => 0);
  #gridMoments = 0;
  #gridUs = Number.NaN;
  #startUs = Number.NaN;
  #lastUs = Number.NaN;
  #states = 0;
  #endUs = Number.NaN;
  #isOverlap = true;
  #pending: { fromUs: number; mid: number; forward: number; backward: number } | null = null;

  quote(book: 0 | 1, bidPx: number, askPx: number, atUs: number): void {
    this.#advance(atUs);
    const b = this.#books[book];
    if (b.quotes > 0) b.largestGapUs = Math.max(b.largestGapUs, atUs - b.atUs);
    b.bidPx = bidPx;
    b.askPx = askPx;
    b.atUs = atUs;
    b.quotes++;
    if (this.#isOverlap && this.#books.every((x) => x.quotes > 0)) this.#enter(atUs);
  }

  /** The tape that ends first has given its last quote: later ones of the other count, but are no overlap. */
  endOverlap(): void {
    if (!this.#isOverlap) return;
    this.#isOverlap = false;
    this.#endUs = this.#lastUs;
    this.#pending = null;
  }

  result(unixMsOfZero: number): Measures | null {
    this.endOverlap();
    const endUs = this.#endUs;
    const [mid, forward, backward] = [this.#mid.quantiles(), this.#forward.quantiles(), this.#backward.quantiles()];
    if (mid === null || forward === null || backward === null) return null;
    const [a, b] = this.#books;
    return {
      quotes: [a.quotes, b.quotes],
      largestGapMs: [a.largestGapUs / US_PER_MS, b.largestGapUs / US_PER_MS],
      overlapFromUnixMs: unixMsOfZero + this.#startUs / US_PER_MS,
      overlapToUnixMs: unixMsOfZero + endUs / US_PER_MS,
      overlapS: (endUs - this.#startUs) / US_PER_MS / MS_PER_S,
      mergedStates: this.#states,
      bothFresh: FRESHNESS_LIMITS_MS.map((withinMs, i) => ({ withinMs, share: this.#fresh[i]! / this.#gridMoments })),
      midBps: mid,
      sellABuyBBps: forward,
      sellBBuyABps: backward,
    };
  }

  #advance(toUs: number): void {
    if (this.#isOverlap) this.#walkGrid(toUs);
    const p = this.#pending;
    if (p === null) return;
    const weight = toUs - p.fromUs;
    this.#mid.add(p.mid, weight);
    this.#forward.add(p.forward, weight);
    this.#backward.add(p.backward, weight);
    p.fromUs = toUs;
  }

  #enter(atUs: number): void {
    const [a, b] = this.#books;
    if (Number.isNaN(this.#startUs)) {
      this.#startUs = atUs;
      this.#gridUs = atUs;
    }
    const midA = (a.bidPx + a.askPx) / 2;
    const midB = (b.bidPx + b.askPx) / 2;
    const reference = (midA + midB) / 2;
    this.#pending = {
      fromUs: atUs,
      mid: bpsOf(midB - midA, reference),
      forward: bpsOf(a.bidPx - b.askPx, reference),
      backward: bpsOf(b.bidPx - a.askPx, reference),
    };
    this.#states++;
    this.#lastUs = atUs;
  }

  /** The books hold their last quotes until `toUs`: asks every grid moment before it. */
  #walkGrid(toUs: number): void {
    if (Number.isNaN(this.#gridUs) || Number.isNaN(this.#lastUs)) return;
    const older = Math.min(this.#books[0].atUs, this.#books[1].atUs);
    for (; this.#gridUs < toUs; this.#gridUs += FRESHNESS_GRID_MS * US_PER_MS) {
      this.#gridMoments++;
      for (const [i, limitMs] of FRESHNESS_LIMITS_MS.entries()) if (this.#gridUs - older <= limitMs * US_PER_MS) this.#fresh[i]!++;
    }
  }
}
