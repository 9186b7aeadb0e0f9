/**
 * Plays a world's tapes through its venues. Owns the timelines (tapes recorded at the same time share one), when they
 * begin (once somebody listens), and what is known of their progress.
 */
import type { RecordedFrame } from './rawFrames.ts';
import { recordedFrames } from './rawFrames.ts';
import { createTimeline, playOnce, type PlaybackSource, type Timeline } from './playback.ts';
import type { Tape } from './recognise.ts';
import { captureBatches, dayQuotes, type RecordedTick } from './terminalTicks.ts';

/** Tapes that begin within this of each other were recorded together. */
const SAME_RECORDING_MS = 3_600_000;
/** After the first listener the others have this long before the tape begins without them. */
export const AUDIENCE_WAIT_MS = 15_000;
const AUDIENCE_CHECK_MS = 20;

export interface TapeStatus {
  readonly path: string;
  readonly state: 'waiting' | 'playing' | 'ended' | 'failed';
  readonly played: number;
  readonly passes: number;
  readonly skippedLines: number;
  readonly failure: string | null;
}

export interface TapeOutlets {
  readonly frame: (tape: Tape, recorded: RecordedFrame) => void;
  readonly tick: (tape: Tape, recorded: RecordedTick) => void;
  readonly hasAudience: (tape: Tape) => boolean;
  readonly backlogBytes: (tape: Tape) => number;
  /** A recording starts over: sequence numbers go back, so sockets must go first; resolves when they are gone. */
  readonly rewound: (tape: Tape) => Promise<void>;
}

export interface TapePlayers {
  status(): readonly TapeStatus[];
  timelineOf(tape: Tape): Timeline;
  /** Resolves when every tape has ended or failed. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Reel {
  readonly tape: Tape;
  readonly status: Mutable<TapeStatus>;
}
interface Group {
  timeline: Timeline;
  readonly reels: Reel[];
}

const groupsOf = (tapes: readonly Tape[], speed: number): Group[] => {
  const groups: { startMs: number; reels: Reel[] }[] = [];
  for (const tape of tapes.toSorted((a, b) => a.firstMs - b.firstMs)) {
    const reel: Reel = { tape, status: { path: tape.path, state: 'waiting', played: 0, passes: 0, skippedLines: 0, failure: null } };
    const group = groups.find((g) => tape.firstMs - g.startMs <= SAME_RECORDING_MS);
    if (group === undefined) groups.push({ startMs: tape.firstMs, reels: [reel] });
    else group.reels.push(reel);
  }
  return groups.map((g) => ({ timeline: createTimeline(g.startMs, speed), reels: g.reels }));
};

const sourceOf = (reel: Reel, outlets: TapeOutlets): PlaybackSource<RecordedFrame | RecordedTick> => {
  const { tape, status } = reel;
  const skipped = () => {
    status.skippedLines += 1;
  };
  const shared = {
    atMsOf: (item: RecordedFrame | RecordedTick) => item.atMs,
    backlogBytes: () => outlets.backlogBytes(tape),
  };
  const count = () => {
    status.played += 1;
  };
  if (tape.kind === 'binance-frames')
    return {
      ...shared,
      batches: () => recordedFrames(tape.path, skipped),
      play: (item) => {
        count();
        outlets.frame(tape, item as RecordedFrame);
      },
    };
  return {
    ...shared,
    batches: () => (tape.kind === 'mt5-capture' ? captureBatches(tape.capture) : dayQuotes(tape.entry, tape.dayUnixMs, skipped)),
    play: (item) => {
      count();
      outlets.tick(tape, item as RecordedTick);
    },
  };
};

export const startTapePlayers = (tapes: readonly Tape[], settings: { speed: number; loop: boolean }, outlets: TapeOutlets): TapePlayers => {
  const groups = groupsOf(tapes, settings.speed);
  const abort = new AbortController();
  const { signal } = abort;

  const audience = async (group: Group): Promise<void> => {
    let firstMonoMs: number | null = null;
    while (!signal.aborted) {
      const here = group.reels.filter((r) => outlets.hasAudience(r.tape)).length;
      if (here === group.reels.length) return;
      if (here > 0) firstMonoMs ??= performance.now();
      if (firstMonoMs !== null && performance.now() - firstMonoMs > AUDIENCE_WAIT_MS) return;
      await new Promise((resolve) => setTimeout(resolve, AUDIENCE_CHECK_MS));
    }
  };
  const playReel = async (reel: Reel, timeline: Timeline): Promise<void> => {
    reel.status.state = 'playing';
    try {
      await playOnce(sourceOf(reel, outlets), timeline, signal);
      reel.status.passes += 1;
      reel.status.state = 'ended';
    } catch (error) {
      reel.status.state = 'failed';
      reel.status.failure = error instanceof Error ? error.message : String(error);
    }
  };
  const playGroup = async (group: Group): Promise<void> => {
    do {
      await audience(group);
      if (signal.aborted) return;
      group.timeline.begin();
      await Promise.all(group.reels.map((reel) => playReel(reel, group.timeline)));
      if (!settings.loop || signal.aborted || group.reels.every((r) => r.status.state === 'failed')) return;
      group.timeline = createTimeline(group.timeline.startMs, settings.speed);
      await Promise.all(group.reels.map((reel) => outlets.rewound(reel.tape)));
    } while (!signal.aborted);
  };
  const ended = Promise.all(groups.map(playGroup)).then(() => undefined);
  return {
    status: () => groups.flatMap((g) => g.reels.map((r) => ({ ...r.status }))),
    timelineOf: (tape) => groups.find((g) => g.reels.some((r) => r.tape === tape))!.timeline,
    ended,
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
};
