/**
 * Drives the market in real time. Owns the virtual clock: it follows the real one, scaled, and never leaps, so that a
 * suspended computer does not wake to an hour of quotes at once.
 */
import type { BookUpdate, MarketModel } from './model.ts';

export const MAX_MODEL_SPEED = 20;
/** Virtual time caught up in one turn at most. */
export const MAX_CATCH_UP_MS = 1_000;
const TURN_MS = 5;

export interface Pump {
  virtualMs(): number;
  stop(): void;
}

export const startPump = (model: MarketModel, speed: number, emit: (update: BookUpdate) => void): Pump => {
  if (!(speed > 0 && speed <= MAX_MODEL_SPEED))
    throw new RangeError(`the model runs at a speed above 0 and at most ${MAX_MODEL_SPEED}, got ${speed}`);
  let lastMonoMs = performance.now();
  let virtualMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    virtualMs += Math.min(MAX_CATCH_UP_MS, (now - lastMonoMs) * speed);
    lastMonoMs = now;
    model.advance(virtualMs, emit);
  }, TURN_MS);
  return { virtualMs: () => virtualMs, stop: () => clearInterval(timer) };
};
