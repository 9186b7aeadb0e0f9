/**
 * One exchange account spoken to by hand, beside the engine: signed questions over REST, frames over one socket, every reply kept
 * word for word for the report. Simple on purpose: it shares signing with the product, and nothing that is to be judged by it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeOrdersConfig, ExchangeVenueConfig } from '../../../src-shared/config/schema.ts';
import { sitesOf, type OrderUrls } from '../../../src-shared/config/exchangeSites.ts';
import { parseExact } from '../../adapters/venues/shared/exactJson.ts';
import { createSign, type Sign } from '../../adapters/venues/shared/orders/signing.ts';
import type { VenueKey } from '../../runtime/ports.ts';

export const REQUEST_TIMEOUT_MS = 10_000;
/** Quotes of gold come several times a second; an exchange that is silent for so long is silent. */
const PATIENCE_MS = 6_000;
export const MAX_KEPT_CHARS = 6_000;

/** A question and what came back, as it came. Never holds a header, a signature or a key. */
export interface Exchanged {
  readonly asked: string;
  /** HTTP status; null = a socket's frame, or no answer. */
  readonly status: number | null;
  readonly text: string;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** undefined where the body was no JSON. */
  readonly value: unknown;
}

export type OrderedVenue = ExchangeVenueConfig & { readonly orders: ExchangeOrdersConfig };

/** How long a frame is waited for, ms. */
export interface Patience {
  /** One that has to come. */
  readonly awaitedMs: number;
  /** One of which it is asked whether it comes at all. */
  readonly doubtfulMs: number;
}
const PATIENCE: Patience = { awaitedMs: PATIENCE_MS, doubtfulMs: PATIENCE_MS };

export interface Contact {
  readonly venue: OrderedVenue;
  readonly key: VenueKey;
  readonly urls: OrderUrls;
  readonly sign: Sign;
  /** Everything that was said so far, oldest first. */
  readonly heard: Exchanged[];
  readonly patience: Patience;
  /** The exchange's clock minus ours, ms; 0 until measured. */
  offsetMs: number;
}

export const openContact = (venue: OrderedVenue, key: VenueKey, patience = PATIENCE): Contact => {
  const urls = venue.orders.urls ?? sitesOf(venue.protocol, venue.orders.environment, venue.orders.region);
  if (urls === null) throw new Error(`${venue.id} has no address`);
  return {
    venue,
    key,
    urls,
    sign: createSign(key.secret, venue.protocol === 'okx' ? 'base64' : 'hex'),
    heard: [],
    patience,
    offsetMs: 0,
  };
};

export const venueNow = ({ offsetMs }: Contact): number => Date.now() + offsetMs;

const jsonOf = (text: string): unknown => {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
};

/** @param shown how the report names it. Never throws: what did not come is a reply of status 0. */
export const send = async (contact: Contact, shown: string, url: string, init: RequestInit): Promise<Reply> => {
  try {
    const answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const text = await answer.text();
    contact.heard.push({ asked: shown, status: answer.status, text: text.slice(0, MAX_KEPT_CHARS) });
    return { status: answer.status, text, value: jsonOf(text) };
  } catch (error) {
    // A failed fetch may quote the URL, and with it a signature.
    const { name, cause } = error as Error & { cause?: { code?: string } };
    const text = `no answer (${cause?.code ?? name})`;
    contact.heard.push({ asked: shown, status: null, text });
    return { status: 0, text, value: undefined };
  }
};

export interface Listening {
  /** Frames so far. */
  readonly frames: readonly unknown[];
  send(frame: object): void;
  /** The first frame that satisfies, within the time; null = none came. */
  find(satisfies: (frame: unknown) => boolean, withinMs: number): Promise<unknown>;
  close(): void;
}

const POLL_MS = 20;

/** Opens a socket of the exchange; null = it could not be opened. */
export const listen = async (contact: Contact, shown: string, url: string): Promise<Listening | null> => {
  const frames: unknown[] = [];
  const socket = new WebSocket(url);
  const opened = await new Promise<boolean>((resolve) => {
    const overdue = setTimeout(() => resolve(false), REQUEST_TIMEOUT_MS);
    socket.addEventListener('open', () => resolve(true));
    socket.addEventListener('error', () => resolve(false));
    socket.addEventListener('close', () => resolve(false));
    socket.addEventListener('open', () => clearTimeout(overdue));
  });
  if (!opened) {
    contact.heard.push({ asked: shown, status: null, text: 'the socket could not be opened' });
    socket.close();
    return null;
  }
  socket.addEventListener('message', ({ data }) => {
    const text = String(data);
    frames.push(jsonOf(text) ?? text);
    if (frames.length <= 5) contact.heard.push({ asked: shown, status: null, text: text.slice(0, MAX_KEPT_CHARS) });
  });
  return {
    frames,
    send: (frame) => socket.send(JSON.stringify(frame)),
    find: async (satisfies, withinMs) => {
      const until = performance.now() + withinMs;
      for (;;) {
        const found = frames.find(satisfies);
        if (found !== undefined) return found;
        if (performance.now() >= until) return null;
        await sleep(POLL_MS);
      }
    },
    close: () => socket.close(),
  };
};

const MAX_ROADS = 3;
/**
 * Asks what has to arrive within `roomMs`. A refusal that took longer tells of the road and not of the exchange: it is asked anew,
 * a few times.
 */
export const inTime = async <T>(roomMs: number, ask: () => Promise<T>, isTaken: (answer: T) => boolean): Promise<T> => {
  for (let roads = 1; ; roads += 1) {
    const begunMs = performance.now();
    const answer = await ask();
    if (isTaken(answer) || roads === MAX_ROADS || performance.now() - begunMs < roomMs) return answer;
  }
};

/** A member of a nested value by its path; undefined where it is not. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[name] : undefined),
    value,
  );

export const textAt = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' || typeof found === 'bigint'
    ? String(found)
    : '—';
};

export const rowsAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};
