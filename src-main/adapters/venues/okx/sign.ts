/**
 * OKX's signatures: base64 HMAC-SHA256 over time, method and target, for REST with an ISO time and for the log-in of a socket with
 * Unix seconds. The same header carries both environments' keys; which one a key belongs to, the venue checks. Pure.
 */
import type { Sign } from '../shared/orders/signing.ts';
import type { RestRequest } from '../shared/orders/parts.ts';
import { LOGIN_TARGET } from './orderWire.ts';

export interface OkxKey {
  readonly apiKey: string;
  readonly passphrase: string;
  readonly sign: Sign;
}

/** `venueUnixMs`: the venue refuses what is more than 30 s from its own clock. The body is signed as it is sent. */
export const signedRequest = (
  key: OkxKey,
  request: { readonly method: 'GET' | 'POST'; readonly target: string; readonly body: string | null },
  venueUnixMs: number,
  headers: Readonly<Record<string, string>>,
): RestRequest => {
  const { method, target, body } = request;
  const timestamp = new Date(Math.round(venueUnixMs)).toISOString();
  return {
    method,
    target,
    body,
    headers: {
      ...headers,
      'OK-ACCESS-KEY': key.apiKey,
      'OK-ACCESS-SIGN': key.sign(`${timestamp}${method}${target}${body ?? ''}`),
      'OK-ACCESS-TIMESTAMP': timestamp,
      'OK-ACCESS-PASSPHRASE': key.passphrase,
      ...(body === null ? {} : { 'content-type': 'application/json' }),
    },
  };
};

export const publicRequest = (target: string, headers: Readonly<Record<string, string>>): RestRequest => ({
  method: 'GET',
  target,
  headers,
  body: null,
});

export const loginFrame = (key: OkxKey, venueUnixMs: number): string => {
  const timestamp = `${Math.floor(venueUnixMs / 1_000)}`;
  const sign = key.sign(`${timestamp}GET${LOGIN_TARGET}`);
  return JSON.stringify({ op: 'login', args: [{ apiKey: key.apiKey, passphrase: key.passphrase, timestamp, sign }] });
};
