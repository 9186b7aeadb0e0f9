/** The pair and direction in focus, and the engine's detail of exactly that. */
import type { Direction } from '../../../src-shared/domain/opportunity.ts';
import type { DirectionDetail, PairRow } from '../../../src-shared/domain/view.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { useUi } from '../../store/uiStore.ts';

export interface Focused {
  readonly pairId: string;
  readonly row: PairRow;
  readonly direction: Direction;
}

export const useFocused = (): Focused | null => {
  const pairId = useUi((ui) => ui.pairId);
  const chosen = useUi((ui) => ui.direction);
  const row = useConsole((state) => (pairId === null ? undefined : state.tables.pairs[pairId]));
  if (pairId === null || row === undefined) return null;
  return { pairId, row, direction: chosen === 'best' ? row.best : chosen };
};

/** null until the engine has sent the detail of this very pair. */
export const useDirectionDetail = (focused: Focused | null): DirectionDetail | null => {
  const detail = useConsole((state) => state.detail);
  if (focused === null || detail === null || detail.pairId !== focused.pairId) return null;
  return detail.directions.find((entry) => entry.direction === focused.direction) ?? null;
};
