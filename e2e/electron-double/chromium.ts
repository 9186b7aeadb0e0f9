/**
 * The one Chromium behind all windows of an application on the double: a persistent context (Electron's default session),
 * its debugging port for the test that watches, and the translation between `app://` and the reserved https names that
 * stand for it inside Chromium.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import type { BrowserContext } from '@playwright/test';
import { chromiumFlags } from '../drivers/chromium.ts';

/** `.invalid` can never resolve (RFC 2606): a request that escapes the interception goes nowhere. */
const STAND_IN_SUFFIX = 'app-double.invalid';

/** `app://console/x` → the https address standing for it: secure, standard, and with an origin of its own. */
export const toChromium = (url: string): string => url.replace(/^([a-z][a-z0-9+-]*):\/\/([^/]+)/, `https://$2.$1.${STAND_IN_SUFFIX}`);

/** The reverse; foreign addresses stay as they are. */
export const fromChromium = (url: string): string =>
  url.replace(/^https:\/\/(.+)\.([a-z][a-z0-9+-]*)\.app-double\.invalid(?=\/|$)/, '$2://$1');

/** Whether an address inside Chromium stands for one of a custom scheme. */
export const standsForCustomScheme = (url: string): boolean => new URL(url).hostname.endsWith(`.${STAND_IN_SUFFIX}`);

export interface RunningChromium {
  readonly context: BrowserContext;
  /** Where a test attaches: `http://127.0.0.1:port`. */
  readonly debuggingUrl: string;
  close(): Promise<void>;
}

/** Starts Chromium with a profile of its own, which is removed when it closes. */
export const startChromium = async (): Promise<RunningChromium> => {
  const profile = mkdtempSync(path.join(tmpdir(), 'electron-double-'));
  const { executablePath, args } = chromiumFlags();
  const context = await chromium.launchPersistentContext(profile, {
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...args, '--remote-debugging-port=0', '--remote-debugging-address=127.0.0.1'],
    viewport: null,
    serviceWorkers: 'block',
    // Signals are the application's to answer, as in Electron; Chromium ends with its pipe in any case.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const port = readFileSync(path.join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0];
  return {
    context,
    debuggingUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
