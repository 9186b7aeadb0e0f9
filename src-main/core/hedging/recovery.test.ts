/** The engine ends in each state of a group, and begins again with nothing but its ledger. */
import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { DEFAULT_LIMITS } from '../../../src-shared/domain/limits.ts';
import { DEFAULT_EXITS, DEFAULT_HEDGING } from '../../../src-shared/domain/settings.ts';
import { MAX_ENDED_GROUPS } from '../book.ts';
import { REFUSED, TradingWorld } from './hedging.testkit.ts';

const fresh = (): TradingWorld => new TradingWorld({ pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 } } }).entered();

describe('after a restart', () => {
  test('disarmed; an order in flight is unknown and asked for; nothing is sent again', () => {
    const next = fresh().restarted();
    expect(next.state.book.armed).toBeNull();
    expect(next.order('b')).toMatchObject({ state: 'unknown', why: 'the engine ended before its end was known' });
    expect(next.queried.map((q) => q.clientOrderId)).toEqual([next.order('b').request.clientOrderId]);
    next.wait(3_000);
    expect(next.placed).toEqual([]);
  });

  test('first leg filled meanwhile: found, and compensated, not opened by plan', () => {
    const world = fresh();
    const fill = world.execute(world.order('b'));
    const next = world.restarted();
    next.found(next.order('b'), 'filled', [fill]);
    expect(next.group.state).toBe('compensating');
    next.wait(4_000);
    expect(next.placed).toMatchObject([{ leg: 'a', purpose: 'complete', qty: '0.5' }]);
    next.done(next.order('a'));
    expect(next.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
  });

  test('first leg never arrived: proven, and the group ends', () => {
    const next = fresh().restarted();
    next.silence(DEFAULT_HEDGING.notFoundMarginMs * 2 + 1_500);
    next.notFound(next.order('b'));
    next.notFound(next.order('b'));
    expect(next.group).toMatchObject({ state: 'closed', closeReason: 'failed' });
  });

  test('naked: the clock counts the time between the runs', () => {
    const world = fresh();
    world.done(world.order('b'));
    world.refuse(world.order('a'), REFUSED);
    const soon = world.restarted(DEFAULT_HEDGING.compensateAfterMs);
    soon.wait(200);
    // Only leg b is quoted yet: what cannot be completed is unwound.
    expect(soon.placed).toMatchObject([{ leg: 'b', purpose: 'unwind' }]);
    const late = world.restarted(DEFAULT_HEDGING.haltAfterMs);
    late.wait(100);
    expect(late.group.state).toBe('operator-held');
    expect(late.state.kill).toMatchObject({ source: 'engine' });
    expect(late.placed).toEqual([]);
  });

  test('nothing is given back by rule before the venue has answered once: its leg may be gone; a person may, and the answer frees it', () => {
    const world = fresh();
    world.done(world.order('b'));
    world.refuse(world.order('a'), REFUSED);
    const restarted = (): TradingWorld => {
      const next = new TradingWorld({ pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 } } });
      Object.assign(next.truth, world.truth);
      next.answersSnapshots = false;
      next.startUnixMs = world.unixMs + DEFAULT_HEDGING.compensateAfterMs;
      return next.trading({ runId: 'run-2', trading: world.remembered() });
    };
    const next = restarted();
    next.wait(1_000);
    expect(next.placed).toEqual([]);
    expect(next.group.ladder).toContainEqual(expect.objectContaining({ rung: 'unwind', outcome: 'impossible', note: 'reconciled' }));
    next.answersSnapshots = true;
    for (const { venueId, pendingRequest } of next.state.book.venues) next.answerSnapshot(venueId as VenueId, pendingRequest);
    next.wait(200);
    expect(next.placed).toHaveLength(1);
    const acted = restarted();
    acted.wait(200);
    expect(acted.act('unwind').verdict).toMatchObject({ code: 'applied' });
    expect(acted.placed).toMatchObject([{ purpose: 'unwind', authority: 'operator' }]);
  });

  test('a wall clock that was put back does not make a residual younger than this run', () => {
    const world = fresh();
    world.done(world.order('b'));
    world.refuse(world.order('a'), REFUSED);
    const next = world.restarted(-3_600_000);
    next.wait(DEFAULT_HEDGING.compensateAfterMs + 100);
    expect(next.placed).toMatchObject([{ purpose: 'complete' }]);
  });

  test('open: held on, and closed by its exit', () => {
    const world = fresh();
    world.done(world.order('b'));
    world.done(world.order('a'));
    const next = world.restarted(60_000);
    next.wait(500);
    expect(next.group.state).toBe('open');
    expect(next.act('close').verdict).toMatchObject({ code: 'applied' });
    next.done(next.order('b'));
    next.done(next.order('a'));
    expect(next.group.state).toBe('closed');
    const ids = [...world.placed, ...next.placed].map((o) => o.clientOrderId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('closing: what one leg gave back the other gives back, by the ladder', () => {
    const world = fresh();
    world.done(world.order('b'));
    world.done(world.order('a'));
    world.wait(100);
    world.act('close');
    world.done(world.order('b'));
    const fill = world.execute(world.order('a'));
    const next = world.restarted();
    next.found(next.order('a'), 'filled', [fill]);
    expect(next.group).toMatchObject({ state: 'closed', closeReason: 'operator' });
  });

  test('an order that only a stop could commit is found again: asked for, and its name not used twice', () => {
    const world = fresh();
    world.done(world.order('b'));
    const memory = world.remembered();
    const stale = { ...world.group, legs: { ...world.group.legs, a: { ...world.group.legs.a, orders: [] } } };
    const next = world.restarted(1_000, { ...memory, groups: [stale] });
    expect(next.group.legs.a.orders).toEqual([world.order('a').request.clientOrderId]);
    expect(next.order('a').state).toBe('unknown');
    next.silence(6_000);
    next.notFound(next.order('a'));
    next.notFound(next.order('a'));
    expect(next.placed).toEqual([]);
    next.wait(100);
    expect(next.placed.map((o) => o.clientOrderId)).not.toContain(world.order('a').request.clientOrderId);
  });

  test('a known trade told again is not booked again', () => {
    const world = fresh();
    world.done(world.order('b'));
    const next = world.restarted();
    const before = next.group.legs.b;
    next.tell(world.executed[0]!);
    expect(next.group.legs.b).toEqual(before);
    expect(next.facts('fill-booked')).toEqual([]);
  });

  test('a late fill of an ended group opens it again, held, with an alarm; its result is counted once', () => {
    const world = fresh();
    world.partly(world.order('b'), '0');
    expect(world.group.state).toBe('closed');
    const next = world.restarted();
    next.tell(next.execute(next.order('b'), '0.1'));
    expect(next.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.1' });
    expect(next.facts('noted').some((n) => n.severity === 'critical' && n.text.includes('after the group had ended'))).toBe(true);
    next.wait(100);
    next.act('unwind');
    next.done(next.order('b'));
    expect(next.group.state).toBe('closed');
    expect(next.state.book.day).toMatchObject({ groups: 1, netUsd: next.group.result!.netUsd });
  });

  test('a latched kill holds, and the group waits for what it allows', () => {
    const world = fresh();
    world.done(world.order('b'));
    world.command('kill');
    const next = world.restarted();
    expect(next.state.trading).toBe('halted');
    next.found(next.order('a'), 'canceled', []);
    next.wait(200);
    expect(next.placed).toMatchObject([{ leg: 'b', purpose: 'unwind' }]);
  });
});

test('the book keeps a bounded number of ended groups, with their orders', () => {
  const free = { fenceAfterEntryMs: 0, fenceAfterFailureMs: 0, duplicateWindowMs: 0, maxGroupsPerMinute: 1e6, maxGroupsPerHour: 1e6 };
  const world = new TradingWorld({
    pair: { cooldownMs: 0 },
    settings: { limits: { ...DEFAULT_LIMITS, ...free, maxMessagesPerMinute: 1_000 } },
  });
  world.entered();
  for (let i = 0; i < MAX_ENDED_GROUPS + 5; i++) {
    world.partly(world.order('b'), '0');
    world.pass(200).spread(0);
    world.pass(200).spread(5);
  }
  expect(world.group.state).toBe('opening');
  expect(world.state.book.groups).toHaveLength(MAX_ENDED_GROUPS + 1);
  expect(Object.keys(world.state.book.orders)).toHaveLength(MAX_ENDED_GROUPS + 1);
  expect(world.state.pairs[0]!.liveGroups).toBe(1);
});
