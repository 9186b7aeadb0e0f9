import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget } from './exchange/budget.ts';
import { createFaultSwitch, FaultRefused, faultSchema } from './faults.ts';

const refusedField = (fault: unknown): string => {
  try {
    createFaultSwitch(1, 'okx').inject(fault);
  } catch (error) {
    if (error instanceof FaultRefused) return error.field;
    throw error;
  }
  return 'taken';
};

describe('faults', () => {
  it.each([
    [{ kind: 'drop', share: 0, durationMs: 5 }, 'share'],
    [{ kind: 'drop', share: 1.1, durationMs: 5 }, 'share'],
    [{ kind: 'drop', share: 1 }, 'durationMs'],
    [{ kind: 'delay', delayMs: 60_001, durationMs: 5 }, 'delayMs'],
    [{ kind: 'silence', durationMs: 3_600_001 }, 'durationMs'],
    [{ kind: 'close', code: 999 }, 'code'],
    [{ kind: 'garbage', count: 1_001 }, 'count'],
    [{ kind: 'shiny' }, 'kind'],
    [{ kind: 'silence', durationMs: 5, duratoinMs: 5 }, 'duratoinMs'],
    [null, 'kind'],
  ])('refuses %j, naming %s', (fault, field) => {
    expect(refusedField(fault)).toBe(field);
  });

  it('takes the edges of every limit', () => {
    for (const fault of [
      { kind: 'delay', delayMs: 60_000, durationMs: 3_600_000 },
      { kind: 'drop', share: 1, durationMs: 1 },
      { kind: 'clock-skew', skewMs: -3_600_000 },
    ])
      expect(faultSchema.safeParse(fault).success).toBe(true);
  });

  it('lasts as long as it was asked to, and not a moment longer', () => {
    let now = 1_000;
    const faults = createFaultSwitch(1, 'okx', () => now);
    faults.inject({ kind: 'silence', durationMs: 100 });
    now += 99;
    expect(faults.silent()).toBe(true);
    expect(faults.active()).toEqual(['silence']);
    now += 1;
    expect(faults.silent()).toBe(false);
    expect(faults.active()).toEqual([]);
  });

  it('drops the same frames for the same seed', () => {
    const draws = (seed: number) => {
      const faults = createFaultSwitch(seed, 'okx');
      faults.inject({ kind: 'drop', share: 0.4, durationMs: 60_000 });
      return Array.from({ length: 64 }, () => (faults.drops() ? 'x' : '.')).join('');
    };
    expect(draws(5)).toBe(draws(5));
    expect(draws(5)).not.toBe(draws(6));
  });

  it('is cleared', () => {
    const faults = createFaultSwitch(1, 'okx');
    faults.inject({ kind: 'refuse', durationMs: 60_000 });
    faults.inject({ kind: 'clock-skew', skewMs: 9 });
    faults.inject({ kind: 'clear' });
    expect(faults.active()).toEqual([]);
    expect(faults.skewMs).toBe(0);
  });
});

describe('faults of the order side', () => {
  it('strikes the operation it was meant for, as often as it was asked to', () => {
    const faults = createFaultSwitch(1, 'okx');
    faults.inject({ kind: 'reject', code: '51008', message: 'no funds', count: 2 });
    faults.inject({ kind: 'reject', operation: 'cancel', code: '51400', message: 'gone' });
    expect(faults.active()).toEqual(['reject']);
    expect(faults.next('reject', 'query')).toBeNull();
    expect(faults.next('reject', 'cancel')).toMatchObject({ code: '51400' });
    expect([faults.next('reject', 'place')?.code, faults.next('reject', 'place')?.code]).toEqual(['51008', '51008']);
    expect(faults.next('reject', 'place')).toBeNull();
    expect(faults.active()).toEqual([]);
  });

  it('is in force until its time, and says how much is left', () => {
    let now = 0;
    const faults = createFaultSwitch(1, 'okx', () => now);
    faults.inject({ kind: 'rate-limit', durationMs: 1_000, ban: true });
    now = 999;
    expect(faults.timed('rate-limit')).toMatchObject({ ban: true, account: false, leftMs: 1 });
    now = 1_000;
    expect(faults.timed('rate-limit')).toBeNull();
  });

  it('strikes the same pushes for the same seed, and none without a fault', () => {
    const draws = (seed: number) => {
      const faults = createFaultSwitch(seed, 'okx');
      faults.inject({ kind: 'duplicate-push', share: 0.5, durationMs: 60_000 });
      return Array.from({ length: 64 }, () => (faults.strikes('duplicate-push') ? 'x' : '.')).join('');
    };
    expect(draws(5)).toBe(draws(5));
    expect(draws(5)).not.toBe(draws(6));
    expect(createFaultSwitch(5, 'okx').strikes('drop-push')).toBe(false);
  });

  it.each([
    [{ kind: 'partial', share: 1 }, 'share'],
    [{ kind: 'reject', code: 'x', message: '' }, 'code'],
    [{ kind: 'late-accept', delayMs: 60_001 }, 'delayMs'],
    [{ kind: 'unknown-503', count: 10_001 }, 'count'],
    [{ kind: 'listen-key-expire' }, 'kind'],
  ])('refuses %j, naming %s', (fault, field) => {
    expect(refusedField(fault)).toBe(field);
  });

  it('hands what happens at once to the venue', () => {
    const faults = createFaultSwitch(1, 'binance-usdm');
    const seen: unknown[] = [];
    faults.attachOrders({ liquidate: (...how) => seen.push(how), expireListenKeys: () => seen.push('expired') });
    faults.inject({ kind: 'liquidate', instrument: 'XAUUSDT', share: 0.5, how: 'adl' });
    faults.inject({ kind: 'listen-key-expire' });
    expect(seen).toEqual([['XAUUSDT', 0.5, 'adl'], 'expired']);
  });
});

describe('a budget', () => {
  it('never lets more than its limit through in any window', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (gaps, limit) => {
        const budget = createBudget(limit, 1_000);
        const taken: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          if (budget.take(now)) taken.push(now);
        }
        for (const at of taken) expect(taken.filter((t) => t > at - 1_000 && t <= at).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('gives back what is as old as the window', () => {
    const budget = createBudget(1, 1_000);
    expect(budget.take(0)).toBe(true);
    expect(budget.take(999)).toBe(false);
    expect(budget.take(1_000)).toBe(true);
  });
});
