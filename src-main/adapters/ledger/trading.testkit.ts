/** Groups, orders and fills as the engine keeps them, and the facts that bring them about. */
import type { ClientOrderId, GroupId, InstrumentId, IntentId, PairId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { DustRecord, GroupState, HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { FillRecord, LegName, OrderRecord, OrderRequest, OrderState } from '../../../src-shared/domain/order.ts';
import type { QuoteEvidence } from '../../../src-shared/domain/quote.ts';
import type { Fact } from '../../core/facts.ts';
import { sampleIntent } from './ledger.testkit.ts';

export const T0 = 1_760_000_000_000;

const VENUE_OF = { a: 'one', b: 'two' } as const;
const instrumentOf = (leg: LegName): InstrumentId => `BTCUSDT@${VENUE_OF[leg]}` as InstrumentId;

const legOf = (leg: LegName, orders: readonly string[]): LegRecord => ({
  leg,
  venueId: VENUE_OF[leg] as VenueId,
  instrumentId: instrumentOf(leg),
  symbol: 'BTCUSDT',
  side: leg === 'a' ? 'sell' : 'buy',
  baseQtyPerUnit: '1',
  plannedQty: '0.010',
  referencePx: '64000.10',
  openedQty: '0',
  closedQty: '0',
  cash: '0',
  fees: {},
  positions: [],
  orders: orders as readonly ClientOrderId[],
});

/** The group of intent `i<n>`, opening. */
export const sampleGroup = (n: number, more: Partial<HedgeGroup> = {}): HedgeGroup => ({
  id: `g${n}` as GroupId,
  intentId: `i${n}` as IntentId,
  pairId: 'one-two' as PairId,
  direction: 'sell-a-buy-b',
  legOrder: 'together',
  state: 'opening',
  stateSinceUnixMs: T0 + n,
  why: 'first orders are on their way',
  legs: { a: legOf('a', [`q${n}a01`]), b: legOf('b', [`q${n}b01`]) },
  createdUnixMs: T0 + n + 0.25,
  openedUnixMs: null,
  endedUnixMs: null,
  deadlineUnixMs: T0 + n + 10_000,
  baseQty: '0.010',
  notionalUsd: 640.001,
  conversionRate: 0.1 + 0.2,
  expected: { spreadBps: 12.25, edgeBps: 2.125, costsBps: 10.125 },
  residualBaseQty: '0',
  residualSinceUnixMs: null,
  residualAlarmed: false,
  ladder: [],
  closeReason: null,
  settledBaseQty: '0',
  denials: [],
  result: null,
  ...more,
});

export const endedGroup = (group: HedgeGroup, state: GroupState = 'closed'): HedgeGroup => ({
  ...group,
  state,
  endedUnixMs: group.createdUnixMs + 60_000,
  closeReason: 'convergence',
  result: {
    gross: '0.12',
    fees: '0.05',
    net: '0.07',
    ccy: 'USDT',
    netUsd: 0.07,
    netBps: 1.1,
    slippageBps: { a: 0.1, b: -0.1 },
  },
});

const evidenceOf = (leg: LegName): QuoteEvidence => ({
  instrumentId: instrumentOf(leg),
  bidPx: '64000.10',
  bidQty: null,
  askPx: '64000.20',
  askQty: '1',
  venueMs: null,
  updateId: '90071992547409931',
  receivedUnixMs: T0,
  ageMs: 1.5,
});

export const sampleRequest = (n: number, leg: LegName, more: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: `q${n}${leg}01` as ClientOrderId,
  groupId: `g${n}` as GroupId,
  leg,
  attempt: 1,
  purpose: 'open',
  authority: 'rule',
  venueId: VENUE_OF[leg] as VenueId,
  instrumentId: instrumentOf(leg),
  symbol: 'BTCUSDT',
  side: leg === 'a' ? 'sell' : 'buy',
  qty: '0.010',
  limitPx: '63990.1',
  timeInForce: 'ioc',
  reduceOnly: false,
  positionId: null,
  magic: leg === 'a' ? 9_007_199_254_740_000 + n : null,
  validityMs: 1_500,
  quote: evidenceOf(leg),
  ...more,
});

export const sampleOrder = (request: OrderRequest, more: Partial<OrderRecord> = {}): OrderRecord => ({
  request,
  state: 'in-flight',
  venueOrderId: null,
  filledQty: '0',
  bookedQty: '0',
  avgPx: null,
  refusal: null,
  why: 'sent',
  committedUnixMs: T0 + 0.5,
  acknowledgedUnixMs: null,
  firstFillUnixMs: null,
  endedUnixMs: null,
  unknownSinceUnixMs: null,
  cancelRequestedUnixMs: null,
  queries: 0,
  lastQueryUnixMs: null,
  ...more,
});

export const sampleFill = (n: number, leg: LegName, more: Partial<FillRecord> = {}): FillRecord => ({
  venueId: VENUE_OF[leg] as VenueId,
  instrumentId: instrumentOf(leg),
  tradeId: `t${n}`,
  clientOrderId: `q${n}${leg}01` as ClientOrderId,
  side: leg === 'a' ? 'sell' : 'buy',
  qty: '0.010',
  px: '64000.10',
  fee: '-0.0001',
  feeCcy: 'BNB',
  positionId: leg === 'a' ? `p${n}` : null,
  venueUnixMs: T0 - 3,
  groupId: `g${n}` as GroupId,
  leg,
  baseQty: '0.010',
  bookedUnixMs: T0 + n + 1,
  via: 'push',
  ...more,
});

export const sampleDust = (n: number): DustRecord => ({
  groupId: `g${n}` as GroupId,
  leg: 'b',
  instrumentId: instrumentOf('b'),
  qty: '0.0004',
  baseQty: '0.0004',
  kind: 'dust',
  reason: 'below one step',
  unixMs: T0 + n,
});

export const groupFact = (group: HedgeGroup, before: GroupState | null = null): Fact => ({ type: 'group-changed', group, before });
export const orderFact = (order: OrderRecord, before: OrderState | null = null): Fact => ({ type: 'order-changed', order, before });
export const fillFact = (fill: FillRecord): Fact => ({ type: 'fill-booked', fill });

/** Intent, group and both first orders: what one entry commits. */
export const entryFacts = (n: number, more: Partial<HedgeGroup> = {}): readonly Fact[] => [
  { type: 'intent-proposed', intent: { ...sampleIntent(`i${n}`, T0 + n), disposition: 'hedging', groupId: `g${n}` as GroupId } },
  groupFact(sampleGroup(n, more)),
  orderFact(sampleOrder(sampleRequest(n, 'a'))),
  orderFact(sampleOrder(sampleRequest(n, 'b'))),
];
