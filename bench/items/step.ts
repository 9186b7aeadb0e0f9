/**
 * What one quote costs the engine itself: validation, spreads both ways, statistics, costs, gates. With 1 to 1,000 pairs
 * held, each quote touching one pair.
 */
import type { BenchContext, BenchItem } from '../item.ts';
import { bandOf, interleave, ratioBand, timed, type Side } from '../rounds.ts';
import { atMost, bandText, judge, ratioRow, type Row } from '../verdict.ts';
import { directEngine, settingsOf } from '../world.ts';

const ITEM = 'step';
const PAIRS = [1, 10, 100, 1_000] as const;
/** 20,000 quotes a second. */
const GAP_US = 50;
const WARM_QUOTES = 60_000;

const sideOf = (pairs: number, quotes: number): Side => {
  const engine = directEngine(settingsOf(pairs), 3);
  for (let i = 0; i < WARM_QUOTES; i++) engine.quote(GAP_US);
  return () => {
    const cost = timed(quotes, () => {
      for (let i = 0; i < quotes; i++) engine.quote(GAP_US);
    });
    engine.timer(GAP_US);
    return cost;
  };
};

export const stepItem: BenchItem = {
  name: ITEM,
  title: 'engine step, CPU a quote (random price included)',
  async run(context: BenchContext) {
    const quotes = context.quick ? 10_000 : 40_000;
    const sides = Object.fromEntries(PAIRS.toReversed().map((pairs) => [String(pairs), sideOf(pairs, quotes)]));
    const { costs, control } = await interleave(sides, context.quick ? 5 : 15);
    const goal = atMost(1_000);
    const rows = PAIRS.map((pairs): Row => {
      const band = bandOf(costs[String(pairs)]!);
      const judged = pairs === 10;
      return {
        item: ITEM,
        what: `${pairs.toLocaleString('en-US')} pairs held`,
        goal: judged ? '≤ 1,000 ns' : '',
        measured: `${bandText(band)} ns`,
        verdict: judged ? judge(band, goal) : 'no goal',
        band,
      };
    });
    const growth = ratioBand(costs['1000']!, costs['10']!);
    return [...rows, ratioRow(ITEM, '1,000 pairs / 10 pairs', growth, atMost(3), { control })];
  },
};
