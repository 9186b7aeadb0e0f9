/**
 * What the console knows of the engine: the replica's tables, the link, the focused pair, and this console's own
 * requests. Written by the feed and the command functions only; components read it through narrow selectors.
 */
import { create } from 'zustand';
import type { ConsoleTables, EngineRow, PairDetail } from '../../src-shared/domain/view.ts';
import { LINK_AT_START, type LinkView } from '../connection/linkMachine.ts';
import type { About } from '../connection/session.ts';
import type { Presses } from '../features/kill/stops.ts';
import { EMPTY_TABLES } from './replica.ts';

export interface Notice {
  readonly tone: 'info' | 'warn' | 'error';
  readonly text: string;
}

export interface ConsoleState {
  readonly tables: ConsoleTables;
  readonly link: LinkView;
  readonly about: About | null;
  /** Engine's clock minus this computer's, ms. */
  readonly engineOffsetMs: number;
  readonly detail: PairDetail | null;
  /** This console's own presses of latching stops; one that is ready is absent. */
  readonly presses: Presses;
  /** Outcome of the newest command other than a latching stop. */
  readonly notice: Notice | null;
}

export const useConsole = create<ConsoleState>()(() => ({
  tables: EMPTY_TABLES,
  link: LINK_AT_START,
  about: null,
  engineOffsetMs: 0,
  detail: null,
  presses: {},
  notice: null,
}));

export const ENGINE_KEY = 'engine';

export const engineRowOf = (state: ConsoleState): EngineRow | null => state.tables.engine[ENGINE_KEY] ?? null;

/** One field of the engine's row; null before the first snapshot. */
export const useEngineField = <Name extends keyof EngineRow>(name: Name): EngineRow[Name] | null =>
  useConsole((state) => engineRowOf(state)?.[name] ?? null);

/** Whether figures on the screen are being kept up to date. */
export const useIsLive = (): boolean => useConsole((state) => state.link.phase === 'live');
