/** Two lines a group: state, leg A, what is naked and earned; below it since when, leg B, and the same in bps. */
import { memo } from 'react';
import { Bps, Num, toneOf } from '../../parts/figures.tsx';
import { symbolOf, venueOf, directionText } from '../../parts/names.ts';
import { Stopwatch } from '../../parts/stopwatch.tsx';
import { useEngineTime } from '../../parts/useTick.ts';
import { fullPrecision, signed, UNKNOWN } from '../../format/numbers.ts';
import { isZeroText, priceText, signedQty } from '../../format/exact.ts';
import { age } from '../../format/times.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openGroup, useUi } from '../../store/uiStore.ts';
import { isEndedGroup } from '../../../src-shared/domain/hedgeGroup.ts';
import type { OrderState } from '../../../src-shared/domain/order.ts';
import type { GroupRow } from '../../../src-shared/domain/view.ts';
import { CLOSE_WORDS, ORDER_TONES, STATE_TONES } from './groupText.ts';

interface Leg {
  readonly instrumentId: string;
  readonly qty: string;
  readonly avgPx: string | null;
  readonly order: OrderState | null;
  readonly latencyMs: number | null;
}

const LegCells = ({ instrumentId, qty, avgPx, order, latencyMs }: Leg) => {
  const pxDigits = useConsole((state) => state.tables.instruments[instrumentId]?.pxDigits ?? null);
  return (
    <>
      <td className="tone-dim wide-only" title={instrumentId}>
        <span className="text-text">{symbolOf(instrumentId)}</span> {venueOf(instrumentId)}
      </td>
      <td className={`num${isZeroText(qty) ? ' tone-faint' : ''}`}>
        <Num full={qty} text={signedQty(qty)} />
      </td>
      <td className="num tone-dim wide-only">
        <Num full={avgPx ?? ''} text={priceText(avgPx, pxDigits)} />
      </td>
      <td className={order === null ? 'tone-faint' : ORDER_TONES[order]}>{order ?? UNKNOWN}</td>
      <td className="num tone-dim mid-only">{latencyMs === null ? UNKNOWN : age(latencyMs)}</td>
    </>
  );
};

const Since = ({ row }: { readonly row: GroupRow }) => {
  const nowMs = useEngineTime(1_000);
  const isLive = useIsLive();
  if (row.endedUnixMs !== null) return <>{isLive ? `${age(Math.max(0, nowMs - row.endedUnixMs))} ago` : 'ended'}</>;
  return <>{isLive ? age(Math.max(0, nowMs - row.stateSinceUnixMs)) : 'at last update'}</>;
};

const Net = ({ usd, bps }: { readonly usd: number | null; readonly bps: boolean }) =>
  bps ? <Bps value={usd} /> : <Num className={usd === null ? 'tone-faint' : toneOf(usd)} full={fullPrecision(usd)} text={signed(usd, 2)} />;

export const GroupLines = memo(({ groupId, row }: { readonly groupId: string; readonly row: GroupRow }) => {
  const underlying = useConsole((state) => state.tables.pairs[row.pairId]?.underlying);
  const isOpened = useUi((ui) => ui.drawerGroupId === groupId);
  const isLive = useIsLive();
  const isEnded = isEndedGroup(row.state);
  const legs = { a: row.aInstrument, b: row.bInstrument };
  const holdsNothing = isZeroText(row.aQty) && isZeroText(row.bQty);
  const tone = STATE_TONES[row.state];
  const attention = row.state === 'operator-held' ? ' is-held' : row.state === 'compensating' ? ' is-compensating' : '';
  const netUsd = isEnded ? row.netUsd : isLive ? row.openNetUsd : null;
  const netBps = isEnded ? row.netBps : isLive ? row.openNetBps : null;
  return (
    <tbody className={`can-open${isOpened ? ' is-focused' : ''}${attention}`} data-testid={`group-${groupId}`}>
      <tr onClick={() => openGroup(groupId)}>
        <th scope="row">
          <button
            aria-label={`Group ${groupId}: ${row.state}`}
            className={`state-word ${tone}`}
            onClick={(event) => {
              event.stopPropagation();
              openGroup(groupId);
            }}
            title={row.why}
            type="button"
          >
            <span data-testid="group-state">{row.state}</span>
          </button>
        </th>
        <td className="strong">{underlying ?? row.pairId}</td>
        <LegCells instrumentId={row.aInstrument} qty={row.aQty} avgPx={row.aAvgPx} order={row.aOrder} latencyMs={row.aLatencyMs} />
        <td className={`num${isZeroText(row.residualBaseQty) ? ' tone-faint' : ' strong tone-warn'}`}>
          <Num full={row.residualBaseQty} text={signedQty(row.residualBaseQty)} />
        </td>
        <td className="num tone-dim wide-only">
          <Bps value={row.expectedEdgeBps} />
        </td>
        <td className="num strong">
          <Net bps={false} usd={netUsd} />
        </td>
      </tr>
      <tr onClick={() => openGroup(groupId)}>
        <td className="tone-faint" title={row.why}>
          <Since row={row} />
        </td>
        <td className="tone-dim cut-short" title={directionText(legs, row.direction)}>
          {row.rungs > 0 && <span className="tone-warn">{row.rungs === 1 ? '1 rung' : `${row.rungs} rungs`} </span>}
          {row.closeReason === null ? directionText(legs, row.direction) : CLOSE_WORDS[row.closeReason]}
        </td>
        <LegCells instrumentId={row.bInstrument} qty={row.bQty} avgPx={row.bAvgPx} order={row.bOrder} latencyMs={row.bLatencyMs} />
        <td className="num">
          {row.nakedSinceUnixMs === null ? (
            <span className="tone-faint">{holdsNothing ? UNKNOWN : 'hedged'}</span>
          ) : (
            <Stopwatch nakedUsd={row.nakedUsd} sinceUnixMs={row.nakedSinceUnixMs} />
          )}
        </td>
        <td className="num tone-faint wide-only">{isEnded ? 'net' : 'if closed'}</td>
        <td className="num tone-dim">
          <Net bps usd={netBps} />
        </td>
      </tr>
    </tbody>
  );
});
