/**
 * Every gate, in order. The signal gates alone decide whether an intent exists: one rule a gate, which both decides (no text,
 * no allocation) and explains itself. The risk gates after them decide whether it becomes a group. "Why not?" in the console
 * is the whole list. A figure that is unknown (NaN) fails its gate and shows as unknown.
 */
import type { GateCode, GateResult, GateUnit, RiskGateCode } from '../../src-shared/domain/opportunity.ts';
import { US_PER_MS, US_PER_S } from '../../src-shared/domain/units.ts';
import { ageMs, hasQuote, isFresh, isFrozen } from './marketData.ts';
import { sessionOf } from './risk/calendar.ts';
import { judgeRisk, planEntry } from './risk/entry.ts';
import { RISK_GATES, type EntryPlan, type RiskVerdict } from './risk/entryPlan.ts';
import { executableBaseQty, requiredBaseQty } from './spread.ts';
import type { DirectionState, EngineState, InstrumentState, PairState } from './state.ts';

/** Everything the rules read: one direction of one pair at one moment. */
export interface Evaluation {
  readonly state: EngineState;
  readonly pair: PairState;
  readonly d: DirectionState;
  readonly nowUs: number;
  readonly nowUnixMs: number;
  /** NaN where a leg is stale, missing or invalid. */
  readonly spreadBps: number;
  readonly totalCostBps: number;
  readonly edgeBps: number;
  readonly centreBps: number;
  readonly thresholdBps: number;
  readonly entrySpreadBps: number;
  /** Above this spread the edge is too good to be true. */
  readonly abnormalSpreadBps: number;
  /** Made when the first risk gate is asked, and kept for the others. */
  entry?: EntryPlan;
}

interface GateRule {
  readonly code: GateCode;
  readonly unit: GateUnit;
  readonly passes: (e: Evaluation) => boolean;
  /** Null or NaN = no figure. */
  readonly measured: (e: Evaluation) => number | null;
  readonly limit: (e: Evaluation) => number | null;
  readonly note: (e: Evaluation) => string;
}

const none = (): null => null;
const figure = (value: number, digits = 2): string => (Number.isNaN(value) ? '—' : value.toFixed(digits));
const legsOf = ({ pair }: Evaluation): readonly InstrumentState[] =>
  pair.conversion === null ? [pair.a, pair.b] : [pair.a, pair.b, pair.conversion];

/** First failing of the pair's instruments, said in its own words; null = all pass. */
const firstFault = (e: Evaluation, faultOf: (x: InstrumentState, e: Evaluation) => string | null): string | null => {
  for (const x of legsOf(e)) {
    const fault = faultOf(x, e);
    if (fault !== null) return `${x.settings.id}: ${fault}`;
  }
  return null;
};

/** Why an instrument's metadata refuses its pairs; null = it does not. */
export const metadataFault = (x: InstrumentState): string | null => {
  if (x.missing !== null) return x.missing;
  if (x.metadata === null) return 'metadata awaited';
  if (x.mismatches.length === 0) return null;
  return x.mismatches.map((m) => `${m.field} configured ${m.configured}, venue reports ${m.reported}`).join('; ');
};

const linkFault = (x: InstrumentState): string | null => (x.venue.link === 'live' ? null : `${x.venue.link}: ${x.venue.linkDetail}`);
const presenceFault = (x: InstrumentState): string | null => (hasQuote(x) ? null : 'no quote yet');
const validityFault = (x: InstrumentState, e: Evaluation): string | null => {
  if (x.fault !== 'none') return `${x.fault} quote`;
  if (x === e.pair.conversion) return null;
  const twin = x === e.pair.a ? e.pair.b : e.pair.a;
  return isFrozen(x, twin, e.nowUs, e.state.settings.frozenQuoteMs) ? 'frozen while the other leg moved' : null;
};
const sessionFault = (x: InstrumentState, e: Evaluation): string | null => {
  if (x === e.pair.conversion) return null;
  if (x.metadata !== null && !x.metadata.tradable) return `venue says ${x.metadata.venueState}`;
  return sessionOf(e.state, x, e.nowUnixMs).open ? null : 'session closed';
};

const faultRule = (code: GateCode, faultOf: (x: InstrumentState, e: Evaluation) => string | null, fine: string): GateRule => ({
  code,
  unit: 'none',
  passes: (e) => {
    const { a, b, conversion } = e.pair;
    return faultOf(a, e) === null && faultOf(b, e) === null && (conversion === null || faultOf(conversion, e) === null);
  },
  measured: none,
  limit: none,
  note: (e) => firstFault(e, faultOf) ?? fine,
});

/** A's price is a's quote times the conversion: the conversion's age counts with leg a, each against its own limit. */
const agedLeg = (e: Evaluation, leg: 'a' | 'b'): InstrumentState => {
  const { a, b, conversion } = e.pair;
  if (leg === 'b') return b;
  return conversion !== null && isFresh(a, e.nowUs) && !isFresh(conversion, e.nowUs) ? conversion : a;
};

const ageRule = (code: GateCode, leg: 'a' | 'b'): GateRule => ({
  code,
  unit: 'ms',
  passes: (e) => isFresh(agedLeg(e, leg), e.nowUs),
  measured: (e) => ageMs(agedLeg(e, leg), e.nowUs),
  limit: (e) => agedLeg(e, leg).maxAgeUs / US_PER_MS,
  note: (e) => {
    const x = agedLeg(e, leg);
    return `${x.settings.id} is ${figure(ageMs(x, e.nowUs), 0)} ms old, limit ${x.maxAgeUs / US_PER_MS} ms`;
  },
});

const skewMs = ({ pair }: Evaluation): number => Math.abs(pair.a.receivedMonoUs - pair.b.receivedMonoUs) / US_PER_MS;
const coveredS = ({ pair }: Evaluation): number => pair.statistics.coveredUs / US_PER_S;
const leastCoveredS = ({ state }: Evaluation): number => state.settings.statistics.minCoveredMs / 1_000;
const cooldownLeftMs = ({ pair, nowUs }: Evaluation): number => Math.max(0, (pair.cooldownUntilUs - nowUs) / US_PER_MS);
const liveIntentOf = (pair: PairState): string | null => pair.directions[0].live?.id ?? pair.directions[1].live?.id ?? null;

export const SIGNAL_GATES: readonly GateRule[] = [
  faultRule('metadata', metadataFault, 'both instruments are as configured'),
  faultRule('venue-link', linkFault, 'both venues are live'),
  faultRule('quote-present', presenceFault, 'every leg is quoted'),
  faultRule('quote-valid', validityFault, 'every quote is sound'),
  ageRule('quote-age-a', 'a'),
  ageRule('quote-age-b', 'b'),
  {
    code: 'quote-skew',
    unit: 'ms',
    passes: (e) => skewMs(e) <= e.pair.settings.maxSkewMs,
    measured: skewMs,
    limit: (e) => e.pair.settings.maxSkewMs,
    note: (e) => `quotes are ${figure(skewMs(e), 0)} ms apart, limit ${e.pair.settings.maxSkewMs} ms`,
  },
  faultRule('session', sessionFault, 'both legs are in session'),
  {
    code: 'statistics',
    unit: 's',
    passes: (e) => coveredS(e) >= leastCoveredS(e),
    measured: coveredS,
    limit: leastCoveredS,
    note: (e) => `${figure(coveredS(e), 0)} s of spread recorded, ${figure(leastCoveredS(e), 0)} s needed`,
  },
  {
    code: 'executable-qty',
    unit: 'base',
    passes: (e) => executableBaseQty(e.pair, e.d) >= requiredBaseQty(e.pair),
    measured: (e) => executableBaseQty(e.pair, e.d),
    limit: (e) => requiredBaseQty(e.pair),
    note: (e) => `${figure(executableBaseQty(e.pair, e.d), 6)} base units executable, ${figure(requiredBaseQty(e.pair), 6)} needed`,
  },
  {
    code: 'edge',
    unit: 'bps',
    passes: (e) => e.spreadBps >= e.totalCostBps + e.pair.settings.minEdgeBps,
    measured: (e) => e.edgeBps,
    limit: (e) => e.pair.settings.minEdgeBps,
    note: (e) =>
      `edge ${figure(e.edgeBps)} = spread ${figure(e.spreadBps)} − costs ${figure(e.totalCostBps)}, at least ${figure(e.pair.settings.minEdgeBps)} bps needed`,
  },
  {
    code: 'deviation',
    unit: 'bps',
    passes: (e) => e.spreadBps >= e.centreBps + e.thresholdBps,
    measured: (e) => e.spreadBps - e.centreBps,
    limit: (e) => e.thresholdBps,
    note: (e) => `${figure(e.spreadBps - e.centreBps)} from the centre ${figure(e.centreBps)}, threshold ${figure(e.thresholdBps)} bps`,
  },
  {
    code: 'abnormal-edge',
    unit: 'bps',
    passes: (e) => e.spreadBps <= e.abnormalSpreadBps,
    measured: (e) => e.spreadBps,
    limit: (e) => e.abnormalSpreadBps,
    note: (e) => `spread ${figure(e.spreadBps)}, too good to be true above ${figure(e.abnormalSpreadBps)} bps`,
  },
  {
    code: 'trading-state',
    unit: 'none',
    passes: ({ state }) => state.trading === 'active' && state.kill === null && state.pause === null,
    measured: none,
    limit: none,
    note: ({ state }) => (state.kill !== null ? 'kill switch latched' : state.pause !== null ? 'paused' : state.trading),
  },
  {
    code: 'cooldown',
    unit: 'ms',
    passes: (e) => e.nowUs >= e.pair.cooldownUntilUs && liveIntentOf(e.pair) === null,
    measured: cooldownLeftMs,
    limit: () => 0,
    note: (e) => {
      const live = liveIntentOf(e.pair);
      if (live !== null) return `intent ${live} of this pair is live`;
      return e.nowUs >= e.pair.cooldownUntilUs ? 'no cooldown' : `${figure(cooldownLeftMs(e), 0)} ms of cooldown left`;
    },
  },
];

const judged = (e: Evaluation, code: RiskGateCode): RiskVerdict => judgeRisk(e.state, (e.entry ??= planEntry(e)), code);

const riskGate = ({ code, unit }: (typeof RISK_GATES)[number]): GateRule => ({
  code,
  unit,
  passes: (e) => judged(e, code).passed,
  measured: (e) => judged(e, code).measured,
  limit: (e) => judged(e, code).limit,
  note: (e) => judged(e, code).text,
});

/** Signal gates, then risk gates. */
export const GATES: readonly GateRule[] = [...SIGNAL_GATES, ...RISK_GATES.map(riskGate)];

/** First signal gate that fails, or null: then the intent exists, whatever risk says of its group. */
export const firstFailing = (e: Evaluation): GateRule | null => {
  for (const gate of SIGNAL_GATES) if (!gate.passes(e)) return gate;
  return null;
};

/** Every gate with its figures, in order. */
export const gateList = (e: Evaluation): readonly GateResult[] => [
  ...SIGNAL_GATES.map((gate) => ({
    code: gate.code,
    passed: gate.passes(e),
    measured: known(gate.measured(e)),
    limit: known(gate.limit(e)),
    unit: gate.unit,
    note: gate.note(e),
  })),
  ...RISK_GATES.map(({ code, unit }) => {
    const { passed, measured, limit, text } = judged(e, code);
    return { code, passed, measured: known(measured), limit: known(limit), unit, note: text };
  }),
];

const known = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);
