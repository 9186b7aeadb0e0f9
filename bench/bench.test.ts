import { describe, expect, test } from 'vitest';
import { createBinanceDecoder } from '../src-main/adapters/venues/shared/binanceDecoder.ts';
import { BINANCE_SYMBOLS, damaged, frameOf, framesOf, quoteTexts, seeded } from './frames.ts';
import { httpJudge, lineJudge, post } from './httpLoad.ts';
import { judgedBy, plainPath } from './plainPath.ts';
import { bandOf, interleave, quantileOf, ratioBand, sortedOf } from './rounds.ts';
import { atLeast, atMost, figure, judge } from './verdict.ts';

describe('verdicts', () => {
  const band = (p10: number, median: number, p90: number) => ({ p10, median, p90, rounds: 9 });

  test('missed only when the better end misses, met only when the worse end meets', () => {
    expect(judge(band(0.3, 0.4, 0.45), atMost(0.45))).toBe('met');
    expect(judge(band(0.3, 0.4, 0.46), atMost(0.45))).toBe('too noisy to say');
    expect(judge(band(0.45, 0.9, 2), atMost(0.45))).toBe('too noisy to say');
    expect(judge(band(0.46, 0.9, 2), atMost(0.45))).toBe('missed');
    expect(judge(band(8, 9, 10), atLeast(8))).toBe('met');
    expect(judge(band(7.9, 9, 10), atLeast(8))).toBe('too noisy to say');
    expect(judge(band(5, 6, 7.9), atLeast(8))).toBe('missed');
  });

  test('figures keep three significant digits', () => {
    expect([0.0123456, 1.23456, 123.456, 12_345.6, 0].map(figure)).toEqual(['0.0123', '1.23', '123', '12,346', '0']);
  });
});

describe('rounds', () => {
  test('quantiles by nearest rank', () => {
    const sorted = sortedOf([5, 1, 4, 2, 3]);
    expect([0.1, 0.5, 0.8, 0.81, 1].map((q) => quantileOf(sorted, q))).toEqual([1, 3, 4, 5, 5]);
    expect(quantileOf(sortedOf([]), 0.5)).toBeNaN();
    expect(bandOf([3, 1, 2])).toEqual({ p10: 1, median: 2, p90: 3, rounds: 3 });
  });

  test('sides take turns, forwards and backwards, the first twice as its own control', async () => {
    const order: string[] = [];
    const side = (name: string, cost: number) => () => {
      order.push(name);
      return cost;
    };
    const { costs, control } = await interleave({ a: side('a', 2), b: side('b', 4) }, 2);
    expect(order.join('')).toBe(['ab', 'aba', 'aba'].join(''));
    expect(costs).toEqual({ a: [2, 2], b: [4, 4] });
    expect(control.median).toBe(1);
    expect(ratioBand(costs['a']!, costs['b']!).median).toBe(0.5);
    expect(() => ratioBand([1], [1, 2])).toThrow('1 rounds of one side, 2 of the other');
  });
});

describe('frames', () => {
  test('are reproducible, and damaging them changes them', () => {
    expect(framesOf('okx', 50, 1)).toEqual(framesOf('okx', 50, 1));
    const frame = framesOf('binance-usdm', 1, 1)[0]!;
    const random = seeded(4);
    const changed = Array.from({ length: 200 }, () => damaged(frame, random)).filter((bytes) => !bytes.equals(frame));
    expect(changed.length).toBeGreaterThan(150);
  });

  test('the judge and the plain path read what was written', () => {
    const quote = quoteTexts(1, 3)[0]!;
    for (const kind of ['binance-spot', 'binance-usdm', 'okx'] as const) {
      const frame = Buffer.from(frameOf(kind, quote));
      const taken: unknown[][] = [];
      expect(plainPath(kind)(frame, { quote: (...parts) => void taken.push(parts) })).toBe(true);
      expect(taken[0]?.slice(0, 5)).toEqual([quote.slot, ...[quote.bidPx, quote.bidQty, quote.askPx, quote.askQty].map(Number)]);
      expect(judgedBy(kind, frame)?.split(' ').slice(0, 3)).toEqual(
        [quote.slot, quote.bidPx, quote.bidQty].map((part) => String(Number(part))),
      );
    }
  });

  test('the judge refuses what is no usable quote, and a decoder that disagreed would be seen', () => {
    const whole = frameOf('binance-spot', quoteTexts(1, 3)[0]!);
    for (const broken of [
      '',
      '[]',
      'null',
      whole.slice(0, -1),
      whole.replace('"b":"', '"b":"-'),
      whole.replace('"u":', '"u":1e30,"x":'),
      whole.replace('"b":"', '"b":"0.1234567890123456'),
    ]) {
      expect(judgedBy('binance-spot', Buffer.from(broken)), broken).toBeNull();
      expect(createBinanceDecoder(BINANCE_SYMBOLS).decode(Buffer.from(broken)), broken).not.toBe('quote');
    }
  });
});

test('answers are judged whole', () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  expect(httpJudge(Buffer.from(answer.slice(0, -1)))).toBe('more');
  expect(httpJudge(Buffer.from(answer))).toBe('right');
  expect(httpJudge(Buffer.from(answer.replace('200 OK', '429 Slow')))).toBe('wrong');
  expect(lineJudge(Buffer.from('ok'))).toBe('more');
  expect(post(80, '/x', 'é', 't').toString()).toContain('Content-Length: 2\r\n\r\né');
});
