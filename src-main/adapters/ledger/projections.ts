/**
 * What facts do to the tables that people and recovery read: intents, trading, operator actions, the event log, latches.
 * Runs inside the transaction that commits the facts, hence can never disagree with them.
 */
import type { EngineEvent, OperatorCommand } from '../../core/events.ts';
import type { Fact } from '../../core/facts.ts';
import type { KillLatch, Latch } from '../../../src-shared/domain/tradingState.ts';
import type { EventRow } from '../../../src-shared/domain/view.ts';
import type { Sqlite } from './database.ts';
import { encodeExact } from '../../../src-shared/domain/exactJson.ts';
import { tradingKeepers, type FactOf, type FactPlace } from './tradingProjections.ts';

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
  action: db.prepare('INSERT INTO operator_actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
});

/** Does what the fact says to its table; returns what the facts table keeps of it. */
type Keepers = { readonly [T in Fact['type']]: (fact: FactOf<T>, place: FactPlace) => unknown };

const whole = <T>(fact: T): T => fact;

const keepersOf = (db: Sqlite, sql: ReturnType<typeof statementsOf>): Keepers => {
  const latch = ({ run, seq }: FactPlace, name: 'pause' | 'kill', value: Latch | KillLatch | null): void => {
    sql.latch.run(name, value === null ? null : encodeExact(value), run, seq);
  };
  const keepKill = <T extends Fact>(fact: T, place: FactPlace, value: KillLatch | null): T => {
    latch(place, 'kill', value);
    return fact;
  };
  return {
    ...tradingKeepers(db),
    // An intent is kept whole in its own table; its fact names it instead of repeating 5 KB.
    'intent-proposed': ({ type, intent }, { run, seq }) => {
      sql.intent.run(intent.id, run, seq, intent.pairId, intent.proposedUnixMs, encodeExact(intent), intent.edgeBps);
      return { type, intentId: intent.id };
    },
    'intent-ended': (fact, { unixMs }) => {
      sql.ended.run(unixMs, fact.reason, fact.bestEdgeBps, fact.durationMs, fact.suppressed, fact.intentId);
      return fact;
    },
    'pause-changed': (fact, place) => {
      latch(place, 'pause', fact.after);
      return fact;
    },
    'kill-latched': (fact, place) => keepKill(fact, place, fact.latch),
    'kill-verified': (fact, place) => keepKill(fact, place, fact.latch),
    'kill-raised': (fact, place) => keepKill(fact, place, fact.after),
    'kill-reset': (fact, place) => keepKill(fact, place, null),
    'command-refused': whole,
    'arming-changed': whole,
    'venue-reconciled': whole,
    'group-acted': whole,
    'trading-state': whole,
    'run-started': whole,
    'run-stopping': whole,
    noted: whole,
  };
};

/** What a command is about, and with which figures; null = the whole engine, nothing more to say. */
const objectOf = (command: OperatorCommand): readonly [target: string | null, detail: string | null] => {
  switch (command.kind) {
    case 'set-limits':
      return [null, encodeExact(command.limits)];
    case 'group-act':
      return [command.groupId, command.act];
    case 'enable':
      return [command.scope, null];
    case 'accept-position':
      return [command.instrumentId, null];
    case 'accept-account':
      return [command.venueId, null];
    case 'arm':
      return [null, command.confirmation ?? null];
    case 'disarm':
    case 'climb':
      return [null, null];
    case 'pause':
    case 'resume':
    case 'kill':
    case 'flatten':
    case 'hands-off':
    case 'reset':
      return [command.scope ?? 'all', null];
  }
};

/** Writes facts and what follows from them. To be called inside the commit's transaction. */
export const projector = (db: Sqlite) => {
  const sql = statementsOf(db);
  const keepers = keepersOf(db, sql);
  const keep = (fact: Fact, place: FactPlace): unknown => (keepers[fact.type] as (fact: Fact, place: FactPlace) => unknown)(fact, place);
  const noteAction = (run: number, event: EngineEvent, facts: readonly Fact[]): void => {
    if (event.type !== 'operator') return;
    const { kind, requestId, source, by, reason } = event.command;
    const refusal = facts.find((fact) => fact.type === 'command-refused');
    const because = refusal === undefined ? null : encodeExact(refusal.conditions);
    sql.action.run(run, event.seq, event.unixMs, requestId, kind, source, by, reason, because, ...objectOf(event.command));
  };
  return (run: number, event: EngineEvent, facts: readonly Fact[], rows: readonly (EventRow | null)[]): void => {
    noteAction(run, event, facts);
    facts.forEach((fact, ordinal) => {
      const place = { run, seq: event.seq, ordinal, unixMs: event.unixMs };
      sql.fact.run(run, event.seq, ordinal, fact.type, encodeExact(keep(fact, place)));
      const row = rows[ordinal] ?? null;
      if (row !== null) sql.logged.run(run, event.seq, ordinal, row.unixMs, row.severity, row.kind, row.subject, row.text);
    });
  };
};
