import { describe, expect, test } from 'vitest';
import type { FillReport } from '../../../src-shared/domain/order.ts';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { isReducible, TradingWorld } from './hedging.testkit.ts';

/** Leg a at MetaTrader with position p2, leg b at an exchange; nothing would close it by itself. */
const open = (): TradingWorld => {
  const world = new TradingWorld({ metatrader: true, pair: { exits: { ...DEFAULT_EXITS, convergenceBps: -1_000 } } }).entered();
  world.done(world.order('b'));
  world.done(world.order('a'));
  expect(world.group.state).toBe('open');
  return world;
};

/** Somebody else closes the position at the venue; told as a deal without an order of ours. */
const closedOutside = (world: TradingWorld, more: Partial<FillReport> = {}): FillReport => {
  const a = world.order('a', 1);
  const [position] = world.group.legs.a.positions;
  return world.execute(a, more.qty ?? a.request.qty, {
    clientOrderId: null,
    side: a.request.side === 'buy' ? 'sell' : 'buy',
    positionId: position!.positionId,
    fee: '0.4',
    ...more,
  });
};

describe('a position that somebody else closed', () => {
  test('its twin follows at once, nothing is opened again, and the result holds the deal', () => {
    const world = open();
    const placed = world.placed.length;
    const fill = closedOutside(world);
    world.tell(fill);
    expect(world.group).toMatchObject({ state: 'closing', closeReason: 'external' });
    const sent = world.placed.slice(placed);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ leg: 'b', purpose: 'close', qty: world.order('b', 1).request.qty });
    expect(isReducible(sent[0]!)).toBe(true);
    world.done(world.order('b'));
    expect(world.group).toMatchObject({ state: 'closed', residualBaseQty: '0', closeReason: 'external' });
    expect(Object.values(world.truth).every((qty) => qty.isZero())).toBe(true);
    expect(world.group.legs.a.fees['USD']).toBe('0.5');
    expect(world.group.legs.a.positions).toEqual([]);
    expect(world.state.book.holdings[fill.instrumentId]?.qty).toBe('0');
  });

  test('told twice, by push and by snapshot, it is booked once', () => {
    const world = open();
    const fill = closedOutside(world);
    world.tell(fill);
    const placed = world.placed.length;
    world.tell(fill);
    world.done(world.order('b'));
    world.tell(fill);
    expect(world.placed.length).toBe(placed);
    expect(world.group.legs.a.closedQty).toBe(world.order('a', 1).request.qty);
  });

  test('while killed the twin is still given back', () => {
    const world = open();
    world.command('kill');
    const placed = world.placed.length;
    world.tell(closedOutside(world));
    world.wait(200);
    expect(world.placed.slice(placed).map(({ leg, purpose }) => ({ leg, purpose }))).toEqual([{ leg: 'b', purpose: 'close' }]);
  });

  test('under hands-off nothing is sent, and the residual is shown', () => {
    const world = open();
    world.command('hands-off');
    const placed = world.placed.length;
    world.tell(closedOutside(world));
    world.wait(4_000);
    expect(world.placed.length).toBe(placed);
    expect(world.group.residualBaseQty).not.toBe('0');
  });

  test.each([
    ['more than the leg holds', { qty: '1000' }],
    ['on the side that would add', { side: 'keep' as const }],
  ])('%s is for a person, and halts', (_, { side, ...more }: { side?: 'keep'; qty?: string }) => {
    const world = open();
    const own = world.order('a', 1).request.side;
    world.tell(closedOutside(world, { ...more, ...(side === 'keep' ? { side: own } : {}) }));
    expect(world.group.state).toBe('operator-held');
    expect(world.state.kill).not.toBeNull();
  });

  test('a position of nobody here, or an exchange that names none, changes nothing', () => {
    const world = open();
    const before = world.group;
    world.tell(closedOutside(world, { positionId: 'p-strange' }));
    world.tell(closedOutside(world, { positionId: null }));
    expect(world.group).toEqual(before);
  });
});
