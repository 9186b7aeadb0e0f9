/**
 * The desktop host's life: lock down the session, start the engine, open the window, serve its pages, and end everything
 * in order when the user quits. Owns no rule: what the engine does is `compose`'s, what may be asked is the policies'.
 * Handed its Electron parts, so that it says in one place what it uses of them.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type * as Electron from 'electron';
import { RPCHandler } from '@orpc/server/websocket';
import type { App } from '../compose.ts';
import type { ConsoleContext } from '../contractServer.ts';
import type { Log } from '../log.ts';
import { registerAppProtocol } from './appProtocol.ts';
import { serveBridge } from './ipc.ts';
import type { BridgeServer } from './ipc.ts';
import { KILL_ACCELERATOR, registerKillShortcut } from './killShortcut.ts';
import { confineNavigation } from './navigation.ts';
import { attachContract } from './pageContract.ts';
import { denyPermissions } from './permissions.ts';
import { bringForward, loadConsole, openWindow } from './window.ts';

export type ElectronParts = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'dialog' | 'globalShortcut' | 'ipcMain' | 'Menu' | 'protocol' | 'screen' | 'session' | 'shell'
>;

export const WINDOW_STATE_FILE = 'window.json';

/** What the host's launcher gives: the engine, and how to end it with what was started around it. */
export interface RunningEngine {
  readonly app: App;
  readonly stop: (why: string) => Promise<void>;
}

export interface ShellOptions {
  readonly parts: ElectronParts;
  /** Where the window's place is kept. */
  readonly stateDir: string;
  /** Folder of the build, with `preload` and `renderer` in it. */
  readonly buildDir: string;
  readonly log: Log;
  readonly startEngine: () => Promise<RunningEngine>;
}

const bridgeTo = ({ parts: { ipcMain }, log }: ShellOptions, { router }: App): BridgeServer => {
  const contract = new RPCHandler<ConsoleContext>(router);
  return serveBridge(ipcMain, {
    unixMs: () => Date.now(),
    refused: (why) => log.warn('a message of a page was refused', { why }),
    attach: (socket) => {
      const context: ConsoleContext = { source: 'console', by: 'operator at this desktop', streams: { open: 0 } };
      const server = {
        message: (peer: Parameters<typeof contract.message>[0], frame: string) => contract.message(peer, frame, { context }),
        close: (peer: Parameters<typeof contract.close>[0]) => contract.close(peer),
      };
      attachContract(server, socket, (text) => log.warn(text));
    },
  });
};

const killFrom = async (engine: App, log: Log): Promise<void> => {
  const requestId = randomBytes(12).toString('hex');
  try {
    const { code } = await engine.command({ kind: 'kill', requestId, reason: '', source: 'shortcut', by: 'operator at this desktop' });
    if (code !== 'applied') log.error('the kill shortcut was not obeyed', { code });
  } catch (error) {
    log.error('the kill shortcut failed', { fault: String(error) });
  }
};

const armShortcut = ({ parts: { globalShortcut }, log }: ShellOptions, engine: App): void => {
  if (registerKillShortcut(globalShortcut, () => void killFrom(engine, log))) return;
  log.warn('another program holds the kill shortcut: only the button and the command line kill here', { keys: KILL_ACCELERATOR });
};

/** macOS needs its menu for copying and quitting; elsewhere a menu would only lend keys to reloading and closing. */
const setMenu = ({ Menu }: ElectronParts): void => {
  const isMac = process.platform === 'darwin';
  Menu.setApplicationMenu(isMac ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null);
};

const openConsoleWindow = (options: ShellOptions, bridge: BridgeServer): Electron.BrowserWindow => {
  const { parts, stateDir, buildDir, log } = options;
  const window = openWindow(parts.BrowserWindow, {
    preloadFile: path.join(buildDir, 'preload', 'preload.cjs'),
    stateFile: path.join(stateDir, WINDOW_STATE_FILE),
    displays: parts.screen.getAllDisplays(),
    devTools: !parts.app.isPackaged,
    warn: (text) => log.warn(text),
  });
  bridge.admit(window.webContents);
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.error('the console page died and is loaded anew; the engine goes on', { reason });
    window.webContents.reload();
  });
  return window;
};

/** Every web contents there will ever be is confined, also one we never meant to make. */
const confineAll = ({ parts: { app, shell }, log }: ShellOptions): void => {
  app.on('web-contents-created', (_event, contents) =>
    confineNavigation(contents, {
      openOutside: (url) => {
        shell.openExternal(url).catch((error: unknown) => log.warn('a link could not be opened', { url, fault: String(error) }));
      },
      refused: (what, url) => log.warn('a page was kept in its place', { what, url: url.slice(0, 200) }),
    }),
  );
};

/** Ends the engine before the program: the first quit waits for it, in the bounded time that `compose` gives. */
const endEngineFirst = ({ parts: { app, globalShortcut }, log }: ShellOptions, bridge: BridgeServer, engine: RunningEngine): void => {
  const end = async (): Promise<void> => {
    globalShortcut.unregisterAll();
    bridge.close();
    await engine.stop('the desktop program was quit');
    log.info('stopped');
    app.exit(Number(process.exitCode ?? 0));
  };
  app.on('will-quit', (event) => {
    event.preventDefault();
    void end();
  });
};

/** Starts the desktop program; it then lives until it quits. Rejects when the engine or the window could not be started. */
export const runShell = async (options: ShellOptions): Promise<void> => {
  const { parts, buildDir } = options;
  const { app, session, protocol } = parts;
  confineAll(options);
  setMenu(parts);
  await app.whenReady();
  denyPermissions(session.defaultSession);
  registerAppProtocol(protocol, path.join(buildDir, 'renderer'));
  const engine = await options.startEngine();
  const bridge = bridgeTo(options, engine.app);
  endEngineFirst(options, bridge, engine);
  armShortcut(options, engine.app);
  const window = openConsoleWindow(options, bridge);
  app.on('second-instance', () => bringForward(window));
  // Also on macOS: an engine without a console that shows it would run unseen.
  app.on('window-all-closed', () => app.quit());
  await loadConsole(window);
};
