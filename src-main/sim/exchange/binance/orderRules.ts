/**
 * From the parameters of an order to the order, or to the venue's refusal of it. Owns the order of the checks and their codes, for
 * futures and spot. The book's own refusals get their words here, too.
 */
import { randomBytes } from 'node:crypto';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { NewOrder, RefusalCode, SelfTradeRule, TimeInForce } from '../account/account.ts';
import type { SymbolRules } from './symbols.ts';
import { missing, Refusal, type Params, type Product } from './wire.ts';

export interface OrderGround {
  readonly product: Product;
  readonly rules: SymbolRules;
  readonly hedgeMode: boolean;
  readonly signed: boolean;
  /** Middle of the book, or null before the first. */
  readonly mark: string | null;
  readonly now: number;
}

const TIMES_IN_FORCE: Readonly<Record<Product, Readonly<Record<string, TimeInForce>>>> = {
  usdm: { GTC: 'gtc', IOC: 'ioc', FOK: 'fok', GTX: 'post-only', GTD: 'gtc' },
  spot: { GTC: 'gtc', IOC: 'ioc', FOK: 'fok' },
};
const SELF_TRADE: Readonly<Record<string, SelfTradeRule>> = {
  NONE: 'none',
  EXPIRE_TAKER: 'cancel-taker',
  EXPIRE_MAKER: 'cancel-maker',
  EXPIRE_BOTH: 'cancel-both',
};
const CONDITIONAL = /^(STOP|TAKE_PROFIT|TRAILING_STOP)/;
const RESPONSE_TYPES: readonly string[] = ['ACK', 'RESULT', 'FULL'];
/** Everything a spot order may be sent with; a parameter that is not read is refused. */
const SPOT_PARAMS: readonly string[] = [
  'symbol',
  'side',
  'type',
  'timeInForce',
  'quantity',
  'quoteOrderQty',
  'price',
  'newClientOrderId',
  'strategyId',
  'strategyType',
  'icebergQty',
  'newOrderRespType',
  'selfTradePreventionMode',
  'recvWindow',
  'timestamp',
  'signature',
  'apiKey',
  'computeCommissionRates',
  'returnRateLimits',
];
const GTD_MIN_AHEAD_MS = 600_000;

/** Whether `value` lies on a grid of `step` that begins at `from`; a step of 0 takes everything. */
const onGrid = (value: string, step: string, from = '0'): boolean =>
  new Decimal(step).isZero() || new Decimal(value).minus(from).mod(step).isZero();
const digitsOf = (value: string): number => new Decimal(value).decimalPlaces();

const typeOf = (params: Params, product: Product): { readonly type: 'limit' | 'market'; readonly maker: boolean } => {
  const type = params.must('type');
  if (product === 'usdm' && CONDITIONAL.test(type))
    throw new Refusal(-4120, 'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.');
  if (type === 'LIMIT' || type === 'MARKET') return { type: type === 'LIMIT' ? 'limit' : 'market', maker: false };
  if (product === 'spot' && type === 'LIMIT_MAKER') return { type: 'limit', maker: true };
  throw new Refusal(-1116, 'Invalid orderType.');
};

const timeInForceOf = (params: Params, product: Product, kind: ReturnType<typeof typeOf>): TimeInForce => {
  const asked = params.text('timeInForce');
  if (kind.type === 'market' || kind.maker) {
    // Futures take a stray time in force of a market order; spot does not read it.
    if (asked !== null && product === 'spot') throw new Refusal(-1106, "Parameter 'timeInForce' sent when not required.");
    return kind.maker ? 'post-only' : 'ioc';
  }
  if (asked === null) throw missing('timeInForce');
  const found = TIMES_IN_FORCE[product][asked];
  if (found === undefined) throw new Refusal(-1115, 'Invalid timeInForce.');
  return found;
};

const checkFuturesMode = (params: Params, { hedgeMode, rules, signed }: OrderGround): void => {
  const side = params.text('positionSide') ?? 'BOTH';
  if (!['BOTH', 'LONG', 'SHORT'].includes(side))
    throw new Refusal(-1102, "Mandatory parameter 'positionSide' was not sent, was empty/null, or malformed.");
  if ((side !== 'BOTH') !== hedgeMode) throw new Refusal(-4061, "Order's position side does not match user's setting.");
  if (hedgeMode) throw new Refusal(-4061, "Order's position side does not match user's setting.");
  if (rules.needsAgreement && !signed) throw new Refusal(-4411, 'Please sign TradFi-Perps agreement contract.');
};

const checkFuturesPrice = (price: string, side: 'buy' | 'sell', { rules, mark }: OrderGround): void => {
  const value = new Decimal(price);
  if (digitsOf(price) > rules.priceDigits) throw new Refusal(-1111, 'Precision is over the maximum defined for this asset.');
  if (value.lte(0)) throw new Refusal(-4001, 'Price less than 0.');
  if (value.gt(rules.maxPrice)) throw new Refusal(-4002, 'Price greater than max price.');
  if (value.lt(rules.minPrice)) throw new Refusal(-4013, 'Price less than min price.');
  if (!onGrid(price, rules.tick, rules.minPrice)) throw new Refusal(-4014, 'Price not increased by tick size.');
  if (mark === null) return;
  const [up, down] = [new Decimal(mark).times(rules.bandUp), new Decimal(mark).times(rules.bandDown)];
  if (side === 'buy' && value.gt(up)) throw new Refusal(-4016, `Limit price can't be higher than ${up.toFixed(rules.priceDigits)}.`);
  if (side === 'sell' && value.lt(down)) throw new Refusal(-4024, `Limit price can't be lower than ${down.toFixed(rules.priceDigits)}.`);
};

const checkFuturesQty = (qty: string, market: boolean, { rules }: OrderGround): void => {
  const value = new Decimal(qty);
  if (digitsOf(qty) > rules.qtyDigits) throw new Refusal(-1111, 'Precision is over the maximum defined for this asset.');
  if (value.lte(0)) throw new Refusal(-4003, 'Quantity less than or equal to zero.');
  if (value.lt(rules.minQty)) throw new Refusal(-4004, 'Quantity less than min quantity.');
  if (value.gt(market ? rules.marketMaxQty : rules.maxQty)) throw new Refusal(-4005, 'Quantity greater than max quantity.');
  if (!onGrid(qty, rules.step)) throw new Refusal(-4023, 'Qty not increased by step size.');
};

const filterFailure = (name: string): Refusal => new Refusal(-1013, `Filter failure: ${name}`);

const checkSpotPrice = (price: string, side: 'buy' | 'sell', { rules, mark }: OrderGround): void => {
  const value = new Decimal(price);
  if (digitsOf(price) > rules.priceDigits) throw new Refusal(-1111, "Parameter 'price' has too much precision.");
  if (value.lt(rules.minPrice) || value.gt(rules.maxPrice) || !onGrid(price, rules.tick)) throw filterFailure('PRICE_FILTER');
  if (mark === null) return;
  const beyond = side === 'buy' ? value.gt(new Decimal(mark).times(rules.bandUp)) : value.lt(new Decimal(mark).times(rules.bandDown));
  if (beyond) throw filterFailure('PERCENT_PRICE_BY_SIDE');
};

const checkSpotQty = (qty: string, market: boolean, { rules }: OrderGround): void => {
  const value = new Decimal(qty);
  if (digitsOf(qty) > rules.qtyDigits) throw new Refusal(-1111, "Parameter 'quantity' has too much precision.");
  if (value.lte(0) || value.lt(rules.minQty) || value.gt(rules.maxQty) || !onGrid(qty, rules.step)) throw filterFailure('LOT_SIZE');
  if (market && new Decimal(rules.marketMaxQty).gt(0) && value.gt(rules.marketMaxQty)) throw filterFailure('MARKET_LOT_SIZE');
};

const checkNotional = (qty: string, price: string | null, reduceOnly: boolean, { product, rules, mark }: OrderGround): void => {
  const at = price ?? mark;
  if (at === null) return;
  const notional = new Decimal(qty).times(at);
  if (product === 'usdm') {
    if (!reduceOnly && notional.lt(rules.minNotional))
      throw new Refusal(-4164, `Order's notional must be no smaller than ${rules.minNotional} (unless you choose reduce only).`);
  } else if (notional.lt(rules.minNotional) || (price !== null && rules.maxNotional !== null && notional.gt(rules.maxNotional)))
    throw filterFailure('NOTIONAL');
};

const checkUnread = (params: Params): void => {
  const unread = params.names.filter((name) => !SPOT_PARAMS.includes(name));
  if (unread.length > 0)
    throw new Refusal(
      -1104,
      `Not all sent parameters were read; read '${params.names.length - unread.length}' parameter(s) but was sent '${params.names.length}'.`,
    );
};

const goodTillOf = (params: Params, now: number): number | null => {
  if (params.text('timeInForce') !== 'GTD') return null;
  const till = params.number('goodTillDate');
  if (till === null) throw missing('goodTillDate');
  if (till < now + GTD_MIN_AHEAD_MS)
    throw new Refusal(-5040, 'The goodTillDate timestamp must be greater than the current time plus 600 seconds.');
  return till;
};

const worstPriceOf = (side: 'buy' | 'sell', { mark, rules }: OrderGround): string | null => {
  if (mark === null || rules.takeBound === null) return null;
  const factor = side === 'buy' ? new Decimal(1).plus(rules.takeBound) : new Decimal(1).minus(rules.takeBound);
  return factor.times(mark).toFixed();
};

export const newClientId = (): string => randomBytes(11).toString('hex');

/** @throws Refusal */
export const orderOf = (params: Params, ground: OrderGround): NewOrder => {
  const { product, rules } = ground;
  if (product === 'spot') checkUnread(params);
  const sideText = params.must('side');
  if (sideText !== 'BUY' && sideText !== 'SELL') throw new Refusal(-1117, 'Invalid side.');
  const side = sideText === 'BUY' ? 'buy' : 'sell';
  const kind = typeOf(params, product);
  const timeInForce = timeInForceOf(params, product, kind);
  const answer = params.text('newOrderRespType');
  if (answer !== null && (!RESPONSE_TYPES.includes(answer) || (product === 'usdm' && answer === 'FULL')))
    throw new Refusal(product === 'usdm' ? -1136 : -1102, 'Invalid newOrderRespType.');
  const selfTradeText = params.text('selfTradePreventionMode') ?? 'EXPIRE_MAKER';
  const selfTrade = SELF_TRADE[selfTradeText];
  if (selfTrade === undefined || (product === 'spot' && selfTradeText === 'NONE'))
    throw new Refusal(product === 'usdm' ? -5039 : -1013, 'This symbol does not allow the specified self-trade prevention mode.');
  if (product === 'usdm') checkFuturesMode(params, ground);
  const market = kind.type === 'market';
  const price = params.decimal('price');
  if (market && price !== null) throw new Refusal(-1106, "Parameter 'price' sent when not required.");
  if (!market && price === null) throw missing('price');
  const qty = params.decimal('quantity');
  const quoteQty = product === 'spot' && market ? params.decimal('quoteOrderQty') : null;
  if (qty === null && quoteQty === null) throw missing('quantity');
  if (qty !== null && quoteQty !== null) throw new Refusal(-1106, "Parameter 'quoteOrderQty' sent when not required.");
  const reduceOnly = product === 'usdm' && params.flag('reduceOnly');
  const clientId = params.clientId('newClientOrderId') ?? newClientId();
  if (price !== null) (product === 'usdm' ? checkFuturesPrice : checkSpotPrice)(price, side, ground);
  if (qty !== null) {
    (product === 'usdm' ? checkFuturesQty : checkSpotQty)(qty, market, ground);
    checkNotional(qty, price, reduceOnly, ground);
  } else if (new Decimal(quoteQty!).lt(rules.minNotional)) throw filterFailure('NOTIONAL');
  return {
    symbol: rules.symbol,
    side,
    type: kind.type,
    timeInForce,
    qty,
    quoteQty,
    qtyStep: rules.step,
    price,
    worstPrice: market ? worstPriceOf(side, ground) : null,
    reduceOnly,
    clientId,
    selfTrade,
    tag: '',
    goodTillMs: product === 'usdm' ? goodTillOf(params, ground.now) : null,
    wire: {
      type: params.must('type'),
      timeInForce: params.text('timeInForce') ?? 'GTC',
      selfTrade: selfTradeText,
      answer: answer ?? '',
    },
  };
};

const FUTURES_WORDS: Readonly<Partial<Record<RefusalCode, readonly [number, string]>>> = {
  'duplicate-id': [-4116, 'ClientOrderId is duplicated.'],
  'insufficient-margin': [-2019, 'Margin is insufficient.'],
  'reduce-only-none': [-2022, 'ReduceOnly Order is rejected.'],
  'reduce-only-oversize': [-2022, 'ReduceOnly Order is rejected.'],
  'post-only-crossing': [
    -5022,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
  ],
  'fok-short': [
    -5021,
    'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history',
  ],
  'too-many-orders': [-2025, 'Reach max open order limit.'],
  'too-small': [-4003, 'Quantity less than or equal to zero.'],
  'no-market': [-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."],
  'unknown-order': [-2011, 'Unknown order sent.'],
  'no-change': [-5027, 'No need to modify the order.'],
};
const SPOT_WORDS: Readonly<Partial<Record<RefusalCode, readonly [number, string]>>> = {
  'duplicate-id': [-2010, 'Duplicate order sent.'],
  'insufficient-balance': [-2010, 'Account has insufficient balance for requested action.'],
  'post-only-crossing': [-2010, 'Order would immediately match and take.'],
  'too-many-orders': [-1013, 'Filter failure: MAX_NUM_ORDERS'],
  'too-small': [-1013, 'Filter failure: LOT_SIZE'],
  'no-market': [-2010, 'Market is closed.'],
  'unknown-order': [-2011, 'Unknown order sent.'],
};

export const refusalOf = (code: RefusalCode, product: Product): Refusal => {
  const words = (product === 'usdm' ? FUTURES_WORDS : SPOT_WORDS)[code];
  return words === undefined ? new Refusal(-2010, `NEW_ORDER_REJECTED: ${code}`) : new Refusal(words[0], words[1]);
};
