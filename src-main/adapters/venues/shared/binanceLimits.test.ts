/** How the venue's own counts and limits reach our counters, and whom its wish for silence silences. */
import { describe, expect, test } from 'vitest';
import { allowancesOf, BAN_MS, hearHeaders, hearLimits, heedBan, heedReply } from './binanceLimits.ts';
import { Usage } from './orders/usage.ts';
import { MAX_RETRY_AFTER_MS } from './retryAfter.ts';
import { ManualTime } from './scriptedVenue.testkit.ts';

const DOCUMENTED = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
  { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
];
const make = () => {
  const time = new ManualTime();
  const { allowances, budgets } = allowancesOf(DOCUMENTED);
  const usage = new Usage(time, allowances, budgets);
  const of = (name: string) => usage.reports().find((each) => each.name === name)!;
  return { time, usage, of };
};

test('an order draws on every counter of orders, a question on weight alone', () => {
  const { usage, of } = make();
  expect(usage.reports().map(({ name, max, windowMs }) => [name, max, windowMs])).toEqual([
    ['weight 1 min', 2_400, 60_000],
    ['orders 10 s', 300, 10_000],
    ['orders 1 min', 1_200, 60_000],
  ]);
  usage.take('order', 1, 'entry');
  usage.take('weight', 40, 'question');
  expect([of('weight 1 min').used, of('orders 10 s').used, of('orders 1 min').used]).toEqual([40, 1, 1]);
});

test('headers are the venue’s word, down as well as up; unknown ones are nothing', () => {
  const { usage, of } = make();
  hearHeaders(usage, { 'x-mbx-used-weight-1m': '700', 'x-mbx-order-count-10s': '12', 'x-mbx-order-count-1m': '34', 'x-mbx-uuid': 'a' });
  hearHeaders(usage, { 'x-mbx-used-weight-1m': '3', 'x-mbx-order-count-1h': '9', 'content-type': 'x' });
  expect([of('weight 1 min').used, of('orders 10 s').used, of('orders 1 min').used]).toEqual([3, 12, 34]);
});

test('limits and counts of replies are taken over', () => {
  const { usage, of } = make();
  const limit = { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 77, count: 5 };
  hearLimits(usage, {
    id: '1',
    status: 200,
    rateLimits: [limit, { rateLimitType: 'CONNECTIONS', interval: 'MINUTE', intervalNum: 5, limit: 300 }],
  });
  expect(of('orders 10 s')).toMatchObject({ used: 5, max: 77 });
  for (const other of [null, {}, { rateLimits: 7 }]) hearLimits(usage, other);
});

describe('a reply that wants silence', () => {
  const refuse = (code: number, status: number, retryAfter?: number) => ({
    id: '1',
    status,
    error: { code, msg: '', ...(retryAfter === undefined ? {} : { data: { retryAfter } }) },
  });

  test('too many orders silence orders, and questions go on', () => {
    const { usage, time } = make();
    heedReply(usage, refuse(-1015, 400), null);
    expect(usage.take('order', 1, 'safety')).toMatchObject({ taken: false, waitMs: 10_000 });
    expect(usage.take('weight', 1, 'question').taken).toBe(true);
    time.skip(10_001);
    expect(usage.take('order', 1, 'safety').taken).toBe(true);
  });

  test('too much weight and bans silence everything, until the moment that the venue names', () => {
    for (const [code, status] of [
      [-1003, 400],
      [-1, 429],
      [-1, 418],
    ] as const) {
      const { usage } = make();
      heedReply(usage, refuse(code, status, 1_000_000 + 33_000), 1_000_000);
      expect(usage.take('weight', 1, 'safety')).toMatchObject({ taken: false, waitMs: 33_000 });
      expect(usage.take('order', 1, 'safety').taken).toBe(false);
    }
    const { usage } = make();
    heedReply(usage, refuse(-1003, 429, 999_990), 1_000_000);
    expect(usage.take('weight', 1, 'safety').taken).toBe(true);
    heedReply(usage, refuse(-1003, 429), 1_000_000);
    expect(usage.take('weight', 1, 'safety')).toMatchObject({ taken: false, waitMs: 60_000 });
  });

  test('futures name the end of a ban in words alone: no one asks before it', () => {
    const now = 1_795_353_000_000;
    const words = (until: number) =>
      `Way too many requests; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`;
    const banned = (until: number) => ({ id: '1', status: 418, error: { code: -1003, msg: words(until) } });
    const waitOf = (heed: (usage: Usage) => void): number | null => {
      const { usage } = make();
      heed(usage);
      const taken = usage.take('order', 1, 'safety');
      return taken.taken ? null : taken.waitMs;
    };
    expect(waitOf((usage) => heedReply(usage, banned(now + 7_200_000), now))).toBe(7_200_000);
    expect(waitOf((usage) => heedBan(usage, { status: 418, text: words(now + 7_200_000) }, now))).toBe(7_200_000);
    // The web-socket API's own figure counts before the words.
    const both = { ...banned(now + 7_200_000), error: { ...banned(now + 7_200_000).error, data: { retryAfter: now + 90_000 } } };
    expect(waitOf((usage) => heedReply(usage, both, now))).toBe(90_000);
    // No words, no clock, another century: two minutes are the least that a ban takes.
    const silent = { id: '1', status: 418, error: { code: -1003, msg: 'banned' } };
    expect(waitOf((usage) => heedReply(usage, silent, now))).toBe(BAN_MS);
    expect(waitOf((usage) => heedReply(usage, banned(now + 7_200_000), null))).toBe(BAN_MS);
    expect(waitOf((usage) => heedBan(usage, { status: 418, text: words(now * 2) }, now))).toBe(MAX_RETRY_AFTER_MS);
    // What has passed, and what is no ban, silences nothing here.
    for (const answer of [
      { status: 418, text: words(now - 1) },
      { status: 200, text: words(now + 7_200_000) },
      { status: 418, text: '' },
    ])
      expect(waitOf((usage) => heedBan(usage, answer, now))).toBeNull();
  });

  test('other refusals silence nothing', () => {
    const { usage } = make();
    for (const other of [refuse(-2019, 400), refuse(-1021, 400), { id: '1', status: 200, result: {} }, null]) heedReply(usage, other, 1);
    expect(usage.take('order', 1, 'entry').taken).toBe(true);
    expect(usage.take('weight', 1, 'question').taken).toBe(true);
  });
});
