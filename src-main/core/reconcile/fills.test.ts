import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FillReport, OrderRecord } from '../../../src-shared/domain/order.ts';
import { at, entered, now, open, sideOf, type Asked } from './reconcile.testkit.ts';
import { CURSOR_STEP_MS, FILLS_OVERLAP_MS, POSITIONS_LAG_MS } from './reconcile.ts';
import { ASK_AGAIN_MS, MAX_RECHECK_MS } from './wall.ts';

describe('missing fills', () => {
  test('enter as the fills they are, once, and ask again until it is quiet', () => {
    const { w, order } = entered();
    const fill = w.execute(order);
    w.ask(sideOf(order));
    w.answer(sideOf(order), { fills: [fill] });
    expect(now(w, order)).toMatchObject({ state: 'filled', bookedQty: order.request.qty });
    expect(w.facts('fill-booked').map((f) => f.fill.via)).toEqual(['snapshot']);
    expect(w.facts('venue-reconciled').at(-1)).toMatchObject({ missedFills: 1, detail: expect.stringContaining('1 missed fill booked') });
    w.tell(fill);
    w.ask(sideOf(order));
    w.answer(sideOf(order), { fills: [fill, fill] });
    expect(w.facts('fill-booked')).toHaveLength(1);
  });

  test('a superseded answer still gives its fills, and nothing else', () => {
    const { w, order } = entered();
    w.ask(sideOf(order));
    const early = w.asksOf(sideOf(order)).at(-1)!;
    w.ask(sideOf(order));
    const fill = w.execute(order);
    w.say(early, { fills: [fill], openOrders: [open('by-hand')], positions: [at('77', null, order.request.instrumentId)] });
    expect(now(w, order).state).toBe('filled');
    expect(w.venue(sideOf(order))).toMatchObject({ foreignOrders: [], differences: {} });
  });

  test('what one answer tells together is booked together: nothing is sent on a part of it', () => {
    const { w, order } = entered();
    const side = sideOf(order);
    const fills = [w.execute(order), w.execute(order, '0.2')];
    w.ask(side);
    w.answer(side, { fills });
    expect(now(w, order)).toMatchObject({ state: 'quarantined', bookedQty: '0.7' });
    expect(w.group.state).toBe('operator-held');
    expect(w.placed).toHaveLength(1);
  });

  test('the cursor does not move past an order that is live, and overlaps once it has ended', () => {
    const { w, order } = entered();
    const venue = w.venue(sideOf(order));
    const cursor = venue.fillsSinceUnixMs;
    w.pass(500_000);
    w.ask(sideOf(order));
    w.answer(sideOf(order));
    expect(venue.fillsSinceUnixMs).toBe(cursor);
    const fill = w.execute(order, undefined, { venueUnixMs: w.unixMs - 400_000 });
    w.ask(sideOf(order));
    expect(w.asksOf(sideOf(order)).at(-1)!.fillsSinceUnixMs).toBeLessThanOrEqual(fill.venueUnixMs!);
  });

  const telling = fc.array(fc.record({ which: fc.nat(5), how: fc.constantFrom('push', 'snapshot', 'snapshot', 'report') }), {
    maxLength: 14,
  });
  test('any order, repetition and loss between pushes and snapshots ends in the same book', () => {
    fc.assert(
      fc.property(telling, telling, fc.integer({ min: 1, max: 4 }), (first, second, parts) => {
        const { w } = entered();
        let done = 0;
        for (const plan of [first, second]) {
          const request = w.placed[done++];
          if (request === undefined) break;
          const order = w.state.book.orders[request.clientOrderId]!;
          w.ack(order);
          const fills = executed(w, order, parts);
          for (const { which, how } of plan) tellOf(w, order, fills, fills[which % fills.length]!, how);
          // What was never told is swept up in the end.
          w.ask(request.venueId);
          w.answer(request.venueId, { fills });
          expect(now(w, order)).toMatchObject({ state: 'filled', bookedQty: request.qty, filledQty: request.qty });
          expect(w.state.book.holdings[request.instrumentId]?.qty).toBe(w.truth[request.instrumentId]!.toFixed());
        }
        expect(w.placed).toHaveLength(2);
        expect(w.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
        for (const { venueId } of w.state.book.venues) {
          w.ask(venueId);
          w.answer(venueId, { fills: w.executed.filter((fill) => fill.venueId === venueId) });
        }
        expect(w.state.book.venues.map((v) => [v.reconciled, v.differences])).toEqual([
          ['yes', {}],
          ['yes', {}],
        ]);
        expect(w.facts('fill-booked')).toHaveLength(w.executed.length);
      }),
      { numRuns: 200 },
    );
  });
});

const executed = (w: Asked, order: OrderRecord, parts: number): readonly FillReport[] => {
  const { qty } = order.request;
  const whole = Math.round(Number(qty) * 1_000);
  const each = Math.floor(whole / parts);
  return Array.from({ length: parts }, (_, i) =>
    w.execute(order, ((i === parts - 1 ? whole - each * (parts - 1) : each) / 1_000).toString()),
  );
};

const tellOf = (w: Asked, order: OrderRecord, fills: readonly FillReport[], fill: FillReport, how: string): void => {
  if (how === 'push') w.tell(fill);
  else if (how === 'report') w.report(order, 'filled', order.request.qty);
  else {
    w.ask(sideOf(order));
    w.answer(sideOf(order), { fills: fills.slice(0, fills.indexOf(fill) + 1).toReversed() });
  }
};

describe('positions are compared in quiet alone', () => {
  test('and until they were, the wall stands: an order that nobody knows the end of keeps it up', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.lose(order);
    w.orderLink(venueId, 'up');
    w.answer(venueId);
    expect(w.venue(venueId)).toMatchObject({
      reconciled: 'under-way',
      reconcileDetail: expect.stringContaining('once no order of ours is live'),
    });
    w.found(order, 'canceled', []);
    w.ask(venueId);
    w.answer(venueId);
    expect(w.venue(venueId).reconciled).toBe('yes');
  });

  test('not while an order of ours is live there', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.ask(venueId);
    w.answer(venueId, { positions: [at('5', null, order.request.instrumentId)] });
    expect(w.venue(venueId)).toMatchObject({ reconciled: 'yes', differences: {}, rechecks: 1 });
  });

  test('not when one was placed and filled between request and answer; soon after, then less often', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.done(order);
    w.pass(POSITIONS_LAG_MS);
    const asked = w.asksOf(venueId).length;
    w.ask(venueId);
    const ask = w.asksOf(venueId).at(-1)!;
    expect(w.venue(venueId).pendingMark).not.toBeNull();
    // Something of ours changes meanwhile: an order that had ended turns out to be filled once more.
    w.state.book.orders = { ...w.state.book.orders, [order.request.clientOrderId]: { ...now(w, order), bookedQty: '0', filledQty: '0' } };
    w.say(ask, { positions: [at('5', null, order.request.instrumentId)] });
    expect(w.venue(venueId).differences).toEqual({});
    expect(w.asksOf(venueId)).toHaveLength(asked + 1);
    w.pass(ASK_AGAIN_MS - 1).timer();
    expect(w.asksOf(venueId)).toHaveLength(asked + 1);
    w.pass(1).timer();
    expect(w.asksOf(venueId)).toHaveLength(asked + 2);
    w.answer(venueId, { positions: [at('5', null, order.request.instrumentId)] });
    expect(Object.keys(w.venue(venueId).differences)).toEqual([order.request.instrumentId]);
  });

  test('rechecks come later and later, up to their bound', () => {
    const { w, order } = entered({ hedging: { queryEveryMs: 1_000_000 } });
    const venueId = sideOf(order);
    w.lose(order);
    w.ask(venueId);
    const waits: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      w.answer(venueId, { openOrders: [] });
      waits.push((w.venue(venueId).askAgainUs - Math.floor(w.state.monoUs)) / 1_000);
      w.ask(venueId);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, MAX_RECHECK_MS, MAX_RECHECK_MS]);
  });
});

describe('positions that lag behind fills', () => {
  const lagging = (order: OrderRecord) => ({ positions: [at('0', null, order.request.instrumentId)] });

  test('a difference seen close to a fill is looked at again before it counts', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.done(order);
    w.pass(POSITIONS_LAG_MS - 1).timer();
    w.ask(venueId);
    w.answer(venueId, lagging(order));
    expect(w.venue(venueId)).toMatchObject({ reconciled: 'yes', differences: {}, rechecks: 1 });
    w.pass(ASK_AGAIN_MS).timer();
    w.answer(venueId);
    expect(w.venue(venueId)).toMatchObject({ differences: {}, rechecks: 0 });
    expect(w.facts('position-difference')).toEqual([]);
  });

  test('one that is still there when the fill is past counts at once', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.done(order);
    w.pass(POSITIONS_LAG_MS).timer();
    w.ask(venueId);
    w.answer(venueId, lagging(order));
    expect(Object.keys(w.venue(venueId).differences)).toEqual([order.request.instrumentId]);
  });

  test('what agrees close to a fill counts', () => {
    const { w, order } = entered();
    w.done(order);
    w.ask(sideOf(order));
    w.answer(sideOf(order));
    expect(w.venue(sideOf(order)).rechecks).toBe(0);
  });
});

describe('the durable cursor', () => {
  const kept = (w: Asked, venueId: string): readonly number[] =>
    w
      .facts('cursor-moved')
      .filter((f) => f.venueId === venueId)
      .map((f) => f.fillsSinceUnixMs);

  test('is kept at the first answer, then in steps, and the next run asks from it', () => {
    const { w } = entered();
    const venueId = 'va';
    const [first] = kept(w, venueId);
    expect(first).toBeDefined();
    for (let i = 0; i < 4; i += 1) {
      w.pass(CURSOR_STEP_MS / 2).timer();
      w.ask(venueId);
      w.answer(venueId);
    }
    const steps = kept(w, venueId);
    expect(steps).toHaveLength(3);
    expect(steps.at(-1)).toBe(w.unixMs - FILLS_OVERLAP_MS);
    const next = w.restarted(10 * 86_400_000);
    expect(next.results.flatMap((r) => r.effects).find((e) => e.type === 'take-snapshot' && e.venueId === venueId)).toMatchObject({
      fillsSinceUnixMs: Math.floor(steps.at(-1)!),
    });
  });

  test('stands before an order of ours that is not settled, through a restart', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    const before = w.venue(venueId).fillsSinceUnixMs;
    w.lose(order);
    w.pass(3_600_000);
    w.ask(venueId);
    w.answer(venueId);
    expect(w.venue(venueId).fillsSinceUnixMs).toBe(before);
    const next = w.restarted(3_600_000);
    expect(next.state.book.venues.find((v) => v.venueId === venueId)!.fillsSinceUnixMs).toBeLessThanOrEqual(order.committedUnixMs);
  });

  test('a request for many days is waited for longer', () => {
    const { w } = entered();
    w.venue('va').fillsSinceUnixMs = w.unixMs - 10 * 86_400_000;
    w.ask('va');
    w.pass(w.state.settings.hedging.snapshotTimeoutMs + 19_000).timer();
    expect(w.venue('va').failures).toBe(0);
    w.pass(1_000).timer();
    expect(w.venue('va').failures).toBe(1);
  });
});
