import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CONTRACT_VERSION, type ConsoleContract } from '../../../src-shared/contract/contract.ts';
import type { ConsoleFrame } from '../../../src-shared/contract/frames.ts';
import { secretValues } from '../../adapters/secrets/secrets.ts';
import { ask, basicOf, playEa, startTestApp, type TestApp } from '../app.testkit.ts';
import { MAX_STREAMS_PER_CONSOLE } from '../contractServer.ts';
import { CLOSE, MAX_CONSOLES, MAX_PAYLOAD_BYTES, MESSAGE_RATE } from './consoleSocket.ts';

let test: TestApp;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  test = await startTestApp();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await test.stop();
});

type Client = ContractRouterClient<ConsoleContract>;

interface Dial {
  readonly cookie?: string | undefined;
  readonly origin?: string | undefined;
  readonly host?: string;
  readonly path?: string;
}

/** Opens a socket, or resolves with the status that refused it. */
const dial = ({ cookie, origin = test.origin, host, path: target = '/console' }: Dial): Promise<WebSocket | number> =>
  new Promise((resolve, reject) => {
    const headers = { ...(cookie === undefined ? {} : { cookie }), ...(host === undefined ? {} : { host }) };
    const socket = new WebSocket(`ws://127.0.0.1:${test.port}${target}`, { headers, ...(origin === '' ? {} : { origin }) });
    sockets.push(socket);
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', reject);
  });

const open = async (cookie?: string): Promise<WebSocket> => {
  const socket = await dial({ cookie: cookie ?? (await test.signIn()) });
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
};

const connect = async (cookie?: string): Promise<{ readonly socket: WebSocket; readonly client: Client }> => {
  const socket = await open(cookie);
  return { socket, client: createORPCClient<Client>(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket })) };
};

const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => void socket.once('close', (code) => resolve(code)));
const requestId = (): string => `press${Math.trunc(performance.now() * 1_000)}`;

describe('signing in', () => {
  it('shows the form to strangers, the console to whoever is signed in, and assets to nobody else', async () => {
    const stranger = await test.ask('/');
    expect([stranger.status, stranger.headers.location]).toEqual([303, '/signin']);
    expect((await test.ask('/signin')).text).toContain('<form method="post" action="/signin">');
    expect((await test.ask('/assets/app-1a2b.js')).status).toBe(401);
    const cookie = await test.signIn();
    const page = await test.ask('/', { headers: { cookie } });
    expect(page.text).toContain('<title>console</title>');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    const asset = await test.ask('/assets/app-1a2b.js', { headers: { cookie } });
    expect([asset.status, asset.headers['content-type'], asset.headers['cache-control']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'private, max-age=31536000, immutable',
    ]);
    expect((await test.ask('/assets/app-1a2b.js', { headers: { cookie, 'if-none-match': asset.headers.etag } })).status).toBe(304);
  });

  it('serves nothing that was not built', async () => {
    const cookie = await test.signIn();
    for (const target of [
      '/assets/notes.txt',
      '/assets/',
      '/assets/../index.html',
      '/assets/%2e%2e/%2e%2e/etc/passwd',
      '/assets/..%2fsecrets.json',
      '//etc/passwd',
      '/index.html%00.js',
    ])
      expect([target, (await test.ask(target, { headers: { cookie } })).status]).toEqual([target, expect.toBeOneOf([400, 404])]);
  });

  it('with a link works once, leaves no secret in an address, and sets a cookie that scripts and other sites never get', async () => {
    const link = new URL(test.app.signInUrl());
    const first = await test.ask(link.pathname + link.search);
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(first.headers['set-cookie']?.[0]).toMatch(/^quant-arb-\d+=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const second = await test.ask(link.pathname + link.search);
    expect([second.status, second.headers['set-cookie']]).toEqual([401, undefined]);
    expect(second.text).toContain('This link has been used or is too old');
    expect((await test.ask('/signin?once=')).status).toBe(401);
    expect((await test.ask('/signin?once=a&once=b')).status).toBe(401);
  });

  const form = (password: string, headers: Record<string, string> = {}) =>
    test.ask('/signin', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: test.origin, ...headers },
      body: new URLSearchParams({ username: 'operator', password }).toString(),
    });

  it('with the password works from our own form only', async () => {
    const right = await form(test.secrets.password);
    expect([right.status, right.headers.location]).toEqual([303, '/']);
    expect((await form('wrong')).status).toBe(401);
    expect((await form(test.secrets.password, { origin: 'http://evil.example' })).code).toBe('origin');
    expect((await form(test.secrets.password, { origin: 'null' })).code).toBe('origin');
    const bare = await test.ask('/signin', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'password=x',
    });
    expect(bare.code).toBe('origin');
  });

  it('never shows what was typed', async () => {
    const reply = await form('<script>alert(1)</script>');
    expect(reply.text).not.toContain('alert(1)');
    expect(reply.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('ends everywhere with signing out, for open consoles too', async () => {
    const cookie = await test.signIn();
    const other = await test.signIn();
    const socket = await open(other);
    const code = closed(socket);
    expect((await test.ask('/signout', { method: 'POST', headers: { cookie } })).status).toBe(401);
    expect((await test.ask('/signout', { method: 'POST', headers: { cookie, origin: test.origin } })).status).toBe(303);
    expect(await code).toBe(CLOSE.signInAgain);
    for (const each of [cookie, other]) expect((await test.ask('/', { headers: { cookie: each } })).status).toBe(303);
    const { dataDir } = test;
    await test.stop();
    test = await startTestApp({ dataDir });
    expect((await test.ask('/api/dashboard', { headers: { cookie } })).status).toBe(401);
  });
});

describe('upgrades', () => {
  it.each<[string, (cookie: string) => Dial, number]>([
    ['no cookie', () => ({}), 401],
    ['a made-up cookie', (cookie) => ({ cookie: `${cookie}x` }), 401],
    ['no Origin', (cookie) => ({ cookie, origin: '' }), 403],
    ['a foreign Origin', (cookie) => ({ cookie, origin: 'http://evil.example' }), 403],
    ['an opaque Origin', (cookie) => ({ cookie, origin: 'null' }), 403],
    ['a rebound Host', (cookie) => ({ cookie, host: 'evil.example' }), 403],
    ['another path', (cookie) => ({ cookie, path: '/console2' }), 404],
    ['a query', (cookie) => ({ cookie, path: '/console?x=1' }), 404],
  ])('are refused with %s', async (_name, dialOf, status) => {
    expect(await dial(dialOf(await test.signIn()))).toBe(status);
  });

  it('are refused to the operator password alone: a page of another site can send it', async () => {
    const headers = {
      authorization: basicOf(test.secrets.password),
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      origin: test.origin,
    };
    expect((await test.ask('/console', { headers })).status).toBe(401);
  });

  it(`are refused beyond ${MAX_CONSOLES} consoles`, async () => {
    const cookie = await test.signIn();
    for (let i = 0; i < MAX_CONSOLES; i += 1) await open(cookie);
    expect(await dial({ cookie })).toBe(503);
    const leaving = sockets[0] as WebSocket;
    leaving.close();
    await closed(leaving);
    await expect.poll(() => dial({ cookie })).toBeInstanceOf(WebSocket);
  });
});

describe('the contract over the socket', () => {
  it('streams a snapshot and then consecutive deltas, and lets go of the publisher when the socket closes', async () => {
    const { socket, client } = await connect();
    const frames = await client.watch();
    const first = await frames.next();
    expect(first.value).toMatchObject({ kind: 'snapshot', tables: { engine: { engine: { version: '0.0.0-test' } } } });
    await playEa(test, '1');
    let seq = (first.value as ConsoleFrame).seq;
    for (let patched = false; !patched; ) {
      const { value } = await frames.next();
      const frame = value as ConsoleFrame;
      if (frame.kind !== 'delta') throw new Error('a second snapshot without a gap');
      expect(frame.seq).toBe((seq += 1));
      patched = frame.patches.some(
        ([topic, key, fields]) => topic === 'instruments' && key === 'XAUUSD@mt5' && fields?.['bidPx'] === 4000.1,
      );
    }
    const metric = async () => /quant_arb_consoles (\d+)/.exec(await test.app.metrics())?.[1];
    expect(await metric()).toBe('1');
    const next = frames.next();
    socket.terminate();
    await expect(next).rejects.toThrow();
    await expect.poll(metric).toBe('0');
  });

  it('answers a kill after its commit and streams the latch', async () => {
    const { client } = await connect();
    const id = requestId();
    const receipt = await client.kill({ requestId: id, reason: 'too wide' });
    expect(receipt).toMatchObject({ requestId: id, changed: true });
    expect(test.app.dashboard().engine['engine']?.kill).toMatchObject({
      source: 'console',
      by: 'operator at 127.0.0.1',
      reason: 'too wide',
    });
    const { rows } = await client.events({ beforeUnixMs: null, limit: 50 });
    expect(rows.some((row) => row.kind === 'operator' && row.severity === 'critical')).toBe(true);
  });

  it('refuses a reset with the conditions that fail, as data', async () => {
    const { client } = await connect();
    await client.kill({ requestId: requestId(), reason: '' });
    const refusal = await client.reset({ requestId: requestId(), reason: 'all is well' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'NOT_ALLOWED', data: { conditions: expect.arrayContaining([expect.any(String)]) } });
  });

  it('names the field of a bad command, and answers unknown pairs and intents with NOT_FOUND', async () => {
    const { client } = await connect();
    await expect(client.kill({ requestId: 'x', reason: '' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      data: { issues: [expect.objectContaining({ path: ['requestId'] })] },
    });
    await expect(client.reset({ requestId: requestId(), reason: '  ' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(client.watchPair({ pairId: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(client.intent({ intentId: 'nope' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(client.history({ pairId: 'nope', fromUnixMs: 0, toUnixMs: 1, maxPoints: 10 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await client.about()).toMatchObject({ contractVersion: CONTRACT_VERSION, host: 'headless', profile: 'test', mode: 'paper' });
    expect((await client.intents({ beforeUnixMs: null, limit: 10 })).rows).toEqual([]);
  });

  it('fails what was in flight when the connection goes, and whatever comes after', async () => {
    const { socket, client } = await connect();
    const inFlight = client.pause({ requestId: requestId(), reason: '' });
    socket.terminate();
    await expect(inFlight).rejects.toThrow();
    await expect(client.kill({ requestId: requestId(), reason: '' })).rejects.toThrow();
    expect(test.app.dashboard().engine['engine']?.kill).toBeNull();
  });

  it(`opens ${MAX_STREAMS_PER_CONSOLE} streams a console and not one more, and gives a place back`, async () => {
    const { client } = await connect();
    const streams = [];
    for (let i = 0; i < MAX_STREAMS_PER_CONSOLE; i += 1) streams.push(await client.watchPair({ pairId: 'xau' }));
    await expect(client.watch()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await streams[0]?.return(undefined);
    await expect
      .poll(() =>
        client.watch().then(
          () => 'open',
          () => 'refused',
        ),
      )
      .toBe('open');
  });

  it('does not pile up memory for a console that reads nothing', async () => {
    const { socket, client } = await connect();
    const frames = await client.watch();
    await frames.next();
    socket.pause();
    const before = test.app.dashboard().engine['engine']?.journalSeq ?? 0;
    for (let i = 0; i < 80; i += 1)
      await playEa(test, i % 2 === 0 ? '1' : '2', (4_000 + i / 10).toFixed(2), '4100.00').catch(() => undefined);
    expect(test.app.dashboard().engine['engine']?.journalSeq ?? 0).toBeGreaterThan(before);
    socket.resume();
    // Whatever was lost, what comes is either consecutive or a new snapshot.
    let seq = -1;
    for (let i = 0; i < 5; i += 1) {
      const frame = (await frames.next()).value as ConsoleFrame;
      if (frame.kind === 'delta' && seq >= 0) expect(frame.seq).toBe(seq + 1);
      ({ seq } = frame);
    }
  });
});

describe('a noisy console', () => {
  it('is cut off for a message beyond the greatest', async () => {
    const socket = await open();
    const code = closed(socket);
    socket.send('x'.repeat(MAX_PAYLOAD_BYTES + 1));
    expect(await code).toBe(1009);
  });

  it('is closed for bytes, for nonsense, and for too many messages', async () => {
    for (const [say, code] of [
      [(socket: WebSocket) => socket.send(Buffer.from('{}')), CLOSE.notText],
      [(socket: WebSocket) => socket.send('not json'), CLOSE.badMessage],
    ] as const) {
      const socket = await open();
      const end = closed(socket);
      say(socket);
      expect(await end).toBe(code);
    }
    const flood = await open();
    const end = closed(flood);
    for (let i = 0; i <= MESSAGE_RATE.burst + MESSAGE_RATE.perSecond; i += 1)
      flood.send(JSON.stringify({ i: String(i), p: { u: '/about', b: {} } }));
    expect(await end).toBe(CLOSE.tooMany);
  });

  it('is told when the engine stops', async () => {
    const socket = await open();
    const code = closed(socket);
    await test.stop();
    expect(await code).toBe(CLOSE.goingAway);
  });
});

describe('secrets', () => {
  const filesBelow = (directory: string): string[] =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(directory, name))
      .filter((file) => statSync(file).isFile());

  it('appear in no log line, no answer, no topic and no file but their own', async () => {
    const seen: string[] = [];
    const link = new URL(test.app.signInUrl());
    const cookie = await test.signIn();
    const auth = basicOf(test.secrets.password);
    for (const target of [
      '/',
      '/signin',
      '/healthz',
      '/readyz',
      '/metrics',
      '/api/dashboard',
      '/nope',
      `/nope?token=${test.secrets.mt5Token}`,
    ])
      for (const headers of [{}, { cookie }, { authorization: auth }, { authorization: `Bearer ${test.secrets.mt5Token}` }])
        seen.push(JSON.stringify(await test.ask(target, { headers })));
    seen.push(
      JSON.stringify(await test.ask('/mt5/tick', { method: 'POST', headers: { authorization: `Bearer ${test.secrets.mt5Token}x` } })),
    );
    seen.push(
      JSON.stringify(
        await test.ea('/mt5/poll', {
          v: 1,
          session: test.secrets.mt5Key,
          epoch: 0,
          seq: '1',
          gates: test.secrets.mt5Token,
          connected: true,
        }),
      ),
    );
    await playEa(test, '1');
    const { client } = await connect(cookie);
    const frames = await client.watch();
    seen.push(JSON.stringify((await frames.next()).value), JSON.stringify(await client.events({ beforeUnixMs: null, limit: 100 })));
    await test.asOperator('/api/kill', { method: 'POST', headers: { 'x-quant-arb': '1' } });
    await test.stop();
    for (const file of filesBelow(test.dataDir)) if (!file.endsWith('secrets.json')) seen.push(readFileSync(file, 'latin1'));
    const everything = [...seen, ...test.lines].join('\n');
    for (const secret of [...secretValues(test.secrets), auth, link.searchParams.get('once') ?? '-']) {
      expect(secret.length).toBeGreaterThan(16);
      expect(everything.includes(secret)).toBe(false);
    }
    expect(await ask(test.port, '/healthz').catch(() => null)).toBeNull();
  });
});
