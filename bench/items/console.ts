/**
 * What watching costs: the built host with 50 pairs under 50,000 quotes a second, and its console in real Chromium. Bytes of
 * the web-socket, times between the page's frames, how long a key takes to be painted, and whether the engine notices.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Page } from '@playwright/test';
import { startBuiltHost, type BuiltHost } from '../builtHost.ts';
import { startChild, type Child } from '../child.ts';
import type { VenueOrder } from '../children/venueServer.ts';
import { repository } from '../environment.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { configOf } from '../liveEngine.ts';
import { quantileOf, sortedOf } from '../rounds.ts';
import { atMost, figure, figureRow, skippedRow, type Row } from '../verdict.ts';

const ITEM = 'console';
const PAIRS = 50;
const QUOTES_PER_SECOND = 50_000;

interface Wire {
  frames: number;
  bytes: number;
  largest: number;
}

/** Counts what the page's web-socket receives, by the browser's own account. */
const countFrames = async (page: Page): Promise<Wire> => {
  const wire: Wire = { frames: 0, bytes: 0, largest: 0 };
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.webSocketFrameReceived', ({ response }) => {
    const size = response.opcode === 1 ? Buffer.byteLength(response.payloadData) : Math.floor(response.payloadData.length * 0.75);
    wire.frames += 1;
    wire.bytes += size;
    wire.largest = Math.max(wire.largest, size);
  });
  return wire;
};

/** Milliseconds between animation frames, for so long. */
const frameTimes = (page: Page, ms: number): Promise<number[]> =>
  page.evaluate(
    (forMs) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        const began = performance.now();
        let last = began;
        const frame = (now: number): void => {
          times.push(now - last);
          last = now;
          if (now - began < forMs) requestAnimationFrame(frame);
          else resolve(times.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    ms,
  );

/** Milliseconds from a key event's own time to the frame after it was handled. */
const inputTimes = async (page: Page, count: number): Promise<number[]> => {
  await page.evaluate(() => {
    addEventListener('keydown', ({ timeStamp }) => {
      requestAnimationFrame(() =>
        setTimeout(() => (document.documentElement.dataset['benchKeyMs'] = String(performance.now() - timeStamp))),
      );
    });
  });
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    await page.evaluate(() => delete document.documentElement.dataset['benchKeyMs']);
    await page.keyboard.press('Shift');
    await page.waitForFunction(() => document.documentElement.dataset['benchKeyMs'] !== undefined, undefined, { timeout: 10_000 });
    times.push(Number(await page.evaluate(() => document.documentElement.dataset['benchKeyMs'])));
  }
  return times;
};

/** The step's p99 as the engine reports it, the median of some looks. */
const stepP99 = async (host: BuiltHost, looks: number): Promise<number> => {
  const seen: number[] = [];
  for (let i = 0; i < looks; i++) {
    await pause(500);
    const p99 = (await host.dashboard()).engine['engine']?.stepP99Us ?? null;
    if (p99 !== null) seen.push(p99);
  }
  return quantileOf(sortedOf(seen), 0.5);
};

const watch = async (context: BenchContext, host: BuiltHost, executablePath: string): Promise<Row[]> => {
  const seconds = context.quick ? 3 : 10;
  const without = await stepP99(host, context.quick ? 3 : 8);
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    const wire = await countFrames(page);
    await page.goto(host.signInUrl);
    await page.getByRole('button', { name: 'KILL all' }).waitFor();
    await pause(2_000);
    const snapshot = wire.largest;
    Object.assign(wire, { frames: 0, bytes: 0, largest: 0 });
    const [frames, withOne] = await Promise.all([frameTimes(page, seconds * 1_000), stepP99(host, seconds)]);
    const { frames: updates, bytes } = { ...wire };
    const inputs = sortedOf(await inputTimes(page, context.quick ? 5 : 20));
    const quotes = (await host.dashboard()).engine['engine']?.quotesPerSecond ?? Number.NaN;
    const sorted = sortedOf(frames);
    return [
      figureRow(ITEM, 'updates a second', updates / seconds, '/s', atMost(20), {
        note: `${figure(bytes / seconds / 1_000)} kB/s, host saw ${Math.round(quotes).toLocaleString('en-US')} quotes/s`,
      }),
      figureRow(ITEM, 'mean bytes an update', bytes / updates / 1_000, 'kB', atMost(2)),
      figureRow(ITEM, 'snapshot (largest first frame)', snapshot / 1_000, 'kB', atMost(15)),
      figureRow(ITEM, 'page frames p95', quantileOf(sorted, 0.95), 'ms', atMost(17), {
        note: `goal 16.7 ms (60 Hz, its jitter granted); p50 ${figure(quantileOf(sorted, 0.5))}, worst ${figure(sorted.at(-1)!)} ms of ${frames.length}`,
      }),
      figureRow(ITEM, 'key to painted frame, worst', inputs.at(-1)!, 'ms', atMost(100), {
        note: `p50 ${figure(quantileOf(inputs, 0.5))} ms`,
      }),
      figureRow(ITEM, 'step p99 with a console / without', withOne / without, '×', atMost(1.15), {
        note: `${figure(withOne)} / ${figure(without)} µs`,
      }),
    ];
  } finally {
    await browser.close();
  }
};

export const consoleItem: BenchItem = {
  name: ITEM,
  title: `console in Chromium: ${PAIRS} pairs, ${QUOTES_PER_SECOND.toLocaleString('en-US')} quotes/s (built headless host, software rendering)`,
  async run(context: BenchContext) {
    const browser = process.env['QUANT_ARB_CHROMIUM'] ?? (existsSync(chromium.executablePath()) ? chromium.executablePath() : '');
    if (browser === '') return [skippedRow(ITEM, 'console', 'no Chromium (QUANT_ARB_CHROMIUM)')];
    if (!existsSync(join(repository, 'out', 'renderer', 'index.html'))) return [skippedRow(ITEM, 'console', 'not built: npm run build')];
    const venues: Child = startChild('venueServer.ts', { args: [String(PAIRS)] });
    let host: BuiltHost | null = null;
    try {
      const { ports } = await venues.next<{ ports: readonly number[] }>();
      const config = join(context.scratch, 'console.json');
      writeFileSync(config, JSON.stringify(configOf(PAIRS, ports, '.')));
      host = await startBuiltHost(context.scratch, ['--config', config]);
      await pause(1_500);
      venues.send({ do: 'pace', quotesPerSecond: QUOTES_PER_SECOND, crossingsPerSecond: 1 } satisfies VenueOrder);
      await pause(3_000);
      return await watch(context, host, browser);
    } finally {
      await host?.stop();
      await venues.end();
    }
  },
};
