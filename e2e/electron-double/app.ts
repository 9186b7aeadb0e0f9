/**
 * Electron's `app`, as far as the desktop host uses it: life cycle with its preventable events in the documented order,
 * paths, and a real single-instance lock between processes of one user-data folder.
 */
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { App } from 'electron';
import { tell } from './controlChannel.ts';
import { preventable, strict } from './strict.ts';

const emitter = new EventEmitter();
const paths = new Map<string, string>();
let ready = false;
let quitting = false;
/** What must end before the process may: Chromium. */
const lastDuties: Array<() => Promise<void>> = [];
/** Asks every open window to close; false when one refused. */
let closeWindows: () => boolean = () => true;

export const onLastDuty = (duty: () => Promise<void>): void => void lastDuties.push(duty);
export const onCloseWindows = (close: () => boolean): void => {
  closeWindows = close;
};
export const isQuitting = (): boolean => quitting;
export const assertReady = (what: string): void => {
  if (!ready) throw new Error(`${what} can only be used after the app is ready`);
};
export const assertNotReady = (what: string): void => {
  if (ready) throw new Error(`${what} should be called before the app is ready`);
};

const getPath = (name: string): string => {
  const known = paths.get(name);
  if (known !== undefined) return known;
  const root = process.env['ELECTRON_DOUBLE_HOME'];
  if (root === undefined) throw new Error(`ELECTRON_DOUBLE_HOME is needed to answer app.getPath('${name}')`);
  return name === 'userData' ? path.join(getPath('appData'), 'quant-arb') : path.join(root, name);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The first process of a folder holds `lock`; a later one leaves its arguments beside it and is told no. */
const requestSingleInstanceLock = (): boolean => {
  const folder = path.join(getPath('userData'), 'electron-double-instance');
  mkdirSync(folder, { recursive: true });
  const lock = path.join(folder, 'lock');
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
  } catch {
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder !== process.pid && isAlive(holder)) {
      writeFileSync(path.join(folder, `second-${process.pid}`), JSON.stringify({ argv: process.argv, cwd: process.cwd() }));
      return false;
    }
    writeFileSync(lock, String(process.pid));
  }
  watch(folder, { persistent: false }, () => announceSeconds(folder));
  process.once('exit', () => rmSync(lock, { force: true }));
  return true;
};

const announceSeconds = (folder: string): void => {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith('second-'))) {
    const file = path.join(folder, name);
    let second: { argv: string[]; cwd: string };
    try {
      second = JSON.parse(readFileSync(file, 'utf8')) as typeof second;
    } catch {
      // Still being written: the watch fires again when it is whole.
      continue;
    }
    rmSync(file, { force: true });
    emitter.emit('second-instance', preventable({}), second.argv, second.cwd, null);
  }
};

const exit = (code = 0): void => {
  quitting = true;
  void Promise.allSettled(lastDuties.map((duty) => duty())).then(() => {
    emitter.emit('quit', preventable({}), code);
    process.exit(code);
  });
};

const emitPreventable = (name: string): boolean => {
  const event = preventable({});
  emitter.emit(name, event);
  return !event.defaultPrevented;
};

const quit = (): void => {
  if (quitting) return;
  quitting = true;
  if (emitPreventable('before-quit') && closeWindows() && emitPreventable('will-quit')) exit(0);
  else quitting = false;
};

/** Called when the last window has closed of itself. */
export const lastWindowClosed = (): void => {
  if (quitting) return;
  if (emitter.listenerCount('window-all-closed') === 0) quit();
  else emitter.emit('window-all-closed');
};

export const app = strict(
  'app',
  Object.assign(emitter, {
    enableSandbox: () => assertNotReady('app.enableSandbox'),
    exit,
    getPath,
    isPackaged: false,
    isReady: () => ready,
    quit,
    requestSingleInstanceLock,
    setPath: (name: string, folder: string) => {
      if (!existsSync(folder)) throw new Error(`Failed to set path: ${folder} does not exist`);
      paths.set(name, folder);
    },
    whenReady: () => (ready ? Promise.resolve() : new Promise<void>((resolve) => emitter.once('ready', () => resolve()))),
  } satisfies Partial<App>),
);

setImmediate(() => {
  ready = true;
  emitter.emit('ready', preventable({}), {});
  tell({ event: 'app-ready' });
});
// Chromium's shutdown detector turns these signals into a quit.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
