/** Decisions to open: live ones first, and what became of each: disarmed, denied, or a hedge group. */
import { memo, useMemo } from 'react';
import { Bps, Num } from '../../parts/figures.tsx';
import { copyFullPrecision } from '../../parts/copyFull.ts';
import { ExportMenu } from '../../parts/exportMenu.tsx';
import { directionLegs } from '../../parts/names.ts';
import { PAGES_WORDS, usePages } from '../../parts/usePages.ts';
import type { ConsoleClient } from '../../connection/transport.ts';
import { Panel } from '../../parts/panel.tsx';
import { useEngineTime } from '../../parts/useTick.ts';
import { useZone } from '../../parts/useZone.ts';
import { count, fullPrecision, quantity } from '../../format/numbers.ts';
import { age, clockText, isoUtc } from '../../format/times.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openGroup, openIntent } from '../../store/uiStore.ts';
import type { IntentRow } from '../../../src-shared/domain/view.ts';
import { INTENT_COLUMNS, orderedIntents, type IntentEntry } from './intentColumns.ts';

/** Rows drawn; the export has them all. */
const MAX_DRAWN = 500;
/** Fraction digits on which the column of quantities aligns. */
const QTY_DIGITS = 4;

const LiveSince = ({ proposedUnixMs }: { readonly proposedUnixMs: number }) => {
  const nowMs = useEngineTime(200);
  const isLive = useIsLive();
  if (!isLive) return <span className="tone-dim">live at last update</span>;
  return <span className="strong tone-up">LIVE {age(Math.max(0, nowMs - proposedUnixMs))}</span>;
};

const Became = ({ row }: { readonly row: IntentRow }) => {
  const { disposition, groupId } = row;
  const why = useConsole((state) => (groupId === null ? null : (state.tables.groups[groupId]?.why ?? null)));
  if (groupId === null) return <span className={disposition === 'denied' ? 'tone-warn' : 'tone-faint'}>{disposition}</span>;
  return (
    <button
      aria-label={`${disposition}: group ${groupId}`}
      className={`link ${disposition === 'denied' ? 'tone-warn' : 'strong'}`}
      onClick={(event) => {
        event.stopPropagation();
        openGroup(groupId);
      }}
      title={why ?? groupId}
      type="button"
    >
      {disposition}
    </button>
  );
};

const IntentLine = memo(({ intentId, row }: { readonly intentId: string; readonly row: IntentRow }) => {
  const a = useConsole((state) => state.tables.pairs[row.pairId]?.a);
  const b = useConsole((state) => state.tables.pairs[row.pairId]?.b);
  const underlying = useConsole((state) => state.tables.pairs[row.pairId]?.underlying);
  const zone = useZone();
  const legs = a === undefined || b === undefined ? null : directionLegs({ a, b }, row.direction);
  return (
    <tr className="can-open" onClick={() => openIntent(intentId)}>
      <th scope="row">
        <button
          className="tone-dim"
          onClick={() => openIntent(intentId)}
          title={`${intentId} · ${isoUtc(row.proposedUnixMs)}`}
          type="button"
        >
          {clockText(row.proposedUnixMs, zone)}
        </button>
      </th>
      <td className="strong">{underlying ?? row.pairId}</td>
      <td className="tone-dim" title={row.direction}>
        {legs === null ? row.direction : `sell ${legs.sell}`}
        {legs !== null && <span className="xxwide-only"> · buy {legs.buy}</span>}
      </td>
      <td className="num">
        <Bps value={row.spreadBps} />
      </td>
      <td className="num strong">
        <Bps signal value={row.edgeBps} />
      </td>
      <td className="num tone-dim xxwide-only">
        <Bps value={row.bestEdgeBps} />
      </td>
      <td className="num tone-dim xxwide-only">
        <Bps value={row.costsBps} />
      </td>
      <td className="num xxwide-only">
        <Num digits={QTY_DIGITS} full={fullPrecision(row.executableBaseQty)} text={quantity(row.executableBaseQty)} />
      </td>
      <td>
        <Became row={row} />
      </td>
      <td className="cut" title={row.endReason ?? undefined}>
        {row.endedUnixMs === null ? (
          <LiveSince proposedUnixMs={row.proposedUnixMs} />
        ) : (
          <span className="tone-dim">
            {age(row.endedUnixMs - row.proposedUnixMs)} · {row.endReason ?? 'ended'}
          </span>
        )}
      </td>
    </tr>
  );
});

const HEADS: ReadonlyArray<readonly [label: string, className: string]> = [
  ['Proposed', ''],
  ['Pair', ''],
  ['Direction', ''],
  ['Spread', 'num'],
  ['Edge', 'num'],
  ['Best', 'num xxwide-only'],
  ['Costs', 'num xxwide-only'],
  ['Qty', 'num xxwide-only'],
  ['Became', ''],
  ['Lasted', 'min-w-24'],
];

const readIntents = async (client: ConsoleClient, beforeUnixMs: number | null, limit: number): Promise<readonly IntentEntry[]> => {
  const { rows } = await client.intents({ beforeUnixMs, limit });
  return rows.map(({ id, ...row }) => ({ id, row }));
};

export const IntentsPanel = () => {
  const intents = useConsole((state) => state.tables.intents);
  const { pages, load } = usePages(readIntents);
  const entries = useMemo(() => orderedIntents(intents, pages.rows), [intents, pages.rows]);
  const live = entries.filter((entry) => entry.row.endedUnixMs === null).length;
  const loadOlder = (): void => void load(entries.length === 0 ? null : Math.min(...entries.map((entry) => entry.row.proposedUnixMs)));
  return (
    <Panel
      beside={
        <span className="tone-faint">
          {live} live · {count(entries.length)} shown
        </span>
      }
      title="Live intents"
      tools={<ExportMenu columns={INTENT_COLUMNS} rows={() => entries} table="intents" />}
    >
      <div className="scroll">
        <table className="grid-table" onCopy={copyFullPrecision}>
          <caption className="sr-only">Live intents</caption>
          <thead>
            <tr>
              {HEADS.map(([label, className]) => (
                <th className={className} key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entries.slice(0, MAX_DRAWN).map(({ id, row }) => (
              <IntentLine intentId={id} key={id} row={row} />
            ))}
          </tbody>
        </table>
        {entries.length === 0 && (
          <p className="empty m-0 pb-1!">No intent in this run yet. “Why not?” tells what keeps each pair from one.</p>
        )}
        <button className="tool m-1" disabled={pages.state === 'loading' || pages.state === 'end'} onClick={loadOlder} type="button">
          {PAGES_WORDS[pages.state]} intents
        </button>
      </div>
    </Panel>
  );
};
