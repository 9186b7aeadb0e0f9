/** The short form of the storms, and the comparison on planted mistakes. The long form: `npm run storm -- --orders 1000`. */
import { describe, expect, it } from 'vitest';
import type { ClientOrderId, InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import type { FillReport, OrderRequest } from '../../src-shared/domain/order.ts';
import type { BookFill, BookOrder } from '../../src-main/sim/exchange/account/account.ts';
import { stormDepartures, type BookSide, type OurSide } from './reconcile.ts';
import type { Followed } from './settle.ts';
import { runStorm } from './storm.ts';

const ORDERS = 40;
/** Longer than any wait of a storm, each of which says what it waited for. */
const STORM_WITHIN_MS = 150_000;

describe('a storm on the road', () => {
  for (const protocol of ['binance-usdm', 'binance-spot', 'okx'] as const)
    it.concurrent(
      `leaves nothing twice, lost or unreconciled at ${protocol}`,
      async () => {
        const { violations, sent, bookOrders, bookFills, faults } = await runStorm({
          protocol,
          orders: ORDERS,
          seed: 4,
          faultShare: 0.15,
          restarts: 1,
        });
        expect(violations).toEqual([]);
        expect(sent).toBeGreaterThanOrEqual(ORDERS);
        // How many the weather lets through differs from run to run.
        expect(bookOrders).toBeGreaterThan(ORDERS / 8);
        expect(bookFills).toBeGreaterThan(0);
        expect(Object.keys(faults).length).toBeGreaterThan(2);
      },
      STORM_WITHIN_MS,
    );
});

const order = { clientId: 'a', stage: 'filled', filledQty: '0.10' } as BookOrder;
const fill = { tradeId: '7', clientId: 'a', side: 'buy', qty: '0.1', price: '4000.10', fee: '0.2', feeAsset: 'USDT' } as BookFill;
const told: FillReport = {
  venueId: 'okx' as VenueId,
  instrumentId: 'X@okx' as InstrumentId,
  tradeId: '7',
  clientOrderId: 'a' as ClientOrderId,
  side: 'buy',
  qty: '0.10',
  px: '4000.1',
  fee: '0.2',
  feeCcy: 'USDT',
  positionId: null,
  venueUnixMs: 1,
};
const followed: Followed = {
  request: { clientOrderId: 'a' } as OrderRequest,
  sentUnixMs: 1,
  answer: 'acknowledged',
  conclusion: { end: 'filled', filledQty: '0.1' },
  queries: 0,
};
const book: BookSide = { orders: [order], fills: [fill] };
const ours: OurSide = { followed: [followed], fills: [told], openOrders: 0, heldQty: '0.1' };

describe('what departs from the book', () => {
  it('nothing where all is the same', () => {
    expect(stormDepartures(book, ours)).toEqual([]);
  });
  const planted: Readonly<Record<string, readonly [BookSide, OurSide, RegExp]>> = {
    'an order twice': [{ ...book, orders: [order, order] }, ours, /twice/],
    'an order that nobody sent': [{ ...book, orders: [order, { ...order, clientId: 'b' }] }, ours, /nobody sent/],
    'an order that the book does not have': [{ ...book, orders: [] }, ours, /does not have it/],
    'an order taken for absent': [book, { ...ours, followed: [{ ...followed, conclusion: { end: 'absent' } }] }, /taken for absent/],
    'an order taken for refused': [
      book,
      { ...ours, followed: [{ ...followed, conclusion: { end: 'refused', by: 'venue', code: '1', text: '' } }] },
      /taken for refused/,
    ],
    'an order without an end': [book, { ...ours, followed: [{ ...followed, conclusion: null }] }, /no end/],
    'another filled quantity': [
      book,
      { ...ours, followed: [{ ...followed, conclusion: { end: 'filled', filledQty: '0.2' } }] },
      /with 0\.2/,
    ],
    'another end': [book, { ...ours, followed: [{ ...followed, conclusion: { end: 'canceled', filledQty: '0.1' } }] }, /canceled with/],
    'a fill that we lost': [book, { ...ours, fills: [] }, /not known to us/],
    'a fill twice': [book, { ...ours, fills: [told, told] }, /known twice/],
    'a fill that we invented': [book, { ...ours, fills: [told, { ...told, tradeId: '8' }] }, /in no book/],
    'another fee': [book, { ...ours, fills: [{ ...told, fee: '-0.2' }] }, /fill 7/],
    'another price': [book, { ...ours, fills: [{ ...told, px: '4000.2' }] }, /fill 7/],
    'another order of a fill': [book, { ...ours, fills: [{ ...told, clientOrderId: null }] }, /fill 7/],
    'an order that rests': [book, { ...ours, openOrders: 1 }, /rest after/],
    'another position': [book, { ...ours, heldQty: '0.2' }, /position/],
  };
  for (const [name, [theirs, mistaken, words]] of Object.entries(planted))
    it(name, () => {
      expect(stormDepartures(theirs, mistaken).join('\n')).toMatch(words);
    });
});
