/**
 * Arming real money on the page, every condition satisfied: on a stand-in engine, because no engine here ever meets real money.
 * Accounts and worst case are shown and typed, letter for letter; KILL and a lost line win over whatever was typed.
 */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { seriousFaults } from '../drivers/axe.ts';
import { openStandIn } from '../drivers/standIn.ts';

const ACCOUNTS = ['MetaTrader 5 12345678@Broker-Live', 'OKX hedge-1'] as const;

interface ArmDialog {
  readonly dialog: Locator;
  readonly phrase: string;
  readonly typed: Locator;
  readonly arm: Locator;
}

const armDialog = async (page: Page): Promise<ArmDialog> => {
  const dialog = page.getByRole('dialog', { name: 'Arm LIVE' });
  await expect(dialog).toBeVisible();
  return {
    dialog,
    phrase: await dialog.getByTestId('live-phrase').innerText(),
    typed: dialog.getByRole('textbox', { name: 'Confirmation' }),
    arm: dialog.getByRole('button', { name: 'Arm LIVE' }),
  };
};

const openDialog = async (page: Page): Promise<ArmDialog> => {
  await page.getByRole('button', { name: 'Arm LIVE…' }).click();
  return armDialog(page);
};

test('real money is armed by what a person read and typed, and by nothing else', async ({ page }) => {
  const standIn = await openStandIn(page, 'live');
  const [armed, strip] = [page.getByTestId('armed-state'), page.getByTestId('live-strip')];
  await expect(page.getByTestId('link-state')).toHaveText(/LIVE/);
  await expect(page.getByTestId('mode-frame')).toHaveText(/LIVE/);
  await expect(armed).toHaveText('DISARMED');

  await test.step('the ladder is climbed one rung, by a person with a reason', async () => {
    await expect(strip).toContainText('4 of 4 shown');
    await strip.getByRole('button', { name: 'Real money' }).click();
    const guard = page.getByRole('dialog', { name: 'Real money' });
    await expect(guard.getByRole('list', { name: 'Checklist' }).getByRole('listitem')).toHaveCount(4);
    await expect(guard.getByRole('list', { name: 'Ladder' }).getByRole('listitem').first()).toHaveAttribute('aria-current', 'step');
    await page.keyboard.press('Escape');
    await strip.getByRole('button', { name: 'Climb…' }).click();
    const climb = page.getByRole('dialog', { name: 'One rung up' });
    await expect(climb.getByRole('button', { name: 'Confirm' })).toBeDisabled();
    await climb.getByRole('textbox', { name: 'Reason' }).fill('five groups closed well');
    await climb.getByRole('button', { name: 'Confirm' }).click();
    await expect(strip.getByTestId('rung')).toHaveText(/rung 2 of 4 · up to \$1.000 a group/);
    await expect(strip.getByRole('button', { name: 'Climb…' })).toBeDisabled();
  });

  await test.step('accounts and worst case are shown; anything but the phrase is refused, pasting too', async () => {
    const { dialog, phrase, typed, arm } = await openDialog(page);
    for (const account of ACCOUNTS) expect(phrase).toContain(account);
    expect(phrase).toMatch(/worst 214 USD$/);
    for (const shown of ['real money', '$214', 'rung 2 of 4']) await expect(dialog).toContainText(shown);
    await expect(arm).toBeDisabled();
    await typed.fill(`${phrase.slice(0, -'214 USD'.length)}215 USD`);
    await expect(dialog).toContainText('Not the same yet.');
    await expect(arm).toBeDisabled();
    await typed.press('Enter');
    await typed.fill('');
    await typed.evaluate((field) => field.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true })));
    await expect(dialog).toContainText('Pasting is off here');
    await expect(armed).toHaveText('DISARMED');
    expect(await seriousFaults(page, '[role="dialog"]')).toEqual([]);
  });

  const { dialog, phrase, typed, arm } = await armDialog(page);
  await test.step('a line that falls silent disables it, and says that nothing is kept', async () => {
    await typed.fill(phrase);
    await expect(arm).toBeEnabled();
    standIn.mute(true);
    await expect(arm).toBeDisabled();
    await expect(dialog).toContainText('Not connected: nothing can be sent now, and nothing will be kept for later.');
    await typed.press('Enter');
    standIn.mute(false);
    await expect(arm).toBeEnabled();
    await expect(armed).toHaveText('DISARMED');
  });

  await test.step('the phrase arms', async () => {
    await arm.click();
    await expect(dialog).toBeHidden();
    await expect(armed).toHaveText('ARMED');
    await page.getByRole('button', { name: 'Disarm', exact: true }).click();
    await expect(armed).toHaveText('DISARMED');
  });

  await test.step('a KILL while it is being typed wins: the phrase is whole, and nothing can be armed', async () => {
    const again = await openDialog(page);
    await again.typed.fill(again.phrase);
    await expect(again.arm).toBeEnabled();
    await page.getByRole('button', { name: /^KILL all/ }).click();
    await expect(page.getByTestId('kill-state')).toContainText('LATCHED');
    await expect(again.dialog.getByRole('list', { name: 'Conditions' })).toContainText('KILL is latched');
    await expect(again.arm).toBeDisabled();
    await again.typed.press('Enter');
    await expect(page.getByTestId('trading-state')).toContainText('HALTED');
    await expect(armed).toHaveText('DISARMED');
  });
  await standIn.stop();
});
