/**
 * Percentile bands and the entry line behind the spread, as a primitive of lightweight-charts. Draws only what the
 * engine reported: p50–p75 and p75–p90 filled, the entry dashed; an unknown percentile draws nothing.
 */
import type {
  AutoscaleInfo,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  SeriesAttachedParameter,
} from 'lightweight-charts';

export interface BandLevels {
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly entryBps: number | null;
}

export interface BandColours {
  readonly inner: string;
  readonly outer: string;
  readonly edge: string;
  readonly entry: string;
}

/** How many band widths away the entry may lie and still be made visible. */
const ENTRY_REACH = 6;

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

export const NO_LEVELS: BandLevels = { p50: null, p75: null, p90: null, entryBps: null };

export class Bands implements ISeriesPrimitive, IPrimitivePaneView, IPrimitivePaneRenderer {
  private attachment: SeriesAttachedParameter | null = null;
  private levels: BandLevels = NO_LEVELS;
  private colours: BandColours | null = null;

  attached(attachment: SeriesAttachedParameter): void {
    this.attachment = attachment;
  }

  detached(): void {
    this.attachment = null;
  }

  show(levels: BandLevels, colours: BandColours): void {
    this.levels = levels;
    this.colours = colours;
    this.attachment?.requestUpdate();
  }

  /** The bands always fit; the entry only while it is near enough not to squash the line. */
  autoscaleInfo(): AutoscaleInfo | null {
    const { p50, p75, p90, entryBps } = this.levels;
    const known = [p50, p75, p90].filter((level) => level !== null);
    if (known.length === 0) return null;
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const reach = ENTRY_REACH * Math.max(high - low, 0.1);
    const isNear = entryBps !== null && entryBps < high + reach && entryBps > low - reach;
    const all = isNear ? [...known, entryBps] : known;
    return { priceRange: { minValue: Math.min(...all), maxValue: Math.max(...all) } };
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [this];
  }

  zOrder(): 'bottom' {
    return 'bottom';
  }

  renderer(): IPrimitivePaneRenderer {
    return this;
  }

  draw(target: Target): void {
    const series = this.attachment?.series;
    const { levels, colours } = this;
    if (series === undefined || colours === null) return;
    target.useBitmapCoordinateSpace(({ context, bitmapSize, verticalPixelRatio }) => {
      const yOf = (level: number | null): number | null => {
        const y = level === null ? null : series.priceToCoordinate(level);
        return y === null ? null : Math.round(y * verticalPixelRatio);
      };
      const fill = (from: number | null, to: number | null, colour: string): void => {
        if (from === null || to === null) return;
        context.fillStyle = colour;
        context.fillRect(0, Math.min(from, to), bitmapSize.width, Math.abs(to - from));
      };
      const rule = (y: number | null, colour: string, dash: readonly number[]): void => {
        if (y === null) return;
        context.strokeStyle = colour;
        context.lineWidth = Math.max(1, Math.round(verticalPixelRatio));
        context.setLineDash(dash.map((length) => length * verticalPixelRatio));
        context.beginPath();
        context.moveTo(0, y + 0.5);
        context.lineTo(bitmapSize.width, y + 0.5);
        context.stroke();
        context.setLineDash([]);
      };
      const [p50, p75, p90] = [yOf(levels.p50), yOf(levels.p75), yOf(levels.p90)];
      fill(p50, p75, colours.inner);
      fill(p75, p90, colours.outer);
      rule(p50, colours.edge, []);
      rule(p90, colours.edge, []);
      rule(yOf(levels.entryBps), colours.entry, [5, 4]);
    });
  }
}
