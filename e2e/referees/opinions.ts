/**
 * Three opinions on one account in the plain shape: the simulator's own book, our gateway, and a referee; and what of them differs.
 * Owns no expectation but equality.
 */
import { Decimal } from 'decimal.js';
import type { Own } from '../exchange/ownGateway.ts';
import type { Stage } from '../exchange/stage.ts';
import type { FillReport, OrderReport } from '../../src-shared/domain/order.ts';
import type { BookFill, BookOrder, OrderStage } from '../../src-main/sim/exchange/account/account.ts';
import { bySequence, nonZero, plain, type FillSeen, type OrderSeen, type PositionSeen, type Referee } from './view.ts';

const STATES: Readonly<Record<OrderStage, OrderSeen['state']>> = {
  new: 'working',
  'partially-filled': 'working',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'canceled',
  rejected: 'rejected',
};
const orderOfBook = (order: BookOrder): OrderSeen => ({
  orderId: order.orderId,
  clientId: order.clientId,
  side: order.side,
  qty: plain(order.orderQty),
  filledQty: plain(order.filledQty),
  state: STATES[order.stage],
});
const fillOfBook = (fill: BookFill): FillSeen => ({
  tradeId: fill.tradeId,
  orderId: fill.orderId,
  side: fill.side,
  qty: plain(fill.qty),
  px: plain(fill.price),
  fee: plain(fill.fee),
  feeCcy: fill.feeAsset,
});

/** Venues print averages with their own number of digits. */
const AVERAGE_DECIMALS = 5;
/** A library that counts in binary fractions has no more. */
const MONEY_DECIMALS = 8;
const money = (totals: Readonly<Record<string, string>>): Record<string, string> =>
  nonZero(Object.entries(totals).map(([ccy, total]) => [ccy, new Decimal(total).toDecimalPlaces(MONEY_DECIMALS).toFixed()] as const));
const rounded = (px: string): string => plain(new Decimal(px).toDecimalPlaces(AVERAGE_DECIMALS).toFixed());

export interface Opinion {
  readonly orders: ReadonlyMap<string, OrderSeen>;
  readonly openOrders: readonly string[];
  readonly fills: readonly FillSeen[];
  /** null = this venue has none. */
  readonly positions: readonly PositionSeen[] | null;
  readonly balances: Readonly<Record<string, string>>;
}

const byId = (orders: readonly OrderSeen[]): ReadonlyMap<string, OrderSeen> => new Map(orders.map((order) => [order.clientId, order]));

export const opinionOfBook = (stage: Stage, account: string, symbol: string): Opinion => ({
  orders: byId(stage.orders(account).map(orderOfBook)),
  openOrders: stage.accounts.openOrders(account, symbol).map(({ clientId }) => clientId),
  fills: bySequence(stage.fills(account).map(fillOfBook)),
  positions:
    stage.listed(symbol).kind === 'spot'
      ? null
      : stage.accounts
          .positions(account)
          .filter(({ qty }) => plain(qty) !== '0')
          .map(({ symbol: held, qty, entryPrice }) => ({ symbol: held, qty: plain(qty), px: rounded(entryPrice) })),
  balances: money(Object.fromEntries(stage.accounts.balances(account).map(({ asset, total }) => [asset, total] as const))),
});

export const opinionOfReferee = async (referee: Referee, symbol: string, clientIds: readonly string[]): Promise<Opinion> => {
  const orders: OrderSeen[] = [];
  for (const id of clientIds) orders.push(await referee.order(symbol, id));
  const positions = await referee.positions();
  return {
    orders: byId(orders),
    openOrders: (await referee.openOrders(symbol)).map(({ clientId }) => clientId),
    fills: await referee.fills(symbol),
    positions: positions?.map((each) => ({ ...each, px: rounded(each.px) })) ?? null,
    balances: money(await referee.balances()),
  };
};

const instrumentSymbol = (instrumentId: string): string => instrumentId.slice(0, instrumentId.lastIndexOf('@'));

/** A report of ours has no side and no quantity: those are the request's, and taken from the book. */
const reportSeen = (report: OrderReport, booked: OrderSeen | undefined): OrderSeen => ({
  orderId: report.venueOrderId ?? '',
  clientId: report.clientOrderId,
  side: booked?.side ?? 'buy',
  qty: booked?.qty ?? '0',
  filledQty: plain(report.filledQty),
  state: report.state,
});
/** Nor has a fill an order's id at the venue; everything else of it is compared. */
const fillSeen = (fill: FillReport, booked: FillSeen | undefined): FillSeen => ({
  tradeId: fill.tradeId,
  orderId: booked?.orderId ?? '',
  side: fill.side,
  qty: plain(fill.qty),
  px: plain(fill.px),
  fee: plain(fill.fee),
  feeCcy: fill.feeCcy,
});

/** Of a spot instrument we tell what is owned of its base as a position; the exchange has none there. */
export const opinionOfOurs = async (
  own: Own,
  book: Opinion,
  symbol: string,
  sinceUnixMs: number,
  isSpot: (symbol: string) => boolean,
): Promise<Opinion> => {
  const orders: OrderSeen[] = [];
  for (const id of book.orders.keys()) {
    const found = await own.gateway.query(own.ref(own.request({ symbol, side: 'buy', qty: '1', px: '1', clientId: id })));
    if (found.code !== 'found') throw new Error(`our gateway does not find ${id}: ${JSON.stringify(found)}`);
    orders.push(reportSeen(found.report, book.orders.get(id)));
  }
  const outcome = await own.gateway.snapshot(sinceUnixMs);
  if (outcome.code !== 'answered') throw new Error(`our snapshot failed: ${outcome.why}`);
  const { snapshot } = outcome;
  const bookedFills = new Map(book.fills.map((fill) => [fill.tradeId, fill]));
  return {
    orders: byId(orders),
    openOrders: snapshot.openOrders.map(({ clientOrderId }) => clientOrderId ?? '?'),
    fills: bySequence(snapshot.fills.map((fill) => fillSeen(fill, bookedFills.get(fill.tradeId)))),
    positions:
      book.positions === null
        ? null
        : snapshot.positions
            .filter(({ instrumentId, qty }) => plain(qty) !== '0' && !isSpot(instrumentSymbol(instrumentId)))
            .map(({ instrumentId, qty, avgPx }) => ({
              symbol: instrumentSymbol(instrumentId),
              qty: plain(qty),
              px: rounded(avgPx ?? '0'),
            })),
    balances: money(Object.fromEntries(snapshot.account.balances.map(({ ccy, total }) => [ccy, total] as const))),
  };
};

/** What our private stream told, as an opinion of orders and fills. */
export const pushesOfOurs = (own: Own, book: Opinion): Pick<Opinion, 'orders' | 'fills'> => {
  const bookedFills = new Map(book.fills.map((fill) => [fill.tradeId, fill]));
  return {
    orders: new Map([...own.told.reports].map(([id, reports]) => [id, reportSeen(reports.at(-1)!, book.orders.get(id))])),
    fills: bySequence([...own.told.fills.values()].map((fill) => fillSeen(fill, bookedFills.get(fill.tradeId)))),
  };
};

/** The same as a library sees it that keeps ids in binary fractions. */
export const withRoundedIds = <T extends Pick<Opinion, 'orders' | 'fills'>>(opinion: T): T => {
  const rounded = (id: string): string => String(Number(id));
  return {
    ...opinion,
    orders: new Map([...opinion.orders].map(([id, order]) => [id, { ...order, orderId: rounded(order.orderId) }])),
    fills: opinion.fills.map((fill) => ({ ...fill, orderId: rounded(fill.orderId) })),
  };
};

/** Every field in which an opinion departs from the book, one sentence each. */
export const departures = (who: string, book: Partial<Opinion>, opinion: Partial<Opinion>): readonly string[] => {
  const wrong: string[] = [];
  const compare = (what: string, expected: unknown, said: unknown): void => {
    if (JSON.stringify(expected) !== JSON.stringify(said))
      wrong.push(`${who}, ${what}: the book has ${JSON.stringify(expected)}, it says ${JSON.stringify(said)}`);
  };
  const sorted = <T>(rows: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] =>
    [...rows].toSorted(([p], [q]) => (p < q ? -1 : 1));
  if (opinion.orders !== undefined) {
    const { orders } = opinion;
    const expected = new Map(book.orders ?? []);
    for (const id of new Set([...expected.keys(), ...orders.keys()]))
      compare(`order ${id}`, expected.get(id) ?? null, orders.get(id) ?? null);
  }
  if (opinion.fills !== undefined) {
    const said = new Map(opinion.fills.map((fill) => [fill.tradeId, fill]));
    const expected = new Map((book.fills ?? []).map((fill) => [fill.tradeId, fill]));
    for (const id of new Set([...expected.keys(), ...said.keys()])) compare(`fill ${id}`, expected.get(id) ?? null, said.get(id) ?? null);
  }
  if (opinion.openOrders !== undefined) compare('open orders', [...(book.openOrders ?? [])].toSorted(), [...opinion.openOrders].toSorted());
  if (opinion.positions !== undefined) compare('positions', book.positions, opinion.positions);
  if (opinion.balances !== undefined)
    compare('balances', sorted(Object.entries(book.balances ?? {})), sorted(Object.entries(opinion.balances)));
  return wrong;
};
