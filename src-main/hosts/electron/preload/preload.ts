/**
 * The only code that stands between the page and Electron: one frozen object on `window.quantArb` which passes strings
 * of bounded length. It holds no rule of trading, gives out neither `ipcRenderer` nor an event object, and is built into
 * one CommonJS file, because a sandboxed preload can load nothing else.
 */
import { contextBridge, ipcRenderer } from 'electron';
import {
  BRIDGE_PROTOCOL_VERSION,
  CHANNEL_OPEN,
  CHANNEL_TAKEN,
  CHANNEL_TO_CONSOLE,
  CHANNEL_TO_ENGINE,
  MAX_FRAME_TO_ENGINE_CHARS,
} from '../../../../src-shared/contract/bridge.ts';
import type { ConsoleBridge } from '../../../../src-shared/contract/bridge.ts';

const listeners = new Set<(frame: string) => void>();

const bridge: ConsoleBridge = {
  protocolVersion: BRIDGE_PROTOCOL_VERSION,
  send: (frame) => {
    if (typeof frame !== 'string') throw new TypeError('quantArb.send: a frame is a string');
    if (frame.length > MAX_FRAME_TO_ENGINE_CHARS) {
      throw new RangeError(`quantArb.send: a frame of ${frame.length} characters is longer than ${MAX_FRAME_TO_ENGINE_CHARS}`);
    }
    ipcRenderer.send(CHANNEL_TO_ENGINE, frame, Date.now());
  },
  onFrame: (callback) => {
    if (typeof callback !== 'function') throw new TypeError('quantArb.onFrame: a callback is needed');
    // A set entry of its own for each call: the bridge may hand over the same function for two registrations.
    const listener = (frame: string): void => callback(frame);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

ipcRenderer.on(CHANNEL_TO_CONSOLE, (_event, frame: unknown, number: unknown) => {
  try {
    if (typeof frame === 'string') for (const listener of listeners) listener(frame);
  } finally {
    // Taken even when a listener threw: a fault of the page must not stop the stream for good.
    ipcRenderer.send(CHANNEL_TAKEN, number);
  }
});

contextBridge.exposeInMainWorld('quantArb', bridge);
ipcRenderer.send(CHANNEL_OPEN);
