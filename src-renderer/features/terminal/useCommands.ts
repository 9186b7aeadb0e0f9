/**
 * The commands to the EAs, read again each second while somebody looks. One question at a time; what was read stays on the
 * screen when a later reading fails, and says how old it is.
 */
import { useEffect, useState } from 'react';
import type { CommandRow } from '../../../src-shared/domain/metatrader.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { useIsLive } from '../../store/consoleStore.ts';

export const ASK_EVERY_MS = 1_000;
/** Rows of one reading; older ones are the export's. */
export const COMMAND_ROWS = 100;

export interface Commands {
  /** null before the first reading. */
  readonly rows: readonly CommandRow[] | null;
  readonly readUnixMs: number | null;
  /** Why the newest reading failed; null = it did not. */
  readonly fault: string | null;
}

const NOTHING: Commands = { rows: null, readUnixMs: null, fault: null };

export const useCommands = (): Commands => {
  const { client } = useLiveConsole();
  const isLive = useIsLive();
  const [commands, setCommands] = useState(NOTHING);
  useEffect(() => {
    if (!isLive) return undefined;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      // A hidden page reads nothing; it reads again within a second of being seen.
      const to = document.visibilityState === 'hidden' ? null : client();
      if (to !== null) {
        try {
          const { rows } = await to.terminalCommands({ limit: COMMAND_ROWS });
          if (!over) setCommands({ rows, readUnixMs: Date.now(), fault: null });
        } catch (error) {
          const fault = error instanceof Error ? error.message : String(error);
          if (!over) setCommands((before) => ({ ...before, fault }));
        }
      }
      if (!over) timer = setTimeout(() => void read(), ASK_EVERY_MS);
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [client, isLive]);
  return commands;
};
