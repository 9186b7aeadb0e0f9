/** Two lines a pair: leg A with the direction that sells it, leg B with the other. Stale shows dashes, never a price. */
import { memo, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Bps, Num } from '../../parts/figures.tsx';
import { directionLegs, symbolOf, venueOf } from '../../parts/names.ts';
import { useOnScreen } from '../../parts/useOnScreen.ts';
import { fullPrecision, percentOf, price, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { gateName } from '../whyNot/gateText.ts';
import { STATE_TONES } from '../groups/groupText.ts';
import { ScopeMenu } from '../kill/scopeMenu.tsx';
import { focusDirection, focusPair, openGroup, useUi } from '../../store/uiStore.ts';
import type { Direction } from '../../../src-shared/domain/opportunity.ts';
import type { DirectionView, PairRow } from '../../../src-shared/domain/view.ts';

export const MAX_PX_DIGITS_ALIGNED = 8;

/** The direction's figures out of the flat row. */
export const directionView = (row: PairRow, direction: Direction): DirectionView =>
  direction === 'sell-a-buy-b'
    ? {
        spreadBps: row.fSpreadBps,
        edgeBps: row.fEdgeBps,
        p50: row.fP50,
        p75: row.fP75,
        p90: row.fP90,
        p99: row.fP99,
        entrySpreadBps: row.fEntryBps,
        triggerRate: row.fTriggerRate,
      }
    : {
        spreadBps: row.rSpreadBps,
        edgeBps: row.rEdgeBps,
        p50: row.rP50,
        p75: row.rP75,
        p90: row.rP90,
        p99: row.rP99,
        entrySpreadBps: row.rEntryBps,
        triggerRate: row.rTriggerRate,
      };

/** A pair that is scrolled away: its names stay, its figures are unknown rather than old. */
const undrawn = ({ underlying, a, b }: Pick<PairRow, 'underlying' | 'a' | 'b'>): PairRow => ({
  underlying,
  a,
  b,
  conversion: '',
  best: 'sell-a-buy-b',
  stale: false,
  ageMs: null,
  fSpreadBps: null,
  fEdgeBps: null,
  fP50: null,
  fP75: null,
  fP90: null,
  fP99: null,
  fEntryBps: null,
  fTriggerRate: null,
  rSpreadBps: null,
  rEdgeBps: null,
  rP50: null,
  rP75: null,
  rP90: null,
  rP99: null,
  rEntryBps: null,
  rTriggerRate: null,
  coverage: 0,
  gatesPassed: 0,
  gatesTotal: 0,
  firstFailing: null,
  liveIntentId: null,
  groupId: null,
  blocked: null,
});

interface LegCellsProps {
  readonly instrumentId: string;
  readonly pxDigits: number;
  readonly drawn: boolean;
}

const LegCells = ({ instrumentId, pxDigits, drawn }: LegCellsProps) => {
  const instrument = useConsole((state) => (drawn ? state.tables.instruments[instrumentId] : undefined));
  const isLive = useIsLive();
  const fresh = isLive && instrument !== undefined && !instrument.stale;
  const px = (value: number | null | undefined) => (
    <Num digits={pxDigits} full={fullPrecision(fresh ? value : null)} text={fresh ? price(value, instrument.pxDigits) : UNKNOWN} />
  );
  return (
    <>
      <td className="tone-dim" title={instrumentId}>
        <span className="text-text">{symbolOf(instrumentId)}</span> {venueOf(instrumentId)}
        {instrument?.quoteOnly === true && <span className="tone-warn"> quote-only</span>}
      </td>
      <td className={`num wide-only ${fresh ? '' : 'is-stale'}`}>{px(instrument?.bidPx)}</td>
      <td className={`num wide-only ${fresh ? '' : 'is-stale'}`}>{px(instrument?.askPx)}</td>
      <td className="num mid-only">
        {isLive && instrument?.stale === true ? (
          <span className="stale-tag">STALE {age(instrument.ageMs)}</span>
        ) : (
          <span className="tone-dim">{isLive ? age(instrument?.ageMs) : UNKNOWN}</span>
        )}
      </td>
    </>
  );
};

const DirectionCells = ({ row, direction, fresh }: { readonly row: PairRow; readonly direction: Direction; readonly fresh: boolean }) => {
  const view = directionView(row, direction);
  const { sell, buy } = directionLegs(row, direction);
  const isBest = row.best === direction;
  return (
    <>
      <td className="tone-dim mid-only">
        <span aria-hidden="true" className="arrow">
          {isBest ? '•' : ''}
        </span>
        sell {sell}
        <span className="xwide-only"> · buy {buy}</span>
      </td>
      <td className="num strong">
        <Bps signal={false} value={fresh ? view.spreadBps : null} />
      </td>
      <td className="num strong">
        <Bps signal value={fresh ? view.edgeBps : null} />
      </td>
      <td className="num tone-dim mid-only">
        <Bps value={view.p50} />
      </td>
      <td className="num tone-dim mid-only">
        <Bps value={view.p75} />
      </td>
      <td className="num tone-dim wide-only">
        <Bps value={view.p90} />
      </td>
      <td className="num">
        <Bps value={view.entrySpreadBps} />
      </td>
      <td className="num wide-only">
        <Num full={fullPrecision(view.triggerRate)} text={percentOf(view.triggerRate)} />
      </td>
    </>
  );
};

/** What the pair is at: its group before its intent before what keeps it from entering. */
const PairTag = ({ row: { groupId, liveIntentId, blocked } }: { readonly row: PairRow }) => {
  const state = useConsole((store) => (groupId === null ? undefined : store.tables.groups[groupId]?.state));
  if (groupId !== null) {
    return (
      <button
        className={`link ${state === undefined ? 'tone-dim' : STATE_TONES[state]}`}
        onClick={(event) => {
          event.stopPropagation();
          openGroup(groupId);
        }}
        title={`hedge group ${groupId}${blocked === null ? '' : `; ${blocked}`}`}
        type="button"
      >
        {state ?? 'group'}
      </button>
    );
  }
  if (liveIntentId !== null) return <span className="tone-up strong">intent</span>;
  if (blocked !== null)
    return (
      <span className="tone-warn" title={blocked}>
        blocked
      </span>
    );
  return null;
};

export const PairLines = memo(({ pairId, pxDigits }: { readonly pairId: string; readonly pxDigits: number }) => {
  const lines = useRef<HTMLTableSectionElement>(null);
  const drawn = useOnScreen(lines);
  const names = useConsole(
    useShallow((state) => {
      const { underlying, a, b } = state.tables.pairs[pairId] ?? {};
      return { underlying, a, b };
    }),
  );
  const live = useConsole((state) => (drawn ? state.tables.pairs[pairId] : undefined));
  const isFocused = useUi((ui) => ui.pairId === pairId);
  const isLive = useIsLive();
  const { underlying, a, b } = names;
  if (underlying === undefined || a === undefined || b === undefined) return null;
  const row = live ?? undrawn({ underlying, a, b });
  const fresh = isLive && !row.stale;
  const focus = (direction: Direction): void => {
    focusPair(pairId, direction);
    focusDirection(direction);
  };
  return (
    <tbody className={`can-open${isFocused ? ' is-focused' : ''}`} data-testid={`pair-${pairId}`} ref={lines}>
      <tr onClick={() => focus('sell-a-buy-b')}>
        <th scope="row">
          <button
            aria-pressed={isFocused}
            className="strong"
            onClick={(event) => {
              event.stopPropagation();
              focusPair(pairId, row.best);
            }}
            title={pairId}
            type="button"
          >
            {row.underlying}
          </button>
          <ScopeMenu scope={`pair:${pairId}`} />
        </th>
        <LegCells drawn={drawn} instrumentId={row.a} pxDigits={pxDigits} />
        <DirectionCells direction="sell-a-buy-b" fresh={fresh} row={row} />
        <td className="num">
          {isLive && row.stale ? (
            <span className="stale-tag">STALE {age(row.ageMs)}</span>
          ) : (
            <span className="tone-dim">{isLive ? age(row.ageMs) : UNKNOWN}</span>
          )}
        </td>
      </tr>
      <tr onClick={() => focus('sell-b-buy-a')}>
        <td className="tone-faint">
          <span className="sr-only">{row.underlying}, other direction </span>
          <PairTag row={row} />
        </td>
        <LegCells drawn={drawn} instrumentId={row.b} pxDigits={pxDigits} />
        <DirectionCells direction="sell-b-buy-a" fresh={fresh} row={row} />
        <td
          className="num tone-dim"
          title={row.firstFailing === null ? 'all gates pass' : `first that fails: ${gateName(row.firstFailing)}`}
        >
          {drawn ? `${row.gatesPassed}/${row.gatesTotal}` : UNKNOWN}
          <span className="sr-only"> gates pass</span>
        </td>
      </tr>
    </tbody>
  );
});
