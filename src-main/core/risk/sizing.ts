/**
 * How much an entry may be: one common quantum for both legs, the venues' minima and maxima, displayed size, and what the
 * notional limits leave. Decimals throughout: what cannot be hedged exactly on both sides is never opened.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import type { Evaluation } from '../gates.ts';
import { rungInForce } from '../live/ladder.ts';
import { executableBaseQty } from '../spread.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { midOf, openNotionalUsd } from './exposure.ts';

const ZERO = new Decimal(0);

const gcd = (p: Decimal, q: Decimal): Decimal => (q.isZero() ? p : gcd(q, p.mod(q)));

/** Least amount that both figures divide exactly. */
export const commonMultiple = (p: Decimal, q: Decimal): Decimal => {
  const scale = new Decimal(10).pow(Math.max(p.decimalPlaces(), q.decimalPlaces()));
  const [m, n] = [p.times(scale), q.times(scale)];
  return m.times(n).div(gcd(m, n)).div(scale);
};

/** Base units of one step; null until the metadata came. */
export const baseStepOf = ({ metadata }: InstrumentState): Decimal | null =>
  metadata === null ? null : new Decimal(metadata.qtyStep).times(metadata.baseQtyPerUnit);

/** What two descriptions give never changes, and the console asks for every pair ten times a second: remembered as long as they live. */
const quanta = new WeakMap<Instrument, { readonly other: Instrument; readonly quantum: Decimal | null }>();

/** Base quantity of which both legs take whole multiples; null until both legs' metadata came. */
export const quantumOf = (pair: PairState): Decimal | null => {
  const [one, other] = [pair.a.metadata, pair.b.metadata];
  if (one === null || other === null) return null;
  const known = quanta.get(one);
  if (known !== undefined && known.other === other) return known.quantum;
  const [a, b] = [baseStepOf(pair.a)!, baseStepOf(pair.b)!];
  const quantum = a.gt(0) && b.gt(0) ? commonMultiple(a, b) : null;
  quanta.set(one, { other, quantum });
  return quantum;
};

export const floorTo = (value: Decimal, step: Decimal): Decimal => value.div(step).floor().times(step);
export const ceilTo = (value: Decimal, step: Decimal): Decimal => value.div(step).ceil().times(step);

/** Least base quantity that the venue takes at its present bid; null while it is not known. */
const leastBase = (x: InstrumentState): Decimal | null => {
  const { metadata, bidPx } = x;
  if (metadata === null || !(bidPx > 0) || !Number.isFinite(bidPx)) return null;
  const ofQty = new Decimal(metadata.minQty).times(metadata.baseQtyPerUnit);
  if (metadata.minNotional === null) return ofQty;
  return Decimal.max(ofQty, new Decimal(metadata.minNotional).div(decimalOfWireNumber(bidPx)));
};

/** Whole quanta that satisfy both venues and the pair's own least size; null while unknown. */
export const minimumBaseQty = (pair: PairState): Decimal | null => {
  const quantum = quantumOf(pair);
  const [a, b] = [leastBase(pair.a), leastBase(pair.b)];
  if (quantum === null || a === null || b === null) return null;
  return ceilTo(Decimal.max(a, b, decimalOfWireNumber(pair.settings.minExecutableBaseQty), quantum), quantum);
};

/** Most that one order of each leg may be, base units; null = no venue sets one. */
export const maximumBaseQty = (pair: PairState): Decimal | null => {
  const most = [pair.a, pair.b].flatMap(({ metadata }) =>
    metadata === null || metadata.maxQty === null ? [] : [new Decimal(metadata.maxQty).times(metadata.baseQtyPerUnit)],
  );
  return most.length === 0 ? null : Decimal.min(...most);
};

/** Dollars that the rung of real money allows a group: 0 = the smallest size alone, +∞ = nothing here limits it. */
const rungLimitUsd = (state: EngineState): number => {
  const rung = rungInForce(state);
  return rung === null ? Number.POSITIVE_INFINITY : (rung.maxNotionalUsd ?? 0);
};

const decimalOf = (value: number): Decimal => (Number.isFinite(value) && value > 0 ? new Decimal(value) : ZERO);

/**
 * The size of an entry now: what is executable, cut to the limits and floored to the quantum; never below the minimum, so
 * that a limit which does not even allow that says so itself. Zero while anything needed is unknown.
 */
export const entryBaseQty = (e: Evaluation): Decimal => {
  const { pair, d, state } = e;
  const quantum = quantumOf(pair);
  const least = minimumBaseQty(pair);
  const usdPerBase = midOf(pair.b) * pair.settings.usdPerQuoteCcy;
  if (quantum === null || least === null || !(usdPerBase > 0)) return ZERO;
  const { maxGroupNotionalUsd, maxTotalNotionalUsd } = state.book.limits;
  const rungUsd = rungLimitUsd(state);
  const affordable = Math.min(maxGroupNotionalUsd, rungUsd, maxTotalNotionalUsd - openNotionalUsd(state)) / usdPerBase;
  const most = maximumBaseQty(pair);
  const wanted = Decimal.min(decimalOf(executableBaseQty(pair, d)), decimalOf(affordable), ...(most === null ? [] : [most]));
  return Decimal.max(floorTo(wanted, quantum), least);
};
