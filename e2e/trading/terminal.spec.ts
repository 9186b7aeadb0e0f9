/** What goes through the terminal, and what console and doctor say of it; the engine's doing, hence in one host. */
import { execFile } from 'node:child_process';
import { seriousFaults } from '../drivers/axe.ts';
import { builtCli, screenshotFile } from '../drivers/built.ts';
import { metatraderPair } from '../drivers/eager.ts';
import { expect, test } from '../drivers/fixtures.ts';
import { openSheet, READY_WITHIN_MS, stripOf } from '../drivers/terminalStrip.ts';

/** A dislocation that pays comes every half minute or so, the first before the statistics are a minute old. */
const HEDGED_WITHIN_MS = 180_000;

const doctor = (...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [builtCli(), 'doctor', ...args], (_error, out) =>
      resolve({ code: child.exitCode ?? -1, out }),
    );
  });

test('the doctor finds nothing to mend on the demo', async ({ console, sharedHost }) => {
  await expect(stripOf(console.page).getByTestId('order-lamp')).toHaveText(/up/i, { timeout: READY_WITHIN_MS });
  // Books are compared a moment after the orders are up.
  await expect(async () => {
    const { code, out } = await doctor('--data-dir', sharedHost.dataDir, '--json');
    const { findings } = JSON.parse(out) as { findings: { code: string; venue: string | null; state: string }[] };
    expect(findings.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(findings.filter(({ venue }) => venue === 'mt5').length).toBeGreaterThanOrEqual(12);
    expect(code).toBe(0);
  }).toPass({ timeout: READY_WITHIN_MS });
});

test('armed, the demo hedges its first dislocations through terminal and exchanges, and closes them when the spread is back', async ({
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
  const begun = async () => Object.values((await ownHost.dashboard()).groups).filter(({ state }) => state !== 'denied');
  await expect
    .poll(async () => (await begun()).map(({ state }) => state), { timeout: HEDGED_WITHIN_MS, intervals: [500] })
    .toEqual((await begun()).map(() => 'closed'));
  for (const group of await begun()) {
    expect(group.openedUnixMs).not.toBeNull();
    expect(group.netUsd).not.toBeNull();
  }
  const { engine, positions, venues } = await ownHost.dashboard();
  expect(engine['engine']).toMatchObject({ kill: null, heldGroups: 0, nakedUsd: null });
  for (const position of Object.values(positions)) expect(position.reportedQty).toBeNull();
  const exchanges = Object.values(venues).flatMap(({ exchange }) => exchange ?? []);
  expect(exchanges).toHaveLength(3);
  // The other leg went to an exchange over its own socket, and was answered there.
  expect(exchanges.some(({ toAck }) => toAck !== null)).toBe(true);
  expect(exchanges.flatMap(({ rejects }) => rejects)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(ownConsole.groupsThatAre('closed').first()).toBeVisible();
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
