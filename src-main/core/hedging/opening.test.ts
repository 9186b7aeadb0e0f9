import { describe, expect, test } from 'vitest';
import { isReducible, REFUSED, TradingWorld } from './hedging.testkit.ts';
import { clientOrderIdOf, groupIdOf, intentIdOf, MAX_ATTEMPTS } from '../intentId.ts';

describe('from an intent to an open group', () => {
  test('intent, group, order and wish come in this order, all in one step', () => {
    const world = new TradingWorld().entered();
    const { facts, effects } = world.results.at(-1)!;
    expect(facts.map((f) => (f.type === 'group-changed' ? `group ${f.group.state}` : f.type))).toEqual([
      'intent-proposed',
      'group proposed',
      'group opening',
      'order-changed',
      'fences-changed',
    ]);
    expect(effects).toMatchObject([{ type: 'place-order', order: { purpose: 'open', timeInForce: 'ioc', reduceOnly: false } }]);
    const [intent] = world.facts('intent-proposed');
    expect(intent!.intent).toMatchObject({ disposition: 'hedging', groupId: world.group.id, denials: [] });
    expect(world.group.legs.b.orders).toEqual([world.placed[0]!.clientOrderId]);
  });

  test('disarmed, an intent is an intent and nothing else', () => {
    const world = new TradingWorld().trading().hold(0, 10_000);
    world.spread(5);
    expect(world.facts('intent-proposed')[0]!.intent).toMatchObject({ disposition: 'disarmed', groupId: null });
    expect([world.state.book.groups, world.placed]).toEqual([[], []]);
  });

  test('what risk denies is a denied group with the codes, and nothing is sent', () => {
    const world = new TradingWorld().trading().hold(0, 10_000);
    world.timer();
    world.command('arm');
    world.orderLink('vb', 'down');
    world.spread(5);
    expect(world.group.state).toBe('denied');
    expect(world.group.denials.map((d) => d.code)).toContain('reconciled');
    expect(world.facts('intent-proposed')[0]!.intent).toMatchObject({ disposition: 'denied', groupId: world.group.id });
    expect([world.placed, world.state.pairs[0]!.liveGroups]).toEqual([[], 0]);
  });

  test.each(['metatrader-first', 'exchange-first', 'together'] as const)('%s: the order of the legs, sizes, result', (legOrder) => {
    const world = new TradingWorld({ legOrder, metatrader: true }).entered();
    const first = legOrder === 'metatrader-first' ? 'a' : 'b';
    const second = first === 'a' ? 'b' : 'a';
    expect(world.placed.map((o) => o.leg)).toEqual(legOrder === 'together' ? ['a', 'b'] : [first]);
    world.done(world.order(first));
    expect(world.placed.map((o) => o.qty)).toEqual(['0.5', '0.5']);
    expect(world.group.state).toBe('opening');
    world.done(world.order(second));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0', residualSinceUnixMs: null });
    expect(world.state.book.holdings).toMatchObject({ 'X@va': { qty: '-0.5' }, 'X@vb': { qty: '0.5' } });
    expect(world.placed.find((o) => o.leg === 'a')!.magic).toBeGreaterThan(world.startUnixMs);
    expect(world.placed.find((o) => o.leg === 'b')!.magic).toBeNull();
    world.wait(1_000, 0);
    expect(world.group).toMatchObject({ state: 'closing', closeReason: 'convergence' });
    expect(world.placed.slice(2).map((o) => [o.leg, o.purpose])).toEqual([[legOrder === 'exchange-first' ? 'b' : 'a', 'close']]);
    world.done(world.order(legOrder === 'exchange-first' ? 'b' : 'a'));
    world.done(world.order(legOrder === 'exchange-first' ? 'a' : 'b'));
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0', closeReason: 'convergence' });
    expect(world.placed.slice(2).every(isReducible)).toBe(true);
    expect(world.placed.slice(2).find((o) => o.leg === 'a')!.positionId).toBe(
      world.executed.find((f) => f.positionId !== null)!.positionId,
    );
    expect(Object.values(world.truth).map(String)).toEqual(['0', '0']);
    expect(Number(world.group.result!.net)).toBeCloseTo(2.5 - 0.4, 1);
    expect(world.group.result!.fees).toBe('0.4');
    expect(world.state.book.day).toMatchObject({ groups: 1 });
  });

  test('the second leg is sized to what the first filled; both close at that size', () => {
    const world = new TradingWorld().entered();
    world.partly(world.order('b'), '0.3');
    expect(world.placed.map((o) => `${o.leg} ${o.qty}`)).toEqual(['b 0.5', 'a 0.3']);
    world.done(world.order('a'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
  });

  test('while the second leg is in flight by plan no clock runs; when it fails the clock begins then', () => {
    const world = new TradingWorld().entered();
    world.done(world.order('b'));
    expect(world.group).toMatchObject({ residualBaseQty: '0.5', residualSinceUnixMs: null });
    world.pass(700);
    world.refuse(world.order('a'), REFUSED);
    expect(world.group.residualSinceUnixMs).toBe(world.unixMs);
  });

  test('nothing of the first leg filled: the group ends, the second is never sent', () => {
    for (const end of ['refused', 'expired'] as const) {
      const world = new TradingWorld().entered();
      if (end === 'refused') world.refuse(world.order('b'), REFUSED);
      else world.partly(world.order('b'), '0');
      expect(world.group).toMatchObject({ state: 'closed', closeReason: 'failed', result: { gross: '0', fees: '0' } });
      expect(world.placed).toHaveLength(1);
      expect(world.state.book.fences.map((f) => f.kind)).toContain('failure');
    }
  });

  test('a partial fill waits for the end of its order before the second leg goes', () => {
    const world = new TradingWorld().entered();
    world.ack(world.order('b'));
    world.fill(world.order('b'), '0.2');
    expect([world.placed.length, world.order('b').state]).toEqual([1, 'working']);
    world.fill(world.order('b'), '0.3');
    expect(world.placed).toHaveLength(2);
  });

  test('an MT5 step of a whole ounce against a fine exchange: only whole quanta are opened, and hedged', () => {
    const world = new TradingWorld({
      metatrader: true,
      metadataA: { qtyStep: '0.01', minQty: '0.01', baseQtyPerUnit: '10' },
      metadataB: { qtyStep: '0.1', minQty: '0.1', baseQtyPerUnit: '0.1' },
    }).entered();
    expect(world.group).toMatchObject({ baseQty: '0.5', legs: { a: { plannedQty: '0.05' }, b: { plannedQty: '5' } } });
    world.partly(world.order('b'), '3.5');
    expect(world.placed.map((o) => `${o.leg} ${o.qty}`)).toEqual(['b 5', 'a 0.03']);
    world.done(world.order('a'));
    world.wait(2_900);
    expect(world.group).toMatchObject({ state: 'opening', residualBaseQty: '0.05' });
    world.wait(200);
    expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'unwind', side: 'sell', qty: '0.5', reduceOnly: true });
    world.done(world.order('b'));
    expect(world.group).toMatchObject({ state: 'open', residualBaseQty: '0' });
    expect(world.group.ladder.map((r) => `${r.rung} ${r.outcome}`)).toEqual(['complete impossible', 'unwind done']);
  });
});

describe('names', () => {
  test('are unique, at most 32 letters and digits, and a function of their parts', () => {
    const names = new Set<string>();
    for (const pair of [0, 35, 1_295])
      for (const direction of [0, 1] as const)
        for (const episode of [1, 36 ** 6])
          for (const leg of ['a', 'b'] as const)
            for (const attempt of [1, 2, 36, MAX_ATTEMPTS]) {
              const group = groupIdOf(intentIdOf('run-1', pair, direction, episode));
              const name = clientOrderIdOf(group, leg, attempt);
              expect(name).toMatch(/^q[A-Za-z0-9]{1,31}$/);
              expect(clientOrderIdOf(group, leg, attempt)).toBe(name);
              names.add(name);
            }
    expect(names.size).toBe(3 * 2 * 2 * 2 * 4);
    expect(() => clientOrderIdOf(groupIdOf(intentIdOf('r', 0, 0, 1)), 'a', MAX_ATTEMPTS + 1)).toThrow(/no name/);
  });
});
