/**
 * The two roads to the engine: Electron's bridge where the preload script offers it, else a web-socket of the page's
 * own origin. Owns sockets and their end; knows nothing of tables. Nothing is queued here for a later link.
 */
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { ConsoleContract } from '../../src-shared/contract/contract.ts';

export type ConsoleClient = ContractRouterClient<ConsoleContract>;

export interface ConsoleLink {
  readonly client: ConsoleClient;
  /** Resolves with the reason when the link has ended, whoever ended it. */
  readonly ended: Promise<string>;
  readonly close: (why: string) => void;
}

export interface Transport {
  readonly kind: 'electron' | 'web-socket';
  /** @throws Error when the link does not open within {@link OPEN_WITHIN_MS}. */
  readonly open: () => Promise<ConsoleLink>;
}

/** What Electron's preload script exposes. */
export interface QuantArbBridge {
  readonly protocolVersion: 1;
  readonly send: (frame: string) => void;
  readonly onFrame: (receive: (frame: string) => void) => () => void;
}

declare global {
  interface Window {
    readonly quantArb?: QuantArbBridge;
  }
}

export const OPEN_WITHIN_MS = 5_000;

const once = (): { ended: Promise<string>; end: (why: string) => void } => {
  let end: (why: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  return { ended, end };
};

type PortListener = (event: MessageEvent) => void;

/** The bridge as the port the RPC library expects. */
const portOf = (bridge: QuantArbBridge) => {
  const listeners = new Set<PortListener>();
  bridge.onFrame((frame) => {
    const event = new MessageEvent('message', { data: frame });
    for (const listener of listeners) listener(event);
  });
  return {
    addEventListener: (type: string, listener: unknown): void => {
      if (type === 'message') listeners.add(listener as PortListener);
    },
    postMessage: (frame: unknown): void => {
      if (typeof frame !== 'string') throw new TypeError('the console sends text frames only');
      bridge.send(frame);
    },
  };
};

/**
 * One client for the life of the page: call ids must go on counting, because the other end of the bridge outlives
 * a lost stream and would take a repeated id for an old call.
 */
export const bridgeTransport = (bridge: QuantArbBridge): Transport => {
  const client: ConsoleClient = createORPCClient(new PortLink({ port: portOf(bridge) }));
  return {
    kind: 'electron',
    open: () => {
      const { ended, end } = once();
      return Promise.resolve({ client, ended, close: end });
    },
  };
};

const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${OPEN_WITHIN_MS / 1_000} s`)), OPEN_WITHIN_MS);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.addEventListener('close', (event) => {
      clearTimeout(timer);
      reject(new Error(event.code === 1006 ? 'the engine does not answer' : `refused (${event.code} ${event.reason})`.replace(' )', ')')));
    });
  });

/**
 * The socket for the life of one link. The RPC library still announces cancelled calls after the socket has closed
 * and would throw into nowhere; by then it has failed every call of the link, and nothing is sent on a closed one.
 */
const openSocket = (socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState'> => ({
  addEventListener: socket.addEventListener.bind(socket),
  removeEventListener: socket.removeEventListener.bind(socket),
  readyState: WebSocket.OPEN,
  send: (frame) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  },
});

/** A refused upgrade tells a page nothing; whether the page itself would still be served does. */
const isSignedOut = async (): Promise<boolean> => {
  try {
    const answer = await fetch('/', { method: 'HEAD', redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(OPEN_WITHIN_MS) });
    return answer.type === 'opaqueredirect' || answer.status === 401;
  } catch {
    return false;
  }
};

export const socketTransport = (url: string): Transport => ({
  kind: 'web-socket',
  open: async () => {
    const socket = new WebSocket(url);
    const { ended, end } = once();
    socket.addEventListener('close', (event) => end(event.reason === '' ? `connection closed (${event.code})` : event.reason));
    try {
      await opened(socket);
    } catch (error) {
      socket.close();
      throw (await isSignedOut()) ? new Error('signed out: reload this page to sign in', { cause: error }) : error;
    }
    const close = (why: string): void => {
      end(why);
      socket.close();
    };
    return { client: createORPCClient(new SocketLink({ websocket: openSocket(socket) })), ended, close };
  },
});

export const detectTransport = (page: Window): Transport => {
  if (page.quantArb !== undefined) return bridgeTransport(page.quantArb);
  const url = new URL('/console', page.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return socketTransport(url.href);
};
