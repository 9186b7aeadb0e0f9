/**
 * The broker for EA test programs: a trade server behind a loopback line protocol, and the terminal around each program.
 * Owns the socket, the clock's tick and what a person could switch at the terminal. A test drives `server` directly; what
 * it wrote down is `evidence()`. A program that dies leaves everything as it is.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createServerClock, type ZoneStep } from '../../../src-main/sim/metatrader/broker/clock.ts';
import { ACTION, entryWord, FILLING } from '../../../src-main/sim/metatrader/broker/numbers.ts';
import { brokerSymbol, type BrokerSymbol } from '../../../src-main/sim/metatrader/broker/symbols.ts';
import { PROMPT, TerminalSession, type SessionHabits } from '../../../src-main/sim/metatrader/broker/terminalSession.ts';
import { TradeServer, type NewAccount } from '../../../src-main/sim/metatrader/broker/tradeServer.ts';
import { randomStream } from '../../../src-main/sim/random.ts';
import type { BrokerDeal, BrokerEvidence, BrokerPosition, BrokerRequest } from '../oracle.ts';
import { Program } from './program.ts';

export interface BrokerOptions {
  readonly symbols?: readonly BrokerSymbol[];
  /** The first is the one the terminal is logged in to. */
  readonly accounts?: readonly NewAccount[];
  readonly seed?: number;
  readonly habits?: Partial<SessionHabits>;
  /** Round trip of a trade request. */
  readonly delayMs?: number;
  readonly offsetS?: number;
  /** How far the server's clock is ahead of true time. */
  readonly leadMs?: number;
  readonly port?: number;
}

/** What a person can do at the terminal, for every program in it. */
export interface TerminalState {
  readonly algoTrading: boolean;
  readonly expertAllowed: boolean;
  readonly connected: boolean;
  readonly login: number;
}

export interface BrokerHost {
  readonly port: number;
  /** `host:port`, as the test program takes it. */
  readonly address: string;
  readonly server: TradeServer;
  readonly terminal: TerminalState;
  /** Called before each question of a program is answered: for what happens between two reads. */
  onAsked: ((verb: string) => void) | null;
  setTerminal(over: Partial<TerminalState>): void;
  setHabits(over: Partial<SessionHabits>): void;
  setDelayMs(delayMs: number): void;
  /** Server time jumps, as twice a year. */
  setOffsetS(offsetS: number): void;
  /** Programs connected now. */
  programs(): number;
  /** What happened, in the words of the oracle; of one account or of all. */
  evidence(login?: number): BrokerEvidence;
  stop(): Promise<void>;
}

export const TEST_LOGIN = 50_114_477;
export const DEFAULT_DELAY_MS = 3;
const TURN_MS = 2;
const DEFAULT_OFFSET_S = 7_200;

export const TEST_SYMBOLS: readonly BrokerSymbol[] = [
  brokerSymbol('XAUUSD.m', { commissionPerLot: '3.5' }),
  brokerSymbol('BTCUSD', { contractSize: '1', volMax: '20' }),
  brokerSymbol('EURUSD', { digits: 5, contractSize: '100000' }),
];

const FILLING_WORDS: readonly string[] = Object.keys(FILLING);

const evidenceOf = (server: TradeServer, logins: readonly number[]): BrokerEvidence => {
  const requests = server
    .received()
    .filter((r) => logins.includes(r.login))
    .map(
      ({
        utcMs,
        request: q,
        retcode,
        order,
      }): BrokerRequest & { readonly retcode: number; readonly order: string; readonly price: string } => ({
        unixMs: utcMs,
        magic: q.magic,
        action: q.action === ACTION.deal ? 'deal' : q.action === ACTION.remove ? 'remove' : 'pending',
        symbol: q.symbol,
        side: q.type % 2 === 0 ? 'buy' : 'sell',
        lots: q.volume,
        position: String(q.position),
        deviation: q.deviation,
        filling: FILLING_WORDS[q.filling] ?? String(q.filling),
        comment: q.comment,
        accepted: order !== 0,
        retcode,
        order: String(order),
        price: q.price,
      }),
    );
  const books = logins.map((login) => server.accountBook(login));
  const deals = books.flatMap((b) =>
    [...b.deals.values()].map(
      (d): BrokerDeal => ({
        deal: String(d.ticket),
        order: String(d.order),
        positionId: String(d.positionId),
        magic: d.magic,
        symbol: d.symbol,
        side: d.type === 1 ? 'sell' : 'buy',
        entry: entryWord(d.entry),
        lots: d.volume,
        price: d.price,
        commission: d.commission,
        swap: d.swap,
        fee: d.fee,
        profit: d.profit,
        unixMs: d.utcMs,
      }),
    ),
  );
  const positions = books.flatMap((b) =>
    [...b.positions.values()].map((p): BrokerPosition & { readonly ticket: string } => ({
      id: String(p.identifier),
      ticket: String(p.ticket),
      symbol: p.symbol,
      magic: p.magic,
      side: p.type === 0 ? 'buy' : 'sell',
      lots: p.volume,
    })),
  );
  return { requests, deals: deals.filter((d) => d.symbol !== ''), positions };
};

/** Starts a broker on a free port of this computer. */
export const startBroker = async (options: BrokerOptions = {}): Promise<BrokerHost> => {
  const zone: ZoneStep[] = [{ fromUtcMs: 0, offsetS: options.offsetS ?? DEFAULT_OFFSET_S }];
  const clockOf = () => createServerClock(() => Date.now(), zone, options.leadMs ?? 0);
  let zoned = clockOf();
  const clock = { utcMs: () => zoned.utcMs(), serverMs: () => zoned.serverMs(), offsetS: () => zoned.offsetS() };
  const server = new TradeServer({ clock, symbols: options.symbols ?? TEST_SYMBOLS, seed: options.seed ?? 1 });
  const accounts = options.accounts ?? [{ login: TEST_LOGIN, deposit: '100000' }];
  for (const account of accounts) server.openAccount(account);
  let habits: SessionHabits = { ...PROMPT, ...options.habits };
  let delayMs = options.delayMs ?? DEFAULT_DELAY_MS;
  let terminal: TerminalState = { algoTrading: true, expertAllowed: true, connected: true, login: accounts[0]!.login };
  const programs = new Set<Program>();

  const socket = createServer((peer) => {
    const random = randomStream(options.seed ?? 1, 'mt5/session');
    const session = new TerminalSession({ server, login: terminal.login, habits, random });
    Object.assign(session.switches, { algoTrading: terminal.algoTrading, expertAllowed: terminal.expertAllowed });
    session.setConnected(terminal.connected);
    const program = new Program({ socket: peer, session, delayMs: () => delayMs, asked: (verb) => host.onAsked?.(verb) });
    programs.add(program);
    peer.on('close', () => {
      programs.delete(program);
      session.end();
    });
  });
  const pushAll = () => {
    for (const program of programs) program.push();
  };
  const stopWatching = server.watchQuotes(() => queueMicrotask(pushAll));
  const timer = setInterval(() => {
    server.turn();
    pushAll();
  }, TURN_MS);
  socket.listen(options.port ?? 0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;

  const host: BrokerHost = {
    port,
    address: `127.0.0.1:${port}`,
    server,
    get terminal() {
      return terminal;
    },
    onAsked: null,
    setTerminal: (over) => {
      terminal = { ...terminal, ...over };
      for (const { session } of programs) {
        Object.assign(session.switches, { algoTrading: terminal.algoTrading, expertAllowed: terminal.expertAllowed });
        if (session.login !== terminal.login) session.logIn(terminal.login);
        session.setConnected(terminal.connected);
      }
    },
    setHabits: (over) => {
      habits = { ...habits, ...over };
      for (const { session } of programs) session.setHabits(over);
    },
    setDelayMs: (ms) => {
      delayMs = ms;
    },
    setOffsetS: (offsetS) => {
      zone.push({ fromUtcMs: Date.now(), offsetS });
      zoned = clockOf();
    },
    programs: () => programs.size,
    evidence: (login) => evidenceOf(server, login === undefined ? accounts.map((a) => a.login) : [login]),
    stop: async () => {
      clearInterval(timer);
      stopWatching();
      for (const program of programs) program.end();
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
  return host;
};
