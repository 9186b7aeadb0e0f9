/** What the command list exports: every field, in full. */
import type { CommandRow } from '../../../src-shared/domain/metatrader.ts';
import { timeColumn, type ExportColumn } from '../../format/export.ts';

const field = (name: keyof CommandRow): ExportColumn<CommandRow> => ({ name, cell: (row) => row[name] });

export const COMMAND_COLUMNS: ReadonlyArray<ExportColumn<CommandRow>> = [
  ...(
    ['commandId', 'venueId', 'kind', 'magic', 'clientOrderId', 'instrumentId', 'side', 'lots', 'state', 'why', 'deliveries'] as const
  ).map(field),
  ...(['retcode', 'order', 'cumLots', 'avgPx', 'brokerMs', 'quarantine'] as const).map(field),
  timeColumn('queuedAt', (row: CommandRow) => row.queuedUnixMs),
  timeColumn('deliveredAt', (row: CommandRow) => row.deliveredUnixMs),
  timeColumn('acknowledgedAt', (row: CommandRow) => row.acknowledgedUnixMs),
  timeColumn('firstDealAt', (row: CommandRow) => row.firstDealUnixMs),
  timeColumn('endedAt', (row: CommandRow) => row.endedUnixMs),
];
