/**
 * What the EA says of a command becomes its next state, by the table of transitions. Invariants: the change is on disk before
 * the EA is answered and before the engine hears of it; an end never changes; what cannot be true is kept with the
 * command, alarmed, and believed in nothing.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { isFinalCommand, type CommandRecord, type CommandState } from '../../../../src-shared/domain/metatrader.ts';
import { US_PER_MS } from '../../../../src-shared/domain/units.ts';
import { WireRefusal } from '../fieldsWire.ts';
import type { AckRequest } from '../tradeWire.ts';
import type { Asks } from './asks.ts';
import { isOrderKind, type CommandBook } from './book.ts';
import type { Latencies } from '../../../../src-shared/domain/latencies.ts';
import { BEGUN_EXTRA_MS, LEASE_MS, usOf, type DeskFrame } from './parts.ts';
import { eaWord, meaningOf } from './retcodes.ts';
import { isNothingDone, lotsOf, outcomeOf, reportOf } from './standing.ts';
import { verdictOn, type Verdict } from './transitions.ts';

/** Ids that are none of ours are alarmed once each, up to so many. */
export const MAX_STRANGE_IDS = 256;

export interface Acks {
  /** @throws WireRefusal 400, LedgerFault; nothing has changed then */
  take(ack: AckRequest): void;
  /** Tells the engine of a command that has just changed. */
  conclude(record: CommandRecord, error?: string, text?: string): void;
}

interface AckParts {
  readonly frame: DeskFrame;
  readonly book: CommandBook;
  readonly asks: Asks;
  readonly toAck: Latencies;
}

/** What cannot be true beside what is known; null = it can. */
const contradictionIn = (record: CommandRecord, ack: AckRequest, verdict: Verdict): string | null => {
  const lots = lotsOf(record);
  if (ack.error === 'conflict') return 'the EA knows this id with other content';
  if (record.deliveries === 0) return `the EA says ${ack.state} of a command that was never delivered`;
  if (new Decimal(ack.cum_lots).gt(lots)) return `${ack.cum_lots} lots were executed, ${lots.toFixed()} were asked for`;
  if (verdict === 'contradiction') return `it is ${record.state} (${record.why}), and the EA now says ${ack.state}`;
  if (record.order !== null && ack.order !== '0' && ack.order !== record.order)
    return `its order was ${record.order}, the EA now says ${ack.order}`;
  // Of what was done whole, the lots may still be coming in.
  const told = new Decimal(ack.cum_lots);
  const other = record.state === 'partial' ? !told.eq(record.cumLots) : record.state === 'done' && told.lt(record.cumLots);
  if (verdict === 'same' && other) return `it ended with ${record.cumLots} lots, the EA now says ${ack.cum_lots}`;
  return null;
};

/** What the EA's word stands for: the one safe mistake is to call a refusal unknown. */
const soundState = (record: CommandRecord, ack: AckRequest, verdict: CommandState): CommandState => {
  if (isNothingDone(verdict) && ack.cum_lots !== '0') return new Decimal(ack.cum_lots).gte(lotsOf(record)) ? 'done' : 'partial';
  if (verdict !== 'rejected') return verdict;
  // Its journal was lost after an earlier delivery: that one may have been executed.
  if (ack.error === 'stale' && record.deliveries > 1) return 'unknown';
  return ack.error === '' && meaningOf(ack.retcode).class !== 'refused' ? 'unknown' : 'rejected';
};

const STATE_WORDS: Partial<Readonly<Record<CommandState, string>>> = {
  received: 'the EA has it',
  sending: 'the EA gives it to the broker',
  accepted: 'the broker has placed it, its execution is open',
  done: 'executed',
  partial: 'executed in part, the rest was not available',
  expired: 'its time was over before the EA began',
  canceled: 'called back before the EA began',
  'not-executed': 'the history of the account proves that nothing came of it',
};

const whyOf = (state: CommandState, { retcode, error, text }: AckRequest): string => {
  const code = retcode === 0 ? '' : ` (${retcode})`;
  const said = text === '' ? '' : `: ${text}`;
  const known = STATE_WORDS[state];
  if (known !== undefined) return `${known}${said}`;
  const meaning = error === '' ? meaningOf(retcode).text : (eaWord(error)?.text ?? error);
  return `${meaning}${code}${said}`;
};

const refuseSenseless = ({ state, cum_lots: lots }: AckRequest): void => {
  if (state === 'partial' && lots === '0') throw new WireRefusal(400, 'bad-field', 'cum_lots', 'what was executed in part has lots');
};

export const createAcks = ({ frame, book, asks, toAck }: AckParts): Acks => {
  const strange = new Set<string>();

  const alarmStrange = ({ command_id: id, state }: AckRequest): void => {
    if (strange.has(id) || strange.size >= MAX_STRANGE_IDS) return;
    strange.add(id);
    frame.alarm(
      'mt5-unknown-command',
      `the EA of ${frame.venue.id} says ${state} of command ${JSON.stringify(id)}, which the ledger does not have`,
    );
  };
  /** The first word of the EA about it. */
  const noteHeard = (record: CommandRecord): Pick<CommandRecord, 'acknowledgedUnixMs'> => {
    const entry = book.entries.get(record.commandId);
    if (record.acknowledgedUnixMs === null && typeof entry?.deliveredUs === 'number')
      toAck.note((frame.clock.monoUs() - entry.deliveredUs) / US_PER_MS);
    return { acknowledgedUnixMs: record.acknowledgedUnixMs ?? frame.clock.unixMs() };
  };
  const patchOf = (record: CommandRecord, ack: AckRequest, state: CommandState): Partial<CommandRecord> => ({
    ...noteHeard(record),
    state,
    why: whyOf(state, ack),
    retcode: ack.retcode === 0 ? record.retcode : ack.retcode,
    order: ack.order === '0' ? record.order : ack.order,
    cumLots: Decimal.max(record.cumLots, ack.cum_lots).toFixed(),
    avgPx: ack.avg_price === '0' ? record.avgPx : ack.avg_price,
    brokerMs: ack.broker_ms === 0 ? record.brokerMs : ack.broker_ms,
  });
  const conclude: Acks['conclude'] = (record, error = '', text = '') => {
    const entry = book.entries.get(record.commandId);
    const outcome = outcomeOf(record, error, text);
    if (entry !== undefined && (record.state === 'received' || record.state === 'sending'))
      entry.dueUs = Math.max(entry.dueUs, frame.clock.monoUs() + usOf(LEASE_MS + BEGUN_EXTRA_MS));
    const waited = entry !== undefined && entry.settle !== null;
    if (outcome !== null) book.answer(record.commandId, outcome);
    const report = reportOf(frame.store, record);
    // A refusal that was the answer to the call needs no report.
    if (report !== null && !(waited && report.state === 'rejected')) frame.pushes.give({ type: 'order-report', report });
  };
  const contradict = (record: CommandRecord, ack: AckRequest, why: string): void => {
    const more = new Decimal(ack.cum_lots).gt(lotsOf(record));
    // What is not ended stays open: its call cannot be answered by a word that is not believed.
    const kept = frame.quarantine(isFinalCommand(record.state) ? record : { ...record, state: 'unknown' }, why);
    book.answer(kept.commandId, { code: 'unknown', why });
    if (!more || kept.clientOrderId === null) return;
    // More than was asked for: the engine must know, whoever is right.
    const { clientOrderId, venueId } = kept;
    const report = {
      clientOrderId,
      venueId,
      venueOrderId: kept.order,
      state: 'filled',
      filledQty: ack.cum_lots,
      venueUnixMs: null,
    } as const;
    frame.pushes.give({ type: 'order-report', report: { ...report, text: why } });
  };
  /** The same again, perhaps with figures that were not known. */
  const learn = (record: CommandRecord, ack: AckRequest): CommandRecord => {
    const more = new Decimal(ack.cum_lots).gt(record.cumLots);
    const figures = record.brokerMs === null && ack.broker_ms > 0;
    if (!more && !figures && record.acknowledgedUnixMs !== null) return record;
    const next = book.change(record, patchOf(record, ack, record.state));
    if (more) conclude(next, ack.error, ack.text);
    return next;
  };
  const takeOrder = (record: CommandRecord, ack: AckRequest): CommandRecord => {
    const verdict = verdictOn(record.state, record.deliveries, ack.state);
    const why = contradictionIn(record, ack, verdict);
    if (why !== null) {
      contradict(record, ack, why);
      return book.find(record.commandId) ?? record;
    }
    if (verdict === 'late' || verdict === 'contradiction') return record;
    if (verdict === 'same') return learn(record, ack);
    const state = soundState(record, ack, verdict);
    let next = book.change(record, patchOf(record, ack, state));
    if (isNothingDone(verdict) && ack.cum_lots !== '0')
      next = frame.quarantine(next, `the EA says ${ack.state}, and yet that ${ack.cum_lots} lots were executed`);
    conclude(next, ack.error, ack.text);
    return next;
  };

  return {
    take(ack) {
      refuseSenseless(ack);
      const record = book.find(ack.command_id);
      if (record === null) return alarmStrange(ack);
      if (!isOrderKind(record.kind)) return asks.takeAck(record, ack);
      asks.heardOf(takeOrder(record, ack));
    },
    conclude,
  };
};
