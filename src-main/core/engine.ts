/**
 * The engine: `step(state, event)` takes one event, changes the state it owns, and returns what became true and what
 * is wished for. A deterministic function of state and event: no clock, no I/O, no randomness. Every launch is disarmed.
 * Invariants (I9): the same events give the same state and the same facts, bit for bit; events come in order of `seq`,
 * the monotonic clock never runs backwards, and `started` is the first event of a run and happens once.
 */
import type { EngineSettings } from '../../src-shared/domain/settings.ts';
import { takeCharge } from './hedging/charges.ts';
import { MS_PER_S, US_PER_MS } from '../../src-shared/domain/units.ts';
import type { ControlEvent, EngineEvent, QuoteEvent, StartedEvent } from './events.ts';
import { NOTHING, type StepResult } from './facts.ts';
import { takeExchange } from './exchangeAccount.ts';
import { drivePair, tickGroups } from './hedging/drive.ts';
import { takeCancelOutcome, takeFills, takeOrderOutcome, takeOrderQuery, takeOrderReport } from './hedging/orderEvents.ts';
import { recoverTrading } from './hedging/recovery.ts';
import { InvariantViolation } from './invariant.ts';
import { takeChecklist } from './live/guard.ts';
import { takeQuote } from './marketData.ts';
import { emit, note } from './notes.ts';
import { obey } from './operator.ts';
import { endAllEpisodes, watchPair } from './opportunity.ts';
import { advance, setInForce, setStale } from './pairStatistics.ts';
import { takeOrderLink, takeSnapshot, tickReconcile } from './reconcile/wall.ts';
import { tickRisk } from './risk/bookkeeping.ts';
import { createState, type EngineState } from './state.ts';
import { restoreStops } from './stops/restore.ts';
import { watchStops } from './stops/verify.ts';
import { takeClock, takeCounters, takeInstrument, takeLink, takeMetatrader, takeMissing, takeSessions, venueNamed } from './venues.ts';

export type { EngineState } from './state.ts';

/** Limits behind which a leg may be naked or a report untrue: a person must look at once. */
export const CRITICAL_LIMITS: readonly string[] = [
  'mt5-contradiction',
  'mt5-external-close',
  'mt5-unknown-deal',
  'mt5-unknown-command',
  'exchange-act',
  'exchange-dead-man',
];

/** An empty engine. @throws InvariantViolation for settings that cannot hold. */
export const createEngine = (settings: EngineSettings): EngineState => createState(settings);

/**
 * One turn. Mutates `state`; the result is the caller's to keep.
 * @throws InvariantViolation when the engine cannot trust itself any longer: the caller must halt. Nothing half-said of
 * that event is ever part of a later result, and a kill is still obeyed.
 */
export const step = (state: EngineState, event: EngineEvent): StepResult => {
  checkOrder(state, event);
  state.seq = event.seq;
  state.monoUs = event.monoUs;
  state.unixMs = event.unixMs;
  try {
    if (event.type === 'quote') stepQuote(state, event);
    else stepControl(state, event);
  } catch (fault) {
    clearDraft(state);
    throw fault;
  }
  return takeDraft(state);
};

const checkOrder = (state: EngineState, event: EngineEvent): void => {
  if (!(event.seq > state.seq)) throw new InvariantViolation(`event ${event.seq} (${event.type}) after event ${state.seq}`);
  if (!(event.monoUs >= state.monoUs))
    throw new InvariantViolation(`monotonic time ran back from ${state.monoUs} to ${event.monoUs} µs at event ${event.seq}`);
  if ((event.type === 'started') !== (state.runId === ''))
    throw new InvariantViolation(`event ${event.seq} (${event.type}): a run has exactly one "started", as its first event`);
};

const stepQuote = (state: EngineState, event: QuoteEvent): void => {
  const { fanOut } = takeQuote(state, event);
  const nowUs = Math.floor(event.monoUs);
  for (let i = 0; i < fanOut.length; i++) {
    watchPair(state, fanOut[i]!, nowUs);
    drivePair(state, fanOut[i]!, nowUs);
  }
};

const stepControl = (state: EngineState, event: ControlEvent): void => {
  switch (event.type) {
    case 'started':
      return start(state, event);
    case 'timer':
      return tick(state);
    case 'operator':
      state.draft.verdict = obey(state, event.command);
      return;
    case 'venue-link':
      return takeLink(state, event.venueId, event.report);
    case 'venue-clock':
      return takeClock(state, event.venueId, event.report);
    case 'venue-counters':
      return takeCounters(state, event.venueId, event.counters);
    case 'metatrader':
      return takeMetatrader(state, event.venueId, event.report);
    case 'exchange':
      return takeExchange(state, venueNamed(state, event.venueId), event.report);
    case 'instrument':
      return takeInstrument(state, event.instrument, event.mismatches);
    case 'instrument-missing':
      return takeMissing(state, event.instrumentId, event.why);
    case 'instrument-sessions':
      return takeSessions(state, event);
    case 'order-outcome':
    case 'cancel-outcome':
    case 'order-query':
    case 'order-report':
    case 'fill':
    case 'charge':
    case 'venue-snapshot':
    case 'order-link':
      stepOrders(state, event);
      return watchStops(state);
    case 'limit-crossed':
      return note(state, CRITICAL_LIMITS.includes(event.limit) ? 'critical' : 'warn', 'engine', event.limit, event.detail);
    case 'live-checklist':
      return takeChecklist(state, event.items, event.checkedUnixMs);
    case 'stopping':
      endAllEpisodes(state, 'stopping', Math.floor(state.monoUs));
      return emit(state, { type: 'run-stopping', why: event.why });
  }
};

type OrderEvent = Extract<
  ControlEvent,
  {
    readonly type:
      | 'order-outcome'
      | 'cancel-outcome'
      | 'order-query'
      | 'order-report'
      | 'fill'
      | 'charge'
      | 'venue-snapshot'
      | 'order-link';
  }
>;

/** What venues say of our orders; a stop in force is looked at after each. */
const stepOrders = (state: EngineState, event: OrderEvent): void => {
  switch (event.type) {
    case 'order-outcome':
      return takeOrderOutcome(state, event.clientOrderId, event.outcome);
    case 'cancel-outcome':
      return takeCancelOutcome(state, event.clientOrderId, event.outcome);
    case 'order-query':
      return takeOrderQuery(state, event.clientOrderId, event.outcome);
    case 'order-report':
      return takeOrderReport(state, event.report);
    case 'fill':
      takeFills(state, [event.fill], 'push');
      return;
    case 'charge':
      return takeCharge(state, event.charge);
    case 'venue-snapshot':
      return takeSnapshot(state, event);
    case 'order-link':
      return takeOrderLink(state, event);
  }
};

/** The recovery path, crash or not: latches hold, groups and orders come back, old intents are over, statistics come from their samples. */
const start = (state: EngineState, event: StartedEvent): void => {
  if (event.runId === '') throw new InvariantViolation('a run without a name');
  state.runId = event.runId;
  state.startedUnixMs = event.unixMs;
  state.lastSampleUnixS = Math.floor(event.unixMs / MS_PER_S);
  for (const venue of state.venues) venue.linkSinceUnixMs = event.unixMs;
  emit(state, { type: 'run-started', runId: event.runId });
  for (const text of event.notes ?? []) note(state, 'warn', 'ledger', null, text);
  recoverTrading(state, event.trading);
  restoreStops(state, event);
  for (const { id } of event.openIntents)
    emit(state, { type: 'intent-ended', intentId: id, reason: 'restart', bestEdgeBps: null, durationMs: null, suppressed: null });
  restoreStatistics(state, event);
};

/** Each sample stands for `sampleIntervalMs` at its own age; what no sample covers counts as stale. */
const restoreStatistics = (state: EngineState, event: StartedEvent): void => {
  const nowUs = Math.floor(event.monoUs);
  const intervalUs = Math.round(event.sampleIntervalMs * US_PER_MS);
  const oldestMs = event.unixMs - state.settings.statistics.windowMs;
  for (const sample of event.samples) {
    const pair = state.pairs[sample.pair];
    if (pair === undefined) throw new InvariantViolation(`a sample of pair ${sample.pair} of ${state.pairs.length}`);
    if (sample.unixMs < oldestMs || sample.unixMs >= event.unixMs) continue;
    const atUs = nowUs - Math.round((event.unixMs - sample.unixMs) * US_PER_MS);
    advance(pair.statistics, atUs);
    if (sample.fBps === null || sample.rBps === null) setStale(pair.statistics);
    else setInForce(pair.statistics, sample.fBps, sample.rBps, atUs + intervalUs);
  }
  for (const pair of state.pairs) {
    advance(pair.statistics, nowUs);
    setStale(pair.statistics);
  }
};

/** Staleness, episodes, groups and sweeps move on without quotes; once a second of the Unix clock every pair gives a sample. */
const tick = (state: EngineState): void => {
  const nowUs = Math.floor(state.monoUs);
  for (const pair of state.pairs) watchPair(state, pair, nowUs);
  tickGroups(state, nowUs);
  tickReconcile(state, nowUs);
  tickRisk(state, nowUs);
  watchStops(state);
  const unixS = Math.floor(state.unixMs / MS_PER_S);
  if (unixS === state.lastSampleUnixS) return;
  state.lastSampleUnixS = unixS;
  for (const pair of state.pairs)
    state.draft.samples.push({
      unixMs: unixS * MS_PER_S,
      pair: pair.index,
      fBps: pair.valid ? pair.fBps : null,
      rBps: pair.valid ? pair.rBps : null,
    });
};

const takeDraft = (state: EngineState): StepResult => {
  const { draft } = state;
  if (draft.facts.length === 0 && draft.effects.length === 0 && draft.samples.length === 0 && draft.verdict === null) return NOTHING;
  const result: StepResult = { ...draft };
  clearDraft(state);
  return result;
};

const clearDraft = ({ draft }: EngineState): void => {
  draft.facts = [];
  draft.effects = [];
  draft.samples = [];
  draft.verdict = null;
};
