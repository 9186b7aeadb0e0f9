/**
 * The spread chart as one object: pane 1 the spread with bands and intents, pane 2 the quote age. Owns the
 * lightweight-charts instance; knows nothing of the store. Points come on the grid of `trail.ts`.
 */
import {
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
  type WhitespaceData,
} from 'lightweight-charts';
import type { Direction } from '../../src-shared/domain/opportunity.ts';
import { bps } from '../format/numbers.ts';
import { age, clockText, type ZoneOffset } from '../format/times.ts';
import { Bands, type BandLevels } from './bands.ts';
import { GapLineSeries, type GapLineDatum, type GapLineOptions } from './gapLine.ts';
import type { Palette } from './palette.ts';
import { lineItems, type TrailPoint } from './trail.ts';

export interface IntentMark {
  readonly unixMs: number;
  readonly spreadBps: number;
  readonly kind: 'entry' | 'end';
}

export interface SpreadChart {
  readonly setTrail: (trail: readonly TrailPoint[], direction: Direction) => void;
  /** @param afterGap whether the point before `points[0]` had no value. */
  readonly update: (points: readonly TrailPoint[], direction: Direction, afterGap: boolean) => void;
  readonly setLevels: (levels: BandLevels) => void;
  readonly setMarks: (marks: readonly IntentMark[]) => void;
  readonly setLooks: (palette: Palette, zone: ZoneOffset) => void;
  readonly remove: () => void;
}

const SPREAD_SHARE = 3;
const AGE_SHARE = 1;

const secondsOf = (unixMs: number): UTCTimestamp => (unixMs / 1_000) as UTCTimestamp;

const timeOf = (time: Time, zone: ZoneOffset): string => clockText(Number(time) * 1_000, zone);

const looksOf = (palette: Palette, zone: ZoneOffset) => ({
  layout: {
    background: { type: ColorType.Solid, color: 'transparent' },
    textColor: palette.dim,
    fontFamily: palette.font,
    fontSize: 11,
    // The library's attribution stands beside the chart as text with a link.
    attributionLogo: false,
    panes: { separatorColor: palette.line, separatorHoverColor: palette.line, enableResize: false },
  },
  grid: { vertLines: { visible: false }, horzLines: { color: palette.line } },
  rightPriceScale: { borderColor: palette.line, minimumWidth: 64 },
  timeScale: {
    borderColor: palette.line,
    tickMarkFormatter: (time: Time) => timeOf(time, zone).slice(0, 8),
  },
  localization: { timeFormatter: (time: Time) => timeOf(time, zone) },
});

const bandColours = (palette: Palette) => ({
  inner: palette.bandInner,
  outer: palette.bandOuter,
  edge: palette.bandEdge,
  entry: palette.text,
});

type LineSeries = ISeriesApi<'Custom', Time, GapLineDatum | WhitespaceData>;

interface Parts {
  readonly chart: IChartApi;
  readonly line: LineSeries;
  readonly ages: ISeriesApi<'Histogram'>;
  readonly bands: Bands;
  readonly marks: ISeriesMarkersPluginApi<Time>;
}

const build = (container: HTMLElement): Parts => {
  const chart = createChart(container, {
    autoSize: true,
    crosshair: { mode: CrosshairMode.Normal },
    handleScroll: false,
    handleScale: false,
  });
  chart.timeScale().applyOptions({ minBarSpacing: 0.05, rightOffset: 2, fixLeftEdge: true, timeVisible: true, secondsVisible: true });
  const line = chart.addCustomSeries(new GapLineSeries(), {
    priceLineVisible: true,
    lastValueVisible: true,
    priceFormat: { type: 'custom', formatter: (value: number) => bps(value), minMove: 0.01 },
  }) as unknown as LineSeries;
  const ages = chart.addSeries(
    HistogramSeries,
    {
      priceLineVisible: false,
      lastValueVisible: true,
      priceFormat: { type: 'custom', formatter: (value: number) => age(value), minMove: 1 },
    },
    1,
  );
  const bands = new Bands();
  line.attachPrimitive(bands);
  ages.priceScale().applyOptions({ scaleMargins: { top: 0.15, bottom: 0 } });
  const [upper, lower] = chart.panes();
  upper?.setStretchFactor(SPREAD_SHARE);
  lower?.setStretchFactor(AGE_SHARE);
  return { chart, line, ages, bands, marks: createSeriesMarkers(line, []) };
};

const lineData = (points: readonly TrailPoint[], direction: Direction, afterGap: boolean): ReadonlyArray<GapLineDatum | WhitespaceData> =>
  lineItems(points, direction, afterGap).map((item) =>
    item.value === null
      ? { time: secondsOf(item.unixMs) }
      : { time: secondsOf(item.unixMs), value: item.value, breakBefore: item.breakBefore },
  );

const ageData = (points: readonly TrailPoint[]) =>
  points.map((point) => (point.ageMs === null ? { time: secondsOf(point.unixMs) } : { time: secondsOf(point.unixMs), value: point.ageMs }));

const markOf = (mark: IntentMark, palette: Palette): SeriesMarker<Time> => ({
  time: secondsOf(mark.unixMs),
  position: mark.kind === 'entry' ? 'atPriceBottom' : 'atPriceTop',
  price: mark.spreadBps,
  shape: mark.kind === 'entry' ? 'arrowUp' : 'arrowDown',
  color: mark.kind === 'entry' ? palette.text : palette.dim,
  size: 0.9,
});

/** Without colours until `setLooks` is called. */
export const createSpreadChart = (container: HTMLElement): SpreadChart => {
  const { chart, line, ages, bands, marks } = build(container);
  let palette: Palette | null = null;
  let shownDirection: Direction = 'sell-a-buy-b';
  let levels: BandLevels | null = null;
  let shownMarks: readonly IntentMark[] = [];
  const paintLine = (): void => {
    if (palette !== null) line.applyOptions({ color: shownDirection === 'sell-a-buy-b' ? palette.up : palette.down });
  };
  const paintBands = (): void => {
    if (palette !== null && levels !== null) bands.show(levels, bandColours(palette));
  };
  const paintMarks = (): void => {
    const colours = palette;
    if (colours !== null) marks.setMarkers(shownMarks.map((mark) => markOf(mark, colours)));
  };
  return {
    setTrail: (trail, direction) => {
      shownDirection = direction;
      paintLine();
      line.setData([...lineData(trail, direction, true)]);
      ages.setData(ageData(trail));
      chart.timeScale().fitContent();
    },
    update: (points, direction, afterGap) => {
      for (const datum of lineData(points, direction, afterGap)) line.update(datum);
      for (const datum of ageData(points)) ages.update(datum);
    },
    setLevels: (next) => {
      levels = next;
      paintBands();
    },
    setMarks: (next) => {
      shownMarks = next;
      paintMarks();
    },
    setLooks: (next, zone) => {
      palette = next;
      chart.applyOptions(looksOf(next, zone));
      line.applyOptions({ veil: next.veil } as Partial<GapLineOptions>);
      ages.applyOptions({ color: next.faint });
      paintLine();
      paintBands();
      paintMarks();
    },
    remove: () => chart.remove(),
  };
};
