/**
 * The entry rule and the life of an opportunity. Fires when the executable spread reaches the stricter of two levels:
 * centre + threshold (deviation) and costs + least edge. One intent an episode; an episode lasts until the spread falls
 * `hysteresisBps` below the entry level of that moment, a leg stays stale, or trading is paused, killed or stopping.
 * The quiet path allocates nothing; every figure of an intent is taken at the moment it fires.
 */
import type { Intent } from '../../src-shared/domain/opportunity.ts';
import type { IntentRow } from '../../src-shared/domain/view.ts';
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import { costBreakdown, keptCarryBps, totalCostBps } from './costs.ts';
import type { Fact } from './facts.ts';
import { firstFailing, gateList, type Evaluation } from './gates.ts';
import { proposeGroup } from './hedging/entry.ts';
import { intentIdOf } from './intentId.ts';
import { emit, note } from './notes.ts';
import { advance, coverageOf, ENTRY_PERCENTILE, P50, P75, P90, P99, setInForce, setStale } from './pairStatistics.ts';
import { evidenceOf, exactSpreadBps, exactText } from './risk/exact.ts';
import { quantileAt, shareAtLeast } from './rollingStats.ts';
import { executableBaseQty, holdsAt, revalue, spreadOf } from './spread.ts';
import { MAX_INTENT_ROWS, type DirectionState, type EngineState, type PairState } from './state.ts';

/** A leg stale for this long ends an episode; shorter gaps (one late quote) do not. */
export const EPISODE_STALE_END_MS = 2_000;

type EndReason = Extract<Fact, { type: 'intent-ended' }>['reason'];

/** Values the pair at this moment, records it, and starts or ends episodes. */
export const watchPair = (state: EngineState, pair: PairState, nowUs: number): void => {
  const { statistics } = pair;
  advance(statistics, nowUs);
  revalue(pair, nowUs, state.settings.frozenQuoteMs);
  if (pair.valid) setInForce(statistics, pair.fBps, pair.rBps, pair.validUntilUs);
  else setStale(statistics);
  watchDirection(state, pair, pair.directions[0], nowUs);
  watchDirection(state, pair, pair.directions[1], nowUs);
};

const watchDirection = (state: EngineState, pair: PairState, d: DirectionState, nowUs: number): void => {
  if (!pair.valid) {
    if (nowUs - pair.invalidSinceUs < EPISODE_STALE_END_MS * US_PER_MS) return;
    d.abnormalAlarmed = false;
    if (d.live !== null) endEpisode(state, pair, d, 'stale', nowUs);
    return;
  }
  const spread = spreadOf(pair, d);
  const total = totalCostBps(pair, d, keptCarryBps(pair, d, state.unixMs));
  const entry = entrySpreadBps(pair, d, total);
  if (d.live !== null) followEpisode(state, pair, d, spread, spread - total, entry, nowUs);
  else if (spread >= entry) tryEntry(state, pair, d, nowUs);
  else if (spread < entry - pair.settings.hysteresisBps) d.abnormalAlarmed = false;
};

const followEpisode = (
  state: EngineState,
  pair: PairState,
  d: DirectionState,
  spread: number,
  edge: number,
  entry: number,
  nowUs: number,
): void => {
  const live = d.live!;
  if (edge > live.bestEdgeBps) live.bestEdgeBps = edge;
  if (spread < entry - pair.settings.hysteresisBps) {
    endEpisode(state, pair, d, 'edge-gone', nowUs);
    return;
  }
  const above = spread >= entry;
  if (above && !live.aboveEntry) live.suppressed++;
  live.aboveEntry = above;
};

/** How far from the centre the rule asks the spread to be, bps; NaN before statistics. */
export const thresholdBps = (pair: PairState, d: DirectionState): number => {
  const distribution = pair.statistics.directions[d.index];
  return Math.max(pair.settings.deviationFloorBps, quantileAt(distribution, ENTRY_PERCENTILE) - quantileAt(distribution, P50));
};

/** The spread at which the rule fires; NaN while statistics or a cost are unknown, and then nothing fires. */
export const entrySpreadBps = (pair: PairState, d: DirectionState, totalBps: number): number =>
  Math.max(quantileAt(pair.statistics.directions[d.index], P50) + thresholdBps(pair, d), totalBps + pair.settings.minEdgeBps);

/**
 * Above this spread the edge is an error of somebody's until a person has looked: `abnormalEdgeBps` after costs, or
 * `abnormalP99Multiple` times as far from the centre as the 99th percentile. A pair whose entry level itself lies
 * beyond its p99 (dear to trade, calm market) measures the multiple from the entry instead: else nothing could pass.
 */
const abnormalSpreadBps = (pair: PairState, d: DirectionState, totalBps: number, entryBps: number): number => {
  const distribution = pair.statistics.directions[d.index];
  const centre = quantileAt(distribution, P50);
  const reach = Math.max(quantileAt(distribution, P99) - centre, entryBps - centre);
  return Math.min(totalBps + pair.settings.abnormalEdgeBps, centre + pair.settings.abnormalP99Multiple * reach);
};

/** Everything about one direction at one moment. Reads only: the console may ask as often as it likes. */
export const evaluate = (
  state: EngineState,
  pair: PairState,
  d: DirectionState,
  nowUs: number,
  nowUnixMs: number,
  carryBps: number,
): Evaluation => {
  const total = totalCostBps(pair, d, carryBps);
  const spread = holdsAt(pair, nowUs) ? spreadOf(pair, d) : Number.NaN;
  const entry = entrySpreadBps(pair, d, total);
  return {
    state,
    pair,
    d,
    nowUs,
    nowUnixMs,
    spreadBps: spread,
    totalCostBps: total,
    edgeBps: spread - total,
    centreBps: quantileAt(pair.statistics.directions[d.index], P50),
    thresholdBps: thresholdBps(pair, d),
    entrySpreadBps: entry,
    abnormalSpreadBps: abnormalSpreadBps(pair, d, total, entry),
  };
};

const tryEntry = (state: EngineState, pair: PairState, d: DirectionState, nowUs: number): void => {
  const e = evaluate(state, pair, d, nowUs, state.unixMs, keptCarryBps(pair, d, state.unixMs));
  const failing = firstFailing(e);
  if (failing === null) propose(state, e);
  else if (failing.code === 'abnormal-edge' && !d.abnormalAlarmed) {
    d.abnormalAlarmed = true;
    note(state, 'critical', 'risk', pair.settings.id, `${d.direction} blocked: ${failing.note(e)}`);
  }
};

const propose = (state: EngineState, e: Evaluation): void => {
  const { pair, d, nowUs } = e;
  const distribution = pair.statistics.directions[d.index];
  d.episodes++;
  const draft: Omit<Intent, 'disposition' | 'denials' | 'groupId'> = {
    id: intentIdOf(state.runId, pair.index, d.index, d.episodes),
    pairId: pair.settings.id,
    direction: d.direction,
    episode: d.episodes,
    proposedUnixMs: e.nowUnixMs,
    spreadBps: e.spreadBps,
    edgeBps: e.edgeBps,
    centreBps: e.centreBps,
    deviationBps: e.spreadBps - e.centreBps,
    thresholdBps: e.thresholdBps,
    entrySpreadBps: e.entrySpreadBps,
    percentiles: {
      p50: quantileAt(distribution, P50),
      p75: quantileAt(distribution, P75),
      p90: quantileAt(distribution, P90),
      p99: quantileAt(distribution, P99),
    },
    triggerRate: shareAtLeast(distribution, e.entrySpreadBps),
    coverage: coverageOf(pair.statistics),
    executableBaseQty: executableBaseQty(pair, d),
    conversionRate: pair.rate,
    costs: costBreakdown(pair, d, e.nowUnixMs),
    quotes: [evidenceOf(pair.a, nowUs), evidenceOf(pair.b, nowUs)],
    gates: gateList(e),
    exactSpreadBps: exactText(exactSpreadBps(pair, d)),
  };
  const intent: Intent = { ...draft, ...proposeGroup(state, e, draft) };
  d.live = { id: intent.id, proposedMonoUs: nowUs, bestEdgeBps: e.edgeBps, suppressed: 0, aboveEntry: true };
  state.intents.push({ id: intent.id, row: rowOf(intent) });
  if (state.intents.length > MAX_INTENT_ROWS) state.intents.shift();
};

const rowOf = (intent: Intent): IntentRow => ({
  pairId: intent.pairId,
  direction: intent.direction,
  episode: intent.episode,
  proposedUnixMs: intent.proposedUnixMs,
  endedUnixMs: null,
  endReason: null,
  spreadBps: intent.spreadBps,
  edgeBps: intent.edgeBps,
  bestEdgeBps: intent.edgeBps,
  thresholdBps: intent.thresholdBps,
  costsBps: intent.costs.totalBps,
  executableBaseQty: intent.executableBaseQty,
  disposition: intent.disposition,
  groupId: intent.groupId,
});

const endEpisode = (state: EngineState, pair: PairState, d: DirectionState, reason: EndReason, nowUs: number): void => {
  const { id, bestEdgeBps, proposedMonoUs, suppressed } = d.live!;
  d.live = null;
  pair.cooldownUntilUs = nowUs + pair.settings.cooldownMs * US_PER_MS;
  const kept = state.intents.find((x) => x.id === id);
  if (kept !== undefined) kept.row = { ...kept.row, endedUnixMs: state.unixMs, endReason: reason, bestEdgeBps };
  emit(state, { type: 'intent-ended', intentId: id, reason, bestEdgeBps, durationMs: (nowUs - proposedMonoUs) / US_PER_MS, suppressed });
};

/** Ends every live intent: the operator stopped us, or the run ends. */
export const endAllEpisodes = (state: EngineState, reason: EndReason, nowUs: number): void => {
  for (const pair of state.pairs) for (const d of pair.directions) if (d.live !== null) endEpisode(state, pair, d, reason, nowUs);
};
