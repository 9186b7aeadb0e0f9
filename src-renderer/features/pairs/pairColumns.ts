/** What the pairs table exports: both directions of every pair with full precision. */
import type { ExportColumn } from '../../format/export.ts';
import { timeColumn } from '../../format/export.ts';
import type { PairRow } from '../../../src-shared/domain/view.ts';

export interface PairExport {
  readonly pairId: string;
  readonly row: PairRow;
  readonly atUnixMs: number | null;
}

type NumberField = {
  [Name in keyof PairRow]: PairRow[Name] extends number | null ? Name : never;
}[keyof PairRow];

const figure = (name: NumberField): ExportColumn<PairExport> => ({ name, cell: ({ row }) => row[name] });

export const PAIR_COLUMNS: ReadonlyArray<ExportColumn<PairExport>> = [
  timeColumn('at', ({ atUnixMs }: PairExport) => atUnixMs),
  { name: 'pair', cell: ({ pairId }) => pairId },
  { name: 'underlying', cell: ({ row }) => row.underlying },
  { name: 'a', cell: ({ row }) => row.a },
  { name: 'b', cell: ({ row }) => row.b },
  { name: 'stale', cell: ({ row }) => row.stale },
  figure('ageMs'),
  ...(['fSpreadBps', 'fEdgeBps', 'fP50', 'fP75', 'fP90', 'fP99', 'fEntryBps', 'fTriggerRate'] as const).map(figure),
  ...(['rSpreadBps', 'rEdgeBps', 'rP50', 'rP75', 'rP90', 'rP99', 'rEntryBps', 'rTriggerRate'] as const).map(figure),
  figure('coverage'),
  figure('gatesPassed'),
  figure('gatesTotal'),
  { name: 'best', cell: ({ row }) => row.best },
  { name: 'firstFailing', cell: ({ row }) => row.firstFailing },
];
