import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { handClock, scratchFolder, smallSettings } from './ledger.testkit.ts';
import { GAP_MS, MAX_PRUNED_ROWS, SAMPLE_RETENTION_MS } from './samples.ts';

const T0 = 1_760_000_000_000;

const withSamples = (
  samples: readonly { readonly s: number; readonly f: number | null; readonly r?: number | null }[],
  clock = handClock(),
) => {
  const ledger = openLedger({ path: join(scratchFolder(), 'ledger.db'), clock, owner: 'test' });
  ledger.beginRun(smallSettings(), '1');
  ledger.appendSamples(samples.map(({ s, f, r = f }) => ({ unixMs: T0 + s * 1_000, pair: 0, fBps: f, rBps: r })));
  return ledger;
};

test('unthinned history is the samples themselves, stale ones as null', () => {
  const ledger = withSamples([
    { s: 0, f: 1, r: -1 },
    { s: 1, f: null, r: 2 },
    { s: 2, f: 3 },
  ]);
  expect(ledger.history('one-two', T0, T0 + 3_000, 100)).toEqual({
    stepMs: 1_000,
    points: [
      { unixMs: T0, fBps: 1, rBps: -1 },
      { unixMs: T0 + 1_000, fBps: null, rBps: 2 },
      { unixMs: T0 + 2_000, fBps: 3, rBps: 3 },
    ],
  });
  expect(ledger.history('two-three', T0, T0 + 3_000, 100).points).toEqual([]);
  ledger.close();
});

test('a stretch without samples is one null point, a single late sample is not', () => {
  const ledger = withSamples([
    { s: 0, f: 1 },
    { s: 2, f: 1 },
    { s: 10, f: 2 },
  ]);
  expect(ledger.history('one-two', T0, T0 + 20_000, 100).points.map(({ fBps }) => fBps)).toEqual([1, 1, null, 2]);
  ledger.close();
});

test('thinned steps are means; a mostly stale step is a gap', () => {
  const ledger = withSamples(Array.from({ length: 40 }, (_, s) => ({ s, f: s < 10 || s % 10 === 0 ? s : s < 20 ? null : s })));
  const { points, stepMs } = ledger.history('one-two', T0, T0 + 40_000, 4);
  expect(stepMs).toBe(10_000);
  expect(points.map(({ fBps }) => fBps)).toEqual([4.5, null, 24.5, 34.5]);
  ledger.close();
});

test('whatever the samples, the points are bounded, ordered, within range, and every long hole shows', () => {
  const second = fc.record({ s: fc.nat(600), f: fc.option(fc.double({ noNaN: true, min: -100, max: 100 })) });
  fc.assert(
    fc.property(fc.uniqueArray(second, { selector: (x) => x.s, maxLength: 80 }), fc.integer({ min: 2, max: 120 }), (samples, maxPoints) => {
      const ledger = withSamples(samples);
      const { points, stepMs } = ledger.history('one-two', T0, T0 + 600_000, maxPoints);
      expect(points.length).toBeLessThanOrEqual(maxPoints);
      points.slice(1).forEach((point, i) => expect(point.unixMs).toBeGreaterThan(points[i]?.unixMs ?? 0));
      const fresh = points.filter((point) => point.fBps !== null);
      fresh.slice(1).forEach((point, i) => {
        const before = fresh[i]?.unixMs ?? 0;
        const between = points.some((x) => x.unixMs > before && x.unixMs < point.unixMs);
        // Two neighbours drawn as one line are at most two steps (or one tolerated hole) apart.
        if (!between) expect(point.unixMs - before).toBeLessThanOrEqual(Math.max(2 * stepMs, GAP_MS + stepMs));
      });
      ledger.close();
    }),
    { numRuns: 60 },
  );
});

test('a moment that has a sample keeps it', () => {
  const ledger = withSamples([
    { s: 0, f: 1 },
    { s: 0, f: 2 },
  ]);
  expect(ledger.history('one-two', T0, T0 + 1_000, 10).points).toEqual([{ unixMs: T0, fBps: 1, rBps: 1 }]);
  ledger.close();
});

test('an empty range and a sample of an unknown pair are refused', () => {
  const ledger = withSamples([]);
  expect(() => ledger.history('one-two', T0, T0, 10)).toThrow('the range is empty');
  expect(() => ledger.appendSamples([{ unixMs: T0, pair: 7, fBps: 1, rBps: 1 }])).toThrow('sample of pair 7');
  ledger.close();
});

test('pruning deletes a bounded number a call, oldest first, and nothing within the retention', () => {
  const clock = handClock();
  const old = Array.from({ length: MAX_PRUNED_ROWS + 10 }, (_, s) => ({ s, f: 1 }));
  const ledger = withSamples(old, clock);
  clock.advanceMs(SAMPLE_RETENTION_MS + 2_000);
  ledger.renewLease();
  expect(ledger.prune()).toBe(2);
  clock.advanceMs(10_000_000);
  ledger.renewLease();
  ledger.appendSamples([{ unixMs: clock.unixMs(), pair: 0, fBps: 5, rBps: 5 }]);
  expect(ledger.prune()).toBe(MAX_PRUNED_ROWS);
  expect(ledger.prune()).toBe(8);
  expect(ledger.prune()).toBe(0);
  expect(ledger.history('one-two', T0, clock.unixMs() + 1, 100).points.at(-1)).toMatchObject({ fBps: 5 });
  ledger.close();
});

test('recovered samples follow the pair, not its index in an older configuration', () => {
  const path = join(scratchFolder(), 'ledger.db');
  const clock = handClock(T0 + 10_000);
  const ledger = openLedger({ path, clock, owner: 'a' });
  ledger.beginRun(smallSettings(), '1');
  ledger.appendSamples([{ unixMs: T0, pair: 1, fBps: 7, rBps: 8 }]);
  ledger.close();
  const settings = smallSettings();
  const again = openLedger({ path, clock, owner: 'b' });
  const { recovered } = again.beginRun({ ...settings, pairs: [...settings.pairs].toReversed() }, '1');
  expect(recovered.samples).toEqual([{ unixMs: T0, pair: 0, fBps: 7, rBps: 8 }]);
  again.close();
});
