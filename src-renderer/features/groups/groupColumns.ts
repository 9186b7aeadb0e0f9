/** What the groups table exports: every field of the row, in full. */
import { timeColumn, type ExportColumn } from '../../format/export.ts';
import type { GroupRow } from '../../../src-shared/domain/view.ts';

export interface GroupExport {
  readonly id: string;
  readonly row: GroupRow;
}

type PlainField = { [Name in keyof GroupRow]: GroupRow[Name] extends string | number | null ? Name : never }[keyof GroupRow];

const field = (name: PlainField): ExportColumn<GroupExport> => ({ name, cell: ({ row }) => row[name] });
const time = (name: string, read: (row: GroupRow) => number | null): ExportColumn<GroupExport> => timeColumn(name, ({ row }) => read(row));

const PLAIN: readonly PlainField[] = [
  'pairId',
  'direction',
  'state',
  'why',
  'legOrder',
  'baseQty',
  'notionalUsd',
  'aInstrument',
  'aSide',
  'aQty',
  'aAvgPx',
  'aOrder',
  'aLatencyMs',
  'bInstrument',
  'bSide',
  'bQty',
  'bAvgPx',
  'bOrder',
  'bLatencyMs',
  'residualBaseQty',
  'nakedUsd',
  'rungs',
  'expectedEdgeBps',
  'openNetUsd',
  'openNetBps',
  'closeReason',
  'netUsd',
  'netBps',
];

export const GROUP_COLUMNS: ReadonlyArray<ExportColumn<GroupExport>> = [
  { name: 'group', cell: ({ id }) => id },
  time('createdAt', (row) => row.createdUnixMs),
  time('openedAt', (row) => row.openedUnixMs),
  time('endedAt', (row) => row.endedUnixMs),
  time('nakedSince', (row) => row.nakedSinceUnixMs),
  ...PLAIN.map(field),
];
