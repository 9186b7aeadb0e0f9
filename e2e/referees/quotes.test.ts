/**
 * ccxt watches: a client nobody here wrote loads markets and follows quotes of the simulated venues.
 */
import { pro as clientsOfCcxt } from 'ccxt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDemoWorld, type DemoWorld } from '../../src-main/sim/demoWorld.ts';

interface Client {
  has: Record<string, unknown>;
  loadHttpProxyAgent(): Promise<void>;
  loadMarkets(): Promise<Record<string, { contractSize?: number; precision: { price: number; amount: number } }>>;
  watchBidsAsks(symbols: string[]): Promise<Record<string, { bid: number; ask: number }>>;
  fetchTime(): Promise<number>;
  close(): Promise<void>;
}
type Make = new (options: object) => Client;
const pro = clientsOfCcxt as unknown as { readonly okx: Make; readonly binance: Make; readonly binanceusdm: Make };

let world: DemoWorld;
const clients: Client[] = [];

const open = async (client: Client): Promise<Client> => {
  client.has['fetchCurrencies'] = false;
  await client.loadHttpProxyAgent();
  clients.push(client);
  return client;
};
const quoteOf = async (client: Client, symbol: string) => {
  const quote = (await client.watchBidsAsks([symbol]))[symbol]!;
  expect(quote.bid).toBeLessThan(quote.ask);
  return quote;
};

beforeEach(async () => {
  world = await startDemoWorld({ seed: 5 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((c) => c.close()));
  await world.stop();
});

describe('ccxt on the simulated venues', () => {
  it('trusts the simulated OKX', async () => {
    const { rest, stream } = world.urls.okx;
    const options = { brokerId: '', fetchMarkets: { types: ['swap', 'spot'] } };
    const client = await open(new pro.okx({ enableRateLimit: false, options, urls: { api: { rest, ws: stream } } }));
    const markets = await client.loadMarkets();
    expect(markets['XAU/USDT:USDT']).toMatchObject({ contractSize: 0.001, precision: { price: 0.01, amount: 1 } });
    expect((await quoteOf(client, 'XAU/USDT:USDT')).bid).toBeGreaterThan(3_900);
    expect(Math.abs((await client.fetchTime()) - Date.now())).toBeLessThan(60_000);
  });

  it('trusts the simulated Binance USD-M futures, path split included', async () => {
    const { rest, stream } = world.urls['binance-usdm'];
    const v = (n: number) => `${rest}/fapi/v${n}`;
    const api = {
      fapiPublic: v(1),
      fapiPrivate: v(1),
      fapiPublicV2: v(2),
      fapiPrivateV2: v(2),
      fapiPublicV3: v(3),
      fapiPrivateV3: v(3),
      ws: { future: `${stream}/ws` },
    };
    const options = { fetchMarkets: { types: ['linear'] }, fetchCurrencies: false };
    const client = await open(new pro.binanceusdm({ enableRateLimit: false, options, urls: { api } }));
    expect((await client.loadMarkets())['XAU/USDT:USDT']).toMatchObject({ contractSize: 1, precision: { price: 0.01, amount: 0.001 } });
    expect((await quoteOf(client, 'BTC/USDT:USDT')).ask).toBeLessThan(70_000);
  });

  it('trusts the simulated Binance spot', async () => {
    const { rest, stream } = world.urls['binance-spot'];
    const api = { public: `${rest}/api/v3`, private: `${rest}/api/v3`, ws: { spot: `${stream}/ws` } };
    const options = { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false };
    const client = await open(new pro.binance({ enableRateLimit: false, options, urls: { api } }));
    expect((await client.loadMarkets())['BTC/USDT']).toMatchObject({ precision: { price: 0.01, amount: 0.00001 } });
    expect((await quoteOf(client, 'BTC/USDT')).bid).toBeGreaterThan(50_000);
  });
});
