/**
 * KILL on the EA's panel: a count of presses since the EA's boot, repeated in every heartbeat. Owns which of them have been
 * obeyed. Invariants: a press stops the engine once, whatever is repeated or said again; one that the inlet or the memory
 * would not take is tried again.
 */
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import type { Inlets } from '../../runtime/ports.ts';
import type { EpochStore } from './session.ts';

export interface KillButton {
  /** What an admitted EA says now. */
  said(bootId: string, presses: number, login: string): void;
  /** Tries again what was not taken. */
  retry(): void;
}

export const createKillButton = (venueId: VenueId, inlets: Inlets, epochs: EpochStore): KillButton => {
  // A boot this engine has never heard of starts at zero: a press from before its first hello counts.
  let obeyed = epochs.presses?.(venueId) ?? { bootId: '', presses: 0 };
  let owed: { readonly bootId: string; readonly presses: number; readonly login: string } | null = null;
  let unsaved = false;

  const remember = (): void => {
    try {
      epochs.rememberPresses?.(venueId, obeyed.bootId, obeyed.presses);
      unsaved = false;
    } catch {
      // The engine has stopped, and that is in its ledger. At worst this press stops it once more after a restart.
      unsaved = true;
    }
  };

  const retry = (): void => {
    if (unsaved) remember();
    if (owed === null) return;
    const { bootId, presses, login } = owed;
    const taken = inlets.offer({
      type: 'operator',
      command: {
        kind: 'kill',
        scope: 'all',
        requestId: `ea:${venueId}:${bootId}:${presses}`,
        source: 'ea',
        by: login,
        reason: 'KILL was pressed on the chart',
      },
    });
    if (taken === 'full') return;
    owed = null;
    obeyed = { bootId, presses };
    remember();
  };

  return {
    said(bootId, presses, login) {
      const before = obeyed.bootId === bootId ? obeyed.presses : 0;
      const waiting = owed?.bootId === bootId ? owed.presses : before;
      if (presses > waiting) owed = { bootId, presses, login };
      if (owed !== null || unsaved) retry();
    },
    retry,
  };
};
