import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InstrumentId } from '../../../src-shared/domain/ids.ts';
import type {
  FillReport,
  OpenOrderReport,
  OrderRecord,
  PositionReport,
  SnapshotOutcome,
  VenueSnapshot,
} from '../../../src-shared/domain/order.ts';
import { digestOf } from '../digest.ts';
import { createEngine, step } from '../engine.ts';
import type { Effect } from '../facts.ts';
import { TradingWorld, type TradingOptions } from '../hedging/hedging.testkit.ts';
import { ASK_AGAIN_MS, entryBlock, isReconciled, MAX_ASK_AGAIN_MS, MAX_FAILED_SWEEPS, MAX_RECHECK_MS, requestSnapshot } from './wall.ts';

type Ask = Extract<Effect, { type: 'take-snapshot' }>;

/** Snapshots wait until the test answers them. */
class Asked extends TradingWorld {
  constructor(options: TradingOptions = {}) {
    super(options);
    this.answersSnapshots = false;
  }

  get asks(): readonly Ask[] {
    return this.results.flatMap((r) => r.effects).filter((e): e is Ask => e.type === 'take-snapshot');
  }

  asksOf(venueId: string): readonly Ask[] {
    return this.asks.filter((ask) => ask.venueId === venueId);
  }

  venue(id: string) {
    return this.state.book.venues.find((v) => v.venueId === id)!;
  }

  say(ask: Ask, more: Partial<VenueSnapshot> = {}): void {
    const snapshot: VenueSnapshot = {
      venueUnixMs: this.unixMs,
      openOrders: [],
      fills: [],
      positions: this.positionsOf(ask.venueId),
      account: {
        ccy: 'USD',
        equity: '1000000',
        marginUsed: '0',
        marginFree: '1000000',
        balances: [{ ccy: 'USD', free: '1000000', total: '1000000' }],
      },
      ...more,
    };
    this.outcome(ask, { code: 'answered', snapshot });
  }

  outcome({ venueId, requestId }: Ask, outcome: SnapshotOutcome): void {
    this.control({ type: 'venue-snapshot', venueId, requestId, outcome });
  }

  /** The newest request of a venue, answered. */
  answer(venueId: string, more: Partial<VenueSnapshot> = {}): void {
    this.say(this.asksOf(venueId).at(-1)!, more);
  }

  fail(venueId: string, why = 'HTTP 503'): void {
    this.outcome(this.asksOf(venueId).at(-1)!, { code: 'failed', why });
  }

  positionsOf(venueId: string): readonly PositionReport[] {
    return Object.entries(this.truth)
      .filter(([id]) => id.endsWith(`@${venueId}`))
      .map(([id, qty]) => at(qty.toFixed(), null, id));
  }

  ask(venueId: string): void {
    requestSnapshot(this.state, this.state.book.venues.indexOf(this.venue(venueId)), 'test');
    this.timer();
  }

  block(): string | null {
    return entryBlock(this.state, this.state.pairs[0]!);
  }

  both(): this {
    this.answer('va');
    this.answer('vb');
    return this;
  }
}

const at = (qty: string, foreignQty: string | null = null, id = 'X@va'): PositionReport => ({
  instrumentId: id as InstrumentId,
  qty,
  foreignQty,
  avgPx: null,
});
const open = (clientOrderId: string | null, venueOrderId = 'v9'): OpenOrderReport => ({
  venueOrderId,
  clientOrderId,
  symbol: 'X',
  side: 'buy',
  qty: '2',
  filledQty: '0',
});
const up = (): Asked => new Asked().trading();
const reconciled = (): Asked => up().both();

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
const entered = (options: TradingOptions = {}): { w: Asked; order: OrderRecord } => {
  const w = new Asked(options);
  w.trading();
  w.both();
  w.hold(0, 10_000);
  w.timer();
  w.command('arm');
  w.spread(5);
  const leg = w.group.legs.a.orders.length > 0 ? 'a' : 'b';
  return { w, order: w.order(leg) };
};
const sideOf = (order: OrderRecord): string => order.request.venueId;
const now = (w: Asked, { request }: OrderRecord): OrderRecord => w.state.book.orders[request.clientOrderId]!;

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
    expect(w.state.book.holdings['X@va']).toEqual({ qty: '0', foreignQty: '2' });
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
