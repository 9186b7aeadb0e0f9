/**
 * The stream side of a simulated Binance: paths, subscriptions, pings, limits. Owns who listens to which stream. A
 * stream that does not exist, or is asked for on the wrong path, is acknowledged and stays silent, as on the real venue.
 */
import { createBudget, type Budget } from './budget.ts';
import { isRefusal, readStreamRequest } from './binanceRequests.ts';
import type { Peer } from './peer.ts';
import { createPrivatePushes, type PrivatePushes } from './privatePushes.ts';
import type { Conversation } from './venueServer.ts';
import type { OrderFaults } from '../orderFaults.ts';
import { MS_PER_DAY } from '../../../src-shared/domain/units.ts';

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
  readonly ordersPer10s: number;
  /** Futures. */
  readonly ordersPerMinute: number;
  /** Spot. */
  readonly ordersPerDay: number;
  readonly listenKeyLifeMs: number;
}

export const SPOT_TIMINGS: BinanceTimings = {
  pingIntervalMs: 20_000,
  pongTimeoutMs: 60_000,
  lifetimeMs: MS_PER_DAY,
  shutdownNoticeMs: 10_000,
  messagesPerSecond: 5,
  maxStreams: 1_024,
  connectionsPer5Min: 300,
  weightPerMinute: 6_000,
  ordersPer10s: 50,
  ordersPerMinute: 0,
  ordersPerDay: 160_000,
  listenKeyLifeMs: 3_600_000,
};
export const USDM_TIMINGS: BinanceTimings = {
  pingIntervalMs: 180_000,
  pongTimeoutMs: 600_000,
  lifetimeMs: MS_PER_DAY,
  shutdownNoticeMs: 0,
  messagesPerSecond: 10,
  maxStreams: 1_024,
  connectionsPer5Min: 300,
  weightPerMinute: 2_400,
  ordersPer10s: 300,
  ordersPerMinute: 1_200,
  ordersPerDay: 0,
  listenKeyLifeMs: 3_600_000,
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
  /** An event of an account to those who listen to its key on the private path and asked for such events. */
  readonly publishPrivate: (frame: StreamFrame, event: string) => void;
  /** Streams somebody listens to. */
  readonly wanted: (stream: string) => boolean;
  readonly accept: (url: URL) => number | ((peer: Peer) => Conversation);
  readonly announceClose: () => void;
}

interface Listener {
  readonly peer: Peer;
  readonly group: StreamGroup;
  readonly streams: Set<string>;
  /** Of the private path: the events asked for; null = all. */
  readonly events: ReadonlySet<string> | null;
  readonly pushes: PrivatePushes;
  readonly budget: Budget;
  combined: boolean;
  endsMonoMs: number;
  announced: boolean;
  pingedMonoMs: number;
  pongDueMonoMs: number | null;
}

/** What bears no channel is a listen key. */
const groupOfStream = (stream: string): StreamGroup => {
  if (!/[@!]/.test(stream)) return 'private';
  return /@(?:bookTicker|depth|rpiDepth)|^!bookTicker/.test(stream) ? 'public' : 'market';
};

interface Route {
  readonly group: StreamGroup;
  readonly combined: boolean;
  readonly streams: readonly string[];
  readonly events: ReadonlySet<string> | null;
}

/** `/ws`, `/ws/<a>/<b>`, `/stream?streams=a/b`; futures prefix them with the group. `null` = no such path. */
const routeOf = (url: URL, product: 'spot' | 'usdm'): Route | null => {
  const match = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/(.*))?$/.exec(url.pathname);
  if (match === null || (match[1] !== undefined && product === 'spot')) return null;
  const combined = match[2] === 'stream';
  const listenKey = match[1] === 'private' ? url.searchParams.get('listenKey') : null;
  const events = url.searchParams.get('events');
  const names = combined ? url.searchParams.get('streams') : match[3];
  return {
    group: (match[1] as StreamGroup | undefined) ?? 'public',
    combined,
    streams: [...(names ?? '').split('/'), listenKey ?? ''].filter((s) => s !== ''),
    events: events === null || events === '' ? null : new Set(events.split('/')),
  };
};

class Streams implements BinanceStreams {
  readonly #product: 'spot' | 'usdm';
  readonly #timings: BinanceTimings;
  readonly #venueNow: () => number;
  readonly #faults: OrderFaults;
  readonly #listeners = new Set<Listener>();
  readonly #byStream = new Map<string, Set<Listener>>();
  readonly #connections: Budget;

  constructor(product: 'spot' | 'usdm', timings: BinanceTimings, venueNow: () => number, faults: OrderFaults) {
    this.#faults = faults;
    this.#product = product;
    this.#timings = timings;
    this.#venueNow = venueNow;
    this.#connections = createBudget(timings.connectionsPer5Min, FIVE_MINUTES_MS);
  }

  readonly publish = (frame: StreamFrame): void => {
    for (const l of this.#byStream.get(frame.stream) ?? []) l.peer.data(l.combined ? frame.combined : frame.raw);
  };

  readonly publishPrivate = (frame: StreamFrame, event: string): void => {
    for (const l of this.#byStream.get(frame.stream) ?? [])
      if (l.events === null || l.events.has(event)) l.pushes.push(l.combined ? frame.combined : frame.raw);
  };

  readonly wanted = (stream: string): boolean => this.#byStream.has(stream);

  readonly accept = (url: URL): number | ((peer: Peer) => Conversation) => {
    const route = routeOf(url, this.#product);
    if (route === null) return 404;
    if (!this.#connections.take(performance.now())) return 429;
    return (peer) => this.#open(peer, route);
  };

  readonly announceClose = (): void => {
    const endsMonoMs = performance.now() + this.#timings.shutdownNoticeMs;
    for (const l of this.#listeners) {
      this.#announce(l);
      l.endsMonoMs = Math.min(l.endsMonoMs, endsMonoMs);
    }
  };

  #open(peer: Peer, route: Route): Conversation {
    const now = performance.now();
    const l: Listener = {
      peer,
      group: route.group,
      streams: new Set(),
      events: route.events,
      pushes: createPrivatePushes(this.#faults, (text) => peer.reply(text)),
      budget: createBudget(this.#timings.messagesPerSecond, 1_000),
      combined: route.combined,
      endsMonoMs: now + this.#timings.lifetimeMs,
      announced: false,
      pingedMonoMs: now,
      pongDueMonoMs: null,
    };
    this.#listeners.add(l);
    if (this.#fits(l, route.streams)) this.#add(l, route.streams);
    else this.#refuseStreams(l);
    return {
      message: (text) => this.#obey(l, text),
      ping: () => void this.#spend(l),
      pong: () => {
        l.pongDueMonoMs = null;
        this.#spend(l);
      },
      check: (monoMs) => this.#check(l, monoMs),
      closed: () => {
        this.#remove(l, [...l.streams]);
        this.#listeners.delete(l);
        l.pushes.stop();
      },
    };
  }

  #obey(l: Listener, text: string): void {
    if (!this.#spend(l)) return;
    const request = readStreamRequest(text, this.#product);
    if (isRefusal(request)) {
      reply(l, { error: { code: request.code, msg: request.msg }, id: request.id });
      return;
    }
    const { id } = request;
    switch (request.method) {
      case 'SUBSCRIBE':
        if (!this.#fits(l, request.streams)) {
          this.#refuseStreams(l);
          return;
        }
        reply(l, { result: null, id });
        this.#add(l, request.streams);
        return;
      case 'UNSUBSCRIBE':
        this.#remove(l, request.streams);
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
  }

  /** Remembers every name, since `LIST_SUBSCRIPTIONS` repeats it; hears only those its path delivers. */
  #add(l: Listener, streams: readonly string[]): void {
    for (const s of streams) {
      if (l.streams.has(s)) continue;
      l.streams.add(s);
      if (this.#product === 'usdm' && l.group !== groupOfStream(s)) continue;
      const set = this.#byStream.get(s);
      if (set === undefined) this.#byStream.set(s, new Set([l]));
      else set.add(l);
    }
  }

  #remove(l: Listener, streams: Iterable<string>): void {
    for (const s of streams) {
      l.streams.delete(s);
      const set = this.#byStream.get(s);
      set?.delete(l);
      if (set?.size === 0) this.#byStream.delete(s);
    }
  }

  #fits(l: Listener, streams: readonly string[]): boolean {
    return new Set([...l.streams, ...streams]).size <= this.#timings.maxStreams;
  }

  #refuseStreams(l: Listener): void {
    l.peer.close(POLICY_VIOLATION, `Too many streams: at most ${this.#timings.maxStreams} a connection`);
  }

  /** Pings, pongs and requests count alike. */
  #spend(l: Listener): boolean {
    if (l.budget.take(performance.now())) return true;
    l.peer.close(POLICY_VIOLATION, 'Too many requests');
    return false;
  }

  #announce(l: Listener): void {
    if (this.#product !== 'spot' || l.announced) return;
    l.announced = true;
    reply(l, { e: 'serverShutdown', E: this.#venueNow() });
  }

  #check(l: Listener, now: number): void {
    const { pingIntervalMs, pongTimeoutMs, shutdownNoticeMs } = this.#timings;
    if (l.pongDueMonoMs !== null && now > l.pongDueMonoMs) l.peer.close(POLICY_VIOLATION, 'Pong timeout');
    if (now - l.pingedMonoMs >= pingIntervalMs) {
      l.pingedMonoMs = now;
      l.pongDueMonoMs ??= now + pongTimeoutMs;
      l.peer.ping(String(this.#venueNow()));
    }
    if (now >= l.endsMonoMs - shutdownNoticeMs) this.#announce(l);
    if (now >= l.endsMonoMs) l.peer.close(GOING_AWAY, 'Connection lifetime reached');
  }
}

const reply = (l: Listener, body: unknown): void => l.peer.reply(JSON.stringify(body));

export const createBinanceStreams = (
  product: 'spot' | 'usdm',
  timings: BinanceTimings,
  venueNow: () => number,
  faults: OrderFaults,
): BinanceStreams => new Streams(product, timings, venueNow, faults);
