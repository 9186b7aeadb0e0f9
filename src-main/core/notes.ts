/**
 * How a step says what became true: facts and effects go into the draft of the step, and every fact that a person
 * should read also becomes a row of the event log. Bounded: the oldest row leaves for the newest.
 */
import type { EventKind, EventRow, EventSeverity } from '../../src-shared/domain/view.ts';
import type { Effect, Fact } from './facts.ts';
import { MAX_NOTES, type EngineState } from './state.ts';

export const emit = (state: EngineState, fact: Fact): void => {
  state.draft.facts.push(fact);
  state.notes.push({ id: `${state.runId}.${state.seq}.${state.draft.facts.length - 1}`, row: eventRowOf(fact, state.unixMs) });
  if (state.notes.length > MAX_NOTES) state.notes.shift();
};

export const note = (state: EngineState, severity: EventSeverity, kind: EventKind, subject: string | null, text: string): void =>
  emit(state, { type: 'noted', severity, kind, subject, text });

export const wish = (state: EngineState, effect: Effect): void => {
  state.draft.effects.push(effect);
};

const bps = (value: number): string => value.toFixed(2);
const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);

type Line = readonly [severity: EventSeverity, kind: EventKind, subject: string | null, text: string];

const LINES: { readonly [T in Fact['type']]: (fact: Extract<Fact, { type: T }>) => Line } = {
  noted: ({ severity, kind, subject, text }) => [severity, kind, subject, text],
  'intent-proposed': ({ intent }) => [
    'info',
    'intent',
    intent.pairId,
    `${intent.id}: ${intent.direction} spread ${bps(intent.spreadBps)} bps, edge ${bps(intent.edgeBps)} bps; ${intent.disposition}`,
  ],
  'intent-ended': (fact) => ['info', 'intent', fact.intentId, endedText(fact)],
  'pause-changed': ({ after }) =>
    after === null
      ? ['info', 'operator', null, 'resumed']
      : ['warn', 'operator', null, `paused by ${after.by} (${after.source})${because(after.reason)}`],
  'kill-latched': ({ latch }) => ['critical', 'operator', null, `KILL by ${latch.by} (${latch.source})${because(latch.reason)}`],
  'kill-verified': () => ['warn', 'operator', null, 'kill verified: nothing of ours is working at any venue'],
  'kill-reset': ({ by, reason }) => ['warn', 'operator', null, `kill switch reset by ${by}${because(reason)}; disarmed`],
  'command-refused': ({ command, conditions }) => ['warn', 'operator', null, `${command} not allowed: ${conditions.join('; ')}`],
  'trading-state': ({ before, after }) => [after === 'halted' ? 'critical' : 'info', 'risk', null, `trading state ${before} → ${after}`],
  'run-started': ({ runId }) => ['info', 'engine', runId, 'engine started, disarmed'],
  'run-stopping': ({ why }) => ['info', 'engine', null, `engine stopping: ${why}`],
};

/** A fact as a line of the event log. */
export const eventRowOf = (fact: Fact, unixMs: number): EventRow => {
  const lineOf = LINES[fact.type] as (fact: Fact) => Line;
  const [severity, kind, subject, text] = lineOf(fact);
  return { unixMs, severity, kind, subject, text };
};

const endedText = (fact: Extract<Fact, { type: 'intent-ended' }>): string => {
  if (fact.bestEdgeBps === null || fact.durationMs === null) return `intent ended (${fact.reason})`;
  return `intent ended (${fact.reason}) after ${(fact.durationMs / 1_000).toFixed(1)} s, best edge ${bps(fact.bestEdgeBps)} bps`;
};
