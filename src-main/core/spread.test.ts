import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PairSettings } from '../../src-shared/domain/settings.ts';
import { instrument, metadataOf, pairOf, settingsOf, venue, World, X_A, X_B } from './core.testkit.ts';
import { faultOf, latencyMs } from './marketData.ts';
import { exactSpreadBps } from './risk/exact.ts';
import { executableBaseQty, requiredBaseQty } from './spread.ts';

const USDT = instrument('USDTUSD', 'vc', { kind: 'spot' });

const converted = (conversion: PairSettings['conversion']): World =>
  new World(
    settingsOf({
      venues: [venue('va'), venue('vb'), venue('vc', { maxQuoteAgeMs: 2_000 })],
      instruments: [X_A, X_B, USDT],
      pairs: [pairOf(X_A, X_B, { conversion })],
    }),
  ).ready();

describe('the executable spread', () => {
  test('both directions in bps of the mean of both mids', () => {
    const world = new World().ready();
    world.quote(0, { bid: 101, ask: 102 });
    world.quote(1, { bid: 99, ask: 100 });
    const [pair] = world.state.pairs;
    expect(pair!.fBps).toBeCloseTo((1 / 100.5) * 10_000, 9);
    expect(pair!.rBps).toBeCloseTo((-3 / 100.5) * 10_000, 9);
  });

  test('a fixed rate turns a into b’s currency', () => {
    const world = converted({ kind: 'fixed', rate: 0.5, why: 'test' });
    world.quote(0, { bid: 202, ask: 204 });
    world.quote(1, { bid: 99, ask: 100 });
    expect(world.state.pairs[0]!.fBps).toBeCloseTo((1 / 100.5) * 10_000, 9);
  });

  test('a quoted conversion counts by its mid, inverted if so configured', () => {
    const straight = converted({ kind: 'instrument', instrumentId: USDT.id, invert: false });
    straight.quote(0, { bid: 100, ask: 100.2 });
    straight.quote(1, { bid: 99, ask: 99.2 });
    expect(straight.state.pairs[0]!.valid).toBe(false);
    straight.quote(2, { bid: 0.9994, ask: 0.9996 });
    expect(straight.state.pairs[0]!.rate).toBeCloseTo(0.9995, 12);
    expect(straight.state.pairs[0]!.valid).toBe(true);
    const inverse = converted({ kind: 'instrument', instrumentId: USDT.id, invert: true });
    inverse.quote(2, { bid: 1.9, ask: 2.1 });
    inverse.quote(0, { bid: 202, ask: 204 });
    inverse.quote(1, { bid: 99, ask: 100 });
    expect(inverse.state.pairs[0]!.fBps).toBeCloseTo((1 / 100.5) * 10_000, 9);
  });

  test('the conversion has its own freshness', () => {
    const world = converted({ kind: 'instrument', instrumentId: USDT.id, invert: false });
    world.quote(2, { bid: 0.99, ask: 1.01 });
    const both = (): boolean => {
      world.quote(0, { bid: 100, ask: 100.2 });
      world.quote(1, { bid: 99, ask: 99.2 });
      return world.state.pairs[0]!.valid;
    };
    world.pass(2_000);
    expect(both()).toBe(true);
    world.pass(0.001);
    expect(both()).toBe(false);
  });

  test('exact decimals agree with the numbers for any prices a venue can write', () => {
    const px = fc.integer({ min: 1, max: 99_999_999 }).map((n) => n / 100);
    fc.assert(
      fc.property(px, px, fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (bidA, bidB, widthA, widthB) => {
        const world = new World().ready();
        world.quote(0, { bid: bidA, ask: Math.round(bidA * 100 + widthA) / 100 });
        world.quote(1, { bid: bidB, ask: Math.round(bidB * 100 + widthB) / 100 });
        const [pair] = world.state.pairs;
        expect(exactSpreadBps(pair!, pair!.directions[0]).minus(pair!.fBps).abs().lt(1e-6)).toBe(true);
        expect(exactSpreadBps(pair!, pair!.directions[1]).minus(pair!.rBps).abs().lt(1e-6)).toBe(true);
      }),
    );
  });

  test('numbers that disagree with the decimals are a broken invariant', () => {
    const world = new World().ready();
    world.spread(3);
    const [pair] = world.state.pairs;
    pair!.fBps += 0.001;
    expect(() => exactSpreadBps(pair!, pair!.directions[0])).toThrow('in decimals');
  });
});

describe('quantities in base units', () => {
  test('our share of the smaller displayed side, through contract sizes', () => {
    const world = new World().ready();
    world.control({ type: 'instrument', instrument: metadataOf(X_B, { baseQtyPerUnit: '0.01', minQty: '3' }), mismatches: [] });
    world.quote(0, { bid: 100, bidQty: 4, ask: 101, askQty: 1 });
    world.quote(1, { bid: 100, bidQty: 900, ask: 101, askQty: 50 });
    const [pair] = world.state.pairs;
    expect(executableBaseQty(pair!, pair!.directions[0])).toBeCloseTo(0.25, 12);
    expect(executableBaseQty(pair!, pair!.directions[1])).toBeCloseTo(0.5, 12);
    expect(requiredBaseQty(pair!)).toBeCloseTo(0.03, 12);
  });

  test('where a venue displays no size the assumed one counts; a minimum notional asks its share', () => {
    const a = instrument('X', 'va', { assumedDisplayedBaseQty: 7 });
    const world = new World(settingsOf({ instruments: [a, X_B], pairs: [pairOf(a, X_B)] })).ready();
    world.control({ type: 'instrument', instrument: metadataOf(X_B, { minNotional: '500' }), mismatches: [] });
    world.quote(0, { bid: 100, bidQty: Number.NaN, ask: 101, askQty: Number.NaN });
    world.quote(1, { bid: 100, ask: 101 });
    const [pair] = world.state.pairs;
    expect(executableBaseQty(pair!, pair!.directions[0])).toBe(3.5);
    expect(requiredBaseQty(pair!)).toBe(5);
  });
});

describe('what a quote can be wrong with', () => {
  test.each([
    [100, 1, 101, 1, 'none'],
    [100, Number.NaN, 101, Number.NaN, 'none'],
    [100, 1, 100, 1, 'locked'],
    [101, 1, 100, 1, 'crossed'],
    [0, 1, 100, 1, 'zero'],
    [100, 1, 101, 0, 'zero'],
    [-1, 1, 100, 1, 'zero'],
    [Number.NaN, 1, 100, 1, 'not-a-number'],
    [100, 1, Number.POSITIVE_INFINITY, 1, 'not-a-number'],
  ] as const)('%d×%d / %d×%d is %s', (bidPx, bidQty, askPx, askQty, fault) => {
    expect(faultOf(bidPx, bidQty, askPx, askQty)).toBe(fault);
  });

  test.each([
    [0, 1],
    [1, 0],
  ])('quote %d standing still while %d moves is frozen at exactly the limit, and thaws by any change', (still, moving) => {
    const world = new World(settingsOf({ frozenQuoteMs: 1_000 })).ready();
    const [pair] = world.state.pairs;
    for (let n = 0; n <= 3; n++) {
      world.quote(still, { bid: 100, ask: 101 });
      world.quote(moving, { bid: 100 + n, ask: 101 + n });
      world.pass(250);
    }
    world.pass(-0.001).timer();
    expect(pair!.valid).toBe(true);
    world.pass(0.001).timer();
    expect(pair!.valid).toBe(false);
    world.quote(still, { bid: 100, ask: 101, askQty: 11 });
    expect(pair!.valid).toBe(true);
  });

  test('a bad quote ends the covered time at once, although the good one before it was still fresh', () => {
    const world = new World().ready();
    world.spread(3);
    world.pass(100).quote(0, { bid: 101, ask: 100 });
    world.pass(100).timer();
    const { coveredUs, staleUs } = world.state.pairs[0]!.statistics;
    expect([coveredUs, staleUs]).toEqual([100_000, 100_000]);
  });

  test('a whole market that stands still is not frozen', () => {
    const world = new World(settingsOf({ frozenQuoteMs: 1_000 })).ready();
    for (let n = 0; n < 20; n++) {
      world.quote(0, { bid: 100, ask: 101 });
      world.quote(1, { bid: 100, ask: 101 });
      world.pass(250);
    }
    expect(world.state.pairs[0]!.valid).toBe(true);
  });
});

test('latency is receive time minus venue time on our clock, with a host seconds behind the venue', () => {
  const world = new World().ready();
  world.quote(0, { bid: 100, ask: 101, venueMs: world.unixMs + 1_269 - 12 });
  const [va] = world.state.venues;
  expect(latencyMs(va!)).toBeNull();
  world.control({ type: 'venue-clock', venueId: va!.settings.id, report: { offsetMs: 1_269, uncertaintyMs: 5, roundTripMs: 10 } });
  expect(latencyMs(va!)).toBeCloseTo(12, 6);
});
