/** I11: whatever the order in which venues tell, and however often, the end is the same. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../digest.ts';
import { createEngine, step } from '../engine.ts';
import type { ControlInput } from '../events.ts';
import { TradingWorld } from './hedging.testkit.ts';

/** Both legs at once, each filled in the given parts; the rest of the order expires. */
const scene = (parts: readonly (readonly number[])[]): { readonly world: TradingWorld; readonly told: ControlInput[] } => {
  const world = new TradingWorld({ legOrder: 'together', hedging: { maxCompleteAttempts: 0, maxUnwindAttempts: 0 } }).entered();
  const told: ControlInput[] = [];
  (['a', 'b'] as const).forEach((leg, i) => {
    const order = world.order(leg);
    const { clientOrderId } = order.request;
    let sum = 0;
    told.push({ type: 'order-outcome', clientOrderId, outcome: { code: 'acknowledged', venueOrderId: `v${leg}`, venueUnixMs: null } });
    for (const part of parts[i]!) {
      sum += part;
      told.push({ type: 'fill', fill: world.execute(order, (part / 1_000).toString()) });
      told.push({
        type: 'order-report',
        report: { ...world.reportOf(order, 'working', (sum / 1_000).toString()), venueOrderId: `v${leg}` },
      });
    }
    const end = sum === 500 ? 'filled' : 'canceled';
    told.push({ type: 'order-report', report: { ...world.reportOf(order, end, (sum / 1_000).toString()), venueOrderId: `v${leg}` } });
  });
  return { world, told };
};

/** What money and risk depend on. */
const outcome = (world: TradingWorld): unknown => {
  const { state, residualBaseQty, legs } = world.group;
  const legOf = ({ openedQty, closedQty, cash, fees, positions }: typeof legs.a): unknown => ({
    openedQty,
    closedQty,
    cash: Number(cash),
    fees,
    positions,
  });
  const orders = Object.values(world.state.book.orders).map((o) => [o.request.clientOrderId, o.state, o.filledQty, o.bookedQty]);
  return {
    state,
    residualBaseQty,
    a: legOf(legs.a),
    b: legOf(legs.b),
    orders,
    holdings: world.state.book.holdings,
    kill: world.state.kill,
  };
};

const partsOf = fc
  .array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.filter((_, i) => parts.slice(0, i + 1).reduce((sum, p) => sum + p, 0) <= 500));

describe('duplicates and reordering', () => {
  test('shuffled and repeated pushes end in the same state as the plain story', () => {
    fc.assert(
      fc.property(fc.tuple(partsOf, partsOf), fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), fc.nat(10), (parts, keys, repeats) => {
        const plain = scene(parts);
        for (const event of plain.told) plain.world.control(event);
        const shuffled = scene(parts);
        // A placement has one outcome; everything else may come again.
        const pushes = shuffled.told.filter((e) => e.type !== 'order-outcome');
        const all = [...shuffled.told, ...pushes.slice(0, repeats)];
        const mixed = all.map((event, i) => [keys[i % keys.length]!, i, event] as const).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
        for (const [, , event] of mixed) shuffled.world.control(event);
        expect(outcome(shuffled.world)).toEqual(outcome(plain.world));
      }),
      { numRuns: 150 },
    );
  });

  test('the whole story told a second time changes nothing, and emits nothing', () => {
    const { world, told } = scene([[200, 300], [500]]);
    for (const event of told) world.control(event);
    const before = outcome(world);
    for (const event of told) if (event.type !== 'order-outcome') expect(world.control(event).facts).toEqual([]);
    expect(outcome(world)).toEqual(before);
  });

  test('a replay of the journal gives the same facts, effects and state, bit for bit (I9)', () => {
    const { world, told } = scene([[100], [500]]);
    for (const event of told) world.control(event);
    world.wait(35_000);
    const again = createEngine(world.state.settings);
    const results = world.events.map((event) => step(again, structuredClone(event)));
    expect(results).toEqual(world.results);
    expect(digestOf(again)).toBe(digestOf(world.state));
  });
});
