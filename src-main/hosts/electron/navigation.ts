/**
 * Where a window may go: nowhere but the console's own pages. New windows and embedded pages are refused; a link to one
 * of the listed sites opens in the user's browser instead. The application never loads a remote page.
 */
import type { WebContents } from 'electron';
import { isConsoleUrl } from './appProtocol.ts';

/** Sites whose https links may be handed to the user's browser: the chart's attribution, and the venues' status pages. */
export const EXTERNAL_ORIGINS: readonly string[] = [
  'https://www.tradingview.com',
  'https://www.okx.com',
  'https://www.binance.com',
  'https://www.metatrader5.com',
];

const parse = (url: string): URL | null => (URL.canParse(url) ? new URL(url) : null);

/** Whether a link may leave for the user's browser: an exact https origin of the list, no credentials inside. */
export const mayOpenOutside = (url: string): boolean => {
  const parsed = parse(url);
  return parsed !== null && parsed.username === '' && parsed.password === '' && EXTERNAL_ORIGINS.includes(parsed.origin);
};

export interface NavigationOutlets {
  /** Opens an allowed link in the user's browser. */
  readonly openOutside: (url: string) => void;
  /** Told of every refusal: what was asked and where to. */
  readonly refused: (what: string, url: string) => void;
}

/** Confines one web contents to the console's own pages. */
export const confineNavigation = (contents: WebContents, outlets: NavigationOutlets): void => {
  const stay = (what: string) => (event: { readonly url: string; preventDefault: () => void }) => {
    if (isConsoleUrl(event.url)) return;
    event.preventDefault();
    outlets.refused(what, event.url);
  };
  contents.on('will-navigate', stay('navigation'));
  contents.on('will-redirect', stay('redirect'));
  contents.on('will-frame-navigate', stay('frame navigation'));
  contents.on('will-attach-webview', (event, _preferences, params) => {
    event.preventDefault();
    outlets.refused('embedded page', params['src'] ?? '');
  });
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenOutside(url)) outlets.openOutside(url);
    else outlets.refused('new window', url);
    return { action: 'deny' };
  });
};
