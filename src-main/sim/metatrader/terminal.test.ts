import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../client.testkit.ts';
import { createFaultSwitch, type FaultSwitch } from '../faults.ts';
import { DEMO_ACCOUNT, terminalSymbol } from '../tape/tapeWorld.ts';
import { MAX_BACK_OFF_MS, startTerminal, type Terminal, type TerminalSettings } from './terminal.ts';

interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
}
type Behaviour = (post: Post, index: number) => { status: number; body: unknown } | 'hang-up';

const open: { server: Server | null; terminals: Terminal[] } = { server: null, terminals: [] };
let faults: FaultSwitch;
let connections = 0;

const envelope = (post: Post, over: object = {}) => ({
  v: 1,
  epoch: 7,
  ack_seq: post.body['seq'],
  now_utc_ms: '1795353000000',
  poll_ms: 20,
  mode: 'normal',
  want_snapshot: false,
  more: false,
  command: null,
  ...over,
});
const accept: Behaviour = (post) =>
  post.path === '/mt5/hello'
    ? { status: 200, body: envelope(post, { session: 's-1', wanted: ['XAUUSD'], deals_since_msc: '0' }) }
    : { status: 200, body: envelope(post) };

const listen = async (behave: Behaviour = accept): Promise<{ posts: Post[]; url: string; behave: Behaviour }> => {
  const posts: Post[] = [];
  const listener = { posts, url: '', behave };
  const answer = (post: Post, response: ServerResponse) => {
    posts.push(post);
    const reply = listener.behave(post, posts.length - 1);
    if (reply === 'hang-up') response.destroy();
    else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      let body: Record<string, unknown> = {};
      try {
        body = JSON.parse(text) as Record<string, unknown>;
      } catch {
        body = { malformed: true };
      }
      answer({ path: request.url ?? '', headers: request.headers, text, body }, response);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.server = server;
  listener.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return listener;
};
const launch = (url: string, over: Partial<TerminalSettings> = {}): Terminal => {
  faults = over.faults ?? createFaultSwitch(1, 'mt5');
  const terminal = startTerminal({
    listenerUrl: url,
    token: 'a'.repeat(43),
    account: DEMO_ACCOUNT,
    symbols: [terminalSymbol('XAUUSD', 2, '100'), terminalSymbol('BTCUSD', 2, '1')],
    faults,
    declaredUtcOffsetS: 7_200,
    ...over,
  });
  open.terminals.push(terminal);
  return terminal;
};
const ticksOf = (posts: readonly Post[]) => posts.filter((p) => p.path === '/mt5/tick');
const SERVER_MS = 1_795_360_200_650;

afterEach(async () => {
  await Promise.all(open.terminals.splice(0).map((t) => t.stop()));
  open.server?.closeAllConnections();
  open.server?.close();
  connections = 0;
});

describe('the simulated terminal', () => {
  it('says hello as an EA would, then polls on one connection with a rising sequence', async () => {
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => listener.posts.length >= 6, 'posts');
    const [hello, ...rest] = listener.posts;
    expect(hello!.headers).toMatchObject({
      authorization: `Bearer ${'a'.repeat(43)}`,
      'user-agent': 'MetaTrader 5 Terminal/5.5260',
      'accept-encoding': 'gzip, deflate',
      'content-type': 'application/json',
      host: listener.url.slice('http://'.length),
    });
    expect(hello!.headers.origin).toBeUndefined();
    expect(hello!.body).toMatchObject({
      v: 1,
      session: '',
      epoch: 0,
      seq: '0',
      login: DEMO_ACCOUNT.login,
      margin_mode: 2,
      server_utc_offset_s: 7_200,
      open_ids: [],
    });
    expect((hello!.body['symbols'] as object[])[0]).toMatchObject({
      name: 'XAUUSD',
      digits: 2,
      point: 0.01,
      contract_size: 100,
      vol_step: 0.01,
      trade_mode: 4,
      base: 'XAU',
      profit: 'USD',
    });
    expect(rest.map((p) => p.body['seq'])).toEqual(rest.map((_, i) => String(i + 1)));
    for (const p of rest) expect(p.body).toMatchObject({ v: 1, session: 's-1', epoch: 7, gates: 'ok', connected: true });
    expect(typeof rest[0]!.body['mono_ms']).toBe('string');
    expect(connections).toBe(1);
    expect(terminal.report()).toMatchObject({ phase: 'running', session: 's-1', epoch: 7, pollMs: 20 });
  });

  it('posts prices digit for digit, server time in quotes, and an age', async () => {
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'running');
    terminal.quote('XAUUSD', '4000.10', '4000.40', SERVER_MS);
    await until(() => ticksOf(listener.posts).length === 1, 'the tick');
    const [tick] = ticksOf(listener.posts);
    expect(tick!.text).toContain(`"ticks":[{"symbol":"XAUUSD","bid":4000.10,"ask":4000.40,"time_msc":"${SERVER_MS}","age_ms":`);
    const [row] = tick!.body['ticks'] as { age_ms: number }[];
    expect(row!.age_ms).toBeGreaterThanOrEqual(0);
  });

  it('conflates what comes while a request is under way, and leaves out what is not wanted', async () => {
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'running');
    for (let i = 1; i <= 500; i += 1) terminal.quote('XAUUSD', `40${String(i).padStart(2, '0')}.00`, '9000.00', SERVER_MS + i);
    terminal.quote('BTCUSD', '61800.00', '61815.00', SERVER_MS);
    terminal.quote('EURUSD', '1.10', '1.20', SERVER_MS);
    await until(() => ticksOf(listener.posts).some((p) => p.text.includes('40500.00')), 'the newest');
    expect(ticksOf(listener.posts).length).toBeLessThan(5);
    expect(listener.posts.some((p) => p.path === '/mt5/tick' && p.text.includes('BTCUSD'))).toBe(false);
    expect(terminal.report().ticksConflated).toBeGreaterThan(490);
  });

  it('repeats a request whose reply was lost under the same number, with an older age', async () => {
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'running');
    let lost = 0;
    listener.behave = (post, i) => (post.path === '/mt5/tick' && lost++ < 2 ? 'hang-up' : accept(post, i));
    terminal.quote('XAUUSD', '4000.10', '4000.40', SERVER_MS);
    await until(() => ticksOf(listener.posts).length === 3, 'two repeats');
    const posts = ticksOf(listener.posts);
    expect(new Set(posts.map((p) => p.body['seq'])).size).toBe(1);
    const ages = posts.map((p) => (p.body['ticks'] as { age_ms: number }[])[0]!.age_ms);
    expect(ages[1]).toBeGreaterThanOrEqual(ages[0]! + 99);
    expect(ages[2]).toBeGreaterThanOrEqual(ages[1]! + 199);
    await until(() => terminal.report().ticksPosted === 1, 'the acknowledgement');
    expect(terminal.report().repeats).toBe(2);
  });

  it('backs off while nobody listens, and comes back', async () => {
    const listener = await listen();
    faults = createFaultSwitch(1, 'mt5');
    faults.inject({ kind: 'refuse', durationMs: 60_000 });
    const terminal = launch(listener.url, { faults });
    await until(() => terminal.report().backOffMs >= 400, 'back-off');
    expect(terminal.report().alerts.at(-1)).toContain('5201');
    expect(listener.posts).toHaveLength(0);
    faults.inject({ kind: 'clear' });
    await until(() => terminal.report().phase === 'running', 'the return');
    expect(terminal.report().backOffMs).toBe(0);
    expect(MAX_BACK_OFF_MS).toBe(5_000);
  });

  it('never waits longer than its limit between attempts', async () => {
    const listener = await listen(() => ({ status: 503, body: {} }));
    const terminal = launch(listener.url, { maxBackOffMs: 150 });
    await until(() => listener.posts.length >= 4, 'attempts');
    expect(terminal.report().backOffMs).toBe(150);
    expect(terminal.report().alerts).toContain('the engine answers 503');
  });

  it('stops for good when superseded, and says so', async () => {
    const refuse: Behaviour = () => ({
      status: 409,
      body: { error: { code: 'superseded', field: 'session', message: 'a newer session has taken over' } },
    });
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'running');
    listener.behave = refuse;
    await until(() => terminal.report().phase === 'superseded', 'the stop');
    const posts = listener.posts.length;
    terminal.quote('XAUUSD', '4000.10', '4000.40', SERVER_MS);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(listener.posts).toHaveLength(posts);
    expect(terminal.report().alerts.at(-1)).toContain('superseded (session): a newer session has taken over');
  });

  it('says hello again when the engine has forgotten its session', async () => {
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'running');
    let forgot = false;
    listener.behave = (post, i) => {
      if (forgot || post.path === '/mt5/hello') return accept(post, i);
      forgot = true;
      return { status: 409, body: { error: { code: 'unknown-session', field: 'session', message: 'say hello again' } } };
    };
    await until(() => listener.posts.filter((p) => p.path === '/mt5/hello').length === 2, 'the second hello');
    const [first, second] = listener.posts.filter((p) => p.path === '/mt5/hello');
    expect(second!.body['boot_id']).toBe(first!.body['boot_id']);
  });

  it('idles after 412', async () => {
    const listener = await listen(() => ({
      status: 412,
      body: { error: { code: 'account', field: 'login', message: 'another account' } },
    }));
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'idle', 'idle');
    expect(listener.posts).toHaveLength(1);
  });

  it('posts bare ticks by the old habit: numbers, no session, no poll', async () => {
    const listener = await listen(() => ({ status: 200, body: {} }));
    const terminal = launch(listener.url, { habit: 'bare' });
    terminal.quote('XAUUSD', '4000.10', '4000.40', SERVER_MS);
    await until(() => listener.posts.length === 1, 'the tick');
    expect(listener.posts[0]).toMatchObject({
      path: '/mt5/tick',
      text: `{"symbol":"XAUUSD","bid":4000.10,"ask":4000.40,"time_msc":${SERVER_MS}}`,
    });
  });

  it('carries out its faults: silence, lost replies, clock, gate, garbage, restart', async () => {
    const listener = await listen();
    const terminal = launch(listener.url);
    await until(() => terminal.report().phase === 'running');
    faults.inject({ kind: 'gate', gate: 'autotrading_off' });
    await until(() => listener.posts.at(-1)!.body['gates'] === 'autotrading_off', 'the gate');
    faults.inject({ kind: 'clock-skew', skewMs: 3_600_000 });
    terminal.quote('XAUUSD', '4000.10', '4000.40', SERVER_MS);
    await until(() => ticksOf(listener.posts).some((p) => p.text.includes(String(SERVER_MS + 3_600_000))), 'the skew');
    faults.inject({ kind: 'drop', share: 1, durationMs: 60_000 });
    await until(() => terminal.report().repeats > 0, 'a repeat');
    faults.inject({ kind: 'clear' });
    faults.inject({ kind: 'garbage', count: 2 });
    await until(() => listener.posts.filter((p) => p.body['malformed'] === true).length >= 1, 'garbage');
    const boots = () => new Set(listener.posts.filter((p) => p.path === '/mt5/hello').map((p) => p.body['boot_id'])).size;
    faults.inject({ kind: 'restart' });
    await until(() => boots() === 2, 'the restart');
    faults.inject({ kind: 'silence', durationMs: 60_000 });
    let [count, sinceMs] = [-1, 0];
    await until(() => {
      if (listener.posts.length !== count) [count, sinceMs] = [listener.posts.length, performance.now()];
      return performance.now() - sinceMs > 150;
    }, 'silence for several polls');
    faults.inject({ kind: 'clear' });
    await until(() => listener.posts.length > count, 'its voice again');
    expect(() => faults.inject({ kind: 'announce-close' })).toThrow(expect.objectContaining({ field: 'kind' }));
  });
});
