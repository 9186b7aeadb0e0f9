/**
 * The exchange libraries we compare with, by their own message paths: the function their socket calls for each frame.
 * They are development dependencies, for they also referee our simulated exchanges; where one is absent its comparison is skipped.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { FrameKind } from './frames.ts';

const peerRequire = createRequire(import.meta.url);

/** Takes one frame as its socket would hand it over, and counts what the library gave its user. */
export interface MessagePath {
  readonly name: string;
  take(text: string): void;
  /** Quotes the library delivered. */
  delivered(): number;
}

export const peerVersion = (name: string): string | null => {
  try {
    return (peerRequire(`../node_modules/${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
};

const load = async (name: string): Promise<unknown> => {
  try {
    return (await import(pathToFileURL(peerRequire.resolve(name)).href)) as unknown;
  } catch {
    return null;
  }
};

interface SdkClient {
  on(event: string, listener: (message: unknown) => void): void;
  onWsMessage(event: unknown, wsKey: string, ws: unknown): void;
}
type SdkModule = { readonly WebsocketClient: new (options: object, logger?: object) => SdkClient };
const SILENT = { trace: () => {}, info: () => {}, error: () => {} };

const sdkPath = async (library: string, wsKey: string, channels: readonly string[]): Promise<MessagePath | null> => {
  const module = (await load(library)) as (SdkModule & { readonly default?: SdkModule }) | null;
  const Client = module?.WebsocketClient ?? module?.default?.WebsocketClient;
  if (Client === undefined) return null;
  const client = new Client({}, SILENT);
  let count = 0;
  for (const channel of channels) client.on(channel, () => (count += 1));
  const socket = {};
  return {
    name: library,
    take: (text) => client.onWsMessage({ data: text, type: 'message', target: socket }, wsKey, socket),
    delivered: () => count,
  };
};

export const binancePath = (kind: FrameKind): Promise<MessagePath | null> =>
  sdkPath('binance', kind === 'binance-spot' ? 'main' : 'usdm', ['message']);
export const okxPath = (): Promise<MessagePath | null> => sdkPath('okx-api', 'prodPublic', ['update']);

interface CcxtClient {
  onMessage(event: { readonly data: string }): void;
}
interface CcxtExchange {
  setMarkets(markets: readonly unknown[]): void;
  client(url: string): CcxtClient;
  readonly bidsasks: Readonly<Record<string, unknown>>;
  handleBidAsk?: (...parts: unknown[]) => unknown;
  handleBidsAsks?: (...parts: unknown[]) => unknown;
  handleMyTrade?: (...parts: unknown[]) => unknown;
  handleMyTrades?: (...parts: unknown[]) => unknown;
}
type CcxtModule = { readonly pro: Readonly<Record<string, new (options: object) => CcxtExchange>> };

const ccxtMarket = (base: string, swap: boolean, id: string): object => ({
  id,
  lowercaseId: id.toLowerCase(),
  symbol: swap ? `${base}/USDT:USDT` : `${base}/USDT`,
  base,
  quote: 'USDT',
  baseId: base,
  quoteId: 'USDT',
  ...(swap ? { settle: 'USDT', settleId: 'USDT' } : {}),
  type: swap ? 'swap' : 'spot',
  spot: !swap,
  swap,
  future: false,
  option: false,
  contract: swap,
  linear: swap ? true : undefined,
  inverse: swap ? false : undefined,
  active: true,
  precision: { price: 0.1, amount: 0.001 },
  limits: {},
  info: {},
});

const CCXT_URLS: Readonly<Record<FrameKind, string>> = {
  'binance-spot': 'wss://stream.binance.com:9443/ws/0',
  'binance-usdm': 'wss://fstream.binance.com/ws/0',
  okx: 'wss://ws.okx.com:8443/ws/v5/public',
};

const ccxtExchange = async (kind: FrameKind): Promise<CcxtExchange | null> => {
  const module = (await load('ccxt')) as (CcxtModule & { readonly default?: CcxtModule }) | null;
  const pro = module?.pro ?? module?.default?.pro;
  const Exchange = pro?.[kind === 'okx' ? 'okx' : kind === 'binance-spot' ? 'binance' : 'binanceusdm'];
  if (Exchange === undefined) return null;
  const exchange = new Exchange({ newUpdates: true });
  const swap = kind !== 'binance-spot';
  exchange.setMarkets(
    ['BTC', 'ETH', 'SOL', 'XRP'].map((base) => ccxtMarket(base, swap, kind === 'okx' ? `${base}-USDT-SWAP` : `${base}USDT`)),
  );
  return exchange;
};

export const ccxtPath = async (kind: FrameKind): Promise<MessagePath | null> => {
  const exchange = await ccxtExchange(kind);
  if (exchange === null) return null;
  const client = exchange.client(CCXT_URLS[kind]);
  let count = 0;
  const method = kind === 'okx' ? 'handleBidAsk' : 'handleBidsAsks';
  const original = exchange[method];
  if (original === undefined) return null;
  exchange[method] = function counted(this: CcxtExchange, ...parts: unknown[]): unknown {
    count += 1;
    return original.apply(this, parts);
  };
  return { name: 'ccxt', take: (text) => client.onMessage({ data: text }), delivered: () => count };
};

/** The libraries' way with an order update of an account: the same functions that their private sockets call. */
export const sdkAccountPath = async (protocol: FrameKind): Promise<MessagePath | null> =>
  protocol === 'okx'
    ? sdkPath('okx-api', 'prodPrivate', ['update'])
    : sdkPath('binance', protocol === 'binance-spot' ? 'mainWSAPI' : 'usdmPrivate', ['message']);

const CCXT_ACCOUNT_URLS: Readonly<Record<FrameKind, string>> = {
  'binance-spot': 'wss://ws-api.binance.com:443/ws-api/v3',
  'binance-usdm': 'wss://fstream.binance.com/private/ws?listenKey=k',
  okx: 'wss://ws.okx.com:8443/ws/v5/private',
};

export const ccxtAccountPath = async (kind: FrameKind): Promise<MessagePath | null> => {
  const exchange = await ccxtExchange(kind);
  const client = exchange?.client(CCXT_ACCOUNT_URLS[kind]);
  const method = kind === 'okx' ? 'handleMyTrades' : 'handleMyTrade';
  const original = exchange?.[method];
  if (exchange === null || client === undefined || original === undefined) return null;
  let count = 0;
  // Called once for each execution, at the end of its way.
  exchange[method] = function counted(this: CcxtExchange, ...parts: unknown[]): unknown {
    count += 1;
    return original.apply(this, parts);
  };
  return { name: 'ccxt', take: (text) => client.onMessage({ data: text }), delivered: () => count };
};
