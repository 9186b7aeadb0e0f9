/**
 * Takes frames as they come (≤ 20 Hz), keeps the replica, and paints it into the store at most 10 times a second.
 * Latches, trading state and link changes are painted at once. Charts listen to the unpainted replica.
 */
import type { ConsoleFrame } from '../../src-shared/contract/frames.ts';
import type { ConsoleTables } from '../../src-shared/domain/view.ts';
import { applyFrame, type Replica } from './replica.ts';
import { ENGINE_KEY, useConsole } from './consoleStore.ts';

export const PAINT_EVERY_MS = 100;
/** A drift of the engine's clock below this is jitter of the road, not of the clock. */
const CLOCK_STEP_MS = 100;

export type TablesListener = (tables: ConsoleTables) => void;

export interface Feed {
  readonly accept: (frame: ConsoleFrame) => 'applied' | 'gap';
  /** Called for every applied frame. */
  readonly listen: (listener: TablesListener) => () => void;
  readonly drop: () => void;
}

const isUrgent = (before: ConsoleTables, after: ConsoleTables): boolean => {
  const was = before.engine[ENGINE_KEY];
  const is = after.engine[ENGINE_KEY];
  return (
    was?.kill !== is?.kill ||
    was?.pause !== is?.pause ||
    was?.tradingState !== is?.tradingState ||
    was?.armed !== is?.armed ||
    was?.scopedStops !== is?.scopedStops ||
    was?.ledgerFault !== is?.ledgerFault
  );
};

export const createFeed = (onPaint: (tables: ConsoleTables) => void): Feed => {
  let replica: Replica | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const listeners = new Set<TablesListener>();

  const paint = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (replica === null) return;
    const { tables } = replica;
    const engineNow = tables.engine[ENGINE_KEY]?.nowUnixMs;
    const offsetMs = engineNow === undefined ? 0 : engineNow - Date.now();
    useConsole.setState((state) => ({
      tables,
      engineOffsetMs: Math.abs(offsetMs - state.engineOffsetMs) > CLOCK_STEP_MS ? offsetMs : state.engineOffsetMs,
    }));
    onPaint(tables);
  };

  return {
    accept: (frame) => {
      const outcome = applyFrame(replica, frame);
      if (outcome.kind === 'gap') {
        replica = null;
        return 'gap';
      }
      const before = replica?.tables;
      replica = outcome.replica;
      for (const listener of listeners) listener(replica.tables);
      if (before === undefined || isUrgent(before, replica.tables)) paint();
      else timer ??= setTimeout(paint, PAINT_EVERY_MS);
      return 'applied';
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    drop: () => {
      replica = null;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
};
