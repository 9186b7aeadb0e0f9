/**
 * One logged-in socket of an exchange account that is kept up: opens the successor before the venue ends the old one, and lets the old
 * one answer what was asked of it. What was lost is connected anew within seconds, however often it is lost, for a hedge may wait;
 * where the venue refuses us it is asked ever more rarely. Calls go to the socket that serves.
 */
import { US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { Backoff } from '../backoff.ts';
import { Budget } from '../budget.ts';
import type { Timers } from '../timers.ts';
import { AccountConnection } from './accountConnection.ts';
import type { ConnectionEnd, ConnectionOwner } from './accountConnection.ts';
import type { AccountSocket, CallAnswer, NoAnswer, SocketDialect } from './parts.ts';
import type { Usage } from './usage.ts';

export const LOOK_EVERY_MS = 250;
/** A socket that served this long was no failure to connect: only then does the waiting begin anew. */
export const STABLE_MS = 10_000;
/**
 * After a loss, and while nobody answers. At its most 3 s on average: 100 attempts in five minutes, where Binance allows an address 300
 * and an account has two sockets; OKX allows three a second.
 */
export const LOST_BACKOFF = { firstMs: 250, maxMs: 4_000 } as const;
/** After a log-in, a key or an address that the venue refused: trying again changes little, and may get us banned. */
export const REFUSED_BACKOFF = { firstMs: 500, maxMs: 30_000 } as const;
/** Several sockets that were opened together must not be handed over together. */
export const LIFE_JITTER = 0.02;

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
  /** Shared with the account's other sockets; absent = it has none. */
  readonly connections?: Budget;
}

export interface KeptSocket extends AccountSocket {
  /** Opens a successor now (a new listen key); the present one serves until it is up. */
  replace(why: string): void;
  /** Gives the present one up at once: it is worthless. */
  reconnect(why: string): void;
}

class Kept implements KeptSocket, ConnectionOwner {
  detail = 'not started';
  readonly #options: AccountSocketOptions;
  readonly #lostBackoff: Backoff;
  readonly #refusedBackoff: Backoff;
  readonly #connections: Budget;
  /** Every socket that has not ended. */
  readonly #alive = new Set<AccountConnection>();
  #serving: AccountConnection | null = null;
  #opening: AccountConnection | null = null;
  #isAsking = false;
  #successorWanted = false;
  #notBeforeUs = Number.NEGATIVE_INFINITY;
  #handOverUs = Number.POSITIVE_INFINITY;
  #running = false;
  #cancelLook: () => void = () => undefined;
  #allEnded: () => void = () => undefined;

  constructor(options: AccountSocketOptions) {
    this.#options = options;
    this.#lostBackoff = new Backoff(LOST_BACKOFF, options.random);
    this.#refusedBackoff = new Backoff(REFUSED_BACKOFF, options.random);
    this.#connections = options.connections ?? new Budget(options.dialect.connections);
  }

  get up(): boolean {
    return this.#serving !== null;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#say('connecting');
    this.#look();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelLook();
    this.#serving = null;
    this.#opening = null;
    this.#say('stopped');
    const ended = new Promise<void>((resolve) => {
      this.#allEnded = resolve;
    });
    if (this.#alive.size === 0) return;
    for (const connection of this.#alive) connection.end();
    await ended;
  }

  call(id: string, frame: string, use: Parameters<AccountSocket['call']>[2]): Promise<CallAnswer | NoAnswer> {
    const { name, usage } = this.#options;
    const unsent = (why: string, retryAfterMs: number): NoAnswer => ({ came: false, left: false, why, retryAfterMs });
    if (this.#serving === null) return Promise.resolve(unsent(`${name} is down: ${this.detail}`, 0));
    const taken = usage.take(use.budget, use.cost, use.lane);
    if (!taken.taken) return Promise.resolve(unsent(taken.why, taken.waitMs));
    return this.#serving.call(id, frame, use.deadlineMs, use.mayLeave);
  }

  replace(why: string): void {
    if (this.#serving === null || this.#successorWanted) return;
    this.#successorWanted = true;
    this.#say(`connected; opening a successor: ${why}`);
    this.#open();
  }

  reconnect(why: string): void {
    this.#opening?.fail(why);
    this.#serving?.fail(why);
  }

  #say(detail: string): void {
    if (this.detail === detail) return;
    this.detail = detail;
    this.#options.owner.changed();
  }

  #look(): void {
    if (!this.#running) return;
    const { clock, timers } = this.#options;
    const nowUs = clock.monoUs();
    for (const connection of this.#alive) connection.inspect(nowUs);
    if (nowUs >= this.#handOverUs) this.replace('the venue ends a socket after a day');
    this.#open();
    this.#cancelLook = timers.after(LOOK_EVERY_MS, () => this.#look());
  }

  /** Opens a socket if one is wanted and may be opened now. */
  #open(): void {
    if (!this.#running || this.#opening !== null || this.#isAsking) return;
    if (this.#serving !== null && !this.#successorWanted) return;
    const nowUs = this.#options.clock.monoUs();
    if (nowUs < this.#notBeforeUs) return;
    // A handshake counts like any request, and while an address is banned each one makes the ban longer.
    const waitMs = this.#options.usage.quietMs() || this.#connections.take(nowUs);
    if (waitMs > 0) {
      this.#notBeforeUs = nowUs + waitMs * US_PER_MS;
      return;
    }
    this.#isAsking = true;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const { dialect, clock, timers, headers = {} } = this.#options;
    let end: ConnectionEnd;
    try {
      const asked = await dialect.url();
      this.#isAsking = false;
      if (!this.#running) return;
      if ('url' in asked) {
        this.#opening = new AccountConnection({ url: asked.url, headers, dialect, clock, timers, owner: this });
        this.#alive.add(this.#opening);
        return;
      }
      end = { reason: asked.why, retryAfterMs: 0, kind: asked.refused === true ? 'refused' : 'lost' };
    } catch {
      // A text of the fault might carry the address, and the address a listen key.
      end = { reason: 'the address cannot be used', retryAfterMs: 0, kind: 'refused' };
    }
    this.#isAsking = false;
    this.#failed(end);
  }

  #failed({ reason, retryAfterMs, kind }: ConnectionEnd): void {
    const { clock, usage } = this.#options;
    if (kind === 'limited') usage.quietAll(retryAfterMs);
    const delayMs = (kind === 'refused' ? this.#refusedBackoff : this.#lostBackoff).nextDelayMs();
    this.#notBeforeUs = clock.monoUs() + Math.max(delayMs, retryAfterMs) * US_PER_MS;
    if (this.#serving === null) this.#say(reason);
  }

  isUp(connection: AccountConnection): void {
    const { dialect, random } = this.#options;
    const old = this.#serving;
    this.#opening = null;
    this.#serving = connection;
    this.#successorWanted = false;
    this.#handOverUs = connection.upSinceUs + dialect.maxLifeMs * (1 - LIFE_JITTER * random()) * US_PER_MS;
    this.detail = 'connected';
    old?.retire();
    this.#options.owner.changed();
  }

  pushed(value: unknown, receivedMonoUs: number): void {
    this.#options.owner.pushed(value, receivedMonoUs);
  }

  heard(value: unknown): void {
    this.#options.owner.heard?.(value);
  }

  unreadable(why: string): void {
    this.#options.owner.unreadable(`${this.#options.name}: ${why}`);
  }

  closingSoon(connection: AccountConnection, text: string): void {
    if (connection === this.#serving) this.replace(text);
  }

  ended(connection: AccountConnection, end: ConnectionEnd): void {
    this.#alive.delete(connection);
    if (this.#alive.size === 0) this.#allEnded();
    if (!this.#running) return;
    if (connection === this.#serving) {
      this.#serving = null;
      this.#successorWanted = false;
      this.#handOverUs = Number.POSITIVE_INFINITY;
      if (this.#options.clock.monoUs() - connection.upSinceUs >= STABLE_MS * US_PER_MS) {
        this.#lostBackoff.reset();
        this.#refusedBackoff.reset();
      }
      if (this.#opening === null) this.#failed(end);
      else this.#say(end.reason);
    } else if (connection === this.#opening) {
      this.#opening = null;
      this.#failed(end);
    }
  }
}

export const createAccountSocket = (options: AccountSocketOptions): KeptSocket => new Kept(options);
