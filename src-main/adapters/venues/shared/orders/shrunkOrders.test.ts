/**
 * A reducing order that the exchange makes smaller, down to the position, and then calls filled: for how much it was taken is told
 * by every way on which the end can come, on both exchanges, for "filled" alone would be read as all that was asked.
 */
import { describe, expect, test } from 'vitest';
import { instrumentIdOf } from '../../../../../src-shared/domain/ids.ts';
import type { ClientOrderId, VenueId } from '../../../../../src-shared/domain/ids.ts';
import { UsdmPushes } from '../../binance-usdm/pushes.ts';
import { OkxPushes, reportOf as okxReportOf } from '../../okx/orderDecode.ts';
import { orderEntry } from '../../okx/orderWire.ts';
import { orderWire, readOrder } from '../binanceOrderWire.ts';
import { reportOf } from '../binanceReports.ts';

const VENUE = 'x' as VenueId;
const SYMBOL = 'XAUUSDT';
const SWAP = 'XAU-USDT-SWAP';
const NAME = 'q1' as ClientOrderId;
const T = 1_795_353_396_790;

const usdm = () => new UsdmPushes(VENUE, new Map([[SYMBOL, instrumentIdOf(SYMBOL, 'x')]]));
const event = (more: object) => ({
  e: 'ORDER_TRADE_UPDATE',
  E: T,
  T,
  o: { s: SYMBOL, c: NAME, i: 7, S: 'SELL', x: 'TRADE', X: 'FILLED', q: '0.400', l: '0.400', L: '4000', t: 9, z: '0.400', T, ...more },
});
const reply = (more: object) => ({ orderId: 7, clientOrderId: NAME, status: 'FILLED', origQty: '0.400', executedQty: '0.400', ...more });
const owner = { venueId: VENUE, instrumentIds: new Map([[SWAP, instrumentIdOf(SWAP, 'x')]]) };
const okxOrder = (more: object) => ({
  instId: SWAP,
  ordId: '71',
  clOrdId: NAME,
  side: 'sell',
  state: 'filled',
  sz: '4',
  accFillSz: '4',
  ...more,
});
const okxPush = (more: object) => ({ arg: { channel: 'orders', instType: 'ANY' }, data: [okxOrder(more)] });

describe('for how much a filled order was taken', () => {
  test('is told by Binance’s pushes, the early one too', () => {
    expect(usdm().read(event({})).reports).toMatchObject([{ state: 'filled', filledQty: '0.4', orderQty: '0.4' }]);
    const lite = { e: 'TRADE_LITE', E: T, T, s: SYMBOL, c: NAME, i: 7, S: 'SELL', q: '0.400', l: '0.400', L: '4000', t: 9, m: false };
    expect(usdm().read(lite).reports).toMatchObject([{ state: 'filled', filledQty: '0.4', orderQty: '0.4' }]);
  });

  test('is told by Binance’s replies and answers, where they say it', () => {
    expect(reportOf(VENUE, NAME, orderWire.parse(reply({})))).toMatchObject({ state: 'filled', orderQty: '0.4' });
    expect(readOrder(reply({}))).toMatchObject({ origQty: '0.400' });
    const { origQty: _unsaid, ...short } = reply({});
    expect(reportOf(VENUE, NAME, orderWire.parse(short))).not.toHaveProperty('orderQty');
  });

  test('is told by OKX’s pushes and answers', () => {
    expect(new OkxPushes(owner, 'cross').decode(okxPush({})).reports).toMatchObject([{ state: 'filled', filledQty: '4', orderQty: '4' }]);
    expect(okxReportOf(owner, orderEntry.parse(okxOrder({})))).toMatchObject({ state: 'filled', orderQty: '4' });
    expect(new OkxPushes(owner, 'cross').decode(okxPush({ sz: undefined })).reports[0]).not.toHaveProperty('orderQty');
  });

  test('is of no interest where the order did not end so', () => {
    expect(usdm().read(event({ x: 'EXPIRED', X: 'EXPIRED', l: '0', t: 0 })).reports[0]).not.toHaveProperty('orderQty');
    expect(okxReportOf(owner, orderEntry.parse(okxOrder({ state: 'canceled' })))).not.toHaveProperty('orderQty');
  });
});
