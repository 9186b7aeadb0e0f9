/**
 * Listen keys of a simulated Binance futures venue: one an account, kept alive by asking, dead an hour after the last time. Owns
 * keys and their ends; who listens is not its matter.
 */
import { randomBytes } from 'node:crypto';
import type { AccountId } from '../account/account.ts';
import { Refusal } from './wire.ts';

interface KeptKey {
  readonly key: string;
  endsMs: number;
}

export class ListenKeys {
  readonly #keys = new Map<AccountId, KeptKey>();
  readonly #lifeMs: number;
  readonly #now: () => number;
  readonly #expired: (key: string) => void;

  /** `expired` is told of a key while it can still be pushed to. */
  constructor(lifeMs: number, now: () => number, expired: (key: string) => void) {
    this.#lifeMs = lifeMs;
    this.#now = now;
    this.#expired = expired;
  }

  of(account: AccountId): string | null {
    return this.#keys.get(account)?.key ?? null;
  }

  make(account: AccountId): { readonly listenKey: string } {
    const kept = this.#keys.get(account) ?? { key: randomBytes(32).toString('hex'), endsMs: 0 };
    kept.endsMs = this.#now() + this.#lifeMs;
    this.#keys.set(account, kept);
    return { listenKey: kept.key };
  }

  /** @throws Refusal −1125 */
  keep(account: AccountId): { readonly listenKey: string } {
    if (!this.#keys.has(account)) throw new Refusal(-1125, 'This listenKey does not exist.');
    return this.make(account);
  }

  close(account: AccountId): object {
    this.#keys.delete(account);
    return {};
  }

  /** Ends what was not kept alive. */
  check(): void {
    const now = this.#now();
    for (const [account, { key, endsMs }] of this.#keys) if (endsMs <= now) this.#end(account, key);
  }

  expireAll(): void {
    for (const [account, { key }] of this.#keys) this.#end(account, key);
  }

  #end(account: AccountId, key: string): void {
    this.#expired(key);
    this.#keys.delete(account);
  }
}
