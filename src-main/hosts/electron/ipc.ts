/**
 * The engine's side of the window's bridge: checks who is speaking, turns the string frames of one page into a socket the
 * contract server understands, and closes it when the page or the window goes away. A page that takes its frames slowly
 * makes its own stream wait; nothing queues here beyond the frames in flight.
 */
import type { IpcMain, IpcMainEvent, WebContents } from 'electron';
import {
  CHANNEL_OPEN,
  CHANNEL_TAKEN,
  CHANNEL_TO_CONSOLE,
  CHANNEL_TO_ENGINE,
  MAX_FRAME_AGE_MS,
  MAX_FRAME_TO_CONSOLE_CHARS,
  MAX_FRAME_TO_ENGINE_CHARS,
  MAX_FRAMES_IN_FLIGHT,
} from '../../../src-shared/contract/bridge.ts';
import { isConsoleUrl } from './appProtocol.ts';

/** What the contract server is attached to; the shape of a web-socket as far as it needs one. */
export interface ConsoleSocket {
  addEventListener(type: 'message', listener: (event: { readonly data: string }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  /** Resolves when the page has room for the next frame, or is gone (the frame is then dropped). Never rejects. */
  send(frame: string): Promise<void>;
}

/** Why a message is not taken, or null when its sender is a console page at the top of one of our windows. */
export const senderFault = (
  event: Pick<IpcMainEvent, 'senderFrame'> & { readonly sender: unknown },
  isOurs: (sender: unknown) => boolean,
): string | null => {
  if (!isOurs(event.sender)) return 'not a window of ours';
  const frame = event.senderFrame;
  if (frame === null) return 'the frame is gone';
  if (frame.parent !== null) return 'not the top frame';
  return isConsoleUrl(frame.url) ? null : `a foreign page: ${frame.url.slice(0, 200)}`;
};

/** One page's conversation. */
class PageSession implements ConsoleSocket {
  readonly #post: (frame: string) => number;
  readonly #refused: (why: string) => void;
  readonly #messageListeners: Array<(event: { readonly data: string }) => void> = [];
  readonly #closeListeners: Array<() => void> = [];
  readonly #waiting: Array<() => void> = [];
  readonly #inFlight = new Set<number>();
  #closed = false;

  constructor(post: (frame: string) => number, refused: (why: string) => void) {
    this.#post = post;
    this.#refused = refused;
  }

  addEventListener(type: 'message', listener: (event: { readonly data: string }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  addEventListener(type: 'message' | 'close', listener: ((event: { readonly data: string }) => void) & (() => void)): void {
    if (type === 'message') this.#messageListeners.push(listener);
    else this.#closeListeners.push(listener);
  }

  async send(frame: string): Promise<void> {
    if (frame.length > MAX_FRAME_TO_CONSOLE_CHARS) {
      this.#refused(`a frame of ${frame.length} characters for the console; its page is cut off`);
      return this.close();
    }
    // Each stream and each command has one frame at most in hand, so that few wait here.
    while (!this.#closed && this.#inFlight.size >= MAX_FRAMES_IN_FLIGHT) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (!this.#closed) this.#inFlight.add(this.#post(frame));
  }

  receive(frame: string): void {
    for (const listener of this.#messageListeners) listener({ data: frame });
  }

  taken(number: number): void {
    // Numbers of an earlier page's frames are not in the set: a late word from it frees nothing here.
    if (this.#inFlight.delete(number)) this.#waiting.shift()?.();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inFlight.clear();
    // Listeners first: the streams are aborted before those who wait go on.
    for (const listener of this.#closeListeners) listener();
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

export interface BridgeServer {
  /** Lets a window's pages speak to the engine. */
  admit(contents: WebContents): void;
  /** Closes every conversation; later messages are refused. */
  close(): void;
}

export interface BridgeOptions {
  /** Attaches the contract server to a page's socket. */
  readonly attach: (socket: ConsoleSocket) => void;
  /** Told of every message that was not taken and why. */
  readonly refused: (why: string) => void;
  readonly unixMs: () => number;
}

/** Serves the contract to the pages of admitted windows. */
export const serveBridge = (ipcMain: IpcMain, { attach, refused, unixMs }: BridgeOptions): BridgeServer => {
  const sessions = new Map<WebContents, PageSession | null>();
  let lastNumber = 0;

  const closeSession = (contents: WebContents): void => {
    sessions.get(contents)?.close();
    if (sessions.has(contents)) sessions.set(contents, null);
  };
  const checked = (event: IpcMainEvent): boolean => {
    const fault = senderFault(event, (sender) => sessions.has(sender as WebContents));
    if (fault !== null) refused(fault);
    return fault === null;
  };
  const open = (event: IpcMainEvent): void => {
    if (!checked(event)) return;
    closeSession(event.sender);
    const session = new PageSession((frame) => {
      lastNumber += 1;
      event.sender.send(CHANNEL_TO_CONSOLE, frame, lastNumber);
      return lastNumber;
    }, refused);
    sessions.set(event.sender, session);
    attach(session);
  };
  const toEngine = (event: IpcMainEvent, frame: unknown, sentUnixMs: unknown): void => {
    if (!checked(event)) return;
    if (typeof frame !== 'string') return refused('a frame that is no string');
    if (frame.length > MAX_FRAME_TO_ENGINE_CHARS) return refused(`a frame of ${frame.length} characters`);
    const ageMs = unixMs() - Number(sentUnixMs);
    // This program stood still: whoever sent the frame has long given it up.
    if (!(ageMs <= MAX_FRAME_AGE_MS)) return refused(`a frame ${ageMs} ms old`);
    sessions.get(event.sender)?.receive(frame);
  };
  const taken = (event: IpcMainEvent, number: unknown): void => {
    if (checked(event) && typeof number === 'number') sessions.get(event.sender)?.taken(number);
  };

  ipcMain.on(CHANNEL_OPEN, open);
  ipcMain.on(CHANNEL_TO_ENGINE, toEngine);
  ipcMain.on(CHANNEL_TAKEN, taken);

  return {
    admit: (contents) => {
      sessions.set(contents, null);
      contents.on('render-process-gone', () => closeSession(contents));
      contents.once('destroyed', () => {
        closeSession(contents);
        sessions.delete(contents);
      });
    },
    close: () => {
      ipcMain.off(CHANNEL_OPEN, open);
      ipcMain.off(CHANNEL_TO_ENGINE, toEngine);
      ipcMain.off(CHANNEL_TAKEN, taken);
      for (const contents of sessions.keys()) closeSession(contents);
      sessions.clear();
    },
  };
};
