/**
 * Two quotes made comparable, and the executable spread between them. Prices are per base unit already; quantities
 * become base units by `baseQtyPerUnit`, a's quote currency becomes b's by the configured conversion (a fixed rate, or
 * the mid of a quoted instrument with its own age limit: the legs' notional is held on margin and never exchanged, so
 * only the valuation converts). Mid = the mean of both legs' mids in b's currency.
 */
import { BPS_PER_UNIT } from '../../src-shared/domain/units.ts';
import { isFrozen } from './marketData.ts';
import type { DirectionState, InstrumentState, PairState } from './state.ts';

/** Values the pair anew at `nowUs`: afterwards `valid` says whether spreads, rate and `validUntilUs` may be used. */
export const revalue = (pair: PairState, nowUs: number, frozenMs: number): void => {
  const { a, b, conversion } = pair;
  if (conversion !== null) pair.rate = conversionRateOf(conversion, pair);
  const validUntilUs = Math.min(staleAtUs(a), staleAtUs(b), conversion === null ? Number.POSITIVE_INFINITY : staleAtUs(conversion));
  const usable =
    a.fault === 'none' &&
    b.fault === 'none' &&
    (conversion === null || conversion.fault === 'none') &&
    nowUs <= validUntilUs &&
    !isFrozen(a, b, nowUs, frozenMs) &&
    !isFrozen(b, a, nowUs, frozenMs);
  if (usable) {
    const { rate } = pair;
    const bidA = a.bidPx * rate;
    const askA = a.askPx * rate;
    const mid = (bidA + askA + b.bidPx + b.askPx) / 4;
    pair.fBps = ((bidA - b.askPx) / mid) * BPS_PER_UNIT;
    pair.rBps = ((b.bidPx - askA) / mid) * BPS_PER_UNIT;
    pair.validUntilUs = validUntilUs;
  } else {
    if (pair.valid) pair.invalidSinceUs = Math.min(nowUs, pair.validUntilUs);
    pair.fBps = Number.NaN;
    pair.rBps = Number.NaN;
  }
  pair.valid = usable;
};

/** Last moment at which the quote is fresh; NaN before the first quote, which compares as never. */
const staleAtUs = (x: InstrumentState): number => x.receivedMonoUs + x.maxAgeUs;

const conversionRateOf = (conversion: InstrumentState, pair: PairState): number => {
  const mid = (conversion.bidPx + conversion.askPx) / 2;
  return pair.settings.conversion.kind === 'instrument' && pair.settings.conversion.invert ? 1 / mid : mid;
};

export const spreadOf = (pair: PairState, d: DirectionState): number => (d.index === 0 ? pair.fBps : pair.rBps);

/** Whether the spreads of the last evaluation still hold at `nowUs`. */
export const holdsAt = (pair: PairState, nowUs: number): boolean => pair.valid && nowUs <= pair.validUntilUs;

/** Base quantity displayed at the touch; the assumed one where the venue displays none; NaN until the unit is known. */
export const displayedBaseQty = (x: InstrumentState, side: 'bid' | 'ask'): number => {
  const qty = side === 'bid' ? x.bidQty : x.askQty;
  return Number.isNaN(qty) ? x.settings.assumedDisplayedBaseQty : qty * x.baseQtyPerUnit;
};

/** What we would take at once: our share of the smaller displayed side. */
export const executableBaseQty = (pair: PairState, d: DirectionState): number =>
  pair.settings.displayedShare * Math.min(displayedBaseQty(d.sold, 'bid'), displayedBaseQty(d.bought, 'ask'));

/** Least base quantity that the pair's own setting and both venues' minima allow; NaN until the metadata came. */
export const requiredBaseQty = (pair: PairState): number =>
  Math.max(pair.settings.minExecutableBaseQty, venueMinimumBaseQty(pair.a), venueMinimumBaseQty(pair.b));

const venueMinimumBaseQty = (x: InstrumentState): number => {
  if (x.metadata === null) return Number.NaN;
  const ofNotional = x.metadata.minNotional === null ? 0 : Number(x.metadata.minNotional) / x.bidPx;
  return Math.max(Number(x.metadata.minQty) * x.baseQtyPerUnit, ofNotional);
};
