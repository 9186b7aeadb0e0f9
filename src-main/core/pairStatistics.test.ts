import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, coverageOf, createPairStatistics, P50, P90, setInForce, setStale, type PairStatistics } from './pairStatistics.ts';
import { quantileAt, resolutionBps, SLICES } from './rollingStats.ts';

const WINDOW_MS = 60;
const SLICE_US = 1_000;

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
  /** null = stale. */
  readonly fBps: number | null;
}

type Move =
  | { readonly kind: 'spread'; readonly afterUs: number; readonly bps: number; readonly validForUs: number }
  | { readonly kind: 'stale' | 'look'; readonly afterUs: number };

const afterUs = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 3_000 }) }, fc.integer({ min: 0, max: 200_000 }));
const moves = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('spread' as const),
        afterUs,
        bps: fc.double({ min: -4, max: 4, noNaN: true }),
        validForUs: fc.integer({ min: 0, max: 8_000 }),
      }),
    },
    fc.record({ kind: fc.constantFrom('stale' as const, 'look' as const), afterUs }),
  ),
  { minLength: 1, maxLength: 60 },
);

/** What happened, as plain spans of time; knows nothing of slices or buckets. */
const spansOf = (script: readonly Move[], startUs: number): Span[] => {
  const spans: Span[] = [];
  let now = startUs;
  let force: { bps: number; untilUs: number } | null = null;
  for (const move of script) {
    const next = now + move.afterUs;
    const freshTo = force === null ? now : Math.min(next, force.untilUs);
    if (force !== null && freshTo > now) spans.push({ fromUs: now, toUs: freshTo, fBps: force.bps });
    if (next > Math.max(now, freshTo)) spans.push({ fromUs: Math.max(now, freshTo), toUs: next, fBps: null });
    now = next;
    if (force !== null && now >= force.untilUs) force = null;
    if (move.kind === 'stale') force = null;
    if (move.kind === 'spread') force = { bps: move.bps, untilUs: now + move.validForUs };
  }
  return spans;
};

const drive = (s: PairStatistics, script: readonly Move[], startUs: number, lookEveryUs: number | null): number => {
  let now = startUs;
  advance(s, now);
  for (const move of script) {
    if (lookEveryUs !== null) for (let t = now; t < now + move.afterUs; t += lookEveryUs) advance(s, t);
    now += move.afterUs;
    advance(s, now);
    if (move.kind === 'stale') setStale(s);
    if (move.kind === 'spread') setInForce(s, move.bps, -move.bps, now + move.validForUs);
  }
  return now;
};

/** Clipped to the window as the slices define it: the current slice and the 60 before it. */
const inWindow = (spans: readonly Span[], nowUs: number): Span[] => {
  const fromUs = (Math.floor(nowUs / SLICE_US) - SLICES) * SLICE_US;
  return spans.filter((x) => x.toUs > fromUs).map((x) => ({ ...x, fromUs: Math.max(x.fromUs, fromUs) }));
};

const timeOf = (spans: readonly Span[]): number => spans.reduce((sum, x) => sum + x.toUs - x.fromUs, 0);

const quantile = (spans: readonly Span[], q: number): number => {
  const sorted = spans.toSorted((x, y) => x.fBps! - y.fBps!);
  const target = q * timeOf(spans);
  let below = 0;
  for (const span of sorted) {
    below += span.toUs - span.fromUs;
    if (below >= target) return span.fBps!;
  }
  return Number.NaN;
};

test('covered and stale time and both medians equal an exact account of the time', () => {
  fc.assert(
    fc.property(moves, fc.integer({ min: -500_000, max: 500_000 }), (script, startUs) => {
      const s = createPairStatistics(WINDOW_MS, 0.01, 90);
      const nowUs = drive(s, script, startUs, null);
      const spans = inWindow(spansOf(script, startUs), nowUs);
      const covered = spans.filter((x) => x.fBps !== null);
      expect(s.coveredUs).toBe(timeOf(covered));
      expect(s.staleUs).toBe(timeOf(spans) - timeOf(covered));
      expect(s.directions[0].total).toBe(s.coveredUs);
      if (covered.length === 0) return;
      const bound = resolutionBps(s.directions[0]) + 1e-9;
      expect(Math.abs(quantileAt(s.directions[0], P50) - quantile(covered, 0.5))).toBeLessThanOrEqual(bound);
      expect(Math.abs(quantileAt(s.directions[0], P90) - quantile(covered, 0.9))).toBeLessThanOrEqual(bound);
      const mirrored = covered.map((x) => ({ ...x, fBps: -x.fBps! }));
      expect(Math.abs(quantileAt(s.directions[1], P50) - quantile(mirrored, 0.5))).toBeLessThanOrEqual(bound);
    }),
    { numRuns: 300 },
  );
});

test('looking more often changes nothing at all', () => {
  fc.assert(
    fc.property(moves, fc.integer({ min: 50, max: 5_000 }), (script, lookEveryUs) => {
      const [seldom, often] = [createPairStatistics(WINDOW_MS, 0.01, 90), createPairStatistics(WINDOW_MS, 0.01, 90)];
      drive(seldom, script, 0, null);
      drive(often, script, 0, lookEveryUs);
      expect(often).toEqual(seldom);
    }),
    { numRuns: 100 },
  );
});

test('a spread counts up to exactly the moment a leg turns stale, also when the next event is late', () => {
  const s = createPairStatistics(3_600_000, 0.01, 90);
  advance(s, 0);
  setInForce(s, 1, -1, 500_000);
  advance(s, 10_000_000);
  expect(s.coveredUs).toBe(500_000);
  expect(s.staleUs).toBe(9_500_000);
  expect(coverageOf(s)).toBe(0.05);
  expect(s.inForce).toBe(false);
});

test('nothing is covered before the first moment, and impossible spreads are an assertion', () => {
  const s = createPairStatistics(1_000, 0.01, 90);
  expect(coverageOf(s)).toBe(0);
  advance(s, 5_000);
  expect(coverageOf(s)).toBe(0);
  expect(() => setInForce(s, Number.NaN, 0, 1)).toThrow('cannot come from valid quotes');
  expect(() => setInForce(s, 0, 1_000_001, 1)).toThrow('cannot come from valid quotes');
});
