/**
 * One press of KILL, from the console's side, as a table. Pure. It owns what this console knows of its own request;
 * whether the engine is killed is told by the engine's row alone. A press is one act however often it is sent
 * (same request id), and it dies 10 s after the finger left: a stale kill must not fire later.
 */

/** How long a press that nobody acknowledged is retried. */
export const PRESS_LIFE_MS = 10_000;
/** Pause between two deliveries of the same press. */
export const RETRY_PAUSE_MS = 400;
/** An acknowledged latch that no engine row ever shows was reset elsewhere meanwhile. */
export const LATCH_SHOWN_WITHIN_MS = 5_000;

/** How long the console goes on saying that a press came to nothing. */
export const BAD_NEWS_SHOWN_MS = 60_000;

export interface Acknowledgement {
  readonly committedUnixMs: number;
  readonly engineMs: number;
  readonly changed: boolean;
}

export type KillPhase =
  | { readonly at: 'ready' }
  | { readonly at: 'requested'; readonly requestId: string; readonly pressedMs: number }
  | { readonly at: 'unconfirmed'; readonly requestId: string; readonly pressedMs: number; readonly why: string }
  | {
      readonly at: 'latched';
      readonly requestId: string;
      readonly acknowledgement: Acknowledgement;
      readonly acknowledgedMs: number;
      readonly roundTripMs: number;
      /** Whether the engine's row has shown the latch since. */
      readonly shown: boolean;
    }
  | { readonly at: 'refused'; readonly why: string; readonly sinceMs: number }
  | { readonly at: 'forgotten'; readonly why: string; readonly sinceMs: number };

export type KillEvent =
  | { readonly kind: 'press'; readonly requestId: string; readonly nowMs: number; readonly linkUp: boolean }
  | { readonly kind: 'acknowledged'; readonly requestId: string; readonly nowMs: number; readonly acknowledgement: Acknowledgement }
  | { readonly kind: 'undelivered'; readonly requestId: string; readonly why: string }
  | { readonly kind: 'refused'; readonly requestId: string; readonly nowMs: number; readonly why: string }
  | { readonly kind: 'link'; readonly up: boolean }
  | { readonly kind: 'retry'; readonly linkUp: boolean }
  | { readonly kind: 'clock'; readonly nowMs: number }
  | { readonly kind: 'engineRow'; readonly killed: boolean };

/** `send`: deliver the current request id; `abandon`: give up the delivery under way. */
export type KillEffect = 'send' | 'abandon';

export interface KillStep {
  readonly phase: KillPhase;
  readonly effect: KillEffect | null;
}

export const KILL_READY: KillPhase = { at: 'ready' };
const NO_LINK = 'no link to the engine';

const stay = (phase: KillPhase): KillStep => ({ phase, effect: null });
const send = (phase: KillPhase): KillStep => ({ phase, effect: 'send' });

const pressed = (phase: KillPhase, event: Extract<KillEvent, { kind: 'press' }>): KillStep => {
  const pending = phase.at === 'requested' || phase.at === 'unconfirmed';
  const requestId = pending ? phase.requestId : event.requestId;
  if (!event.linkUp) return stay({ at: 'unconfirmed', requestId, pressedMs: event.nowMs, why: NO_LINK });
  if (phase.at === 'requested') return stay({ at: 'requested', requestId, pressedMs: event.nowMs });
  return send({ at: 'requested', requestId, pressedMs: event.nowMs });
};

const acknowledged = (phase: KillPhase, event: Extract<KillEvent, { kind: 'acknowledged' }>): KillStep => {
  if ((phase.at !== 'requested' && phase.at !== 'unconfirmed') || phase.requestId !== event.requestId) return stay(phase);
  return stay({
    at: 'latched',
    requestId: phase.requestId,
    acknowledgement: event.acknowledgement,
    acknowledgedMs: event.nowMs,
    roundTripMs: event.nowMs - phase.pressedMs,
    shown: false,
  });
};

const clock = (phase: KillPhase, nowMs: number): KillStep => {
  if ((phase.at === 'requested' || phase.at === 'unconfirmed') && nowMs - phase.pressedMs >= PRESS_LIFE_MS) {
    const why = phase.at === 'unconfirmed' ? phase.why : 'the engine did not answer';
    return { phase: { at: 'forgotten', why, sinceMs: nowMs }, effect: 'abandon' };
  }
  if ((phase.at === 'refused' || phase.at === 'forgotten') && nowMs - phase.sinceMs >= BAD_NEWS_SHOWN_MS) return stay(KILL_READY);
  if (phase.at === 'latched' && !phase.shown && nowMs - phase.acknowledgedMs >= LATCH_SHOWN_WITHIN_MS) return stay(KILL_READY);
  return stay(phase);
};

const engineRow = (phase: KillPhase, killed: boolean): KillStep => {
  if (killed && phase.at === 'latched' && !phase.shown) return stay({ ...phase, shown: true });
  if (killed && (phase.at === 'forgotten' || phase.at === 'refused')) return stay(KILL_READY);
  if (!killed && phase.at === 'latched' && phase.shown) return stay(KILL_READY);
  return stay(phase);
};

export const stepKill = (phase: KillPhase, event: KillEvent): KillStep => {
  switch (event.kind) {
    case 'press':
      return pressed(phase, event);
    case 'acknowledged':
      return acknowledged(phase, event);
    case 'undelivered':
      return phase.at === 'requested' && phase.requestId === event.requestId
        ? stay({ at: 'unconfirmed', requestId: phase.requestId, pressedMs: phase.pressedMs, why: event.why })
        : stay(phase);
    case 'refused':
      return (phase.at === 'requested' || phase.at === 'unconfirmed') && phase.requestId === event.requestId
        ? stay({ at: 'refused', why: event.why, sinceMs: event.nowMs })
        : stay(phase);
    case 'link':
      if (!event.up && phase.at === 'requested') return stay({ ...phase, at: 'unconfirmed', why: NO_LINK });
      return event.up && phase.at === 'unconfirmed'
        ? send({ at: 'requested', requestId: phase.requestId, pressedMs: phase.pressedMs })
        : stay(phase);
    case 'retry':
      return event.linkUp && phase.at === 'unconfirmed'
        ? send({ at: 'requested', requestId: phase.requestId, pressedMs: phase.pressedMs })
        : stay(phase);
    case 'clock':
      return clock(phase, event.nowMs);
    case 'engineRow':
      return engineRow(phase, event.killed);
    default:
      return event satisfies never;
  }
};
