/** A MetaTrader listener on a real socket, with recorded inlets and a clock that the test moves. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { configSchema, type MetatraderVenueConfig } from '../../../src-shared/config/schema.ts';
import { engineSettingsOf } from '../../../src-shared/config/engineSettings.ts';
import type { ControlInput } from '../../core/events.ts';
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
  over: { maxRequestsPerSecond?: number } = {},
) => {
  const { settings, venues } = settingsOf(venueOverrides);
  const quotes: RecordedQuote[] = [];
  const events: ControlInput[] = [];
  const notes: string[] = [];
  const time = { monoUs: 1_000_000, unixMs: 1_790_000_000_000, inletFull: false };
  const epochs = memoryEpochs();
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
  trade_mode: 4,
  base: 'XAU',
  profit: 'USD',
  margin: 'USD',
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
  symbols: [goldSymbol, { ...goldSymbol, name: 'BTCUSD', contract_size: '1', base: 'BTC' }],
  ...over,
});

/** One EA: says hello, numbers its requests. */
export const connectEa = async (listener: RunningListener, over: Record<string, unknown> = {}) => {
  const reply = await listener.post('/mt5/hello', helloBody(over));
  let seq = 0;
  const session = reply.json['session'] as string;
  const epoch = reply.json['epoch'] as number;
  const envelope = (own: Record<string, unknown>) => ({ v: 1, session, epoch, seq: String((seq += 1)), mono_ms: '1', gates: 'ok', ...own });
  return {
    reply,
    session,
    epoch,
    envelope,
    tick: (ticks: readonly unknown[], own: Record<string, unknown> = {}) => listener.post('/mt5/tick', envelope({ ticks, ...own })),
    poll: (own: Record<string, unknown> = {}) =>
      listener.post('/mt5/poll', envelope({ connected: true, ping_us: 800, equity: '1000.50', ...own })),
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
