/**
 * The desktop window's one bridge: what the preload puts on `window.quantArb`, and the channels and bounds it shares
 * with Electron's main. Only strings cross it, each no longer than the constants below; it carries the console's
 * contract and knows nothing of its content.
 */
export const BRIDGE_PROTOCOL_VERSION = 1;

export interface ConsoleBridge {
  readonly protocolVersion: typeof BRIDGE_PROTOCOL_VERSION;
  /** Hands one frame to the engine. @throws TypeError when it is no string, RangeError when it is too long. */
  readonly send: (frame: string) => void;
  /** Calls back for each frame of the engine until the returned function is called. */
  readonly onFrame: (callback: (frame: string) => void) => () => void;
}

/** Characters of one frame from the console: requests are small. */
export const MAX_FRAME_TO_ENGINE_CHARS = 65_536;
/** Characters of one frame to the console: a snapshot or a page of history. */
export const MAX_FRAME_TO_CONSOLE_CHARS = 8_388_608;
/** A frame that reached the engine's program later than this after it was sent is refused: a stale command must not act. */
export const MAX_FRAME_AGE_MS = 10_000;
/** Frames sent and not yet taken by the page; the engine's stream waits beyond it. */
export const MAX_FRAMES_IN_FLIGHT = 8;

/** Preload → main: a page was loaded, every earlier page of this window is gone. No arguments. */
export const CHANNEL_OPEN = 'console:open';
/** Preload → main: `(frame, Unix milliseconds of sending)`; both ends read the same machine's clock. */
export const CHANNEL_TO_ENGINE = 'console:to-engine';
/** Main → preload: `(frame, number)`, numbers rising by one within main's lifetime. */
export const CHANNEL_TO_CONSOLE = 'console:to-console';
/** Preload → main: `(number)` of a frame the page has taken. */
export const CHANNEL_TAKEN = 'console:taken';
