/** How long to wait after the n-th failure in a row: doubling, bounded, half of it random. */

export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

export const RECONNECT_BACKOFF: BackoffBounds = { firstMs: 500, maxMs: 30_000 };
/** A quiet market looks like a dead channel: hand-overs that a silence asks for grow rare. */
export const HANDOVER_BACKOFF: BackoffBounds = { firstMs: 5_000, maxMs: 300_000 };
export const REST_BACKOFF: BackoffBounds = { firstMs: 2_000, maxMs: 120_000 };

export class Backoff {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives [0, 1). */
  constructor(bounds: BackoffBounds, random: () => number) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** Counts a failure; the delay is between one half and the whole of `firstMs × 2^failures`, at most `maxMs`. */
  nextDelayMs(): number {
    const whole = Math.min(this.#bounds.maxMs, this.#bounds.firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.round(whole * (0.5 + this.#random() / 2));
  }

  reset(): void {
    this.#failures = 0;
  }
}
