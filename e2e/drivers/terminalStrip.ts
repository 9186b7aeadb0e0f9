/** The MetaTrader strip under the header, and the sheet behind it. */
import type { Locator, Page } from '@playwright/test';
import { expect } from './fixtures.ts';

/** The simulated terminal is at the engine's side; its hand-shake takes two equal reads, a second apart. */
export const READY_WITHIN_MS = 30_000;

export const stripOf = (page: Page): Locator => page.getByTestId('terminal-mt5');

export const openSheet = async (page: Page): Promise<Locator> => {
  await stripOf(page).getByRole('button').click();
  const sheet = page.getByTestId('terminal-sheet');
  await expect(sheet).toBeVisible();
  return sheet;
};
