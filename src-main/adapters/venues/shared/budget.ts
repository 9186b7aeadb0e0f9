/**
 * Allowances of a venue: so many acts within a sliding window. Asked before the act, hence never exceeded here; the
 * venue counts arrivals, not departures, therefore we plan with a share of what it documents.
 */
import { US_PER_MS } from '../../../../src-shared/domain/units.ts';

export interface Allowance {
  readonly max: number;
  readonly windowMs: number;
}

/** Of a documented allowance we use this share: jitter on the way may squeeze our acts together. */
export const USED_SHARE = 0.8;
export const prudent = (documented: number, windowMs: number): Allowance => ({
  max: Math.max(1, Math.floor(documented * USED_SHARE)),
  windowMs,
});

export class Budget {
  readonly #windowUs: number;
  /** Times of the last `max` acts, as a ring; the oldest is overwritten next. */
  readonly #takenUs: Float64Array;
  #next = 0;

  constructor({ max, windowMs }: Allowance) {
    this.#windowUs = windowMs * US_PER_MS;
    this.#takenUs = new Float64Array(max).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes one and returns 0, or takes none and returns the milliseconds until one is free. */
  take(nowUs: number): number {
    const freeAtUs = this.#takenUs[this.#next]! + this.#windowUs;
    if (freeAtUs > nowUs) return Math.ceil((freeAtUs - nowUs) / US_PER_MS);
    this.#takenUs[this.#next] = nowUs;
    this.#next = (this.#next + 1) % this.#takenUs.length;
    return 0;
  }
}
