import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { metadataOf, pairOf, settingsOf, World, X_A, X_B } from './core.testkit.ts';
import { digestOf } from './digest.ts';
import { CRITICAL_LIMITS, createEngine, step } from './engine.ts';
import type { SpreadSample } from './events.ts';
import { NOTHING } from './facts.ts';
import { GATES } from './gates.ts';
import { Fnv64 } from './hash.ts';
import { InvariantViolation } from './invariant.ts';
import { MAX_INTENT_ROWS, MAX_NOTES } from './state.ts';
import { P50, P90 } from './pairStatistics.ts';
import { quantileAt } from './rollingStats.ts';
import { buildPairDetail, buildTables, type RuntimeFigures } from './view.ts';

const FIGURES: RuntimeFigures = {
  version: '0',
  ledgerPath: '/ledger',
  ledgerFault: null,
  journalSeq: 7,
  quotesPerSecond: 123.4,
  conflatedQuotes: 0,
  stepP99Us: null,
  commitP99Us: 12.34,
};

describe('the order of events is an invariant', () => {
  test('sequence, monotonic time, one start, known instruments and venues', () => {
    const world = new World();
    expect(() => world.timer()).toThrow(InvariantViolation);
    world.start();
    expect(() => world.start()).toThrow('exactly one "started"');
    const { state } = world;
    expect(() => step(state, { type: 'timer', seq: state.seq, monoUs: 9e9, unixMs: 0 })).toThrow('after event');
    expect(() => step(state, { type: 'timer', seq: 1_000, monoUs: 0, unixMs: 0 })).toThrow('ran back');
    expect(() => world.quote(2, { bid: 1, ask: 2 })).toThrow('instrument 2 of 2');
    expect(() => world.link('elsewhere', 'live')).toThrow('not configured');
  });

  test('after a broken invariant nothing half-said reaches a later result, and a kill is still obeyed', () => {
    const world = new World();
    expect(() => world.start({ samples: [{ unixMs: world.unixMs, pair: 7, fBps: 0, rBps: 0 }] })).toThrow('pair 7 of 1');
    expect(world.timer()).toBe(NOTHING);
    expect(world.command('kill').facts.map((fact) => fact.type)).toEqual(['kill-latched', 'trading-state']);
  });

  test('settings that cannot hold are refused by name', () => {
    expect(() => createEngine(settingsOf({ pairs: [pairOf(X_A, X_A)] }))).toThrow('one instrument twice');
    expect(() => createEngine(settingsOf({ pairs: [pairOf(X_A, X_B, { displayedShare: Number.NaN })] }))).toThrow('displayedShare = NaN');
    expect(() => createEngine(settingsOf({ instruments: [X_A, X_A] }))).toThrow('a second instrument');
    const { limits, hedging } = settingsOf();
    expect(() => createEngine(settingsOf({ limits: { ...limits, maxOpenGroups: Number.NaN } }))).toThrow('limit maxOpenGroups = NaN');
    expect(() => createEngine(settingsOf({ hedging: { ...hedging, haltAfterMs: 1 } }))).toThrow('hedging.haltAfterMs = 1');
  });
});

describe('the quiet path', () => {
  test('a quote that changes nothing durable returns the one frozen nothing', () => {
    const world = new World().ready();
    world.spread(0);
    expect(world.pass(10).spread(0.1)).toBe(NOTHING);
    expect(Object.isFrozen(NOTHING)).toBe(true);
  });

  test('the event object may be reused: nothing of it is kept', () => {
    const world = new World().ready();
    const event = {
      type: 'quote' as const,
      instrument: 0,
      bidPx: 100,
      bidQty: 1,
      askPx: 101,
      askQty: 1,
      venueMs: null,
      updateId: 2n ** 60n,
      receivedMonoUs: world.monoUs,
      seq: 100,
      ...world.at,
    };
    step(world.state, event);
    Object.assign(event, { bidPx: -1, updateId: 0n });
    expect(world.state.instruments[0]).toMatchObject({ bidPx: 100, updateId: 2n ** 60n });
  });
});

describe('samples', () => {
  test('one a second and pair, on whole Unix seconds, null where stale', () => {
    const world = new World().ready();
    const samples: SpreadSample[] = [];
    for (let n = 0; n < 30; n++) {
      if (n < 20) world.spread(3);
      samples.push(...world.pass(100).timer().samples);
    }
    expect(samples).toHaveLength(3);
    expect(samples.map((s) => s.unixMs % 1_000)).toEqual([0, 0, 0]);
    expect(samples[1]!.unixMs - samples[0]!.unixMs).toBe(1_000);
    expect(samples[0]!.fBps).toBeCloseTo(3, 1);
    expect(samples[2]).toMatchObject({ fBps: null, rBps: null });
  });

  test('a restart restores statistics from them, close to the original, gaps as stale time', () => {
    const before = new World().ready();
    const samples: SpreadSample[] = [];
    for (let n = 0; n < 6_000; n++) {
      if (n < 2_000 || n > 3_000) before.spread(3 * Math.sin(n / 400));
      samples.push(...before.pass(100).timer().samples);
    }
    const old = before.state.pairs[0]!.statistics;
    const after = new World(settingsOf(), before.unixMs + 5_000);
    after.start({ samples });
    const restored = after.state.pairs[0]!.statistics;
    expect(Math.abs(quantileAt(restored.directions[0], P50) - quantileAt(old.directions[0], P50))).toBeLessThan(0.1);
    expect(Math.abs(quantileAt(restored.directions[0], P90) - quantileAt(old.directions[0], P90))).toBeLessThan(0.1);
    expect(Math.abs(restored.coveredUs - old.coveredUs)).toBeLessThan(2_000_000);
    expect(restored.staleUs - old.staleUs).toBeGreaterThan(4_000_000);
    expect(after.state.pairs[0]!.valid).toBe(false);
  });

  test('samples outside the window, or of the future, are not taken', () => {
    const world = new World(settingsOf({ statistics: { windowMs: 60_000, minCoveredMs: 0, bucketBps: 0.01 } }));
    const sample = (ageMs: number): SpreadSample => ({ unixMs: world.unixMs - ageMs, pair: 0, fBps: 1, rBps: -1 });
    world.start({ samples: [sample(60_001), sample(60_000), sample(0), sample(-5_000)] });
    expect(world.state.pairs[0]!.statistics.coveredUs).toBe(1_000_000);
  });
});

/** Every venue that was asked says that it holds nothing of anybody's. */
const answerSnapshots = (world: World): void => {
  const account = { ccy: 'USD', equity: '1000', marginUsed: '0', marginFree: '1000', balances: [] };
  const snapshot = { venueUnixMs: world.unixMs, openOrders: [], fills: [], positions: [], account };
  for (const { settings, index } of world.state.venues) {
    const requestId = world.state.book.venues[index]!.pendingRequest;
    if (requestId !== 0)
      world.control({ type: 'venue-snapshot', venueId: settings.id, requestId, outcome: { code: 'answered', snapshot } });
  }
};

describe('determinism', () => {
  const script = fc.array(
    fc.oneof(
      { weight: 10, arbitrary: fc.record({ do: fc.constant('spread' as const), bps: fc.double({ min: -30, max: 30, noNaN: true }) }) },
      fc.record({ do: fc.constantFrom('timer' as const, 'pause' as const, 'resume' as const, 'kill' as const, 'reset' as const) }),
      fc.record({ do: fc.constantFrom('verified' as const, 'down' as const, 'live' as const, 'rest' as const) }),
    ),
    { minLength: 1, maxLength: 80 },
  );

  const play = (moves: typeof script extends fc.Arbitrary<infer T> ? T : never, watched: boolean): World => {
    const world = new World().ready().hold(0, 3_000);
    for (const move of moves) {
      world.pass(move.do === 'rest' ? 3_000 : 40);
      if (move.do === 'spread') world.spread(move.bps);
      else if (move.do === 'timer') world.timer();
      else if (move.do === 'verified') answerSnapshots(world);
      else if (move.do === 'down' || move.do === 'live') world.link('vb', move.do);
      else if (move.do !== 'rest') world.command(move.do);
      if (watched) {
        buildTables(world.state, FIGURES, world.at);
        buildPairDetail(world.state, 'pair', world.at);
      }
    }
    return world;
  };

  test('the same events give the same state and facts, watched by a console or not', () => {
    fc.assert(
      fc.property(script, (moves) => {
        const original = play(moves, true);
        const again = createEngine(original.state.settings);
        const results = original.events.map((event) => step(again, structuredClone(event)));
        expect(results).toEqual(original.results);
        expect(digestOf(again)).toBe(digestOf(original.state));
      }),
      { numRuns: 60 },
    );
  });

  test('at no time two intents of a pair live, none is born while paused or killed, every end has its beginning', () => {
    fc.assert(
      fc.property(script, (moves) => {
        const world = play(moves, false);
        const live = new Set<string>();
        let stopped = { pause: false, kill: false };
        for (const fact of world.results.flatMap((r) => r.facts)) {
          if (fact.type === 'pause-changed') stopped = { ...stopped, pause: fact.after !== null };
          if (fact.type === 'kill-latched') stopped = { ...stopped, kill: true };
          if (fact.type === 'kill-reset') stopped = { ...stopped, kill: false };
          if (fact.type === 'intent-proposed') {
            expect(stopped).toEqual({ pause: false, kill: false });
            expect(live.size).toBe(0);
            live.add(fact.intent.id);
          }
          if (fact.type === 'intent-ended') expect(live.delete(fact.intentId)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('the digest notices one weight changed in its last bits, or moved by one bucket', () => {
    const [one, other] = [new World().ready().hold(1, 500), new World().ready().hold(1, 500)];
    expect(digestOf(one.state)).toBe(digestOf(other.state));
    const { weights } = other.state.pairs[0]!.statistics.directions[0];
    weights[17]! += 2 ** -40;
    const changed = digestOf(other.state);
    expect(changed).not.toBe(digestOf(one.state));
    [weights[17], weights[18]] = [weights[18]!, weights[17]!];
    expect(digestOf(other.state)).not.toBe(changed);
  });

  test('the hash is FNV-1a with 64 bits', () => {
    const hash = new Fnv64();
    expect(hash.value()).toBe(0xcbf29ce484222325n);
    for (const byte of new TextEncoder().encode('foobar')) hash.byte(byte);
    expect(hash.value()).toBe(0x85944171f73967e8n);
  });
});

describe('what adapters report', () => {
  const va = 'va' as VenueId;
  const counters = { frames: 0, malformedFrames: 0, outOfOrderFrames: 0, fallbackDecodes: 0, reconnects: 0, lastMalformed: null };

  test('links are noted when they change, not when they repeat', () => {
    const world = new World();
    world.start();
    expect(world.link('va', 'live').facts).toMatchObject([{ type: 'noted', severity: 'info', subject: 'va', text: 'idle → live: test' }]);
    expect(world.link('va', 'live')).toBe(NOTHING);
    expect(world.link('va', 'down').facts).toMatchObject([{ severity: 'error' }]);
  });

  test('a clock that jumps is noted beyond the limit only, and a season of the broker as such', () => {
    const world = new World(settingsOf({ venues: [{ ...settingsOf().venues[0]!, protocol: 'metatrader' }, settingsOf().venues[1]!] }));
    world.start();
    const report = (offsetMs: number) =>
      world.control({ type: 'venue-clock', venueId: va, report: { offsetMs, uncertaintyMs: 10, roundTripMs: null } }).facts;
    expect(report(7_200_000)).toEqual([]);
    expect(report(7_200_000 + 1_020)).toEqual([]);
    expect(report(7_200_000 - 1)).toMatchObject([{ severity: 'warn', text: 'clock offset jumped by -1021 ms to 7199999 ms' }]);
    expect(report(7_200_000 + 3_600_000)).toMatchObject([{ severity: 'info' }]);
  });

  test('frames a second come from the difference of counters; the first malformed frame is noted', () => {
    const world = new World();
    world.start();
    world.control({ type: 'venue-counters', venueId: va, counters });
    world.pass(2_000);
    const result = world.control({
      type: 'venue-counters',
      venueId: va,
      counters: { ...counters, frames: 500, malformedFrames: 1, lastMalformed: '{"x' },
    });
    expect(world.state.venues[0]!.framesPerSecond).toBe(250);
    expect(result.facts).toMatchObject([{ severity: 'warn', text: 'first malformed frame: {"x' }]);
  });

  test('an unusable contract size refuses the pair', () => {
    const world = new World();
    world.start();
    const result = world.control({ type: 'instrument', instrument: metadataOf(X_A, { baseQtyPerUnit: '0' }), mismatches: [] });
    expect(result.facts).toMatchObject([{ severity: 'error', text: expect.stringContaining('0 base units') }]);
  });
});

describe('what consoles see', () => {
  test('unknown is null, stale is stale, every id is a key', () => {
    const world = new World().ready();
    const empty = buildTables(world.state, FIGURES, world.at);
    expect(empty.engine['engine']).toMatchObject({ armed: false, tradingState: 'active', commitP99Us: 12.3, quotesPerSecond: 123 });
    expect(empty.pairs['pair']).toMatchObject({ stale: true, ageMs: null, fSpreadBps: null, fP50: null, gatesTotal: GATES.length });
    expect(empty.pairs['pair']!.firstFailing).toBe('quote-present');
    world.hold(0, 2_000).spread(5);
    const tables = buildTables(world.state, FIGURES, world.at);
    const { intent } = world.facts('intent-proposed')[0]!;
    expect(tables.pairs['pair']).toMatchObject({ stale: false, ageMs: 0, best: 'sell-a-buy-b', liveIntentId: intent.id, fP50: 0.01 });
    expect(tables.intents[intent.id]).toMatchObject({ pairId: 'pair', endedUnixMs: null, disposition: 'disarmed' });
    expect(tables.instruments['X@va']).toMatchObject({ metadata: 'ok', pxDigits: 2, stale: false, bidQty: 10 });
    expect(tables.venues['va']).toMatchObject({ link: 'live', quoteAgeMs: 0, metatrader: null });
    world.pass(501);
    const late = buildTables(world.state, FIGURES, world.at);
    expect(late.pairs['pair']).toMatchObject({ stale: true, fSpreadBps: null, ageMs: 500 });
    expect(late.venues['va']).toMatchObject({ quoteAgeMs: 500 });
    expect(JSON.parse(JSON.stringify(tables))).toEqual(tables);
  });

  test('the detail of a pair: shares sum to one, both gate lists, the stated resolution', () => {
    const world = new World().ready();
    for (let n = 0; n < 200; n++) world.hold(Math.sin(n), 100);
    const detail = buildPairDetail(world.state, 'pair', world.at)!;
    for (const direction of detail.directions) {
      const { shares, stepBps, fromBps } = direction.histogram!;
      expect(shares.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 4);
      expect(shares.length).toBeLessThanOrEqual(96);
      expect(fromBps + shares.length * stepBps).toBeGreaterThan(direction.centreBps!);
      expect(direction.gates).toHaveLength(GATES.length);
      expect(direction.resolutionBps).toBe(0.005);
    }
    expect(detail.coverage).toBeGreaterThan(0.9);
    expect(buildPairDetail(world.state, 'nothing', world.at)).toBeNull();
  });

  test('a crossed limit behind which a leg may be naked is critical, any other a warning', () => {
    const world = new World().ready();
    for (const limit of [...CRITICAL_LIMITS, 'queue']) world.control({ type: 'limit-crossed', limit, detail: 'so' });
    const told = world.state.notes.slice(-CRITICAL_LIMITS.length - 1).map(({ row }) => row.severity);
    expect(told).toEqual([...CRITICAL_LIMITS.map(() => 'critical'), 'warn']);
  });

  test('events and intents are bounded; the newest stay', () => {
    const world = new World(settingsOf({ pairs: [pairOf(X_A, X_B, { cooldownMs: 0 })] })).ready().hold(0, 2_000);
    for (let n = 0; n < MAX_NOTES + 5; n++) {
      world.control({ type: 'limit-crossed', limit: 'queue', detail: `crossing ${n}` });
      if (n <= MAX_INTENT_ROWS) {
        world.pass(10).spread(5);
        world.pass(10).spread(0);
      }
    }
    expect(world.state.notes).toHaveLength(MAX_NOTES);
    expect(world.state.notes.at(-1)!.row.text).toBe(`crossing ${MAX_NOTES + 4}`);
    expect(world.state.intents).toHaveLength(MAX_INTENT_ROWS);
    expect(new Set(world.state.notes.map((x) => x.id)).size).toBe(MAX_NOTES);
  });
});
