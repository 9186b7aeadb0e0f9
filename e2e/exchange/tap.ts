/**
 * A wire that is listened to: a loopback port that hands every byte on to another and keeps a copy of both directions. Understands
 * nothing; request lines are picked out of the copy afterwards.
 */
import { connect, createServer, Socket, type AddressInfo } from 'node:net';

export interface Tap {
  readonly port: number;
  /** Everything that was sent to the server, in chunks as they came, connections one after the other. */
  sent(): Buffer;
  received(): Buffer;
  /** The first lines of HTTP requests among what was sent. */
  requestLines(): readonly string[];
  stop(): Promise<void>;
}

interface Copy {
  readonly sent: Buffer[];
  readonly received: Buffer[];
}

const REQUEST_LINE = /(?:GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) [^\r\n]* HTTP\/1\.[01]/g;

export const startTap = async (targetPort: number, port = 0): Promise<Tap> => {
  const copies: Copy[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const copy: Copy = { sent: [], received: [] };
    copies.push(copy);
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (bytes) => {
      copy.sent.push(bytes);
      target.write(bytes);
    });
    target.on('data', (bytes) => {
      copy.received.push(bytes);
      client.write(bytes);
    });
    client.on('end', () => target.end());
    target.on('end', () => client.end());
    for (const [socket, twin] of [[client, target] as const, [target, client] as const]) {
      socket.on('error', () => twin.destroy());
      socket.on('close', () => twin.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const all = (side: keyof Copy): Buffer => Buffer.concat(copies.flatMap((copy) => copy[side]));
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => all('sent'),
    received: () => all('received'),
    requestLines: () => all('sent').toString('latin1').match(REQUEST_LINE) ?? [],
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
};

interface Reading {
  push: (this: Socket, chunk: unknown, encoding?: BufferEncoding) => boolean;
}

/** Every byte that this process receives from a loopback port, whoever asked: a console's pages, answers and live socket. */
export const recordFrom = (port: number): { received(): Buffer; stop(): void } => {
  const chunks: Buffer[] = [];
  const prototype = Socket.prototype as unknown as Reading;
  const { push } = prototype;
  prototype.push = function pushRecorded(chunk, encoding) {
    if (this.remotePort === port && chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    return push.call(this, chunk, encoding);
  };
  return {
    received: () => Buffer.concat(chunks),
    stop: () => {
      prototype.push = push;
    },
  };
};
