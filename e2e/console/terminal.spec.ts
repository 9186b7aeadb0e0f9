/** The MetaTrader side on the screen of both hosts: lamps, the sheet behind them, by pointer and by keyboard. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { seriousFaults } from '../drivers/axe.ts';
import { screenshotFile } from '../drivers/built.ts';
import { expect, test } from '../drivers/fixtures.ts';
import { openSheet, READY_WITHIN_MS, stripOf } from '../drivers/terminalStrip.ts';

test('the lamps say what the terminal reports, in words', async ({ console }) => {
  const strip = stripOf(console.page);
  await expect(strip.getByTestId('data-lamp')).toHaveText(/live/i);
  await expect(strip.getByTestId('algo-lamp')).toHaveText(/on/i);
  await expect(strip.getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
  await expect(strip).toContainText(/epoch\s*\d+/);
  await expect(strip).toContainText(/tick → engine\s*\d/);
});

test('its sheet opens by keyboard with the whole hand-shake passed, and closes by Escape', async ({ console }) => {
  test.setTimeout(150_000);
  const { page } = console;
  const opener = stripOf(page).getByRole('button');
  await opener.focus();
  await page.keyboard.press('Enter');
  const sheet = page.getByTestId('terminal-sheet');
  await expect(sheet).toBeVisible();
  const checks = sheet.getByRole('list', { name: 'Hand-shake' }).getByRole('listitem');
  await expect(checks).toHaveCount(12);
  await expect(sheet).toContainText('12 of 12 pass', { timeout: READY_WITHIN_MS });
  await expect(sheet.getByRole('list', { name: 'What a lot is' })).toContainText(
    '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP',
  );
  await expect(sheet).toContainText('demo · hedging');
  await expect(sheet).toContainText(/No command yet|Filled/);
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(opener).toBeFocused();
});

test('KILL stays free of the sheet, wide and on a phone', async ({ console, sharedHost }) => {
  test.setTimeout(150_000);
  const { page } = console;
  for (const [width, height] of [
    [1600, 1000],
    [480, 900],
  ] as const) {
    await sharedHost.resize(page, width, height);
    const sheet = await openSheet(page);
    const [kill, box] = [await console.kill.boundingBox(), await sheet.boundingBox()];
    if (kill === null || box === null) throw new Error('KILL or the sheet is not on the screen');
    expect(box.y).toBeGreaterThanOrEqual(kill.y + kill.height);
    expect(await seriousFaults(page)).toEqual([]);
    mkdirSync(path.dirname(screenshotFile('x')), { recursive: true });
    await page.screenshot({ path: screenshotFile(`terminal-${width}-${sharedHost.kind}`) });
    await sheet.getByRole('button', { name: 'Close' }).click();
    await expect(sheet).toBeHidden();
  }
});
