/** Mode demo in one engine: MetaTrader venues trade through the EA, each other venue on paper; the ledger keeps mode and account. */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { testConfig, startTestApp, temporaryDirectory, type TestApp } from './app.testkit.ts';
import { PAPER_FOLDER } from './compose.ts';
import { LedgerFault } from '../runtime/ports.ts';

const exchange = { id: 'okx', label: 'OKX', protocol: 'okx', urls: { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:1' } } as const;
const demo = testConfig({
  mode: 'demo',
  venues: [{ id: 'mt5', label: 'Broker A', protocol: 'metatrader' }, exchange],
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

const folder = (): string => {
  const made = temporaryDirectory();
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

const symbol = {
  name: 'XAUUSD',
  digits: 2,
  point: 0.01,
  tick_size: 0.01,
  tick_value: 1,
  contract_size: 100,
  vol_min: 0.01,
  vol_step: 0.01,
  vol_max: 50,
  vol_limit: 0,
  filling: 3,
  exemode: 2,
  trade_mode: 4,
  base: 'XAU',
  profit: 'USD',
  margin: 'USD',
  swap_mode: 1,
  swap_long: -1,
  swap_short: 0.5,
  swap_triple_day: 3,
  sessions: [[1, 0, 86_400]],
};
const hello = (over: object = {}) => ({
  v: 1,
  boot_id: 'b',
  login: '7',
  server: 'Demo',
  company: 'C',
  currency: 'USD',
  margin_mode: 2,
  account_kind: 0,
  terminal_build: 5_000,
  ea_version: '1',
  server_utc_offset_s: 0,
  magic_base: '1600000000000',
  kill_presses: 0,
  open_ids: [],
  limits: { max_lots_command: 1, max_lots_total: 5, max_commands_minute: 60, opening: true },
  symbols: [symbol],
  seq: '0',
  mono_ms: '1',
  gates: 'ok',
  ...over,
});
const say = async (test: TestApp, over?: object) => {
  const reply = await test.ea('/mt5/hello', hello(over));
  return { ...reply, json: JSON.parse(reply.text) as Readonly<Record<string, unknown>> };
};

it('sends orders of MetaTrader through the EA, keeps paper books for the others only, and asks for the account', async () => {
  const dataDir = folder();
  const test = await startTestApp({ config: demo, dataDir });
  try {
    const welcome = await say(test);
    expect([welcome.status, welcome.json['trading'], welcome.json['command']]).toEqual([200, true, null]);
    expect(welcome.json['snapshot_request']).toBe(1);
    expect(welcome.headers['x-hc-sig']).toMatch(/^[0-9a-f]{64}$/);
    expect(readdirSync(path.join(dataDir, PAPER_FOLDER))).toEqual(['okx.jsonl']);
    expect(test.app.terminalAccess).toMatchObject({ token: test.secrets.mt5Token, key: test.secrets.mt5Key });
    expect(test.lines.join('')).toContain('the first EA that says hello binds the ledger');
  } finally {
    await test.stop();
  }
});

it('refuses real money, and after a restart every other account; the file is demo for good', async () => {
  const dataDir = folder();
  const first = await startTestApp({ config: demo, dataDir });
  expect([(await say(first, { account_kind: 2 })).code, (await say(first)).status]).toEqual(['account-kind', 200]);
  await first.stop();
  const second = await startTestApp({ config: demo, dataDir });
  expect([(await say(second, { login: '8' })).code, (await say(second)).status]).toEqual(['account', 200]);
  await second.stop();
  await expect(startTestApp({ config: { ...demo, mode: 'paper' }, dataDir })).rejects.toThrow(LedgerFault);
});

it('demo without a MetaTrader venue is a mistake of the configuration', () => {
  const other = { ...exchange, id: 'okx-b' };
  const instruments = [exchange, other].map(({ id }) => ({ venue: id, symbol: 'A', kind: 'spot' as const, costs: { takerFeeBps: 0 } }));
  const pairs = [{ id: 'a', underlying: 'A', a: 'A@okx', b: 'A@okx-b', conversion: { kind: 'fixed' as const, rate: 1, why: 'the same' } }];
  const config = { venues: [exchange, other], instruments, pairs };
  expect(testConfig(config).mode).toBe('paper');
  expect(() => testConfig({ ...config, mode: 'demo' })).toThrow(/no venue speaks its protocol/);
});
