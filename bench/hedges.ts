/** Hedge groups as the engine keeps them, of the usual size, for measuring what keeping and recovering them costs. */
import type { HedgeGroup, LegRecord } from '../src-shared/domain/hedgeGroup.ts';
import type { ClientOrderId, GroupId, IntentId } from '../src-shared/domain/ids.ts';
import type { FillRecord, LegName, OrderRecord } from '../src-shared/domain/order.ts';
import type { EngineSettings, PairSettings } from '../src-shared/domain/settings.ts';
import type { Fact } from '../src-main/core/facts.ts';
import { intentOf, quoteEvidence } from './intents.ts';

const QTY = '0.010';

interface Place {
  readonly pair: PairSettings;
  readonly n: number;
  readonly unixMs: number;
}

const instrumentOf = ({ pair }: Place, leg: LegName) => {
  const id = leg === 'a' ? pair.a : pair.b;
  const at = id.lastIndexOf('@');
  return { id, symbol: id.slice(0, at), venueId: id.slice(at + 1) as LegRecord['venueId'] };
};
const orderId = ({ n }: Place, leg: LegName): ClientOrderId => `q${n.toString(36)}${leg}01` as ClientOrderId;
const groupId = ({ n }: Place): GroupId => `g${n.toString(36)}` as GroupId;
const sideOf = (leg: LegName) => (leg === 'a' ? 'sell' : 'buy');

const legOf = (place: Place, leg: LegName): LegRecord => {
  const { id, symbol, venueId } = instrumentOf(place, leg);
  return {
    leg,
    venueId,
    instrumentId: id,
    symbol,
    side: sideOf(leg),
    baseQtyPerUnit: '1',
    plannedQty: QTY,
    referencePx: '1000.01',
    openedQty: QTY,
    closedQty: '0',
    cash: leg === 'a' ? '10.0001' : '-10.0002',
    fees: { USDT: '0.01' },
    positions: [],
    orders: [orderId(place, leg)],
  };
};

const groupOf = (place: Place): HedgeGroup => ({
  id: groupId(place),
  intentId: `i${place.n.toString(36)}` as IntentId,
  pairId: place.pair.id,
  direction: 'sell-a-buy-b',
  legOrder: place.pair.legOrder,
  state: 'open',
  stateSinceUnixMs: place.unixMs + 40,
  why: 'both legs are filled',
  legs: { a: legOf(place, 'a'), b: legOf(place, 'b') },
  createdUnixMs: place.unixMs,
  openedUnixMs: place.unixMs + 40,
  endedUnixMs: null,
  deadlineUnixMs: place.unixMs + 10_000,
  baseQty: QTY,
  notionalUsd: 10,
  conversionRate: 1,
  expected: { spreadBps: 12.25, edgeBps: 2.125, costsBps: 10.125 },
  residualBaseQty: '0',
  residualSinceUnixMs: null,
  residualAlarmed: false,
  ladder: [],
  closeReason: null,
  settledBaseQty: '0',
  denials: [],
  result: null,
});

const orderOf = (place: Place, leg: LegName): OrderRecord => {
  const { id, symbol, venueId } = instrumentOf(place, leg);
  return {
    request: {
      clientOrderId: orderId(place, leg),
      groupId: groupId(place),
      leg,
      attempt: 1,
      purpose: 'open',
      authority: 'rule',
      venueId,
      instrumentId: id,
      symbol,
      side: sideOf(leg),
      qty: QTY,
      limitPx: '999.5',
      timeInForce: 'ioc',
      reduceOnly: false,
      positionId: null,
      magic: null,
      validityMs: 1_500,
      quote: quoteEvidence(leg === 'a' ? 'left' : 'right', '1000.01', '1000.02'),
    },
    state: 'filled',
    venueOrderId: `9${place.n}`,
    filledQty: QTY,
    bookedQty: QTY,
    avgPx: '1000.01',
    refusal: null,
    why: 'filled',
    committedUnixMs: place.unixMs,
    acknowledgedUnixMs: place.unixMs + 20,
    firstFillUnixMs: place.unixMs + 20,
    endedUnixMs: place.unixMs + 21,
    unknownSinceUnixMs: null,
    cancelRequestedUnixMs: null,
    queries: 0,
    lastQueryUnixMs: null,
  };
};

const fillOf = (place: Place, leg: LegName): FillRecord => {
  const { id, venueId } = instrumentOf(place, leg);
  return {
    venueId,
    instrumentId: id,
    tradeId: `t${place.n}${leg}`,
    clientOrderId: orderId(place, leg),
    side: sideOf(leg),
    qty: QTY,
    px: '1000.01',
    fee: '0.01',
    feeCcy: 'USDT',
    positionId: null,
    venueUnixMs: place.unixMs + 19,
    groupId: groupId(place),
    leg,
    baseQty: QTY,
    bookedUnixMs: place.unixMs + 20,
    via: 'push',
  };
};

/** Intent, group, orders and fills of one open hedge, number `n`, on one of the pairs in turns. */
export const openHedge = (settings: EngineSettings, n: number, unixMs: number): readonly Fact[] => {
  const place: Place = { pair: settings.pairs[n % settings.pairs.length]!, n, unixMs };
  const group = groupOf(place);
  const { id, pairId } = group;
  const intent = { ...intentOf(n), id: group.intentId, pairId, proposedUnixMs: unixMs, disposition: 'hedging', groupId: id } as const;
  return [
    { type: 'intent-proposed', intent },
    { type: 'intent-ended', intentId: intent.id, reason: 'edge-gone', bestEdgeBps: 2, durationMs: 10, suppressed: 0 },
    { type: 'group-changed', group, before: null },
    { type: 'order-changed', order: orderOf(place, 'a'), before: null },
    { type: 'order-changed', order: orderOf(place, 'b'), before: null },
    { type: 'fill-booked', fill: fillOf(place, 'a') },
    { type: 'fill-booked', fill: fillOf(place, 'b') },
  ];
};

/** What `count` open hedges add up to. */
export const holdingsOf = (settings: EngineSettings, count: number): readonly Fact[] =>
  settings.pairs.flatMap((pair, i) => {
    const groups = Math.floor(count / settings.pairs.length) + (i < count % settings.pairs.length ? 1 : 0);
    const qty = (groups / 100).toFixed(2);
    return [pair.a, pair.b].map(
      (instrumentId, leg): Fact => ({
        type: 'holding-changed',
        instrumentId,
        before: null,
        after: { qty: leg === 0 ? `-${qty}` : qty, foreignQty: '0' },
        why: 'fills',
      }),
    );
  });
