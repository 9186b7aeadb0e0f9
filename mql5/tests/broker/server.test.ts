import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { emptyRequest } from '../../../src-main/sim/metatrader/broker/records.ts';
import { brokerSymbol, METAL_HOURS } from '../../../src-main/sim/metatrader/broker/symbols.ts';
import { fieldsOf, lineOf } from './rows.ts';
import { startBroker, TEST_LOGIN, type BrokerHost, type BrokerOptions } from './server.ts';

const open: { host: BrokerHost | null; sockets: Socket[] } = { host: null, sockets: [] };
afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  await open.host?.stop();
  open.host = null;
});

const GOLD = 'XAUUSD.m';
const start = async (options: BrokerOptions = {}): Promise<BrokerHost> => {
  open.host = await startBroker({ delayMs: 1, ...options });
  open.host.server.setQuote(GOLD, '4000.10', '4000.40');
  return open.host;
};

interface Line {
  readonly socket: Socket;
  readonly news: string[][];
  ask(...question: string[]): Promise<string[]>;
}

/** The program's side of the line, as trade.hpp speaks it. */
const join = async (host: BrokerHost): Promise<Line> => {
  const socket = connect(host.port, '127.0.0.1');
  open.sockets.push(socket);
  await once(socket, 'connect');
  const waiting: ((row: string[]) => void)[] = [];
  const news: string[][] = [];
  createInterface({ input: socket }).on('line', (line) => {
    const [mark, ...row] = fieldsOf(line);
    if (mark === '=') waiting.shift()!(row);
    else news.push([mark!, ...row]);
  });
  const ask = (...question: string[]) => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    waiting.push(resolve);
    socket.write(lineOf(question));
    return promise;
  };
  const line = { socket, news, ask };
  await line.ask('HELLO', GOLD);
  return line;
};

const order = (over: { lots?: string; type?: string; position?: string; magic?: string; comment?: string } = {}): string[] => [
  '1',
  over.magic ?? '1600000000001',
  '0',
  GOLD,
  over.lots ?? '0.10000000000000001',
  '0',
  '0',
  '0',
  '10',
  over.type ?? '0',
  '1',
  '0',
  over.comment ?? 'a\tb\\n',
  over.position ?? '0',
];
const until = async (done: () => boolean, what: string): Promise<void> => {
  const giveUp = performance.now() + 10_000;
  while (!done()) {
    if (performance.now() > giveUp) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

/** Time enough for what another line has sent to be read: a few round trips of one's own. */
const pass = async (host: BrokerHost): Promise<void> => {
  const other = await join(host);
  for (let i = 0; i < 5; i += 1) await other.ask('POS');
  other.socket.destroy();
  await until(() => host.programs() === 1, 'the other line to end');
};

describe('lines', () => {
  it('carry every text there and back', () => {
    for (const text of ['', 'a\tb', 'a\\b', '\\t', 'line\nbreak\r', 'ä€😀', '\\\\n'])
      expect(fieldsOf(lineOf([text, 1, true]).slice(0, -1))).toEqual([text, '1', '1']);
  });
});

describe('the broker behind its line', () => {
  it('executes a request, tells of it, and shows it in every list', async () => {
    const host = await start();
    const line = await join(host);
    const answer = await line.ask('SEND', ...order());
    expect(answer.slice(0, 3)).toEqual(['1', '0', '10009']);
    const ticket = answer[4]!;
    await until(() => line.news.length >= 5, 'transactions');
    expect(line.news.map((n) => [n[0], n[1]])).toEqual([0, 6, 2, 3, 10].map((type) => ['!T', String(type)]));
    expect(await line.ask('POS')).toEqual(['1']);
    expect((await line.ask('POSN', '0')).slice(0, 6)).toEqual([ticket, ticket, GOLD, '0', '1600000000001', '0.1']);
    expect((await line.ask('POST', ticket)).at(-1)).toBe('a\tb\\n');
    expect(await line.ask('POST', '1')).toEqual([]);
    const [orders, ...tickets] = await line.ask('HS', '0', String(Math.floor(Date.now() / 1_000) + 100_000));
    expect([orders, tickets.length]).toEqual(['1', 3]);
    expect((await line.ask('HD', ...tickets.slice(1))).filter((_, i) => i % 16 === 0)).toEqual(tickets.slice(1));
    expect((await line.ask('ACC'))[0]).toBe(String(TEST_LOGIN));
    expect(host.evidence()).toMatchObject({
      requests: [
        {
          accepted: true,
          magic: 1_600_000_000_001,
          lots: '0.1',
          action: 'deal',
          side: 'buy',
          filling: 'ioc',
          position: '0',
          deviation: 10,
        },
      ],
      deals: [{ order: ticket, positionId: ticket, entry: 'in', lots: '0.1' }],
      positions: [{ id: ticket, lots: '0.1' }],
    });
  });

  it('executes what has arrived although its sender is dead', async () => {
    const host = await start({ delayMs: 150 });
    const line = await join(host);
    void line.ask('SEND', ...order());
    await pass(host);
    line.socket.destroy();
    await until(() => host.programs() === 0, 'the end of the program');
    await until(() => host.evidence().positions.length === 1, 'the execution');
    expect(await (await join(host)).ask('POS')).toEqual(['1']);
  });

  it('answers 10031 when the link was cut meanwhile, and has executed all the same', async () => {
    const host = await start();
    const line = await join(host);
    // Once it has left, and before the broker has it.
    host.onAsked = (verb) => verb === 'SEND' && queueMicrotask(() => host.setTerminal({ connected: false }));
    const answer = line.ask('SEND', ...order());
    expect((await answer).slice(0, 5)).toEqual(['0', '4756', '10031', '0', '0']);
    expect(host.evidence().positions).toHaveLength(1);
    expect(await line.ask('POS')).toEqual(['0']);
    expect((await line.ask('SEND', ...order()))[2]).toBe('10031');
    expect(host.evidence().requests).toHaveLength(1);
    host.setTerminal({ connected: true });
    expect(await line.ask('POS')).toEqual(['1']);
  });

  it('an asynchronous request is placed at once; what came of it is a transaction', async () => {
    const host = await start();
    const line = await join(host);
    expect((await line.ask('ASYNC', ...order({ lots: 'nan' }))).slice(0, 3)).toEqual(['1', '0', '10008']);
    await until(() => line.news.length === 1, 'the verdict');
    expect(line.news[0]).toContain('10014');
  });

  it('switches of the terminal, account, clock, quotes of the chart only', async () => {
    const host = await start({
      accounts: [
        { login: 1, deposit: '10' },
        { login: 2, deposit: '20', kind: 2, marginMode: 0 },
      ],
    });
    const line = await join(host);
    expect((await line.ask('TERM')).slice(0, 3)).toEqual(['1', '1', '1']);
    host.setTerminal({ algoTrading: false, login: 2 });
    expect((await line.ask('TERM')).slice(0, 3)).toEqual(['1', '0', '1']);
    expect((await line.ask('ACC')).slice(0, 2)).toEqual(['2', '2']);
    expect((await line.ask('SEND', ...order())).slice(0, 3)).toEqual(['0', '4752', '10027']);
    const [, before] = (await line.ask('CLOCK')).map(Number);
    host.setOffsetS(10_800);
    const [, after] = (await line.ask('CLOCK')).map(Number);
    expect(after! - before!).toBeGreaterThanOrEqual(3_600);
    host.server.setQuote('BTCUSD', '61800', '61815');
    host.server.setQuote(GOLD, '4000.20', '4000.50');
    await until(() => line.news.length > 0, 'the tick');
    await line.ask('POS');
    expect(line.news.every((n) => n[0] === '!K' && n[1] === GOLD)).toBe(true);
  });

  it('symbols: what is selected has a quote; hours by day; check says what stands against it', async () => {
    const host = await start({ symbols: [brokerSymbol(GOLD, { sessions: METAL_HOURS, filling: 1 }), brokerSymbol('EURUSD')] });
    const line = await join(host);
    expect((await line.ask('SYM', 'EURUSD')).at(-1)).toBe('0');
    expect(await line.ask('SEL', 'EURUSD', '1')).toEqual(['1']);
    expect((await line.ask('SYM', 'EURUSD')).at(-1)).toBe('1');
    expect(await line.ask('SEL', 'NONE', '1')).toEqual(['0']);
    expect(await line.ask('SYM', 'NONE')).toEqual([]);
    expect(await line.ask('SESS', GOLD, '1', '0')).toEqual(['3600', '86100']);
    expect(await line.ask('SESS', GOLD, '0', '0')).toEqual([]);
    host.server.changeSymbol(GOLD, { sessions: [0, 1, 2, 3, 4, 5, 6].map((day) => [day, 0, 86_400]) });
    expect((await line.ask('CHECK', ...order()))[0]).toBe('10030');
    expect(host.evidence().requests).toEqual([]);
  });

  it('serves a terminal whose lists come late', async () => {
    const host = await start({ habits: { syncMs: 60_000 } });
    host.server.request(TEST_LOGIN, { ...emptyRequest, action: 1, symbol: GOLD, volume: '0.1', filling: 1 });
    const line = await join(host);
    expect([await line.ask('POS'), await line.ask('SYNC', GOLD)]).toEqual([['0'], ['0']]);
    expect(host.evidence().positions).toHaveLength(1);
  });
});
