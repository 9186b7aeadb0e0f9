import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../client.testkit.ts';
import { createFaultSwitch } from '../faults.ts';
import { randomStream } from '../random.ts';
import { DEMO_ACCOUNT } from '../tape/tapeWorld.ts';
import { createServerClock } from './broker/clock.ts';
import { emptyRequest } from './broker/records.ts';
import { brokerSymbol } from './broker/symbols.ts';
import { PROMPT, TerminalSession } from './broker/terminalSession.ts';
import { TradeServer } from './broker/tradeServer.ts';
import { openLineFile } from './lineFile.ts';
import { terminalSymbolOf } from './messages.ts';
import { startTerminal, type Terminal } from './terminal.ts';

const KEY = 'k'.repeat(43);
const LOGIN = Number(DEMO_ACCOUNT.login);

type Message = Record<string, unknown> & { readonly path: string };

interface Engine {
  url: string;
  readonly posts: Message[];
  /** Laid over the next replies. */
  over: Record<string, unknown>;
  key: string;
  /** Paths that are answered 400. */
  readonly refuses: Set<string>;
}

const open: { server: Server | null; terminal: Terminal | null; session: TerminalSession | null } = {
  server: null,
  terminal: null,
  session: null,
};
afterEach(async () => {
  await open.terminal?.stop();
  open.session?.end();
  open.server?.closeAllConnections();
  open.server?.close();
});

/** An engine of a few lines: signs, and says in every reply what it is told to. */
const startEngine = async (): Promise<Engine> => {
  const engine: Engine = { url: '', posts: [], over: {}, key: KEY, refuses: new Set() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
      const path = (request.url ?? '').replace('/mt5/', '');
      engine.posts.push({ ...body, path });
      if (engine.refuses.has(path)) {
        response.writeHead(400).end('{"error":{"code":"bad-field","field":"deals","message":"no"}}');
        return;
      }
      const fixed = { v: 1, epoch: 1, ack_seq: body['seq'], now_utc_ms: '1', poll_ms: 20, mode: 'normal', more: false };
      const asked = { snapshot_request: 0, deals_since_msc: '0', command: null, session: 's', wanted: ['XAUUSD'] };
      const text = JSON.stringify({ ...fixed, ...asked, ...engine.over });
      const signature = createHmac('sha256', engine.key)
        .update(`s|${String(body['seq'])}|${text}`)
        .digest('hex');
      response.writeHead(200, { 'x-hc-sig': signature }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.server = server;
  engine.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return engine;
};

const launch = (engine: Engine): { broker: TradeServer; terminal: Terminal } => {
  const clock = createServerClock(() => Date.now(), [{ fromUtcMs: 0, offsetS: 7_200 }]);
  const broker = new TradeServer({ clock, symbols: [brokerSymbol('XAUUSD', { commissionPerLot: '3.5' })] });
  broker.openAccount({ login: LOGIN, deposit: '50000' });
  broker.setQuote('XAUUSD', '4000.10', '4000.40');
  const random = randomStream(1, 'terminal');
  const session = new TerminalSession({ server: broker, login: LOGIN, habits: PROMPT, random });
  open.session = session;
  const terminal = startTerminal({
    listenerUrl: engine.url,
    token: 'a'.repeat(43),
    account: DEMO_ACCOUNT,
    symbols: broker.symbols().map(terminalSymbolOf),
    faults: createFaultSwitch(1, 'mt5'),
    declaredUtcOffsetS: 7_200,
    maxBackOffMs: 100,
    expert: { session, key: KEY, random, journal: openLineFile(null), latency: { leastMs: 5, mostMs: 20 } },
  });
  open.terminal = terminal;
  return { broker, terminal };
};
const command = (id: string, num: number) => {
  const frame = { command_id: id, num: String(num), kind: 'open', lease_id: `L-${id}`, lease_ms: 2_000, ttl_ms: 60_000 };
  return { ...frame, symbol: 'XAUUSD', side: 'buy', lots: '0.10', limit_price: '4000.50', max_dev_points: 10, fill: 'ioc', comment: 'g' };
};
const of = (engine: Engine, path: string) => engine.posts.filter((p) => p.path === path);

describe('a terminal that takes orders', () => {
  it('says who it is and what it may trade, takes a command, acknowledges it and reports its deals', async () => {
    const engine = await startEngine();
    const { broker } = launch(engine);
    await until(() => of(engine, 'poll').length > 1, 'polls');
    expect(of(engine, 'hello')[0]).toMatchObject({
      account_kind: 0,
      margin_mode: 2,
      magic_base: '1600000000000',
      kill_presses: 0,
      open_ids: [],
      limits: { max_lots_command: 10, max_lots_total: 50, max_commands_minute: 60, opening: true },
      symbols: [{ name: 'XAUUSD', filling: 3, exemode: 2, trade_mode: 4, vol_limit: 0, swap_mode: 1, swap_long: -4.2, swap_triple_day: 3 }],
    });
    expect((of(engine, 'hello')[0]!['symbols'] as { sessions: unknown }[])[0]!.sessions).toHaveLength(7);
    expect(of(engine, 'poll')[0]).toMatchObject({ connected: true, equity: '50000', open_positions: 0, open_lots: '0', gates: 'ok' });
    engine.over = { command: command('A', 1_600_000_000_001) };
    await until(() => of(engine, 'ack').length > 0, 'the ack');
    engine.over = {};
    const told = () => of(engine, 'fill').flatMap((f) => (f['deals'] as Record<string, unknown>[]).filter((d) => d['type'] === 'trade'));
    await until(() => told().length > 0, 'the deals');
    expect(of(engine, 'ack')[0]).toMatchObject({ command_id: 'A', lease_id: 'L-A', state: 'received', duplicate: false });
    const done = of(engine, 'ack').find((a) => a['state'] === 'done');
    expect(done).toMatchObject({ command_id: 'A', lease_id: 'L-A', cum_lots: '0.1', retcode: 10_009 });
    expect(told()).toEqual([expect.objectContaining({ magic: '1600000000001', lots: '0.1', rev: 0 })]);
    await until(() => of(engine, 'poll').at(-1)!['open_lots'] === '0.1', 'the account');
    expect(broker.audit()).toHaveLength(1);
    const seqs = engine.posts.map((p) => Number(p['seq']));
    expect(seqs).toEqual(seqs.map((_, i) => i));
  });

  it('acts on nothing that is not signed with its key, and says so', async () => {
    const engine = await startEngine();
    const { broker, terminal } = launch(engine);
    await until(() => of(engine, 'poll').length > 1, 'polls');
    engine.key = 'another';
    engine.over = { command: command('B', 1_600_000_000_002), mode: 'halt' };
    await until(() => engine.posts.at(-1)!['gates'] === 'unsigned_engine', 'the gate');
    expect(broker.received()).toEqual([]);
    expect(terminal.report()).toMatchObject({ mode: 'normal', alerts: [expect.stringContaining('not signed')] });
    engine.over = {};
    engine.key = KEY;
    await until(() => engine.posts.at(-1)!['gates'] === 'ok', 'the gate open again');
    expect(of(engine, 'ack')).toEqual([]);
  });

  it('has no session with an engine that signs otherwise', async () => {
    const engine = await startEngine();
    engine.key = 'another';
    const { terminal } = launch(engine);
    await until(() => of(engine, 'hello').length > 1, 'a second hello');
    expect(of(engine, 'poll')).toEqual([]);
    expect(terminal.report().session).toBe('');
  });

  it('answers a wish for a snapshot with a whole one, while quotes go on; what is refused does not stop the rest', async () => {
    const engine = await startEngine();
    engine.refuses.add('fill');
    const { broker, terminal } = launch(engine);
    await until(() => of(engine, 'fill').length > 0, 'the refused deals');
    const byHand = { ...emptyRequest, action: 1, symbol: 'XAUUSD', volume: '0.2', filling: 1, type: 1, magic: 42, comment: 'by hand' };
    broker.request(LOGIN, byHand, 0);
    engine.over = { snapshot_request: 4 };
    await until(() => of(engine, 'snapshot').length > 0, 'the snapshot');
    const [part] = of(engine, 'snapshot');
    expect(part).toMatchObject({ request: '4', part: 0, last: false, account: { balance: '49999.3', currency: 'USD' }, orders: [] });
    expect(part!['positions']).toEqual([expect.objectContaining({ side: 'sell', lots: '0.2', magic: '42', comment: 'by hand' })]);
    terminal.quote('XAUUSD', '4000.20', '4000.50', Date.now() + 7_200_000);
    await until(() => of(engine, 'tick').length > 0, 'a quote');
    expect(of(engine, 'fill')).toHaveLength(1);
  });
});
