import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, basicOf, playEa, startTestApp, testConfig, type TestApp } from '../app.testkit.ts';
import { compose } from '../compose.ts';
import { createLog } from '../log.ts';
import { systemClock } from '../../runtime/clock.ts';
import {
  PortFault,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_BODY_BYTES,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  openListener,
  REQUEST_TIMEOUT_MS,
} from './server.ts';
import { HTTP_STOPS } from './interfaces.ts';
import { SIGN_IN_RATE } from './signIn.ts';

let test: TestApp;
beforeEach(async () => {
  test = await startTestApp();
});
afterEach(async () => {
  await test.stop();
});

const PATHS = ['/', '/signin', '/healthz', '/readyz', '/metrics', '/api/dashboard', '/assets/app-1a2b.js', '/nothing'];

describe('frontier', () => {
  it.each(PATHS)('refuses a rebound Host at %s', async (target) => {
    for (const host of [
      'evil.example',
      `evil.example:${test.port}`,
      '127.0.0.1',
      `127.0.0.1:${test.port + 1}`,
      `127.0.0.1.evil.example:${test.port}`,
    ])
      expect((await test.asOperator(target, { headers: { host } })).code).toBe('host');
  });

  it.each(PATHS)('refuses a foreign Origin at %s, also with the right password', async (target) => {
    for (const origin of [
      'http://evil.example',
      'null',
      `http://127.0.0.1:${test.port + 1}`,
      `https://127.0.0.1:${test.port}`,
      `${test.origin}.evil.example`,
    ])
      expect((await test.asOperator(target, { headers: { origin } })).code).toBe('origin');
  });

  it('takes its own names only', async () => {
    for (const host of [`127.0.0.1:${test.port}`, `localhost:${test.port}`, `LOCALHOST:${test.port}`, `[::1]:${test.port}`])
      expect((await test.ask('/healthz', { headers: { host } })).status).toBe(200);
  });

  it('gives every answer the headers that keep browsers in their place', async () => {
    for (const target of PATHS) {
      const { headers } = await test.ask(target);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('tokens', () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const stop = (kind: string, token: string, body?: object) =>
    test.ask(`/api/${kind}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it.each(HTTP_STOPS)('the kill token can %s, without a header and without a body', async (kind) => {
    const reply = await stop(kind, test.secrets.killToken);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toMatchObject({ changed: true });
    const { pause, kill } = test.app.dashboard().engine['engine']!;
    if (kind === 'pause') expect(pause).toMatchObject({ source: 'http', by: 'kill token at 127.0.0.1' });
    else expect(kill).toMatchObject({ level: kind, source: 'http', by: 'kill token at 127.0.0.1' });
  });

  it('the kill token can do nothing else: it reads nothing, and nothing here starts anything', async () => {
    for (const target of ['/api/dashboard', '/api/status', '/metrics'])
      expect((await test.ask(target, bearer(test.secrets.killToken))).status).toBe(401);
    for (const kind of ['arm', 'resume', 'reset', 'disarm', 'enable']) {
      const reply = await stop(kind, test.secrets.killToken);
      expect([reply.status, reply.code]).toEqual([404, 'not-found']);
    }
    expect((await test.ask('/', bearer(test.secrets.killToken))).headers.location).toBe('/signin');
  });

  it('the read token reads, and stops nothing', async () => {
    for (const target of ['/api/dashboard', '/api/status', '/metrics'])
      expect((await test.ask(target, bearer(test.secrets.readToken))).status).toBe(200);
    for (const kind of HTTP_STOPS) expect((await stop(kind, test.secrets.readToken)).status).toBe(401);
    expect(test.app.dashboard().engine['engine']?.kill).toBeNull();
  });

  it('other secrets are neither, and wrong tokens never lock the right one out', async () => {
    const { mt5Token, mt5Key, cookieSecret, password, killToken } = test.secrets;
    for (const wrong of [mt5Token, mt5Key, cookieSecret, password, `${killToken}x`, killToken.slice(1), '', 'x'.repeat(5_000)])
      expect((await stop('kill', wrong)).status).toBeGreaterThanOrEqual(400);
    for (let i = 0; i < 2 * SIGN_IN_RATE.burst; i += 1) await stop('kill', `guess${i}`);
    expect((await stop('kill', killToken)).status).toBe(200);
  });

  it('a stop says its scope, reason and origin, and a late one is refused', async () => {
    expect((await stop('kill', test.secrets.killToken, { scope: 'everything' })).status).toBe(400);
    const late = await stop('kill', test.secrets.killToken, { notAfterUnixMs: 1 });
    expect([late.status, late.code]).toEqual([409, 'not-allowed']);
    const body = { scope: 'pair:xau', reason: 'wide', source: 'cli', by: 'ann@desk' };
    expect((await stop('kill', test.secrets.killToken, body)).status).toBe(200);
    const { kill, scopedStops } = test.app.dashboard().engine['engine']!;
    expect(kill).toBeNull();
    expect(scopedStops).toMatchObject([
      { scope: 'pair:xau', level: 'kill', latch: { source: 'cli', by: 'ann@desk at 127.0.0.1', reason: 'wide' } },
    ]);
  });

  it('status is one flat object of how we stand', async () => {
    const status = JSON.parse((await test.ask('/api/status', bearer(test.secrets.readToken))).text);
    expect(status).toMatchObject({ engine: 'running', source: 'engine', runId: test.app.runId, armed: false, kill: null, groups: [] });
    expect(status.reasons.length).toBeGreaterThan(0);
  });
});

describe('interfaces', () => {
  it('say that we live to anyone, and nothing else', async () => {
    const reply = await test.ask('/healthz');
    expect([reply.status, reply.text]).toEqual([200, 'ok\n']);
  });

  it.each(['/metrics', '/api/dashboard'])('%s needs the password', async (target) => {
    expect((await test.ask(target)).status).toBe(401);
    expect((await test.ask(target, { headers: { authorization: basicOf('wrong') } })).status).toBe(401);
    expect((await test.ask(target, { headers: { authorization: basicOf(test.secrets.password, 'root') } })).status).toBe(401);
    expect((await test.ask(target, { headers: { authorization: `Bearer ${test.secrets.mt5Token}` } })).status).toBe(401);
    expect((await test.asOperator(target)).status).toBe(200);
    expect((await test.ask(target, { headers: { cookie: await test.signIn() } })).status).toBe(200);
  });

  it('tire of wrong passwords, also when the next one is right', async () => {
    const statuses: number[] = [];
    for (let i = 0; i <= SIGN_IN_RATE.burst; i += 1)
      statuses.push((await test.ask('/api/dashboard', { headers: { authorization: basicOf(`guess-${i}`) } })).status);
    expect(statuses).toEqual([...Array.from({ length: SIGN_IN_RATE.burst }, () => 401), 429]);
    expect((await test.asOperator('/api/dashboard')).status).toBe(429);
  });

  it('show quotes of both venues in the dashboard', async () => {
    await playEa(test, '1');
    await playEa(test, '2', '4001.00', '4001.20');
    const tables = JSON.parse((await test.asOperator('/api/dashboard')).text);
    expect(tables.instruments['XAUUSD@mt5-b']).toMatchObject({ bidPx: 4001, askPx: 4001.2, bidQty: null, metadata: 'ok' });
    expect(tables.venues.mt5).toMatchObject({ link: 'live', metatrader: { login: '1', epoch: 1 } });
    expect(tables.engine.engine).toMatchObject({ mode: 'paper', armed: false, kill: null });
  });

  it('are ready when every venue is live and every quote fresh, and say why when not', async () => {
    const before = await test.ask('/readyz');
    expect(before.status).toBe(503);
    expect(JSON.parse(before.text).reasons).toContain('venue mt5 is idle: waiting for the EA to say hello');
    await playEa(test, '1');
    await playEa(test, '2');
    // The venues are asked for what we hold there, which takes them their time.
    await expect.poll(async () => JSON.parse((await test.ask('/readyz')).text), { timeout: 10_000 }).toEqual({ ready: true, reasons: [] });
    expect((await test.ask('/readyz')).status).toBe(200);
    await test.asOperator('/api/kill', { method: 'POST', headers: { 'x-quant-arb': '1' } });
    expect(JSON.parse((await test.ask('/readyz')).text).reasons).toContainEqual(expect.stringContaining('the kill switch is latched'));
  });

  it('keep the reasons from whoever comes through a proxy', async () => {
    const reply = await test.ask('/readyz', { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([503, { ready: false }]);
  });

  it('count in Prometheus text', async () => {
    await playEa(test, '1');
    const { text, headers } = await test.asOperator('/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toContain('quant_arb_venue_live{venue="mt5"} 1');
    expect(text).toContain('quant_arb_venue_live{venue="mt5-b"} 0');
    expect(text).toContain('quant_arb_adapter_total{group="mt5",name="ticks"} 1');
    expect(text).toMatch(/quant_arb_process_resident_memory_bytes \d+/);
    expect(text).toMatch(/quant_arb_runtime_total\{name="events_committed"\} [1-9]/);
    expect(text).toContain('quant_arb_runtime_total{name="control_events_dropped"} 0');
    expect(text).toMatch(/quant_arb_latency_seconds\{of="commit",quantile="0.99"\} [\d.e-]+/);
    expect(text).not.toContain('login');
  });
});

describe('state changes', () => {
  const headers = { 'x-quant-arb': '1', 'content-type': 'application/json' };

  it.each(['/api/kill', '/api/pause'])('%s: a form, a stranger, another site and a GET change nothing', async (target) => {
    const cookie = await test.signIn();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await test.ask(target, { method: 'POST', headers })).status).toBe(401);
    expect((await test.asOperator(target, { method: 'POST' })).code).toBe('command-header');
    expect((await test.asOperator(target, { method: 'POST', headers: { 'x-quant-arb': 'true' } })).code).toBe('command-header');
    expect((await test.ask(target, { method: 'POST', headers: { ...form, cookie }, body: 'reason=x' })).status).toBeGreaterThanOrEqual(400);
    expect((await test.ask(target, { method: 'POST', headers: { ...headers, cookie, origin: 'http://evil.example' } })).code).toBe(
      'origin',
    );
    expect((await test.ask(target, { method: 'POST', headers: { ...headers, cookie, 'sec-fetch-site': 'cross-site' } })).code).toBe(
      'origin',
    );
    expect((await test.ask(target, { method: 'POST', headers: { ...headers, cookie, 'sec-fetch-site': 'same-site' } })).code).toBe(
      'origin',
    );
    expect((await test.asOperator(target, { headers })).status).toBe(404);
    const { engine } = test.app.dashboard();
    expect([engine['engine']?.kill, engine['engine']?.pause]).toEqual([null, null]);
  });

  it.each([
    ['{"reason":5}', 'reason'],
    [`{"reason":"${'x'.repeat(201)}"}`, 'reason'],
    ['{"requestId":"a b"}', 'requestId'],
    ['{"flatten":true}', 'flatten'],
  ])('names the field of a bad body: %s', async (body, field) => {
    const reply = await test.asOperator('/api/kill', { method: 'POST', headers, body });
    expect([reply.status, JSON.parse(reply.text).error.field]).toEqual([400, field]);
    expect(test.app.dashboard().engine['engine']?.kill).toBeNull();
  });

  it('refuse a body that is not JSON or too large, and take the largest', async () => {
    expect((await test.asOperator('/api/kill', { method: 'POST', headers, body: '{' })).code).toBe('not-json');
    const padded = (bytes: number) => `{"reason":"x"${' '.repeat(bytes - 14)}}`;
    expect((await test.asOperator('/api/kill', { method: 'POST', headers, body: padded(MAX_BODY_BYTES + 1) })).code).toBe('body-too-large');
    expect((await test.asOperator('/api/kill', { method: 'POST', headers, body: padded(MAX_BODY_BYTES) })).status).toBe(200);
  });

  it('kill latches, is told to the EA at once, is one act however often delivered, and outlives a restart', async () => {
    const body = JSON.stringify({ reason: 'drill', requestId: 'request0001' });
    const first = await test.asOperator('/api/kill', { method: 'POST', headers, body });
    expect(first.status).toBe(200);
    expect(JSON.parse(first.text)).toMatchObject({ requestId: 'request0001', changed: true });
    const again = await test.asOperator('/api/kill', { method: 'POST', headers, body });
    expect(JSON.parse(again.text).committedUnixMs).toBe(JSON.parse(first.text).committedUnixMs);
    const hello = await test.ea('/mt5/hello', { v: 1 });
    expect(hello.status).toBe(400);
    await playEa(test, '1');
    const { dataDir } = test;
    await test.stop();
    test = await startTestApp({ dataDir });
    const { kill, tradingState } = test.app.dashboard().engine['engine'] ?? {};
    expect(kill).toMatchObject({ source: 'http', by: 'operator at 127.0.0.1', reason: 'drill' });
    expect(tradingState).toBe('halted');
  });

  it.each([
    ['kill', 'close_only'],
    ['hands-off', 'halt'],
  ])('after %s tell every EA: %s', async (kind, mode) => {
    await test.asOperator(`/api/${kind}`, { method: 'POST', headers });
    const reply = await test.ea('/mt5/tick', { symbol: 'XAUUSD', bid: 4000.1, ask: 4000.3, time_msc: Date.now() });
    expect(JSON.parse(reply.text).mode).toBe(mode);
  });
});

describe('limits', () => {
  it('are those of the house, on the server itself', async () => {
    const listener = await openListener({
      config: testConfig().listener,
      clock: systemClock,
      log: createLog(() => undefined),
      password: 'unused',
      metatrader: async () => undefined,
      routes: [],
    });
    const { node } = listener;
    expect([node.headersTimeout, node.requestTimeout, node.keepAliveTimeout, node.maxConnections]).toEqual([
      HEADERS_TIMEOUT_MS,
      REQUEST_TIMEOUT_MS,
      KEEP_ALIVE_TIMEOUT_MS,
      MAX_CONNECTIONS,
    ]);
    expect(KEEP_ALIVE_TIMEOUT_MS).toBeGreaterThanOrEqual(60_000);
    await listener.close();
  });

  const raw = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = createConnection(test.port, '127.0.0.1', () => void socket.write(text));
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', () => resolve(answer));
    });

  it.each([
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(MAX_HEADER_BYTES)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['what is no HTTP', 'HELO\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['two lengths', 'POST /api/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'length and chunks',
      'POST /api/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
  ])('refuse %s', async (_name, text, status) => {
    expect(await raw(text)).toMatch(status);
  });

  it('refuse an absolute request target of another site', async () => {
    const answer = await raw(`GET http://evil.example/api/dashboard HTTP/1.1\r\nHost: 127.0.0.1:${test.port}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('answer JSON to unknown paths and methods', async () => {
    for (const [target, method] of [
      ['/nope', 'GET'],
      ['/api/dashboard', 'DELETE'],
      ['/mt5/tick', 'GET'],
      ['/mt5/fills', 'POST'],
      ['/../secrets.json', 'GET'],
      ['/%2e%2e/secrets.json', 'GET'],
    ] as const) {
      const reply = await test.asOperator(target, { method });
      expect([target, reply.status, reply.code]).toEqual([target, 404, 'not-found']);
    }
  });

  it('limit how often one peer may ask, and leave the EA alone', async () => {
    let last = await test.ask('/healthz');
    for (let i = 0; i < 400 && last.status === 200; i += 1) last = await test.ask('/healthz');
    expect([last.status, last.code, last.headers['retry-after']]).toEqual([429, 'too-many', '1']);
    const reply = await test.ea('/mt5/tick', { symbol: 'XAUUSD', bid: 4000.1, ask: 4000.3, time_msc: Date.now() });
    expect(reply.status).toBe(200);
  });
});

describe('port', () => {
  it('that is taken is named with who has it, and nothing is left behind', async () => {
    const { dataDir: _first, ...other } = await startTestApp();
    const config = testConfig({ listener: { host: '127.0.0.1', port: other.port } });
    const again = compose({
      config,
      dataDir: test.dataDir + '-second',
      clock: systemClock,
      host: 'headless',
      version: '0',
      log: createLog(() => undefined),
    });
    await expect(again).rejects.toThrow(PortFault);
    const message = await again.catch((error: Error) => error.message);
    expect(message).toContain(`port ${other.port} of 127.0.0.1 is taken`);
    if (process.platform === 'linux') expect(message).toContain(`by node (process ${process.pid})`);
    await other.stop();
    const free = await startTestApp({ dataDir: test.dataDir + '-second' });
    expect((await ask(free.port, '/healthz')).status).toBe(200);
    await free.stop();
  });
});
