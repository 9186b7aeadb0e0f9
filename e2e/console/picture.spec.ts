/** The picture of the README: the main screen after its statistics have warmed up. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { screenshotFile } from '../drivers/built.ts';
import { expect, test } from '../drivers/fixtures.ts';
import { PAIRS } from '../drivers/host.ts';

test('the main screen, warm', async ({ console, sharedHost }) => {
  test.setTimeout(240_000);
  await sharedHost.resize(console.page, 1600, 1000);
  for (const id of PAIRS) {
    await expect.poll(() => console.figure(id, 'p90'), { timeout: 90_000 }).toMatch(/[+−]\d/);
  }
  await expect.poll(() => console.intents.locator('tbody tr').count(), { timeout: 150_000 }).toBeGreaterThan(1);
  // The direction in which the demo's first dislocation paid.
  await console.pair('xau-okx').locator('tr').first().click();
  await expect(console.page.getByTestId('why-not')).toContainText('gates pass');
  mkdirSync(path.dirname(screenshotFile('x')), { recursive: true });
  await console.page.screenshot({ path: screenshotFile(`console-${sharedHost.kind}`) });
});
