/**
 * Joins history and live frames into the chart's trail. Asks for the history of the pair and range in focus whenever
 * the link comes up; a frame extends the trail, and time without frames becomes a gap.
 */
import { useEffect, useRef, type RefObject } from 'react';
import type { Direction } from '../../../src-shared/domain/opportunity.ts';
import type { ConsoleTables } from '../../../src-shared/domain/view.ts';
import { useLiveConsole } from '../../connection/console.ts';
import type { SpreadChart } from '../../chart/spreadChart.ts';
import { extendTrail, pointsIn, RANGE_SHAPES, spreadOf, trailOf, type TrailPoint } from '../../chart/trail.ts';
import { ENGINE_KEY, useIsLive } from '../../store/consoleStore.ts';
import type { Range } from '../../store/uiStore.ts';

const livePoint = (tables: ConsoleTables, pairId: string): TrailPoint | null => {
  const unixMs = tables.engine[ENGINE_KEY]?.nowUnixMs;
  const row = tables.pairs[pairId];
  if (unixMs === undefined || row === undefined) return null;
  const hidden = row.stale;
  return { unixMs, fBps: hidden ? null : row.fSpreadBps, rBps: hidden ? null : row.rSpreadBps, ageMs: row.ageMs };
};

export interface TrailFocus {
  readonly pairId: string | null;
  readonly direction: Direction;
  readonly range: Range;
}

export const useTrail = (chart: RefObject<SpreadChart | null>, { pairId, direction, range }: TrailFocus): void => {
  const { feed, client } = useLiveConsole();
  const isLive = useIsLive();
  const trail = useRef<readonly TrailPoint[]>([]);

  useEffect(() => {
    if (pairId === null || !isLive) return undefined;
    const shape = RANGE_SHAPES[range];
    let over = false;
    // Live points that come before the history are kept aside by extending whatever there is; history replaces it.
    const load = async (): Promise<void> => {
      const toUnixMs = Date.now();
      const answer = await client()?.history({ pairId, fromUnixMs: toUnixMs - shape.spanMs, toUnixMs, maxPoints: pointsIn(shape) });
      if (over || answer === undefined) return;
      const newest = Math.max(trail.current.at(-1)?.unixMs ?? 0, answer.points.at(-1)?.unixMs ?? 0);
      const live = trail.current;
      const known = trailOf(answer.points, answer.stepMs, newest === 0 ? toUnixMs : newest, shape);
      trail.current = known.map((point, index) => live[live.length - (known.length - index)] ?? point);
      chart.current?.setTrail(trail.current, direction);
    };
    trail.current = [];
    load().catch(() => {
      // Without history the chart starts from now; the link's own state tells why.
    });
    const stop = feed.listen((tables) => {
      const point = livePoint(tables, pairId);
      if (point === null) return;
      const before = trail.current.at(-1);
      const step = extendTrail(trail.current, point, shape);
      trail.current = step.trail;
      if (step.rebuilt) chart.current?.setTrail(trailOf([], 0, point.unixMs, shape), direction);
      const replaced = step.changed.length === 1 && before?.unixMs === step.changed[0]?.unixMs;
      const prior = replaced ? trail.current.at(-2) : before;
      chart.current?.update(step.changed, direction, prior === undefined || spreadOf(prior, direction) === null);
    });
    return () => {
      over = true;
      stop();
    };
  }, [chart, client, direction, feed, isLive, pairId, range]);
};
