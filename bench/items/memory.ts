/**
 * Whether memory stays flat: ten million quotes, spread over a simulated day, decoded, queued and stepped.
 */
import { startChild } from '../child.ts';
import type { SoakAnswer } from '../children/soak.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { atMost, figureRow } from '../verdict.ts';

const ITEM = 'memory';

/** Least-squares slope, KiB an hour, without the first hour, in which code is still being compiled. */
const slopeOf = (values: readonly number[]): number => {
  const ys = values.slice(1);
  const meanX = (ys.length - 1) / 2;
  const meanY = ys.reduce((sum, y) => sum + y, 0) / ys.length;
  const covariance = ys.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / ys.reduce((sum, _y, x) => sum + (x - meanX) ** 2, 0);
};

export const memoryItem: BenchItem = {
  name: ITEM,
  title: 'memory over a simulated day (decode, queue, step; 10 pairs)',
  async run(context: BenchContext) {
    const child = startChild('soak.ts', { flags: ['--expose-gc'] });
    try {
      child.send(context.quick ? 1_000_000 : 10_000_000);
      const { quotes, rssKiB, heapKiB, perPairKiB, seconds } = await child.next<SoakAnswer>();
      const [first, last] = [rssKiB[0]!, rssKiB.at(-1)!];
      const note = `${quotes.toLocaleString('en-US')} quotes in ${Math.round(seconds)} s`;
      return [
        figureRow(ITEM, 'resident after the last quote', last / 1_024, 'MiB', null, { note, figures: { rssKiB, heapKiB } }),
        figureRow(ITEM, 'resident, 24 h / 1 h', last / first, '×', atMost(1.05)),
        figureRow(ITEM, 'slope of what is held (heap and buffers)', Math.max(0, slopeOf(heapKiB)), 'KiB an hour', atMost(100)),
        figureRow(ITEM, 'held for each further pair', perPairKiB, 'KiB', atMost(250)),
      ];
    } finally {
      await child.end();
    }
  },
};
