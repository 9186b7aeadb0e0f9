/** The stops while something is at stake: during an opening, with open groups, and what ends them again. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exchangePair, metatraderPair, withPaper } from '../drivers/eager.ts';
import { expect, test } from '../drivers/fixtures.ts';

/** Longer than the console asks for. */
const HOLD_MS = 1_700;

test.describe('during an opening', () => {
  test.use({ eager: withPaper(metatraderPair, { latencyMs: 1_200 }) });

  test('KILL: LATCHED and VERIFIED with milliseconds, and nothing stays naked', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    await ownConsole.arm();
    await expect(ownConsole.groupsThatAre('opening').first()).toBeVisible({ timeout: 30_000 });
    await ownConsole.kill.click();
    await expect(ownConsole.killState).toContainText(/LATCHED [\d.]+ ms/);
    await expect(ownConsole.tradingState).toContainText('HALTED');
    await expect(ownConsole.armedState).toHaveText('DISARMED');
    await expect(ownConsole.killState).toContainText(/VERIFIED [\d.]+ ms/, { timeout: 30_000 });
    await expect(ownConsole.groupsThatAre('opening')).toHaveCount(0, { timeout: 30_000 });
    await expect(ownConsole.naked).toHaveText('none', { timeout: 30_000 });
    const { groups, engine } = await ownHost.dashboard();
    const rows = Object.values(groups).filter(({ state }) => state !== 'denied');
    expect(rows.length).toBeGreaterThan(0);
    for (const group of rows) expect(['open', 'closed']).toContain(group.state);
    for (const group of rows) expect(group.residualBaseQty).toBe('0');
    expect(engine['engine']).toMatchObject({ tradingState: 'halted', armed: false, kill: { level: 'kill', remaining: [] } });
  });
});

test.describe('with an open group', () => {
  test.use({ eager: exchangePair });

  test('FLATTEN: a preview first, held for its time, and both legs are closed', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    await ownConsole.openGroup();
    const flatten = ownConsole.button(/^FLATTEN all/);
    await flatten.click();
    const preview = ownConsole.page.getByRole('dialog', { name: 'Flatten preview' });
    await expect(preview).toContainText('btc-x');
    await expect(preview).toContainText(/(buy|sell) [\d.]+ BTC-USDT-SWAP/);
    await expect(preview).toContainText(/[+−]\d+\.\d\d/);
    // The short press has done nothing but show.
    expect((await ownHost.dashboard()).engine['engine']?.kill).toBeNull();
    await preview.getByRole('button', { name: 'Cancel' }).click();
    await expect(preview).toBeHidden();
    await ownConsole.hold(flatten, HOLD_MS);
    await expect(ownConsole.killState).toContainText(/LATCHED [\d.]+ ms/);
    await expect(ownConsole.groupsThatAre('closed').first()).toBeVisible({ timeout: 30_000 });
    await expect(ownConsole.killState).toContainText(/VERIFIED [\d.]+ m?s/, { timeout: 30_000 });
    const { groups, positions, engine } = await ownHost.dashboard();
    for (const group of Object.values(groups).filter(({ state }) => state !== 'denied'))
      expect(group).toMatchObject({ state: 'closed', closeReason: 'flatten', residualBaseQty: '0' });
    for (const position of Object.values(positions)) expect(position.ownQty).toBe('0');
    expect(engine['engine']?.kill).toMatchObject({ level: 'flatten', source: 'console' });
  });

  test('HANDS OFF: typed, and from then on nothing is sent, not even to close', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    const { page } = ownConsole;
    await ownConsole.openGroup();
    await ownConsole.button('More stops').click();
    await page.getByRole('menuitem', { name: /Hands off…/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Hands off' });
    const send = dialog.getByRole('button', { name: 'Take hands off' });
    await expect(send).toBeDisabled();
    await dialog.getByRole('textbox', { name: /Type/ }).fill('HANDS ON');
    await expect(send).toBeDisabled();
    await dialog.getByRole('textbox', { name: /Type/ }).fill('HANDS OFF');
    await send.click();
    await expect(ownConsole.killState).toContainText(/LATCHED [\d.]+ ms/);
    await expect(ownConsole.killBanner).toContainText('HANDS OFF');
    const before = await ownHost.dashboard();
    const orders = ({ groups }: typeof before) => Object.values(groups).map(({ state, aOrder, bOrder }) => [state, aOrder, bOrder]);
    const row = ownConsole.groupsThatAre('open').first();
    await ownConsole.showGroup(row);
    await expect(ownConsole.group.getByRole('button', { name: 'Close group' })).toHaveCount(0);
    expect(orders(await ownHost.dashboard())).toEqual(orders(before));
    expect((await ownHost.dashboard()).engine['engine']?.kill).toMatchObject({ level: 'hands-off' });
  });

  test('RESET names its conditions, one of which is a KILL file, and leaves the engine disarmed', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    await ownConsole.priced('btc-x');
    const file = path.join(ownHost.dataDir, 'KILL');
    writeFileSync(file, 'found it burning\n');
    await expect(ownConsole.killBanner).toContainText('found it burning');
    await expect(ownConsole.killBanner).toContainText('(file)');
    await ownConsole.button('Reset kill switch').click();
    const dialog = ownConsole.page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('fire is out');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('button', { name: 'Confirm reset' }).click();
    await expect(dialog.getByRole('alert')).toContainText(file);
    await expect(ownConsole.tradingState).toContainText('HALTED');
    rmSync(file);
    await expect(async () => {
      await dialog.getByRole('button', { name: 'Confirm reset' }).click();
      await expect(dialog).toBeHidden({ timeout: 2_000 });
    }).toPass({ timeout: 45_000 });
    await expect(ownConsole.killBanner).toHaveCount(0);
    await expect(ownConsole.armedState).toHaveText('DISARMED');
  });
});
