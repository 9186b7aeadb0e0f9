/** What a trader sees within seconds: live spreads, statistics that fill, why nothing fires, what happened. */
import { expect, test } from '../drivers/fixtures.ts';
import { PAIRS, VENUES } from '../drivers/host.ts';

const SIGNED_BPS = /^[▲▼]?\s*[+−]\d+\.\d$/;

test('the frame says DEMO, and the engine is disarmed', async ({ console }) => {
  await expect(console.page.getByTestId('mode-frame')).toContainText('DEMO');
  await expect(console.tradingState).toContainText('DISARMED');
});

test('spreads of every pair arrive and change', async ({ console }) => {
  for (const id of PAIRS) await console.priced(id);
  const first = await Promise.all(PAIRS.map((id) => console.figure(id, 'Spread')));
  for (const figure of first) expect(figure).toMatch(SIGNED_BPS);
  await expect.poll(async () => (await console.figure('btc-bin', 'Spread')) !== first[3], { timeout: 30_000 }).toBe(true);
});

test('percentiles and trigger rate fill once the window covers enough, in rising order', async ({ console }) => {
  test.setTimeout(120_000);
  const quantiles = async (): Promise<number[]> => {
    const texts = await Promise.all(['p50', 'p75', 'p90'].map((name) => console.figure('btc-bin', name)));
    return texts.map((text) => Number(text.replace('−', '-').replace('+', '')));
  };
  await expect.poll(async () => (await quantiles()).every(Number.isFinite), { timeout: 60_000 }).toBe(true);
  const [p50 = NaN, p75 = NaN, p90 = NaN] = await quantiles();
  expect(p50).toBeLessThanOrEqual(p75);
  expect(p75).toBeLessThanOrEqual(p90);
  await expect.poll(() => console.figure('btc-bin', 'Trig %'), { timeout: 60_000 }).toMatch(/^\d+(\.\d+)?$/);
});

test('every venue shows a live lamp, its age and its protocol being simulated', async ({ console }) => {
  for (const id of VENUES) {
    await expect(console.venue(id)).toContainText(/live/i);
    await expect(console.venue(id)).toContainText(/\d+ ?m?s/);
  }
  await expect(console.venue('mt5')).toContainText(/gates ok/);
});

test('choosing a pair tells why it makes no intent: figures and the list of gates', async ({ console }) => {
  await console.priced('xau-okx');
  await console.pair('xau-okx').getByRole('button').first().click();
  await expect(console.whyNot).toContainText('XAU');
  await expect(console.page.getByTestId('why-not')).toContainText(/\d+ of \d+ gates pass/);
  const gates = console.whyNot.getByRole('listitem');
  await expect.poll(() => gates.count()).toBeGreaterThanOrEqual(5);
  await expect(gates.first()).toContainText(/\S/);
});

test('the chart and the histogram draw something', async ({ console }) => {
  const hasInk = (testId: string): Promise<boolean> =>
    console.page
      .getByTestId(testId)
      .locator('canvas')
      .evaluateAll((canvases) =>
        (canvases as HTMLCanvasElement[]).some((canvas) => {
          const pixels =
            canvas.width * canvas.height === 0 ? null : canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
          return pixels?.some((value, index) => index % 4 === 3 && value > 0) ?? false;
        }),
      );
  for (const testId of ['spread-chart', 'histogram']) await expect.poll(() => hasInk(testId), { timeout: 45_000 }).toBe(true);
});

test('the event log tells of the start and can be searched by the eye: time, severity, text', async ({ console }) => {
  await expect.poll(() => console.events.getByRole('row').count()).toBeGreaterThan(1);
  await expect(console.events.getByRole('row').nth(1)).toContainText(/\d\d:\d\d:\d\d/);
});
