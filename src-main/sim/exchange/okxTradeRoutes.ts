/**
 * What may be asked of a simulated OKX's orders and fills, and its dead-man timer. Owns filters, paging, and how far back each
 * list reaches. Lists are newest first; `after` goes back in time, `before` forward, as the documentation has it.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { hasEnded, type BookFill, type BookOrder } from './account/account.ts';
import type { AccountScene } from './okxAccountRoutes.ts';
import { billIdOf, FILLS_HISTORY_MS, HISTORY_MS, RECENT_FILLS_MS } from './okxListings.ts';
import { argText } from './okxOrderArgs.ts';
import type { PrivateRoute, RouteRequest } from './okxPrivateRest.ts';
import * as no from './okxRefusals.ts';
import type { OkxRefused } from './okxRefusals.ts';
import { stateOf } from './okxAccountRows.ts';

export const MAX_PAGE = 100;
export const MAX_TAG_TIMERS = 20;
const LEAST_TIMER_S = 10;
const MOST_TIMER_S = 120;
const INST_TYPES = ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', 'ANY'];

/** An order so young that a fault hides it from every reading. */
const isHidden = ({ faults, venueNow }: AccountScene, bornMs: number): boolean => {
  const fault = faults.timed('not-found-then-found');
  return fault !== null && venueNow() - bornMs < fault.forMs;
};

interface Page<T> {
  /** Newest first. */
  readonly all: readonly T[];
  readonly idOf: (x: T) => string;
  readonly bornOf: (x: T) => number;
}

const limitOf = (query: URLSearchParams): number | null => {
  const text = query.get('limit') ?? '';
  if (text === '') return MAX_PAGE;
  return /^\d{1,4}$/.test(text) && Number(text) >= 1 ? Math.min(MAX_PAGE, Number(text)) : null;
};

/** Where `id` stands in the list; an id that is not in it counts as its end. */
const pageOf = <T>({ all, idOf, bornOf }: Page<T>, query: URLSearchParams): readonly T[] | OkxRefused => {
  const limit = limitOf(query);
  if (limit === null) return no.wrong('limit');
  const [begin, end] = [Number(query.get('begin') ?? 0), Number(query.get('end') ?? Infinity)];
  if (Number.isNaN(begin) || Number.isNaN(end)) return no.wrong('begin');
  const [after, before] = [query.get('after') ?? '', query.get('before') ?? ''];
  for (const id of [after, before]) if (id !== '' && !/^\d{1,24}$/.test(id)) return no.wrong('after');
  const timed = all.filter((x) => bornOf(x) >= begin && bornOf(x) <= end);
  const older = after === '' ? timed : afterOf(timed, idOf, after);
  const at = before === '' ? -1 : older.findIndex((x) => idOf(x) === before);
  if (before === '') return older.slice(0, limit);
  const newer = at < 0 ? older : older.slice(0, at);
  return newer.slice(-limit);
};
const afterOf = <T>(list: readonly T[], idOf: (x: T) => string, id: string): readonly T[] => {
  const at = list.findIndex((x) => idOf(x) === id);
  if (at >= 0) return list.slice(at + 1);
  return list.filter((x) => BigInt(idOf(x)) < BigInt(id));
};

const matches = (query: URLSearchParams, name: string, value: string): boolean => {
  const asked = query.get(name) ?? '';
  return asked === '' || asked.split(',').includes(value);
};
const isOfInstrument = (scene: AccountScene, query: URLSearchParams, symbol: string): boolean => {
  const x = scene.view.instrument(symbol);
  const type = query.get('instType') ?? '';
  const family = query.get('instFamily') ?? query.get('uly') ?? '';
  return (
    (type === '' || type === 'ANY' || type === x.instType) &&
    matches(query, 'instId', symbol) &&
    (family === '' || (x.instType === 'SWAP' && family === `${x.listing.base}-${x.listing.quote}`))
  );
};

const badType = (query: URLSearchParams, required: boolean): OkxRefused | null => {
  const type = query.get('instType') ?? '';
  if (type === '') return required ? no.empty('instType') : null;
  return INST_TYPES.includes(type) ? null : no.wrong('instType');
};

/** Newest first. Orders of one account are told apart by time, since every symbol counts its own ids. */
const newestFirst = (orders: readonly BookOrder[]): BookOrder[] =>
  orders.toSorted((a, b) => b.createdMs - a.createdMs || (BigInt(b.orderId) > BigInt(a.orderId) ? 1 : -1));

const listed = (scene: AccountScene, orders: readonly BookOrder[], { query }: RouteRequest): readonly object[] | OkxRefused => {
  const all = newestFirst(orders).filter(
    (o) =>
      !isHidden(scene, o.createdMs) &&
      isOfInstrument(scene, query, o.symbol) &&
      matches(query, 'ordType', o.wire['ordType'] ?? 'market') &&
      matches(query, 'state', stateOf(o)),
  );
  const page = pageOf({ all, idOf: (o) => o.orderId, bornOf: (o) => o.createdMs }, query);
  return 'code' in page ? page : page.map((o) => scene.view.order(o));
};

const oneOrder = (scene: AccountScene, { caller, query }: RouteRequest): readonly object[] | OkxRefused => {
  const instId = query.get('instId') ?? '';
  if (instId === '') return no.empty('instId');
  if (!scene.instruments.some((x) => x.listing.symbol === instId)) return no.NO_INSTRUMENT;
  const [orderId, clientId] = [query.get('ordId') ?? '', query.get('clOrdId') ?? ''];
  if (orderId === '' && clientId === '') return no.NO_ID;
  const key = orderId === '' ? { symbol: instId, clientId } : { symbol: instId, orderId };
  const order = scene.accounts.order(caller.account, key);
  return order === null || isHidden(scene, order.createdMs) ? no.NO_ORDER : [scene.view.order(order)];
};

const history =
  (keptMs: number) =>
  (scene: AccountScene, ask: RouteRequest): readonly object[] | OkxRefused => {
    const bad = badType(ask.query, true);
    if (bad !== null) return bad;
    const since = scene.venueNow() - keptMs;
    return listed(
      scene,
      scene.accounts.orders(ask.caller.account).filter((o) => hasEnded(o.stage) && o.updatedMs >= since),
      ask,
    );
  };

const fills =
  (keptMs: number, typed: boolean) =>
  (scene: AccountScene, ask: RouteRequest): readonly object[] | OkxRefused => {
    const { caller, query } = ask;
    const bad = badType(query, typed);
    if (bad !== null) return bad;
    const orderId = query.get('ordId') ?? '';
    const found = scene.accounts.fills(caller.account, {
      fromMs: scene.venueNow() - keptMs,
      ...(orderId === '' ? {} : { orderId }),
    });
    const all = found.filter((f) => !isHidden(scene, f.atMs) && isOfInstrument(scene, query, f.symbol)).toReversed();
    const page = pageOf<BookFill>({ all, idOf: (f) => billIdOf(f.seq), bornOf: (f) => f.atMs }, query);
    return 'code' in page ? page : page.map((f) => scene.view.fill(f));
  };

const cancelAllAfter = (scene: AccountScene, { caller, body }: RouteRequest): readonly object[] | OkxRefused => {
  const timeOut = argText(body, 'timeOut');
  const tag = argText(body, 'tag');
  if (timeOut === '') return no.empty('timeOut');
  const seconds = /^\d{1,3}$/.test(timeOut) ? Number(timeOut) : -1;
  if (seconds !== 0 && !(seconds >= LEAST_TIMER_S && seconds <= MOST_TIMER_S)) return no.wrong('timeOut');
  if (tag !== '' && !/^[A-Za-z0-9]{1,16}$/.test(tag)) return no.wrong('tag');
  const tags = new Set(scene.accounts.deadMen(caller.account).flatMap((t) => (t.tag === null || t.firesMs === 0 ? [] : [t.tag])));
  if (tag !== '' && seconds > 0 && !tags.has(tag) && tags.size >= MAX_TAG_TIMERS) return no.TOO_MANY_TIMERS;
  const { firesMs } = scene.accounts.armDeadMan(caller.account, tag === '' ? {} : { tag }, seconds * 1_000);
  return [{ triggerTime: String(firesMs), tag, ts: String(scene.venueNow()) }];
};

const rateLimit = (scene: AccountScene): readonly object[] => [
  {
    accRateLimit: String(scene.accountOrdersPer2s),
    fillRatio: '',
    mainFillRatio: '',
    nextAccRateLimit: String(scene.accountOrdersPer2s),
    ts: String(scene.venueNow()),
  },
];

/** How much may be ordered now, at the best price of the other side. */
const maxSize = (scene: AccountScene, { caller, query }: RouteRequest): readonly object[] | OkxRefused => {
  const instId = query.get('instId') ?? '';
  const x = scene.instruments.find(({ listing }) => listing.symbol === instId);
  if (instId === '') return no.empty('instId');
  if (x === undefined) return no.NO_INSTRUMENT;
  const { accounts } = scene;
  const mark = new Decimal(accounts.mark(instId) ?? 0);
  const unit = mark.times(x.listing.basePerUnit);
  const lots = (amount: Decimal) => (unit.isZero() ? '0' : amount.div(x.lotSz).floor().times(x.lotSz).toFixed());
  if (x.instType === 'SPOT') {
    const free = (asset: string) => {
      const found = accounts.balances(caller.account).find((b) => b.asset === asset);
      return found === undefined ? new Decimal(0) : new Decimal(found.total).minus(found.locked);
    };
    return [{ ccy: x.listing.base, instId, maxBuy: lots(free(x.listing.quote).div(unit)), maxSell: lots(free(x.listing.base)) }];
  }
  const { available } = accounts.margin(caller.account, x.listing.quote);
  const { leverage, qty } = accounts.position(caller.account, instId);
  const most = unit.isZero() ? new Decimal(0) : new Decimal(available).times(leverage).div(unit);
  const closing = new Decimal(qty);
  return [
    {
      ccy: x.listing.quote,
      instId,
      maxBuy: lots(most.plus(closing.lt(0) ? closing.abs().times(2) : 0)),
      maxSell: lots(most.plus(closing.gt(0) ? closing.times(2) : 0)),
    },
  ];
};

export const TRADE_ROUTES: ReadonlyArray<readonly [string, PrivateRoute]> = [
  ['GET /api/v5/trade/order', { per2s: 60, readsOrders: true, answer: oneOrder }],
  [
    'GET /api/v5/trade/orders-pending',
    {
      per2s: 60,
      readsOrders: true,
      answer: (scene, ask) => badType(ask.query, false) ?? listed(scene, scene.accounts.openOrders(ask.caller.account), ask),
    },
  ],
  ['GET /api/v5/trade/orders-history', { per2s: 40, readsOrders: true, answer: history(HISTORY_MS) }],
  ['GET /api/v5/trade/orders-history-archive', { per2s: 20, readsOrders: true, answer: history(FILLS_HISTORY_MS) }],
  ['GET /api/v5/trade/fills', { per2s: 60, readsOrders: true, answer: fills(RECENT_FILLS_MS, false) }],
  ['GET /api/v5/trade/fills-history', { per2s: 10, readsOrders: true, answer: fills(FILLS_HISTORY_MS, true) }],
  ['POST /api/v5/trade/cancel-all-after', { per2s: 2, changes: true, answer: cancelAllAfter }],
  ['GET /api/v5/trade/account-rate-limit', { per2s: 2, answer: rateLimit }],
  ['GET /api/v5/account/max-size', { per2s: 20, answer: maxSize }],
];
