/** The way of a command to the EA: when it leaves, what it carries, when it may not leave any more. */
import { expect, test } from 'vitest';
import { wireCommandSchema } from '../replyWire.ts';
import { ack, ALIVE, BASE, closing, deskWorld, hello, order, refOf, settled, snapshotPart, T0, OFFSET_MS } from './desk.testkit.ts';
import { MAX_LIVE_COMMANDS } from './gateway.ts';
import { LEASE_MS } from './parts.ts';

test('an open command carries what was approved, in the words of the protocol', () => {
  const world = deskWorld();
  world.trade();
  world.place(order(1));
  const command = world.fetch();
  expect(wireCommandSchema.parse(command)).toEqual({
    kind: 'open',
    command_id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/) as string,
    num: String(T0 + 1),
    lease_id: expect.any(String) as string,
    lease_ms: LEASE_MS,
    ttl_ms: 2_000,
    symbol: 'XAUUSD',
    side: 'buy',
    lots: '0.1',
    limit_price: '2401',
    // 2401 - 2400.4 in points of 0.01
    max_dev_points: 60,
    fill: 'ioc',
    comment: 'q1',
  });
  expect(world.store.get(command.command_id)).toMatchObject({ state: 'leased', deliveries: 1, leaseId: command.lease_id, magic: T0 + 1 });
});

test('cancels and questions go first, then opens and closes by their numbers; a close names its position', async () => {
  const world = deskWorld();
  world.trade();
  world.place(order(1));
  const first = world.fetch();
  world.desk.takeAck(ack(first.command_id, 'received'));
  world.place(closing(3));
  world.place(order(2));
  void world.desk.gateway.query(refOf(order(1)));
  void world.desk.gateway.cancel(refOf(order(1)), () => true);
  const replies = Array.from({ length: 5 }, () => {
    const reply = world.desk.reply(null);
    const id = reply.command?.command_id ?? '';
    if (reply.command?.kind === 'open') world.desk.takeAck(ack(id, 'received'));
    return reply;
  });
  expect(replies.map(({ command }) => command?.kind ?? null)).toEqual(['cancel', 'query', 'open', 'close', null]);
  for (const { command } of replies.slice(0, 4)) expect(wireCommandSchema.parse(command)).toEqual(command);
  expect(replies[0]!.command).toMatchObject({ target_id: first.command_id, num: '0' });
  expect(replies[1]!.command).toMatchObject({ target_id: first.command_id, num: String(T0 + 1) });
  expect(replies[3]!.command).toMatchObject({ position_id: '5001', side: 'sell', num: String(T0 + 3) });
  await settled();
});

test('none overtakes an earlier number that may still be on its way: the EA would call the earlier one stale', () => {
  const world = deskWorld();
  world.trade();
  let open = true;
  world.place(order(1, { validityMs: 5_000 }), () => open);
  const { command_id: id } = world.fetch();
  world.place(closing(2, { validityMs: 60_000 }));
  expect(world.desk.reply(null)).toMatchObject({ command: null, more: false });
  // The EA started anew and does not have it: no need to wait for the lease.
  world.trade({ open_ids: [] });
  expect(world.fetch()).toMatchObject({ command_id: id, ttl_ms: 5_000 });
  world.trade({ open_ids: [id] });
  expect(world.desk.reply(null).command).toBeNull();
  // What will not be given again holds nothing up.
  open = false;
  expect(world.fetch().kind).toBe('close');
});

test('without a word it comes again when the lease has lapsed: same id, a new lease, what is left of its time', () => {
  const world = deskWorld();
  world.trade();
  world.place(order(1, { validityMs: 5_000 }));
  const first = world.fetch();
  world.pass(LEASE_MS - 1);
  expect(world.desk.reply(null).command).toBeNull();
  world.pass(1);
  const second = world.fetch();
  expect(second).toMatchObject({ command_id: first.command_id, num: first.num, ttl_ms: 3_000 });
  expect(second.lease_id).not.toBe(first.lease_id);
  world.desk.takeAck(ack(first.command_id, 'received'));
  world.pass(LEASE_MS);
  expect(world.desk.reply(null).command).toBeNull();
});

test('the repeat of a request has its command again under the same lease, never a new one, never one that was answered', () => {
  const world = deskWorld();
  world.trade();
  world.place(order(1));
  world.place(order(2));
  const first = world.fetch();
  world.pass(300);
  expect(world.desk.reply(first.command_id).command).toEqual({ ...first, ttl_ms: 1_700 });
  expect(world.desk.reply('').command).toBeNull();
  world.desk.takeAck(ack(first.command_id, 'received'));
  expect(world.desk.reply(first.command_id).command).toBeNull();
  expect(world.desk.reply(first.command_id).more).toBe(true);
});

test('at the end of its time nothing is delivered: undelivered it is refused, delivered it is unknown after a lease and a margin', async () => {
  const world = deskWorld();
  world.trade();
  const kept = [world.place(order(1)), world.place(order(2))];
  const first = world.fetch();
  world.clock.advanceMs(2_000);
  expect(world.desk.reply(null)).toMatchObject({ command: null, more: false });
  expect(world.desk.reply(first.command_id).command).toBeNull();
  world.pass(0);
  await settled();
  expect(kept[0]!.outcome).toBeNull();
  expect(kept[1]!.outcome).toEqual({
    code: 'refused',
    refusal: { venueCode: null, text: 'its time was over before the EA fetched it', retry: 'fresh-price', by: 'gateway' },
  });
  world.pass(2_999);
  await settled();
  expect(kept[0]!.outcome).toBeNull();
  world.pass(1);
  await settled();
  expect(kept[0]!.outcome).toMatchObject({ code: 'unknown' });
  expect(world.store.get(first.command_id)).toMatchObject({ state: 'unknown', endedUnixMs: null });
});

test('asked at each delivery whether it may leave: a queued one is then revoked, a delivered one not given again', async () => {
  const world = deskWorld();
  world.trade();
  let open = true;
  const [first, second] = [world.place(order(1, { validityMs: 9_000 }), () => open), world.place(order(2), () => open)];
  const { command_id: id } = world.fetch();
  open = false;
  world.desk.announceMode('halt');
  await settled();
  expect(second.outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway', retry: 'never' } });
  world.pass(LEASE_MS);
  expect(world.desk.reply(null).command).toBeNull();
  expect(world.desk.reply(id).command).toBeNull();
  expect(first.outcome).toBeNull();
  world.pass(9_000 + LEASE_MS);
  await settled();
  expect(first.outcome).toMatchObject({ code: 'unknown' });
});

test('a gate that closes between the call and the reply keeps the command here', async () => {
  const world = deskWorld();
  world.trade();
  let open = true;
  const kept = world.place(order(1), () => open);
  open = false;
  expect(world.desk.reply(null).command).toBeNull();
  await settled();
  expect(kept.outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
  expect(world.store.ofOrder('q1')).toMatchObject({ state: 'canceled', deliveries: 0 });
});

test.each([
  ['a magic number below ours', order(1, { magic: BASE - 1 }), /magic number/],
  ['no magic number', order(1, { magic: null }), /magic number/],
  ['a close without a position', closing(1, { positionId: null }), /must name its position/],
  ['an open with one', order(1, { positionId: '7' }), /opening order names a position/],
  ['a symbol of another venue', order(1, { symbol: 'EURUSD' }), /no instrument of mt5/],
])('%s is refused before anything is kept', async (_what, request, text) => {
  const world = deskWorld();
  world.trade();
  const kept = world.place(request);
  await settled();
  expect(kept.outcome).toMatchObject({
    code: 'refused',
    refusal: { retry: 'never', by: 'gateway', text: expect.stringMatching(text) as string },
  });
  expect(world.store.newest(5)).toEqual([]);
});

test('the same order twice is unknown: the first may live', async () => {
  const world = deskWorld();
  world.trade();
  world.place(order(1));
  const second = world.place(order(1));
  await settled();
  expect(second.outcome).toMatchObject({ code: 'unknown' });
  expect(world.store.newest(5)).toHaveLength(1);
});

test('at most so many commands are under way', async () => {
  const world = deskWorld();
  world.trade();
  const kept = Array.from({ length: MAX_LIVE_COMMANDS + 1 }, (_, n) => world.place(order(n + 1)));
  await settled();
  expect(kept.map(({ outcome }) => outcome?.code ?? null)).toEqual([...kept.slice(1).map(() => null), 'refused']);
});

test('while the link is down nothing is taken, and says why; up needs a session, open gates, the broker, and the account whole', async () => {
  const world = deskWorld();
  const { desk } = world;
  const link = () => world.events('order-link').map(({ state, detail }) => `${state}: ${detail}`);
  const kept = world.place(order(1));
  await settled();
  expect(kept.outcome).toMatchObject({ code: 'refused', refusal: { retry: 'later', by: 'gateway' } });
  desk.sessionOpened(hello({ gates: 'algo_trading_off' }), { id: 's', epoch: 1 });
  desk.linkChanged({ ...ALIVE, gates: 'ok' });
  const { snapshotRequest } = desk.reply('');
  desk.linkChanged({ ...ALIVE, connected: false });
  desk.takeSnapshot(snapshotPart(snapshotRequest), OFFSET_MS);
  desk.linkChanged(ALIVE);
  desk.linkChanged({ ...ALIVE, alive: false, detail: 'no word from the EA' });
  expect(link()).toEqual([
    'down: no EA with a session: attach QuantArb to a chart in MetaTrader',
    'down: Algo Trading is off in MetaTrader: Press the Algo Trading button in the tool bar of MetaTrader.',
    'down: waiting for the first snapshot of the account',
    'down: the terminal has no connection to its broker',
    'up: account 1001 at Demo-1 is ready to trade',
    'down: no word from the EA',
  ]);
});

test('what waits is not delivered while the gates of the EA are shut', () => {
  const world = deskWorld();
  world.trade();
  world.place(order(1));
  world.desk.linkChanged({ ...ALIVE, gates: 'ea_trading_off' });
  expect(world.desk.reply(null)).toMatchObject({ command: null, more: false });
  world.desk.linkChanged(ALIVE);
  expect(world.fetch().kind).toBe('open');
});

test('the engine ends: what was never delivered is refused, what was is unknown, and a start redelivers neither', async () => {
  const world = deskWorld();
  world.trade();
  const kept = [world.place(order(1)), world.place(order(2))];
  const { command_id: id } = world.fetch();
  const asked = world.desk.gateway.query(refOf(order(1)));
  await world.desk.gateway.stop();
  await settled();
  expect(kept.map(({ outcome }) => outcome?.code)).toEqual(['unknown', 'refused']);
  expect(await asked).toMatchObject({ code: 'failed' });
  expect(world.desk.reply(null).command).toBeNull();
  const next = await world.restart();
  expect(next.store.get(id)).toMatchObject({ state: 'unknown' });
  expect(next.store.ofOrder('q2')).toMatchObject({ state: 'canceled', deliveries: 0 });
  next.trade();
  next.pass(60_000);
  expect(next.desk.reply(null).command).toBeNull();
  expect(next.store.live(next.desk.gateway.venueId).map(({ commandId }) => commandId)).toEqual([id]);
});

test('a disk that fails keeps the command here, once alarmed, and it goes when the disk does', async () => {
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
  broken = true;
  expect([world.desk.reply(null).command, world.desk.reply(null).command]).toEqual([null, null]);
  expect(world.alarms()).toHaveLength(1);
  const kept = world.place(order(2));
  await settled();
  expect(kept.outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway', text: expect.stringContaining('disk full') as string } });
  broken = false;
  expect(world.fetch().num).toBe(String(T0 + 1));
  broken = true;
  expect(() => world.desk.takeAck(ack(world.store.ofOrder('q1')!.commandId, 'received'))).toThrow('disk full');
});
