import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { FillReport } from '../../../src-shared/domain/order.ts';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { heldQty } from './exposure.ts';
import { isReducible, TradingWorld } from './hedging.testkit.ts';
import { EARLIER_MS } from './venueMade.ts';

const STAYS = { pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 }, cooldownMs: 0 } };

/** One group of two exchanges, open; nothing would close it by itself. */
const open = (): TradingWorld => {
  const world = new TradingWorld(STAYS).entered();
  world.done(world.order('b'));
  world.done(world.order('a'));
  expect(world.group.state).toBe('open');
  return world;
};

/** A second group of the same pair beside the first. */
const two = (): TradingWorld => {
  const world = open();
  world.state.book.limits = { ...world.state.book.limits, maxOpenGroupsPerPair: 5, duplicateWindowMs: 0 };
  world.state.book.fences = [];
  world.pass(50).spread(0);
  world.pass(3_000).spread(5);
  expect(world.state.book.groups).toHaveLength(2);
  world.done(world.order('b'));
  world.done(world.order('a'));
  return world;
};

/** The exchange closes some of leg b's instrument by itself. */
const liquidated = (world: TradingWorld, more: Partial<FillReport> = {}): FillReport => {
  const b = world.order('b', 1);
  return world.execute(b, more.qty ?? b.request.qty, {
    clientOrderId: null,
    side: b.request.side === 'buy' ? 'sell' : 'buy',
    venueMade: 'liquidation',
    fee: '0.4',
    ...more,
  });
};

const notes = (world: TradingWorld, severity: string): readonly string[] =>
  world
    .facts('noted')
    .filter((f) => f.severity === severity)
    .map(({ text }) => text);

describe('what an exchange executes by itself', () => {
  test('closes our leg: booked with its fee, critical, and the twin follows at once', () => {
    const world = open();
    const placed = world.placed.length;
    const fill = liquidated(world);
    world.tell(fill);
    expect(world.group).toMatchObject({ state: 'closing', closeReason: 'external' });
    expect(notes(world, 'critical')).toEqual([expect.stringContaining('liquidation by vb')]);
    const sent = world.placed.slice(placed);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ leg: 'a', purpose: 'close', qty: world.order('a', 1).request.qty });
    expect(isReducible(sent[0]!)).toBe(true);
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0' });
    expect(world.group.legs.b.fees['USD']).toBe('0.5');
    expect(world.state.book.holdings[fill.instrumentId]?.qty).toBe('0');
    expect(world.state.kill).toBeNull();
    const [booked] = world.facts('fill-booked').filter((f) => f.fill.clientOrderId === null);
    expect(booked?.fill).not.toHaveProperty('venueMade');
  });

  test('told twice, and again after a restart, it is booked once', () => {
    const world = open();
    const fill = liquidated(world);
    world.tell(fill);
    world.tell(fill);
    world.done(world.order('a'));
    const next = world.restarted();
    next.tell(fill);
    expect(next.facts('fill-booked')).toEqual([]);
    expect(next.state.kill).toBeNull();
    expect(heldQty(next.group.legs.b).toFixed()).toBe('0');
  });

  test('a part of the leg: the twin gives back as much, then what is left of both is closed, too', () => {
    const world = open();
    const whole = new Decimal(world.order('b', 1).request.qty);
    world.tell(liquidated(world, { qty: whole.times('0.25').toFixed() }));
    world.done(world.order('a'));
    for (let turn = 0; turn < 4 && world.group.state !== 'closed'; turn += 1) {
      world.wait(1_000);
      for (const leg of ['a', 'b'] as const) if (world.order(leg).state === 'in-flight') world.done(world.order(leg));
    }
    expect(world.group).toMatchObject({ state: 'closed', closeReason: 'external' });
    expect(Object.values(world.truth).every((qty) => qty.isZero())).toBe(true);
  });

  test('between two legs of an opening: the second is not sent any more, the first is given back', () => {
    const world = new TradingWorld(STAYS).entered();
    const first = world.order('b');
    world.ack(first);
    const half = new Decimal(first.request.qty).div(2).toFixed();
    world.fill(first, half);
    world.tell(liquidated(world, { qty: new Decimal(half).div(2).toFixed() }));
    world.report(first, 'canceled', half);
    world.wait(6_000);
    expect(world.placed.slice(1).every(({ purpose }) => purpose === 'close')).toBe(true);
    expect(world.placed.slice(1).map(({ leg }) => leg)).toContain('b');
  });

  test('the largest holding first, then the next; a trade in two parts is booked under two ids, fees and quantities whole', () => {
    const world = two();
    const [p, q] = world.state.book.groups.map((group) => heldQty(group.legs.b));
    const fill = liquidated(world, { qty: p!.plus(q!.div(2)).toFixed(), fee: '1' });
    world.tell(fill);
    const booked = world
      .facts('fill-booked')
      .filter((f) => f.fill.clientOrderId === null)
      .map((f) => f.fill);
    expect(booked.map(({ tradeId }) => tradeId)).toEqual([fill.tradeId, `${fill.tradeId}/2`]);
    expect(booked.reduce((sum, f) => sum.plus(f.qty), new Decimal(0)).toFixed()).toBe(fill.qty);
    expect(booked.reduce((sum, f) => sum.plus(f.fee), new Decimal(0)).toFixed()).toBe('1');
    const sizes = booked.map((f) => new Decimal(f.qty));
    expect(sizes[0]!.gte(sizes[1]!)).toBe(true);
    expect(world.state.book.groups.map(({ closeReason }) => closeReason)).toEqual(['external', 'external']);
  });

  test('ahead of the fill that opened the leg it waits for the next snapshot, and the cursor with it', () => {
    const world = new TradingWorld(STAYS).entered();
    const first = world.order('b');
    world.ack(first);
    const opened = world.execute(first);
    const closed = liquidated(world);
    world.tell(closed);
    expect(world.state.kill).toBeNull();
    expect(world.facts('fill-booked')).toEqual([]);
    const venue = world.state.book.venues.find(({ venueId }) => venueId === closed.venueId)!;
    expect(venue.askAgainUs).toBeLessThan(Number.POSITIVE_INFINITY);
    world.tell(opened);
    world.tell(closed);
    expect(world.facts('fill-booked').map(({ fill }) => fill.tradeId)).toEqual([opened.tradeId, closed.tradeId]);
    expect(heldQty(world.group.legs.b).toFixed()).toBe('0');
    expect(world.state.kill).toBeNull();
  });

  test('more than we hold halts, what fits is booked', () => {
    const world = open();
    world.tell(liquidated(world, { qty: '1000' }));
    expect(world.state.kill?.reason).toContain('more than we hold');
    expect(heldQty(world.group.legs.b).toFixed()).toBe('0');
  });

  test('a leg that was closed further than it held stands on the other side: what closes that is its own, too', () => {
    const world = open();
    world.act('close');
    const close = world.order('b');
    world.ack(close);
    world.fill(close, new Decimal(close.request.qty).plus('0.003').toFixed());
    expect(heldQty(world.group.legs.b).toFixed()).toBe('-0.003');
    const halted = world.state.kill?.reason;
    const { side } = world.group.legs.b;
    world.tell(liquidated(world, { side, qty: '0.002' }));
    expect(heldQty(world.group.legs.b).toFixed()).toBe('-0.001');
    expect(world.state.book.holdings[close.request.instrumentId]?.qty).toBe(side === 'buy' ? '-0.001' : '0.001');
    expect(world.state.kill?.reason).toBe(halted);
    expect(notes(world, 'critical').filter((text) => text.includes('more than we hold'))).toEqual([]);
  });

  test('on the side that would add to our leg it halts, and nothing is booked', () => {
    const world = open();
    world.tell(liquidated(world, { side: world.order('b', 1).request.side }));
    expect(world.state.kill).not.toBeNull();
    expect(world.facts('fill-booked').filter((f) => f.fill.clientOrderId === null)).toEqual([]);
  });

  test('what a foreign holding explains is told and left alone', () => {
    const world = open();
    const b = world.order('b', 1).request;
    const { instrumentId } = b;
    const holding = world.state.book.holdings[instrumentId]!;
    world.state.book.holdings[instrumentId] = { ...holding, foreignQty: b.side === 'buy' ? '5' : '-5' };
    world.tell(liquidated(world, { qty: new Decimal(b.qty).plus(5).toFixed() }));
    expect(world.state.kill).toBeNull();
    expect(notes(world, 'warn').some((text) => text.startsWith('5 that is not ours'))).toBe(true);
  });

  test('where no group holds the instrument it is not ours', () => {
    const world = new TradingWorld(STAYS).trading();
    const instrumentId = world.state.instruments[1]!.settings.id;
    world.tell({
      venueId: world.state.venues[1]!.settings.id,
      instrumentId,
      tradeId: 't9',
      clientOrderId: null,
      side: 'sell',
      qty: '1',
      px: '100',
      fee: '0',
      feeCcy: 'USD',
      positionId: null,
      venueUnixMs: null,
      venueMade: 'settlement',
    });
    expect(world.state.kill).toBeNull();
    expect(world.facts('fill-booked')).toEqual([]);
  });

  /** The next run is told of it by a snapshot. */
  const toldAtStart = (world: TradingWorld, fill: FillReport, memory = world.remembered()): TradingWorld => {
    const next = world.restarted(1_000, memory);
    const account = next.state.book.venues.find(({ venueId }) => venueId === fill.venueId)!.account!;
    const snapshot = { venueUnixMs: next.unixMs, openOrders: [], fills: [fill], positions: [], account };
    next.control({ type: 'venue-snapshot', venueId: fill.venueId, requestId: 9_999, outcome: { code: 'answered', snapshot } });
    return next;
  };

  test('one from before the group is not its own: a start that is told of it again books nothing and does not halt', () => {
    const world = open();
    const { legs, createdUnixMs } = world.group;
    const earlier = liquidated(world, { venueUnixMs: createdUnixMs - EARLIER_MS - 1 });
    for (const side of ['buy', 'sell'] as const) {
      const next = toldAtStart(world, { ...earlier, side });
      expect(next.facts('fill-booked')).toEqual([]);
      expect(heldQty(next.group.legs.b).toFixed()).toBe(heldQty(legs.b).toFixed());
      expect(next.state.kill).toBeNull();
    }
  });

  test("by the venue's own clock: what it did a millisecond before our leg had its first execution was not of that leg", () => {
    const world = open();
    const first = world.group.legs.b.firstVenueMs!;
    expect(first).toBe(world.executed.find(({ venueId }) => venueId === world.group.legs.b.venueId)!.venueUnixMs);
    const act = liquidated(world);
    expect(toldAtStart(world, { ...act, venueUnixMs: first - 1 }).facts('fill-booked')).toEqual([]);
    expect(toldAtStart(world, { ...act, venueUnixMs: first }).facts('fill-booked')).toHaveLength(1);
  });

  test('a leg of which no moment is known: what clocks may differ by is no proof of having been earlier', () => {
    const world = open();
    const earlier = liquidated(world);
    const memory = world.remembered();
    const { firstVenueMs: _first, ...b } = world.group.legs.b;
    const groups = [{ ...world.group, legs: { ...world.group.legs, b } }];
    const told = (byMs: number): number => {
      const fill = { ...earlier, venueUnixMs: world.group.createdUnixMs - byMs };
      return toldAtStart(world, fill, { ...memory, groups }).facts('fill-booked').length;
    };
    expect(told(EARLIER_MS)).toBe(1);
    expect(told(EARLIER_MS + 1)).toBe(0);
  });

  test('seen and nobody of ours then: durable, and not judged again by a start that holds a leg by now', () => {
    const world = new TradingWorld(STAYS).trading();
    const { id, venueId } = world.state.instruments[1]!.settings;
    const act = { instrumentId: id, venueId, tradeId: 'foreign-1', clientOrderId: null, side: 'sell', qty: '0.1', px: '10000' } as const;
    const foreign: FillReport = { ...act, fee: '0', feeCcy: 'USD', positionId: null, venueUnixMs: null, venueMade: 'settlement' };
    world.tell(foreign);
    world.tell(foreign);
    expect(world.facts('trade-passed')).toMatchObject([{ venueId, instrumentId: id, tradeId: 'foreign-1' }]);
    world.hold(0, 10_000).timer();
    world.command('arm');
    world.spread(5);
    world.done(world.order('b'));
    world.done(world.order('a'));
    for (const side of ['sell', 'buy'] as const) {
      const next = toldAtStart(world, { ...foreign, side });
      expect(next.facts('fill-booked')).toEqual([]);
      expect(next.state.kill).toBeNull();
    }
  });

  test('one that was told late, of a leg that closed since: it is missing from what a later group holds, and that one takes it', () => {
    const world = two();
    const [first, second] = world.state.book.groups;
    const later = second!.legs.b.firstVenueMs!;
    const act = liquidated(world, { venueUnixMs: later - 1, qty: '0.1' });
    expect(first!.legs.b.firstVenueMs).toBeLessThan(later);
    const memory = world.remembered();
    const ended = {
      ...first!,
      state: 'closed' as const,
      legs: { ...first!.legs, b: { ...first!.legs.b, closedQty: first!.legs.b.openedQty } },
    };
    const told = (lastVenueMs: number): number => {
      const groups = [{ ...ended, legs: { ...ended.legs, b: { ...ended.legs.b, lastVenueMs } } }, second!];
      return toldAtStart(world, act, { ...memory, groups }).facts('fill-booked').length;
    };
    expect(told(later - 1)).toBe(1);
    expect(told(later - 2)).toBe(0);
  });

  test("a push that came late is judged by the venue's own clock, too", () => {
    const world = open();
    const held = heldQty(world.group.legs.b);
    const act = liquidated(world);
    world.tell({ ...act, venueUnixMs: world.group.legs.b.firstVenueMs! - 1 });
    expect(heldQty(world.group.legs.b).toFixed()).toBe(held.toFixed());
    expect(world.state.kill).toBeNull();
    world.tell({ ...act, tradeId: 'another', venueUnixMs: world.group.legs.b.firstVenueMs! });
    expect(heldQty(world.group.legs.b).toFixed()).toBe('0');
  });

  /** As an earlier version left it: of no leg a moment is known. */
  const openOfBefore = (): TradingWorld => {
    const world = open();
    const memory = world.remembered();
    const { firstVenueMs: _first, ...b } = world.group.legs.b;
    return world.restarted(1_000, { ...memory, groups: [{ ...world.group, legs: { ...world.group.legs, b } }] });
  };

  test('where no moment of the leg is known a push is of now, whatever the clocks say', () => {
    const world = openOfBefore();
    world.tell(liquidated(world, { venueUnixMs: world.group.createdUnixMs - 3_600_000 }));
    expect(heldQty(world.group.legs.b).toFixed()).toBe('0');
  });

  test('there a host clock that ran an hour ahead when the group was made does not make an act earlier', () => {
    const world = openOfBefore();
    const { venueId, instrumentId } = world.order('b', 1).request;
    world.control({ type: 'venue-clock', venueId, report: { offsetMs: -3_600_000, uncertaintyMs: 10, roundTripMs: 20 } });
    world.tell(liquidated(world, { venueUnixMs: world.unixMs - 3_600_000 }));
    expect(world.state.book.holdings[instrumentId]?.qty).toBe('0');
  });

  test("a person's own trade at the exchange changes nothing of ours", () => {
    const world = open();
    const before = world.group;
    const { venueMade: _venueMade, ...fill } = liquidated(world);
    world.tell(fill);
    expect(world.group).toEqual(before);
  });

  test('however it is cut, never more is booked than was held, and the fee is whole where the quantity fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 0, max: 1_000_000 }), (steps, fee) => {
        const world = open();
        const held = heldQty(world.group.legs.b);
        const qty = new Decimal(steps).times('0.001');
        world.tell(liquidated(world, { qty: qty.toFixed(), fee: new Decimal(fee).div(1e6).toFixed() }));
        const after = heldQty(world.group.legs.b);
        expect(after.gte(0)).toBe(true);
        expect(after.toFixed()).toBe(Decimal.max(held.minus(qty), 0).toFixed());
        expect(world.state.kill === null).toBe(qty.lte(held));
        if (qty.lte(held)) expect(world.group.legs.b.fees['USD']).toBe(new Decimal(fee).div(1e6).plus('0.1').toFixed());
      }),
      { numRuns: 25 },
    );
  });
});
