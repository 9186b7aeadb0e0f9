/**
 * Joins one page's socket to the contract server. A page that speaks nonsense is reported and harms nobody: no rejection
 * escapes from here into the main program.
 */
import type { Context } from '@orpc/server';
import type { RPCHandler } from '@orpc/server/websocket';
import type { ConsoleSocket } from './ipc.ts';

/** What the contract server takes for a web-socket. */
export type Peer = Parameters<RPCHandler<Context>['close']>[0];

/** A contract server with its context already given. */
export interface ContractServer {
  readonly message: (peer: Peer, frame: string) => Promise<void>;
  readonly close: (peer: Peer) => void;
}

/** Serves the contract on `socket` until it closes. */
export const attachContract = (server: ContractServer, socket: ConsoleSocket, fault: (text: string) => void): void => {
  // The server sends through `send` and waits for its promise, which is how a slow page holds back its own stream.
  const peer = socket as unknown as Peer;
  socket.addEventListener('message', ({ data }) => {
    server.message(peer, data).catch((error: unknown) => fault(`a console page's message failed: ${String(error)}`));
  });
  socket.addEventListener('close', () => server.close(peer));
};
