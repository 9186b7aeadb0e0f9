/** Many accounts with long names, everything wrong at once, words without a blank: nothing runs out of its place, and every act has its button. */
import { expect, test, type Locator } from '@playwright/test';
import { openStandIn } from '../drivers/standIn.ts';

/** Pixels by which what is in it is wider than it is. */
const excess = (box: Locator): Promise<number> => box.evaluate((element) => element.scrollWidth - element.clientWidth);

/** Names of figures that run into what stands beside them. */
const collisions = (list: Locator): Promise<string[]> =>
  list.evaluateAll((lists) =>
    lists.flatMap((each) =>
      [...each.querySelectorAll('dt')].flatMap((name) => {
        const words = document.createRange();
        words.selectNodeContents(name);
        const beside = name.nextElementSibling?.getBoundingClientRect();
        return beside !== undefined && words.getBoundingClientRect().right > beside.left ? [name.innerText] : [];
      }),
    ),
  );

test('long names, long refusals and unbroken words stay in their places, wide and on a phone', async ({ page }) => {
  const standIn = await openStandIn(page, 'crowd');
  const strip = page.getByTestId('exchange-exchange-number-0');
  const sheet = page.getByTestId('exchange-sheet');
  for (const [width, height] of [
    [1280, 800],
    [480, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect(strip.getByTestId('orders-why')).toContainText('Key: Order placement failed');
    expect(await excess(page.locator('html'))).toBe(0);
    await page.getByRole('button', { name: 'Arm', exact: true }).click();
    const refused = page.getByRole('dialog', { name: 'Cannot arm' });
    await expect(refused.getByRole('list', { name: 'Conditions' }).getByRole('listitem')).toHaveCount(2);
    expect(await excess(refused)).toBe(0);
    await page.keyboard.press('Escape');
    await strip.getByRole('button').click();
    await expect(sheet).toBeVisible();
    expect(await collisions(sheet.locator('.figure-list'))).toEqual([]);
    expect(await excess(sheet)).toBe(0);
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
  }
  await strip.getByRole('button').click();
  await sheet.getByRole('button', { name: 'Accept this account…' }).click();
  const accept = page.getByRole('dialog', { name: 'Accept another account' });
  await expect(accept).toContainText('demo …9020, no longer to demo …4417');
  await expect(accept.getByRole('button', { name: 'Confirm' })).toBeDisabled();
  await accept.getByRole('textbox', { name: 'Reason' }).fill('the second desk took over');
  await accept.getByRole('button', { name: 'Confirm' }).click();
  await expect(accept).toBeHidden();
  await standIn.stop();
});
