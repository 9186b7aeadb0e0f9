/**
 * The end-to-end run. One set of console specs in two hosts (`headless`: the built headless host in Chromium;
 * `electron-double`: the built Electron main and preload on a stand-in of the electron module), the specs of each host
 * alone, what the page alone does (`page`, on a stand-in engine), and those that need the real Electron binary and say so when
 * there is none. `npm test` names the reporters.
 */
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import type { HostOptions } from './drivers/fixtures.ts';
import { chromiumFlags } from './drivers/chromium.ts';

const { executablePath, args } = chromiumFlags();
const out = path.join(import.meta.dirname, '..', 'out');

export default defineConfig<HostOptions>({
  testDir: '.',
  outputDir: path.join(out, 'e2e-results'),
  reporter: process.env['QUANT_ARB_E2E_REPORTERS']?.split(',').map((name) => [name] as const) ?? 'list',
  workers: Number(process.env['QUANT_ARB_E2E_WORKERS'] ?? 2),
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  // A start of the desktop takes three seconds alone and twenty on a busy machine; some tests need two. No meaning depends on speed.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  use: {
    viewport: { width: 1600, height: 1000 },
    launchOptions: { ...(executablePath === undefined ? {} : { executablePath }), args: [...args] },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'double', testMatch: 'electron-double/*.spec.ts' },
    { name: 'headless', testMatch: ['console/*.spec.ts', 'headless/*.spec.ts', 'trading/*.spec.ts'], use: { hostKind: 'headless' } },
    {
      name: 'electron-double',
      testMatch: ['console/*.spec.ts', 'shell/*.spec.ts', 'trading/hedge.spec.ts'],
      // These are the page's doing alone, and the page is the same build; what crosses the bridge is watched in both hosts.
      testIgnore: ['intents', 'accessibility', 'picture', 'terminal', 'exchange', 'faults'].map((name) => `console/${name}.spec.ts`),
      grepInvert: /PAUSE by click and by key|is the first tab stop|slides off the button|a KILL by HTTP is seen/,
      use: { hostKind: 'electron-double' },
    },
    { name: 'page', testMatch: 'page/*.spec.ts' },
    { name: 'exchange', testMatch: 'exchange/*.spec.ts' },
    { name: 'real-electron', testMatch: 'real-electron/*.spec.ts' },
  ],
});
