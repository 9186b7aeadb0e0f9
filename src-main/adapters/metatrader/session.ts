/**
 * Which EA may speak for a venue, and which of its requests are new. Owns session ids, the epoch and the
 * sequence; knows nothing of quotes. Invariants: at most one session is current; the epoch is on disk before a
 * session with it is announced; a sequence number is applied once, and means one message for ever.
 */
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { WireRefusal } from './fieldsWire.ts';

/** Durable memory of epochs. */
export interface EpochStore {
  /** Raises the venue's epoch by one, durably, and returns it. The first is 1. @throws when it cannot be kept. */
  next(venueId: VenueId): number;
  /** The last one given out; 0 when none was. */
  last(venueId: VenueId): number;
  /** How often KILL was pressed on the chart as far as it has been obeyed; without this memory it lasts as long as the engine. */
  presses?(venueId: VenueId): { readonly bootId: string; readonly presses: number } | null;
  rememberPresses?(venueId: VenueId, bootId: string, presses: number): void;
}

export type Admission =
  /** New: apply it. `missed` counts sequence numbers that never came. */
  | { readonly kind: 'new'; readonly missed: number }
  /** The repeat of the last request: answer anew, apply nothing. `command`: the one its answer carried, else empty. */
  | { readonly kind: 'repeat'; readonly command: string }
  /** A late copy of one before the last: acknowledge, apply nothing. */
  | { readonly kind: 'stale' };

export interface CurrentSession {
  readonly id: string;
  readonly epoch: number;
}

/** Which run of an EA says hello, and when by its own monotonic clock; null where an old EA does not say. */
export interface HelloMark {
  readonly bootId: string;
  readonly monoMs: number | null;
}

/** Sessions that one run of an EA may have had and still be told to say hello again. */
const REMEMBERED_SESSIONS = 64;
/** Sessions, and runs of EAs, that are remembered for as long as the engine runs. */
const REMEMBERED_GIVEN = 1_024;
const LATE_COPY = 'a late copy of a hello that was answered';
/** So many of the newest numbers are told apart into applied and never seen. */
export const REMEMBERED_NUMBERS = 1_024;

export interface SessionFence {
  current(): CurrentSession | null;
  /** Whether it gave out this session since the engine started. */
  knows(sessionId: string): boolean;
  /**
   * What a hello leads to: a new session (nothing has changed yet), or once more the one that it already opened and that nobody
   * has used. @throws WireRefusal 400 for a late copy: it would fence off the very EA that sent it.
   */
  candidate(mark: HelloMark): { readonly session: CurrentSession; readonly repeated: boolean };
  /** Makes the candidate current and ends every earlier session. @throws when its epoch cannot be made durable: then nothing changes. */
  open(candidate: CurrentSession, mark: HelloMark): void;
  /**
   * `mark` tells one message from another: the path, and what a trading message says. @throws WireRefusal 409 `superseded` or
   * `unknown-session`; 400 for a number that was used for another message, or is older than the last and never came.
   */
  admit(sessionId: string, epoch: number, seq: number, mark: string): Admission;
  /** Its content has been taken; from now on the same number is a repeat. */
  applied(seq: number, mark: string): void;
  /** Its answer carries this command. */
  carried(seq: number, commandId: string): void;
}

class Fence implements SessionFence {
  readonly #venueId: VenueId;
  readonly #epochs: EpochStore;
  readonly #randomId: () => string;
  #current: CurrentSession | null = null;
  #lastSeq = 0;
  #lastMark = '';
  #command = '';
  #lastHello: HelloMark | null = null;
  readonly #sessionsOfBoot = new Set<string>();
  readonly #given = new Set<string>();
  /** When each run of an EA said its last hello, by its own clock. */
  readonly #hellos = new Map<string, number>();
  readonly #applied = new Set<number>();

  constructor(venueId: VenueId, epochs: EpochStore, randomId: () => string) {
    this.#venueId = venueId;
    this.#epochs = epochs;
    this.#randomId = randomId;
  }

  current(): CurrentSession | null {
    return this.#current;
  }

  knows(sessionId: string): boolean {
    return this.#given.has(sessionId);
  }

  candidate({ bootId, monoMs }: HelloMark): { readonly session: CurrentSession; readonly repeated: boolean } {
    const last = this.#lastHello;
    if (this.#current !== null && last?.bootId === bootId && monoMs !== null && last.monoMs !== null && monoMs <= last.monoMs) {
      if (monoMs === last.monoMs && this.#lastSeq === 0) return { session: this.#current, repeated: true };
      throw new WireRefusal(400, 'out-of-order', 'mono_ms', LATE_COPY);
    }
    // Another EA has taken over since: a copy would fence that one off, and nobody would speak with the session it opens.
    const known = last?.bootId === bootId ? null : (this.#hellos.get(bootId) ?? null);
    if (known !== null && monoMs !== null && monoMs <= known) throw new WireRefusal(400, 'out-of-order', 'mono_ms', LATE_COPY);
    return { session: { id: this.#randomId(), epoch: this.#epochs.last(this.#venueId) + 1 }, repeated: false };
  }

  open(candidate: CurrentSession, mark: HelloMark): void {
    const epoch = this.#epochs.next(this.#venueId);
    if (epoch !== candidate.epoch) throw new Error(`epoch ${epoch} was given out instead of ${candidate.epoch}`);
    this.#current = candidate;
    if (mark.bootId !== this.#lastHello?.bootId || this.#sessionsOfBoot.size >= REMEMBERED_SESSIONS) this.#sessionsOfBoot.clear();
    this.#sessionsOfBoot.add(candidate.id);
    this.#given.add(candidate.id);
    if (mark.monoMs !== null) this.#hellos.set(mark.bootId, mark.monoMs);
    for (const kept of [this.#given, this.#hellos])
      for (const oldest of kept.keys()) {
        if (kept.size <= REMEMBERED_GIVEN) break;
        kept.delete(oldest);
      }
    this.#lastHello = mark;
    this.#lastSeq = 0;
    this.#lastMark = '';
    this.#command = '';
    this.#applied.clear();
  }

  admit(sessionId: string, epoch: number, seq: number, mark: string): Admission {
    if (this.#current === null || sessionId !== this.#current.id) return this.#refuse(sessionId, epoch);
    if (epoch !== this.#current.epoch)
      throw new WireRefusal(400, 'bad-field', 'epoch', `the epoch of this session is ${this.#current.epoch}`);
    if (seq > this.#lastSeq) return { kind: 'new', missed: seq - this.#lastSeq - 1 };
    if (seq === this.#lastSeq) {
      if (mark === this.#lastMark) return { kind: 'repeat', command: this.#command };
      throw new WireRefusal(400, 'seq-reused', 'seq', `number ${seq} was used for another message: a new one needs a new number`);
    }
    if (this.#applied.has(seq)) return { kind: 'stale' };
    throw new WireRefusal(
      400,
      'out-of-order',
      'seq',
      `number ${seq} comes after ${this.#lastSeq} and was not taken: send it under a new number`,
    );
  }

  applied(seq: number, mark: string): void {
    this.#lastSeq = seq;
    this.#lastMark = mark;
    this.#command = '';
    this.#applied.add(seq);
    if (this.#applied.size > REMEMBERED_NUMBERS) for (const oldest of this.#applied) return void this.#applied.delete(oldest);
  }

  carried(seq: number, commandId: string): void {
    if (seq === this.#lastSeq) this.#command = commandId;
  }

  #refuse(sessionId: string, epoch: number): never {
    const last = this.#epochs.last(this.#venueId);
    // A session from before a restart of the engine carries the last epoch: it may say hello again. Anything
    // older was fenced off on purpose, and an EA that re-opened it would fight the newer one for ever.
    // Unless it is the same run of the same EA, overtaken by a copy of its own hello.
    const isOwn = this.#current !== null && this.#sessionsOfBoot.has(sessionId);
    if (!isOwn && (epoch < last || this.#current !== null))
      throw new WireRefusal(409, 'superseded', 'session', `a newer session (epoch ${last}) has taken over: stop this EA`);
    throw new WireRefusal(409, 'unknown-session', 'session', 'the engine does not know this session: say hello again');
  }
}

export const createSessionFence = (venueId: VenueId, epochs: EpochStore, randomId: () => string): SessionFence =>
  new Fence(venueId, epochs, randomId);
