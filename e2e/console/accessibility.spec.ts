/** axe finds nothing serious: the main screen wide and narrow, the dialogs, the drawer. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../drivers/fixtures.ts';

const seriousFaults = async (page: Page): Promise<string[]> => {
  // Legacy mode stays in the page: the other one opens a second page, which a desktop window does not have.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
};

for (const [name, width, height] of [
  ['wide', 1600, 1000],
  ['at the rail’s fold', 1279, 900],
  ['a phone', 480, 900],
] as const) {
  test(`the main screen, ${name}`, async ({ console, sharedHost }) => {
    await sharedHost.resize(console.page, width, height);
    await expect(console.pair('btc-bin')).toBeVisible();
    expect(await seriousFaults(console.page)).toEqual([]);
  });
}

test('the reset dialog and the killed screen', async ({ ownConsole }) => {
  await ownConsole.kill.click();
  await expect(ownConsole.killState).toContainText('VERIFIED');
  expect(await seriousFaults(ownConsole.page)).toEqual([]);
  await ownConsole.button('Reset kill switch').click();
  await expect(ownConsole.page.getByRole('dialog')).toBeVisible();
  expect(await seriousFaults(ownConsole.page)).toEqual([]);
});
