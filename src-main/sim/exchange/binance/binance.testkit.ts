/** A simulated Binance with two accounts, and a client that signs as its documentation says: for tests of the order side. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { connect, type TestClient } from '../../client.testkit.ts';
import { createFaultSwitch, type FaultSwitch } from '../../faults.ts';
import { DEMO_INSTRUMENTS, demoInstrument, listedAt } from '../../market/instruments.ts';
import type { AccountKey, AccountOpening } from '../account/account.ts';
import type { BinanceTimings } from '../binanceStreams.ts';
import { startBinanceVenue, type BinanceVenue } from '../binanceVenue.ts';
import type { Product } from './wire.ts';

export const KEY = 'A'.repeat(64);
export const OTHER_KEY = 'B'.repeat(64);
export const ED_KEY = 'E'.repeat(64);
const SECRET = 'secret-of-the-simulated-account';
const pair = generateKeyPairSync('ed25519');

export const keyOf = (apiKey: string, over: Partial<AccountKey> = {}): AccountKey => ({
  apiKey,
  proof: { algorithm: 'hmac-sha256', secret: SECRET },
  passphrase: null,
  mayTrade: true,
  mayWithdraw: false,
  addresses: [],
  expiresMs: null,
  createdMs: 1_700_000_000_000,
  ...over,
});
const edKey = keyOf(ED_KEY, {
  proof: { algorithm: 'ed25519', publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string },
});
const FEES = { spot: { maker: '0.001', taker: '0.001' }, perpetual: { maker: '0.0002', taker: '0.0005' } };
export const opening = (id: string, keys: readonly AccountKey[], over: Partial<AccountOpening> = {}): AccountOpening => ({
  id,
  keys,
  balances: { USDT: '100000', BTC: '2' },
  fees: FEES,
  ...over,
});

export type Values = Readonly<Record<string, string | number | boolean>>;
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export const signature = (payload: string, apiKey: string): string =>
  apiKey === ED_KEY
    ? sign(null, Buffer.from(payload), pair.privateKey).toString('base64')
    : createHmac('sha256', SECRET).update(payload).digest('hex');

/** One venue a test; `at.ms` is its clock. */
export class Bench {
  readonly at = { ms: 1_795_353_000_000 };
  readonly faults: FaultSwitch;
  readonly product: Product;
  venue!: BinanceVenue;
  readonly #clients: TestClient[] = [];
  #updates = 0;

  constructor(product: Product) {
    this.product = product;
    this.faults = createFaultSwitch(1, `binance-${product}`);
  }

  async start(timings: Partial<BinanceTimings> = {}): Promise<this> {
    const { product, faults } = this;
    const instruments = listedAt(DEMO_INSTRUMENTS, `binance-${product}`);
    this.venue = await startBinanceVenue({ product, instruments, faults, clock: () => this.at.ms, timings });
    this.venue.accounts.open(opening('one', [keyOf(KEY), edKey]));
    this.venue.accounts.open(opening('two', [keyOf(OTHER_KEY)]));
    this.quote('4000.00', '4000.10');
    return this;
  }

  /** Gold on futures, on spot bitcoin; 0.5 and 1 of it are displayed. */
  quote(bid: string, ask: string): void {
    const instrument = demoInstrument(`binance-${this.product}`, this.symbol);
    const ticks = (price: string) => Math.round(Number(price) * 100);
    const steps = this.product === 'spot' ? 100_000 : 500;
    this.#updates += 1;
    this.venue.publish({
      instrument,
      atMs: 0,
      bidTicks: ticks(bid),
      askTicks: ticks(ask),
      bidQtySteps: steps,
      askQtySteps: steps,
      updateId: 1_000 + this.#updates,
    });
  }

  get symbol(): string {
    return this.product === 'spot' ? 'BTCUSDT' : 'XAUUSDT';
  }
  get root(): string {
    return this.product === 'spot' ? '/api/v3' : '/fapi/v1';
  }

  async raw(method: string, path: string, query: string, apiKey: string | null = KEY): Promise<Reply> {
    const headers: Record<string, string> = apiKey === null ? {} : { 'X-MBX-APIKEY': apiKey };
    const url = `${this.venue.server.restUrl}${path}${method === 'POST' || query === '' ? '' : `?${query}`}`;
    const form = method === 'POST' ? { body: query } : {};
    if (method === 'POST') headers['content-type'] = 'application/x-www-form-urlencoded';
    const response = await fetch(url, { method, headers, ...form });
    const text = await response.text();
    const isJson = text.startsWith('{') || text.startsWith('[');
    return { status: response.status, headers: response.headers, text, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  signed(method: string, path: string, values: Values = {}, apiKey = KEY): Promise<Reply> {
    const fields = { recvWindow: 5_000, timestamp: this.at.ms, ...values };
    const query = new URLSearchParams(Object.entries(fields).map(([k, v]) => [k, String(v)])).toString();
    return this.raw(method, path, `${query}&signature=${encodeURIComponent(signature(query, apiKey))}`, apiKey);
  }

  /** Parameters of the web-socket API, signed over their names in order. */
  socketParams(values: Values = {}, apiKey = KEY): object {
    const fields: Record<string, string | number | boolean> = { apiKey, timestamp: this.at.ms, ...values };
    const payload = Object.entries(fields)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}=${v}`)
      .join('&');
    return { ...fields, signature: signature(payload, apiKey) };
  }

  order(values: Values = {}): Values {
    const qty = this.product === 'spot' ? '0.01' : '0.100';
    return {
      symbol: this.symbol,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'IOC',
      quantity: qty,
      price: '4000.10',
      newOrderRespType: 'RESULT',
      ...values,
    };
  }

  place(values: Values = {}, apiKey = KEY): Promise<Reply> {
    return this.signed('POST', `${this.root}/order`, this.order(values), apiKey);
  }

  async join(path: string): Promise<TestClient> {
    const client = await connect(this.venue.server.streamUrl + path);
    this.#clients.push(client);
    return client;
  }

  async call(client: TestClient, id: string, method: string, params: object = {}): Promise<Record<string, unknown>> {
    client.say({ id, method, params });
    return JSON.parse(await client.hear((t) => t.includes(`"id":"${id}"`))) as Record<string, unknown>;
  }

  async stop(): Promise<void> {
    for (const c of this.#clients.splice(0)) c.socket.terminate();
    await this.venue.stop();
  }
}
