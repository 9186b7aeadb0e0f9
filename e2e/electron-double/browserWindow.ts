/**
 * `BrowserWindow` and its `webContents`: one Chromium page each, with the built preload in an isolated world of its own and
 * messages delivered both ways in order. Navigation, new windows and downloads are put to the application's handlers first.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CDPSession, Page, Request as PlaywrightRequest } from '@playwright/test';
import type * as Electron from 'electron';
import { app, assertReady, isQuitting, lastWindowClosed, onCloseWindows, onLastDuty } from './app.ts';
import { fromChromium, startChromium, toChromium } from './chromium.ts';
import type { RunningChromium } from './chromium.ts';
import { tell } from './controlChannel.ts';
import type { WindowReport } from './controlChannel.ts';
import { ipcMain } from './ipc.ts';
import { applyPermissions, assertServed, mayDownload, routeRequests } from './session.ts';
import { preventable, strict } from './strict.ts';
import { deliverySource, pageWorldSource, preloadWorldSource } from './worlds.ts';

const PRELOAD_WORLD = 'ElectronPreload';
const DEFAULT_BOUNDS = { x: 160, y: 20, width: 800, height: 600 };

interface OpenWindow {
  readonly window: Electron.BrowserWindow;
  readonly contents: Electron.WebContents;
  readonly report: () => WindowReport;
  readonly mayNavigate: (request: PlaywrightRequest) => boolean;
  page: Page | null;
}

const windows = new Set<OpenWindow>();
let lastId = 0;
let running: Promise<RunningChromium> | null = null;

export const openWindows = (): Electron.BrowserWindow[] => [...windows].map(({ window }) => window);
export const reportWindows = (): WindowReport[] => [...windows].map(({ report }) => report());

const windowOf = (page: Page | null): OpenWindow | undefined => [...windows].find((open) => open.page === page);

const ownerOf = (request: PlaywrightRequest): OpenWindow | undefined => {
  try {
    return windowOf(request.frame().page());
  } catch {
    // A popup's first request comes before its page: nobody of ours.
    return undefined;
  }
};

const chromium = (): Promise<RunningChromium> => {
  running ??= startChromium().then(async (started) => {
    await routeRequests(started.context, (request) => ownerOf(request)?.mayNavigate(request) ?? false);
    tell({ event: 'chromium', debuggingUrl: started.debuggingUrl });
    return started;
  });
  return running;
};
onLastDuty(async () => (await running)?.close());
onCloseWindows(() => {
  for (const { window } of windows) window.close();
  return windows.size === 0;
});

/** A page for a new window: the profile's first blank one, else a fresh one. */
const takePage = async (): Promise<Page> => {
  const { context } = await chromium();
  const blank = context.pages().find((page) => page.url() === 'about:blank' && windowOf(page) === undefined);
  return blank ?? (await context.newPage());
};

/** Joins a page to its window's preload and message channels. */
const joinPreload = async (cdp: CDPSession, open: OpenWindow, preloadFile: string): Promise<(channel: string, args: unknown[]) => void> => {
  const secret = randomUUID();
  const binding = `electronDouble${lastId}`;
  /** Execution contexts of the preload's world, newest last, with the frame each belongs to. */
  const worlds = new Map<number, { readonly uniqueId: string; readonly frameId: string }>();
  let mainWorldFrame = '';
  cdp.on('Runtime.executionContextCreated', ({ context }) => {
    const { frameId } = context.auxData as { frameId: string };
    if (context.name === PRELOAD_WORLD) worlds.set(context.id, { uniqueId: context.uniqueId, frameId });
  });
  cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => worlds.delete(executionContextId));
  cdp.on('Runtime.executionContextsCleared', () => worlds.clear());
  cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
    if (name !== binding) return;
    const { channel, args } = JSON.parse(payload) as { channel: string; args: unknown[] };
    const frameId = worlds.get(executionContextId)?.frameId;
    const senderFrame = frameId === undefined || open.page === null ? null : frameOf(open.page, frameId === mainWorldFrame);
    ipcMain.emit(channel, preventable({ sender: open.contents, senderFrame }), ...args);
  });
  await cdp.send('Runtime.enable');
  await cdp.send('Page.enable');
  mainWorldFrame = (await cdp.send('Page.getFrameTree')).frameTree.frame.id;
  await cdp.send('Runtime.addBinding', { name: binding, executionContextName: PRELOAD_WORLD });
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: pageWorldSource(secret) });
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
    worldName: PRELOAD_WORLD,
    source: preloadWorldSource(secret, binding, readFileSync(preloadFile, 'utf8')),
  });
  return (channel, args) => {
    const world = [...worlds.values()].findLast(({ frameId }) => frameId === mainWorldFrame);
    if (world === undefined) return;
    // A page that went away in between has no use for the message; Electron drops it as well.
    cdp
      .send('Runtime.evaluate', { uniqueContextId: world.uniqueId, expression: deliverySource(binding, channel, args) })
      .catch(() => undefined);
  };
};

const frameOf = (page: Page, isTop: boolean): object => {
  const url = fromChromium(page.url());
  return strict('WebFrameMain', {
    url,
    origin: new URL(url).origin,
    parent: isTop ? null : strict('WebFrameMain', {}),
  });
};

const assertLocked = (preferences: Electron.WebPreferences): string => {
  if (preferences.sandbox === false || preferences.contextIsolation === false || preferences.nodeIntegration === true) {
    throw new Error('the electron double runs sandboxed, isolated pages without Node only');
  }
  if (preferences.preload === undefined || !path.isAbsolute(preferences.preload)) throw new Error('preload must be an absolute path');
  return preferences.preload;
};

const makeContents = (
  id: number,
  ended: () => boolean,
  wire: { deliver: (channel: string, args: unknown[]) => void; page: () => Page | null },
) => {
  let windowOpenHandler: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | null = null;
  const contents = strict(
    'webContents',
    Object.assign(new EventEmitter(), {
      id,
      getURL: () => fromChromium(wire.page()?.url() ?? ''),
      isDestroyed: ended,
      reload: () =>
        void wire
          .page()
          ?.reload()
          .catch(() => undefined),
      send: (channel: string, ...args: unknown[]) => {
        if (ended()) throw new TypeError('Object has been destroyed');
        // As IPC does: what cannot be cloned throws here, and later changes do not travel.
        wire.deliver(channel, structuredClone(args));
      },
      setWindowOpenHandler: (handler: typeof windowOpenHandler) => {
        windowOpenHandler = handler;
      },
    } satisfies Partial<Electron.WebContents>),
  ) as unknown as Electron.WebContents;
  const askNewWindow = (url: string): Electron.WindowOpenHandlerResponse | undefined =>
    windowOpenHandler?.({ url, frameName: '', features: '', disposition: 'new-window' } as Electron.HandlerDetails);
  return { contents, askNewWindow };
};

const makeWindow = (options: Electron.BrowserWindowConstructorOptions): Electron.BrowserWindow => {
  assertReady('BrowserWindow');
  const preferences = options.webPreferences ?? {};
  const preloadFile = assertLocked(preferences);
  lastId += 1;
  const id = lastId;
  const state = {
    bounds: { ...DEFAULT_BOUNDS, ...pickBounds(options) },
    visible: options.show !== false,
    maximized: false,
    minimized: false,
    focused: 0,
    ended: false,
    loading: false,
  };
  const emitter = new EventEmitter();
  const wire = { deliver: (_channel: string, _args: unknown[]): void => undefined, page: () => open.page };
  const { contents, askNewWindow } = makeContents(id, () => state.ended, wire);

  const destroy = (): void => {
    if (state.ended) return;
    state.ended = true;
    windows.delete(open);
    contents.emit('destroyed');
    emitter.emit('closed');
    void open.page?.close().catch(() => undefined);
    if (windows.size === 0 && !isQuitting()) lastWindowClosed();
  };
  const attach = async (): Promise<Page> => {
    const page = await takePage();
    open.page = page;
    const cdp = await page.context().newCDPSession(page);
    wire.deliver = await joinPreload(cdp, open, preloadFile);
    cdp.on('Page.windowOpen', ({ url }) => askNewWindow(fromChromium(url)));
    page.on('popup', (popup) => void popup.close().catch(() => undefined));
    page.on('crash', () => contents.emit('render-process-gone', preventable({}), { reason: 'crashed', exitCode: 1 }));
    page.on('close', destroy);
    page.on('load', () => contents.emit('did-finish-load'));
    page.on('download', (download) => {
      if (!mayDownload(download.url(), contents)) void download.cancel();
    });
    await setContentSize(page, state.bounds);
    return page;
  };
  const close = (): void => {
    const event = preventable({});
    emitter.emit('close', event);
    if (!event.defaultPrevented) destroy();
  };

  const window = strict(
    'BrowserWindow',
    Object.assign(emitter, {
      id,
      webContents: contents,
      close,
      destroy,
      focus: () => void (state.focused += 1),
      getBounds: () => ({ ...state.bounds }),
      getNormalBounds: () => ({ ...state.bounds }),
      isDestroyed: () => state.ended,
      isMaximized: () => state.maximized,
      isMinimized: () => state.minimized,
      isVisible: () => state.visible,
      loadURL: async (url: string) => {
        assertServed(url);
        const page = open.page ?? (await attach());
        await applyPermissions(page.context(), contents, url);
        state.loading = true;
        const response = await page.goto(toChromium(url)).finally(() => (state.loading = false));
        if (response?.ok() !== true) throw new Error(`ERR_FAILED (-2) loading '${url}'`);
        emitter.emit('ready-to-show');
      },
      maximize: () => void (state.maximized = true),
      restore: () => void (state.minimized = false),
      setBounds: (bounds: Partial<Electron.Rectangle>) => {
        Object.assign(state.bounds, bounds);
        if (open.page !== null) void setContentSize(open.page, state.bounds).catch(() => undefined);
        emitter.emit('move');
        emitter.emit('resize');
      },
      show: () => void (state.visible = true),
    } satisfies Partial<Electron.BrowserWindow>),
  ) as unknown as Electron.BrowserWindow;

  const open: OpenWindow = {
    window,
    contents,
    page: null,
    report: () => ({
      id,
      url: fromChromium(open.page?.url() ?? ''),
      bounds: { ...state.bounds },
      visible: state.visible,
      maximized: state.maximized,
      focused: state.focused,
      webPreferences: { ...preferences },
    }),
    mayNavigate: (request) => {
      // What the application itself loads asks nobody, as in Electron.
      if (state.loading && request.frame().parentFrame() === null) return true;
      const url = fromChromium(request.url());
      const isTop = request.frame().parentFrame() === null;
      if (isTop && url === fromChromium(open.page?.url() ?? '')) return true;
      const details = preventable({ url, isMainFrame: isTop, isSameDocument: false });
      if (isTop) contents.emit('will-navigate', details, url);
      const frameDetails = preventable({ url, isMainFrame: isTop, isSameDocument: false });
      contents.emit('will-frame-navigate', frameDetails);
      return !details.defaultPrevented && !frameDetails.defaultPrevented;
    },
  };
  windows.add(open);
  app.emit('web-contents-created', preventable({}), contents);
  return window;
};

const pickBounds = ({ x, y, width, height }: Electron.BrowserWindowConstructorOptions): Partial<Electron.Rectangle> =>
  Object.fromEntries(Object.entries({ x, y, width, height }).filter(([, value]) => value !== undefined));

const setContentSize = (page: Page, { width, height }: Electron.Rectangle): Promise<void> => page.setViewportSize({ width, height });

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
