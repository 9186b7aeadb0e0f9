/**
 * The signed REST side of a simulated OKX: proof, allowances, routes. Owns the envelope and what strikes a request as a whole;
 * order entry is the desk's, readings and settings are the account routes'.
 */
import type { FaultSwitch } from '../faults.ts';
import { createBudget, type Budget } from './budget.ts';
import { ACCOUNT_ROUTES, type AccountScene } from './okxAccountRoutes.ts';
import { argText } from './okxOrderArgs.ts';
import type { ActOutcome, OkxOrderDesk, OrderOp } from './okxOrderDesk.ts';
import * as no from './okxRefusals.ts';
import type { OkxRefused } from './okxRefusals.ts';
import { callerOf, isRefused, type OkxCaller, type OkxKeyring } from './okxSignature.ts';
import { TRADE_ROUTES } from './okxTradeRoutes.ts';
import type { Answer, HttpReply, RequestParts } from './venueServer.ts';

const WINDOW_MS = 2_000;
const MAX_BUDGETS = 4_096;
const JSON_TYPE = /^application\/json(?:;|$)/i;

/** One signed path: how often it may be asked in two seconds, whether it reads orders, and what it answers. */
export interface PrivateRoute {
  readonly per2s: number;
  readonly readsOrders?: boolean;
  readonly changes?: boolean;
  readonly answer: (scene: AccountScene, ask: RouteRequest) => readonly object[] | OkxRefused;
}
export interface RouteRequest {
  readonly caller: OkxCaller;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

const ENTRY: Readonly<Record<string, OrderOp>> = {
  '/api/v5/trade/order': 'order',
  '/api/v5/trade/batch-orders': 'batch-orders',
  '/api/v5/trade/cancel-order': 'cancel-order',
  '/api/v5/trade/cancel-batch-orders': 'batch-cancel-orders',
  '/api/v5/trade/amend-order': 'amend-order',
  '/api/v5/trade/amend-batch-orders': 'batch-amend-orders',
};
const ROUTES: ReadonlyMap<string, PrivateRoute> = new Map([...TRADE_ROUTES, ...ACCOUNT_ROUTES]);

const KNOWN_PATHS: ReadonlySet<string> = new Set([...Object.keys(ENTRY), ...[...ROUTES.keys()].map((key) => key.split(' ')[1]!)]);

export interface OkxPrivateRestSettings {
  readonly scene: AccountScene;
  readonly keyring: OkxKeyring;
  readonly desk: OkxOrderDesk;
  readonly faults: FaultSwitch;
  readonly venueNow: () => number;
}

export interface OkxPrivateRest {
  /** null = no signed path of this name: somebody else's. */
  answer(method: string, url: URL, parts: RequestParts): Answer | Promise<Answer> | null;
}

const envelope = (status: number, code: string, msg: string, data: readonly object[], extra: object = {}): HttpReply => ({
  status,
  body: JSON.stringify({ code, msg, data, ...extra }),
});
const refusal = ({ status, code, msg }: OkxRefused): HttpReply => envelope(status, code, msg, []);

const isRefusal = (x: readonly object[] | OkxRefused): x is OkxRefused => 'code' in x;
const readBody = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

class PrivateRest implements OkxPrivateRest {
  readonly #settings: OkxPrivateRestSettings;
  readonly #budgets = new Map<string, Budget>();

  constructor(settings: OkxPrivateRestSettings) {
    this.#settings = settings;
  }

  answer(method: string, url: URL, parts: RequestParts): Answer | Promise<Answer> | null {
    const key = `${method} ${url.pathname}`;
    const route = ROUTES.get(key);
    const op = method === 'POST' ? ENTRY[url.pathname] : undefined;
    if (route === undefined && op === undefined) return KNOWN_PATHS.has(url.pathname) ? refusal(no.WRONG_METHOD) : null;
    const inTime = this.#micros();
    const { keyring, venueNow } = this.#settings;
    const target = `${url.pathname}${url.search}`;
    const caller = callerOf(keyring, { method, target, ...parts }, venueNow());
    if (isRefused(caller)) return refusal(caller);
    const body = method === 'POST' ? (parts.body === '' ? no.EMPTY_BODY : readBody(parts.body)) : {};
    if (body === no.EMPTY_BODY) return refusal(no.EMPTY_BODY);
    if (method === 'POST' && !JSON_TYPE.test(parts.headers['content-type'] ?? '')) return refusal(no.WRONG_TYPE);
    if (typeof body !== 'object' || body === null) return refusal(no.BAD_JSON);
    if (op !== undefined) return this.#enter(caller, op, body, parts, inTime);
    return this.#read(route!, key, { caller, query: url.searchParams, body: body as Record<string, unknown> }, url);
  }

  #micros(): string {
    return `${this.#settings.venueNow()}${String(Math.floor(performance.now() * 1_000) % 1_000).padStart(3, '0')}`;
  }

  #enter(caller: OkxCaller, op: OrderOp, body: object, parts: RequestParts, inTime: string): Answer | Promise<Answer> {
    const expTime = typeof parts.headers['exptime'] === 'string' ? parts.headers['exptime'] : '';
    const wire = (outcome: ActOutcome): Answer =>
      typeof outcome === 'string'
        ? 'drop'
        : envelope(outcome.status, outcome.code, outcome.msg, outcome.data, { inTime, outTime: this.#micros() });
    const outcome = this.#settings.desk.act(caller, op, body, 'rest', expTime);
    return outcome instanceof Promise ? outcome.then(wire) : wire(outcome);
  }

  #read(route: PrivateRoute, key: string, ask: RouteRequest, url: URL): Answer {
    const { faults, scene } = this.#settings;
    if (faults.timed('maintenance') !== null) return refusal(no.MAINTENANCE);
    const limited = faults.timed('rate-limit');
    const struck = limited !== null && (limited.operation === null || (limited.operation === 'query' && route.readsOrders === true));
    if (struck || !this.#take(route, `${ask.caller.account} ${key} ${url.searchParams.get('instId') ?? argText(ask.body, 'tag')}`))
      return refusal(no.TOO_OFTEN);
    if (route.changes === true && !ask.caller.key.mayTrade) return refusal(no.NO_RIGHT);
    if (route.readsOrders === true) {
      if (faults.next('unknown-503', 'query') !== null) return refusal(no.SYSTEM_ERROR);
      const rejected = faults.next('reject', 'query');
      if (rejected !== null) return envelope(200, rejected.code, rejected.message, []);
      if (faults.next('accept-then-drop-reply', 'query') !== null) return 'drop';
    }
    const answer = route.answer(scene, ask);
    return isRefusal(answer) ? refusal(answer) : envelope(200, '0', '', answer);
  }

  #take(route: PrivateRoute, name: string): boolean {
    if (this.#budgets.size > MAX_BUDGETS) this.#budgets.clear();
    const budget = this.#budgets.get(name) ?? createBudget(route.per2s, WINDOW_MS);
    this.#budgets.set(name, budget);
    return budget.take(performance.now());
  }
}

export const createOkxPrivateRest = (settings: OkxPrivateRestSettings): OkxPrivateRest => new PrivateRest(settings);
