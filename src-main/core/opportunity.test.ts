import { describe, expect, test } from 'vitest';
import { instrument, metadataOf, pairOf, settingsOf, World, X_A, X_B } from './core.testkit.ts';
import type { GateCode } from '../../src-shared/domain/opportunity.ts';
import { NO_COSTS, type EngineSettings, type PairSettings } from '../../src-shared/domain/settings.ts';
import { GATES, SIGNAL_GATES } from './gates.ts';
import { MAX_INTENT_ID_LENGTH, intentIdOf } from './intentId.ts';
import { EPISODE_STALE_END_MS } from './opportunity.ts';
import { buildPairDetail } from './view.ts';

const worldOf = (pair: Partial<PairSettings> = {}, more: Partial<EngineSettings> = {}): World =>
  new World(settingsOf({ pairs: [pairOf(X_A, X_B, pair)], ...more }));

/** Centre 0 and no deviation: the entry level is the floor of 2 bps (costs are zero, the exit costs one width). */
const calm = (pair: Partial<PairSettings> = {}, more: Partial<EngineSettings> = {}): World => worldOf(pair, more).ready().hold(0, 10_000);

const gateOf = (world: World, code: GateCode, direction: 0 | 1 = 0) =>
  buildPairDetail(world.state, 'pair', world.at)!.directions[direction].gates.find((gate) => gate.code === code)!;

describe('episodes', () => {
  test('one intent an episode, whatever the spread does above the hysteresis', () => {
    const world = calm();
    world.hold(5, 300).hold(1.8, 300).hold(6, 300).hold(1.7, 200).hold(4, 200);
    expect(world.facts('intent-proposed')).toHaveLength(1);
    expect(world.facts('intent-ended')).toHaveLength(0);
    world.spread(1);
    const [end] = world.facts('intent-ended');
    expect(end).toMatchObject({ reason: 'edge-gone', suppressed: 2, durationMs: 1_300 });
    expect(end!.bestEdgeBps).toBeCloseTo(6, 1);
  });

  test('ends strictly below entry − hysteresis of that moment', () => {
    const world = calm();
    world.spread(5);
    const entry = buildPairDetail(world.state, 'pair', world.at)!.directions[0].view.entrySpreadBps!;
    world.pass(1).spread(entry - 0.5 + 0.002);
    expect(world.facts('intent-ended')).toHaveLength(0);
    world.pass(1).spread(entry - 0.5 - 0.002);
    expect(world.facts('intent-ended')).toHaveLength(1);
  });

  test('after an episode the pair rests for its cooldown, then a new episode has a new name', () => {
    const world = calm({ cooldownMs: 1_000 });
    world.spread(5);
    world.pass(100).spread(0);
    world.pass(999.999).spread(5);
    expect(world.facts('intent-proposed')).toHaveLength(1);
    expect(gateOf(world, 'cooldown')).toMatchObject({ passed: false, unit: 'ms' });
    world.pass(0.001).spread(5);
    const [first, second] = world.facts('intent-proposed');
    expect([first!.intent.episode, second!.intent.episode]).toEqual([1, 2]);
    expect(first!.intent.id).not.toBe(second!.intent.id);
  });

  test('a short gap does not end an episode, a long one does, at exactly the limit', () => {
    const world = calm();
    world.spread(5);
    world.pass(500).timer();
    world.pass(EPISODE_STALE_END_MS - 0.002).timer();
    expect(world.facts('intent-ended')).toHaveLength(0);
    world.pass(0.002).timer();
    expect(world.facts('intent-ended')).toMatchObject([{ reason: 'stale' }]);
  });

  test('the other direction waits while an intent of the pair lives', () => {
    const world = calm({ hysteresisBps: 50, abnormalP99Multiple: 100, abnormalEdgeBps: 1_000 });
    world.spread(5);
    world.pass(10).spread(-6);
    expect(world.facts('intent-proposed')).toHaveLength(1);
    expect(gateOf(world, 'cooldown', 1).note).toContain('is live');
  });

  test('pause, kill and stopping end what lives', () => {
    for (const [kind, reason] of [
      ['pause', 'paused'],
      ['kill', 'killed'],
    ] as const) {
      const world = calm();
      world.spread(5);
      world.command(kind);
      expect(world.facts('intent-ended')).toMatchObject([{ reason }]);
      world.pass(2_000).hold(5, 3_000);
      expect(world.facts('intent-proposed')).toHaveLength(1);
    }
    const world = calm();
    world.spread(5);
    world.control({ type: 'stopping', why: 'test' });
    expect(world.facts('intent-ended')).toMatchObject([{ reason: 'stopping' }]);
    expect(world.facts('run-stopping')).toHaveLength(1);
  });

  test('an intent carries both quotes and every figure that led to it', () => {
    const world = calm();
    world.quote(1, { bid: 9_999.995, ask: 10_000.005, bidQty: 3, venueMs: 17 });
    world.pass(20);
    world.quote(0, { bid: 10_004.1, ask: 10_004.2, bidQty: 4 });
    const { intent } = world.facts('intent-proposed')[0]!;
    expect(intent.quotes).toEqual([
      expect.objectContaining({ instrumentId: 'X@va', bidPx: '10004.1', askPx: '10004.2', bidQty: '4', ageMs: 0, venueMs: null }),
      expect.objectContaining({ instrumentId: 'X@vb', bidPx: '9999.995', askPx: '10000.005', bidQty: '3', ageMs: 20, venueMs: 17 }),
    ]);
    expect(intent.gates).toHaveLength(GATES.length);
    expect(intent.gates.slice(0, SIGNAL_GATES.length).every((gate) => gate.passed)).toBe(true);
    expect(intent).toMatchObject({ disposition: 'disarmed', groupId: null, denials: [] });
    expect(intent.edgeBps).toBeCloseTo(intent.spreadBps - intent.costs.totalBps, 12);
    expect(intent.executableBaseQty).toBe(2);
    expect(intent).toMatchObject({ disposition: 'disarmed', direction: 'sell-a-buy-b', episode: 1, conversionRate: 1 });
    expect(intent.coverage).toBeGreaterThan(0.9);
  });
});

describe('the entry rule', () => {
  test('costs dominate when they exceed the deviation', () => {
    const dear = instrument('X', 'va', { costs: { ...NO_COSTS, takerFeeBps: 10 } });
    const world = new World(settingsOf({ instruments: [dear, X_B], pairs: [pairOf(dear, X_B)] })).ready().hold(0, 10_000);
    world.spread(20.9);
    expect(world.facts('intent-proposed')).toHaveLength(0);
    expect(gateOf(world, 'edge')).toMatchObject({ passed: false, limit: 1 });
    world.pass(10).spread(21.1);
    expect(world.facts('intent-proposed')).toHaveLength(1);
  });

  test('the percentile of the deviation raises the threshold above its floor', () => {
    const world = worldOf({ deviationFloorBps: 0.5, deviationPercentile: 90 }).ready();
    for (let n = 0; n < 50; n++) world.hold(n % 5 === 0 ? 4 : 0, 100);
    const { thresholdBps, centreBps } = buildPairDetail(world.state, 'pair', world.at)!.directions[0];
    expect(centreBps).toBeCloseTo(0, 1);
    expect(thresholdBps).toBeCloseTo(4, 1);
  });

  test('a level that lasts is a basis, not an edge: the centre follows it', () => {
    const world = calm({}, { statistics: { windowMs: 60_000, minCoveredMs: 0, bucketBps: 0.01 } });
    world.hold(8, 1_000);
    expect(world.facts('intent-proposed')).toHaveLength(1);
    world.hold(8, 120_000);
    expect(world.facts('intent-ended')).toMatchObject([{ reason: 'edge-gone' }]);
    expect(world.facts('intent-proposed')).toHaveLength(1);
  });

  test('too good to be true: blocked, alarmed once an excursion', () => {
    const world = calm();
    world.hold(150, 500);
    const alarms = (): number => world.facts('noted').filter((x) => x.severity === 'critical').length;
    expect(world.facts('intent-proposed')).toHaveLength(0);
    expect(alarms()).toBe(1);
    world.hold(0, 200).hold(150, 300);
    expect(alarms()).toBe(2);
    expect(gateOf(world, 'abnormal-edge').passed).toBe(false);
  });
});

describe('each gate at its exact limit', () => {
  test('metadata: awaited, mismatched with both figures, missing, fine', () => {
    const world = worldOf();
    world.start();
    for (const id of ['va', 'vb']) world.link(id, 'live');
    world.hold(0, 2_000).spread(5);
    expect(gateOf(world, 'metadata')).toMatchObject({ passed: false, note: 'X@va: metadata awaited' });
    world.control({ type: 'instrument', instrument: metadataOf(X_A), mismatches: [] });
    const mismatch = { field: 'tickSize', configured: '0.1', reported: '0.01' } as const;
    world.control({ type: 'instrument', instrument: metadataOf(X_B), mismatches: [mismatch] });
    expect(gateOf(world, 'metadata').note).toBe('X@vb: tickSize configured 0.1, venue reports 0.01');
    expect(world.facts('noted').at(-1)!.text).toContain('pairs refused: pair');
    world.control({ type: 'instrument-missing', instrumentId: 'X@vb', why: 'the venue lists no such symbol' });
    expect(gateOf(world, 'metadata').note).toContain('lists no such symbol');
    world.pass(10).spread(5);
    expect(world.facts('intent-proposed')).toHaveLength(0);
    world.control({ type: 'instrument', instrument: metadataOf(X_B), mismatches: [] });
    world.pass(10).spread(5);
    expect(world.facts('intent-proposed')).toHaveLength(1);
  });

  test('venue link, and trading halted at the venue', () => {
    const world = calm();
    world.link('vb', 'down');
    world.pass(10).spread(5);
    expect(gateOf(world, 'venue-link')).toMatchObject({ passed: false, note: 'X@vb: down: test' });
    world.link('vb', 'live');
    world.control({ type: 'instrument', instrument: metadataOf(X_A, { tradable: false, venueState: 'BREAK' }), mismatches: [] });
    world.pass(10).spread(5);
    expect(gateOf(world, 'session')).toMatchObject({ passed: false, note: 'X@va: venue says BREAK' });
    expect(world.facts('intent-proposed')).toHaveLength(0);
  });

  test('quote present, quote valid', () => {
    const world = worldOf().ready();
    world.quote(1, { bid: 100, ask: 101 });
    expect(gateOf(world, 'quote-present')).toMatchObject({ passed: false, note: 'X@va: no quote yet' });
    world.quote(0, { bid: 101, ask: 100 });
    expect(gateOf(world, 'quote-present').passed).toBe(true);
    expect(gateOf(world, 'quote-valid')).toMatchObject({ passed: false, note: 'X@va: crossed quote' });
  });

  test('age of each leg and skew between them', () => {
    const world = calm({ maxSkewMs: 300 });
    world.quote(1, { bid: 9_999.995, ask: 10_000.005 });
    world.quote(0, { bid: 10_000, ask: 10_000.01 });
    world.pass(500);
    expect(gateOf(world, 'quote-age-b')).toMatchObject({ passed: true, measured: 500, limit: 500 });
    world.pass(0.001);
    expect(gateOf(world, 'quote-age-b').passed).toBe(false);
    expect(gateOf(world, 'quote-age-a').passed).toBe(false);
    world.quote(0, { bid: 10_000, ask: 10_000.01 });
    world.quote(1, { bid: 9_999.995, ask: 10_000.005, ageUs: 300_000 });
    expect(gateOf(world, 'quote-skew')).toMatchObject({ passed: true, measured: 300, limit: 300 });
    world.quote(1, { bid: 9_999.995, ask: 10_000.005, ageUs: 300_001 });
    expect(gateOf(world, 'quote-skew').passed).toBe(false);
  });

  test('session: open from its first moment, shut at its last', () => {
    const noonOfWednesday = 3 * 1_440 + 720;
    const a = instrument('X', 'va', {
      sessions: [{ openUtcMinuteOfWeek: noonOfWednesday, closeUtcMinuteOfWeek: noonOfWednesday + 1 }],
    });
    const world = new World(settingsOf({ instruments: [a, X_B], pairs: [pairOf(a, X_B)] })).ready();
    expect(gateOf(world, 'session').passed).toBe(true);
    world.pass(59_999.999);
    expect(gateOf(world, 'session').passed).toBe(true);
    world.pass(0.001);
    expect(gateOf(world, 'session')).toMatchObject({ passed: false, note: 'X@va: session closed' });
  });

  test('statistics: exactly enough covered time', () => {
    const world = worldOf({}, { statistics: { windowMs: 60_000, minCoveredMs: 400, bucketBps: 0.01 } }).ready();
    world.spread(0);
    world.pass(399.999).timer();
    expect(gateOf(world, 'statistics').passed).toBe(false);
    world.pass(0.001).timer();
    expect(gateOf(world, 'statistics')).toMatchObject({ passed: true, measured: 0.4, limit: 0.4, unit: 's' });
  });

  test('executable quantity', () => {
    const world = calm({ minExecutableBaseQty: 2, displayedShare: 0.5 });
    world.quote(1, { bid: 9_999.995, ask: 10_000.005, askQty: 3.999 });
    expect(gateOf(world, 'executable-qty').passed).toBe(false);
    world.quote(1, { bid: 9_999.995, ask: 10_000.005, askQty: 4 });
    expect(gateOf(world, 'executable-qty')).toMatchObject({ passed: true, measured: 2, limit: 2, unit: 'base' });
  });

  test('trading state', () => {
    const world = calm();
    world.command('pause');
    expect(gateOf(world, 'trading-state')).toMatchObject({ passed: false, note: 'paused' });
    world.command('resume');
    expect(gateOf(world, 'trading-state').passed).toBe(true);
    world.command('kill');
    expect(gateOf(world, 'trading-state')).toMatchObject({ passed: false, note: 'kill switch latched' });
  });
});

test('names of intents are short, plain, and different for every run, pair, direction and episode', () => {
  const ids = new Set<string>();
  for (const run of ['r', '0192f-uuid-like-long-name-of-a-run-1234567890', 'R'])
    for (const pair of [0, 35, 199])
      for (const direction of [0, 1] as const)
        for (const episode of [1, 2, 1_000_000]) {
          const id = intentIdOf(run, pair, direction, episode);
          expect(id).toMatch(/^[A-Za-z0-9]+$/);
          expect(id.length).toBeLessThanOrEqual(MAX_INTENT_ID_LENGTH);
          ids.add(id);
        }
  expect(ids.size).toBe(54);
  expect(intentIdOf('r', 0, 0, 1)).toBe(intentIdOf('r', 0, 0, 1));
});
