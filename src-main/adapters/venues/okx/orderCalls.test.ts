import { assert, boolean, constantFrom, oneof, property, record, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OrderRef } from '../../../../src-shared/domain/order.ts';
import { cancelBody, cancelFrame, placeBody, placeFrame } from './orderCalls.ts';
import { orderOf } from './okxPeer.testkit.ts';

const SWAP = { isSpot: false, marginMode: 'cross', selfTradePrevention: 'taker' } as const;

describe('what is written to OKX', () => {
  test('a swap order by socket: integer code, margin mode, self-trade prevention, its end on the venue’s clock', () => {
    const frame = placeFrame('c7', orderOf({ reduceOnly: true }), SWAP, '10458', 1_795_353_001_000.9);
    expect(frame).toContain('"instIdCode":10458,');
    expect(JSON.parse(frame)).toEqual({
      id: 'c7',
      op: 'order',
      expTime: '1795353001000',
      args: [
        {
          instIdCode: 10_458,
          tdMode: 'cross',
          side: 'buy',
          ordType: 'ioc',
          px: '4000.6',
          sz: '10',
          clOrdId: 'arb01',
          tag: 'quantarb',
          stpMode: 'cancel_taker',
          reduceOnly: true,
        },
      ],
    });
  });

  test('by socket and by REST the same terms, whatever the order', () => {
    const text = oneof(constantFrom('10', '4000.6', 'arb01', '"', '\\u2028'), string({ unit: 'binary', maxLength: 6 }));
    const orders = record({ qty: text, limitPx: text, clientOrderId: text, side: constantFrom('buy', 'sell'), reduceOnly: boolean() });
    const terms = record({
      isSpot: boolean(),
      marginMode: constantFrom('cross', 'isolated'),
      selfTradePrevention: constantFrom('taker', 'maker', 'both'),
    });
    const same = (order: object, { ...wanted }: typeof SWAP | object): void => {
      const asked = { ...orderOf(), ...order };
      const as = { ...SWAP, ...wanted };
      const { args } = JSON.parse(placeFrame('c1', asked, as, '7', 1)) as { readonly args: readonly object[] };
      const { instId: _instId, ...body } = JSON.parse(placeBody(asked, as)) as Record<string, unknown>;
      expect(args.map((arg) => Object.entries(arg))).toEqual([Object.entries({ instIdCode: 7, ...body })]);
    };
    assert(property(orders, terms, same), { numRuns: 300 });
  });

  test('a code beyond 2^53 keeps every digit', () => {
    expect(placeFrame('c1', orderOf(), SWAP, '9007199254740993123', 1)).toContain('"instIdCode":9007199254740993123,');
  });

  test('spot is cash and knows no reduce-only; isolated and the other ways of self-trade prevention are sent as configured', () => {
    const spot = JSON.parse(placeBody(orderOf({ symbol: 'XAUT-USDT', reduceOnly: true }), { ...SWAP, isSpot: true })) as object;
    expect(spot).toMatchObject({ instId: 'XAUT-USDT', tdMode: 'cash', sz: '10' });
    expect(spot).not.toHaveProperty('reduceOnly');
    expect(JSON.parse(placeBody(orderOf(), { ...SWAP, marginMode: 'isolated', selfTradePrevention: 'both' }))).toMatchObject({
      tdMode: 'isolated',
      stpMode: 'cancel_both',
    });
    expect(JSON.parse(placeBody(orderOf(), SWAP))).not.toHaveProperty('reduceOnly');
  });

  test('a cancel names the venue’s id where it is known, else ours', () => {
    const ref = orderOf() as unknown as OrderRef;
    const named = { ...ref, venueOrderId: '77', magic: null };
    expect(JSON.parse(cancelFrame('c2', named, '5'))).toEqual({ id: 'c2', op: 'cancel-order', args: [{ instIdCode: 5, ordId: '77' }] });
    expect(JSON.parse(cancelBody({ ...named, venueOrderId: null }))).toEqual({ instId: 'XAU-USDT-SWAP', clOrdId: 'arb01' });
  });
});
