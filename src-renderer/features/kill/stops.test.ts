/** Which latch counts for which stop, and which press the dock speaks of. */
import { describe, expect, it } from 'vitest';
import type { KillLatch, KillLevel, ScopedStop, StopScope } from '../../../src-shared/domain/tradingState.ts';
import { KILL_READY, type KillPhase } from './killMachine.ts';
import { spokenStopText } from './killText.ts';
import { isInForce, KILL_ALL, latchOf, spokenPress, stopKey, stopOf, type Presses } from './stops.ts';

const latch = (level: KillLevel): KillLatch => ({
  level,
  latchedUnixMs: 1,
  source: 'console',
  by: 'operator',
  reason: '',
  verifiedUnixMs: null,
  remaining: [],
});
const scoped = (scope: ScopedStop['scope'], level: ScopedStop['level']): ScopedStop => ({
  scope,
  level,
  latch: latch(level === 'pause' ? 'kill' : level),
});
const NOTHING = { kill: null, scopedStops: [] };

describe('isInForce', () => {
  it('a stronger latch includes the weaker, not the other way round', () => {
    const row = { kill: latch('flatten'), scopedStops: [] };
    expect((['kill', 'flatten', 'hands-off'] as const).map((level) => isInForce(row, { level, scope: 'all' }))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('a stop of one pair is not a stop of another, nor of everything', () => {
    const row = { kill: null, scopedStops: [scoped('pair:xau', 'kill')] };
    expect(isInForce(row, { level: 'kill', scope: 'pair:xau' })).toBe(true);
    expect(isInForce(row, { level: 'kill', scope: 'pair:btc' })).toBe(false);
    expect(isInForce(row, KILL_ALL)).toBe(false);
  });

  it('a pause is no latch', () => {
    expect(latchOf({ kill: null, scopedStops: [scoped('venue:okx', 'pause')] }, 'venue:okx')).toBeNull();
  });

  it('takes the strongest of several', () => {
    const stops = [scoped('venue:okx', 'kill'), scoped('venue:okx', 'hands-off'), scoped('venue:okx', 'flatten')];
    expect(latchOf({ kill: null, scopedStops: stops }, 'venue:okx')?.level).toBe('hands-off');
  });

  it('without a row nothing is known to be in force', () => {
    expect(latchOf(null, 'all')).toBeNull();
  });
});

describe('stopKey', () => {
  it('goes there and back', () => {
    for (const scope of ['all', 'pair:a-b', 'venue:x'] as StopScope[]) {
      for (const level of ['kill', 'flatten', 'hands-off'] as const) expect(stopOf(stopKey({ level, scope }))).toEqual({ level, scope });
    }
  });
});

describe('spokenPress', () => {
  const requested: KillPhase = { at: 'requested', requestId: 'x', pressedMs: 0 };
  const forgotten: KillPhase = { at: 'forgotten', why: 'closed', sinceMs: 0 };
  const latched: KillPhase = {
    at: 'latched',
    requestId: 'x',
    acknowledgement: { committedUnixMs: 0, engineMs: 1, changed: true },
    acknowledgedMs: 0,
    roundTripMs: 1,
    shown: true,
  };
  const spoken = (presses: Presses, row: Parameters<typeof spokenPress>[1] = NOTHING): string => stopKey(spokenPress(presses, row).stop);

  it('speaks of nothing while there is nothing', () => {
    expect(spokenPress({}, NOTHING)).toEqual({ stop: KILL_ALL, phase: KILL_READY });
    expect(spokenPress({}, null).phase).toBe(KILL_READY);
  });

  it.each<[string, Presses, string]>([
    ['what is under way before what failed', { 'kill pair:a': requested, 'kill all': forgotten }, 'kill pair:a'],
    ['what failed before what is latched', { 'kill pair:a': forgotten, 'kill all': latched }, 'kill pair:a'],
    ['everything before one pair', { 'kill pair:a': requested, 'kill all': requested }, 'kill all'],
    ['the stronger level', { 'kill all': latched, 'flatten all': latched }, 'flatten all'],
    ['one pair where nothing else is said', { 'kill pair:a': latched }, 'kill pair:a'],
  ])('%s', (_, presses, expected) => {
    expect(spoken(presses)).toBe(expected);
  });

  it('a latch set elsewhere outweighs the acknowledged press of one pair, and names its own level', () => {
    const row = { kill: latch('flatten'), scopedStops: [] };
    expect(spokenPress({ 'kill pair:a': latched }, row)).toEqual({ stop: { level: 'flatten', scope: 'all' }, phase: KILL_READY });
  });

  it('the own press of everything is told with its milliseconds while it is latched', () => {
    expect(spokenPress({ 'kill all': latched }, { kill: latch('kill'), scopedStops: [] }).phase).toBe(latched);
  });
});

describe('spokenStopText', () => {
  it('names every stop but KILL of everything', () => {
    expect(spokenStopText(KILL_ALL, 'REQUESTED')).toBe('REQUESTED');
    expect(spokenStopText({ level: 'hands-off', scope: 'venue:okx' }, 'REQUESTED')).toBe('HANDS OFF venue okx · REQUESTED');
    expect(spokenStopText({ level: 'flatten', scope: 'all' }, '')).toBe('');
  });
});
