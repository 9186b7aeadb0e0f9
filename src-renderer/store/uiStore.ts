/**
 * What the operator chose to look at. Nothing here changes anything in the engine; theme and clock are remembered by
 * the browser, and losing them loses nothing that matters.
 */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Direction } from '../../src-shared/domain/opportunity.ts';
import type { ClockZone } from '../format/times.ts';

export type Theme = 'dark' | 'light' | 'contrast';
export type Range = '5m' | '1h' | '1d';

export interface UiState {
  readonly pairId: string | null;
  /** `best` follows the better direction of the moment. */
  readonly direction: Direction | 'best';
  readonly range: Range;
  readonly zone: ClockZone;
  readonly theme: Theme;
  readonly drawerIntentId: string | null;
  /** Trigger of the what-if on the histogram; null = the engine's own entry. */
  readonly whatIfBps: number | null;
}

export const useUi = create<UiState>()(
  persist(
    (): UiState => ({
      pairId: null,
      direction: 'best',
      range: '5m',
      zone: 'utc',
      theme: 'dark',
      drawerIntentId: null,
      whatIfBps: null,
    }),
    { name: 'quant-arb-console', partialize: ({ zone, theme, range }) => ({ zone, theme, range }) },
  ),
);

/** @param direction the better one of the moment; it then stays, so that the chart does not jump between the two. */
export const focusPair = (pairId: string, direction: Direction): void => {
  useUi.setState((before) => (before.pairId === pairId ? before : { pairId, direction, whatIfBps: null }));
};

export const focusDirection = (direction: Direction | 'best'): void => {
  useUi.setState({ direction, whatIfBps: null });
};
