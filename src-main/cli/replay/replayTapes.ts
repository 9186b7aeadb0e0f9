/** Two tapes merged by receive time through decoder, measures and engine at full speed; gives the report's document. */
import { performance } from 'node:perf_hooks';
import type { PairDetail } from '../../../src-shared/domain/view.ts';
import { EngineRun, type Episode, type ReplayRule } from './engineRun.ts';
import { TapeMeasures, type Measures } from './measures.ts';
import { identifyTape, QuoteCursor, type TapeIdentity } from './quoteCursor.ts';
import { NS_PER_US, TapeError } from './tapeFile.ts';

const NS_PER_MS = 1_000_000n;

export interface TapeCounts {
  readonly frames: number;
  readonly malformed: number;
  readonly firstMalformed: string | null;
  readonly outOfOrder: number;
  readonly fallbackDecodes: number;
}

export interface ReplayOutcome {
  readonly tapes: readonly [TapeIdentity & TapeCounts, TapeIdentity & TapeCounts];
  readonly rule: ReplayRule;
  readonly measures: Measures;
  readonly engine: PairDetail;
  readonly episodes: readonly Episode[];
  readonly abnormalAlarms: number;
  readonly steps: number;
  /** Wall time of reading, decoding and stepping. */
  readonly elapsedMs: number;
}

/** @throws TapeError for tapes that cannot be read or do not overlap */
export const replayTapes = async (
  paths: readonly [string, string],
  ruleOf: (tapes: readonly [TapeIdentity, TapeIdentity]) => ReplayRule,
): Promise<ReplayOutcome> => {
  const tapes = [await identifyTape(paths[0]), await identifyTape(paths[1])] as const;
  const rule = ruleOf(tapes);
  const cursors = [new QuoteCursor(tapes[0]), new QuoteCursor(tapes[1])] as const;
  const startedMs = performance.now();
  try {
    await Promise.all(cursors.map((cursor) => cursor.next()));
    const firstNs = cursors[0].head.receivedNs < cursors[1].head.receivedNs ? cursors[0].head.receivedNs : cursors[1].head.receivedNs;
    const startUnixMs = Number(firstNs / NS_PER_MS) + Number(firstNs % NS_PER_MS) / Number(NS_PER_MS);
    const measures = new TapeMeasures();
    const engine = new EngineRun(tapes, rule, startUnixMs);
    let atEnd: PairDetail | undefined;
    await merge(
      cursors,
      (book, cursor) => {
        const sinceNs = cursor.head.receivedNs - firstNs;
        measures.quote(book, cursor.head.bidPx, cursor.head.askPx, Number(sinceNs) / Number(NS_PER_US));
        engine.quote(book, cursor.head, Number(sinceNs / NS_PER_US));
      },
      () => {
        measures.endOverlap();
        // Of the same time span as the measures: what the engine says when the overlap ends.
        atEnd ??= engine.detail();
      },
    );
    const measured = measures.result(startUnixMs);
    if (measured === null) throw new TapeError(paths.join(' and '), null, 'the tapes do not overlap in time');
    return {
      tapes: [described(cursors[0]), described(cursors[1])],
      rule,
      measures: measured,
      engine: atEnd ?? engine.detail(),
      episodes: engine.episodes,
      abnormalAlarms: engine.abnormalAlarms,
      steps: engine.steps,
      elapsedMs: performance.now() - startedMs,
    };
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
};

/** Equal stamps: the first tape's quote comes first. */
const merge = async (
  cursors: readonly [QuoteCursor, QuoteCursor],
  take: (book: 0 | 1, cursor: QuoteCursor) => void,
  firstEnded: () => void,
): Promise<void> => {
  const [a, b] = cursors;
  const alive: [boolean, boolean] = [true, true];
  while (alive[0] || alive[1]) {
    const book = !alive[1] || (alive[0] && a.head.receivedNs <= b.head.receivedNs) ? 0 : 1;
    take(book, cursors[book]);
    if (cursors[book].step() || (await cursors[book].next())) continue;
    alive[book] = false;
    firstEnded();
  }
};

const described = (cursor: QuoteCursor): TapeIdentity & TapeCounts => ({
  ...cursor.tape,
  frames: cursor.frames,
  malformed: cursor.malformed,
  firstMalformed: cursor.firstMalformed,
  outOfOrder: cursor.outOfOrder,
  fallbackDecodes: cursor.fallbacks,
});
