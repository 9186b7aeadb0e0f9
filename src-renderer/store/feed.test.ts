/** Painting: coalesced for figures, at once for latches; charts hear every frame. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RowPatch } from '../../src-shared/contract/frames.ts';
import { fixtureTables } from '../fixtureRows.testkit.ts';
import { useConsole } from './consoleStore.ts';
import { createFeed, PAINT_EVERY_MS, type Feed } from './feed.ts';

const PAIR = Object.keys(fixtureTables(0).pairs)[0] ?? '';

describe('createFeed', () => {
  let feed: Feed;
  let paints = 0;
  let seq = 0;
  const delta = (...patches: RowPatch[]): 'applied' | 'gap' => {
    seq += 1;
    return feed.accept({ kind: 'delta', seq, patches });
  };
  const shownAge = (): number | null | undefined => useConsole.getState().tables.pairs[PAIR]?.ageMs;

  beforeEach(() => {
    vi.useFakeTimers();
    paints = 0;
    seq = 1;
    feed = createFeed(() => {
      paints += 1;
    });
    feed.accept({ kind: 'snapshot', seq, tables: fixtureTables(Date.now()) });
  });
  afterEach(() => {
    feed.drop();
    vi.useRealTimers();
  });

  it('paints the snapshot at once and ordinary deltas at most every tenth of a second', () => {
    expect(paints).toBe(1);
    for (let step = 1; step <= 20; step += 1) {
      delta(['pairs', PAIR, { ageMs: 1_000 + step }]);
      vi.advanceTimersByTime(50);
    }
    expect(paints).toBeLessThanOrEqual(1 + 1_000 / PAINT_EVERY_MS);
    vi.advanceTimersByTime(PAINT_EVERY_MS);
    expect(shownAge()).toBe(1_020);
  });

  it.each([
    { kill: { latchedUnixMs: 1, source: 'http', by: 'x', reason: '', verifiedUnixMs: null, remaining: [] } },
    { pause: { latchedUnixMs: 1, source: 'http', by: 'x', reason: '' } },
    { tradingState: 'halted' },
    { ledgerFault: 'disk full' },
  ])('paints %o at once', (fields) => {
    delta(['engine', 'engine', fields]);
    expect(paints).toBe(2);
    expect(useConsole.getState().tables.engine['engine']).toMatchObject(fields);
  });

  it('tells listeners every frame, painted or not', () => {
    const heard: unknown[] = [];
    const stop = feed.listen((tables) => heard.push(tables.pairs[PAIR]?.ageMs));
    delta(['pairs', PAIR, { ageMs: 5 }]);
    delta(['pairs', PAIR, { ageMs: 6 }]);
    stop();
    delta(['pairs', PAIR, { ageMs: 7 }]);
    expect(heard).toEqual([5, 6]);
    expect(paints).toBe(1);
  });

  it('drops its copy at a gap and paints nothing from it', () => {
    seq += 1;
    expect(delta(['pairs', PAIR, { ageMs: 99 }])).toBe('gap');
    expect(delta(['pairs', PAIR, { ageMs: 99 }])).toBe('gap');
    vi.advanceTimersByTime(1_000);
    expect(shownAge()).not.toBe(99);
  });
});
