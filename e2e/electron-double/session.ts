/**
 * Electron's default session and `protocol`: custom schemes answered by the application's own handler, permissions asked of
 * the application's own handlers and set in Chromium, everything else refused at the edge.
 */
import { EventEmitter } from 'node:events';
import type { BrowserContext, Request as PlaywrightRequest, Route } from '@playwright/test';
import type { CustomScheme, Protocol, Session, WebContents } from 'electron';
import { assertNotReady, assertReady } from './app.ts';
import { fromChromium, standsForCustomScheme, toChromium } from './chromium.ts';
import { preventable, strict } from './strict.ts';

type SchemeHandler = Parameters<Protocol['handle']>[1];
type CheckHandler = NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>;

const privileged = new Map<string, CustomScheme>();
const schemeHandlers = new Map<string, SchemeHandler>();
let checkHandler: CheckHandler | null = null;
const emitter = new EventEmitter();

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: CustomScheme[]) => {
    assertNotReady('protocol.registerSchemesAsPrivileged');
    for (const scheme of schemes) privileged.set(scheme.scheme, scheme);
  },
  handle: (scheme: string, handler: SchemeHandler) => {
    assertReady('protocol.handle');
    if (schemeHandlers.has(scheme)) throw new Error(`The scheme '${scheme}' has been registered`);
    schemeHandlers.set(scheme, handler);
  },
} satisfies Partial<Protocol>);

const defaultSession = strict(
  'session.defaultSession',
  Object.assign(emitter, {
    // Requests, devices and screen capture need a prompt, which headless Chromium never shows: it asks the check and refuses the rest.
    setPermissionRequestHandler: () => undefined,
    setDevicePermissionHandler: () => undefined,
    setDisplayMediaRequestHandler: () => undefined,
    setPermissionCheckHandler: (handler: CheckHandler | null) => {
      checkHandler = handler;
    },
  } satisfies Partial<Session>),
);

export const session = strict('session', {
  get defaultSession() {
    assertReady('session.defaultSession');
    return defaultSession;
  },
});

/** Electron's names and what Chromium's DevTools call them. */
const PERMISSIONS = {
  'clipboard-read': 'clipboard-read',
  geolocation: 'geolocation',
  'idle-detection': 'idle-detection',
  'local-fonts': 'local-fonts',
  media: 'microphone',
  midi: 'midi',
  notifications: 'notifications',
  'window-management': 'window-management',
} as const satisfies Partial<Record<Parameters<CheckHandler>[1], string>>;

/** Puts the application's permission decisions for `url`'s origin into Chromium. As in Electron, no handler = granted. */
export const applyPermissions = async (context: BrowserContext, contents: WebContents, url: string): Promise<void> => {
  const { origin } = new URL(toChromium(url));
  const browser = context.browser();
  const cdp =
    browser === null ? await context.newCDPSession(context.pages()[0] ?? (await context.newPage())) : await browser.newBrowserCDPSession();
  for (const [name, chromiumName] of Object.entries(PERMISSIONS) as Array<[keyof typeof PERMISSIONS, string]>) {
    const granted = checkHandler?.(contents, name, new URL(url).origin, { isMainFrame: true, requestingUrl: url }) ?? true;
    await cdp.send('Browser.setPermission', { origin, permission: { name: chromiumName }, setting: granted ? 'granted' : 'denied' });
  }
  // The session stays attached: Chromium forgets these settings with it.
};

/** Throws unless the scheme of `url` can be shown in a window. */
export const assertServed = (url: string): void => {
  const scheme = new URL(url).protocol.slice(0, -1);
  if (!schemeHandlers.has(scheme)) throw new Error(`ERR_UNKNOWN_URL_SCHEME (-302) loading '${url}'`);
  if (privileged.get(scheme)?.privileges?.standard !== true) throw new Error(`the scheme '${scheme}' is not registered as standard`);
};

const serve = async (route: Route, request: PlaywrightRequest): Promise<void> => {
  const url = fromChromium(request.url());
  const handler = schemeHandlers.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) return route.abort('failed');
  const response = await handler(new Request(url, { method: request.method() }));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
};

/**
 * Routes every request of the context: custom schemes to their handlers, the rest nowhere (the double has no network).
 * `mayNavigate` is asked first where a page itself wants to go somewhere.
 */
export const routeRequests = (context: BrowserContext, mayNavigate: (request: PlaywrightRequest) => boolean): Promise<unknown> =>
  context.route('**/*', async (route, request) => {
    if (request.isNavigationRequest() && !mayNavigate(request)) return route.abort('aborted');
    return standsForCustomScheme(request.url()) ? serve(route, request) : route.abort('blockedbyclient');
  });

/** Tells the application of a download; false when it was prevented. */
export const mayDownload = (url: string, contents: WebContents): boolean => {
  const event = preventable({});
  emitter.emit('will-download', event, strict('DownloadItem', { getURL: () => fromChromium(url) }), contents);
  return !event.defaultPrevented;
};
