/**
 * How far a venue's clock is from ours. Two witnesses: REST server time (smallest round trip of several), and the
 * frames' own stamps, whose smallest apparent delay bounds the offset from below. Where they contradict each other
 * the frames win, for quotes are aged with their stamps. Being seconds apart is ordinary and no fault.
 */
import type { VenueClockReport } from '../../../../src-shared/domain/venueLink.ts';
import { MS_PER_MIN, US_PER_MS } from '../../../../src-shared/domain/units.ts';

/** Two halves make the rolling window of the smallest delay. */
export const HALF_WINDOW_US = MS_PER_MIN * US_PER_MS;
/** More than this between stamp and arrival is not the network but the clock. */
export const MAX_TRANSIT_MS = 500;
/** A server time is cut to whole milliseconds: on average half of one is missing. */
const CUT_MS = 0.5;

export interface TimeSample {
  readonly serverMs: number;
  /** Our clock half way between question and answer. */
  readonly midUnixMs: number;
  readonly roundTripMs: number;
}

/** The sample with the smallest round trip, for its error is at most half of that. */
export const bestOf = (samples: readonly TimeSample[]): TimeSample | null =>
  samples.reduce<TimeSample | null>((best, sample) => (best === null || sample.roundTripMs < best.roundTripMs ? sample : best), null);

export class ClockOffset {
  #rest: TimeSample | null = null;
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #halfEndsUs = Number.NEGATIVE_INFINITY;

  setRest(sample: TimeSample): void {
    this.#rest = sample;
  }

  /** Hot path. `venueMs` NaN = the frame carries no time. */
  frame(venueMs: number, receivedUnixMs: number, nowUs: number): void {
    if (nowUs >= this.#halfEndsUs) this.#turn(nowUs);
    const delayMs = receivedUnixMs - venueMs;
    if (delayMs < this.#least) this.#least = delayMs;
  }

  #turn(nowUs: number): void {
    this.#leastBefore = nowUs - this.#halfEndsUs < HALF_WINDOW_US ? this.#least : Number.POSITIVE_INFINITY;
    this.#least = Number.POSITIVE_INFINITY;
    this.#halfEndsUs = nowUs + HALF_WINDOW_US;
  }

  /** Our clock was set: what was measured with the old one says nothing. */
  forget(): void {
    this.#rest = null;
    this.#least = Number.POSITIVE_INFINITY;
    this.#leastBefore = Number.POSITIVE_INFINITY;
  }

  /** Smallest received − stamp of the window, ms; null without stamped frames. */
  get leastDelayMs(): number | null {
    const least = Math.min(this.#least, this.#leastBefore);
    return Number.isFinite(least) ? least : null;
  }

  /** How far the frames' bound lies outside of what REST said; 0 when they agree or one is missing. */
  get contradictionMs(): number {
    const least = this.leastDelayMs;
    if (this.#rest === null || least === null) return 0;
    const { offsetMs, uncertaintyMs } = ofRest(this.#rest);
    const transitMs = least + offsetMs;
    if (transitMs < -uncertaintyMs) return transitMs;
    return transitMs > MAX_TRANSIT_MS + uncertaintyMs ? transitMs : 0;
  }

  estimate(): VenueClockReport | null {
    if (this.#rest !== null && this.contradictionMs === 0) return ofRest(this.#rest);
    const least = this.leastDelayMs;
    if (least === null) return this.#rest === null ? null : ofRest(this.#rest);
    return { offsetMs: -least, uncertaintyMs: MAX_TRANSIT_MS, roundTripMs: this.#rest?.roundTripMs ?? null };
  }
}

const ofRest = ({ serverMs, midUnixMs, roundTripMs }: TimeSample): VenueClockReport => ({
  offsetMs: serverMs + CUT_MS - midUnixMs,
  uncertaintyMs: roundTripMs / 2 + CUT_MS,
  roundTripMs,
});
