/**
 * The console's window: its locked-down preferences, its place on the screen, and bringing it forward. It knows nothing
 * of what the page shows. The preferences are one constant, so that a test can hold them against the rules.
 */
import type { BrowserWindow, BrowserWindowConstructorOptions, Display, Rectangle, WebPreferences } from 'electron';
import { CONSOLE_URL } from './appProtocol.ts';
import { DEFAULT_HEIGHT, DEFAULT_WIDTH, fitToDisplays, MIN_HEIGHT, MIN_WIDTH, readWindowState, writeWindowState } from './windowState.ts';
import type { WindowState } from './windowState.ts';

/** After the last move or resize; the closing window is kept at once. */
export const KEEP_STATE_AFTER_MS = 500;

export interface WindowSurroundings {
  readonly preloadFile: string;
  readonly stateFile: string;
  readonly displays: readonly Pick<Display, 'workArea'>[];
  /** Developer tools are for unpackaged builds only. */
  readonly devTools: boolean;
  /** Told when the window's place could not be kept. */
  readonly warn: (text: string) => void;
}

/** What a page of ours runs with: no Node, its own world, Chromium's sandbox, same-origin rules, nothing experimental. */
export const lockedPreferences = (preloadFile: string, devTools: boolean): WebPreferences => ({
  preload: preloadFile,
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  // A trader's second screen is often covered: ages and the kill state must keep moving there.
  backgroundThrottling: false,
  devTools,
});

const place = (state: WindowState | null): Rectangle | { readonly width: number; readonly height: number } =>
  state === null ? { width: DEFAULT_WIDTH, height: DEFAULT_HEIGHT } : state.bounds;

/** Everything a new console window is made with. */
export const windowOptions = (state: WindowState | null, surroundings: WindowSurroundings): BrowserWindowConstructorOptions => ({
  ...place(state),
  minWidth: MIN_WIDTH,
  minHeight: MIN_HEIGHT,
  title: 'Quant Arb',
  backgroundColor: '#0b0f14',
  show: false,
  autoHideMenuBar: true,
  webPreferences: lockedPreferences(surroundings.preloadFile, surroundings.devTools),
});

const keepPlace = (window: BrowserWindow, surroundings: WindowSurroundings): void => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (): void => {
    clearTimeout(timer);
    try {
      writeWindowState(surroundings.stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
    } catch (error) {
      surroundings.warn(`the window's place was not kept in ${surroundings.stateFile}: ${String(error)}`);
    }
  };
  const keepSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_STATE_AFTER_MS);
  };
  window.on('resize', keepSoon);
  window.on('move', keepSoon);
  window.on('close', keep);
};

/** Opens the console's window; it appears once its first picture is drawn. */
export const openWindow = (Window: typeof BrowserWindow, surroundings: WindowSurroundings): BrowserWindow => {
  const state = fitToDisplays(
    readWindowState(surroundings.stateFile),
    surroundings.displays.map((display) => display.workArea),
  );
  const window = new Window(windowOptions(state, surroundings));
  keepPlace(window, surroundings);
  window.once('ready-to-show', () => {
    if (state?.maximized === true) window.maximize();
    window.show();
  });
  return window;
};

/** Loads the console's first page. Rejects when it cannot be loaded. */
export const loadConsole = (window: BrowserWindow): Promise<void> => window.loadURL(CONSOLE_URL);

/** Brings a window before the user's eyes, wherever it was. */
export const bringForward = (window: BrowserWindow): void => {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
};
