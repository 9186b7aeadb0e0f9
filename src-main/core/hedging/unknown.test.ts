import { describe, expect, test } from 'vitest';
import { DEFAULT_HEDGING, LATE_ACCEPTANCE_MS } from '../../../src-shared/domain/settings.ts';
import { venue } from '../core.testkit.ts';
import { TradingWorld, type TradingOptions } from './hedging.testkit.ts';
import { FILL_GRACE_MS } from './orderEvents.ts';

const ACK_MS = 2_000;
const VALIDITY_MS = 1_500;

/** Leg b was sent, and its placement ended in nobody's knowing. */
const lost = (options: TradingOptions = {}): TradingWorld => {
  const world = new TradingWorld(options).entered();
  world.lose(world.order('b'));
  return world;
};

describe('unknown is never guessed', () => {
  test('a lost answer is asked for at once and again every queryEveryMs; nothing else is sent meanwhile', () => {
    const world = lost();
    expect(world.order('b')).toMatchObject({ state: 'unknown', queries: 1, unknownSinceUnixMs: world.unixMs });
    world.wait(DEFAULT_HEDGING.queryEveryMs - 100);
    expect(world.queried).toHaveLength(1);
    world.wait(100);
    expect(world.queried).toHaveLength(2);
    world.wait(6_000);
    expect(world.placed).toHaveLength(1);
    expect(world.group.state).toBe('opening');
  });

  test('no answer within the venue’s time makes an order unknown, at exactly the limit', () => {
    const world = new TradingWorld().entered();
    world.silence(ACK_MS - 100);
    expect(world.order('b').state).toBe('in-flight');
    world.silence(100);
    expect(world.order('b').state).toBe('unknown');
    expect(world.queried).toHaveLength(1);
  });

  test('an acknowledged IOC whose end is never told is unknown, too', () => {
    const world = new TradingWorld().entered();
    world.ack(world.order('b'));
    world.silence(ACK_MS);
    expect(world.order('b').state).toBe('unknown');
  });

  test('resolved as filled: the second leg follows', () => {
    const world = lost();
    const fill = world.execute(world.order('b'));
    world.found(world.order('b'), 'filled', [fill]);
    expect(world.order('b').state).toBe('filled');
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', qty: '0.5' });
  });

  test('resolved as partly filled: the second leg is sized to that', () => {
    const world = lost();
    world.found(world.order('b'), 'canceled', [world.execute(world.order('b'), '0.2')]);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', qty: '0.2' });
  });

  test('“not found” counts only after validity and margin on the venue’s clock, and only twice', () => {
    const world = lost();
    world.control({
      type: 'venue-clock',
      venueId: world.order('b').request.venueId,
      report: { offsetMs: 0, uncertaintyMs: 0, roundTripMs: 1 },
    });
    world.notFound(world.order('b'));
    world.silence(VALIDITY_MS + 2 * DEFAULT_HEDGING.notFoundMarginMs - 100);
    world.notFound(world.order('b'));
    world.notFound(world.order('b'));
    expect(world.order('b').state).toBe('unknown');
    world.silence(100);
    world.notFound(world.order('b'));
    expect(world.order('b').state).toBe('unknown');
    world.notFound(world.order('b'));
    expect(world.order('b').state).toBe('absent');
    expect(world.group).toMatchObject({ state: 'closed', closeReason: 'failed' });
  });

  test('where the engine may take an order after its window, “not found” counts only after that; on paper nothing is late', () => {
    const spot = venue('vb', { protocol: 'binance-spot' });
    const countsAfterMs = (mode: 'demo' | 'paper'): number => {
      const world = lost({ settings: { mode, venues: [venue('va'), spot] } });
      const begun = world.unixMs;
      for (let asked = 0; world.order('b').state === 'unknown' && asked < 1_000; asked++) {
        world.silence(100);
        world.notFound(world.order('b'), null);
      }
      return world.unixMs - begun;
    };
    const ownClockMs = VALIDITY_MS + 2 * DEFAULT_HEDGING.notFoundMarginMs;
    // The first answer that counts, and the one that agrees with it.
    expect(countsAfterMs('paper')).toBe(ownClockMs + 100);
    expect(countsAfterMs('demo')).toBe(ownClockMs + LATE_ACCEPTANCE_MS['binance-spot'] + 100);
  });

  test('a clock that was an hour ahead at the commit does not hold it up: the venue’s own time since its first answer counts', () => {
    const world = new TradingWorld().trading();
    world.hold(0, 10_000).timer();
    world.control({
      type: 'venue-clock',
      venueId: world.state.venues[1]!.settings.id,
      report: { offsetMs: 3_600_000, uncertaintyMs: 0, roundTripMs: 1 },
    });
    world.command('arm');
    world.spread(5);
    world.lose(world.order('b'));
    const first = world.unixMs;
    world.notFound(world.order('b'), first);
    world.silence(10_000);
    const needed = VALIDITY_MS + DEFAULT_HEDGING.notFoundMarginMs;
    for (let i = 0; i < 3; i++) world.notFound(world.order('b'), first + needed - 1);
    expect(world.order('b').state).toBe('unknown');
    world.notFound(world.order('b'), first + needed);
    expect(world.order('b').state).toBe('unknown');
    world.notFound(world.order('b'), first + needed);
    expect(world.order('b').state).toBe('absent');
  });

  test('the venue’s own time decides where it is given: behind, nothing counts; past, our clock must agree', () => {
    const world = new TradingWorld().trading();
    world.hold(0, 10_000).timer();
    const offsetMs = -3_600_000;
    world.control({
      type: 'venue-clock',
      venueId: world.state.venues[1]!.settings.id,
      report: { offsetMs, uncertaintyMs: 5, roundTripMs: 1 },
    });
    world.command('arm');
    world.spread(5);
    const commit = world.unixMs + offsetMs + 5;
    world.lose(world.order('b'));
    const needed = VALIDITY_MS + DEFAULT_HEDGING.notFoundMarginMs;
    const twice = (venueUnixMs: number): void => {
      world.notFound(world.order('b'), venueUnixMs);
      world.notFound(world.order('b'), venueUnixMs);
    };
    twice(commit + needed);
    expect(world.order('b').state).toBe('unknown');
    world.silence(10_000);
    twice(commit + needed - 1);
    expect(world.order('b').state).toBe('unknown');
    // A host clock that was put right since changes nothing about the moment of the commit.
    world.control({
      type: 'venue-clock',
      venueId: world.state.venues[1]!.settings.id,
      report: { offsetMs: 0, uncertaintyMs: 5, roundTripMs: 1 },
    });
    twice(commit + needed - 1);
    expect(world.order('b').state).toBe('unknown');
    twice(commit + needed);
    expect(world.order('b').state).toBe('absent');
  });

  test('a transport error is not “not found”', () => {
    const world = lost().silence(20_000);
    for (let i = 0; i < 5; i++)
      world.control({
        type: 'order-query',
        clientOrderId: world.order('b').request.clientOrderId,
        outcome: { code: 'failed', why: 'ECONNRESET' },
      });
    expect(world.order('b').state).toBe('unknown');
  });

  test('an unknown leg runs the clock: alarm at 10 s, halt and a person at 30 s, and no order under a new id', () => {
    const world = lost();
    world.silence(DEFAULT_HEDGING.alarmAfterMs);
    expect(world.group).toMatchObject({ state: 'compensating', residualAlarmed: true });
    world.silence(DEFAULT_HEDGING.haltAfterMs - DEFAULT_HEDGING.alarmAfterMs);
    expect(world.group.state).toBe('operator-held');
    expect(world.state.kill).toMatchObject({ source: 'engine' });
    expect(world.placed).toHaveLength(1);
    world.found(world.order('b'), 'filled', [world.execute(world.order('b'))]);
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.5' });
  });

  test('the pair is fenced meanwhile: a second group is denied for the unknown leg', () => {
    const world = lost({ pair: { cooldownMs: 0 } });
    Object.assign(world.state.book.limits, {});
    world.state.book.limits = { ...world.state.book.limits, maxOpenGroupsPerPair: 5, duplicateWindowMs: 0, fenceAfterEntryMs: 0 };
    world.pass(50).spread(0);
    world.pass(3_000).spread(5);
    expect(world.group.state).toBe('denied');
    expect(world.group.denials.map((d) => d.code)).toContain('unknown-leg');
  });

  test('an order proven absent that turns out to be filled opens the group again, held, with an alarm', () => {
    const world = lost();
    world.silence(20_000);
    const order = world.order('b');
    world.notFound(order, null);
    world.notFound(order, null);
    expect(world.group.state).toBe('closed');
    world.tell(world.execute(order));
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.5', endedUnixMs: null });
    expect(world.state.pairs[0]!.liveGroups).toBe(1);
    expect(
      world
        .facts('noted')
        .filter((n) => n.severity === 'critical')
        .map((n) => n.text)
        .join(),
    ).toContain('was absent, and yet');
  });
});

describe('an order that the venue made smaller and then filled', () => {
  const told = (world: TradingWorld, filledQty: string, orderQty: string) =>
    world.control({ type: 'order-report', report: { ...world.reportOf(world.order('b'), 'filled', filledQty), orderQty } });

  test('has ended with what was filled: nothing more is owed, asked for or waited for', () => {
    const world = new TradingWorld().entered();
    told(world, '0.3', '0.3');
    expect(world.order('b')).toMatchObject({ state: 'canceled', filledQty: '0.3', why: expect.stringContaining('took 0.3 of 0.5') });
    world.fill(world.order('b'), '0.3');
    expect(world.order('b')).toMatchObject({ state: 'canceled', filledQty: '0.3', bookedQty: '0.3' });
    world.silence(FILL_GRACE_MS + 100);
    expect(world.queried).toHaveLength(0);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', qty: '0.3' });
  });

  test('by an answer is the same', () => {
    const world = new TradingWorld().entered();
    const order = world.order('b');
    const fill = world.execute(order, '0.3');
    const report = { ...world.reportOf(order, 'filled', '0.3'), orderQty: '0.3' };
    world.control({ type: 'order-query', clientOrderId: order.request.clientOrderId, outcome: { code: 'found', report, fills: [fill] } });
    expect(world.order('b')).toMatchObject({ state: 'canceled', bookedQty: '0.3' });
  });

  test.each(['0.5', '0.9', '0', 'x'])('is what was asked where the venue says %s', (orderQty) => {
    const world = new TradingWorld().entered();
    told(world, '0.3', orderQty);
    expect(world.order('b')).toMatchObject({ state: 'filled', filledQty: '0.5' });
  });
});

describe('reports ahead of fills', () => {
  test('the fills are asked for; nothing follows before they are booked', () => {
    const world = new TradingWorld().entered();
    const fill = world.execute(world.order('b'));
    world.report(world.order('b'), 'filled', '0.5');
    expect(world.order('b')).toMatchObject({ state: 'filled', filledQty: '0.5', bookedQty: '0' });
    expect([world.placed.length, world.queried.length]).toEqual([1, 0]);
    world.silence(FILL_GRACE_MS + 100);
    expect(world.queried).toHaveLength(1);
    world.found(world.order('b'), 'filled', [fill]);
    expect(world.order('b').bookedQty).toBe('0.5');
    expect(world.placed).toHaveLength(2);
  });

  test('fills that never come are uncertain: the clock runs, nothing is guessed', () => {
    const world = new TradingWorld().entered();
    world.report(world.order('b'), 'filled', '0.5');
    world.silence(ACK_MS + DEFAULT_HEDGING.haltAfterMs);
    expect(world.group.state).toBe('operator-held');
    expect(world.placed).toHaveLength(1);
  });

  test('a late fill after a cancel is booked and sized into what follows', () => {
    const world = new TradingWorld({ legOrder: 'together' }).entered();
    world.partly(world.order('b'), '0.3');
    world.done(world.order('a'));
    expect(world.group.residualBaseQty).toBe('-0.2');
    world.fill(world.order('b'), '0.2');
    expect(world.order('b').state).toBe('filled');
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
  });

  test('a refused cancel asks what became of the order; a taken one asks soon', () => {
    const world = new TradingWorld().entered();
    const { clientOrderId } = world.order('b').request;
    world.control({ type: 'cancel-outcome', clientOrderId, outcome: { code: 'refused', venueCode: '51400', text: 'gone' } });
    expect(world.queried).toHaveLength(1);
  });

  test('a venue that refuses every cancel and calls the order working is asked at the pace of questions', () => {
    const world = new TradingWorld().entered();
    const { clientOrderId } = world.order('b').request;
    const refuse = (): void => {
      world.control({ type: 'cancel-outcome', clientOrderId, outcome: { code: 'refused', venueCode: '51400', text: 'no' } });
    };
    refuse();
    for (let round = 0; round < 50; round++) {
      world.found(world.order('b'), 'working', []);
      refuse();
    }
    expect(world.queried).toHaveLength(1);
  });
});
