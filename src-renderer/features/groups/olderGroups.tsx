/** Groups that the engine no longer streams: the ledger's, page by page, in a menu of the table. */
import { Menu } from '@base-ui/react/menu';
import { History } from 'lucide-react';
import { PAGES_WORDS, usePages, type PagedRow } from '../../parts/usePages.ts';
import { useZone } from '../../parts/useZone.ts';
import { signed } from '../../format/numbers.ts';
import { clockText, dateText } from '../../format/times.ts';
import type { ConsoleClient } from '../../connection/transport.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { openGroup } from '../../store/uiStore.ts';
import type { HedgeGroup } from '../../../src-shared/domain/hedgeGroup.ts';

const readGroups = async (
  client: ConsoleClient,
  beforeUnixMs: number | null,
  limit: number,
): Promise<ReadonlyArray<PagedRow<HedgeGroup>>> => {
  const { rows } = await client.groups({ beforeUnixMs, limit });
  return rows.map((row) => ({ id: row.id, row }));
};

const oldestShown = (): number | null => {
  const oldest = Math.min(...Object.values(useConsole.getState().tables.groups).map((row) => row.createdUnixMs));
  return Number.isFinite(oldest) ? oldest : null;
};

const oldestOf = (rows: ReadonlyArray<PagedRow<HedgeGroup>>): number | null =>
  rows.length === 0 ? oldestShown() : Math.min(...rows.map(({ row }) => row.createdUnixMs));

export const OlderGroups = () => {
  const zone = useZone();
  const { pages, load } = usePages(readGroups);
  const shown = pages.rows.toSorted((x, y) => y.row.createdUnixMs - x.row.createdUnixMs);
  return (
    <Menu.Root modal={false} onOpenChange={(open) => open && pages.rows.length === 0 && void load(oldestShown())}>
      <Menu.Trigger aria-label="Older groups" className="tool">
        <History aria-hidden="true" size={13} />
        Older
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" className="z-40" sideOffset={4}>
          <Menu.Popup className="popup is-list">
            {shown.map(({ id, row }) => (
              <Menu.Item key={id} onClick={() => openGroup(id)}>
                <span className="tone-dim">
                  {dateText(row.createdUnixMs, zone)} {clockText(row.createdUnixMs, zone)}
                </span>
                <span>{row.pairId}</span>
                <span className="tone-dim">{row.state}</span>
                <span className="ml-auto">{row.result === null ? '' : signed(row.result.netUsd, 2)}</span>
              </Menu.Item>
            ))}
            <Menu.Item
              closeOnClick={false}
              disabled={pages.state === 'loading' || pages.state === 'end'}
              onClick={() => void load(oldestOf(pages.rows))}
            >
              {PAGES_WORDS[pages.state]} groups
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
};
