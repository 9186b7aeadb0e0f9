import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEMO_INSTRUMENTS, demoInstrument, fixedText, keyOf, tickSizeOf } from './instruments.ts';
import { createMarketModel, type BookUpdate, type MarketModelSettings } from './model.ts';

const SETTINGS: MarketModelSettings = { seed: 11, instruments: DEMO_INSTRUMENTS, dislocations: [], breaks: {} };

const run = (settings: MarketModelSettings, untilMs: number, stepsMs: readonly number[] = [untilMs]): BookUpdate[] => {
  const model = createMarketModel(settings);
  const out: BookUpdate[] = [];
  let at = 0;
  for (let i = 0; at < untilMs; i += 1) {
    at = Math.min(untilMs, at + stepsMs[i % stepsMs.length]!);
    model.advance(at, (u) => out.push(u));
  }
  return out;
};
const digest = (updates: readonly BookUpdate[]): string =>
  createHash('sha256')
    .update(
      updates.map((u) => [keyOf(u.instrument), u.atMs, u.bidTicks, u.askTicks, u.bidQtySteps, u.askQtySteps, u.updateId].join()).join('\n'),
    )
    .digest('hex');

describe('the market model', () => {
  it('is a function of seed and virtual time, however it is advanced', () => {
    const whole = digest(run(SETTINGS, 4_000));
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.5, max: 900, noNaN: true }), { minLength: 1, maxLength: 5 }), (steps) => {
        expect(digest(run(SETTINGS, 4_000, steps))).toBe(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('differs from seed to seed', () => {
    expect(digest(run({ ...SETTINGS, seed: 12 }, 1_000))).not.toBe(digest(run(SETTINGS, 1_000)));
  });

  it('keeps an instrument’s market when another is added', () => {
    const xau = SETTINGS.instruments.filter((x) => x.underlying === 'XAU');
    const alone = run({ ...SETTINGS, instruments: xau }, 2_000);
    const among = run(SETTINGS, 2_000).filter((u) => u.instrument.underlying === 'XAU');
    expect(digest(alone)).toBe(digest(among));
  });

  it('never locks or crosses a book, repeats an id, or leaves a gap beyond the limit', () => {
    const last = new Map<string, BookUpdate>();
    for (const u of run(SETTINGS, 30_000)) {
      expect(u.bidTicks).toBeLessThan(u.askTicks);
      expect(Math.min(u.bidQtySteps, u.askQtySteps)).toBeGreaterThan(0);
      const before = last.get(keyOf(u.instrument));
      if (before !== undefined) {
        expect(u.updateId).toBeGreaterThan(before.updateId);
        expect(u.atMs - before.atMs).toBeLessThanOrEqual(u.instrument.shape.maxGapMs);
      }
      last.set(keyOf(u.instrument), u);
    }
    expect(last.size).toBe(DEMO_INSTRUMENTS.length);
  });

  it('changes only a size in most futures updates', () => {
    const btc = run(SETTINGS, 30_000).filter((u) => keyOf(u.instrument) === 'BTCUSDT@binance-usdm');
    const sizeOnly = btc.filter((u, i) => i > 0 && u.bidTicks === btc[i - 1]!.bidTicks && u.askTicks === btc[i - 1]!.askTicks).length;
    expect(btc.length).toBeGreaterThan(1_000);
    expect(sizeOnly / btc.length).toBeGreaterThan(0.9);
  });

  it('stops the broker’s gold in its break and widens every gold around it', () => {
    const breaks = { XAU: { everyMs: 40_000, breakMs: 10_000, shoulderMs: 5_000, widthFactor: 10 } };
    const updates = run({ ...SETTINGS, breaks }, 40_000);
    const inside = (u: BookUpdate) => u.atMs >= 25_000 && u.atMs < 35_000;
    const widths = (key: string, from: number, to: number) => {
      const some = updates.filter((u) => keyOf(u.instrument) === key && u.atMs >= from && u.atMs < to);
      return some.reduce((sum, u) => sum + (u.askTicks - u.bidTicks), 0) / some.length;
    };
    expect(updates.some((u) => keyOf(u.instrument) === 'XAUUSD@mt5' && inside(u))).toBe(false);
    expect(updates.some((u) => keyOf(u.instrument) === 'XAU-USDT-SWAP@okx' && inside(u))).toBe(true);
    expect(widths('XAUUSD@mt5', 20_500, 25_000) / widths('XAUUSD@mt5', 0, 20_000)).toBeGreaterThan(7);
    expect(widths('BTCUSD@mt5', 20_500, 25_000) / widths('BTCUSD@mt5', 0, 20_000)).toBeLessThan(1.5);
  });

  it('follows an anchor', () => {
    const model = createMarketModel({ ...SETTINGS, instruments: [demoInstrument('okx', 'XAU-USDT-SWAP')] });
    model.anchor('XAU', 1_290.5);
    const out: BookUpdate[] = [];
    model.advance(2_000, (u) => out.push(u));
    for (const u of out) expect(Math.abs(u.bidTicks * tickSizeOf(u.instrument) - 1_290.5)).toBeLessThan(2);
    expect(() => model.anchor('XAU', Number.NaN)).toThrow(RangeError);
  });

  it('dislocates the named instrument at the planned time and lets it come back', () => {
    const plan = {
      instrument: 'XAU-USDT-SWAP@okx',
      firstMs: 5_000,
      minGapMs: 60_000,
      maxGapMs: 60_000,
      minBps: 12,
      maxBps: 12,
      minHoldMs: 3_000,
      maxHoldMs: 3_000,
    };
    const basis = (updates: readonly BookUpdate[], from: number, to: number) => {
      const mid = (key: string) => {
        const some = updates.filter((u) => keyOf(u.instrument) === key && u.atMs >= from && u.atMs < to);
        return some.reduce((sum, u) => sum + ((u.bidTicks + u.askTicks) / 2) * tickSizeOf(u.instrument), 0) / some.length;
      };
      return (mid('XAU-USDT-SWAP@okx') / mid('XAUUSD@mt5') - 1) * 10_000;
    };
    const updates = run({ ...SETTINGS, dislocations: [plan] }, 16_000);
    const calm = basis(updates, 0, 5_000);
    expect(Math.abs(basis(updates, 5_400, 8_300) - calm)).toBeGreaterThan(9);
    expect(Math.abs(basis(updates, 13_000, 16_000) - calm)).toBeLessThan(4);
  });
});

describe('fixedText', () => {
  it('prints whole units without floats', () => {
    expect(fixedText(6_180_030, 2)).toBe('61800.30');
    expect(fixedText(5, 3)).toBe('0.005');
    expect(fixedText(-5, 1)).toBe('-0.5');
    expect(fixedText(6_180_000, 2, true)).toBe('61800');
    expect(fixedText(6_180_010, 2, true)).toBe('61800.1');
    expect(fixedText(12, 0)).toBe('12');
  });
});
