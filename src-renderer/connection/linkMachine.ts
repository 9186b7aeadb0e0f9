/**
 * What the console may believe about its link to the engine, as a table. Pure. `live` needs a snapshot and frames
 * that keep coming; an open socket that says nothing is `silent`, and no live look may be drawn from it.
 */

/** Frames come at up to 20 Hz; after this long without one the console dims. */
export const SILENT_AFTER_MS = 2_500;
/** After this long the link is given up and made anew. */
export const LOST_AFTER_MS = 10_000;

export type LinkPhase = 'connecting' | 'live' | 'silent' | 'waiting';

export interface LinkView {
  readonly phase: LinkPhase;
  /** Failures since the link was last live. */
  readonly attempt: number;
  /** Why the last link ended; null before the first loss. */
  readonly why: string | null;
  readonly lastFrameMs: number | null;
  readonly retryAtMs: number | null;
}

export type LinkEvent =
  | { readonly kind: 'opening' }
  | { readonly kind: 'frame'; readonly nowMs: number }
  | { readonly kind: 'ended'; readonly why: string; readonly retryAtMs: number }
  | { readonly kind: 'clock'; readonly nowMs: number };

export const LINK_AT_START: LinkView = { phase: 'connecting', attempt: 0, why: null, lastFrameMs: null, retryAtMs: null };

export const stepLink = (view: LinkView, event: LinkEvent): LinkView => {
  switch (event.kind) {
    case 'opening':
      return { ...view, phase: 'connecting', retryAtMs: null };
    case 'frame':
      // A frame that comes after the link was given up belongs to a dead stream.
      return view.phase === 'waiting' ? view : { phase: 'live', attempt: 0, why: null, lastFrameMs: event.nowMs, retryAtMs: null };
    case 'ended':
      return { ...view, phase: 'waiting', attempt: view.attempt + 1, why: event.why, retryAtMs: event.retryAtMs };
    case 'clock':
      return view.phase === 'live' && view.lastFrameMs !== null && event.nowMs - view.lastFrameMs >= SILENT_AFTER_MS
        ? { ...view, phase: 'silent' }
        : view;
    default:
      return event satisfies never;
  }
};
