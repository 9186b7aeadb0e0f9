/**
 * `BrowserWindow`: one Chromium page each, made as the application asked, with its built preload beside it. The double
 * refuses preferences it could not honour truly, such as a page with Node.
 */
import { EventEmitter } from 'node:events';
import path from 'node:path';
import type { Page, Request as PlaywrightRequest } from '@playwright/test';
import type * as Electron from 'electron';
import { app, assertReady, isQuitting, lastWindowClosed, onCloseWindows, onLastDuty } from './app.ts';
import { fromChromium, startChromium, toChromium } from './chromium.ts';
import type { RunningChromium } from './chromium.ts';
import { tell } from './controlChannel.ts';
import type { WindowReport } from './controlChannel.ts';
import { ipcMain } from './ipc.ts';
import { joinPreload } from './preloadLink.ts';
import { applyPermissions, assertServed, mayDownload, routeRequests } from './session.ts';
import { preventable, strict } from './strict.ts';
import { makeContents } from './webContents.ts';
import type { MadeContents, PageHolder } from './webContents.ts';

/** Electron's own defaults. */
const DEFAULT_BOUNDS = { x: 160, y: 20, width: 800, height: 600 };

/** A window and all that belongs to it. */
interface OpenWindow extends PageHolder, MadeContents {
  readonly id: number;
  readonly preferences: Electron.WebPreferences;
  readonly preloadFile: string;
  readonly events: EventEmitter;
  readonly bounds: Electron.Rectangle;
  isVisible: boolean;
  isMaximized: boolean;
  isLoading: boolean;
  timesFocused: number;
  window: Electron.BrowserWindow | null;
}

const windows = new Set<OpenWindow>();
let lastId = 0;
let running: Promise<RunningChromium> | null = null;

export const openWindows = (): Electron.BrowserWindow[] => [...windows].flatMap(({ window }) => window ?? []);

export const reportWindows = (): WindowReport[] =>
  [...windows].map((open) => ({
    id: open.id,
    url: fromChromium(open.page?.url() ?? ''),
    bounds: { ...open.bounds },
    visible: open.isVisible,
    maximized: open.isMaximized,
    focused: open.timesFocused,
    webPreferences: { ...open.preferences },
  }));

const windowOf = (page: Page): OpenWindow | undefined => [...windows].find((open) => open.page === page);

const mayNavigate = (request: PlaywrightRequest): boolean => {
  let open: OpenWindow | undefined;
  try {
    open = windowOf(request.frame().page());
  } catch {
    // A popup's first request comes before its page: nobody of ours.
    return false;
  }
  if (open === undefined) return false;
  // What the application itself loads asks nobody, as in Electron.
  return (open.isLoading && request.frame().parentFrame() === null) || open.mayNavigate(request);
};

const chromium = (): Promise<RunningChromium> => {
  running ??= startChromium().then(async (started) => {
    await routeRequests(started.context, mayNavigate);
    tell({ event: 'chromium', debuggingUrl: started.debuggingUrl });
    return started;
  });
  return running;
};
onLastDuty(async () => (await running)?.close());
onCloseWindows(() => {
  for (const open of windows) close(open);
  return windows.size === 0;
});

/** A page for a new window: the profile's first blank one, else a fresh one. */
const takePage = async (): Promise<Page> => {
  const { context } = await chromium();
  const blank = context.pages().find((page) => page.url() === 'about:blank' && windowOf(page) === undefined);
  return blank ?? (await context.newPage());
};

const setContentSize = (page: Page, { width, height }: Electron.Rectangle): Promise<void> => page.setViewportSize({ width, height });

const destroy = (open: OpenWindow): void => {
  if (open.isEnded) return;
  open.isEnded = true;
  windows.delete(open);
  open.contents.emit('destroyed');
  open.events.emit('closed');
  void open.page?.close().catch(() => undefined);
  if (windows.size === 0 && !isQuitting()) lastWindowClosed();
};

const close = (open: OpenWindow): void => {
  const event = preventable({});
  open.events.emit('close', event);
  if (!event.defaultPrevented) destroy(open);
};

const attachPage = async (open: OpenWindow): Promise<Page> => {
  const page = await takePage();
  open.page = page;
  const cdp = await page.context().newCDPSession(page);
  open.deliver = await joinPreload(cdp, page, open.preloadFile, (channel, args, senderFrame) => {
    ipcMain.emit(channel, preventable({ sender: open.contents, senderFrame }), ...args);
  });
  cdp.on('Page.windowOpen', ({ url }) => open.askNewWindow(fromChromium(url)));
  page.on('popup', (popup) => void popup.close().catch(() => undefined));
  page.on('crash', () => open.contents.emit('render-process-gone', preventable({}) as never, { reason: 'crashed', exitCode: 1 }));
  page.on('close', () => destroy(open));
  page.on('load', () => open.contents.emit('did-finish-load'));
  page.on('download', (download) => {
    if (!mayDownload(download.url(), open.contents)) void download.cancel();
  });
  await setContentSize(page, open.bounds);
  return page;
};

const load = async (open: OpenWindow, url: string): Promise<void> => {
  assertServed(url);
  const page = open.page ?? (await attachPage(open));
  await applyPermissions(page.context(), open.contents, url);
  open.isLoading = true;
  const response = await page.goto(toChromium(url)).finally(() => (open.isLoading = false));
  if (response?.ok() !== true) throw new Error(`ERR_FAILED (-2) loading '${url}'`);
  open.events.emit('ready-to-show');
};

const place = (open: OpenWindow, bounds: Partial<Electron.Rectangle>): void => {
  Object.assign(open.bounds, bounds);
  if (open.page !== null) void setContentSize(open.page, open.bounds).catch(() => undefined);
  open.events.emit('move');
  open.events.emit('resize');
};

const membersOf = (open: OpenWindow) =>
  ({
    id: open.id,
    webContents: open.contents,
    close: () => close(open),
    destroy: () => destroy(open),
    focus: () => void (open.timesFocused += 1),
    getBounds: () => ({ ...open.bounds }),
    getNormalBounds: () => ({ ...open.bounds }),
    isDestroyed: () => open.isEnded,
    isMaximized: () => open.isMaximized,
    isMinimized: () => false,
    isVisible: () => open.isVisible,
    loadURL: (url: string) => load(open, url),
    maximize: () => void (open.isMaximized = true),
    setBounds: (bounds: Partial<Electron.Rectangle>) => place(open, bounds),
    show: () => void (open.isVisible = true),
  }) satisfies Partial<Electron.BrowserWindow>;

const assertHonoured = (preferences: Electron.WebPreferences): string => {
  if (preferences.sandbox === false || preferences.contextIsolation === false || preferences.nodeIntegration === true) {
    throw new Error('the electron double runs sandboxed, isolated pages without Node only');
  }
  if (preferences.preload === undefined || !path.isAbsolute(preferences.preload)) throw new Error('preload must be an absolute path');
  return preferences.preload;
};

const boundsOf = ({ x, y, width, height }: Electron.BrowserWindowConstructorOptions): Electron.Rectangle => ({
  x: x ?? DEFAULT_BOUNDS.x,
  y: y ?? DEFAULT_BOUNDS.y,
  width: width ?? DEFAULT_BOUNDS.width,
  height: height ?? DEFAULT_BOUNDS.height,
});

const makeWindow = (options: Electron.BrowserWindowConstructorOptions): Electron.BrowserWindow => {
  assertReady('BrowserWindow');
  const preferences = options.webPreferences ?? {};
  const preloadFile = assertHonoured(preferences);
  lastId += 1;
  const holder: PageHolder = { page: null, deliver: () => undefined, isEnded: false };
  const open: OpenWindow = Object.assign(holder, makeContents(lastId, holder), {
    id: lastId,
    preferences,
    preloadFile,
    events: new EventEmitter(),
    bounds: boundsOf(options),
    isVisible: options.show !== false,
    isMaximized: false,
    isLoading: false,
    timesFocused: 0,
    window: null,
  });
  const window = strict('BrowserWindow', Object.assign(open.events, membersOf(open))) as unknown as Electron.BrowserWindow;
  open.window = window;
  windows.add(open);
  app.emit('web-contents-created', preventable({}), open.contents);
  return window;
};

const statics = {
  getAllWindows: openWindows,
  fromWebContents: (contents: Electron.WebContents) => [...windows].find((open) => open.contents === contents)?.window ?? null,
} satisfies Partial<typeof Electron.BrowserWindow>;

/** Callable with `new` only, as the real class; what it constructs is the strict stand-in. */
export const BrowserWindow = strict(
  'BrowserWindow',
  Object.assign(function (this: unknown, options: Electron.BrowserWindowConstructorOptions = {}) {
    if (new.target === undefined) throw new TypeError("Class constructor BrowserWindow cannot be invoked without 'new'");
    return makeWindow(options);
  }, statics),
);
