/**
 * An engine that says what a test wants, right or wrong, signed or not: for what the real one would never do and the EA must
 * survive all the same. Speaks the protocol by its letter with no code of the product; keeps every byte it heard, and complains of
 * whatever the protocol forbids.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Readonly<Record<string, unknown>>;
export interface Heard {
  readonly path: string;
  readonly body: Json;
  readonly text: string;
  readonly atMs: number;
}
/** What the EA gets in place of the right answer. */
export type Prank = (
  answer: { status: number; body: string; signature: string | null },
  heard: Heard,
) => { status: number; body: string; signature: string | null } | 'nothing';

const EPOCH = 7;
const LEASE_MS = 2_000;
export const DEFAULT_TTL_MS = 5_000;
const PROTOCOL_PATHS = ['hello', 'snapshot', 'tick', 'poll', 'ack', 'fill'];

export class ScriptedEngine {
  readonly heard: Heard[] = [];
  /** What the EA did that the protocol forbids. */
  readonly complaints: string[] = [];
  readonly token = 't'.repeat(43);
  readonly key = 'k'.repeat(43);
  mode: 'normal' | 'close_only' | 'halt' = 'normal';
  trading = true;
  snapshotRequest = 0;
  dealsSinceMsc = '0';
  epoch = EPOCH;
  session = 'session-1';
  prank: Prank | null = null;
  /** Called before the answer is given. */
  onHeard: ((heard: Heard) => void) | null = null;
  #commands: Json[] = [];
  #server: Server | null = null;
  #port = 0;
  #lastSeq = 0;
  #last: { readonly seq: number; readonly path: string; readonly told: string } | null = null;
  #sessions = 0;

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => this.#take(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Goes out with the next replies, one each. */
  give(...commands: readonly Json[]): void {
    this.#commands.push(...commands);
  }
  get waiting(): number {
    return this.#commands.length;
  }

  /** Everything heard on a path. */
  of(path: string): readonly Json[] {
    return this.heard.filter((each) => each.path === path).map(({ body }) => body);
  }
  acks(commandId: string): readonly Json[] {
    return this.of('ack').filter((ack) => ack['command_id'] === commandId);
  }
  /** Executions as told, the newest revision of each. */
  deals(): ReadonlyMap<string, Json> {
    return new Map(
      this.of('fill').flatMap((fill) =>
        (fill['deals'] as readonly Json[]).flatMap((deal) => (deal['type'] === 'trade' ? [[String(deal['deal']), deal] as const] : [])),
      ),
    );
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      const path = (request.url ?? '').replace(/^\/mt5\//, '');
      const bytes = Buffer.concat(parts);
      const text = bytes.toString('utf8');
      let body: Json = {};
      try {
        body = JSON.parse(text) as Json;
      } catch {
        this.complaints.push(`${path}: not JSON: ${text.slice(0, 200)}`);
      }
      if (bytes.includes(0)) this.complaints.push(`${path}: a zero byte`);
      if (!Buffer.from(text, 'utf8').equals(bytes)) this.complaints.push(`${path}: not UTF-8`);
      if (request.method !== 'POST' || !PROTOCOL_PATHS.includes(path)) this.complaints.push(`${request.method} ${request.url}`);
      if (request.headers.authorization !== `Bearer ${this.token}`) this.complaints.push(`${path}: without the token`);
      const heard: Heard = { path, body, text, atMs: performance.now() };
      this.#inspect(heard);
      this.heard.push(heard);
      this.onHeard?.(heard);
      this.#reply(heard, response);
    });
  }

  /** Envelope and numbering by the letter of the protocol. */
  #inspect({ path, body }: Heard): void {
    const wrong = (what: string): void => void this.complaints.push(`${path}: ${what}`);
    if (body['v'] !== 1) wrong(`v is ${JSON.stringify(body['v'])}`);
    for (const name of ['seq', 'mono_ms'])
      if (typeof body[name] !== 'string' || !/^\d+$/.test(body[name])) wrong(`${name} is ${JSON.stringify(body[name])}`);
    if (path === 'hello') {
      if (body['session'] !== '' || body['epoch'] !== 0) wrong('a hello of a session');
      return;
    }
    if (body['session'] !== this.session) return;
    const seq = Number(body['seq']);
    const told = JSON.stringify({
      ...body,
      mono_ms: 0,
      ticks: (body['ticks'] as readonly Json[] | undefined)?.map((tick) => ({ ...tick, age_ms: 0 })),
    });
    if (seq === this.#last?.seq) {
      if (path !== this.#last.path || told !== this.#last.told) wrong(`another content under the same seq ${seq}`);
    } else if (seq !== this.#lastSeq + 1) wrong(`seq ${seq} follows ${this.#lastSeq}`);
    this.#lastSeq = Math.max(seq, this.#lastSeq);
    this.#last = { seq, path, told };
  }

  #reply(heard: Heard, response: ServerResponse): void {
    const { path, body } = heard;
    const seq = typeof body['seq'] === 'string' ? body['seq'] : '0';
    if (path === 'hello') {
      this.#sessions += 1;
      this.session = `session-${this.#sessions}-${randomUUID().slice(0, 8)}`;
      this.#lastSeq = 0;
      this.#last = null;
    }
    const command = path === 'hello' || this.prank !== null ? null : (this.#commands.shift() ?? null);
    const envelope = {
      v: 1,
      epoch: this.epoch,
      ack_seq: seq,
      now_utc_ms: String(Date.now()),
      poll_ms: 20,
      mode: this.mode,
      snapshot_request: this.snapshotRequest,
      deals_since_msc: this.dealsSinceMsc,
      more: this.#commands.length > 0,
      command,
    };
    const text = JSON.stringify(
      path === 'hello'
        ? { ...envelope, session: this.session, wanted: ['XAUUSD', 'BTCUSD'], trading: this.trading, why: this.trading ? '' : 'told so' }
        : envelope,
    );
    const right = { status: 200, body: text, signature: this.signatureOf(seq, text) };
    const given = this.prank?.(right, heard) ?? right;
    if (given === 'nothing') {
      response.socket?.destroy();
      return;
    }
    response
      .writeHead(given.status, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(given.body),
        ...(given.signature === null ? {} : { 'x-hc-sig': given.signature }),
      })
      .end(given.body);
  }

  signatureOf(seq: string, body: string, key = this.key, session = this.session): string {
    return createHmac('sha256', key).update(`${session}|${seq}|${body}`).digest('hex');
  }
}

let ids = 0;
/** A fresh id; commands of one test sort by it. */
export const commandId = (): string => {
  ids += 1;
  return `01J${String(ids).padStart(23, '0')}`;
};

export const openCommand = (num: number, over: Json = {}): Json => ({
  command_id: commandId(),
  num: String(num),
  kind: 'open',
  lease_id: randomUUID(),
  lease_ms: LEASE_MS,
  ttl_ms: DEFAULT_TTL_MS,
  symbol: 'XAUUSD',
  side: 'buy',
  lots: '0.10',
  limit_price: '4010.00',
  max_dev_points: 20,
  fill: 'ioc',
  comment: 'QA test',
  ...over,
});
export const closeCommand = (num: number, positionId: string, over: Json = {}): Json => ({
  ...openCommand(num),
  kind: 'close',
  side: 'sell',
  limit_price: '3990.00',
  position_id: positionId,
  ...over,
});
export const targetCommand = (kind: 'cancel' | 'query', target: Json, over: Json = {}): Json => ({
  command_id: commandId(),
  num: String(target['num']),
  kind,
  lease_id: randomUUID(),
  lease_ms: LEASE_MS,
  ttl_ms: DEFAULT_TTL_MS,
  target_id: target['command_id'],
  ...over,
});
export const flattenCommand = (scope: string): Json => ({
  command_id: commandId(),
  num: '0',
  kind: 'flatten',
  lease_id: randomUUID(),
  lease_ms: LEASE_MS,
  ttl_ms: DEFAULT_TTL_MS,
  scope,
});
