/**
 * Exits and closing. When an open group is closed, what it would bring now, what it has to wait for, and the paired orders: the
 * policy's first leg, then of the other exactly what the first gave back. Invariants: every closing order can only reduce; no leg is
 * closed while the other could not be; a closing that moved nothing leaves the group hedged and is tried again.
 */
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEndedGroup, type CloseReason, type HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { LEGS, type LegName, type OrderRequest } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT, US_PER_MS } from '../../../src-shared/domain/units.ts';
import { accountBar } from '../accountIdentity.ts';
import { isFresh } from '../marketData.ts';
import { note } from '../notes.ts';
import { P50 } from '../pairStatistics.ts';
import { sessionOf } from '../risk/calendar.ts';
import { usdOfFeeCcy } from '../risk/exposure.ts';
import { baseStepOf, floorTo } from '../risk/sizing.ts';
import { hasAnswered } from '../reconcile/wall.ts';
import { quantileAt } from '../rollingStats.ts';
import { holdsAt, spreadOf } from '../spread.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { isAtLeast, stopOf } from '../stops/scope.ts';
import { excessLeg, heldBase, heldQty, signOf, twinOf, ZERO } from './exposure.ts';
import { holdGroup } from './hold.ts';
import { climb, reductionOf } from './ladder.ts';
import { firstLegOf } from './opening.ts';
import { clockOf, explain, instrumentOfLeg, movedGroup, moveGroup, pairOfGroup, putGroup } from './records.ts';
import { comeToRest } from './rest.ts';
import { nakedForMs, settleBase, tradableQty, withStoppedClock, type Standing } from './residual.ts';
import { sendOrders, textOfDenials, type OrderPlan } from './sending.ts';

/** A closing that moved nothing is begun again after this, then twice as late each time … */
export const CLOSE_RETRY_MS = 1_000;
/** … up to this. */
export const MAX_CLOSE_RETRY_MS = 30_000;

/** So many closings in a row that moved nothing are for a person: the group is hedged, and its venue will not let it go. */
export const MAX_CLOSE_ROUNDS = 8;

/** Reasons that hold although the engine is killed. */
const ORDERED: readonly (CloseReason | null)[] = ['operator', 'flatten'];

/** Marks the group to be closed and begins at once where that is possible. */
export const requestClose = (state: EngineState, group: HedgeGroup, reason: CloseReason): HedgeGroup => {
  if (isEndedGroup(group.state) || group.closeReason === reason) return group;
  const marked = putGroup(state, { ...group, closeReason: reason });
  const pair = pairOfGroup(state, group);
  return marked.state === 'open' && pair !== null ? beginClose(state, pair, marked) : marked;
};

/** Why closing has to wait; null = it may go at once. Without figures, so that the same reason reads the same. */
export const flattenWait = (state: EngineState, group: HedgeGroup): string | null => {
  const pair = pairOfGroup(state, group);
  if (pair === null) return `the pair ${group.pairId} is not configured`;
  for (const leg of LEGS) {
    const why = waitOf(state, instrumentOfLeg(pair, leg));
    if (why !== null) return why;
    const { venueId } = group.legs[leg];
    const bar = accountBar(state, venueId);
    if (bar !== null) return bar;
    // Else one leg could be given back, and the other not yet.
    if (group.closeReason !== 'operator' && !hasAnswered(state, venueId)) return `venue ${venueId} has not answered since the start`;
  }
  return null;
};

const waitOf = (state: EngineState, x: InstrumentState): string | null => {
  const { venue, metadata, settings } = x;
  if (venue.link !== 'live') return `venue ${venue.settings.id} is ${venue.link}`;
  if (state.book.venues[venue.index]!.orderLink === 'down') return `order channel of ${venue.settings.id} is down`;
  if (metadata === null) return `${settings.id}: metadata awaited`;
  if (!metadata.tradable) return `${settings.id}: the venue says ${metadata.venueState}`;
  if (!sessionOf(state, x, state.unixMs).open) return `${settings.id} is shut`;
  if (x.fault !== 'none' || !isFresh(x, Math.floor(state.monoUs))) return `${settings.id} has no fresh quote`;
  return null;
};

export const driveOpen = (state: EngineState, pair: PairState, standing: Standing): HedgeGroup => {
  const { group, inFlight, uncertain, residual } = standing;
  if (inFlight || uncertain) return group;
  if (!residual.isZero())
    return climb(state, pair, { ...standing, group: moveGroup(state, group, 'naked', `${residual.toFixed()} unhedged`) });
  const level = stopOf(state, group);
  if (level === 'hands-off') return group;
  if (level === 'flatten' && group.closeReason !== 'flatten') return requestClose(state, group, 'flatten');
  if (isAtLeast(level, 'kill') && !ORDERED.includes(group.closeReason)) return group;
  if (group.closeReason !== null) return beginClose(state, pair, group);
  const reason = exitDue(state, pair, group) ?? exitInTime(state, pair, group);
  return reason === null ? group : requestClose(state, group, reason);
};

/** Exits that a quote can bring; numbers only, for this runs with every quote of the pair. */
export const exitDue = (state: EngineState, pair: PairState, group: HedgeGroup): CloseReason | null => {
  const { exits } = pair.settings;
  if (!holdsAt(pair, Math.floor(state.monoUs))) return null;
  const d = pair.directions[group.direction === 'sell-a-buy-b' ? 0 : 1];
  if (spreadOf(pair, d) <= quantileAt(pair.statistics.directions[d.index], P50) + exits.convergenceBps) return 'convergence';
  if (exits.takeProfitBps === null && exits.stopLossBps === null) return null;
  const now = exitEstimate(state, group);
  if (now === null) return null;
  if (exits.takeProfitBps !== null && now.netBps >= exits.takeProfitBps) return 'take-profit';
  return exits.stopLossBps !== null && now.netBps <= -exits.stopLossBps ? 'stop' : null;
};

/** Exits that time brings. */
const exitInTime = (state: EngineState, pair: PairState, group: HedgeGroup): CloseReason | null => {
  const { maxHoldMs, closeBeforeSessionEndMs } = pair.settings.exits;
  const { openedUs } = clockOf(state, group.id);
  if (openedUs !== null && state.monoUs - openedUs >= maxHoldMs * US_PER_MS) return 'holding-time';
  if (closeBeforeSessionEndMs === 0) return null;
  for (const leg of LEGS) {
    const { open, untilCloseMs } = sessionOf(state, instrumentOfLeg(pair, leg), state.unixMs);
    if (open && untilCloseMs !== null && untilCloseMs <= closeBeforeSessionEndMs) return 'session';
  }
  return null;
};

/**
 * Net of everything as if closed at the touch now: a signal in numbers, for exits and the console. null while a leg cannot be
 * priced or nothing is held.
 */
export const exitEstimate = (state: EngineState, group: HedgeGroup): { readonly netUsd: number; readonly netBps: number } | null => {
  const pair = pairOfGroup(state, group);
  const nowUs = Math.floor(state.monoUs);
  if (pair === null || !holdsAt(pair, nowUs)) return null;
  const [a, b] = [legEstimate(state, pair.a, group, 'a'), legEstimate(state, pair.b, group, 'b')];
  if (a.heldBase === 0 && b.heldBase === 0) return null;
  const net = a.net * pair.rate + b.net;
  const notional = Number(group.legs.b.openedQty) * Number(group.legs.b.baseQtyPerUnit) * Number(group.legs.b.referencePx);
  if (!Number.isFinite(net) || !(notional > 0)) return null;
  return { netUsd: net * pair.settings.usdPerQuoteCcy, netBps: (net / notional) * BPS_PER_UNIT };
};

/** What a unit of a fee's currency is worth in the leg's own quote currency; what nothing values counts nothing here, and is named at the end. */
const feeWorth = (state: EngineState, x: InstrumentState, ccy: string, px: number): number => {
  const quoteCcy = x.metadata?.quoteCcy;
  if (quoteCcy === undefined || ccy === quoteCcy) return 1;
  if (ccy === x.metadata?.baseCcy) return px;
  const [from, to] = [usdOfFeeCcy(state, ccy), usdOfFeeCcy(state, quoteCcy)];
  return from === null || to === null ? 0 : from / to;
};

/** In the leg's own quote currency. */
const legEstimate = (
  state: EngineState,
  x: InstrumentState,
  group: HedgeGroup,
  name: LegName,
): { readonly heldBase: number; readonly net: number } => {
  const leg = group.legs[name];
  const lots = Number(leg.openedQty) - Number(leg.closedQty) - Number(leg.feeQty ?? 0) - Number(leg.settledQty ?? 0);
  const heldBase = lots * Number(leg.baseQtyPerUnit) * signOf(leg.side);
  const px = heldBase > 0 ? x.bidPx : x.askPx;
  const { takerFeeBps, commissionPerLot } = x.settings.costs;
  const toClose = Math.abs(heldBase) * px * (takerFeeBps / BPS_PER_UNIT) + Math.abs(lots) * commissionPerLot;
  let paid = 0;
  for (const [ccy, amount] of Object.entries(leg.fees)) paid += Number(amount) * feeWorth(state, x, ccy, px);
  // Settled, or taken by fees in kind: no longer to be closed, yet part of what the cash was given for.
  const goneBase = (Number(leg.settledQty ?? 0) + Number(leg.feeQty ?? 0)) * Number(leg.baseQtyPerUnit) * signOf(leg.side);
  return { heldBase, net: Number(leg.cash) + (heldBase + goneBase) * px - toClose - paid };
};

/** Sends the first leg's closing orders, or says what it waits for. */
const beginClose = (state: EngineState, pair: PairState, group: HedgeGroup): HedgeGroup => {
  const clock = clockOf(state, group.id);
  if (state.monoUs < clock.notBeforeUs) return group;
  if (clock.closeRounds >= MAX_CLOSE_ROUNDS) return giveUp(state, group);
  const wait = flattenWait(state, group);
  if (wait !== null) return explain(state, group, `to be closed (${group.closeReason}); waits: ${wait}`);
  const first = firstLegOf(pair, group.legOrder);
  const plans = closePlans(state, pair, group, first);
  if (plans.length === 0) return leaveRemnant(state, pair, group, first);
  const sent = sendOrders(state, pair, group, plans, (g) => movedGroup(state, g, 'close', `closing: ${g.closeReason}`) ?? g);
  if (!sent.ok) return explain(state, group, `to be closed (${group.closeReason}); waits: ${textOfDenials(sent.denials)}`);
  clock.secondSent = false;
  clock.notBeforeUs = state.monoUs + Math.min(CLOSE_RETRY_MS * 2 ** Math.min(clock.closeRounds, 16), MAX_CLOSE_RETRY_MS) * US_PER_MS;
  clock.closeRounds++;
  return sent.group;
};

/** No halt: both legs hold the same. */
const giveUp = (state: EngineState, group: HedgeGroup): HedgeGroup => {
  const why = `closing (${group.closeReason}) was begun ${MAX_CLOSE_ROUNDS} times and moved nothing`;
  note(state, 'critical', 'risk', group.id, `${group.pairId}: ${why}`);
  return holdGroup(state, group, why, 'hold-only');
};

/**
 * A leg of which no order can close anything any more (an adoption left less than a step) leaves as dust; its twin is naked then,
 * and the ladder closes it.
 */
const leaveRemnant = (state: EngineState, pair: PairState, group: HedgeGroup, name: LegName): HedgeGroup => {
  const leg = group.legs[name];
  const tooSmall = instrumentOfLeg(pair, name).metadata !== null && heldQty(leg).gt(0) && tradableQty(pair, group, name).isZero();
  if (tooSmall) return putGroup(state, settleBase(state, group, name, heldBase(leg), 'dust', 'too small to be closed'));
  return explain(state, group, `to be closed (${group.closeReason}); leg ${name} has no position known to close`);
};

const authorityOf = ({ closeReason }: HedgeGroup): OrderRequest['authority'] => (closeReason === 'operator' ? 'operator' : 'rule');

/** All of a leg that its venue lets us close, within the collar. */
const closePlans = (state: EngineState, pair: PairState, group: HedgeGroup, name: LegName): readonly OrderPlan[] => {
  const base = tradableQty(pair, group, name).times(group.legs[name].baseQtyPerUnit);
  return reductionOf(pair, group, name, base, 'close', authorityOf(group), state.book.limits.priceCollarBps);
};

/** What the first leg gave back, the second gives back now; what it cannot is the ladder's after its time. */
export const driveClosing = (state: EngineState, pair: PairState, standing: Standing): HedgeGroup => {
  const { inFlight, uncertain, residual } = standing;
  let { group } = standing;
  if (inFlight || uncertain) return group;
  if (residual.isZero()) return comeToRest(state, pair, group);
  const clock = clockOf(state, group.id);
  const level = stopOf(state, group);
  const freezes = isAtLeast(level, 'kill') && state.settings.hedging.nakedLegsOnKill === 'freeze';
  const frozen = level === 'hands-off' || (freezes && authorityOf(group) === 'rule' && level === 'kill');
  if (!clock.secondSent && !frozen) {
    group = sendSecondClose(state, pair, { ...standing, group });
    if (clock.secondSent) return group;
  }
  if (!frozen && (nakedForMs(state, group.id) ?? 0) < state.settings.hedging.compensateAfterMs) return group;
  return climb(state, pair, { ...standing, group: moveGroup(state, group, 'naked', `${residual.toFixed()} unhedged while closing`) });
};

/** Down to what the venue takes; zero until the metadata came. */
const wholeStepsOf = (x: InstrumentState, baseQty: Decimal): Decimal => {
  const step = baseStepOf(x);
  return step === null ? ZERO : floorTo(baseQty, step);
};

/** As much as the twin gave back; all of it once the twin has nothing left that its venue takes (a spot fee leaves such crumbs). */
const followingBase = (pair: PairState, group: HedgeGroup, name: LegName, residual: Decimal): Decimal =>
  tradableQty(pair, group, twinOf(name)).isZero()
    ? tradableQty(pair, group, name).times(group.legs[name].baseQtyPerUnit)
    : wholeStepsOf(instrumentOfLeg(pair, name), residual.abs());

const sendSecondClose = (state: EngineState, pair: PairState, { group, residual }: Standing): HedgeGroup => {
  const clock = clockOf(state, group.id);
  const name = excessLeg(group, residual)!;
  const plans = reductionOf(
    pair,
    group,
    name,
    followingBase(pair, group, name, residual),
    'close',
    authorityOf(group),
    state.book.limits.priceCollarBps,
  );
  if (plans.length === 0) {
    clock.secondSent = true;
    return group;
  }
  const sent = sendOrders(state, pair, group, plans, (g) => ({
    ...withStoppedClock(state, g),
    why: `leg ${twinOf(name)} was closed, leg ${name} follows`,
  }));
  if (!sent.ok) return explain(state, group, `leg ${name} cannot follow yet: ${textOfDenials(sent.denials)}`);
  clock.secondSent = true;
  clock.closeRounds = 0;
  return sent.group;
};
