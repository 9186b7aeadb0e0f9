/**
 * What the operator chose to look at. Nothing here changes anything in the engine; theme and clock are remembered by
 * the browser, and losing them loses nothing that matters.
 */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { GroupAct } from '../../src-shared/domain/hedgeGroup.ts';
import type { LimitName } from '../../src-shared/domain/limits.ts';
import type { Direction } from '../../src-shared/domain/opportunity.ts';
import type { StopScope } from '../../src-shared/domain/tradingState.ts';
import type { ClockZone } from '../format/times.ts';

export type Theme = 'dark' | 'light' | 'contrast';
export type Range = '5m' | '1h' | '1d';

/** The one dialog that is open. */
export type OpenDialog =
  | { readonly kind: 'reset' | 'hands-off' | 'enable'; readonly scope: StopScope }
  /** `byHold`: opened by a press that still lasts, which must keep the focus. */
  | { readonly kind: 'flatten'; readonly scope: StopScope; readonly byHold: boolean }
  | { readonly kind: 'arm-refused'; readonly conditions: readonly string[] }
  /** Of mode live: the guard whole, one rung up, the typed confirmation. */
  | { readonly kind: 'live' | 'climb' | 'arm-live' }
  | { readonly kind: 'act'; readonly groupId: string; readonly act: GroupAct }
  | { readonly kind: 'limit'; readonly name: LimitName }
  | { readonly kind: 'accept'; readonly instrumentId: string }
  | { readonly kind: 'accept-account'; readonly venueId: string };

export interface UiState {
  readonly pairId: string | null;
  /** `best` follows the better direction of the moment. */
  readonly direction: Direction | 'best';
  readonly range: Range;
  readonly zone: ClockZone;
  readonly theme: Theme;
  readonly drawerIntentId: string | null;
  readonly drawerGroupId: string | null;
  /** The terminal whose sheet is open. */
  readonly terminalVenueId: string | null;
  /** The exchange account whose sheet is open. */
  readonly exchangeVenueId: string | null;
  readonly dialog: OpenDialog | null;
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
      drawerGroupId: null,
      terminalVenueId: null,
      exchangeVenueId: null,
      dialog: null,
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

/** One drawer at a time: they share their place. */
const NO_DRAWER = { drawerIntentId: null, drawerGroupId: null, terminalVenueId: null, exchangeVenueId: null } as const;

export const openIntent = (drawerIntentId: string): void => {
  useUi.setState({ ...NO_DRAWER, drawerIntentId });
};

export const openGroup = (drawerGroupId: string): void => {
  useUi.setState({ ...NO_DRAWER, drawerGroupId });
};

export const openTerminal = (terminalVenueId: string): void => {
  useUi.setState({ ...NO_DRAWER, terminalVenueId });
};

export const openExchange = (exchangeVenueId: string): void => {
  useUi.setState({ ...NO_DRAWER, exchangeVenueId });
};

export const openDialog = (dialog: OpenDialog): void => {
  useUi.setState({ dialog });
};

export const closeDialog = (): void => {
  useUi.setState({ dialog: null });
};
