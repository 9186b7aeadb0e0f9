/**
 * The HTTP and web-socket server every simulated exchange stands on. Owns the port, the sockets and their number; the
 * venue gives the protocol. Binds loopback only.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { FaultSwitch } from '../faults.ts';
import { createPeer, GARBAGE, MAX_UNREAD_BYTES, type Peer } from './peer.ts';

export const MAX_PEERS = 256;
/** Sockets of both kinds, REST included. */
const MAX_CONNECTIONS = 512;
const GOING_AWAY = 1_001;
const NOT_TEXT = 1_003;
export const MAX_CLIENT_FRAME_BYTES = 64 * 1024;
export const MAX_BODY_BYTES = 64 * 1024;
const MAX_URL_LENGTH = 8_192;
const STOP_GRACE_MS = 500;

export interface HttpReply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** What came with a request; header names in lower case. */
export interface RequestParts {
  readonly headers: IncomingHttpHeaders;
  /** Raw, empty where there was none. */
  readonly body: string;
  /** Of the client. */
  readonly address: string;
}

/** `drop`: the connection breaks without an answer. */
export type Answer = HttpReply | 'drop';

/** A client's conversation; made for each accepted socket. */
export interface Conversation {
  message(text: string): void;
  /** A protocol-level ping or pong frame came. */
  ping?(): void;
  pong?(payload: string): void;
  /** Called every `checkEveryMs`. */
  check(monoMs: number): void;
  closed(): void;
}

export interface VenueProtocolSide {
  readonly name: string;
  readonly slowReaderCode: number;
  readonly slowReaderReason: string;
  readonly checkEveryMs: number;
  readonly request: (method: string, url: URL, parts: RequestParts) => Answer | Promise<Answer>;
  /** The status to refuse an upgrade with, or the conversation's maker. */
  readonly accept: (url: URL, headers: IncomingHttpHeaders) => number | ((peer: Peer) => Conversation);
  readonly announceClose?: () => void;
}

export interface VenueServer {
  readonly port: number;
  readonly restUrl: string;
  readonly streamUrl: string;
  /** Sockets now open. */
  peerCount(): number;
  /** Largest unread buffer of any client, bytes. */
  backlogBytes(): number;
  stop(): Promise<void>;
}

export interface VenueServerSettings {
  readonly faults: FaultSwitch;
  readonly maxUnreadBytes?: number | undefined;
  readonly port?: number | undefined;
}

const REASONS: Record<number, string> = { 404: 'Not Found', 429: 'Too Many Requests', 503: 'Service Unavailable' };

const refuse = (socket: Duplex, status: number) => {
  socket.end(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

const parseUrl = (request: IncomingMessage): URL | null => {
  const text = request.url ?? '/';
  return text.length > MAX_URL_LENGTH ? null : URL.parse(text, 'http://127.0.0.1');
};

const textOf = (raw: RawData): string =>
  Array.isArray(raw) ? Buffer.concat(raw).toString('utf8') : Buffer.from(raw as Buffer).toString('utf8');

/** null = more than {@link MAX_BODY_BYTES}. */
const readBody = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
};
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

class LoopbackServer implements VenueServer {
  readonly #side: VenueProtocolSide;
  readonly #settings: VenueServerSettings;
  readonly #peers = new Set<Peer>();
  readonly #http: Server;
  readonly #wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });

  constructor(side: VenueProtocolSide, settings: VenueServerSettings) {
    this.#side = side;
    this.#settings = settings;
    this.#http = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => this.#answer(request, response));
    this.#http.maxConnections = MAX_CONNECTIONS;
    this.#http.on('upgrade', (request, socket, head) => this.#converse(request, socket, head));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(this.#settings.port ?? 0, '127.0.0.1', () => resolve());
    });
    const { announceClose } = this.#side;
    this.#settings.faults.attach({
      close: (code, reason) => {
        for (const peer of this.#peers) peer.close(code, reason);
      },
      garbage: (count) => {
        for (const peer of this.#peers) for (let i = 0; i < count; i += 1) peer.raw(GARBAGE[i % GARBAGE.length]!);
      },
      ...(announceClose === undefined ? {} : { announceClose }),
    });
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get restUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get streamUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  peerCount(): number {
    return this.#peers.size;
  }

  backlogBytes(): number {
    let most = 0;
    for (const peer of this.#peers) most = Math.max(most, peer.unreadBytes);
    return most;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const ws of this.#wss.clients) ws.close(GOING_AWAY, 'server stops');
    const force = setTimeout(() => {
      for (const ws of this.#wss.clients) ws.terminate();
      this.#http.closeAllConnections();
    }, STOP_GRACE_MS);
    this.#http.closeIdleConnections();
    await closed;
    clearTimeout(force);
    this.#wss.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { faults } = this.#settings;
    const url = parseUrl(request);
    if (faults.refusing()) {
      request.resume();
      request.socket.destroy();
      return;
    }
    const answer = (body: string | null) => {
      if (url === null || body === null) {
        this.#send(response, { status: body === null ? 413 : 414, body: '', headers: { connection: 'close' } });
        return;
      }
      const parts = { headers: request.headers, body, address: request.socket.remoteAddress ?? '127.0.0.1' };
      const reply = this.#side.request(request.method ?? 'GET', url, parts);
      if (reply instanceof Promise)
        void reply.then(
          (late) => this.#send(response, late),
          () => this.#send(response, { status: 500, body: '' }),
        );
      else this.#send(response, reply);
    };
    if (hasBody(request)) void readBody(request).then(answer, () => request.socket.destroy());
    else {
      request.resume();
      answer('');
    }
  }

  #send(response: ServerResponse, reply: Answer): void {
    const { faults } = this.#settings;
    if (faults.silent()) return;
    if (reply === 'drop') {
      response.socket?.destroy();
      return;
    }
    const send = () => {
      response.writeHead(reply.status, { 'content-type': 'application/json;charset=UTF-8', ...reply.headers });
      response.end(reply.body);
    };
    const delayMs = faults.delayMs();
    if (delayMs === 0) send();
    else setTimeout(send, delayMs).unref();
  }

  #converse(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.#settings.faults.refusing()) {
      socket.destroy();
      return;
    }
    if (this.#peers.size >= MAX_PEERS) {
      refuse(socket, 503);
      return;
    }
    const url = parseUrl(request);
    const accepted = url === null ? 404 : this.#side.accept(url, request.headers);
    if (typeof accepted === 'number') refuse(socket, accepted);
    else this.#wss.handleUpgrade(request, socket, head, (ws) => this.#attend(ws, accepted));
  }

  #attend(ws: WebSocket, begin: (peer: Peer) => Conversation): void {
    const { faults, maxUnreadBytes } = this.#settings;
    const { slowReaderCode, slowReaderReason, checkEveryMs } = this.#side;
    const peer = createPeer(ws, { faults, slowReaderCode, slowReaderReason, maxUnreadBytes: maxUnreadBytes ?? MAX_UNREAD_BYTES });
    const conversation = begin(peer);
    const timer = setInterval(() => conversation.check(performance.now()), checkEveryMs);
    this.#peers.add(peer);
    // JSON goes as text at every venue.
    ws.on('message', (raw, isBinary) => (isBinary ? ws.close(NOT_TEXT) : conversation.message(textOf(raw))));
    ws.on('ping', () => conversation.ping?.());
    ws.on('pong', (payload) => conversation.pong?.(payload.toString('utf8')));
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      clearInterval(timer);
      this.#peers.delete(peer);
      conversation.closed();
    });
  }
}

export const startVenueServer = async (side: VenueProtocolSide, settings: VenueServerSettings): Promise<VenueServer> => {
  const server = new LoopbackServer(side, settings);
  await server.listen();
  return server;
};
