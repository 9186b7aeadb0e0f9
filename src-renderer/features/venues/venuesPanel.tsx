/** One line a venue: lamp, ages, clock, counters, and the MetaTrader session. */
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Num } from '../../parts/figures.tsx';
import { count, fullPrecision, plain, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { clockOffsetText, lampOf, metatraderLines, metatraderText } from './venueText.ts';

const LINK_TONES = {
  idle: 'tone-faint',
  connecting: 'tone-warn',
  live: 'tone-dim',
  stale: 'tone-warn',
  'backing-off': 'tone-error',
  down: 'tone-error',
};

const Remark = ({ venue }: { readonly venue: VenueRow }) => {
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
        </span>
      </th>
      <td className={`${LINK_TONES[venue.link]} uppercase text-[11px]`}>{venue.link}</td>
      <td className="num">{isLive ? age(venue.quoteAgeMs) : UNKNOWN}</td>
      <td className="num" title={venue.latencyMs === null ? 'This venue sends no time with its quotes' : undefined}>
        {venue.latencyMs === null ? UNKNOWN : `${plain(venue.latencyMs, 0)} ms`}
      </td>
      <td className="num mid-only tone-dim">{clockOffsetText(venue.clockOffsetMs, venue.clockUncertaintyMs)}</td>
      <td className="num mid-only tone-dim">{venue.roundTripMs === null ? UNKNOWN : plain(venue.roundTripMs, 0)}</td>
      <td className="num wide-only tone-dim">{isLive ? plain(venue.framesPerSecond, 0) : UNKNOWN}</td>
      <td className={`num wide-only ${venue.malformedFrames > 0 ? 'tone-warn' : 'tone-dim'}`}>
        <Num full={fullPrecision(venue.malformedFrames)} text={count(venue.malformedFrames)} />
      </td>
      <td className="num wide-only tone-dim">{count(venue.reconnects)}</td>
      <Remark venue={venue} />
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
            <th className="num mid-only" scope="col" title="Venue’s clock minus ours">
              Clock ms
            </th>
            <th className="num mid-only" scope="col" title="Round trip of the clock probe">
              RTT ms
            </th>
            <th className="num wide-only" scope="col">
              Frames/s
            </th>
            <th className="num wide-only" scope="col">
              Malformed
            </th>
            <th className="num wide-only" scope="col">
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
