/**
 * Real money at the desktop, before any of it can move: framed and named, arming refused with everything that is missing, and the
 * keys of its accounts entered, kept encrypted, and found by the next start. Nothing here reaches an exchange.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import { seriousFaults } from '../drivers/axe.ts';
import { electronMain } from '../drivers/built.ts';
import { launchDouble } from '../drivers/double.ts';
import type { RunningDouble } from '../drivers/double.ts';

const CANARY = { apiKey: 'canaryApiKey0123456789', secret: 'canarySecret0123456789', passphrase: 'canaryPhrase!' } as const;

let root: string;
test.beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'quant-arb-keys-'));
  const example = path.join(import.meta.dirname, '..', '..', 'config', 'live.example.json');
  const config = JSON.parse(readFileSync(example, 'utf8')) as Record<string, unknown>;
  writeFileSync(path.join(root, 'live.json'), JSON.stringify({ ...config, listener: { host: '127.0.0.1', port: 0 } }));
});
test.afterEach(() => rmSync(root, { recursive: true, force: true }));

const start = (): Promise<RunningDouble> =>
  launchDouble(electronMain(), ['--config', path.join(root, 'live.json'), '--data-dir', path.join(root, 'data')], path.join(root, 'home'));

const openKey = async ({ page }: RunningDouble): Promise<Locator> => {
  await page.getByTestId('exchange-okx').getByRole('button').click({ timeout: 30_000 });
  return page.getByTestId('key-section');
};

/** Everything that was written, the log and the keyring’s own place aside. */
const writtenUnder = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');

test('live is unmistakable, arms nothing unshown, and keeps the keys that are entered', async () => {
  test.setTimeout(120_000);
  const first = await start();
  const { page } = first;
  await expect(page.getByTestId('mode-frame')).toHaveText(/LIVE\s*REAL MONEY/);
  await expect(page).toHaveTitle(/^LIVE/);
  await expect(page.getByTestId('rung')).toHaveText('rung 1 of 4 · venue minimum');
  await page.getByRole('button', { name: 'Arm LIVE…' }).click();
  const conditions = page.getByRole('list', { name: 'Conditions' });
  await expect(conditions).toContainText(/doctor/i);
  await expect(conditions).toContainText(/drill/i);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByTestId('live-strip').getByRole('button').first().click();
  await expect(page.getByRole('list', { name: 'Checklist' }).getByRole('listitem')).toHaveCount(4);
  await page.keyboard.press('Escape');

  const section = await openKey(first);
  await expect(section).toContainText('None');
  const form = section.getByRole('form', { name: 'Key of OKX' });
  await form.getByLabel('API key').fill(CANARY.apiKey);
  await form.getByLabel('Secret').fill(CANARY.secret);
  await form.getByRole('button', { name: 'Store the key' }).focus();
  expect(await seriousFaults(page)).toEqual([]);
  await form.getByLabel('Passphrase').fill(CANARY.passphrase);
  await form.getByLabel('Passphrase').press('Enter');
  await expect(section).toContainText('counts from the next start');
  await expect(form.getByLabel('Secret')).toHaveValue('');
  await first.program.end();

  const second = await start();
  const again = await openKey(second);
  await expect(again).toContainText(/Found · environment LIVE · .*sealed by gnome_libsecret/);
  await again.getByRole('button', { name: 'Remove the stored key' }).click();
  await expect(again).toContainText('counts from the next start');
  await second.program.end();
  const written = `${writtenUnder(path.join(root, 'data'))}\n${first.program.output()}\n${second.program.output()}`;
  for (const value of Object.values(CANARY)) {
    expect(written).not.toContain(value);
    expect(written).not.toContain(Buffer.from(value).toString('base64').slice(0, 16));
  }
});
