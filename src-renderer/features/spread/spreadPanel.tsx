/** The spread of the pair in focus over time, with bands, entry, intents, gaps, and the quote age beneath. */
import { useEffect, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { usePalette } from '../../chart/palette.ts';
import { createSpreadChart, type SpreadChart } from '../../chart/spreadChart.ts';
import { RANGE_SHAPES } from '../../chart/trail.ts';
import { bps } from '../../format/numbers.ts';
import { directionLegs } from '../../parts/names.ts';
import { Panel } from '../../parts/panel.tsx';
import { useZone } from '../../parts/useZone.ts';
import { engineRowOf, useConsole, useIsLive } from '../../store/consoleStore.ts';
import { focusDirection, useUi, type Range } from '../../store/uiStore.ts';
import { directionView } from '../pairs/pairLines.tsx';
import { useFocused, type Focused } from '../whyNot/focusedDirection.ts';
import { DIRECTIONS } from '../../../src-shared/domain/opportunity.ts';
import { marksOf } from './marks.ts';
import { useTrail } from './useTrail.ts';

const RANGES: readonly Range[] = ['5m', '1h', '1d'];

const RangeSwitch = () => {
  const range = useUi((ui) => ui.range);
  return (
    <fieldset aria-label="Range" className="segment">
      {RANGES.map((value) => (
        <button aria-pressed={range === value} className="tool" key={value} onClick={() => useUi.setState({ range: value })} type="button">
          {value}
        </button>
      ))}
    </fieldset>
  );
};

export const DirectionSwitch = ({ focused }: { readonly focused: Focused | null }) => {
  const chosen = useUi((ui) => ui.direction);
  if (focused === null) return null;
  return (
    <fieldset aria-label="Direction" className="segment">
      <button aria-pressed={chosen === 'best'} className="tool" onClick={() => focusDirection('best')} type="button">
        best
      </button>
      {DIRECTIONS.map((direction) => {
        const { sell, buy } = directionLegs(focused.row, direction);
        return (
          <button
            aria-pressed={chosen === direction}
            className="tool"
            key={direction}
            onClick={() => focusDirection(direction)}
            type="button"
          >
            sell {sell}
            <span className="xxwide-only"> · buy {buy}</span>
          </button>
        );
      })}
    </fieldset>
  );
};

const Legend = ({ focused }: { readonly focused: Focused | null }) => {
  const isLive = useIsLive();
  if (focused === null) return null;
  const view = directionView(focused.row, focused.direction);
  const isFresh = isLive && !focused.row.stale;
  return (
    <span className="flex flex-wrap items-center gap-x-3 tone-dim">
      <span>
        now{' '}
        <strong className={focused.direction === 'sell-a-buy-b' ? 'tone-up' : 'tone-down'}>{bps(isFresh ? view.spreadBps : null)}</strong>
      </span>
      <span className="xxwide-only">
        <span aria-hidden="true" className="legend-swatch bg-(--band-inner)" />
        p50 {bps(view.p50)} – p75 {bps(view.p75)}
      </span>
      <span className="xxwide-only">
        <span aria-hidden="true" className="legend-swatch bg-(--band-outer)" />– p90 {bps(view.p90)}
      </span>
      <span>
        <span aria-hidden="true">╌ </span>entry {bps(view.entrySpreadBps)}
      </span>
      <span className="xxwide-only">↑ intent ↓ its end · gap = stale</span>
    </span>
  );
};

const useLevels = (chart: React.RefObject<SpreadChart | null>, focused: Focused | null): void => {
  const view = focused === null ? null : directionView(focused.row, focused.direction);
  const [p50, p75, p90, entryBps] = [view?.p50 ?? null, view?.p75 ?? null, view?.p90 ?? null, view?.entrySpreadBps ?? null];
  useEffect(() => chart.current?.setLevels({ p50, p75, p90, entryBps }), [chart, p50, p75, p90, entryBps]);
};

const useMarks = (chart: React.RefObject<SpreadChart | null>, focused: Focused | null, range: Range): void => {
  const intents = useConsole(useShallow((state) => state.tables.intents));
  const pairId = focused?.pairId ?? null;
  const direction = focused?.direction ?? 'sell-a-buy-b';
  useEffect(() => {
    if (pairId === null) return;
    const nowUnixMs = engineRowOf(useConsole.getState())?.nowUnixMs ?? Date.now();
    chart.current?.setMarks(marksOf(intents, pairId, direction, nowUnixMs, RANGE_SHAPES[range]));
  }, [chart, intents, pairId, direction, range]);
};

export const SpreadPanel = () => {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<SpreadChart | null>(null);
  const focused = useFocused();
  const range = useUi((ui) => ui.range);
  const palette = usePalette();
  const zone = useZone();

  useEffect(() => {
    if (holder.current === null) return undefined;
    const created = createSpreadChart(holder.current);
    chart.current = created;
    return () => {
      chart.current = null;
      created.remove();
    };
  }, []);
  useEffect(() => {
    if (palette !== null) chart.current?.setLooks(palette, zone);
  }, [palette, zone]);
  useTrail(chart, { pairId: focused?.pairId ?? null, direction: focused?.direction ?? 'sell-a-buy-b', range });
  useLevels(chart, focused);
  useMarks(chart, focused, range);

  return (
    <Panel
      beside={<Legend focused={focused} />}
      className="chart-panel dimmable"
      title="Spread chart"
      tools={
        <>
          <DirectionSwitch focused={focused} />
          <RangeSwitch />
        </>
      }
    >
      <div className="chart-holder" data-testid="spread-chart">
        <div className="canvas" ref={holder} />
        {focused === null && <p className="chart-note m-0">Choose a pair.</p>}
        <a className="chart-credit" href="https://www.tradingview.com/" rel="noopener noreferrer" target="_blank">
          Charts by TradingView Lightweight Charts™
        </a>
      </div>
    </Panel>
  );
};
