/**
 * What can be asked of a simulated Binance with a key, whatever the way it comes: each operation judges its parameters and gives the
 * body of the answer, or throws the venue's refusal. Owns no transport.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import { hasEnded, type BookOrder, type NewOrder, type OrderKey, type SimAccounts } from '../account/account.ts';
import { accountConfig, keyRights, notionalCapOf } from './accountShapes.ts';
import type { Asker } from './gate.ts';
import type { Limits } from './limits.ts';
import { newClientId, orderOf, refusalOf, type OrderGround } from './orderRules.ts';
import { futuresOrder, futuresReply, futuresTrade, spotCanceled, spotOrder, spotReply, spotTrade } from './orderShapes.ts';
import type { SymbolRules } from './symbols.ts';
import { missing, Refusal, type Params, type Product } from './wire.ts';
import { MS_PER_DAY } from '../../../../src-shared/domain/units.ts';

export interface Ground {
  readonly product: Product;
  readonly accounts: SimAccounts;
  readonly rules: ReadonlyMap<string, SymbolRules>;
  readonly limits: Limits;
  readonly now: () => number;
  /** Orders younger than this are not found by any reading; 0 = none. */
  readonly hiddenMs: () => number;
  /** The client's own id of a cancel, for the report that will be pushed of it. */
  readonly noteCancel: (order: BookOrder, cancelId: string) => void;
}

export const MAX_TRADES = 1_000;
const DEFAULT_TRADES = 500;
const RANGE_MS: Readonly<Record<Product, number>> = { usdm: 7 * MS_PER_DAY, spot: MS_PER_DAY };
const MAX_TRADE_AGE_MS = 183 * MS_PER_DAY;

/** @throws Refusal */
export const symbolOf = (ground: Ground, params: Params): SymbolRules => {
  const symbol = params.must('symbol');
  const rules = ground.rules.get(symbol);
  if (rules === undefined) throw new Refusal(-1121, 'Invalid symbol.');
  return rules;
};

const optionalSymbol = (ground: Ground, params: Params): SymbolRules | null =>
  params.text('symbol') === null ? null : symbolOf(ground, params);

const orderGround = (ground: Ground, asker: Asker, rules: SymbolRules): OrderGround => {
  const { positionMode, signed } = ground.accounts.conditions(asker.account);
  const mark = ground.accounts.mark(rules.symbol);
  return { product: ground.product, rules, hedgeMode: positionMode === 'hedge', signed, mark, now: ground.now() };
};

const seen = (ground: Ground, order: Pick<BookOrder, 'createdMs'>): boolean => ground.now() - order.createdMs >= ground.hiddenMs();

/** An order that grows the position beyond what the leverage allows. @throws Refusal −2027 */
const mustFitLeverage = ({ accounts, product }: Ground, { account }: Asker, order: NewOrder): void => {
  if (product !== 'usdm' || order.qty === null || order.reduceOnly) return;
  const { qty, leverage } = accounts.position(account, order.symbol);
  const after = new Decimal(qty).plus(order.side === 'buy' ? order.qty : `-${order.qty}`).abs();
  const at = order.price ?? accounts.mark(order.symbol);
  if (at === null || after.lte(new Decimal(qty).abs()) || after.times(at).lte(notionalCapOf(leverage))) return;
  throw new Refusal(-2027, 'Exceeded the maximum allowable position at current leverage.');
};

/** Judges without doing anything, as the test call does. @throws Refusal */
export const testOrder = (ground: Ground, asker: Asker, params: Params): object => {
  const order = preparedOrder(ground, asker, params);
  const judged = ground.accounts.judge(asker.account, order);
  if (!judged.ok) throw refusalOf(judged.code, ground.product);
  return {};
};

/** Everything that a placement must satisfy before it counts and goes to the book. @throws Refusal */
const preparedOrder = (ground: Ground, asker: Asker, params: Params): NewOrder => {
  const order = orderOf(params, orderGround(ground, asker, symbolOf(ground, params)));
  mustFitLeverage(ground, asker, order);
  return order;
};

/** @throws Refusal */
export const placeOrder = (ground: Ground, asker: Asker, params: Params): object => {
  const rules = symbolOf(ground, params);
  const order = preparedOrder(ground, asker, params);
  const placed = ground.accounts.place(asker.account, order);
  if (!placed.ok) throw refusalOf(placed.code, ground.product);
  if (ground.product === 'spot') return spotReply(placed.order, placed.fills, order.wire['answer'] || 'FULL');
  if (order.wire['answer'] === 'RESULT') return futuresReply(placed.order, rules);
  // Acknowledged: as it was before anything matched.
  return futuresReply({ ...placed.order, stage: 'new', endReason: null, filledQty: '0' }, rules);
};

/** @throws Refusal */
const keyOf = (rules: SymbolRules, params: Params): OrderKey => {
  const [orderId, clientId] = [params.whole('orderId'), params.text('origClientOrderId')];
  if (orderId === null && clientId === null)
    throw new Refusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
  return { symbol: rules.symbol, orderId, clientId };
};

const replyOf = (ground: Ground, order: BookOrder, rules: SymbolRules): object =>
  ground.product === 'spot' ? spotOrder(order) : futuresOrder(order, rules);

/** @throws Refusal */
export const cancelOrder = (ground: Ground, asker: Asker, params: Params): object => {
  const rules = symbolOf(ground, params);
  const key = keyOf(rules, params);
  const cancelId = params.clientId('newClientOrderId') ?? newClientId();
  const found = ground.accounts.order(asker.account, key);
  if (found !== null && !hasEnded(found.stage) && ground.product === 'spot') ground.noteCancel(found, cancelId);
  const canceled = ground.accounts.cancel(asker.account, key);
  if (!canceled.ok) throw refusalOf(canceled.code, ground.product);
  return ground.product === 'spot' ? spotCanceled(canceled.order, cancelId) : futuresReply(canceled.order, rules);
};

/** @throws Refusal */
export const cancelAllOrders = (ground: Ground, asker: Asker, params: Params): object => {
  const rules = symbolOf(ground, params);
  const cancelId = newClientId();
  for (const order of ground.product === 'spot' ? ground.accounts.openOrders(asker.account, rules.symbol) : [])
    ground.noteCancel(order, cancelId);
  const ended = ground.accounts.cancelAll(asker.account, { symbol: rules.symbol });
  if (ground.product === 'usdm') return { code: 200, msg: 'The operation of cancel all open order is done.' };
  if (ended.length === 0) throw new Refusal(-2011, 'Unknown order sent.');
  return ended.map((order) => spotCanceled(order, cancelId));
};

/** @throws Refusal */
export const modifyOrder = (ground: Ground, asker: Asker, params: Params): object => {
  const rules = symbolOf(ground, params);
  const key = keyOf(rules, params);
  const [price, qty] = [params.decimal('price'), params.decimal('quantity')];
  if (price === null) throw missing('price');
  if (qty === null) throw missing('quantity');
  const found = ground.accounts.order(asker.account, key);
  if (found === null || hasEnded(found.stage)) throw new Refusal(-2013, 'Order does not exist.');
  // Judged by the rules of a new order of this price and quantity.
  orderOf(asPlaced(found, price, qty, params), orderGround(ground, asker, rules));
  const changed = ground.accounts.amend(asker.account, key, { price, qty });
  if (!changed.ok) throw refusalOf(changed.code, ground.product);
  return futuresReply(changed.order, rules);
};

const asPlaced = (order: BookOrder, price: string, quantity: string, params: Params): Params => {
  const Made = params.constructor as new (values: ReadonlyMap<string, string>) => Params;
  const side = order.side === 'buy' ? 'BUY' : 'SELL';
  return new Made(
    new Map([
      ['symbol', order.symbol],
      ['side', side],
      ['type', 'LIMIT'],
      ['timeInForce', 'GTC'],
      ['price', price],
      ['quantity', quantity],
      ['reduceOnly', String(order.reduceOnly)],
    ]),
  );
};

/** @throws Refusal −2013 */
export const queryOrder = (ground: Ground, asker: Asker, params: Params): object => {
  const rules = symbolOf(ground, params);
  const order = ground.accounts.order(asker.account, keyOf(rules, params));
  if (order === null || !seen(ground, order)) throw new Refusal(-2013, 'Order does not exist.');
  return replyOf(ground, order, rules);
};

export const openOrder = (ground: Ground, asker: Asker, params: Params): object => {
  const rules = symbolOf(ground, params);
  const order = ground.accounts.order(asker.account, keyOf(rules, params));
  if (order === null || hasEnded(order.stage) || !seen(ground, order)) throw new Refusal(-2013, 'Order does not exist.');
  return replyOf(ground, order, rules);
};

export const openOrders = (ground: Ground, asker: Asker, params: Params): readonly object[] =>
  ground.accounts
    .openOrders(asker.account, optionalSymbol(ground, params)?.symbol)
    .filter((o) => seen(ground, o))
    .map((o) => replyOf(ground, o, ground.rules.get(o.symbol)!));

const limitOf = (params: Params): number => {
  const limit = params.number('limit') ?? DEFAULT_TRADES;
  if (limit < 1) throw new Refusal(-1102, "Mandatory parameter 'limit' was not sent, was empty/null, or malformed.");
  return Math.min(limit, MAX_TRADES);
};

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  readonly given: boolean;
  /** Of more than a page: the oldest from a start on, else the newest. */
  readonly oldest: boolean;
}
/**
 * Start and end by the venue's rule: one alone implies the other, both must not lie too far apart; futures tell of the last seven days
 * where neither is given, whatever else is asked for. @throws Refusal −4165, −1127
 */
const rangeOf = (ground: Ground, params: Params): Range => {
  const [start, end] = [params.number('startTime'), params.number('endTime')];
  const widest = RANGE_MS[ground.product];
  const now = ground.now();
  if (start !== null && ground.product === 'usdm' && start < now - MAX_TRADE_AGE_MS)
    throw new Refusal(-4166, 'Search window is restricted to recent 6 months only.');
  if (start !== null && end !== null) {
    if (start > end) throw new Refusal(-4188, 'Start time is greater than end time.');
    if (end - start > widest)
      throw ground.product === 'usdm'
        ? new Refusal(-4165, `Invalid time interval. Maximum time interval is ${widest / MS_PER_DAY} days.`)
        : new Refusal(-1127, 'More than 24 hours between startTime and endTime.');
  }
  if (start !== null) return { fromMs: start, toMs: end ?? start + widest, given: true, oldest: true };
  if (end !== null) return { fromMs: end - widest, toMs: end, given: true, oldest: false };
  return { fromMs: ground.product === 'usdm' ? now - widest : -Infinity, toMs: Infinity, given: false, oldest: false };
};

/** Oldest first. From an id, a time range, one order's, or the newest. @throws Refusal */
export const trades = (ground: Ground, asker: Asker, params: Params): readonly object[] => {
  const { symbol } = symbolOf(ground, params);
  const [orderId, fromId, limit] = [params.whole('orderId'), params.whole('fromId'), limitOf(params)];
  const range = rangeOf(ground, params);
  const neverTimed = fromId !== null || (ground.product === 'spot' && orderId !== null);
  if (neverTimed && range.given) throw new Refusal(-1128, 'Combination of optional parameters invalid.');
  const asked = { symbol, fromMs: range.fromMs, toMs: range.toMs, ...(orderId === null ? {} : { orderId }) };
  const hidden = ground.hiddenMs();
  const found = ground.accounts
    .fills(asker.account, asked)
    .filter((f) => (fromId === null || BigInt(f.tradeId) >= BigInt(fromId)) && ground.now() - f.atMs >= hidden);
  const page = fromId !== null || range.oldest ? found.slice(0, limit) : found.slice(-limit);
  const rules = ground.rules.get(symbol)!;
  return page.map((f) => (ground.product === 'spot' ? spotTrade(f) : futuresTrade(f, rules)));
};

/** Oldest first: from an order id on, of a time range, or the newest. @throws Refusal */
export const allOrders = (ground: Ground, asker: Asker, params: Params): readonly object[] => {
  const rules = symbolOf(ground, params);
  const [orderId, limit, range] = [params.whole('orderId'), limitOf(params), rangeOf(ground, params)];
  const found = ground.accounts
    .orders(asker.account, rules.symbol)
    .filter((o) => seen(ground, o) && (orderId === null || BigInt(o.orderId) >= BigInt(orderId)))
    .filter((o) => o.createdMs >= range.fromMs && o.createdMs <= range.toMs);
  const page = orderId !== null || range.oldest ? found.slice(0, limit) : found.slice(-limit);
  return page.map((o) => replyOf(ground, o, rules));
};

export const apiRestrictions = (_ground: Ground, { key }: Asker): object => keyRights(key);
export const orderCounts = ({ limits }: Ground, { account }: Asker): object => limits.orderRows(account);
export const configOf = ({ accounts }: Ground, { account }: Asker): object => accountConfig(accounts, account);
