import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirms, livePhraseOf } from '../../../src-shared/domain/live.ts';
import { createEngine, step } from '../engine.ts';
import { settingsOf } from '../core.testkit.ts';
import { digestOf } from '../digest.ts';
import { armConditions } from '../risk/arming.ts';
import { climbConditions, rungInForce } from './ladder.ts';
import { liveReport } from './guard.ts';
import { check, item, KEYS_PROVED, LIVE, LiveWorld } from './live.testkit.ts';
import { MINIMUM_HEADROOM, roundedUp, worstCase } from './worstCase.ts';

describe('the typed confirmation', () => {
  test('arms only as the console shows it: every account and the worst case', () => {
    const world = new LiveWorld().proved();
    expect(armConditions(world.state)).toEqual([]);
    expect(world.phrase).toBe('live Binance main + OKX sub 1 worst 12 USD');
    for (const typed of [
      '',
      'live',
      `${world.phrase}.`,
      world.phrase.toLowerCase(),
      world.phrase.replace('12', '13'),
      'live Binance main worst 12 USD',
    ]) {
      expect(world.arm(typed)).toBe(false);
      expect(world.conditions()).toHaveLength(1);
      expect(world.conditions()[0]).toContain('the name of every account and the worst case in dollars');
      expect(world.conditions()[0]).not.toContain(world.phrase);
      expect(world.state.book.armed).toBeNull();
    }
    expect(world.arm(`  ${world.phrase.replaceAll(' ', '  ')} `)).toBe(true);
    expect(world.state.book.armed).not.toBeNull();
  });

  test('an armed engine that restarts asks again', () => {
    const world = new LiveWorld().proved();
    expect(world.arm()).toBe(true);
    expect(world.command('disarm').verdict?.code).toBe('applied');
    expect(world.command('arm').verdict?.code).toBe('not-allowed');
  });

  test('a figure that has changed since is not confirmed by the old one', () => {
    const world = new LiveWorld().proved();
    const old = world.phrase;
    world.command('set-limits', 'more', { limits: { maxOpenGroups: 9, maxOpenGroupsPerPair: 9 } });
    expect(world.phrase).not.toBe(old);
    expect(world.arm(old)).toBe(false);
    expect(world.arm()).toBe(true);
  });

  test('what the money is not real of needs none', () => {
    const world = new LiveWorld({ settings: { mode: 'demo', live: null } });
    world.trading().hold(0, 10_000);
    world.timer();
    expect(liveReport(world.state)).toBeNull();
    expect(world.arm('')).toBe(true);
  });

  test('blanks alone may differ', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const phrase = livePhraseOf(LIVE.accounts, 5);
        expect(confirms(typed, phrase)).toBe(typed.trim().split(/\s+/).join(' ') === phrase);
      }),
    );
    expect(confirms('live Binance main +\tOKX sub 1 worst 5  USD', livePhraseOf(LIVE.accounts, 5))).toBe(true);
  });
});

describe('the checklist', () => {
  test('what was not shown counts as failed, each item on its own', () => {
    const world = new LiveWorld();
    world.trading().hold(0, 10_000);
    expect(armConditions(world.state).filter((text) => text.includes('not shown yet'))).toHaveLength(3);
    expect(armConditions(world.state).some((text) => text.startsWith('keys proved: va: nothing was heard'))).toBe(true);
    for (const { settings } of world.state.venues) world.exchange(settings.id);
    world.shown([item('doctor'), item('kill-drill', 'fail')]);
    expect(armConditions(world.state)).toEqual([
      'label of kill-drill: what was found of kill-drill; do it',
      expect.stringContaining('rehearsal groups: not shown yet'),
    ]);
    expect(world.arm()).toBe(false);
    world.shown();
    expect(world.arm()).toBe(true);
  });

  test.each([
    ['a right to withdraw', check({ code: 'withdrawal-right', state: 'fail', label: 'may withdraw' })],
    ['a key that is refused', check({ code: 'key', state: 'fail', label: 'refused', venueCode: '-2015' })],
    ['a right to trade that was not read', check({ code: 'trading-right', state: 'waiting' })],
    ['a right to withdraw that nobody could read', check({ code: 'withdrawal-right', state: 'warn', venueCode: 'HTTP 503' })],
    ['a right to withdraw that was not read yet', check({ code: 'withdrawal-right', state: 'waiting' })],
  ])('%s is no proved key', (_, failing) => {
    const world = new LiveWorld().proved();
    const others = KEYS_PROVED.filter(({ code }) => code !== failing.code);
    world.exchange('vb', { checks: [...others, failing] });
    expect(liveReport(world.state)!.checklist.find(({ code }) => code === 'keys')).toMatchObject({ state: 'fail' });
    expect(world.arm()).toBe(false);
  });

  test('a key of whose right to withdraw nothing was said is not proved', () => {
    const world = new LiveWorld().proved();
    world.exchange('vb', { checks: KEYS_PROVED.filter(({ code }) => code !== 'withdrawal-right') });
    expect(armConditions(world.state)).toEqual([expect.stringContaining('vb: whether it may withdraw is not known')]);
  });

  test('a gateway of another environment proves nothing', () => {
    const world = new LiveWorld().proved();
    world.exchange('va', { environment: 'demo' });
    expect(armConditions(world.state)).toEqual([expect.stringContaining('va: its orders go to demo')]);
  });

  test('the host may say worse of the keys, never better', () => {
    const world = new LiveWorld().proved();
    world.shown([item('doctor'), item('kill-drill'), item('rehearsal-groups'), item('keys', 'fail')]);
    expect(world.arm()).toBe(false);
    world.exchange('va', { checks: [] });
    world.shown([item('doctor'), item('kill-drill'), item('rehearsal-groups'), item('keys')]);
    expect(world.arm()).toBe(false);
  });

  test('changes of it are told once', () => {
    const world = new LiveWorld().proved();
    const told = world.facts('noted').length;
    world.shown();
    expect(world.facts('noted')).toHaveLength(told);
    world.shown([item('doctor', 'fail'), item('kill-drill'), item('rehearsal-groups')]);
    expect(world.facts('noted').at(-1)).toMatchObject({ severity: 'warn', subject: 'doctor' });
  });
});

describe('the ladder of sizes', () => {
  const sized = (world: LiveWorld): number => world.group.notionalUsd;

  test('starts with the smallest size, is climbed one rung at a time, disarmed, after enough groups', () => {
    const world = new LiveWorld().proved();
    expect(world.arm()).toBe(true);
    world.round();
    expect(sized(world)).toBeCloseTo(10, 1);
    expect(climbConditions(world.state)).toHaveLength(2);
    expect(world.command('climb').verdict).toMatchObject({ code: 'not-allowed' });
    world.round();
    expect(climbConditions(world.state)).toEqual([expect.stringContaining('disarm first')]);
    world.command('disarm');
    expect(world.command('climb').verdict).toMatchObject({ code: 'applied', changed: true });
    expect(rungInForce(world.state)).toMatchObject({ rung: 1, maxNotionalUsd: 100, closedWell: 0 });
    expect(world.command('climb').verdict).toMatchObject({ code: 'not-allowed' });
    expect(world.arm()).toBe(true);
    world.round();
    expect(sized(world)).toBeGreaterThan(50);
    expect(sized(world)).toBeLessThanOrEqual(100);
    world.command('disarm');
    world.command('climb');
    expect(climbConditions(world.state)).toEqual(['rung 3 of 3 is the last']);
    expect(liveReport(world.state)).toMatchObject({ rung: 2, groupsOnRung: 0, rungs: LIVE.ladder });
  });

  test('a halt and a held group lead back to the first, for good', () => {
    for (const fall of ['kill', 'held'] as const) {
      const world = new LiveWorld().proved();
      world.arm();
      world.round();
      world.round();
      world.command('disarm');
      world.command('climb');
      world.arm();
      if (fall === 'kill') world.command('kill');
      else {
        world.state.book.fences = [];
        world.pass(50).spread(0);
        world.pass(3_000).spread(5);
        const order = world.order('b');
        world.ack(order);
        world.fill(order, '1000');
      }
      expect(rungInForce(world.state)).toMatchObject({ rung: 0, closedWell: 0, maxNotionalUsd: null });
      expect(world.facts('rung-changed').at(-1)).toMatchObject({ after: { rung: 0, closedWell: 0 } });
    }
  });

  test('a group that failed, was helped or closed by a person does not count', () => {
    const world = new LiveWorld().proved();
    world.arm();
    world.state.book.fences = [];
    world.pass(50).spread(0);
    world.pass(3_000).spread(5);
    world.done(world.order('b'));
    world.done(world.order('a'));
    world.act('close');
    world.done(world.order('b'));
    world.done(world.order('a'));
    expect(world.group.state).toBe('closed');
    expect(rungInForce(world.state)!.closedWell).toBe(0);
  });

  test('outlives a restart; a ladder configured anew begins at its first rung', () => {
    const world = new LiveWorld().proved();
    world.arm();
    world.round();
    world.round();
    world.command('disarm');
    world.command('climb');
    const trading = world.remembered();
    const next = new LiveWorld().trading({ runId: 'run-2', trading });
    expect(rungInForce(next.state)).toMatchObject({ rung: 1, maxNotionalUsd: 100 });
    const anew = {
      ...LIVE,
      ladder: LIVE.ladder.map((rung) => (rung.maxNotionalUsd === null ? rung : { ...rung, maxNotionalUsd: rung.maxNotionalUsd + 1 })),
    };
    const other = new LiveWorld({}, anew).trading({ runId: 'run-2', trading });
    expect(rungInForce(other.state)).toMatchObject({ rung: 0 });
    expect(other.facts('rung-changed')).toMatchObject([{ why: 'the ladder was configured anew' }]);
  });

  test('the same events give the same state, bit for bit', () => {
    const world = new LiveWorld().proved();
    world.arm();
    world.pass(100).spread(5);
    world.done(world.order('b'));
    world.done(world.order('a'));
    world.wait(300, 0);
    world.done(world.order('b'));
    world.done(world.order('a'));
    expect(rungInForce(world.state)).toMatchObject({ closedWell: 1 });
    const again = createEngine(world.state.settings);
    for (const event of world.events) step(again, structuredClone(event));
    expect(digestOf(again)).toBe(digestOf(world.state));
  });
});

describe('the worst case', () => {
  test('follows limits, rung and leg order, and is rounded up', () => {
    const world = new LiveWorld({
      settings: {
        limits: {
          ...settingsOf().limits,
          maxOpenGroups: 3,
          maxOpenGroupsPerPair: 2,
          maxTotalNotionalUsd: 1_500,
          maxGroupNotionalUsd: 900,
          priceCollarBps: 100,
        },
      },
      hedging: { compensationSlippageBps: 100 },
    }).proved();
    const { live } = world.state.book;
    // Two groups of $10.00…, the headroom, and 2 % for crossing.
    expect(worstCase(world.state).usd).toBe(Math.ceil(2 * 10.001 * MINIMUM_HEADROOM * 1.02));
    live!.rung = { ...live!.rung, rung: 1, maxNotionalUsd: 100 };
    expect(worstCase(world.state).usd).toBe(roundedUp(2 * 100 * 1.02));
    live!.rung = { ...live!.rung, rung: 2, maxNotionalUsd: 1_000 };
    // The group limit is tighter than the rung, the total tighter than both groups together.
    expect(worstCase(world.state).usd).toBe(roundedUp(1_500 * 1.02));
    const both = new LiveWorld({
      pair: { legOrder: 'together' },
      settings: { limits: { ...settingsOf().limits, priceCollarBps: 100 } },
      hedging: { compensationSlippageBps: 100 },
    }).proved();
    both.state.book.live!.rung = { ...both.state.book.live!.rung, rung: 1, maxNotionalUsd: 100 };
    expect(worstCase(both.state).usd).toBe(roundedUp(100 * 1.03));
  });

  test('counts what stands open already at its own size, whatever the rung says now', () => {
    const world = new LiveWorld({
      settings: {
        limits: { ...settingsOf().limits, maxOpenGroups: 3, maxOpenGroupsPerPair: 3, maxTotalNotionalUsd: 4_000, priceCollarBps: 100 },
      },
      hedging: { compensationSlippageBps: 100 },
    }).proved();
    expect(world.arm()).toBe(true);
    world.spread(5);
    world.done(world.order('b'));
    world.done(world.order('a'));
    const { book } = world.state;
    const [group] = book.groups;
    book.groups = [{ ...group!, notionalUsd: 3_000 }];
    book.live!.rung = { ...book.live!.rung, rung: 1, maxNotionalUsd: 100 };
    expect(worstCase(world.state).usd).toBe(roundedUp((3_000 + 2 * 100) * 1.02));
    expect(worstCase(world.state).why).toContain('$3000 open');
    book.live!.rung = { ...book.live!.rung, rung: 2, maxNotionalUsd: 1_000 };
    expect(worstCase(world.state).usd).toBe(roundedUp(4_000 * 1.02));
    // A limit that was tightened since closes nothing.
    book.groups = [{ ...group!, notionalUsd: 9_000 }];
    expect(worstCase(world.state).usd).toBe(roundedUp(9_000 * 1.02));
  });

  test('cannot be said before the venues quote, and then nothing arms', () => {
    const world = new LiveWorld().trading();
    for (const { settings } of world.state.venues) world.exchange(settings.id);
    world.shown();
    expect(worstCase(world.state).usd).toBeNull();
    expect(liveReport(world.state)).toMatchObject({ phrase: null, worstCaseUsd: null });
    expect(armConditions(world.state)).toContainEqual(expect.stringContaining('the worst case cannot be said'));
    expect(world.command('arm', 'go', { confirmation: 'live' }).verdict?.code).toBe('not-allowed');
  });

  test('is rounded up to two figures, never down', () => {
    expect([1.2, 99.5, 100, 101, 1_234, 12_000, 12_001].map(roundedUp)).toEqual([2, 100, 100, 110, 1_300, 12_000, 13_000]);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e9, noNaN: true }), (usd) => {
        expect(roundedUp(usd)).toBeGreaterThanOrEqual(usd);
        expect(roundedUp(usd)).toBeLessThanOrEqual(Math.max(usd + 1, usd * 1.1 + 1));
      }),
    );
  });
});

describe('settings of real money', () => {
  const settings = (more: object) => () => createEngine({ ...settingsOf(), mode: 'live', live: { ...LIVE, ...more } });
  test.each([
    ['no rung', { ladder: [] }],
    ['a first rung with a figure', { ladder: [{ maxNotionalUsd: 10, groups: 1 }] }],
    ['a later rung without one', { ladder: [LIVE.ladder[0], { maxNotionalUsd: null, groups: 1 }] }],
    ['rungs that sink', { ladder: [LIVE.ladder[0], { maxNotionalUsd: 100, groups: 1 }, { maxNotionalUsd: 50, groups: 1 }] }],
    ['a rung without groups', { ladder: [{ maxNotionalUsd: null, groups: 0 }] }],
    ['an account without a name', { accounts: [LIVE.accounts[0]] }],
  ])('%s is refused', (_, more) => {
    expect(settings(more)).toThrow(/live|account/);
  });
  test('live without a guard, and a guard elsewhere, are refused', () => {
    expect(() => createEngine({ ...settingsOf(), mode: 'live' })).toThrow('live without its guard');
    expect(() => createEngine({ ...settingsOf(), mode: 'demo', live: LIVE })).toThrow('a guard of real money in demo');
  });
});
