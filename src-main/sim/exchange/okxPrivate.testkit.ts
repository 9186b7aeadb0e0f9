/** A simulated OKX with one account, a clock that is set by hand, and clients that sign. */
import { createHmac } from 'node:crypto';
import { connect, type TestClient } from '../client.testkit.ts';
import { createFaultSwitch, type FaultSwitch } from '../faults.ts';
import { DEMO_INSTRUMENTS, demoInstrument, listedAt } from '../market/instruments.ts';
import type { AccountKey } from './account/account.ts';
import type { OkxTimings } from './okxStreams.ts';
import { startOkxVenue, type OkxVenue } from './okxVenue.ts';

export const XAU = 'XAU-USDT-SWAP';
export const START_MS = 1_795_353_000_000;
export const KEY = { apiKey: 'engine-key', secret: 'engine-secret', passphrase: 'engine-phrase' };
export const sign = (payload: string, secret = KEY.secret): string => createHmac('sha256', secret).update(payload).digest('base64');

export const okxKey = (over: Partial<AccountKey> = {}): AccountKey => ({
  apiKey: KEY.apiKey,
  proof: { algorithm: 'hmac-sha256', secret: KEY.secret },
  passphrase: KEY.passphrase,
  mayTrade: true,
  mayWithdraw: false,
  addresses: [],
  expiresMs: null,
  createdMs: 0,
  ...over,
});

export type Row = Record<string, string>;
export interface Reply {
  readonly id?: string;
  readonly code: string;
  readonly msg: string;
  readonly data: Row[];
}

export interface OkxStage {
  readonly venue: OkxVenue;
  readonly faults: FaultSwitch;
  /** Milliseconds of the venue's clock. */
  nowMs: number;
  /** Best bid and ask of the gold swap in ticks of a cent, with what is displayed. */
  quote(bidTicks: number, askTicks: number, sizes?: { readonly bid?: number; readonly ask?: number }): void;
  rest(
    method: 'GET' | 'POST',
    target: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Reply & { readonly status: number }>;
  /** A logged-in socket. */
  login(): Promise<TestClient>;
  socket(path?: string): Promise<TestClient>;
  stop(): Promise<void>;
}

export const rows = (client: TestClient, channel: string): Row[] =>
  client.heard
    .map((text) => (text.startsWith('{') ? (JSON.parse(text) as { arg?: { channel: string }; data?: Row[] }) : {}))
    .filter((frame) => frame.arg?.channel === channel && frame.data !== undefined)
    .flatMap((frame) => frame.data!);

/** Sends an order operation and waits for its own reply. */
export const operate = async (client: TestClient, id: string, op: string, args: object[], more: object = {}): Promise<Reply> => {
  client.say({ id, op, ...more, args });
  return JSON.parse(await client.hear((t) => t.includes(`"id":"${id}"`))) as Reply;
};

export const startOkxStage = async (
  options: {
    readonly timings?: Partial<OkxTimings>;
    readonly file?: string;
    readonly key?: Partial<AccountKey>;
    readonly signed?: boolean;
  } = {},
): Promise<OkxStage> => {
  const faults = createFaultSwitch(1, 'okx');
  const clients: TestClient[] = [];
  let updateId = 1;
  const stage: { nowMs: number } = { nowMs: START_MS };
  const venue = await startOkxVenue({
    instruments: listedAt(DEMO_INSTRUMENTS, 'okx'),
    faults,
    clock: () => stage.nowMs,
    seed: 3,
    file: options.file ?? null,
    demoKeys: ['demo-key'],
    timings: { connectionsPerSecond: 1_000, ...options.timings },
  });
  venue.accounts.open({
    id: 'engine',
    keys: [okxKey(options.key), okxKey({ apiKey: 'demo-key' })],
    signed: options.signed ?? true,
    balances: { USDT: '10000', BTC: '0.5' },
    fees: { spot: { maker: '0.0008', taker: '0.001' }, perpetual: { maker: '0.0002', taker: '0.0005' } },
  });
  const socket = async (path = '/ws/v5/private') => {
    const client = await connect(venue.server.streamUrl + path);
    clients.push(client);
    return client;
  };
  const rest: OkxStage['rest'] = async (method, target, body, over = {}) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const stamp = new Date(stage.nowMs).toISOString();
    const headers = {
      'content-type': 'application/json',
      'OK-ACCESS-KEY': KEY.apiKey,
      'OK-ACCESS-SIGN': sign(`${stamp}${method}${target}${text}`),
      'OK-ACCESS-TIMESTAMP': stamp,
      'OK-ACCESS-PASSPHRASE': KEY.passphrase,
      ...over,
    };
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
    const response = await fetch(venue.server.restUrl + target, { method, headers: given, ...(text === '' ? {} : { body: text }) });
    return { ...((await response.json()) as Reply), status: response.status };
  };
  const built: OkxStage = Object.assign(stage, {
    venue,
    faults,
    quote: (bidTicks: number, askTicks: number, { bid = 1_000, ask = 1_000 } = {}) =>
      venue.publish({
        instrument: demoInstrument('okx', XAU),
        atMs: 0,
        bidTicks,
        askTicks,
        bidQtySteps: bid,
        askQtySteps: ask,
        updateId: updateId++,
      }),
    rest,
    socket,
    login: async () => {
      const client = await socket();
      const timestamp = String(Math.floor(stage.nowMs / 1_000));
      const { apiKey, passphrase } = KEY;
      client.say({ op: 'login', args: [{ apiKey, passphrase, timestamp, sign: sign(`${timestamp}GET/users/self/verify`) }] });
      await client.hear((t) => t.includes('"event":"login"'));
      return client;
    },
    stop: async () => {
      for (const client of clients) client.socket.terminate();
      await venue.stop();
    },
  });
  built.quote(400_001, 400_010);
  return built;
};

/** The order that every other test changes in one thing. */
export const ioc = (over: Record<string, unknown> = {}) => ({
  instIdCode: 10_459,
  tdMode: 'cross',
  side: 'buy',
  ordType: 'ioc',
  px: '4000.2',
  sz: '10',
  ...over,
});
