/**
 * A day of quotes in a few seconds, in a process of its own so that its memory is nobody else's: frames decoded, queued
 * and stepped with ten pairs held, timers as usual, on a simulated clock. Sends what memory did, hour by hour.
 */
import { createBinanceDecoder } from '../../src-main/adapters/venues/shared/binanceDecoder.ts';
import { createMarketQueue, createQuoteSlot } from '../../src-main/runtime/queues.ts';
import { BINANCE_SYMBOLS, framesOf } from '../frames.ts';
import { directEngine, settingsOf } from '../world.ts';

export interface SoakAnswer {
  readonly quotes: number;
  readonly rssKiB: readonly number[];
  readonly heapKiB: readonly number[];
  readonly perPairKiB: number;
  readonly seconds: number;
}

const HOURS = 24;
const PAIRS = 10;
const FEW_PAIRS = 10;
const MANY_PAIRS = 210;

const collect = (): void => (globalThis as { gc?: () => void }).gc?.();
const heldKiB = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1_024;
};

/** Memory of further pairs, divided among them, each having seen quotes. */
const measurePair = (): number => {
  const hold = (pairs: number): number => {
    const before = heldKiB();
    const engine = directEngine(settingsOf(pairs), 1);
    for (let i = 0; i < pairs * 100; i++) engine.quote(1_000);
    const held = heldKiB() - before;
    // Keeps the engine alive until it was weighed.
    engine.timer(1);
    return held;
  };
  hold(FEW_PAIRS);
  const few = hold(FEW_PAIRS);
  return (hold(MANY_PAIRS) - few) / (MANY_PAIRS - FEW_PAIRS);
};

const soak = (quotes: number): SoakAnswer => {
  const began = performance.now();
  const perPairKiB = measurePair();
  const engine = directEngine(settingsOf(PAIRS), 2);
  const decoder = createBinanceDecoder(BINANCE_SYMBOLS);
  const queue = createMarketQueue(BINANCE_SYMBOLS.length);
  const slot = createQuoteSlot();
  const frames = framesOf('binance-usdm', 4_096, 3);
  const perHour = Math.floor(quotes / HOURS);
  const gapUs = 3_600_000_000 / perHour;
  const timerEvery = Math.max(1, Math.round(100_000 / gapUs));
  const rssKiB: number[] = [];
  const heapKiB: number[] = [];
  for (let hour = 0; hour < HOURS; hour++) {
    for (let i = 0; i < perHour; i++) {
      if (decoder.decode(frames[i % frames.length]!) !== 'quote') throw new Error('not a quote');
      const { draft } = decoder;
      queue.quote(draft.slot, draft.bidPx, draft.bidQty, draft.askPx, draft.askQty, draft.venueMs, draft.updateId, 0);
      queue.take(slot);
      engine.quote(gapUs);
      if (i % timerEvery === 0) engine.timer(0);
    }
    heapKiB.push(Math.round(heldKiB()));
    rssKiB.push(Math.round(process.memoryUsage.rss() / 1_024));
  }
  return { quotes: perHour * HOURS, rssKiB, heapKiB, perPairKiB, seconds: (performance.now() - began) / 1_000 };
};

process.once('message', (quotes: number) => {
  process.send?.(soak(quotes), () => process.disconnect());
});
// Not to outlive the bench.
process.once('disconnect', () => process.exit());
