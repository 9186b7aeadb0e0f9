import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../src-shared/config/schema.ts';
import { startDemoWorld, type DemoWorld, type DemoWorldOptions } from './demoWorld.ts';
import { ENGINE_ACCOUNT, keyTextOf, readKeys, SIM_EXCHANGES, worldKeys } from './exchangeAccounts.ts';
import { inTemporaryFolder } from './tape/tapes.testkit.ts';

let world: DemoWorld | null = null;
const start = async (options: Partial<DemoWorldOptions> = {}): Promise<DemoWorld> => {
  world = await startDemoWorld({ seed: 7, market: 'still', ...options });
  return world;
};
afterEach(async () => {
  await world?.stop();
  world = null;
});

const okxGet = async ({ urls, keys }: DemoWorld, target: string) => {
  const { apiKey, secret, passphrase } = keys()['okx']!;
  const stamp = new Date().toISOString();
  const text = secret.algorithm === 'hmac-sha256' ? secret.text : '';
  const response = await fetch(urls.okx.rest + target, {
    headers: {
      'OK-ACCESS-KEY': apiKey,
      'OK-ACCESS-PASSPHRASE': passphrase ?? '',
      'OK-ACCESS-TIMESTAMP': stamp,
      'OK-ACCESS-SIGN': createHmac('sha256', text).update(`${stamp}GET${target}`).digest('base64'),
    },
  });
  return (await response.json()) as { code: string; data: Record<string, string>[] };
};

describe('the accounts of a world', () => {
  it('are those that the configuration sends orders to, and their keys open them', async () => {
    const it = await start();
    const config = configSchema.parse(it.configInput({ dataDir: 'x', listener: { port: 0 } }));
    for (const venue of config.venues)
      if (venue.protocol !== 'metatrader') expect(venue.orders).toMatchObject({ environment: 'simulated' });
    expect((await okxGet(it, '/api/v5/account/balance')).data[0]).toMatchObject({ totalEq: '50000' });
    for (const venue of SIM_EXCHANGES) expect(it.accounts[venue].list()).toEqual([ENGINE_ACCOUNT]);
    expect(it.accounts['binance-spot'].balances(ENGINE_ACCOUNT).map((b) => [b.asset, b.total])).toEqual([
      ['USDT', '25000'],
      ['BTC', '0.5'],
    ]);
  });

  it('charge what the configuration declares', async () => {
    const it = await start();
    const { instruments } = configSchema.parse(it.configInput({ dataDir: 'x', listener: { port: 0 } }));
    for (const { venue, symbol, costs } of instruments) {
      const id = SIM_EXCHANGES.find((v) => v === venue);
      if (id !== undefined)
        expect(Number(it.accounts[id].feeRate(ENGINE_ACCOUNT, symbol).taker)).toBeCloseTo(costs.takerFeeBps / 10_000, 12);
    }
  });

  it('remember keys and money where there is a data directory, readable by their owner alone', async () => {
    await inTemporaryFolder(async (folder) => {
      const first = await start({ dataDir: folder });
      const keys = first.keys();
      first.accounts.okx.deposit(ENGINE_ACCOUNT, 'USDT', '1');
      await first.stop();
      const second = await start({ dataDir: folder });
      expect(second.keys()).toEqual(keys);
      expect(second.accounts.okx.balances(ENGINE_ACCOUNT)[0]).toMatchObject({ total: '50001' });
      expect(statSync(join(folder, 'exchange-keys.json')).mode & 0o777).toBe(0o600);
      expect(keys['okx']!.apiKey).not.toBe((await start()).keys()['okx']!.apiKey);
    });
  });

  it('take keys that are given, and keep none of them', async () => {
    await inTemporaryFolder((folder) => {
      const given = worldKeys(undefined);
      const text = JSON.stringify(Object.fromEntries(SIM_EXCHANGES.map((venue) => [venue, keyTextOf(given[venue])])));
      expect(readKeys(text)).toEqual(given);
      expect(worldKeys(folder, { okx: given.okx })).toMatchObject({ okx: given.okx });
      expect(readFileSync(join(folder, 'exchange-keys.json'), 'utf8')).not.toContain(given.okx.apiKey);
      expect(() => readKeys('{"okx":{"environment":"live","apiKey":"x","secret":"y"}}')).toThrow('simulated');
      expect(() => readKeys('{"okx":{"environment":"simulated","apiKey":"x"}}')).toThrow('privateKeyPem');
      return Promise.resolve();
    });
  });

  it('show their books over the control endpoint, and no key', async () => {
    const it = await start({ control: true });
    it.accounts.okx.place(ENGINE_ACCOUNT, {
      symbol: 'XAU-USDT-SWAP',
      side: 'buy',
      type: 'market',
      timeInForce: 'ioc',
      qty: '2',
      quoteQty: null,
      qtyStep: '1',
      price: null,
      worstPrice: null,
      reduceOnly: false,
      clientId: 'shown',
      selfTrade: 'none',
      tag: '',
      goodTillMs: null,
      wire: {},
    });
    const text = await (await fetch(`${it.controlUrl!}/accounts`)).text();
    const books = JSON.parse(text) as Record<
      string,
      Record<string, { fills: { clientId: string; qty: string }[]; positions: { qty: string }[] }>
    >;
    expect(books['okx']![ENGINE_ACCOUNT]!.fills).toMatchObject([{ clientId: 'shown', qty: '2' }]);
    expect(books['okx']![ENGINE_ACCOUNT]!.positions).toMatchObject([{ symbol: 'XAU-USDT-SWAP', qty: '2' }]);
    for (const { apiKey, passphrase } of Object.values(it.keys())) {
      expect(text).not.toContain(apiKey);
      if (passphrase !== null) expect(text).not.toContain(passphrase);
    }
  });
});
