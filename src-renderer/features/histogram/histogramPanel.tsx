/**
 * How the spread's time was distributed, with the entry as a line to drag: what share of the time lies beyond it.
 * A what-if on the screen only; nothing is sent and no rule changes.
 */
import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { usePalette } from '../../chart/palette.ts';
import { axisSpan, bpsAt, keyStepBps, perDayMs, shareBeyond, xOf, type AxisSpan, type Histogram } from '../../chart/whatIf.ts';
import { bps, percentOf } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { Panel } from '../../parts/panel.tsx';
import { useUi } from '../../store/uiStore.ts';
import { useDirectionDetail, useFocused } from '../whyNot/focusedDirection.ts';
import { createHistogramChart, type HistogramChart } from './histogramChart.ts';

const moveTo = (whatIfBps: number | null): void => {
  useUi.setState({ whatIfBps });
};

interface TriggerProps {
  readonly span: AxisSpan;
  readonly triggerBps: number;
  readonly isMoved: boolean;
  readonly spoken: string;
}

const keyTarget = (key: string, triggerBps: number, span: AxisSpan): number | null => {
  const step = keyStepBps(span);
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return triggerBps - step;
    case 'ArrowRight':
    case 'ArrowUp':
      return triggerBps + step;
    case 'PageDown':
      return triggerBps - 10 * step;
    case 'PageUp':
      return triggerBps + 10 * step;
    case 'Home':
      return span.minBps;
    case 'End':
      return span.maxBps;
    default:
      return null;
  }
};

const Trigger = ({ span, triggerBps, isMoved, spoken }: TriggerProps) => {
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box !== undefined) moveTo(bpsAt(event.clientX - box.left, box.width, span));
  };
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === 'Escape') {
      moveTo(null);
      return;
    }
    const target = keyTarget(event.key, triggerBps, span);
    if (target === null) return;
    event.preventDefault();
    moveTo(Math.min(span.maxBps, Math.max(span.minBps, target)));
  };
  const part = Math.min(1, Math.max(0, xOf(triggerBps, 1, span)));
  return (
    <div
      aria-label="What-if trigger"
      aria-valuemax={Number(span.maxBps.toFixed(2))}
      aria-valuemin={Number(span.minBps.toFixed(2))}
      aria-valuenow={Number(triggerBps.toFixed(2))}
      aria-valuetext={spoken}
      className={`trigger${isMoved ? ' is-moved' : ''}`}
      data-testid="trigger"
      onDoubleClick={() => moveTo(null)}
      onKeyDown={press}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      // A range input would hide the bars under its track.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="slider"
      style={{ left: `${part * 100}%` }}
      tabIndex={0}
    />
  );
};

const Bars = ({
  histogram,
  span,
  triggerBps,
}: {
  readonly histogram: Histogram;
  readonly span: AxisSpan;
  readonly triggerBps: number | null;
}) => {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<HistogramChart | null>(null);
  const palette = usePalette();
  useEffect(() => {
    if (holder.current === null) return undefined;
    const created = createHistogramChart(holder.current);
    chart.current = created;
    return () => {
      chart.current = null;
      created.remove();
    };
  }, []);
  useEffect(() => {
    if (palette !== null) chart.current?.show(histogram, span, triggerBps, palette);
  }, [histogram, span, triggerBps, palette]);
  return <div className="canvas" ref={holder} />;
};

export const HistogramPanel = () => {
  const focused = useFocused();
  const detail = useDirectionDetail(focused);
  const whatIfBps = useUi((ui) => ui.whatIfBps);
  const histogram = detail?.histogram ?? null;
  const entryBps = detail?.view.entrySpreadBps ?? null;
  const triggerBps = whatIfBps ?? entryBps;
  const span = histogram === null ? null : axisSpan(histogram, entryBps);
  const share = histogram === null || triggerBps === null ? null : shareBeyond(histogram, triggerBps);
  const isOutside = span !== null && triggerBps !== null && triggerBps > span.maxBps;
  const spoken = `${bps(triggerBps)} basis points, ${percentOf(share, 2)} per cent of the time beyond`;
  return (
    <Panel
      beside={
        whatIfBps === null ? (
          <span className="tone-faint">drag the trigger: display only</span>
        ) : (
          <button className="tool" onClick={() => moveTo(null)} type="button">
            back to entry
          </button>
        )
      }
      className="dimmable flex-none"
      title="Histogram"
    >
      <div className="histogram-holder" data-testid="histogram">
        {histogram !== null && span !== null && <Bars histogram={histogram} span={span} triggerBps={triggerBps} />}
        {histogram === null && <p className="chart-note m-0">No statistics of this direction yet.</p>}
        {span !== null && triggerBps !== null && (
          <Trigger isMoved={whatIfBps !== null} span={span} spoken={spoken} triggerBps={triggerBps} />
        )}
      </div>
      <p className="m-0 px-3 pt-1 pb-2" data-testid="what-if">
        {whatIfBps === null ? 'entry' : 'what if'} <strong>{bps(triggerBps)}</strong> bp
        {isOutside && ' →'} · <strong>{percentOf(share, 2)}</strong> % of time beyond
        {share !== null && <span className="tone-dim">, {age(perDayMs(share))}/day</span>}
      </p>
    </Panel>
  );
};
