/**
 * What consoles show, derived from the state at a moment: flat tables, and the whole detail of one pair. Reads only, so
 * that being watched can never change a decision. Rounds for display; unknown is null, never 0 (a stale spread is unknown).
 */
import { DIRECTIONS, type Direction } from '../../src-shared/domain/opportunity.ts';
import type { Stamp } from '../../src-shared/domain/units.ts';
import { US_PER_MS } from '../../src-shared/domain/units.ts';
import type {
  ConsoleTables,
  DirectionDetail,
  DirectionView,
  EngineRow,
  EventRow,
  InstrumentRow,
  IntentRow,
  PairDetail,
  PairRow,
  VenueRow,
} from '../../src-shared/domain/view.ts';
import { carryBps, costBreakdown } from './costs.ts';
import { GATES, gateList, metadataFault, type Evaluation } from './gates.ts';
import { histogramOf } from './histogram.ts';
import { ageMs, hasQuote, isFresh, latencyMs } from './marketData.ts';
import { evaluate } from './opportunity.ts';
import { coverageOf, P50, P75, P90, P99 } from './pairStatistics.ts';
import { quantileAt, resolutionBps, shareAtLeast } from './rollingStats.ts';
import { executableBaseQty, holdsAt } from './spread.ts';
import type { DirectionState, EngineState, InstrumentState, PairState, VenueState } from './state.ts';

/** What the engine's row needs from outside the core. */
export interface RuntimeFigures {
  readonly version: string;
  readonly ledgerPath: string;
  readonly ledgerFault: string | null;
  readonly journalSeq: number;
  readonly quotesPerSecond: number;
  readonly conflatedQuotes: number;
  readonly stepP99Us: number | null;
  readonly commitP99Us: number | null;
}

/** The table shows one digit and copies two; the pair in focus has three. */
const ROW_BPS_DIGITS = 2;
const BPS_DIGITS = 3;
const SHARE_DIGITS = 4;
const QTY_DIGITS = 9;
/** A quantity beside a price is read at a glance; the intent's evidence has it whole. */
const DISPLAYED_QTY_SIGNIFICANT_DIGITS = 3;
/** Ages change with every look: finer steps would be noise on the screen and most of the bytes to it. */
const AGE_STEP_MS = 10;

/** Rounded; null where it is not a finite number. */
const shown = (value: number | null, digits: number): number | null => {
  if (value === null || !Number.isFinite(value)) return null;
  const scale = 10 ** digits;
  const rounded = Math.round(value * scale) / scale;
  return rounded === 0 ? 0 : rounded;
};

const shownAge = (ms: number): number | null => (Number.isFinite(ms) ? Math.round(ms / AGE_STEP_MS) * AGE_STEP_MS : null);

const shownQty = (qty: number): number | null => (Number.isFinite(qty) ? Number(qty.toPrecision(DISPLAYED_QTY_SIGNIFICANT_DIGITS)) : null);

export const buildTables = (state: EngineState, figures: RuntimeFigures, at: Stamp): ConsoleTables => ({
  engine: { engine: engineRow(state, figures, at) },
  venues: tableOf(state.venues, (v) => [v.settings.id, venueRow(v, at)]),
  instruments: tableOf(state.instruments, (x) => [x.settings.id, instrumentRow(x, at)]),
  pairs: tableOf(state.pairs, (p) => [p.settings.id, pairRow(state, p, at)]),
  intents: tableOf<{ readonly id: string; readonly row: IntentRow }, IntentRow>(state.intents, (x) => [x.id, intentRow(x.row)]),
  events: tableOf<{ readonly id: string; readonly row: EventRow }, EventRow>(state.notes, (x) => [x.id, x.row]),
});

const tableOf = <T, Row>(items: readonly T[], entry: (item: T) => readonly [string, Row]): Readonly<Record<string, Row>> =>
  Object.fromEntries(items.map(entry));

const engineRow = (state: EngineState, figures: RuntimeFigures, at: Stamp): EngineRow => ({
  runId: state.runId,
  version: figures.version,
  mode: state.settings.mode,
  profile: state.settings.profile,
  startedUnixMs: state.startedUnixMs,
  nowUnixMs: at.unixMs,
  tradingState: state.trading,
  armed: false,
  pause: state.pause,
  kill: state.kill,
  quotesPerSecond: shown(figures.quotesPerSecond, 0) ?? 0,
  conflatedQuotes: figures.conflatedQuotes,
  journalSeq: figures.journalSeq,
  ledgerFault: figures.ledgerFault,
  ledgerPath: figures.ledgerPath,
  stepP99Us: shown(figures.stepP99Us, 1),
  commitP99Us: shown(figures.commitP99Us, 1),
});

const venueRow = (v: VenueState, at: Stamp): VenueRow => ({
  label: v.settings.label,
  protocol: v.settings.protocol,
  simulated: v.settings.simulated,
  link: v.link,
  linkDetail: v.linkDetail,
  linkSinceUnixMs: v.linkSinceUnixMs,
  quoteAgeMs: shownAge(Math.max(0, at.monoUs - v.newestQuoteMonoUs) / US_PER_MS),
  latencyMs: shown(latencyMs(v), 0),
  clockOffsetMs: shown(v.clock?.offsetMs ?? null, 0),
  clockUncertaintyMs: shown(v.clock?.uncertaintyMs ?? null, 0),
  roundTripMs: shown(v.clock?.roundTripMs ?? null, 0),
  framesPerSecond: shown(v.framesPerSecond, 0) ?? 0,
  malformedFrames: v.counters?.malformedFrames ?? 0,
  lastMalformed: v.counters?.lastMalformed ?? null,
  reconnects: v.counters?.reconnects ?? 0,
  metatrader: v.metatrader,
});

const instrumentRow = (x: InstrumentState, at: Stamp): InstrumentRow => ({
  venueId: x.settings.venueId,
  symbol: x.settings.symbol,
  bidPx: Number.isFinite(x.bidPx) ? x.bidPx : null,
  askPx: Number.isFinite(x.askPx) ? x.askPx : null,
  bidQty: shownQty(x.bidQty),
  askQty: shownQty(x.askQty),
  pxDigits: x.pxDigits,
  ageMs: shownAge(ageMs(x, at.monoUs)),
  stale: !(hasQuote(x) && x.fault === 'none' && isFresh(x, at.monoUs)),
  quoteOnly: x.venue.metatrader?.quoteOnly ?? false,
  metadata: x.metadata === null && x.missing === null ? 'awaited' : (metadataFault(x) ?? 'ok'),
});

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

const pairRow = (state: EngineState, pair: PairState, at: Stamp): PairRow => {
  const [f, r] = [evaluateAt(state, pair, pair.directions[0], at), evaluateAt(state, pair, pair.directions[1], at)];
  const [fView, rView] = [directionView(f, ROW_BPS_DIGITS), directionView(r, ROW_BPS_DIGITS)];
  const best = betterOf(f, r);
  const failing = GATES.filter((gate) => !gate.passes(best));
  const first = failing[0];
  return {
    underlying: pair.settings.underlying,
    a: pair.settings.a,
    b: pair.settings.b,
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
  };
};

const intentRow = (row: IntentRow): IntentRow => ({
  ...row,
  spreadBps: shown(row.spreadBps, BPS_DIGITS) ?? row.spreadBps,
  edgeBps: shown(row.edgeBps, BPS_DIGITS) ?? row.edgeBps,
  bestEdgeBps: shown(row.bestEdgeBps, BPS_DIGITS) ?? row.bestEdgeBps,
  thresholdBps: shown(row.thresholdBps, BPS_DIGITS) ?? row.thresholdBps,
  costsBps: shown(row.costsBps, BPS_DIGITS) ?? row.costsBps,
  executableBaseQty: shown(row.executableBaseQty, QTY_DIGITS) ?? row.executableBaseQty,
});

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
