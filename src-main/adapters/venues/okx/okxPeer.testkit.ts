/**
 * An OKX that says what a test tells it, over real sockets on loopback: checks every signature and log-in by its own arithmetic, knows no
 * market and no account. Its answers to questions start as those of a flat account that is configured well.
 */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { configSchema } from '../../../../src-shared/config/schema.ts';
import type { Environment } from '../../../../src-shared/domain/exchange.ts';
import type { ClientOrderId } from '../../../../src-shared/domain/ids.ts';
import { instrumentIdOf } from '../../../../src-shared/domain/ids.ts';
import type { OrderRef, OrderRequest } from '../../../../src-shared/domain/order.ts';
import type { DialectOwner, ExchangeDialect, GatewayInstrument, GatewayParts, Pushed } from '../shared/orders/parts.ts';
import { ManualTime, until } from '../shared/scriptedVenue.testkit.ts';
import { okxOrders } from './orders.ts';

export const SWAP = 'XAU-USDT-SWAP';
export const SPOT = 'XAUT-USDT';
export const KEY = { apiKey: 'key-of-tests', secret: 'secret-of-tests', passphrase: 'phrase-of-tests' };

export const orderOf = (more: Partial<OrderRequest> = {}): OrderRequest =>
  ({
    clientOrderId: 'arb01',
    groupId: 'g1',
    leg: 'b',
    attempt: 1,
    purpose: 'open',
    authority: 'rule',
    venueId: 'okx',
    instrumentId: instrumentIdOf(more.symbol ?? SWAP, 'okx'),
    symbol: SWAP,
    side: 'buy',
    qty: '10',
    limitPx: '4000.6',
    timeInForce: 'ioc',
    reduceOnly: false,
    positionId: null,
    magic: null,
    validityMs: 1_500,
    quote: { updateId: null, venueMs: null, receivedMonoUs: 0 },
    ...more,
  }) as unknown as OrderRequest;

export const refOf = (more: Partial<OrderRef> = {}): OrderRef =>
  ({
    clientOrderId: 'arb01' as ClientOrderId,
    venueId: 'okx',
    instrumentId: instrumentIdOf(more.symbol ?? SWAP, 'okx'),
    symbol: SWAP,
    venueOrderId: null,
    magic: null,
    ...more,
  }) as OrderRef;

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, string>;
}
export interface Answer {
  readonly status?: number;
  readonly code?: string;
  readonly msg?: string;
  readonly data?: readonly unknown[];
  readonly text?: string;
}
type Rule = (heard: Heard) => Answer | 'drop' | 'silent';
type Frame = Record<string, unknown> & { readonly id?: string; readonly op?: string; readonly args?: Record<string, unknown>[] };

export const instrumentRow = (instId: string, more: object = {}): object => ({
  instType: instId === SPOT ? 'SPOT' : 'SWAP',
  instId,
  instIdCode: instId === SPOT ? 10_459 : 10_458,
  instFamily: instId === SPOT ? '' : 'XAU-USDT',
  uly: instId === SPOT ? '' : 'XAU-USDT',
  baseCcy: instId === SPOT ? 'XAUT' : '',
  quoteCcy: instId === SPOT ? 'USDT' : '',
  ctVal: instId === SPOT ? '' : '0.001',
  ctMult: instId === SPOT ? '' : '1',
  ctValCcy: instId === SPOT ? '' : 'XAU',
  ctType: instId === SPOT ? '' : 'linear',
  tickSz: '0.01',
  lotSz: instId === SPOT ? '0.0001' : '1',
  minSz: instId === SPOT ? '0.001' : '1',
  groupId: instId === SPOT ? '1' : '4',
  instCategory: instId === SPOT ? '1' : '4',
  state: 'live',
  ...more,
});

export class ScriptedOkx {
  readonly heard: Heard[] = [];
  readonly frames: { readonly socket: WebSocket; readonly frame: Frame }[] = [];
  readonly sockets: WebSocket[] = [];
  readonly rules = new Map<string, Rule>();
  /** Faults of signatures and log-ins, as this venue sees them. */
  readonly faults: string[] = [];
  onOrder: (socket: WebSocket, frame: Frame) => void = () => undefined;
  onLogin: (socket: WebSocket) => void = (socket) => this.say(socket, { event: 'login', code: '0', msg: '', connId: 'a1' });
  skewMs = 0;
  readonly #time: ManualTime;
  readonly #server: Server;
  readonly #upgrades = new WebSocketServer({ noServer: true });

  constructor(time: ManualTime) {
    this.#time = time;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const answer = this.#answer(request, Buffer.concat(chunks).toString());
        if (answer === 'silent') return;
        if (answer === 'drop') return void request.socket.destroy();
        const { status = 200, code = '0', msg = '', data = [], text } = answer;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(text ?? JSON.stringify({ code, msg, data }));
      });
    });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrades.handleUpgrade(request, socket, head, (peer) => this.#admit(peer)));
    this.#flatAccount();
  }

  get nowMs(): number {
    return this.#time.unixMs() + this.skewMs;
  }

  say(socket: WebSocket, message: unknown): void {
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** To whoever reads the orders now. */
  push(channel: string, ...data: readonly object[]): void {
    const message = { arg: { channel, instType: 'ANY', uid: '0' }, data };
    for (const socket of this.sockets) if (socket.readyState === WebSocket.OPEN) this.say(socket, message);
  }

  asked(path: string): readonly Heard[] {
    return this.heard.filter((one) => one.path === path);
  }

  #flatAccount(): void {
    const row = ({ query }: Heard) => ({ data: [instrumentRow(query.get('instId') ?? '')] });
    const rules: Readonly<Record<string, Rule>> = {
      '/api/v5/public/time': () => ({ data: [{ ts: `${this.nowMs}` }] }),
      '/api/v5/public/instruments': row,
      '/api/v5/public/price-limit': ({ query }) => ({
        data: [{ instId: query.get('instId'), buyLmt: '4100', sellLmt: '3900', enabled: true }],
      }),
      '/api/v5/public/funding-rate': ({ query }) => ({
        data: [{ instId: query.get('instId'), fundingTime: '1795363200000', nextFundingTime: '1795392000000' }],
      }),
      '/api/v5/account/config': () => ({
        data: [{ acctLv: '2', posMode: 'net_mode', acctStpMode: 'cancel_maker', kycLv: '2', ip: '10.0.0.1', perm: 'read_only,trade' }],
      }),
      '/api/v5/account/leverage-info': ({ query }) => ({
        data: [{ instId: query.get('instId'), mgnMode: query.get('mgnMode'), posSide: 'net', lever: '20' }],
      }),
      '/api/v5/account/trade-fee': ({ query }) => ({
        data: [{ level: 'Lv1', feeGroup: [{ groupId: query.get('instType') === 'SWAP' ? '4' : '1', taker: '-0.0005', maker: '-0.0002' }] }],
      }),
      '/api/v5/trade/account-rate-limit': () => ({ data: [{ accRateLimit: '600' }] }),
      '/api/v5/account/balance': () => ({
        data: [
          {
            totalEq: '10001',
            adjEq: '',
            imr: '',
            details: [{ ccy: 'USDT', cashBal: '10000', eq: '10000', availBal: '9000', availEq: '9500', imr: '500' }],
          },
        ],
      }),
    };
    for (const [path, rule] of Object.entries(rules)) this.rules.set(path, rule);
    for (const path of ['account/positions', 'trade/orders-pending', 'trade/fills', 'trade/fills-history'])
      this.rules.set(`/api/v5/${path}`, () => ({ data: [] }));
  }

  #answer(request: IncomingMessage, body: string): Answer | 'drop' | 'silent' {
    const url = new URL(request.url ?? '', 'http://okx');
    const { method = '', headers } = request;
    const heard: Heard = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: body === '' ? {} : (JSON.parse(body) as Record<string, string>),
    };
    this.heard.push(heard);
    const fault = url.pathname.includes('/public/') ? null : this.#signatureFault(request, body);
    if (fault !== null) {
      this.faults.push(fault);
      return { status: 401, code: '50113', msg: fault };
    }
    return this.rules.get(url.pathname)?.(heard) ?? { status: 404, code: '404', msg: 'not scripted' };
  }

  #signatureFault({ method, url, headers }: IncomingMessage, body: string): string | null {
    const stamp = String(headers['ok-access-timestamp']);
    const expected = createHmac('sha256', KEY.secret).update(`${stamp}${method}${url}${body}`).digest('base64');
    if (headers['ok-access-key'] !== KEY.apiKey || headers['ok-access-passphrase'] !== KEY.passphrase) return 'wrong key or passphrase';
    if (headers['ok-access-sign'] !== expected) return `wrong signature of ${url}`;
    return Math.abs(Date.parse(stamp) - this.nowMs) > 30_000 ? `stamp ${stamp}` : null;
  }

  #admit(socket: WebSocket): void {
    this.sockets.push(socket);
    socket.on('error', () => socket.terminate());
    socket.on('message', (bytes: Buffer, isBinary: boolean) => {
      if (isBinary) return socket.close(1_003, 'text only');
      const text = bytes.toString();
      if (text === 'ping') return socket.send('pong');
      const frame = JSON.parse(text) as Frame;
      this.frames.push({ socket, frame });
      if (frame.op === 'login') return this.#login(socket, frame);
      if (frame.op !== 'subscribe') return this.onOrder(socket, frame);
      for (const arg of frame.args ?? []) {
        this.say(socket, { id: frame.id, event: 'subscribe', arg, connId: 'a1' });
        this.say(socket, { event: 'channel-conn-count', channel: arg['channel'], connCount: '1', connId: 'a1' });
      }
    });
  }

  #login(socket: WebSocket, frame: Frame): void {
    const { apiKey, passphrase, timestamp, sign } = (frame.args?.[0] ?? {}) as Record<string, string>;
    const expected = createHmac('sha256', KEY.secret).update(`${timestamp}GET/users/self/verify`).digest('base64');
    const isSeconds = /^\d{10}$/.test(timestamp ?? '') && Math.abs(Number(timestamp) * 1_000 - this.nowMs) <= 30_000;
    if (apiKey === KEY.apiKey && passphrase === KEY.passphrase && sign === expected && isSeconds) return this.onLogin(socket);
    this.faults.push(`log-in at ${timestamp}`);
    this.say(socket, { event: 'error', code: isSeconds ? '60009' : '60006', msg: 'Login failed.', connId: 'a1' });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const instrument = (symbol: string, kind: 'spot' | 'perpetual'): GatewayInstrument => ({
  id: instrumentIdOf(symbol, 'okx'),
  symbol,
  kind,
  expected: {},
  takerFeeBps: 5,
  initialMarginRate: kind === 'spot' ? 1 : 0.05,
  carryIntervalHours: kind === 'spot' ? null : 8,
});

export const INSTRUMENTS: readonly GatewayInstrument[] = [instrument(SWAP, 'perpetual'), instrument(SPOT, 'spot')];

const venueConfig = (port: number, environment: Environment): GatewayParts['venue'] => {
  const orders = {
    environment,
    urls: {
      rest: `http://127.0.0.1:${port}`,
      entry: `ws://127.0.0.1:${port}/ws/v5/private`,
      stream: `ws://127.0.0.1:${port}/ws/v5/private`,
    },
  };
  const urls = { rest: `http://127.0.0.1:${port}`, stream: `ws://127.0.0.1:${port}/ws/v5` };
  const venues = configSchema.shape.venues.parse([{ id: 'okx', label: 'OKX', protocol: 'okx', orders, urls }]);
  return venues[0] as GatewayParts['venue'];
};

export class Owner implements DialectOwner {
  readonly pushes: Pushed[] = [];
  changes = 0;

  pushed(pushed: Pushed): void {
    this.pushes.push(pushed);
  }

  linksChanged(): void {
    this.changes += 1;
  }

  get reports() {
    return this.pushes.flatMap(({ reports }) => reports);
  }

  get fills() {
    return this.pushes.flatMap(({ fills }) => fills);
  }

  get alarms() {
    return this.pushes.flatMap(({ alarms }) => alarms);
  }
}

export interface OkxStage {
  readonly okx: ScriptedOkx;
  readonly time: ManualTime;
  readonly dialect: ExchangeDialect;
  readonly owner: Owner;
  readonly parts: GatewayParts;
  /** Links up and the account read once, so that codes are known. */
  up(): Promise<void>;
  /** The nth order call on any socket, counting from 0. */
  order(nth: number): Promise<Frame>;
  end(): Promise<void>;
}

export const okxStage = async (more: Partial<GatewayParts> = {}, environment: Environment = 'simulated'): Promise<OkxStage> => {
  const time = new ManualTime();
  const okx = new ScriptedOkx(time);
  const port = await okx.start();
  const parts: GatewayParts = {
    venue: venueConfig(port, environment),
    instruments: INSTRUMENTS,
    key: { environment, apiKey: KEY.apiKey, secret: { algorithm: 'hmac-sha256', text: KEY.secret }, passphrase: KEY.passphrase },
    inlet: { offer: () => 'taken' },
    clock: time,
    timers: time,
    random: () => 0.5,
    ...more,
  };
  const dialect = okxOrders(parts);
  const owner = new Owner();
  const calls = () => okx.frames.filter(({ frame }) => frame.op === 'order' || frame.op === 'cancel-order');
  return {
    okx,
    time,
    dialect,
    owner,
    parts,
    up: async () => {
      dialect.start(owner);
      await time.passUntil(() => dialect.entry.up && dialect.venueUnixMs() !== null, `links up: ${dialect.entry.detail}`, 50);
      await dialect.check();
    },
    order: async (nth) => (await until(() => calls()[nth], `order call ${nth}`)).frame,
    end: async () => {
      let ended = false;
      const stopped = dialect.stop().then(() => (ended = true));
      await time.passUntil(() => ended, 'the dialect to end', 50);
      await stopped;
      await okx.stop();
    },
  };
};
