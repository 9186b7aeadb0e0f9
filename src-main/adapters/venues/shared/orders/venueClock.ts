/**
 * The venue's clock as seen from here: smallest round trip of several, measured each minute and whenever the venue says that we are
 * off. Runs on monotonic time from the measurement on, so that setting our own clock moves nothing. Without a measurement there is
 * no time, and then nothing may be stamped.
 */
import { MS_PER_MIN, US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { Backoff, REST_BACKOFF } from '../backoff.ts';
import { bestOf, ClockOffset } from '../clockOffset.ts';
import type { TimeSample } from '../clockOffset.ts';
import type { Timers } from '../timers.ts';

export const CLOCK_SAMPLES = 5;
/** Wall clock against monotonic clock within one measurement: more than slewing and a busy processor do means that it was set. */
export const MAX_OWN_STEP_MS = 250;
export const CLOCK_EVERY_MS = MS_PER_MIN;
/** A measurement is wrong by up to half its round trip; Binance refuses what is a second ahead of it. */
export const MAX_ROUND_TRIP_MS = 1_500;
/** While there is no time nothing can be stamped, not even a cancel: it is asked for again soon. */
export const NO_TIME_BACKOFF = { firstMs: 500, maxMs: 4_000 } as const;
/** Two quartz clocks may part by 100 ms in this time. */
export const CLOCK_KEEPS_MS = 15 * MS_PER_MIN;

const OWN_CLOCK_SET = 'our own clock was set meanwhile';

export interface VenueClockParts {
  /** Asks the venue for its time; a sentence = why it did not say. */
  readonly ask: () => Promise<TimeSample | string>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  /** A measurement came, or the last one is believed no more. */
  readonly changed: () => void;
}

interface Measured {
  /** Venue's Unix ms minus our monotonic ms. */
  readonly aheadMs: number;
  readonly atUs: number;
  readonly roundTripMs: number;
}

export class VenueClock {
  readonly #parts: VenueClockParts;
  readonly #backoff: Backoff;
  readonly #noTimeBackoff: Backoff;
  #measured: Measured | null = null;
  #measuring: Promise<void> | null = null;
  #cancel: () => void = () => undefined;
  #running = false;
  #why = 'the venue’s clock has not been measured yet';

  constructor(parts: VenueClockParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(REST_BACKOFF, parts.random);
    this.#noTimeBackoff = new Backoff(NO_TIME_BACKOFF, parts.random);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.measure();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** The venue's Unix ms now; null = it is not known. */
  unixMs(): number | null {
    const nowUs = this.#parts.clock.monoUs();
    if (this.#measured === null || nowUs - this.#measured.atUs > CLOCK_KEEPS_MS * US_PER_MS) return null;
    return nowUs / US_PER_MS + this.#measured.aheadMs;
  }

  /** Round trip of the measurement in use, ms; its error is at most half of that. */
  get roundTripMs(): number | null {
    return this.#measured?.roundTripMs ?? null;
  }

  /** Why there is no time; empty while there is one. */
  get why(): string {
    return this.unixMs() === null ? this.#why : '';
  }

  /** The venue refused our stamp: what was measured is wrong, and nothing is stamped until it was measured anew. */
  distrust(why: string): void {
    this.#measured = null;
    this.#why = `the venue refused our time stamp (${why}); its clock is measured anew`;
    this.#parts.changed();
    void this.measure();
  }

  /** Resolves when a measurement has been tried; calls while one is under way share it. */
  measure(): Promise<void> {
    return (this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = null;
    }));
  }

  async #measure(): Promise<void> {
    this.#cancel();
    const { ask, clock, timers, changed } = this.#parts;
    const ownMs = (): number => clock.unixMs() - clock.monoUs() / US_PER_MS;
    const ownBeforeMs = ownMs();
    const samples: TimeSample[] = [];
    let failed: string | null = null;
    while (samples.length < CLOCK_SAMPLES && failed === null) {
      const sample = await ask();
      if (typeof sample === 'string') failed = sample;
      else samples.push(sample);
    }
    const best = bestOf(samples);
    // Samples are on the wall clock: set meanwhile, it would put the venue's time, and until when an order holds, off by as much.
    if (Math.abs(ownMs() - ownBeforeMs) > MAX_OWN_STEP_MS) failed = OWN_CLOCK_SET;
    const isGood = failed !== OWN_CLOCK_SET && best !== null && best.roundTripMs <= MAX_ROUND_TRIP_MS;
    if (isGood) {
      const offset = new ClockOffset();
      offset.setRest(best);
      const atUs = clock.monoUs();
      const aheadMs = clock.unixMs() - atUs / US_PER_MS + (offset.estimate()?.offsetMs ?? 0);
      this.#measured = { aheadMs, atUs, roundTripMs: best.roundTripMs };
      this.#backoff.reset();
      this.#noTimeBackoff.reset();
    } else {
      const words = failed ?? `the quickest answer took ${Math.round(best?.roundTripMs ?? 0)} ms`;
      this.#why = `the venue’s clock cannot be measured: ${words}`;
    }
    const backoff = this.unixMs() === null ? this.#noTimeBackoff : this.#backoff;
    if (this.#running) this.#cancel = timers.after(isGood ? CLOCK_EVERY_MS : backoff.nextDelayMs(), () => void this.measure());
    changed();
  }
}
