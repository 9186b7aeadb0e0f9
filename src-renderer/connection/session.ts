/**
 * Keeps one link to the engine: open, check the contract, watch, and on any loss wait and begin again. Owns the loop;
 * must not touch tables (the feed does) and never queues a command. A gap in the stream means a new watch at once.
 */
import { CONTRACT_VERSION } from '../../src-shared/contract/contract.ts';
import type { ConsoleFrame } from '../../src-shared/contract/frames.ts';
import { backoffMs } from './backoff.ts';
import { LOST_AFTER_MS } from './linkMachine.ts';
import type { ConsoleClient, ConsoleLink, Transport } from './transport.ts';

export type About = Awaited<ReturnType<ConsoleClient['about']>>;

/** Gaps in a row that are answered by an immediate new watch; more of them end the link. */
export const MAX_GAPS_IN_A_ROW = 3;
const ABOUT_WITHIN_MS = 5_000;

export interface SessionSink {
  readonly opening: () => void;
  readonly opened: (link: ConsoleLink, about: About) => void;
  /** @returns `gap` when the frame does not follow its predecessor. */
  readonly frame: (frame: ConsoleFrame) => 'applied' | 'gap';
  readonly ended: (why: string, waitMs: number) => void;
}

export interface SessionWorld {
  readonly transport: Transport;
  readonly random: () => number;
  /** Resolves after `ms`, or at once when `signal` fires. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const textOf = (error: unknown): string => (error instanceof Error && error.message !== '' ? error.message : String(error));

/** Resolves with `why` after `ms` of not being fed. */
const watchdog = (ms: number, why: string) => {
  let bite: (why: string) => void = () => undefined;
  const bitten = new Promise<string>((resolve) => {
    bite = resolve;
  });
  let timer = setTimeout(() => bite(why), ms);
  return {
    bitten,
    feed: (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => bite(why), ms);
    },
    stop: (): void => clearTimeout(timer),
  };
};

const within = async <T>(ms: number, what: string, promise: Promise<T>): Promise<T> => {
  const dog = watchdog(ms, `${what} took longer than ${ms / 1_000} s`);
  try {
    return await Promise.race([
      promise,
      dog.bitten.then((why) => {
        throw new Error(why);
      }),
    ]);
  } finally {
    dog.stop();
  }
};

interface WatchEnd {
  /** The stream skipped a number: watch anew on the same link. */
  readonly gap: boolean;
  readonly why: string;
}

const linkEnd = (why: string): WatchEnd => ({ gap: false, why });

/** One watch, to its end. */
const watchOnce = async (link: ConsoleLink, sink: SessionSink, stop: Promise<string>, onGood: () => void): Promise<WatchEnd> => {
  const dog = watchdog(LOST_AFTER_MS, `nothing heard for ${LOST_AFTER_MS / 1_000} s`);
  const abort = new AbortController();
  const over = Promise.race([dog.bitten, link.ended, stop]);
  try {
    const opened = await Promise.race([link.client.watch(undefined, { signal: abort.signal }), over]);
    if (typeof opened === 'string') return linkEnd(opened);
    const frames = opened[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([frames.next(), over]);
      if (typeof next === 'string') return linkEnd(next);
      if (next.done === true) return linkEnd('the engine ended the stream');
      dog.feed();
      if (sink.frame(next.value) === 'gap') return { gap: true, why: 'the stream skipped a frame' };
      onGood();
    }
  } catch (error) {
    return linkEnd(textOf(error));
  } finally {
    dog.stop();
    abort.abort();
  }
};

/** A snapshot alone proves nothing; a stream that goes on does, and starts the count of gaps anew. */
const watchThroughGaps = async (link: ConsoleLink, sink: SessionSink, stop: Promise<string>): Promise<string> => {
  let gaps = 0;
  while (gaps <= MAX_GAPS_IN_A_ROW) {
    let frames = 0;
    const end = await watchOnce(link, sink, stop, () => {
      frames += 1;
    });
    if (!end.gap) return end.why;
    gaps = frames > 1 ? 1 : gaps + 1;
  }
  return 'the stream keeps skipping frames';
};

const oneLink = async (world: SessionWorld, sink: SessionSink, stop: Promise<string>): Promise<string> => {
  let link: ConsoleLink | null = null;
  try {
    link = await world.transport.open();
    const about = await within(ABOUT_WITHIN_MS, 'the engine’s greeting', link.client.about());
    if (about.contractVersion !== CONTRACT_VERSION) {
      return `the engine speaks contract ${about.contractVersion}, this console ${CONTRACT_VERSION}: reload the page`;
    }
    sink.opened(link, about);
    return await watchThroughGaps(link, sink, stop);
  } catch (error) {
    return textOf(error);
  } finally {
    link?.close('console closed the link');
  }
};

/** Runs until `signal` fires. Waits back off while links fail one after another and start small after a live one. */
export const runSession = async (world: SessionWorld, sink: SessionSink, signal: AbortSignal): Promise<void> => {
  const stop = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('console stopped'), { once: true });
  });
  let attempt = 0;
  const counting: SessionSink = {
    ...sink,
    frame: (frame) => {
      attempt = 0;
      return sink.frame(frame);
    },
  };
  while (!signal.aborted) {
    sink.opening();
    const why = await oneLink(world, counting, stop);
    if (signal.aborted) return;
    attempt += 1;
    const waitMs = backoffMs(attempt, world.random());
    sink.ended(why, waitMs);
    await world.wait(waitMs, signal);
  }
};
