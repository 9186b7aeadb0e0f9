/**
 * Replays a run into an empty engine: journal and tape merged by sequence number, the same core, no clock and no I/O. Stops
 * where an event is missing and says so; it never steps over a hole.
 */
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import type { Intent } from '../../src-shared/domain/opportunity.ts';
import { createEngine, step, type EngineState } from '../core/engine.ts';
import type { EngineEvent } from '../core/events.ts';
import type { Fact } from '../core/facts.ts';

/** Merges two ordered streams; an event in both is taken once. */
export function* mergeBySeq(journal: Iterable<EngineEvent>, tape: Iterable<EngineEvent>): Generator<EngineEvent> {
  const sources = [journal[Symbol.iterator](), tape[Symbol.iterator]()] as const;
  const heads = sources.map((source) => source.next());
  let last = Number.NEGATIVE_INFINITY;
  for (;;) {
    const [a, b] = heads as [IteratorResult<EngineEvent, void>, IteratorResult<EngineEvent, void>];
    if (a.done === true && b.done === true) return;
    const first = b.done === true || (a.done !== true && a.value.seq <= b.value.seq) ? 0 : 1;
    const event = heads[first]!.value as EngineEvent;
    heads[first] = sources[first].next();
    if (event.seq > last) yield event;
    last = Math.max(last, event.seq);
  }
}

export interface ReplayOptions {
  readonly settings: EngineSettings;
  readonly journal: Iterable<EngineEvent>;
  /** Without it only the journaled events are known, which ends the replay at the first event that was not journaled. */
  readonly tape: Iterable<EngineEvent>;
  readonly onStep?: (event: EngineEvent, facts: readonly Fact[]) => void;
}

export interface Replayed {
  readonly state: EngineState;
  readonly intents: readonly Intent[];
  readonly events: number;
  readonly lastSeq: number;
  /** Sequence number of the first missing event; null when there was no hole up to the last known event. */
  readonly missingSeq: number | null;
  /** Events at which an invariant broke, as it did in the run. */
  readonly brokenAt: readonly number[];
}

/** Bound of `Replayed.brokenAt`. */
export const MAX_BROKEN_NAMED = 100;

export const replay = ({ settings, journal, tape, onStep }: ReplayOptions): Replayed => {
  const state = createEngine(settings);
  const intents: Intent[] = [];
  const brokenAt: number[] = [];
  let lastSeq = 0;
  for (const event of mergeBySeq(journal, tape)) {
    if (event.seq !== lastSeq + 1) return { state, intents, events: lastSeq, lastSeq, missingSeq: lastSeq + 1, brokenAt };
    lastSeq = event.seq;
    try {
      const { facts } = step(state, event);
      for (const fact of facts) if (fact.type === 'intent-proposed') intents.push(fact.intent);
      onStep?.(event, facts);
    } catch {
      if (brokenAt.length < MAX_BROKEN_NAMED) brokenAt.push(event.seq);
    }
  }
  return { state, intents, events: lastSeq, lastSeq, missingSeq: null, brokenAt };
};
