/**
 * One group's history as a list for the eye: intent → orders → fills → compensation, oldest first, each with its leg and
 * with how long it took from the order's commit. Pure. Venues' words stand as they came.
 */
import type { CompensationRung, DustRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { FillRecord, LegName, OrderRecord } from '../../../src-shared/domain/order.ts';
import type { EventRow, GroupHistory } from '../../../src-shared/domain/view.ts';
import { signedQty } from '../../format/exact.ts';
import { bps } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { CLOSE_WORDS } from './groupText.ts';

export type TimelineKind = 'intent' | 'group' | 'note' | 'rung' | 'order' | 'answer' | 'fill' | 'end' | 'book';

export interface TimelineEntry {
  readonly key: string;
  readonly unixMs: number;
  readonly kind: TimelineKind;
  readonly leg: LegName | null;
  readonly text: string;
  /** Figures and the venue's own words. */
  readonly detail: string;
  /** From the commit of its order; null where there is none. */
  readonly sinceCommitMs: number | null;
  readonly tone: '' | 'tone-warn' | 'tone-error';
}

/** Causes before what they caused, where the milliseconds are equal. */
const KINDS: readonly TimelineKind[] = ['intent', 'group', 'rung', 'order', 'answer', 'fill', 'end', 'book', 'note'];

const joined = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null && part !== '').join(' · ');

const entry = (fields: Pick<TimelineEntry, 'key' | 'unixMs' | 'kind' | 'text'> & Partial<TimelineEntry>): TimelineEntry => ({
  leg: null,
  detail: '',
  sinceCommitMs: null,
  tone: '',
  ...fields,
});

const ofOrder = (order: OrderRecord, isDone: boolean): readonly TimelineEntry[] => {
  const { request, committedUnixMs: committed } = order;
  const id = request.clientOrderId;
  const common = { leg: request.leg } as const;
  const entries: TimelineEntry[] = [
    entry({
      ...common,
      key: `${id} order`,
      unixMs: committed,
      kind: 'order',
      text: `${request.purpose}: ${request.side} ${request.qty} ${request.symbol}, limit ${request.limitPx}`,
      detail: joined(
        id,
        request.authority === 'operator' ? 'by an operator' : null,
        request.magic === null ? null : `magic ${request.magic}`,
      ),
    }),
  ];
  if (order.acknowledgedUnixMs !== null) {
    entries.push(
      entry({
        ...common,
        key: `${id} acknowledged`,
        unixMs: order.acknowledgedUnixMs,
        kind: 'answer',
        text: 'acknowledged',
        detail: order.venueOrderId === null ? '' : `venue order ${order.venueOrderId}`,
        sinceCommitMs: order.acknowledgedUnixMs - committed,
      }),
    );
  }
  if (order.unknownSinceUnixMs !== null) {
    entries.push(
      entry({
        ...common,
        key: `${id} unknown`,
        unixMs: order.unknownSinceUnixMs,
        kind: 'answer',
        text: 'outcome unknown: the venue is asked until there is evidence',
        detail: joined(
          order.state === 'unknown' ? order.why : null,
          order.queries === 0 ? null : order.queries === 1 ? 'asked once' : `asked ${order.queries} times`,
        ),
        sinceCommitMs: order.unknownSinceUnixMs - committed,
        tone: 'tone-error',
      }),
    );
  }
  if (order.cancelRequestedUnixMs !== null) {
    entries.push(
      entry({
        ...common,
        key: `${id} cancel`,
        unixMs: order.cancelRequestedUnixMs,
        kind: 'answer',
        text: 'cancel requested',
        sinceCommitMs: order.cancelRequestedUnixMs - committed,
      }),
    );
  }
  // That it is filled is said by its last fill.
  if (order.endedUnixMs !== null && !isDone) entries.push(endOf(order, order.endedUnixMs));
  return entries;
};

const endOf = (order: OrderRecord, endedUnixMs: number): TimelineEntry => {
  const { request, refusal } = order;
  const words = refusal === null ? order.why : joined(refusal.venueCode, refusal.text);
  const filled = order.state === 'canceled' || order.state === 'filled' ? `filled ${order.filledQty} of ${request.qty}` : '';
  return entry({
    key: `${request.clientOrderId} end`,
    unixMs: endedUnixMs,
    kind: 'end',
    leg: request.leg,
    text: order.state === 'rejected' && refusal?.by === 'gateway' ? 'refused before it left' : order.state,
    detail: joined(filled, words === order.state ? null : words),
    sinceCommitMs: endedUnixMs - order.committedUnixMs,
    tone: order.state === 'quarantined' ? 'tone-error' : order.state === 'rejected' ? 'tone-warn' : '',
  });
};

const ofFill = (fill: FillRecord, order: OrderRecord | undefined, completes: boolean): TimelineEntry =>
  entry({
    key: `fill ${fill.venueId} ${fill.instrumentId} ${fill.tradeId}`,
    unixMs: fill.bookedUnixMs,
    kind: 'fill',
    leg: fill.leg,
    text: `fill: ${fill.side} ${fill.qty} at ${fill.px}`,
    detail: joined(
      completes ? 'order filled' : null,
      `fee ${fill.fee} ${fill.feeCcy}`,
      `trade ${fill.tradeId}`,
      fill.via === 'push' ? null : `learned by ${fill.via}`,
    ),
    sinceCommitMs: order === undefined ? null : fill.bookedUnixMs - order.committedUnixMs,
  });

const RUNG_TONES: Readonly<Record<CompensationRung['outcome'], TimelineEntry['tone']>> = {
  'in-flight': 'tone-warn',
  done: 'tone-warn',
  partial: 'tone-warn',
  refused: 'tone-error',
  unknown: 'tone-error',
  impossible: 'tone-error',
};

const ofRung = (rung: CompensationRung, index: number): TimelineEntry =>
  entry({
    key: `rung ${index}`,
    unixMs: rung.startedUnixMs,
    kind: 'rung',
    leg: rung.leg,
    text: `compensation ${index + 1}: ${rung.rung} ${rung.baseQty} base, ${rung.outcome}`,
    detail: joined(rung.note, rung.clientOrderId),
    tone: RUNG_TONES[rung.outcome],
  });

const DUST_WORDS: Readonly<Record<DustRecord['kind'], string>> = {
  dust: 'left as dust, too small to trade',
  adopted: 'adopted by the operator',
  'written-off': 'written off',
};

const ofDust = (dust: DustRecord, index: number): TimelineEntry =>
  entry({
    key: `dust ${index}`,
    unixMs: dust.unixMs,
    kind: 'book',
    leg: dust.leg,
    text: `${signedQty(dust.baseQty)} base ${DUST_WORDS[dust.kind]}`,
    detail: dust.reason,
    tone: 'tone-warn',
  });

const ofNote = (note: EventRow, index: number): TimelineEntry =>
  entry({
    key: `note ${index}`,
    unixMs: note.unixMs,
    kind: 'note',
    text: note.text,
    tone: note.severity === 'info' ? '' : note.severity === 'warn' ? 'tone-warn' : 'tone-error',
  });

/** The engine's own words on its states; where there are none, the group's own stamps speak. */
const hasNotes = ({ timeline }: GroupHistory): boolean => timeline.some((note) => note.kind === 'group');

const ofGroup = (history: GroupHistory): readonly TimelineEntry[] => {
  const { group, intent } = history;
  const entries: TimelineEntry[] = [];
  if (intent !== null) {
    entries.push(
      entry({
        key: 'intent',
        unixMs: intent.proposedUnixMs,
        kind: 'intent',
        text: `intent: spread ${bps(intent.spreadBps)}, edge ${bps(intent.edgeBps)} bp after costs`,
        detail: intent.id,
      }),
    );
  }
  const isDenied = group.state === 'denied';
  entries.push(
    entry({
      key: 'created',
      unixMs: group.createdUnixMs,
      kind: 'group',
      text: isDenied ? 'denied' : `group committed: ${group.baseQty} base, ${group.legOrder}`,
      detail: isDenied
        ? group.denials.map((denial) => denial.text).join(' · ')
        : `to be complete within ${age(group.deadlineUnixMs - group.createdUnixMs)}`,
      tone: isDenied ? 'tone-warn' : '',
    }),
  );
  if (group.openedUnixMs !== null && !hasNotes(history)) {
    entries.push(entry({ key: 'opened', unixMs: group.openedUnixMs, kind: 'book', text: 'open: both legs stand' }));
  }
  if (group.endedUnixMs !== null && !isDenied) {
    const reason = group.closeReason === null ? '' : CLOSE_WORDS[group.closeReason];
    entries.push(entry({ key: 'ended', unixMs: group.endedUnixMs, kind: 'book', text: joined(group.state, reason), detail: group.why }));
  }
  return entries;
};

const byTime = (x: TimelineEntry, y: TimelineEntry): number =>
  x.unixMs - y.unixMs || KINDS.indexOf(x.kind) - KINDS.indexOf(y.kind) || x.key.localeCompare(y.key, 'en', { numeric: true });

export const buildTimeline = (history: GroupHistory): readonly TimelineEntry[] => {
  const orders = new Map(history.orders.map((order) => [order.request.clientOrderId as string, order]));
  const lastFills = new Map<string, FillRecord>();
  for (const fill of history.fills) if (fill.clientOrderId !== null) lastFills.set(fill.clientOrderId, fill);
  const isDone = (order: OrderRecord): boolean => order.state === 'filled' && lastFills.has(order.request.clientOrderId);
  return [
    ...ofGroup(history),
    ...history.orders.flatMap((order) => ofOrder(order, isDone(order))),
    ...history.fills.map((fill) => {
      const order = fill.clientOrderId === null ? undefined : orders.get(fill.clientOrderId);
      return ofFill(fill, order, order !== undefined && isDone(order) && lastFills.get(order.request.clientOrderId) === fill);
    }),
    ...history.group.ladder.map(ofRung),
    ...history.dust.map(ofDust),
    // Orders and fills are told from their records, with more than their notes say.
    ...history.timeline.filter((note) => note.kind !== 'order').map(ofNote),
  ].sort(byTime);
};
