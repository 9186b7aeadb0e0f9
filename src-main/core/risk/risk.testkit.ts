/** A world in which every risk rule passes: armed, reconciled, funded, quoted. Tests then take one thing away. */
import type { ClientOrderId, GroupId, IntentId, PairId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { HedgeGroup, LegRecord } from '../../../src-shared/domain/hedgeGroup.ts';
import type { AccountReport, OpenOrderReport, OrderRecord, OrderRequest, OrderState } from '../../../src-shared/domain/order.ts';
import type { EngineSettings } from '../../../src-shared/domain/settings.ts';
import type { Latch } from '../../../src-shared/domain/tradingState.ts';
import { MS_PER_DAY } from '../../../src-shared/domain/units.ts';
import { settingsOf, World, X_A, X_B } from '../core.testkit.ts';
import type { StepResult } from '../facts.ts';
import { evaluate } from '../opportunity.ts';
import type { InstrumentState } from '../state.ts';
import { denialsOfEntry, planEntry, type EntryPlan } from './entry.ts';
import { evidenceOf } from './exact.ts';

export const LATCH: Latch = { latchedUnixMs: 1, source: 'console', by: 'tester', reason: 'test' };

export const accountOf = (more: Partial<AccountReport> = {}): AccountReport => ({
  ccy: 'USD',
  equity: '100000',
  marginUsed: '0',
  marginFree: '100000',
  balances: [{ ccy: 'USD', free: '100000', total: '100000' }],
  ...more,
});

/** The spread that quotes show: 20 bps, leg b at 10,000. */
export const SPREAD_BPS = 20;

export const tradable = (settings: EngineSettings = settingsOf(), startUnixMs?: number): World => {
  const world = new World(settings, startUnixMs).ready();
  for (const v of world.state.book.venues) {
    v.orderLink = 'up';
    v.reconciled = 'yes';
    v.reconciledUnixMs = world.unixMs;
    v.answeredRequest = 1;
    v.nextRequest = 2;
    v.account = accountOf();
    v.accountUs = world.monoUs;
  }
  const { book } = world.state;
  book.armed = LATCH;
  book.day = { utcDay: Math.floor(world.unixMs / MS_PER_DAY), startEquityUsd: 200_000, netUsd: 0, groups: 0, losingStreak: 0 };
  world.spread(SPREAD_BPS);
  return world;
};

/** What `sell-a-buy-b` would be entered with now. */
export const planOf = ({ state, monoUs, unixMs }: World, more: Partial<EntryPlan> = {}): EntryPlan => {
  const pair = state.pairs[0]!;
  return { ...planEntry(evaluate(state, pair, pair.directions[0], monoUs, unixMs, 0)), ...more };
};

/** Codes of what speaks against an entry now. */
export const deniedBy = (world: World, more: Partial<EntryPlan> = {}): readonly string[] =>
  denialsOfEntry(world.state, planOf(world, more)).map((d) => d.code);

const legOf = (leg: 'a' | 'b', more: Partial<LegRecord>): LegRecord => {
  const x = leg === 'a' ? X_A : X_B;
  return {
    leg,
    venueId: x.venueId,
    instrumentId: x.id,
    symbol: x.symbol,
    side: leg === 'a' ? 'sell' : 'buy',
    baseQtyPerUnit: '1',
    plannedQty: '0.5',
    referencePx: '10000',
    openedQty: '0',
    closedQty: '0',
    cash: '0',
    fees: {},
    positions: [],
    orders: [],
    ...more,
  };
};

export const groupOf = (
  more: Partial<Omit<HedgeGroup, 'legs'>> & { readonly a?: Partial<LegRecord>; readonly b?: Partial<LegRecord> } = {},
): HedgeGroup => {
  const { a = {}, b = {}, ...rest } = more;
  return {
    id: 'g1' as GroupId,
    intentId: 'i1' as IntentId,
    pairId: 'pair' as PairId,
    direction: 'sell-a-buy-b',
    legOrder: 'metatrader-first',
    state: 'opening',
    stateSinceUnixMs: 0,
    why: '',
    legs: { a: legOf('a', a), b: legOf('b', b) },
    createdUnixMs: 0,
    openedUnixMs: null,
    endedUnixMs: null,
    deadlineUnixMs: 0,
    baseQty: '0.5',
    notionalUsd: 5_000,
    conversionRate: 1,
    expected: { spreadBps: 20, edgeBps: 20, costsBps: 0 },
    residualBaseQty: '0',
    residualSinceUnixMs: null,
    residualAlarmed: false,
    ladder: [],
    closeReason: null,
    settledBaseQty: '0',
    denials: [],
    result: null,
    ...rest,
  };
};

/** An order of group `g1`, leg b by default: buys 0.5 at the ask. */
export const requestOf = (world: World, more: Partial<OrderRequest> = {}): OrderRequest => {
  const x: InstrumentState = world.state.instruments[more.leg === 'a' ? 0 : 1]!;
  const side = more.side ?? (more.leg === 'a' ? 'sell' : 'buy');
  return {
    clientOrderId: 'qb01' as ClientOrderId,
    groupId: 'g1' as GroupId,
    leg: 'b',
    attempt: 1,
    purpose: 'open',
    authority: 'rule',
    venueId: x.settings.venueId,
    instrumentId: x.settings.id,
    symbol: x.settings.symbol,
    side,
    qty: '0.5',
    limitPx: (side === 'buy' ? Math.floor(x.askPx * 100) / 100 : Math.ceil(x.bidPx * 100) / 100).toFixed(2),
    timeInForce: 'ioc',
    reduceOnly: false,
    positionId: null,
    magic: null,
    validityMs: 1_500,
    quote: evidenceOf(x, world.monoUs),
    ...more,
  };
};

export const orderOf = (request: OrderRequest, state: OrderState, more: Partial<OrderRecord> = {}): OrderRecord => ({
  request,
  state,
  venueOrderId: null,
  filledQty: '0',
  bookedQty: '0',
  avgPx: null,
  refusal: null,
  why: '',
  committedUnixMs: 0,
  acknowledgedUnixMs: null,
  firstFillUnixMs: null,
  endedUnixMs: null,
  unknownSinceUnixMs: null,
  cancelRequestedUnixMs: null,
  queries: 0,
  lastQueryUnixMs: null,
  ...more,
});

/** The venue answers the newest snapshot that was asked of it: flat, with these orders open. */
export const answer = (world: World, venueId: string, openOrders: readonly OpenOrderReport[] = []): StepResult => {
  const { pendingRequest } = world.state.book.venues.find((v) => v.venueId === venueId)!;
  const snapshot = { venueUnixMs: null, openOrders, fills: [], positions: [], account: accountOf() };
  return world.control({
    type: 'venue-snapshot',
    venueId: venueId as VenueId,
    requestId: pendingRequest,
    outcome: { code: 'answered', snapshot },
  });
};

/** Started, live, quoted, and reconciled by word of the venues themselves. */
export const reconciled = (settings: EngineSettings = settingsOf(), more: Parameters<World['ready']>[0] = {}): World => {
  const world = new World(settings).ready(more);
  world.spread(0);
  for (const { settings: v } of world.state.venues) {
    world.control({ type: 'order-link', venueId: v.id, state: 'up', detail: 'test' });
    answer(world, v.id);
  }
  return world;
};
