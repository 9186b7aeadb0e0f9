/**
 * Questions to OKX's REST side: signed with the venue's time, counted by endpoint, paged to the end. An answer is entries or a sentence,
 * never a part of them; a key that the venue refuses is told apart, for then nothing else can be read. Repeats nothing.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { z } from 'zod';
import { wordsOf } from '../shared/orders/outcomes.ts';
import type { Lane, NoAnswer, PrivateRest, RestAnswer } from '../shared/orders/parts.ts';
import { pause } from '../shared/timers.ts';
import type { Timers } from '../shared/timers.ts';
import type { VenueClock } from '../shared/orders/venueClock.ts';
import { isKeyRefusal } from './outcomes.ts';
import { shortly } from './orderDecode.ts';
import { WINDOW_MS } from './orderBudgets.ts';
import { MAX_PAGE } from './orderWire.ts';
import { publicRequest, signedRequest } from './sign.ts';
import type { OkxKey } from './sign.ts';
import { restReply } from './wire.ts';

export const QUESTION_MS = 5_000;
const SERVER_FAULT = 500;
/** Our own counting may hold a question back for a window and a slice of it. */
const MAX_WAIT_MS = 1.5 * WINDOW_MS;
/** 10,000 rows: whoever has more to say since the moment asked for is asked for less. */
export const MAX_PAGES = 100;

export interface Refused {
  readonly ok: false;
  /** The venue's own code; null = there was no answer, or none that can be read. */
  readonly code: string | null;
  readonly why: string;
}
export interface Answered {
  readonly ok: true;
  readonly entries: readonly unknown[];
}
export type Asked = Answered | Refused;

export interface OkxRestParts {
  readonly rest: PrivateRest;
  readonly clock: VenueClock;
  readonly timers: Timers;
  readonly key: OkxKey;
  readonly headers: Readonly<Record<string, string>>;
  /** Every answer that is not code 0: limits and clock refusals act on more than the one who asked. */
  readonly refused: (code: string, budget: string) => void;
}

const pathOf = (target: string): string => target.split('?')[0] ?? target;

export class OkxRest {
  readonly #parts: OkxRestParts;
  readonly #stopped = new AbortController();

  constructor(parts: OkxRestParts) {
    this.#parts = parts;
  }

  /** Ends every wait and every request under way. */
  close(): void {
    this.#stopped.abort();
    this.#parts.rest.close();
  }

  /** `signed` false: a public endpoint, which takes no key. Waits once, and briefly, where only our own counting forbids the question. */
  async ask(target: string, budget: string, signed = true): Promise<Asked> {
    const { clock, timers } = this.#parts;
    let answer = await this.#send(target, budget, signed);
    if (answer !== null && !answer.came && !answer.left && answer.retryAfterMs > 0 && answer.retryAfterMs <= MAX_WAIT_MS) {
      await pause(timers, answer.retryAfterMs, this.#stopped.signal);
      answer = await this.#send(target, budget, signed);
    }
    if (answer === null) return { ok: false, code: null, why: `${pathOf(target)}: ${clock.why}` };
    return answer.came ? this.#read(answer, target, budget) : { ok: false, code: null, why: answer.why };
  }

  /** null = nothing was sent, for the venue's time is not known. */
  #send(target: string, budget: string, signed: boolean): Promise<RestAnswer | NoAnswer> | null {
    const { rest, clock, key, headers } = this.#parts;
    const nowMs = clock.unixMs();
    if (signed && nowMs === null) return null;
    const request =
      nowMs === null || !signed
        ? publicRequest(target, headers)
        : signedRequest(key, { method: 'GET', target, body: null }, nowMs, headers);
    return rest.send(request, { budget, cost: 1, lane: 'question', deadlineMs: QUESTION_MS });
  }

  /** A signed POST; what it means is its asker's to judge. `expiresInMs`: the venue must not take it later than this. */
  async act(
    target: string,
    body: string,
    use: { readonly budget: string; readonly lane: Lane; readonly deadlineMs: number; readonly mayLeave?: () => boolean },
    expiresInMs: number | null = null,
  ): Promise<RestAnswer | NoAnswer> {
    const { rest, clock, key, headers } = this.#parts;
    const nowMs = clock.unixMs();
    if (nowMs === null) return { came: false, left: false, why: clock.why, retryAfterMs: 0 };
    const more = expiresInMs === null ? headers : { ...headers, expTime: `${Math.floor(nowMs + expiresInMs)}` };
    const answer = await rest.send(signedRequest(key, { method: 'POST', target, body }, nowMs, more), { ...use, cost: 1 });
    if (answer.came) {
      const reply = restReply.safeParse(answer.value);
      if (reply.success && reply.data.code !== '0') this.#parts.refused(reply.data.code, use.budget);
    }
    return answer;
  }

  #read({ status, value, text }: RestAnswer, target: string, budget: string): Asked {
    const reply = restReply.safeParse(value);
    const where = pathOf(target);
    if (!reply.success) return { ok: false, code: null, why: `${where}: ${wordsOf({ code: null, status, text })}` };
    const { code, msg, data } = reply.data;
    if (code !== '0') this.#parts.refused(code, budget);
    const why = `${where}: ${wordsOf({ code, status, text: msg })}`;
    // A body behind a 5xx proves nothing, least of all that something is not there.
    if (status >= SERVER_FAULT) return { ok: false, code: null, why };
    if (code !== '0' || status !== 200) return { ok: false, code, why };
    // A list that is missing is not an empty one.
    return data === undefined ? { ok: false, code: null, why: `${where}: an answer without data` } : { ok: true, entries: data };
  }

  /** All pages, newest first as OKX gives them: `after` asks for what is older than an id. */
  async pages(target: string, budget: string, idOf: 'ordId' | 'billId'): Promise<Asked> {
    const entries: unknown[] = [];
    let after: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const asked: Asked = await this.ask(`${target}${after === null ? '' : `&after=${after}`}`, budget);
      if (!asked.ok) return asked;
      entries.push(...asked.entries);
      if (asked.entries.length < MAX_PAGE) return { ok: true, entries };
      const last = asked.entries.at(-1) as Readonly<Record<string, unknown>> | undefined;
      const id: unknown = last?.[idOf];
      if (typeof id !== 'string' || id === '' || id === after)
        return { ok: false, code: null, why: `${pathOf(target)}: a page without ids` };
      after = id;
    }
    return { ok: false, code: null, why: `${pathOf(target)}: more than ${MAX_PAGES * MAX_PAGE} rows` };
  }
}

/** Every entry as `schema` says, or a sentence; `concerns`: which of them are read at all. */
export const readEntries = <T>(
  schema: z.ZodType<T>,
  asked: Answered,
  what: string,
  concerns: (entry: unknown) => boolean = () => true,
): readonly T[] | string => {
  const read: T[] = [];
  for (const entry of asked.entries) {
    if (!concerns(entry)) continue;
    const one = schema.safeParse(entry);
    if (!one.success) return `${what} cannot be read: ${shortly(one.error)}`;
    read.push(one.data);
  }
  return read;
};

export const isUnusableKey = (asked: Asked): asked is Refused & { readonly code: string } =>
  !asked.ok && asked.code !== null && isKeyRefusal(asked.code);

export const sumOf = (amounts: readonly string[]): Decimal =>
  amounts.reduce((sum, amount) => sum.plus(amount === '' ? 0 : amount), new Decimal(0));
