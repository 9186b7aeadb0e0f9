/** Intents as the table orders and exports them. Pure. */
import { timeColumn, type ExportColumn } from '../../format/export.ts';
import type { PagedRow } from '../../parts/usePages.ts';
import type { IntentRow } from '../../../src-shared/domain/view.ts';

export type IntentEntry = PagedRow<IntentRow>;

/** Live ones first, then the newest; older pages and the live table joined without doubles. */
export const orderedIntents = (intents: Readonly<Record<string, IntentRow>>, older: readonly IntentEntry[] = []): readonly IntentEntry[] =>
  Object.entries(intents)
    .map(([id, row]): IntentEntry => ({ id, row }))
    .concat(older.filter((entry) => !Object.hasOwn(intents, entry.id)))
    .sort((x, y) => {
      const live = Number(x.row.endedUnixMs !== null) - Number(y.row.endedUnixMs !== null);
      return live === 0 ? y.row.proposedUnixMs - x.row.proposedUnixMs : live;
    });

export const INTENT_COLUMNS: ReadonlyArray<ExportColumn<IntentEntry>> = [
  { name: 'intent', cell: ({ id }) => id },
  timeColumn('proposedAt', ({ row }: IntentEntry) => row.proposedUnixMs),
  timeColumn('endedAt', ({ row }: IntentEntry) => row.endedUnixMs),
  { name: 'endReason', cell: ({ row }) => row.endReason },
  { name: 'pair', cell: ({ row }) => row.pairId },
  { name: 'direction', cell: ({ row }) => row.direction },
  { name: 'episode', cell: ({ row }) => row.episode },
  { name: 'spreadBps', cell: ({ row }) => row.spreadBps },
  { name: 'edgeBps', cell: ({ row }) => row.edgeBps },
  { name: 'bestEdgeBps', cell: ({ row }) => row.bestEdgeBps },
  { name: 'thresholdBps', cell: ({ row }) => row.thresholdBps },
  { name: 'costsBps', cell: ({ row }) => row.costsBps },
  { name: 'executableBaseQty', cell: ({ row }) => row.executableBaseQty },
  { name: 'disposition', cell: ({ row }) => row.disposition },
  { name: 'group', cell: ({ row }) => row.groupId },
];
