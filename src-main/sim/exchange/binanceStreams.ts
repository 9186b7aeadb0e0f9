/**
 * The stream side of a simulated Binance: paths, subscriptions, pings, limits. Owns who listens to which stream. A
 * stream that does not exist, or is asked for on the wrong path, is acknowledged and stays silent, as on the real venue.
 */
import { createBudget, type Budget } from './budget.ts';
import { isRefusal, readStreamRequest } from './binanceRequests.ts';
import type { Peer } from './peer.ts';
import type { Conversation } from './venueServer.ts';

export interface BinanceTimings {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly lifetimeMs: number;
  /** Spot only: how long before a close `serverShutdown` comes. */
  readonly shutdownNoticeMs: number;
  readonly messagesPerSecond: number;
  readonly maxStreams: number;
  readonly connectionsPer5Min: number;
  readonly weightPerMinute: number;
}

const DAY_MS = 24 * 3_600_000;
export const SPOT_TIMINGS: BinanceTimings = {
  pingIntervalMs: 20_000,
  pongTimeoutMs: 60_000,
  lifetimeMs: DAY_MS,
  shutdownNoticeMs: 10_000,
  messagesPerSecond: 5,
  maxStreams: 1_024,
  connectionsPer5Min: 300,
  weightPerMinute: 6_000,
};
export const USDM_TIMINGS: BinanceTimings = {
  pingIntervalMs: 180_000,
  pongTimeoutMs: 600_000,
  lifetimeMs: DAY_MS,
  shutdownNoticeMs: 0,
  messagesPerSecond: 10,
  maxStreams: 1_024,
  connectionsPer5Min: 300,
  weightPerMinute: 2_400,
};

type StreamGroup = 'public' | 'market' | 'private';
const FIVE_MINUTES_MS = 300_000;
const POLICY_VIOLATION = 1_008;
const GOING_AWAY = 1_001;

/** A frame in both its forms; the venue wraps it only for clients in combined mode. */
export interface StreamFrame {
  readonly stream: string;
  readonly raw: string;
  readonly combined: string;
}

export interface BinanceStreams {
  readonly publish: (frame: StreamFrame) => void;
  /** Streams somebody listens to. */
  readonly wanted: (stream: string) => boolean;
  readonly accept: (url: URL) => number | ((peer: Peer) => Conversation);
  readonly announceClose: () => void;
}

interface Listener {
  readonly peer: Peer;
  readonly group: StreamGroup;
  readonly streams: Set<string>;
  readonly budget: Budget;
  combined: boolean;
  endsMonoMs: number;
  announced: boolean;
  pingedMonoMs: number;
  pongDueMonoMs: number | null;
}

const groupOfStream = (stream: string): StreamGroup => (/@(?:bookTicker|depth|rpiDepth)|^!bookTicker/.test(stream) ? 'public' : 'market');

interface Route {
  readonly group: StreamGroup;
  readonly combined: boolean;
  readonly streams: readonly string[];
}

/** `/ws`, `/ws/<a>/<b>`, `/stream?streams=a/b`; futures prefix them with the group. `null` = no such path. */
const routeOf = (url: URL, product: 'spot' | 'usdm'): Route | null => {
  const match = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/(.*))?$/.exec(url.pathname);
  if (match === null || (match[1] !== undefined && product === 'spot')) return null;
  const combined = match[2] === 'stream';
  const names = combined ? url.searchParams.get('streams') : match[3];
  return {
    group: (match[1] as StreamGroup | undefined) ?? 'public',
    combined,
    streams: (names ?? '').split('/').filter((s) => s !== ''),
  };
};

export const createBinanceStreams = (product: 'spot' | 'usdm', timings: BinanceTimings, venueNow: () => number): BinanceStreams => {
  const listeners = new Set<Listener>();
  const byStream = new Map<string, Set<Listener>>();
  const connections = createBudget(timings.connectionsPer5Min, FIVE_MINUTES_MS);

  const reply = (l: Listener, body: unknown) => l.peer.reply(JSON.stringify(body));
  const heard = (l: Listener, stream: string) => product === 'spot' || l.group === groupOfStream(stream);
  const add = (l: Listener, streams: readonly string[]): void => {
    for (const s of streams) {
      if (l.streams.has(s)) continue;
      l.streams.add(s);
      if (!heard(l, s)) continue;
      const set = byStream.get(s);
      if (set === undefined) byStream.set(s, new Set([l]));
      else set.add(l);
    }
  };
  const remove = (l: Listener, streams: Iterable<string>): void => {
    for (const s of streams) {
      l.streams.delete(s);
      const set = byStream.get(s);
      set?.delete(l);
      if (set?.size === 0) byStream.delete(s);
    }
  };
  const fits = (l: Listener, streams: readonly string[]) => new Set([...l.streams, ...streams]).size <= timings.maxStreams;
  const spend = (l: Listener): boolean => {
    if (l.budget.take(performance.now())) return true;
    l.peer.close(POLICY_VIOLATION, 'Too many requests');
    return false;
  };
  const obey = (l: Listener, text: string): void => {
    if (!spend(l)) return;
    const request = readStreamRequest(text, product);
    if (isRefusal(request)) {
      reply(l, { error: { code: request.code, msg: request.msg }, id: request.id });
      return;
    }
    const { id } = request;
    switch (request.method) {
      case 'SUBSCRIBE':
        if (!fits(l, request.streams)) {
          l.peer.close(POLICY_VIOLATION, `Too many streams: at most ${timings.maxStreams} a connection`);
          return;
        }
        reply(l, { result: null, id });
        add(l, request.streams);
        return;
      case 'UNSUBSCRIBE':
        remove(l, request.streams);
        reply(l, { result: null, id });
        return;
      case 'LIST_SUBSCRIPTIONS':
        reply(l, { result: [...l.streams], id });
        return;
      case 'GET_PROPERTY':
        reply(l, { result: l.combined, id });
        return;
      case 'SET_PROPERTY':
        l.combined = request.combined;
        reply(l, { result: null, id });
        return;
      default:
        request satisfies never;
    }
  };
  const announce = (l: Listener) => {
    if (product !== 'spot' || l.announced) return;
    l.announced = true;
    reply(l, { e: 'serverShutdown', E: venueNow() });
  };
  const check = (l: Listener, now: number) => {
    if (l.pongDueMonoMs !== null && now > l.pongDueMonoMs) l.peer.close(POLICY_VIOLATION, 'Pong timeout');
    if (now - l.pingedMonoMs >= timings.pingIntervalMs) {
      l.pingedMonoMs = now;
      l.pongDueMonoMs ??= now + timings.pongTimeoutMs;
      l.peer.ping(String(venueNow()));
    }
    if (now >= l.endsMonoMs - timings.shutdownNoticeMs) announce(l);
    if (now >= l.endsMonoMs) l.peer.close(GOING_AWAY, 'Connection lifetime reached');
  };
  const open = (peer: Peer, route: Route): Conversation => {
    const now = performance.now();
    const l: Listener = {
      peer,
      group: route.group,
      streams: new Set(),
      budget: createBudget(timings.messagesPerSecond, 1_000),
      combined: route.combined,
      endsMonoMs: now + timings.lifetimeMs,
      announced: false,
      pingedMonoMs: now,
      pongDueMonoMs: null,
    };
    listeners.add(l);
    if (fits(l, route.streams)) add(l, route.streams);
    else peer.close(POLICY_VIOLATION, `Too many streams: at most ${timings.maxStreams} a connection`);
    return {
      message: (text) => obey(l, text),
      ping: () => void spend(l),
      pong: () => {
        l.pongDueMonoMs = null;
        spend(l);
      },
      check: (monoMs) => check(l, monoMs),
      closed: () => {
        remove(l, [...l.streams]);
        listeners.delete(l);
      },
    };
  };
  return {
    publish: (frame) => {
      for (const l of byStream.get(frame.stream) ?? []) l.peer.data(l.combined ? frame.combined : frame.raw);
    },
    wanted: (stream) => byStream.has(stream),
    accept: (url) => {
      const route = routeOf(url, product);
      if (route === null) return 404;
      if (!connections.take(performance.now())) return 429;
      return (peer) => open(peer, route);
    },
    announceClose: () => {
      const now = performance.now();
      for (const l of listeners) {
        announce(l);
        l.endsMonoMs = Math.min(l.endsMonoMs, now + timings.shutdownNoticeMs);
      }
    },
  };
};
