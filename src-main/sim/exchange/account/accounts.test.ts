import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { BookFill, NewOrder, SimAccounts } from './account.ts';
import { createSimAccounts } from './accounts.ts';
import { LISTINGS, OPENING, order, placed, POLICY, TOP, venue } from './accounts.testkit.ts';
import { MAX_OPEN_ORDERS } from './matching.ts';

const sum = (texts: readonly string[]): Decimal => texts.reduce((total, t) => total.plus(t), new Decimal(0));
const num = (text: string) => Number(text);

describe('orders against the running market', () => {
  it('fills what is displayed, and an IOC loses its remainder', () => {
    const { accounts, events } = venue();
    const { order: done, fills } = placed(accounts.place('a', order({ qty: '7', timeInForce: 'ioc' })));
    expect(done).toMatchObject({ stage: 'expired', endReason: 'ioc-remainder', filledQty: '5', averagePrice: '4001' });
    expect(fills).toHaveLength(1);
    expect(fills[0]).toMatchObject({ qty: '5', price: '4001', fee: '1.00025', feeAsset: 'USDT', maker: false, realized: '0' });
    expect(events.map((e) => (e.kind === 'order' ? e.change : e.kind))).toEqual(['accepted', 'traded', 'ended', 'money']);
    // Taken is gone until the market moves.
    expect(placed(accounts.place('a', order({ timeInForce: 'ioc' }))).order.filledQty).toBe('0');
    accounts.market('PERP', TOP);
    expect(placed(accounts.place('a', order({ timeInForce: 'ioc' }))).order.stage).toBe('filled');
  });

  it('lets the rest of a GTC rest, and fills it as maker at its own price when the market comes', () => {
    const { accounts } = venue();
    const { order: resting } = placed(accounts.place('a', order({ price: '4000.5', qty: '8' })));
    expect(resting).toMatchObject({ stage: 'new', rested: true });
    accounts.market('PERP', { ...TOP, askPrice: '4000.4', askQty: '3' });
    expect(accounts.order('a', { symbol: 'PERP', orderId: resting.orderId })).toMatchObject({ stage: 'partially-filled', filledQty: '3' });
    accounts.market('PERP', { ...TOP, askPrice: '4000.4', askQty: '30' });
    const done = accounts.order('a', { symbol: 'PERP', clientId: resting.clientId });
    expect(done).toMatchObject({ stage: 'filled', averagePrice: '4000.5' });
    expect(accounts.fills('a').every((f) => f.maker && f.price === '4000.5')).toBe(true);
  });

  it('knows fill-or-kill and post-only, refused or taken and ended as the venue does it', () => {
    const refusing = venue();
    expect(refusing.accounts.place('a', order({ qty: '6', timeInForce: 'fok' }))).toEqual({ ok: false, code: 'fok-short' });
    expect(refusing.accounts.place('a', order({ timeInForce: 'post-only' }))).toEqual({ ok: false, code: 'post-only-crossing' });
    expect(refusing.events).toEqual([]);
    const taking = venue({ postOnlyCrossing: 'cancel', fokShort: 'cancel' });
    expect(placed(taking.accounts.place('a', order({ qty: '6', timeInForce: 'fok' }))).order).toMatchObject({
      endReason: 'fok',
      filledQty: '0',
    });
    expect(placed(taking.accounts.place('a', order({ timeInForce: 'post-only' }))).order.endReason).toBe('post-only');
    expect(placed(taking.accounts.place('a', order({ qty: '5', timeInForce: 'fok' }))).order.stage).toBe('filled');
  });

  it('trades accounts with each other at better prices first, by price and then by time', () => {
    const { accounts } = venue();
    const late = placed(accounts.place('b', order({ side: 'sell', price: '4000.9', qty: '1' }))).order;
    const best = placed(accounts.place('b', order({ side: 'sell', price: '4000.8', qty: '1' }))).order;
    const { fills } = placed(accounts.place('a', order({ qty: '3', timeInForce: 'ioc' })));
    expect(fills.map((f) => f.price)).toEqual(['4000.8', '4000.9', '4001']);
    for (const id of [best.orderId, late.orderId]) expect(accounts.order('b', { symbol: 'PERP', orderId: id })?.stage).toBe('filled');
    const [mine, theirs] = [accounts.fills('a')[0]!, accounts.fills('b')[0]!];
    expect(theirs).toMatchObject({ tradeId: mine.tradeId, qty: mine.qty, maker: true });
  });

  it.each([
    ['cancel-taker', 'expired', 'new'],
    ['cancel-maker', 'filled', 'expired'],
    ['cancel-both', 'expired', 'expired'],
  ] as const)('keeps an account from trading with itself: %s', (selfTrade, taker, maker) => {
    const { accounts } = venue();
    const resting = placed(accounts.place('a', order({ side: 'sell', price: '4000.9' }))).order;
    const took = placed(accounts.place('a', order({ selfTrade, timeInForce: 'ioc' }))).order;
    expect(took.stage).toBe(taker);
    expect(accounts.order('a', { symbol: 'PERP', orderId: resting.orderId })?.stage).toBe(maker);
  });

  it('reduces only: refuses without a position, cuts or refuses too much, ends what has nothing left', () => {
    const { accounts } = venue();
    expect(accounts.place('a', order({ side: 'sell', price: '4000', reduceOnly: true }))).toEqual({ ok: false, code: 'reduce-only-none' });
    placed(accounts.place('a', order({ qty: '2' })));
    const resting = placed(accounts.place('a', order({ side: 'sell', price: '4100', qty: '2', reduceOnly: true }))).order;
    const cut = placed(accounts.place('a', order({ side: 'sell', price: '4000', qty: '3', reduceOnly: true, timeInForce: 'ioc' }))).order;
    expect(cut).toMatchObject({ orderQty: '2', filledQty: '2', stage: 'filled', endReason: null });
    expect(accounts.position('a', 'PERP').qty).toBe('0');
    expect(accounts.order('a', { symbol: 'PERP', orderId: resting.orderId })?.endReason).toBe('nothing-to-reduce');
    const strict = venue({ reduceOnlyOversize: 'refuse' }).accounts;
    placed(strict.place('a', order({ qty: '2' })));
    expect(strict.place('a', order({ side: 'sell', price: '4000', qty: '3', reduceOnly: true }))).toEqual({
      ok: false,
      code: 'reduce-only-oversize',
    });
  });

  it('takes a client id again only after its order ended', () => {
    const { accounts } = venue();
    const first = placed(accounts.place('a', order({ price: '3900', clientId: 'same' }))).order;
    expect(accounts.place('a', order({ price: '3900', clientId: 'same' }))).toEqual({ ok: false, code: 'duplicate-id' });
    placed(accounts.place('b', order({ price: '3900', clientId: 'same' })));
    accounts.cancel('a', { symbol: 'PERP', clientId: 'same' });
    const second = placed(accounts.place('a', order({ price: '3900', clientId: 'same' }))).order;
    expect(accounts.order('a', { symbol: 'PERP', clientId: 'same' })?.orderId).toBe(second.orderId);
    expect(accounts.order('a', { symbol: 'PERP', orderId: first.orderId })?.stage).toBe('canceled');
    expect(accounts.order('b', { symbol: 'PERP', orderId: first.orderId })).toBeNull();
  });

  it('keeps 64-bit ids exact', () => {
    const { accounts } = venue();
    const ids = [1, 2].map(() => placed(accounts.place('a', order({ price: '3900' }))).order.orderId);
    expect(ids).toEqual(['8389766145050669870', '8389766145050669871']);
  });

  it(`holds ${MAX_OPEN_ORDERS} resting orders of a symbol and no more`, () => {
    const { accounts } = venue();
    for (let i = 0; i < MAX_OPEN_ORDERS; i += 1) placed(accounts.place('a', order({ qty: '0.01', price: '3900' })));
    expect(accounts.place('a', order({ qty: '0.01', price: '3900' }))).toEqual({ ok: false, code: 'too-many-orders' });
    expect(accounts.cancelAll('a')).toHaveLength(MAX_OPEN_ORDERS);
  });

  it('takes less when told to, once', () => {
    const { accounts } = venue();
    accounts.partialNext('a', 0.3);
    expect(placed(accounts.place('a', order({ qty: '1', timeInForce: 'ioc' }))).order.filledQty).toBe('0.3');
    expect(placed(accounts.place('a', order({ qty: '1', timeInForce: 'ioc' }))).order.filledQty).toBe('1');
  });
});

describe('money', () => {
  it('realizes, keeps the entry, and goes through flat to the other side', () => {
    const { accounts } = venue();
    placed(accounts.place('a', order({ qty: '4' })));
    accounts.market('PERP', { bidPrice: '4011', bidQty: '9', askPrice: '4012', askQty: '9' });
    const { fills } = placed(accounts.place('a', order({ side: 'sell', price: '4011', qty: '6' })));
    expect(fills[0]?.realized).toBe('4');
    expect(accounts.position('a', 'PERP')).toMatchObject({ qty: '-2', entryPrice: '4011', accumulated: '4', realized: '4' });
    expect(num(accounts.margin('a', 'USDT').wallet)).toBeCloseTo(100_000 + 4 - 0.8002 - 1.2033, 6);
  });

  it('takes spot fees from what is received, or from the fee asset while it lasts', () => {
    const { accounts } = venue();
    placed(accounts.place('a', order({ symbol: 'SPOT', qty: '1' })));
    expect(accounts.balances('a').find((b) => b.asset === 'BTC')?.total).toBe('10.999');
    placed(accounts.place('a', order({ symbol: 'SPOT', side: 'sell', qty: '1', price: '4000' })));
    expect(accounts.fills('a').at(-1)).toMatchObject({ fee: '4', feeAsset: 'USDT' });
    const feeAsset = { asset: 'BNB', share: '0.75', priceInQuote: '600' };
    accounts.open({ id: 'c', keys: [], ...OPENING, balances: { USDT: '100000', BNB: '0.006' }, feeAsset });
    accounts.market('SPOT', TOP);
    placed(accounts.place('c', order({ symbol: 'SPOT', qty: '1' })));
    placed(accounts.place('c', order({ symbol: 'SPOT', qty: '1' })));
    expect(accounts.fills('c').map((f) => [f.fee, f.feeAsset])).toEqual([
      ['0.00500125', 'BNB'],
      ['0.001', 'BTC'],
    ]);
  });

  it('locks behind resting spot orders, and refuses what is not there', () => {
    const { accounts } = venue();
    placed(accounts.place('a', order({ symbol: 'SPOT', price: '3999', qty: '20' })));
    expect(accounts.balances('a').find((b) => b.asset === 'USDT')).toMatchObject({ total: '100000', locked: '79980' });
    expect(accounts.place('a', order({ symbol: 'SPOT', price: '3999', qty: '6' }))).toEqual({ ok: false, code: 'insufficient-balance' });
    expect(accounts.place('a', order({ qty: '5000' }))).toEqual({ ok: false, code: 'insufficient-margin' });
    expect(accounts.place('a', order({ symbol: 'SPOT', side: 'sell', qty: '11' }))).toEqual({ ok: false, code: 'insufficient-balance' });
  });

  it('pays funding at the hour and only to those who hold', () => {
    const { accounts, at, events } = venue();
    placed(accounts.place('a', order({ qty: '4' })));
    const wallet = accounts.margin('a', 'USDT').wallet;
    accounts.tick();
    at.ms = accounts.nextFundingMs('PERP');
    events.length = 0;
    accounts.tick();
    accounts.tick();
    // 4 contracts of 0.1 at 4000.5, 0.01 %.
    expect(accounts.transfers('a').map((t) => [t.kind, t.amount])).toEqual([['funding', '-0.16002']]);
    expect(accounts.transfers('b')).toEqual([]);
    expect(new Decimal(wallet).minus(accounts.margin('a', 'USDT').wallet).toFixed()).toBe('0.16002');
    expect(events).toMatchObject([{ kind: 'money', why: 'funding' }]);
    const hours = 3_600_000;
    at.ms -= 20 * hours;
    accounts.tick();
    expect(accounts.nextFundingMs('PERP') - at.ms).toBeLessThanOrEqual(8 * hours);
    expect(accounts.transfers('a')).toHaveLength(1);
  });

  it('is closed by the venue: resting orders end, the position goes, nobody asked', () => {
    const { accounts } = venue();
    placed(accounts.place('a', order({ qty: '4' })));
    placed(accounts.place('a', order({ qty: '4', price: '3900' })));
    expect(accounts.closeByVenue('a', 'PERP', 'liquidation')).toMatchObject({ stage: 'filled', origin: 'liquidation', side: 'sell' });
    expect(accounts.openOrders('a')).toEqual([]);
    expect(accounts.closeByVenue('a', 'PERP', 'liquidation')).toBeNull();
  });

  it('has a liquidation price at which equity is exactly the maintenance margin', () => {
    const { accounts } = venue();
    placed(accounts.place('a', order({ symbol: 'PERP', qty: '5' })));
    accounts.setLeverage('a', 'PERP', 100);
    accounts.market('PERP', { ...TOP, askQty: '4000' });
    placed(accounts.place('a', order({ symbol: 'PERP', qty: '3000' })));
    const price = accounts.position('a', 'PERP').liquidationPrice;
    accounts.market('PERP', { bidPrice: price, bidQty: '1', askPrice: price, askQty: '1' });
    const { equity, maintenance } = accounts.margin('a', 'USDT');
    expect(num(equity)).toBeCloseTo(num(maintenance), 6);
  });
});

describe('timers and memory', () => {
  it('cancels what rests when nobody refreshes, once', () => {
    const { accounts, at } = venue();
    placed(accounts.place('a', order({ price: '3900' })));
    placed(accounts.place('a', order({ symbol: 'SPOT', price: '3900' })));
    accounts.armDeadMan('a', { symbol: 'PERP' }, 1_000);
    at.ms += 900;
    accounts.armDeadMan('a', { symbol: 'PERP' }, 1_000);
    at.ms += 999;
    accounts.tick();
    expect(accounts.openOrders('a')).toHaveLength(2);
    at.ms += 1;
    accounts.tick();
    expect(accounts.openOrders('a').map((o) => o.symbol)).toEqual(['SPOT']);
    expect(accounts.deadMen('a')).toEqual([]);
  });

  it('forgets unfilled orders early and filled ones late, at the very millisecond', () => {
    const { accounts, at } = venue();
    const none = placed(accounts.place('a', order({ price: '3900', timeInForce: 'ioc' }))).order;
    const some = placed(accounts.place('a', order({}))).order;
    const known = (o: typeof none) => accounts.order('a', { symbol: 'PERP', orderId: o.orderId }) !== null;
    at.ms += 1_000;
    expect([known(none), known(some)]).toEqual([true, true]);
    at.ms += 1;
    expect([known(none), known(some)]).toEqual([false, true]);
    at.ms += 99_000;
    expect(known(some)).toBe(false);
  });
});

describe('the book on disk', () => {
  let dir: string | null = null;
  afterEach(() => {
    if (dir !== null) rmSync(dir, { recursive: true });
    dir = null;
  });

  it('is the same after the program died', () => {
    dir = mkdtempSync(join(tmpdir(), 'book-'));
    const file = join(dir, 'book.jsonl');
    const { accounts: before } = venue({}, file);
    placed(before.place('a', order({ qty: '3' })));
    const resting = placed(before.place('a', order({ price: '3900', clientId: 'rests' }))).order;
    before.armDeadMan('a', { symbol: 'PERP' }, 5_000);
    before.setLeverage('a', 'PERP', 7);
    const { accounts: after } = venue({}, file);
    const look = (x: SimAccounts) => [x.balances('a'), x.positions('a'), x.orders('a'), x.fills('a'), x.openOrders('a'), x.deadMen('a')];
    expect(look(after)).toEqual(look(before));
    expect(placed(after.place('a', order({}))).order.orderId).not.toBe(resting.orderId);
    expect(after.cancel('a', { symbol: 'PERP', clientId: 'rests' }).ok).toBe(true);
  });

  it('goes on for accounts that nobody opens again, and never gives an id twice', () => {
    dir = mkdtempSync(join(tmpdir(), 'book-'));
    const file = join(dir, 'book.jsonl');
    const first = venue({}, file);
    const { order: resting } = placed(first.accounts.place('a', order({ price: '4000.5' })));
    const settings = { listings: LISTINGS, policy: POLICY, clock: () => first.at.ms, file };
    createSimAccounts(settings);
    const third = createSimAccounts(settings);
    third.market('PERP', { ...TOP, askPrice: '4000.4' });
    expect(third.order('a', { symbol: 'PERP', orderId: resting.orderId })).toMatchObject({ stage: 'filled', fees: { USDT: '0.08001' } });
    third.open({ id: 'b', keys: [], ...OPENING });
    const { order: next } = placed(third.place('b', order()));
    expect(BigInt(next.orderId)).toBe(BigInt(resting.orderId) + 1n);
  });
});

const PRICES = ['3999', '4000', '4000.5', '4001', '4002.37'];
const orders = fc.record({
  symbol: fc.constantFrom('SPOT', 'PERP'),
  side: fc.constantFrom('buy', 'sell'),
  timeInForce: fc.constantFrom('gtc', 'ioc', 'fok', 'post-only'),
  qty: fc.integer({ min: 1, max: 8_000 }).map((n) => new Decimal(n).div(1_000).toFixed()),
  price: fc.constantFrom(...PRICES),
  reduceOnly: fc.boolean(),
  selfTrade: fc.constantFrom('none', 'cancel-taker', 'cancel-maker', 'cancel-both'),
}) as fc.Arbitrary<Partial<NewOrder>>;
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('place' as const), fc.constantFrom('a', 'b'), orders) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('market' as const), fc.constantFrom(...PRICES), fc.integer({ min: 0, max: 5 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('cancel' as const), fc.constantFrom('a', 'b'), fc.constant(0)) },
  ),
  { minLength: 1, maxLength: 30 },
);

/** What fills alone say that an account owns: cash by their sign, position by their quantity. */
const checkMoney = (accounts: SimAccounts, id: string): void => {
  const fills = accounts.fills(id);
  const of = (symbol: string) => fills.filter((f) => f.symbol === symbol);
  const flow = (xs: readonly BookFill[]) => sum(xs.map((f) => (f.side === 'buy' ? `-${f.quote}` : f.quote)));
  const signed = (xs: readonly BookFill[]) => sum(xs.map((f) => (f.side === 'buy' ? f.qty : `-${f.qty}`)));
  const fees = (asset: string) => sum(fills.filter((f) => f.feeAsset === asset).map((f) => f.fee));
  const total = (asset: string) => accounts.balances(id).find((b) => b.asset === asset)!.total;
  const { qty, entryPrice } = accounts.position(id, 'PERP');
  expect(signed(of('PERP')).eq(qty)).toBe(true);
  expect(signed(of('SPOT')).plus(10).minus(fees('BTC')).eq(total('BTC'))).toBe(true);
  const cost = new Decimal(entryPrice).times(qty).times('0.1');
  const owned = flow(fills).plus(100_000).minus(fees('USDT'));
  // The entry price is a quotient: exact to its 40 digits.
  expect(new Decimal(total('USDT')).minus(cost).minus(owned).abs().lt('1e-25')).toBe(true);
};

/** Both sides of a trade between accounts say the same, and one of them rested. */
const checkTrades = (accounts: SimAccounts): void => {
  const trades = new Map<string, BookFill[]>();
  for (const f of ['a', 'b'].flatMap((id) => accounts.fills(id))) {
    const key = `${f.symbol}|${f.tradeId}`;
    trades.set(key, [...(trades.get(key) ?? []), f]);
  }
  for (const [one, other, ...more] of trades.values()) {
    expect(more).toEqual([]);
    if (other === undefined) continue;
    expect([other.qty, other.price, other.side === one!.side, other.maker === one!.maker]).toEqual([one!.qty, one!.price, false, false]);
  }
};

it('keeps money and orders true whatever is asked', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const { accounts } = venue();
      for (const [what, x, y] of sequence) {
        if (what === 'place') accounts.place(x, order(y));
        else if (what === 'cancel') {
          accounts.cancelAll(x);
          accounts.closeByVenue(x, 'PERP', 'deleveraging');
        } else
          for (const { symbol } of LISTINGS)
            accounts.market(symbol, { bidPrice: x, bidQty: String(y), askPrice: new Decimal(x).plus('0.5').toFixed(), askQty: String(y) });
      }
      checkTrades(accounts);
      for (const id of ['a', 'b']) {
        checkMoney(accounts, id);
        for (const o of accounts.orders(id)) {
          expect(new Decimal(o.filledQty).lte(o.orderQty)).toBe(true);
          expect(sum(accounts.fills(id, { symbol: o.symbol, orderId: o.orderId }).map((f) => f.qty)).eq(o.filledQty)).toBe(true);
          expect(o.stage === 'filled').toBe(new Decimal(o.filledQty).eq(o.orderQty));
        }
        for (const b of accounts.balances(id)) expect(new Decimal(b.locked).lte(Decimal.max(b.total, 0))).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
