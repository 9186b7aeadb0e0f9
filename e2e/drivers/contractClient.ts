/** The console's contract without a console: signs in by the one-time link and speaks over the web-socket. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { randomBytes } from 'node:crypto';
import type { ConsoleContract } from '../../src-shared/contract/contract.ts';

export type Client = ContractRouterClient<ConsoleContract>;

export interface Connected {
  readonly client: Client;
  close(): void;
}

/** Node's own web-socket takes headers, which the browser's type does not know. */
type SocketWithHeaders = new (url: string, options: { readonly headers: Readonly<Record<string, string>> }) => WebSocket;

export const pressId = (): string => randomBytes(10).toString('hex');

export const connectConsole = async (url: string, signInUrl: string): Promise<Connected> => {
  const welcome = await fetch(signInUrl, { redirect: 'manual' });
  const cookie = (welcome.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  if (cookie === '') throw new Error(`signing in gave no session: ${welcome.status}`);
  const socket = new (globalThis.WebSocket as unknown as SocketWithHeaders)(`${url.replace(/^http/, 'ws')}/console`, {
    headers: { cookie, origin: url },
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('close', () => reject(new Error('the console socket was closed before it opened')), { once: true });
    socket.addEventListener('error', () => reject(new Error('the console socket could not be opened')), { once: true });
  });
  return { client: createORPCClient<Client>(new RPCLink({ websocket: socket })), close: () => socket.close() };
};
