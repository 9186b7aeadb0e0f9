/** What a futures account is asked at its checks, and what is found out: each contradiction alone, with both figures. */
import { afterEach, describe, expect, test } from 'vitest';
import type { OrdersStage, OrdersStageOptions } from '../shared/binanceOrders.testkit.ts';
import { ACCOUNT_AS_CONFIGURED, EXCHANGE_INFO, SYMBOL, usdmStage } from './usdmStage.testkit.ts';

let stage: OrdersStage;
const open = async (more: Partial<OrdersStageOptions> = {}): Promise<OrdersStage> => {
  stage = await usdmStage(more);
  return stage;
};
afterEach(async () => {
  expect(stage.venue.unsigned).toEqual([]);
  await stage.end();
});

describe('checks', () => {
  const script = (more: Record<string, unknown> = {}) => {
    const answers = { ...ACCOUNT_AS_CONFIGURED, ...more };
    for (const [what, body] of Object.entries(answers)) stage.venue.rest.set(what, body instanceof Refusal ? body.reply : { body });
  };
  class Refusal {
    readonly reply: { readonly status: number; readonly body: unknown };
    constructor(code: number, msg: string) {
      this.reply = { status: 400, body: { code, msg } };
    }
  }
  const check = async () => {
    const checked = await stage.dialect.check();
    if (typeof checked === 'string') throw new Error(checked);
    return checked;
  };
  const failing = async () => (await check()).checks.filter(({ state }) => state !== 'pass');

  test('an account as configured passes, and the limits of the venue count', async () => {
    const { dialect, venue, up } = await open();
    await up();
    script();
    const { checks, described, keyExpiresUnixMs } = await check();
    expect(checks.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(new Set(checks.map(({ code }) => code)).size).toBeGreaterThan(13);
    expect(described).toMatchObject([{ symbol: SYMBOL, tickSize: '0.01', minNotional: '5' }]);
    expect(keyExpiresUnixMs).toBeNull();
    expect(dialect.budgets().find(({ name }) => name === 'orders 10 s')?.max).toBe(77);
    expect(venue.of('POST /fapi/v1/order/test')[0]!.params).toMatchObject({ quantity: '0.002', price: '4000', positionSide: 'BOTH' });
    expect(await dialect.bands()).toEqual([{ instrumentId: 'XAUUSDT@x', highestBuyPx: '4080', lowestSellPx: '3920' }]);
  });

  test.each([
    ['position-mode', { 'GET /fapi/v1/accountConfig': { canTrade: true, dualSidePosition: true, multiAssetsMargin: false } }, 'fail'],
    ['trading-right', { 'GET /fapi/v1/accountConfig': { canTrade: false, dualSidePosition: false, multiAssetsMargin: false } }, 'fail'],
    ['account-level', { 'GET /fapi/v1/accountConfig': { canTrade: true, dualSidePosition: false, multiAssetsMargin: true } }, 'warn'],
    ['margin-mode', { 'GET /fapi/v1/symbolConfig': [{ symbol: SYMBOL, marginType: 'ISOLATED', leverage: 20 }] }, 'fail'],
    ['leverage', { 'GET /fapi/v1/symbolConfig': [{ symbol: SYMBOL, marginType: 'CROSSED', leverage: 19 }] }, 'fail'],
    ['fees', { 'GET /fapi/v1/commissionRate': { symbol: SYMBOL, takerCommissionRate: '0.000501' } }, 'fail'],
    ['fees', { 'GET /fapi/v1/commissionRate': { symbol: SYMBOL, takerCommissionRate: '0.000499' } }, 'warn'],
    ['funding', { 'GET /fapi/v1/fundingInfo': [{ symbol: SYMBOL, fundingIntervalHours: 4 }] }, 'fail'],
    [
      'withdrawal-right',
      { 'GET /sapi/v1/account/apiRestrictions': { ipRestrict: true, enableWithdrawals: true, enableFutures: true } },
      'fail',
    ],
    [
      'ip-binding',
      { 'GET /sapi/v1/account/apiRestrictions': { ipRestrict: false, enableWithdrawals: false, enableFutures: true } },
      'warn',
    ],
    [
      'trading-right',
      { 'GET /sapi/v1/account/apiRestrictions': { ipRestrict: true, enableWithdrawals: false, enableFutures: false } },
      'fail',
    ],
    ['agreement', { 'POST /fapi/v1/order/test': new Refusal(-4411, 'Please sign TradFi-Perps agreement.') }, 'fail'],
    ['agreement', { 'POST /fapi/v1/order/test': new Refusal(-2019, 'Margin is insufficient.') }, 'warn'],
    ['metadata', { 'GET /fapi/v1/exchangeInfo': { ...EXCHANGE_INFO, symbols: [] } }, 'fail'],
    [
      'metadata',
      { 'GET /fapi/v1/exchangeInfo': { ...EXCHANGE_INFO, symbols: [{ ...EXCHANGE_INFO.symbols[0], status: 'SETTLING' }] } },
      'fail',
    ],
  ])('%s is found out', async (code, more, state) => {
    const { up } = await open();
    await up();
    script(more);
    const found = await failing();
    expect(found).toMatchObject([{ code, state }]);
    expect(found[0]!.fix).not.toBe('');
    if (code !== 'agreement') expect(found[0]!.reported).not.toBeNull();
    else expect(found[0]!.venueCode).toMatch(/^-\d+ \w/);
  });

  test('both figures of a contradicted claim', async () => {
    const { up } = await open({ instrument: { expected: { tickSize: '0.1', qtyStep: '0.001' } } });
    await up();
    script();
    expect(await failing()).toMatchObject([{ code: 'metadata', configured: '0.1', reported: '0.01', state: 'fail' }]);
  });

  test('a refused key is a finding; a key that ends soon warns', async () => {
    const { up } = await open();
    await up();
    script({ 'GET /fapi/v1/accountConfig': new Refusal(-2015, 'Invalid API-key, IP, or permissions for action.') });
    expect((await check()).checks).toMatchObject([{ code: 'key', state: 'fail', venueCode: expect.stringContaining('-2015') }]);
    const soon = stage.venue.nowMs + 3 * 86_400_000;
    const rights = { ipRestrict: false, enableWithdrawals: false, enableFutures: true, tradingAuthorityExpirationTime: soon };
    script({ 'GET /sapi/v1/account/apiRestrictions': rights });
    expect((await check()).keyExpiresUnixMs).toBe(soon);
    expect((await failing()).map(({ code }) => code)).toEqual(['ip-binding', 'key-expiry']);
  });

  test('what cannot be asked is a sentence, and the demo environment does not tell of keys', async () => {
    const { venue, up } = await open({ environment: 'demo' });
    await up();
    script();
    expect((await failing()).map(({ code, state }) => `${code} ${state}`)).toEqual([
      'withdrawal-right warn',
      'ip-binding warn',
      'key-expiry warn',
    ]);
    expect(venue.of('GET /sapi/v1/account/apiRestrictions')).toEqual([]);
    script({ 'GET /fapi/v1/symbolConfig': new Refusal(-1000, 'unknown') });
    expect(await stage.dialect.check()).toEqual(expect.any(String));
  });
});
