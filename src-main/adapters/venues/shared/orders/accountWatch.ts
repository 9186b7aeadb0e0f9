/**
 * Reads back what the account is and compares it with the configuration: at start, after every reconnection, every ten minutes, and
 * when something of it changed. A check that fails refuses pairs, elsewhere; one that cannot be read keeps the links down at the
 * start, and counts as waiting when it is old.
 */
import { shortIdentity, type AccountCheck } from '../../../../../src-shared/domain/exchange.ts';
import type { InstrumentId } from '../../../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../../../src-shared/domain/instrument.ts';
import { MS_PER_MIN, US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { Backoff } from '../backoff.ts';
import type { Timers } from '../timers.ts';
import type { Bounded } from './bounded.ts';
import type { ExchangeDialect } from './parts.ts';

export const CHECK_EVERY_MS = 10 * MS_PER_MIN;
/** Flapping links do not read an account more often than this. */
export const CHECK_MIN_GAP_MS = 5_000;
export const CHECK_DEADLINE_MS = MS_PER_MIN;
/** What could not be read again for this long is not known any more. */
export const CHECKS_KEEP_MS = 3 * CHECK_EVERY_MS;
const CHECK_BACKOFF = { firstMs: 1_000, maxMs: 60_000 } as const;
/** A refused key may be a gate of theirs that is out of order; and with it nothing else was read. */
export const KEY_BACKOFF = { firstMs: 1_000, maxMs: 30_000 } as const;
/** Nothing is reconciled before the first reading; what our own allowance refuses costs the venue nothing. */
export const FIRST_CHECK_BACKOFF = { firstMs: 1_000, maxMs: 5_000 } as const;

export interface AccountWatchParts {
  readonly check: ExchangeDialect['check'];
  readonly bounded: Bounded;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  /** A reading came or failed. */
  readonly changed: () => void;
}

const NOT_READ: AccountCheck = {
  code: 'key',
  instrumentId: null,
  state: 'waiting',
  label: 'Account read back',
  configured: null,
  reported: null,
  venueCode: null,
  fix: 'Wait a few seconds: it is read as soon as the venue answers.',
};

/** Which account this is: a person sees it, the engine compares it with the one that it knows. */
const accountCheck = (account: string | null): AccountCheck => ({
  code: 'account',
  instrumentId: null,
  state: account === null ? 'warn' : 'pass',
  label: 'Account',
  configured: null,
  reported: account === null ? 'not said' : shortIdentity(account),
  venueCode: null,
  fix: account === null ? 'The venue does not say which account this is: a key of another one would not be noticed.' : '',
});

export class AccountWatch {
  /** Of the last reading; undefined = none yet. */
  account: string | null | undefined = undefined;
  keyExpiresUnixMs: number | null = null;
  described: ReadonlyMap<InstrumentId, Instrument> = new Map();
  readonly #parts: AccountWatchParts;
  #backoff: Backoff;
  readonly #keyBackoff: Backoff;
  #read: readonly AccountCheck[] = [];
  #readUs = Number.NaN;
  #why = 'not asked yet';
  #running = false;
  #isAsking = false;
  #askAgain = false;
  #cancel: () => void = () => undefined;

  constructor(parts: AccountWatchParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(FIRST_CHECK_BACKOFF, parts.random);
    this.#keyBackoff = new Backoff(KEY_BACKOFF, parts.random);
  }

  start(): void {
    this.#running = true;
    this.#ask();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** Why nothing was read since the start; null once something was. */
  get unread(): string | null {
    return Number.isNaN(this.#readUs) ? this.#why : null;
  }

  checks(): readonly AccountCheck[] {
    if (Number.isNaN(this.#readUs)) return [{ ...NOT_READ, reported: this.#why }];
    if (this.#ageMs() <= CHECKS_KEEP_MS) return this.#read;
    const fix = `Look at the links: it could not be read again for ${Math.round(this.#ageMs() / MS_PER_MIN)} min: ${this.#why}`;
    return this.#read.map((check) => (check.state === 'fail' ? check : { ...check, state: 'waiting', fix }));
  }

  /** Reads again soon: something may have changed. */
  recheck(): void {
    if (!this.#running) return;
    if (this.#isAsking) this.#askAgain = true;
    else this.#later(Number.isNaN(this.#readUs) ? 0 : Math.max(0, CHECK_MIN_GAP_MS - this.#ageMs()));
  }

  #ageMs(): number {
    return (this.#parts.clock.monoUs() - this.#readUs) / US_PER_MS;
  }

  #later(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#parts.timers.after(delayMs, () => this.#ask());
  }

  #ask(): void {
    if (this.#isAsking || !this.#running) return;
    this.#isAsking = true;
    this.#askAgain = false;
    void this.#take();
  }

  async #take(): Promise<void> {
    const { check, bounded, clock, changed } = this.#parts;
    const reading = await bounded.run(check, CHECK_DEADLINE_MS, (why) => why);
    this.#isAsking = false;
    if (!this.#running) return;
    if (typeof reading === 'string') {
      this.#why = reading;
      this.#later(this.#backoff.nextDelayMs());
    } else {
      this.#backoff = new Backoff(CHECK_BACKOFF, this.#parts.random);
      this.#read = reading.account === undefined ? reading.checks : [...reading.checks, accountCheck(reading.account)];
      this.account = reading.account;
      this.#readUs = clock.monoUs();
      this.#why = '';
      this.keyExpiresUnixMs = reading.keyExpiresUnixMs;
      if (reading.described.length > 0) this.described = new Map(reading.described.map((instrument) => [instrument.id, instrument]));
      const isKeyRefused = reading.checks.some(({ code, state }) => code === 'key' && state === 'fail');
      if (!isKeyRefused) this.#keyBackoff.reset();
      const nextMs = isKeyRefused ? this.#keyBackoff.nextDelayMs() : CHECK_EVERY_MS;
      this.#later(this.#askAgain ? Math.min(CHECK_MIN_GAP_MS, nextMs) : nextMs);
    }
    changed();
  }
}
