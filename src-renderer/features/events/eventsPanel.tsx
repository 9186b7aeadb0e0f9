/** The event log: newest at the bottom, follows its tail until the operator scrolls away; older pages on demand. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ConsoleClient } from '../../connection/transport.ts';
import { PAGES_WORDS, usePages } from '../../parts/usePages.ts';
import { Panel } from '../../parts/panel.tsx';
import { useZone } from '../../parts/useZone.ts';
import { clockText, isoUtc } from '../../format/times.ts';
import { useConsole } from '../../store/consoleStore.ts';
import type { EventKind, EventRow, EventSeverity } from '../../../src-shared/domain/view.ts';
import { EVENT_KINDS, oldestOf, SEVERITIES, shownEvents, type EventEntry, type EventFilter } from './eventFilter.ts';

const TAIL_SLACK_PX = 24;

const SEVERITY_TONES: Readonly<Record<EventSeverity, string>> = {
  info: 'tone-faint',
  warn: 'tone-warn',
  error: 'tone-error',
  critical: 'tone-error strong',
};

const EventLine = ({ row }: { readonly row: EventRow }) => {
  const zone = useZone();
  return (
    <tr>
      <td className="tone-dim" title={isoUtc(row.unixMs)}>
        {clockText(row.unixMs, zone)}
      </td>
      <td className={`uppercase text-[11px] ${SEVERITY_TONES[row.severity]}`}>{row.severity}</td>
      <td className="tone-faint wide-only">{row.kind}</td>
      <td className="cut" title={row.text}>
        {row.subject !== null && <span className="strong">{row.subject} </span>}
        <span className="tone-dim">{row.text}</span>
      </td>
    </tr>
  );
};

const readEvents = async (client: ConsoleClient, beforeUnixMs: number | null, limit: number): Promise<readonly EventEntry[]> => {
  const { rows } = await client.events({ beforeUnixMs, limit });
  return rows.map(({ id, ...row }) => ({ id, row }));
};

const Filters = ({ filter, onFilter }: { readonly filter: EventFilter; readonly onFilter: (next: EventFilter) => void }) => (
  <>
    <select
      aria-label="Kind of event"
      className="field"
      onChange={(event) => onFilter({ ...filter, kind: event.target.value as EventKind | 'all' })}
      value={filter.kind}
    >
      <option value="all">all kinds</option>
      {EVENT_KINDS.map((kind) => (
        <option key={kind} value={kind}>
          {kind}
        </option>
      ))}
    </select>
    <select
      aria-label="Least severity"
      className="field"
      onChange={(event) => onFilter({ ...filter, severity: event.target.value as EventSeverity })}
      value={filter.severity}
    >
      {SEVERITIES.map((severity) => (
        <option key={severity} value={severity}>
          {severity === 'info' ? 'any severity' : `${severity} and up`}
        </option>
      ))}
    </select>
    <input
      aria-label="Find in events"
      className="field w-24"
      onChange={(event) => onFilter({ ...filter, find: event.target.value })}
      placeholder="find…"
      type="search"
      value={filter.find}
    />
  </>
);

export const EventsPanel = () => {
  const live = useConsole((state) => state.tables.events);
  const [filter, setFilter] = useState<EventFilter>({ kind: 'all', severity: 'info', find: '' });
  const [follows, setFollows] = useState(true);
  const list = useRef<HTMLDivElement>(null);
  const { pages: older, load } = usePages(readEvents);
  const shown = useMemo(() => shownEvents(older.rows, live, filter), [older.rows, live, filter]);
  const warnings = useMemo(() => shown.filter((entry) => entry.row.severity !== 'info').length, [shown]);

  useEffect(() => {
    if (follows && shown.length > 0 && list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [follows, shown]);

  const scrolled = (): void => {
    const box = list.current;
    if (box !== null) setFollows(box.scrollHeight - box.scrollTop - box.clientHeight < TAIL_SLACK_PX);
  };

  return (
    <Panel
      beside={<span className="tone-faint xwide-only">{warnings === 0 ? '' : `${warnings} warn or graver`}</span>}
      title="Events"
      tools={
        <>
          <Filters filter={filter} onFilter={setFilter} />
          <button aria-pressed={follows} className="tool" onClick={() => setFollows(!follows)} type="button">
            tail
          </button>
        </>
      }
    >
      {/* A scrollable region must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section aria-label="Event log" className="scroll" onScroll={scrolled} ref={list} tabIndex={0}>
        <button
          className="tool m-1"
          disabled={older.state === 'loading' || older.state === 'end'}
          onClick={() => {
            setFollows(false);
            void load(oldestOf(older.rows, live));
          }}
          type="button"
        >
          {PAGES_WORDS[older.state]} events
        </button>
        <table className="grid-table">
          <caption className="sr-only">Events</caption>
          <thead className="sr-only">
            <tr>
              {['Time', 'Severity', 'Kind', 'Event'].map((head) => (
                <th className={head === 'Kind' ? 'wide-only' : ''} key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((entry) => (
              <EventLine key={entry.id} row={entry.row} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className="empty m-0">Nothing matches.</p>}
      </section>
    </Panel>
  );
};
