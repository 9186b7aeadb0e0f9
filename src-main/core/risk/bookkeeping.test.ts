import { describe, expect, test } from 'vitest';
import type { GroupResult, HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { GroupId, VenueId } from '../../../src-shared/domain/ids.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../src-shared/domain/units.ts';
import { settingsOf, venue, World } from '../core.testkit.ts';
import type { Fact } from '../facts.ts';
import { noteGroupEnded, noteGroupStarted, noteMessage, noteVenueError, setFence, tickRisk } from './bookkeeping.ts';
import { MAX_MESSAGES_KEPT } from './budget.ts';
import { accountOf, deniedBy, groupOf, LATCH, reconciled, tradable } from './risk.testkit.ts';

const endedWith = (netUsd: number, more: Partial<HedgeGroup> = {}): HedgeGroup => ({
  ...groupOf({ state: 'closed', a: { openedQty: '0.5' }, b: { openedQty: '0.5' }, closeReason: 'convergence' }),
  result: { netUsd } as GroupResult,
  ...more,
});

/** Facts since the last look; no step is under way here. */
const factsOf = (world: World): readonly Fact[] => world.state.draft.facts.splice(0);
const kinds = (world: World): readonly string[] => world.state.book.fences.map((fence) => fence.kind);

describe('fences', () => {
  test.each([
    ['entry', 2_000],
    ['failure', 30_000],
    ['loss', 60_000],
    ['reconnect', 5_000],
  ] as const)('after %s for %i ms, in place of an earlier one of its kind', (kind, forMs) => {
    const world = tradable();
    setFence(world.state, 'pair', kind);
    setFence(world.state, 'pair', kind);
    expect(world.state.book.fences).toEqual([
      { pairId: 'pair', kind, untilUnixMs: world.unixMs + forMs, endsUs: world.monoUs + forMs * 1_000 },
    ]);
    expect(factsOf(world)).toHaveLength(2);
    expect(deniedBy(world)).toEqual(['fence']);
  });

  test('those that have run out are let go of', () => {
    const world = tradable();
    setFence(world.state, 'pair', 'entry');
    world.pass(2_000);
    world.timer();
    setFence(world.state, 'other', 'entry');
    expect(world.state.book.fences).toMatchObject([{ pairId: 'other' }]);
  });

  test('a returned link fences its pairs; the first link of a run does not', () => {
    const world = reconciled();
    expect(world.state.book.fences).toEqual([]);
    world.link('vb', 'backing-off');
    world.link('vb', 'connecting');
    expect(world.state.book.fences).toEqual([]);
    world.link('vb', 'live');
    expect(kinds(world)).toEqual(['reconnect']);
    world.pass(10_000);
    world.link('vb', 'live');
    expect(world.state.book.fences).toMatchObject([{ untilUnixMs: world.unixMs - 5_000 }]);
  });
});

describe('entries and results', () => {
  test('an entry is marked and fences its pair; marks older than an hour are let go of', () => {
    const world = tradable();
    noteGroupStarted(world.state, groupOf());
    expect(world.state.book.entries).toEqual([{ unixMs: world.unixMs, pairId: 'pair', direction: 'sell-a-buy-b', atUs: world.monoUs }]);
    expect(kinds(world)).toEqual(['entry']);
    world.pass(MS_PER_HOUR);
    world.timer();
    noteGroupStarted(world.state, groupOf({ id: 'g2' as GroupId }));
    expect(world.state.book.entries).toHaveLength(1);
  });

  test('a gain ends the streak, a loss fences the pair and lengthens it', () => {
    const world = tradable();
    noteGroupEnded(world.state, endedWith(-10));
    expect(world.state.book.day).toMatchObject({ netUsd: -10, groups: 1, losingStreak: 1 });
    expect(kinds(world)).toEqual(['loss']);
    noteGroupEnded(world.state, endedWith(4));
    expect(world.state.book.day).toMatchObject({ netUsd: -6, groups: 2, losingStreak: 0 });
  });

  test('an opening that came to nothing fences its pair and is no result', () => {
    const world = tradable();
    noteGroupEnded(world.state, endedWith(0, { ...groupOf({ state: 'closed', closeReason: 'failed' }) }));
    expect(kinds(world)).toEqual(['failure']);
    expect(world.state.book.day).toMatchObject({ groups: 0 });
    noteGroupEnded(world.state, groupOf({ state: 'denied' }));
    expect(kinds(world)).toEqual(['failure']);
  });

  test('three losses in a row bring a cooldown that ends by itself, and the count begins anew', () => {
    const world = tradable();
    for (let i = 0; i < 2; i++) noteGroupEnded(world.state, endedWith(-1));
    expect(world.state.book.disablements).toEqual([]);
    noteGroupEnded(world.state, endedWith(-1));
    const until = world.unixMs + 900_000;
    expect(world.state.book.disablements).toMatchObject([{ scope: 'all', code: 'losing-streak', untilUnixMs: until }]);
    expect(world.state.book.day).toMatchObject({ losingStreak: 0 });
    world.pass(900_000 - 1);
    world.timer();
    expect(world.state.book.disablements).toHaveLength(1);
    world.pass(1);
    world.timer();
    expect(world.state.book.disablements).toEqual([]);
    expect(world.facts('disablements-changed').at(-1)).toMatchObject({ disablements: [], why: 'over: all losing-streak' });
  });

  test("the loss that reaches the day's limit halts; one below it does not", () => {
    const below = tradable();
    noteGroupEnded(below.state, endedWith(-1_999.99));
    expect(below.state.kill).toBeNull();
    const at = tradable();
    noteGroupEnded(at.state, endedWith(-2_000));
    expect(at.state.kill).toMatchObject({ level: 'kill', source: 'engine', reason: "1.00 % of the day's equity lost, limit 1 %" });
    expect(at.state.book.armed).toBeNull();
  });
});

describe('the day', () => {
  test('begins with the first equity that is wholly known', () => {
    const world = reconciled();
    world.state.book.day = null;
    world.state.book.venues[1]!.account = null;
    world.timer();
    expect(world.state.book.day).toBeNull();
    world.state.book.venues[1]!.account = accountOf({ ccy: 'PLN' });
    world.timer();
    expect(world.state.book.day).toBeNull();
    world.state.book.venues[1]!.account = accountOf({ equity: '50000' });
    world.timer();
    expect(world.state.book.day).toEqual({
      utcDay: Math.floor(world.unixMs / MS_PER_DAY),
      startEquityUsd: 150_000,
      netUsd: 0,
      groups: 0,
      losingStreak: 0,
    });
    expect(world.timer().facts).toEqual([]);
  });

  test('a loss before the equity was known counts, and halts when it is', () => {
    const world = tradable();
    world.state.book.day = { ...world.state.book.day!, startEquityUsd: null, netUsd: -2_100, groups: 1, losingStreak: 1 };
    for (const v of world.state.book.venues) v.account = accountOf({ equity: '98950' });
    tickRisk(world.state, world.monoUs);
    expect(world.state.book.day).toMatchObject({ startEquityUsd: 200_000 });
    expect(world.state.kill).toMatchObject({ source: 'engine' });
  });

  test('rolls over at midnight UTC, the streak goes on; a clock that goes back reopens nothing', () => {
    const world = tradable(settingsOf(), Date.UTC(2026, 0, 7, 23, 59, 59));
    world.state.book.day = { ...world.state.book.day!, netUsd: -5, groups: 2, losingStreak: 2 };
    const { utcDay } = world.state.book.day;
    world.pass(1_000);
    world.timer();
    expect(world.state.book.day).toEqual({ utcDay: utcDay + 1, startEquityUsd: 200_000, netUsd: 0, groups: 0, losingStreak: 2 });
    world.state.unixMs -= 10_000;
    tickRisk(world.state, world.monoUs);
    expect(world.state.book.day).toMatchObject({ utcDay: utcDay + 1 });
  });
});

describe('venue errors', () => {
  test('five within five minutes disable the venue until an operator enables it', () => {
    const world = reconciled();
    world.state.book.armed = LATCH;
    for (let i = 0; i < 4; i++) noteVenueError(world.state, 'vb', 'timeout');
    world.pass(300_000);
    world.timer();
    for (let i = 0; i < 4; i++) noteVenueError(world.state, 'vb', 'timeout');
    expect(world.state.book.disablements).toEqual([]);
    world.pass(299_999);
    world.timer();
    noteVenueError(world.state, 'vb', 'refused: busy');
    expect(world.state.book.disablements).toMatchObject([
      { scope: 'venue:vb', code: 'venue-errors', untilUnixMs: null, text: '5 errors within 300 s, the last: refused: busy' },
    ]);
    noteVenueError(world.state, 'vb', 'timeout');
    expect(world.state.book.disablements).toHaveLength(1);
    expect(world.state.book.venues[1]!.errorsUs).toHaveLength(5);
    world.command('enable', 'talked to them', { scope: 'venue:vb' });
    expect(world.state.book.disablements).toEqual([]);
    noteVenueError(world.state, 'vb', 'timeout');
    expect(world.state.book.disablements).toEqual([]);
  });
});

test('messages of the last minute are kept, and never more than a bound', () => {
  const world = reconciled();
  noteMessage(world.state, 'va');
  world.pass(59_999);
  world.timer();
  noteMessage(world.state, 'va');
  expect(world.state.book.venues[0]!.messagesUs).toHaveLength(2);
  world.pass(1);
  world.timer();
  for (let i = 0; i < MAX_MESSAGES_KEPT + 5; i++) noteMessage(world.state, 'va');
  expect(world.state.book.venues[0]!.messagesUs).toHaveLength(MAX_MESSAGES_KEPT);
});

describe('the EA', () => {
  const withEa = (): World => {
    const world = new World(settingsOf({ venues: [venue('va'), venue('vb', { protocol: 'metatrader' })] })).ready();
    world.spread(0);
    return world;
  };
  const silent = (world: World, ms: number): void => {
    world.pass(ms);
    world.timer();
  };
  const report = (world: World) =>
    world.control({
      type: 'metatrader',
      venueId: 'vb' as VenueId,
      report: {
        sessionId: null,
        epoch: 1,
        quoteOnly: false,
        gates: null,
        login: null,
        server: null,
        company: null,
        currency: null,
        marginMode: null,
        terminalBuild: null,
        eaVersion: null,
        declaredUtcOffsetS: null,
        pingUs: null,
        equity: null,
        httpUsMax: null,
      },
    });
  const warnings = (world: World) => world.facts('noted').filter(({ text }) => text.startsWith('no word from the EA')).length;

  test('a silence of 3 s is told once, and its end', () => {
    const world = withEa();
    silent(world, 2_999);
    expect(warnings(world)).toBe(0);
    silent(world, 1);
    silent(world, 1_000);
    expect(warnings(world)).toBe(1);
    report(world);
    expect(world.timer().facts).toMatchObject([{ type: 'noted', text: 'the EA is heard again' }]);
  });

  test('10 s stop its venue while armed, until a person resets it', () => {
    const world = withEa();
    world.state.book.armed = LATCH;
    silent(world, 9_999);
    expect(world.state.book.scopedStops).toEqual([]);
    silent(world, 1);
    expect(world.state.book.scopedStops).toMatchObject([{ scope: 'venue:vb', level: 'kill', latch: { source: 'engine' } }]);
    report(world);
    silent(world, 1);
    expect(world.state.book.scopedStops).toHaveLength(1);
    expect(world.facts('scoped-stop')).toHaveLength(1);
  });

  test('they stop it while a live group is there, and only then if disarmed', () => {
    const world = withEa();
    silent(world, 10_000);
    expect(world.state.book.scopedStops).toEqual([]);
    world.state.book.groups.push(groupOf({ state: 'operator-held' }));
    silent(world, 1);
    expect(world.state.book.scopedStops).toMatchObject([{ scope: 'venue:vb', level: 'kill' }]);
  });

  test('an exchange has no EA, and an EA never heard cannot fall silent', () => {
    const world = new World(settingsOf({ venues: [venue('va'), venue('vb', { protocol: 'metatrader' })] })).ready();
    world.state.book.armed = LATCH;
    silent(world, 60_000);
    expect(world.state.book.scopedStops).toEqual([]);
  });
});

test('hours from the EA are kept, told when they change, and narrow at once', () => {
  const world = reconciled();
  const sessions = (weekly: readonly { openMinuteOfWeek: number; closeMinuteOfWeek: number }[]) =>
    world.control({ type: 'instrument-sessions', instrumentId: 'X@vb', serverUtcOffsetMin: 0, weekly });
  const open = [{ openMinuteOfWeek: 0, closeMinuteOfWeek: 10_080 }];
  expect(sessions(open).facts).toMatchObject([{ type: 'noted', subject: 'X@vb' }]);
  expect(sessions([...open]).facts).toEqual([]);
  expect(sessions([]).facts).toMatchObject([{ text: 'the broker reports no trading hours at all: shut' }]);
  expect(deniedBy(world)).toContain('calendar');
});
