/** A plain web-socket client for tests: keeps what it heard, waits for what must come. */
import { onTestFinished, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';

const WAIT_MS = 20_000;

export interface TestClient {
  readonly socket: WebSocket;
  readonly heard: string[];
  readonly pings: string[];
  say(message: unknown): void;
  /** The first message, also an earlier one, that satisfies `test`. */
  hear(test: (text: string) => boolean): Promise<string>;
  readonly closed: Promise<{ code: number; reason: string }>;
  end(): Promise<void>;
}

export const until = async (condition: () => boolean, what = 'the condition'): Promise<void> => {
  const end = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what} did not come true within ${WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

/** Until the test ends, time as venues count budgets and idleness by passes only when told to; timers go on. @returns lets it pass */
export const standingTime = (): ((ms: number) => void) => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
};

export const connect = async (url: string, options: ClientOptions = {}): Promise<TestClient> => {
  const socket = new WebSocket(url, options);
  const heard: string[] = [];
  const pings: string[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  socket.on('message', (bytes) => heard.push((bytes as Buffer).toString('utf8')));
  socket.on('ping', (payload) => pings.push(payload.toString('utf8')));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (_request, response) => reject(new Error(`upgrade refused: ${response.statusCode}`)));
    socket.once('error', reject);
  });
  socket.on('error', () => socket.terminate());
  return {
    socket,
    heard,
    pings,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hear: async (test) => {
      await until(() => heard.some(test), 'the message');
      return heard.find(test)!;
    },
    closed,
    end: async () => {
      socket.close();
      await closed;
    },
  };
};
