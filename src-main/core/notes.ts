/**
 * How a step says what became true: facts and effects go into the draft of the step, and every fact that a person
 * should read also becomes a row of the event log. Bounded: the oldest row leaves for the newest.
 */
import type { EventKind, EventRow, EventSeverity } from '../../src-shared/domain/view.ts';
import type { Effect, Fact } from './facts.ts';
import { MAX_NOTES, type EngineState } from './state.ts';

export const emit = (state: EngineState, fact: Fact): void => {
  state.draft.facts.push(fact);
  const row = eventRowOf(fact, state.unixMs);
  if (row === null) return;
  state.notes.push({ id: `${state.runId}.${state.seq}.${state.draft.facts.length - 1}`, row });
  if (state.notes.length > MAX_NOTES) state.notes.shift();
};

export const note = (state: EngineState, severity: EventSeverity, kind: EventKind, subject: string | null, text: string): void =>
  emit(state, { type: 'noted', severity, kind, subject, text });

export const wish = (state: EngineState, effect: Effect): void => {
  state.draft.effects.push(effect);
};

const bps = (value: number): string => value.toFixed(2);

/** A fact as a line of the event log; null where another fact of the same step says it already. */
export const eventRowOf = (fact: Fact, unixMs: number): EventRow | null => {
  const row = (severity: EventSeverity, kind: EventKind, subject: string | null, text: string): EventRow => ({
    unixMs,
    severity,
    kind,
    subject,
    text,
  });
  switch (fact.type) {
    case 'noted':
      return row(fact.severity, fact.kind, fact.subject, fact.text);
    case 'intent-proposed': {
      const { id, pairId, direction, spreadBps, edgeBps, disposition } = fact.intent;
      return row('info', 'intent', pairId, `${id}: ${direction} spread ${bps(spreadBps)} bps, edge ${bps(edgeBps)} bps; ${disposition}`);
    }
    case 'intent-ended':
      return row('info', 'intent', fact.intentId, endedText(fact));
    case 'pause-changed':
      return fact.after === null
        ? row('info', 'operator', null, 'resumed')
        : row('warn', 'operator', null, `paused by ${fact.after.by} (${fact.after.source})${because(fact.after.reason)}`);
    case 'kill-latched':
      return row('critical', 'operator', null, `KILL by ${fact.latch.by} (${fact.latch.source})${because(fact.latch.reason)}`);
    case 'kill-verified':
      return row('warn', 'operator', null, 'kill verified: nothing of ours is working at any venue');
    case 'kill-reset':
      return row('warn', 'operator', null, `kill switch reset by ${fact.by}${because(fact.reason)}; disarmed`);
    case 'command-refused':
      return row('warn', 'operator', null, `${fact.command} not allowed: ${fact.conditions.join('; ')}`);
    case 'trading-state':
      return row(fact.after === 'halted' ? 'critical' : 'info', 'risk', null, `trading state ${fact.before} → ${fact.after}`);
    case 'run-started':
      return row('info', 'engine', fact.runId, 'engine started, disarmed');
    case 'run-stopping':
      return row('info', 'engine', null, `engine stopping: ${fact.why}`);
  }
};

const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);

const endedText = (fact: Extract<Fact, { type: 'intent-ended' }>): string => {
  if (fact.reason === 'restart') return 'intent of an earlier run ended by the restart';
  const best = fact.bestEdgeBps === null ? '' : `, best edge ${bps(fact.bestEdgeBps)} bps`;
  return `intent ended (${fact.reason}) after ${((fact.durationMs ?? 0) / 1_000).toFixed(1)} s${best}`;
};
