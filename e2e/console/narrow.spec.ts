/** Down to a phone's width KILL stays where it is, nothing is cut off, and what matters is still there. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { screenshotFile } from '../drivers/built.ts';
import { expect, test } from '../drivers/fixtures.ts';

test('KILL keeps its corner at every width', async ({ console, sharedHost }) => {
  for (const width of [1600, 1280, 1279, 800, 480]) {
    await sharedHost.resize(console.page, width, 900);
    const box = await console.kill.boundingBox();
    if (box === null) throw new Error(`KILL is not on the screen at ${width} px`);
    expect(box.y).toBeLessThan(120);
    expect(box.x + box.width).toBeGreaterThan(width - 260);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(96);
  }
});

test('480 px: mode, state, spreads and KILL without sideways scrolling', async ({ console, sharedHost }) => {
  await sharedHost.resize(console.page, 480, 900);
  await console.priced('btc-bin');
  for (const visible of [console.kill, console.tradingState, console.page.getByTestId('mode-frame'), console.pair('btc-bin')]) {
    await expect(visible).toBeVisible();
  }
  const overflow = await console.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  mkdirSync(path.dirname(screenshotFile('x')), { recursive: true });
  await console.page.screenshot({ path: screenshotFile(`narrow-${sharedHost.kind}`) });
});
