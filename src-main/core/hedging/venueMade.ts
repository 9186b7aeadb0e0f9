/**
 * What an exchange executed of its own accord: liquidation, deleveraging, settlement. It bears nobody's order, but it closes what
 * the account holds of the instrument, and we come first: the largest holding of ours, then the oldest, each booked like any
 * execution, its twin naked from that moment and following. Invariants: never more is booked on a leg than it holds; while an order of
 * ours is not settled there, one that does not fit is left to the next snapshot; then what nothing explains stops the engine.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEndedGroup, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LEGS, oppositeOf, type FillReport, type LegName } from '../../../src-shared/domain/order.ts';
import { MS_PER_MIN } from '../../../src-shared/domain/units.ts';
import { note } from '../notes.ts';
import { isUnsettled, ordersAt } from '../reconcile/reconcile.ts';
import { askSoon } from '../reconcile/wall.ts';
import type { EngineState } from '../state.ts';
import { raiseHalt } from '../stops/halt.ts';
import { driveGroup } from './drive.ts';
import { heldQty, signOf, ZERO } from './exposure.ts';
import { bookExternalFill, passTrade, rememberTrade } from './fillBooking.ts';
import { clockOf, groupOf, moveGroup, putGroup } from './records.ts';

/**
 * Where no moment of a leg is known by its venue's clock: an execution that is older than the group by more than clocks differ was not
 * of what it holds, and a push is of now.
 */
export const EARLIER_MS = MS_PER_MIN;
/** Digits to which the fee of a part is cut; the last part takes the rest. */
const FEE_DIGITS = 18;

type Via = 'push' | 'query' | 'snapshot';

interface Claim {
  readonly group: HedgeGroup;
  readonly leg: LegName;
  /** What it can have closed of it; positive. */
  readonly held: Decimal;
  /** More was closed than the leg held: it stands on the other side, and what gives that back counts towards its opening. */
  readonly isOverClosed: boolean;
}

/**
 * Before the leg had anything, by the venue's own clock alone. Where that is not known: by the host's clock as it was and the venue's
 * as it is measured now, for a host clock that jumped proves nothing.
 */
const wasEarlier = (
  state: EngineState,
  { venueId, venueUnixMs }: FillReport,
  via: Via,
  { group, leg }: Pick<Claim, 'group' | 'leg'>,
): boolean => {
  if (venueUnixMs === null) return false;
  const { firstVenueMs } = group.legs[leg];
  if (firstVenueMs !== undefined) return venueUnixMs < firstVenueMs;
  if (via !== 'snapshot') return false;
  const offsetMs = state.venues.find(({ settings }) => settings.id === venueId)?.clock?.offsetMs ?? 0;
  return venueUnixMs < group.createdUnixMs + Math.min(0, offsetMs) - EARLIER_MS;
};

/**
 * Something of ours stood there in that moment, by the venue's own clock: what it closed then is missing from what we hold now, whichever
 * group that is, for the account nets.
 */
const stoodThen = (state: EngineState, { instrumentId, venueUnixMs }: FillReport): boolean =>
  venueUnixMs !== null &&
  state.book.groups.some(({ legs }) =>
    LEGS.some((leg) => {
      const { firstVenueMs = Number.POSITIVE_INFINITY, lastVenueMs = 0, instrumentId: id } = legs[leg];
      return id === instrumentId && firstVenueMs <= venueUnixMs && (lastVenueMs >= venueUnixMs || !heldQty(legs[leg]).isZero());
    }),
  );

const legsOn = (state: EngineState, fill: FillReport, via: Via): readonly Pick<Claim, 'group' | 'leg'>[] => {
  const legs = state.book.groups
    .filter((group) => !isEndedGroup(group.state))
    .flatMap((group) => LEGS.filter((leg) => group.legs[leg].instrumentId === fill.instrumentId).map((leg) => ({ group, leg })));
  return stoodThen(state, fill) ? legs : legs.filter((claim) => !wasEarlier(state, fill, via, claim));
};

/** Legs that this execution can have closed, the largest first, then the oldest. */
const claimsOn = (state: EngineState, fill: FillReport, via: Via): readonly Claim[] =>
  legsOn(state, fill, via)
    .map(({ group, leg }) => ({ group, leg, signed: heldQty(group.legs[leg]) }))
    .map(({ group, leg, signed }): Claim => ({ group, leg, held: signed.abs(), isOverClosed: signed.lt(0) }))
    .filter(({ held }) => held.gt(0))
    .filter(({ group, leg, isOverClosed }) => group.legs[leg].side === (isOverClosed ? fill.side : oppositeOf(fill.side)))
    .sort((p, q) => q.held.cmp(p.held) || p.group.createdUnixMs - q.group.createdUnixMs || (p.group.id < q.group.id ? -1 : 1));

interface Part extends Claim {
  readonly fill: FillReport;
}

/** One execution in the parts that each leg takes of it; a trade is booked under its own id, further parts under that and a number. */
const partsOf = (fill: FillReport, claims: readonly Claim[]): { readonly parts: readonly Part[]; readonly left: Decimal } => {
  const { venueMade: _venueMade, ...plain } = fill;
  const whole = new Decimal(fill.qty);
  const parts: Part[] = [];
  let left = whole;
  let feeLeft = new Decimal(fill.fee);
  for (const claim of claims) {
    if (left.isZero()) break;
    const qty = Decimal.min(left, claim.held);
    left = left.minus(qty);
    const fee = left.isZero() ? feeLeft : new Decimal(fill.fee).times(qty).div(whole).toDecimalPlaces(FEE_DIGITS);
    feeLeft = feeLeft.minus(fee);
    const tradeId = parts.length === 0 ? fill.tradeId : `${fill.tradeId}/${parts.length + 1}`;
    parts.push({ ...claim, fill: { ...plain, clientOrderId: null, tradeId, qty: qty.toFixed(), fee: fee.toFixed() } });
  }
  return { parts, left };
};

/** Foreign quantity that this execution can have reduced. */
const foreignExplains = (state: EngineState, { instrumentId, side }: FillReport): Decimal => {
  const foreign = new Decimal(state.book.holdings[instrumentId]?.foreignQty ?? 0);
  return foreign.times(-signOf(side)).gt(0) ? foreign.abs() : ZERO;
};

/** An order of ours may have bought what this execution closed, and was not told of yet. */
const mayFitLater = (state: EngineState, { venueId, instrumentId }: FillReport): boolean =>
  ordersAt(state.book.orders, venueId).some((order) => order.request.instrumentId === instrumentId && isUnsettled(order));

/** @returns whether it closed something of ours */
export const takeVenueMade = (state: EngineState, fill: FillReport, via: Via): boolean => {
  const { parts, left } = partsOf(fill, claimsOn(state, fill, via));
  if (!left.isZero() && mayFitLater(state, fill)) {
    askSoon(state, fill.venueId);
    return false;
  }
  const what = `${fill.venueMade ?? 'act'} by ${fill.venueId}: ${fill.side} ${fill.qty} ${fill.instrumentId} at ${fill.px} (trade ${fill.tradeId})`;
  if (parts.length === 0) passTrade(state, fill);
  else rememberTrade(state, fill);
  for (const part of parts) bookPart(state, part, via, what);
  if (!left.isZero()) takeRemainder(state, { fill, left, via }, what);
  for (const { group } of parts) driveGroup(state, group.id);
  return parts.length > 0;
};

const bookPart = (state: EngineState, { group, leg, isOverClosed, fill }: Part, via: Via, what: string): void => {
  note(state, 'critical', 'group', group.id, `${group.pairId}: ${fill.qty} of leg ${leg} was closed by its exchange, ${what}`);
  bookExternalFill(state, group, leg, fill, via, isOverClosed);
  const marked = putGroup(state, { ...groupOf(state, group.id)!, closeReason: 'external' });
  const clock = clockOf(state, group.id);
  // Nothing is opened any more; what an opening lacks is the ladder's, which only closes now.
  if (marked.state === 'opening') clock.secondSent = true;
  if (marked.state !== 'open') return;
  moveGroup(state, marked, 'close', `leg ${leg} was closed by its exchange; its twin follows`);
  clock.secondSent = false;
};

interface Remainder {
  readonly fill: FillReport;
  readonly left: Decimal;
  readonly via: Via;
}

/** More than we hold: somebody else's in the same account, or our books are wrong. */
const takeRemainder = (state: EngineState, { fill, left, via }: Remainder, what: string): void => {
  const ours = legsOn(state, fill, via).length > 0;
  if (!ours || foreignExplains(state, fill).gte(left)) {
    note(state, 'warn', 'risk', fill.instrumentId, `${left.toFixed()} that is not ours: ${what}`);
    return;
  }
  const text = `${left.toFixed()} more than we hold was closed, or on the other side: ${what}`;
  note(state, 'critical', 'risk', fill.instrumentId, text);
  raiseHalt(state, text);
};
