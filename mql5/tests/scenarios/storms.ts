/** Requests and replies lost, doubled, delayed, overtaken, cut and forged by chance, while trading goes on; and everything dying at once. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream } from '../../../src-main/sim/random.ts';
import type { RoadFault } from '../proxy.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { Trading } from '../trading.ts';
import { inWorld, type World } from '../world.ts';

export const STORM: Partial<Readonly<Record<RoadFault, number>>> = {
  'lose-request': 0.03,
  'lose-reply': 0.03,
  'delay-request': 0.04,
  'delay-reply': 0.04,
  double: 0.05,
  overtaken: 0.03,
  'cut-request': 0.015,
  'cut-reply': 0.015,
  'garble-reply': 0.02,
  'old-reply': 0.02,
  'unsigned-reply': 0.02,
  'gateway-error': 0.01,
};
const ORDERS = 40;

const placeAll = async (w: World, trading: Trading, orders: number): Promise<void> => {
  for (let n = 0; n < orders; n += 1) {
    await w.engine.untilUp(30_000);
    const { outcome } = trading.order();
    await Promise.race([outcome, sleep(1_000)]);
  }
};

const storm = (name: string, seed: number, rates: Partial<Readonly<Record<RoadFault, number>>>): Scenario =>
  scenario(name, (stage) =>
    inWorld({ ...stage, road: { seed, maxDelayMs: 60 } }, async (w) => {
      await w.trading();
      w.road.rates = rates;
      const trading = new Trading(w, seed);
      await placeAll(w, trading, ORDERS);
      const hit = Object.values(w.road.counts).reduce((sum, count) => sum + count, 0);
      assert.ok(hit >= 10, `only ${hit} faults`);
      w.road.rates = {};
      await trading.settled();
    }),
  );

export const STORMS: readonly Scenario[] = [
  storm('storm on the road: everything at once', 1, STORM),
  storm('storm on the road: much doubled and overtaken', 2, { double: 0.25, overtaken: 0.12, 'delay-reply': 0.1 }),
  storm('storm on the road: much lost', 3, { 'lose-request': 0.12, 'lose-reply': 0.15, 'cut-reply': 0.08 }),
  scenario('storm on the road and at the broker, EA and engine killed by turns', (stage) =>
    inWorld(
      {
        ...stage,
        road: { seed: 4, maxDelayMs: 60 },
        habits: { shuffle: true, duplicateShare: 0.2, dropShare: 0.2, lagMs: 20 },
        brokerMs: 30,
      },
      async (w) => {
        await w.trading();
        const random = randomStream(4, 'deaths');
        const trading = new Trading(w, 4);
        for (let round = 0; round < 6; round += 1) {
          w.road.rates = STORM;
          w.broker.inject({ kind: 'unclear', retcode: 10_012, executed: round % 2 === 0, skip: 2 });
          w.broker.inject({ kind: 'partial', lots: '0.01', skip: 1, on: 'open' });
          w.broker.inject({ kind: 'split', parts: 2, skip: 3, on: 'open' });
          await trading.until(() => false, 150, 1_500 + random.uniform() * 1_500);
          if (round % 2 === 0) await w.ea.kill();
          else await w.engine.kill();
          await sleep(random.uniform() * 500);
          w.road.rates = {};
          await w.trading();
        }
        w.broker.clearFaults();
        await trading.settled(90_000);
      },
    ),
  ),
];
