/** The engine dies with a hedge open; and what a console shows of it while it is away. */
import { ConsolePage } from '../drivers/consolePage.ts';
import { metatraderPair, exchangePair } from '../drivers/eager.ts';
import { expect, test } from '../drivers/fixtures.ts';

test.describe('a restart', () => {
  test.use({ eager: metatraderPair });

  test('kill -9 with a group open: it is back, disarmed and reconciled, and can be closed', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    await ownConsole.openGroup();
    const before = (await ownHost.dashboard()).groups;
    await ownHost.stop('SIGKILL');
    await ownHost.start();
    const after = new ConsolePage(await ownHost.openConsole(), ownHost);
    await after.live();
    await expect(after.armedState).toHaveText('DISARMED');
    await expect(after.events).toContainText(/unclean|not end cleanly|crash/i);
    const row = after.groupsThatAre('open').first();
    await expect(row).toBeVisible();
    await expect
      .poll(async () => Object.values((await ownHost.dashboard()).venues).map((venue) => venue.reconciled), { timeout: 45_000 })
      .toEqual(['yes', 'yes']);
    const recovered = (await ownHost.dashboard()).groups;
    for (const [id, { state, aQty, bQty }] of Object.entries(before)) expect(recovered[id]).toMatchObject({ state, aQty, bQty });
    const timeline = await after.showGroup(row);
    await after.group.getByRole('button', { name: 'Close group' }).click();
    const dialog = after.page.getByRole('dialog', { name: /Close/ }).filter({ has: after.page.getByRole('textbox', { name: 'Reason' }) });
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('after the crash');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await expect(after.groupsThatAre('closed').first()).toBeVisible({ timeout: 30_000 });
    await expect(timeline).toContainText(/close by .*after the crash/);
    const { groups, positions } = await ownHost.dashboard();
    for (const group of Object.values(groups)) expect(group.residualBaseQty).toBe('0');
    for (const position of Object.values(positions)) expect([position.ownQty, position.reportedQty]).toEqual(['0', null]);
  });
});

test.describe('without the engine', () => {
  test.use({ eager: exchangePair });

  test('every stop turns grey and Arm is out of reach; all of it comes back', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    const { page } = ownConsole;
    await ownConsole.priced('btc-x');
    ownHost.program.child.kill('SIGSTOP');
    await expect(ownConsole.linkState).toHaveText(/SILENT|NOT CONNECTED/);
    const stops = [ownConsole.kill, ownConsole.button(/^FLATTEN all/), ownConsole.button('Pause all'), ownConsole.button('More stops')];
    for (const stop of stops) await expect(stop).toHaveClass(/is-dead/);
    await expect(page.getByRole('button', { name: 'Arm', exact: true })).toBeDisabled();
    ownHost.program.child.kill('SIGCONT');
    await expect(ownConsole.linkState).toHaveText(/LIVE/, { timeout: 30_000 });
    for (const stop of stops) await expect(stop).not.toHaveClass(/is-dead/);
    await expect(page.getByRole('button', { name: 'Arm', exact: true })).toBeEnabled();
  });
});
