/**
 * One logged-in socket of an exchange account that is kept up: reconnects with backoff, opens the successor before the venue ends the
 * old one, and lets the old one answer what was asked of it. Calls go to the socket that is up; what one connection does is
 * `accountConnection.ts`.
 */
import type { Clock } from '../../../../runtime/ports.ts';
import type { Timers } from '../timers.ts';
import type { AccountSocket, SocketDialect } from './parts.ts';
import type { Usage } from './usage.ts';

export interface AccountSocketOwner {
  /** A frame that `read` calls a push; of an old socket, too, until it is gone, hence duplicates are ordinary. */
  pushed(value: unknown, receivedMonoUs: number): void;
  /** `up` or `detail` changed. */
  changed(): void;
  /** A frame that could not be read: something may be missing. */
  unreadable(why: string): void;
  /** Every readable frame, before anything is done with it: rate limits are in the venue's replies. */
  heard?(value: unknown): void;
}

export interface AccountSocketOptions {
  /** For people: `order entry`, `private stream`. */
  readonly name: string;
  readonly dialect: SocketDialect;
  readonly owner: AccountSocketOwner;
  readonly usage: Usage;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KeptSocket extends AccountSocket {
  /** Opens a successor now (a new listen key); the present one serves until it is up. */
  replace(why: string): void;
  /** Gives the present one up at once: it is worthless. */
  reconnect(why: string): void;
}

export declare const createAccountSocket: (options: AccountSocketOptions) => KeptSocket;
