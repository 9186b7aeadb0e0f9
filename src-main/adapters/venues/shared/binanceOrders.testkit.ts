/**
 * A Binance that says exactly what a test tells it, over real sockets on loopback, and refuses whatever is not signed as documented:
 * signatures are recomputed here with node's crypto alone. Time passes only when the test says so.
 */
import { createHmac, generateKeyPairSync, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { ClientOrderId, GroupId, VenueId } from '../../../../src-shared/domain/ids.ts';
import type { InstrumentKind } from '../../../../src-shared/domain/instrument.ts';
import type { OrderRef, OrderRequest } from '../../../../src-shared/domain/order.ts';
import type { VenueKey } from '../../../runtime/ports.ts';
import type { MakeDialect } from './orders/gateway.ts';
import type { DialectOwner, ExchangeDialect, GatewayInstrument, GatewayParts, Pushed } from './orders/parts.ts';
import { ManualTime, until } from './scriptedVenue.testkit.ts';

export const API_KEY = 'an-api-key';
const SECRET = 'a-secret';

export interface Heard {
  /** `GET /fapi/v1/order`, or a method of the web-socket API. */
  readonly what: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
export interface RestReply {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}
export interface ApiReply {
  readonly status?: number;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly rateLimits?: unknown;
}
/** `silent`: no answer. `drop`: the socket ends instead. */
type Scripted<T> = T | 'silent' | 'drop' | ((heard: Heard) => T | 'silent' | 'drop');

const PUBLIC = /(time|exchangeInfo|premiumIndex|fundingInfo|bookTicker|avgPrice|referencePrice)$/;
const KEYED = /listenKey$/;
const plainText = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

export class ScriptedBinance {
  readonly heard: Heard[] = [];
  readonly apiSockets: { readonly path: string; readonly socket: WebSocket }[] = [];
  /** What the answer to the question for the time carries. */
  timeHeaders: Record<string, string> = {};
  readonly streams: { readonly path: string; readonly socket: WebSocket }[] = [];
  readonly rest = new Map<string, Scripted<RestReply>>();
  readonly api = new Map<string, Scripted<ApiReply>>();
  /** Everything that was refused for being signed wrongly. */
  readonly unsigned: string[] = [];
  readonly #time: ManualTime;
  readonly #publicKey: KeyObject | null;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #loggedOn = new WeakSet<WebSocket>();
  readonly #unanswered: Duplex[] = [];
  /** What becomes of whoever knocks for a socket. */
  door: 'open' | 'silent' | 'drop' | { readonly status: number; readonly headers: string } = 'open';
  /** Instead of the time. */
  timeFault: RestReply | 'silent' | 'drop' | null = null;
  /** How far its clock is ahead of ours. */
  aheadMs = 0;

  constructor(time: ManualTime, publicKey: KeyObject | null) {
    this.#time = time;
    this.#publicKey = publicKey;
    this.#server = createServer((request, response) => {
      const reply = this.#answer(request);
      if (reply === 'silent') return;
      if (reply === 'drop') return void request.socket.destroy();
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(plainText(reply.body));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket, head) => {
      const { door } = this;
      if (door === 'open') this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#admit(request.url ?? '', ws));
      else if (door === 'drop') socket.destroy();
      else if (door === 'silent') this.#unanswered.push(socket);
      else socket.end(`HTTP/1.1 ${door.status} No\r\n${door.headers}Content-Length: 0\r\nConnection: close\r\n\r\n`);
    });
  }

  get nowMs(): number {
    return this.#time.unixMs() + this.aheadMs;
  }

  of(what: string): Heard[] {
    return this.heard.filter((each) => each.what === what);
  }

  #isSigned(payload: string, signature: string | undefined): boolean {
    if (signature === undefined) return false;
    if (this.#publicKey !== null) return verify(null, Buffer.from(payload), this.#publicKey, Buffer.from(signature, 'base64'));
    return createHmac('sha256', SECRET).update(payload).digest('hex') === signature;
  }

  #answer(request: IncomingMessage): RestReply | 'silent' | 'drop' {
    const url = new URL(request.url ?? '', 'http://x');
    const what = `${request.method} ${url.pathname}`;
    const params = Object.fromEntries(url.searchParams);
    const heard = { what, params, headers: request.headers };
    this.heard.push(heard);
    if (!PUBLIC.test(url.pathname)) {
      const [payload, signature] = url.search.slice(1).split('&signature=');
      const isRight = KEYED.test(url.pathname) || this.#isSigned(payload ?? '', decodeURIComponent(signature ?? ''));
      if (!isRight || request.headers['x-mbx-apikey'] !== API_KEY) {
        this.unsigned.push(what);
        return { status: 400, body: { code: -1022, msg: 'Signature for this request is not valid.' } };
      }
    } else if (request.headers['x-mbx-apikey'] !== undefined) this.unsigned.push(`${what} carries a key`);
    if (url.pathname.endsWith('/time')) return this.timeFault ?? { body: { serverTime: this.nowMs }, headers: this.timeHeaders };
    const scripted = this.rest.get(what) ?? { status: 404, body: { code: -1, msg: 'not scripted' } };
    return typeof scripted === 'function' ? scripted(heard) : scripted;
  }

  #admit(path: string, socket: WebSocket): void {
    socket.on('error', () => socket.terminate());
    if (!/ws-(f)?api/.test(path)) return void this.streams.push({ path, socket });
    this.apiSockets.push({ path, socket });
    socket.on('message', (bytes: Buffer, isBinary: boolean) =>
      isBinary ? socket.close(1_003, 'text only') : this.#hear(socket, bytes.toString('utf8')),
    );
  }

  #hear(socket: WebSocket, text: string): void {
    const call = JSON.parse(text) as { id: string; method: string; params: Record<string, string | number> };
    const { signature, ...rest } = call.params;
    const payload = Object.keys(rest)
      .sort()
      .map((name) => `${name}=${rest[name]}`)
      .join('&');
    const params = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, `${value}`]));
    this.heard.push({ what: call.method, params, headers: {} });
    const isLoggedOn = this.#loggedOn.has(socket);
    const isRight = isLoggedOn ? signature === undefined : rest['apiKey'] === API_KEY && this.#isSigned(payload, signature as string);
    if (!isRight) {
      this.unsigned.push(call.method);
      return socket.send(
        JSON.stringify({ id: call.id, status: 400, error: { code: -1022, msg: 'Signature for this request is not valid.' } }),
      );
    }
    if (call.method === 'session.logon') this.#loggedOn.add(socket);
    const scripted =
      this.api.get(call.method) ??
      (call.method === 'session.logon' ? { result: {} } : { status: 400, error: { code: -1, msg: 'not scripted' } });
    const reply = typeof scripted === 'function' ? scripted(this.heard.at(-1)!) : scripted;
    if (reply === 'silent') return;
    if (reply === 'drop') return socket.terminate();
    socket.send(JSON.stringify({ id: call.id, status: 200, ...reply }));
  }

  push(frame: unknown, socket = this.streams.at(-1)?.socket ?? this.apiSockets.at(-1)?.socket): void {
    socket?.send(plainText(frame));
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const { socket } of [...this.apiSockets, ...this.streams]) socket.terminate();
    for (const socket of this.#unanswered) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface OrdersStage {
  readonly venue: ScriptedBinance;
  readonly time: ManualTime;
  readonly dialect: ExchangeDialect;
  readonly pushed: Pushed[];
  /** Passes time until both links are up. */
  readonly up: () => Promise<void>;
  readonly end: () => Promise<void>;
}

export interface OrdersStageOptions {
  readonly protocol: 'binance-usdm' | 'binance-spot';
  readonly make: MakeDialect;
  readonly symbol: string;
  readonly kind: InstrumentKind;
  readonly ed25519?: boolean;
  readonly instrument?: Partial<GatewayInstrument>;
  readonly environment?: 'simulated' | 'demo' | 'live';
}

/** A dialect of `protocol` in front of a scripted venue with one instrument. */
export const ordersStage = async (options: OrdersStageOptions): Promise<OrdersStage> => {
  const { protocol, make, symbol, kind } = options;
  const time = new ManualTime();
  const pair = options.ed25519 === true ? generateKeyPairSync('ed25519') : null;
  const venue = new ScriptedBinance(time, pair?.publicKey ?? null);
  const port = await venue.start();
  const secret: VenueKey['secret'] =
    pair === null
      ? { algorithm: 'hmac-sha256', text: SECRET }
      : { algorithm: 'ed25519', pem: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
  const api = `ws://127.0.0.1:${port}/${protocol === 'binance-usdm' ? 'ws-fapi/v1' : 'ws-api/v3'}`;
  const environment = options.environment ?? 'simulated';
  const pushed: Pushed[] = [];
  const parts: GatewayParts = {
    venue: {
      id: 'x',
      label: 'X',
      protocol,
      simulated: true,
      maxQuoteAgeMs: 500,
      ackTimeoutMs: 2_000,
      orderValidityMs: 1_500,
      paper: { latencyMs: 0, latencyJitterMs: 0, slippageBps: 0, partialFillRate: 0, rejectRate: 0, startBalances: {} },
      orders: {
        environment,
        account: null,
        region: 'global',
        marginMode: 'cross',
        selfTradePrevention: 'taker',
        deadManMs: 60_000,
        urls: {
          rest: `http://127.0.0.1:${port}`,
          entry: api,
          stream: protocol === 'binance-usdm' ? `ws://127.0.0.1:${port}/private/ws` : api,
        },
      },
      urls: { rest: `http://127.0.0.1:${port}`, stream: `ws://127.0.0.1:${port}` },
    },
    instruments: [
      {
        id: instrumentIdOf(symbol, 'x'),
        symbol,
        kind,
        expected: {},
        takerFeeBps: 5,
        initialMarginRate: 0.05,
        carryIntervalHours: kind === 'perpetual' ? 8 : null,
        ...options.instrument,
      },
    ],
    key: { environment, apiKey: API_KEY, secret, passphrase: null },
    inlet: { offer: () => 'taken' },
    clock: time,
    timers: time,
    random: () => 0.5,
  };
  const dialect = make(parts);
  const owner: DialectOwner = { pushed: (each) => pushed.push(each), linksChanged: () => undefined };
  return {
    venue,
    time,
    dialect,
    pushed,
    up: async () => {
      dialect.start(owner);
      await time.passUntil(() => dialect.entry.up && dialect.stream.up, 'both links up');
    },
    end: async () => {
      const stopped = dialect.stop();
      await Promise.race([stopped, time.passUntil(() => false, 'never', 250, 20_000).catch(() => undefined)]);
      await stopped;
      await venue.stop();
    },
  };
};

export const orderFor = (symbol: string, more: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: 'q1' as ClientOrderId,
  groupId: 'g1' as GroupId,
  leg: 'b',
  attempt: 1,
  purpose: 'open',
  authority: 'rule',
  venueId: 'x' as VenueId,
  instrumentId: instrumentIdOf(symbol, 'x'),
  symbol,
  side: 'buy',
  qty: '0.010',
  limitPx: '4000.60',
  timeInForce: 'ioc',
  reduceOnly: false,
  positionId: null,
  magic: null,
  validityMs: 1_500,
  quote: {
    instrumentId: instrumentIdOf(symbol, 'x'),
    bidPx: '4000.5',
    bidQty: null,
    askPx: '4000.6',
    askQty: null,
    venueMs: null,
    updateId: null,
    receivedUnixMs: 0,
    ageMs: 0,
  },
  ...more,
});
export const refTo = (order: OrderRequest, venueOrderId: string | null = null): OrderRef => ({
  clientOrderId: order.clientOrderId,
  venueId: order.venueId,
  instrumentId: order.instrumentId,
  symbol: order.symbol,
  venueOrderId,
  magic: null,
});
export const always = (): boolean => true;
export { until };
