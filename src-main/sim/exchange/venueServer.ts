/**
 * The HTTP and web-socket server every simulated exchange stands on. Owns the port, the sockets and their number; the
 * venue gives the protocol. Binds loopback only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData } from 'ws';
import type { FaultSwitch } from '../faults.ts';
import { createPeer, GARBAGE, MAX_UNREAD_BYTES, type Peer } from './peer.ts';

export const MAX_PEERS = 256;
export const MAX_CLIENT_FRAME_BYTES = 64 * 1024;
const MAX_URL_LENGTH = 8_192;
const STOP_GRACE_MS = 500;

export interface HttpReply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

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
  readonly request: (method: string, url: URL) => HttpReply;
  /** The status to refuse an upgrade with, or the conversation's maker. */
  readonly accept: (url: URL) => number | ((peer: Peer) => Conversation);
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

export const startVenueServer = async (side: VenueProtocolSide, settings: VenueServerSettings): Promise<VenueServer> => {
  const { faults } = settings;
  const peers = new Set<Peer>();
  const wss = new WebSocketServer({ noServer: true, maxPayload: MAX_CLIENT_FRAME_BYTES, perMessageDeflate: false, clientTracking: true });

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const url = parseUrl(request);
    if (faults.refusing()) {
      request.socket.destroy();
      return;
    }
    const reply = url === null ? { status: 414, body: '' } : side.request(request.method ?? 'GET', url);
    if (faults.silent()) return;
    const send = () => {
      response.writeHead(reply.status, { 'content-type': 'application/json;charset=UTF-8', ...reply.headers });
      response.end(reply.body);
    };
    const delayMs = faults.delayMs();
    if (delayMs === 0) send();
    else setTimeout(send, delayMs).unref();
  };

  const converse = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const url = parseUrl(request);
    if (faults.refusing()) {
      socket.destroy();
      return;
    }
    if (peers.size >= MAX_PEERS) {
      refuse(socket, 503);
      return;
    }
    const accepted = url === null ? 404 : side.accept(url);
    if (typeof accepted === 'number') {
      refuse(socket, accepted);
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      const peer = createPeer(ws, {
        faults,
        slowReaderCode: side.slowReaderCode,
        slowReaderReason: side.slowReaderReason,
        maxUnreadBytes: settings.maxUnreadBytes ?? MAX_UNREAD_BYTES,
      });
      const conversation = accepted(peer);
      const timer = setInterval(() => conversation.check(performance.now()), side.checkEveryMs);
      peers.add(peer);
      ws.on('message', (raw) => conversation.message(textOf(raw)));
      ws.on('ping', () => conversation.ping?.());
      ws.on('pong', (payload) => conversation.pong?.(payload.toString('utf8')));
      ws.on('error', () => ws.terminate());
      ws.on('close', () => {
        clearInterval(timer);
        peers.delete(peer);
        conversation.closed();
      });
    });
  };

  const http = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, answer);
  http.on('upgrade', converse);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(settings.port ?? 0, '127.0.0.1', () => resolve());
  });
  faults.attach({
    close: (code, reason) => {
      for (const peer of peers) peer.close(code, reason);
    },
    garbage: (count) => {
      for (const peer of peers) for (let i = 0; i < count; i += 1) peer.raw(GARBAGE[i % GARBAGE.length]!);
    },
    ...(side.announceClose === undefined ? {} : { announceClose: () => side.announceClose?.() }),
  });
  const { port } = http.address() as AddressInfo;
  return {
    port,
    restUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}`,
    peerCount: () => peers.size,
    backlogBytes: () => Math.max(0, ...[...peers].map((p) => p.unreadBytes)),
    stop: () => stopServer(http, wss),
  };
};

const stopServer = async (http: ReturnType<typeof createServer>, wss: WebSocketServer): Promise<void> => {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  for (const ws of wss.clients) ws.close(1_001, 'server stops');
  const force = setTimeout(() => {
    for (const ws of wss.clients) ws.terminate();
    http.closeAllConnections();
  }, STOP_GRACE_MS);
  http.closeIdleConnections();
  await closed;
  clearTimeout(force);
  wss.close();
};
