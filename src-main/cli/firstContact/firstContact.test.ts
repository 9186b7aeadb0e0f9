/** First contact with the simulated exchanges over real sockets; and never with a live one. */
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, type Config } from '../../../src-shared/config/schema.ts';
import { keyVariable } from '../../adapters/secrets/headlessKeys.ts';
import { keyTextOf, keyValues } from '../../adapters/secrets/keyText.ts';
import { UsageFault } from '../../hosts/headless/args.ts';
import { startDemoWorld, type DemoWorld } from '../../sim/demoWorld.ts';
import { ENGINE_ACCOUNT } from '../../sim/exchangeAccounts.ts';
import { standingTime } from '../../sim/client.testkit.ts';
import type { Patient } from '../doctor/surroundings.ts';
import { inTime } from './contact.ts';
import { redacted, runFirstContact } from './firstContactCommand.ts';
import { differences, farOrder, POINTS, type Point } from './points.ts';

let world: DemoWorld;
let config: Config;
const folder = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-contact-'));
const patient = (of: Config): Patient => ({ configFile: 'x.json', config: of, dataDir: folder, port: 0, host: '127.0.0.1' });
const silent = { out: () => undefined, err: () => undefined };

beforeAll(async () => {
  world = await startDemoWorld({ seed: 5 });
  config = configSchema.parse(world.configInput({ dataDir: folder, listener: { host: '127.0.0.1', port: 0 } }));
});
afterAll(() => world.stop());

describe('first contact', () => {
  it('answers the ten points at every simulated exchange, and leaves no order and no secret behind', async () => {
    const keys = world.keys();
    const env = Object.fromEntries(Object.entries(keys).map(([venue, key]) => [keyVariable(venue), keyTextOf(key)]));
    const report = path.join(folder, 'report.json');
    await runFirstContact(patient(config), { report }, silent, { env, patience: { awaitedMs: 20_000, doubtfulMs: 400 } });
    const written = [readFileSync(report, 'utf8'), readFileSync(report.replace('.json', '.txt'), 'utf8')];
    for (const value of Object.values(keys)
      .flatMap(keyValues)
      .filter((each) => each.length >= 6))
      for (const text of written) expect(text).not.toContain(value);
    if (process.platform !== 'win32') expect(statSync(report).mode & 0o777).toBe(0o600);
    const { venues } = JSON.parse(written[0]!) as { venues: { venue: string; protocol: string; points: Point[] }[] };
    expect(venues.length).toBe(3);
    for (const { venue, points } of venues) {
      expect([venue, points.map(({ point }) => point)]).toEqual([venue, POINTS]);
      const unlearned = points
        .filter(({ point, state }) => state === 'open' && point !== 8)
        .map(({ point, answer }) => `${point} ${answer}`);
      expect([venue, unlearned]).toEqual([venue, []]);
    }
    const of = (protocol: string, at: number) =>
      venues.find((each) => each.protocol === protocol)?.points.find(({ point }) => point === at);
    expect(of('binance-usdm', 7)).toMatchObject({ state: 'as-expected', answer: expect.stringContaining('after its end -1021') });
    expect(of('okx', 7)).toMatchObject({ state: 'as-expected', answer: expect.stringContaining('after expTime 5003') });
    expect(of('okx', 5)).toMatchObject({ answer: expect.stringContaining('was found and taken away') });
    for (const accounts of Object.values(world.accounts)) expect(accounts.openOrders(ENGINE_ACCOUNT)).toEqual([]);
  }, 60_000);

  it('never asks a live account', async () => {
    const live = { ...config, mode: 'live' as const };
    await expect(runFirstContact(patient(live), {}, silent, { env: {} })).rejects.toThrow(UsageFault);
    const venues = config.venues.map((venue) =>
      venue.protocol === 'okx' && venue.orders !== null ? { ...venue, orders: { ...venue.orders, environment: 'live' as const } } : venue,
    );
    await expect(runFirstContact(patient({ ...config, venues }), {}, silent, { env: {} })).rejects.toThrow(/never asks a live account/);
  });

  it('says which key is missing, and where it may come from', async () => {
    await expect(runFirstContact(patient(config), {}, silent, { env: {} })).rejects.toThrow(/no key: neither .*QUANT_ARB_.*_KEY_FILE/s);
  });
});

describe('what it makes and keeps', () => {
  it('a refusal that took longer than there was room is asked anew, a few times; one in time is believed', async () => {
    const pass = standingTime();
    const asked = async (tooks: readonly number[], taken = -1) => {
      let times = 0;
      await inTime(
        900,
        () => {
          pass(tooks[times] ?? 0);
          times += 1;
          return Promise.resolve(times);
        },
        (answer) => answer === taken,
      );
      return times;
    };
    expect([await asked([899]), await asked([900, 100]), await asked([900], 1), await asked([950, 950, 950, 0])]).toEqual([1, 2, 1, 3]);
  });

  it('orders lie below the market, on the tick, and large enough', () => {
    expect(farOrder('4000.01', '0.01', '0.001', '0.001', '5')).toEqual({ price: '3940', qty: '0.002' });
    expect(farOrder('4000.01', '0.1', '1', '1', null)).toEqual({ price: '3940', qty: '1' });
  });

  it('differences name both figures, however they are written', () => {
    const instrument = { expected: { tickSize: '0.01', qtyStep: '1', baseCcy: 'XAU' } } as unknown as Parameters<typeof differences>[0];
    expect(differences(instrument, { tickSize: '0.0100', qtyStep: '10', baseCcy: null })).toEqual([
      'qtyStep: configured 1, the exchange says 10',
    ]);
  });

  it('a report holds neither keys, in any of their shapes, nor what names an account', () => {
    const text = redacted('{"uid":"4711","ip":"1.2.3.4","x":"se+cret/1","y":"se%2Bcret%2F1","instId":"XAU"}', ['se+cret/1']);
    expect(text).toBe('{"uid":"[concealed]","ip":"[concealed]","x":"[concealed]","y":"[concealed]","instId":"XAU"}');
  });

  it.each([
    ['Invalid API-key, IP, or permissions for action, request ip: 203.0.113.9', 'request ip: [concealed]'],
    ['Your IP 2001:db8:0:12::7 is not included in your API key\u2019s IP whitelist.', 'Your IP [concealed] is not'],
    ['Your IP 2001:db8::7 is not included', 'Your IP [concealed] is not'],
    ['{"a":1,"uid":"4711', '"uid":"[concealed]"'],
  ])('nor the address that a refusal repeats, nor a name that was cut: %s', (said, shown) => {
    expect(redacted(said, [])).toContain(shown);
    expect(redacted(said, [])).not.toMatch(/203|2001|4711/);
  });

  it('times, prices and versions are no addresses', () => {
    for (const text of ['2026-11-22T18:55:01.123Z', '{"px":"4000.10","sz":"1.5"}', 'quant-arb 1.2.3', '{"ts":1795353000001}'])
      expect(redacted(text, [])).toBe(text);
  });
});
