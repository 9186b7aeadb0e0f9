/**
 * Press and hold, as a table. Pure. It fires once, only while the same pointer or key has been down without a break for
 * the whole time; letting go early, sliding off, losing focus or Escape ends it without a trace.
 */

/** How long FLATTEN must be held. */
export const HOLD_MS = 1_500;

export type HoldBy = 'pointer' | 'key';

export type HoldPhase =
  | { readonly at: 'idle' }
  | { readonly at: 'holding'; readonly by: HoldBy; readonly sinceMs: number }
  /** Fired; the finger is still down. */
  | { readonly at: 'held'; readonly by: HoldBy };

export type HoldEvent =
  | { readonly kind: 'down'; readonly by: HoldBy; readonly nowMs: number }
  | { readonly kind: 'up'; readonly by: HoldBy; readonly nowMs: number }
  | { readonly kind: 'abort' }
  | { readonly kind: 'clock'; readonly nowMs: number };

/** `begin`: the press began; `early`: it ended before its time; `fire`: it lasted. */
export type HoldEffect = 'begin' | 'early' | 'fire';

export interface HoldStep {
  readonly phase: HoldPhase;
  readonly effect: HoldEffect | null;
}

export const HOLD_IDLE: HoldPhase = { at: 'idle' };

const stay = (phase: HoldPhase): HoldStep => ({ phase, effect: null });
const isLongEnough = (sinceMs: number, nowMs: number): boolean => nowMs - sinceMs >= HOLD_MS;

const whileHolding = (phase: Extract<HoldPhase, { at: 'holding' }>, event: HoldEvent): HoldStep => {
  switch (event.kind) {
    case 'down':
      return stay(phase);
    case 'clock':
      return isLongEnough(phase.sinceMs, event.nowMs) ? { phase: { at: 'held', by: phase.by }, effect: 'fire' } : stay(phase);
    case 'up':
      if (event.by !== phase.by) return stay(phase);
      return { phase: HOLD_IDLE, effect: isLongEnough(phase.sinceMs, event.nowMs) ? 'fire' : 'early' };
    case 'abort':
      return { phase: HOLD_IDLE, effect: 'early' };
    default:
      return event satisfies never;
  }
};

export const stepHold = (phase: HoldPhase, event: HoldEvent): HoldStep => {
  switch (phase.at) {
    case 'idle':
      return event.kind === 'down' ? { phase: { at: 'holding', by: event.by, sinceMs: event.nowMs }, effect: 'begin' } : stay(phase);
    case 'holding':
      return whileHolding(phase, event);
    case 'held':
      return event.kind === 'abort' || (event.kind === 'up' && event.by === phase.by) ? stay(HOLD_IDLE) : stay(phase);
    default:
      return phase satisfies never;
  }
};

/** 0–1 of the time to hold. */
export const holdProgress = (phase: HoldPhase, nowMs: number): number => {
  if (phase.at === 'idle') return 0;
  return phase.at === 'held' ? 1 : Math.min(1, Math.max(0, (nowMs - phase.sinceMs) / HOLD_MS));
};
