/**
 * `WebRequest` of the terminal: one blocking POST over a kept-alive connection, with the terminal's own headers. Owns
 * the connection. Every failure is a value: an EA sees -1 and an error code, never an exception.
 */
import { Agent, request as httpRequest } from 'node:http';

export const MAX_REPLY_BYTES = 64 * 1024;
export const WEB_REQUEST_TIMEOUT_MS = 3_000;

export type WebReply =
  | { readonly kind: 'reply'; readonly status: number; readonly body: string; readonly micros: number; readonly signature: string }
  /** The codes of the terminal: 5201 connect, 5202 time-out, 5203 request failed. */
  | { readonly kind: 'failed'; readonly error: 5201 | 5202 | 5203; readonly why: string };

export interface WebClient {
  post(path: string, body: string): Promise<WebReply>;
  /** Drops the kept-alive connection. */
  disconnect(): void;
  stop(): void;
}

export const createWebClient = (baseUrl: string, token: string, terminalBuild: number, timeoutMs = WEB_REQUEST_TIMEOUT_MS): WebClient => {
  const base = new URL(baseUrl);
  const newAgent = () => new Agent({ keepAlive: true, maxSockets: 1, keepAliveMsecs: 30_000 });
  let agent = newAgent();

  const post = (path: string, body: string): Promise<WebReply> =>
    new Promise((resolve) => {
      const started = performance.now();
      const bytes = Buffer.from(body, 'utf8');
      let timedOut = false;
      const fail = (error: 5201 | 5202 | 5203, why: string) => resolve({ kind: 'failed', error, why });
      const request = httpRequest(
        new URL(path, base),
        {
          method: 'POST',
          agent,
          timeout: timeoutMs,
          headers: {
            accept: '*/*',
            'accept-encoding': 'gzip, deflate',
            'accept-language': 'en',
            'content-type': 'application/json',
            'content-length': bytes.length,
            authorization: `Bearer ${token}`,
            'user-agent': `MetaTrader 5 Terminal/5.${terminalBuild}`,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= MAX_REPLY_BYTES) chunks.push(chunk);
            else response.destroy(new Error(`a reply of more than ${MAX_REPLY_BYTES} bytes`));
          });
          response.on('error', (error) => fail(5203, error.message));
          response.on('end', () =>
            resolve({
              kind: 'reply',
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              signature: String(response.headers['x-hc-sig'] ?? ''),
              micros: Math.round((performance.now() - started) * 1_000),
            }),
          );
        },
      );
      request.on('timeout', () => {
        timedOut = true;
        request.destroy();
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (timedOut) fail(5202, `no reply within ${timeoutMs} ms`);
        else fail(error.code === 'ECONNREFUSED' ? 5201 : 5203, error.message);
      });
      request.end(bytes);
    });
  return {
    post,
    disconnect: () => {
      agent.destroy();
      agent = newAgent();
    },
    stop: () => agent.destroy(),
  };
};
