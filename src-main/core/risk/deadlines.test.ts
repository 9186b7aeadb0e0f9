/** What lasts for a while, on a host whose wall clock jumps, and over restarts. */
import { describe, expect, test } from 'vitest';
import { MS_PER_HOUR } from '../../../src-shared/domain/units.ts';
import type { Disablement, Fence, RecoveredTrading } from '../book.ts';
import { NOTHING_RECOVERED } from '../book.ts';
import { World } from '../core.testkit.ts';
import type { Fact } from '../facts.ts';
import { noteGroupEnded, noteGroupStarted, setFence } from './bookkeeping.ts';
import { CLOCK_JUMP_MS } from './deadlines.ts';
import { deniedBy, groupOf, SPREAD_BPS, tradable } from './risk.testkit.ts';

const LOSS_MS = 60_000;
const STREAK_MS = 900_000;

const fenced = (): World => {
  const world = tradable();
  setFence(world.state, 'pair', 'loss');
  return world;
};

const cooled = (): World => {
  const world = tradable();
  for (let i = 0; i < 3; i++)
    noteGroupEnded(world.state, {
      ...groupOf({ state: 'closed', a: { openedQty: '0.5' }, closeReason: 'convergence' }),
      result: { gross: '0', fees: '0', net: '-1', ccy: 'USD', netUsd: -1, netBps: 0, slippageBps: { a: 0, b: 0 } },
    });
  world.state.book.fences = [];
  return world;
};

/** Time passes, then everything is quoted anew. */
const after = (world: World, ms: number): readonly string[] => {
  world.pass(ms).timer();
  world.spread(SPREAD_BPS);
  return deniedBy(world).filter((code) => code !== 'calendar');
};

const lists = (world: World): readonly Fact[] =>
  world.results.flatMap((r) => r.facts).filter(({ type }) => type === 'fences-changed' || type === 'disablements-changed');

describe.each([
  ['an hour forward', MS_PER_HOUR],
  ['an hour back', -MS_PER_HOUR],
])('a wall clock that jumps %s', (_where, jumpMs) => {
  test('neither ends a fence early nor prolongs it', () => {
    const world = fenced();
    expect(after(world.jump(jumpMs), LOSS_MS - 1)).toEqual(['fence']);
    expect(after(world, 1)).toEqual([]);
  });

  test('neither ends a cooldown early nor prolongs it', () => {
    const world = cooled();
    expect(after(world.jump(jumpMs), STREAK_MS - 1)).toEqual(['loss']);
    expect(after(world, 1)).toEqual([]);
    expect(world.state.book.disablements).toEqual([]);
  });

  test('changes nothing of what counts as repetition or as a look-alike', () => {
    const world = tradable();
    for (let i = 0; i < 3; i++) noteGroupStarted(world.state, groupOf());
    world.state.book.fences = [];
    world.jump(jumpMs);
    expect(after(world, 1_999)).toEqual(['repeated', 'duplicate']);
    world.state.book.disablements = [];
    expect(after(world, 1)).toEqual(['repeated']);
    world.state.book.disablements = [];
    expect(after(world, 57_999)).toEqual(['repeated']);
    world.state.book.disablements = [];
    expect(after(world, 1)).toEqual([]);
  });

  test('takes the Unix ends with it, once', () => {
    const world = cooled();
    setFence(world.state, 'pair', 'loss');
    const [endsAtMs, coolsUntilMs] = [world.unixMs + LOSS_MS, world.unixMs + STREAK_MS];
    world.jump(jumpMs).pass(100).timer();
    expect(world.state.book.fences).toMatchObject([{ untilUnixMs: endsAtMs + jumpMs }]);
    expect(world.state.book.disablements).toMatchObject([
      { sinceUnixMs: coolsUntilMs - STREAK_MS + jumpMs, untilUnixMs: coolsUntilMs + jumpMs },
    ]);
    const told = lists(world).length;
    world.pass(100).timer();
    expect(lists(world)).toHaveLength(told);
  });
});

test('clocks that drift are not told of, up to the bound', () => {
  const world = fenced();
  world.timer();
  const told = lists(world).length;
  world.jump(CLOCK_JUMP_MS).timer();
  expect(lists(world)).toHaveLength(told);
  world.jump(1).timer();
  expect(lists(world)).toHaveLength(told + 1);
});

test('what is over is left as it was', () => {
  const world = fenced();
  after(world, LOSS_MS);
  const { fences } = world.state.book;
  world.jump(MS_PER_HOUR).timer();
  expect(world.state.book.fences).toEqual(fences);
});

describe('after a restart', () => {
  const START = new World().unixMs;
  const restarted = (trading: Partial<RecoveredTrading>): World => {
    const world = new World();
    world.start({ trading: { ...NOTHING_RECOVERED, ...trading } });
    return world;
  };
  const leftMs = (world: World): number => (world.state.book.fences[0]!.endsUs - world.monoUs) / 1_000;
  const fence = (untilMs: number): Fence => ({ pairId: 'pair', kind: 'loss', untilUnixMs: START + untilMs });

  test.each([
    ['what is left by the wall clock', 20_000, 20_000],
    ['up to the whole', LOSS_MS, LOSS_MS],
    ['never more than the whole, where the clock went back', LOSS_MS + 1, LOSS_MS],
    ['nothing of what is over', -1, 0],
  ])('a fence lasts %s', (_what, untilMs, expected) => {
    expect(leftMs(restarted({ fences: [fence(untilMs)] }))).toBe(expected);
  });

  test.each([
    ['what is left', -300_000, 600_000, 600_000],
    ['never more than the whole, where the clock went back', 3_000_000, 3_900_000, STREAK_MS],
    ['nothing of what is over', -STREAK_MS - 1, -1, 0],
  ])('a cooldown lasts %s', (_what, sinceMs, untilMs, expected) => {
    const given: Disablement = {
      scope: 'all',
      code: 'losing-streak',
      text: '3 losing groups in a row',
      sinceUnixMs: START + sinceMs,
      untilUnixMs: START + untilMs,
    };
    const world = restarted({ disablements: [given] });
    expect((world.state.book.disablements[0]!.endsUs! - world.monoUs) / 1_000).toBe(expected);
  });

  test('what an operator must enable stays until then', () => {
    const given = { scope: 'venue:va', code: 'venue-errors', text: '', sinceUnixMs: START, untilUnixMs: null } as const;
    const world = restarted({ disablements: [given] });
    world.jump(1_000 * MS_PER_HOUR).pass(MS_PER_HOUR);
    world.timer();
    expect(world.state.book.disablements).toMatchObject([given]);
  });

  test('a fence goes on with what was left, although the clock had jumped in the run before', () => {
    const before = fenced();
    before.jump(MS_PER_HOUR).pass(15_000).timer();
    const told = lists(before).at(-1)!;
    const next = new World();
    next.startUnixMs = before.unixMs + 5_000 - next.monoUs / 1_000;
    next.start({ trading: { ...NOTHING_RECOVERED, fences: told.type === 'fences-changed' ? told.fences : [] } });
    expect(leftMs(next)).toBeCloseTo(LOSS_MS - 20_000, 6);
  });

  test('entries count by their age, and those of a clock that was ahead as if made now', () => {
    const mark = (ageMs: number) => ({ unixMs: START - ageMs, pairId: 'pair', direction: 'sell-a-buy-b' });
    const world = restarted({ entries: [mark(59_000), mark(-MS_PER_HOUR)] });
    expect(world.state.book.entries.map(({ atUs }) => (world.monoUs - atUs) / 1_000)).toEqual([59_000, 0]);
  });
});
