import { assert, constantFrom, integer, oneof, property, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../../../../src-shared/domain/order.ts';
import type { VenueKey } from '../../../runtime/ports.ts';
import { usdmOrderParams } from '../binance-usdm/orders.ts';
import { BinanceAuth } from './binanceAuth.ts';
import type { Params } from './binanceAuth.ts';
import { MAX_PREPARED, OrderFrames } from './binanceOrderFrames.ts';

const KEY: VenueKey = { environment: 'simulated', apiKey: 'key', secret: { algorithm: 'hmac-sha256', text: 'secret' }, passphrase: null };
const auth = new BinanceAuth(KEY);
const paramsOf = (order: OrderRequest): Params => ({
  symbol: order.symbol,
  side: order.side === 'buy' ? 'BUY' : 'SELL',
  quantity: order.qty,
  price: order.limitPx,
  newClientOrderId: order.clientOrderId,
  ...usdmOrderParams(order),
});

type Ask = Pick<OrderRequest, 'symbol' | 'side' | 'reduceOnly' | 'qty' | 'limitPx'> & { readonly clientOrderId: string };
const orderOf = (ask: Ask): OrderRequest => ask as OrderRequest;
const plain: Ask = { symbol: 'BTCUSDT', side: 'buy', reduceOnly: false, qty: '0.010', limitPx: '4000.10', clientOrderId: 'q1' };

/** The one and the other way: what is written whole signs what it writes. */
const written = (id: string, ask: Ask, recvWindow: number, nowMs: number): string =>
  JSON.stringify({ id, method: 'order.place', params: auth.onSocket({ ...paramsOf(orderOf(ask)), recvWindow }, nowMs) });

describe('frames of orders', () => {
  const strange = string({ unit: 'binary', maxLength: 8 });
  const asks = record({
    symbol: oneof(constantFrom('BTCUSDT', 'XAUUSDT', '币安人生USDT', 'a"b', '\u{e004}'), strange),
    side: constantFrom('buy' as const, 'sell' as const),
    reduceOnly: constantFrom(true, false),
    qty: oneof(constantFrom('1', '0.010', '1e3', '\u{e002}'), strange),
    limitPx: oneof(constantFrom('4000.10', '0.1', '"'), strange),
    clientOrderId: oneof(constantFrom('q1234', 'a:b/c-d_e.f', 'ü', '\u{e007}'), strange),
  });

  it('are byte for byte what is written and signed whole, whatever the order', () => {
    const frames = new OrderFrames({ auth, paramsOf });
    assert(
      property(asks, integer({ min: 1, max: 60_000 }), integer({ min: 0, max: 4e12 }), (ask, windowMs, nowMs) => {
        for (const each of [plain, ask, { ...plain, side: ask.side, reduceOnly: ask.reduceOnly }])
          expect(frames.frame('7', orderOf(each), windowMs, nowMs + 0.75).text).toBe(written('7', each, windowMs, nowMs));
      }),
      { numRuns: 200 },
    );
  });

  it('of more instruments than are prepared are written whole', () => {
    const frames = new OrderFrames({ auth, paramsOf });
    for (let i = 0; i <= MAX_PREPARED; i++) {
      const ask = { ...plain, symbol: `S${i}` };
      expect(frames.frame('1', orderOf(ask), 1_500, 1).text).toBe(written('1', ask, 1_500, 1));
    }
  });

  it('are prepared once: of an instrument that is known, nothing is written again', () => {
    let count = 0;
    const counted = (order: OrderRequest): Params => {
      count += 1;
      return paramsOf(order);
    };
    const frames = new OrderFrames({ auth, paramsOf: counted });
    frames.frame('1', orderOf(plain), 1_500, 1);
    const atFirst = count;
    frames.frame('2', orderOf({ ...plain, side: 'sell', reduceOnly: true, qty: '3', limitPx: '9', clientOrderId: 'q2' }), 900, 2);
    expect(count).toBe(atFirst);
  });
});
