/**
 * What the engine hears of a venue beside quotes: link state, counters, clock. Says a thing once, keeps what the
 * engine's full queue refused and offers it again, and never more than one report of a kind.
 */
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { LinkState, VenueClockReport, VenueCounters } from '../../../../src-shared/domain/venueLink.ts';
import type { ControlInput } from '../../../core/events.ts';
import type { ControlInlet } from '../../../runtime/ports.ts';

export const MAX_MALFORMED_CHARS = 200;
/** Sentences are cut here: a venue's text may be long. */
export const MAX_DETAIL_CHARS = 400;

export class LinkReporter {
  readonly #venueId: VenueId;
  readonly #inlet: ControlInlet;
  /** The newest report of each kind that the engine has not taken yet; at most one a kind and instrument. */
  readonly #waiting = new Map<string, ControlInput>();
  readonly #notes = new Map<string, string>();
  #isEnded = false;
  #state: LinkState = 'idle';
  #detail = '';
  #saidLink = '';
  #saidCounters = '';
  #frames = 0;
  #malformedFrames = 0;
  #outOfOrderFrames = 0;
  #reconnects = 0;
  #lastMalformed: string | null = null;

  constructor(venueId: VenueId, inlet: ControlInlet) {
    this.#venueId = venueId;
    this.#inlet = inlet;
  }

  countFrame(): void {
    this.#frames++;
  }

  countOutOfOrder(): void {
    this.#outOfOrderFrames++;
  }

  countReconnect(): void {
    this.#reconnects++;
  }

  countMalformed(why: string, frame: Buffer): void {
    this.#malformedFrames++;
    const text = frame.toString('utf8', 0, MAX_MALFORMED_CHARS);
    this.#lastMalformed = `${why}: ${text}`.replace(/\s+/g, ' ').slice(0, MAX_MALFORMED_CHARS);
  }

  link(state: LinkState, detail: string): void {
    this.#state = state;
    this.#detail = detail;
    this.#sayLink();
  }

  /** The last word: remarks about what we would try again say nothing any more. */
  end(detail: string): void {
    this.#notes.clear();
    this.link('down', detail);
    this.#isEnded = true;
  }

  /** A standing remark shown with the link (metadata that cannot be had, clocks that disagree); null takes it back. */
  note(subject: string, text: string | null): void {
    if (this.#isEnded) return;
    if (text === null) this.#notes.delete(subject);
    else this.#notes.set(subject, text);
    if (this.#state !== 'idle') this.#sayLink();
  }

  clock(report: VenueClockReport): void {
    this.say('clock', { type: 'venue-clock', venueId: this.#venueId, report });
  }

  counters(fallbackDecodes: number): void {
    const counters: VenueCounters = {
      frames: this.#frames,
      malformedFrames: this.#malformedFrames,
      outOfOrderFrames: this.#outOfOrderFrames,
      fallbackDecodes,
      reconnects: this.#reconnects,
      lastMalformed: this.#lastMalformed,
    };
    const words = JSON.stringify(counters);
    if (words === this.#saidCounters) return;
    this.#saidCounters = words;
    this.say('counters', { type: 'venue-counters', venueId: this.#venueId, counters });
  }

  /** Offers `event`; if the engine is full, it replaces an older one under the same key and waits. */
  say(key: string, event: ControlInput): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, event);
    this.offerWaiting();
  }

  offerWaiting(): void {
    for (const [key, event] of this.#waiting) {
      if (this.#inlet.offer(event) === 'full') return;
      this.#waiting.delete(key);
    }
  }

  #sayLink(): void {
    const detail = [this.#detail, ...this.#notes.values()].join('; ').slice(0, MAX_DETAIL_CHARS);
    const words = `${this.#state} ${detail}`;
    if (words === this.#saidLink) return;
    this.#saidLink = words;
    this.say('link', { type: 'venue-link', venueId: this.#venueId, report: { state: this.#state, detail } });
  }
}
