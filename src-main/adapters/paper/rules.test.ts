import { describe, expect, test } from 'vitest';
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { OrderRequest, Refusal } from '../../../src-shared/domain/order.ts';
import { Stage, TERMINAL, type StageOptions } from './paper.testkit.ts';

interface Case {
  readonly protocol: VenueProtocol;
  readonly what: string;
  readonly order: Partial<OrderRequest>;
  readonly code: string | null;
  readonly text: RegExp;
  readonly retry?: Refusal['retry'];
  readonly stage?: StageOptions;
  readonly before?: (stage: Stage) => void | Promise<void>;
}

const holding = async (stage: Stage): Promise<void> => void (await stage.done());

const CASES: readonly Case[] = [
  // Binance spot
  { protocol: 'binance-spot', what: 'off the tick', order: { limitPx: '60030.001' }, code: '-1013', text: /^Filter failure: PRICE_FILTER/ },
  { protocol: 'binance-spot', what: 'off the step', order: { qty: '0.010001' }, code: '-1013', text: /^Filter failure: LOT_SIZE/ },
  { protocol: 'binance-spot', what: 'too large', order: { qty: '9001' }, code: '-1013', text: /^Filter failure: LOT_SIZE/ },
  { protocol: 'binance-spot', what: 'too little value', order: { qty: '0.00001' }, code: '-1013', text: /^Filter failure: NOTIONAL/ },
  {
    protocol: 'binance-spot',
    what: 'absurd price',
    order: { limitPx: '600000' },
    code: '-1013',
    text: /^Filter failure: PERCENT_PRICE_BY_SIDE/,
    retry: 'fresh-price',
  },
  {
    protocol: 'binance-spot',
    what: 'too little quote currency',
    order: { qty: '0.2' },
    code: '-2010',
    text: /^Account has insufficient balance/,
  },
  {
    protocol: 'binance-spot',
    what: 'more base than there is',
    order: { side: 'sell', qty: '0.50001' },
    code: '-2010',
    text: /needs 0.50001 BTC, free 0.5/,
  },
  {
    protocol: 'binance-spot',
    what: 'halted symbol',
    order: {},
    stage: { instrument: { tradable: false, venueState: 'BREAK' } },
    code: '-1013',
    text: /^Market is closed/,
  },
  // Binance futures
  { protocol: 'binance-usdm', what: 'off the tick', order: { limitPx: '60030.05' }, code: '-4014', text: /tick size/ },
  { protocol: 'binance-usdm', what: 'price of zero', order: { limitPx: '0' }, code: '-4013', text: /less than min price/ },
  { protocol: 'binance-usdm', what: 'off the step', order: { qty: '0.0105' }, code: '-4023', text: /step size/ },
  { protocol: 'binance-usdm', what: 'below the minimum', order: { qty: '0.0005' }, code: '-4004', text: /less than min/ },
  { protocol: 'binance-usdm', what: 'above the maximum', order: { qty: '1001' }, code: '-4005', text: /greater than max/ },
  {
    protocol: 'binance-usdm',
    what: 'notional too small',
    order: { qty: '0.001' },
    stage: { instrument: { minNotional: '100' } },
    code: '-4164',
    text: /notional/,
  },
  { protocol: 'binance-usdm', what: 'above the band', order: { limitPx: '64000' }, code: '-4016', text: /higher/, retry: 'fresh-price' },
  {
    protocol: 'binance-usdm',
    what: 'below the band',
    order: { side: 'sell', limitPx: '50000' },
    code: '-4024',
    text: /lower/,
    retry: 'fresh-price',
  },
  {
    protocol: 'binance-usdm',
    what: 'nothing to reduce',
    order: { reduceOnly: true, purpose: 'close' },
    code: '-2022',
    text: /^ReduceOnly/,
  },
  {
    protocol: 'binance-usdm',
    what: 'more to reduce than held',
    before: holding,
    order: { side: 'sell', qty: '0.02', reduceOnly: true },
    code: '-2022',
    text: /held 0.01/,
  },
  { protocol: 'binance-usdm', what: 'no margin', order: { qty: '4' }, code: '-2019', text: /^Margin is insufficient/ },
  {
    protocol: 'binance-usdm',
    what: 'not trading',
    order: {},
    stage: { instrument: { tradable: false, venueState: 'SETTLING' } },
    code: '-4140',
    text: /SETTLING/,
  },
  {
    protocol: 'binance-usdm',
    what: 'unknown symbol',
    order: { instrumentId: 'X@v' as OrderRequest['instrumentId'] },
    code: '-1121',
    text: /^Invalid symbol/,
  },
  // OKX
  { protocol: 'okx', what: 'off the tick', order: { limitPx: '60030.05' }, code: '51000', text: /px/ },
  { protocol: 'okx', what: 'off the lot', order: { qty: '1.005' }, code: '51121', text: /lot size/ },
  { protocol: 'okx', what: 'below the minimum', order: { qty: '0.005' }, code: '51020', text: /minimum order amount/ },
  { protocol: 'okx', what: 'above the maximum', order: { qty: '10001' }, code: '51101', text: /max/ },
  {
    protocol: 'okx',
    what: 'outside the price limit',
    order: { limitPx: '64000' },
    code: '51006',
    text: /price limit/,
    retry: 'fresh-price',
  },
  { protocol: 'okx', what: 'no margin', order: { qty: '400' }, code: '51008', text: /Insufficient/ },
  { protocol: 'okx', what: 'nothing to reduce', order: { reduceOnly: true }, code: '51169', text: /any positions in this direction/ },
  {
    protocol: 'okx',
    what: 'reduces too much, whole order',
    before: holding,
    order: { side: 'sell', qty: '1.01', reduceOnly: true },
    code: '51112',
    text: /held 1/,
  },
  {
    protocol: 'okx',
    what: 'suspended',
    order: {},
    stage: { instrument: { tradable: false, venueState: 'suspend' } },
    code: '51022',
    text: /suspend/,
  },
  // MetaTrader
  { protocol: 'metatrader', what: 'volume off the step', order: { qty: '0.015' }, code: '10014', text: /^Invalid volume/ },
  { protocol: 'metatrader', what: 'volume below the minimum', order: { qty: '0.001' }, code: '10014', text: /^Invalid volume/ },
  { protocol: 'metatrader', what: 'volume above the maximum', order: { qty: '51' }, code: '10014', text: /^Invalid volume/ },
  { protocol: 'metatrader', what: 'price off the tick', order: { limitPx: '4001.001' }, code: '10015', text: /^Invalid price/ },
  { protocol: 'metatrader', what: 'limit absurdly far', order: { limitPx: '4400' }, code: '10016', text: /^Invalid stops/ },
  { protocol: 'metatrader', what: 'not enough money', order: { qty: '1' }, code: '10019', text: /not enough money/ },
  {
    protocol: 'metatrader',
    what: 'autotrading off',
    order: {},
    before: (s) => s.report({ type: 'metatrader', venueId: s.venue.id, report: { ...TERMINAL, gates: 'autotrading' } }),
    code: '10027',
    text: /Autotrading disabled/,
  },
  {
    protocol: 'metatrader',
    what: 'trade disabled',
    order: {},
    stage: { instrument: { venueState: 'disabled' } },
    code: '10017',
    text: /disabled/,
  },
  {
    protocol: 'metatrader',
    what: 'close only',
    order: {},
    stage: { instrument: { venueState: 'close_only' } },
    code: '10044',
    text: /closing/,
  },
  {
    protocol: 'metatrader',
    what: 'long only',
    order: { side: 'sell' },
    stage: { instrument: { venueState: 'long_only' } },
    code: '10042',
    text: /long/,
  },
  {
    protocol: 'metatrader',
    what: 'short only',
    order: {},
    stage: { instrument: { venueState: 'short_only' } },
    code: '10043',
    text: /short/,
  },
  {
    protocol: 'metatrader',
    what: 'market closed',
    order: {},
    stage: { settings: { sessions: [{ openUtcMinuteOfWeek: 0, closeUtcMinuteOfWeek: 1 }] } },
    code: '10018',
    text: /^Market is closed/,
  },
  { protocol: 'metatrader', what: 'requote', order: { limitPx: '4000.1' }, code: '10004', text: /^Requote/, retry: 'fresh-price' },
  {
    protocol: 'metatrader',
    what: 'no quotes',
    order: {},
    before: (s) => s.quote({ ageMs: 5_000 }),
    code: '10021',
    text: /no quotes/,
    retry: 'fresh-price',
  },
  { protocol: 'metatrader', what: 'position gone', order: { positionId: '99', side: 'sell' }, code: '10036', text: /already been closed/ },
  {
    protocol: 'metatrader',
    what: 'closes more than there is',
    before: holding,
    order: { positionId: '50000001', side: 'sell', qty: '0.02' },
    code: '10038',
    text: /exceeds/,
  },
  {
    protocol: 'metatrader',
    what: 'closes the wrong way',
    before: holding,
    order: { positionId: '50000001', side: 'buy' },
    code: '10006',
    text: /does not close/,
  },
  {
    protocol: 'metatrader',
    what: 'other currency than the account’s',
    order: {},
    stage: { instrument: { quoteCcy: 'EUR' } },
    code: '10006',
    text: /cannot settle EUR/,
  },
];

describe('a venue refuses in its own words', () => {
  test.each(CASES)('$protocol: $what → $code', async ({ protocol, order, code, text, retry, stage: options, before }) => {
    const stage = new Stage(protocol, options);
    await before?.(stage);
    const outcome = await stage.answer(stage.place(order));
    expect(outcome).toEqual({
      code: 'refused',
      refusal: { venueCode: code, text: expect.stringMatching(text) as string, retry: retry ?? 'never', by: 'venue' },
    });
    expect((await stage.answer(stage.gateway.snapshot(0))).code).toBe('answered');
  });

  test.each(['binance-spot', 'binance-usdm', 'okx'] as const)('%s: without a price of ours nothing is invented', async (protocol) => {
    const stage = new Stage(protocol);
    stage.quote({ ageMs: 600 });
    const outcome = await stage.answer(stage.place());
    expect(outcome).toMatchObject({ code: 'refused', refusal: { by: 'gateway', retry: 'fresh-price', venueCode: null } });
    stage.quote({ bid: 0, ask: 0 });
    expect(await stage.answer(stage.place())).toMatchObject({ code: 'refused', refusal: { by: 'gateway' } });
  });

  test('reduce-only is exempt from the minimum notional of futures, not of spot', async () => {
    const stage = new Stage('binance-usdm', { instrument: { minNotional: '100' } });
    expect(await stage.done({ qty: '0.010' })).toMatchObject({ code: 'acknowledged' });
    expect(await stage.done({ side: 'sell', qty: '0.001', reduceOnly: true, purpose: 'close' })).toMatchObject({ code: 'acknowledged' });
  });

  test('rejects at random, in both classes, as often as asked', async () => {
    let drawn = 0;
    const stage = new Stage('binance-usdm', { paper: { rejectRate: 0.5 }, random: () => (drawn += 0.37) % 1 });
    const retries: string[] = [];
    for (let n = 0; n < 40; n++) {
      const outcome = await stage.done({ qty: '0.001' });
      retries.push(outcome.code === 'refused' ? outcome.refusal.retry : outcome.code);
    }
    expect(new Set(retries)).toEqual(new Set(['acknowledged', 'later', 'never']));
  });
});
