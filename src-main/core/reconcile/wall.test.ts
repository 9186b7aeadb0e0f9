import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { createEngine, step } from '../engine.ts';
import { Asked, at, entered, now, open, reconciled, sideOf, up } from './reconcile.testkit.ts';
import { ASK_AGAIN_MS, isReconciled, MAX_ASK_AGAIN_MS, MAX_FAILED_SWEEPS } from './wall.ts';

describe('the wall', () => {
  test('stands until both venues have answered since their link came up', () => {
    const w = new Asked();
    w.ready();
    expect(w.asks).toEqual([]);
    expect(w.block()).toContain('venue va is not reconciled (never)');
    w.orderLink('va', 'up');
    expect(w.asks).toMatchObject([{ venueId: 'va', requestId: 1, fillsSinceUnixMs: Math.floor(w.unixMs) }]);
    expect(w.venue('va').reconciled).toBe('under-way');
    w.answer('va');
    expect(isReconciled(w.state, 'va')).toBe(true);
    expect(w.block()).toContain('venue vb is not reconciled (never)');
    w.orderLink('vb', 'up');
    w.answer('vb');
    expect(w.block()).toBeNull();
    expect(w.facts('venue-reconciled').map((f) => f.venueId)).toEqual(['va', 'vb']);
  });

  test('no group is opened behind it', () => {
    const w = new Asked();
    w.trading().hold(0, 10_000);
    w.command('arm');
    w.spread(5);
    expect(w.placed).toEqual([]);
    expect(w.state.book.groups.every((g) => g.state === 'denied')).toBe(true);
  });

  test('a lost link raises it; the way back is fenced and asks, and an answer asked for before does not count', () => {
    const w = reconciled();
    w.ask('va');
    const early = w.asksOf('va').at(-1)!;
    w.orderLink('va', 'down');
    expect(w.venue('va').reconciled).toBe('stale');
    w.say(early);
    expect(w.block()).toContain('(stale)');
    w.ask('va');
    const before = w.asksOf('va').at(-1)!;
    expect(w.state.book.fences.some((f) => f.kind === 'reconnect')).toBe(false);
    w.orderLink('va', 'up');
    expect(w.state.book.fences).toContainEqual(expect.objectContaining({ pairId: 'pair', kind: 'reconnect' }));
    w.say(before);
    expect(w.block()).toContain('(under-way)');
    w.answer('va');
    expect(w.block()).toBeNull();
  });

  test('a link that comes up twice has had a gap in between', () => {
    const w = reconciled();
    w.orderLink('va', 'up');
    expect(w.block()).toContain('(under-way)');
    w.answer('va');
    expect(w.block()).toBeNull();
  });

  test('an answer of nothing new leaves no trace but its own figures', () => {
    const w = reconciled();
    w.ask('va');
    w.answer('va');
    expect(w.results.at(-1)).toMatchObject({ facts: [], effects: [] });
    expect(w.venue('va')).toMatchObject({ answeredRequest: 2, account: { equity: '1000000' } });
  });
});

describe('a venue that cannot be asked', () => {
  test('is unknown, not flat: what we hold stays, the other venue is untouched, and it is asked again later and later', () => {
    const w = reconciled();
    w.state.book.holdings['X@va'] = { qty: '3', foreignQty: '0' };
    w.orderLink('va', 'up');
    let waitMs = ASK_AGAIN_MS;
    for (let failures = 1; failures <= 7; failures += 1) {
      w.fail('va');
      expect(w.venue('va')).toMatchObject({ reconciled: 'failed', reconcileDetail: 'HTTP 503', differences: {} });
      expect(w.venue('vb').reconciled).toBe('yes');
      expect(w.state.book.holdings['X@va']).toEqual({ qty: '3', foreignQty: '0' });
      const asked = w.asksOf('va').length;
      w.pass(waitMs - 1).timer();
      expect(w.asksOf('va'), `after failure ${failures}`).toHaveLength(asked);
      w.pass(1).timer();
      expect(w.asksOf('va'), `after failure ${failures}`).toHaveLength(asked + 1);
      waitMs = Math.min(waitMs * 2, MAX_ASK_AGAIN_MS);
    }
    w.answer('va', { positions: [at('3')] });
    expect(w.block()).toBeNull();
  });

  test('silence is a failure at its time-out, and a late answer then gives its fills alone', () => {
    const w = up();
    const late = w.asksOf('va').at(-1)!;
    w.pass(w.state.settings.hedging.snapshotTimeoutMs - 1).timer();
    expect(w.venue('va').reconciled).toBe('under-way');
    w.pass(1).timer();
    expect(w.venue('va')).toMatchObject({ reconciled: 'failed', reconcileDetail: 'no answer within 5000 ms' });
    w.say(late);
    expect(w.venue('va')).toMatchObject({ reconciled: 'failed', answeredRequest: 0 });
  });

  test(`keeps its standing over ${MAX_FAILED_SWEEPS - 1} failed sweeps, and loses it with the next`, () => {
    const w = reconciled();
    for (let failures = 1; failures <= MAX_FAILED_SWEEPS; failures += 1) {
      w.ask('va');
      w.fail('va');
      expect(w.venue('va').reconciled).toBe(failures < MAX_FAILED_SWEEPS ? 'yes' : 'failed');
    }
    w.ask('va');
    w.answer('va');
    expect(w.venue('va')).toMatchObject({ reconciled: 'yes', failures: 0 });
  });
});

describe('sweeps', () => {
  test.each([
    ['positions', { positionsSweepMs: 30_000, fillsSweepMs: 60_000 }, 30_000],
    ['fills', { positionsSweepMs: 30_000, fillsSweepMs: 20_000 }, 20_000],
  ] as const)('%s: every venue is asked at exactly its time after it was asked last', (_name, hedging, everyMs) => {
    const w = new Asked({ hedging });
    w.trading();
    w.both();
    w.pass(everyMs - 1).timer();
    expect(w.asks).toHaveLength(2);
    w.pass(1).timer();
    expect(w.asks).toHaveLength(4);
    w.timer();
    expect(w.asks).toHaveLength(4);
  });

  test('not before a link was ever up', () => {
    const w = new Asked();
    w.ready();
    w.silence(120_000);
    expect(w.asks).toEqual([]);
  });
});

/** In flight at leg b: exchange-first, both are exchanges, so leg a stands first. */
describe('differences', () => {
  test('block the pair with both figures, are told once, follow new figures, and heal by themselves', () => {
    const w = reconciled();
    const look = (qty: string): void => {
      w.ask('va');
      w.answer('va', { positions: [at(qty)] });
    };
    look('2');
    expect(w.block()).toBe('position of X@va differs: 0 by our fills, 2 at the venue');
    look('2');
    expect(w.facts('position-difference')).toHaveLength(1);
    w.pass(1_000);
    const since = w.venue('va').differences['X@va']!.sinceUnixMs;
    look('3');
    expect(w.block()).toContain('3 at the venue');
    expect(w.venue('va').differences['X@va']!.sinceUnixMs).toBe(since);
    look('0');
    expect(w.block()).toBeNull();
    expect(w.facts('position-difference').map((f) => f.reported)).toEqual(['2', '3', null]);
    expect(w.state.kill).toBeNull();
  });

  test('of one step are told, of less are not', () => {
    const w = reconciled();
    w.ask('va');
    w.answer('va', { positions: [at('0.0009')] });
    expect(w.block()).toBeNull();
    w.ask('va');
    w.answer('va', { positions: [at('0.001')] });
    expect(w.block()).toContain('0.001 at the venue');
  });

  test('a failed question neither heals nor worsens one', () => {
    const w = reconciled();
    w.ask('va');
    w.answer('va', { positions: [at('2')] });
    w.ask('va');
    w.fail('va');
    expect(w.block()).toContain('2 at the venue');
  });

  test('what is there at first sight is foreign, is said so, and our own fills add to it', () => {
    const w = up();
    w.answer('va', { positions: [at('7')] });
    w.answer('vb');
    expect(w.state.book.holdings).toMatchObject({ 'X@va': { qty: '0', foreignQty: '7' }, 'X@vb': { qty: '0', foreignQty: '0' } });
    expect(w.facts('holding-changed')).toHaveLength(2);
    expect(w.block()).toBeNull();
    w.ask('va');
    w.answer('va', { positions: [] });
    expect(w.block()).toBe('position of X@va differs: 7 by our fills, 0 at the venue');
  });

  test('accepted by an operator they are foreign from then on', () => {
    const w = reconciled();
    w.ask('va');
    w.answer('va', { positions: [at('2')] });
    const { verdict } = w.command('accept-position', 'moved by hand', { instrumentId: 'X@va' });
    expect(verdict).toMatchObject({ code: 'applied', changed: true });
    expect(w.block()).toBeNull();
    w.ask('va');
    w.answer('va', { positions: [at('2')] });
    expect(w.block()).toBeNull();
    expect(w.state.book.holdings['X@va']).toEqual({ qty: '0', foreignQty: '2', acceptedQty: '2' });
    expect(w.command('accept-position', 'again', { instrumentId: 'X@va' }).verdict).toMatchObject({ code: 'not-allowed' });
  });

  test('where the venue knows by magic what is ours, an accepted one holds, too', () => {
    const w = reconciled();
    w.ask('va');
    w.answer('va', { positions: [at('5', '3')] });
    expect(w.block()).toContain('differs: 3 by our fills, 5 at the venue');
    w.command('accept-position', 'of another ledger', { instrumentId: 'X@va' });
    w.ask('va');
    w.answer('va', { positions: [at('6', '4')] });
    expect(w.block()).toBeNull();
    w.ask('va');
    w.answer('va', { positions: [at('7', '4')] });
    expect(w.block()).toContain('differs: 6 by our fills, 7 at the venue');
  });

  test('what was accepted there holds over a restart', () => {
    const w = reconciled();
    w.ask('va');
    w.answer('va', { positions: [at('5', '3')] });
    w.command('accept-position', 'of another ledger', { instrumentId: 'X@va' });
    const next = reconciled(w.remembered());
    next.ask('va');
    next.answer('va', { positions: [at('6', '4')] });
    expect(next.block()).toBeNull();
    next.ask('va');
    next.answer('va', { positions: [at('6', '3')] });
    expect(next.block()).toContain('differs: 5 by our fills, 6 at the venue');
  });
});

describe('open orders at the venue', () => {
  test('foreign ones are shown and never touched', () => {
    const w = reconciled();
    const before = w.results.length;
    w.ask('va');
    w.answer('va', { openOrders: [open('by-hand'), open(null, 'v3')] });
    expect(w.venue('va').foreignOrders).toHaveLength(2);
    expect(
      w.results
        .slice(before)
        .flatMap((r) => r.effects)
        .map((e) => e.type),
    ).toEqual(['take-snapshot']);
    expect(w.state.kill).toBeNull();
  });

  test('one that bears our name and is not in the ledger halts', () => {
    const w = reconciled();
    const stray = 'q0123456789abc00f1a01';
    w.ask('va');
    w.answer('va', { openOrders: [open(stray)] });
    expect(w.state.kill).toMatchObject({ source: 'engine', reason: expect.stringContaining(stray) });
    expect(w.venue('va').ownOpenOrders).toHaveLength(1);
    expect(w.facts('noted').some((f) => f.severity === 'critical' && f.text.includes(stray))).toBe(true);
  });

  test('one that had ended here halts in quiet only: before, the answer may be older than what we know', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.ack(order);
    w.ask(venueId);
    const ask = w.asksOf(venueId).at(-1)!;
    w.fill(order);
    expect(now(w, order).state).toBe('filled');
    w.say(ask, { openOrders: [open(order.request.clientOrderId)] });
    expect(w.state.kill).toBeNull();
    w.ask(venueId);
    w.answer(venueId, { openOrders: [open(order.request.clientOrderId)] });
    expect(w.state.kill).toMatchObject({ reason: expect.stringContaining('had ended here (filled') });
    expect(w.queried.at(-1)?.clientOrderId).toBe(order.request.clientOrderId);
  });

  test('listed as open ends "unknown"; not listed ends nothing and is asked for', () => {
    const { w, order } = entered();
    const venueId = sideOf(order);
    w.lose(order);
    expect(now(w, order).state).toBe('unknown');
    w.ask(venueId);
    w.answer(venueId, { openOrders: [open(order.request.clientOrderId, 'v5')] });
    expect(now(w, order)).toMatchObject({ state: 'working', venueOrderId: 'v5' });
    const asked = w.queried.length;
    w.ask(venueId);
    w.answer(venueId);
    expect(now(w, order).state).toBe('working');
    expect(w.queried.slice(asked).map((ref) => ref.clientOrderId)).toContain(order.request.clientOrderId);
  });
});

test('reconciliation replays bit for bit', () => {
  const { w, order } = entered();
  w.orderLink(sideOf(order), 'up');
  const fill = w.execute(order);
  w.answer(sideOf(order), { fills: [fill], openOrders: [open('by-hand')] });
  w.silence(1_500);
  w.orderLink('va', 'down');
  w.silence(7_000);
  w.orderLink('va', 'up');
  w.both();
  const again = createEngine(w.state.settings);
  for (const event of w.events) step(again, event);
  expect(digestOf(again)).toBe(digestOf(w.state));
});
