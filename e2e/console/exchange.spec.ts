/** The exchange accounts of the demo on the screen: which world they are in, links, checks, key; by keyboard and on a phone. */
import type { Page } from '@playwright/test';
import { expect, test } from '../drivers/fixtures.ts';
import { leavesKillFree, throughByKeyboard } from '../drivers/sheet.ts';

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
  await expect(stripOf(page, 'okx').getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
  const sheet = page.getByTestId('exchange-sheet');
  await throughByKeyboard(page, stripOf(page, 'okx').getByRole('button'), sheet, async () => {
    const checks = sheet.getByRole('list', { name: 'Account checks' });
    await expect(checks.getByTestId('check-fees').first()).toContainText(/configured .* · venue /);
    await expect(checks.getByTestId('check-position-mode').first()).toContainText(/net/);
    await expect(sheet).toContainText(/Order entry\s*up/);
    await expect(sheet).toContainText(/Private stream\s*up/);
    await expect(sheet.getByTestId('dead-man')).toHaveText(/off, nothing rests|left/);
    await expect(sheet.getByTestId('key-section')).toContainText('the simulated exchange (simulated, HMAC)');
    await expect(sheet.getByTestId('key-section').getByRole('textbox')).toHaveCount(0);
  });
});

test('KILL stays free of the sheet, wide and on a phone', async ({ console }) => {
  test.setTimeout(120_000);
  const { page } = console;
  await leavesKillFree(console, stripOf(page, 'binance-usdm').getByRole('button'), page.getByTestId('exchange-sheet'), 'exchange');
});
