/** A whole engine on a real socket and a real ledger, watching two MetaTrader accounts that the test plays. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { configSchema, type Config, type ConfigInput } from '../../src-shared/config/schema.ts';
import { openSecrets, type Secrets } from '../adapters/secrets/secrets.ts';
import type { Clock } from '../runtime/ports.ts';
import { compose, type App } from './compose.ts';
import { createConsoleFace } from './headless/consoleFace.ts';
import { createLog } from './log.ts';

export const temporaryDirectory = (): string => mkdtempSync(path.join(os.tmpdir(), 'quant-arb-test-'));

export const testConfig = (over: Partial<ConfigInput> = {}): Config =>
  configSchema.parse({
    version: 1,
    profile: 'test',
    mode: 'paper',
    dataDir: '.',
    listener: { host: '127.0.0.1', port: 0 },
    venues: [
      { id: 'mt5', label: 'Broker A', protocol: 'metatrader', login: '1' },
      { id: 'mt5-b', label: 'Broker B', protocol: 'metatrader', login: '2' },
    ],
    instruments: ['mt5', 'mt5-b'].map((venue) => ({ venue, symbol: 'XAUUSD', kind: 'cfd', costs: { takerFeeBps: 0 } })),
    pairs: [
      { id: 'xau', underlying: 'XAU', a: 'XAUUSD@mt5', b: 'XAUUSD@mt5-b', conversion: { kind: 'fixed', rate: 1, why: 'both in USD' } },
    ],
    ...over,
  });

/** A built console of three files. */
export const fakeRenderer = (): string => {
  const directory = temporaryDirectory();
  mkdirSync(path.join(directory, 'assets'));
  writeFileSync(
    path.join(directory, 'index.html'),
    '<!doctype html><title>console</title><script type="module" src="/assets/app-1a2b.js"></script>',
  );
  writeFileSync(path.join(directory, 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(path.join(directory, 'assets', 'notes.txt'), 'not a type that is served');
  return directory;
};

export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of `{error:{code}}`. */
  readonly code: string | null;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const codeOf = (text: string): string | null => {
  try {
    return (JSON.parse(text) as { error?: { code?: string } }).error?.code ?? null;
  } catch {
    return null;
  }
};

/** node:http, because fetch neither lets Host and Origin be set nor sends a path as it is written. */
export const ask = (port: number, target: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<string, string>;
    const sent = httpRequest({ host: '127.0.0.1', port, path: target, method, headers: given, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code: codeOf(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });

export const basicOf = (password: string, user = 'operator'): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export interface TestApp {
  readonly app: App;
  readonly port: number;
  readonly origin: string;
  readonly dataDir: string;
  readonly secrets: Secrets;
  readonly lines: string[];
  ask(target: string, asked?: Asked): Promise<HttpReply>;
  /** As a program with the operator's password. */
  asOperator(target: string, asked?: Asked): Promise<HttpReply>;
  /** The `Cookie` header of a fresh session. */
  signIn(): Promise<string>;
  /** Posts as the EA. */
  ea(target: string, body: unknown): Promise<HttpReply>;
  stop(): Promise<void>;
}

/**
 * Monotonic time stands still, so that no budget refills, no quote ages and no EA falls silent, however slow the machine
 * of the test is. What happens with time is tested where it is decided, with a clock that the test moves.
 */
export const stillClock = (): Clock => ({ monoUs: () => 1_000_000, unixMs: () => Date.now() });

export interface TestAppOptions {
  readonly dataDir?: string;
  readonly config?: Config;
  readonly clock?: Clock;
}

export const startTestApp = async (options: TestAppOptions = {}): Promise<TestApp> => {
  const dataDir = options.dataDir ?? temporaryDirectory();
  const lines: string[] = [];
  const app = await compose({
    config: options.config ?? testConfig(),
    dataDir,
    clock: options.clock ?? stillClock(),
    host: 'headless',
    version: '0.0.0-test',
    log: createLog((line) => void lines.push(line)),
    face: createConsoleFace(fakeRenderer()),
  });
  const { port } = app.listener;
  const origin = `http://127.0.0.1:${port}`;
  const secrets = openSecrets(dataDir);
  const asked = (target: string, what: Asked = {}) => ask(port, target, what);
  return {
    app,
    port,
    origin,
    dataDir,
    secrets,
    lines,
    ask: asked,
    asOperator: (target, what = {}) => asked(target, { ...what, headers: { authorization: basicOf(secrets.password), ...what.headers } }),
    async signIn() {
      const link = new URL(app.signInUrl());
      const reply = await asked(link.pathname + link.search);
      return (reply.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
    },
    ea: (target, body) =>
      asked(target, {
        method: 'POST',
        headers: { authorization: `Bearer ${secrets.mt5Token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    stop: () => app.stop('test is over'),
  };
};

const symbol = {
  name: 'XAUUSD',
  digits: 2,
  point: 0.01,
  tick_size: 0.01,
  contract_size: 100,
  vol_min: 0.01,
  vol_step: 0.01,
  vol_max: 50,
  trade_mode: 4,
  base: 'XAU',
  profit: 'USD',
};

/** Says hello for an account and sends one quote. */
export const playEa = async (test: TestApp, login: string, bid = '4000.10', ask_ = '4000.35'): Promise<void> => {
  const hello = await test.ea('/mt5/hello', {
    v: 1,
    boot_id: 'b',
    login,
    server: 'S',
    company: 'C',
    currency: 'USD',
    margin_mode: 'hedging',
    terminal_build: 1,
    ea_version: '1',
    server_utc_offset_s: 0,
    symbols: [symbol],
  });
  const { session, epoch } = JSON.parse(hello.text) as { session: string; epoch: number };
  const tick = { symbol: 'XAUUSD', bid, ask: ask_, time_msc: String(Date.now()), age_ms: '0' };
  await test.ea('/mt5/tick', { v: 1, session, epoch, seq: '1', gates: 'ok', ticks: [tick] });
};
