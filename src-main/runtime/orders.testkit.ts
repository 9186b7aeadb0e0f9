/** Orders, answers and gateways for tests of the runtime: what a core would wish for, and venues that answer as told. */
import type { ClientOrderId, GroupId, InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import type {
  CancelOutcome,
  OrderPurpose,
  OrderRef,
  OrderRequest,
  PlaceOutcome,
  QueryOutcome,
  SnapshotOutcome,
} from '../../src-shared/domain/order.ts';
import type { Effect } from '../core/facts.ts';
import type { RiskApproved } from '../core/risk/approved.ts';
import type { OrderGateway } from './ports.ts';

export const orderOf = (name: string, purpose: OrderPurpose = 'open', venueId = 'one'): RiskApproved<OrderRequest> => {
  const order: OrderRequest = {
    clientOrderId: name as ClientOrderId,
    groupId: 'g1' as GroupId,
    leg: 'a',
    attempt: 1,
    purpose,
    authority: 'rule',
    venueId: venueId as VenueId,
    instrumentId: `BTCUSDT@${venueId}` as InstrumentId,
    symbol: 'BTCUSDT',
    side: 'buy',
    qty: '0.01',
    limitPx: '64000',
    timeInForce: 'ioc',
    reduceOnly: purpose === 'close' || purpose === 'unwind',
    positionId: null,
    magic: null,
    validityMs: 1_500,
    quote: {
      instrumentId: `BTCUSDT@${venueId}`,
      bidPx: '63999',
      bidQty: '1',
      askPx: '64000',
      askQty: '1',
      venueMs: null,
      updateId: null,
      receivedUnixMs: 0,
      ageMs: 0,
    },
  };
  return order as RiskApproved<OrderRequest>;
};

export const refOf = (name: string, venueId = 'one'): OrderRef => {
  const { clientOrderId, instrumentId, symbol } = orderOf(name, 'open', venueId);
  return { clientOrderId, venueId: venueId as VenueId, instrumentId, symbol, venueOrderId: null, magic: null };
};

export const placing = (name: string, purpose: OrderPurpose = 'open', venueId = 'one'): Effect => ({
  type: 'place-order',
  order: orderOf(name, purpose, venueId),
});
export const canceling = (name: string, venueId = 'one'): Effect => ({ type: 'cancel-order', ref: refOf(name, venueId) });
export const querying = (name: string, venueId = 'one'): Effect => ({ type: 'query-order', ref: refOf(name, venueId) });
export const snapping = (requestId: number, venueId = 'one'): Effect => ({
  type: 'take-snapshot',
  venueId: venueId as VenueId,
  requestId,
  fillsSinceUnixMs: 5,
});
export const gating = (gate: 'open' | 'reducing' | 'closed'): Effect => ({ type: 'set-gate', gate });

export const ACKNOWLEDGED: PlaceOutcome = { code: 'acknowledged', venueOrderId: 'v1', venueUnixMs: 1 };
export const EMPTY_SNAPSHOT: SnapshotOutcome = {
  code: 'answered',
  snapshot: {
    venueUnixMs: 1,
    openOrders: [],
    fills: [],
    positions: [],
    account: { ccy: 'USDT', equity: '1000', marginUsed: null, marginFree: null, balances: [] },
  },
};

export interface ScriptedGateway extends OrderGateway {
  /** What reached it, in order: `place q1`, `cancel q1`, … */
  readonly calls: string[];
}

interface Script {
  readonly place: (order: OrderRequest, mayLeave: () => boolean) => Promise<PlaceOutcome>;
  readonly cancel: (ref: OrderRef, mayLeave: () => boolean) => Promise<CancelOutcome>;
  readonly query: (ref: OrderRef) => Promise<QueryOutcome>;
  readonly snapshot: (sinceUnixMs: number) => Promise<SnapshotOutcome>;
}

/** A gateway that answers well unless told otherwise. */
export const gatewayOf = (venueId = 'one', script: Partial<Script> = {}): ScriptedGateway => {
  const calls: string[] = [];
  const does: Script = {
    place: () => Promise.resolve(ACKNOWLEDGED),
    cancel: () => Promise.resolve({ code: 'acknowledged' }),
    query: () => Promise.resolve({ code: 'not-found', venueUnixMs: 1 }),
    snapshot: () => Promise.resolve(EMPTY_SNAPSHOT),
    ...script,
  };
  return {
    calls,
    venueId: venueId as VenueId,
    kind: 'paper',
    start: () => undefined,
    stop: () => Promise.resolve(),
    place: (order, mayLeave) => (calls.push(`place ${order.clientOrderId}`), does.place(order, mayLeave)),
    cancel: (ref, mayLeave) => (calls.push(`cancel ${ref.clientOrderId}`), does.cancel(ref, mayLeave)),
    query: (ref) => (calls.push(`query ${ref.clientOrderId}`), does.query(ref)),
    snapshot: (since) => (calls.push(`snapshot ${since}`), does.snapshot(since)),
  };
};
