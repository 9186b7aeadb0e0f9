/** What we hold, what is not ours, where a venue says otherwise, and what is left of it per underlying. */
import { useMemo } from 'react';
import { Num } from '../../parts/figures.tsx';
import { copyFullPrecision } from '../../parts/copyFull.ts';
import { ExportMenu } from '../../parts/exportMenu.tsx';
import { Panel } from '../../parts/panel.tsx';
import { isZeroText, signedQty } from '../../format/exact.ts';
import { fullPrecision, signed, UNKNOWN } from '../../format/numbers.ts';
import type { ExportColumn } from '../../format/export.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openDialog } from '../../store/uiStore.ts';
import type { PositionRow } from '../../../src-shared/domain/view.ts';
import { exposureOf } from './exposure.ts';

interface PositionExport {
  readonly instrumentId: string;
  readonly row: PositionRow;
}

const COLUMNS: ReadonlyArray<ExportColumn<PositionExport>> = [
  { name: 'instrument', cell: ({ instrumentId }) => instrumentId },
  ...(['ownQty', 'foreignQty', 'reportedQty', 'baseQty', 'notionalUsd'] as const).map(
    (name): ExportColumn<PositionExport> => ({ name, cell: ({ row }) => row[name] }),
  ),
];

const exported = (): readonly PositionExport[] =>
  Object.entries(useConsole.getState().tables.positions).map(([instrumentId, row]) => ({ instrumentId, row }));

/** Of nothing there is nothing, without a sign; of something at a stale price nobody knows. */
const dollars = (qty: string | null, notionalUsd: number | null): string =>
  qty !== null && isZeroText(qty) ? '0' : signed(notionalUsd, 0);

const PositionLine = ({ instrumentId, row }: PositionExport) => {
  const isLive = useIsLive();
  const differs = row.reportedQty !== null;
  return (
    <>
      <tr className={differs ? 'is-held' : ''} data-testid={`position-${instrumentId}`}>
        <th className="tone-dim" scope="row" title={instrumentId}>
          <span className="text-text">{row.symbol}</span> {row.venueId}
        </th>
        <td className={`num ${isZeroText(row.ownQty) ? 'tone-faint' : 'strong'}`}>
          <Num full={row.ownQty} text={signedQty(row.ownQty)} />
        </td>
        <td className={`num ${isZeroText(row.foreignQty) ? 'tone-faint' : ''}`}>
          <Num full={row.foreignQty} text={isZeroText(row.foreignQty) ? UNKNOWN : signedQty(row.foreignQty)} />
        </td>
        <td className="num tone-dim">
          <Num full={fullPrecision(row.notionalUsd)} text={isLive ? dollars(row.ownQty, row.notionalUsd) : UNKNOWN} />
        </td>
      </tr>
      {differs && (
        <tr className="is-held">
          <td className="tone-error whitespace-normal!" colSpan={4}>
            ours {signedQty(row.ownQty)}, venue says {signedQty(row.reportedQty)}: the pair is blocked{' '}
            <button
              className="tool is-outlined"
              disabled={!isLive}
              onClick={() => openDialog({ kind: 'accept', instrumentId })}
              type="button"
            >
              Accept as foreign
            </button>
          </td>
        </tr>
      )}
    </>
  );
};

const Exposures = () => {
  const pairs = useConsole((state) => state.tables.pairs);
  const positions = useConsole((state) => state.tables.positions);
  const exposures = useMemo(() => exposureOf(pairs, positions), [pairs, positions]);
  const isLive = useIsLive();
  return (
    <tfoot>
      {exposures.map(({ underlying, baseQty, notionalUsd }) => {
        const isFlat = baseQty !== null && isZeroText(baseQty);
        return (
          <tr data-testid={`exposure-${underlying}`} key={underlying}>
            <th scope="row">
              net <strong>{underlying}</strong>
            </th>
            <td className={`num ${isFlat ? 'tone-dim' : 'strong tone-warn'}`} colSpan={2}>
              {signedQty(baseQty)} <span className="tone-faint">base</span>
            </td>
            <td className="num tone-dim">{isLive ? dollars(baseQty, notionalUsd) : UNKNOWN}</td>
          </tr>
        );
      })}
    </tfoot>
  );
};

export const PositionsPanel = () => {
  const positions = useConsole((state) => state.tables.positions);
  const entries = Object.entries(positions);
  return (
    <Panel
      className="positions-panel dimmable"
      title="Positions"
      tools={<ExportMenu columns={COLUMNS} rows={exported} table="positions" />}
    >
      <div className="scroll">
        <table className="grid-table rail-table" onCopy={copyFullPrecision}>
          <caption className="sr-only">Positions</caption>
          <thead>
            <tr>
              <th scope="col">Instrument</th>
              <th className="num" scope="col" title="By our own fills, in the venue’s unit">
                Own
              </th>
              <th className="num" scope="col" title="Not ours: shown, never touched">
                Foreign
              </th>
              <th className="num" scope="col" title="Ours, at the mid">
                USD
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map(([instrumentId, row]) => (
              <PositionLine instrumentId={instrumentId} key={instrumentId} row={row} />
            ))}
          </tbody>
          <Exposures />
        </table>
        {entries.length === 0 && <p className="empty m-0 py-1!">Flat: nothing held at any venue.</p>}
      </div>
    </Panel>
  );
};
