/**
 * Which member of a trading record is which column. A group's legs, ladder and result are nested and stay JSON within
 * their row; everything a query or a person filters by is a column of its own.
 */
import type { DustRecord, HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { LimitOverride } from '../../../src-shared/domain/limits.ts';
import type { ChargeRecord, FillRecord, OrderRecord, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Recovered } from '../../runtime/ports.ts';
import { tableOf, type TableOf } from './columns.ts';

export type Trading = Recovered['trading'];
export type Fence = Trading['fences'][number];
export type Disablement = Trading['disablements'][number];
export type DayRecord = NonNullable<Trading['day']>;

export const GROUPS = tableOf<HedgeGroup>({
  id: ['group_id', 'text'],
  intentId: ['intent_id', 'text'],
  pairId: ['pair_id', 'text'],
  direction: ['direction', 'text'],
  legOrder: ['leg_order', 'text'],
  state: ['state', 'text'],
  stateSinceUnixMs: ['state_since_unix_ms', 'number'],
  why: ['why', 'text'],
  legs: ['legs', 'json'],
  createdUnixMs: ['created_unix_ms', 'number'],
  openedUnixMs: ['opened_unix_ms', 'number'],
  endedUnixMs: ['ended_unix_ms', 'number'],
  deadlineUnixMs: ['deadline_unix_ms', 'number'],
  baseQty: ['base_qty', 'text'],
  notionalUsd: ['notional_usd', 'number'],
  conversionRate: ['conversion_rate', 'number'],
  expected: ['expected', 'json'],
  residualBaseQty: ['residual_base_qty', 'text'],
  residualSinceUnixMs: ['residual_since_unix_ms', 'number'],
  residualAlarmed: ['residual_alarmed', 'flag'],
  ladder: ['ladder', 'json'],
  closeReason: ['close_reason', 'text'],
  settledBaseQty: ['settled_base_qty', 'text'],
  denials: ['denials', 'json'],
  result: ['result', 'json'],
});

const REQUESTS = tableOf<OrderRequest>({
  clientOrderId: ['client_order_id', 'text'],
  groupId: ['group_id', 'text'],
  leg: ['leg', 'text'],
  attempt: ['attempt', 'number'],
  purpose: ['purpose', 'text'],
  authority: ['authority', 'text'],
  venueId: ['venue_id', 'text'],
  instrumentId: ['instrument_id', 'text'],
  symbol: ['symbol', 'text'],
  side: ['side', 'text'],
  qty: ['qty', 'text'],
  limitPx: ['limit_px', 'text'],
  timeInForce: ['time_in_force', 'text'],
  reduceOnly: ['reduce_only', 'flag'],
  positionId: ['position_id', 'text'],
  magic: ['magic', 'number'],
  validityMs: ['validity_ms', 'number'],
  quote: ['quote', 'json'],
});

const PROGRESS = tableOf<Omit<OrderRecord, 'request'>>({
  state: ['state', 'text'],
  venueOrderId: ['venue_order_id', 'text'],
  filledQty: ['filled_qty', 'text'],
  bookedQty: ['booked_qty', 'text'],
  avgPx: ['avg_px', 'text'],
  refusal: ['refusal', 'json'],
  why: ['why', 'text'],
  committedUnixMs: ['committed_unix_ms', 'number'],
  acknowledgedUnixMs: ['acknowledged_unix_ms', 'number'],
  firstFillUnixMs: ['first_fill_unix_ms', 'number'],
  endedUnixMs: ['ended_unix_ms', 'number'],
  unknownSinceUnixMs: ['unknown_since_unix_ms', 'number'],
  cancelRequestedUnixMs: ['cancel_requested_unix_ms', 'number'],
  queries: ['queries', 'number'],
  lastQueryUnixMs: ['last_query_unix_ms', 'number'],
});

/** The request, which never changes, and what became of it, side by side in one row. */
export const ORDERS: TableOf<OrderRecord> = {
  columns: `${REQUESTS.columns}, ${PROGRESS.columns}`,
  rowOf: (order) => ({ ...REQUESTS.rowOf(order.request), ...PROGRESS.rowOf(order) }),
  recordOf: (row) => ({ request: REQUESTS.recordOf(row), ...PROGRESS.recordOf(row) }),
  replaced: (earlier, later) => ({ ...REQUESTS.replaced(earlier, later), ...PROGRESS.replaced(earlier, later) }),
  before: PROGRESS.before,
};

export const FILLS = tableOf<FillRecord>({
  venueId: ['venue_id', 'text'],
  instrumentId: ['instrument_id', 'text'],
  tradeId: ['trade_id', 'text'],
  clientOrderId: ['client_order_id', 'text'],
  groupId: ['group_id', 'text'],
  leg: ['leg', 'text'],
  side: ['side', 'text'],
  qty: ['qty', 'text'],
  px: ['px', 'text'],
  fee: ['fee', 'text'],
  feeCcy: ['fee_ccy', 'text'],
  positionId: ['position_id', 'text'],
  venueUnixMs: ['venue_unix_ms', 'number'],
  baseQty: ['base_qty', 'text'],
  bookedUnixMs: ['booked_unix_ms', 'number'],
  via: ['via', 'text'],
});

export const CHARGES = tableOf<ChargeRecord>({
  venueId: ['venue_id', 'text'],
  instrumentId: ['instrument_id', 'text'],
  chargeId: ['charge_id', 'text'],
  tradeId: ['trade_id', 'text'],
  clientOrderId: ['client_order_id', 'text'],
  groupId: ['group_id', 'text'],
  leg: ['leg', 'text'],
  amount: ['amount', 'text'],
  ccy: ['ccy', 'text'],
  venueUnixMs: ['venue_unix_ms', 'number'],
  why: ['why', 'text'],
  bookedUnixMs: ['booked_unix_ms', 'number'],
});

export const DUST = tableOf<DustRecord>({
  groupId: ['group_id', 'text'],
  leg: ['leg', 'text'],
  instrumentId: ['instrument_id', 'text'],
  qty: ['qty', 'text'],
  baseQty: ['base_qty', 'text'],
  kind: ['kind', 'text'],
  reason: ['reason', 'text'],
  unixMs: ['unix_ms', 'number'],
});

export const FENCES = tableOf<Fence>({
  pairId: ['pair_id', 'text'],
  kind: ['kind', 'text'],
  untilUnixMs: ['until_unix_ms', 'number'],
});

export const DISABLEMENTS = tableOf<Disablement>({
  scope: ['scope', 'text'],
  code: ['code', 'text'],
  text: ['text', 'text'],
  sinceUnixMs: ['since_unix_ms', 'number'],
  untilUnixMs: ['until_unix_ms', 'number'],
});

export const OVERRIDES = tableOf<LimitOverride>({
  name: ['name', 'text'],
  value: ['value', 'number'],
  configured: ['configured', 'number'],
  changedUnixMs: ['changed_unix_ms', 'number'],
  by: ['operator', 'text'],
});

export const DAYS = tableOf<DayRecord>({
  utcDay: ['utc_day', 'number'],
  startEquityUsd: ['start_equity_usd', 'number'],
  netUsd: ['net_usd', 'number'],
  groups: ['hedge_groups', 'number'],
  losingStreak: ['losing_streak', 'number'],
});
