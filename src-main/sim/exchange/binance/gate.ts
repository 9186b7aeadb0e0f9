/**
 * Who asks, and whether the question is theirs and fresh: key, window, signature, rights. Owns no account. Refuses in the order and
 * with the codes of the venue.
 */
import { createHmac, createPublicKey, verify } from 'node:crypto';
import type { AccountId, AccountKey, SimAccounts } from '../account/account.ts';
import { missing, Params, Refusal, type Product } from './wire.ts';

const DEFAULT_WINDOW_MS = 5_000;
export const MAX_WINDOW_MS = 60_000;
/** A stamp may be this far ahead of the server. */
export const AHEAD_MS = 1_000;
const UNAUTHORIZED = 401;
const KEY_FORMAT = /^[A-Za-z0-9]{64}$/;

export interface Asker {
  readonly account: AccountId;
  readonly key: AccountKey;
}

/** Verifies over exactly the text that was sent. */
export const isSigned = (key: AccountKey, payload: string, signature: string): boolean => {
  if (key.proof.algorithm === 'hmac-sha256')
    return createHmac('sha256', key.proof.secret).update(payload, 'utf8').digest('hex') === signature;
  try {
    return verify(null, Buffer.from(payload, 'utf8'), createPublicKey(key.proof.publicKeyPem), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

export class Gate {
  readonly #accounts: SimAccounts;
  readonly #product: Product;
  readonly #now: () => number;

  constructor(accounts: SimAccounts, product: Product, now: () => number) {
    this.#accounts = accounts;
    this.#product = product;
    this.#now = now;
  }

  /** @throws Refusal −2014, −2015 */
  keyOf(apiKey: string | null, address: string): Asker {
    const found = apiKey === null ? null : this.#accounts.ofKey(apiKey);
    if (found === null) {
      if (apiKey === null || !KEY_FORMAT.test(apiKey)) throw new Refusal(-2014, 'API-key format invalid.', UNAUTHORIZED);
      throw this.#notAllowed(address);
    }
    const { addresses, expiresMs } = found.key;
    const bound = addresses.length > 0 && !addresses.includes(address);
    if (bound || (expiresMs !== null && expiresMs <= this.#now())) throw this.#notAllowed(address);
    return found;
  }

  mustTrade(asker: Asker, address: string): void {
    if (!asker.key.mayTrade) throw this.#notAllowed(address);
  }

  #notAllowed(address: string): Refusal {
    const tail = this.#product === 'usdm' ? `, request ip: ${address.replace(/^::ffff:/, '')}` : '.';
    return new Refusal(-2015, `Invalid API-key, IP, or permissions for action${tail}`, UNAUTHORIZED);
  }

  /** @throws Refusal −1102, −1131, −1021 */
  mustBeFresh(params: Params): { readonly endsMs: number } {
    const stamp = params.number('timestamp');
    if (stamp === null) throw missing('timestamp');
    const windowMs = Number(params.decimal('recvWindow') ?? DEFAULT_WINDOW_MS);
    if (windowMs > MAX_WINDOW_MS) throw new Refusal(-1131, `recvWindow must be less than ${MAX_WINDOW_MS}.`);
    const now = this.#now();
    if (stamp >= now + AHEAD_MS) throw new Refusal(-1021, `Timestamp for this request was ${AHEAD_MS}ms ahead of the server's time.`);
    if (now - stamp > windowMs) throw new Refusal(-1021, 'Timestamp for this request is outside of the recvWindow.');
    return { endsMs: stamp + windowMs };
  }

  /** @throws Refusal −1102, −1022 */
  mustBeSigned({ key }: Asker, payload: string, params: Params): void {
    if (!isSigned(key, payload, params.must('signature'))) throw new Refusal(-1022, 'Signature for this request is not valid.');
  }
}

/** What a signature of the web-socket API covers: everything but itself, by name. */
export const socketPayload = (values: ReadonlyMap<string, string>): string =>
  [...values]
    .filter(([name]) => name !== 'signature')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const MISPLACED = /(?:^|&)signature=[^&]*&/;
/** Documented: the signature is the end of the query or of the body. */
export const isSignatureLast = (query: string, body: string): boolean => !MISPLACED.test(query) && !MISPLACED.test(body);

/** What a signature of REST covers: query and body as sent, one after the other, without the signature. */
export const restPayload = (query: string, body: string): string => {
  const without = (text: string) => text.replace(/(^|&)signature=[^&]*/g, '').replace(/^&/, '');
  return without(query) + without(body);
};
