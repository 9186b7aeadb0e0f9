/** An engine that says nothing must not look alive, and a press it could not hear must not act later. */
import { expect, test } from '../drivers/fixtures.ts';

test('a frozen engine turns KILL grey; a press is given up and does not fire when the engine wakes', async ({ ownHost, ownConsole }) => {
  test.setTimeout(120_000);
  const { kill, killState, linkState } = ownConsole;
  await ownConsole.priced('btc-bin');
  ownHost.program.child.kill('SIGSTOP');
  await expect(linkState).toHaveText(/SILENT/);
  await expect(kill).toHaveAccessibleName(/NOT CONNECTED: this button may not work/);
  await expect.poll(() => ownConsole.figure('btc-bin', 'Spread')).toBe('—');
  await kill.click();
  await expect(killState).toContainText(/REQUESTED|UNCONFIRMED/);
  await expect(killState).not.toContainText('LATCHED');
  await expect(killState).toContainText(/NOT CONFIRMED/, { timeout: 20_000 });
  ownHost.program.child.kill('SIGCONT');
  await expect(linkState).toHaveText(/LIVE/, { timeout: 30_000 });
  await expect(kill).not.toHaveAccessibleName(/NOT CONNECTED/);
  // Prices moved on, so whatever waited in the engine's inbox has been read by now.
  await expect.poll(() => ownConsole.figure('btc-bin', 'Spread'), { timeout: 30_000 }).toMatch(/[+−]\d/);
  await expect(ownConsole.tradingState).not.toContainText('HALTED');
  await expect(ownConsole.killBanner).toHaveCount(0);
});
