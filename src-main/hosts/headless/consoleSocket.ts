/**
 * The web-socket at `/console`: who may open one, how many there are, and what a slow or noisy one costs. A frame is
 * handed over only when the one before it has left this process, so a slow console holds back its own stream, where the
 * publisher drops deltas; nothing piles up here. Must not know what is said.
 */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/websocket';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Clock } from '../../runtime/ports.ts';
import type { ConsoleContext, ConsoleRouter } from '../contractServer.ts';
import { createPeerBudgets } from '../listener/budgets.ts';
import { plainAddress } from '../listener/exposure.ts';
import type { Listener } from '../listener/server.ts';
import type { SignIn } from '../listener/signIn.ts';
import type { Log } from '../log.ts';

export const SOCKET_PATH = '/console';
export const MAX_CONSOLES = 16;
export const MAX_PAYLOAD_BYTES = 64 * 1024;
/** Bytes a console may leave unread before its socket is cut. */
export const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
export const MESSAGE_RATE = { perSecond: 50, burst: 200 } as const;
/** Every connection is looked at this often; one that missed two looks is gone. */
export const PING_INTERVAL_MS = 15_000;
const CLOSE_DEADLINE_MS = 1_000;
/** Close codes: 4401 tells the page to ask for a new sign-in. */
export const CLOSE = { goingAway: 1001, notText: 1003, badMessage: 1007, tooMany: 1008, signInAgain: 4401 } as const;

export interface ConsoleSocketParts {
  readonly listener: Listener;
  readonly signIn: SignIn;
  readonly router: ConsoleRouter;
  readonly clock: Clock;
  readonly log: Log;
  readonly pingIntervalMs?: number;
}

export interface ConsoleSockets {
  readonly count: number;
  /** Closes whoever is no longer signed in. */
  recheck(): void;
  close(): Promise<void>;
}

interface Session {
  readonly cookie: string | undefined;
  answered: boolean;
}

type Peer = Parameters<RPCHandler<ConsoleContext>['close']>[0];

const refuseUpgrade = (socket: Duplex, status: number): void => {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.once('finish', () => socket.destroy());
};

/** 101 when the upgrade may go on, else the status that refuses it. */
const statusOf = (request: IncomingMessage, { listener, signIn }: ConsoleSocketParts, open: number): number => {
  if (request.url !== SOCKET_PATH) return 404;
  const { frontier, port } = listener;
  const { host, origin, cookie } = request.headers;
  // Every browser sends an Origin with an upgrade; without one it is no console.
  if (!frontier.admitsPeer(request.socket.remoteAddress) || !frontier.admitsHost(host) || !frontier.admitsOrigin(origin)) return 403;
  if (signIn.sessionEnd(port, cookie) === null) return 401;
  return open >= MAX_CONSOLES ? 503 : 101;
};

/** Resolves when the frame has left this process: what the contract server waits for before it makes the next. */
const peerOf = (socket: WebSocket, log: Log): Peer => {
  const send = (frame: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
        log.warn('a console reads nothing and is cut off', { unsentBytes: socket.bufferedAmount });
        socket.terminate();
      }
      socket.send(frame, (error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  return { send } as unknown as Peer;
};

export const attachConsoleSockets = (parts: ConsoleSocketParts): ConsoleSockets => {
  const { listener, signIn, clock, log } = parts;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false, clientTracking: false });
  const contract = new RPCHandler<ConsoleContext>(parts.router);
  const sessions = new Map<WebSocket, Session>();

  const serve = (socket: WebSocket, request: IncomingMessage): void => {
    const session: Session = { cookie: request.headers.cookie, answered: true };
    const far = plainAddress(request.socket.remoteAddress ?? 'unknown');
    const context: ConsoleContext = { source: 'console', by: `operator at ${far}`, streams: { open: 0 } };
    const messages = createPeerBudgets(MESSAGE_RATE, clock, 1);
    const peer = peerOf(socket, log);
    sessions.set(socket, session);
    socket.on('pong', () => void (session.answered = true));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      sessions.delete(socket);
      contract.close(peer);
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) return socket.close(CLOSE.notText, 'text only');
      if (!messages.take('')) return socket.close(CLOSE.tooMany, 'too many messages');
      // oxlint-disable-next-line typescript/no-base-to-string -- a text message arrives as one Buffer
      contract.message(peer, data.toString(), { context }).catch(() => {
        if (socket.readyState === socket.OPEN) socket.close(CLOSE.badMessage, 'not understood');
      });
      return undefined;
    });
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const status = statusOf(request, parts, sessions.size);
    if (status !== 101) return refuseUpgrade(socket, status);
    sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, request));
    return undefined;
  };
  listener.node.on('upgrade', onUpgrade);

  const recheck = (): void => {
    for (const [socket, session] of sessions)
      if (signIn.sessionEnd(listener.port, session.cookie) === null) socket.close(CLOSE.signInAgain, 'sign in again');
  };

  const pings = setInterval(() => {
    recheck();
    for (const [socket, session] of sessions) {
      if (!session.answered) socket.terminate();
      session.answered = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }, parts.pingIntervalMs ?? PING_INTERVAL_MS);
  pings.unref();

  return {
    get count() {
      return sessions.size;
    },
    recheck,
    async close() {
      clearInterval(pings);
      listener.node.off('upgrade', onUpgrade);
      const open = [...sessions.keys()];
      const gone = open.map((socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())));
      for (const socket of open) socket.close(CLOSE.goingAway, 'the engine stops');
      const deadline = setTimeout(() => {
        for (const socket of open) socket.terminate();
      }, CLOSE_DEADLINE_MS);
      await Promise.all(gone);
      clearTimeout(deadline);
      sockets.close();
    },
  };
};
