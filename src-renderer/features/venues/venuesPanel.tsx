/** One line a venue: lamp, ages, clock, counters, and the MetaTrader session. */
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Num } from '../../parts/figures.tsx';
import { useEngineTime } from '../../parts/useTick.ts';
import { count, fullPrecision, plain, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openDialog } from '../../store/uiStore.ts';
import { ScopeMenu } from '../kill/scopeMenu.tsx';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { clockOffsetText, lampOf, metatraderLines, metatraderText, reconciledText, sessionText } from './venueText.ts';

const LINK_TONES = {
  idle: 'tone-faint',
  connecting: 'tone-warn',
  live: 'tone-dim',
  stale: 'tone-warn',
  'backing-off': 'tone-error',
  down: 'tone-error',
};

const Remark = ({ venueId, venue }: { readonly venueId: string; readonly venue: VenueRow }) => {
  const isLive = useIsLive();
  if (venue.disabled !== null) {
    return (
      <td className="cut" title={venue.disabled}>
        <button
          className="tool is-outlined"
          disabled={!isLive}
          onClick={() => openDialog({ kind: 'enable', scope: `venue:${venueId}` })}
          type="button"
        >
          Enable
        </button>{' '}
        <span className="tone-error">disabled: {venue.disabled}</span>
      </td>
    );
  }
  const session = metatraderText(venue.metatrader);
  const title = [venue.linkDetail, ...(venue.metatrader === null ? [] : metatraderLines(venue.metatrader)), venue.lastMalformed ?? '']
    .filter((line) => line !== '')
    .join('\n');
  const isNormal = venue.link === 'live' && session !== null;
  return (
    <td className="cut tone-dim wide-only" title={title}>
      {session !== null && <span className={lampOf(venue) === 'is-live' ? '' : 'tone-warn'}>{session}</span>}
      {!isNormal && `${session === null ? '' : ' · '}${venue.linkDetail}`}
    </td>
  );
};

/** What trading there needs: the order link, agreement with our books, budget, errors, money, hours. */
const TradingCells = ({ venue }: { readonly venue: VenueRow }) => {
  const isLive = useIsLive();
  const nowMs = useEngineTime(1_000);
  const perMinute = useConsole((state) => state.tables.limits['maxMessagesPerMinute']?.value ?? null);
  const maxErrors = useConsole((state) => state.tables.limits['maxVenueErrors']?.value ?? null);
  const [reconciled, reconciledTone] = reconciledText(venue, nowMs);
  const session = sessionText(venue, nowMs);
  const isNearBudget = perMinute !== null && venue.messagesLastMinute >= perMinute * NEAR_BUDGET;
  return (
    <>
      <td className={venue.orderLink === 'up' ? 'tone-dim' : 'tone-error'}>{venue.orderLink}</td>
      <td className={reconciledTone} title={venue.reconcileDetail}>
        {isLive ? reconciled : UNKNOWN}
      </td>
      <td className={`num wide-only ${isNearBudget ? 'tone-warn' : 'tone-dim'}`}>
        {count(venue.messagesLastMinute)}/{count(perMinute)}
      </td>
      <td className={`num wide-only ${venue.errorsInWindow > 0 ? 'tone-warn' : 'tone-dim'}`}>
        {count(venue.errorsInWindow)}/{count(maxErrors)}
      </td>
      <td className="num wide-only">
        {venue.equity === null ? UNKNOWN : <Num full={venue.equity} text={count(Number(venue.equity))} />}{' '}
        <span className="tone-faint">{venue.equityCcy ?? ''}</span>
      </td>
      <td className={`wide-only ${session?.[1] ?? 'tone-faint'}`}>{session?.[0] ?? UNKNOWN}</td>
    </>
  );
};

/** Entries may not touch the part that is kept back. */
const NEAR_BUDGET = 0.7;

const VenueLine = memo(({ venueId }: { readonly venueId: string }) => {
  const venue = useConsole((state) => state.tables.venues[venueId]);
  const isLive = useIsLive();
  if (venue === undefined) return null;
  return (
    <tr data-testid={`venue-${venueId}`}>
      <th scope="row">
        <span className="inline-flex items-center gap-2">
          <span aria-hidden="true" className={`lamp ${isLive ? lampOf(venue) : ''}`} />
          <span className="strong">{venue.label}</span>
          {venue.simulated && !/simulated/i.test(venue.label) && <span className="tone-faint wide-only">sim</span>}
          <ScopeMenu scope={`venue:${venueId}`} />
        </span>
      </th>
      <td className={`${LINK_TONES[venue.link]} uppercase text-[11px]`}>{venue.link}</td>
      <td className="num">{isLive ? age(venue.quoteAgeMs) : UNKNOWN}</td>
      <td className="num" title={venue.latencyMs === null ? 'This venue sends no time with its quotes' : undefined}>
        {venue.latencyMs === null ? UNKNOWN : `${plain(venue.latencyMs, 0)} ms`}
      </td>
      <TradingCells venue={venue} />
      <td className="num xxwide-only tone-dim">{clockOffsetText(venue.clockOffsetMs, venue.clockUncertaintyMs)}</td>
      <td className="num xxwide-only tone-dim">{venue.roundTripMs === null ? UNKNOWN : plain(venue.roundTripMs, 0)}</td>
      <td className="num xxwide-only tone-dim">{isLive ? plain(venue.framesPerSecond, 0) : UNKNOWN}</td>
      <td className={`num wide-only ${venue.malformedFrames > 0 ? 'tone-warn' : 'tone-dim'}`}>
        <Num full={fullPrecision(venue.malformedFrames)} text={count(venue.malformedFrames)} />
      </td>
      <td className="num xxwide-only tone-dim">{count(venue.reconnects)}</td>
      <Remark venue={venue} venueId={venueId} />
    </tr>
  );
});

export const VenuesPanel = () => {
  const venueIds = useConsole(useShallow((state) => Object.keys(state.tables.venues)));
  return (
    <section aria-label="Venues" className="panel dimmable flex-none overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">Venues</caption>
        <thead>
          <tr>
            <th scope="col">Venue</th>
            <th scope="col">Link</th>
            <th className="num" scope="col">
              Quote age
            </th>
            <th className="num" scope="col" title="Receive time minus venue time, after the measured clock offset">
              Latency
            </th>
            <th scope="col" title="Whether orders can be sent there">
              Orders
            </th>
            <th scope="col" title="Whether the venue’s report agrees with our books, and how old that is">
              Reconciled
            </th>
            <th className="num wide-only" scope="col" title="Messages in the last minute, of the budget">
              Msg/min
            </th>
            <th className="num wide-only" scope="col" title="Errors in the window, of those that disable the venue">
              Errors
            </th>
            <th className="num wide-only" scope="col">
              Equity
            </th>
            <th className="wide-only" scope="col">
              Hours
            </th>
            <th className="num xxwide-only" scope="col" title="Venue’s clock minus ours">
              Clock ms
            </th>
            <th className="num xxwide-only" scope="col" title="Round trip of the clock probe">
              RTT ms
            </th>
            <th className="num xxwide-only" scope="col">
              Frames/s
            </th>
            <th className="num wide-only" scope="col">
              Malformed
            </th>
            <th className="num xxwide-only" scope="col">
              Reconnects
            </th>
            <th className="wide-only" scope="col">
              Session and remarks
            </th>
          </tr>
        </thead>
        <tbody>
          {venueIds.map((venueId) => (
            <VenueLine key={venueId} venueId={venueId} />
          ))}
        </tbody>
      </table>
      {venueIds.length === 0 && <p className="empty m-0">No venue reported yet.</p>}
    </section>
  );
};
