/** Intents of one pair and direction as marks on the chart's grid. Pure. */
import type { Direction } from '../../../src-shared/domain/opportunity.ts';
import type { IntentRow } from '../../../src-shared/domain/view.ts';
import type { IntentMark } from '../../chart/spreadChart.ts';
import type { RangeShape } from '../../chart/trail.ts';

/** More marks than this make no picture; the newest are kept. */
export const MAX_MARKS = 200;

export const marksOf = (
  intents: Readonly<Record<string, IntentRow>>,
  pairId: string,
  direction: Direction,
  nowUnixMs: number,
  { spanMs, stepMs }: RangeShape,
): readonly IntentMark[] => {
  const onGrid = (unixMs: number): number => Math.floor(unixMs / stepMs) * stepMs;
  const marks: IntentMark[] = [];
  for (const intent of Object.values(intents)) {
    if (intent.pairId !== pairId || intent.direction !== direction) continue;
    marks.push({ unixMs: onGrid(intent.proposedUnixMs), spreadBps: intent.spreadBps, kind: 'entry' });
    if (intent.endedUnixMs !== null) marks.push({ unixMs: onGrid(intent.endedUnixMs), spreadBps: intent.spreadBps, kind: 'end' });
  }
  return marks
    .filter((mark) => mark.unixMs > nowUnixMs - spanMs + stepMs)
    .sort((x, y) => x.unixMs - y.unixMs)
    .slice(-MAX_MARKS);
};
