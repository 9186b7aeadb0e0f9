/**
 * Plays recordings on a timeline. Owns when an item is due at a given speed, rewinding, and that a slow listener slows
 * the tape instead of filling memory. Items of one source keep their order; sources share the timeline, not a queue.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export const MAX_SPEED = 1_000;
/** Above this backlog of the slowest listener the tape waits … */
export const HIGH_WATER_BYTES = 512 * 1024;
/** … but not longer than this; then the venue's own limit decides. */
const MAX_BACKLOG_WAIT_MS = 10_000;
const BACKLOG_CHECK_MS = 5;
/** Items played in a row before others get a turn. */
const TURN_ITEMS = 256;

/** Tape time: which recorded moment is now. */
export interface Timeline {
  readonly startMs: number;
  readonly speed: number;
  /** Sets "now" to `startMs`. */
  begin(): void;
  readonly begun: boolean;
  /** Recorded moment now, Unix ms; stands at the start until it began. */
  nowMs(): number;
  /** Real milliseconds until a recorded moment; negative when past. */
  untilMs(atMs: number): number;
}

export const createTimeline = (startMs: number, speed: number, monoMs: () => number = () => performance.now()): Timeline => {
  if (!(speed > 0 && speed <= MAX_SPEED)) throw new RangeError(`speed must be above 0 and at most ${MAX_SPEED}, got ${speed}`);
  let originMonoMs: number | null = null;
  const nowMs = () => (originMonoMs === null ? startMs : startMs + (monoMs() - originMonoMs) * speed);
  return {
    startMs,
    speed,
    begin: () => {
      originMonoMs = monoMs();
    },
    get begun() {
      return originMonoMs !== null;
    },
    nowMs,
    untilMs: (atMs) => (atMs - nowMs()) / speed,
  };
};

export interface PlaybackSource<T> {
  /** A fresh reading from the start. */
  readonly batches: () => AsyncIterable<readonly T[]>;
  readonly atMsOf: (item: T) => number;
  readonly play: (item: T) => void;
  readonly backlogBytes: () => number;
}

/** Plays one source once; resolves with the number of items played. Ends early, without error, on abort. */
export const playOnce = async <T>(source: PlaybackSource<T>, timeline: Timeline, signal: AbortSignal): Promise<number> => {
  let played = 0;
  for await (const batch of source.batches()) {
    for (const item of batch) {
      if (signal.aborted) return played;
      const waitMs = timeline.untilMs(source.atMsOf(item));
      if (waitMs >= 1) await pause(waitMs, signal);
      if (signal.aborted) return played;
      source.play(item);
      played += 1;
      if (played % TURN_ITEMS === 0) await drained(source, signal);
    }
  }
  return played;
};

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};

const drained = async <T>(source: PlaybackSource<T>, signal: AbortSignal): Promise<void> => {
  const giveUp = performance.now() + MAX_BACKLOG_WAIT_MS;
  do await pause(source.backlogBytes() > HIGH_WATER_BYTES ? BACKLOG_CHECK_MS : 0, signal);
  while (source.backlogBytes() > HIGH_WATER_BYTES && performance.now() < giveUp && !signal.aborted);
};
