/**
 * What consoles are sent: one snapshot, then coalesced per-field deltas with consecutive numbers, at most 10 a second,
 * built once for all consoles and not at all while nobody listens. A console that does not read loses its deltas and
 * gets a new snapshot; what is kept for it never exceeds MAX_UNREAD_DELTAS small frames.
 */
import { MAX_DELTAS_PER_SECOND, MAX_UNREAD_DELTAS, type ConsoleFrame } from '../../src-shared/contract/frames.ts';
import type { Stamp } from '../../src-shared/domain/units.ts';
import type { ConsoleTables, PairDetail } from '../../src-shared/domain/view.ts';
import type { EngineState } from '../core/engine.ts';
import { buildPairDetail, buildTables, type RuntimeFigures } from '../core/view.ts';
import { diffTables } from './tableDiff.ts';

/** Half the contract's largest rate: tables are read at 10 Hz, and a stop is answered on its own way, not by a delta. */
export const PUBLISH_EVERY_MS = 2 * (1_000 / MAX_DELTAS_PER_SECOND);
export const PAIR_DETAIL_EVERY_MS = 200;
/** Streams open at once, of either kind. */
export const MAX_SUBSCRIBERS = 64;

export class UnknownPair extends Error {
  constructor(pairId: string) {
    super(`there is no pair ${JSON.stringify(pairId.slice(0, 64))} in the configuration`);
    this.name = 'UnknownPair';
  }
}

export class TooManySubscribers extends Error {
  constructor() {
    super(`${MAX_SUBSCRIBERS} console streams are open already; close one first`);
    this.name = 'TooManySubscribers';
  }
}

export interface PublisherOptions {
  readonly state: EngineState;
  readonly runner: { figures(): RuntimeFigures; now(): Stamp };
}

export interface Publisher {
  /** @throws TooManySubscribers */
  subscribe(signal?: AbortSignal): AsyncIterableIterator<ConsoleFrame>;
  /** The newest detail at most five times a second. @throws UnknownPair, TooManySubscribers */
  watchPair(pairId: string, signal?: AbortSignal): AsyncIterableIterator<PairDetail>;
  /** The tables as of now, for the JSON dashboard. */
  snapshot(): ConsoleTables;
  readonly subscribers: number;
  /** Ends every stream. */
  stop(): void;
}

/** A stream that is woken when there may be something to take. */
interface Mailbox<T> extends AsyncIterableIterator<T> {
  wake(): void;
}

const ENDED = { done: true, value: undefined } as const;

/** `take` gives what is due, or null to wait. One reader at a time: oRPC and `for await` both ask one by one. */
const createMailbox = <T>(take: () => T | null, onEnd: () => void, signal: AbortSignal | undefined): Mailbox<T> => {
  let ended = false;
  let waiting: ((result: IteratorResult<T, undefined>) => void) | null = null;
  const end = (): void => {
    if (ended) return;
    ended = true;
    signal?.removeEventListener('abort', end);
    onEnd();
    waiting?.(ENDED);
    waiting = null;
  };
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => {
      if (ended) return Promise.resolve(ENDED);
      const value = take();
      if (value !== null) return Promise.resolve({ done: false, value });
      waiting?.(ENDED);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    return: () => {
      end();
      return Promise.resolve(ENDED);
    },
    wake() {
      if (waiting === null) return;
      const value = take();
      if (value === null) return;
      const resolve = waiting;
      waiting = null;
      resolve({ done: false, value });
    },
  };
};

interface Subscriber {
  /** null = owed a snapshot. */
  unread: ConsoleFrame[] | null;
  wake(): void;
  end(): void;
}

export const createPublisher = ({ state, runner }: PublisherOptions): Publisher => {
  const consoles = new Set<Subscriber>();
  const watchers = new Set<{ end(): void }>();
  let published: ConsoleTables | null = null;
  let seq = 0;
  let timer: NodeJS.Timeout | null = null;

  const snapshot = (): ConsoleTables => buildTables(state, runner.figures(), runner.now());

  /** After a broken invariant the picture may not be drawable; consoles then see their data age, the process lives on. */
  const drawn = (): ConsoleTables | null => {
    try {
      return snapshot();
    } catch {
      return null;
    }
  };
  const publish = (): void => {
    const tables = drawn();
    if (tables === null) return;
    const patches = published === null ? [] : diffTables(published, tables);
    published = tables;
    if (patches.length === 0) return;
    seq += 1;
    const frame: ConsoleFrame = { kind: 'delta', seq, patches };
    for (const console of consoles) {
      if (console.unread === null) continue;
      if (console.unread.length >= MAX_UNREAD_DELTAS) console.unread = null;
      else console.unread.push(frame);
    }
    for (const console of consoles) console.wake();
  };
  const stopTimer = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    published = null;
  };
  const startTimer = (): void => {
    timer ??= setInterval(publish, PUBLISH_EVERY_MS);
    published ??= snapshot();
  };
  const takeFrame = (console: Subscriber): ConsoleFrame | null => {
    if (console.unread !== null) return console.unread.shift() ?? null;
    console.unread = [];
    published ??= snapshot();
    return { kind: 'snapshot', seq, tables: published };
  };
  const refuseTooMany = (): void => {
    if (consoles.size + watchers.size >= MAX_SUBSCRIBERS) throw new TooManySubscribers();
  };

  return {
    subscribe(signal) {
      refuseTooMany();
      const subscriber: Subscriber = { unread: null, wake: () => mailbox.wake(), end: () => void mailbox.return?.() };
      const leave = (): void => {
        consoles.delete(subscriber);
        if (consoles.size === 0) stopTimer();
      };
      consoles.add(subscriber);
      startTimer();
      const mailbox: Mailbox<ConsoleFrame> = createMailbox(() => takeFrame(subscriber), leave, signal);
      return mailbox;
    },
    watchPair(pairId, signal) {
      refuseTooMany();
      if (buildPairDetail(state, pairId, runner.now()) === null) throw new UnknownPair(pairId);
      let due = true;
      const take = (): PairDetail | null => {
        if (!due) return null;
        due = false;
        return buildPairDetail(state, pairId, runner.now());
      };
      const watcher = { end: (): void => void mailbox.return?.() };
      const clock = setInterval(() => {
        due = true;
        mailbox.wake();
      }, PAIR_DETAIL_EVERY_MS);
      const leave = (): void => {
        clearInterval(clock);
        watchers.delete(watcher);
      };
      watchers.add(watcher);
      const mailbox: Mailbox<PairDetail> = createMailbox(take, leave, signal);
      return mailbox;
    },
    snapshot,
    get subscribers() {
      return consoles.size + watchers.size;
    },
    stop() {
      for (const open of [...consoles, ...watchers]) open.end();
    },
  };
};
