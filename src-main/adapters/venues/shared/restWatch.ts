/**
 * The slow side of a feed: instrument metadata and server time over REST, at the start, when a connection came back,
 * and at intervals. Failures are shown as a note of the link and tried again later; they never stop the stream.
 */
import type { InstrumentExpectation } from '../../../../src-shared/domain/instrument.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { InstrumentIndex, VenueId } from '../../../../src-shared/domain/ids.ts';
import { MS_PER_S } from '../../../../src-shared/domain/units.ts';
import type { VenueClockReport } from '../../../../src-shared/domain/venueLink.ts';
import { Backoff, REST_BACKOFF } from './backoff.ts';
import { bestOf } from './clockOffset.ts';
import type { ClockOffset, TimeSample } from './clockOffset.ts';
import { mismatchesOf } from './instrumentSource.ts';
import type { Finding, Get, VenueRest } from './instrumentSource.ts';
import type { LinkReporter } from './linkReporter.ts';
import { pause } from './timers.ts';
import type { Timers } from './timers.ts';
import type { VenueHttp } from './venueHttp.ts';

export const METADATA_EVERY_MS = 1_800_000;
/** Flapping connections do not ask more often than this. */
export const METADATA_MIN_GAP_MS = 30_000;
export const CLOCK_EVERY_MS = 60_000;
export const CLOCK_SAMPLES = 5;
const CLOCK_LOOK_EVERY_MS = 5_000;
/** A smaller change of the offset is not worth an event. */
const CLOCK_CHANGE_MS = 1;

export interface FeedInstrument {
  readonly index: InstrumentIndex;
  readonly symbol: string;
  readonly expected: InstrumentExpectation;
}

export interface RestWatchSettings {
  readonly venueId: VenueId;
  readonly instruments: readonly FeedInstrument[];
  readonly rest: VenueRest;
  readonly http: VenueHttp;
  readonly offset: ClockOffset;
  readonly reporter: LinkReporter;
  readonly timers: Timers;
  readonly random: () => number;
}

export class RestWatch {
  readonly #settings: RestWatchSettings;
  readonly #ending = new AbortController();
  readonly #said = new Map<string, string>();
  #isRefreshWanted = false;
  #wakeUp: () => void = () => undefined;
  #saidClock: VenueClockReport | null = null;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(settings: RestWatchSettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#loops = Promise.all([this.#watchMetadata(), this.#watchClock()]);
  }

  /** Asks for metadata again soon: what a venue changed while we were away must not go unseen. */
  refresh(): void {
    this.#isRefreshWanted = true;
    this.#wakeUp();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#settings.http.close();
    await this.#loops;
  }

  /** Waits as often as our own request limit wants; gives up waiting when the feed stops. */
  readonly #get: Get = async (path) => {
    const { http, timers } = this.#settings;
    for (;;) {
      const outcome = await http.get(path, this.#ending.signal);
      if (outcome.ok || outcome.code !== 'rate-limited' || outcome.status !== null || outcome.retryAfterMs > OWN_LIMIT_MS) return outcome;
      await pause(timers, outcome.retryAfterMs, this.#ending.signal);
      if (this.#ending.signal.aborted) return outcome;
    }
  };

  async #watchMetadata(): Promise<void> {
    const { venueId, instruments, rest, reporter, timers, random } = this.#settings;
    const backoff = new Backoff(REST_BACKOFF, random);
    const symbols = instruments.map(({ symbol }) => symbol);
    while (!this.#ending.signal.aborted) {
      this.#isRefreshWanted = false;
      const found = await rest.fetchInstruments(venueId, symbols, this.#get);
      if (this.#ending.signal.aborted) return;
      if (found.ok) {
        backoff.reset();
        reporter.note('metadata', null);
        for (const finding of found.findings) this.#say(finding);
        await pause(timers, METADATA_MIN_GAP_MS, this.#ending.signal);
        await this.#untilRefresh(METADATA_EVERY_MS - METADATA_MIN_GAP_MS);
      } else {
        reporter.note('metadata', `instrument metadata cannot be had: ${found.text}`);
        await pause(timers, Math.max(backoff.nextDelayMs(), found.retryAfterMs), this.#ending.signal);
      }
    }
  }

  async #untilRefresh(longestMs: number): Promise<void> {
    if (this.#isRefreshWanted) return;
    const early = new AbortController();
    this.#wakeUp = () => early.abort();
    await pause(this.#settings.timers, longestMs, AbortSignal.any([early.signal, this.#ending.signal]));
    this.#wakeUp = () => undefined;
  }

  /** Only what is new: the engine journals what it hears. */
  #say(finding: Finding): void {
    const { venueId, instruments, reporter } = this.#settings;
    const words = JSON.stringify(finding);
    if (this.#said.get(finding.symbol) === words) return;
    this.#said.set(finding.symbol, words);
    const key = `instrument ${finding.symbol}`;
    if ('missing' in finding) {
      const instrumentId = instrumentIdOf(finding.symbol, venueId);
      return reporter.say(key, { type: 'instrument-missing', instrumentId, why: finding.missing });
    }
    const expected = instruments.find(({ symbol }) => symbol === finding.symbol)?.expected ?? {};
    const { instrument } = finding;
    reporter.say(key, { type: 'instrument', instrument, mismatches: mismatchesOf(expected, instrument) });
  }

  async #watchClock(): Promise<void> {
    const { offset, reporter, timers, random } = this.#settings;
    const backoff = new Backoff(REST_BACKOFF, random);
    while (!this.#ending.signal.aborted) {
      const samples: TimeSample[] = [];
      let failed: string | null = null;
      while (samples.length < CLOCK_SAMPLES && failed === null && !this.#ending.signal.aborted) {
        const sample = await this.#askTime();
        if (typeof sample === 'string') failed = sample;
        else samples.push(sample);
      }
      if (this.#ending.signal.aborted) return;
      const best = bestOf(samples);
      if (best !== null) offset.setRest(best);
      reporter.note('clock', failed === null ? null : `server time cannot be had: ${failed}`);
      if (failed === null) backoff.reset();
      // Between two REST readings the frames still may tell that they were wrong.
      for (let leftMs = failed === null ? CLOCK_EVERY_MS : backoff.nextDelayMs(); leftMs > 0; leftMs -= CLOCK_LOOK_EVERY_MS) {
        if (this.#ending.signal.aborted) return;
        this.#sayClock();
        await pause(timers, Math.min(leftMs, CLOCK_LOOK_EVERY_MS), this.#ending.signal);
      }
    }
  }

  #sayClock(): void {
    const { offset, reporter } = this.#settings;
    const report = offset.estimate();
    const before = this.#saidClock;
    const contradictionS = Math.round(offset.contradictionMs / MS_PER_S);
    reporter.note('stamps', contradictionS === 0 ? null : `the stream's stamps are ${contradictionS} s off the server's REST time`);
    if (report === null) return;
    if (before !== null && Math.abs(before.offsetMs - report.offsetMs) < CLOCK_CHANGE_MS && before.roundTripMs === report.roundTripMs)
      return;
    this.#saidClock = report;
    reporter.clock(report);
  }

  async #askTime(): Promise<TimeSample | string> {
    const { rest } = this.#settings;
    const outcome = await this.#get(rest.timePath);
    if (!outcome.ok) return outcome.text;
    const serverMs = rest.readTime(outcome.value);
    return serverMs === null
      ? `${rest.timePath}: no time in the answer`
      : { serverMs, midUnixMs: outcome.midUnixMs, roundTripMs: outcome.roundTripMs };
  }
}

/** Our own request limit never asks for longer; the venue's `Retry-After` does. */
const OWN_LIMIT_MS = 2_000;
