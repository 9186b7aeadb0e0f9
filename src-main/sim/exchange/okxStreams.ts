/**
 * The socket side of a simulated OKX: paths, operations, heartbeat, notices. Owns who listens to which argument. Unlike
 * Binance it refuses what does not exist, and closes whoever stays idle.
 */
import { createBudget, type Budget } from './budget.ts';
import { isOkxRefusal, readOkxRequest, refusalOf, type OkxArg, type OkxPath } from './okxRequests.ts';
import type { Peer } from './peer.ts';
import type { Conversation } from './venueServer.ts';
import { MS_PER_HOUR } from '../../../src-shared/domain/units.ts';

export interface OkxTimings {
  /** Nothing in either direction for this long: closed with 4004. */
  readonly idleCloseMs: number;
  /** An unchanged book is sent again after this long. */
  readonly repeatUnchangedMs: number;
  /** From notice 64008 to the close. */
  readonly noticeMs: number;
  readonly operationsPerHour: number;
  readonly connectionsPerSecond: number;
  readonly requestsPer2s: number;
  /** `tickers` at most this often. */
  readonly tickerMs: number;
}

export const OKX_TIMINGS: OkxTimings = {
  idleCloseMs: 30_000,
  repeatUnchangedMs: 60_000,
  noticeMs: 60_000,
  operationsPerHour: 480,
  connectionsPerSecond: 3,
  requestsPer2s: 20,
  tickerMs: 100,
};

const IDLE_CLOSE = 4_004;
const LOGIN_FAILED = 4_001;
const GOING_AWAY = 1_001;

export interface OkxStreams {
  /** Sends `data` (the JSON array's text) to everyone listening to this argument. */
  readonly publish: (channel: string, instId: string, data: string) => void;
  readonly wanted: (channel: string, instId: string) => boolean;
  readonly accept: (url: URL) => number | ((peer: Peer) => Conversation);
  readonly announceClose: () => void;
}

interface Listener {
  readonly peer: Peer;
  readonly path: OkxPath;
  readonly connId: string;
  readonly args: Map<string, OkxArg>;
  readonly budget: Budget;
  lastHeardMonoMs: number;
  closesMonoMs: number | null;
}

export interface OkxStreamSettings {
  readonly timings: OkxTimings;
  readonly lists: (arg: OkxArg) => boolean;
  readonly connId: () => string;
  /** What a new listener gets at once: the JSON array's text, or null. */
  readonly snapshot: (arg: OkxArg) => string | null;
}

const keyOf = (channel: string, instId: string): string => `${channel}/${instId}`;
const keyOfArg = (arg: OkxArg): string => keyOf(arg.channel, arg.instId ?? arg.instType ?? '');
const pushText = (arg: OkxArg, data: string): string => `{"arg":${JSON.stringify(arg)},"data":${data}}`;

class Streams implements OkxStreams {
  readonly #settings: OkxStreamSettings;
  readonly #listeners = new Set<Listener>();
  readonly #byKey = new Map<string, Map<Listener, OkxArg>>();
  readonly #connections: Budget;

  constructor(settings: OkxStreamSettings) {
    this.#settings = settings;
    this.#connections = createBudget(settings.timings.connectionsPerSecond, 1_000);
  }

  readonly publish = (channel: string, instId: string, data: string): void => {
    for (const [l, arg] of this.#byKey.get(keyOf(channel, instId)) ?? []) l.peer.data(pushText(arg, data));
  };

  readonly wanted = (channel: string, instId: string): boolean => this.#byKey.has(keyOf(channel, instId));

  readonly accept = (url: URL): number | ((peer: Peer) => Conversation) => {
    const match = /^\/ws\/v5\/(public|private|business)$/.exec(url.pathname);
    if (match === null) return 404;
    if (!this.#connections.take(performance.now())) return 429;
    return (peer) => this.#open(peer, match[1] as OkxPath);
  };

  readonly announceClose = (): void => {
    for (const l of this.#listeners) {
      l.closesMonoMs ??= performance.now() + this.#settings.timings.noticeMs;
      reply(l, null, {
        event: 'notice',
        code: '64008',
        msg: 'The connection will soon be closed for a service upgrade. Please reconnect.',
      });
    }
  };

  #open(peer: Peer, path: OkxPath): Conversation {
    const l: Listener = {
      peer,
      path,
      connId: this.#settings.connId(),
      args: new Map(),
      budget: createBudget(this.#settings.timings.operationsPerHour, MS_PER_HOUR),
      lastHeardMonoMs: performance.now(),
      closesMonoMs: null,
    };
    this.#listeners.add(l);
    return {
      message: (text) => this.#obey(l, text),
      check: (now) => this.#check(l, now),
      closed: () => {
        for (const arg of l.args.values()) this.#leave(l, arg);
        this.#listeners.delete(l);
      },
    };
  }

  #obey(l: Listener, text: string): void {
    l.lastHeardMonoMs = performance.now();
    if (text === 'ping') {
      l.peer.reply('pong');
      return;
    }
    const request = readOkxRequest(text);
    if (isOkxRefusal(request)) {
      fail(l, request.id, request);
      return;
    }
    if (!l.budget.take(performance.now())) {
      fail(l, request.id, { code: '60014', msg: 'Requests too frequent' });
      return;
    }
    if (request.op === 'login') this.#refuseLogin(l, request.id);
    else for (const arg of request.args) this.#apply(l, request.op, arg, request.id);
  }

  #apply(l: Listener, op: 'subscribe' | 'unsubscribe', arg: OkxArg, id: string | null): void {
    const refusal = refusalOf(arg, l.path, this.#settings.lists);
    if (refusal !== null) {
      fail(l, id, refusal);
      return;
    }
    reply(l, id, { event: op, arg });
    if (op === 'subscribe') this.#join(l, arg);
    else this.#leave(l, arg);
  }

  /** No account exists in the simulation: every key is unknown to it. */
  #refuseLogin(l: Listener, id: string | null): void {
    fail(l, id, l.path === 'private' ? { code: '60005', msg: 'Invalid apiKey' } : { code: '60009', msg: 'Login failed.' });
    if (l.path === 'private') l.peer.close(LOGIN_FAILED, 'Login failed.');
  }

  #join(l: Listener, arg: OkxArg): void {
    const key = keyOfArg(arg);
    l.args.set(key, arg);
    const set = this.#byKey.get(key) ?? new Map<Listener, OkxArg>();
    set.set(l, arg);
    this.#byKey.set(key, set);
    const data = this.#settings.snapshot(arg);
    if (data !== null) l.peer.data(pushText(arg, data));
  }

  #leave(l: Listener, arg: OkxArg): void {
    const key = keyOfArg(arg);
    l.args.delete(key);
    const set = this.#byKey.get(key);
    set?.delete(l);
    if (set?.size === 0) this.#byKey.delete(key);
  }

  #check(l: Listener, now: number): void {
    const { idleCloseMs } = this.#settings.timings;
    if (l.closesMonoMs !== null && now >= l.closesMonoMs) l.peer.close(GOING_AWAY, 'Service upgrade');
    else if (now - Math.max(l.lastHeardMonoMs, l.peer.lastSentMonoMs) > idleCloseMs)
      l.peer.close(IDLE_CLOSE, `No data received in ${Math.round(idleCloseMs / 1_000)}s.`);
  }
}

const reply = (l: Listener, id: string | null, body: object): void =>
  l.peer.reply(JSON.stringify({ ...(id === null ? {} : { id }), ...body, connId: l.connId }));
const fail = (l: Listener, id: string | null, refusal: { readonly code: string; readonly msg: string }): void =>
  reply(l, id, { event: 'error', code: refusal.code, msg: refusal.msg });

export const createOkxStreams = (settings: OkxStreamSettings): OkxStreams => new Streams(settings);
