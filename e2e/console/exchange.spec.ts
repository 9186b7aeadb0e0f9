/** The exchange accounts of the demo on the screen: which world they are in, links, checks, key; by keyboard and on a phone. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFaults } from '../drivers/axe.ts';
import { screenshotFile } from '../drivers/built.ts';
import { expect, test } from '../drivers/fixtures.ts';

/** Log-in, clock, the account's opening checks, and the first reconciliation. */
const READY_WITHIN_MS = 30_000;
const ACCOUNTS = ['okx', 'binance-usdm', 'binance-spot'] as const;
const stripOf = (page: Page, venueId: string) => page.getByTestId(`exchange-${venueId}`);

test('every account says its world in a word, and its links and checks', async ({ console }) => {
  test.setTimeout(120_000);
  for (const venueId of ACCOUNTS) {
    const strip = stripOf(console.page, venueId);
    await expect(strip.getByTestId('environment')).toHaveText(/simulated/i);
    await expect(strip.getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
    await expect(strip).toContainText(/checks\s*\d+\/\d+/);
    await expect(strip).not.toContainText('fail');
  }
  await expect(console.page.getByTestId('mode-frame')).toHaveText(/DEMO/);
});

test('its sheet opens by keyboard, shows both figures and no form where no key can be kept, and closes by Escape', async ({ console }) => {
  test.setTimeout(120_000);
  const { page } = console;
  const opener = stripOf(page, 'okx').getByRole('button');
  await expect(stripOf(page, 'okx').getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
  await opener.focus();
  await page.keyboard.press('Enter');
  const sheet = page.getByTestId('exchange-sheet');
  await expect(sheet).toBeVisible();
  const checks = sheet.getByRole('list', { name: 'Account checks' });
  await expect(checks.getByTestId('check-fees').first()).toContainText(/configured .* · venue /);
  await expect(checks.getByTestId('check-position-mode').first()).toContainText(/net/);
  await expect(sheet).toContainText(/Order entry\s*up/);
  await expect(sheet).toContainText(/Private stream\s*up/);
  await expect(sheet.getByTestId('dead-man')).toHaveText(/off, nothing rests|left/);
  await expect(sheet.getByTestId('key-section')).toContainText('the simulated exchange (simulated, HMAC)');
  await expect(sheet.getByTestId('key-section').getByRole('textbox')).toHaveCount(0);
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(opener).toBeFocused();
});

test('KILL stays free of the sheet, wide and on a phone', async ({ console, sharedHost }) => {
  test.setTimeout(120_000);
  const { page } = console;
  for (const [width, height] of [
    [1600, 1000],
    [480, 900],
  ] as const) {
    await sharedHost.resize(page, width, height);
    await stripOf(page, 'binance-usdm').getByRole('button').click();
    const sheet = page.getByTestId('exchange-sheet');
    await expect(sheet).toBeVisible();
    const [kill, box] = [await console.kill.boundingBox(), await sheet.boundingBox()];
    if (kill === null || box === null) throw new Error('KILL or the sheet is not on the screen');
    expect(box.y).toBeGreaterThanOrEqual(kill.y + kill.height);
    if (width < 600) expect(await seriousFaults(page)).toEqual([]);
    mkdirSync(path.dirname(screenshotFile('x')), { recursive: true });
    await page.screenshot({ path: screenshotFile(`exchange-${width}-${sharedHost.kind}`) });
    await sheet.getByRole('button', { name: 'Close' }).click();
    await expect(sheet).toBeHidden();
  }
});
