/** What axe finds on a page that is serious or critical, in words. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** @param within a selector, where a part is looked at and the rest by another spec. */
export const seriousFaults = async (page: Page, within?: string): Promise<string[]> => {
  // Legacy mode stays in the page: the other one opens a second page, which a desktop window does not have.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
};
