/**
 * What the shared socket machine must be told about a venue: words, limits, deadlines. Data and pure functions;
 * no sockets, no state.
 */
import type { Allowance } from './budget.ts';
import type { FrameDecoder } from './frameDecoder.ts';

export interface SubscribeCall {
  readonly requestId: string;
  readonly text: string;
  /** Whether the venue answers once a call or once for each instrument in it. */
  readonly answers: 'whole' | 'each';
  /** Positions in the feed's symbol list. */
  readonly slots: readonly number[];
}

/** What a frame that is no quote says. `symbol` null: the whole request; `requestId` null: the venue did not say. */
export type VenueMessage =
  | { readonly kind: 'acknowledged'; readonly requestId: string | null; readonly symbol: string | null }
  | {
      readonly kind: 'refused';
      readonly requestId: string | null;
      readonly symbol: string | null;
      readonly code: string;
      readonly text: string;
    }
  | { readonly kind: 'closing-soon'; readonly code: string; readonly text: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unrecognised' };

/** The server pings and the socket library answers; a text ping is ours to send. */
export type Heartbeat =
  | { readonly kind: 'server-ping'; readonly missedAfterMs: number }
  | {
      readonly kind: 'text-ping';
      readonly ping: string;
      readonly pong: string;
      readonly afterSilenceMs: number;
      readonly pongWithinMs: number;
    };

export interface StreamDeadlines {
  readonly connectMs: number;
  readonly acknowledgeMs: number;
  /** From the acknowledgement to the first quote. */
  readonly firstFrameMs: number;
  /** An instrument that says nothing for this long makes the link stale. */
  readonly instrumentSilenceMs: number;
  /** A socket of this age is handed over before the venue ends it. */
  readonly maxLifeMs: number;
}

export interface StreamProtocol {
  /** Appended to the configured stream URL. */
  readonly path: string;
  readonly createDecoder: (symbols: readonly string[]) => FrameDecoder;
  readonly subscribeCalls: (symbols: readonly string[]) => readonly SubscribeCall[];
  readonly interpret: (message: unknown) => VenueMessage;
  /** What the venue means by closing with `code`; empty when it says nothing special. */
  readonly closeMeaning: (code: number) => string;
  readonly heartbeat: Heartbeat;
  readonly deadlines: StreamDeadlines;
  /** New sockets of this feed. */
  readonly connections: Allowance;
  /** Calls on one socket. */
  readonly calls: Allowance;
  readonly maxInstruments: number;
}

export const CONNECT_MS = 10_000;
export const ACKNOWLEDGE_MS = 5_000;
/** Hand over this long before the venue's own end, plus up to as much again at random. */
export const LIFE_MARGIN_MS = 600_000;
