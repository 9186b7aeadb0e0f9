/** A MetaTrader listener on a real socket, with recorded inlets and a clock that the test moves. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { configSchema, type MetatraderVenueConfig } from '../../../src-shared/config/schema.ts';
import { engineSettingsOf } from '../../../src-shared/config/engineSettings.ts';
import type { ControlInput } from '../../core/events.ts';
import type { CommandDesk } from './commandDesk.ts';
import { createMetatraderListener, type MetatraderListener } from './listener.ts';
import type { EpochStore } from './session.ts';

export const TOKEN = 'T'.repeat(43);
export const KEY = 'K'.repeat(43);

export interface RecordedQuote {
  readonly instrument: number;
  readonly bidPx: number;
  readonly bidQty: number;
  readonly askPx: number;
  readonly askQty: number;
  readonly venueMs: number | null;
  readonly receivedMonoUs: number;
}

export interface WireReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown> & {
    readonly error?: { readonly code: string; readonly field: string | null; readonly message: string };
  };
}

export interface PostOptions {
  readonly headers?: Record<string, string | undefined>;
  readonly method?: string;
  readonly raw?: Buffer | string;
}

export const memoryEpochs = (): EpochStore & { fail: boolean } => {
  const epochs = new Map<string, number>();
  return {
    fail: false,
    last: (venueId) => epochs.get(venueId) ?? 0,
    next(venueId) {
      if (this.fail) throw new Error('disk full');
      epochs.set(venueId, (epochs.get(venueId) ?? 0) + 1);
      return epochs.get(venueId) as number;
    },
  };
};

const settingsOf = (venues: readonly Partial<MetatraderVenueConfig>[]) => {
  const config = configSchema.parse({
    version: 1,
    profile: 'test',
    mode: 'paper',
    dataDir: '.',
    venues: [
      ...venues.map((venue, i) => ({ id: i === 0 ? 'mt5' : `mt5-${i}`, label: 'MT5', protocol: 'metatrader', ...venue })),
      { id: 'okx', label: 'OKX', protocol: 'okx', urls: { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:1' } },
    ],
    instruments: [
      ...venues.flatMap((venue, i) => {
        const id = venue.id ?? (i === 0 ? 'mt5' : `mt5-${i}`);
        return ['XAUUSD', 'BTCUSD'].map((symbol) => ({
          venue: id,
          symbol,
          kind: 'cfd',
          expected: { baseQtyPerUnit: symbol === 'XAUUSD' ? '100' : '1', quoteCcy: 'USD' },
          costs: { takerFeeBps: 0 },
        }));
      }),
      { venue: 'okx', symbol: 'XAU-USDT-SWAP', kind: 'perpetual', costs: { takerFeeBps: 5 } },
    ],
    pairs: [{ id: 'xau', underlying: 'XAU', a: 'XAUUSD@mt5', b: 'XAU-USDT-SWAP@okx', conversion: { kind: 'fixed', rate: 1, why: 'test' } }],
  });
  return {
    settings: engineSettingsOf(config, Date.UTC(2026, 10, 22)),
    venues: config.venues.filter((venue) => venue.protocol === 'metatrader'),
  };
};

export const startListener = async (
  venueOverrides: readonly Partial<MetatraderVenueConfig>[] = [{}],
  over: { maxRequestsPerSecond?: number; desk?: CommandDesk; epochs?: EpochStore & { fail: boolean } } = {},
) => {
  const { settings, venues } = settingsOf(venueOverrides);
  const quotes: RecordedQuote[] = [];
  const events: ControlInput[] = [];
  const notes: string[] = [];
  const time = { monoUs: 1_000_000, unixMs: 1_790_000_000_000, inletFull: false };
  const epochs = over.epochs ?? memoryEpochs();
  let ids = 0;
  const metatrader: MetatraderListener = createMetatraderListener({
    venues,
    instruments: settings.instruments.flatMap((each, index) => (each.id.includes('@mt5') ? [{ index, settings: each }] : [])),
    inlets: {
      quote: (instrument, bidPx, bidQty, askPx, askQty, venueMs, _updateId, receivedMonoUs) =>
        void quotes.push({ instrument, bidPx, bidQty, askPx, askQty, venueMs, receivedMonoUs }),
      offer: (event) => (time.inletFull ? 'full' : (events.push(event), 'taken')),
    },
    clock: { monoUs: () => time.monoUs, unixMs: () => time.unixMs },
    epochs,
    token: TOKEN,
    key: KEY,
    randomId: () => `session-${(ids += 1)}`,
    note: (_severity, text) => void notes.push(text),
    ...(over.desk === undefined ? {} : { desks: new Map([['mt5', over.desk]]) }),
    maxRequestsPerSecond: over.maxRequestsPerSecond ?? 1_000_000,
  });
  const server: FastifyInstance = Fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true });
  await server.register(async (inner) => metatrader.plugin(inner));
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;

  /** node:http and not fetch, because fetch forbids setting Host and Origin. */
  const post = (path: string, body: unknown, options: PostOptions = {}): Promise<WireReply> =>
    new Promise((resolve, reject) => {
      const bytes = options.raw ?? JSON.stringify(body);
      const merged = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...options.headers };
      const headers = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as Record<string, string>;
      const sent = httpRequest({ host: '127.0.0.1', port, path, method: options.method ?? 'POST', headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: text.startsWith('{') ? JSON.parse(text) : {},
          });
        });
      });
      sent.on('error', reject);
      sent.end(bytes);
    });

  return {
    metatrader,
    server,
    port,
    post,
    quotes,
    events,
    notes,
    time,
    epochs,
    advanceMs(ms: number): void {
      time.monoUs += ms * 1_000;
      time.unixMs += ms;
    },
    eventsOf: <T extends ControlInput['type']>(type: T) =>
      events.filter((event): event is Extract<ControlInput, { type: T }> => event.type === type),
    async stop() {
      metatrader.stop();
      await server.close();
    },
  };
};
export type RunningListener = Awaited<ReturnType<typeof startListener>>;

export const goldSymbol = {
  name: 'XAUUSD',
  digits: 2,
  point: '0.01',
  tick_size: '0.01',
  tick_value: '1.00',
  contract_size: 100,
  vol_min: '0.01',
  vol_step: '0.01',
  vol_max: '50.00',
  vol_limit: 0,
  filling: 3,
  exemode: 2,
  trade_mode: 4,
  base: 'XAU',
  profit: 'USD',
  margin: 'USD',
  swap_mode: 1,
  swap_long: '-12.5',
  swap_short: '4.1',
  swap_triple_day: 3,
  sessions: [1, 2, 3, 4, 5].map((day) => [day, 3_600, 86_400]),
};

export const helloBody = (over: Record<string, unknown> = {}) => ({
  v: 1,
  boot_id: 'boot-1',
  login: '123456',
  server: 'Broker-Demo',
  company: 'Broker Ltd',
  currency: 'USD',
  margin_mode: 'hedging',
  terminal_build: 5955,
  ea_version: '1.0.0',
  server_utc_offset_s: 10_800,
  account_kind: 0,
  magic_base: '1600000000000',
  limits: { max_lots_command: '1.00', max_lots_total: '5.00', max_commands_minute: 60, opening: true },
  kill_presses: 0,
  open_ids: [],
  gates: 'ok',
  seq: '0',
  symbols: [goldSymbol, { ...goldSymbol, name: 'BTCUSD', contract_size: '1', base: 'BTC' }],
  ...over,
});

export const pollBody = () => ({
  connected: true,
  ping_us: 800,
  equity: '1000.50',
  margin_free: '900.00',
  queue_depth: 0,
  http_us_max: 4_000,
  open_positions: 0,
  open_lots: '0.00',
  server_utc_offset_s: 10_800,
  kill_presses: 0,
});

export const ackBody = () => ({
  command_id: '01JD0000000000000000000001',
  lease_id: 'lease-1',
  state: 'done',
  retcode: 10_009,
  retcode_ext: 0,
  error: '',
  text: 'Request executed',
  order: '9007199254740993',
  deals: ['9007199254740995'],
  positions: ['9007199254740993'],
  cum_lots: '0.10',
  avg_price: '4000.35',
  broker_ms: 41,
  queue_ms: 3,
  duplicate: false,
});

export const dealRow = (own: Record<string, unknown> = {}) => ({
  deal: '9007199254740995',
  order: '9007199254740993',
  position_id: '9007199254740993',
  magic: '1600000000001',
  symbol: 'XAUUSD',
  side: 'buy',
  entry: 'in',
  lots: '0.10',
  price: '4000.35',
  commission: '-0.70',
  swap: '0.00',
  fee: '0.00',
  profit: '0.00',
  time_msc: '1790010800123',
  reason: 'expert',
  type: 'trade',
  comment: 'qa 1600000000001',
  rev: 0,
  ...own,
});

export const positionRow = (own: Record<string, unknown> = {}) => ({
  id: '9007199254740993',
  ticket: '9007199254740993',
  symbol: 'XAUUSD',
  side: 'buy',
  lots: '0.10',
  price_open: '4000.35',
  magic: '1600000000001',
  swap: '0.00',
  profit: '1.20',
  time_msc: '1790010800123',
  comment: 'qa',
  ...own,
});

export const orderRow = (own: Record<string, unknown> = {}) => ({
  order: '77',
  symbol: 'XAUUSD',
  side: 'sell',
  type: 'sell_limit',
  lots: '0.10',
  lots_left: '0.10',
  price: '4100.00',
  magic: '0',
  time_msc: '1790010800000',
  state: 'placed',
  ...own,
});

export const snapshotBody = () => ({
  request: 1,
  part: 0,
  last: true,
  account: { balance: '1000.00', equity: '1001.20', margin: '20.00', margin_free: '981.20', currency: 'USD' },
  positions: [positionRow()],
  orders: [orderRow()],
  deals: [dealRow()],
});

/** One EA: says hello, numbers its requests. */
export const connectEa = async (listener: RunningListener, over: Record<string, unknown> = {}) => {
  const reply = await listener.post('/mt5/hello', helloBody(over));
  let seq = 0;
  const session = reply.json['session'] as string;
  const epoch = reply.json['epoch'] as number;
  const envelope = (own: Record<string, unknown>) => ({
    v: 1,
    session,
    epoch,
    seq: String((seq += 1)),
    mono_ms: String(Math.floor(listener.time.monoUs / 1_000)),
    gates: 'ok',
    ...own,
  });
  return {
    reply,
    session,
    epoch,
    envelope,
    tick: (ticks: readonly unknown[], own: Record<string, unknown> = {}) => listener.post('/mt5/tick', envelope({ ticks, ...own })),
    poll: (own: Record<string, unknown> = {}) => listener.post('/mt5/poll', envelope({ ...pollBody(), ...own })),
    ack: (own: Record<string, unknown> = {}) => listener.post('/mt5/ack', envelope({ ...ackBody(), ...own })),
    tellDeals: (deals: readonly unknown[] = [dealRow()], own: Record<string, unknown> = {}) =>
      listener.post('/mt5/fill', envelope({ deals, ...own })),
    snapshot: (own: Record<string, unknown> = {}) => listener.post('/mt5/snapshot', envelope({ ...snapshotBody(), ...own })),
  };
};

/** Broker time: three hours ahead of ours. */
export const SERVER_AHEAD_MS = 3 * 3_600_000;
export const goldTick = (listener: RunningListener, own: Record<string, unknown> = {}) => ({
  symbol: 'XAUUSD',
  bid: '4000.10',
  ask: '4000.35',
  time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS),
  age_ms: '0',
  ...own,
});
