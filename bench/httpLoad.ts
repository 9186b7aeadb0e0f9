/**
 * A load of small requests on a few kept connections, each waiting for its answer before the next: how an EA speaks. Written
 * on bare sockets, so that the load costs less than what it measures.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  /** Microseconds from write to the whole answer, every request. */
  readonly latencies: Float64Array;
  readonly perSecond: number;
  readonly wrong: number;
}

/** Whether the bytes so far are a whole answer, and a good one. */
export type Judge = (bytes: Buffer) => 'more' | 'right' | 'wrong';

export const httpJudge: Judge = (bytes) => {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 'more';
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
  if (bytes.length < headEnd + 4 + length) return 'more';
  return head.startsWith('HTTP/1.1 200') ? 'right' : 'wrong';
};

export const lineJudge: Judge = (bytes) => (bytes.includes(10) ? 'right' : 'more');

export const post = (port: number, path: string, body: string, token: string | null): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${token === null ? '' : `Authorization: Bearer ${token}\r\n`}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });

/** One request after another on one connection. */
const converse = (
  socket: Socket,
  count: number,
  request: (n: number) => Buffer,
  judge: Judge,
  take: (us: number, right: boolean) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let [n, beganMs] = [0, 0];
    let held: Buffer = Buffer.alloc(0);
    const next = (): void => {
      beganMs = performance.now();
      socket.write(request(n));
    };
    socket.on('data', (bytes: Buffer) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const verdict = judge(held);
      if (verdict === 'more') return;
      take((performance.now() - beganMs) * 1_000, verdict === 'right');
      held = Buffer.alloc(0);
      n += 1;
      if (n === count) resolve();
      else next();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`the server closed the connection after ${n} of ${count} answers`)));
    next();
  });

export const load = async (
  port: number,
  connections: number,
  requests: number,
  request: (connection: number, n: number) => Buffer,
  judge: Judge,
): Promise<Load> => {
  const each = Math.ceil(requests / connections);
  const latencies = new Float64Array(each * connections);
  let [taken, wrong] = [0, 0];
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const beganMs = performance.now();
  try {
    await Promise.all(
      sockets.map((socket, connection) =>
        converse(
          socket,
          each,
          (n) => request(connection, n),
          judge,
          (us, right) => {
            latencies[taken++] = us;
            if (!right) wrong += 1;
          },
        ),
      ),
    );
  } finally {
    for (const socket of sockets) {
      socket.removeAllListeners('close');
      socket.destroy();
    }
  }
  const perSecond = (taken / (performance.now() - beganMs)) * 1_000;
  return { latencies: latencies.sort(), perSecond, wrong };
};
