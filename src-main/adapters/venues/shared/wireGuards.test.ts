/** Frames judged at a glance mean what their schemas say; a glance that is too kind would book what nobody sent. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { executionReport, isExecutionReport } from '../binance-spot/streamWire.ts';
import { isOrderTradeUpdate, isTradeLite, orderTradeUpdate, tradeLite } from '../binance-usdm/streamWire.ts';
import { orderReadersIn, readSocketFrame } from '../okx/orderSocket.ts';
import {
  actEntry,
  actReply,
  isCallReply,
  isOrderPush,
  isPush,
  orderPush,
  readActEntry,
  readActReply,
  socketFrame,
} from '../okx/orderWire.ts';
import { push } from '../okx/wire.ts';
import { orderWire, readOrder, readReply, socketReply } from './binanceOrderWire.ts';

const ID = 8_389_766_145_050_669_870n;
const MS = 1_795_353_000_000;
const usdm = {
  e: 'ORDER_TRADE_UPDATE',
  E: MS,
  T: MS,
  o: {
    s: 'BTCUSDT',
    c: 'q1',
    S: 'BUY',
    q: '0.010',
    x: 'TRADE',
    X: 'FILLED',
    i: ID,
    l: '0.010',
    z: '0.010',
    L: '61800.10',
    n: '-0.30',
    N: 'USDT',
    T: MS,
    t: 5,
    er: '0',
  },
};
const lite = { e: 'TRADE_LITE', E: MS, T: MS, s: 'BTCUSDT', c: 'q1', i: ID, q: '0.010', l: '0.010', t: 5 };
const spot = {
  e: 'executionReport',
  E: MS,
  s: 'BTCUSDT',
  c: 'q1',
  S: 'SELL',
  C: '',
  x: 'TRADE',
  X: 'FILLED',
  r: 'NONE',
  eR: 'x',
  i: 6,
  l: '0.01',
  z: '0.01',
  L: '6.1',
  n: '0.1',
  N: 'BTC',
  T: MS,
  t: -1,
};
const fill = { price: '1.0', qty: '2', commission: '-0.1', commissionAsset: 'BNB', tradeId: 7 };
const order = {
  orderId: ID,
  clientOrderId: 'q1',
  origClientOrderId: 'q0',
  status: 'EXPIRED',
  origQty: '1.000',
  executedQty: '0.000',
  time: MS,
  updateTime: MS,
  transactTime: MS,
  expiryReason: 'x',
  fills: [fill],
};
const reply = { id: '1', status: 200, result: order };
const okx = {
  instId: 'BTC-USDT-SWAP',
  ordId: '31',
  clOrdId: 'q1',
  side: 'buy',
  state: 'filled',
  sz: '1',
  accFillSz: '1',
  fillSz: '1',
  fillPx: '6.1',
  tradeId: '9',
  fillTime: `${MS}`,
  fillFee: '-0.3',
  fillFeeCcy: 'USDT',
  uTime: `${MS}`,
  category: 'normal',
  cancelSource: '',
  code: '0',
  msg: '',
};
const entry = { ordId: '31', clOrdId: 'q1', ts: `${MS}`, sCode: '0', sMsg: '' };
const act = { id: 'c1', op: 'order', code: '0', msg: '', data: [entry] };
const pushed = { arg: { channel: 'orders', instType: 'ANY', instId: 'X' }, data: [okx] };

type Members = Record<string, unknown>;
const ODD = [
  undefined,
  null,
  '',
  '0',
  '-0',
  '1',
  '-1',
  '1.',
  '.5',
  '-1.5',
  '+1',
  '1e3',
  'NaN',
  '1'.repeat(24),
  '1'.repeat(25),
  `1.${'1'.repeat(25)}`,
  ' 1',
  '1\n',
  'toString',
  'FILLED',
  'buy',
  'live',
  'subscribe',
  'channel-conn-count',
  0,
  -0,
  1,
  -1,
  1.5,
  2 ** 53,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  ID,
  -ID,
  true,
  false,
  [],
  {},
  [{}],
  [fill],
  [fill, { ...fill, qty: 1 }],
  { channel: 1 },
  { channel: 'orders' },
] as const;

/** Every place in a frame, as a path. */
const placesIn = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.keys(value).flatMap((key) => [[...path, key], ...placesIn((value as Members)[key], [...path, key])]);
const changed = (value: unknown, path: readonly string[], put: unknown, absent: boolean): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as Members) }) as Members;
  if (rest.length === 0 && absent && Array.isArray(copy)) copy.splice(Number(key), 1);
  else if (rest.length === 0 && absent) delete copy[key];
  else copy[key] = changed(copy[key], rest, put, absent);
  return copy;
};
const EXTRA = ['event', 'channel', 'connCount', 'arg', 'error', 'id', 'op', 'unheard-of'];
/** The frame with one to three members odd, absent or added. */
const damaged = (base: unknown): fc.Arbitrary<unknown> => {
  const place = fc.constantFrom(...placesIn(base), ...EXTRA.map((name) => [name]));
  return fc
    .array(fc.tuple(place, fc.constantFrom(...ODD), fc.boolean()), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((value, [path, put, absent]) => tried(() => changed(value, path, put, absent), value), base));
};
const tried = <T>(make: () => T, otherwise: T): T => {
  try {
    return make();
  } catch {
    return otherwise;
  }
};

const sameAsFar = (read: unknown, value: unknown): void => {
  for (const key of Object.keys(read as Members)) expect((value as Members)[key], key).toEqual((read as Members)[key]);
};
const RUNS = { numRuns: 600 };

describe('what a glance takes, the schema takes as it stands', () => {
  const glances: readonly (readonly [string, (value: unknown) => boolean, z.ZodType, unknown])[] = [
    ['ORDER_TRADE_UPDATE', isOrderTradeUpdate, orderTradeUpdate, usdm],
    ['TRADE_LITE', isTradeLite, tradeLite, lite],
    ['executionReport', isExecutionReport, executionReport, spot],
    ['an order of OKX', isOrderPush, orderPush, okx],
    ['a push of OKX', isPush, push, pushed],
    ['a reply of OKX', isCallReply, socketFrame, act],
  ];
  test.each(glances)('%s', (_name, isPlain, schema, base) => {
    expect(isPlain(base)).toBe(true);
    fc.assert(
      fc.property(damaged(base), (value) => {
        if (isPlain(value)) sameAsFar(schema.parse(value), { code: '', msg: '', connCount: '', ...(value as Members) });
      }),
      RUNS,
    );
    for (const odd of ODD) if (isPlain(odd)) schema.parse(odd);
  });

  const readings: readonly (readonly [string, (value: unknown) => unknown, z.ZodType, unknown])[] = [
    ['an order of Binance', readOrder, orderWire, order],
    ['a reply of Binance', readReply, socketReply, reply],
    ['an act of OKX', readActReply, actReply, act],
    ['its entry', readActEntry, actEntry, entry],
  ];
  test.each(readings)('%s, and what it does not take is the schema’s to say', (_name, read, schema, base) => {
    expect(read(base)).toBe(base);
    fc.assert(
      fc.property(fc.oneof(damaged(base), fc.constantFrom(...ODD)), (value) => {
        expect(read(value)).toEqual(schema.safeParse(value).data ?? null);
      }),
      RUNS,
    );
  });

  test('what OKX says on its socket is what the schema makes of it', () => {
    fc.assert(
      fc.property(damaged(act), (value) => {
        const frame = socketFrame.safeParse(value);
        const kind = tried(() => readSocketFrame(value).kind, 'unreadable');
        if (kind === 'push') return;
        if (!frame.success) expect(kind).toBe('unreadable');
        else if (frame.data.event === undefined && frame.data.op !== undefined)
          expect(readSocketFrame(value)).toEqual(frame.data.id === undefined ? { kind: 'ignored' } : { kind: 'answer', id: frame.data.id });
      }),
      RUNS,
    );
    expect(orderReadersIn({ event: 'channel-conn-count', channel: 'orders', connCount: '3' })).toBe(3);
    expect(orderReadersIn({ event: 'channel-conn-count', channel: 'account', connCount: '3' })).toBeNull();
    expect(orderReadersIn(act)).toBeNull();
  });
});
