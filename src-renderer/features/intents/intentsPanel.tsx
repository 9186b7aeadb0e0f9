/** Decisions to open: live ones first. Nothing becomes an order in this version, and each row says so. */
import { memo, useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Bps, Num } from '../../parts/figures.tsx';
import { copyFullPrecision } from '../../parts/copyFull.ts';
import { ExportMenu } from '../../parts/exportMenu.tsx';
import { directionLegs } from '../../parts/names.ts';
import { Panel } from '../../parts/panel.tsx';
import { useEngineTime } from '../../parts/useTick.ts';
import { useZone } from '../../parts/useZone.ts';
import { count, fullPrecision, quantity } from '../../format/numbers.ts';
import { age, clockText, isoUtc } from '../../format/times.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { useUi } from '../../store/uiStore.ts';
import { INTENT_COLUMNS, orderedIntents } from './intentColumns.ts';

/** Rows drawn; the export has them all. */
const MAX_DRAWN = 200;
/** Fraction digits on which the column of quantities aligns. */
const QTY_DIGITS = 4;

const LiveSince = ({ proposedUnixMs }: { readonly proposedUnixMs: number }) => {
  const nowMs = useEngineTime(200);
  return <span className="strong tone-up">LIVE {age(Math.max(0, nowMs - proposedUnixMs))}</span>;
};

const open = (drawerIntentId: string): void => {
  useUi.setState({ drawerIntentId });
};

const IntentLine = memo(({ intentId }: { readonly intentId: string }) => {
  const row = useConsole((state) => state.tables.intents[intentId]);
  const pair = useConsole((state) => (row === undefined ? undefined : state.tables.pairs[row.pairId]));
  const a = pair?.a;
  const b = pair?.b;
  const zone = useZone();
  if (row === undefined) return null;
  const legs = a === undefined || b === undefined ? null : directionLegs({ a, b }, row.direction);
  return (
    <tr className="can-open" onClick={() => open(intentId)}>
      <th scope="row">
        <button className="tone-dim" onClick={() => open(intentId)} title={`${intentId} · ${isoUtc(row.proposedUnixMs)}`} type="button">
          {clockText(row.proposedUnixMs, zone)}
        </button>
      </th>
      <td className="strong">{pair?.underlying ?? row.pairId}</td>
      <td className="tone-dim" title={row.direction}>
        {legs === null ? row.direction : `sell ${legs.sell}`}
        {legs !== null && <span className="xwide-only"> · buy {legs.buy}</span>}
      </td>
      <td className="num">
        <Bps value={row.spreadBps} />
      </td>
      <td className="num strong">
        <Bps signal value={row.edgeBps} />
      </td>
      <td className="num tone-dim xwide-only">
        <Bps value={row.bestEdgeBps} />
      </td>
      <td className="num tone-dim xwide-only">
        <Bps value={row.costsBps} />
      </td>
      <td className="num">
        <Num digits={QTY_DIGITS} full={fullPrecision(row.executableBaseQty)} text={quantity(row.executableBaseQty)} />
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
  ['Best', 'num xwide-only'],
  ['Costs', 'num xwide-only'],
  ['Qty', 'num'],
  ['Lasted', 'min-w-32'],
];

export const IntentsPanel = () => {
  const ids = useConsole(useShallow((state) => orderedIntents(state.tables.intents).map((entry) => entry.id)));
  const live = useConsole((state) => Object.values(state.tables.intents).filter((row) => row.endedUnixMs === null).length);
  const drawn = useMemo(() => ids.slice(0, MAX_DRAWN), [ids]);
  return (
    <Panel
      beside={
        <span className="tone-faint">
          {live} live · {count(ids.length)} shown
        </span>
      }
      title="Live intents"
      tools={<ExportMenu columns={INTENT_COLUMNS} rows={() => orderedIntents(useConsole.getState().tables.intents)} table="intents" />}
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
            {drawn.map((id) => (
              <IntentLine intentId={id} key={id} />
            ))}
          </tbody>
        </table>
        {ids.length === 0 && <p className="empty m-0">No intent yet. “Why not?” tells what keeps each pair from one.</p>}
      </div>
    </Panel>
  );
};
