import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { randomStream } from '../../random.ts';
import { LOGIN, openBench, XAU, type Bench } from '../broker/broker.testkit.ts';
import { REASON, TRADE_MODE } from '../broker/numbers.ts';
import { emptyRequest } from '../broker/records.ts';
import { PROMPT, TerminalSession } from '../broker/terminalSession.ts';
import { openLineFile, type LineFile } from '../lineFile.ts';
import { DEMO_LIMITS, type ExpertLimits } from './checks.ts';
import { readCommand, type Command } from './command.ts';
import { Journal } from './journal.ts';
import { ABSENT_MS, ABSENT_READS, ExpertOrders } from './orders.ts';
import { ExpertReports, MAX_ROWS, REFUSED_PAUSE_MS, SNAPSHOT_READS_APART_MS } from './reports.ts';

const BASE = 1_600_000_000_000;
const folders: string[] = [];
const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'expert-'));
  folders.push(folder);
  return join(folder, 'journal.jsonl');
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Ea {
  readonly bench: Bench;
  readonly session: TerminalSession;
  readonly journal: Journal;
  readonly orders: ExpertOrders;
  readonly reports: ExpertReports;
  readonly set: { mode: string; gates: string };
  readonly wait: (ms: number) => Promise<void>;
  /** Takes a command and begins it. */
  readonly give: (command: Command) => Promise<void>;
  /** Everything it has to say now, taken by the engine. */
  readonly hear: () => Record<string, unknown>[];
}

const startEa = (over: { bench?: Bench; file?: LineFile; limits?: Partial<ExpertLimits> } = {}): Ea => {
  const bench = over.bench ?? openBench();
  const session = new TerminalSession({ server: bench.server, login: LOGIN, habits: PROMPT, random: randomStream(1, 'ea') });
  const journal = new Journal(over.file ?? openLineFile(null));
  const set = { mode: 'normal', gates: 'ok' };
  const monoMs = () => bench.clock.utcMs();
  const reports = new ExpertReports({ session, journal, monoMs });
  const orders = new ExpertOrders({
    session,
    journal,
    limits: { ...DEMO_LIMITS, ...over.limits },
    magicBase: BASE,
    monoMs,
    unixMs: monoMs,
    gates: () => set.gates,
    mode: () => set.mode,
    latencyMs: () => 100,
    pause: async (ms) => bench.wait(ms),
    say: (id, lease, duplicate) => reports.say(id, lease, duplicate),
  });
  const hear = () => {
    const said: Record<string, unknown>[] = [];
    for (let report = reports.next(); report !== null; report = reports.next()) {
      said.push({ path: report.path, ...report.body });
      report.taken();
    }
    return said;
  };
  const wait = async (ms: number) => {
    bench.wait(ms);
    await orders.turn();
  };
  const give = async (c: Command) => {
    orders.take(c);
    if (orders.hasPending) await orders.turn();
  };
  return { bench, session, journal, orders, reports, set, wait, hear, give };
};

let made = 0;
const wire = (over: Record<string, unknown> = {}): Record<string, unknown> => {
  made += 1;
  return {
    command_id: `C${made}`,
    num: String(BASE + made),
    kind: 'open',
    lease_id: `L${made}`,
    lease_ms: 2_000,
    ttl_ms: 3_000,
    symbol: XAU,
    side: 'buy',
    lots: '0.10',
    limit_price: '4000.50',
    max_dev_points: 10,
    fill: 'ioc',
    comment: 'g1',
    ...over,
  };
};
const command = (over: Record<string, unknown> = {}): Command => {
  const read = readCommand(wire(over));
  if (read === null || 'wrong' in read) throw new Error('not a command');
  return read;
};
const requests = ({ bench }: Ea) => bench.server.received().filter((r) => r.reason === REASON.expert);
const acks = (ea: Ea) => ea.hear().filter((m) => m['path'] === '/mt5/ack');
const openOne = async (ea: Ea): Promise<{ position: number; num: number }> => {
  const c = command();
  await ea.give(c);
  const position = [...ea.session.book().positions.values()].find((p) => p.magic === c.num)!.identifier;
  ea.hear();
  return { position, num: c.num };
};

describe('a command', () => {
  it('is executed once, acknowledged with its lots from deals, and its deals follow', async () => {
    const ea = startEa();
    const c = command();
    await ea.give(c);
    const [ack, fill] = ea.hear();
    expect(ack).toMatchObject({ path: '/mt5/ack', command_id: c.id, lease_id: c.leaseId, state: 'done', retcode: 10_009, cum_lots: '0.1' });
    expect(ack).toMatchObject({ avg_price: '4000.4', broker_ms: 100, duplicate: false, error: '' });
    const rows = fill!['deals'] as Record<string, unknown>[];
    expect(rows.map((d) => [d['type'], d['side'], d['entry'], d['rev']])).toEqual([
      ['balance', 'none', 'none', 0],
      ['trade', 'buy', 'in', 0],
    ]);
    expect(rows[1]).toMatchObject({
      deal: (ack!['deals'] as string[])[0],
      magic: String(c.num),
      lots: '0.1',
      commission: '-0.35',
      reason: 'expert',
    });
    expect(ea.hear()).toEqual([]);
    expect(ea.journal.openIds()).toEqual([]);
  });

  it('that comes again is answered from the journal and never sent again', async () => {
    const ea = startEa();
    const body = wire();
    for (let i = 0; i < 3; i += 1) await ea.give(readCommand({ ...body, lease_id: `again${i}` }) as Command);
    expect(requests(ea)).toHaveLength(1);
    expect(acks(ea)).toEqual([expect.objectContaining({ state: 'done', lease_id: 'again2', duplicate: true })]);
    await ea.give(readCommand({ ...body, lots: '0.20' }) as Command);
    expect(acks(ea)).toEqual([expect.objectContaining({ state: 'rejected', error: 'conflict' })]);
    expect(ea.journal.find(String(body['command_id']))!.state).toBe('done');
    expect(requests(ea)).toHaveLength(1);
  });

  const REFUSALS: readonly {
    what: string;
    error: string;
    over?: Record<string, unknown>;
    before?: (ea: Ea) => unknown;
    limits?: Partial<ExpertLimits>;
  }[] = [
    { what: 'a number below the base', error: 'bad_command', over: { num: String(BASE - 1) } },
    {
      what: 'a number that is not above the last',
      error: 'stale',
      before: async (ea) => ea.give(command({ num: String(BASE + 1_000_000) })),
    },
    { what: 'its time is over', error: 'expired', over: { ttl_ms: 0 } },
    { what: 'halt', error: 'mode', before: (ea) => (ea.set.mode = 'halt') },
    { what: 'close_only', error: 'mode', before: (ea) => (ea.set.mode = 'close_only') },
    { what: 'a gate', error: 'algo_trading_off', before: (ea) => (ea.set.gates = 'algo_trading_off') },
    { what: 'a symbol the broker has not', error: 'symbol', over: { symbol: 'EURUSD' } },
    {
      what: 'a symbol that may only be closed',
      error: 'symbol_mode',
      before: ({ bench }) => bench.server.changeSymbol(XAU, { tradeMode: TRADE_MODE.closeOnly }),
    },
    { what: 'out of hours', error: 'session_closed', before: ({ bench }) => bench.server.changeSymbol(XAU, { sessions: [] }) },
    { what: 'an old quote', error: 'quote_old', before: ({ bench }) => bench.wait(7_000) },
    { what: 'lots off the step', error: 'volume', over: { lots: '0.105' } },
    { what: 'more than a command may have', error: 'volume_limit', over: { lots: '0.11' }, limits: { maxLotsCommand: '0.1' } },
    { what: 'more than may be held', error: 'volume_limit', over: { lots: '0.11' }, limits: { maxLotsTotal: '0.1' } },
    { what: 'too many a minute', error: 'rate_limit', limits: { maxCommandsMinute: 0 } },
    { what: 'an EA that may only close', error: 'opening_off', limits: { opening: false } },
    { what: 'a price worse than the limit', error: 'price_guard', over: { limit_price: '4000.39' } },
    { what: 'a bid below the limit', error: 'price_guard', over: { side: 'sell', limit_price: '4000.11' } },
    {
      what: 'no margin',
      error: 'margin',
      over: { lots: '9.99' },
      before: ({ bench }) => bench.server.changeAccount(LOGIN, { leverage: 1 }),
    },
    {
      what: 'a position that is gone',
      error: 'position_gone',
      over: { kind: 'close', side: 'sell', limit_price: '4000', position_id: '9' },
    },
  ];
  it.each(REFUSALS)('is refused for $what: $error', async ({ error, over, before, limits }) => {
    const ea = startEa({ limits: limits ?? {} });
    await before?.(ea);
    ea.hear();
    const sent = requests(ea).length;
    const c = command(over);
    await ea.give(c);
    const [ack] = acks(ea);
    expect(ack).toMatchObject({ command_id: c.id, state: error === 'expired' ? 'expired' : 'rejected', error, cum_lots: '0' });
    expect(requests(ea)).toHaveLength(sent);
  });

  it('is acknowledged as received before it is begun, can be called back until then, and ends with the terminal', async () => {
    const ea = startEa();
    const [one, two, three] = [command(), command(), command()];
    ea.orders.take(one);
    ea.orders.take(two);
    expect(acks(ea).map((a) => [a['command_id'], a['state']])).toEqual([
      [one.id, 'received'],
      [two.id, 'received'],
    ]);
    expect(requests(ea)).toEqual([]);
    ea.orders.take(command({ kind: 'cancel', num: '0', target_id: two.id }));
    await ea.orders.turn();
    await ea.orders.turn();
    expect(
      acks(ea)
        .filter((a) => a['command_id'] !== one.id)
        .map((a) => a['state']),
    ).toEqual(['done', 'canceled']);
    expect(requests(ea)).toHaveLength(1);
    ea.orders.take(three);
    ea.bench.wait(3_000);
    await ea.orders.turn();
    expect(acks(ea)).toEqual([expect.objectContaining({ command_id: three.id, state: 'expired' })]);
    const path = newFile();
    startEa({ file: openLineFile(path) }).orders.take(command({ command_id: 'DIED' }));
    const again = startEa({ file: openLineFile(path) });
    again.reports.begin();
    expect(acks(again)).toEqual([expect.objectContaining({ command_id: 'DIED', state: 'expired', error: 'expired' })]);
  });

  it.each(['command_id', 'kind', 'num', 'symbol', 'side', 'lots', 'limit_price'])('without %s is no command', (field) => {
    expect(readCommand({ ...wire(), [field]: undefined })).toMatchObject({ wrong: field });
    expect(readCommand({ ...wire(), [field]: {} })).toMatchObject({ wrong: field });
  });

  it('closes by identifier through the ticket of now, never more than there is', async () => {
    const ea = startEa();
    const { position } = await openOne(ea);
    ea.bench.server.rollOver({ retickets: true });
    const close = { kind: 'close', side: 'sell', limit_price: '4000.00', position_id: String(position) };
    await ea.give(command({ ...close, lots: '0.11' }));
    expect(acks(ea)[0]).toMatchObject({ error: 'volume' });
    ea.set.mode = 'close_only';
    await ea.give(command(close));
    expect(acks(ea)[0]).toMatchObject({ state: 'done', cum_lots: '0.1', positions: [String(position)] });
    expect(ea.session.book().positions.size).toBe(0);
  });

  it.each([
    [{ kind: 'answer', retcode: 10_004 }, 'rejected', 10_004],
    [{ kind: 'answer', retcode: 10_019 }, 'rejected', 10_019],
    [{ kind: 'partial', lots: '0.03' }, 'partial', 10_010],
    [{ kind: 'bare-result' }, 'done', 10_009],
    [{ kind: 'split', parts: 3, positions: true }, 'done', 10_009],
    [{ kind: 'placed', afterMs: 5_000 }, 'accepted', 10_008],
    [{ kind: 'unclear', retcode: 10_012, executed: true }, 'unknown', 10_012],
    [{ kind: 'unclear', retcode: 10_031, executed: false }, 'unknown', 10_031],
    [{ kind: 'unclear', retcode: 0, executed: true }, 'unknown', 0],
  ] as const)('%j is %s', async (fault, state, retcode) => {
    const ea = startEa();
    ea.bench.server.inject(fault);
    await ea.give(command());
    expect(acks(ea)[0]).toMatchObject({ state, retcode });
    expect(requests(ea)).toHaveLength(1);
  });
});

describe('an unknown outcome', () => {
  it('is found in deals by its number', async () => {
    const ea = startEa();
    ea.bench.server.inject({ kind: 'unclear', retcode: 10_012, executed: true });
    await ea.give(command());
    ea.hear();
    await ea.wait(1_000);
    expect(acks(ea)).toEqual([expect.objectContaining({ state: 'done', cum_lots: '0.1' })]);
  });

  it('is not executed only after enough reads over enough time, connected', async () => {
    const ea = startEa();
    ea.bench.server.inject({ kind: 'unclear', retcode: 10_012, executed: false });
    await ea.give(command());
    ea.hear();
    ea.session.setConnected(false);
    for (let i = 0; i < 10; i += 1) await ea.wait(ABSENT_MS);
    expect(acks(ea)).toEqual([]);
    ea.session.setConnected(true);
    for (let i = 0; i < ABSENT_READS - 1; i += 1) await ea.wait(ABSENT_MS / 2);
    expect(acks(ea)).toEqual([]);
    await ea.wait(ABSENT_MS / 2);
    expect(acks(ea)).toEqual([expect.objectContaining({ state: 'not_executed', cum_lots: '0' })]);
  });

  it.each([true, false])('after a death while it was sent (arrived: %s) is never sent again', async (arrived) => {
    const path = newFile();
    const bench = openBench();
    const first = startEa({ bench, file: openLineFile(path) });
    const c = command();
    await first.give(c);
    const lines = readFileSync(path, 'utf8').split('\n');
    const sending = lines.findIndex((line) => line.includes('"state":"sending"'));
    writeFileSync(path, `${lines.slice(0, sending + 1).join('\n')}\n{"entry":{"id":"torn`);
    const world = arrived ? bench : openBench();
    const again = startEa({ bench: world, file: openLineFile(path) });
    expect(again.journal.openIds()).toEqual([c.id]);
    await again.give(c);
    expect(acks(again)[0]).toMatchObject({ state: 'unknown', duplicate: true });
    const before = world.server.received().length;
    for (let i = 0; i < 4; i += 1) await again.wait(ABSENT_MS / 2);
    expect(acks(again)[0]).toMatchObject({ state: arrived ? 'done' : 'not_executed' });
    expect(world.server.received()).toHaveLength(before);
  });
});

describe('cancel, query, flatten', () => {
  it('cancel: what never came is canceled for ever; what was executed is too late, and its ack follows', async () => {
    const ea = startEa();
    const late = command({ command_id: 'LATE' });
    await ea.give(command({ kind: 'cancel', num: '0', target_id: 'LATE' }));
    expect(acks(ea).map((a) => [a['command_id'], a['state']])).toEqual([
      [expect.any(String), 'done'],
      ['LATE', 'canceled'],
    ]);
    await ea.give(late);
    expect(acks(ea)).toEqual([expect.objectContaining({ command_id: 'LATE', state: 'canceled', duplicate: true })]);
    expect(requests(ea)).toEqual([]);
    const done = command();
    await ea.give(done);
    ea.hear();
    await ea.give(command({ kind: 'cancel', num: '0', target_id: done.id }));
    expect(acks(ea).map((a) => [a['state'], a['error']])).toEqual([
      ['rejected', 'too_late'],
      ['done', ''],
    ]);
  });

  it('cancel removes an order that rests at the broker', async () => {
    const ea = startEa();
    ea.bench.server.inject({ kind: 'resting' });
    const c = command();
    await ea.give(c);
    expect(acks(ea)[0]).toMatchObject({ state: 'accepted' });
    await ea.give(command({ kind: 'cancel', num: '0', target_id: c.id }));
    expect(new Set(acks(ea).map((a) => a['state']))).toEqual(new Set(['done', 'rejected']));
    expect(ea.session.book().orders.size).toBe(0);
  });

  it('query answers for the target: from the journal, from the broker without a journal, or for ever not executed', async () => {
    const ea = startEa();
    const c = command();
    await ea.give(c);
    ea.hear();
    const ask = (target_id: string, num: number) => ea.give(command({ kind: 'query', target_id, num: String(num) }));
    await ask(c.id, c.num);
    expect(acks(ea)).toEqual([expect.objectContaining({ command_id: c.id, state: 'done', duplicate: true })]);
    const forgetful = startEa({ bench: ea.bench });
    await forgetful.give(command({ kind: 'query', target_id: c.id, num: String(c.num) }));
    expect(acks(forgetful)).toEqual([expect.objectContaining({ command_id: c.id, state: 'done', cum_lots: '0.1' })]);
    const never = command();
    await ask(never.id, never.num);
    await ea.give(never);
    expect(acks(ea)).toEqual([expect.objectContaining({ command_id: never.id, state: 'not_executed' })]);
    expect(requests(ea)).toHaveLength(1);
  });

  it('flatten closes our positions one a turn, leaves foreign ones, and ends after two empty reads', async () => {
    const ea = startEa();
    await openOne(ea);
    await openOne(ea);
    ea.bench.server.request(LOGIN, { ...emptyRequest, action: 1, symbol: XAU, volume: '0.3', filling: 1, magic: 42 }, REASON.client);
    await ea.give(command({ kind: 'flatten', num: '0', scope: 'own' }));
    await ea.wait(20);
    expect(ea.session.book().positions.size).toBe(2);
    for (let i = 0; i < 3; i += 1) await ea.wait(20);
    expect([...ea.session.book().positions.values()].map((p) => p.magic)).toEqual([42]);
    expect(acks(ea).at(-1)).toMatchObject({ state: 'done', text: 'no position is left' });
  });
});

describe('what is said', () => {
  it('late money is a new revision of the same deal; what was not taken is said again', async () => {
    const ea = startEa();
    ea.bench.server.inject({ kind: 'late-commission', afterMs: 2_000 });
    await ea.give(command());
    ea.hear();
    await ea.wait(2_000);
    const first = ea.reports.next()!;
    expect(first.body['deals']).toEqual([expect.objectContaining({ rev: 1, commission: '-0.35' })]);
    ea.reports.refused(first);
    expect(ea.reports.next()).toBeNull();
    await ea.wait(REFUSED_PAUSE_MS);
    expect(ea.reports.next()!.body).toEqual(first.body);
    ea.hear();
    expect(ea.reports.next()).toBeNull();
  });

  it('a snapshot is two equal reads apart, answers its number, and comes in parts of a hundred rows', async () => {
    const ea = startEa();
    for (let i = 0; i < MAX_ROWS + 5; i += 1)
      ea.bench.server.request(LOGIN, { ...emptyRequest, action: 1, symbol: XAU, volume: '0.01', filling: 1 }, REASON.client);
    ea.hear();
    ea.reports.wantSnapshot(3, 0);
    await ea.wait(SNAPSHOT_READS_APART_MS - 1);
    ea.reports.wantSnapshot(3, 0);
    expect(ea.hear().filter((m) => m['path'] === '/mt5/snapshot')).toEqual([]);
    ea.bench.server.request(LOGIN, { ...emptyRequest, action: 1, symbol: XAU, volume: '0.01', filling: 1 }, REASON.client);
    await ea.wait(1);
    ea.reports.wantSnapshot(3, 0);
    await ea.wait(SNAPSHOT_READS_APART_MS);
    ea.reports.wantSnapshot(3, 0);
    ea.reports.wantSnapshot(3, 0);
    const parts = ea.hear().filter((m) => m['path'] === '/mt5/snapshot');
    expect(parts.map((p) => [p['request'], p['part'], p['last']])).toEqual(parts.map((_, i) => ['3', i, i === parts.length - 1]));
    const rows = (p: Record<string, unknown>, list: string) => (p[list] as unknown[]).length;
    for (const p of parts) expect(rows(p, 'positions') + rows(p, 'orders') + rows(p, 'deals')).toBeLessThanOrEqual(MAX_ROWS);
    expect(parts.reduce((sum, p) => sum + rows(p, 'positions'), 0)).toBe(MAX_ROWS + 6);
    expect(parts.reduce((sum, p) => sum + rows(p, 'deals'), 0)).toBe(MAX_ROWS + 7);
    ea.reports.wantSnapshot(3, 0);
    await ea.wait(SNAPSHOT_READS_APART_MS);
    ea.reports.wantSnapshot(3, 0);
    expect(ea.hear()).toEqual([]);
  });
});
