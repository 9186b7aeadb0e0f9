/** Deals: kept once, told once a revision, never believed against what is kept. */
import { expect, test } from 'vitest';
import { ack, closing, deskWorld, order, OFFSET_MS, settled, snapshotPart, T0, VENUE, wireDeal, type DeskWorld } from './desk.testkit.ts';
import { CHARGES_AGAIN_MS } from './deals.ts';
import { MAX_WAITING } from './pushes.ts';

const filled = (): { readonly world: DeskWorld; readonly id: string } => {
  const world = deskWorld();
  world.trade();
  world.place(order(1));
  const { command_id: id } = world.fetch();
  return { world, id };
};
const fills = (world: DeskWorld) => world.events('fill').map(({ fill }) => fill);
const charges = (world: DeskWorld) => world.events('charge').map(({ charge }) => charge);

test('a deal of ours is a fill of its order: tickets, lots, price, and what was paid for it', () => {
  const { world, id } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1, { commission: '-0.7', swap: '-0.1', fee: '-0.2' })], OFFSET_MS);
  expect(fills(world)).toEqual([
    {
      venueId: VENUE,
      instrumentId: 'XAUUSD@mt5',
      tradeId: '70',
      clientOrderId: 'q1',
      side: 'buy',
      qty: '0.1',
      px: '2400.5',
      fee: '1',
      feeCcy: 'USD',
      positionId: '5001',
      venueUnixMs: T0,
    },
  ]);
  expect(world.store.get(id)).toMatchObject({ state: 'done', firstDealUnixMs: T0 });
  expect(world.store.deal(VENUE, '70')).toMatchObject({ own: true, timeMsc: T0 + OFFSET_MS, unixMs: T0 });
});

test('told again it is nothing new; a later revision is a charge of the difference, once', () => {
  const { world } = filled();
  const tell = (rev: number, over = {}): void => world.desk.takeDeals([wireDeal('70', T0 + 1, { rev, ...over })], OFFSET_MS);
  tell(0);
  tell(0);
  tell(1, { commission: '-1.2' });
  tell(1, { commission: '-1.2' });
  tell(0);
  tell(3, { commission: '-1.2', swap: '0.5' });
  expect(fills(world)).toHaveLength(1);
  expect(
    charges(world).map(({ chargeId, tradeId, clientOrderId, amount, ccy }) => [chargeId, tradeId, clientOrderId, amount, ccy]),
  ).toEqual([
    ['70#1', '70', 'q1', '0.5', 'USD'],
    ['70#3', '70', 'q1', '-0.5', 'USD'],
  ]);
  expect(world.store.revisions(VENUE, '70').map(({ rev, commission }) => [rev, commission])).toEqual([
    [0, '-0.7'],
    [1, '-1.2'],
    [3, '-1.2'],
  ]);
  expect(world.alarms()).toEqual([]);
});

test('a fill keeps the fee of its first report wherever it is read from', async () => {
  const { world, id } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  world.desk.takeDeals([wireDeal('70', T0 + 1, { rev: 1, commission: '-9' })], OFFSET_MS);
  const answer = world.desk.gateway.snapshot(T0 - 1);
  world.desk.takeSnapshot(snapshotPart(world.desk.reply('').snapshotRequest), OFFSET_MS);
  expect(await answer).toMatchObject({ snapshot: { fills: [{ tradeId: '70', fee: '0.7' }] } });
  expect(world.store.get(id)?.quarantine).toBeNull();
});

test('late money of the last days is told once a run, the same each time; older is not', async () => {
  const { world } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  world.desk.takeDeals([wireDeal('70', T0 + 1, { rev: 1, commission: '-1' })], OFFSET_MS);
  world.desk.takeDeals(
    [
      wireDeal('71', T0 + 1, {
        side: null,
        entry: 'none',
        lots: '0',
        price: '0',
        commission: '0',
        profit: '-2',
        type: 'commission',
        reason: 'commission',
        position_id: '5001',
      }),
    ],
    OFFSET_MS,
  );
  const told = charges(world);
  expect(told.map(({ chargeId, tradeId, amount, why }) => [chargeId, tradeId, amount, why])).toEqual([
    ['70#1', '70', '0.3', 'correction 1'],
    ['71#0', '70', '2', 'commission'],
  ]);
  world.trade();
  expect(charges(world)).toEqual(told);
  const next = await world.restart();
  next.trade();
  expect(charges(next)).toEqual(told);
  next.clock.advanceMs(CHARGES_AGAIN_MS + 1);
  const late = await next.restart();
  late.trade();
  expect(charges(late)).toEqual([]);
});

test.each([
  ['other lots', { lots: '0.2' }],
  ['another price', { price: '2400.6' }],
  ['another number', { magic: T0 + 2 }],
  ['another position', { position_id: '9' }],
  ['other lots in a higher revision', { lots: '0.2', rev: 1 }],
  ['other money in the same revision', { commission: '-0.8' }],
])('a deal told again with %s is quarantined, and what is kept stays', (_what, over) => {
  const { world } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  const before = world.store.deal(VENUE, '70');
  world.desk.takeDeals([wireDeal('70', T0 + 1, over)], OFFSET_MS);
  expect(world.store.deal(VENUE, '70')).toEqual(before);
  expect(fills(world)).toHaveLength(1);
  expect(charges(world)).toEqual([]);
  expect(world.alarms()).toEqual([expect.stringContaining('mt5-contradiction')]);
});

test('a bad deal takes no good one of its batch with it', () => {
  const { world } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1, { lots: '0.04' })], OFFSET_MS);
  world.desk.takeDeals([wireDeal('70', T0 + 1, { lots: '0.05' }), wireDeal('71', T0 + 1, { lots: '0.06' })], OFFSET_MS);
  expect(fills(world).map(({ tradeId, qty }) => [tradeId, qty])).toEqual([
    ['70', '0.04'],
    ['71', '0.06'],
  ]);
});

test('more by deals than was asked for: booked as it is, quarantined', () => {
  const { world, id } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1), wireDeal('71', T0 + 1, { lots: '0.01' })], OFFSET_MS);
  expect(fills(world)).toHaveLength(2);
  expect(world.store.get(id)?.quarantine).toContain('0.11 lots');
});

test('deals of what was refused, and beyond a partial end, are told and quarantined', () => {
  for (const [state, over] of [
    ['rejected', { retcode: 10_006 }],
    ['partial', { retcode: 10_010, cum_lots: '0.04' }],
  ] as const) {
    const { world, id } = filled();
    world.desk.takeAck(ack(id, state, over));
    world.desk.takeDeals([wireDeal('70', T0 + 1, { lots: '0.05' })], OFFSET_MS);
    expect(fills(world)).toHaveLength(1);
    expect(world.store.get(id)).toMatchObject({ state, quarantine: expect.stringContaining('0.05') as string });
  }
});

test('the time to the first deal is known also of a command that ended before its deal came', () => {
  const { world, id } = filled();
  world.desk.takeAck(ack(id, 'done', { cum_lots: '0.1' }));
  world.clock.advanceMs(40);
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  expect(world.desk.report().toDeal).toEqual({ p50: 40, p95: 40, count: 1 });
});

test('a close is filled by a deal out, of the other side', () => {
  const { world } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  world.place(closing(2));
  world.fetch();
  world.desk.takeDeals([wireDeal('72', T0 + 2, { side: 'sell', entry: 'out', order: '5002', profit: '3' })], OFFSET_MS);
  expect(fills(world).at(-1)).toMatchObject({ tradeId: '72', clientOrderId: 'q2', side: 'sell', positionId: '5001', fee: '0.7' });
});

test('a stop-out under our number, and another program on our position, close without an order of ours: the engine is told, and made to reconcile', () => {
  const { world, id } = filled();
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  const ups = (): number => world.events('order-link').filter(({ state }) => state === 'up').length;
  const before = ups();
  world.desk.takeDeals([wireDeal('71', T0 + 1, { side: 'sell', entry: 'out', reason: 'so' })], OFFSET_MS);
  world.desk.takeDeals([wireDeal('72', 0, { side: 'sell', entry: 'out', reason: 'client' })], OFFSET_MS);
  expect(fills(world).slice(1)).toMatchObject([
    { tradeId: '71', clientOrderId: null, side: 'sell', positionId: '5001' },
    { tradeId: '72', clientOrderId: null, side: 'sell', positionId: '5001' },
  ]);
  expect(world.alarms()).toEqual([expect.stringContaining('mt5-external-close'), expect.stringContaining('mt5-external-close')]);
  expect(ups()).toBe(before + 2);
  expect(world.store.get(id)?.quarantine).toBeNull();
});

test('foreign deals are kept and nothing else; a number of ours that nobody gave out is alarmed', () => {
  const { world } = filled();
  world.desk.takeDeals([wireDeal('80', 77, { position_id: '900', symbol: 'EURUSD' })], OFFSET_MS);
  expect(world.store.deal(VENUE, '80')).toMatchObject({ own: false, instrumentId: null });
  expect([fills(world), world.alarms()]).toEqual([[], []]);
  world.desk.takeDeals([wireDeal('81', T0 + 9)], OFFSET_MS);
  expect(world.alarms()).toEqual([expect.stringContaining('mt5-unknown-deal')]);
});

test('a disk that fails keeps nothing and tells nothing; the repeat tells it once', () => {
  let broken = true;
  const world = deskWorld({
    storeOf: (store) => ({
      ...store,
      putDeals: (deals) => {
        if (broken) throw new Error('disk full');
        store.putDeals(deals);
      },
    }),
  });
  world.trade();
  world.place(order(1));
  world.fetch();
  expect(() => world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS)).toThrow('disk full');
  expect([fills(world), world.store.deal(VENUE, '70')]).toEqual([[], null]);
  broken = false;
  world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS);
  expect(fills(world)).toHaveLength(1);
});

test('a deal whose telling a fault cut short is told by the watch', () => {
  let broken = false;
  const world = deskWorld({
    storeOf: (store) => ({
      ...store,
      put: (command, durability) => {
        if (broken) throw new Error('disk full');
        store.put(command, durability);
      },
    }),
  });
  world.trade();
  world.place(order(1));
  const { command_id: id } = world.fetch();
  broken = true;
  expect(() => world.desk.takeDeals([wireDeal('70', T0 + 1)], OFFSET_MS)).toThrow('disk full');
  broken = false;
  world.desk.watch();
  expect(world.store.get(id)).toMatchObject({ state: 'done' });
  expect(new Set(fills(world).map(({ tradeId }) => tradeId))).toEqual(new Set(['70']));
});

test('a full inlet loses nothing: what waits is told in order; beyond the bound the engine is made to reconcile', async () => {
  let open = true;
  const world = deskWorld({ takes: () => open });
  world.trade();
  world.place(order(1));
  world.fetch();
  open = false;
  world.desk.takeDeals([wireDeal('70', T0 + 1, { lots: '0.04' })], OFFSET_MS);
  world.desk.takeDeals([wireDeal('71', T0 + 1, { lots: '0.06' })], OFFSET_MS);
  expect(fills(world)).toEqual([]);
  open = true;
  world.desk.watch();
  expect(fills(world).map(({ tradeId }) => tradeId)).toEqual(['70', '71']);
  open = false;
  for (let n = 0; n <= MAX_WAITING; n += 1) world.desk.takeAck(ack(`strange-${n % 200}`, 'done'));
  for (let n = 0; n <= MAX_WAITING; n += 1) world.desk.linkChanged({ alive: true, connected: n % 2 === 0, gates: 'ok', detail: '' });
  const before = world.told.length;
  open = true;
  world.desk.linkChanged({ alive: true, connected: true, gates: 'ok', detail: '' });
  world.desk.watch();
  expect(world.told.length).toBe(before + MAX_WAITING + 1);
  expect(world.told.at(-1)).toMatchObject({ type: 'order-link', state: 'up', detail: 'some of what happened could not be told' });
  await settled();
});
