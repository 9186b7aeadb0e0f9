/**
 * One client's socket as a venue sees it. Owns what leaves it: order, faults, and the bound on what a slow reader may
 * leave unread. Must not know any venue's protocol.
 */
import type { WebSocket } from 'ws';
import type { VenueFaults } from '../faults.ts';

/** What one client may leave unread before the venue gives up on it. */
export const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** Frames a `delay` fault holds back for one client. */
export const MAX_DELAYED_FRAMES = 50_000;
const ABNORMAL_CLOSE = 1_006;
const CLOSE_GRACE_MS = 1_000;

/** Frames nothing should be able to decode: cut JSON, wrong types, no JSON, an absurd figure. */
export const GARBAGE: readonly string[] = [
  '{"u":1,"s":"BTCUSDT","b":"618',
  '\u0000\u0001\u0002',
  '[]',
  '{"u":"x","s":42,"b":null,"B":{},"a":[],"A":true}',
  '<html><body>502 Bad Gateway</body></html>',
  '{"e":"bookTicker","u":9007199254740993,"s":"BTCUSDT","b":"NaN","B":"1e999","a":"-5","A":""}',
];

export interface Peer {
  /** Market data: faults apply. */
  data(text: string): void;
  /** Replies and notices: silenced and delayed, never dropped. */
  reply(text: string): void;
  /** Past every fault: a malformed frame. */
  raw(text: string): void;
  ping(payload: string): void;
  /** 1006 tears the connection without a close frame. */
  close(code: number, reason: string): void;
  readonly open: boolean;
  readonly unreadBytes: number;
  /** Monotonic ms of the last frame that left. */
  readonly lastSentMonoMs: number;
}

export interface PeerSettings {
  readonly faults: VenueFaults;
  /** Close code for a reader that does not keep up. */
  readonly slowReaderCode: number;
  readonly slowReaderReason: string;
  readonly maxUnreadBytes: number;
}

export const createPeer = (socket: WebSocket, settings: PeerSettings): Peer => {
  const { faults } = settings;
  const delayed: { dueMonoMs: number; text: string }[] = [];
  let timer: NodeJS.Timeout | null = null;
  let lastSentMonoMs = performance.now();

  const close = (code: number, reason: string) => {
    delayed.length = 0;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (code === ABNORMAL_CLOSE) socket.terminate();
    else {
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
    }
  };
  const write = (text: string) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > settings.maxUnreadBytes) {
      close(settings.slowReaderCode, settings.slowReaderReason);
      return;
    }
    lastSentMonoMs = performance.now();
    socket.send(text);
  };
  const release = () => {
    timer = null;
    const now = performance.now();
    let due = 0;
    while (due < delayed.length && delayed[due]!.dueMonoMs <= now) due += 1;
    for (const frame of delayed.splice(0, due)) write(frame.text);
    if (delayed.length > 0) timer = setTimeout(release, Math.max(1, delayed[0]!.dueMonoMs - performance.now()));
  };
  const send = (text: string) => {
    if (socket.readyState !== socket.OPEN || faults.silent()) return;
    const delayMs = faults.delayMs();
    if (delayMs === 0 && delayed.length === 0) {
      write(text);
      return;
    }
    if (delayed.length >= MAX_DELAYED_FRAMES) {
      close(settings.slowReaderCode, settings.slowReaderReason);
      return;
    }
    delayed.push({ dueMonoMs: Math.max(performance.now() + delayMs, delayed.at(-1)?.dueMonoMs ?? 0), text });
    timer ??= setTimeout(release, delayMs);
  };
  socket.on('close', () => {
    delayed.length = 0;
    if (timer !== null) clearTimeout(timer);
  });
  return {
    data: (text) => {
      if (!faults.drops()) send(text);
    },
    reply: send,
    raw: write,
    ping: (payload) => {
      if (socket.readyState === socket.OPEN) socket.ping(payload);
    },
    close,
    get open() {
      return socket.readyState === socket.OPEN;
    },
    get unreadBytes() {
      return socket.bufferedAmount;
    },
    get lastSentMonoMs() {
      return lastSentMonoMs;
    },
  };
};
