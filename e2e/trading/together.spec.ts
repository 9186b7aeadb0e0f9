/** What more than one console, and more than the console, agree on: groups, arming, limits, the command line. */
import { execFile } from 'node:child_process';
import { ConsolePage } from '../drivers/consolePage.ts';
import { builtCli } from '../drivers/built.ts';
import { exchangePair } from '../drivers/eager.ts';
import { expect, test } from '../drivers/fixtures.ts';

test.use({ eager: exchangePair });

const cli = (...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [builtCli(), ...args], (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

test('two consoles: one arms, the other shows it; both show the same groups', async ({ ownHost, ownConsole }) => {
  test.setTimeout(180_000);
  const second = new ConsolePage(await ownHost.openConsole(), ownHost);
  await second.live();
  await ownConsole.arm();
  await expect(second.armedState).toHaveText('ARMED');
  await expect(second.groupsThatAre('open').first()).toBeVisible({ timeout: 30_000 });
  await second.disarm();
  await expect(ownConsole.armedState).toHaveText('DISARMED');
  const states = async (console: ConsolePage) => {
    const rows = console.groups.locator('tbody[data-testid]');
    return rows.evaluateAll((all) =>
      all.map((row) => `${row.getAttribute('data-testid')} ${row.querySelector('[data-testid=group-state]')?.textContent}`).toSorted(),
    );
  };
  await expect.poll(async () => (await states(ownConsole)).length).toBeGreaterThan(0);
  await expect.poll(async () => states(ownConsole)).toEqual(await states(second));
});

test('a limit is loosened only while disarmed, tightened at any time, and the change is told', async ({ ownHost, ownConsole }) => {
  test.setTimeout(180_000);
  const change = async (to: string) => {
    await ownConsole.page.getByTestId('limit-maxGroupNotionalUsd').getByRole('button').click();
    const dialog = ownConsole.page.getByRole('dialog', { name: /^Limit/ });
    await dialog.getByRole('textbox', { name: 'New value' }).fill(to);
    await dialog.getByRole('textbox', { name: 'Reason' }).fill(`to ${to}`);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    return dialog;
  };
  await ownConsole.arm();
  const refused = await change('6000');
  await expect(refused.getByRole('alert')).toContainText(/disarm/i);
  await refused.getByRole('button', { name: 'Cancel' }).click();
  const value = async () => (await ownHost.dashboard()).limits['maxGroupNotionalUsd']?.value;
  expect(await value()).toBe(5_000);
  await expect(await change('4000')).toBeHidden();
  await expect.poll(value).toBe(4_000);
  await ownConsole.disarm();
  await expect(await change('4500')).toBeHidden();
  await expect.poll(value).toBe(4_500);
  await expect(ownConsole.events).toContainText(/maxGroupNotionalUsd: 4000 → 4500/);
});

test('quant-arb kill: VERIFIED, seen in the console; status tells programs how we stand', async ({ ownHost, ownConsole }) => {
  test.setTimeout(180_000);
  await ownConsole.priced('btc-x');
  await expect.poll(async () => (await cli('status', '--json', '--data-dir', ownHost.dataDir)).code, { timeout: 30_000 }).toBe(0);
  const killed = await cli('kill', '--reason', 'from afar', '--data-dir', ownHost.dataDir);
  expect(killed, killed.err).toMatchObject({ code: 0, out: expect.stringMatching(/KILL of all LATCHED: [\d.]+ ms[^]*VERIFIED, /) });
  await expect(ownConsole.killBanner).toContainText('(cli)');
  await expect(ownConsole.killBanner).toContainText('from afar');
  const status = await cli('status', '--json', '--data-dir', ownHost.dataDir);
  expect(status.code).toBe(4);
  expect(JSON.parse(status.out)).toMatchObject({
    engine: 'running',
    source: 'engine',
    tradingState: 'halted',
    kill: { source: 'cli', reason: 'from afar', remaining: [] },
  });
  await ownHost.stop();
  const stopped = await cli('status', '--json', '--data-dir', ownHost.dataDir);
  expect(stopped.code).toBe(3);
  expect(JSON.parse(stopped.out)).toMatchObject({
    engine: 'not-running',
    source: 'ledger',
    tradingState: 'halted',
    kill: { source: 'cli' },
  });
});
