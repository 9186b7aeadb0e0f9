/** Commands over the real contract: committed answers, refusals in the engine's words, and nothing kept for later. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFixtureEngine, type FixtureEngine } from '../fixture.testkit.ts';
import { PRESS_LIFE_MS, type KillPhase } from '../features/kill/killMachine.ts';
import { KILL_ALL, phaseOf, type Stop } from '../features/kill/stops.ts';
import { useConsole } from '../store/consoleStore.ts';
import { createCommands, type Commands } from './commands.ts';
import { LINK_AT_START } from './linkMachine.ts';
import { newRequestId } from './requestId.ts';
import { bridgeTransport, type ConsoleLink } from './transport.ts';

const kill = (stop: Stop = KILL_ALL) => phaseOf(useConsole.getState().presses, stop);

const killIs = (at: KillPhase['at'], stop: Stop = KILL_ALL): Promise<void> =>
  new Promise((resolve) => {
    const check = (): boolean => kill(stop).at === at;
    if (check()) {
      resolve();
      return;
    }
    const unsubscribe = useConsole.subscribe(() => {
      if (!check()) return;
      unsubscribe();
      resolve();
    });
  });

describe('commands', () => {
  let engine: FixtureEngine;
  let link: ConsoleLink;
  let commands: Commands;
  const phase = (next: 'live' | 'waiting'): void => useConsole.setState({ link: { ...LINK_AT_START, phase: next } });

  beforeEach(async () => {
    engine = createFixtureEngine();
    link = await bridgeTransport(engine.bridge).open();
    commands = createCommands();
    useConsole.setState({ presses: {}, notice: null });
    phase('live');
  });
  afterEach(() => {
    commands.linkChanged(null);
    commands.tell(KILL_ALL, { kind: 'clock', nowMs: Number.MAX_SAFE_INTEGER });
    engine.stop();
    vi.useRealTimers();
  });

  it('are done once the engine has committed them', async () => {
    commands.linkChanged(link);
    expect(await commands.run({ name: 'pause', reason: 'lunch', scope: 'all' })).toMatchObject({ kind: 'done', changed: true });
    expect(engine.tables.engine['engine']?.pause).toMatchObject({ reason: 'lunch' });
    expect(useConsole.getState().notice).toMatchObject({ tone: 'info', text: expect.stringMatching(/^Paused \(/) });
  });

  it('tell every condition of a refused reset', async () => {
    commands.linkChanged(link);
    expect(await commands.run({ name: 'reset', reason: 'too early', scope: 'all' })).toEqual({
      kind: 'refused',
      text: 'refused by the engine',
      conditions: ['okx quotes are stale (4.2 s)', 'cause not acknowledged'],
    });
    expect(useConsole.getState().notice?.text).toContain('okx quotes are stale');
  });

  it('tell a malformed request instead of throwing', async () => {
    commands.linkChanged(link);
    expect(await commands.run({ name: 'reset', reason: '   ', scope: 'all' })).toMatchObject({ kind: 'failed' });
  });

  it('fail at once without a link, and are not sent when it returns', async () => {
    expect(await commands.run({ name: 'pause', reason: 'x', scope: 'all' })).toEqual({
      kind: 'failed',
      text: 'not connected: nothing was sent',
    });
    commands.linkChanged(link);
    expect(await commands.run({ name: 'resume', reason: '', scope: 'all' })).toMatchObject({ kind: 'done' });
    expect(engine.tables.engine['engine']?.pause).toBeNull();
  });

  it('fail at once while the link is silent', async () => {
    commands.linkChanged(link);
    phase('waiting');
    expect(await commands.run({ name: 'pause', reason: 'x', scope: 'all' })).toMatchObject({ kind: 'failed' });
    expect(engine.tables.engine['engine']?.pause).toBeNull();
  });

  it('KILL goes from requested to latched with the engine’s milliseconds', async () => {
    commands.linkChanged(link);
    commands.press(KILL_ALL);
    expect(kill().at).toBe('requested');
    await killIs('latched');
    expect(engine.tables.engine['engine']?.kill).not.toBeNull();
    expect(kill()).toMatchObject({ acknowledgement: { changed: true, engineMs: expect.any(Number) } });
  });

  it('KILL without a link is unconfirmed, then delivered once the link is up', async () => {
    commands.press(KILL_ALL);
    expect(kill()).toMatchObject({ at: 'unconfirmed', why: 'no link to the engine' });
    commands.linkChanged(link);
    await killIs('latched');
    expect(engine.tables.engine['engine']?.kill).not.toBeNull();
  });

  it('KILL is forgotten after ten seconds and does not fire later', async () => {
    vi.useFakeTimers();
    commands.press(KILL_ALL);
    await vi.advanceTimersByTimeAsync(PRESS_LIFE_MS + 1_000);
    expect(kill()).toMatchObject({ at: 'forgotten' });
    commands.linkChanged(link);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(engine.tables.engine['engine']?.kill).toBeNull();
    expect(kill().at).toBe('forgotten');
  });

  it('closes the link when a KILL stays unanswered, lest a stuck frame arrives late', async () => {
    vi.useFakeTimers();
    engine.mute(true);
    commands.linkChanged(link);
    commands.press(KILL_ALL);
    await vi.advanceTimersByTimeAsync(PRESS_LIFE_MS + 1_000);
    expect(kill()).toMatchObject({ at: 'forgotten' });
    await expect(link.ended).resolves.toBe('an unconfirmed stop was given up');
  });
});

describe('stops of other levels and scopes', () => {
  let engine: FixtureEngine;
  let link: ConsoleLink;
  let commands: Commands;
  const FLATTEN: Stop = { level: 'flatten', scope: 'all' };
  const HANDS_OFF: Stop = { level: 'hands-off', scope: 'pair:xau-okx' };

  beforeEach(async () => {
    engine = createFixtureEngine();
    link = await bridgeTransport(engine.bridge).open();
    commands = createCommands();
    useConsole.setState({ presses: {}, notice: null, link: { ...LINK_AT_START, phase: 'live' } });
  });
  afterEach(() => {
    commands.linkChanged(null);
    useConsole.setState({ presses: {} });
    engine.stop();
    vi.useRealTimers();
  });

  it('are delivered with their level, scope and reason', async () => {
    commands.linkChanged(link);
    commands.press(HANDS_OFF, 'broker calls');
    await killIs('latched', HANDS_OFF);
    expect(engine.tables.engine['engine']?.scopedStops).toMatchObject([
      { scope: 'pair:xau-okx', level: 'hands-off', latch: { reason: 'broker calls' } },
    ]);
    expect(engine.tables.engine['engine']?.kill).toBeNull();
  });

  it('a KILL does not wait for the answer to a FLATTEN, and each is told of its own', async () => {
    commands.linkChanged(link);
    commands.press(FLATTEN);
    commands.press(KILL_ALL);
    await killIs('latched', FLATTEN);
    await killIs('latched');
    expect(kill(HANDS_OFF).at).toBe('ready');
  });

  it('FLATTEN without a link is forgotten after ten seconds and does not fire later', async () => {
    vi.useFakeTimers();
    commands.press(FLATTEN);
    expect(kill(FLATTEN).at).toBe('unconfirmed');
    await vi.advanceTimersByTimeAsync(PRESS_LIFE_MS + 1_000);
    expect(kill(FLATTEN).at).toBe('forgotten');
    commands.linkChanged(link);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(engine.tables.engine['engine']?.kill).toBeNull();
    expect(kill(FLATTEN).at).toBe('forgotten');
  });

  it('the engine’s row ends the story of each by its own level', async () => {
    commands.linkChanged(link);
    commands.press(FLATTEN);
    await killIs('latched', FLATTEN);
    const row = engine.tables.engine['engine'];
    if (row === undefined || row.kill === null) throw new Error('not latched');
    commands.rowSeen({ ...row, kill: { ...row.kill, level: 'kill' } });
    expect(kill(FLATTEN)).toMatchObject({ at: 'latched', shown: false });
    commands.rowSeen(row);
    expect(kill(FLATTEN)).toMatchObject({ at: 'latched', shown: true });
    commands.rowSeen({ ...row, kill: null });
    expect(useConsole.getState().presses).toEqual({});
  });

  it('arming and acts are never kept: refused in the engine’s words, failed without a link', async () => {
    const act = { name: 'actOnGroup', reason: 'x', groupId: 'gxau4', act: 'unwind' } as const;
    expect(await commands.run({ name: 'arm', reason: '' })).toMatchObject({ kind: 'failed' });
    expect(await commands.run(act)).toMatchObject({ kind: 'failed' });
    commands.linkChanged(link);
    expect(await commands.run(act)).toMatchObject({ kind: 'refused', conditions: ['gxau4 does not allow unwind now'] });
    expect(await commands.run({ ...act, act: 'close' })).toMatchObject({ kind: 'done' });
    expect(engine.tables.engine['engine']?.armed).toBe(false);
    expect(await commands.run({ name: 'arm', reason: '' })).toMatchObject({ kind: 'done' });
    expect(engine.tables.engine['engine']?.armed).toBe(true);
  });
});

describe('newRequestId', () => {
  it('is what the contract takes, and new each time', () => {
    const ids = new Set(Array.from({ length: 500 }, newRequestId));
    expect(ids.size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{8,32}$/);
  });
});
