/**
 * What facts do to the tables that people and recovery read: intents, operator actions, the event log, latches. Runs
 * inside the transaction that commits the facts, hence can never disagree with them.
 */
import type { EngineEvent } from '../../core/events.ts';
import type { Fact } from '../../core/facts.ts';
import type { KillLatch, Latch } from '../../../src-shared/domain/tradingState.ts';
import type { EventRow } from '../../../src-shared/domain/view.ts';
import type { Sqlite } from './database.ts';
import { encodeExact } from '../../../src-shared/domain/exactJson.ts';

const INSERT_INTENT = `
INSERT INTO intents (intent_id, run, seq, pair_id, proposed_unix_ms, evidence, best_edge_bps) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const END_INTENT = `
UPDATE intents SET ended_unix_ms = ?, end_reason = ?, best_edge_bps = COALESCE(?, best_edge_bps), duration_ms = ?, suppressed = ?
WHERE intent_id = ?`;

const statementsOf = (db: Sqlite) => ({
  fact: db.prepare<[number, number, number, string, string]>('INSERT INTO facts VALUES (?, ?, ?, ?, ?)'),
  intent: db.prepare<[string, number, number, string, number, string, number]>(INSERT_INTENT),
  ended: db.prepare<[number, string, number | null, number | null, number | null, string]>(END_INTENT),
  latch: db.prepare<[string, string | null, number, number]>('INSERT OR REPLACE INTO latches VALUES (?, ?, ?, ?)'),
  logged: db.prepare('INSERT INTO event_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
  action: db.prepare('INSERT INTO operator_actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
});

/** An intent is kept whole in `intents`, written by the same transaction; its fact names it instead of repeating 5 KB. */
const payloadOf = (fact: Fact): string =>
  encodeExact(fact.type === 'intent-proposed' ? { type: fact.type, intentId: fact.intent.id } : fact);

/** Writes facts and what follows from them. To be called inside the commit's transaction. */
export const projector = (db: Sqlite) => {
  const sql = statementsOf(db);
  const latch = (run: number, seq: number, name: 'pause' | 'kill', value: Latch | KillLatch | null): void => {
    sql.latch.run(name, value === null ? null : encodeExact(value), run, seq);
  };
  const project = (run: number, event: EngineEvent, fact: Fact): void => {
    const { seq, unixMs } = event;
    switch (fact.type) {
      case 'intent-proposed': {
        const { intent } = fact;
        sql.intent.run(intent.id, run, seq, intent.pairId, intent.proposedUnixMs, encodeExact(intent), intent.edgeBps);
        return;
      }
      case 'intent-ended':
        sql.ended.run(unixMs, fact.reason, fact.bestEdgeBps, fact.durationMs, fact.suppressed, fact.intentId);
        return;
      case 'pause-changed':
        latch(run, seq, 'pause', fact.after);
        return;
      case 'kill-latched':
      case 'kill-verified':
        latch(run, seq, 'kill', fact.latch);
        return;
      case 'kill-reset':
        latch(run, seq, 'kill', null);
        return;
      case 'noted':
      case 'command-refused':
      case 'trading-state':
      case 'run-started':
      case 'run-stopping':
    }
  };
  const noteAction = (run: number, event: EngineEvent, facts: readonly Fact[]): void => {
    if (event.type !== 'operator') return;
    const { kind, requestId, source, by, reason } = event.command;
    const refusal = facts.find((fact) => fact.type === 'command-refused');
    const because = refusal === undefined ? null : encodeExact(refusal.conditions);
    sql.action.run(run, event.seq, event.unixMs, requestId, kind, source, by, reason, because);
  };
  return (run: number, event: EngineEvent, facts: readonly Fact[], rows: readonly (EventRow | null)[]): void => {
    noteAction(run, event, facts);
    facts.forEach((fact, ordinal) => {
      sql.fact.run(run, event.seq, ordinal, fact.type, payloadOf(fact));
      project(run, event, fact);
      const row = rows[ordinal] ?? null;
      if (row !== null) sql.logged.run(run, event.seq, ordinal, row.unixMs, row.severity, row.kind, row.subject, row.text);
    });
  };
};
