/**
 * The socket side of a simulated OKX: paths, operations, heartbeat, notices. Owns who listens to which argument. Unlike
 * Binance it refuses what does not exist, and closes whoever stays idle.
 */
import { createBudget, type Budget } from './budget.ts';
import type { ActOutcome, OrderOp } from './okxOrderDesk.ts';
import type { OkxPrivateChannels, PrivateSession } from './okxPrivateChannels.ts';
import type { OkxRefused } from './okxRefusals.ts';
import { isOkxRefusal, isPrivateChannel, readOkxRequest, refusalOf, type OkxArg, type OkxPath, type OkxRequest } from './okxRequests.ts';
import { isRefused, type OkxCaller } from './okxSignature.ts';
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
  /** Orders in two seconds: of one instrument singly and in batches, and of one account. */
  readonly ordersPer2s: number;
  readonly batchedOrdersPer2s: number;
  readonly accountOrdersPer2s: number;
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
  ordersPer2s: 60,
  batchedOrdersPer2s: 300,
  accountOrdersPer2s: 1_000,
  tickerMs: 100,
};

const IDLE_CLOSE = 4_004;
const LOGIN_FAILED = 4_001;
const GOING_AWAY = 1_001;
const ABNORMAL = 1_006;

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
  caller: OkxCaller | null;
  session: PrivateSession | null;
}

/** The order side, as sockets need it. */
export interface OkxPrivateDoor {
  readonly channels: OkxPrivateChannels;
  readonly login: (args: unknown) => OkxCaller | OkxRefused;
  readonly act: (caller: OkxCaller, op: OrderOp, args: unknown, expTime: string) => ActOutcome | Promise<ActOutcome>;
  /** Private sockets live, but say nothing but pong. */
  readonly dead: () => boolean;
  readonly venueNow: () => number;
}

export interface OkxStreamSettings {
  readonly timings: OkxTimings;
  readonly lists: (arg: OkxArg) => boolean;
  readonly connId: () => string;
  /** What a new listener gets at once: the JSON array's text, or null. */
  readonly snapshot: (arg: OkxArg) => string | null;
  readonly door: OkxPrivateDoor;
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
      this.#reply(l, null, {
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
      caller: null,
      session: null,
    };
    this.#listeners.add(l);
    return {
      message: (text) => this.#obey(l, text),
      check: (now) => this.#check(l, now),
      closed: () => {
        for (const arg of l.args.values()) this.#leave(l, arg);
        if (l.session !== null) this.#settings.door.channels.close(l.session);
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
    const request = readOkxRequest(text, l.path);
    if (isOkxRefusal(request)) {
      this.#fail(l, request.id, request);
      return;
    }
    if ('expTime' in request) {
      this.#act(l, request);
      return;
    }
    if (!l.budget.take(performance.now())) {
      this.#fail(l, request.id, { code: '60014', msg: 'Requests too frequent' });
      return;
    }
    if (request.op === 'login') this.#login(l, request.args, request.id);
    else for (const arg of request.args) this.#apply(l, request.op, arg, request.id);
  }

  #apply(l: Listener, op: 'subscribe' | 'unsubscribe', arg: OkxArg, id: string | null): void {
    const refusal = refusalOf(arg, l.path, this.#settings.lists, l.session !== null);
    if (refusal !== null) {
      this.#fail(l, id, refusal);
      return;
    }
    this.#reply(l, id, { event: op, arg });
    if (isPrivateChannel(arg.channel) && l.session !== null) this.#applyPrivate(l, l.session, op, arg);
    else if (op === 'subscribe') this.#join(l, arg);
    else this.#leave(l, arg);
  }

  #applyPrivate(l: Listener, session: PrivateSession, op: 'subscribe' | 'unsubscribe', arg: OkxArg): void {
    const { channels } = this.#settings.door;
    if (op === 'unsubscribe') {
      channels.leave(session, arg);
      return;
    }
    const { count, served } = channels.join(session, arg);
    const event = served ? 'channel-conn-count' : 'channel-conn-count-error';
    this.#reply(l, null, { event, channel: arg.channel, connCount: String(count) });
    if (served) channels.snapshot(session, arg);
  }

  #login(l: Listener, args: unknown, id: string | null): void {
    const { door } = this.#settings;
    if (l.path !== 'private') {
      this.#fail(l, id, { code: '60009', msg: 'Login failed.' });
      return;
    }
    const caller = door.login(args);
    if (isRefused(caller)) {
      this.#fail(l, id, caller);
      l.peer.close(LOGIN_FAILED, 'Login failed.');
      return;
    }
    if (l.session !== null && l.session.account !== caller.account) {
      this.#fail(l, id, { code: '60031', msg: 'The WebSocket endpoint does not support multiple account login.' });
      return;
    }
    l.caller = caller;
    l.session ??= door.channels.open(caller.account, (text) => l.peer.reply(text));
    this.#reply(l, id, { event: 'login', msg: '', code: '0' });
  }

  #act(l: Listener, { op, args, expTime, id }: Extract<OkxRequest, { expTime: string }>): void {
    const { door } = this.#settings;
    if (l.caller === null) {
      this.#fail(l, id, { code: '60011', msg: 'Please log in' });
      return;
    }
    const inTime = micros(door.venueNow());
    const answer = (outcome: ActOutcome) => {
      if (outcome === 'close') l.peer.close(ABNORMAL, '');
      else if (outcome !== 'drop') {
        const { code, msg, data } = outcome;
        const words = code === '1' || code === '2' ? '' : msg;
        const times = { inTime, outTime: micros(door.venueNow()) };
        if (!this.#isMute(l)) l.peer.reply(JSON.stringify({ id, op, code, msg: words, data, ...times }));
      }
    };
    const outcome = door.act(l.caller, op, args, expTime);
    if (outcome instanceof Promise) void outcome.then(answer);
    else answer(outcome);
  }

  #isMute(l: Listener): boolean {
    return l.path === 'private' && this.#settings.door.dead();
  }

  #reply(l: Listener, id: string | null, body: object): void {
    if (!this.#isMute(l)) l.peer.reply(JSON.stringify({ ...(id === null ? {} : { id }), ...body, connId: l.connId }));
  }

  #fail(l: Listener, id: string | null, refusal: { readonly code: string; readonly msg: string }): void {
    this.#reply(l, id, { event: 'error', code: refusal.code, msg: refusal.msg });
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
    if (l.session !== null) this.#settings.door.channels.check(l.session, now);
    if (l.closesMonoMs !== null && now >= l.closesMonoMs) l.peer.close(GOING_AWAY, 'Service upgrade');
    else if (now - Math.max(l.lastHeardMonoMs, l.peer.lastSentMonoMs) > idleCloseMs)
      l.peer.close(IDLE_CLOSE, `No data received in ${Math.round(idleCloseMs / 1_000)}s.`);
  }
}

/** The venue's time in microseconds, as text. */
const micros = (nowMs: number): string => `${nowMs}${String(Math.floor(performance.now() * 1_000) % 1_000).padStart(3, '0')}`;

export const createOkxStreams = (settings: OkxStreamSettings): OkxStreams => new Streams(settings);
