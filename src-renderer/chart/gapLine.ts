/**
 * A line for lightweight-charts which really breaks at gaps (its own line joins across them), and marks the gap with
 * a faint veil. Draws only; the points come from `trail.ts`.
 */
import type {
  CustomData,
  CustomSeriesOptions,
  CustomSeriesPricePlotValues,
  CustomSeriesWhitespaceData,
  ICustomSeriesPaneRenderer,
  ICustomSeriesPaneView,
  PaneRendererCustomData,
  PriceToCoordinateConverter,
  UTCTimestamp,
} from 'lightweight-charts';
import { customSeriesDefaultOptions } from 'lightweight-charts';

export interface GapLineDatum extends CustomData<UTCTimestamp> {
  readonly value: number;
  readonly breakBefore: boolean;
}

export interface GapLineOptions extends CustomSeriesOptions {
  readonly lineWidth: number;
  readonly veil: string;
}

type Target = Parameters<ICustomSeriesPaneRenderer['draw']>[0];

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly breakBefore: boolean;
}

const veilGaps = (context: CanvasRenderingContext2D, spots: readonly Spot[], height: number): void => {
  for (const [index, spot] of spots.entries()) {
    const before = spots[index - 1];
    if (spot.breakBefore && before !== undefined) context.fillRect(before.x, 0, spot.x - before.x, height);
  }
};

const strokeRuns = (context: CanvasRenderingContext2D, spots: readonly Spot[], dot: number): void => {
  context.beginPath();
  for (const [index, spot] of spots.entries()) {
    const starts = index === 0 || spot.breakBefore;
    const ends = spots[index + 1]?.breakBefore ?? true;
    if (starts) context.moveTo(spot.x, spot.y);
    else context.lineTo(spot.x, spot.y);
    // A lone point between two gaps would have no length.
    if (starts && ends) context.lineTo(spot.x + dot, spot.y);
  }
  context.stroke();
};

class GapLineRenderer implements ICustomSeriesPaneRenderer {
  private content: PaneRendererCustomData<UTCTimestamp, GapLineDatum> | null = null;
  private options: GapLineOptions | null = null;

  update(content: PaneRendererCustomData<UTCTimestamp, GapLineDatum>, options: GapLineOptions): void {
    this.content = content;
    this.options = options;
  }

  draw(target: Target, priceToY: PriceToCoordinateConverter): void {
    const { content, options } = this;
    if (content === null || options === null || content.visibleRange === null) return;
    target.useBitmapCoordinateSpace(({ context, horizontalPixelRatio, verticalPixelRatio, bitmapSize }) => {
      const spots: Spot[] = [];
      const { from, to } = content.visibleRange ?? { from: 0, to: 0 };
      for (let index = Math.max(0, from - 1); index < Math.min(content.bars.length, to + 1); index += 1) {
        const bar = content.bars[index];
        if (bar === undefined) continue;
        const y = priceToY(bar.originalData.value);
        if (y === null) continue;
        spots.push({ x: bar.x * horizontalPixelRatio, y: y * verticalPixelRatio, breakBefore: bar.originalData.breakBefore });
      }
      context.fillStyle = options.veil;
      veilGaps(context, spots, bitmapSize.height);
      context.strokeStyle = options.color;
      context.lineWidth = options.lineWidth * verticalPixelRatio;
      context.lineJoin = 'round';
      strokeRuns(context, spots, horizontalPixelRatio);
    });
  }
}

export class GapLineSeries implements ICustomSeriesPaneView<UTCTimestamp, GapLineDatum, GapLineOptions> {
  private readonly paneRenderer = new GapLineRenderer();

  renderer(): ICustomSeriesPaneRenderer {
    return this.paneRenderer;
  }

  update(content: PaneRendererCustomData<UTCTimestamp, GapLineDatum>, options: GapLineOptions): void {
    this.paneRenderer.update(content, options);
  }

  priceValueBuilder(datum: GapLineDatum): CustomSeriesPricePlotValues {
    return [datum.value];
  }

  isWhitespace(datum: GapLineDatum | CustomSeriesWhitespaceData<UTCTimestamp>): datum is CustomSeriesWhitespaceData<UTCTimestamp> {
    return !('value' in datum);
  }

  defaultOptions(): GapLineOptions {
    return { ...customSeriesDefaultOptions, lineWidth: 1.5, veil: 'rgba(148, 158, 173, 0.07)' };
  }
}
