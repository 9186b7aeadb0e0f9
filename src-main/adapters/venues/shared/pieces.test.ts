import { assert as holds, array, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binanceSubscribeCalls, interpretBinance, MAX_STREAMS_PER_CALL } from './binanceStream.ts';
import { subscribeCall } from './binanceWire.ts';
import { Backoff } from './backoff.ts';
import { Budget, prudent } from './budget.ts';
import { ClockOffset, HALF_WINDOW_US, MAX_TRANSIT_MS } from './clockOffset.ts';
import { QuoteSequence, RENUMBERED_AFTER_US } from './quoteSequence.ts';
import { MAX_RETRY_AFTER_MS, retryAfterMsOf } from './retryAfter.ts';
import { moved } from './socketPhase.ts';
import { SymbolTable, UNKNOWN_SLOT } from './symbolTable.ts';

describe('budget', () => {
  it('gives exactly so many within a window, and says when the next is free', () => {
    const budget = new Budget({ max: 3, windowMs: 1_000 });
    expect([0, 1_000, 2_000].map((us) => budget.take(us))).toEqual([0, 0, 0]);
    expect(budget.take(500_000)).toBe(500);
    expect(budget.take(999_999)).toBe(1);
    expect(budget.take(1_000_000)).toBe(0);
    expect(budget.take(1_000_000)).toBe(1);
  });

  it('holds in every window, whatever the times', () => {
    holds(
      property(array(integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 200 }), (gaps) => {
        const budget = new Budget({ max: 5, windowMs: 1_000 });
        const taken: number[] = [];
        let nowUs = 0;
        for (const gap of gaps) {
          nowUs += gap;
          if (budget.take(nowUs) === 0) taken.push(nowUs);
        }
        for (const start of taken) expect(taken.filter((at) => at >= start && at < start + 1_000_000).length).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('plans with less than what the venue documents, but with something', () => {
    expect(prudent(5, 1_000)).toEqual({ max: 4, windowMs: 1_000 });
    expect(prudent(1, 1_000).max).toBe(1);
  });
});

describe('back-off', () => {
  it('doubles to its bound, with half of it random', () => {
    const delays = (random: number) => {
      const backoff = new Backoff({ firstMs: 500, maxMs: 3_000 }, () => random);
      return [1, 2, 3, 4, 5].map(() => backoff.nextDelayMs());
    };
    expect(delays(0)).toEqual([250, 500, 1_000, 1_500, 1_500]);
    expect(delays(0.999_999)).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
  });

  it('begins anew after a reset and never overflows', () => {
    const backoff = new Backoff({ firstMs: 500, maxMs: 3_000 }, () => 0.5);
    for (let k = 0; k < 5_000; k++) expect(backoff.nextDelayMs()).toBeLessThanOrEqual(3_000);
    backoff.reset();
    expect(backoff.nextDelayMs()).toBe(375);
  });
});

describe('sequence', () => {
  it('orders numbers and bigints alike', () => {
    const sequence = new QuoteSequence(1);
    expect(sequence.take(0, 9_007_199_254_740_991, null, 0)).toBe('news');
    expect(sequence.take(0, 9_007_199_254_740_992n, null, 0)).toBe('news');
    expect(sequence.take(0, 9_007_199_254_740_992n, null, 0)).toBe('repeat');
    expect(sequence.take(0, 5, null, 0)).toBe('late');
  });

  it('keeps instruments apart and lets quotes without id pass', () => {
    const sequence = new QuoteSequence(2);
    expect(sequence.take(0, 10, null, 0)).toBe('news');
    expect(sequence.take(1, 3, null, 0)).toBe('news');
    expect(sequence.take(1, null, null, 0)).toBe('news');
    expect(sequence.take(0, 10, null, 0)).toBe('repeat');
  });

  it('accepts an announced reset at once, an unannounced one after a while, and a fresh start always', () => {
    const sequence = new QuoteSequence(1);
    sequence.take(0, 100, null, 0);
    expect(sequence.take(0, 7, 99, 0)).toBe('news');
    expect(sequence.take(0, 6, null, 1)).toBe('late');
    expect(sequence.take(0, 6, null, RENUMBERED_AFTER_US)).toBe('late');
    expect(sequence.take(0, 6, null, RENUMBERED_AFTER_US + 1)).toBe('news');
    sequence.forget();
    expect(sequence.take(0, 1, null, 2)).toBe('news');
  });

  it('forgets a moment of lateness once the ids rise again', () => {
    const sequence = new QuoteSequence(1);
    sequence.take(0, 100, null, 0);
    sequence.take(0, 99, null, 0);
    sequence.take(0, 101, null, 1);
    expect(sequence.take(0, 100, null, RENUMBERED_AFTER_US * 2)).toBe('late');
  });
});

describe('clock offset', () => {
  const rest = { serverMs: 10_000, midUnixMs: 9_000, roundTripMs: 40 };

  it('takes REST while the frames agree', () => {
    const offset = new ClockOffset();
    expect(offset.estimate()).toBeNull();
    offset.setRest(rest);
    offset.frame(50_000, 49_010, 0);
    expect(offset.estimate()).toEqual({ offsetMs: 1_000.5, uncertaintyMs: 20.5, roundTripMs: 40 });
  });

  it.each([
    ['before they were sent', 50_000 - 1_000.5 - 20.6],
    ['later than any network', 50_000 - 1_000.5 + 20.6 + MAX_TRANSIT_MS],
  ])('takes the frames when they would have come %s', (_name, receivedMs) => {
    const offset = new ClockOffset();
    offset.setRest(rest);
    offset.frame(50_000, receivedMs, 0);
    expect(offset.contradictionMs).not.toBe(0);
    expect(offset.estimate()?.offsetMs).toBeCloseTo(50_000 - receivedMs, 6);
  });

  it('keeps the smallest delay of a rolling window', () => {
    const offset = new ClockOffset();
    offset.frame(100, 105, 0);
    offset.frame(200, 290, 1);
    offset.frame(Number.NaN, 0, 2);
    expect(offset.leastDelayMs).toBe(5);
    offset.frame(300, 350, HALF_WINDOW_US);
    expect(offset.leastDelayMs).toBe(5);
    offset.frame(400, 460, HALF_WINDOW_US * 2);
    expect(offset.leastDelayMs).toBe(50);
    offset.frame(500, 570, HALF_WINDOW_US * 9);
    expect(offset.leastDelayMs).toBe(70);
    offset.forget();
    expect(offset.leastDelayMs).toBeNull();
  });
});

describe('small parts', () => {
  it('refuses moves that cannot happen', () => {
    expect(moved('subscribing-with-data', 'acknowledged')).toBe('live');
    expect(moved('retiring', 'data')).toBe('retiring');
    expect(() => moved('ended', 'data')).toThrow('ended cannot be data');
    expect(() => moved('connecting', 'acknowledged')).toThrow();
  });

  it('finds every symbol by its bytes and nothing else', () => {
    const symbols = Array.from({ length: 400 }, (_, k) => `S${k * 7919}USDT`);
    const table = new SymbolTable(symbols);
    for (const [slot, symbol] of symbols.entries()) {
      const bytes = Buffer.from(`..${symbol}..`);
      expect(table.slotOf(bytes, 2, 2 + symbol.length)).toBe(slot);
      expect(table.slotOf(bytes, 1, 2 + symbol.length)).toBe(UNKNOWN_SLOT);
    }
    expect(() => new SymbolTable(['A', 'B', 'A'])).toThrow('A');
  });

  it('reads Retry-After in seconds, bounded', () => {
    expect([undefined, '', 'soon', '-1', '2', '1.5', '1e12'].map(retryAfterMsOf)).toEqual([0, 0, 0, 0, 2_000, 1_500, MAX_RETRY_AFTER_MS]);
  });

  it('splits subscriptions at the edge of a call', () => {
    const calls = binanceSubscribeCalls(Array.from({ length: MAX_STREAMS_PER_CALL + 1 }, (_, k) => `S${k}`));
    expect(calls.map(({ slots }) => slots.length)).toEqual([MAX_STREAMS_PER_CALL, 1]);
    expect(calls[1]!.slots).toEqual([MAX_STREAMS_PER_CALL]);
    expect(subscribeCall.parse(JSON.parse(calls[1]!.text))).toEqual({
      method: 'SUBSCRIBE',
      params: [`s${MAX_STREAMS_PER_CALL}@bookTicker`],
      id: 2,
    });
  });

  it("understands both forms of Binance's errors", () => {
    expect(interpretBinance({ error: { code: 3, msg: 'Invalid JSON' }, id: null })).toMatchObject({
      kind: 'refused',
      requestId: null,
      code: '3',
    });
    expect(interpretBinance({ code: 2, msg: 'bad', id: 4 })).toMatchObject({ kind: 'refused', requestId: '4', text: 'bad' });
    expect(interpretBinance({ e: 'serverShutdown' })).toMatchObject({ kind: 'closing-soon' });
    expect(interpretBinance({})).toEqual({ kind: 'unrecognised' });
  });
});
