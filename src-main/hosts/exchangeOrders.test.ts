/** Orders of an exchange in one engine: through its own gateway with the account's key, and what happens where there is none. */
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Secrets } from '../runtime/ports.ts';
import { SecretsFault } from '../adapters/secrets/secrets.ts';
import { stillClock, temporaryDirectory, testConfig } from './app.testkit.ts';
import { compose, PAPER_FOLDER } from './compose.ts';
import type { HostKeys } from './hostKeys.ts';
import { createLog } from './log.ts';

const NOWHERE = { rest: 'http://127.0.0.1:1', entry: 'ws://127.0.0.1:1', stream: 'ws://127.0.0.1:1' };
const config = testConfig({
  mode: 'demo',
  venues: [
    { id: 'mt5', label: 'Broker A', protocol: 'metatrader' },
    {
      id: 'okx',
      label: 'OKX',
      protocol: 'okx',
      simulated: true,
      urls: { rest: NOWHERE.rest, stream: NOWHERE.stream },
      orders: { environment: 'simulated', urls: NOWHERE },
    },
  ],
  instruments: [
    { venue: 'mt5', symbol: 'XAUUSD', kind: 'cfd', costs: { takerFeeBps: 0 } },
    { venue: 'okx', symbol: 'XAU-USDT-SWAP', kind: 'perpetual', costs: { takerFeeBps: 5 } },
  ],
  pairs: [
    {
      id: 'xau',
      underlying: 'XAU',
      a: 'XAUUSD@mt5',
      b: 'XAU-USDT-SWAP@okx',
      conversion: { kind: 'fixed', rate: 1, why: 'both in dollars' },
    },
  ],
});

const SECRET = 'canary-secret-of-the-okx-account';
const KEY = {
  environment: 'simulated',
  apiKey: 'canary-api-key',
  secret: { algorithm: 'hmac-sha256', text: SECRET },
  passphrase: 'canary-passphrase',
} as const;

const keysOf = (venueKey: Secrets['venueKey'], storable: boolean): HostKeys => ({
  secrets: { venueKey, describe: () => 'no key: looked into the cupboard' },
  desk: {
    standing: () => ({ storable, why: '', venues: [] }),
    enter: () => Promise.reject(new Error('not here')),
    remove: () => Promise.reject(new Error('not here')),
  },
});

const start = async (keys?: HostKeys) => {
  const dataDir = temporaryDirectory();
  const lines: string[] = [];
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const log = createLog((line) => void lines.push(line));
  const app = await compose({
    config,
    dataDir,
    clock: stillClock(),
    host: 'headless',
    version: '0',
    log,
    ...(keys === undefined ? {} : { keys }),
  });
  onTestFinished(() => app.stop('the test is over'));
  const okx = () => app.dashboard().venues['okx'];
  return { app, dataDir, lines, okx };
};

it('goes through the exchange, not to paper', async () => {
  const { dataDir, okx } = await start(keysOf(() => KEY, false));
  await expect.poll(() => okx()?.exchange?.entry.detail).toMatch(/./);
  expect(okx()?.exchange).toMatchObject({ environment: 'simulated', region: 'global', entry: { up: false } });
  expect(existsSync(path.join(dataDir, PAPER_FOLDER, 'okx.jsonl'))).toBe(false);
  expect(JSON.stringify(okx())).not.toContain('canary');
});

it.each([
  ['no host that keeps keys', undefined, /no place to look/],
  ['no key', keysOf(() => null, false), /okx: no key: looked into the cupboard/],
  [
    'a key that is unusable',
    keysOf(() => {
      throw new SecretsFault('okx', 'the file is open to others');
    }, false),
    /open to others/,
  ],
])('does not start with %s where nobody could enter one', async (_what, keys, words) => {
  const refusal = start(keys);
  await expect(refusal).rejects.toThrow(SecretsFault);
  await expect(refusal).rejects.toThrow(words);
});

it('starts without a key where one can be entered, and says where it looked', async () => {
  const { okx } = await start(keysOf(() => null, true));
  await expect
    .poll(() => okx()?.exchange?.checks[0])
    .toMatchObject({ code: 'key', state: 'fail', fix: expect.stringMatching(/no key: looked into the cupboard\. Enter it in this sheet/) });
  expect(okx()?.exchange?.entry).toEqual({ up: false, detail: expect.stringContaining('no key: looked into the cupboard') });
});

it('shows a key that cannot sign like one that is missing', async () => {
  const pem = { ...KEY, secret: { algorithm: 'ed25519', pem: SECRET } } as const;
  const { okx } = await start(keysOf(() => pem, false));
  await expect.poll(() => okx()?.exchange?.checks[0]?.fix).toBe('the key cannot sign: privateKeyPem: no private key in PEM');
});
