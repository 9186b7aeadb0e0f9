import { afterEach, describe, expect, test } from 'vitest';
import { okxStage, orderOf, refOf, SPOT, SWAP } from './okxPeer.testkit.ts';
import type { OkxStage } from './okxPeer.testkit.ts';
import { MAX_PAGE } from './orderWire.ts';

const stages: OkxStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.end();
});
const upStage = async (environment?: 'demo') => {
  const stage = await okxStage({}, environment);
  stages.push(stage);
  await stage.up();
  return stage;
};

const order = (more: object = {}) => ({
  instId: SWAP,
  ordId: '700',
  clOrdId: 'arb01',
  side: 'buy',
  state: 'canceled',
  sz: '10',
  accFillSz: '4',
  uTime: '5',
  category: 'normal',
  cancelSource: '14',
  cancelSourceReason: '',
  ...more,
});
const fill = (trade: number, more: object = {}) => ({
  instId: SWAP,
  ordId: '700',
  clOrdId: 'arb01',
  tradeId: `${trade}`,
  billId: `${1_000 - trade}`,
  subType: '1',
  side: 'buy',
  fillSz: '1',
  fillPx: '4000.5',
  fee: '-0.002',
  feeCcy: 'USDT',
  fillTime: `${trade}`,
  ...more,
});
/** Newest first, as OKX pages: `after` asks for what is older. */
const paged = (rows: readonly { readonly billId: string }[]) => (query: URLSearchParams) => {
  const after = query.get('after');
  const from = after === null ? 0 : rows.findIndex(({ billId }) => billId === after) + 1;
  return { data: rows.slice(from, from + MAX_PAGE) };
};

describe('a snapshot', () => {
  test('a flat account, with what is free and what is used', async () => {
    const { dialect } = await upStage();
    await expect(dialect.read(0)).resolves.toEqual({
      openOrders: [],
      fills: [],
      positions: [],
      account: {
        ccy: 'USDT',
        equity: '10000',
        marginUsed: '500',
        marginFree: '9500',
        balances: [{ ccy: 'USDT', free: '9000', total: '10000' }],
      },
    });
  });

  test('an answer without its list is no empty list: neither flat nor without orders', async () => {
    const { okx, dialect } = await upStage();
    for (const path of ['/api/v5/account/positions', '/api/v5/trade/orders-pending', '/api/v5/trade/fills']) {
      okx.rules.set(path, () => ({ text: '{"code":"0","msg":""}' }));
      expect(await dialect.read(dialect.venueUnixMs()!), path).toEqual(expect.stringContaining('without data'));
      okx.rules.set(path, () => ({ data: [] }));
    }
    expect(await dialect.read(dialect.venueUnixMs()!)).toMatchObject({ positions: [] });
  });

  test('fills over pages: all of them, oldest first', async () => {
    const { okx, dialect } = await upStage();
    const rows = Array.from({ length: 250 }, (_, at) => fill(250 - at));
    okx.rules.set('/api/v5/trade/fills', ({ query }) => paged(rows)(query));
    const reading = await dialect.read(dialect.venueUnixMs()! - 60_000);
    expect(typeof reading === 'string' ? reading : reading.fills.map(({ tradeId }) => tradeId)).toEqual(
      Array.from({ length: 250 }, (_, at) => `${at + 1}`),
    );
    expect(okx.asked('/api/v5/trade/fills')).toHaveLength(3);
    expect(okx.asked('/api/v5/trade/fills-history')).toHaveLength(0);
  });

  test('exactly one page is followed by one that is empty', async () => {
    const { okx, dialect } = await upStage();
    const rows = Array.from({ length: MAX_PAGE }, (_, at) => fill(MAX_PAGE - at));
    okx.rules.set('/api/v5/trade/fills', ({ query }) => paged(rows)(query));
    const reading = await dialect.read(dialect.venueUnixMs()! - 60_000);
    expect(typeof reading === 'string' ? 0 : reading.fills.length).toBe(MAX_PAGE);
    expect(okx.asked('/api/v5/trade/fills')).toHaveLength(2);
  });

  test('further back than three days: the history of both types, what is in both lists counts once', async () => {
    const { okx, dialect } = await upStage();
    const since = dialect.venueUnixMs()! - 5 * 86_400_000;
    okx.rules.set('/api/v5/trade/fills', () => ({ data: [fill(7)] }));
    okx.rules.set('/api/v5/trade/fills-history', ({ query }) => ({ data: query.get('instType') === 'SWAP' ? [fill(7), fill(3)] : [] }));
    const reading = await dialect.read(since);
    expect(typeof reading === 'string' ? reading : reading.fills.map(({ tradeId }) => tradeId)).toEqual(['3', '7']);
    const asked = okx.asked('/api/v5/trade/fills-history');
    expect(new Set(asked.map(({ query }) => query.get('instType')))).toEqual(new Set(['SPOT', 'SWAP']));
    expect(Number(asked[0]!.query.get('begin'))).toBeLessThanOrEqual(since);
  });

  test('further back than OKX remembers: as far as it does, and a person is told, once', async () => {
    const { okx, dialect, owner, time } = await upStage();
    const nowMs = dialect.venueUnixMs()!;
    const begins = () => okx.asked('/api/v5/trade/fills-history').map(({ query }) => Number(query.get('begin')));
    await dialect.read(nowMs - 90 * 86_400_000 + 60_000);
    expect(owner.alarms).toEqual([]);
    await dialect.read(nowMs - 91 * 86_400_000);
    await time.pass(2_200);
    await dialect.read(nowMs - 91 * 86_400_000);
    expect(owner.alarms).toEqual([expect.stringContaining('last three months')]);
    expect(Math.min(...begins())).toBeGreaterThan(nowMs - 90 * 86_400_000 - 60_000);
  });

  test('what is held: net and two-way swaps signed, spot by its balance', async () => {
    const { okx, dialect } = await upStage();
    const at = (pos: string, posSide: string, instId = SWAP) => ({ instId, pos, posSide, avgPx: '4000.5', mgnMode: 'cross', lever: '20' });
    okx.rules.set('/api/v5/account/balance', () => ({
      data: [{ totalEq: '1', details: [{ ccy: 'XAUT', cashBal: '1.50', availBal: '1.50' }] }],
    }));
    const heldWith = async (...positions: readonly object[]) => {
      okx.rules.set('/api/v5/account/positions', () => ({ data: positions }));
      const reading = await dialect.read(dialect.venueUnixMs()!);
      return typeof reading === 'string' ? reading : reading.positions;
    };
    const spot = { instrumentId: `${SPOT}@okx`, qty: '1.5', foreignQty: null, avgPx: null };
    const swap = (qty: string, avgPx: string | null = '4000.5') => ({ instrumentId: `${SWAP}@okx`, qty, foreignQty: null, avgPx });
    await expect(heldWith(at('-10', 'net'))).resolves.toEqual([swap('-10'), spot]);
    await expect(heldWith(at('10', 'short'))).resolves.toEqual([swap('-10'), spot]);
    await expect(heldWith(at('30', 'long'), at('10', 'short'))).resolves.toEqual([swap('20', null), spot]);
    await expect(heldWith(at('0', 'net'), at('5', 'net', 'BTC-USDT-SWAP'))).resolves.toEqual([spot]);
  });

  test('a position that is none of ours need not be understood', async () => {
    const { okx, dialect } = await upStage();
    const foreign = { instId: 'BTC-ABOVE-DAILY-261231', pos: '5', posSide: 'yes', mgnMode: 'isolated', lever: '' };
    okx.rules.set('/api/v5/account/positions', () => ({ data: [foreign] }));
    expect(await dialect.read(dialect.venueUnixMs()!)).toMatchObject({ positions: [] });
    okx.rules.set('/api/v5/account/positions', () => ({ data: [{ ...foreign, instId: SWAP }] }));
    expect(await dialect.read(dialect.venueUnixMs()!)).toEqual(expect.stringContaining('a position cannot be read'));
  });

  test('open orders over pages, of whatever instrument and whoever', async () => {
    const { okx, dialect } = await upStage();
    const rows = Array.from({ length: 130 }, (_, at) =>
      order({ ordId: `${900 - at}`, state: 'live', accFillSz: '0', clOrdId: at === 0 ? '' : `o${at}` }),
    );
    okx.rules.set('/api/v5/trade/orders-pending', ({ query }) => {
      const from = rows.findIndex(({ ordId }) => ordId === query.get('after')) + 1;
      return { data: rows.slice(from, from + MAX_PAGE) };
    });
    const reading = await dialect.read(0);
    if (typeof reading === 'string') throw new Error(reading);
    expect(reading.openOrders).toHaveLength(130);
    expect(reading.openOrders[0]).toEqual({
      venueOrderId: '900',
      clientOrderId: null,
      symbol: SWAP,
      side: 'buy',
      qty: '10',
      filledQty: '0',
    });
  });

  test.each(['trade/fills', 'trade/orders-pending', 'account/positions', 'account/balance'])(
    'a part that is refused, unreadable or lost spoils the whole: %s',
    async (path) => {
      const { okx, dialect } = await upStage();
      for (const rule of [{ code: '50011', msg: 'often', status: 429 }, { data: [{ odd: 1 }] }, { text: '<html>' }, 'drop'] as const) {
        okx.rules.set(`/api/v5/${path}`, () => rule);
        expect(typeof (await dialect.read(0)), JSON.stringify(rule)).toBe('string');
        await stages[0]!.time.pass(2_001);
      }
    },
  );
});

describe('one order', () => {
  test('found, with all of its fills', async () => {
    const { okx, dialect } = await upStage();
    okx.rules.set('/api/v5/trade/order', () => ({ data: [order()] }));
    okx.rules.set('/api/v5/trade/fills', () => ({ data: [fill(2, { fillSz: '3' }), fill(1)] }));
    const outcome = await dialect.query(refOf());
    expect(outcome).toMatchObject({
      code: 'found',
      report: { state: 'canceled', filledQty: '4', venueOrderId: '700', text: 'the rest of an immediate-or-cancel order' },
      fills: [
        { tradeId: '1', qty: '1', fee: '0.002' },
        { tradeId: '2', qty: '3' },
      ],
    });
    expect(okx.asked('/api/v5/trade/order')[0]!.query.get('clOrdId')).toBe('arb01');
  });

  test('fills that are older than three days come from the history', async () => {
    const { okx, dialect } = await upStage();
    okx.rules.set('/api/v5/trade/order', () => ({ data: [order()] }));
    okx.rules.set('/api/v5/trade/fills-history', () => ({ data: [fill(1, { fillSz: '4' })] }));
    await expect(dialect.query(refOf())).resolves.toMatchObject({ code: 'found', fills: [{ qty: '4' }] });
    expect(okx.asked('/api/v5/trade/fills-history')[0]!.query.get('instType')).toBe('SWAP');
  });

  test('without a fill nothing more is asked', async () => {
    const { okx, dialect } = await upStage();
    okx.rules.set('/api/v5/trade/order', () => ({ data: [order({ state: 'live', accFillSz: '0' })] }));
    await expect(dialect.query(refOf())).resolves.toMatchObject({ code: 'found', report: { state: 'working', filledQty: '0' }, fills: [] });
    expect(okx.asked('/api/v5/trade/fills')).toEqual([]);
  });

  test('not known: the venue’s time of the question goes with it', async () => {
    const { okx, dialect, time } = await upStage();
    okx.rules.set('/api/v5/trade/order', () => ({ code: '51603', msg: 'Order does not exist' }));
    const askedMs = dialect.venueUnixMs()!;
    okx.rules.set('/api/v5/trade/fills', () => {
      time.skip(700);
      return { data: [fill(1, { clOrdId: 'other' })] };
    });
    await expect(dialect.query(refOf())).resolves.toEqual({ code: 'not-found', venueUnixMs: askedMs });
  });

  test('not known, yet executed: that is no answer', async () => {
    const { okx, dialect } = await upStage();
    okx.rules.set('/api/v5/trade/order', () => ({ code: '51603', msg: 'Order does not exist' }));
    okx.rules.set('/api/v5/trade/fills', () => ({ data: [fill(1)] }));
    await expect(dialect.query(refOf())).resolves.toMatchObject({ code: 'failed' });
  });

  test.each([
    ['another order', { data: [order({ clOrdId: 'arb02' })] }],
    ['another instrument', { data: [order({ instId: SPOT })] }],
    ['nothing', { data: [] }],
    ['a state nobody knows', { data: [order({ state: 'resting' })] }],
    ['too often', { status: 429, code: '50011', msg: 'Too Many Requests' }],
    ['a 5xx that says 51603', { status: 503, code: '51603', msg: 'Order does not exist' }],
    ['no JSON', { text: 'Bad gateway', status: 502 }],
  ])('%s is no answer', async (_what, answer) => {
    const { okx, dialect } = await upStage();
    okx.rules.set('/api/v5/trade/order', () => answer);
    await expect(dialect.query(refOf())).resolves.toMatchObject({ code: 'failed' });
  });
});

describe('the demo environment', () => {
  test('never speaks to an address that is none of its own', async () => {
    const stage = await okxStage({}, 'demo');
    stages.push(stage);
    stage.dialect.start(stage.owner);
    await stage.time.pass(3_000);
    expect(stage.dialect.entry.detail).toContain('no host of the environment "demo"');
    expect(stage.okx.heard).toEqual([]);
    expect(stage.dialect.environmentHeader).toEqual({ 'x-simulated-trading': '1' });
    await expect(stage.dialect.place(orderOf(), () => true)).resolves.toMatchObject({ refusal: { by: 'gateway' } });
  });
});
