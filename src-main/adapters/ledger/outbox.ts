/**
 * Effects as rows beside the event that wished for them: the transactional outbox. A row is open until the dispatcher
 * reports it done, or until a later run has started and taken over what still made sense. An order that its own table
 * has whole is named here, not repeated.
 */
import type { Effect, Fact } from '../../core/facts.ts';
import type { Sqlite } from './database.ts';
import { decodeExact, encodeExact } from '../../../src-shared/domain/exactJson.ts';
import type { Row } from './columns.ts';
import { ORDERS } from './tradingTables.ts';

type Named = { readonly type: 'place-order'; readonly clientOrderId: string };

/** `facts` of the same commit: an order that is new in them has its row. */
const payloadOf = (effect: Effect, facts: readonly Fact[]): string => {
  if (effect.type !== 'place-order') return encodeExact(effect);
  const { clientOrderId } = effect.order;
  const kept = facts.some(
    (fact) => fact.type === 'order-changed' && fact.before === null && fact.order.request.clientOrderId === clientOrderId,
  );
  return encodeExact(kept ? ({ type: 'place-order', clientOrderId } satisfies Named) : effect);
};

export const outbox = (db: Sqlite) => {
  const order = db.prepare<[string], Row>(`SELECT ${ORDERS.columns} FROM orders WHERE client_order_id = ?`);
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
  const effectOf = (payload: string): Effect => {
    const kept = decodeExact(payload) as Effect | Named;
    if (!('clientOrderId' in kept)) return kept;
    const row = order.get(kept.clientOrderId);
    if (row === undefined) throw new RangeError(`the outbox names order ${kept.clientOrderId}, which is not there`);
    return { type: 'place-order', order: ORDERS.recordOf(row).request } as Effect;
  };
  return {
    add(run: number, seq: number, effects: readonly Effect[], facts: readonly Fact[]): void {
      effects.forEach((effect, ordinal) => add.run(run, seq, ordinal, effect.type, payloadOf(effect, facts)));
    },
    markDone(run: number, seq: number, unixMs: number): void {
      done.run(unixMs, run, seq);
    },
    /** Open effects of earlier runs, oldest first. */
    undoneBefore: (run: number): readonly Effect[] => undone.all(run).map((row) => effectOf(row.payload)),
    /** The run has answered for every open effect of earlier runs. */
    settleBefore(run: number): void {
      settle.run(run, run);
    },
  };
};
export type Outbox = ReturnType<typeof outbox>;
