/**
 * Which Chromium the specs drive, and with which flags. `npm test` looks for one (installing it where it can) and names it
 * in QUANT_ARB_CHROMIUM; run by hand, Playwright's own or an installed one is taken.
 */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

const INSTALLED: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** Absolute path of the browser. `undefined` = Playwright finds its own. @throws when there is none. */
export const chromiumPath = (): string | undefined => {
  const named = process.env['QUANT_ARB_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`QUANT_ARB_CHROMIUM names ${named}, which does not exist`);
    return named;
  }
  if (existsSync(chromium.executablePath())) return undefined;
  const installed = INSTALLED.find((candidate) => existsSync(candidate));
  if (installed === undefined) throw new Error('no Chromium found: set QUANT_ARB_CHROMIUM, or run "npx playwright install chromium"');
  return installed;
};

/** Playwright's launch options: nothing that calls home, and no sandbox only where root cannot have one. */
export const chromiumFlags = (): { readonly executablePath: string | undefined; readonly args: readonly string[] } => ({
  executablePath: chromiumPath(),
  args: [
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
