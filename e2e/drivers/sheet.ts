/** What every sheet behind a strip owes its user: the whole of it by keyboard, and KILL left free, wide and on a phone. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { seriousFaults } from './axe.ts';
import { screenshotFile } from './built.ts';
import type { ConsolePage } from './consolePage.ts';

const SIZES = [
  [1600, 1000],
  [480, 900],
] as const;

/** Opens by Enter on `opener`, is looked at, is readable to assistive technology, closes by Escape and gives the focus back. */
export const throughByKeyboard = async (page: Page, opener: Locator, sheet: Locator, look: () => Promise<void>): Promise<void> => {
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(sheet).toBeVisible();
  await look();
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(opener).toBeFocused();
};

/** At each size the sheet stands below KILL; a picture of each is kept under this name. */
export const leavesKillFree = async ({ page, host, kill }: ConsolePage, opener: Locator, sheet: Locator, name: string): Promise<void> => {
  for (const [width, height] of SIZES) {
    await host.resize(page, width, height);
    await opener.click();
    await expect(sheet).toBeVisible();
    const [button, box] = [await kill.boundingBox(), await sheet.boundingBox()];
    if (button === null || box === null) throw new Error('KILL or the sheet is not on the screen');
    expect(box.y).toBeGreaterThanOrEqual(button.y + button.height);
    // By keyboard it was looked at wide.
    if (width < 600) expect(await seriousFaults(page)).toEqual([]);
    mkdirSync(path.dirname(screenshotFile(name)), { recursive: true });
    await page.screenshot({ path: screenshotFile(`${name}-${width}-${host.kind}`) });
    await sheet.getByRole('button', { name: 'Close' }).click();
    await expect(sheet).toBeHidden();
  }
};
