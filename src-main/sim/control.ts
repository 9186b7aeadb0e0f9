/**
 * Faults over HTTP, for tests that run the world in another process. Owns one loopback endpoint: POST a fault with its
 * venue, GET what is in force, GET /accounts for the simulated exchanges' own books. Never started unless asked for; bad input
 * is refused with the field's name. Nothing here changes an account, and no key is ever shown.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultRefused, type FaultInput, type FaultKind } from './faults.ts';

export const MAX_CONTROL_BODY_BYTES = 4_096;

export interface ControlEndpoint {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ControlSettings {
  readonly faults: { inject(venue: string, fault: FaultInput): unknown; active(): Readonly<Record<string, readonly FaultKind[]>> };
  readonly tapes: () => unknown;
  readonly terminal: () => unknown;
  /** By venue and account: orders, fills, positions, balances. */
  readonly books: () => unknown;
}
const BOOKS_PATH = '/accounts';

class Refused extends Error {
  readonly status: number;
  readonly field: string | null;
  constructor(status: number, field: string | null, message: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

const readBody = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_CONTROL_BODY_BYTES) throw new Refused(413, null, `at most ${MAX_CONTROL_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refused(400, null, 'the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refused(400, null, 'the body must be one JSON object');
  return body as Record<string, unknown>;
};

export const startControl = async (settings: ControlSettings): Promise<ControlEndpoint> => {
  const status = () => ({ active: settings.faults.active(), tapes: settings.tapes(), terminal: settings.terminal() });
  const answer = async (request: IncomingMessage, expectedHost: string): Promise<unknown> => {
    if (request.headers.origin !== undefined) throw new Refused(403, 'Origin', 'requests of web pages are refused');
    if (request.headers.host !== expectedHost) throw new Refused(403, 'Host', `the Host header must be ${expectedHost}`);
    if (request.method === 'GET') return request.url === BOOKS_PATH ? settings.books() : status();
    if (request.method !== 'POST') throw new Refused(405, null, 'GET or POST');
    const { venue, ...fault } = await readBody(request);
    if (typeof venue !== 'string') throw new Refused(400, 'venue', 'the name of a simulated venue');
    try {
      return { injected: settings.faults.inject(venue, fault as FaultInput), ...status() };
    } catch (error) {
      if (error instanceof FaultRefused) throw new Refused(400, error.field, error.message);
      throw error;
    }
  };
  let host = '';
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const send = (code: number, body: unknown) => {
      response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    };
    answer(request, host).then(
      (body) => send(200, body),
      (error: unknown) => {
        if (error instanceof Refused) send(error.status, { error: { field: error.field, message: error.message } });
        else send(500, { error: { field: null, message: 'the fault could not be carried out' } });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
