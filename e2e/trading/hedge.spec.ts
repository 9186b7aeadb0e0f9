/** The life of a paper hedge as its owner watches it: opened, held, closed, told; and repaired when a leg fails. */
import { seriousFaults } from '../drivers/axe.ts';
import { metatraderPair, withExit } from '../drivers/eager.ts';
import { expect, test } from '../drivers/fixtures.ts';

test.describe('a hedge that works', () => {
  test.use({ eager: withExit(metatraderPair, 4_000) });

  test('opens with the MetaTrader leg first, holds, closes by holding time, and tells all of it', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    await expect(ownConsole.armedState).toHaveText('DISARMED');
    await expect(ownConsole.groups.locator('tbody[data-testid]')).toHaveCount(0);
    const row = await ownConsole.openGroup();
    await expect(ownConsole.positions).toContainText('BTCUSD');
    await expect(ownConsole.positions).toContainText('BTC-USDT-SWAP');
    const timeline = await ownConsole.showGroup(row);
    await expect(timeline.getByRole('listitem').first()).toContainText('intent');
    await expect(timeline).toContainText(/open: (buy|sell) .*BTCUSD/);
    await expect(timeline).toContainText(/fill: (buy|sell)/);
    expect(await seriousFaults(ownConsole.page)).toEqual([]);
    await expect(ownConsole.groupsThatAre('closed').first()).toBeVisible({ timeout: 30_000 });
    await expect(timeline).toContainText(/close: (buy|sell) .*BTC-USDT-SWAP/);
    await expect(ownConsole.group).toContainText('closed');

    const { groups, positions } = await ownHost.dashboard();
    const ended = Object.values(groups).filter(({ state }) => state !== 'denied');
    expect(ended.length).toBeGreaterThan(0);
    expect(ended.map((group) => [group.state, group.closeReason, group.residualBaseQty])).toEqual(
      ended.map(() => ['closed', 'holding-time', '0']),
    );
    for (const group of ended) expect(group.netUsd).not.toBeNull();
    expect(Object.values(positions).map((position) => position.ownQty)).toEqual(Object.values(positions).map(() => '0'));
    await expect(ownConsole.naked).toHaveText('none');
  });
});

test.describe('a leg that fails', () => {
  test.use({ eager: { ...metatraderPair, paperOf: { okx: { rejectRate: 1 } }, hedging: { compensateAfterMs: 1_500 } } });

  test('is compensated before one’s eyes: completed in vain, then unwound, until nothing is naked', async ({ ownHost, ownConsole }) => {
    test.setTimeout(180_000);
    await ownConsole.arm();
    await expect(ownConsole.naked).not.toHaveText('none', { timeout: 30_000 });
    await ownConsole.disarm();
    const row = ownConsole.groups.locator('tbody[data-testid]').first();
    const timeline = await ownConsole.showGroup(row);
    await expect(timeline).toContainText('rejected');
    await expect(timeline).toContainText(/compensation \d+: unwind/, { timeout: 30_000 });
    await expect(timeline).toContainText(/unwind: (buy|sell) .*BTCUSD/);
    await expect(row.getByTestId('group-state')).toHaveText('closed', { timeout: 30_000 });
    await expect(ownConsole.naked).toHaveText('none');
    const { groups, engine } = await ownHost.dashboard();
    expect(Object.values(groups).every((group) => group.residualBaseQty === '0' && group.openedUnixMs === null)).toBe(true);
    expect(engine['engine']?.kill).toBeNull();
  });
});
