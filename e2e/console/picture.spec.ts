/** The picture of the README: the main screen after its statistics have warmed up. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { screenshotFile } from '../drivers/built.ts';
import { expect, test } from '../drivers/fixtures.ts';

test('the main screen, warm', async ({ console, sharedHost }) => {
  test.setTimeout(240_000);
  await sharedHost.resize(console.page, 1600, 1000);
  for (const id of ['xau-okx', 'xau-bin', 'btc-okx', 'btc-bin']) {
    await expect.poll(() => console.figure(id, 'p90'), { timeout: 90_000 }).toMatch(/[+−]\d/);
  }
  await expect.poll(() => console.intents.locator('tbody tr').count(), { timeout: 150_000 }).toBeGreaterThan(0);
  await console.pair('xau-okx').getByRole('button').first().click();
  await expect(console.page.getByTestId('why-not')).toContainText('gates pass');
  mkdirSync(path.dirname(screenshotFile('x')), { recursive: true });
  await console.page.screenshot({ path: screenshotFile(`console-${sharedHost.kind}`) });
});
