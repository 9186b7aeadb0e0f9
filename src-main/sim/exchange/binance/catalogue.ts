/**
 * Every operation of a simulated Binance by product: its REST route, its web-socket method, its weight and what it may do. Data and
 * short functions; judging and answering are in `operations.ts`.
 */
import type { OrderOperation } from '../../orderFaults.ts';
import type { FeeRate, SimAccounts } from '../account/account.ts';
import {
  futuresAccount,
  futuresBalances,
  futuresCommission,
  futuresPositions,
  incomeOf,
  leverageBracket,
  MAX_LEVERAGE,
  spotAccount,
  spotCommission,
  symbolConfigs,
} from './accountShapes.ts';
import type { Asker } from './gate.ts';
import type { ListenKeys } from './listenKeys.ts';
import * as ops from './operations.ts';
import type { Ground } from './operations.ts';
import { FUNDING_HOURS } from './symbols.ts';
import { missing, Refusal, type Params } from './wire.ts';

export interface Operation {
  readonly rest: readonly string[];
  readonly socket: readonly string[];
  /** `none`: anybody; `key`: the key alone; `signed`: key, window and signature. */
  readonly security: 'none' | 'key' | 'signed';
  /** Which order faults strike it; null = none. */
  readonly fault: OrderOperation | null;
  readonly trades: boolean;
  /** Counts on the order limits. */
  readonly counts: boolean;
  readonly weight: (params: Params) => number;
  readonly run: (ground: Ground, asker: Asker, params: Params) => object;
}

const DONE = { code: 200, msg: 'success' };
const operation = (rest: string | readonly string[], weight: number, run: Operation['run'], over: Partial<Operation> = {}): Operation => ({
  rest: typeof rest === 'string' ? [rest] : rest,
  socket: [],
  security: 'signed',
  fault: null,
  trades: false,
  counts: false,
  weight: () => weight,
  run,
  ...over,
});
const TRADES = { trades: true } as const;
const place = (rest: string): Operation =>
  operation(rest, 0, ops.placeOrder, { socket: ['order.place'], fault: 'place', counts: true, ...TRADES });
const cancel = (rest: string, weight: number): Operation =>
  operation(rest, weight, ops.cancelOrder, { socket: ['order.cancel'], fault: 'cancel', ...TRADES });
const query = (rest: string, weight: number): Operation =>
  operation(rest, weight, ops.queryOrder, { socket: ['order.status'], fault: 'query' });

const leverageOf = (params: Params): number => {
  const leverage = params.number('leverage');
  if (leverage === null) throw missing('leverage');
  if (leverage < 1 || leverage > MAX_LEVERAGE) throw new Refusal(-4028, `Leverage ${leverage} is not valid`);
  return leverage;
};
const setLeverage: Operation['run'] = (ground, { account }, params) => {
  const { symbol } = ops.symbolOf(ground, params);
  const leverage = leverageOf(params);
  ground.accounts.setLeverage(account, symbol, leverage);
  return { leverage, maxNotionalValue: '80000000', symbol };
};
const setMarginType: Operation['run'] = (ground, { account }, params) => {
  const { symbol } = ops.symbolOf(ground, params);
  const type = params.must('marginType');
  if (type !== 'ISOLATED' && type !== 'CROSSED')
    throw new Refusal(-1102, "Mandatory parameter 'marginType' was not sent, was empty/null, or malformed.");
  const set = ground.accounts.setMarginMode(account, symbol, type === 'ISOLATED' ? 'isolated' : 'cross');
  if (set.ok) return DONE;
  if (set.code === 'already-set') throw new Refusal(-4046, 'No need to change margin type.');
  throw set.code === 'open-orders'
    ? new Refusal(-4047, 'Margin type cannot be changed if there exists open orders.')
    : new Refusal(-4048, 'Margin type cannot be changed if there exists position.');
};
const setPositionSide: Operation['run'] = (ground, { account }, params) => {
  params.must('dualSidePosition');
  const set = ground.accounts.setPositionMode(account, params.flag('dualSidePosition') ? 'hedge' : 'net');
  if (set.ok) return DONE;
  if (set.code === 'already-set') throw new Refusal(-4059, 'No need to change position side.');
  throw set.code === 'open-orders'
    ? new Refusal(-4067, 'Position side cannot be changed if there exists open orders.')
    : new Refusal(-4068, 'Position side cannot be changed if there exists position.');
};
const countdown: Operation['run'] = (ground, { account }, params) => {
  const { symbol } = ops.symbolOf(ground, params);
  const countdownTime = params.number('countdownTime');
  if (countdownTime === null || countdownTime < 0) throw missing('countdownTime');
  ground.accounts.armDeadMan(account, { symbol }, countdownTime);
  return { symbol, countdownTime: String(countdownTime) };
};
const optionalSymbol = (ground: Ground, params: Params): string | null =>
  params.text('symbol') === null ? null : ops.symbolOf(ground, params).symbol;
const listed = (ground: Ground, params: Params): readonly string[] => {
  const one = optionalSymbol(ground, params);
  return one === null ? [...ground.rules.keys()] : [one];
};
const DEFAULT_INCOME = 100;
const income: Operation['run'] = ({ accounts }, { account }, params) => {
  const [fromMs, toMs] = [params.number('startTime') ?? 0, params.number('endTime') ?? Infinity];
  const [symbol, type] = [params.text('symbol'), params.text('incomeType')];
  return incomeOf(accounts.transfers(account, { fromMs, toMs }), accounts.fills(account, { fromMs, toMs }))
    .filter((row) => (symbol === null || row.symbol === symbol) && (type === null || row.incomeType === type))
    .slice(0, params.number('limit') ?? DEFAULT_INCOME);
};

const bookRow = (ground: Ground, symbol: string): object => {
  const top = ground.accounts.top(symbol);
  const row = {
    symbol,
    bidPrice: top?.bidPrice ?? '0',
    bidQty: top?.bidQty ?? '0',
    askPrice: top?.askPrice ?? '0',
    askQty: top?.askQty ?? '0',
  };
  return ground.product === 'spot' ? row : { ...row, time: ground.now(), lastUpdateId: ground.now() };
};
const oneOrAll =
  (row: (ground: Ground, symbol: string) => object): Operation['run'] =>
  (ground, _asker, params) => {
    const symbols = listed(ground, params);
    return params.text('symbol') === null ? symbols.map((s) => row(ground, s)) : row(ground, symbols[0]!);
  };
const depthOf: Operation['run'] = (ground, _asker, params) => {
  const top = ground.accounts.top(ops.symbolOf(ground, params).symbol);
  const times = ground.product === 'spot' ? {} : { E: ground.now(), T: ground.now() };
  return {
    lastUpdateId: ground.now(),
    ...times,
    bids: top === null ? [] : [[top.bidPrice, top.bidQty]],
    asks: top === null ? [] : [[top.askPrice, top.askQty]],
  };
};
const priceRow = (ground: Ground, symbol: string): object => ({ symbol, price: ground.accounts.mark(symbol) ?? '0' });
const fundingRow = (_ground: Ground, symbol: string): object => ({
  symbol,
  adjustedFundingRateCap: '0.02000000',
  adjustedFundingRateFloor: '-0.02000000',
  fundingIntervalHours: FUNDING_HOURS,
  disclaimer: false,
});
const OPEN = { security: 'none' } as const;

const shared = (root: string): readonly Operation[] => [
  operation(`GET ${root}/ticker/bookTicker`, 2, oneOrAll(bookRow), { ...OPEN, socket: ['ticker.book'] }),
  operation(`GET ${root}/ticker/price`, 2, oneOrAll(priceRow), { ...OPEN, socket: ['ticker.price'] }),
  operation(`GET ${root}/depth`, 5, depthOf, { ...OPEN, socket: ['depth'] }),
  operation(`POST ${root}/order/test`, 1, ops.testOrder, { socket: ['order.test'], ...TRADES }),
  place(`POST ${root}/order`),
  operation('GET /sapi/v1/account/apiRestrictions', 1, ops.apiRestrictions),
  operation(`GET ${root}/rateLimit/order`, 1, ops.orderCounts, { socket: ['account.rateLimits.orders'] }),
];

const listenKey = (keys: ListenKeys): readonly Operation[] => {
  const rest = (method: string) => `${method} /fapi/v1/listenKey`;
  return [
    operation(rest('POST'), 1, (_g, { account }) => keys.make(account), { security: 'key', socket: ['userDataStream.start'] }),
    operation(rest('PUT'), 1, (_g, { account }) => keys.keep(account), { security: 'key', socket: ['userDataStream.ping'] }),
    operation(rest('DELETE'), 1, (_g, { account }) => keys.close(account), { security: 'key', socket: ['userDataStream.stop'] }),
  ];
};

const sign: Operation['run'] = ({ accounts }, { account }) => {
  accounts.sign(account);
  return DONE;
};
const BOTH_VERSIONS = [false, true] as const;

export const usdmCatalogue = (keys: ListenKeys): readonly Operation[] => [
  ...shared('/fapi/v1'),
  ...listenKey(keys),
  ...BOTH_VERSIONS.flatMap((v2) => {
    const root = v2 ? '/fapi/v2' : '/fapi/v3';
    const positions: Operation['run'] = (g, { account }, params) =>
      futuresPositions(g.accounts, account, g.rules, { symbol: optionalSymbol(g, params), v2 });
    return [
      operation(`GET ${root}/balance`, 5, (g, { account }) => futuresBalances(g.accounts, account), {
        socket: v2 ? ['v2/account.balance', 'account.balance'] : [],
      }),
      operation(`GET ${root}/account`, 5, (g, { account }) => futuresAccount(g.accounts, account, g.rules, v2), {
        socket: v2 ? ['account.status'] : ['v2/account.status'],
      }),
      operation(`GET ${root}/positionRisk`, 5, positions, { socket: v2 ? ['account.position'] : ['v2/account.position'] }),
    ];
  }),
  cancel('DELETE /fapi/v1/order', 1),
  operation('DELETE /fapi/v1/allOpenOrders', 1, ops.cancelAllOrders, { fault: 'cancel', ...TRADES }),
  operation('PUT /fapi/v1/order', 1, ops.modifyOrder, { socket: ['order.modify'], fault: 'amend', counts: true, ...TRADES }),
  query('GET /fapi/v1/order', 1),
  operation('GET /fapi/v1/openOrder', 1, ops.openOrder, { fault: 'query' }),
  operation('GET /fapi/v1/openOrders', 1, ops.openOrders, { weight: (p) => (p.text('symbol') === null ? 40 : 1) }),
  operation('GET /fapi/v1/allOrders', 5, ops.allOrders),
  operation('GET /fapi/v1/userTrades', 5, ops.trades),
  operation('GET /fapi/v1/accountConfig', 5, ops.configOf),
  operation('GET /fapi/v1/symbolConfig', 5, (g, { account }, params) => symbolConfigs(g.accounts, account, optionalSymbol(g, params))),
  operation('GET /fapi/v1/commissionRate', 20, (g, { account }, params) => {
    const { symbol } = ops.symbolOf(g, params);
    return futuresCommission(symbol, g.accounts.feeRate(account, symbol));
  }),
  operation('GET /fapi/v1/leverageBracket', 1, (g, _asker, params) => listed(g, params).map(leverageBracket)),
  operation('GET /fapi/v1/positionSide/dual', 30, (g, { account }) => ({
    dualSidePosition: g.accounts.conditions(account).positionMode === 'hedge',
  })),
  operation('POST /fapi/v1/positionSide/dual', 1, setPositionSide, TRADES),
  operation('GET /fapi/v1/multiAssetsMargin', 30, () => ({ multiAssetsMargin: false })),
  operation('GET /fapi/v1/feeBurn', 30, (g, { account }) => ({ feeBurn: g.accounts.conditions(account).feeAsset !== null })),
  operation('POST /fapi/v1/marginType', 1, setMarginType, TRADES),
  operation('POST /fapi/v1/leverage', 1, setLeverage, TRADES),
  operation('POST /fapi/v1/countdownCancelAll', 10, countdown, TRADES),
  operation('POST /fapi/v1/stock/contract', 50, sign, TRADES),
  operation('GET /fapi/v1/income', 30, income),
  operation('GET /fapi/v1/fundingInfo', 0, (g, _a, params) => listed(g, params).map((s) => fundingRow(g, s)), OPEN),
];

/** Of any symbol: fees by kind are the account's, and the account's reply names none. */
const spotFees = (accounts: SimAccounts, account: string, symbols: Iterable<string>): FeeRate => {
  for (const symbol of symbols) return accounts.feeRate(account, symbol);
  return { maker: '0', taker: '0' };
};

/** No symbol of this market ever had one: its bands follow the average price. */
const noReferencePrice: Operation['run'] = (ground, _asker, params) => {
  ops.symbolOf(ground, params);
  throw new Refusal(-2043, "This symbol doesn't have a reference price.");
};

export const SPOT_CATALOGUE: readonly Operation[] = [
  ...shared('/api/v3'),
  cancel('DELETE /api/v3/order', 0),
  operation('DELETE /api/v3/openOrders', 1, ops.cancelAllOrders, { socket: ['openOrders.cancelAll'], fault: 'cancel', ...TRADES }),
  query('GET /api/v3/order', 4),
  operation('GET /api/v3/openOrders', 6, ops.openOrders, {
    socket: ['openOrders.status'],
    weight: (p) => (p.text('symbol') === null ? 80 : 6),
  }),
  operation('GET /api/v3/allOrders', 20, ops.allOrders, { socket: ['allOrders'] }),
  operation('GET /api/v3/myTrades', 20, ops.trades, { socket: ['myTrades'], weight: (p) => (p.text('orderId') === null ? 20 : 5) }),
  operation(
    'GET /api/v3/account',
    20,
    (g, { account, key }, params) =>
      spotAccount(g.accounts, account, spotFees(g.accounts, account, g.rules.keys()), key, params.flag('omitZeroBalances')),
    { socket: ['account.status'] },
  ),
  operation(
    'GET /api/v3/account/commission',
    20,
    (g, { account }, params) => {
      const { symbol } = ops.symbolOf(g, params);
      return spotCommission(symbol, g.accounts.feeRate(account, symbol), g.accounts.conditions(account).feeAsset);
    },
    { socket: ['account.commission'] },
  ),
  operation('GET /sapi/v1/asset/tradeFee', 1, (g, { account }, params) =>
    listed(g, params).map((symbol) => {
      const { maker, taker } = g.accounts.feeRate(account, symbol);
      return { symbol, makerCommission: maker, takerCommission: taker };
    }),
  ),
  operation('GET /api/v3/referencePrice', 2, noReferencePrice, { ...OPEN, socket: ['referencePrice'] }),
  operation(
    'GET /api/v3/avgPrice',
    2,
    (g, _a, params) => ({ mins: 5, price: g.accounts.mark(ops.symbolOf(g, params).symbol) ?? '0', closeTime: g.now() }),
    {
      ...OPEN,
      socket: ['avgPrice'],
    },
  ),
];
