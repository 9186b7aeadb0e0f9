/**
 * The web-socket API of a simulated Binance: one conversation a socket, requests answered by id, log-on with Ed25519 alone, on spot
 * the user events of subscribed accounts. Owns sessions and subscriptions; what is asked is carried out by the desk.
 */
import type { FaultSwitch } from '../../faults.ts';
import type { AccountId } from '../account/account.ts';
import type { BinanceTimings } from '../binanceStreams.ts';
import type { Peer } from '../peer.ts';
import { createPrivatePushes, type PrivatePushes } from '../privatePushes.ts';
import type { Conversation } from '../venueServer.ts';
import type { Operation } from './catalogue.ts';
import type { Desk } from './desk.ts';
import { socketPayload, type Asker, type Gate } from './gate.ts';
import type { Limits } from './limits.ts';
import type { UserEvent } from './userEvents.ts';
import { missing, Params, Refusal, type Product, ownFault } from './wire.ts';

const NOBODY = null as unknown as Asker;
const GOING_AWAY = 1_001;
const POLICY_VIOLATION = 1_008;
const TORN = 1_006;
const HANDSHAKE_WEIGHT = 5;
const LOOPBACK = '127.0.0.1';

export interface SocketSide {
  readonly product: Product;
  readonly catalogue: readonly Operation[];
  readonly gate: Gate;
  readonly limits: Limits;
  readonly desk: Desk;
  readonly faults: FaultSwitch;
  readonly timings: BinanceTimings;
  readonly now: () => number;
}

interface Session {
  readonly peer: Peer;
  readonly pushes: PrivatePushes;
  readonly subscriptions: Map<number, AccountId>;
  readonly connectedMs: number;
  readonly endsMonoMs: number;
  tellsLimits: boolean;
  loggedOn: { readonly asker: Asker; readonly sinceMs: number } | null;
  nextSubscription: number;
  pingedMonoMs: number;
  pongDueMonoMs: number | null;
}

interface Request {
  readonly id: unknown;
  readonly method: string;
  readonly values: ReadonlyMap<string, string>;
  /** Of {@link WHOLE_NUMBERS} those that came as a text. */
  readonly quoted: readonly string[];
}
/** Documented: whole numbers are expected as numbers, not as texts. */
const WHOLE_NUMBERS: readonly string[] = ['timestamp', 'recvWindow', 'orderId'];

/** Parameter values as they were written: a number's own digits are what was signed. */
const sourceText = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined ? context.source : value;

const readRequest = (text: string): Request | null => {
  try {
    const outer = JSON.parse(text) as Record<string, unknown> | null;
    const exactly = JSON.parse(text, sourceText) as Record<string, unknown>;
    if (typeof outer !== 'object' || outer === null || typeof outer['method'] !== 'string') return null;
    const params = (exactly['params'] ?? {}) as Record<string, unknown>;
    const values = new Map(Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : String(value)]));
    const sent = (outer['params'] ?? {}) as Record<string, unknown>;
    const quoted = WHOLE_NUMBERS.filter((name) => typeof sent[name] === 'string');
    return { id: outer['id'] ?? null, method: outer['method'], values, quoted };
  } catch {
    return null;
  }
};

export class SocketApi {
  readonly #side: SocketSide;
  readonly #sessions = new Set<Session>();
  readonly #methods: ReadonlyMap<string, Operation>;

  constructor(side: SocketSide) {
    this.#side = side;
    this.#methods = new Map(side.catalogue.flatMap((o) => o.socket.map((method) => [method, o] as const)));
  }

  /** null = not a path of this side. */
  accept(url: URL): number | ((peer: Peer) => Conversation) | null {
    if (url.pathname !== (this.#side.product === 'spot' ? '/ws-api/v3' : '/ws-fapi/v1')) return null;
    try {
      this.#side.limits.takeWeight(HANDSHAKE_WEIGHT);
    } catch (error) {
      if (error instanceof Refusal) return error.status;
      throw error;
    }
    return (peer) => this.#open(peer, url.searchParams.get('returnRateLimits') !== 'false');
  }

  /** To every subscription of the account; spot alone. */
  push(account: AccountId, event: UserEvent): void {
    for (const session of this.#sessions)
      for (const [subscriptionId, of] of session.subscriptions)
        if (of === account) session.pushes.push(JSON.stringify({ subscriptionId, event: event.body }));
  }

  announceClose(): void {
    const event = { e: 'serverShutdown', E: this.#side.now() };
    for (const { peer } of this.#sessions) peer.reply(JSON.stringify({ event }));
    setTimeout(() => {
      for (const { peer } of this.#sessions) peer.close(GOING_AWAY, 'server shuts down');
    }, this.#side.timings.shutdownNoticeMs).unref();
  }

  #open(peer: Peer, tellsLimits: boolean): Conversation {
    const monoMs = performance.now();
    const { faults, timings } = this.#side;
    const session: Session = {
      peer,
      pushes: createPrivatePushes(faults, (text) => peer.reply(text)),
      subscriptions: new Map(),
      connectedMs: this.#side.now(),
      endsMonoMs: monoMs + timings.lifetimeMs,
      tellsLimits,
      loggedOn: null,
      nextSubscription: 0,
      pingedMonoMs: monoMs,
      pongDueMonoMs: null,
    };
    this.#sessions.add(session);
    return {
      message: (text) => void this.#obey(session, text),
      pong: () => {
        session.pongDueMonoMs = null;
      },
      check: (now) => this.#check(session, now),
      closed: () => {
        session.pushes.stop();
        this.#sessions.delete(session);
      },
    };
  }

  #check(session: Session, now: number): void {
    const { pingIntervalMs, pongTimeoutMs } = this.#side.timings;
    if (session.pongDueMonoMs !== null && now > session.pongDueMonoMs) session.peer.close(POLICY_VIOLATION, 'Pong timeout');
    if (now - session.pingedMonoMs >= pingIntervalMs) {
      session.pingedMonoMs = now;
      session.pongDueMonoMs ??= now + pongTimeoutMs;
      session.peer.ping(String(this.#side.now()));
    }
    if (now >= session.endsMonoMs) session.peer.close(GOING_AWAY, 'Connection lifetime reached');
  }

  async #obey(session: Session, text: string): Promise<void> {
    const request = readRequest(text);
    if (request === null) {
      this.#reply(session, { id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } }, null, null);
      return;
    }
    try {
      const answered = await this.#answer(session, request);
      if (answered !== null) this.#reply(session, { id: request.id, status: 200, result: answered.result }, answered.account, request);
    } catch (error) {
      const { code, message, status, retryAfterMs } = error instanceof Refusal ? error : ownFault(error);
      const extra =
        retryAfterMs === null ? {} : { data: { serverTime: this.#side.now(), retryAfter: this.#side.now() + Math.ceil(retryAfterMs) } };
      this.#reply(session, { id: request.id, status, error: { code, msg: message, ...extra } }, null, request);
    }
  }

  /** Order limits are told beside what counts on them. */
  #reply(session: Session, body: object, account: string | null, request: Request | null): void {
    // A spot socket with user events is a private one.
    if (session.subscriptions.size > 0 && this.#side.faults.timed('dead-private-socket') !== null) return;
    const wish = request?.values.get('returnRateLimits');
    const tells = wish === undefined ? session.tellsLimits : wish === 'true';
    session.peer.reply(JSON.stringify(tells ? { ...body, rateLimits: this.#side.limits.rows(account) } : body));
  }

  /** null = no answer. @throws Refusal */
  async #answer(session: Session, request: Request): Promise<{ readonly result: object; readonly account: string | null } | null> {
    const params = new Params(request.values);
    const own = this.#ofSession(session, request, params);
    if (own !== null) return { result: own, account: null };
    const operation = this.#methods.get(request.method);
    if (operation === undefined) throw new Refusal(-1164, `Unknown method: ${request.method}`);
    this.#side.limits.takeWeight(operation.weight(params));
    const { asker, endsMs } =
      operation.security === 'none' ? { asker: NOBODY, endsMs: Infinity } : this.#askerOf(session, request, params, operation);
    if (operation.trades) this.#side.gate.mustTrade(asker, LOOPBACK);
    const served = await this.#side.desk.serve({ operation, asker, params, endsMs });
    if (!('lost' in served)) return { result: served.body, account: operation.counts ? asker.account : null };
    if (served.close) session.peer.close(TORN, '');
    return null;
  }

  /** A key in the request counts before the session's. @throws Refusal */
  #askerOf(session: Session, request: Request, params: Params, { security }: Pick<Operation, 'security'>) {
    const { gate } = this.#side;
    const [quoted] = request.quoted;
    if (quoted !== undefined) throw missing(quoted);
    const apiKey = params.text('apiKey');
    if (apiKey === null && session.loggedOn === null) throw missing('apiKey');
    const asker = apiKey === null ? session.loggedOn!.asker : gate.keyOf(apiKey, LOOPBACK);
    if (security === 'key') return { asker, endsMs: Infinity };
    if (apiKey !== null) params.must('signature');
    const { endsMs } = gate.mustBeFresh(params);
    if (apiKey !== null) gate.mustBeSigned(asker, socketPayload(request.values), params);
    return { asker, endsMs };
  }

  /** What concerns the socket itself; null = something else. @throws Refusal */
  #ofSession(session: Session, request: Request, params: Params): object | null {
    const { limits, now, product } = this.#side;
    const spot = product === 'spot';
    switch (request.method) {
      case 'ping':
        limits.takeWeight(1);
        return {};
      case 'time':
        limits.takeWeight(1);
        return { serverTime: now() };
      case 'session.logon':
        return this.#logOn(session, request, params);
      case 'session.status':
        return this.#status(session);
      case 'session.logout':
        session.loggedOn = null;
        return this.#status(session);
      case 'userDataStream.subscribe':
        if (!spot) return null;
        if (session.loggedOn === null) throw new Refusal(-2015, 'Invalid API-key, IP, or permissions for action.', 401);
        return this.#subscribe(session, session.loggedOn.asker);
      case 'userDataStream.subscribe.signature':
        return spot ? this.#subscribe(session, this.#askerOf(session, request, params, { security: 'signed' }).asker) : null;
      case 'userDataStream.unsubscribe':
        return spot ? this.#unsubscribe(session, params) : null;
      default:
        return null;
    }
  }

  #logOn(session: Session, request: Request, params: Params): object {
    this.#side.limits.takeWeight(2);
    params.must('apiKey');
    const { asker } = this.#askerOf(session, request, params, { security: 'signed' });
    if (asker.key.proof.algorithm !== 'ed25519') throw new Refusal(-4056, 'HMAC_SHA256 API key is not supported.');
    session.loggedOn = { asker, sinceMs: this.#side.now() };
    return this.#status(session);
  }

  #status({ loggedOn, connectedMs, tellsLimits, subscriptions }: Session): object {
    return {
      apiKey: loggedOn?.asker.key.apiKey ?? null,
      authorizedSince: loggedOn?.sinceMs ?? null,
      connectedSince: connectedMs,
      returnRateLimits: tellsLimits,
      serverTime: this.#side.now(),
      userDataStream: subscriptions.size > 0,
    };
  }

  #subscribe(session: Session, { account }: Asker): object {
    this.#side.limits.takeWeight(2);
    if ([...session.subscriptions.values()].includes(account)) throw new Refusal(-2035, 'User Data Stream subscription already active.');
    const subscriptionId = session.nextSubscription;
    session.nextSubscription += 1;
    session.subscriptions.set(subscriptionId, account);
    return { subscriptionId };
  }

  #unsubscribe(session: Session, params: Params): object {
    const id = params.number('subscriptionId');
    if (id === null) session.subscriptions.clear();
    else if (!session.subscriptions.delete(id)) throw new Refusal(-2036, 'User Data Stream subscription not active.');
    return {};
  }
}
