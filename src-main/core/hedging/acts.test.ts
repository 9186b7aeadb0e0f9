import { describe, expect, test } from 'vitest';
import { DEFAULT_HEDGING } from '../../../src-shared/domain/settings.ts';
import { entryBlock } from '../reconcile/wall.ts';
import { actsOf } from './acts.ts';
import { REFUSED, TradingWorld } from './hedging.testkit.ts';

/** Naked for so long that a person must act; the engine has halted itself. */
const held = (): TradingWorld => {
  const world = new TradingWorld().entered();
  world.done(world.order('b'));
  world.refuse(world.order('a'), REFUSED);
  world.silence(DEFAULT_HEDGING.haltAfterMs);
  world.wait(100);
  expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.5' });
  return world;
};

const refusal = (world: TradingWorld, ...args: Parameters<TradingWorld['act']>): string => {
  const { verdict } = world.act(...args);
  expect(verdict?.code).toBe('not-allowed');
  return verdict?.code === 'not-allowed' ? verdict.conditions.join('; ') : '';
};

describe('acts on a held group', () => {
  test('what is offered is what is allowed', () => {
    const world = held();
    expect(actsOf(world.state, world.group)).toEqual(['complete', 'unwind', 'adopt', 'write-off']);
    expect(refusal(world, 'close')).toContain('0.5 is unhedged');
    expect(world.facts('command-refused').at(-1)).toMatchObject({ command: `close ${world.group.id}` });
  });

  test('complete, although halted: by the operator’s authority; done → open', () => {
    const world = held();
    expect(world.act('complete').verdict).toMatchObject({ code: 'applied', changed: true });
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', purpose: 'complete', authority: 'operator', qty: '0.5' });
    expect(refusal(world, 'unwind')).toContain('in-flight: its end must be known first');
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
    expect(world.facts('group-acted')).toMatchObject([{ act: 'complete', by: 'tester', reason: 'seen at the venue' }]);
  });

  test('an act that the venue refuses leaves the group held; nothing goes on by itself', () => {
    const world = held();
    world.act('unwind');
    world.refuse(world.order('b'), REFUSED);
    world.wait(5_000);
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.5' });
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'unwind', authority: 'operator' });
    world.act('unwind');
    world.done(world.order('b'));
    expect(world.group.state).toBe('closed');
  });

  test('adopt moves the residual to what is foreign; the group ends, the account is what it was', () => {
    const world = held();
    expect(world.act('adopt').verdict).toMatchObject({ code: 'applied' });
    expect(world.state.book.holdings['X@vb']).toEqual({ qty: '0', foreignQty: '0.5', acceptedQty: '0.5' });
    expect(world.facts('dust-booked')).toMatchObject([{ dust: { kind: 'adopted', leg: 'b', qty: '0.5', baseQty: '0.5' } }]);
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0', settledBaseQty: '0.5' });
    expect(Number(world.group.result!.gross)).toBeCloseTo(0, 1);
  });

  test('what was adopted where the venue knows by magic what is ours agrees from then on, over a restart, too', () => {
    const world = new TradingWorld({ metatrader: true, legOrder: 'metatrader-first' }).entered();
    world.done(world.order('a'));
    world.refuse(world.order('b'), REFUSED);
    world.silence(DEFAULT_HEDGING.haltAfterMs);
    world.wait(100);
    expect(world.act('adopt').verdict).toMatchObject({ code: 'applied' });
    world.wait(2 * DEFAULT_HEDGING.positionsSweepMs);
    expect(world.state.book.holdings['X@va']).toEqual({ qty: '0', foreignQty: '-0.5', acceptedQty: '-0.5' });
    expect(entryBlock(world.state, world.state.pairs[0]!)).toBeNull();
    const next = world.restarted();
    expect(next.state.book.venues[0]!.reconciled).toBe('yes');
    expect(entryBlock(next.state, next.state.pairs[0]!)).toBeNull();
  });

  test('write-off takes it out of what we hold', () => {
    const world = held();
    world.act('write-off', 'liquidated by the venue');
    expect(world.state.book.holdings['X@vb']).toEqual({ qty: '0', foreignQty: '0' });
    expect(world.facts('dust-booked')).toMatchObject([{ dust: { kind: 'written-off', reason: 'liquidated by the venue' } }]);
    expect(world.group.state).toBe('closed');
  });

  test('adopting a part leaves the matched rest open, and closes only that', () => {
    const world = new TradingWorld({ hedging: { maxUnwindAttempts: 0, maxCompleteAttempts: 0 } }).entered();
    world.done(world.order('b'));
    world.partly(world.order('a'), '0.3');
    world.wait(3_100);
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.2' });
    world.act('adopt');
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
    world.wait(100);
    expect(world.act('close').verdict).toMatchObject({ code: 'applied' });
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'close', qty: '0.3' });
    world.done(world.order('b'));
    world.done(world.order('a'));
    expect(world.group.state).toBe('closed');
    expect(world.state.book.holdings).toMatchObject({ 'X@va': { qty: '0' }, 'X@vb': { qty: '0', foreignQty: '0.2' } });
  });

  test('a leg that is too small to be closed leaves as dust, and its twin is closed by the ladder', () => {
    const world = new TradingWorld({ hedging: { maxUnwindAttempts: 1, maxCompleteAttempts: 0 } }).entered();
    world.done(world.order('b'));
    world.partly(world.order('a'), '0.3');
    world.wait(3_100);
    world.refuse(world.order('b'), REFUSED);
    world.wait(2_100);
    expect(world.group).toMatchObject({ state: 'operator-held', residualBaseQty: '0.2' });
    world.act('adopt');
    const { metadata } = world.state.instruments.find((x) => x.settings.id === 'X@vb')!;
    world.control({ type: 'instrument', instrument: { ...metadata!, qtyStep: '1', minQty: '1' }, mismatches: [] });
    world.wait(100);
    expect(world.act('close').verdict).toMatchObject({ code: 'applied' });
    expect(world.facts('dust-booked').at(-1)).toMatchObject({ dust: { kind: 'dust', leg: 'b', qty: '0.3' } });
    world.wait(3_200);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'a', purpose: 'close', qty: '0.3', reduceOnly: true });
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0' });
  });

  test('unknown is not guessed by people either; a reason is needed; the group must exist', () => {
    const world = new TradingWorld().entered();
    world.lose(world.order('b'));
    world.silence(DEFAULT_HEDGING.haltAfterMs);
    expect(actsOf(world.state, world.group)).toEqual([]);
    for (const act of ['close', 'complete', 'unwind', 'adopt', 'write-off'] as const) expect(refusal(world, act)).toContain('unknown');
    expect(refusal(held(), 'adopt', ' ')).toContain('a reason must be given');
    const none = world.command('group-act', 'x', { groupId: 'g0', act: 'close' }).verdict;
    expect(none).toMatchObject({ code: 'not-allowed', conditions: ['there is no group g0'] });
  });
});
