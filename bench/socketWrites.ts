/**
 * When this process hands bytes to the kernel: the one place that every TCP or TLS write of Node goes through, whoever asked for it,
 * right before the system call. Installed while a measurement runs, and taken out again.
 */
import { Socket } from 'node:net';

const GENERIC = '_writeGeneric';
type Generic = Record<typeof GENERIC, (this: Socket, ...parts: unknown[]) => unknown>;

export interface SocketWrites {
  /** Microseconds of `performance.now` at which the next system call begins. */
  next(): Promise<number>;
  /** Resolves when `count` more have begun, and ended. */
  ended(count: number): Promise<void>;
  stop(): void;
}

export const watchSocketWrites = (): SocketWrites => {
  const prototype = Socket.prototype as unknown as Generic;
  const { [GENERIC]: write } = prototype;
  let began: ((atUs: number) => void) | null = null;
  let left = 0;
  let ended: (() => void) | null = null;
  prototype[GENERIC] = function writeWatched(...parts) {
    if (began !== null) {
      began(performance.now() * 1_000);
      began = null;
    }
    const result = write.apply(this, parts);
    if (left > 0 && (left -= 1) === 0) ended?.();
    return result;
  };
  return {
    next: () =>
      new Promise((resolve) => {
        began = resolve;
      }),
    ended: (count) =>
      new Promise((resolve) => {
        left = count;
        ended = resolve;
      }),
    stop: () => {
      prototype[GENERIC] = write;
    },
  };
};
