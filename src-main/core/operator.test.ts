import { describe, expect, test } from 'vitest';
import type { Latch } from '../../src-shared/domain/tradingState.ts';
import { NOTHING_RECOVERED } from './book.ts';
import { World } from './core.testkit.ts';
import { reconciled } from './risk/risk.testkit.ts';

const pausedLatch: Latch = { latchedUnixMs: 2, source: 'cli', by: 'somebody', reason: '' };

describe('pause and resume', () => {
  test('latches, leaves MetaTrader to the legs that have begun, and comes back', () => {
    const world = reconciled();
    const paused = world.command('pause', 'lunch');
    expect(paused.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(paused.facts).toMatchObject([{ type: 'pause-changed', before: null, after: { reason: 'lunch', by: 'tester' } }]);
    expect(paused.effects).toEqual([{ type: 'announce-mode', mode: 'normal' }]);
    expect(world.state.trading).toBe('active');
    const resumed = world.command('resume');
    expect(resumed.facts).toMatchObject([{ type: 'pause-changed', before: { reason: 'lunch' }, after: null }]);
    expect(resumed.effects).toEqual([{ type: 'announce-mode', mode: 'normal' }]);
  });

  test('repeated commands change nothing and say so', () => {
    const world = reconciled();
    for (const kind of ['pause', 'resume'] as const) {
      for (const scope of ['all', 'pair:pair']) {
        world.command(kind, '', { scope });
        expect(world.command(kind, '', { scope })).toMatchObject({ facts: [], effects: [], verdict: { code: 'applied', changed: false } });
      }
    }
  });

  test('of one pair: a stop of its own, which a resume of everything does not lift', () => {
    const world = reconciled();
    const paused = world.command('pause', 'news', { scope: 'pair:pair' });
    expect(paused.facts).toMatchObject([
      { type: 'scoped-stop', scope: 'pair:pair', level: 'pause', before: null, after: { reason: 'news' } },
    ]);
    expect(paused.effects).toEqual([]);
    expect(world.command('resume').verdict).toMatchObject({ changed: false });
    expect(world.state.book.scopedStops).toHaveLength(1);
    expect(world.command('resume', '', { scope: 'pair:pair' }).facts).toMatchObject([{ type: 'scoped-stop', after: null }]);
    expect(world.state.book.scopedStops).toEqual([]);
  });

  test('resume is refused while a kill is latched, of everything or of the same part', () => {
    const world = reconciled();
    world.command('pause');
    world.command('kill', '', { scope: 'pair:pair' });
    expect(world.command('resume', '', { scope: 'pair:pair' }).verdict).toMatchObject({
      conditions: ['kill of pair:pair is latched: reset it first'],
    });
    world.command('kill');
    expect(world.command('resume')).toMatchObject({
      verdict: { code: 'not-allowed', conditions: ['the kill switch is latched: reset it first'] },
      facts: [{ type: 'command-refused', command: 'resume' }],
    });
    expect(world.state.pause).not.toBeNull();
  });

  test('a part that does not exist is refused', () => {
    expect(reconciled().command('kill', '', { scope: 'venue:nowhere' }).verdict).toMatchObject({
      code: 'not-allowed',
      conditions: ['there is no venue nowhere'],
    });
  });
});

describe('arming', () => {
  test('every launch is disarmed; armed and disarmed by an act, each a fact; repeated ones change nothing', () => {
    const world = reconciled();
    expect(world.state.book.armed).toBeNull();
    const armed = world.command('arm', 'go');
    expect(armed).toMatchObject({
      verdict: { changed: true },
      facts: [{ type: 'arming-changed', before: null, after: { by: 'tester', reason: 'go' } }],
    });
    expect(world.command('arm')).toMatchObject({ verdict: { changed: false }, facts: [] });
    const disarmed = world.command('disarm', 'enough');
    expect(disarmed.facts).toMatchObject([{ type: 'arming-changed', before: { reason: 'go' }, after: null, why: 'by tester: enough' }]);
    expect(world.command('disarm')).toMatchObject({ verdict: { changed: false }, facts: [] });
  });

  test('refused with everything that stands against it', () => {
    const world = new World().ready();
    world.command('pause');
    world.command('flatten');
    const refused = world.command('arm');
    expect(refused.verdict).toEqual({
      code: 'not-allowed',
      requestId: expect.any(String),
      conditions: [
        'flatten is latched: reset it first',
        'paused: resume first',
        expect.stringMatching(/^venue va is not reconciled \(never\)/),
        expect.stringMatching(/^venue vb is not reconciled \(never\)/),
      ],
    });
    expect(refused.facts).toMatchObject([{ type: 'command-refused', command: 'arm' }]);
    expect(world.state.book.armed).toBeNull();
  });

  test("refused while the day's loss is at its limit", () => {
    const world = reconciled();
    world.timer();
    world.state.book.day = { ...world.state.book.day!, netUsd: -1_999 };
    expect(world.command('arm').verdict).toMatchObject({ code: 'applied' });
    world.command('disarm');
    world.state.book.day = { ...world.state.book.day, netUsd: -2_000 };
    expect(world.command('arm').verdict).toMatchObject({ conditions: ['1.00 % lost today, limit 1 %'] });
  });

  test('a restart does not keep it', () => {
    const world = reconciled();
    world.command('arm');
    const again = new World();
    again.start();
    expect(again.state.book.armed).toBeNull();
  });
});

describe('limits', () => {
  test('tightened while armed, in either direction of tighter; each figure a fact', () => {
    const world = reconciled();
    world.command('arm');
    const changed = world.command('set-limits', 'careful', { limits: { maxOpenGroups: 2, minMarginLevelPct: 400 } });
    expect(changed.facts).toMatchObject([
      {
        type: 'limit-changed',
        name: 'maxOpenGroups',
        before: 3,
        after: 2,
        override: { value: 2, configured: 3, by: 'tester' },
        reason: 'careful',
      },
      { type: 'limit-changed', name: 'minMarginLevelPct', before: 300, after: 400 },
    ]);
    expect(world.state.book.limits).toMatchObject({ maxOpenGroups: 2, minMarginLevelPct: 400 });
    expect(world.command('set-limits', '', { limits: { maxOpenGroups: 2 } })).toMatchObject({ facts: [], verdict: { changed: false } });
  });

  test('loosening is refused while armed, says which and how much, and takes nothing of the command', () => {
    const world = reconciled();
    world.command('arm');
    const refused = world.command('set-limits', '', { limits: { maxOpenGroups: 2, maxGroupNotionalUsd: 5_001, fenceAfterLossMs: 59_999 } });
    expect(refused.verdict).toMatchObject({
      code: 'not-allowed',
      conditions: ['maxGroupNotionalUsd 5000 → 5001 is looser: disarm first', 'fenceAfterLossMs 60000 → 59999 is looser: disarm first'],
    });
    expect(world.state.book.limits).toEqual(world.state.settings.limits);
    world.command('disarm');
    expect(world.command('set-limits', '', { limits: { maxGroupNotionalUsd: 5_001 } }).verdict).toMatchObject({ changed: true });
  });

  test('back to the configured figure ends the override', () => {
    const world = reconciled();
    world.command('set-limits', '', { limits: { maxOpenGroups: 2 } });
    expect(world.command('set-limits', '', { limits: { maxOpenGroups: 3 } }).facts).toMatchObject([{ override: null }]);
    expect(world.state.book.overrides).toEqual([]);
  });

  test('figures that cannot be are refused', () => {
    const world = reconciled();
    for (const limits of [
      { maxOpenGroups: -1 },
      { maxOpenGroups: Number.NaN },
      { maxOpenGroups: '2' },
      { maxOpenGroup: 1 },
      { maxMessagesPerSecond: 0 },
      { reservedMessagesPct: 101 },
      { maxGroupNotionalUsd: 1e9 + 1 },
      { heartbeatWarnMs: 10_000 },
    ])
      expect(world.command('set-limits', '', { limits }).verdict).toMatchObject({ code: 'not-allowed' });
    expect(world.state.book.limits).toEqual(world.state.settings.limits);
  });

  test('overrides outlive a restart, and end where the configuration itself has changed', () => {
    const overrides = [
      { name: 'maxOpenGroups', value: 2, configured: 3, changedUnixMs: 1, by: 'somebody' },
      { name: 'maxGroupsPerHour', value: 10, configured: 30, changedUnixMs: 1, by: 'somebody' },
    ] as const;
    const world = new World();
    const started = world.start({ trading: { ...NOTHING_RECOVERED, overrides } });
    expect(world.state.book.limits).toMatchObject({ maxOpenGroups: 2, maxGroupsPerHour: 20 });
    expect(world.state.book.overrides).toEqual([overrides[0]]);
    expect(started.facts.filter((fact) => fact.type === 'limit-changed')).toMatchObject([
      { name: 'maxGroupsPerHour', before: 10, after: 20, override: null, by: 'engine' },
    ]);
  });
});

describe('the day and its venues', () => {
  test('a command about a position that does not differ is refused', () => {
    expect(reconciled().command('accept-position', '', { instrumentId: 'X@va' }).verdict).toMatchObject({
      code: 'not-allowed',
      conditions: ['the position of X@va does not differ'],
    });
  });

  test('an accepted difference counts as foreign, and frees the pair', () => {
    const world = reconciled();
    world.state.book.venues[0]!.differences = { 'X@va': { own: '0', reported: '1', sinceUnixMs: 1 } };
    expect(world.command('accept-position', 'mine', { instrumentId: 'X@va' }).verdict).toMatchObject({ code: 'applied', changed: true });
    expect(world.state.book.venues[0]!.differences).toEqual({});
    expect(world.state.book.holdings['X@va']).toMatchObject({ qty: '0', foreignQty: '1' });
  });
});

describe('a restart', () => {
  test('keeps the pause, ends intents of the earlier run, tells what recovery found', () => {
    const world = new World();
    const started = world.start({ pause: pausedLatch, openIntents: [{ id: 'old1', pairId: 'pair' }], notes: ['unclean end'] });
    expect(started.effects).toEqual([{ type: 'announce-mode', mode: 'normal' }]);
    expect(started.facts).toMatchObject([
      { type: 'run-started' },
      { type: 'noted', kind: 'ledger', text: 'unclean end' },
      { type: 'noted', kind: 'operator' },
      { type: 'intent-ended', intentId: 'old1', reason: 'restart', bestEdgeBps: null },
    ]);
    expect(world.state.pause).toEqual(pausedLatch);
  });
});
