/**
 * REST reads of one venue host: bounded in time, size and rate; a `Retry-After` of 429, 418 or 403 silences us for as
 * long as it says. Every failure is a value with a sentence; nothing throws.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { MS_PER_S, US_PER_MS } from '../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../runtime/ports.ts';
import { Budget } from './budget.ts';
import { parseExact } from './exactJson.ts';
import { retryAfterMsOf } from './retryAfter.ts';
import type { Timers } from './timers.ts';

/** Binance futures' exchangeInfo is about 2 MB and grows. */
export const MAX_BODY_BYTES = 16 * 1_048_576;
export const REQUEST_TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 2;
/** Our own bound, far below what either exchange allows to public readers. */
export const REQUESTS_PER_WINDOW = { max: 10, windowMs: 2_000 } as const;
/** Without a `Retry-After`: an exchange that bans starts with two minutes. */
const QUIET_MS: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000, 403: 60_000 };
const MAX_ERROR_CHARS = 160;

export interface HttpAnswer {
  readonly ok: true;
  readonly value: unknown;
  readonly roundTripMs: number;
  /** Our clock half way between question and answer. */
  readonly midUnixMs: number;
}
export interface HttpFailure {
  readonly ok: false;
  readonly code: 'timeout' | 'network' | 'too-large' | 'not-json' | 'status' | 'rate-limited';
  readonly text: string;
  readonly status: number | null;
  /** Parsed body of a refusal, where it was JSON. */
  readonly body: unknown;
  /** Asking before then is useless. */
  readonly retryAfterMs: number;
}
export type HttpOutcome = HttpAnswer | HttpFailure;

const failure = (code: HttpFailure['code'], text: string, more: Partial<HttpFailure> = {}): HttpFailure => ({
  ok: false,
  code,
  text,
  status: null,
  body: null,
  retryAfterMs: 0,
  ...more,
});

interface Received {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

export class VenueHttp {
  readonly #baseUrl: string;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #client: typeof http | typeof https;
  readonly #agent: http.Agent;
  readonly #budget = new Budget(REQUESTS_PER_WINDOW);
  #quietUntilUs = Number.NEGATIVE_INFINITY;

  constructor(baseUrl: string, clock: Clock, timers: Timers) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
    this.#clock = clock;
    this.#timers = timers;
    this.#client = this.#baseUrl.startsWith('https:') ? https : http;
    this.#agent = new this.#client.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Reads `path` (with its query) as JSON; whole numbers beyond 2^53 come as bigint. */
  async get(path: string, signal: AbortSignal): Promise<HttpOutcome> {
    const quietMs = (this.#quietUntilUs - this.#clock.monoUs()) / US_PER_MS;
    if (quietMs > 0)
      return failure('rate-limited', `the venue asked for silence for another ${Math.ceil(quietMs / MS_PER_S)} s`, {
        retryAfterMs: quietMs,
      });
    const waitMs = this.#budget.take(this.#clock.monoUs());
    if (waitMs > 0) return failure('rate-limited', 'our own limit of requests is reached', { retryAfterMs: waitMs });
    const sentUs = this.#clock.monoUs();
    const sentUnixMs = this.#clock.unixMs();
    const received = await this.#fetch(path, signal);
    if ('ok' in received) return received;
    const roundTripMs = (this.#clock.monoUs() - sentUs) / US_PER_MS;
    return this.#judge(path, received, { roundTripMs, midUnixMs: sentUnixMs + roundTripMs / 2 });
  }

  #judge(path: string, { status, retryAfter, body }: Received, times: Pick<HttpAnswer, 'roundTripMs' | 'midUnixMs'>): HttpOutcome {
    let value: unknown = null;
    let isJson = true;
    try {
      value = parseExact(body.toString('utf8'));
    } catch {
      isJson = false;
    }
    const where = path.split('?')[0] ?? path;
    if (status === 200) return isJson ? { ok: true, value, ...times } : failure('not-json', `${where}: the answer is not JSON`, { status });
    const words = `${where}: HTTP ${status} ${body.toString('utf8', 0, MAX_ERROR_CHARS).replace(/\s+/g, ' ')}`.trim();
    const quietMs = QUIET_MS[status];
    if (quietMs === undefined) return failure('status', words, { status, body: value, retryAfterMs: retryAfterMsOf(retryAfter) });
    const retryAfterMs = retryAfterMsOf(retryAfter) || quietMs;
    this.#quietUntilUs = this.#clock.monoUs() + retryAfterMs * US_PER_MS;
    return failure('rate-limited', words, { status, body: value, retryAfterMs });
  }

  #fetch(path: string, signal: AbortSignal): Promise<Received | HttpFailure> {
    const where = path.split('?')[0] ?? path;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(failure('network', `${where}: stopped`));
      const request = this.#client.get(`${this.#baseUrl}${path}`, { agent: this.#agent, headers: { accept: 'application/json' } });
      const finish = (outcome: Received | HttpFailure) => {
        cancelTimeout();
        signal.removeEventListener('abort', abort);
        resolve(outcome);
      };
      const give = (outcome: HttpFailure) => {
        finish(outcome);
        request.destroy();
      };
      const abort = () => give(failure('network', `${where}: stopped`));
      signal.addEventListener('abort', abort);
      const cancelTimeout = this.#timers.after(REQUEST_TIMEOUT_MS, () =>
        give(failure('timeout', `${where}: no answer within ${REQUEST_TIMEOUT_MS / MS_PER_S} s`)),
      );
      request.on('error', (error) => finish(failure('network', `${where}: ${error.message}`)));
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) give(failure('too-large', `${where}: more than ${MAX_BODY_BYTES} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', (error) => finish(failure('network', `${where}: ${error.message}`)));
        response.on('end', () =>
          finish({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body: Buffer.concat(chunks) }),
        );
      });
    });
  }
}
