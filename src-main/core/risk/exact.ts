/**
 * The road from numbers to decimals: what a signal found in numbers is computed again exactly before it may become an
 * intent. Owns the evidence an intent carries. A disagreement beyond rounding is a bug of ours, hence an assertion.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { QuoteEvidence } from '../../../src-shared/domain/quote.ts';
import { BPS_PER_UNIT } from '../../../src-shared/domain/units.ts';
import { invariant } from '../invariant.ts';
import { ageMs } from '../marketData.ts';
import { spreadOf } from '../spread.ts';
import type { DirectionState, InstrumentState, PairState } from '../state.ts';

/** Doubles of at most 15 significant digits give a spread that is right to far less than this. */
export const MAX_ROUNDING_BPS = 1e-6;
const EXACT_DIGITS = 12;

const midOf = (x: InstrumentState): Decimal => decimalOfWireNumber(x.bidPx).plus(decimalOfWireNumber(x.askPx)).div(2);

const exactRate = (pair: PairState): Decimal => {
  const { conversion } = pair.settings;
  if (conversion.kind === 'fixed') return decimalOfWireNumber(conversion.rate);
  invariant(pair.conversion !== null, `pair ${pair.settings.id} has no conversion instrument`);
  const mid = midOf(pair.conversion);
  return conversion.invert ? new Decimal(1).div(mid) : mid;
};

/** The spread of the quotes in force, in decimals. @throws InvariantViolation when it is not what the numbers said. */
export const exactSpreadBps = (pair: PairState, d: DirectionState): Decimal => {
  const rate = exactRate(pair);
  const inB = (x: InstrumentState, px: number): Decimal => (x === pair.a ? decimalOfWireNumber(px).times(rate) : decimalOfWireNumber(px));
  const mid = midOf(pair.a).times(rate).plus(midOf(pair.b)).div(2);
  const exact = inB(d.sold, d.sold.bidPx).minus(inB(d.bought, d.bought.askPx)).div(mid).times(BPS_PER_UNIT);
  const found = spreadOf(pair, d);
  invariant(
    exact.minus(found).abs().lte(MAX_ROUNDING_BPS),
    `pair ${pair.settings.id}: spread ${found} bps in numbers, ${exact.toFixed(EXACT_DIGITS)} bps in decimals`,
  );
  return exact;
};

export const exactText = (value: Decimal): string => value.toFixed(EXACT_DIGITS);

const textOf = (value: number): string => decimalOfWireNumber(value).toFixed();

/** The quote an intent relied on, as the venue wrote it, with its age at the decision. */
export const evidenceOf = (x: InstrumentState, nowUs: number): QuoteEvidence => ({
  instrumentId: x.settings.id,
  bidPx: textOf(x.bidPx),
  bidQty: Number.isNaN(x.bidQty) ? null : textOf(x.bidQty),
  askPx: textOf(x.askPx),
  askQty: Number.isNaN(x.askQty) ? null : textOf(x.askQty),
  venueMs: x.venueMs,
  updateId: x.updateId === null ? null : x.updateId.toString(),
  receivedUnixMs: x.receivedUnixMs,
  ageMs: ageMs(x, nowUs),
});
