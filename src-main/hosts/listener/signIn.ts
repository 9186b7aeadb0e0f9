/**
 * Who is signed in: the password, Basic Auth, one-time links and session cookies. Cookies are signed and dated, so
 * they outlive a restart; signing out changes the key and ends every session. Every comparison takes a time that
 * does not depend on the secret. Cookies are not bound to a port by browsers, hence the port is in the name.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { equalInConstantTime, type Secrets } from '../../adapters/secrets/secrets.ts';
import type { Clock } from '../../runtime/ports.ts';
import { createPeerBudgets } from './budgets.ts';

export const SESSION_MS = 12 * 3_600_000;
export const ONE_TIME_LINK_MS = 3_600_000;
export const MAX_ONE_TIME_LINKS = 16;
/** Wrong passwords a peer may send: five at once, then one every twelve seconds. */
export const SIGN_IN_RATE = { perSecond: 1 / 12, burst: 5 } as const;
export const BASIC_USER = 'operator';
const MAX_AUTHORIZATION_LENGTH = 1_024;
const MAX_COOKIES_LENGTH = 8_192;

export interface SignInParts {
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** Replaces the cookie key durably and returns the new secrets. */
  readonly rotate: (secrets: Secrets) => Secrets;
}

export type SignInResult = 'ok' | 'wrong' | 'too-many';

export interface SignIn {
  password(peer: string, password: string): SignInResult;
  /** The `Authorization: Basic` header of an interface client; `null` = there is none. */
  basic(peer: string, header: string | undefined): SignInResult | null;
  /** A fresh link token, good once and for an hour. */
  oneTimeToken(): string;
  redeem(peer: string, token: string): SignInResult;
  /** The `Set-Cookie` value that signs in. */
  cookie(port: number, secure: boolean): string;
  clearedCookie(port: number, secure: boolean): string;
  /** When the session ends, or null when the `Cookie` header holds none that is good. */
  sessionEnd(port: number, header: string | undefined): number | null;
  /** Ends every session. */
  signOutEverybody(): void;
}

const nameOf = (port: number): string => `quant-arb-${port}`;

/** Only the first cookie of a name counts; a header of unreasonable length counts for nothing. */
const cookieNamed = (name: string, header: string | undefined): string | null => {
  if (header === undefined || header.length > MAX_COOKIES_LENGTH) return null;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
};

const basicCredentials = (header: string): { readonly user: string; readonly password: string } | null => {
  const match = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header);
  if (header.length > MAX_AUTHORIZATION_LENGTH || match === null) return null;
  const text = Buffer.from(match[1] as string, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? null : { user: text.slice(0, at), password: text.slice(at + 1) };
};

export const createSignIn = ({ clock, secrets: initial, rotate }: SignInParts): SignIn => {
  let secrets = initial;
  const links = new Map<string, number>();
  const attempts = createPeerBudgets(SIGN_IN_RATE, clock);

  const sign = (text: string): string => createHmac('sha256', secrets.cookieSecret).update(text).digest('base64url');
  const attributes = (secure: boolean): string => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

  /** An empty bucket refuses right answers too, else it would be no limit on guessing. */
  const limited = (peer: string, isRight: () => boolean): SignInResult => {
    if (!attempts.has(peer)) return 'too-many';
    if (isRight()) return 'ok';
    attempts.take(peer);
    return 'wrong';
  };

  return {
    password: (peer, password) => limited(peer, () => equalInConstantTime(password, secrets.password)),
    basic(peer, header) {
      if (header === undefined) return null;
      return limited(peer, () => {
        const given = basicCredentials(header);
        const user = equalInConstantTime(given?.user ?? '', BASIC_USER);
        return equalInConstantTime(given?.password ?? '', secrets.password) && user;
      });
    },
    oneTimeToken() {
      const token = randomBytes(32).toString('base64url');
      links.set(token, clock.unixMs() + ONE_TIME_LINK_MS);
      if (links.size > MAX_ONE_TIME_LINKS) links.delete(links.keys().next().value as string);
      return token;
    },
    redeem: (peer, token) =>
      limited(peer, () => {
        let found: string | null = null;
        for (const known of links.keys()) if (equalInConstantTime(known, token)) found = known;
        if (found === null) return false;
        const endsUnixMs = links.get(found) ?? 0;
        links.delete(found);
        return clock.unixMs() < endsUnixMs;
      }),
    cookie(port, secure) {
      const text = `${Math.trunc(clock.unixMs() + SESSION_MS)}.${randomBytes(16).toString('base64url')}`;
      return `${nameOf(port)}=${text}.${sign(`${port}.${text}`)}; ${attributes(secure)}; Max-Age=${SESSION_MS / 1_000}`;
    },
    clearedCookie: (port, secure) => `${nameOf(port)}=; ${attributes(secure)}; Max-Age=0`,
    sessionEnd(port, header) {
      const parts = cookieNamed(nameOf(port), header)?.split('.') ?? [];
      const [end = '', nonce = '', signature = ''] = parts;
      if (parts.length !== 3 || !/^\d{1,16}$/.test(end)) return null;
      if (!equalInConstantTime(signature, sign(`${port}.${end}.${nonce}`))) return null;
      return Number(end) > clock.unixMs() ? Number(end) : null;
    },
    signOutEverybody() {
      secrets = rotate(secrets);
      links.clear();
    },
  };
};
