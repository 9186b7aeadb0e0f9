import { describe, expect, it } from 'vitest';
import { demoConfig, FEE_TIERS } from '../demoConfig.ts';
import { DEMO_BREAKS, DEMO_DISLOCATIONS } from './demoMarket.ts';
import { DEMO_INSTRUMENTS, keyOf, tickSizeOf } from './instruments.ts';
import { createMarketModel } from './model.ts';

const URL = { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:1' };
const CONFIG = demoConfig({ 'binance-spot': URL, 'binance-usdm': URL, okx: URL });
const WARM_UP_MS = 20_000;
const UNTIL_MS = 130_000;

/** Fees of both legs in and out, slippage and commission of the demo's settings, bps. */
const costBps = (ids: readonly string[]): number =>
  ids.reduce((sum, id) => {
    const leg = CONFIG.instruments.find((x) => `${x.symbol}@${x.venue}` === id)!;
    return sum + 2 * (leg.costs.takerFeeBps + (leg.costs.slippageBps ?? 0)) + (id === 'XAUUSD@mt5' ? 0.2 : 0);
  }, 0);

/** Round trips of each pair: best spread after the warm-up plus the median of the way back, minus the costs. */
const bestEdges = (seed: number) => {
  const model = createMarketModel({ seed, instruments: DEMO_INSTRUMENTS, dislocations: DEMO_DISLOCATIONS, breaks: DEMO_BREAKS });
  const book = new Map<string, { bid: number; ask: number }>();
  const spreads = CONFIG.pairs.map(() => ({ f: [] as number[], r: [] as number[], late: [] as { f: number; r: number; atMs: number }[] }));
  for (let at = 0; at <= UNTIL_MS; at += 100) {
    model.advance(at, ({ instrument, bidTicks, askTicks }) => {
      const tick = tickSizeOf(instrument);
      book.set(keyOf(instrument), { bid: bidTicks * tick, ask: askTicks * tick });
    });
    for (const [i, pair] of CONFIG.pairs.entries()) {
      const [a, b] = [book.get(pair.a), book.get(pair.b)];
      if (a === undefined || b === undefined) continue;
      const mid = (a.bid + a.ask + b.bid + b.ask) / 4;
      const [f, r] = [((a.bid - b.ask) / mid) * 10_000, ((b.bid - a.ask) / mid) * 10_000];
      spreads[i]!.f.push(f);
      spreads[i]!.r.push(r);
      if (at >= WARM_UP_MS) spreads[i]!.late.push({ f, r, atMs: at });
    }
  }
  const median = (xs: number[]) => xs.toSorted((x, y) => x - y)[xs.length >> 1]!;
  return CONFIG.pairs.map((pair, i) => {
    const { f, r, late } = spreads[i]!;
    const costs = costBps([pair.a, pair.b]);
    const [back, forth] = [median(r), median(f)];
    const paying = late.filter((s) => s.f + back - costs > 1 || s.r + forth - costs > 1);
    return { id: pair.id, paysMs: paying.length * 100, firstMs: paying[0]?.atMs ?? Infinity };
  });
};

describe('the demo market', () => {
  it.each([1, 7, 42, 2_026])('pays after every declared cost within its first minute, and on every pair soon (seed %i)', (seed) => {
    const edges = bestEdges(seed);
    expect(Math.min(...edges.map((e) => e.firstMs))).toBeLessThan(60_000);
    for (const e of edges) {
      expect(e.firstMs, e.id).toBeLessThan(UNTIL_MS);
      expect(e.paysMs, `${e.id} pays now and then, not always`).toBeLessThan(0.25 * UNTIL_MS);
    }
  });

  it('declares its fees: lower than regular ones, never free', () => {
    for (const venue of ['binance-spot', 'binance-usdm', 'okx'] as const) {
      expect(FEE_TIERS.top[venue]).toBeGreaterThan(1);
      expect(FEE_TIERS.top[venue]).toBeLessThan(FEE_TIERS.regular[venue]);
    }
  });
});
