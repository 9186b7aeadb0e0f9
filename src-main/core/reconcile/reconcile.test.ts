import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientOrderId, GroupId, InstrumentId, IntentId } from '../../../src-shared/domain/ids.ts';
import type { OpenOrderReport, OrderRecord, OrderState, PositionReport } from '../../../src-shared/domain/order.ts';
import { clientOrderIdOf, groupIdOf, intentIdOf } from '../intentId.ts';
import {
  acceptDifference,
  comparePosition,
  FILLS_OVERLAP_MS,
  firstCursor,
  isOwnName,
  isUnsettled,
  MAX_FILLS_LOOKBACK_MS,
  nextCursor,
  ordersAt,
  quietMark,
  RECOVERY_OVERLAP_MS,
  sortOpenOrders,
} from './reconcile.ts';

const group = groupIdOf(intentIdOf('run-1', 3, 1, 77));
const nameOf = (attempt: number, leg: 'a' | 'b' = 'a'): ClientOrderId => clientOrderIdOf(group, leg, attempt);

const orderOf = (attempt: number, state: OrderState, more: Partial<OrderRecord> = {}): OrderRecord =>
  ({
    request: { clientOrderId: nameOf(attempt), groupId: group, venueId: 'va', qty: '3' },
    state,
    venueOrderId: null,
    filledQty: '0',
    bookedQty: '0',
    committedUnixMs: 1_000,
    endedUnixMs: null,
    ...more,
  }) as OrderRecord;

const listed = (clientOrderId: string | null, venueOrderId = 'v1'): OpenOrderReport => ({
  venueOrderId,
  clientOrderId,
  symbol: 'X',
  side: 'buy',
  qty: '3',
  filledQty: '0',
});

const LIVE: readonly OrderState[] = ['in-flight', 'working', 'unknown'];
const ENDED: readonly OrderState[] = ['filled', 'canceled', 'rejected', 'absent', 'quarantined'];

test('a name is ours exactly when we would have made it', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(1_295),
      fc.constantFrom(0 as const, 1 as const),
      fc.nat(1_000_000),
      fc.integer({ min: 1, max: 1_295 }),
      (run, pair, d, episode, n) => {
        expect(isOwnName(clientOrderIdOf(groupIdOf(intentIdOf(run, pair, d, episode)), n % 2 === 0 ? 'a' : 'b', n))).toBe(true);
      },
    ),
  );
  for (const foreign of [null, '', 'q', 'quantum', 'web_123', '3f2a', 'x-abcdef0123', nameOf(1).toUpperCase(), `${nameOf(1)}-1`])
    expect(isOwnName(foreign), String(foreign)).toBe(false);
});

describe('quiet', () => {
  test.each(LIVE)('an order that is %s is not', (state) => {
    expect(quietMark([orderOf(1, 'filled', { filledQty: '3', bookedQty: '3' }), orderOf(2, state)])).toBeNull();
  });
  test.each(ENDED)('one that is %s is, if its fills are booked', (state) => {
    expect(quietMark([orderOf(1, state)])).not.toBeNull();
    expect(isUnsettled(orderOf(1, state, { filledQty: '3.0', bookedQty: '3' }))).toBe(false);
    expect(isUnsettled(orderOf(1, state, { filledQty: '3', bookedQty: '2' }))).toBe(state !== 'quarantined');
  });
  test('every change of an order changes the mark', () => {
    const marks = [
      [],
      [orderOf(1, 'canceled')],
      [orderOf(2, 'canceled')],
      [orderOf(1, 'rejected')],
      [orderOf(1, 'canceled', { bookedQty: '1', filledQty: '1' })],
      [orderOf(1, 'canceled'), orderOf(2, 'canceled')],
    ].map((orders) => quietMark(orders));
    expect(new Set(marks).size).toBe(marks.length);
    expect(quietMark([orderOf(1, 'canceled')])).toBe(marks[1]);
  });
  test('only orders of the venue count', () => {
    const there = orderOf(2, 'working');
    const elsewhere = { ...there, request: { ...there.request, venueId: 'vb' } } as OrderRecord;
    expect(ordersAt({ one: orderOf(1, 'filled'), two: elsewhere }, 'va').map((o) => o.request.clientOrderId)).toEqual([nameOf(1)]);
  });
});

describe('open orders', () => {
  test('are ours by name or by the id of the venue; everything else is foreign', () => {
    const book = [
      orderOf(1, 'working'),
      orderOf(2, 'unknown', { venueOrderId: 'v2' }),
      orderOf(3, 'absent'),
      orderOf(4, 'working'),
      orderOf(5, 'in-flight'),
    ];
    const seen = sortOpenOrders(
      [listed(nameOf(1)), listed(null, 'v2'), listed(nameOf(3)), listed(nameOf(9)), listed('by-hand'), listed(null, 'v7')],
      book,
    );
    expect(seen.own).toHaveLength(4);
    expect(seen.foreign.map((o) => o.clientOrderId)).toEqual(['by-hand', null]);
    expect(seen.working.map(({ order }) => order)).toEqual([book[0], book[1]]);
    expect(seen.ended).toEqual([book[2]]);
    expect(seen.unexplained.map((o) => o.clientOrderId)).toEqual([nameOf(9)]);
    // In flight may not have arrived yet, unknown is asked for anyway: only "working" is missed.
    expect(seen.missing).toEqual([book[3]]);
  });
  test('an empty list ends nothing', () => {
    const book = [...LIVE, ...ENDED].map((state, i) => orderOf(i + 1, state));
    const seen = sortOpenOrders([], book);
    expect([seen.own, seen.foreign, seen.working, seen.unexplained, seen.ended]).toEqual([[], [], [], [], []]);
    expect(seen.missing.map((o) => o.state)).toEqual(['working']);
  });
});

describe('positions', () => {
  const at = (qty: string, foreignQty: string | null = null): PositionReport => ({
    instrumentId: 'X@va' as InstrumentId,
    qty,
    foreignQty,
    avgPx: null,
  });
  const held = (qty: string, foreignQty = '0') => ({ qty, foreignQty });

  test.each([
    ['first sight: all of it is foreign', null, at('5'), '1', 'agrees', held('0', '5')],
    ['first sight, flat', null, null, null, 'agrees', held('0', '0')],
    ['first sight where the venue knows: its own word', null, at('5', '2'), '1', 'differs', held('0', '2')],
    ['ours alone', held('-2'), at('-2.000'), '1', 'agrees', held('-2')],
    ['ours and foreign', held('-2', '7'), at('5'), '1', 'agrees', held('-2', '7')],
    ['not listed is flat', held('0'), null, '1', 'agrees', held('0')],
    ['not listed, yet ours', held('1'), null, '1', 'differs', held('1')],
    ['less than a step apart', held('1'), at('1.999'), '1', 'agrees', held('1')],
    ['exactly a step apart', held('1'), at('2'), '1', 'differs', held('1')],
    ['a step below', held('1'), at('0'), '1', 'differs', held('1')],
    ['without a known step only equal agrees', held('1'), at('1.0001'), null, 'differs', held('1')],
    ['a foreign part that the venue knows may change', held('1', '4'), at('10', '9'), '1', 'agrees', held('1', '9')],
    ['a foreign part that it does not know may not', held('1', '4'), at('10'), '1', 'differs', held('1', '4')],
    [
      'accepted as foreign where the venue knows',
      { ...held('1', '3'), acceptedQty: '2' },
      at('5', '2'),
      '1',
      'agrees',
      { ...held('1', '4'), acceptedQty: '2' },
    ],
    ['ours is gone and as much foreign has come', held('1'), at('1', '1'), '0.1', 'differs', held('1', '1')],
  ] as const)('%s', (_name, holding, report, step, code, after) => {
    const verdict = comparePosition(holding, report, step);
    expect(verdict.code).toBe(code);
    expect(verdict.holding).toEqual(after);
    expect(Number(verdict.reported)).toBe(Number(report?.qty ?? 0));
    expect(Number(verdict.own)).toBe(Number(after.qty) + Number(after.foreignQty));
  });

  const qty = fc.integer({ min: -1_000, max: 1_000 }).map((n) => (n / 100).toFixed(2));
  test('an accepted difference agrees from then on, and only as it was', () => {
    fc.assert(
      fc.property(qty, qty, qty, fc.option(qty), (ours, foreign, reported, known) => {
        const report = at(reported, known);
        const before = comparePosition(held(ours, foreign), report, '0.01');
        const holding = acceptDifference(before.holding, before);
        expect(holding.qty).toBe(before.holding.qty);
        expect(comparePosition(holding, report, '0.01').code).toBe('agrees');
        const moved = at((Number(reported) + 0.01).toFixed(2), known);
        expect(comparePosition(holding, moved, '0.01').code).toBe('differs');
      }),
    );
  });
});

describe('the cursor of fills', () => {
  test('starts before everything of ours that may have happened unheard', () => {
    expect(firstCursor([], 50_000)).toBe(50_000);
    const settled = orderOf(1, 'filled', { filledQty: '1', bookedQty: '1', committedUnixMs: 10_000, endedUnixMs: 11_000 });
    const later = orderOf(2, 'canceled', { committedUnixMs: 20_000, endedUnixMs: 21_000 });
    expect(firstCursor([settled, later], 50_000)).toBe(21_000 - RECOVERY_OVERLAP_MS);
    expect(firstCursor([settled, later, orderOf(3, 'unknown', { committedUnixMs: 9_000 })], 50_000)).toBe(9_000 - RECOVERY_OVERLAP_MS);
    expect(firstCursor([{ ...settled, filledQty: '2' }, later], 50_000)).toBe(10_000 - RECOVERY_OVERLAP_MS);
    // A clock that was set back meanwhile never moves it forward.
    expect(firstCursor([later], 15_000)).toBe(15_000 - RECOVERY_OVERLAP_MS);
  });

  test('moves only when settled, always overlaps, follows the venue back, and waits no longer than its bound', () => {
    const now = 10 * MAX_FILLS_LOOKBACK_MS;
    expect(nextCursor(5_000, null, true)).toBe(5_000);
    expect(nextCursor(now - 1_000_000, now, true)).toBe(now - FILLS_OVERLAP_MS);
    expect(nextCursor(now - 1_000_000, now, false)).toBe(now - 1_000_000);
    expect(nextCursor(now + 1_000_000, now, false)).toBe(now - FILLS_OVERLAP_MS);
    expect(nextCursor(0, now, false)).toBe(now - MAX_FILLS_LOOKBACK_MS);
    expect(nextCursor(0, now, true)).toBe(now - FILLS_OVERLAP_MS);
  });

  test('never passes a fill that is not booked while its order is live', () => {
    const lives = fc.array(
      fc.record({ placed: fc.nat(600_000), lasts: fc.nat(1_200_000), fillAt: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { maxLength: 8 },
    );
    const looks = fc.array(fc.nat(2_000_000), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(lives, looks, (orders, moments) => {
        let cursor = 0;
        for (const now of moments.toSorted((p, q) => p - q)) {
          // Each fill becomes known at the very end of its order's life: later than every look before that.
          for (const { placed, lasts, fillAt } of orders) {
            const unbooked = placed <= now && now < placed + lasts;
            if (unbooked) expect(cursor).toBeLessThanOrEqual(placed + lasts * fillAt);
          }
          const settled = orders.every(({ placed, lasts }) => now < placed || placed + lasts <= now);
          cursor = nextCursor(cursor, now, settled);
        }
      }),
    );
  });
});

test('ids of groups and intents are not names of orders', () => {
  expect(isOwnName(group satisfies GroupId)).toBe(false);
  expect(isOwnName(intentIdOf('run-1', 0, 0, 1) satisfies IntentId)).toBe(false);
});
