/**
 * The compensation ladder: complete the missing leg near the decision's price; where that is refused or impossible, unwind what
 * has no twin; while closing, only close. Every rung is in the group's ladder before its order leaves; attempts that bring nothing
 * are bounded, all of them are, and exhausted means a person at once. Invariant (I6): under a kill only reducing rungs, or none
 * (`freeze`).
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { CompensationRung, HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { LegName, OrderRequest } from '../../../src-shared/domain/order.ts';
import { BPS_PER_UNIT, US_PER_MS } from '../../../src-shared/domain/units.ts';
import { MAX_ATTEMPTS } from '../intentId.ts';
import { baseStepOf } from '../risk/sizing.ts';
import type { EngineState, PairState } from '../state.ts';
import { isAtLeast, stopOf } from '../stops/scope.ts';
import { excessLeg, heldQty, twinOf } from './exposure.ts';
import { holdGroup } from './hold.ts';
import { clockOf, explain, instrumentOfLeg, putGroup } from './records.ts';
import { leastBackOf, nakedForMs, tradableQty, type Standing } from './residual.ts';
import { sendOrders, textOfDenials, type OrderPlan, type Sent } from './sending.ts';

/** Between two rungs of one kind: a venue that refused is given time. */
export const RUNG_PAUSE_MS = 2_000;
/** A group that has sent so many rungs, whatever they brought, is for a person; as many notes of what was impossible are kept. */
export const MAX_RUNGS = 64;

type Kind = CompensationRung['rung'];
type Authority = OrderRequest['authority'];

/** Closing had begun: what is open stays to be closed, nothing is completed. */
export const isClosing = ({ closeReason }: HedgeGroup): boolean => closeReason !== null && closeReason !== 'failed';

/** One turn of a group that must lose its residual and has nothing in flight or uncertain. */
export const climb = (state: EngineState, pair: PairState, { group, residual }: Standing): HedgeGroup => {
  const { hedging } = state.settings;
  const level = stopOf(state, group);
  if (level === 'hands-off') return holdGroup(state, group, 'hands off: nothing may be sent', 'hold-only');
  const killed = isAtLeast(level, 'kill');
  if (level === 'kill' && hedging.nakedLegsOnKill === 'freeze')
    return holdGroup(state, group, 'killed, and naked legs are to be frozen', 'hold-only');
  if (!killed && (nakedForMs(state, group.id) ?? 0) < hedging.compensateAfterMs) return group;
  const episode = group.ladder.slice(clockOf(state, group.id).ladderFrom);
  let current = group;
  if (!killed && !isClosing(group) && mayComplete(state, episode)) {
    const sent = tryRung(state, pair, current, residual, 'complete', 'rule');
    if (sent === 'pause') return current;
    if (sent.ok) return sent.group;
    current = noteImpossible(state, current, residual, 'complete', textOfDenials(sent.denials));
  }
  const reducing: Kind = isClosing(group) ? 'close' : 'unwind';
  if (futileTurns(episode) >= hedging.maxUnwindAttempts || current.ladder.filter(wasSent).length >= MAX_RUNGS)
    return holdGroup(state, current, `compensation is exhausted after ${episode.length} rungs, ${residual.toFixed()} unhedged`, 'halt');
  const sent = tryRung(state, pair, current, residual, reducing, 'rule');
  if (sent === 'pause') return current;
  return sent.ok ? sent.group : noteImpossible(state, current, residual, reducing, textOfDenials(sent.denials));
};

const wasSent = ({ clientOrderId }: CompensationRung): boolean => clientOrderId !== null;

const attemptsOf = (episode: readonly CompensationRung[], kind: Kind): number =>
  episode.filter((r) => r.rung === kind && wasSent(r)).length;

/**
 * Turns in a row that gave nothing back. A venue that fills in parts is getting there: only what follows the last fill counts, and
 * the orders of one turn (a position each, or both legs) count once.
 */
const futileTurns = (episode: readonly CompensationRung[]): number => {
  const sent = episode.filter((r) => r.rung !== 'complete' && wasSent(r));
  const last = sent.findLastIndex(({ outcome }) => outcome === 'done' || outcome === 'partial');
  const turns = sent.slice(last + 1).map((r) => r.startedUnixMs);
  return turns.filter((at, i) => at !== sent[last]?.startedUnixMs && turns.indexOf(at) === i).length;
};

/** Another try only where a fresh price may help; after a definite no, and once unwinding has begun, never. */
const mayComplete = (state: EngineState, episode: readonly CompensationRung[]): boolean => {
  if (attemptsOf(episode, 'complete') >= state.settings.hedging.maxCompleteAttempts) return false;
  if (attemptsOf(episode, 'unwind') > 0) return false;
  const last = episode.findLast((r) => r.rung === 'complete' && wasSent(r));
  if (last === undefined || last.outcome !== 'refused') return true;
  const order = state.book.orders[last.clientOrderId!];
  const refusal = order?.refusal ?? null;
  return refusal === null || refusal.retry === 'fresh-price';
};

/** Sends one rung, by rule or by an operator's act. `pause`: the last of its kind is too recent. */
export const tryRung = (
  state: EngineState,
  pair: PairState,
  group: HedgeGroup,
  residual: Decimal,
  kind: Kind,
  authority: Authority,
): Sent | 'pause' => {
  const clock = clockOf(state, group.id);
  const last = group.ladder.findLast(wasSent);
  if (authority === 'rule' && last?.rung === kind && state.monoUs < clock.notBeforeUs) return 'pause';
  const plans =
    kind === 'complete' ? completion(state, pair, group, residual, authority) : reduction(state, pair, group, residual, kind, authority);
  if (plans.length === 0)
    return { ok: false, denials: [{ code: 'size', text: 'no whole step of the leg would help', measured: null, limit: null }] };
  const sent = sendOrders(state, pair, group, plans, (g, requests) => ({
    ...g,
    ladder: [...g.ladder, ...requests.map((r) => rungOf(state, g, r, kind))],
  }));
  if (sent.ok) clock.notBeforeUs = state.monoUs + RUNG_PAUSE_MS * US_PER_MS;
  return sent;
};

const rungOf = (state: EngineState, group: HedgeGroup, request: OrderRequest, rung: Kind): CompensationRung => ({
  rung,
  leg: request.leg,
  clientOrderId: request.clientOrderId,
  baseQty: new Decimal(request.qty).times(group.legs[request.leg].baseQtyPerUnit).toFixed(),
  startedUnixMs: state.unixMs,
  outcome: 'in-flight',
  note: '',
});

/** Said once: the same reason again adds nothing to the ladder. */
const noteImpossible = (state: EngineState, group: HedgeGroup, residual: Decimal, rung: Kind, why: string): HedgeGroup => {
  const excess = excessLeg(group, residual)!;
  const leg = rung === 'complete' ? twinOf(excess) : excess;
  const last = group.ladder.findLast((r) => r.rung === rung);
  if (last !== undefined && last.outcome === 'impossible' && last.note === why) return group;
  if (group.ladder.filter((r) => !wasSent(r)).length >= MAX_RUNGS) return explain(state, group, `${rung} impossible: ${why}`);
  const step: CompensationRung = {
    rung,
    leg,
    clientOrderId: null,
    baseQty: residual.abs().toFixed(),
    startedUnixMs: state.unixMs,
    outcome: 'impossible',
    note: why,
  };
  return putGroup(state, { ...group, ladder: [...group.ladder, step] });
};

/** The missing leg, in whole steps, at most `compensationSlippageBps` from the price that the decision relied on. */
const completion = (
  state: EngineState,
  pair: PairState,
  group: HedgeGroup,
  residual: Decimal,
  authority: Authority,
): readonly OrderPlan[] => {
  const name = twinOf(excessLeg(group, residual)!);
  const leg = group.legs[name];
  const { metadata } = instrumentOfLeg(pair, name);
  if (metadata === null) return [];
  const step = new Decimal(metadata.qtyStep);
  const qty = residual.abs().div(leg.baseQtyPerUnit).div(step).floor().times(step);
  if (qty.isZero()) return [];
  const { compensationSlippageBps } = state.settings.hedging;
  const slip = new Decimal(leg.referencePx).times(compensationSlippageBps).div(BPS_PER_UNIT);
  const boundPx = leg.side === 'buy' ? slip.plus(leg.referencePx) : new Decimal(leg.referencePx).minus(slip);
  return [{ leg: name, purpose: 'complete', authority, qty, reachBps: compensationSlippageBps, boundPx, positionId: null }];
};

/**
 * What has no twin, in whole steps. Where the leg's step is coarser than the residual, one step more than the residual is given
 * back and the twin gives back the difference, so that both end level again.
 */
const reduction = (
  state: EngineState,
  pair: PairState,
  group: HedgeGroup,
  residual: Decimal,
  kind: 'unwind' | 'close',
  authority: Authority,
): readonly OrderPlan[] => {
  const name = excessLeg(group, residual)!;
  const step = baseStepOf(instrumentOfLeg(pair, name));
  const otherStep = baseStepOf(instrumentOfLeg(pair, twinOf(name)));
  if (step === null || otherStep === null) return [];
  const size = residual.abs();
  const reachBps = reducingReachBps(state, group, kind);
  const whole = size.div(step).floor().times(step);
  if (whole.gt(0)) return reductionOf(pair, group, name, whole, kind, authority, reachBps);
  const back = step.minus(size).div(otherStep).floor().times(otherStep);
  return [
    ...reductionOf(pair, group, name, step, kind, authority, reachBps),
    ...(back.gt(0) ? reductionOf(pair, group, twinOf(name), back, kind, authority, reachBps) : []),
  ];
};

/** Orders that give back so much of a leg; at MT5 one for each position that it needs. */
export const reductionOf = (
  pair: PairState,
  group: HedgeGroup,
  name: LegName,
  baseQty: Decimal,
  purpose: 'unwind' | 'close',
  authority: Authority,
  reachBps: number,
): readonly OrderPlan[] => {
  const leg = group.legs[name];
  const qty = Decimal.min(baseQty.div(leg.baseQtyPerUnit), tradableQty(pair, group, name));
  const least = leastBackOf(instrumentOfLeg(pair, name));
  if (!qty.gt(0) || least === null || qty.times(leg.baseQtyPerUnit).lt(least)) return [];
  const plan = { leg: name, purpose, authority, reachBps, boundPx: null };
  if (instrumentOfLeg(pair, name).venue.settings.protocol !== 'metatrader') return [{ ...plan, qty, positionId: null }];
  const plans: OrderPlan[] = [];
  let left = qty;
  for (const position of leg.positions) {
    const part = Decimal.min(left, position.qty);
    if (part.gt(0)) plans.push({ ...plan, qty: part, positionId: position.positionId });
    left = left.minus(part);
  }
  return plans.slice(0, MAX_ATTEMPTS);
};

/** From the collar to the compensation bound with every attempt of a close; an unwind takes all of it at once. */
const reducingReachBps = (state: EngineState, group: HedgeGroup, kind: 'unwind' | 'close'): number => {
  const { compensationSlippageBps, maxUnwindAttempts } = state.settings.hedging;
  if (kind === 'unwind') return compensationSlippageBps;
  const collar = Math.min(state.book.limits.priceCollarBps, compensationSlippageBps);
  const tries = attemptsOf(group.ladder.slice(clockOf(state, group.id).ladderFrom), 'close');
  return collar + ((compensationSlippageBps - collar) * Math.min(tries + 1, maxUnwindAttempts)) / maxUnwindAttempts;
};

/** Whole venue units that the operator could complete or unwind now; zero = nothing. */
export const canReduce = (pair: PairState, group: HedgeGroup, residual: Decimal): boolean => {
  const name = excessLeg(group, residual);
  return name !== null && heldQty(group.legs[name]).gt(0) && tradableQty(pair, group, name).gt(0);
};
