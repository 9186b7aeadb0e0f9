/**
 * Who is speaking: the proof of a signed OKX request and of a socket's log-in. Owns the order of the checks and the window; keys
 * belong to the accounts. A key of the demo environment is known by the header alone, as at the original.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AccountId, AccountKey, SimAccounts } from './account/account.ts';
import * as no from './okxRefusals.ts';
import type { OkxRefused } from './okxRefusals.ts';

export const SIGNATURE_WINDOW_MS = 30_000;
const LOGIN_TARGET = '/users/self/verify';
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
const KEY_TEXT = /^[A-Za-z0-9_-]{1,128}$/;

export interface OkxCaller {
  readonly account: AccountId;
  readonly key: AccountKey;
}

export interface SignedParts {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly address: string;
}

export interface OkxKeyring {
  readonly accounts: SimAccounts;
  /** Keys of demo trading: valid only with `x-simulated-trading: 1`; all others only without it. */
  readonly demoKeys: ReadonlySet<string>;
}

const headerOf = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
};

const signs = (key: AccountKey, payload: string, signature: string): boolean => {
  if (key.proof.algorithm !== 'hmac-sha256') return false;
  const expected = createHmac('sha256', key.proof.secret).update(payload).digest('base64');
  return expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
};

/** Addresses of the loopback come in two spellings. */
const isFrom = (key: AccountKey, address: string): boolean =>
  key.addresses.length === 0 || key.addresses.includes(address.replace(/^::ffff:/, ''));

const hasExpired = (key: AccountKey, nowMs: number): boolean => key.expiresMs !== null && key.expiresMs <= nowMs;

export const isRefused = (x: OkxCaller | OkxRefused): x is OkxRefused => 'code' in x;

/** Whose request this is, or why it is nobody's. */
export const callerOf = ({ accounts, demoKeys }: OkxKeyring, parts: SignedParts, nowMs: number): OkxCaller | OkxRefused => {
  const { headers } = parts;
  const apiKey = headerOf(headers, 'ok-access-key');
  const passphrase = headerOf(headers, 'ok-access-passphrase');
  const signature = headerOf(headers, 'ok-access-sign');
  const stamp = headerOf(headers, 'ok-access-timestamp');
  if (apiKey === '') return no.NO_KEY;
  if (passphrase === '') return no.NO_PASSPHRASE;
  if (signature === '') return no.NO_SIGN;
  if (stamp === '') return no.NO_STAMP;
  if (!STAMP.test(stamp)) return no.INVALID_STAMP;
  if (!(Math.abs(Date.parse(stamp) - nowMs) <= SIGNATURE_WINDOW_MS)) return no.STAMP_EXPIRED;
  if (!KEY_TEXT.test(apiKey)) return no.INVALID_KEY;
  const found = accounts.ofKey(apiKey);
  if (found === null || hasExpired(found.key, nowMs)) return no.UNKNOWN_KEY;
  if ((headerOf(headers, 'x-simulated-trading') === '1') !== demoKeys.has(apiKey)) return no.OTHER_ENVIRONMENT;
  if (passphrase !== found.key.passphrase) return no.WRONG_PASSPHRASE;
  if (!signs(found.key, `${stamp}${parts.method}${parts.target}${parts.body}`, signature)) return no.INVALID_SIGN;
  return isFrom(found.key, parts.address) ? found : no.OTHER_ADDRESS(parts.address);
};

const textOf = (x: unknown): string => (typeof x === 'string' ? x : '');
const failed = (code: string, msg: string): OkxRefused => ({ status: 200, code, msg });

/** The same of a log-in: Unix seconds as text; codes are those of sockets. */
export const loginOf = ({ accounts, demoKeys }: OkxKeyring, args: unknown, nowMs: number): OkxCaller | OkxRefused => {
  const given: Record<string, unknown> = Array.isArray(args) && typeof args[0] === 'object' && args[0] !== null ? { ...args[0] } : {};
  const apiKey = textOf(given['apiKey']);
  const timestamp = textOf(given['timestamp']);
  if (Array.isArray(args) && args.length > 1) return failed('60031', 'The WebSocket endpoint does not support multiple account login.');
  if (apiKey === '') return failed('60005', 'Invalid apiKey');
  if (!/^\d{10}(?:\.\d{1,3})?$/.test(timestamp)) return failed('60004', 'Invalid timestamp');
  if (Math.abs(Number(timestamp) * 1_000 - nowMs) > SIGNATURE_WINDOW_MS) return failed('60006', 'Timestamp request expired');
  if (!KEY_TEXT.test(apiKey)) return failed('60005', 'Invalid apiKey');
  const found = accounts.ofKey(apiKey);
  if (found === null || hasExpired(found.key, nowMs)) return failed('60032', "API key doesn't exist");
  // The sockets of demo trading are other hosts; no header tells them apart.
  if (demoKeys.has(apiKey)) return failed(no.OTHER_ENVIRONMENT.code, no.OTHER_ENVIRONMENT.msg);
  if (textOf(given['passphrase']) !== found.key.passphrase) return failed('60024', 'Wrong passphrase');
  if (!signs(found.key, `${timestamp}GET${LOGIN_TARGET}`, textOf(given['sign']))) return failed('60007', 'Invalid sign');
  return found;
};
