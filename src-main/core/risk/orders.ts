/**
 * The last word over every single order, opening or reducing: only what this module has sealed can leave the process.
 * Invariants: halted emits no opening order, and reducing never raises |exposure| (I6); no opening on a pair with an unknown
 * leg (I7); no order from a quote older than its limit (I8); a client id is approved once (I1). Unknown means denied.
 */
import type { Denial, HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import { isOpening, type OrderRequest } from '../../../src-shared/domain/order.ts';
import { accountBar } from '../accountIdentity.ts';
import { ageMs, hasQuote, isFresh } from '../marketData.ts';
import { hasAnswered, isReconciled } from '../reconcile/wall.ts';
import type { EngineState, InstrumentState, PairState } from '../state.ts';
import { isAtLeast, stopOf, stopOfOrder } from '../stops/scope.ts';
import { seal, type RiskApproved } from './approved.ts';
import { messageLimits, messageUse, noteMessage } from './budget.ts';
import { disablementOf } from './disablements.ts';
import { denial } from './entryPlan.ts';
import { exposureDenial, formDenial, priceDenial, sizeDenial } from './orderShape.ts';
import { unknownOrders } from './stateRules.ts';

export type Approval =
  | { readonly ok: true; readonly order: RiskApproved<OrderRequest> }
  | { readonly ok: false; readonly denials: readonly Denial[] };

/** Everything that the rules of one order read. */
export interface OrderContext {
  readonly state: EngineState;
  readonly request: OrderRequest;
  readonly group: HedgeGroup;
  readonly pair: PairState;
  readonly x: InstrumentState;
  readonly nowUs: number;
}

/** Checks one order against every rule; an approval counts as a message to its venue. */
export const approveOrder = (state: EngineState, request: OrderRequest): Approval => {
  const context = contextOf(state, request);
  if (context === null)
    return { ok: false, denials: [denial('group', `${request.clientOrderId}: no live group ${request.groupId} with this leg`)] };
  const rules = isOpening(request.purpose) ? OPENING_RULES : REDUCING_RULES;
  const denials = rules.flatMap((rule) => rule(context) ?? []);
  if (denials.length > 0) return { ok: false, denials };
  noteMessage(state, request.venueId);
  return { ok: true, order: seal(request) };
};

const contextOf = (state: EngineState, request: OrderRequest): OrderContext | null => {
  const group = state.book.groups.find((g) => g.id === request.groupId);
  const pair = state.pairs.find((p) => p.settings.id === group?.pairId);
  const x = state.instruments.find((i) => i.settings.id === request.instrumentId);
  if (group === undefined || pair === undefined || x === undefined || isEndedGroup(group.state)) return null;
  const leg = group.legs[request.leg];
  if (leg.instrumentId !== request.instrumentId || leg.venueId !== request.venueId || x.settings.venueId !== request.venueId) return null;
  return { state, request, group, pair, x, nowUs: Math.floor(state.monoUs) };
};

type OrderRule = (context: OrderContext) => Denial | null;

/** An operator's explicit completion of a group may pass a kill or a flatten, and nothing else that opens may. */
const openingStopDenial: OrderRule = ({ state, request, group, pair }) => {
  const level = stopOf(state, group);
  const act = request.purpose === 'complete' && request.authority === 'operator';
  if (level === 'hands-off' || stopOf(state, pair) === 'hands-off') return denial('stopped', 'hands-off is in force: nothing is sent');
  if (act) return null;
  if (isAtLeast(level, 'kill')) return denial('stopped', `${level} is in force: nothing may open`);
  if (state.kill !== null || state.trading !== 'active') return denial('stopped', `trading state ${state.trading}: nothing may open`);
  return null;
};

const reducingStopDenial: OrderRule = ({ state, request, pair }) => {
  const level = stopOfOrder(state, request, pair.settings.id);
  if (level === 'hands-off') return denial('stopped', 'hands-off is in force: nothing is sent');
  if (level === 'kill' && request.authority === 'rule' && state.settings.hedging.nakedLegsOnKill === 'freeze')
    return denial('stopped', 'killed with naked legs frozen: an operator must act');
  return null;
};

const staleDenial = (x: InstrumentState, nowUs: number): Denial | null => {
  const { id } = x.settings;
  if (!hasQuote(x)) return denial('quote', `${id} is not quoted yet`);
  if (x.fault !== 'none') return denial('quote', `${id} has a ${x.fault} quote`);
  if (isFresh(x, nowUs)) return null;
  const [age, limit] = [Math.round(ageMs(x, nowUs)), x.venue.settings.maxQuoteAgeMs];
  return denial('quote', `${id}: the quote is ${age} ms old, limit ${limit} ms`, age, limit);
};

const ownQuoteDenial: OrderRule = ({ x, nowUs }) => staleDenial(x, nowUs);

const allQuotesDenial: OrderRule = ({ pair, nowUs }) =>
  staleDenial(pair.a, nowUs) ?? staleDenial(pair.b, nowUs) ?? (pair.conversion === null ? null : staleDenial(pair.conversion, nowUs));

const unknownLegDenial: OrderRule = ({ state, pair }) => {
  const unknown = unknownOrders(state, pair.settings.id);
  return unknown.length === 0 ? null : denial('unknown-leg', `outcome not known: ${unknown.join(', ')}`, unknown.length, 0);
};

const venueDenial: OrderRule = ({ state, x, nowUs }) => {
  const { id } = x.venue.settings;
  if (!isReconciled(state, id)) return denial('reconciled', `venue ${id} is not reconciled`);
  const disabled = disablementOf(state, 'venue-errors', [`venue:${id}`], nowUs);
  return disabled === null ? null : denial('venue-errors', `venue ${id} is disabled: ${disabled.text}`);
};

/** Whoever asks: what reduces here would open there. */
const accountDenial: OrderRule = ({ state, x }) => {
  const bar = accountBar(state, x.settings.venueId);
  return bar === null ? null : denial('account', bar);
};

/**
 * A start does not know what became of a leg meanwhile (liquidated, sold by hand): giving back what may be gone would sell somebody
 * else's. A person who has looked may.
 */
const unaskedDenial: OrderRule = ({ state, request, x }) =>
  request.authority === 'operator' || hasAnswered(state, x.settings.venueId)
    ? null
    : denial('reconciled', `venue ${x.settings.venueId} has not answered since the start`);

const budgetDenial: OrderRule = ({ state, request, x, nowUs }) => {
  const { perSecond, perMinute } = messageLimits(state, isOpening(request.purpose) ? 'opening' : 'reducing');
  const { lastSecond, lastMinute } = messageUse(state.book.venues[x.venue.index]!, nowUs);
  const { id } = x.venue.settings;
  if (lastSecond >= perSecond)
    return denial('messages', `${id}: ${lastSecond} messages in a second, at most ${perSecond}`, lastSecond, perSecond);
  if (lastMinute >= perMinute)
    return denial('messages', `${id}: ${lastMinute} messages in a minute, at most ${perMinute}`, lastMinute, perMinute);
  return null;
};

const SHAPE_RULES: readonly OrderRule[] = [formDenial, exposureDenial, sizeDenial, priceDenial];
const OPENING_RULES: readonly OrderRule[] = [
  openingStopDenial,
  accountDenial,
  allQuotesDenial,
  unknownLegDenial,
  venueDenial,
  ...SHAPE_RULES,
  budgetDenial,
];
const REDUCING_RULES: readonly OrderRule[] = [
  reducingStopDenial,
  accountDenial,
  unaskedDenial,
  ownQuoteDenial,
  ...SHAPE_RULES,
  budgetDenial,
];
