/** Deaths at every boundary: of the EA at each write of its journal, each order and each request; of the engine side at each BEGIN and COMMIT. */
import assert from 'node:assert/strict';
import type { Boundary } from '../../../e2e/crash/boundary.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { Trading } from '../trading.ts';
import { inWorld, type World } from '../world.ts';

const ORDER_EVERY_MS = 120;
/** A boundary that is not reached in this time is left, and the process killed where it stands. */
const LIFE_MS = 20_000;

const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** One life of the EA that ends at the n-th crossing of the point. */
const eaLife = async (w: World, trading: Trading, dieAt: string): Promise<boolean> => {
  w.startEa({ dieAt });
  const pid = w.ea.pid;
  await trading.until(() => !w.ea.alive, ORDER_EVERY_MS, LIFE_MS);
  const reached = !w.ea.alive;
  if (!reached) await w.ea.kill();
  assert.notEqual(pid, null);
  return reached;
};

const eaTour = (name: string, points: readonly string[], least: number): Scenario =>
  scenario(name, (stage) =>
    inWorld({ ...stage, brokerMs: 25 }, async (w) => {
      await w.startEngine();
      const trading = new Trading(w, points.length);
      let reached = 0;
      for (const point of points) if (await eaLife(w, trading, point)) reached += 1;
      assert.ok(reached >= least, `only ${reached} of ${points.length} boundaries were reached`);
      await trading.settled();
      await w.opened('0.01');
    }),
  );

const engineLife = async (w: World, trading: Trading, boundary: Boundary): Promise<boolean> => {
  await w.engine.untilUp();
  w.engine.crashAt(boundary);
  await trading.until(() => !w.engine.alive, ORDER_EVERY_MS, LIFE_MS);
  const reached = !w.engine.alive;
  if (!reached) await w.engine.kill();
  await w.startEngine();
  return reached;
};

const engineTour = (name: string, boundaries: readonly Boundary[]): Scenario =>
  scenario(name, (stage) =>
    inWorld({ ...stage, brokerMs: 25 }, async (w) => {
      await w.trading();
      const trading = new Trading(w, boundaries.length);
      let reached = 0;
      for (const boundary of boundaries) if (await engineLife(w, trading, boundary)) reached += 1;
      assert.ok(reached >= boundaries.length / 2, `only ${reached} of ${boundaries.length} boundaries were reached`);
      await trading.settled();
      await w.opened('0.01');
    }),
  );

/** Every n-th from `first`, so that tours side by side visit all of them. */
const eachOf = (point: string, ns: readonly number[]): readonly string[] => ns.map((n) => `${point}:${n}`);
const SIDES = [
  ['BEGIN', 'before'],
  ['BEGIN', 'after'],
  ['COMMIT', 'before'],
  ['COMMIT', 'after'],
] as const;

export const KILLS: readonly Scenario[] = [
  eaTour(
    'kill -9 of the EA around OrderSend',
    [...eachOf('OrderSend-before', numbers(1, 4)), ...eachOf('OrderSend-after', numbers(1, 4))],
    7,
  ),
  eaTour('kill -9 of the EA at each flush of its journal, 1 to 12', eachOf('FileFlush', numbers(1, 12)), 10),
  eaTour('kill -9 of the EA at each flush of its journal, 13 to 24', eachOf('FileFlush', numbers(13, 24)), 8),
  eaTour(
    'kill -9 of the EA at each close of a file',
    [
      ...eachOf(
        'FileClose',
        numbers(3, 22).filter((n) => n % 2 === 1),
      ),
      'FileMove:1',
      'FileMove:2',
    ],
    8,
  ),
  eaTour(
    'kill -9 of the EA around its requests',
    [...eachOf('WebRequest-before', [1, 2, 3, 12, 30]), ...eachOf('WebRequest-after', [1, 2, 3, 16, 35])],
    8,
  ),
  ...SIDES.map(([at, side]) =>
    engineTour(
      `kill -9 of the engine ${side} ${at} 1 to 7`,
      numbers(1, 7).map((n) => ({ at, side, n })),
    ),
  ),
];
