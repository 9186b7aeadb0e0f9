import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MAX_UNREAD_DELTAS, type ConsoleFrame } from '../../src-shared/contract/frames.ts';
import type { ConsoleTables } from '../../src-shared/domain/view.ts';
import { handClock, smallSettings } from '../adapters/ledger/ledger.testkit.ts';
import { createEngine, step } from '../core/engine.ts';
import type { RuntimeFigures } from '../core/view.ts';
import { MAX_NOTES } from '../core/state.ts';
import { createPublisher, MAX_SUBSCRIBERS, PAIR_DETAIL_EVERY_MS, PUBLISH_EVERY_MS, TooManySubscribers, UnknownPair } from './publisher.ts';
import { NOTHING_RECOVERED } from '../core/book.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const FIGURES: RuntimeFigures = {
  version: '1.0.0',
  ledgerPath: '/x',
  ledgerFault: null,
  journalSeq: 0,
  quotesPerSecond: 0,
  conflatedQuotes: 0,
  stepP99Us: null,
  commitP99Us: null,
};

const station = () => {
  const clock = handClock();
  const state = createEngine(smallSettings());
  let seq = 1;
  step(state, {
    type: 'started',
    seq,
    monoUs: clock.monoUs(),
    unixMs: clock.unixMs(),
    runId: 'run1',
    pause: null,
    kill: null,
    samples: [],
    sampleIntervalMs: 1_000,
    openIntents: [],
    trading: NOTHING_RECOVERED,
  });
  const built = { count: 0 };
  const runner = {
    now: () => ({ monoUs: clock.monoUs(), unixMs: clock.unixMs() }),
    figures: () => {
      built.count += 1;
      return { ...FIGURES, journalSeq: seq };
    },
  };
  const publisher = createPublisher({ state, runner });
  /** Something changes, and the publisher's turn comes. */
  const tick = (times = 1) => {
    for (let i = 0; i < times; i += 1) {
      clock.advanceMs(PUBLISH_EVERY_MS);
      seq += 1;
      step(state, { type: 'limit-crossed', seq, monoUs: clock.monoUs(), unixMs: clock.unixMs(), limit: 'x', detail: String(seq) });
      vi.advanceTimersByTime(PUBLISH_EVERY_MS);
    }
  };
  return { publisher, tick, built, clock };
};

/** A console as the contract describes it: refuses a gap. */
const replica = () => {
  let tables: Record<string, Record<string, Record<string, unknown>>> | null = null;
  let seq = -1;
  return {
    apply(frame: ConsoleFrame) {
      if (frame.kind === 'snapshot') tables = structuredClone(frame.tables) as unknown as typeof tables;
      else {
        expect(frame.seq).toBe(seq + 1);
        for (const [topic, key, fields] of frame.patches) {
          const table = (tables ?? {})[topic] ?? {};
          if (fields === null) delete table[key];
          else table[key] = { ...table[key], ...fields };
        }
      }
      seq = frame.seq;
    },
    get tables() {
      return tables as unknown as ConsoleTables;
    },
  };
};

const next = async (stream: AsyncIterator<ConsoleFrame>): Promise<ConsoleFrame> => {
  const { value } = await stream.next();
  return value as ConsoleFrame;
};

test('snapshot, then deltas without a gap that lead to what a new snapshot shows', async () => {
  const { publisher, tick } = station();
  const stream = publisher.subscribe();
  const console = replica();
  console.apply(await next(stream));
  for (let i = 0; i < 250; i += 1) {
    tick();
    console.apply(await next(stream));
  }
  expect(console.tables).toEqual(publisher.snapshot());
  // More notes came than the engine keeps: rows were removed as well.
  expect(Object.keys(console.tables.events)).toHaveLength(MAX_NOTES);
  publisher.stop();
});

test('a delta names changed fields only', async () => {
  const { publisher, tick } = station();
  const stream = publisher.subscribe();
  await next(stream);
  tick();
  const frame = await next(stream);
  const engine = frame.kind === 'delta' ? frame.patches.find(([topic]) => topic === 'engine') : undefined;
  expect(Object.keys(engine?.[2] ?? {}).sort()).toEqual(['journalSeq', 'nowUnixMs']);
  publisher.stop();
});

test('two consoles joined at different times see the same', async () => {
  const { publisher, tick } = station();
  const [first, one] = [publisher.subscribe(), replica()];
  one.apply(await next(first));
  tick(3);
  const [second, two] = [publisher.subscribe(), replica()];
  two.apply(await next(second));
  tick(2);
  for (let i = 0; i < 5; i += 1) one.apply(await next(first));
  for (let i = 0; i < 2; i += 1) two.apply(await next(second));
  expect(two.tables).toEqual(one.tables);
  publisher.stop();
});

test('a slow console keeps up to the limit; beyond it, it loses deltas and gets one fresh snapshot', async () => {
  const { publisher, tick } = station();
  const [stream, console] = [publisher.subscribe(), replica()];
  console.apply(await next(stream));
  tick(MAX_UNREAD_DELTAS);
  for (let i = 0; i < MAX_UNREAD_DELTAS; i += 1) console.apply(await next(stream));
  tick(MAX_UNREAD_DELTAS + 1);
  const frame = await next(stream);
  expect(frame.kind).toBe('snapshot');
  console.apply(frame);
  tick();
  console.apply(await next(stream));
  expect(console.tables).toEqual(publisher.snapshot());
  publisher.stop();
});

test('nothing is built while nobody listens, and not after the last console left', async () => {
  const { publisher, tick, built } = station();
  tick(10);
  expect(built.count).toBe(0);
  const stream = publisher.subscribe();
  await next(stream);
  tick(2);
  expect(built.count).toBe(3);
  await stream.return?.();
  tick(10);
  expect(built.count).toBe(3);
  expect(publisher.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('an aborted signal ends the stream, also while it waits, also before it began', async () => {
  const { publisher } = station();
  const leaving = new AbortController();
  const stream = publisher.subscribe(leaving.signal);
  await next(stream);
  const waiting = stream.next();
  leaving.abort();
  expect(await waiting).toMatchObject({ done: true });
  expect(await publisher.subscribe(leaving.signal).next()).toMatchObject({ done: true });
  expect(await publisher.watchPair('one-two', leaving.signal).next()).toMatchObject({ done: true });
  expect(publisher.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('streams are bounded in number; a closed one makes room', async () => {
  const { publisher } = station();
  const streams = Array.from({ length: MAX_SUBSCRIBERS }, (_, i) => (i % 2 === 0 ? publisher.subscribe() : publisher.watchPair('one-two')));
  expect(() => publisher.subscribe()).toThrow(TooManySubscribers);
  expect(() => publisher.watchPair('one-two')).toThrow(TooManySubscribers);
  await streams[0]?.return?.();
  publisher.subscribe();
  publisher.stop();
  expect(publisher.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a pair is streamed at once, then at most five times a second, always the newest', async () => {
  const { publisher, clock } = station();
  const stream = publisher.watchPair('one-two');
  expect((await stream.next()).value).toMatchObject({ pairId: 'one-two', atUnixMs: clock.unixMs() });
  const second = stream.next();
  clock.advanceMs(PAIR_DETAIL_EVERY_MS);
  vi.advanceTimersByTime(PAIR_DETAIL_EVERY_MS);
  expect((await second).value).toMatchObject({ atUnixMs: clock.unixMs() });
  vi.advanceTimersByTime(10 * PAIR_DETAIL_EVERY_MS);
  expect((await stream.next()).value).toMatchObject({ atUnixMs: clock.unixMs() });
  let early = true;
  const third = stream.next().finally(() => {
    early = false;
  });
  vi.advanceTimersByTime(PAIR_DETAIL_EVERY_MS - 1);
  await Promise.resolve();
  expect(early).toBe(true);
  vi.advanceTimersByTime(1);
  await third;
  expect(() => publisher.watchPair('nobody')).toThrow(UnknownPair);
  publisher.stop();
});
