import { describe, expect, test } from 'vitest';
import type { KillLatch, Latch } from '../../src-shared/domain/tradingState.ts';
import { World } from './core.testkit.ts';

const quoted = (): World => {
  const world = new World().ready();
  world.spread(0);
  return world;
};

const killedLatch: KillLatch = {
  latchedUnixMs: 1,
  source: 'http',
  by: 'somebody',
  reason: 'smoke',
  verifiedUnixMs: null,
  remaining: [],
};
const pausedLatch: Latch = { latchedUnixMs: 2, source: 'cli', by: 'somebody', reason: '' };

describe('pause and resume', () => {
  test('latches, tells MetaTrader to close only, and comes back', () => {
    const world = quoted();
    const paused = world.command('pause', 'lunch');
    expect(paused.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(paused.facts).toMatchObject([{ type: 'pause-changed', before: null, after: { reason: 'lunch', by: 'tester' } }]);
    expect(paused.effects).toEqual([{ type: 'announce-mode', mode: 'close_only' }]);
    expect(world.state.trading).toBe('active');
    const resumed = world.command('resume');
    expect(resumed.facts).toMatchObject([{ type: 'pause-changed', before: { reason: 'lunch' }, after: null }]);
    expect(resumed.effects).toEqual([{ type: 'announce-mode', mode: 'normal' }]);
  });

  test('repeated commands change nothing and say so', () => {
    const world = quoted();
    world.command('pause');
    expect(world.command('pause')).toMatchObject({ facts: [], effects: [], verdict: { code: 'applied', changed: false } });
    world.command('resume');
    expect(world.command('resume')).toMatchObject({ facts: [], effects: [], verdict: { code: 'applied', changed: false } });
  });
});

describe('kill', () => {
  test('latches first, halts, then asks for verification', () => {
    const world = quoted();
    const killed = world.command('kill', 'drill');
    expect(killed.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(killed.facts.map((fact) => fact.type)).toEqual(['kill-latched', 'trading-state']);
    expect(killed.effects).toEqual([{ type: 'announce-mode', mode: 'halt' }, { type: 'verify-stopped' }]);
    expect(world.state).toMatchObject({ trading: 'halted', kill: { verifiedUnixMs: null, reason: 'drill' } });
  });

  test('a second kill changes nothing, but asks again while unverified', () => {
    const world = quoted();
    world.command('kill');
    const { kill } = world.state;
    expect(world.command('kill')).toMatchObject({ facts: [], effects: [{ type: 'verify-stopped' }], verdict: { changed: false } });
    world.control({ type: 'stop-verified', remaining: [] });
    expect(world.command('kill')).toMatchObject({ facts: [], effects: [], verdict: { changed: false } });
    expect(world.state.kill).toMatchObject({ latchedUnixMs: kill!.latchedUnixMs });
  });

  test('verified only when nothing remains', () => {
    const world = quoted();
    world.command('kill');
    expect(world.control({ type: 'stop-verified', remaining: ['order 7 at okx'] }).facts).toMatchObject([
      { type: 'noted', severity: 'critical', text: expect.stringContaining('order 7 at okx') },
    ]);
    expect(world.state.kill).toMatchObject({ verifiedUnixMs: null, remaining: ['order 7 at okx'] });
    expect(world.control({ type: 'stop-verified', remaining: [] }).facts).toMatchObject([{ type: 'kill-verified' }]);
    expect(world.state.kill).toMatchObject({ verifiedUnixMs: world.unixMs, remaining: [] });
  });

  test('a late verification without a latch means nothing', () => {
    const world = quoted();
    expect(world.control({ type: 'stop-verified', remaining: [] }).facts).toEqual([]);
    expect(world.state.kill).toBeNull();
  });

  test('resume is refused while the kill is latched', () => {
    const world = quoted();
    world.command('pause');
    world.command('kill');
    expect(world.command('resume')).toMatchObject({
      verdict: { code: 'not-allowed', conditions: ['the kill switch is latched: reset it first'] },
      facts: [{ type: 'command-refused', command: 'resume' }],
    });
    expect(world.state.pause).not.toBeNull();
  });
});

describe('reset', () => {
  test('names every missing condition with its figures, and changes nothing', () => {
    const world = new World().ready();
    world.quote(0, { bid: 100, ask: 101 });
    world.command('kill');
    world.link('vb', 'backing-off');
    world.pass(501);
    const refused = world.command('reset', '  ');
    expect(refused.verdict).toEqual({
      code: 'not-allowed',
      requestId: expect.any(String),
      conditions: [
        'a reason must be given',
        'the kill is not verified yet',
        'venue va: newest quote is 501 ms old, limit 500 ms',
        'venue vb is backing-off, not live: test',
        'venue vb has sent no quote yet',
      ],
    });
    expect(refused.facts).toMatchObject([{ type: 'command-refused', command: 'reset' }]);
    expect(world.state.trading).toBe('halted');
  });

  test('what still works is named', () => {
    const world = quoted();
    world.command('kill');
    world.control({ type: 'stop-verified', remaining: ['order 7'] });
    expect(world.command('reset').verdict).toMatchObject({ conditions: ['still working: order 7'] });
  });

  test('possible at exactly the age limit, and leaves a pause in force', () => {
    const world = quoted();
    world.command('pause');
    world.command('kill');
    world.control({ type: 'stop-verified', remaining: [] });
    world.pass(500);
    const reset = world.command('reset', 'drill over');
    expect(reset.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(reset.facts).toMatchObject([
      { type: 'kill-reset', reason: 'drill over', by: 'tester' },
      { type: 'trading-state', after: 'active' },
    ]);
    expect(reset.effects).toEqual([{ type: 'announce-mode', mode: 'close_only' }]);
    expect(world.command('reset')).toMatchObject({ facts: [], verdict: { code: 'applied', changed: false } });
  });
});

describe('a restart', () => {
  test('keeps the kill latched, halted, and asks for verification anew', () => {
    const world = new World();
    const started = world.start({ kill: killedLatch });
    expect(started.facts.map((fact) => fact.type)).toEqual(['run-started', 'trading-state', 'noted']);
    expect(started.effects).toEqual([{ type: 'verify-stopped' }, { type: 'announce-mode', mode: 'halt' }]);
    expect(world.state).toMatchObject({ trading: 'halted', kill: killedLatch });
  });

  test('keeps the pause, ends intents of the earlier run, tells what recovery found', () => {
    const world = new World();
    const started = world.start({ pause: pausedLatch, openIntents: [{ id: 'old1', pairId: 'pair' }], notes: ['unclean end'] });
    expect(started.effects).toEqual([{ type: 'announce-mode', mode: 'close_only' }]);
    expect(started.facts).toMatchObject([
      { type: 'run-started' },
      { type: 'noted', kind: 'ledger', text: 'unclean end' },
      { type: 'noted', kind: 'operator' },
      { type: 'intent-ended', intentId: 'old1', reason: 'restart', bestEdgeBps: null },
    ]);
    expect(world.state.pause).toEqual(pausedLatch);
  });
});
