import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addWeight,
  BUCKETS,
  createDistribution,
  quantileAt,
  resolutionBps,
  RING_CAPACITY,
  shareAtLeast,
  SLICES,
  turnSlice,
  type Distribution,
} from './rollingStats.ts';

const QUANTILES = [0.5, 0.75, 0.9, 0.99, 1];
const WIDTH = 0.01;

/** Keeps every (value, weight) there is, by slice, and sorts when asked. */
class Oracle {
  private readonly slices: [number, number][][] = [[]];
  private sorted: readonly [number, number][] | null = null;
  add(value: number, weight: number): void {
    this.sorted = null;
    this.slices.at(-1)!.push([value, weight]);
  }
  turn(): void {
    this.sorted = null;
    this.slices.push([]);
    if (this.slices.length > SLICES + 1) this.slices.shift();
  }
  private get all(): readonly [number, number][] {
    this.sorted ??= this.slices.flat().sort(([x], [y]) => x - y);
    return this.sorted;
  }
  get total(): number {
    return this.all.reduce((sum, [, weight]) => sum + weight, 0);
  }
  quantile(q: number): number {
    const target = q * this.total;
    let below = 0;
    for (const [value, weight] of this.all) {
      below += weight;
      if (below >= target) return value;
    }
    return Number.NaN;
  }
  shareAtLeast(value: number): number {
    return this.all.reduce((sum, [v, weight]) => (v >= value ? sum + weight : sum), 0) / this.total;
  }
}

const SLACK = 1e-7;

const compare = (d: Distribution, oracle: Oracle): void => {
  expect(d.total).toBe(oracle.total);
  expect(d.weights.reduce((sum, w) => sum + w, 0)).toBe(oracle.total);
  if (oracle.total === 0) {
    expect(quantileAt(d, 0)).toBeNaN();
    return;
  }
  const bound = resolutionBps(d) + SLACK;
  for (const [i, q] of QUANTILES.entries()) expect(Math.abs(quantileAt(d, i) - oracle.quantile(q))).toBeLessThanOrEqual(bound);
  const level = oracle.quantile(0.7);
  expect(shareAtLeast(d, level)).toBeGreaterThanOrEqual(oracle.shareAtLeast(level + bound) - SLACK);
  expect(shareAtLeast(d, level)).toBeLessThanOrEqual(oracle.shareAtLeast(level - bound) + SLACK);
};

const weight = fc.integer({ min: 1, max: 3_000_000 });
type Action = { readonly add: readonly [number, number] } | { readonly turn: number };
const actionsOf = (value: fc.Arbitrary<number>): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.oneof({ weight: 6, arbitrary: fc.record({ add: fc.tuple(value, weight) }) }, fc.record({ turn: fc.integer({ min: 1, max: 25 }) })),
    {
      minLength: 1,
      maxLength: 120,
    },
  );

const play = (actions: readonly Action[]): void => {
  const d = createDistribution(WIDTH, QUANTILES);
  const oracle = new Oracle();
  let place = 0;
  for (const action of actions) {
    if ('add' in action) {
      addWeight(d, ...action.add);
      oracle.add(...action.add);
    } else
      for (let n = 0; n < action.turn; n++) {
        turnSlice(d, place++ % SLICES);
        oracle.turn();
      }
    compare(d, oracle);
  }
};

describe('the rolling distribution against a sorted list of everything', () => {
  test('narrow, wide, drifting and wild values, with expiry', () => {
    const narrow = fc.double({ min: -3, max: 3, noNaN: true });
    const wide = fc.double({ min: -60, max: 60, noNaN: true });
    const wild = fc.oneof({ weight: 20, arbitrary: narrow }, fc.double({ min: -20_000, max: 20_000, noNaN: true }));
    for (const value of [narrow, wide, wild]) fc.assert(fc.property(actionsOf(value), play), { numRuns: 60 });
  });

  test('values exactly on the edges of buckets', () => {
    fc.assert(fc.property(actionsOf(fc.integer({ min: -500, max: 500 }).map((n) => n / 100)), play), { numRuns: 60 });
  });

  test('more distinct values than the ring takes: coarser, still within the stated bound', () => {
    const d = createDistribution(WIDTH, QUANTILES);
    const oracle = new Oracle();
    let next = 1;
    const random = (): number => (next = (next * 48_271) % 2_147_483_647) / 2_147_483_647;
    let coarsest = 0;
    for (let slice = 0; slice < 3 * SLICES; slice++) {
      for (let n = 0; n < 400; n++) {
        const value = 20 * (random() + random() - 1);
        const weightUs = 1 + Math.floor(1e6 * random());
        addWeight(d, value, weightUs);
        oracle.add(value, weightUs);
      }
      turnSlice(d, slice % SLICES);
      oracle.turn();
      if (slice % 30 === 29) compare(d, oracle);
      expect(d.ringCount).toBeLessThanOrEqual(RING_CAPACITY);
      coarsest = Math.max(coarsest, d.level);
    }
    expect(coarsest).toBeGreaterThan(0);
    expect(resolutionBps(d)).toBeGreaterThanOrEqual(WIDTH);
  });
});

describe('width and range', () => {
  test('a level that drifts for long slides the range and never widens the buckets', () => {
    const d = createDistribution(WIDTH, QUANTILES);
    for (let n = 0; n < 100_000; n++) {
      addWeight(d, n * 0.01, 1_000);
      if (n % 20 === 19) turnSlice(d, Math.floor(n / 20) % SLICES);
    }
    expect(d.level).toBe(0);
    expect(resolutionBps(d)).toBe(WIDTH / 2);
    expect(Math.abs(quantileAt(d, 0) - (100_000 - 600) * 0.01)).toBeLessThan(0.2);
  });

  test('one outlier widens the buckets; once it has left the window they narrow again', () => {
    const d = createDistribution(WIDTH, QUANTILES);
    addWeight(d, 0, 1_000);
    addWeight(d, 2_000, 1);
    expect(d.widthBps).toBeGreaterThan(WIDTH);
    const coarse = resolutionBps(d);
    expect(coarse).toBe(d.widthBps / 2);
    expect(2_000 / d.widthBps).toBeLessThan(BUCKETS);
    for (let slice = 0; slice < 3 * SLICES; slice++) {
      addWeight(d, (slice % 7) * 0.1, 1_000);
      turnSlice(d, slice % SLICES);
    }
    expect(d.level).toBe(0);
    expect(resolutionBps(d)).toBe(WIDTH / 2);
  });

  test('what was recorded coarser is stated as such after narrowing, until it has left', () => {
    const d = createDistribution(WIDTH, QUANTILES);
    const oracle = new Oracle();
    const put = (value: number, weightUs: number): void => {
      addWeight(d, value, weightUs);
      oracle.add(value, weightUs);
    };
    const turn = (place: number): void => {
      turnSlice(d, place % SLICES);
      oracle.turn();
      compare(d, oracle);
    };
    put(2_000, 1);
    for (let slice = 0; slice < SLICES; slice++) {
      put(0.0201, 1_000);
      turn(slice);
    }
    const coarse = d.widthBps;
    for (let slice = SLICES; slice < SLICES + 5; slice++) turn(slice);
    expect(d.widthBps).toBeLessThan(coarse);
    expect(resolutionBps(d)).toBe(coarse);
  });

  test('slices that a full ring made coarser say so after narrowing', () => {
    const d = createDistribution(WIDTH, QUANTILES);
    const oracle = new Oracle();
    const fill = (distinct: number): void => {
      for (let n = 0; n < distinct; n++) {
        addWeight(d, n * WIDTH + WIDTH / 3, 1);
        oracle.add(n * WIDTH + WIDTH / 3, 1);
      }
    };
    const heavy = (): void => {
      addWeight(d, 0.0201, 1_000_000);
      oracle.add(0.0201, 1_000_000);
    };
    for (let slice = 0; slice < SLICES + 6; slice++) {
      if (slice < 4) fill(2_000);
      if (slice === 4) heavy();
      if (slice === 5) {
        fill(2_000);
        heavy();
      }
      turnSlice(d, slice % SLICES);
      oracle.turn();
      compare(d, oracle);
      if (slice === 4) expect(d.level).toBe(0);
      if (slice === 5) expect(d.level).toBe(1);
      if (slice === SLICES + 4) {
        expect(d.level).toBe(0);
        expect(resolutionBps(d)).toBe(2 * WIDTH);
      }
    }
    expect(resolutionBps(d)).toBe(WIDTH / 2);
  });

  test('a range of exactly all buckets fits, one more widens', () => {
    const d = createDistribution(1, QUANTILES);
    addWeight(d, 0.5, 1);
    addWeight(d, BUCKETS - 0.5, 1);
    expect(d.level).toBe(0);
    addWeight(d, BUCKETS + 0.5, 1);
    expect(d.level).toBe(1);
    expect(d.total).toBe(3);
  });

  test('weights beyond 32 bits are kept whole and expire whole', () => {
    const d = createDistribution(1, QUANTILES);
    const heavy = 3 * 2 ** 32 + 17;
    addWeight(d, 5.5, heavy);
    turnSlice(d, 0);
    expect(d.entriesOfSlice[0]).toBe(4);
    for (let place = 1; place < SLICES; place++) turnSlice(d, place);
    expect(d.total).toBe(heavy);
    turnSlice(d, 0);
    expect(d.total).toBe(0);
    expect(d.weights.every((w) => w === 0)).toBe(true);
  });
});

test('memory is constant: every array has its final size from the start', () => {
  const bytes = (d: Distribution): number =>
    Object.values(d)
      .filter((v) => ArrayBuffer.isView(v))
      .reduce((sum, v) => sum + v.byteLength, 0);
  const d = createDistribution(WIDTH, QUANTILES);
  const before = bytes(d);
  expect(2 * before).toBeLessThan(250 * 1_024);
  for (let n = 0; n < 200_000; n++) {
    addWeight(d, Math.sin(n) * (n % 997), 10);
    if (n % 500 === 0) turnSlice(d, Math.floor(n / 500) % SLICES);
  }
  expect(bytes(d)).toBe(before);
});

test('a quantile outside (0, 1] is refused', () => {
  expect(() => createDistribution(WIDTH, [0])).toThrow('quantile of 0');
  expect(() => createDistribution(WIDTH, [1.01])).toThrow('quantile of 1.01');
});
