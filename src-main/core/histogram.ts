/** A distribution drawn: few equal steps over where the mass is, with the tails folded into the outermost steps. */
import type { DirectionDetail } from '../../src-shared/domain/view.ts';
import type { Distribution } from './rollingStats.ts';

export const MAX_HISTOGRAM_STEPS = 96;
/** Less than this share of the time on either side is folded into the outermost step. */
const TAIL_SHARE = 0.002;

export const histogramOf = (d: Distribution): DirectionDetail['histogram'] => {
  if (d.total === 0) return null;
  const [first, last] = [edge(d, d.lo, 1), edge(d, d.hi, -1)];
  const bucketsPerStep = Math.ceil((last - first + 1) / MAX_HISTOGRAM_STEPS);
  const steps = Math.ceil((last - first + 1) / bucketsPerStep);
  const shares = Array.from({ length: steps }, () => 0);
  for (let b = d.lo; b <= d.hi; b++) {
    const step = Math.min(steps - 1, Math.max(0, Math.floor((b - first) / bucketsPerStep)));
    shares[step]! += d.weights[b]! / d.total;
  }
  return {
    fromBps: (d.base + first) * d.widthBps,
    stepBps: bucketsPerStep * d.widthBps,
    shares: shares.map((share) => Math.round(share * 1e6) / 1e6),
  };
};

/** First bucket from `from` inwards before which more than the tail's share would have been passed. */
const edge = (d: Distribution, from: number, inwards: 1 | -1): number => {
  let passed = 0;
  let b = from;
  while (passed + d.weights[b]! <= TAIL_SHARE * d.total) {
    passed += d.weights[b]!;
    b += inwards;
  }
  return b;
};
