/**
 * Trading that goes on whatever happens: opens and closes small positions through the engine side, keeps account of every order, and
 * at the end asks until all is known. What a tour of kills or a storm is measured on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream, type RandomStream } from '../../src-main/sim/random.ts';
import { brokerEvidence } from './brokerEvidence.ts';
import type { Placed } from './engineSide.ts';
import { MAGIC_BASE, type World } from './world.ts';

/** More than so many open positions are closed before others are opened. */
const ENOUGH_POSITIONS = 3;
const VALIDITY_MS = 1_500;

export class Trading {
  readonly placed: Placed[] = [];
  readonly #world: World;
  readonly #random: RandomStream;
  readonly #closing = new Set<string>();

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#random = randomStream(seed, 'trading');
  }

  /** One order, whatever is up or down. */
  order(): Placed {
    const own = brokerEvidence(this.#world.broker, this.#world.login).positions.filter(
      ({ magic, id }) => magic >= MAGIC_BASE && !this.#closing.has(id),
    );
    const [oldest] = own;
    if (oldest !== undefined && (own.length > ENOUGH_POSITIONS || this.#random.uniform() < 0.3)) {
      this.#closing.add(oldest.id);
      const placed = this.#world.sell(oldest.lots, { positionId: oldest.id, validityMs: VALIDITY_MS });
      // Another time, if this one did not do it.
      void placed.outcome.then(() => this.#closing.delete(oldest.id));
      this.placed.push(placed);
      return placed;
    }
    const placed = this.#world.buy((this.#random.integer(1, 9) / 100).toFixed(2), { validityMs: VALIDITY_MS });
    this.placed.push(placed);
    return placed;
  }

  /** Orders every so often until `over`. */
  async until(over: () => boolean, everyMs: number, forMs: number): Promise<void> {
    const endsMs = performance.now() + forMs;
    while (!over() && performance.now() < endsMs) {
      if (this.#world.engine.alive && this.#world.engine.orderLink === 'up') this.order();
      await sleep(everyMs);
    }
  }

  /** Everything is up and the road is good: what became of each order is found out. */
  async settled(withinMs = 60_000): Promise<void> {
    await this.#world.trading();
    for (const placed of this.placed) {
      const known = await this.#world.engine.settle(placed, withinMs);
      const executed = this.#world.executedLots(placed);
      const told = known.code === 'found' ? Number(known.report.filledQty) : 0;
      if (told !== executed)
        throw new Error(
          `${placed.request.clientOrderId}: told ${told} lots, executed ${executed}: ${JSON.stringify(known)}\n${this.#world.story()}`,
        );
    }
  }
}
