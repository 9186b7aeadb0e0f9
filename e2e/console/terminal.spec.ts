/** The MetaTrader side on the screen: lamps, the sheet behind them, its commands, by pointer and by keyboard. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { seriousFaults } from '../drivers/axe.ts';
import { screenshotFile } from '../drivers/built.ts';
import { expect, test } from '../drivers/fixtures.ts';

test('the lamps say what the terminal reports, in words', async ({ console }) => {
  const strip = console.page.getByTestId('terminal-mt5');
  await expect(strip.getByTestId('data-lamp')).toHaveText(/live/i);
  await expect(strip.getByTestId('algo-lamp')).toHaveText(/on/i);
  await expect(strip).toContainText(/epoch\s*\d+/);
  await expect(strip.getByTestId('order-lamp')).toHaveText(/paper/i);
});

test('its sheet opens by keyboard, tells that orders stay on paper, and closes by Escape', async ({ console }) => {
  const { page } = console;
  const opener = page.getByTestId('terminal-mt5').getByRole('button');
  await opener.focus();
  await page.keyboard.press('Enter');
  const sheet = page.getByTestId('terminal-sheet');
  await expect(sheet).toBeVisible();
  await expect(sheet).toContainText('Orders stay on paper: the EA only brings quotes.');
  await expect(sheet).toContainText('None: on paper nothing is sent to the EA.');
  await expect(sheet.getByRole('list', { name: 'What a lot is' })).toContainText(
    '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP',
  );
  await expect(sheet).toContainText(/Server time\s*UTC\+2 h/);
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(opener).toBeFocused();
});

test('KILL stays free of the sheet, wide and on a phone', async ({ console, sharedHost }) => {
  const { page } = console;
  for (const [width, height] of [
    [1600, 1000],
    [480, 900],
  ] as const) {
    await sharedHost.resize(page, width, height);
    await page.getByTestId('terminal-mt5').getByRole('button').click();
    const sheet = page.getByTestId('terminal-sheet');
    await expect(sheet).toBeVisible();
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

test('an EA that falls silent is told as such, and nothing of it stays lit', async ({ ownHost, ownConsole }) => {
  const strip = ownConsole.page.getByTestId('terminal-mt5');
  await expect(strip.getByTestId('data-lamp')).toHaveText(/live/i);
  await ownHost.inject('mt5', { kind: 'silence', durationMs: 600_000 });
  await expect(strip.getByTestId('data-lamp')).toHaveText(/down/i, { timeout: 20_000 });
  await expect(strip.getByTestId('data-lamp').locator('.lamp')).toHaveClass(/is-bad/);
  await ownHost.inject('mt5', { kind: 'clear' });
  await expect(strip.getByTestId('data-lamp')).toHaveText(/live/i, { timeout: 20_000 });
});
