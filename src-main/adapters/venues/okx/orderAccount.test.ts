import { afterEach, describe, expect, test } from 'vitest';
import type { AccountCheck, AccountCheckCode } from '../../../../src-shared/domain/exchange.ts';
import type { GatewayParts } from '../shared/orders/parts.ts';
import { INSTRUMENTS, instrumentRow, okxStage, SPOT, SWAP } from './okxPeer.testkit.ts';
import type { Answer, OkxStage } from './okxPeer.testkit.ts';

const stages: OkxStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.end();
});
const [swap, spot] = INSTRUMENTS as [GatewayParts['instruments'][number], GatewayParts['instruments'][number]];
const upStage = async (more: Partial<GatewayParts> = {}) => {
  const stage = await okxStage(more);
  stages.push(stage);
  stage.dialect.start(stage.owner);
  await stage.time.passUntil(() => stage.dialect.entry.up, 'links up', 50);
  return stage;
};
const checksOf = async ({ dialect }: OkxStage): Promise<readonly AccountCheck[]> => {
  const checked = await dialect.check();
  if (typeof checked === 'string') throw new Error(checked);
  return checked.checks;
};
const the = (checks: readonly AccountCheck[], code: AccountCheckCode, symbol: string | null = null): AccountCheck => {
  const found = checks.filter((check) => check.code === code && check.instrumentId === (symbol === null ? null : `${symbol}@okx`));
  expect(found, code).toHaveLength(1);
  return found[0]!;
};
const config = (more: object): (() => Answer) => {
  const entry = { acctLv: '2', posMode: 'net_mode', acctStpMode: 'cancel_maker', ip: '10.0.0.1', perm: 'read_only,trade', ...more };
  return () => ({ data: [entry] });
};

describe('account checks', () => {
  test('a well configured account passes everything, with what the venue said', async () => {
    const stage = await upStage();
    const checked = await stage.dialect.check();
    if (typeof checked === 'string') throw new Error(checked);
    expect(checked.checks.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(checked.checks.filter(({ fix }) => fix !== '')).toEqual([]);
    expect(checked.described.map(({ symbol, instIdCode }) => [symbol, instIdCode])).toEqual([
      [SWAP, '10458'],
      [SPOT, '10459'],
    ]);
    expect(checked.keyExpiresUnixMs).toBeNull();
    expect(the(checked.checks, 'clock').reported).toMatch(/^measured to ±/);
    expect(the(checked.checks, 'leverage', SWAP)).toMatchObject({ configured: 'at least 20×', reported: '20×' });
    expect(the(checked.checks, 'fees', SWAP)).toMatchObject({ configured: '5 bps', reported: '5 bps', venueCode: 'taker 0.0005' });
    expect(the(checked.checks, 'funding', SWAP)).toMatchObject({ configured: 'every 8 h', reported: 'every 8 h' });
    expect(the(checked.checks, 'self-trade-prevention')).toMatchObject({ configured: 'cancel_taker, sent with every order' });
    const fees = stage.okx.asked('/api/v5/account/trade-fee').map(({ query }) => query.toString());
    expect(fees).toEqual(['instType=SWAP&instFamily=XAU-USDT', 'instType=SPOT&instId=XAUT-USDT']);
  });

  test.each([
    ['withdrawal-right', { perm: 'read_only,trade,withdraw' }, 'fail'],
    ['trading-right', { perm: 'read_only' }, 'fail'],
    ['ip-binding', { ip: '' }, 'warn'],
    ['position-mode', { posMode: 'long_short_mode' }, 'fail'],
    ['account-level', { acctLv: '1' }, 'fail'],
    ['account-level', { kycLv: '1' }, 'warn'],
    ['account-level', { acctLv: '3' }, 'fail'],
    ['account-level', { acctLv: '4' }, 'fail'],
  ] as const)('%s with %j: %s', async (code, more, state) => {
    const stage = await upStage();
    stage.okx.rules.set('/api/v5/account/config', config(more));
    const found = the(await checksOf(stage), code);
    expect(found.state).toBe(state);
    expect(found.fix).not.toBe('');
    expect(found.venueCode).not.toBeNull();
  });

  test.each([
    ['1', [spot], 'pass'],
    ['3', [swap], 'pass'],
    ['1', [swap], 'fail'],
    ['4', [swap], 'fail'],
    ['3', [spot], 'fail'],
  ] as const)('account mode %s for %j: %s', async (acctLv, instruments, state) => {
    const stage = await upStage({ instruments });
    stage.okx.rules.set('/api/v5/account/config', config({ acctLv }));
    expect(the(await checksOf(stage), 'account-level').state).toBe(state);
  });

  test.each([
    ['19.99', 'fail'],
    ['20', 'pass'],
    ['50', 'pass'],
  ])('leverage %s where 20 is needed: %s', async (lever, state) => {
    const stage = await upStage();
    stage.okx.rules.set('/api/v5/account/leverage-info', () => ({ data: [{ instId: SWAP, mgnMode: 'cross', posSide: 'net', lever }] }));
    expect(the(await checksOf(stage), 'leverage', SWAP)).toMatchObject({ state, reported: `${lever}×` });
  });

  test('of the two sides of a two-way account the smaller leverage counts', async () => {
    const stage = await upStage();
    const side = (posSide: string, lever: string) => ({ instId: SWAP, mgnMode: 'cross', posSide, lever });
    stage.okx.rules.set('/api/v5/account/leverage-info', () => ({ data: [side('long', '50'), side('short', '5')] }));
    expect(the(await checksOf(stage), 'leverage', SWAP)).toMatchObject({ state: 'fail', reported: '5×' });
  });

  test.each([
    ['-0.00051', 'fail', '5.1 bps'],
    ['-0.0005', 'pass', '5 bps'],
    ['-0.0004', 'warn', '4 bps'],
    ['0.0001', 'warn', '-1 bps'],
  ])('a taker fee of %s where 5 bps are configured: %s', async (taker, state, reported) => {
    const stage = await upStage({ instruments: [swap] });
    const groups = [
      { groupId: '1', taker: '-0.01' },
      { groupId: '4', taker },
    ];
    stage.okx.rules.set('/api/v5/account/trade-fee', () => ({ data: [{ taker: '-0.02', feeGroup: groups }] }));
    expect(the(await checksOf(stage), 'fees', SWAP)).toMatchObject({ state, reported });
  });

  test('the only fee group that was answered is the one, and without groups the old figure', async () => {
    const stage = await upStage({ instruments: [swap] });
    const feeWith = async (entry: object) => {
      stage.okx.rules.set('/api/v5/account/trade-fee', () => ({ data: [entry] }));
      const checking = checksOf(stage);
      await stage.time.pass(3_000);
      return the(await checking, 'fees', SWAP).reported;
    };
    await expect(feeWith({ taker: '-0.02', feeGroup: [{ groupId: '77', taker: '-0.0003' }] })).resolves.toBe('3 bps');
    await expect(feeWith({ taker: '-0.002', feeGroup: [] })).resolves.toBe('20 bps');
  });

  test('metadata, kind, state and a missing code refuse, with both figures', async () => {
    const expected = { tickSize: '0.1', baseQtyPerUnit: '0.001' };
    const stage = await upStage({ instruments: [{ ...swap, expected }] });
    expect(the(await checksOf(stage), 'metadata', SWAP)).toMatchObject({
      state: 'fail',
      configured: 'tickSize 0.1',
      reported: 'tickSize 0.01',
    });
    const withRow = async (row: object) => {
      stage.okx.rules.set('/api/v5/public/instruments', () => ({ data: [instrumentRow(SWAP, { tickSz: '0.1', ...row })] }));
      const checking = checksOf(stage);
      await stage.time.pass(3_000);
      return the(await checking, 'metadata', SWAP);
    };
    await expect(withRow({})).resolves.toMatchObject({ state: 'pass', reported: 'live' });
    await expect(withRow({ state: 'suspend' })).resolves.toMatchObject({ state: 'fail', venueCode: 'state suspend' });
    await expect(withRow({ instIdCode: null })).resolves.toMatchObject({ state: 'fail', configured: 'an instIdCode', reported: 'none' });
  });

  test('another funding interval refuses; a position in the other margin mode, too', async () => {
    const stage = await upStage();
    stage.okx.rules.set('/api/v5/public/funding-rate', () => ({
      data: [{ instId: SWAP, fundingTime: '1795363200000', nextFundingTime: '1795377600000' }],
    }));
    const position = { instId: SWAP, pos: '10', posSide: 'net', avgPx: '4000', mgnMode: 'isolated', lever: '20' };
    stage.okx.rules.set('/api/v5/account/positions', () => ({ data: [position] }));
    const checks = await checksOf(stage);
    expect(the(checks, 'funding', SWAP)).toMatchObject({ state: 'fail', configured: 'every 8 h', reported: 'every 4 h' });
    expect(the(checks, 'margin-mode', SWAP)).toMatchObject({ state: 'fail', configured: 'cross', venueCode: 'mgnMode isolated' });
  });

  test.each([
    ['account/config', { data: [] }],
    ['account/config', { code: '50011', status: 429 }],
    ['account/positions', { data: [{ odd: 1 }] }],
    ['public/instruments', { code: '51001', msg: 'no such instrument' }],
    ['account/leverage-info', { data: [] }],
    [
      'account/trade-fee',
      {
        data: [
          {
            feeGroup: [
              { groupId: '8', taker: '-0.0005' },
              { groupId: '9', taker: '-0.0005' },
            ],
          },
        ],
      },
    ],
    ['public/price-limit', { data: [] }],
    ['public/funding-rate', { text: '<html>' }],
  ] as const)('what cannot be read is a sentence, not a pass: %s', async (path, answer) => {
    const stage = await upStage();
    stage.okx.rules.set(`/api/v5/${path}`, () => answer);
    expect(typeof (await stage.dialect.check())).toBe('string');
  });

  test('a position that is none of ours spoils no check', async () => {
    const stage = await upStage();
    stage.okx.rules.set('/api/v5/account/positions', () => ({ data: [{ instId: 'BTC-ABOVE-DAILY-261231', pos: '5', posSide: 'yes' }] }));
    expect(typeof (await stage.dialect.check())).not.toBe('string');
  });
});

describe('price bands', () => {
  test('both sides, or none where the venue has none now', async () => {
    const stage = await upStage();
    await expect(stage.dialect.bands()).resolves.toEqual([
      { instrumentId: `${SWAP}@okx`, highestBuyPx: '4100', lowestSellPx: '3900' },
      { instrumentId: `${SPOT}@okx`, highestBuyPx: '4100', lowestSellPx: '3900' },
    ]);
    stage.okx.rules.set('/api/v5/public/price-limit', ({ query }) => ({
      data: [{ instId: query.get('instId'), buyLmt: '4100', sellLmt: '', enabled: query.get('instId') === SWAP }],
    }));
    await expect(stage.dialect.bands()).resolves.toEqual([
      { instrumentId: `${SWAP}@okx`, highestBuyPx: '4100', lowestSellPx: null },
      { instrumentId: `${SPOT}@okx`, highestBuyPx: null, lowestSellPx: null },
    ]);
  });
});

describe('the dead-man timer', () => {
  const PATH = '/api/v5/trade/cancel-all-after';

  test('in whole seconds within what OKX takes, for our tag, renewed, and off when no symbol needs it', async () => {
    const { dialect, okx, time } = await upStage();
    okx.rules.set(PATH, ({ body }) => ({
      data: [{ triggerTime: `${body['timeOut'] === '0' ? 0 : okx.nowMs + 60_000}`, tag: body['tag'] }],
    }));
    const bodies = () => okx.asked(PATH).map(({ body }) => body);
    await expect(dialect.deadMan([], 0)).resolves.toEqual({ firesUnixMs: 0 });
    expect(bodies()).toEqual([]);
    await expect(dialect.deadMan([SWAP], 60_000)).resolves.toEqual({ firesUnixMs: okx.nowMs + 60_000 });
    await time.pass(1_100);
    await dialect.deadMan([SWAP, SPOT], 500);
    await time.pass(1_100);
    const fires = await dialect.deadMan([SWAP, SPOT], 900_000);
    expect(bodies()).toEqual([
      { timeOut: '60', tag: 'quantarb' },
      { timeOut: '10', tag: 'quantarb' },
      { timeOut: '120', tag: 'quantarb' },
    ]);
    await time.pass(1_100);
    await expect(dialect.deadMan([SWAP], 0)).resolves.toEqual(fires);
    expect(bodies()).toHaveLength(3);
    await expect(dialect.deadMan([SPOT], 0)).resolves.toEqual({ firesUnixMs: 0 });
    expect(bodies()[3]).toEqual({ timeOut: '0', tag: 'quantarb' });
  });

  test('a refusal is a sentence; a time in seconds is one in milliseconds', async () => {
    const { dialect, okx, time } = await upStage();
    okx.rules.set(PATH, () => ({ code: '51071', msg: 'too many timers' }));
    await expect(dialect.deadMan([SWAP], 60_000)).resolves.toContain('51071');
    await time.pass(1_100);
    okx.rules.set(PATH, () => ({ data: [{ triggerTime: '1795353060', tag: '' }] }));
    await expect(dialect.deadMan([SWAP], 60_000)).resolves.toEqual({ firesUnixMs: 1_795_353_060_000 });
  });
});
