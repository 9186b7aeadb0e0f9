/** What an archive reads of commands and deals: pages by time, newest first, and the whole history of each. */
import type { CommandTransition } from '../../../src-shared/domain/metatrader.ts';
import type { LedgerArchive } from '../../runtime/ports.ts';
import type { Row } from './columns.ts';
import { COMMANDS, DEALS } from './commandStore.ts';
import { guarded, type Sqlite } from './database.ts';
import { pageOf } from './groupQueries.ts';

const TRANSITIONS = `
SELECT unix_ms AS unixMs, state, why, deliveries, lease_id AS leaseId, retcode, cum_lots AS cumLots, quarantine
FROM terminal_transitions WHERE command_id = ? ORDER BY number`;

export const terminalReader = (
  db: Sqlite,
  path: string,
): Pick<LedgerArchive, 'terminalCommands' | 'commandTransitions' | 'deals' | 'dealRevisions'> => {
  const commands = db.prepare<[Readonly<Record<string, number>>], Row>(
    pageOf('terminal_commands', COMMANDS.columns, 'queued_unix_ms', 'number'),
  );
  const deals = db.prepare<[Readonly<Record<string, number>>], Row>(pageOf('terminal_deals', DEALS.columns, 'unix_ms', 'number'));
  const transitions = db.prepare<[string], CommandTransition>(TRANSITIONS);
  const revisions = db.prepare<[string, string], Row>(
    `SELECT ${DEALS.columns} FROM terminal_deal_revisions WHERE venue_id = ? AND deal = ? ORDER BY rev`,
  );
  const page = (beforeUnixMs: number | null, limit: number) => ({ before: beforeUnixMs ?? Number.MAX_VALUE, limit });
  return {
    terminalCommands: (before, limit) => guarded(path, () => commands.all(page(before, limit)).map(COMMANDS.recordOf)),
    commandTransitions: (commandId) => guarded(path, () => transitions.all(commandId)),
    deals: (before, limit) => guarded(path, () => deals.all(page(before, limit)).map(DEALS.recordOf)),
    dealRevisions: (venueId, deal) => guarded(path, () => revisions.all(venueId, deal).map(DEALS.recordOf)),
  };
};
