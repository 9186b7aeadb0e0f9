import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { demoInstrument } from '../../market/instruments.ts';
import { orderOf, type OrderGround } from './orderRules.ts';
import { rulesOf } from './symbols.ts';
import { Params, Refusal, type Product } from './wire.ts';

const groundOf = (product: Product, mark: string | null): OrderGround => ({
  product,
  rules: rulesOf(product === 'usdm' ? demoInstrument('binance-usdm', 'XAUUSDT') : demoInstrument('binance-spot', 'BTCUSDT'), product),
  hedgeMode: false,
  signed: true,
  mark,
  now: 1_795_353_000_000,
});
const odd = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 900_000 }).map((n) => new Decimal(n).div(100).toFixed()) },
  fc.constantFrom('', '0', '-1', '1e3', 'NaN', '4000.10', '0.100', '00.5', '.5', '9'.repeat(20), '9'.repeat(21), 'x'),
);
const words = (...known: string[]) => fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, fc.constantFrom('', 'x', 'é', 'BOTH'));
const PLAIN = { symbol: 'XAUUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.1', price: '4000' };
const changes = fc.record(
  {
    side: words('BUY', 'SELL'),
    type: words('LIMIT', 'MARKET', 'LIMIT_MAKER', 'STOP'),
    timeInForce: words('GTC', 'IOC', 'FOK', 'GTX', 'GTD'),
    quantity: odd,
    quoteOrderQty: odd,
    price: odd,
    reduceOnly: words('true', 'false', 'TRUE'),
    positionSide: words('BOTH', 'LONG'),
    newClientOrderId: words('arb-1', 'a'.repeat(36), 'a'.repeat(37)),
    newOrderRespType: words('ACK', 'RESULT', 'FULL'),
    selfTradePreventionMode: words('EXPIRE_TAKER', 'EXPIRE_BOTH', 'NONE'),
    goodTillDate: odd,
  },
  { requiredKeys: [] },
);
/** A plain order with up to three members changed. */
const asked = fc
  .tuple(
    changes,
    fc.shuffledSubarray(
      [
        'side',
        'type',
        'timeInForce',
        'quantity',
        'price',
        'reduceOnly',
        'newClientOrderId',
        'newOrderRespType',
        'selfTradePreventionMode',
        'positionSide',
        'quoteOrderQty',
        'goodTillDate',
      ],
      { maxLength: 3 },
    ),
  )
  .map(([all, names]) => ({ ...PLAIN, ...Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) }));

it('takes only orders that satisfy every filter, and refuses all others with a code of the venue', () => {
  let taken = 0;
  fc.assert(
    fc.property(asked, fc.constantFrom<Product>('usdm', 'spot'), fc.constantFrom('4000.05', null), (values, product, mark) => {
      const ground = groundOf(product, mark);
      const { rules } = ground;
      try {
        const order = orderOf(new Params(new Map(Object.entries(values))), ground);
        taken += 1;
        if (order.qty !== null) {
          expect(new Decimal(order.qty).mod(rules.step).isZero()).toBe(true);
          expect(new Decimal(order.qty).gte(rules.minQty)).toBe(true);
        }
        expect(order.price === null).toBe(order.type === 'market');
        if (order.price !== null) expect(new Decimal(order.price).mod(rules.tick).isZero()).toBe(true);
        expect(order.clientId).toMatch(/^[.A-Z:/a-z0-9_-]{1,36}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect((error as Refusal).code).toBeLessThan(-1_000);
      }
    }),
    { numRuns: 600 },
  );
  expect(taken).toBeGreaterThan(30);
});
