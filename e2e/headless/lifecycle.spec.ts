/** How the headless host lives and ends, and that two consoles see one engine. */
import { ConsolePage } from '../drivers/consolePage.ts';
import { expect, test } from '../drivers/fixtures.ts';

test('a second console sees the first one’s KILL', async ({ ownHost, ownConsole, browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(ownHost.ready.url);
  await page.getByLabel('Password').fill(ownHost.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const second = new ConsolePage(page, ownHost);
  await second.live();
  await ownConsole.kill.click();
  await expect(second.killBanner).toContainText(/KILLED \d\d:\d\d:\d\dZ/);
  await expect(second.kill).toHaveAccessibleName(/KILLED/);
  await context.close();
});

test('SIGTERM ends it cleanly, and the next start says nothing of a crash', async ({ ownHost, ownConsole }) => {
  await ownConsole.priced('btc-bin');
  expect(await ownHost.stop()).toEqual({ code: 0, signal: null });
  await ownHost.start();
  const after = new ConsolePage(await ownHost.openConsole(), ownHost);
  await after.live();
  await expect(after.events).not.toContainText(/unclean|not end cleanly|crash/i);
});

test('a second engine on the same data is refused in words', async ({ ownHost }) => {
  const second = ownHost.startAgain();
  const { code } = await second.ended;
  expect(code).not.toBe(0);
  expect(second.output()).toMatch(/another|already|held/i);
});
