/** The histogram's bars, drawn by uPlot. Owns the uPlot instance; the trigger line is the panel's own element. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Palette } from '../../chart/palette.ts';
import type { AxisSpan, Histogram } from '../../chart/whatIf.ts';
import { signed } from '../../format/numbers.ts';

export interface HistogramChart {
  readonly show: (histogram: Histogram, span: AxisSpan, triggerBps: number | null, palette: Palette) => void;
  readonly remove: () => void;
}

export const AXIS_HEIGHT_PX = 22;

const barsOf = ({ fromBps, stepBps, shares }: Histogram): [number[], number[]] => [
  shares.map((_, index) => fromBps + (index + 0.5) * stepBps),
  shares.map((share) => share * 100),
];

export const createHistogramChart = (holder: HTMLElement): HistogramChart => {
  let palette: Palette | null = null;
  let span: AxisSpan = { minBps: 0, maxBps: 1 };
  let triggerBps: number | null = null;
  let stepBps = 1;
  const drawBars = (plot: uPlot): void => {
    const { ctx } = plot;
    const [xs, ys] = plot.data;
    const base = plot.valToPos(0, 'y', true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
    ctx.clip();
    for (const [index, x] of xs.entries()) {
      const share = ys?.[index];
      if (typeof share !== 'number' || share <= 0) continue;
      const left = plot.valToPos(x - stepBps / 2, 'x', true);
      const right = plot.valToPos(x + stepBps / 2, 'x', true);
      const top = Math.min(plot.valToPos(share, 'y', true), base - devicePixelRatio);
      ctx.fillStyle = triggerBps !== null && x >= triggerBps ? (palette?.up ?? '') : (palette?.faint ?? '');
      ctx.fillRect(left, top, Math.max(devicePixelRatio, right - left - (right - left > 4 ? 1 : 0)), base - top);
    }
    ctx.restore();
  };
  const plot = new uPlot(
    {
      width: Math.max(50, holder.clientWidth),
      height: Math.max(50, holder.clientHeight),
      padding: [6, 0, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: () => [span.minBps, span.maxBps] }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] } },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        {
          size: AXIS_HEIGHT_PX,
          stroke: () => palette?.dim ?? '',
          font: '11px sans-serif',
          grid: { show: false },
          ticks: { show: true, size: 3, width: 1, stroke: () => palette?.line ?? '' },
          gap: 3,
          values: (_, splits) => splits.map((value) => signed(value, stepOf(splits) < 1 ? 1 : 0)),
        },
        { show: false },
      ],
      hooks: { draw: [drawBars] },
    },
    [[0], [0]],
    holder,
  );
  const observer = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(50, holder.clientWidth), height: Math.max(50, holder.clientHeight) }),
  );
  observer.observe(holder);
  return {
    show: (histogram, nextSpan, nextTrigger, nextPalette) => {
      palette = nextPalette;
      span = nextSpan;
      triggerBps = nextTrigger;
      stepBps = histogram.stepBps;
      plot.setData(barsOf(histogram));
    },
    remove: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
};

const stepOf = (splits: readonly number[]): number => Math.abs((splits[1] ?? 1) - (splits[0] ?? 0));
