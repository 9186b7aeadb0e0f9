import { expect, test } from 'vitest';
import type { AccountCheck, ExchangeReport } from '../../src-shared/domain/exchange.ts';
import type { InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import { check, exchangeReport } from './live/live.testkit.ts';
import { TradingWorld } from './hedging/hedging.testkit.ts';
import { armConditions } from './risk/arming.ts';
import { entryObstacle } from './view/obstacles.ts';

const told = (world: TradingWorld, more: Partial<ExchangeReport>, venueId = 'va'): readonly string[] => {
  const before = world.facts('noted').length;
  world.control({ type: 'exchange', venueId: venueId as VenueId, report: exchangeReport({ environment: 'demo', ...more }) });
  return world
    .facts('noted')
    .slice(before)
    .map(({ severity, text }) => `${severity} ${text}`);
};

const leverage = (more: Partial<AccountCheck> = {}): AccountCheck =>
  check({
    code: 'leverage',
    instrumentId: 'X@va' as InstrumentId,
    state: 'fail',
    label: 'leverage',
    configured: '20',
    reported: '50',
    venueCode: null,
    fix: 'set 20 at the venue',
    ...more,
  });

test('a failing check refuses the pairs it concerns, in gate, arm conditions and row, with both figures', () => {
  const world = new TradingWorld().trading().hold(0, 10_000);
  world.timer();
  expect(armConditions(world.state)).toEqual([]);
  told(world, { checks: [leverage()] });
  const text = 'va: X@va: leverage (configured 20, the venue says 50): set 20 at the venue';
  expect(armConditions(world.state)).toEqual([text]);
  expect(entryObstacle(world.state, world.state.pairs[0]!, world.monoUs)).toBe(text);
  told(world, { checks: [] });
  world.command('arm');
  told(world, { checks: [leverage()] });
  world.spread(5);
  expect(world.group.state).toBe('denied');
  expect(world.group.denials).toContainEqual({ code: 'account', text, measured: null, limit: null });
  expect(world.placed).toEqual([]);
});

test.each(['warn', 'pass', 'waiting'] as const)('one that only says %s refuses nothing', (state) => {
  const world = new TradingWorld().trading().hold(0, 10_000);
  told(world, { checks: [leverage({ state })] });
  world.timer();
  world.command('arm');
  world.spread(5);
  expect(world.placed).toHaveLength(1);
});

test('one of another instrument, or at a venue that no pair trades at, concerns nobody', () => {
  const world = new TradingWorld().trading();
  told(world, { checks: [leverage({ instrumentId: 'Y@va' as InstrumentId })] });
  expect(armConditions(world.state).filter((text) => text.includes('leverage'))).toEqual([]);
});

test('changes of checks are told: failing, with other figures, mended, gone', () => {
  const world = new TradingWorld().trading();
  expect(told(world, { checks: [leverage()] }).filter((text) => text.includes('check'))).toEqual([
    'error account check fails: X@va: leverage (configured 20, the venue says 50): set 20 at the venue; its pairs are refused',
  ]);
  expect(told(world, { checks: [leverage()] })).toEqual([]);
  expect(told(world, { checks: [leverage({ reported: '75' })] })).toHaveLength(1);
  expect(told(world, { checks: [leverage({ state: 'pass' })] })).toEqual(['info account check passes again: leverage']);
  const warning = leverage({ state: 'warn', code: 'key-expiry', reported: '9 days' });
  expect(told(world, { checks: [warning] })).toHaveLength(1);
  expect(told(world, { checks: [{ ...warning, reported: '8 days' }] })).toEqual([]);
  expect(told(world, { checks: [leverage()] })).toHaveLength(1);
  expect(told(world, { checks: [] })).toEqual([expect.stringContaining('not reported any more')]);
});

test('order entry and private stream are told when they change, once', () => {
  const world = new TradingWorld().trading();
  expect(told(world, {})).toEqual(['info order entry up: logged in', 'info private stream up: subscribed']);
  expect(told(world, {})).toEqual([]);
  expect(told(world, { stream: { up: false, detail: 'the listen key expired' } })).toEqual([
    'warn private stream down: the listen key expired',
  ]);
  expect(told(world, { stream: { up: false, detail: 'trying again' } })).toEqual([]);
  expect(told(world, {})).toEqual(['info private stream up: subscribed']);
});

test('the dead-man switch is told when it is armed, off, or cannot be set', () => {
  const world = new TradingWorld().trading();
  told(world, {});
  const deadMan = { supported: true, armed: true, firesUnixMs: 5, detail: 'cancels after 30 s' };
  expect(told(world, { deadMan })).toEqual(['info dead-man switch armed: cancels after 30 s']);
  expect(told(world, { deadMan: { ...deadMan, firesUnixMs: 9 } })).toEqual([]);
  const failed = { ...deadMan, armed: false, firesUnixMs: null, detail: 'failed: 50001' };
  expect(told(world, { deadMan: failed })).toEqual(['error dead-man switch could not be set: failed: 50001']);
  expect(told(world, { deadMan: failed })).toEqual([]);
  expect(told(world, { deadMan: { ...deadMan, supported: false, armed: false } })).toEqual([]);
});
