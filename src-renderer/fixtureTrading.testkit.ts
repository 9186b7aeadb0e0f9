/** Hedge groups in each state, positions, limits and one group's whole history for the stand-in engine. Tests only. */
import type { CompensationRung, GroupState, HedgeGroup, LegRecord } from '../src-shared/domain/hedgeGroup.ts';
import type { ClientOrderId, GroupId, InstrumentId, IntentId, PairId, VenueId } from '../src-shared/domain/ids.ts';
import { DEFAULT_LIMITS, LIMIT_NAMES } from '../src-shared/domain/limits.ts';
import type { Intent } from '../src-shared/domain/opportunity.ts';
import type { FillRecord, LegName, OrderPurpose, OrderRecord, Side } from '../src-shared/domain/order.ts';
import type { EventRow, FlattenPreview, GroupHistory, GroupRow, LimitRow, PositionRow } from '../src-shared/domain/view.ts';

export const groupRow = (nowMs: number, state: GroupState, fields: Partial<GroupRow> = {}): GroupRow => ({
  pairId: 'XAU·OKX',
  direction: 'sell-a-buy-b',
  state,
  stateSinceUnixMs: nowMs - 192_000,
  why: 'both legs filled',
  createdUnixMs: nowMs - 193_000,
  openedUnixMs: nowMs - 192_000,
  endedUnixMs: null,
  legOrder: 'metatrader-first',
  baseQty: '1',
  notionalUsd: 2_651,
  aInstrument: 'XAUUSD@mt5-demo',
  aSide: 'sell',
  aQty: '-0.01',
  aAvgPx: '2651.42',
  aOrder: 'filled',
  aLatencyMs: 231,
  bInstrument: 'XAU-USDT-SWAP@okx',
  bSide: 'buy',
  bQty: '1000',
  bAvgPx: '2651.0',
  bOrder: 'filled',
  bLatencyMs: 12,
  residualBaseQty: '0',
  nakedSinceUnixMs: null,
  nakedUsd: null,
  rungs: 0,
  expectedEdgeBps: 4.9,
  openNetUsd: 0.84,
  openNetBps: 3.2,
  closeReason: null,
  netUsd: null,
  netBps: null,
  acts: ['close'],
  ...fields,
});

const BTC: Partial<GroupRow> = {
  pairId: 'BTC·BIN',
  direction: 'sell-b-buy-a',
  legOrder: 'exchange-first',
  baseQty: '0.02',
  notionalUsd: 1_944,
  aInstrument: 'BTCUSDT@binance-spot',
  aSide: 'buy',
  aQty: '0.02',
  aAvgPx: '97231.52',
  bInstrument: 'BTCUSDT@binance-usdm',
  bSide: 'sell',
  bQty: '-0.02',
  bAvgPx: '97240.1',
  expectedEdgeBps: 2.2,
};

const GONE: Partial<GroupRow> = { aQty: '0', bQty: '0', openNetUsd: null, openNetBps: null, acts: [] };

/** One group of every state. */
export const fixtureGroups = (nowMs: number): Record<string, GroupRow> => ({
  gxau4: groupRow(nowMs, 'open'),
  gbtc9: groupRow(nowMs, 'compensating', {
    ...BTC,
    stateSinceUnixMs: nowMs - 800,
    why: 'binance-usdm refused the second leg (-2019 Margin is insufficient): unwinding the first',
    createdUnixMs: nowMs - 4_100,
    openedUnixMs: null,
    bQty: '0',
    bAvgPx: null,
    bOrder: 'rejected',
    bLatencyMs: 9,
    residualBaseQty: '0.02',
    nakedSinceUnixMs: nowMs - 3_800,
    nakedUsd: 1_944.6,
    rungs: 1,
    openNetUsd: null,
    openNetBps: null,
    acts: ['complete', 'unwind'],
  }),
  gxag2: groupRow(nowMs, 'operator-held', {
    pairId: 'XAG·OKX',
    aInstrument: 'XAGUSD@mt5-demo',
    bInstrument: 'XAG-USDT-SWAP@okx',
    stateSinceUnixMs: nowMs - 41_000,
    why: 'XAGUSD shut for the day; the ladder ended without getting rid of 50 oz',
    createdUnixMs: nowMs - 75_000,
    openedUnixMs: null,
    aQty: '0',
    aAvgPx: null,
    aOrder: 'unknown',
    aLatencyMs: null,
    bQty: '5000',
    bAvgPx: '31.22',
    baseQty: '50',
    notionalUsd: 1_561,
    residualBaseQty: '50',
    nakedSinceUnixMs: nowMs - 71_000,
    nakedUsd: 1_560.5,
    rungs: 3,
    openNetUsd: null,
    openNetBps: null,
    acts: ['complete', 'unwind', 'adopt', 'write-off'],
  }),
  gxau5: groupRow(nowMs, 'opening', {
    stateSinceUnixMs: nowMs - 300,
    createdUnixMs: nowMs - 300,
    openedUnixMs: null,
    why: 'first leg sent',
    aQty: '0',
    aAvgPx: null,
    aOrder: 'in-flight',
    aLatencyMs: null,
    bQty: '0',
    bAvgPx: null,
    bOrder: null,
    bLatencyMs: null,
    openNetUsd: null,
    openNetBps: null,
    acts: [],
  }),
  gbtc8: groupRow(nowMs, 'closing', {
    ...BTC,
    stateSinceUnixMs: nowMs - 1_200,
    why: 'spread came back',
    closeReason: 'convergence',
    acts: [],
  }),
  gxau3: groupRow(nowMs, 'closed', {
    ...GONE,
    createdUnixMs: nowMs - 2_400_000,
    openedUnixMs: nowMs - 2_399_800,
    endedUnixMs: nowMs - 1_900_000,
    why: 'both legs closed',
    closeReason: 'take-profit',
    netUsd: 1.31,
    netBps: 4.9,
  }),
  gbtc7: groupRow(nowMs, 'closed', {
    ...BTC,
    ...GONE,
    createdUnixMs: nowMs - 3_400_000,
    openedUnixMs: null,
    endedUnixMs: nowMs - 3_390_000,
    why: 'unwound: second leg refused',
    closeReason: 'failed',
    rungs: 2,
    netUsd: -0.62,
    netBps: -3.2,
  }),
  gxau2: groupRow(nowMs, 'denied', {
    ...GONE,
    createdUnixMs: nowMs - 3_700_000,
    openedUnixMs: null,
    endedUnixMs: nowMs - 3_700_000,
    why: 'notional: $10,651 of $10,000 in all',
    aOrder: null,
    aAvgPx: null,
    aLatencyMs: null,
    bOrder: null,
    bAvgPx: null,
    bLatencyMs: null,
  }),
});

const position = (venueId: string, symbol: string, fields: Partial<PositionRow>): PositionRow => ({
  venueId,
  symbol,
  ownQty: '0',
  foreignQty: '0',
  reportedQty: null,
  baseQty: '0',
  notionalUsd: 0,
  ...fields,
});

export const fixturePositions = (): Record<string, PositionRow> => ({
  'XAUUSD@mt5-demo': position('mt5-demo', 'XAUUSD', { ownQty: '-0.01', baseQty: '-1', notionalUsd: -2_651.5 }),
  'XAU-USDT-SWAP@okx': position('okx', 'XAU-USDT-SWAP', { ownQty: '1000', baseQty: '1', notionalUsd: 2_651 }),
  'BTCUSDT@binance-spot': position('binance-spot', 'BTCUSDT', { ownQty: '0.02', foreignQty: '0.5', baseQty: '0.02', notionalUsd: 1_944.6 }),
  'XAG-USDT-SWAP@okx': position('okx', 'XAG-USDT-SWAP', { ownQty: '5000', reportedQty: '4000', baseQty: '50', notionalUsd: null }),
});

const USED: Readonly<Record<string, number>> = {
  maxGroupNotionalUsd: 2_651,
  maxTotalNotionalUsd: 6_156,
  maxOpenGroups: 3,
  maxMessagesPerMinute: 7,
  maxGroupsPerHour: 4,
  maxDayLossPct: 0.38,
  minMarginLevelPct: 1_240,
  maxVenueErrors: 1,
};

export const fixtureLimits = (): Record<string, LimitRow> =>
  Object.fromEntries(
    LIMIT_NAMES.map((name): [string, LimitRow] => {
      const changed = name === 'maxTotalNotionalUsd';
      const configured = DEFAULT_LIMITS[name];
      return [name, { value: changed ? 8_000 : configured, configured, used: USED[name] ?? null, changedBy: changed ? 'operator' : null }];
    }),
  );

const leg = (name: LegName, row: GroupRow): LegRecord => {
  const instrument = name === 'a' ? row.aInstrument : row.bInstrument;
  const [symbol = '', venue = ''] = instrument.split('@');
  return {
    leg: name,
    venueId: venue as VenueId,
    instrumentId: instrument as InstrumentId,
    symbol,
    side: name === 'a' ? row.aSide : row.bSide,
    baseQtyPerUnit: '1',
    plannedQty: row.baseQty,
    referencePx: '97240.1',
    openedQty: (name === 'a' ? row.aQty : row.bQty).replace('-', ''),
    closedQty: '0',
    cash: name === 'a' ? '-1944.6304' : '0',
    fees: name === 'a' ? { USDT: '1.94' } : {},
    positions: [],
    orders: [],
  };
};

const RUNG: CompensationRung = {
  rung: 'unwind',
  leg: 'a',
  clientOrderId: 'qbtc9a02' as ClientOrderId,
  baseQty: '0.02',
  startedUnixMs: 0,
  outcome: 'in-flight',
  note: 'bound 97201.1, 30 bps from the touch',
};

export const hedgeGroupOf = (groupId: string, row: GroupRow): HedgeGroup => ({
  id: groupId as GroupId,
  intentId: groupId.replace(/^g/, 'i') as IntentId,
  pairId: row.pairId as PairId,
  direction: row.direction,
  legOrder: row.legOrder,
  state: row.state,
  stateSinceUnixMs: row.stateSinceUnixMs,
  why: row.why,
  legs: { a: leg('a', row), b: leg('b', row) },
  createdUnixMs: row.createdUnixMs,
  openedUnixMs: row.openedUnixMs,
  endedUnixMs: row.endedUnixMs,
  deadlineUnixMs: row.createdUnixMs + 10_000,
  baseQty: row.baseQty,
  notionalUsd: row.notionalUsd,
  conversionRate: 1,
  expected: { spreadBps: row.expectedEdgeBps + 4, edgeBps: row.expectedEdgeBps, costsBps: 4 },
  residualBaseQty: row.residualBaseQty,
  residualSinceUnixMs: row.nakedSinceUnixMs,
  residualAlarmed: false,
  ladder: row.rungs === 0 ? [] : [{ ...RUNG, startedUnixMs: row.createdUnixMs + 3_300 }],
  closeReason: row.closeReason,
  settledBaseQty: '0',
  denials:
    row.state === 'denied' ? [{ code: 'notional', text: 'in all groups $10,651, limit $10,000', measured: 10_651, limit: 10_000 }] : [],
  result:
    row.netUsd === null
      ? null
      : {
          gross: '2.11',
          fees: '0.80',
          net: String(row.netUsd),
          ccy: 'USDT',
          netUsd: row.netUsd,
          netBps: row.netBps ?? 0,
          slippageBps: { a: 0.4, b: -0.1 },
        },
});

interface OrderFields {
  readonly name: LegName;
  readonly attempt: number;
  readonly purpose: OrderPurpose;
  readonly side: Side;
  readonly committedUnixMs: number;
}

export const orderRecord = (group: HedgeGroup, fields: OrderFields, over: Partial<OrderRecord> = {}): OrderRecord => {
  const { venueId, instrumentId, symbol } = group.legs[fields.name];
  return {
    request: {
      clientOrderId: `q${group.id.slice(1)}${fields.name}0${fields.attempt}` as ClientOrderId,
      groupId: group.id,
      leg: fields.name,
      attempt: fields.attempt,
      purpose: fields.purpose,
      authority: 'rule',
      venueId,
      instrumentId,
      symbol,
      side: fields.side,
      qty: group.baseQty,
      limitPx: '97330.0',
      timeInForce: 'ioc',
      reduceOnly: fields.purpose === 'close' || fields.purpose === 'unwind',
      positionId: null,
      magic: null,
      validityMs: 1_500,
      quote: {
        instrumentId,
        bidPx: '97231.51',
        bidQty: '2',
        askPx: '97231.52',
        askQty: '2',
        venueMs: null,
        updateId: null,
        receivedUnixMs: fields.committedUnixMs,
        ageMs: 20,
      },
    },
    state: 'filled',
    venueOrderId: '9917231',
    filledQty: group.baseQty,
    bookedQty: group.baseQty,
    avgPx: '97231.52',
    refusal: null,
    why: 'filled',
    committedUnixMs: fields.committedUnixMs,
    acknowledgedUnixMs: fields.committedUnixMs + 9,
    firstFillUnixMs: fields.committedUnixMs + 12,
    endedUnixMs: fields.committedUnixMs + 12,
    unknownSinceUnixMs: null,
    cancelRequestedUnixMs: null,
    queries: 0,
    lastQueryUnixMs: null,
    ...over,
  };
};

const fillOf = (order: OrderRecord): FillRecord => ({
  venueId: order.request.venueId,
  instrumentId: order.request.instrumentId,
  tradeId: `t${order.request.clientOrderId}`,
  clientOrderId: order.request.clientOrderId,
  side: order.request.side,
  qty: order.filledQty,
  px: order.avgPx ?? '0',
  fee: '1.94',
  feeCcy: 'USDT',
  positionId: null,
  venueUnixMs: order.firstFillUnixMs,
  groupId: order.request.groupId,
  leg: order.request.leg,
  baseQty: order.filledQty,
  bookedUnixMs: order.firstFillUnixMs ?? order.committedUnixMs,
  via: 'push',
});

/** A group whose first leg filled and whose second was rejected, as the ledger would tell it. */
export const fixtureHistory = (groupId: string, row: GroupRow, intent: Intent | null): GroupHistory => {
  const group = hedgeGroupOf(groupId, row);
  const at = row.createdUnixMs;
  if (row.state === 'denied') return { group, intent, orders: [], fills: [], dust: [], timeline: [] };
  const first = orderRecord(group, { name: 'a', attempt: 1, purpose: 'open', side: row.aSide, committedUnixMs: at });
  const second =
    row.bOrder === 'rejected'
      ? orderRecord(
          group,
          { name: 'b', attempt: 1, purpose: 'open', side: row.bSide, committedUnixMs: at + 14 },
          {
            state: 'rejected',
            filledQty: '0',
            bookedQty: '0',
            avgPx: null,
            acknowledgedUnixMs: null,
            firstFillUnixMs: null,
            endedUnixMs: at + 23,
            venueOrderId: null,
            refusal: { venueCode: '-2019', text: 'Margin is insufficient.', retry: 'never', by: 'venue' },
            why: 'rejected -2019 Margin is insufficient.',
          },
        )
      : orderRecord(group, { name: 'b', attempt: 1, purpose: 'open', side: row.bSide, committedUnixMs: at + 14 });
  const timeline: EventRow[] =
    row.bOrder !== 'rejected' ? [] : [{ unixMs: at + 23, severity: 'warn', kind: 'group', subject: groupId, text: row.why }];
  return {
    group,
    intent,
    orders: [first, second],
    fills: [first, second].filter((order) => order.state === 'filled').map(fillOf),
    dust: [],
    timeline,
  };
};

export const fixturePreview = (groups: Readonly<Record<string, GroupRow>>): FlattenPreview => ({
  groups: Object.entries(groups)
    .filter(([, row]) => row.state === 'open' || row.state === 'operator-held')
    .map(([groupId, row]) => ({
      groupId,
      pairId: row.pairId,
      legs: [
        { instrumentId: row.aInstrument, side: row.aSide === 'buy' ? 'sell' : 'buy', qty: row.aQty.replace('-', ''), px: 2_651.6 } as const,
        { instrumentId: row.bInstrument, side: row.bSide === 'buy' ? 'sell' : 'buy', qty: row.bQty.replace('-', ''), px: 2_650.9 } as const,
      ].filter((one) => one.qty !== '0'),
      estimatedNetUsd: row.state === 'open' ? -0.92 : null,
      waitsFor: row.state === 'open' ? null : 'XAGUSD is shut until 23:00Z: neither leg is closed before',
    })),
  remains: ['foreign position of 0.5 BTC at binance-spot: not ours, the operator'],
});
