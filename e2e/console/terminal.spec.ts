/** The MetaTrader side on the screen of both hosts: lamps, the sheet behind them, by pointer and by keyboard. */
import { expect, test } from '../drivers/fixtures.ts';
import { leavesKillFree, throughByKeyboard } from '../drivers/sheet.ts';
import { READY_WITHIN_MS, stripOf } from '../drivers/terminalStrip.ts';

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
  const sheet = page.getByTestId('terminal-sheet');
  await throughByKeyboard(page, stripOf(page).getByRole('button'), sheet, async () => {
    const checks = sheet.getByRole('list', { name: 'Hand-shake' }).getByRole('listitem');
    await expect(checks).toHaveCount(12);
    await expect(sheet).toContainText('12 of 12 pass', { timeout: READY_WITHIN_MS });
    await expect(sheet.getByRole('list', { name: 'What a lot is' })).toContainText(
      '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP',
    );
    await expect(sheet).toContainText('demo · hedging');
    await expect(sheet).toContainText(/No command yet|Filled/);
  });
});

test('KILL stays free of the sheet, wide and on a phone', async ({ console }) => {
  test.setTimeout(150_000);
  const { page } = console;
  await leavesKillFree(console, stripOf(page).getByRole('button'), page.getByTestId('terminal-sheet'), 'terminal');
});
