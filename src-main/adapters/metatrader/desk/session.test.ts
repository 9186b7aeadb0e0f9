/** Who may trade, what is asked of the account at the start of a session, and what a person is told of it. */
import { describe, expect, test } from 'vitest';
import { WireRefusal } from '../fieldsWire.ts';
import {
  ack,
  ALIVE,
  deskWorld,
  hello,
  order,
  OFFSET_MS,
  poll,
  settled,
  snapshotPart,
  T0,
  VENUE,
  wireDeal,
  type DeskWorld,
} from './desk.testkit.ts';
import { DEALS_OVERLAP_MS } from './desk.ts';
import { MAX_PARTS, SNAPSHOT_DEADLINE_MS } from './snapshots.ts';

const refusalOf = (act: () => unknown): WireRefusal => {
  try {
    act();
  } catch (error) {
    if (error instanceof WireRefusal) return error;
    throw error;
  }
  throw new Error('was not refused');
};
const say = (world: DeskWorld, over: Parameters<typeof hello>[0]) => () => world.desk.sessionOpened(hello(over), { id: 's', epoch: 1 });

describe('who may trade', () => {
  test.each([
    ['a netting account', { margin_mode: 'netting' } as const, 'netting', 'margin_mode', /opposite deals/],
    ['real money', { account_kind: 'real' } as const, 'account-kind', 'account_kind', /real money/],
    ['a magic base above our numbers', { magic_base: T0 + 1 } as const, 'magic-base', 'magic_base', /1600000000000/],
  ])('%s is refused with what to do, and binds nothing', (_what, over, code, field, text) => {
    const world = deskWorld();
    const refusal = refusalOf(say(world, over));
    expect([refusal.status, refusal.code, refusal.field]).toEqual([412, code, field]);
    expect(refusal.message).toMatch(text);
    expect(world.store.account(VENUE)).toBeNull();
    expect(world.desk.report()).toMatchObject({ trading: false, why: refusal.message });
    expect(world.desk.reply('').command).toBeNull();
  });
  test.each(['demo', 'contest'] as const)('of live, a %s account is refused and binds nothing; real money is what it is for', (kind) => {
    const world = deskWorld({ mode: 'live' });
    const refusal = refusalOf(say(world, { account_kind: kind }));
    expect([refusal.status, refusal.code, refusal.field]).toEqual([412, 'account-kind', 'account_kind']);
    expect(world.store.account(VENUE)).toBeNull();
    expect(world.desk.gateway.kind).toBe('live');
    expect(say(world, { account_kind: 'real', magic_base: T0 })()).toEqual({ trading: true, why: '' });
    expect(world.desk.report().checks.find(({ code }) => code === 'account-kind')).toMatchObject({ label: 'Real money', state: 'pass' });
  });
  test('a contest account is play money, too; the base may be the clock itself', () => {
    const world = deskWorld();
    expect(say(world, { account_kind: 'contest', magic_base: T0 })()).toEqual({ trading: true, why: '' });
  });
  test('the first account binds the ledger, for every later run; another is told both', async () => {
    const world = deskWorld();
    world.trade();
    const next = await world.restart();
    const refusal = refusalOf(say(next, { login: '2002' }));
    expect(refusal).toMatchObject({ status: 412, code: 'account', field: 'login' });
    expect(refusal.message).toMatch(/1001 at Demo-1.*2002 at Demo-1/);
    expect(refusalOf(say(next, { server: 'Demo-2' })).code).toBe('account');
    expect(next.desk.report().checks.find(({ code }) => code === 'account')).toMatchObject({
      state: 'fail',
      fix: 'Log in to account 1001 at Demo-1 in MetaTrader.',
    });
    next.trade();
    expect(next.desk.report().trading).toBe(true);
  });
});

describe('what the journals know', () => {
  test('commands that the EA holds and the ledger does not have are alarmed', () => {
    const world = deskWorld();
    world.trade({ open_ids: ['01STRANGE'] });
    expect(world.alarms()).toEqual([expect.stringMatching(/mt5-unknown-command.*01STRANGE/)]);
  });
  test('what had begun and is no longer in the EA’s journal is alarmed; what never reached it is not', () => {
    const world = deskWorld();
    world.trade();
    world.place(order(1));
    world.place(order(2));
    const begun = world.fetch();
    world.desk.takeAck(ack(begun.command_id, 'sending'));
    world.fetch();
    world.trade({ open_ids: [begun.command_id] });
    expect(world.alarms()).toEqual([]);
    world.trade({ open_ids: [] });
    expect(world.alarms()).toEqual([expect.stringContaining(`lost command ${begun.command_id}, which was sending`)]);
  });
});

describe('from where deals are asked for', () => {
  const since = (world: DeskWorld): number => world.desk.reply('').dealsSinceMsc - OFFSET_MS;
  test('the start of a new ledger; the newest deal; what is under way; each with an overlap, in server time', async () => {
    const world = deskWorld();
    world.trade();
    expect(since(world)).toBe(T0 - DEALS_OVERLAP_MS);
    world.place(order(1));
    world.fetch();
    world.clock.advanceMs(3_600_000);
    world.desk.takeDeals([wireDeal('70', 7, { time_msc: T0 + 3_500_000 + OFFSET_MS })], OFFSET_MS);
    const next = await world.restart();
    next.trade();
    expect(since(next)).toBe(T0 - DEALS_OVERLAP_MS);
    next.desk.takeAck(ack(next.store.ofOrder('q1')!.commandId, 'not_executed'));
    next.trade();
    expect(since(next)).toBe(T0 + 3_500_000 - DEALS_OVERLAP_MS);
    next.clock.advanceMs(72 * 3_600_000);
    next.trade();
    expect(since(next)).toBe(next.clock.unixMs() - DEALS_OVERLAP_MS);
  });
  test('a snapshot that asks further back takes them along', () => {
    const world = deskWorld();
    world.trade();
    void world.desk.gateway.snapshot(T0 - 2 * DEALS_OVERLAP_MS);
    expect(since(world)).toBe(T0 - 2 * DEALS_OVERLAP_MS);
  });
});

describe('snapshots', () => {
  test('what the account holds, ours and foreign by number, in one answer of several parts', async () => {
    const world = deskWorld();
    world.trade();
    world.place(order(1));
    world.fetch();
    const answer = world.desk.gateway.snapshot(T0 - 1_000);
    const { snapshotRequest: request } = world.desk.reply(null);
    const row = {
      id: '5001',
      ticket: '5001',
      symbol: 'XAUUSD',
      side: 'buy',
      lots: '0.1',
      price_open: '2400',
      magic: T0 + 1,
      swap: '0',
      profit: '1',
      time_msc: T0,
      comment: '',
    } as const;
    const resting = {
      order: '6001',
      symbol: 'XAUUSD',
      side: 'buy',
      type: 'limit',
      lots: '0.1',
      lots_left: '0.04',
      price: '2400',
      magic: T0 + 1,
      time_msc: T0,
      state: 'placed',
    } as const;
    world.desk.takeSnapshot(
      snapshotPart(request, { last: false, positions: [row], deals: [wireDeal('70', T0 + 1, { lots: '0.06' })] }),
      OFFSET_MS,
    );
    world.clock.advanceMs(500);
    world.desk.takeSnapshot(
      snapshotPart(request, {
        part: 1,
        positions: [
          { ...row, id: '9', ticket: '9', side: 'sell', lots: '0.3', price_open: '2410', magic: 0 },
          { ...row, id: '10', ticket: '10', symbol: 'EURUSD', magic: 0 },
        ],
        orders: [resting, { ...resting, order: '6002', magic: 5 }],
      }),
      OFFSET_MS,
    );
    expect(await answer).toEqual({
      code: 'answered',
      snapshot: {
        venueUnixMs: T0,
        openOrders: [
          { venueOrderId: '6001', clientOrderId: 'q1', symbol: 'XAUUSD', side: 'buy', qty: '0.1', filledQty: '0.06' },
          { venueOrderId: '6002', clientOrderId: null, symbol: 'XAUUSD', side: 'buy', qty: '0.1', filledQty: '0.06' },
        ],
        fills: [expect.objectContaining({ tradeId: '70', clientOrderId: 'q1' })],
        positions: [{ instrumentId: 'XAUUSD@mt5', qty: '-0.2', foreignQty: '-0.3', avgPx: '2407.5' }],
        account: {
          ccy: 'USD',
          equity: '10010',
          marginUsed: '50',
          marginFree: '9960',
          balances: [{ ccy: 'USD', free: '9960', total: '10000' }],
        },
      },
    });
    expect(world.desk.reply('').snapshotRequest).toBe(0);
  });
  test('one that was begun before the question does not answer it', async () => {
    const world = deskWorld();
    world.trade();
    const answers: string[] = [];
    const ask = (name: string): void => void world.desk.gateway.snapshot(T0).then(({ code }) => answers.push(`${name} ${code}`));
    ask('first');
    const { snapshotRequest: first } = world.desk.reply(null);
    ask('second');
    const { snapshotRequest: second } = world.desk.reply(null);
    expect(second).toBe(first + 1);
    world.desk.takeSnapshot(snapshotPart(first), OFFSET_MS);
    await settled();
    expect(answers).toEqual(['first answered']);
    expect(world.desk.reply(null).snapshotRequest).toBe(second);
    world.desk.takeSnapshot(snapshotPart(second), OFFSET_MS);
    await settled();
    expect(answers).toEqual(['first answered', 'second answered']);
  });
  test('a part that does not follow, another currency, and a number that was not asked for are refused by name', async () => {
    const world = deskWorld();
    world.trade();
    const answer = world.desk.gateway.snapshot(T0);
    const { snapshotRequest: request } = world.desk.reply(null);
    const take =
      (over: Parameters<typeof snapshotPart>[1], n = request) =>
      () =>
        world.desk.takeSnapshot(snapshotPart(n, over), OFFSET_MS);
    expect(refusalOf(take({}, request + 1)).field).toBe('request');
    expect(refusalOf(take({ part: 1 })).field).toBe('part');
    take({ last: false })();
    expect(refusalOf(take({ part: 2 })).field).toBe('part');
    take({ last: false })();
    expect(refusalOf(take({ part: 1, account: { ...snapshotPart(1).account, currency: 'EUR' } })).field).toBe('account.currency');
    expect(refusalOf(take({ part: 1 })).field).toBe('part');
    take({ last: false })();
    world.pass(SNAPSHOT_DEADLINE_MS);
    expect(await answer).toMatchObject({ code: 'failed' });
    expect(world.desk.reply(null).snapshotRequest).toBe(0);
    // A late copy of one that was answered is nothing.
    take({}, 1)();
  });
  test('one that never ends is dropped', () => {
    const world = deskWorld();
    world.trade();
    void world.desk.gateway.snapshot(T0);
    const request = world.desk.reply('').snapshotRequest;
    const take = (part: number): void => world.desk.takeSnapshot(snapshotPart(request, { part, last: false }), OFFSET_MS);
    for (let part = 0; part < MAX_PARTS; part += 1) take(part);
    expect(() => take(MAX_PARTS)).toThrow(/at most 256 parts/);
    expect(() => take(MAX_PARTS)).toThrow(/does not follow: 0 does/);
  });

  test('silence and a new session fail what waits; a half one of the session before counts for nothing', async () => {
    const world = deskWorld();
    world.trade();
    const silent = world.desk.gateway.snapshot(T0);
    world.desk.linkChanged({ ...ALIVE, alive: false });
    expect(await silent).toMatchObject({ code: 'failed' });
    expect(await world.desk.gateway.snapshot(T0)).toMatchObject({ code: 'failed' });
    world.desk.linkChanged(ALIVE);
    const half = world.desk.gateway.snapshot(T0);
    const { snapshotRequest: request } = world.desk.reply(null);
    world.desk.takeSnapshot(snapshotPart(request, { last: false }), OFFSET_MS);
    say(world, {})();
    expect(await half).toMatchObject({ code: 'failed' });
    expect(world.desk.reply('').snapshotRequest).toBeGreaterThan(request);
    expect(refusalOf(() => world.desk.takeSnapshot(snapshotPart(request, { part: 1 }), OFFSET_MS)).field).toBe('part');
    expect(world.desk.report().trading).toBe(false);
  });
});

test('the report shows what a person needs, with figures, and one thing to do where a line does not pass', () => {
  const world = deskWorld();
  expect(world.desk.report().checks.map(({ code, state, fix }) => [code, state, fix === ''])).toEqual(
    ['account', 'account-mode', 'account-kind', 'filling', 'limits', 'snapshot'].map((code) => [code, 'waiting', false]),
  );
  world.trade();
  world.place(order(1));
  world.clock.advanceMs(20);
  const { command_id: id } = world.fetch();
  world.clock.advanceMs(5);
  world.desk.takeAck(ack(id, 'received'));
  world.clock.advanceMs(75);
  world.desk.takeDeals([wireDeal('70', T0 + 1, { lots: '0.04' })], OFFSET_MS);
  world.desk.takePoll(poll());
  const { checks, ...figures } = world.desk.report();
  expect(figures).toEqual({
    trading: true,
    why: 'account 1001 at Demo-1 is ready to trade',
    mode: 'halt',
    accountKind: 'demo',
    marginFree: '9960',
    openPositions: 2,
    openLots: '0.3',
    liveCommands: 1,
    quarantined: 0,
    tickToEngine: null,
    toPickup: { p50: 20, p95: 20, count: 1 },
    toAck: { p50: 5, p95: 5, count: 1 },
    toDeal: { p50: 80, p95: 80, count: 1 },
  });
  expect(checks.map(({ state, fix }) => [state, fix])).toEqual(checks.map(() => ['pass', '']));
  expect(checks.map(({ detail }) => detail)).toEqual([
    '1001 at Demo-1, Broker, USD',
    'hedging account: each leg is a position of its own',
    'demo account, this engine is set to demo',
    'XAUUSD IOC (market execution)',
    '1 lots a command, 5 lots in total, 60 commands a minute, opening allowed',
    '0 positions, equity 10010 USD',
  ]);
  const [symbol] = hello().symbols;
  world.trade({ symbols: [{ ...symbol!, filling: 0 }], limits: { ...hello().limits, opening: false } });
  expect(
    world.desk
      .report()
      .checks.filter(({ state }) => state === 'fail')
      .map(({ code }) => code),
  ).toEqual(['filling', 'limits']);
});
