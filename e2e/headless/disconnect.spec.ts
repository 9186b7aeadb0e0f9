/** The engine dies under a browser's console: nothing looks alive, and a press made then is forgotten. */
import { expect, test } from '../drivers/fixtures.ts';

test('kill -9: grey and hatched, a press stays UNCONFIRMED, is forgotten, and does not fire on reconnecting', async ({
  ownHost,
  ownConsole,
}) => {
  test.setTimeout(150_000);
  const { kill, killState, linkState } = ownConsole;
  await ownConsole.priced('btc-bin');
  const { port } = new URL(ownHost.ready.url);
  await ownHost.stop('SIGKILL');
  await expect(linkState).toHaveText(/NOT CONNECTED|CONNECTING/);
  await expect(kill).toHaveAccessibleName(/NOT CONNECTED: this button may not work/);
  await expect(kill).toHaveClass(/is-dead/);
  await expect.poll(() => ownConsole.figure('btc-bin', 'Spread')).toBe('—');
  await kill.click();
  await expect(killState).toContainText('UNCONFIRMED');
  await expect(killState).toContainText('NOT CONFIRMED', { timeout: 20_000 });

  await ownHost.start(Number(port));
  await expect(linkState).toHaveText(/LIVE/, { timeout: 45_000 });
  await expect(kill).not.toHaveClass(/is-dead/);
  await ownConsole.priced('btc-bin');
  await expect(ownConsole.tradingState).not.toContainText('HALTED');
  await expect(ownConsole.killBanner).toHaveCount(0);
  await expect(ownConsole.events).toContainText(/unclean|not end cleanly|crash/i);
});

test('a press within the ten seconds is delivered once the engine is back', async ({ ownHost, ownConsole }) => {
  test.setTimeout(120_000);
  const { port } = new URL(ownHost.ready.url);
  await ownHost.stop('SIGKILL');
  await expect(ownConsole.linkState).toHaveText(/NOT CONNECTED|CONNECTING/);
  const started = ownHost.start(Number(port));
  await ownConsole.kill.click();
  await expect(ownConsole.killState).toContainText('UNCONFIRMED');
  await started;
  await expect(ownConsole.killState).toContainText(/LATCHED|NOT CONFIRMED/, { timeout: 20_000 });
  const latched = (await ownConsole.killState.innerText()).includes('LATCHED');
  await ownConsole.live();
  // Either it came through in time and is latched, or it was given up and nothing happened: never anything between.
  if (latched) await expect(ownConsole.tradingState).toContainText('HALTED');
  else await expect(ownConsole.tradingState).not.toContainText('HALTED');
});
