/** Words and tones for groups, their orders and what an operator may do with them. Pure. */
import type { CloseReason, GroupAct, GroupState } from '../../../src-shared/domain/hedgeGroup.ts';
import type { OrderState } from '../../../src-shared/domain/order.ts';
import type { GroupRow } from '../../../src-shared/domain/view.ts';
import { isZeroText, negated } from '../../format/exact.ts';
import { count, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { symbolOf, venueOf } from '../../parts/names.ts';

type Tone = '' | 'tone-dim' | 'tone-faint' | 'tone-warn' | 'tone-error';

/** Grey is normal; colour says that something is not. */
export const STATE_TONES: Readonly<Record<GroupState, Tone>> = {
  proposed: 'tone-dim',
  denied: 'tone-faint',
  opening: '',
  open: '',
  closing: '',
  closed: 'tone-faint',
  compensating: 'tone-warn',
  'operator-held': 'tone-error',
};

export const ORDER_TONES: Readonly<Record<OrderState, Tone>> = {
  'in-flight': '',
  working: '',
  filled: 'tone-dim',
  canceled: 'tone-dim',
  absent: 'tone-dim',
  rejected: 'tone-warn',
  unknown: 'tone-error',
  quarantined: 'tone-error',
};

export const CLOSE_WORDS: Readonly<Record<CloseReason, string>> = {
  convergence: 'spread came back',
  'take-profit': 'take profit',
  stop: 'stop loss',
  'holding-time': 'held long enough',
  session: 'session ends',
  operator: 'by the operator',
  flatten: 'flatten',
  external: 'closed at the venue',
  failed: 'opening came to nothing',
};

export const ACT_NAMES: Readonly<Record<GroupAct, string>> = {
  close: 'Close group',
  complete: 'Complete',
  unwind: 'Unwind',
  adopt: 'Adopt',
  'write-off': 'Write off',
};

/** From the residual's first moment: the ladder starts at 3 s, a critical alarm comes at 10 s. */
export const NAKED_WARN_MS = 3_000;
export const NAKED_ALARM_MS = 10_000;

export const nakedTone = (forMs: number | null): Tone => {
  if (forMs === null) return 'tone-faint';
  return forMs >= NAKED_ALARM_MS ? 'tone-error' : forMs >= NAKED_WARN_MS ? 'tone-warn' : '';
};

/** `$1 945 · 3.8 s`; null = nothing is naked. */
export const nakedText = (nakedUsd: number | null, sinceUnixMs: number | null, nowUnixMs: number): string | null => {
  if (sinceUnixMs === null && nakedUsd === null) return null;
  const worth = nakedUsd === null ? UNKNOWN : `$${count(Math.abs(nakedUsd))}`;
  return sinceUnixMs === null ? worth : `${worth} · ${age(Math.max(0, nowUnixMs - sinceUnixMs))}`;
};

interface HeldLeg {
  readonly instrumentId: string;
  readonly qty: string;
}

const heldLegs = (row: GroupRow): readonly HeldLeg[] =>
  [
    { instrumentId: row.aInstrument, qty: row.aQty },
    { instrumentId: row.bInstrument, qty: row.bQty },
  ].filter(({ qty }) => !isZeroText(qty));

/** What takes a holding back: `sell 0.02 BTCUSDT at binance-spot`. */
const reversal = ({ instrumentId, qty }: HeldLeg): string => {
  const isShort = qty.startsWith('-');
  return `${isShort ? 'buy' : 'sell'} ${isShort ? negated(qty) : qty} ${symbolOf(instrumentId)} at ${venueOf(instrumentId)}`;
};

const listed = (parts: readonly string[]): string => (parts.length === 0 ? 'nothing, as neither leg holds anything' : parts.join(' and '));

const base = (residual: string): string => (residual.startsWith('-') ? negated(residual) : residual);

/** The leg that lacks what the other has: residual = base held by both, and leg a is long when it was bought. */
const lackingLeg = (row: GroupRow): { readonly instrumentId: string; readonly side: string } => {
  const side = row.residualBaseQty.startsWith('-') ? 'buy' : 'sell';
  return row.aSide === side ? { instrumentId: row.aInstrument, side } : { instrumentId: row.bInstrument, side };
};

/** The leg that holds the residual: the one whose own sign is the residual's. */
const nakedLeg = (row: GroupRow): string => {
  const isLong = !row.residualBaseQty.startsWith('-');
  return (row.aSide === 'buy') === isLong ? row.aInstrument : row.bInstrument;
};

/** In one sentence, what will be sent or booked. */
export const actSentence = (act: GroupAct, row: GroupRow): string => {
  const residual = base(row.residualBaseQty);
  switch (act) {
    case 'close':
      return `Will ${listed(heldLegs(row).map(reversal))}, reduce-only, both legs of the group together.`;
    case 'complete': {
      const { instrumentId, side } = lackingLeg(row);
      return `Will ${side} what is worth ${residual} base of ${symbolOf(instrumentId)} at ${venueOf(instrumentId)} to complete the missing leg, within the compensation bound; this raises exposure there.`;
    }
    case 'unwind':
      return `Will give back the ${residual} base that ${nakedLeg(row)} holds without a twin, reduce-only, within the compensation bound.`;
    case 'adopt':
      return `Sends nothing: books ${residual} base at ${nakedLeg(row)} out of this group and as a position of yours, which the engine never touches.`;
    case 'write-off':
      return `Sends nothing: books the residual of ${residual} base at ${nakedLeg(row)} as written off and ends this group; what the venue really holds will show as a difference.`;
    default:
      return act satisfies never;
  }
};
