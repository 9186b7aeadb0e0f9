/**
 * How a step says what became true: facts and effects go into the draft of the step, and every fact that a person
 * should read also becomes a row of the event log. Bounded: the oldest row leaves for the newest.
 */
import type { GroupState, HedgeGroup } from '../../src-shared/domain/hedgeGroup.ts';
import type { OrderRecord, OrderState } from '../../src-shared/domain/order.ts';
import type { KillLatch } from '../../src-shared/domain/tradingState.ts';
import type { EventKind, EventRow, EventSeverity } from '../../src-shared/domain/view.ts';
import { shortIdentity } from '../../src-shared/domain/exchange.ts';
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
const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);

type Line = readonly [severity: EventSeverity, kind: EventKind, subject: string | null, text: string];

const LINES: { readonly [T in Fact['type']]: (fact: Extract<Fact, { type: T }>) => Line | null } = {
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
  'kill-raised': ({ before, after }) => [
    'critical',
    'operator',
    null,
    `${before.level} raised to ${after.level} by ${after.by} (${after.source})${because(after.reason)}`,
  ],
  'scoped-stop': ({ scope, level, before, after }) => scopedLine(scope, level, before, after),
  'arming-changed': ({ after, why }) =>
    after === null
      ? ['warn', 'operator', null, `disarmed: ${why}`]
      : ['warn', 'operator', null, `ARMED by ${after.by} (${after.source})${because(after.reason)}`],
  'limit-changed': ({ name, before, after, by, reason }) => [
    'warn',
    'operator',
    name,
    `limit ${name}: ${before} → ${after} by ${by}${because(reason)}`,
  ],
  'group-changed': ({ group, before }) => groupLine(group, before),
  'order-changed': ({ order, before }) => orderLine(order, before),
  'fill-booked': ({ fill }) => [
    'info',
    'order',
    fill.groupId,
    `${fill.leg}: ${fill.side} ${fill.qty} ${fill.instrumentId} at ${fill.px}, fee ${fill.fee} ${fill.feeCcy} (trade ${fill.tradeId}, by ${fill.via})`,
  ],
  'charge-booked': ({ charge }) => [
    'info',
    'order',
    charge.groupId,
    `${charge.leg}: ${charge.why} of trade ${charge.tradeId}: ${charge.amount} ${charge.ccy}`,
  ],
  'dust-booked': ({ dust }) => ['warn', 'group', dust.groupId, `${dust.kind}: ${dust.qty} of ${dust.instrumentId}${because(dust.reason)}`],
  'holding-changed': () => null,
  'fences-changed': () => null,
  'disablements-changed': ({ disablements, why }) => [disablements.length > 0 ? 'warn' : 'info', 'risk', null, why],
  'day-changed': () => null,
  'cursor-moved': () => null,
  'trade-passed': () => null,
  'account-bound': ({ venueId, before, account, why }) => [
    before === null ? 'info' : 'warn',
    before === null ? 'venue' : 'operator',
    venueId,
    `account of the exchange: ${before === null ? '' : `${shortIdentity(before)} → `}${account === null ? 'the next one found' : shortIdentity(account)}${because(why)}`,
  ],
  'rung-changed': ({ before, after, why }) => [
    after.rung < before.rung ? 'warn' : 'info',
    'risk',
    null,
    after.rung === before.rung
      ? `rung ${after.rung + 1}: ${after.closedWell} closed well${because(why)}`
      : `ladder of sizes: rung ${before.rung + 1} → ${after.rung + 1}${because(why)}`,
  ],
  'venue-reconciled': ({ venueId, detail, missedFills }) => [missedFills > 0 ? 'warn' : 'info', 'venue', venueId, detail],
  'position-difference': ({ venueId, instrumentId, own, reported }) =>
    reported === null
      ? ['info', 'risk', instrumentId, `position agrees again with ${venueId}: ${own}`]
      : ['critical', 'risk', instrumentId, `position differs: ${own} by our fills, ${reported} says ${venueId}; its pairs are blocked`],
  'group-acted': ({ groupId, act, by, reason }) => ['warn', 'operator', groupId, `${act} by ${by}${because(reason)}`],
  'run-started': ({ runId }) => ['info', 'engine', runId, 'engine started, disarmed'],
  'run-stopping': ({ why }) => ['info', 'engine', null, `engine stopping: ${why}`],
};

/** A fact as a line of the event log; null where it says nothing to a person. */
export const eventRowOf = (fact: Fact, unixMs: number): EventRow | null => {
  const lineOf = LINES[fact.type] as (fact: Fact) => Line | null;
  const line = lineOf(fact);
  if (line === null) return null;
  const [severity, kind, subject, text] = line;
  return { unixMs, severity, kind, subject, text };
};

const scopedLine = (scope: string, level: string, before: KillLatch | null, after: KillLatch | null): Line => {
  if (after === null) return ['warn', 'operator', scope, `${level} lifted`];
  if (before !== null && after.verifiedUnixMs !== null) return ['warn', 'operator', scope, `${level} verified`];
  const severity = level === 'pause' ? 'warn' : 'critical';
  return [severity, 'operator', scope, `${level} by ${after.by} (${after.source})${because(after.reason)}`];
};

const groupLine = (group: HedgeGroup, before: GroupState | null): Line | null => {
  if (group.state === before) return null;
  const text = `${group.pairId}: ${before ?? 'new'} → ${group.state}${because(group.why)}`;
  return [group.state === 'operator-held' ? 'critical' : group.state === 'compensating' ? 'error' : 'info', 'group', group.id, text];
};

const orderLine = ({ request, state, why, filledQty }: OrderRecord, before: OrderState | null): Line | null => {
  if (state === before) return null;
  const { leg, purpose, side, qty, symbol, limitPx, clientOrderId, groupId } = request;
  const text =
    before === null
      ? `${leg}: ${purpose} ${side} ${qty} ${symbol} at ${limitPx} or better (${clientOrderId})`
      : `${leg}: ${clientOrderId} ${before} → ${state}, filled ${filledQty} of ${qty}${because(why)}`;
  const severity = state === 'unknown' || state === 'quarantined' ? 'error' : state === 'rejected' || state === 'absent' ? 'warn' : 'info';
  return [severity, 'order', groupId, text];
};

const endedText = (fact: Extract<Fact, { type: 'intent-ended' }>): string => {
  if (fact.bestEdgeBps === null || fact.durationMs === null) return `intent ended (${fact.reason})`;
  return `intent ended (${fact.reason}) after ${(fact.durationMs / 1_000).toFixed(1)} s, best edge ${bps(fact.bestEdgeBps)} bps`;
};
