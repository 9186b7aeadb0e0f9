/**
 * Questions about commands, and attempts to call them back: commands of their own to the EA. An answer may come as the ack of
 * the question or of its target, whichever is first. Each caller gets exactly one answer; callers who ask the same share one
 * question.
 */
import { isFinalCommand, type CommandRecord } from '../../../../src-shared/domain/metatrader.ts';
import type { CancelOutcome, QueryOutcome } from '../../../../src-shared/domain/order.ts';
import type { AckRequest } from '../tradeWire.ts';
import type { CommandBook, Entry } from './book.ts';
import { usOf, type DeskFrame } from './parts.ts';
import { eaWord } from './retcodes.ts';
import { executionsOf, fillOf, reportOf } from './standing.ts';

/** A question that the EA does not answer by then has failed; it is asked anew by whoever still wants to know. */
export const ASK_TTL_MS = 5_000;

export interface Asks {
  /** @throws LedgerFault */
  cancel(target: CommandRecord, mayLeave: () => boolean): Promise<CancelOutcome>;
  /** @throws LedgerFault */
  query(target: CommandRecord): Promise<QueryOutcome>;
  /** The EA has said something of the target. */
  heardOf(target: CommandRecord): void;
  /** The EA has said something of the question itself. @throws LedgerFault */
  takeAck(record: CommandRecord, ack: AckRequest): void;
  /** What has waited too long has failed. */
  sweep(): void;
  /** Answers everybody: nothing more will come. */
  end(why: string): void;
}

interface Waiting {
  readonly entry: Entry;
  readonly targetId: string;
  readonly dueUs: number;
  /** null = cannot be said yet. */
  readonly answerBy: (target: CommandRecord) => (() => void) | null;
  readonly refuse: (text: string) => void;
  /** The EA did what was asked. */
  readonly did: (() => void) | null;
  readonly fail: (why: string) => void;
}

const OPEN_WORDS: Partial<Readonly<Record<CommandRecord['state'], string>>> = {
  leased: 'the EA has not answered yet',
  received: 'the EA has it and has not begun',
  sending: 'the EA has sent it and waits for its broker',
  unknown: 'the EA does not know yet what became of it',
  done: 'it was executed, and its deals are not all here yet',
  partial: 'it was executed in part, and its deals are not all here yet',
};

/** What is certain of the order by now; null = ask. */
export const certainty = (frame: DeskFrame, target: CommandRecord): QueryOutcome | null => {
  const currency = frame.currency();
  const report = reportOf(frame.store, target);
  if (report === null || report.state === 'working') return null;
  const deals = executionsOf(frame.store, target);
  if (currency === null && deals.length > 0) return null;
  return { code: 'found', report, fills: deals.map((deal) => fillOf(frame.store, target, deal, currency ?? '')) };
};

const canceledAnswer = (target: CommandRecord): CancelOutcome | null => {
  if (!isFinalCommand(target.state)) return null;
  if (target.state === 'done' || target.state === 'partial')
    return { code: 'refused', venueCode: 'too_late', text: `it was executed: ${target.why}` };
  return { code: 'acknowledged' };
};

const answerOfQuery = (frame: DeskFrame, target: CommandRecord): QueryOutcome => {
  const certain = certainty(frame, target);
  if (certain !== null) return certain;
  const report = reportOf(frame.store, target);
  if (report !== null) {
    const fills = executionsOf(frame.store, target).map((deal) => fillOf(frame.store, target, deal, frame.currency() ?? ''));
    return { code: 'found', report, fills };
  }
  return { code: 'failed', why: OPEN_WORDS[target.state] ?? `the command is ${target.state}` };
};

export const createAsks = (frame: DeskFrame, book: CommandBook): Asks => {
  const waiting = new Map<string, Waiting[]>();

  const finish = (commandId: string, state: 'done' | 'rejected' | 'expired', why: string): void => {
    waiting.delete(commandId);
    const entry = book.entries.get(commandId);
    if (entry !== undefined && !isFinalCommand(entry.record.state)) book.change(entry.record, { state, why }, 'normal');
  };
  const begin = (kind: 'cancel' | 'query', target: CommandRecord, mayLeave: () => boolean): Entry => {
    const under = [...book.entries.values()].find(
      ({ record }) => record.kind === kind && record.body['target_id'] === target.commandId && !isFinalCommand(record.state),
    );
    if (under !== undefined && frame.clock.monoUs() < under.expiresUs) return under;
    return book.add({
      kind,
      body: { target_id: target.commandId, ...(kind === 'query' ? { target_num: target.magic ?? 0 } : {}) },
      magic: null,
      clientOrderId: target.clientOrderId,
      instrumentId: target.instrumentId,
      ttlMs: ASK_TTL_MS,
      mayLeave,
      settle: null,
    });
  };
  const wait = (entry: Entry, targetId: string, how: Omit<Waiting, 'entry' | 'targetId' | 'dueUs'>): void => {
    const { commandId } = entry.record;
    const dueUs = frame.clock.monoUs() + usOf(ASK_TTL_MS);
    waiting.set(commandId, [...(waiting.get(commandId) ?? []), { entry, targetId, dueUs, ...how }]);
  };
  /** @returns whether all of them had their answer */
  const tell = (commandId: string, target: CommandRecord): boolean => {
    const left = (waiting.get(commandId) ?? []).filter(({ answerBy }) => {
      const answer = answerBy(target);
      answer?.();
      return answer === null;
    });
    waiting.set(commandId, left);
    return left.length === 0;
  };

  return {
    cancel(target, mayLeave) {
      const entry = begin('cancel', target, mayLeave);
      const { promise, resolve } = Promise.withResolvers<CancelOutcome>();
      wait(entry, target.commandId, {
        answerBy: (now) => {
          const answer = canceledAnswer(now);
          return answer === null ? null : () => resolve(answer);
        },
        did: () => resolve({ code: 'acknowledged' }),
        refuse: (text) => resolve({ code: 'refused', venueCode: 'too_late', text }),
        fail: (why) => resolve({ code: 'unknown', why }),
      });
      return promise;
    },
    query(target) {
      const entry = begin('query', target, () => true);
      const { promise, resolve } = Promise.withResolvers<QueryOutcome>();
      wait(entry, target.commandId, {
        answerBy: (now) => () => resolve(answerOfQuery(frame, now)),
        did: null,
        refuse: (why) => resolve({ code: 'failed', why }),
        fail: (why) => resolve({ code: 'failed', why }),
      });
      return promise;
    },
    heardOf(target) {
      for (const { record } of book.entries.values()) {
        const asks = record.kind === 'query' || record.kind === 'cancel';
        // What the EA said before it had the question is no answer to it.
        if (!asks || record.body['target_id'] !== target.commandId || record.deliveries === 0) continue;
        if (tell(record.commandId, target)) finish(record.commandId, 'done', `answered: ${target.state}`);
      }
    },
    takeAck(record, ack) {
      const all = waiting.get(record.commandId) ?? [];
      const text = ack.text === '' ? (eaWord(ack.error)?.text ?? ack.error) : ack.text;
      if (ack.state === 'done' || ack.state === 'partial' || ack.state === 'canceled') {
        if (record.kind === 'query' && all.length > 0) return;
        finish(record.commandId, 'done', 'done');
        for (const each of all) each.did?.();
      } else if (ack.state === 'rejected' || ack.state === 'expired' || ack.state === 'not_executed') {
        finish(record.commandId, ack.state === 'expired' ? 'expired' : 'rejected', text);
        for (const each of all) each.refuse(text);
      } else if (record.state === 'queued' || record.state === 'leased')
        book.change(record, { state: 'received', why: 'the EA has it' }, 'normal');
    },
    sweep() {
      const nowUs = frame.clock.monoUs();
      for (const [commandId, all] of waiting) {
        const late = all.filter(({ dueUs }) => nowUs >= dueUs);
        const left = all.filter(({ dueUs }) => nowUs < dueUs);
        if (left.length > 0) waiting.set(commandId, left);
        else waiting.delete(commandId);
        for (const { fail } of late) fail(`no answer of the EA within ${ASK_TTL_MS} ms`);
      }
      for (const { record, expiresUs } of book.entries.values())
        if ((record.kind === 'query' || record.kind === 'cancel') && nowUs >= expiresUs && !waiting.has(record.commandId))
          finish(record.commandId, 'expired', 'no answer in time');
    },
    end(why) {
      for (const all of waiting.values()) for (const { fail } of all) fail(why);
      waiting.clear();
    },
  };
};
