/** `webContents`: a page as main sees it; asks the application's handlers before the page may go or open anything. */
import { EventEmitter } from 'node:events';
import type { Page, Request as PlaywrightRequest } from '@playwright/test';
import type * as Electron from 'electron';
import { fromChromium } from './chromium.ts';
import type { Deliver } from './preloadLink.ts';
import { preventable, strict } from './strict.ts';

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

/** What a contents needs of the window around it; the page comes with the first load. */
export interface PageHolder {
  page: Page | null;
  deliver: Deliver;
  isEnded: boolean;
}

export interface MadeContents {
  readonly contents: Electron.WebContents;
  /** Puts a new window to the application. The answer is not needed: the double never opens one. */
  readonly askNewWindow: (url: string) => void;
  /** Puts a navigation which the page itself wants to the application. */
  readonly mayNavigate: (request: PlaywrightRequest) => boolean;
}

export const makeContents = (id: number, holder: PageHolder): MadeContents => {
  let windowOpenHandler: WindowOpenHandler | null = null;
  const currentUrl = (): string => fromChromium(holder.page?.url() ?? '');
  const contents = strict(
    'webContents',
    Object.assign(new EventEmitter(), {
      id,
      getURL: currentUrl,
      isDestroyed: () => holder.isEnded,
      reload: () => void holder.page?.reload().catch(() => undefined),
      send: (channel: string, ...args: unknown[]) => {
        if (holder.isEnded) throw new TypeError('Object has been destroyed');
        // As IPC does: what cannot be cloned throws here, and later changes do not travel.
        holder.deliver(channel, structuredClone(args));
      },
      setWindowOpenHandler: (handler: WindowOpenHandler) => {
        windowOpenHandler = handler;
      },
    } satisfies Partial<Electron.WebContents>),
  ) as unknown as Electron.WebContents;

  return {
    contents,
    askNewWindow: (url) =>
      void windowOpenHandler?.({ url, frameName: '', features: '', disposition: 'new-window' } as Electron.HandlerDetails),
    mayNavigate: (request) => {
      const url = fromChromium(request.url());
      const isMainFrame = request.frame().parentFrame() === null;
      // A reload is no navigation the application is asked about.
      if (isMainFrame && url === currentUrl()) return true;
      const asked = (isMainFrame ? ['will-navigate', 'will-frame-navigate'] : ['will-frame-navigate']).map((name) => {
        const event = preventable({ url, isMainFrame, isSameDocument: false });
        contents.emit(name, event, url);
        return event;
      });
      return asked.every((event) => !event.defaultPrevented);
    },
  };
};
