/**
 * A venue that does exactly what a test tells it, over real sockets on loopback, and a time that passes only when the
 * test says so. Deliberately knows no protocol: the simulator does, and must not be what feeds are proved with alone.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { ExchangeVenueConfig } from '../../../../src-shared/config/schema.ts';
import type { ExactInteger } from '../../../../src-shared/domain/quote.ts';
import type { ControlInput } from '../../../core/events.ts';
import type { Clock, Inlets, VenueFeed } from '../../../runtime/ports.ts';
import { createExchangeFeed } from '../feed.ts';
import type { ExchangeFeedSettings } from '../feed.ts';
import { roundTrip } from './roundTrip.testkit.ts';
import type { Timers } from './timers.ts';

/** A guard against hanging, not a measure of speed. */
const WAIT_MS = 25_000;
/** Enough for a connection, its request and the answer, so that time does not pass them by. */
const TURNS_A_STEP = 4;

export const until = async <T>(read: () => T | undefined | null | false, what: string): Promise<T> => {
  for (const end = performance.now() + WAIT_MS; ; ) {
    const value = read();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

export class ManualTime implements Clock, Timers {
  #nowMs = 1_000_000;
  /** Nothing is answered in the moment in which it is sent. */
  #turnUs = 0;
  readonly unixStartMs = 1_795_353_000_000;
  #timers: { atMs: number; wake: () => void }[] = [];

  monoUs(): number {
    return this.#nowMs * 1_000 + this.#turnUs;
  }

  unixMs(): number {
    return this.unixStartMs + this.#nowMs;
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, wake };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass, waking whoever is due in order; promises and sockets get their turn between two wake-ups. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [due] = this.#timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#turnUs = 0;
      this.#timers = this.#timers.filter((other) => other !== due);
      due.wake();
      this.#turnUs = 1;
      await roundTrip();
    }
    this.#nowMs = endMs;
    this.#turnUs = 0;
  }

  /** Time jumps, and nobody wakes yet: what happens before the next `pass` happens late, as on a busy machine. */
  skip(ms: number): void {
    this.#nowMs += ms;
  }

  /** Passes time in small steps until something holds that needs both time and sockets. */
  async passUntil<T>(read: () => T | undefined | null | false, what: string, stepMs = 250, maxMs = 900_000): Promise<T> {
    for (let passed = 0; passed < maxMs; passed += stepMs) {
      const value = read();
      if (value !== undefined && value !== null && value !== false) return value;
      await this.pass(stepMs);
      for (let turns = 0; turns < TURNS_A_STEP; turns += 1) await roundTrip();
    }
    throw new Error(`did not happen within ${maxMs} ms: ${what}`);
  }
}

export interface Peer {
  readonly path: string;
  readonly heard: string[];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  say(message: unknown): void;
}

export type Reply = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };

/** REST answers are the test's; unanswered paths give 404. */
export class ScriptedVenue {
  readonly peers: Peer[] = [];
  readonly requests: string[] = [];
  /** Called on every message of a feed. */
  onMessage: (peer: Peer, text: string) => void = () => undefined;
  onRequest: (url: string) => Reply | null = () => null;
  /** Status to refuse upgrades with, or null to take them. */
  refuseUpgrade: { status: number; headers: string } | null = null;
  #server: Server;
  #sockets = new WebSocketServer({ noServer: true });

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '');
      const reply = this.onRequest(request.url ?? '') ?? { status: 404, body: { code: -1, msg: 'not scripted' } };
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket, head) => {
      if (this.refuseUpgrade !== null) {
        socket.end(
          `HTTP/1.1 ${this.refuseUpgrade.status} No\r\n${this.refuseUpgrade.headers}Content-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#admit(request.url ?? '', ws));
    });
  }

  #admit(path: string, socket: WebSocket): void {
    const heard: string[] = [];
    const peer: Peer = {
      path,
      heard,
      socket,
      closed: new Promise((resolve) => socket.on('close', resolve)),
      say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    };
    socket.on('message', (bytes: Buffer, isBinary: boolean) => {
      if (isBinary) return socket.close(1_003, 'text only');
      heard.push(bytes.toString('utf8'));
      this.onMessage(peer, bytes.toString('utf8'));
    });
    socket.on('error', () => socket.terminate());
    this.peers.push(peer);
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.peers) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface HeardQuote {
  readonly instrument: number;
  readonly bidPx: number;
  readonly bidQty: number;
  readonly askPx: number;
  readonly askQty: number;
  readonly venueMs: number | null;
  readonly updateId: ExactInteger | null;
}

export class RecordingInlets implements Inlets {
  readonly quotes: HeardQuote[] = [];
  readonly control: ControlInput[] = [];
  isFull = false;

  quote(
    instrument: number,
    bidPx: number,
    bidQty: number,
    askPx: number,
    askQty: number,
    venueMs: number | null,
    updateId: ExactInteger | null,
  ): void {
    this.quotes.push({ instrument, bidPx, bidQty, askPx, askQty, venueMs, updateId });
  }

  offer(event: ControlInput): 'taken' | 'full' {
    if (this.isFull) return 'full';
    this.control.push(event);
    return 'taken';
  }

  of<T extends ControlInput['type']>(type: T): Extract<ControlInput, { type: T }>[] {
    return this.control.filter((event): event is Extract<ControlInput, { type: T }> => event.type === type);
  }

  get links(): string[] {
    return this.of('venue-link').map(({ report }) => `${report.state}: ${report.detail}`);
  }

  get link(): string {
    return this.links.at(-1) ?? '';
  }

  get ids(): (ExactInteger | null)[] {
    return this.quotes.map(({ updateId }) => updateId);
  }
}

export interface Stage {
  readonly venue: ScriptedVenue;
  readonly time: ManualTime;
  readonly inlets: RecordingInlets;
  readonly feed: VenueFeed;
  peer(nth: number): Promise<Peer>;
  end(): Promise<void>;
}

/** A feed of `protocol` in front of a scripted venue; instruments get the indexes 10, 11, … */
export const stage = async (
  protocol: ExchangeVenueConfig['protocol'],
  symbols: readonly string[],
  more: Partial<ExchangeFeedSettings> = {},
): Promise<Stage> => {
  const venue = new ScriptedVenue();
  const port = await venue.start();
  const time = new ManualTime();
  const inlets = new RecordingInlets();
  const feed = createExchangeFeed({
    venue: {
      id: 'x',
      label: 'X',
      protocol,
      simulated: true,
      maxQuoteAgeMs: 500,
      ackTimeoutMs: 2_000,
      orderValidityMs: 1_500,
      paper: { latencyMs: 0, latencyJitterMs: 0, slippageBps: 0, partialFillRate: 0, rejectRate: 0, startBalances: {} },
      orders: null,
      urls: { rest: `http://127.0.0.1:${port}`, stream: `ws://127.0.0.1:${port}${protocol === 'okx' ? '/ws/v5' : ''}` },
    },
    instruments: symbols.map((symbol, k) => ({ index: 10 + k, symbol, expected: {} })),
    inlets,
    clock: time,
    timers: time,
    random: () => 0.5,
    ...more,
  });
  return {
    venue,
    time,
    inlets,
    feed,
    peer: (nth) => until(() => venue.peers[nth], `connection ${nth}`),
    end: async () => {
      await feed.stop();
      await venue.stop();
    },
  };
};

/** Acknowledges every Binance subscription; returns nothing else. */
export const acknowledgeBinance = (peer: Peer, text: string): void => {
  const call = JSON.parse(text) as { id: number };
  peer.say({ result: null, id: call.id });
};

export const acknowledgeOkx = (peer: Peer, text: string): void => {
  if (text === 'ping') return peer.say('pong');
  const call = JSON.parse(text) as { id: string; args: unknown[] };
  for (const arg of call.args) peer.say({ id: call.id, event: 'subscribe', arg, connId: 'a4d3ae55' });
};

export const binanceTick = (symbol: string, id: number | string, venueMs = 1_795_354_000_000): string =>
  `{"e":"bookTicker","u":${id},"s":"${symbol}","b":"4000.01","B":"31.210","a":"4000.11","A":"40.660","T":${venueMs},"E":${venueMs}}`;

export const okxTick = (instId: string, id: number, more = ''): string =>
  `{"arg":{"channel":"bbo-tbt","instId":"${instId}"},"data":[{"asks":[["4000.11","31210","0","3"]],"bids":[["4000.01","40660","0","7"]],"ts":"1795354000000","seqId":${id}${more}}]}`;
