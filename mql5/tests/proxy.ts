/**
 * The bad road between the EA and the engine: an HTTP proxy on loopback that loses, delays, doubles, reorders, cuts and forges, by a
 * seeded schedule or on demand. It changes nothing but the Host header, which names the port that was dialled. Knows HTTP and
 * nothing of the product; keeps what passed, as evidence.
 */
import { createServer, request as httpRequest, Agent, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomStream } from '../../src-main/sim/random.ts';

export const ROAD_FAULTS = [
  /** Never reaches the engine. */
  'lose-request',
  /** Reaches the engine; the answer is lost. */
  'lose-reply',
  /** No answer and no end: the client runs into its own timeout. Reaches the engine. */
  'hang',
  'delay-request',
  'delay-reply',
  /** Reaches the engine twice, the second time later. */
  'double',
  /** Lost at first, and delivered when others have passed it. */
  'overtaken',
  /** Half of the request, then the end. */
  'cut-request',
  /** Half of the answer, then the end. */
  'cut-reply',
  /** A byte of the answer's body is another one. */
  'garble-reply',
  /** An answer of before in place of this one's. */
  'old-reply',
  /** Another program answers: the engine's own words without its signature. */
  'unsigned-reply',
  /** Answered by somebody in between. */
  'gateway-error',
] as const;
export type RoadFault = (typeof ROAD_FAULTS)[number];

/** One request and what became of it. */
export interface Exchange {
  /** `hello`, `poll`, … */
  readonly path: string;
  readonly atMs: number;
  readonly fault: RoadFault | null;
  readonly request: string;
  /** null = the engine gave none, or was never asked. */
  status: number | null;
  reply: string | null;
  /** Whether the client got the reply as the engine gave it. */
  delivered: boolean;
  /** When it was handed to the client; null = not. */
  deliveredUnixMs: number | null;
}

export interface RoadOptions {
  readonly target: number;
  readonly seed?: number;
  /** Chance of each fault for each request. */
  readonly rates?: Partial<Readonly<Record<RoadFault, number>>>;
  /** Longest delay drawn. */
  readonly maxDelayMs?: number;
  /** 0 = a port of the system's choice. */
  readonly port?: number;
}

export interface Road {
  readonly port: number;
  readonly counts: Readonly<Record<RoadFault, number>>;
  /** Everything that passed, oldest first, the newest `MAX_EXCHANGES`. */
  readonly exchanges: readonly Exchange[];
  rates: Partial<Readonly<Record<RoadFault, number>>>;
  target: number;
  /** The next request that matches suffers this. Resolves when it has. */
  next(fault: RoadFault, matches?: (path: string, body: string) => boolean, delayMs?: number): Promise<Exchange>;
  /** The next answer of the engine that matches suffers this (of the faults that concern answers). Resolves when it has. */
  nextReply(fault: RoadFault, matches: (path: string, reply: string) => boolean): Promise<Exchange>;
  /** Nobody listens any more, as when the engine is down. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  open(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
}

export const MAX_EXCHANGES = 20_000;
const DEFAULT_MAX_DELAY_MS = 120;
const HOP_HEADERS = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']);

interface Ask {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
interface Planned {
  readonly fault: RoadFault;
  readonly delayMs: number | undefined;
  readonly onRequest: ((path: string, body: string) => boolean) | null;
  readonly onReply: ((path: string, reply: string) => boolean) | null;
  readonly met: (exchange: Exchange) => void;
}

const plainHeaders = (headers: IncomingMessage['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      HOP_HEADERS.has(name) || value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

const ZERO = 48;
const BAD_GATEWAY: Answer = { status: 502, headers: { 'content-type': 'text/html' }, body: Buffer.from('<h1>502</h1>') };
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class FaultyRoad implements Road {
  readonly counts = Object.fromEntries(ROAD_FAULTS.map((fault) => [fault, 0])) as Record<RoadFault, number>;
  readonly exchanges: Exchange[] = [];
  rates: Partial<Readonly<Record<RoadFault, number>>>;
  target: number;
  readonly #random;
  readonly #maxDelayMs: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #planned: Planned[] = [];
  readonly #lastAnswers = new Map<string, Answer>();
  readonly #late = new Set<NodeJS.Timeout>();
  #server: Server;
  #port: number;

  constructor(options: RoadOptions) {
    this.target = options.target;
    this.rates = options.rates ?? {};
    this.#port = options.port ?? 0;
    this.#maxDelayMs = options.maxDelayMs ?? DEFAULT_MAX_DELAY_MS;
    this.#random = randomStream(options.seed ?? 1, 'road');
    this.#server = this.#newServer();
  }

  get port(): number {
    return this.#port;
  }

  #newServer(): Server {
    const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => void this.#pass(request, response));
    server.on('clientError', (_error, socket) => socket.destroy());
    return server;
  }

  async open(): Promise<void> {
    this.#server = this.#newServer();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async stop(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    this.#late.clear();
    if (this.#server.listening) await this.close();
    this.#agent.destroy();
  }

  next(fault: RoadFault, matches: (path: string, body: string) => boolean = () => true, delayMs?: number): Promise<Exchange> {
    return new Promise((met) => {
      this.#planned.push({ fault, delayMs, onRequest: matches, onReply: null, met });
    });
  }

  nextReply(fault: RoadFault, matches: (path: string, reply: string) => boolean): Promise<Exchange> {
    return new Promise((met) => {
      this.#planned.push({ fault, delayMs: undefined, onRequest: null, onReply: matches, met });
    });
  }

  #take(fits: (planned: Planned) => boolean): Planned | null {
    const at = this.#planned.findIndex(fits);
    return at < 0 ? null : this.#planned.splice(at, 1)[0]!;
  }

  #drawn(): RoadFault | null {
    let draw = this.#random.uniform();
    for (const fault of ROAD_FAULTS) {
      draw -= this.rates[fault] ?? 0;
      if (draw < 0) return fault;
    }
    return null;
  }

  #delayMs(planned: Planned | null): number {
    return planned?.delayMs ?? 1 + this.#random.uniform() * (this.#maxDelayMs - 1);
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer;
    try {
      body = await bodyOf(request);
    } catch {
      return;
    }
    const ask: Ask = { path: request.url ?? '/', headers: plainHeaders(request.headers), body };
    const path = ask.path.replace(/^\/mt5\//, '');
    const text = body.toString('utf8');
    const planned = this.#take((each) => each.onRequest?.(path, text) ?? false);
    const fault = planned?.fault ?? this.#drawn();
    const exchange: Exchange = {
      path,
      atMs: performance.now(),
      fault,
      request: text,
      status: null,
      reply: null,
      delivered: false,
      deliveredUnixMs: null,
    };
    this.exchanges.push(exchange);
    if (this.exchanges.length > MAX_EXCHANGES) this.exchanges.splice(0, MAX_EXCHANGES / 2);
    if (fault !== null) this.counts[fault] += 1;
    try {
      await this.#carry(ask, exchange, fault, planned, response);
    } catch {
      // The far end is gone: as when the engine dies under a request.
      response.socket?.destroy();
    }
    planned?.met(exchange);
  }

  async #carry(ask: Ask, exchange: Exchange, fault: RoadFault | null, planned: Planned | null, response: ServerResponse): Promise<void> {
    if (fault === 'lose-request' || fault === 'overtaken' || fault === 'cut-request') {
      if (fault === 'overtaken') this.#later(this.#delayMs(planned), () => this.#forward(ask));
      if (fault === 'cut-request') await this.#forwardHalf(ask);
      response.socket?.destroy();
      return;
    }
    if (fault === 'gateway-error') return this.#give(response, exchange, BAD_GATEWAY, false);
    if (fault === 'delay-request') await sleep(this.#delayMs(planned));
    if (fault === 'double') this.#later(this.#delayMs(planned), () => this.#forward(ask));
    const answer = await this.#forward(ask);
    exchange.status = answer.status;
    exchange.reply = answer.body.toString('utf8');
    const onReply = fault === null ? this.#take((each) => each.onReply?.(exchange.path, exchange.reply!) ?? false) : null;
    if (onReply !== null) this.counts[onReply.fault] += 1;
    await this.#answer(answer, exchange, onReply?.fault ?? fault, onReply ?? planned, response);
    this.#lastAnswers.set(ask.path, answer);
    onReply?.met(exchange);
  }

  async #answer(
    answer: Answer,
    exchange: Exchange,
    fault: RoadFault | null,
    planned: Planned | null,
    response: ServerResponse,
  ): Promise<void> {
    if (fault === 'hang') return;
    if (fault === 'delay-reply') await sleep(this.#delayMs(planned));
    if (fault === 'cut-reply') {
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      response.write(answer.body.subarray(0, answer.body.length >> 1), () => response.socket?.destroy());
      return;
    }
    const given = this.#spoilt(answer, exchange, fault);
    if (given === null) response.socket?.destroy();
    else this.#give(response, exchange, given, given === answer);
  }

  /** What the client gets in place of the answer; null = nothing. */
  #spoilt(answer: Answer, { path }: Exchange, fault: RoadFault | null): Answer | null {
    if (fault === 'lose-reply') return null;
    if (fault === 'old-reply') return this.#lastAnswers.get(`/mt5/${path}`) ?? null;
    if (fault === 'unsigned-reply') {
      const { 'x-hc-sig': _, ...headers } = answer.headers;
      return { ...answer, headers };
    }
    if (fault !== 'garble-reply' || answer.body.length === 0) return answer;
    const body = Buffer.from(answer.body);
    const from = Math.floor(this.#random.uniform() * body.length);
    // A digit for a digit: it stays JSON, so that only the signature can tell.
    const digit = body.findIndex((byte, i) => i >= from && byte >= ZERO && byte < ZERO + 10);
    if (digit < 0) body[from] = (body[from]! ^ 1) & 0x7f;
    else body[digit] = ZERO + ((body[digit]! - ZERO + 1) % 10);
    return { ...answer, body };
  }

  #give(response: ServerResponse, exchange: Exchange, answer: Answer, asTheEngineGaveIt: boolean): void {
    exchange.delivered = asTheEngineGaveIt && response.socket?.destroyed === false;
    if (exchange.delivered) exchange.deliveredUnixMs = Date.now();
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length }).end(answer.body);
  }

  #later(ms: number, act: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      act().catch(() => undefined);
    }, ms);
    this.#late.add(timer);
  }

  #forward({ path, headers, body }: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          host: '127.0.0.1',
          port: this.target,
          path,
          method: 'POST',
          agent: this.#agent,
          headers: { ...headers, host: `127.0.0.1:${this.target}`, 'content-length': body.length },
        },
        (reply) => {
          bodyOf(reply).then(
            (bytes) => resolve({ status: reply.statusCode ?? 0, headers: plainHeaders(reply.headers), body: bytes }),
            reject,
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #forwardHalf({ path, headers, body }: Ask): Promise<void> {
    return new Promise((resolve) => {
      const sent = httpRequest({
        host: '127.0.0.1',
        port: this.target,
        path,
        method: 'POST',
        agent: false,
        headers: { ...headers, host: `127.0.0.1:${this.target}`, 'content-length': body.length },
      });
      sent.on('error', () => resolve());
      sent.on('close', () => resolve());
      sent.write(body.subarray(0, body.length >> 1), () => sent.destroy());
    });
  }
}

/** A road to the engine's port, open. */
export const openRoad = async (options: RoadOptions): Promise<Road> => {
  const road = new FaultyRoad(options);
  await road.open();
  return road;
};
