/**
 * Binance's two ways of signing: REST signs the query string exactly as it is sent, percent-encoded; the web-socket API signs all
 * parameters sorted by name, as raw UTF-8. A socket that logged on (Ed25519 alone can) sends a stamp and no signature.
 * Pure but for the key that it holds; prints nothing.
 */
import type { VenueKey } from '../../../runtime/ports.ts';
import { createSign } from './orders/signing.ts';
import type { Sign } from './orders/signing.ts';

/** Undefined members are not sent. */
export type Params = Readonly<Record<string, string | number | undefined>>;

/** The longest window that Binance takes. */
export const MAX_RECV_WINDOW_MS = 60_000;

const sentOf = (params: Params): [string, string | number][] =>
  Object.entries(params).filter((entry): entry is [string, string | number] => entry[1] !== undefined);

/** `a=1&b=%20`, in the order given. */
export const queryOf = (params: Params): string =>
  sentOf(params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');

/** What the web-socket API signs; of every order, hence without lists in between. */
export const sortedPayloadOf = (params: Params): string => {
  let payload = '';
  for (const name of Object.keys(params).sort()) {
    const value = params[name];
    if (value !== undefined) payload += payload === '' ? `${name}=${value}` : `&${name}=${value}`;
  }
  return payload;
};

/** Whole, and never ahead of what was measured. */
export const stampOf = (venueUnixMs: number): number => Math.floor(venueUnixMs);

export class BinanceAuth {
  readonly #apiKey: string;
  readonly #sign: Sign;
  /** Whether a socket is logged on once instead of signing each request. */
  readonly logsOn: boolean;

  /** @throws SigningKeyFault when the secret cannot sign. */
  constructor(key: VenueKey) {
    this.#apiKey = key.apiKey;
    this.#sign = createSign(key.secret, 'hex');
    this.logsOn = key.secret.algorithm === 'ed25519';
  }

  get headers(): Readonly<Record<string, string>> {
    return { 'X-MBX-APIKEY': this.#apiKey };
  }

  /** Query of a signed REST request: parameters, stamp, signature last. */
  restQuery(params: Params, venueUnixMs: number): string {
    const query = queryOf({ ...params, timestamp: stampOf(venueUnixMs) });
    return `${query}&signature=${encodeURIComponent(this.#sign(query))}`;
  }

  /** Parameters of a signed request on the web-socket API. */
  signed(params: Params, venueUnixMs: number): Params {
    const signed = { ...this.stamped(params, venueUnixMs), signature: undefined as string | undefined };
    signed.signature = this.#sign(sortedPayloadOf(signed));
    return signed;
  }

  /** What the signature of such a request is made over. */
  stamped(params: Params, venueUnixMs: number): Params {
    return { ...params, apiKey: this.#apiKey, timestamp: stampOf(venueUnixMs) };
  }

  /** Of a payload that was put together elsewhere. */
  sign(payload: string): string {
    return this.#sign(payload);
  }

  /** The same on a socket that logged on, where that is what this key does. */
  onSocket(params: Params, venueUnixMs: number): Params {
    return this.logsOn ? { ...params, timestamp: stampOf(venueUnixMs) } : this.signed(params, venueUnixMs);
  }
}
