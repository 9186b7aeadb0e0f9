/**
 * From an intent to a hedge group: what risk says, the record with both legs' sizes and the deadline, and the first order or orders.
 * Invariants: intent, group and order are committed by one step, in this order, before anything is sent (I4); both legs' sizes are
 * whole steps of the same base quantity, or there is no group.
 */
import { Decimal, decimalOfWireNumber } from '../../../src-shared/domain/decimal.ts';
import type { Denial, HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { Intent } from '../../../src-shared/domain/opportunity.ts';
import type { LegName, Side } from '../../../src-shared/domain/order.ts';
import { US_PER_MS } from '../../../src-shared/domain/units.ts';
import type { Evaluation } from '../gates.ts';
import { groupIdOf } from '../intentId.ts';
import { emit } from '../notes.ts';
import { noteGroupStarted } from '../risk/bookkeeping.ts';
import { denialsOfEntry, planEntry } from '../risk/entry.ts';
import type { EngineState } from '../state.ts';
import { twinOf } from './exposure.ts';
import { firstLegOf, openingPlan } from './opening.ts';
import { clockOf, instrumentOfLeg, moveGroup, movedGroup, newGroupClock, putGroup } from './records.ts';
import { approveAll, commitOrders, textOfDenials } from './sending.ts';

type Verdict = Pick<Intent, 'disposition' | 'denials' | 'groupId'>;

/** Decides, and emits the intent with what became of it, followed by its group and orders. */
export const proposeGroup = (state: EngineState, e: Evaluation, draft: Omit<Intent, keyof Verdict>): Verdict => {
  const said = (verdict: Verdict): Verdict => {
    emit(state, { type: 'intent-proposed', intent: { ...draft, ...verdict } });
    return verdict;
  };
  if (state.book.armed === null) return said({ disposition: 'disarmed', denials: [], groupId: null });
  const plan = { ...planEntry(e), intentId: draft.id };
  const group = groupRecord(state, e, draft, plan.baseQty, plan.notionalUsd);
  const denials = [...denialsOfEntry(state, plan), ...sizeDenials(e, plan.baseQty)];
  if (denials.length > 0) return deny(state, group, denials, said);
  return begin(state, e, group, said);
};

type Say = (verdict: Verdict) => Verdict;

const deny = (state: EngineState, group: HedgeGroup, denials: readonly Denial[], said: Say): Verdict => {
  const verdict = said({ disposition: 'denied', denials, groupId: group.id });
  const proposed = putGroup(state, group);
  moveGroup(state, proposed, 'denied', textOfDenials(denials), { denials, endedUnixMs: state.unixMs });
  return verdict;
};

/** The group is in the book while its orders are approved; only then is it known what the intent became. */
const begin = (state: EngineState, e: Evaluation, group: HedgeGroup, said: Say): Verdict => {
  const { pair } = e;
  const { groups } = state.book;
  groups.push(group);
  const first = firstLegOf(pair, group.legOrder);
  const names: readonly LegName[] = group.legOrder === 'together' ? ['a', 'b'] : [first];
  const plans = names.map((name) => openingPlan(state, name, qtyOf(group, name)));
  const approval = approveAll(state, pair, group, plans);
  groups.pop();
  if (!approval.ok) return deny(state, group, approval.denials, said);
  const verdict = said({ disposition: 'hedging', denials: [], groupId: group.id });
  putGroup(state, group);
  state.book.groupClocks[group.id] = newGroupClock(state.monoUs + state.settings.hedging.openingDeadlineMs * US_PER_MS);
  const why = group.legOrder === 'together' ? 'both legs were sent' : `leg ${first} was sent, leg ${twinOf(first)} follows its fills`;
  const opening = movedGroup(state, group, 'begun', why)!;
  commitOrders(state, opening, approval.orders, (g) => g);
  clockOf(state, group.id).secondSent = group.legOrder === 'together';
  noteGroupStarted(state, opening);
  return verdict;
};

const qtyOf = ({ legs }: HedgeGroup, name: LegName): Decimal => new Decimal(legs[name].plannedQty);

/** Both legs must take the quantity in whole steps: what cannot be hedged exactly is never opened. */
const sizeDenials = ({ pair }: Evaluation, baseQty: Decimal): readonly Denial[] =>
  [pair.a, pair.b].flatMap(({ settings, metadata }) => {
    if (metadata === null || !baseQty.gt(0)) return [{ code: 'size', text: 'no size that both legs take', measured: null, limit: null }];
    const steps = baseQty.div(metadata.baseQtyPerUnit).div(metadata.qtyStep);
    if (steps.isInteger()) return [];
    return [{ code: 'size', text: `${baseQty.toFixed()} is no whole number of steps of ${settings.id}`, measured: null, limit: null }];
  });

const groupRecord = (
  state: EngineState,
  e: Evaluation,
  draft: Omit<Intent, keyof Verdict>,
  baseQty: Decimal,
  notionalUsd: number,
): HedgeGroup => ({
  id: groupIdOf(draft.id),
  intentId: draft.id,
  pairId: e.pair.settings.id,
  direction: e.d.direction,
  legOrder: e.pair.settings.legOrder,
  state: 'proposed',
  stateSinceUnixMs: state.unixMs,
  why: 'an intent fired',
  legs: { a: legRecord(e, 'a', baseQty), b: legRecord(e, 'b', baseQty) },
  createdUnixMs: state.unixMs,
  openedUnixMs: null,
  endedUnixMs: null,
  deadlineUnixMs: state.unixMs + state.settings.hedging.openingDeadlineMs,
  baseQty: baseQty.toFixed(),
  notionalUsd: Number.isFinite(notionalUsd) ? notionalUsd : 0,
  conversionRate: e.pair.rate,
  expected: { spreadBps: e.spreadBps, edgeBps: e.edgeBps, costsBps: e.totalCostBps },
  residualBaseQty: '0',
  residualSinceUnixMs: null,
  residualAlarmed: false,
  ladder: [],
  closeReason: null,
  settledBaseQty: '0',
  denials: [],
  result: null,
});

const legRecord = ({ pair, d }: Evaluation, leg: LegName, baseQty: Decimal): LegRecord => {
  const x = instrumentOfLeg(pair, leg);
  const side: Side = x === d.sold ? 'sell' : 'buy';
  const baseQtyPerUnit = x.metadata?.baseQtyPerUnit ?? '1';
  return {
    leg,
    venueId: x.settings.venueId,
    instrumentId: x.settings.id,
    symbol: x.settings.symbol,
    side,
    baseQtyPerUnit,
    ...(x.metadata === null ? {} : { baseCcy: x.metadata.baseCcy, quoteCcy: x.metadata.quoteCcy }),
    plannedQty: baseQty.div(baseQtyPerUnit).toFixed(),
    referencePx: decimalOfWireNumber(side === 'buy' ? x.askPx : x.bidPx).toFixed(),
    openedQty: '0',
    closedQty: '0',
    cash: '0',
    fees: {},
    feeQty: '0',
    settledQty: '0',
    positions: [],
    orders: [],
  };
};
