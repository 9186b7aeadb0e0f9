/** axe finds nothing serious: the main screen wide and narrow, the dialogs, the drawer. */
import { seriousFaults } from '../drivers/axe.ts';
import { expect, test } from '../drivers/fixtures.ts';

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

for (const theme of ['Light', 'High contrast']) {
  test(`the main screen, ${theme.toLowerCase()}`, async ({ console }) => {
    await console.button('Looks').click();
    await console.page.getByRole('menuitemradio', { name: theme }).click();
    await console.page.keyboard.press('Escape');
    await expect(console.page.getByRole('menu')).toBeHidden();
    expect(await seriousFaults(console.page)).toEqual([]);
    await console.button('Looks').click();
    await console.page.getByRole('menuitemradio', { name: 'Dark' }).click();
  });
}

test('the reset dialog and the killed screen', async ({ ownConsole }) => {
  test.setTimeout(150_000);
  await ownConsole.kill.click();
  await expect(ownConsole.killState).toContainText('VERIFIED');
  expect(await seriousFaults(ownConsole.page)).toEqual([]);
  await ownConsole.button('Reset kill switch').click();
  await expect(ownConsole.page.getByRole('dialog')).toBeVisible();
  expect(await seriousFaults(ownConsole.page)).toEqual([]);
});
