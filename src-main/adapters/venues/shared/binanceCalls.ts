/**
 * Questions to Binance's REST of one account: signed where that is needed, stamped with the venue's own clock, answered with a value or
 * with the venue's words. A refused stamp has the clock measured anew. Repeats nothing.
 */
import type { z } from 'zod';
import { z as schema } from 'zod';
import type { TimeSample } from './clockOffset.ts';
import type { BinanceAuth, Params } from './binanceAuth.ts';
import { queryOf } from './binanceAuth.ts';
import { restRefusal } from './binanceOrderWire.ts';
import { serverTime } from './binanceWire.ts';
import type { BinanceBudget } from './binanceLimits.ts';
import { wordsOf } from './orders/outcomes.ts';
import type { VenueReply } from './orders/outcomes.ts';
import type { Lane, PrivateRest, RestRequest } from './orders/parts.ts';
import type { VenueClock } from './orders/venueClock.ts';

/** Of questions; orders carry their own validity. */
export const QUESTION_WINDOW_MS = 5_000;
export const QUESTION_DEADLINE_MS = 5_000;
export const CLOCK_REFUSED = '-1021';

export interface Failed {
  readonly ok: false;
  /** What the venue said; null = it said nothing. */
  readonly reply: VenueReply | null;
  /** Bytes may have reached it. */
  readonly left: boolean;
  readonly why: string;
}
export type Asked<T> = { readonly ok: true; readonly value: T } | Failed;

export interface CallCost {
  readonly cost: number;
  /** Absent = that of the account's questions at this moment. */
  readonly lane?: Lane;
  readonly budget?: BinanceBudget;
  readonly deadlineMs?: number;
  readonly recvWindowMs?: number;
  readonly mayLeave?: () => boolean;
}

const failed = (why: string, more: Partial<Failed> = {}): Failed => ({ ok: false, reply: null, left: false, why, ...more });

/** What REST said instead of an answer. */
export const refusalOf = (status: number, value: unknown, text: string): VenueReply => {
  const read = restRefusal.safeParse(value);
  return read.success ? { code: `${read.data.code}`, status, text: read.data.msg } : { code: null, status, text };
};

export class BinanceCalls {
  readonly #rest: PrivateRest;
  readonly #auth: BinanceAuth;
  readonly #clock: () => VenueClock;
  readonly #questions: () => Lane;

  /** The clock is asked for late: it is measured with these very calls. `questions`: the lane of what names none. */
  constructor(rest: PrivateRest, auth: BinanceAuth, clock: () => VenueClock, questions: () => Lane = () => 'question') {
    this.#rest = rest;
    this.#auth = auth;
    this.#clock = clock;
    this.#questions = questions;
  }

  /** With key, stamp and signature. */
  signed<S extends z.ZodType>(
    method: RestRequest['method'],
    path: string,
    params: Params,
    answer: S,
    use: CallCost,
  ): Promise<Asked<z.output<S>>> {
    const venueUnixMs = this.#clock().unixMs();
    if (venueUnixMs === null) return Promise.resolve(failed(this.#clock().why));
    const window = { recvWindow: use.recvWindowMs ?? QUESTION_WINDOW_MS };
    const query = this.#auth.restQuery({ ...params, ...window }, venueUnixMs);
    return this.#send({ method, target: `${path}?${query}`, headers: this.#auth.headers, body: null }, answer, use);
  }

  /** With the key alone: listen keys. */
  keyed<S extends z.ZodType>(
    method: RestRequest['method'],
    path: string,
    params: Params,
    answer: S,
    use: CallCost,
  ): Promise<Asked<z.output<S>>> {
    return this.#send({ method, target: targetOf(path, params), headers: this.#auth.headers, body: null }, answer, use);
  }

  /** Public: no key goes along. */
  open<S extends z.ZodType>(path: string, params: Params, answer: S, use: CallCost): Promise<Asked<z.output<S>>> {
    return this.#send({ method: 'GET', target: targetOf(path, params), headers: {}, body: null }, answer, use);
  }

  /** The venue's time, measured: without a clock nothing can be canceled, and its answer says what the venue counts of us. */
  async time(path: string): Promise<TimeSample | string> {
    const answer = await this.#rest.send(
      { method: 'GET', target: path, headers: {}, body: null },
      { budget: 'weight' satisfies BinanceBudget, cost: 1, lane: 'figures', deadlineMs: QUESTION_DEADLINE_MS },
    );
    if (!answer.came) return answer.why;
    const read = serverTime.safeParse(answer.value);
    if (answer.status !== 200 || !read.success) return `${path}: ${wordsOf(refusalOf(answer.status, answer.value, answer.text))}`;
    return { serverMs: read.data.serverTime, midUnixMs: answer.midUnixMs, roundTripMs: answer.roundTripMs };
  }

  async #send<S extends z.ZodType>(request: RestRequest, shape: S, use: CallCost): Promise<Asked<z.output<S>>> {
    const where = `${request.method} ${request.target.split('?')[0] ?? ''}`;
    const answer = await this.#rest.send(request, {
      budget: use.budget ?? 'weight',
      cost: use.cost,
      lane: use.lane ?? this.#questions(),
      deadlineMs: use.deadlineMs ?? QUESTION_DEADLINE_MS,
      ...(use.mayLeave === undefined ? {} : { mayLeave: use.mayLeave }),
    });
    if (!answer.came) return failed(answer.why, { left: answer.left });
    if (answer.status !== 200) {
      const reply = refusalOf(answer.status, answer.value, answer.text);
      if (reply.code === CLOCK_REFUSED) this.#clock().distrust(wordsOf(reply));
      return failed(`${where}: ${wordsOf(reply)}`, { reply, left: true });
    }
    const read = shape.safeParse(answer.value);
    if (read.success) return { ok: true, value: read.data };
    return failed(`${where}: the answer cannot be read: ${schema.prettifyError(read.error)}`, { left: true });
  }
}

const targetOf = (path: string, params: Params): string => {
  const query = queryOf(params);
  return query === '' ? path : `${path}?${query}`;
};
