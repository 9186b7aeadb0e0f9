/** Hedge groups: what waits for a person on top, then what is naked or moves, then what is open, then what ended. */
import { useMemo, useRef, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { copyFullPrecision } from '../../parts/copyFull.ts';
import { ExportMenu } from '../../parts/exportMenu.tsx';
import { Panel } from '../../parts/panel.tsx';
import { count } from '../../format/numbers.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { heldOrder } from '../../parts/heldOrder.ts';
import { GROUP_COLUMNS, type GroupExport } from './groupColumns.ts';
import { GroupLines } from './groupLines.tsx';
import { isLiveGroup, orderedGroups } from './groupOrder.ts';
import { OlderGroups } from './olderGroups.tsx';

interface Head {
  readonly label: string;
  readonly className?: string;
  readonly hint?: string;
}

const HEADS: readonly Head[] = [
  { label: 'State', hint: 'Below it: since when' },
  { label: 'Pair', hint: 'Below it: direction, or why it was closed' },
  { label: 'Leg', className: 'wide-only' },
  { label: 'Holds', className: 'num', hint: 'Signed, in the venue’s unit' },
  { label: 'Avg price', className: 'num wide-only' },
  { label: 'Order', hint: 'State of the leg’s newest order' },
  { label: 'Latency', className: 'num mid-only', hint: 'Of the leg’s newest order, from its commit to its end' },
  { label: 'Residual', className: 'num', hint: 'Unhedged base quantity; below it: dollars and for how long' },
  { label: 'Edge', className: 'num wide-only', hint: 'Expected at the decision, bps' },
  { label: 'Net $ · bp', className: 'num', hint: 'As if closed now; of an ended group: its result' },
];

/** Ids in order; held still while the pointer is inside. */
const useOrder = (inside: boolean): readonly string[] => {
  const held = useRef<readonly string[]>([]);
  return useConsole(
    useShallow((state) => {
      held.current = inside ? heldOrder(held.current, state.tables.groups) : orderedGroups(state.tables.groups);
      return held.current;
    }),
  );
};

const exported = (): readonly GroupExport[] => Object.entries(useConsole.getState().tables.groups).map(([id, row]) => ({ id, row }));

export const GroupsPanel = () => {
  const [inside, setInside] = useState(false);
  const ids = useOrder(inside);
  const groups = useConsole((state) => state.tables.groups);
  const rows = useMemo(() => Object.values(groups), [groups]);
  const held = rows.filter((row) => row.state === 'operator-held').length;
  return (
    <Panel
      beside={
        <>
          <span className="tone-faint">
            {rows.filter(isLiveGroup).length} live · {count(rows.length)} shown
          </span>
          {held > 0 && <span className="strong tone-error">{held} held: waits for you</span>}
        </>
      }
      className="groups-panel dimmable"
      title="Hedge groups"
      tools={
        <>
          <OlderGroups />
          <ExportMenu columns={GROUP_COLUMNS} rows={exported} table="groups" />
        </>
      }
    >
      <div className="scroll" onPointerEnter={() => setInside(true)} onPointerLeave={() => setInside(false)}>
        <table className="grid-table pairs-table" onCopy={copyFullPrecision}>
          <caption className="sr-only">Hedge groups</caption>
          <thead>
            <tr>
              {HEADS.map(({ label, className, hint }) => (
                <th className={className} key={label} scope="col" title={hint}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          {ids.map((id) => {
            const row = groups[id];
            return row === undefined ? null : <GroupLines groupId={id} key={id} row={row} />;
          })}
        </table>
        {ids.length === 0 && (
          <p className="empty m-0">No hedge group yet: an intent becomes one while the engine is armed and no risk gate says no.</p>
        )}
      </div>
    </Panel>
  );
};
