import { describe, expect, test } from 'vitest';
import { DEFAULT_HEDGING } from '../../../src-shared/domain/settings.ts';
import { metadataOf } from '../core.testkit.ts';
import { REFUSED, TOO_LATE, TradingWorld, type TradingOptions } from './hedging.testkit.ts';
import { MAX_RUNGS } from './ladder.ts';

/** Leg b is filled, leg a was refused: naked from now on. */
const naked = (options: TradingOptions = {}): TradingWorld => {
  const world = new TradingWorld(options).entered();
  world.done(world.order('b'));
  world.refuse(world.order('a'), REFUSED);
  return world;
};

const rungs = (world: TradingWorld): string[] => world.group.ladder.map((r) => `${r.rung} ${r.leg} ${r.outcome}`);

describe('the ladder', () => {
  test('waits until 3 s after the first naked moment, then completes near the decision’s price', () => {
    const world = naked();
    expect(world.group).toMatchObject({ state: 'opening', residualBaseQty: '0.5', residualSinceUnixMs: world.unixMs });
    world.wait(DEFAULT_HEDGING.compensateAfterMs - 100);
    expect(world.placed).toHaveLength(2);
    world.wait(100);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', purpose: 'complete', side: 'sell', qty: '0.5', authority: 'rule' });
    const { referencePx } = world.group.legs.a;
    expect(Number(world.placed.at(-1)!.limitPx)).toBeGreaterThanOrEqual(Number(referencePx) * (1 - 0.003));
    expect(world.group.state).toBe('compensating');
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0', residualSinceUnixMs: null });
    expect(rungs(world)).toEqual(['complete a done']);
  });

  test('the rung is a fact before its order, and both are of the step that wishes for it', () => {
    const world = naked().wait(DEFAULT_HEDGING.compensateAfterMs);
    const step = world.results.find((r) => r.effects.some((e) => e.type === 'place-order' && e.order.purpose === 'complete'))!;
    const types = step.facts.map((f) => f.type);
    expect(types.lastIndexOf('group-changed')).toBeLessThan(types.indexOf('order-changed'));
    const told = step.facts.findLast((f) => f.type === 'group-changed')!;
    expect(told.type === 'group-changed' && told.group.ladder).toMatchObject([{ rung: 'complete', outcome: 'in-flight' }]);
  });

  test('refused for good: the filled leg is unwound at once, reduce-only; the group ends flat', () => {
    const world = naked().wait(DEFAULT_HEDGING.compensateAfterMs);
    world.refuse(world.order('a'), REFUSED);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'unwind', side: 'sell', qty: '0.5', reduceOnly: true });
    world.done(world.order('b'));
    expect(world.group).toMatchObject({ state: 'closed', closeReason: 'failed', residualBaseQty: '0' });
    expect(rungs(world)).toEqual(['complete a refused', 'unwind b done']);
    expect(world.group.result!.netUsd).toBeLessThan(0);
  });

  test('a price that moved away is tried again, but not beyond the attempts', () => {
    const world = naked().wait(DEFAULT_HEDGING.compensateAfterMs);
    world.refuse(world.order('a'), TOO_LATE);
    world.wait(2_000);
    expect(rungs(world)).toEqual(['complete a refused', 'complete a in-flight']);
    world.refuse(world.order('a'), TOO_LATE);
    world.wait(100);
    expect(rungs(world).at(-1)).toBe('unwind b in-flight');
  });

  test('beyond 30 bps of the decision nothing is completed: unwound', () => {
    const world = naked().wait(DEFAULT_HEDGING.compensateAfterMs - 1_000);
    world.wait(1_000, -40);
    expect(rungs(world)).toEqual(['complete a impossible', 'unwind b in-flight']);
  });

  test('a partial unwind goes on with the rest; attempts in a row without a fill are bounded, then a person and a halt', () => {
    const world = naked({ hedging: { maxUnwindAttempts: 3 } }).wait(DEFAULT_HEDGING.compensateAfterMs);
    world.refuse(world.order('a'), REFUSED);
    world.partly(world.order('b'), '0.2');
    expect(world.group.residualBaseQty).toBe('0.3');
    for (let i = 0; i < 3; i++) {
      expect(world.group.state).toBe('compensating');
      world.wait(2_000);
      world.refuse(world.order('b'), REFUSED);
    }
    world.wait(100);
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.3' });
    expect(world.state).toMatchObject({ trading: 'halted', kill: { source: 'engine' } });
    expect(rungs(world)).toEqual(['complete a refused', 'unwind b partial', ...Array<string>(3).fill('unwind b refused')]);
  });

  test('a venue that gives back a little each time is getting there: as many parts as it takes', () => {
    const world = naked({ hedging: { maxUnwindAttempts: 2 } }).wait(DEFAULT_HEDGING.compensateAfterMs);
    world.refuse(world.order('a'), REFUSED);
    for (const part of ['0.2', '0', '0.1', '0.1', '0', '0.05']) {
      world.partly(world.order('b'), part);
      expect(world.group.state).toBe('compensating');
      world.wait(2_000);
    }
    world.done(world.order('b'));
    expect(world.group).toMatchObject({ state: 'closed', closeReason: 'failed', residualBaseQty: '0' });
    expect(world.state.kill).toBeNull();
    expect(world.truth['X@vb']!.toFixed()).toBe('0');
  });

  test('but not for ever: so many rungs, whatever they brought, are for a person', () => {
    const world = naked({ hedging: { haltAfterMs: 600_000 } }).wait(DEFAULT_HEDGING.compensateAfterMs);
    world.refuse(world.order('a'), REFUSED);
    for (let sent = 2; sent < MAX_RUNGS; sent++) {
      world.partly(world.order('b'), '0.001');
      world.wait(2_000);
    }
    expect(world.group.state).toBe('compensating');
    world.partly(world.order('b'), '0.001');
    world.wait(2_000);
    expect(world.group.state).toBe('operator-held');
    expect(world.group.ladder.filter((r) => r.clientOrderId !== null)).toHaveLength(MAX_RUNGS);
    expect(world.state.kill).toMatchObject({ source: 'engine' });
  });

  test('notes of what was impossible are bounded and exhaust nothing', () => {
    const world = naked({ hedging: { haltAfterMs: 3_600_000, maxCompleteAttempts: 0 } });
    const { settings } = world.state.instruments[1]!;
    const naming = (more: Parameters<typeof metadataOf>[1]) =>
      world.control({ type: 'instrument', instrument: metadataOf(settings, more), mismatches: [] });
    naming({ minQty: '10' });
    world.wait(DEFAULT_HEDGING.compensateAfterMs, 0);
    // Fresh and too small, stale and too small, fresh …
    for (let i = 0; i <= MAX_RUNGS; i++) (i % 2 === 0 ? world.silence(1_000) : world).wait(100, 0);
    expect(world.group.ladder).toHaveLength(MAX_RUNGS);
    expect(world.group.state).toBe('compensating');
    naming({});
    world.wait(100, 0);
    expect(rungs(world).at(-1)).toBe('unwind b in-flight');
  });

  test('several positions given back in one turn are one attempt', () => {
    const world = new TradingWorld({ metatrader: true, legOrder: 'metatrader-first', hedging: { maxUnwindAttempts: 2 } }).entered();
    world.ack(world.order('a'));
    world.fill(world.order('a'), '0.2', { positionId: 'p1' });
    world.fill(world.order('a'), '0.3', { positionId: 'p2' });
    world.refuse(world.order('b'), REFUSED);
    world.wait(DEFAULT_HEDGING.compensateAfterMs);
    world.refuse(world.order('b'), REFUSED);
    expect(world.placed.slice(-2)).toMatchObject([
      { leg: 'a', purpose: 'unwind', qty: '0.2', positionId: 'p1' },
      { leg: 'a', purpose: 'unwind', qty: '0.3', positionId: 'p2' },
    ]);
    for (const { request } of [world.order('a', 2), world.order('a', 3)]) world.refuse(world.state.book.orders[request.clientOrderId]!);
    expect(world.group.state).toBe('compensating');
    world.wait(2_000);
    world.done(world.order('a', 4));
    world.done(world.order('a', 5));
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0' });
  });

  test('alarm once at 10 s, halt and a person at 30 s', () => {
    const world = naked({ hedging: { maxUnwindAttempts: 100 } });
    const alarms = (): number => world.facts('noted').filter((n) => n.severity === 'critical' && n.text.includes('unhedged')).length;
    world.silence(DEFAULT_HEDGING.alarmAfterMs - 100);
    expect([world.group.residualAlarmed, alarms()]).toEqual([false, 0]);
    world.silence(100);
    expect([world.group.residualAlarmed, alarms()]).toEqual([true, 1]);
    world.silence(DEFAULT_HEDGING.haltAfterMs - DEFAULT_HEDGING.alarmAfterMs - 100);
    expect(world.group.state).toBe('compensating');
    expect(world.state.kill).toBeNull();
    world.silence(100);
    expect(world.group.state).toBe('operator-held');
    expect(world.state.kill).toMatchObject({ source: 'engine', level: 'kill' });
    expect(rungs(world)).toEqual(['complete a impossible', 'unwind b impossible']);
  });

  test('a held group is freed by the fill that nobody had told', () => {
    const world = naked();
    world.silence(DEFAULT_HEDGING.haltAfterMs);
    expect(world.group.state).toBe('operator-held');
    world.fill(world.order('a', 1));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
    expect(world.order('a', 1).state).toBe('filled');
  });

  test('dust below one step of both legs is booked visibly, and the group goes on with what matches', () => {
    const world = new TradingWorld().entered();
    world.ack(world.order('b'));
    world.fill(world.order('b'), '0.4996');
    world.report(world.order('b'), 'canceled', '0.4996');
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', qty: '0.499' });
    world.done(world.order('a'));
    expect(world.facts('dust-booked')).toMatchObject([{ dust: { leg: 'b', kind: 'dust', baseQty: '0.0006', qty: '0.0006' } }]);
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0', settledBaseQty: '0.0006' });
    world.wait(200, 0);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'close', qty: '0.499' });
    world.done(world.order('b'));
    world.done(world.order('a'));
    expect(world.group.state).toBe('closed');
    expect(world.state.book.holdings['X@vb']!.qty).toBe('0.0006');
  });

  test('more filled than ordered: quarantined, held, halted; an operator unwinds the rest', () => {
    const world = new TradingWorld().entered();
    world.done(world.order('b'));
    world.ack(world.order('a'));
    world.fill(world.order('a'), '0.7');
    expect(world.order('a').state).toBe('quarantined');
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '-0.2' });
    expect(world.state.kill).toMatchObject({ source: 'engine' });
    world.wait(5_000);
    expect(world.placed).toHaveLength(2);
    expect(world.act('unwind').verdict).toMatchObject({ code: 'applied' });
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', side: 'buy', qty: '0.2', authority: 'operator', reduceOnly: true });
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
  });

  test('a fill that cannot be this order’s is never booked, and stops everything', () => {
    const world = new TradingWorld().entered();
    world.ack(world.order('b'));
    world.fill(world.order('b'), '0.5', { side: 'sell' });
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0' });
    expect(world.facts('fill-booked')).toEqual([]);
    expect(world.state.kill).toMatchObject({ source: 'engine' });
  });

  test('a base-currency fee of a spot purchase leaves less to hedge', () => {
    const spot = { kind: 'spot' } as const;
    const world = new TradingWorld();
    Object.assign(world.state.instruments[1]!.settings, spot);
    world.entered();
    world.ack(world.order('b'));
    world.fill(world.order('b'), '0.5', { fee: '0.002', feeCcy: 'X' });
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', qty: '0.498' });
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
    expect(world.state.book.holdings['X@vb']!.qty).toBe('0.498');
  });

  test.each([
    ['0.0006', 'dust: worth 4, the venue takes nothing below 5'],
    ['0.0004', 'given back: worth 6'],
  ])('what a spot fee of %s leaves over is %s', (fee, what) => {
    const world = new TradingWorld({ metadataB: { kind: 'spot', qtyStep: '0.00001', minQty: '0.00001', minNotional: '5' } });
    Object.assign(world.state.instruments[1]!.settings, { kind: 'spot' });
    world.entered();
    world.ack(world.order('b'));
    world.fill(world.order('b'), '0.5', { fee, feeCcy: 'X' });
    world.done(world.order('a'));
    world.wait(4_000);
    const placed = world.placed.slice(2).map(({ leg, purpose, qty }) => `${purpose} ${leg} ${qty}`);
    expect(placed).toEqual(what.startsWith('dust') ? [] : ['unwind b 0.0006']);
    expect(world.facts('dust-booked').map(({ dust }) => dust.baseQty)).toEqual(what.startsWith('dust') ? ['0.0004'] : []);
    if (what.startsWith('dust')) expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0', settledBaseQty: '0.0004' });
  });
});
