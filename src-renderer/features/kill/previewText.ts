/** What FLATTEN would do, in words and sums. Pure. A cost that is not known is never summed as zero. */
import type { FlattenPreview } from '../../../src-shared/domain/view.ts';
import { price } from '../../format/numbers.ts';
import { negated } from '../../format/exact.ts';
import { symbolOf, venueOf } from '../../parts/names.ts';

export interface PreviewSum {
  readonly groups: number;
  readonly waiting: number;
  /** Groups whose closing cannot be priced now. */
  readonly unpriced: number;
  /** Over the priced groups; null = none is priced. */
  readonly netUsd: number | null;
}

export const previewSum = ({ groups }: FlattenPreview): PreviewSum => {
  const priced = groups.flatMap((group) => (group.estimatedNetUsd === null ? [] : [group.estimatedNetUsd]));
  return {
    groups: groups.length,
    waiting: groups.filter((group) => group.waitsFor !== null).length,
    unpriced: groups.length - priced.length,
    netUsd: priced.length === 0 ? null : priced.reduce((sum, value) => sum + value, 0),
  };
};

type PreviewLeg = FlattenPreview['groups'][number]['legs'][number];

/** `buy 0.01 XAUUSD mt5-demo at 2651.60`; the price is the touch of the moment. */
export const previewLegText = ({ instrumentId, side, qty, px }: PreviewLeg, pxDigits: number | null): string => {
  const magnitude = qty.startsWith('-') ? negated(qty) : qty;
  const at = px === null ? 'no fresh quote' : `at ${price(px, pxDigits)}`;
  return `${side} ${magnitude} ${symbolOf(instrumentId)} ${venueOf(instrumentId)} ${at}`;
};
