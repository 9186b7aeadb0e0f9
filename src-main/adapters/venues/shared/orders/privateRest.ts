/**
 * REST of one exchange account. `fetch` cannot tell "not sent" from "no answer", therefore node's own client: a request is written only
 * once its connection stands, and whether it may still leave is asked in that very moment. Every call ends in time and in size, every
 * failure is a value, nothing is followed and nothing is repeated. Cancels never queue behind questions.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MS_PER_S, US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import { parseExact } from '../exactJson.ts';
import { retryAfterMsOf } from '../retryAfter.ts';
import type { Timers } from '../timers.ts';
import { MAX_BODY_BYTES } from '../venueHttp.ts';
import type { Lane, NoAnswer, PrivateRest, RestAnswer, RestRequest } from './parts.ts';
import type { Usage } from './usage.ts';

/** Of each of the two groups, `safety` and the rest. */
export const MAX_SOCKETS = 3;
/** Without a `Retry-After`: an exchange that bans starts with two minutes. */
export const QUIET_MS: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000, 403: 60_000 };

/** "At once" is not what a venue means that has just refused. */
export const LEAST_QUIET_MS = 1_000;
/** For how long: as the venue says, or `usualMs` where it says nothing. */
export const silenceMsOf = (retryAfter: string | undefined, usualMs: number): number =>
  retryAfter === undefined || !(Number(retryAfter) >= 0) || retryAfter.trim() === ''
    ? usualMs
    : Math.max(LEAST_QUIET_MS, retryAfterMsOf(retryAfter));

export interface PrivateRestOptions {
  /** `https://host`, without a slash at the end. */
  readonly baseUrl: string;
  readonly usage: Usage;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whom a 429 silences: the whole host (Binance counts by IP), or only the budget that was asked of (OKX counts by endpoint). */
  readonly quietBy: 'host' | 'budget';
  /** How long a 429 without `Retry-After` silences, where the venue's windows are short. */
  readonly quietMs?: number;
  /** Every answer, before its asker sees it: the venue's own counts are in its headers. */
  readonly heard?: (answer: RestAnswer, budget: string) => void;
}

type Use = Parameters<PrivateRest['send']>[1];

const lower = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

const exactOf = (text: string): unknown => {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
};

const isReady = (socket: Socket): boolean =>
  !socket.connecting && (socket as TLSSocket & { secureConnecting?: boolean }).secureConnecting !== true;

interface Sent {
  readonly sentUs: number;
  readonly sentUnixMs: number;
}

class Rest implements PrivateRest {
  readonly #options: PrivateRestOptions;
  readonly #client: typeof http | typeof https;
  readonly #agents: Readonly<Record<'safety' | 'rest', http.Agent>>;
  readonly #open = new Set<(why: string) => void>();
  #closed = false;

  constructor(options: PrivateRestOptions) {
    this.#options = options;
    this.#client = options.baseUrl.startsWith('https:') ? https : http;
    // Said here, no environment variable can take it back.
    const agent = () => new this.#client.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, rejectUnauthorized: true });
    this.#agents = { safety: agent(), rest: agent() };
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#open) end('stopped');
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async send(request: RestRequest, use: Use): Promise<RestAnswer | NoAnswer> {
    const where = `${request.method} ${request.target.split('?')[0] ?? ''}`;
    const notSent = (why: string, retryAfterMs = 0): NoAnswer => ({ came: false, left: false, why: `${where}: ${why}`, retryAfterMs });
    if (this.#closed) return notSent('stopped');
    const taken = this.#options.usage.take(use.budget, use.cost, use.lane);
    if (!taken.taken) return notSent(taken.why, taken.waitMs);
    const answer = await this.#exchange(request, use, where);
    if (!answer.came) return answer;
    this.#heed(answer, use.budget);
    this.#options.heard?.(answer, use.budget);
    return answer;
  }

  #heed({ status, headers }: RestAnswer, budget: string): void {
    const longMs = QUIET_MS[status];
    if (longMs === undefined) return;
    const { usage, quietBy, quietMs: shortMs = longMs } = this.#options;
    const ms = silenceMsOf(headers['retry-after'], status === 429 ? shortMs : longMs);
    if (status === 429 && quietBy === 'budget') usage.quiet(budget, ms);
    else usage.quietAll(ms);
  }

  #exchange({ method, target, headers, body }: RestRequest, use: Use, where: string): Promise<RestAnswer | NoAnswer> {
    const { baseUrl, clock, timers } = this.#options;
    return new Promise((resolve) => {
      let sent: Sent | null = null;
      const agent = this.#agents[use.lane === 'safety' ? 'safety' : 'rest'];
      const request = this.#client.request(`${baseUrl}${target}`, { method, agent, headers: { accept: 'application/json', ...headers } });
      const finish = (outcome: RestAnswer | NoAnswer) => {
        cancelDeadline();
        this.#open.delete(end);
        resolve(outcome);
      };
      const fail = (why: string) => finish({ came: false, left: sent !== null, why: `${where}: ${why}`, retryAfterMs: 0 });
      const end = (why: string) => {
        fail(why);
        request.destroy();
      };
      const cancelDeadline = timers.after(use.deadlineMs, () => end(`no answer within ${use.deadlineMs / MS_PER_S} s`));
      this.#open.add(end);
      const write = () => {
        if (request.destroyed) return;
        if (use.mayLeave !== undefined && !use.mayLeave()) return end('the gate is closed');
        sent = { sentUs: clock.monoUs(), sentUnixMs: clock.unixMs() };
        request.end(body ?? undefined);
      };
      request.on('socket', (socket: Socket) => {
        if (isReady(socket)) write();
        else socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', write);
      });
      request.on('error', (error) => fail(error.message));
      request.on('response', (response) => this.#receive(response, () => sent, { end, fail, finish }));
    });
  }

  #receive(
    response: http.IncomingMessage,
    sent: () => Sent | null,
    { end, fail, finish }: { end: (why: string) => void; fail: (why: string) => void; finish: (answer: RestAnswer) => void },
  ): void {
    const { clock } = this.#options;
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) end(`an answer of more than ${MAX_BODY_BYTES} bytes`);
      else chunks.push(chunk);
    });
    response.on('error', (error) => fail(error.message));
    response.on('end', () => {
      const { sentUs, sentUnixMs } = sent() ?? { sentUs: clock.monoUs(), sentUnixMs: clock.unixMs() };
      const roundTripMs = (clock.monoUs() - sentUs) / US_PER_MS;
      const text = Buffer.concat(chunks).toString('utf8');
      const times = { roundTripMs, midUnixMs: sentUnixMs + roundTripMs / 2 };
      finish({ came: true, status: response.statusCode ?? 0, headers: lower(response.headers), text, value: exactOf(text), ...times });
    });
  }
}

export const createPrivateRest = (options: PrivateRestOptions): PrivateRest => new Rest(options);

/** Which lane an order's request draws on: only what raises exposure leaves the reserve alone. */
export const laneOf = (purpose: 'open' | 'complete' | 'close' | 'unwind'): Lane => (purpose === 'open' ? 'entry' : 'safety');
