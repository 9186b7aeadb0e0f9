/**
 * The listen key of a futures account: made before each connection, extended every half hour, left to run out at the end, for the
 * venue gives an account one key, and whoever gives it back ends the stream of every other program. A key that the venue no longer
 * knows has the stream opened anew. The key itself opens the stream to whoever has it: it stands in no sentence.
 */
import { z } from 'zod';
import { MS_PER_MIN } from '../../../../src-shared/domain/units.ts';
import type { Asked, BinanceCalls, Failed } from '../shared/binanceCalls.ts';
import type { NoAddress } from '../shared/orders/parts.ts';
import type { Timers } from '../shared/timers.ts';

export const LISTEN_KEY_PATH = '/fapi/v1/listenKey';
/** It lives for an hour. */
export const KEEP_ALIVE_MS = 30 * MS_PER_MIN;
export const RETRY_MS = MS_PER_MIN;
const NO_SUCH_KEY = '-1125';

/** A key that may not, not a limit or a fault that passes. */
const isRefusal = ({ reply }: Failed): boolean => reply?.status === 400 || reply?.status === 401;
const created = z.looseObject({ listenKey: z.string().min(1) });
/** Says the key again, or nothing. */
const extended = z.looseObject({ listenKey: z.string().min(1).optional() });

const CALL = { cost: 1, lane: 'safety' } as const;

export class ListenKey {
  readonly #calls: BinanceCalls;
  readonly #timers: Timers;
  /** The stream that was opened with the key is worthless. */
  readonly #lost: (why: string) => void;
  #key: string | null = null;
  #stopped = false;
  #cancel: () => void = () => undefined;

  constructor(calls: BinanceCalls, timers: Timers, lost: (why: string) => void) {
    this.#calls = calls;
    this.#timers = timers;
    this.#lost = lost;
  }

  /** A key that lives for an hour from now: the account's present one, or a new one. */
  async obtain(): Promise<{ readonly key: string } | NoAddress> {
    const asked = await this.#calls.keyed('POST', LISTEN_KEY_PATH, {}, created, CALL);
    if (!asked.ok) return { why: asked.why, refused: isRefusal(asked) };
    if (this.#stopped) return { why: 'stopped' };
    this.#key = asked.value.listenKey;
    this.#schedule(KEEP_ALIVE_MS);
    return { key: this.#key };
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#key = null;
  }

  #schedule(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#timers.after(delayMs, () => void this.#extend());
  }

  async #extend(): Promise<void> {
    const key = this.#key;
    if (key === null || this.#stopped) return;
    const asked: Asked<z.output<typeof extended>> = await this.#calls.keyed('PUT', LISTEN_KEY_PATH, {}, extended, CALL);
    if (this.#stopped || this.#key !== key) return;
    if (asked.ok) {
      this.#schedule(KEEP_ALIVE_MS);
      if (asked.value.listenKey !== undefined && asked.value.listenKey !== key) this.#lost('the venue has given another listen key');
    } else if (asked.reply?.code === NO_SUCH_KEY) this.#lost('the listen key is gone');
    else this.#schedule(RETRY_MS);
  }
}
