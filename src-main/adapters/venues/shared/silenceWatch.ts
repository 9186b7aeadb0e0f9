/**
 * When each instrument was last heard. A connection can be alive while one of its channels is dead, hence the watch
 * is per instrument. What repeats or comes late counts: it proves that the channel lives.
 */
import { MS_PER_S, US_PER_MS } from '../../../../src-shared/domain/units.ts';

export class SilenceWatch {
  readonly #symbols: readonly string[];
  readonly #limitUs: number;
  /** NaN = not watched: never subscribed, or refused. */
  readonly #heardUs: Float64Array;

  constructor(symbols: readonly string[], limitMs: number) {
    this.#symbols = symbols;
    this.#limitUs = limitMs * US_PER_MS;
    this.#heardUs = new Float64Array(symbols.length).fill(Number.NaN);
  }

  /** A cold connection: what it has subscribed is watched from now on. */
  restart(nowUs: number, isSubscribed: (slot: number) => boolean): void {
    for (const slot of this.#symbols.keys()) this.#heardUs[slot] = isSubscribed(slot) ? nowUs : Number.NaN;
  }

  /** A hand-over: what was watched keeps its age, what is new is watched from now on. */
  carryOver(nowUs: number, isSubscribed: (slot: number) => boolean): void {
    for (const slot of this.#symbols.keys()) {
      if (!isSubscribed(slot)) this.#heardUs[slot] = Number.NaN;
      else if (Number.isNaN(this.#heardUs[slot]!)) this.#heardUs[slot] = nowUs;
    }
  }

  heard(slot: number, nowUs: number): void {
    this.#heardUs[slot] = nowUs;
  }

  isSpeaking(slot: number, nowUs: number): boolean {
    return nowUs - this.#heardUs[slot]! <= this.#limitUs;
  }

  /** Names the silent instruments; null when all speak. */
  words(nowUs: number): string | null {
    const silent = this.#symbols.filter((_, slot) => nowUs - this.#heardUs[slot]! > this.#limitUs);
    return silent.length === 0 ? null : `${silent.join(', ')}: no quote for ${this.#limitUs / US_PER_MS / MS_PER_S} s`;
  }
}
