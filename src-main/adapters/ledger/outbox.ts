/**
 * Effects as rows beside the event that wished for them: the transactional outbox. A row is open until the dispatcher
 * reports it done, or until a later run has started and taken over what still made sense.
 */
import type { Effect } from '../../core/facts.ts';
import type { Sqlite } from './database.ts';
import { decodeExact, encodeExact } from '../../../src-shared/domain/exactJson.ts';

export const outbox = (db: Sqlite) => {
  const add = db.prepare<[number, number, number, string, string]>(
    'INSERT INTO effects (run, seq, ordinal, type, payload) VALUES (?, ?, ?, ?, ?)',
  );
  const done = db.prepare<[number, number, number]>(
    'UPDATE effects SET done_unix_ms = ? WHERE run = ? AND seq = ? AND done_unix_ms IS NULL',
  );
  const undone = db.prepare<[number], { readonly payload: string }>(
    'SELECT payload FROM effects WHERE done_unix_ms IS NULL AND settled_by_run IS NULL AND run < ? ORDER BY run, seq, ordinal',
  );
  const settle = db.prepare<[number, number]>(
    'UPDATE effects SET settled_by_run = ? WHERE done_unix_ms IS NULL AND settled_by_run IS NULL AND run < ?',
  );
  return {
    add(run: number, seq: number, effects: readonly Effect[]): void {
      effects.forEach((effect, ordinal) => add.run(run, seq, ordinal, effect.type, encodeExact(effect)));
    },
    markDone(run: number, seq: number, unixMs: number): void {
      done.run(unixMs, run, seq);
    },
    /** Open effects of earlier runs, oldest first. */
    undoneBefore: (run: number): readonly Effect[] => undone.all(run).map((row) => decodeExact(row.payload) as Effect),
    /** The run has answered for every open effect of earlier runs. */
    settleBefore(run: number): void {
      settle.run(run, run);
    },
  };
};
export type Outbox = ReturnType<typeof outbox>;
