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
