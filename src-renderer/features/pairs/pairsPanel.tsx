/** The pairs table: order, heads, export, and the one-line answer to "why not?" beneath it. */
import { useRef, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { ExportMenu } from '../../parts/exportMenu.tsx';
import { copyFullPrecision } from '../../parts/copyFull.ts';
import { Panel } from '../../parts/panel.tsx';
import { engineRowOf, useConsole } from '../../store/consoleStore.ts';
import { heldOrder } from '../../parts/heldOrder.ts';
import { orderedPairs, type PairSort } from './order.ts';
import { PAIR_COLUMNS, type PairExport } from './pairColumns.ts';
import { MAX_PX_DIGITS_ALIGNED, PairLines } from './pairLines.tsx';

const SORTS: Readonly<Record<string, PairSort>> = { Pair: 'pair', Spread: 'spread', Edge: 'edge', 'Trig %': 'trigger' };

interface Head {
  readonly label: string;
  readonly hint?: string;
  readonly numeric?: boolean;
  /** From which page width on the column is shown. */
  readonly width?: 'wide-only' | 'mid-only';
}

const HEADS: readonly Head[] = [
  { label: 'Pair' },
  { label: 'Leg' },
  { label: 'Bid', numeric: true, width: 'wide-only' },
  { label: 'Ask', numeric: true, width: 'wide-only' },
  { label: 'Quote', numeric: true, width: 'mid-only', hint: 'Age of this leg’s quote' },
  { label: 'Direction', width: 'mid-only' },
  { label: 'Spread', numeric: true, hint: 'Executable: bid there minus ask here, bps of mid' },
  { label: 'Edge', numeric: true, hint: 'Spread after every cost, bps of mid' },
  { label: 'p50', numeric: true, width: 'mid-only' },
  { label: 'p75', numeric: true, width: 'mid-only' },
  { label: 'p90', numeric: true, width: 'wide-only' },
  { label: 'Entry', numeric: true, hint: 'The spread at which the rule fires now' },
  { label: 'Trig %', numeric: true, width: 'wide-only', hint: 'Share of covered time at or beyond the entry' },
  { label: 'Age · gates', numeric: true, hint: 'Older leg’s quote age; below it, gates passed' },
];

const HeadCell = ({ head, sort, onSort }: { readonly head: Head; readonly sort: PairSort; readonly onSort: (sort: PairSort) => void }) => {
  const own = SORTS[head.label];
  const isSorted = own !== undefined && own === sort;
  const label =
    own === undefined ? (
      head.label
    ) : (
      <button className="sort" onClick={() => onSort(isSorted ? 'given' : own)} type="button">
        {head.label}
        <span aria-hidden="true">{isSorted ? '▾' : ''}</span>
      </button>
    );
  return (
    <th
      aria-sort={isSorted ? 'descending' : undefined}
      className={`${head.numeric === true ? 'num' : ''} ${head.width ?? ''}`}
      scope="col"
      title={head.hint}
    >
      {label}
    </th>
  );
};

/** Ids in order; held still while the pointer is inside. */
const usePairOrder = (sort: PairSort, inside: boolean): readonly string[] => {
  const held = useRef<readonly string[]>([]);
  return useConsole(
    useShallow((state) => {
      held.current = inside ? heldOrder(held.current, state.tables.pairs) : orderedPairs(state.tables.pairs, sort);
      return held.current;
    }),
  );
};

const exported = (): readonly PairExport[] => {
  const state = useConsole.getState();
  const atUnixMs = engineRowOf(state)?.nowUnixMs ?? null;
  return Object.entries(state.tables.pairs).map(([pairId, row]) => ({ pairId, row, atUnixMs }));
};

export const PairsPanel = () => {
  const [sort, setSort] = useState<PairSort>('given');
  const [inside, setInside] = useState(false);
  const pairIds = usePairOrder(sort, inside);
  const pxDigits = useConsole((state) =>
    Math.min(MAX_PX_DIGITS_ALIGNED, Math.max(0, ...Object.values(state.tables.instruments).map((instrument) => instrument.pxDigits ?? 0))),
  );
  const chooseSort = (next: PairSort): void => {
    setInside(false);
    setSort(next);
  };
  return (
    <Panel className="dimmable flex-none" title="Pairs" tools={<ExportMenu columns={PAIR_COLUMNS} rows={exported} table="pairs" />}>
      <div className="scroll max-h-[42vh]" onPointerEnter={() => setInside(true)} onPointerLeave={() => setInside(false)}>
        <table className="grid-table pairs-table" onCopy={copyFullPrecision}>
          <caption className="sr-only">Pairs</caption>
          <thead>
            <tr>
              {HEADS.map((head) => (
                <HeadCell head={head} key={head.label} onSort={chooseSort} sort={sort} />
              ))}
            </tr>
          </thead>
          {pairIds.map((pairId) => (
            <PairLines key={pairId} pairId={pairId} pxDigits={pxDigits} />
          ))}
        </table>
        {pairIds.length === 0 && <p className="empty m-0">No pair reported yet.</p>}
      </div>
    </Panel>
  );
};
