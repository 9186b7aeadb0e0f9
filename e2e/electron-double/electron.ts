/**
 * The stand-in of the `electron` module: what the built main program imports when it runs without the Electron binary.
 * Every member used is checked against the real package's types; every other one throws. It proves our own code and the
 * wiring between main, preload and page; it proves nothing about Chromium's sandbox inside Electron.
 */
import type { Dialog, GlobalShortcut, Menu as ElectronMenu, Screen, Shell } from 'electron';
import { app, assertReady } from './app.ts';
import { BrowserWindow, openWindows, reportWindows } from './browserWindow.ts';
import { answerControl } from './controlChannel.ts';
import type { ControlRequest, OutsideReport } from './controlChannel.ts';
import { ipcMain as ipcEmitter } from './ipc.ts';
import { safeStorage } from './safeStorage.ts';
import { protocol, session } from './session.ts';
import { strict } from './strict.ts';

const openedOutside: string[] = [];
const errorBoxes: Array<{ title: string; content: string }> = [];
const shortcuts = new Map<string, () => void>();

export const ipcMain = strict('ipcMain', ipcEmitter);

export const shell = strict('shell', {
  openExternal: (url) => {
    openedOutside.push(url);
    return Promise.resolve();
  },
} satisfies Partial<Shell>);

export const dialog = strict('dialog', {
  showErrorBox: (title, content) => {
    errorBoxes.push({ title, content });
    console.error(`[error box] ${title}: ${content}`);
  },
} satisfies Partial<Dialog>);

const ACCELERATOR = /^(?:(?:Command|Cmd|Control|Ctrl|CommandOrControl|CmdOrCtrl|Alt|Option|AltGr|Shift|Super|Meta)\+)*[A-Z0-9]$/;

export const globalShortcut = strict('globalShortcut', {
  register: (accelerator, callback) => {
    assertReady('globalShortcut');
    if (!ACCELERATOR.test(accelerator)) throw new TypeError(`conversion failure from ${accelerator}`);
    if (shortcuts.has(accelerator)) return false;
    shortcuts.set(accelerator, callback);
    return true;
  },
  isRegistered: (accelerator) => shortcuts.has(accelerator),
  unregisterAll: () => shortcuts.clear(),
} satisfies Partial<GlobalShortcut>);

export const screen = strict('screen', {
  getAllDisplays: () => {
    assertReady('screen');
    const area = { x: 0, y: 0, width: 1920, height: 1040 };
    return [strict('Display', { id: 1, bounds: { ...area, height: 1080 }, workArea: area })] as unknown as Electron.Display[];
  },
} satisfies Partial<Screen>);

export const Menu = strict('Menu', { setApplicationMenu: () => undefined } satisfies Partial<typeof ElectronMenu>);

const act = (request: ControlRequest): void => {
  switch (request.act) {
    case 'report':
      return;
    case 'press-shortcut': {
      const callback = shortcuts.get(request.accelerator);
      if (callback === undefined) throw new Error(`nothing is registered for ${request.accelerator}`);
      return callback();
    }
    case 'place-window':
      return openWindows()[0]?.setBounds(request.bounds);
    case 'close-window':
      return openWindows()[0]?.close();
  }
};

answerControl((request): OutsideReport => {
  act(request);
  return { openedOutside, errorBoxes, shortcuts: [...shortcuts.keys()], windows: reportWindows() };
});

export { app, BrowserWindow, protocol, safeStorage, session };
export default { app, BrowserWindow, dialog, globalShortcut, ipcMain, Menu, protocol, safeStorage, screen, session, shell };
