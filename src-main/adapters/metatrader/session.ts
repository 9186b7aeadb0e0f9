/**
 * Which EA may speak for a venue, and which of its requests are new. Owns session ids, the epoch and the
 * sequence; knows nothing of quotes. Invariants: at most one session is current; the epoch is on disk before a
 * session with it is announced; a sequence number is applied once, and its answer is kept for the repeat.
 */
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { WireRefusal } from './fieldsWire.ts';

/** Durable memory of epochs. */
export interface EpochStore {
  /** Raises the venue's epoch by one, durably, and returns it. The first is 1. @throws when it cannot be kept. */
  next(venueId: VenueId): number;
  /** The last one given out; 0 when none was. */
  last(venueId: VenueId): number;
}

export interface SessionAnswer {
  readonly body: string;
  readonly signature: string;
}

export type Admission =
  /** New: apply it. `missed` counts sequence numbers that never came. */
  | { readonly kind: 'new'; readonly missed: number }
  /** The repeat of the last request: give the same answer, apply nothing. */
  | { readonly kind: 'repeat'; readonly answer: SessionAnswer }
  /** Older than the last one: acknowledge, apply nothing. */
  | { readonly kind: 'stale' };

export interface CurrentSession {
  readonly id: string;
  readonly epoch: number;
}

export interface SessionFence {
  current(): CurrentSession | null;
  /** Ends every earlier session. @throws when the epoch cannot be made durable: then nothing changes. */
  open(): CurrentSession;
  /** @throws WireRefusal 409 `superseded` or `unknown-session` */
  admit(sessionId: string, epoch: number, seq: number): Admission;
  answered(seq: number, answer: SessionAnswer): void;
}

export const createSessionFence = (venueId: VenueId, epochs: EpochStore, randomId: () => string): SessionFence => {
  let current: CurrentSession | null = null;
  let lastSeq = 0;
  let lastAnswer: SessionAnswer | null = null;

  const refuse = (epoch: number): never => {
    // A session from before a restart of the engine carries the last epoch: it may say hello again. Anything
    // older was fenced off on purpose, and an EA that re-opened it would fight the newer one for ever.
    if (epoch < epochs.last(venueId) || current !== null)
      throw new WireRefusal(409, 'superseded', 'session', `a newer session (epoch ${epochs.last(venueId)}) has taken over: stop this EA`);
    throw new WireRefusal(409, 'unknown-session', 'session', 'the engine does not know this session: say hello again');
  };

  return {
    current: () => current,
    open() {
      const epoch = epochs.next(venueId);
      current = { id: randomId(), epoch };
      lastSeq = 0;
      lastAnswer = null;
      return current;
    },
    admit(sessionId, epoch, seq) {
      if (current === null || sessionId !== current.id) return refuse(epoch);
      if (epoch !== current.epoch) throw new WireRefusal(400, 'bad-field', 'epoch', `the epoch of this session is ${current.epoch}`);
      if (seq === lastSeq && lastAnswer !== null) return { kind: 'repeat', answer: lastAnswer };
      if (seq <= lastSeq) return { kind: 'stale' };
      const missed = seq - lastSeq - 1;
      return { kind: 'new', missed };
    },
    answered(seq, answer) {
      lastSeq = seq;
      lastAnswer = answer;
    },
  };
};
