import { expect, test } from 'vitest';
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { LIMIT_NAMES } from '../../../src-shared/domain/limits.ts';
import { digestOf } from '../digest.ts';
import { TradingWorld } from '../hedging/hedging.testkit.ts';
import { buildFlattenPreview, buildTables, type RuntimeFigures } from '../view.ts';
import { MAX_GROUP_ROWS, shownGroups, signedQty } from './groupRows.ts';
import { shown, utcTimeOfDay } from './rounding.ts';

const FIGURES: RuntimeFigures = {
  version: '1',
  ledgerPath: 'l.db',
  ledgerFault: null,
  journalSeq: 1,
  quotesPerSecond: 1,
  conflatedQuotes: 0,
  stepP99Us: null,
  commitP99Us: null,
};

const tablesOf = (world: TradingWorld) => buildTables(world.state, FIGURES, world.at);
const engineOf = (world: TradingWorld) => tablesOf(world).engine['engine']!;

/** Both legs filled: a hedge that is open. */
const opened = (): TradingWorld => {
  const world = new TradingWorld({ legOrder: 'metatrader-first' }).entered();
  world.pass(20).done(world.order('a'));
  world.pass(20).done(world.order('b'));
  expect(world.group.state).toBe('open');
  return world;
};

test('a group on its way: what each leg holds, what is naked since when, and what it will cost to wait', () => {
  const world = new TradingWorld({ legOrder: 'metatrader-first' }).entered();
  const { group } = world;
  const before = tablesOf(world).groups[group.id]!;
  expect(before).toMatchObject({ state: 'opening', aQty: '0', bQty: '0', nakedSinceUnixMs: null, nakedUsd: null, openNetUsd: null });
  expect(engineOf(world)).toMatchObject({ armed: true, openGroups: 1, heldGroups: 0, nakedUsd: null, nakedSinceUnixMs: null });
  world.pass(20);
  const filledAt = world.unixMs;
  world.done(world.order('a'));
  world.pass(700);
  const row = tablesOf(world).groups[group.id]!;
  expect(row).toMatchObject({
    aOrder: 'filled',
    aLatencyMs: 20,
    bOrder: 'in-flight',
    bLatencyMs: null,
    aSide: 'sell',
    aQty: `-${group.legs.a.plannedQty}`,
    bQty: '0',
    nakedSinceUnixMs: filledAt,
    residualBaseQty: world.group.residualBaseQty,
  });
  expect(row.nakedUsd).toBeCloseTo(group.notionalUsd, 1);
  expect(engineOf(world)).toMatchObject({ nakedUsd: row.nakedUsd, nakedSinceUnixMs: filledAt });
});

test('an open group: net as if closed now, nothing naked, acts that are possible; the pair and the positions know of it', () => {
  const world = opened();
  world.spread(5);
  const tables = tablesOf(world);
  const { group } = world;
  const row = tables.groups[group.id]!;
  expect(row).toMatchObject({ state: 'open', aOrder: 'filled', bOrder: 'filled', nakedUsd: null, rungs: 0, netUsd: null, acts: ['close'] });
  expect(row.aAvgPx).toBe(world.order('a').avgPx);
  expect(row.openNetUsd).not.toBeNull();
  expect(tables.pairs['pair']).toMatchObject({ groupId: group.id });
  expect(tables.positions['X@va']).toMatchObject({
    ownQty: `-${group.legs.a.openedQty}`,
    baseQty: `-${group.legs.a.openedQty}`,
    foreignQty: '0',
    reportedQty: null,
  });
  expect(tables.positions['X@va']!.notionalUsd).toBeLessThan(0);
  expect(tables.positions['X@vb']!.notionalUsd).toBeGreaterThan(0);
  expect(tables.limits['maxOpenGroups']).toMatchObject({ value: 3, configured: 3, used: 1, changedBy: null });
  expect(tables.limits['maxGroupsPerMinute']).toMatchObject({ used: 1 });
  expect(tables.limits['maxTotalNotionalUsd']!.used).toBeCloseTo(group.notionalUsd, 1);
  expect(tables.limits['priceCollarBps']).toMatchObject({ used: null });
  expect(Object.keys(tables.limits).toSorted()).toEqual([...LIMIT_NAMES].toSorted());
  // Stale: unknown, not zero and not the last figure.
  world.pass(600);
  const late = tablesOf(world);
  world.timer();
  expect(tablesOf(world).groups[group.id]).toMatchObject({ openNetUsd: null, openNetBps: null });
  expect(late.positions['X@va']).toMatchObject({ notionalUsd: null, ownQty: `-${group.legs.a.openedQty}` });
});

test('a leg that was filled in two orders has the average of both', () => {
  const world = opened();
  const { group } = world;
  const twice = { ...world.order('a'), bookedQty: '1', avgPx: '100' };
  const second = { ...world.order('a'), bookedQty: '3', avgPx: '104' };
  world.state.book.orders = { ...world.state.book.orders, one: twice, two: second };
  const legs = { ...group.legs, a: { ...group.legs.a, orders: ['one', 'two'] as never } };
  world.state.book.groups = [{ ...group, legs }];
  expect(tablesOf(world).groups[group.id]!.aAvgPx).toBe('103');
});

test('what is held counts fees in the base currency and what was settled', () => {
  const { legs } = opened().group;
  expect(signedQty({ ...legs.b, side: 'buy', openedQty: '2.5', closedQty: '1', feeQty: '0.001' })).toBe('1.499');
  expect(signedQty({ ...legs.a, side: 'sell', openedQty: '2.5', closedQty: '1', settledQty: '0.5' })).toBe('-1');
  expect(signedQty({ ...legs.a, openedQty: '2.5', closedQty: '2.50' })).toBe('0');
});

test('rows are bounded: what needs a person first, then what lives, then the newest that ended', () => {
  const { group } = opened();
  const groups = Array.from({ length: MAX_GROUP_ROWS + 10 }, (_, n): HedgeGroup => {
    const state = n === 3 ? 'operator-held' : n < 10 ? 'open' : 'closed';
    return { ...group, id: `g${n}` as never, state };
  });
  const ids = shownGroups(groups).map(({ id }) => id);
  expect(ids).toHaveLength(MAX_GROUP_ROWS);
  expect(ids.slice(0, 4)).toEqual(['g3', 'g9', 'g8', 'g7']);
  expect(ids.slice(10, 12)).toEqual([`g${MAX_GROUP_ROWS + 9}`, `g${MAX_GROUP_ROWS + 8}`]);
  expect(ids.at(-1)).toBe('g20');
});

test('venues show account, use of the message budget, and hours', () => {
  const world = opened();
  const row = tablesOf(world).venues['va']!;
  expect(row).toMatchObject({ orderLink: 'up', reconciled: 'yes', equity: '1000000', equityCcy: 'USD', disabled: null, errorsInWindow: 0 });
  expect(row.messagesLastMinute).toBeGreaterThan(0);
  expect([row.shutsUnixMs, row.opensUnixMs]).toEqual([null, null]);
  world.pass(61_000);
  expect(tablesOf(world).venues['va']!.messagesLastMinute).toBe(0);
});

test('why a pair may not enter: the stop before the disablement, before the difference, before the fence', () => {
  const world = new TradingWorld().trading();
  const { book } = world.state;
  const blocked = () => tablesOf(world).pairs['pair']!.blocked;
  expect(blocked()).toBeNull();
  const untilUnixMs = world.unixMs + 60_000;
  book.fences = [
    { pairId: 'pair', kind: 'loss', untilUnixMs, endsUs: world.monoUs + 60_000_000 },
    { pairId: 'pair', kind: 'entry', untilUnixMs: world.unixMs + 1, endsUs: world.monoUs + 1_000 },
    { pairId: 'another', kind: 'loss', untilUnixMs: untilUnixMs + 1, endsUs: world.monoUs + 60_001_000 },
  ];
  expect(blocked()).toBe(`fence after loss until ${utcTimeOfDay(untilUnixMs)}`);
  Object.assign(book.venues[1]!, { differences: { 'X@vb': { own: '1', reported: '2', sinceUnixMs: 0 } } });
  expect(blocked()).toBe('X@vb: 1 by our fills, 2 at the venue');
  expect(tablesOf(world).positions['X@vb']).toMatchObject({ ownQty: '0', reportedQty: '2' });
  book.disablements = [{ scope: 'venue:va', code: 'venue-errors', text: '5 errors', sinceUnixMs: 0, untilUnixMs: null, endsUs: null }];
  expect(blocked()).toBe('5 errors, until an operator enables it');
  expect(tablesOf(world).venues['va']!.disabled).toBe('5 errors');
  world.command('pause', 'look', { scope: 'pair:pair' });
  expect(blocked()).toBe('pause of pair:pair by tester');
  expect(engineOf(world).scopedStops).toHaveLength(1);
});

test('the engine row says what arming and resetting would be refused for', () => {
  const apart = new TradingWorld();
  apart.ready();
  expect(engineOf(apart).armConditions.join()).toContain('not reconciled');
  const world = new TradingWorld().trading();
  expect(engineOf(world)).toMatchObject({ armConditions: [], resetConditions: [], armed: false, dayNetUsd: null });
  world.command('kill');
  expect(engineOf(world).armConditions.join()).toContain('kill is latched');
  expect(engineOf(world).resetConditions.length).toBeGreaterThan(0);
});

test('the day belongs to its own date', () => {
  const world = opened();
  const today = Math.floor(world.unixMs / 86_400_000);
  world.state.book.day = { utcDay: today, startEquityUsd: 1_000, netUsd: -5.004, groups: 1, losingStreak: 1 };
  expect(engineOf(world).dayNetUsd).toBe(-5);
  expect(tablesOf(world).limits['maxDayLossPct']).toMatchObject({ used: 0.5 });
  expect(tablesOf(world).limits['maxLosingGroups']).toMatchObject({ used: 1 });
  world.state.book.day = { utcDay: today - 1, startEquityUsd: 1_000, netUsd: -5, groups: 1, losingStreak: 1 };
  expect(engineOf(world).dayNetUsd).toBeNull();
});

test('a flatten preview: both legs at the touch that would be taken, the cost, what waits, and what would remain', () => {
  const world = opened();
  world.spread(5);
  world.timer();
  const [a, b] = world.state.instruments;
  const preview = buildFlattenPreview(world.state, 'all', world.at);
  expect(preview.remains).toEqual([]);
  expect(preview.groups).toEqual([
    {
      groupId: world.group.id,
      pairId: 'pair',
      legs: [
        { instrumentId: 'X@va', side: 'buy', qty: world.group.legs.a.openedQty, px: a!.askPx },
        { instrumentId: 'X@vb', side: 'sell', qty: world.group.legs.b.openedQty, px: b!.bidPx },
      ],
      estimatedNetUsd: tablesOf(world).groups[world.group.id]!.openNetUsd,
      waitsFor: null,
    },
  ]);
  expect(buildFlattenPreview(world.state, 'venue:elsewhere', world.at).groups).toEqual([]);
  world.link('vb', 'down');
  expect(buildFlattenPreview(world.state, 'venue:va', world.at).groups[0]!.waitsFor).toContain('vb');
  world.pass(600);
  world.timer();
  const blind = buildFlattenPreview(world.state, 'venue:va', world.at);
  expect(blind.groups[0]).toMatchObject({ estimatedNetUsd: null, waitsFor: 'X@va has no fresh quote' });
  expect(blind.groups[0]!.legs.map(({ px }) => px)).toEqual([null, null]);
});

test('a flatten preview names what a person must see to', () => {
  const world = opened();
  const id = world.order('a').request.clientOrderId;
  const { book } = world.state;
  book.orders = { ...book.orders, [id]: { ...world.order('a'), state: 'unknown' } };
  book.groups = [{ ...world.group, state: 'operator-held', why: 'for a test' }];
  book.holdings = { ...book.holdings, 'X@vb': { ...book.holdings['X@vb']!, foreignQty: '7' } };
  Object.assign(book.venues[0]!, { reconciled: 'stale', reconcileDetail: 'link lost', foreignOrders: [{}] });
  const { remains } = buildFlattenPreview(world.state, 'all', world.at);
  expect(remains).toEqual([
    expect.stringContaining('held for an operator: for a test'),
    expect.stringContaining(`order ${id} of pair is unknown`),
    'va is not reconciled (stale): link lost',
    'va: 1 open orders that are not ours',
    'X@vb: 7 that is not ours stays untouched',
  ]);
  expect(buildFlattenPreview(world.state, 'venue:vb', world.at).remains.join()).not.toContain('va');
});

test('being watched changes nothing', () => {
  const world = opened();
  const before = digestOf(world.state);
  tablesOf(world);
  buildFlattenPreview(world.state, 'all', world.at);
  expect(digestOf(world.state)).toBe(before);
  expect(JSON.parse(JSON.stringify(tablesOf(world)))).toEqual(tablesOf(world));
});

test('a venue without an answer to its name is a venue without figures', () => {
  const world = new TradingWorld();
  world.ready();
  expect(tablesOf(world).venues['va' as VenueId]).toMatchObject({
    orderLink: 'down',
    equity: null,
    equityCcy: null,
    reconciledUnixMs: null,
  });
});

test('figures are rounded for display; what is not a number is unknown', () => {
  expect([1.005, -0.001, Number.NaN, Number.POSITIVE_INFINITY, null].map((value) => shown(value, 2))).toEqual([1, 0, null, null, null]);
  expect(Object.is(shown(-0.001, 2), 0)).toBe(true);
  expect([0, 86_399_999, 86_400_000 + 3_661_000].map(utcTimeOfDay)).toEqual(['00:00:00Z', '23:59:59Z', '01:01:01Z']);
});
