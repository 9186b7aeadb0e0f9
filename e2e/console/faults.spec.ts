/** A venue that misbehaves is shown as it is: silence is stale, garbage is counted, recovery is seen. */
import { expect, test } from '../drivers/fixtures.ts';

test('a silent venue makes its quotes stale, never frozen prices, and recovers', async ({ ownHost, ownConsole }) => {
  await ownConsole.priced('btc-okx');
  await ownHost.inject('okx', { kind: 'silence', durationMs: 600_000 });
  const pair = ownConsole.pair('btc-okx');
  await expect(pair).toContainText('STALE');
  await expect.poll(() => ownConsole.figure('btc-okx', 'Spread')).toBe('—');
  await expect.poll(() => ownConsole.figure('btc-okx', 'Bid', 1)).toBe('—');
  await expect(ownConsole.pair('btc-bin')).not.toContainText('STALE');
  await ownHost.inject('okx', { kind: 'clear' });
  await expect(pair).not.toContainText('STALE', { timeout: 45_000 });
  await expect.poll(() => ownConsole.figure('btc-okx', 'Spread'), { timeout: 30_000 }).toMatch(/[+−]\d/);
});

test('malformed frames are counted and shown, and prices go on', async ({ ownHost, ownConsole }) => {
  await ownConsole.priced('btc-bin');
  await ownHost.inject('binance-usdm', { kind: 'garbage', count: 3 });
  const malformed = async (): Promise<string> => {
    const headings = await ownConsole.venues.locator('thead th').allInnerTexts();
    const column = headings.findIndex((text) => /malformed/i.test(text));
    return ownConsole.venue('binance-usdm').locator('th,td').nth(column).innerText();
  };
  await expect.poll(malformed).toBe('3');
  const before = await ownConsole.figure('btc-bin', 'Spread');
  await expect.poll(() => ownConsole.figure('btc-bin', 'Spread'), { timeout: 30_000 }).not.toBe(before);
});
