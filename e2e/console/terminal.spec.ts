/** The MetaTrader side on the screen: lamps, the sheet behind them, its commands, by pointer and by keyboard; and the doctor. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { seriousFaults } from '../drivers/axe.ts';
import { builtCli, screenshotFile } from '../drivers/built.ts';
import { metatraderPair } from '../drivers/eager.ts';
import { expect, test } from '../drivers/fixtures.ts';

/** The simulated terminal is at the engine's side; its hand-shake takes two equal reads, a second apart. */
const READY_WITHIN_MS = 30_000;
/** A dislocation that pays comes every half minute or so, the first before the statistics are a minute old. */
const HEDGED_WITHIN_MS = 180_000;

const stripOf = (page: Page) => page.getByTestId('terminal-mt5');
const openSheet = async (page: Page) => {
  await stripOf(page).getByRole('button').click();
  const sheet = page.getByTestId('terminal-sheet');
  await expect(sheet).toBeVisible();
  return sheet;
};
const doctor = (...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [builtCli(), 'doctor', ...args], (_error, out) =>
      resolve({ code: child.exitCode ?? -1, out }),
    );
  });

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

test('the doctor finds nothing to mend on the demo', async ({ console, sharedHost }) => {
  await expect(stripOf(console.page).getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
  const { code, out } = await doctor('--data-dir', sharedHost.dataDir, '--json');
  const { findings } = JSON.parse(out) as { findings: { code: string; venue: string | null; state: string }[] };
  expect(findings.filter(({ state }) => state !== 'pass')).toEqual([]);
  expect(findings.filter(({ venue }) => venue === 'mt5').length).toBeGreaterThanOrEqual(12);
  expect(code).toBe(0);
});

test('a hedge of the demo goes through the terminal: its commands stand in the list with what became of them', async ({
  ownHost,
  ownConsole,
}) => {
  test.setTimeout(2 * HEDGED_WITHIN_MS);
  const { page } = ownConsole;
  await expect(page).toHaveTitle('DEMO · Quant Arb');
  await ownConsole.arm();
  const sheet = await openSheet(page);
  const done = sheet.locator('tr').filter({ has: page.getByTestId('command-state').getByText('done', { exact: true }) });
  await expect(done.first()).toBeVisible({ timeout: HEDGED_WITHIN_MS });
  await ownConsole.disarm();
  await expect(done.first()).toContainText(/open|close/);
  await expect(done.first()).toContainText(/(XAU|BTC)USD/);
  await expect(done.first()).toContainText(/10009|10010/);
  await expect(done.first()).toContainText(/\d+ ms/);
  expect(await seriousFaults(page)).toEqual([]);
  await page.screenshot({ path: screenshotFile(`terminal-commands-${ownHost.kind}`) });
  await expect
    .poll(async () => (await ownHost.dashboard()).engine['engine']?.openGroups, { timeout: HEDGED_WITHIN_MS, intervals: [500] })
    .toBe(0);
  const { positions } = await ownHost.dashboard();
  for (const position of Object.values(positions)) expect(position.reportedQty).toBeNull();
});

test('Algo Trading switched off: lamp, orders, hand-shake and doctor say so with the fix, and come back with it', async ({
  ownHost,
  ownConsole,
}) => {
  test.setTimeout(150_000);
  const { page } = ownConsole;
  const strip = stripOf(page);
  await expect(strip.getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
  await ownHost.inject('mt5', { kind: 'gate', gate: 'algo_trading_off' });
  await expect(strip.getByTestId('algo-lamp')).toHaveText(/off/i);
  await expect(strip.getByTestId('order-lamp')).toHaveText(/down/i);
  const check = (await openSheet(page)).getByTestId('check-gates');
  await expect(check).toContainText(/fail/i);
  await expect(check).toContainText('Press the Algo Trading button');
  const told = await doctor('--data-dir', ownHost.dataDir, '--json');
  const { findings } = JSON.parse(told.out) as { findings: { code: string; state: string; fix: string }[] };
  expect(told.code).toBe(1);
  expect(findings.filter(({ state }) => state === 'fail')).toEqual([
    expect.objectContaining({ code: 'gates', fix: expect.stringContaining('Algo Trading button') }),
  ]);
  await ownHost.inject('mt5', { kind: 'gate', gate: 'ok' });
  await expect(check).toContainText(/pass/i);
  await expect(strip.getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
});

test('an EA that falls silent is told as such, and nothing of it stays lit', async ({ ownHost, ownConsole }) => {
  const strip = stripOf(ownConsole.page);
  await expect(strip.getByTestId('data-lamp')).toHaveText(/live/i);
  await ownHost.inject('mt5', { kind: 'silence', durationMs: 600_000 });
  await expect(strip.getByTestId('data-lamp')).toHaveText(/down/i, { timeout: 20_000 });
  await expect(strip.getByTestId('data-lamp').locator('.lamp')).toHaveClass(/is-bad/);
  await expect(strip.getByTestId('order-lamp')).toHaveText(/down/i);
  await ownHost.inject('mt5', { kind: 'clear' });
  await expect(strip.getByTestId('data-lamp')).toHaveText(/live/i, { timeout: 20_000 });
  await expect(strip.getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
});

test.describe('on paper', () => {
  test.use({ eager: metatraderPair });

  test('the frame says so, orders stay there, and the EA only brings quotes', async ({ ownConsole }) => {
    const { page } = ownConsole;
    await expect(page.getByTestId('mode-frame')).toContainText('PAPER');
    await expect(page).toHaveTitle('PAPER · Quant Arb');
    await expect(stripOf(page).getByTestId('order-lamp')).toHaveText(/paper/i);
    const sheet = await openSheet(page);
    await expect(sheet).toContainText('Orders stay on paper: the EA only brings quotes.');
    await expect(sheet).toContainText('None: on paper nothing is sent to the EA.');
  });
});
