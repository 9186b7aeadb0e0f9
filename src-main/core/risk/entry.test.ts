import { describe, expect, test } from 'vitest';
import type { GroupId, IntentId, PairId } from '../../../src-shared/domain/ids.ts';
import type { RiskLimits } from '../../../src-shared/domain/limits.ts';
import { MS_PER_HOUR, MS_PER_MIN } from '../../../src-shared/domain/units.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { instrument, pairOf, settingsOf, venue, World, X_A, X_B } from '../core.testkit.ts';
import { newGroupClock } from '../hedging/records.ts';
import { GATES, gateList } from '../gates.ts';
import { RISK_GATES } from './entryPlan.ts';
import { judgeRisk } from './entry.ts';
import { accountOf, deniedBy, groupOf, orderOf, planOf, requestOf, SPREAD_BPS, tradable } from './risk.testkit.ts';

const withLimits = (world: World, limits: Partial<RiskLimits>): World => {
  world.state.book.limits = { ...world.state.book.limits, ...limits };
  return world;
};
const ended = { state: 'closed', endedUnixMs: 1 } as const;

test('where nothing speaks against it, an entry is sized by the limits and passes every gate', () => {
  const world = tradable();
  const plan = planOf(world);
  expect(plan.baseQty.toFixed()).toBe('0.5');
  expect(plan.notionalUsd).toBeCloseTo(5_000, 6);
  expect(deniedBy(world)).toEqual([]);
});

test('risk gates stand after the signal gates in "Why not?", in their order, with their figures', () => {
  const world = tradable();
  world.state.book.armed = null;
  const gates = gateList(planOf(world).evaluation);
  expect(gates.map((gate) => gate.code)).toEqual(GATES.map((gate) => gate.code));
  expect(gates.slice(-RISK_GATES.length).map((gate) => gate.code)).toEqual(RISK_GATES.map((gate) => gate.code));
  expect(gates.find((gate) => gate.code === 'armed')).toMatchObject({ passed: false, note: 'disarmed' });
  expect(gates.find((gate) => gate.code === 'notional')).toMatchObject({ passed: true, limit: 10_000, unit: 'usd' });
});

test('before anything is known, every gate that needs a figure denies', () => {
  const world = new World();
  world.start();
  const denied = deniedBy(world);
  for (const code of ['armed', 'reconciled', 'size', 'notional', 'collar', 'funds', 'margin', 'loss']) expect(denied).toContain(code);
});

describe('what we and the venues are doing', () => {
  test('disarmed', () => {
    const world = tradable();
    world.state.book.armed = null;
    expect(deniedBy(world)).toEqual(['armed']);
  });

  test.each(['all', 'pair:pair', 'venue:va', 'venue:vb'] as const)('a pause of %s', (scope) => {
    const world = tradable();
    world.command('pause', 'test', { scope });
    expect(deniedBy(world)).toEqual(['stopped']);
    world.command('resume', 'test', { scope });
    expect(deniedBy(world)).toEqual([]);
  });

  test('a stop of another pair or venue does not reach', () => {
    const other = pairOf(instrument('Y', 'vc'), instrument('Y', 'vb'), { id: 'other' as PairId });
    const settings = settingsOf({
      venues: [venue('va'), venue('vb'), venue('vc')],
      instruments: [X_A, X_B, instrument('Y', 'vc'), instrument('Y', 'vb')],
      pairs: [pairOf(X_A, X_B), other],
    });
    const world = tradable(settings);
    world.command('pause', 'test', { scope: 'pair:other' });
    world.command('pause', 'test', { scope: 'venue:vc' });
    expect(deniedBy(world)).toEqual([]);
  });

  test.each(['never', 'under-way', 'failed', 'stale'] as const)('a venue whose reconciliation is %s', (reconciled) => {
    const world = tradable();
    world.state.book.venues[1]!.reconciled = reconciled;
    expect(deniedBy(world)).toEqual(['reconciled']);
  });

  test('a position that differs', () => {
    const world = tradable();
    world.state.book.venues[0]!.differences = { 'X@va': { own: '1', reported: '0', sinceUnixMs: 1 } };
    expect(deniedBy(world)).toEqual(['reconciled']);
  });

  test.each(['unknown', 'quarantined'] as const)('an order of the pair that is %s, even of an ended group', (state) => {
    const world = tradable();
    world.state.book.groups.push(groupOf(ended));
    const request = requestOf(world);
    world.state.book.orders = { [request.clientOrderId]: orderOf(request, state) };
    expect(deniedBy(world)).toEqual(['unknown-leg']);
    world.state.book.orders = { [request.clientOrderId]: orderOf(request, 'filled') };
    expect(deniedBy(world)).toEqual([]);
  });

  test('a fence holds up to its end', () => {
    const world = tradable();
    world.state.book.fences = [
      { pairId: 'pair', kind: 'loss', untilUnixMs: world.unixMs + 1, endsUs: world.monoUs + 1_000 },
      { pairId: 'other', kind: 'loss', untilUnixMs: world.unixMs + 1_000, endsUs: world.monoUs + 1_000_000 },
    ];
    expect(deniedBy(world)).toEqual(['fence']);
    world.pass(1);
    expect(deniedBy(world)).toEqual([]);
  });

  test('open groups: one a pair, three in all, and one in flight a pair even where more are allowed', () => {
    const live = (n: number, pairId: string, state: 'open' | 'opening' = 'open') =>
      groupOf({ id: `g${n}` as GroupId, intentId: `i${n}` as IntentId, pairId: pairId as PairId, state, openedUnixMs: 0, notionalUsd: 1 });
    const world = tradable();
    world.state.book.groups.push(live(1, 'other'), live(2, 'other'));
    expect(deniedBy(world)).toEqual([]);
    world.state.book.groups.push(live(3, 'third'));
    expect(deniedBy(world)).toEqual(['open-groups']);
    world.state.book.groups.splice(0, 3, live(4, 'pair'));
    expect(deniedBy(world)).toEqual(['open-groups']);
    withLimits(world, { maxOpenGroupsPerPair: 2 });
    expect(deniedBy(world)).toEqual([]);
    world.state.book.groups.splice(0, 1, live(4, 'pair', 'opening'));
    expect(deniedBy(world)).toEqual(['open-groups']);
    expect(deniedBy(world, { groupId: 'g4' as GroupId })).toEqual([]);
  });
});

describe('netting venues', () => {
  const other = (a: 'buy' | 'sell') =>
    groupOf({
      state: 'open',
      openedUnixMs: 0,
      pairId: 'other' as PairId,
      notionalUsd: 1,
      a: { side: a },
      b: { instrumentId: instrument('Y', 'vb').id },
    });

  test('nothing is opened against what another group holds of the same instrument', () => {
    const world = tradable();
    world.state.book.groups.push(other('sell'));
    expect(deniedBy(world)).toEqual([]);
    world.state.book.groups[0] = other('buy');
    expect(deniedBy(world)).toEqual(['open-groups']);
  });

  test('nor against a foreign position', () => {
    const world = tradable();
    world.state.book.holdings = { 'X@va': { qty: '0', foreignQty: '-1' }, 'X@vb': { qty: '0', foreignQty: '1' } };
    expect(deniedBy(world)).toEqual([]);
    world.state.book.holdings = { 'X@va': { qty: '0', foreignQty: '1' } };
    expect(deniedBy(world)).toEqual(['open-groups']);
  });

  test('spot and positions closed by ticket do not net', () => {
    for (const kind of ['spot', 'cfd'] as const) {
      const a = instrument('X', 'va', { kind });
      const world = tradable(settingsOf({ instruments: [a, X_B], pairs: [pairOf(a, X_B)] }));
      world.state.book.venues[0]!.account = accountOf({ balances: [{ ccy: 'X', free: '9', total: '9' }] });
      world.state.book.groups.push(other('buy'));
      expect(deniedBy(world)).toEqual([]);
    }
  });
});

describe('amounts', () => {
  test('size: whole quanta, not below the minimum, not above what is executable', () => {
    const world = tradable();
    const judged = (text: string): boolean => judgeRisk(world.state, planOf(world, { baseQty: new Decimal(text) }), 'size').passed;
    expect([judged('0.001'), judged('0.0009'), judged('0')]).toEqual([true, false, false]);
    expect([judged('0.002'), judged('0.0015')]).toEqual([true, false]);
    expect([judged('5'), judged('5.001')]).toEqual([true, false]);
  });

  test('notional: of the group and of all groups together, each to the cent', () => {
    const world = tradable();
    const judged = (notionalUsd: number): boolean => judgeRisk(world.state, planOf(world, { notionalUsd }), 'notional').passed;
    expect([judged(5_000), judged(5_000.01), judged(Number.NaN), judged(0)]).toEqual([true, false, false, false]);
    world.state.book.groups.push(groupOf({ state: 'open', pairId: 'other' as PairId, notionalUsd: 6_000 }));
    expect([judged(4_000), judged(4_000.01)]).toEqual([true, false]);
    expect(judgeRisk(world.state, planOf(world, { notionalUsd: 4_500, groupId: 'g1' as GroupId }), 'notional').passed).toBe(true);
  });

  test('a limit of zero denies: unset is never unlimited', () => {
    expect(deniedBy(withLimits(tradable(), { maxGroupNotionalUsd: 0 }))).toEqual(['notional']);
    expect(deniedBy(withLimits(tradable(), { maxOpenGroups: 0 }))).toEqual(['open-groups']);
    expect(deniedBy(withLimits(tradable(), { maxMessagesPerSecond: 0 }))).toEqual(['messages']);
  });

  test('venues apart: at the limit yes, beyond it no', () => {
    const world = tradable();
    const { measured } = judgeRisk(world.state, planOf(world), 'collar');
    expect(measured).toBeCloseTo(SPREAD_BPS, 0);
    withLimits(world, { maxVenuesApartBps: measured! });
    expect(deniedBy(world)).toEqual([]);
    withLimits(world, { maxVenuesApartBps: measured! - 1e-6 });
    expect(deniedBy(world)).toEqual(['collar']);
  });

  test('messages: entries leave the reserve alone, in the second and in the minute', () => {
    const world = tradable();
    const kept = world.state.book.venues[1]!;
    const now = world.monoUs;
    // 5 a second, 30 % kept back: 3 for entries.
    kept.messagesUs = [now - 999_999, now];
    expect(deniedBy(world)).toEqual([]);
    kept.messagesUs = [now - 999_999, now - 1, now];
    expect(deniedBy(world)).toEqual(['messages']);
    kept.messagesUs = [now - 1_000_000, now - 1, now];
    expect(deniedBy(world)).toEqual([]);
    // 60 a minute: 42 for entries.
    kept.messagesUs = Array.from({ length: 41 }, () => now - 59_999_999);
    expect(deniedBy(world)).toEqual([]);
    kept.messagesUs.push(now - 59_999_999);
    expect(deniedBy(world)).toEqual(['messages']);
    kept.messagesUs = Array.from({ length: 42 }, () => now - 60_000_000);
    expect(deniedBy(world)).toEqual([]);
  });
});

describe('hours', () => {
  /** Monday to Friday 08:00–17:00 UTC at leg b. */
  const sessions = [1, 2, 3, 4, 5].map((day) => ({
    openUtcMinuteOfWeek: (day * 24 + 8) * 60,
    closeUtcMinuteOfWeek: (day * 24 + 17) * 60,
  }));
  const timed = instrument('X', 'vb', { sessions });
  const at = (unixMs: number): readonly string[] =>
    deniedBy(tradable(settingsOf({ instruments: [X_A, timed], pairs: [pairOf(X_A, timed)] }), unixMs));
  const wednesday = Date.UTC(2026, 0, 7, 8);
  const friday = Date.UTC(2026, 0, 9, 17);

  test('not in the first 5 minutes', () => {
    expect(at(wednesday + 5 * MS_PER_MIN - 1)).toEqual(['calendar']);
    expect(at(wednesday + 5 * MS_PER_MIN)).toEqual([]);
  });

  test('not in the last 15 minutes', () => {
    expect(at(wednesday + 9 * MS_PER_HOUR - 15 * MS_PER_MIN - 1)).toEqual([]);
    expect(at(wednesday + 9 * MS_PER_HOUR - 15 * MS_PER_MIN)).toEqual(['calendar']);
    expect(at(wednesday + 9 * MS_PER_HOUR)).toEqual(['calendar']);
  });

  test("not in Friday's last 60", () => {
    expect(at(friday - 60 * MS_PER_MIN - 1)).toEqual([]);
    expect(at(friday - 60 * MS_PER_MIN)).toEqual(['calendar']);
  });
});

describe('conduct', () => {
  const marks = (world: World, agesMs: readonly number[], direction = 'sell-b-buy-a') => {
    world.state.book.entries = agesMs.map((ms) => ({
      unixMs: world.unixMs - ms,
      pairId: 'pair',
      direction,
      atUs: world.monoUs - ms * 1_000,
    }));
  };

  test('three groups a minute, then the pair is disabled until an operator enables it', () => {
    const world = tradable();
    marks(world, [59_999, 59_999]);
    expect(deniedBy(world)).toEqual([]);
    marks(world, [60_000, 59_999, 59_999]);
    expect(deniedBy(world)).toEqual([]);
    marks(world, [59_999, 59_999, 59_999]);
    expect(deniedBy(world)).toEqual(['repeated']);
    expect(world.state.book.disablements).toMatchObject([{ scope: 'pair:pair', code: 'repeated', untilUnixMs: null }]);
    marks(world, []);
    expect(deniedBy(world)).toEqual(['repeated']);
    const enabled = world.command('enable', 'looked', { scope: 'pair:pair' });
    expect(enabled.verdict).toMatchObject({ code: 'applied', changed: true });
    expect(enabled.facts.at(-1)).toMatchObject({ type: 'disablements-changed', disablements: [] });
    expect(deniedBy(world)).toEqual([]);
    expect(world.command('enable', 'looked', { scope: 'pair:pair' }).verdict).toMatchObject({ changed: false });
  });

  test('twenty an hour', () => {
    const world = tradable();
    marks(
      world,
      Array.from({ length: 19 }, () => MS_PER_HOUR - 1),
    );
    expect(deniedBy(world)).toEqual([]);
    marks(
      world,
      Array.from({ length: 20 }, () => MS_PER_HOUR - 1),
    );
    expect(deniedBy(world)).toEqual(['repeated']);
  });

  test('enabling counts anew', () => {
    const world = tradable();
    marks(world, [1, 1, 1]);
    deniedBy(world);
    world.command('enable', 'looked', { scope: 'pair:pair' });
    expect(deniedBy(world)).toEqual([]);
  });

  test('a look-alike within 2 s, the same intent never', () => {
    const world = tradable();
    marks(world, [1_999], 'sell-a-buy-b');
    expect(deniedBy(world)).toEqual(['duplicate']);
    marks(world, [2_000], 'sell-a-buy-b');
    expect(deniedBy(world)).toEqual([]);
    marks(world, [1], 'sell-b-buy-a');
    expect(deniedBy(world)).toEqual([]);
    world.state.book.groups.push(groupOf(ended));
    expect(deniedBy(world, { intentId: 'i1' })).toEqual(['duplicate']);
    expect(deniedBy(world, { intentId: 'i2' })).toEqual([]);
  });
});

describe('funds', () => {
  test('an account that is not known carries nothing', () => {
    const world = tradable();
    world.state.book.venues[0]!.account = null;
    expect(deniedBy(world)).toEqual(['funds', 'margin']);
    world.state.book.venues[0]!.account = accountOf({ marginFree: null, marginUsed: null });
    expect(deniedBy(world)).toEqual(['funds', 'margin']);
  });

  test('free margin covers the notional with collar and fees, to the last', () => {
    const world = tradable();
    const { measured } = judgeRisk(world.state, planOf(world), 'funds');
    // Leg a is sold 20 bps higher; 10 bps of collar on top.
    expect(measured).toBeCloseTo(5_000 * 1.002 * 1.001, 0);
    for (const v of world.state.book.venues) v.account = accountOf({ marginFree: (measured! + 20).toFixed(8) });
    expect(deniedBy(world)).toEqual([]);
    world.state.book.venues[0]!.account = accountOf({ marginFree: (measured! - 0.001).toFixed(8) });
    expect(deniedBy(world)).toEqual(['funds']);
  });

  test('margin level of 300 % afterwards, at the worse account', () => {
    const world = tradable();
    const { measured } = judgeRisk(world.state, planOf(world), 'margin');
    withLimits(world, { minMarginLevelPct: measured! });
    expect(deniedBy(world)).toEqual([]);
    withLimits(world, { minMarginLevelPct: measured! + 1e-6 });
    expect(deniedBy(world)).toEqual(['margin']);
    withLimits(world, { minMarginLevelPct: 300 });
    world.state.book.venues[1]!.account = accountOf({ marginUsed: '30000' });
    expect(deniedBy(world)).toEqual(['margin']);
  });

  test('what other groups in flight will take is reserved, what the account already shows is not', () => {
    const world = tradable();
    const flying = groupOf({ pairId: 'other' as PairId, a: { plannedQty: '9.6' }, notionalUsd: 1 });
    world.state.book.groups.push(flying);
    expect(deniedBy(world)).toEqual(['funds', 'margin']);
    const openedUs = (atUs: number) => {
      world.state.book.groups[0] = { ...flying, state: 'open', openedUnixMs: world.unixMs };
      world.state.book.groupClocks[flying.id] = { ...newGroupClock(0), openedUs: atUs };
    };
    openedUs(world.monoUs - 1);
    expect(deniedBy(world)).toEqual([]);
    openedUs(world.monoUs);
    expect(deniedBy(world)).toEqual(['funds', 'margin']);
  });

  test('spot: a sale needs the base currency, a purchase the quote currency, and neither any margin', () => {
    const [a, b] = [instrument('X', 'va', { kind: 'spot' }), instrument('X', 'vb', { kind: 'spot' })];
    const world = tradable(settingsOf({ instruments: [a, b], pairs: [pairOf(a, b)] }));
    const balance = (ccy: string, free: string) =>
      accountOf({ marginFree: null, marginUsed: null, balances: [{ ccy, free, total: free }] });
    const [va, vb] = world.state.book.venues;
    va!.account = balance('X', '0.5');
    vb!.account = balance('USD', '5010');
    expect(deniedBy(world)).toEqual([]);
    va!.account = balance('X', '0.499');
    expect(deniedBy(world)).toEqual(['funds']);
    va!.account = balance('X', '0.5');
    vb!.account = balance('USD', '5000');
    expect(deniedBy(world)).toEqual(['funds']);
    vb!.account = balance('EUR', '5010');
    expect(deniedBy(world)).toEqual(['funds']);
  });

  test('an account in a currency that nobody values carries nothing on margin', () => {
    const world = tradable();
    world.state.book.venues[1]!.account = accountOf({ ccy: 'PLN' });
    expect(deniedBy(world)).toEqual(['funds', 'margin']);
  });
});

describe('health', () => {
  test("the day's loss: below the limit yes, at it no", () => {
    const world = tradable();
    const lost = (netUsd: number) => {
      world.state.book.day = { ...world.state.book.day!, netUsd };
      return deniedBy(world);
    };
    expect(lost(-1_999.99)).toEqual([]);
    expect(lost(-2_000)).toEqual(['loss']);
    expect(lost(2_000)).toEqual([]);
    world.state.book.day = { ...world.state.book.day!, startEquityUsd: null };
    expect(deniedBy(world)).toEqual(['loss']);
  });

  test("yesterday's record says nothing of today", () => {
    const world = tradable();
    world.state.book.day = { ...world.state.book.day!, utcDay: world.state.book.day!.utcDay - 1 };
    expect(deniedBy(world)).toEqual(['loss']);
  });

  test('a losing streak cools down up to its end', () => {
    const world = tradable();
    world.state.book.disablements = [
      {
        scope: 'all',
        code: 'losing-streak',
        text: '3 in a row',
        sinceUnixMs: 0,
        untilUnixMs: world.unixMs + 1,
        endsUs: world.monoUs + 1_000,
      },
    ];
    expect(deniedBy(world)).toEqual(['loss']);
    world.pass(1);
    expect(deniedBy(world)).toEqual([]);
  });

  test('a venue that was disabled for its errors', () => {
    const world = tradable();
    world.state.book.disablements = [
      { scope: 'venue:vb', code: 'venue-errors', text: '5 errors', sinceUnixMs: 0, untilUnixMs: null, endsUs: null },
    ];
    expect(deniedBy(world)).toEqual(['venue-errors']);
    world.state.book.disablements = [
      { scope: 'venue:vc', code: 'venue-errors', text: '5 errors', sinceUnixMs: 0, untilUnixMs: null, endsUs: null },
    ];
    expect(deniedBy(world)).toEqual([]);
  });

  test('an EA that is silent for 10 s, or was never heard', () => {
    const mt = venue('vb', { protocol: 'metatrader', maxQuoteAgeMs: 60_000 });
    const world = tradable(settingsOf({ venues: [venue('va', { maxQuoteAgeMs: 60_000 }), mt] }));
    const heartbeat = (silentMs: number): boolean => {
      world.state.venues[1]!.newestQuoteMonoUs = world.monoUs - silentMs * 1_000;
      return judgeRisk(world.state, planOf(world), 'heartbeat').passed;
    };
    expect(deniedBy(world)).toEqual([]);
    expect([heartbeat(9_999), heartbeat(10_000)]).toEqual([true, false]);
    world.state.book.venues[1]!.heartbeatUs = world.monoUs - 9_999_000;
    expect(heartbeat(10_000)).toBe(true);
    world.state.book.venues[1]!.heartbeatUs = Number.NaN;
    expect(heartbeat(Number.NaN)).toBe(false);
  });
});
