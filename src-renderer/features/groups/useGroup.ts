/** One group's whole history, read again from the engine whenever its live row has moved on. */
import { useEffect, useState } from 'react';
import type { GroupHistory, GroupRow } from '../../../src-shared/domain/view.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';

export type LoadedGroup =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'ready'; readonly history: GroupHistory };

/** What of a row says that there is something new to read; prices alone do not. */
export const rowVersion = (row: GroupRow | undefined): string =>
  row === undefined
    ? ''
    : [
        row.state,
        row.stateSinceUnixMs,
        row.why,
        row.aQty,
        row.aOrder,
        row.aLatencyMs,
        row.bQty,
        row.bOrder,
        row.bLatencyMs,
        row.residualBaseQty,
        row.rungs,
        row.closeReason,
        row.netUsd,
      ].join(' ');

export const useGroup = (groupId: string): LoadedGroup => {
  const { client } = useLiveConsole();
  const isLive = useIsLive();
  const version = useConsole((state) => rowVersion(state.tables.groups[groupId]));
  const [answer, setAnswer] = useState<{ readonly of: string; readonly version: string; readonly loaded: LoadedGroup } | null>(null);
  useEffect(() => {
    let over = false;
    const settle = (loaded: LoadedGroup): void => {
      // What was read before stays on the screen when a later reading fails; the link's own banner says that it is old.
      setAnswer((before) =>
        loaded.kind === 'failed' && before?.of === groupId && before.loaded.kind === 'ready' ? before : { of: groupId, version, loaded },
      );
    };
    const asked =
      (isLive ? client()?.group({ groupId }) : undefined) ?? Promise.reject(new Error('not connected: the group cannot be read now'));
    const tell = (loaded: LoadedGroup): void => {
      if (!over) settle(loaded);
    };
    asked.then(
      (history) => tell({ kind: 'ready', history }),
      (error: unknown) => tell({ kind: 'failed', text: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      over = true;
    };
  }, [client, groupId, version, isLive]);
  return answer === null || answer.of !== groupId ? { kind: 'loading' } : answer.loaded;
};
