/** The demo as it is shipped: once armed, a dislocation of its markets becomes a hedge, and the hedge ends by itself. */
import { expect, test } from '../drivers/fixtures.ts';

/** A dislocation that pays comes every half minute or so, the first before the statistics are a minute old. */
const HEDGED_WITHIN_MS = 180_000;

test('armed, the demo hedges its first dislocations and closes them when the spread has come back', async ({ ownHost, ownConsole }) => {
  test.setTimeout(2 * HEDGED_WITHIN_MS);
  await ownConsole.arm();
  const begun = async () => Object.values((await ownHost.dashboard()).groups).filter(({ state }) => state !== 'denied');
  await expect.poll(async () => (await begun()).length, { timeout: HEDGED_WITHIN_MS, intervals: [500] }).toBeGreaterThan(0);
  await ownConsole.disarm();
  await expect
    .poll(async () => (await begun()).map(({ state }) => state), { timeout: HEDGED_WITHIN_MS, intervals: [500] })
    .toEqual((await begun()).map(() => 'closed'));
  for (const group of await begun()) {
    expect(group.openedUnixMs).not.toBeNull();
    expect(group.netUsd).not.toBeNull();
  }
  const { engine, positions } = await ownHost.dashboard();
  expect(engine['engine']).toMatchObject({ kill: null, heldGroups: 0, nakedUsd: null });
  for (const position of Object.values(positions)) expect(position.reportedQty).toBeNull();
  await expect(ownConsole.groupsThatAre('closed').first()).toBeVisible();
});
