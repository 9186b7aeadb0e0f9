/**
 * Which quotes are news: ids must rise per instrument. Two sockets of one hand-over feed the same sequence, so that
 * neither a gap nor a repeat shows. A venue that restarted its numbering is believed after a while.
 */
import type { ExactInteger } from '../../../../src-shared/domain/quote.ts';
import { US_PER_S } from '../../../../src-shared/domain/units.ts';

/** Ids that stay behind the last one for this long are a new numbering, not late frames. */
export const RENUMBERED_AFTER_US = 5 * US_PER_S;

/** `repeat` and `late` are not news, but prove that the channel lives. */
export type Order = 'news' | 'repeat' | 'late';

export class QuoteSequence {
  readonly #lastIds: (ExactInteger | null)[];
  readonly #lateSinceUs: Float64Array;

  constructor(slots: number) {
    this.#lastIds = Array.from({ length: slots }, () => null);
    this.#lateSinceUs = new Float64Array(slots).fill(Number.NaN);
  }

  /** `previousId` is what the venue says went before; an id below it announces a reset of the numbering. */
  take(slot: number, id: ExactInteger | null, previousId: ExactInteger | null, nowUs: number): Order {
    if (id === null) return 'news';
    const last = this.#lastIds[slot] ?? null;
    if (last !== null && id <= last && !(previousId !== null && id < previousId)) {
      // Not by ===: one may be a number and the other a bigint.
      if (!(id < last)) return 'repeat';
      const sinceUs = this.#lateSinceUs[slot]!;
      if (Number.isNaN(sinceUs)) this.#lateSinceUs[slot] = nowUs;
      if (!(nowUs - sinceUs >= RENUMBERED_AFTER_US)) return 'late';
    }
    this.#lastIds[slot] = id;
    this.#lateSinceUs[slot] = Number.NaN;
    return 'news';
  }

  /** A cold connection begins anew: whatever comes first is the anchor. */
  forget(): void {
    this.#lastIds.fill(null);
    this.#lateSinceUs.fill(Number.NaN);
  }
}
