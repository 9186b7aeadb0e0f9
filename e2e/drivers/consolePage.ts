/** The console as its user finds it: by the names on the screen and what assistive technology hears. */
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { ConsoleHost, VenueId } from './host.ts';

/** A console must be alive within this after its page was opened, on a busy machine. */
const LIVE_WITHIN_MS = 30_000;

export class ConsolePage {
  readonly page: Page;
  readonly host: ConsoleHost;
  readonly kill: Locator;
  readonly killState: Locator;
  readonly killBanner: Locator;
  readonly linkState: Locator;
  readonly tradingState: Locator;
  readonly armedState: Locator;
  readonly naked: Locator;
  readonly groups: Locator;
  readonly positions: Locator;
  readonly limits: Locator;
  /** The drawer of one group. */
  readonly group: Locator;
  readonly pairs: Locator;
  readonly venues: Locator;
  readonly intents: Locator;
  readonly events: Locator;
  readonly whyNot: Locator;

  constructor(page: Page, host: ConsoleHost) {
    this.page = page;
    this.host = host;
    this.kill = page.getByRole('button', { name: /^KILL all/ });
    this.killState = page.getByTestId('kill-state');
    this.killBanner = page.getByTestId('kill-banner');
    this.linkState = page.getByTestId('link-state');
    this.tradingState = page.getByTestId('trading-state');
    this.armedState = page.getByTestId('armed-state');
    this.naked = page.getByTestId('naked');
    this.groups = page.getByRole('table', { name: 'Hedge groups' });
    this.positions = page.getByRole('table', { name: 'Positions' });
    this.limits = page.getByRole('table', { name: 'Limits' });
    this.group = page.getByRole('dialog', { name: 'Hedge group' });
    this.pairs = page.getByRole('table', { name: 'Pairs' });
    this.venues = page.getByRole('table', { name: 'Venues' });
    this.intents = page.getByRole('table', { name: 'Live intents' });
    this.events = page.getByRole('table', { name: 'Events' });
    this.whyNot = page.getByRole('region', { name: 'Why not?' });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  pair(id: string): Locator {
    return this.page.getByTestId(`pair-${id}`);
  }

  venue(id: VenueId): Locator {
    return this.page.getByTestId(`venue-${id}`);
  }

  /** A figure of the pairs table by its column's heading; line 0 sells leg A, line 1 sells leg B. */
  async figure(id: string, heading: string, line: 0 | 1 = 0): Promise<string> {
    const headings = await this.pairs.locator('thead th').allInnerTexts();
    const column = headings.findIndex((text) => text.trim().toLowerCase().startsWith(heading.toLowerCase()));
    if (column < 0) throw new Error(`the pairs table has no column ${heading}, only ${headings.join(', ')}`);
    return (await this.pair(id).locator('tr').nth(line).locator('th,td').nth(column).innerText()).trim();
  }

  /** Rows of the groups in this state. */
  groupsThatAre(state: string | RegExp): Locator {
    return this.groups.locator('tbody').filter({ has: this.page.getByTestId('group-state').getByText(state, { exact: true }) });
  }

  /** Arms as soon as the engine allows it: its venues have to reconcile first. */
  async arm(): Promise<void> {
    await expect
      .poll(async () => (await this.host.dashboard()).engine['engine']?.armConditions ?? ['not yet'], { timeout: LIVE_WITHIN_MS })
      .toEqual([]);
    await this.page.getByRole('button', { name: 'Arm', exact: true }).click();
    // A venue may be asked once more in between; then the console says so and offers another try.
    await expect(async () => {
      const again = this.page.getByRole('button', { name: 'Try again' });
      if (await again.isVisible()) await again.click({ timeout: 1_000 });
      await expect(this.armedState).toHaveText('ARMED', { timeout: 2_000 });
    }).toPass({ timeout: LIVE_WITHIN_MS });
  }

  async disarm(): Promise<void> {
    await this.page.getByRole('button', { name: 'Disarm', exact: true }).click();
    await expect(this.armedState).toHaveText('DISARMED');
  }

  /** Arms until the first group is open, then disarms: exactly the groups that were begun until then. */
  async openGroup(): Promise<Locator> {
    await this.arm();
    await expect(this.groupsThatAre('open').first()).toBeVisible({ timeout: LIVE_WITHIN_MS });
    await this.disarm();
    return this.groupsThatAre('open').first();
  }

  /** Opens the drawer of a group. */
  async showGroup(row: Locator): Promise<Locator> {
    await row.getByRole('button').first().click();
    await expect(this.group).toBeVisible();
    return this.group.getByRole('list', { name: 'Timeline' });
  }

  /** Presses and holds with the pointer until the button has acted. */
  async hold(button: Locator, forMs: number): Promise<void> {
    const box = await button.boundingBox();
    if (box === null) throw new Error('the button is not on the screen');
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.mouse.down();
    await this.page.waitForTimeout(forMs);
    await this.page.mouse.up();
  }

  /** Waits until the console follows the engine. */
  async live(): Promise<void> {
    await expect(this.linkState).toHaveText(/LIVE/, { timeout: LIVE_WITHIN_MS });
  }

  /** Waits until a pair's both legs are priced. */
  async priced(id: string): Promise<void> {
    await expect(this.pair(id)).toContainText(/[+−]\d+\.\d/, { timeout: LIVE_WITHIN_MS });
    await expect(this.pair(id)).not.toContainText('STALE', { timeout: LIVE_WITHIN_MS });
  }
}
