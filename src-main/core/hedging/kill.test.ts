/** A kill in every state of a group, with repair, with freeze, and hands off. */
import { describe, expect, test } from 'vitest';
import { isOpening } from '../../../src-shared/domain/order.ts';
import { DEFAULT_EXITS, type HedgingSettings } from '../../../src-shared/domain/settings.ts';
import { isReducible, REFUSED, TOO_LATE, TradingWorld } from './hedging.testkit.ts';

type Policy = HedgingSettings['nakedLegsOnKill'];

const STATES: Readonly<Record<string, (world: TradingWorld) => void>> = {
  'first leg in flight': () => undefined,
  'first leg filled, second in flight': (world) => world.done(world.order('b')),
  naked: (world) => {
    world.done(world.order('b'));
    world.refuse(world.order('a'), REFUSED);
  },
  open: (world) => {
    world.done(world.order('b'));
    world.done(world.order('a'));
  },
  closing: (world) => {
    world.done(world.order('b'));
    world.done(world.order('a'));
    world.wait(100);
    world.act('close');
    world.done(world.order('b'));
  },
  compensating: (world) => {
    world.done(world.order('b'));
    world.refuse(world.order('a'), REFUSED);
    world.wait(3_000);
  },
};

const at = (name: string, nakedLegsOnKill: Policy): TradingWorld => {
  const world = new TradingWorld({ hedging: { nakedLegsOnKill }, pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 } } }).entered();
  STATES[name]!(world);
  world.wait(100);
  return world;
};

/** What is in flight at the venues ends unfilled. */
const expire = (world: TradingWorld): void => {
  for (const order of Object.values(world.state.book.orders))
    if (order.state === 'in-flight' || order.state === 'working') world.report(order, 'canceled', order.bookedQty);
};

describe.each(Object.keys(STATES))('killed while %s', (name) => {
  test('repair: every working order is canceled, nothing opens, only reduces, and it comes to rest', () => {
    const world = at(name, 'repair');
    const live = Object.values(world.state.book.orders).filter((o) => o.state === 'in-flight' || o.state === 'working');
    const sent = world.placed.length;
    world.command('kill');
    expect(world.cancels.map((c) => c.clientOrderId)).toEqual(live.map((o) => o.request.clientOrderId));
    expire(world);
    for (let i = 0; i < 20; i++) {
      world.wait(500);
      for (const order of Object.values(world.state.book.orders)) if (order.state === 'in-flight') world.done(order);
    }
    expect(world.placed.slice(sent).filter((o) => isOpening(o.purpose))).toEqual([]);
    expect(world.placed.slice(sent).every(isReducible)).toBe(true);
    expect(world.group.residualBaseQty).toBe('0');
    expect(['open', 'closed']).toContain(world.group.state);
    if (name === 'open') expect(world.placed).toHaveLength(sent);
  });

  test('freeze: nothing is sent but cancels; what is naked waits for a person', () => {
    const world = at(name, 'freeze');
    const sent = world.placed.length;
    world.command('kill');
    expire(world);
    world.wait(12_000);
    const byRule = world.placed.slice(sent).filter((o) => o.authority === 'rule');
    expect(byRule).toEqual([]);
    if (world.group.residualBaseQty !== '0') expect(world.group.state).toBe('operator-held');
  });

  test('hands off: not even cancels', () => {
    const world = at(name, 'repair');
    const sent = world.placed.length;
    world.command('hands-off');
    expect(world.cancels).toEqual([]);
    expire(world);
    world.wait(12_000);
    expect(world.placed).toHaveLength(sent);
    expect(world.cancels).toEqual([]);
    expect(world.act('close').verdict).toMatchObject({ code: 'not-allowed' });
    if (world.group.residualBaseQty !== '0') expect(world.group.state).toBe('operator-held');
  });

  test('pause: the group runs its course', () => {
    const world = at(name, 'repair');
    world.command('pause');
    for (let i = 0; i < 20; i++) {
      for (const order of Object.values(world.state.book.orders)) if (order.state === 'in-flight') world.done(order);
      world.wait(500);
    }
    expect(world.group.residualBaseQty).toBe('0');
    expect(['open', 'closed']).toContain(world.group.state);
  });
});

test('a fill that arrives after the kill is repaired, not completed', () => {
  const world = at('first leg in flight', 'repair');
  world.command('kill');
  world.done(world.order('b'));
  world.wait(200);
  expect(world.placed.at(-1)).toMatchObject({ leg: 'b', purpose: 'unwind', side: 'sell' });
});

test('a kill is not verified while a naked leg is still being unwound', () => {
  const world = at('first leg in flight', 'repair');
  world.command('kill');
  world.done(world.order('b'));
  world.refuse(world.order('b'), TOO_LATE);
  world.wait(1_000);
  expect(world.state.kill).toMatchObject({ verifiedUnixMs: null });
  expect(world.state.kill!.remaining.join()).toContain('base units unhedged: being unwound');
  world.wait(2_000);
  world.done(world.order('b'));
  world.wait(3_000);
  expect(world.state.kill).toMatchObject({ verifiedUnixMs: expect.any(Number), remaining: [] });
});
