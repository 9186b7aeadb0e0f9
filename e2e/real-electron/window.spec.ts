/** The same window in the real Electron, where its binary is installed and a display can show it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron as electron, expect, test } from '@playwright/test';
import type { ElectronApplication } from '@playwright/test';
import { electronMain } from '../drivers/built.ts';

const packageDir = path.join(import.meta.dirname, '..', '..', 'node_modules', 'electron');

/** The installed binary, or null: the package without its download has no `path.txt`. */
const binary = (): string | null => {
  try {
    const file = path.join(
      process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(packageDir, 'dist'),
      readFileSync(path.join(packageDir, 'path.txt'), 'utf8').trim(),
    );
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
};

const executablePath = binary();
let application: ElectronApplication;
let dataDir: string;

test.skip(executablePath === null, 'no Electron binary');

test.beforeAll(async () => {
  if (executablePath === null) return;
  dataDir = mkdtempSync(path.join(tmpdir(), 'quant-arb-electron-'));
  application = await electron.launch({
    executablePath,
    args: [electronMain(), '--profile', 'demo', '--data-dir', dataDir, '--port', '0', '--seed', '7'],
  });
});
test.afterAll(async () => {
  if (executablePath === null) return;
  await application.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('the console comes alive in the window', async () => {
  const page = await application.firstWindow();
  expect(page.url()).toBe('app://console/');
  await expect(page.getByTestId('link-state')).toHaveText(/LIVE/);
});

test('the page is caged: no Node, a frozen bridge, no inline script', async () => {
  const page = await application.firstWindow();
  const seen = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.body.append(script);
    const bridge = (globalThis as unknown as { quantArb: object }).quantArb;
    return {
      frozen: Object.isFrozen(bridge),
      node: 'process' in globalThis || 'require' in globalThis,
      inlineRan: 'inlineRan' in globalThis,
    };
  });
  expect(seen).toEqual({ frozen: true, node: false, inlineRan: false });
});

test('the window runs locked down', async () => {
  const preferences = await application.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity };
  });
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true });
});

test('KILL latches', async () => {
  const page = await application.firstWindow();
  await page.getByRole('button', { name: /^KILL all/ }).click();
  await expect(page.getByTestId('kill-state')).toContainText(/LATCHED [\d.]+ ms/);
});
