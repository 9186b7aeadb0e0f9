/** A dislocation of the demo markets becomes an intent with everything that justified it. */
import { seriousFaults } from '../drivers/axe.ts';
import { expect, test } from '../drivers/fixtures.ts';

/** The demo's first dislocation that pays comes within its first minutes; see the market model's plan. */
const INTENT_WITHIN_MS = 150_000;

test('an intent appears, and its drawer shows both quotes and the costs', async ({ console }) => {
  test.setTimeout(INTENT_WITHIN_MS + 60_000);
  const rows = console.intents.locator('tbody tr');
  await expect.poll(() => rows.count(), { timeout: INTENT_WITHIN_MS }).toBeGreaterThan(0);
  const row = rows.first();
  await expect(row).toContainText(/XAU|BTC/);
  await row.getByRole('button').first().click();
  const drawer = console.page.getByRole('dialog');
  await expect(drawer).toBeVisible();
  // Both legs' quotes, with prices.
  await expect(drawer).toContainText(/@(mt5|okx|binance)/);
  await expect.poll(async () => ((await drawer.innerText()).match(/\d[\d,  ]*\.\d+/g) ?? []).length).toBeGreaterThan(4);
  expect(await seriousFaults(console.page)).toEqual([]);
  await console.page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
});
