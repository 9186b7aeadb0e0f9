/** One pair as a row of the table, and the pair in focus with every gate and figure. */
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { DIRECTIONS, type Direction } from '../../../src-shared/domain/opportunity.ts';
import { US_PER_MS, type Stamp } from '../../../src-shared/domain/units.ts';
import type { DirectionDetail, DirectionView, PairDetail, PairRow } from '../../../src-shared/domain/view.ts';
import { carryBps, costBreakdown } from '../costs.ts';
import { GATES, gateList, type Evaluation } from '../gates.ts';
import { histogramOf } from '../histogram.ts';
import { ageMs, hasQuote } from '../marketData.ts';
import { evaluate } from '../opportunity.ts';
import { coverageOf, P50, P75, P90, P99 } from '../pairStatistics.ts';
import { quantileAt, resolutionBps, shareAtLeast } from '../rollingStats.ts';
import { executableBaseQty, holdsAt } from '../spread.ts';
import type { DirectionState, EngineState, PairState } from '../state.ts';
import { entryObstacle } from './obstacles.ts';
import { BPS_DIGITS, QTY_DIGITS, ROW_BPS_DIGITS, SHARE_DIGITS, shown, shownAge } from './rounding.ts';

const evaluateAt = (state: EngineState, pair: PairState, d: DirectionState, at: Stamp): Evaluation =>
  evaluate(state, pair, d, Math.floor(at.monoUs), at.unixMs, carryBps(pair, d, at.unixMs));

const directionView = (e: Evaluation, digits: number): DirectionView => {
  const distribution = e.pair.statistics.directions[e.d.index];
  return {
    spreadBps: shown(e.spreadBps, digits),
    edgeBps: shown(e.edgeBps, digits),
    p50: shown(quantileAt(distribution, P50), digits),
    p75: shown(quantileAt(distribution, P75), digits),
    p90: shown(quantileAt(distribution, P90), digits),
    p99: shown(quantileAt(distribution, P99), digits),
    entrySpreadBps: shown(e.entrySpreadBps, digits),
    triggerRate: Number.isNaN(e.entrySpreadBps) ? null : shown(shareAtLeast(distribution, e.entrySpreadBps), SHARE_DIGITS),
  };
};

/** The direction that is nearer to firing; forward while nothing is known. */
const betterOf = (f: Evaluation, r: Evaluation): Evaluation => (r.spreadBps - r.entrySpreadBps > f.spreadBps - f.entrySpreadBps ? r : f);

const liveGroupOf = (state: EngineState, pair: PairState): string | null =>
  state.book.groups.findLast((group) => group.pairId === pair.settings.id && !isEndedGroup(group.state))?.id ?? null;

const conversionText = ({ settings: { conversion } }: PairState): string =>
  conversion.kind === 'fixed'
    ? `fixed at ${conversion.rate}: ${conversion.why}`
    : `by the price of ${conversion.instrumentId}${conversion.invert ? ', inverted' : ''}`;

export const pairRow = (state: EngineState, pair: PairState, at: Stamp): PairRow => {
  const [f, r] = [evaluateAt(state, pair, pair.directions[0], at), evaluateAt(state, pair, pair.directions[1], at)];
  const [fView, rView] = [directionView(f, ROW_BPS_DIGITS), directionView(r, ROW_BPS_DIGITS)];
  const best = betterOf(f, r);
  const failing = GATES.filter((gate) => !gate.passes(best));
  const first = failing[0];
  return {
    underlying: pair.settings.underlying,
    a: pair.settings.a,
    b: pair.settings.b,
    conversion: conversionText(pair),
    stale: !holdsAt(pair, Math.floor(at.monoUs)),
    ageMs: shownAge(Math.max(ageMs(pair.a, at.monoUs), ageMs(pair.b, at.monoUs))),
    fSpreadBps: fView.spreadBps,
    fEdgeBps: fView.edgeBps,
    fP50: fView.p50,
    fP75: fView.p75,
    fP90: fView.p90,
    fP99: fView.p99,
    fEntryBps: fView.entrySpreadBps,
    fTriggerRate: fView.triggerRate,
    rSpreadBps: rView.spreadBps,
    rEdgeBps: rView.edgeBps,
    rP50: rView.p50,
    rP75: rView.p75,
    rP90: rView.p90,
    rP99: rView.p99,
    rEntryBps: rView.entrySpreadBps,
    rTriggerRate: rView.triggerRate,
    coverage: shown(coverageOf(pair.statistics), SHARE_DIGITS) ?? 0,
    gatesPassed: GATES.length - failing.length,
    gatesTotal: GATES.length,
    best: best.d.direction,
    firstFailing: first === undefined ? null : first.code,
    liveIntentId: pair.directions[0].live?.id ?? pair.directions[1].live?.id ?? null,
    groupId: liveGroupOf(state, pair),
    blocked: entryObstacle(state, pair, at.monoUs),
  };
};

/** Everything about one pair, gate lists included; null where no pair has this id. */
export const buildPairDetail = (state: EngineState, pairId: string, at: Stamp): PairDetail | null => {
  const pair = state.pairs.find((p) => p.settings.id === pairId);
  if (pair === undefined) return null;
  const { statistics } = pair;
  return {
    pairId,
    atUnixMs: at.unixMs,
    directions: [directionDetail(state, pair, DIRECTIONS[0], at), directionDetail(state, pair, DIRECTIONS[1], at)],
    conversionRate: Number.isFinite(pair.rate) ? pair.rate : null,
    windowMs: state.settings.statistics.windowMs,
    coveredMs: Math.round(statistics.coveredUs / US_PER_MS),
    coverage: shown(coverageOf(statistics), SHARE_DIGITS) ?? 0,
  };
};

const directionDetail = (state: EngineState, pair: PairState, direction: Direction, at: Stamp): DirectionDetail => {
  const d = pair.directions[direction === DIRECTIONS[0] ? 0 : 1];
  const e = evaluateAt(state, pair, d, at);
  const distribution = pair.statistics.directions[d.index];
  return {
    direction,
    view: directionView(e, BPS_DIGITS),
    centreBps: shown(e.centreBps, BPS_DIGITS),
    thresholdBps: shown(e.thresholdBps, BPS_DIGITS),
    executableBaseQty: hasQuote(pair.a) && hasQuote(pair.b) ? shown(executableBaseQty(pair, d), QTY_DIGITS) : null,
    costs: Number.isNaN(e.totalCostBps) ? null : costBreakdown(pair, d, at.unixMs),
    gates: gateList(e),
    histogram: histogramOf(distribution),
    resolutionBps: resolutionBps(distribution),
  };
};
