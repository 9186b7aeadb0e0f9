import { describe, expect, test } from 'vitest';
import type { ClientOrderId, GroupId } from '../../../src-shared/domain/ids.ts';
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import { DEFAULT_HEDGING } from '../../../src-shared/domain/settings.ts';
import { instrument, metadataOf, pairOf, settingsOf, venue, X_A, X_B, type World } from '../core.testkit.ts';
import { approveOrder } from './orders.ts';
import { groupOf, LATCH, orderOf, requestOf, tradable } from './risk.testkit.ts';

const withGroup = (group: HedgeGroup = groupOf(), world: World = tradable()): World => {
  world.state.book.groups.push(group);
  return world;
};

const codes = (world: World, more: Partial<OrderRequest> = {}): readonly string[] => {
  const approval = approveOrder(world.state, requestOf(world, more));
  return approval.ok ? [] : approval.denials.map((d) => d.code);
};

const HEDGED = groupOf({ state: 'open', a: { openedQty: '0.5' }, b: { openedQty: '0.5' } });
const NAKED_A = groupOf({ state: 'compensating', residualBaseQty: '-0.5', a: { openedQty: '0.5' } });
const CLOSE_B = { purpose: 'close', side: 'sell', reduceOnly: true } as const;
const UNWIND_A = { leg: 'a', purpose: 'unwind', side: 'buy', reduceOnly: true } as const;
const COMPLETE_B = { purpose: 'complete' } as const;

describe('approval', () => {
  test('seals the very request, and counts it against the budget', () => {
    const world = withGroup();
    const request = requestOf(world);
    const approval = approveOrder(world.state, request);
    expect(approval).toEqual({ ok: true, order: request });
    expect(world.state.book.venues[1]!.messagesUs).toEqual([world.monoUs]);
    expect(world.state.book.venues[0]!.messagesUs).toEqual([]);
  });

  test('a denial counts nothing', () => {
    const world = withGroup();
    expect(codes(world, { qty: '0' })).not.toEqual([]);
    expect(world.state.book.venues[1]!.messagesUs).toEqual([]);
  });

  test('an order without a live group, or of another instrument than its leg, does not exist', () => {
    expect(codes(tradable())).toEqual(['group']);
    expect(codes(withGroup(groupOf({ state: 'closed' })))).toEqual(['group']);
    expect(codes(withGroup(), { groupId: 'g2' as GroupId })).toEqual(['group']);
    expect(codes(withGroup(), { instrumentId: X_A.id })).toEqual(['group']);
  });

  test('a client id is approved once, and only a name that every exchange takes', () => {
    const world = withGroup();
    const request = requestOf(world);
    world.state.book.orders = { [request.clientOrderId]: orderOf(request, 'rejected') };
    expect(codes(world)).toEqual(['duplicate']);
    expect(codes(world, { clientOrderId: 'qb02' as ClientOrderId })).toEqual([]);
    for (const bad of ['', 'q-1', 'x'.repeat(33)]) expect(codes(world, { clientOrderId: bad as ClientOrderId })).toEqual(['form']);
    expect(codes(world, { clientOrderId: 'x'.repeat(32) as ClientOrderId })).toEqual([]);
  });
});

describe('stops (I6)', () => {
  test.each(['kill', 'flatten', 'hands-off'] as const)('%s: nothing opens', (level) => {
    for (const scope of ['all', 'pair:pair', 'venue:va', 'venue:vb']) {
      const world = withGroup();
      world.command(level, 'test', { scope });
      expect(codes(world)).toContain('stopped');
    }
  });

  test.each(['kill', 'flatten'] as const)('%s: what reduces still may, by rule and by operator', (level) => {
    const world = withGroup(HEDGED);
    world.command(level);
    world.spread(20);
    // A flatten begins to close at once: what it has in flight is no longer ours to sell.
    world.state.book.orders = {};
    expect(codes(world, CLOSE_B)).toEqual([]);
    expect(codes(world, { ...CLOSE_B, authority: 'operator' })).toEqual([]);
  });

  test('hands-off: nothing at all, whoever asks; of a venue: nothing there', () => {
    for (const authority of ['rule', 'operator'] as const) {
      const world = withGroup(HEDGED);
      world.command('hands-off');
      expect(codes(world, { ...CLOSE_B, authority })).toEqual(['stopped']);
    }
    const world = withGroup(HEDGED);
    world.command('hands-off', 'test', { scope: 'venue:vb' });
    expect(codes(world, CLOSE_B)).toEqual(['stopped']);
    expect(codes(world, { ...CLOSE_B, leg: 'a', side: 'buy' })).toEqual([]);
  });

  test("an operator's completion passes a kill, never hands-off; a rule's never passes", () => {
    const world = withGroup(NAKED_A);
    world.command('kill');
    expect(codes(world, { ...COMPLETE_B, authority: 'operator' })).toEqual([]);
    expect(codes(world, COMPLETE_B)).toEqual(['stopped']);
    expect(codes(world, { authority: 'operator' })).toContain('stopped');
    world.command('hands-off');
    expect(codes(world, { ...COMPLETE_B, authority: 'operator' })).toEqual(['stopped']);
  });

  test('freeze leaves naked legs to the operator while killed, and a flatten still closes', () => {
    const world = withGroup(NAKED_A, tradable(settingsOf({ hedging: { ...DEFAULT_HEDGING, nakedLegsOnKill: 'freeze' } })));
    expect(codes(world, UNWIND_A)).toEqual([]);
    world.command('kill');
    expect(codes(world, UNWIND_A)).toEqual(['stopped']);
    expect(codes(world, { ...UNWIND_A, authority: 'operator' })).toEqual([]);
    world.command('flatten');
    expect(codes(world, UNWIND_A)).toEqual([]);
  });

  test('a pause or a disarming lets an opening that has begun become whole', () => {
    const world = withGroup();
    world.command('pause');
    world.state.book.armed = null;
    expect(codes(world)).toEqual([]);
  });
});

describe('quotes (I8)', () => {
  test('opening: neither leg older than its limit, at the limit still fresh', () => {
    for (const leg of [0, 1]) {
      const world = withGroup();
      world.state.instruments[leg]!.receivedMonoUs = world.monoUs - 500_000;
      expect(codes(world)).toEqual([]);
      world.state.instruments[leg]!.receivedMonoUs = world.monoUs - 500_001;
      expect(codes(world)).toEqual(['quote']);
    }
  });

  test('reducing: only its own quote counts', () => {
    const world = withGroup(HEDGED);
    world.state.instruments[0]!.receivedMonoUs = Number.NaN;
    expect(codes(world, CLOSE_B)).toEqual([]);
    world.state.instruments[1]!.receivedMonoUs = world.monoUs - 500_001;
    expect(codes(world, CLOSE_B)).toEqual(['quote']);
  });

  test('a crossed quote, or one of another instrument, prices nothing', () => {
    const world = withGroup();
    world.state.instruments[1]!.fault = 'crossed';
    expect(codes(world)).toContain('quote');
    world.state.instruments[1]!.fault = 'none';
    const { quote } = requestOf(world, { leg: 'a' });
    expect(codes(world, { quote })).toEqual(['form']);
  });
});

describe('an opening', () => {
  test('waits for every outcome of its pair (I7)', () => {
    const world = withGroup();
    const first = requestOf(world, { leg: 'a', clientOrderId: 'qa01' as ClientOrderId });
    world.state.book.orders = { [first.clientOrderId]: orderOf(first, 'unknown') };
    expect(codes(world)).toEqual(['unknown-leg']);
    world.state.book.groups[0] = HEDGED;
    expect(codes(world, CLOSE_B)).toEqual([]);
  });

  test('needs its venue reconciled and not disabled; a reduction does not', () => {
    const world = withGroup();
    world.state.book.venues[1]!.reconciled = 'stale';
    expect(codes(world)).toEqual(['reconciled']);
    world.state.book.venues[1]!.reconciled = 'yes';
    world.state.book.disablements = [
      { scope: 'venue:vb', code: 'venue-errors', text: '', sinceUnixMs: 0, untilUnixMs: null, endsUs: null },
    ];
    expect(codes(world)).toEqual(['venue-errors']);
    world.state.book.venues[1]!.reconciled = 'stale';
    world.state.book.groups[0] = HEDGED;
    expect(codes(world, CLOSE_B)).toEqual([]);
  });

  test('stays within the plan, with what is in flight', () => {
    const world = withGroup();
    expect(codes(world, { qty: '0.501' })).toEqual(['exposure']);
    expect(codes(world, { side: 'sell' })).toEqual(['exposure']);
    const inFlight = requestOf(world, { qty: '0.2', clientOrderId: 'qb00' as ClientOrderId });
    world.state.book.orders = { [inFlight.clientOrderId]: orderOf(inFlight, 'working', { bookedQty: '0.1' }) };
    world.state.book.groups[0] = groupOf({ b: { orders: [inFlight.clientOrderId], openedQty: '0.1' } });
    expect(codes(world, { qty: '0.3' })).toEqual([]);
    expect(codes(world, { qty: '0.301' })).toEqual(['exposure']);
  });

  test('a completion only takes away what is unhedged', () => {
    const world = withGroup(NAKED_A);
    expect(codes(world, COMPLETE_B)).toEqual([]);
    expect(codes(world, { ...COMPLETE_B, qty: '0.501' })).toEqual(['exposure']);
    world.state.book.groups[0] = HEDGED;
    expect(codes(world, { ...COMPLETE_B, qty: '0.001' })).toEqual(['exposure']);
    world.state.book.groups[0] = groupOf({ state: 'compensating', b: { openedQty: '0.5' } });
    expect(codes(world, { ...COMPLETE_B, qty: '0.001' })).toEqual(['exposure']);
  });
});

describe('a reduction', () => {
  test('never gives back more than is held, with what is in flight', () => {
    const world = withGroup(groupOf({ state: 'closing', b: { openedQty: '0.5', closedQty: '0.2' } }));
    expect(codes(world, { ...CLOSE_B, qty: '0.3' })).toEqual([]);
    expect(codes(world, { ...CLOSE_B, qty: '0.301' })).toEqual(['exposure']);
    const inFlight = requestOf(world, { ...CLOSE_B, qty: '0.1', clientOrderId: 'qb00' as ClientOrderId });
    world.state.book.orders = { [inFlight.clientOrderId]: orderOf(inFlight, 'unknown') };
    world.state.book.groups[0] = groupOf({ state: 'closing', b: { openedQty: '0.5', closedQty: '0.2', orders: [inFlight.clientOrderId] } });
    expect(codes(world, { ...CLOSE_B, qty: '0.2' })).toEqual([]);
    expect(codes(world, { ...CLOSE_B, qty: '0.201' })).toEqual(['exposure']);
  });

  test('goes against what is held, also where too much was closed', () => {
    expect(codes(withGroup(HEDGED), { ...CLOSE_B, side: 'buy' })).toEqual(['exposure']);
    const over = withGroup(groupOf({ state: 'compensating', b: { openedQty: '0.5', closedQty: '0.6' } }));
    expect(codes(over, { ...CLOSE_B, side: 'buy', qty: '0.1' })).toEqual([]);
    expect(codes(over, { ...CLOSE_B, side: 'buy', qty: '0.101' })).toEqual(['exposure']);
    expect(codes(over, { ...CLOSE_B, qty: '0.1' })).toEqual(['exposure']);
  });

  test('says so to the venue: reduce-only on margin, the position at MetaTrader', () => {
    expect(codes(withGroup(HEDGED), { ...CLOSE_B, reduceOnly: false })).toEqual(['form']);
    expect(codes(withGroup(), { reduceOnly: true })).toEqual(['form']);
    const cfd = instrument('X', 'vb', { kind: 'cfd' });
    const settings = settingsOf({
      venues: [venue('va'), venue('vb', { protocol: 'metatrader' })],
      instruments: [X_A, cfd],
      pairs: [pairOf(X_A, cfd)],
    });
    const closing = { ...CLOSE_B, magic: 7 };
    expect(codes(withGroup(HEDGED, tradable(settings)), { ...closing, positionId: '12' })).toEqual([]);
    expect(codes(withGroup(HEDGED, tradable(settings)), closing)).toEqual(['form']);
    expect(codes(withGroup(HEDGED, tradable(settings)), { ...closing, positionId: '12', magic: null })).toEqual(['form']);
  });
});

describe('price and size', () => {
  test('at most the collar beyond the own touch; compensation and closes have their own bound', () => {
    const world = withGroup();
    const touch = world.state.instruments[1]!.askPx;
    const px = (bps: number): string => (Math.floor(touch * (1 + bps / 10_000) * 100) / 100).toFixed(2);
    expect(codes(world, { limitPx: px(10) })).toEqual([]);
    expect(codes(world, { limitPx: px(10.01) })).toEqual(['collar']);
    world.state.book.groups[0] = NAKED_A;
    expect(codes(world, { ...COMPLETE_B, limitPx: px(30) })).toEqual([]);
    expect(codes(world, { ...COMPLETE_B, limitPx: px(30.01) })).toEqual(['collar']);
    world.state.book.groups[0] = HEDGED;
    const bid = world.state.instruments[1]!.bidPx;
    const low = (bps: number): string => (Math.ceil(bid * (1 - bps / 10_000) * 100) / 100).toFixed(2);
    expect(codes(world, { ...CLOSE_B, limitPx: low(30) })).toEqual([]);
    expect(codes(world, { ...CLOSE_B, limitPx: low(30.01) })).toEqual(['collar']);
  });

  test('on the tick, on the step, within minimum and maximum, above the least notional', () => {
    const world = withGroup(groupOf({ b: { plannedQty: '100' } }));
    const x = world.state.instruments[1]!;
    expect(codes(world, { limitPx: '10000.001' })).toContain('price');
    expect(codes(world, { limitPx: '-1' })).toContain('form');
    expect(codes(world, { qty: '0.0015' })).toEqual(['size']);
    expect(codes(world, { qty: '1e-3' })).toContain('form');
    x.metadata = metadataOf(X_B, { minQty: '0.01', maxQty: '1', minNotional: '200' });
    expect([codes(world, { qty: '0.02' }), codes(world, { qty: '0.009' })]).toEqual([[], ['size']]);
    expect([codes(world, { qty: '1' }), codes(world, { qty: '1.001' })]).toEqual([[], ['size']]);
    expect(codes(world, { qty: '0.019', limitPx: '10000' })).toEqual(['size']);
    x.metadata = null;
    expect(codes(world)).toEqual(['size', 'price']);
  });

  test('futures exempt what only reduces from the least notional, spot knows no such thing', () => {
    const crumb = { ...CLOSE_B, qty: '0.001' } as const;
    const world = withGroup(HEDGED);
    const x = world.state.instruments[1]!;
    x.metadata = metadataOf(X_B, { minNotional: '200' });
    expect(codes(world, crumb)).toEqual([]);
    Object.assign(x, { settings: { ...x.settings, kind: 'spot' } });
    expect(codes(world, crumb)).toEqual(['size']);
  });

  test('valid no longer than the venue allows', () => {
    const world = withGroup();
    expect(codes(world, { validityMs: 1_500 })).toEqual([]);
    for (const validityMs of [1_501, 0, Number.NaN]) expect(codes(world, { validityMs })).toEqual(['form']);
  });
});

describe('budget', () => {
  test('opening leaves the reserve alone, reducing may use it up', () => {
    const world = withGroup();
    const kept = world.state.book.venues[1]!;
    const sent = (n: number) => {
      kept.messagesUs = Array.from({ length: n }, () => world.monoUs);
    };
    sent(2);
    expect(codes(world)).toEqual([]);
    sent(3);
    expect(codes(world)).toEqual(['messages']);
    world.state.book.groups[0] = HEDGED;
    sent(4);
    expect(codes(world, CLOSE_B)).toEqual([]);
    sent(5);
    expect(codes(world, CLOSE_B)).toEqual(['messages']);
  });

  test('in the minute, too', () => {
    const world = withGroup();
    const kept = world.state.book.venues[1]!;
    const sent = (n: number) => {
      kept.messagesUs = Array.from({ length: n }, () => world.monoUs - 30_000_000);
    };
    world.pass(60_000);
    world.spread(20);
    sent(42);
    expect(codes(world)).toEqual(['messages']);
    world.state.book.groups[0] = HEDGED;
    sent(59);
    expect(codes(world, CLOSE_B)).toEqual([]);
    sent(60);
    expect(codes(world, CLOSE_B)).toEqual(['messages']);
  });
});

test('arming is no part of a single order: the latch alone is', () => {
  const world = withGroup();
  world.state.book.armed = LATCH;
  expect(codes(world)).toEqual([]);
});
