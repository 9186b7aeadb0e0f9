import { describe, expect, test } from 'vitest';
import type { ChargeReport } from '../../../src-shared/domain/order.ts';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { TradingWorld } from './hedging.testkit.ts';

const opened = (): TradingWorld => {
  const world = new TradingWorld({ pair: { exits: { ...DEFAULT_EXITS, convergenceBps: 0.5 } } }).entered();
  world.done(world.order('b'));
  world.done(world.order('a'));
  return world;
};

const closed = (): TradingWorld => {
  const world = opened();
  world.wait(300, 0);
  world.done(world.order('b'));
  world.done(world.order('a'));
  expect(world.group.state).toBe('closed');
  return world;
};

const charge = (world: TradingWorld, more: Partial<ChargeReport> = {}): ChargeReport => {
  const { tradeId, venueId, instrumentId, clientOrderId } = world.executed[0]!;
  return {
    venueId,
    instrumentId,
    chargeId: `${tradeId}#1`,
    tradeId,
    clientOrderId: clientOrderId!,
    amount: '2.5',
    ccy: 'USD',
    venueUnixMs: null,
    why: 'late commission',
    ...more,
  };
};

const factTypes = (result: { facts: readonly { type: string }[] }): readonly string[] => result.facts.map(({ type }) => type);

describe('charges', () => {
  test('a charge of an open group is a fee of its leg, and changes no quantity', () => {
    const world = opened();
    const before = world.group;
    const result = world.take({ type: 'charge', charge: charge(world) });
    expect(factTypes(result)).toEqual(expect.arrayContaining(['charge-booked', 'group-changed']));
    expect(world.group.legs.b.fees).toEqual({ USD: '2.6' });
    expect(world.group.legs.b.openedQty).toBe(before.legs.b.openedQty);
    expect(world.group.residualBaseQty).toBe('0');
    expect(factTypes(result)).not.toContain('holding-changed');
  });

  test('told twice it is booked once, after a restart too', () => {
    const world = opened();
    world.take({ type: 'charge', charge: charge(world) });
    expect(factTypes(world.take({ type: 'charge', charge: charge(world) }))).toEqual([]);
    const next = world.restarted();
    expect(factTypes(next.take({ type: 'charge', charge: charge(world) }))).toEqual([]);
    expect(next.group.legs.b.fees).toEqual({ USD: '2.6' });
  });

  test('after the end it changes the result by exactly its amount, and the day', () => {
    const world = closed();
    const before = world.group.result!;
    const dayBefore = world.state.book.day!;
    world.take({ type: 'charge', charge: charge(world, { amount: '-0.75', why: 'swap' }) });
    const after = world.group.result!;
    expect(Number(after.fees) - Number(before.fees)).toBeCloseTo(-0.75, 12);
    expect(Number(after.net) - Number(before.net)).toBeCloseTo(0.75, 12);
    expect(after.netUsd - before.netUsd).toBeCloseTo(0.75, 9);
    expect(after.gross).toBe(before.gross);
    expect(after.netBps).toBeGreaterThan(before.netBps);
    expect(world.state.book.day!.netUsd - dayBefore.netUsd).toBeCloseTo(0.75, 9);
    expect(world.state.book.day!.groups).toBe(dayBefore.groups);
    expect(world.group.state).toBe('closed');
  });

  test('what cannot be placed is told to a person and booked nowhere', () => {
    const world = closed();
    const strange = world.take({ type: 'charge', charge: charge(world, { clientOrderId: 'qnobody' as never, chargeId: 'x#1' }) });
    expect(factTypes(strange)).toEqual(['noted']);
    const before = world.group.result;
    const unvalued = world.take({ type: 'charge', charge: charge(world, { ccy: 'JPY', chargeId: 'y#1' }) });
    expect(factTypes(unvalued)).toContain('noted');
    expect(world.group.result).toEqual(before);
    expect(world.group.legs.b.fees['JPY']).toBe('2.5');
    const senseless = world.take({ type: 'charge', charge: charge(world, { amount: 'NaN', chargeId: 'z#1' }) });
    expect(factTypes(senseless)).toEqual(['noted']);
  });
});
