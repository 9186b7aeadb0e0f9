/**
 * Exact time-weighted quantiles of a whole tape: every value is kept with its duration and sorted once at the end.
 * For reports only, where memory may grow with the tape; the engine's own statistics are `core/rollingStats`.
 */

export interface Quantiles {
  readonly min: number;
  readonly p10: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Share of the time above zero, 0–1. */
  readonly positiveShare: number;
}

export class WeightedValues {
  #values = new Float64Array(1024);
  #weights = new Float64Array(1024);
  #count = 0;

  add(value: number, weight: number): void {
    if (weight <= 0) return;
    if (this.#count === this.#values.length) {
      this.#values = grown(this.#values);
      this.#weights = grown(this.#weights);
    }
    this.#values[this.#count] = value;
    this.#weights[this.#count++] = weight;
  }

  /** The smallest value whose cumulative weight reaches the share; null when nothing was added. */
  quantiles(): Quantiles | null {
    if (this.#count === 0) return null;
    const order = Array.from({ length: this.#count }, (_, i) => i).sort((a, b) => this.#values[a]! - this.#values[b]!);
    const total = order.reduce((sum, i) => sum + this.#weights[i]!, 0);
    const at = (share: number): number => {
      let sum = 0;
      for (const i of order) {
        sum += this.#weights[i]!;
        if (sum >= share * total) return this.#values[i]!;
      }
      return this.#values[order.at(-1)!]!;
    };
    const positive = order.reduce((sum, i) => (this.#values[i]! > 0 ? sum + this.#weights[i]! : sum), 0);
    return {
      min: this.#values[order[0]!]!,
      p10: at(0.1),
      p50: at(0.5),
      p75: at(0.75),
      p90: at(0.9),
      p99: at(0.99),
      max: this.#values[order.at(-1)!]!,
      positiveShare: positive / total,
    };
  }
}

const grown = (from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
};
