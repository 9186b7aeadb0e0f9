/**
 * Where an exchange's order side lives, by protocol, environment and region, and to which environments a host belongs: a key of
 * one environment is never sent to a host of another. Sources: the exchanges' documentation of 2026; the demo hosts of Binance
 * futures are not verified.
 */
import type { Environment, Region } from '../domain/exchange.ts';
import type { VenueProtocol } from '../domain/instrument.ts';

export type ExchangeProtocol = Exclude<VenueProtocol, 'metatrader'>;

/** `rest` carries questions and cancels, `entry` orders, `stream` the private pushes. */
export interface OrderUrls {
  readonly rest: string;
  readonly entry: string;
  readonly stream: string;
}

const okxAt = (rest: string, socket: string): OrderUrls => ({ rest, entry: `${socket}/ws/v5/private`, stream: `${socket}/ws/v5/private` });
const binanceSpotAt = (rest: string, api: string): OrderUrls => ({ rest, entry: api, stream: api });

const BINANCE_USDM: Readonly<Record<'demo' | 'live', OrderUrls>> = {
  live: {
    rest: 'https://fapi.binance.com',
    entry: 'wss://ws-fapi.binance.com/ws-fapi/v1',
    stream: 'wss://fstream.binance.com/private/ws',
  },
  demo: {
    rest: 'https://demo-fapi.binance.com',
    entry: 'wss://testnet.binancefuture.com/ws-fapi/v1',
    stream: 'wss://fstream.binancefuture.com/private/ws',
  },
};
const BINANCE_SPOT: Readonly<Record<'demo' | 'live', OrderUrls>> = {
  live: binanceSpotAt('https://api.binance.com', 'wss://ws-api.binance.com:443/ws-api/v3'),
  demo: binanceSpotAt('https://demo-api.binance.com', 'wss://demo-ws-api.binance.com/ws-api/v3'),
};
const OKX: Readonly<Record<Region, Readonly<Record<'demo' | 'live', OrderUrls>>>> = {
  global: {
    live: okxAt('https://openapi.okx.com', 'wss://ws.okx.com:8443'),
    demo: okxAt('https://openapi.okx.com', 'wss://wspap.okx.com:8443'),
  },
  eea: {
    live: okxAt('https://eea.okx.com', 'wss://wseea.okx.com:8443'),
    demo: okxAt('https://eea.okx.com', 'wss://wseeapap.okx.com:8443'),
  },
  us: {
    live: okxAt('https://us.okx.com', 'wss://wsus.okx.com:8443'),
    demo: okxAt('https://us.okx.com', 'wss://wsuspap.okx.com:8443'),
  },
};

/** null for `simulated`: only a configuration knows those. */
export const sitesOf = (protocol: ExchangeProtocol, environment: Environment, region: Region): OrderUrls | null => {
  if (environment === 'simulated') return null;
  if (protocol === 'okx') return OKX[region][environment];
  return (protocol === 'binance-spot' ? BINANCE_SPOT : BINANCE_USDM)[environment];
};

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** OKX serves demo accounts from its ordinary REST hosts, told apart by a header and by the key. */
const OKX_REST_HOST = /^(www|openapi|eea|us)\.okx\.com$/;
const OKX_HOST = /(^|\.)okx\.com$/;
const DEMO_HOST = /(^|\.)(demo|testnet)[\w-]*\.|(^|\.)binancefuture\.com$|^ws(eea|us)?pap\.okx\.com$/;
const EXCHANGE_HOST = /(^|\.)(binance\.com|binance\.vision|okx\.com|binancefuture\.com)$/;

/** Other signs in a host are read differently by different parsers (percent codes, signs that vanish or turn into letters). */
const PLAIN_HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])$/;

const hostOf = (url: string): string => {
  const hostname = /^\w+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]+)/.exec(url)?.[1]?.toLowerCase() ?? '';
  return PLAIN_HOST.test(hostname) ? hostname : '';
};

/** To which environments a URL's host belongs; empty = to none that is known, and then no key goes there. */
export const environmentsOfHost = (url: string): readonly Environment[] => {
  const hostname = hostOf(url);
  if (LOOPBACK.test(hostname)) return ['simulated'];
  if (OKX_REST_HOST.test(hostname)) return ['demo', 'live'];
  if (!EXCHANGE_HOST.test(hostname)) return [];
  return DEMO_HOST.test(hostname) ? ['demo'] : ['live'];
};

const OKX_SITE = /^(?:ws)?(eea|us)(?:pap)?\.okx\.com$/;
/** Which of OKX's sites a host belongs to; the account of one is unknown at the others. null = not OKX's. */
export const regionOfHost = (url: string): Region | null => {
  const hostname = hostOf(url);
  if (!OKX_HOST.test(hostname)) return null;
  const site = OKX_SITE.exec(hostname)?.[1];
  return site === 'eea' || site === 'us' ? site : 'global';
};

/** Whether the exchange of this protocol may be behind a URL of a known environment: a key of one is never shown to another. */
export const mayServe = (protocol: ExchangeProtocol, url: string): boolean => {
  const hostname = hostOf(url);
  return LOOPBACK.test(hostname) || OKX_HOST.test(hostname) === (protocol === 'okx');
};
