/** How a paper venue tells what it knows: an order, its fills, the account as a whole. Reads the book, changes nothing. */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { ClientOrderId, InstrumentId, VenueId } from '../../../src-shared/domain/ids.ts';
import type { VenueProtocol } from '../../../src-shared/domain/instrument.ts';
import type { AccountReport, FillReport, OrderReport, PositionReport, VenueSnapshot } from '../../../src-shared/domain/order.ts';
import { marginOf, type AccountState, type MarkOf } from './account.ts';
import type { BookedOrder } from './bookFile.ts';
import { markOf, type PaperMarket } from './market.ts';

/** Digits of reported money: no venue shows more. */
const MONEY_DIGITS = 8;

export const reportOf = (order: BookedOrder, venueId: VenueId): OrderReport => ({
  clientOrderId: order.clientOrderId as ClientOrderId,
  venueId,
  venueOrderId: order.venueOrderId,
  state: order.state,
  filledQty: order.filledQty,
  venueUnixMs: order.venueUnixMs,
  text: order.text,
});

export const fillsOf = (order: BookedOrder): readonly FillReport[] => order.fills.map(({ report }) => report);

const money = (value: Decimal): string => value.toDecimalPlaces(MONEY_DIGITS).toFixed();

/** The newest quote, else the last execution. */
const marksOf =
  (account: AccountState, market: PaperMarket): MarkOf =>
  (id) =>
    markOf(market.listings.get(id)) ?? (account.marks[id] === undefined ? null : new Decimal(account.marks[id]));

/** What must be known before the account can be valued; empty = everything is. */
export const unvalued = (account: AccountState, market: PaperMarket): readonly string[] => {
  const mark = marksOf(account, market);
  return [...market.listings].flatMap(([id, { instrument, missing, settings }]) => {
    if (instrument === null) return missing === null ? [`${settings.symbol} is not described yet`] : [];
    const holdsSpot = instrument.kind === 'spot' && !new Decimal(account.balances[instrument.baseCcy] ?? 0).isZero();
    return holdsSpot && mark(id) === null ? [`no price of ${settings.symbol} yet`] : [];
  });
};

/** The currency in which the venue settles: of its first described instrument. */
const settlementCcy = (market: PaperMarket, account: AccountState): string => {
  for (const { instrument } of market.listings.values()) if (instrument !== null) return instrument.quoteCcy;
  return account.positions[0]?.ccy ?? Object.keys(account.balances)[0] ?? 'USD';
};

export const accountReport = (account: AccountState, market: PaperMarket): AccountReport => {
  const mark = marksOf(account, market);
  const ccy = settlementCcy(market, account);
  const rateOf = (id: string): number => market.listings.get(id)?.settings.initialMarginRate ?? 1;
  const margin = marginOf(account, ccy, mark, rateOf);
  let equity = margin.equity;
  const currencies = new Set([ccy]);
  let trades = false;
  for (const [id, { instrument }] of market.listings) {
    if (instrument === null) continue;
    currencies.add(instrument.quoteCcy);
    if (instrument.kind !== 'spot') {
      trades = true;
      continue;
    }
    if (!currencies.has(instrument.baseCcy))
      equity = equity.plus(new Decimal(account.balances[instrument.baseCcy] ?? 0).times(mark(id) ?? 0));
    currencies.add(instrument.baseCcy);
  }
  const balances = [...currencies].map((each) => {
    const { wallet, free } = marginOf(account, each, mark, rateOf);
    return { ccy: each, free: money(Decimal.max(0, Decimal.min(wallet, free))), total: money(wallet) };
  });
  return {
    ccy,
    equity: money(equity),
    marginUsed: trades ? money(margin.used) : null,
    marginFree: trades ? money(margin.free) : null,
    balances,
  };
};

/** Net by instrument. A paper account is ours alone; an exchange could not tell, a hedging account tells by magic. */
const positionsOf = (account: AccountState, market: PaperMarket, protocol: VenueProtocol): readonly PositionReport[] => {
  const held = new Map<string, { qty: Decimal; weighted: Decimal }>();
  for (const each of account.positions) {
    const sum = held.get(each.instrumentId) ?? { qty: new Decimal(0), weighted: new Decimal(0) };
    held.set(each.instrumentId, { qty: sum.qty.plus(each.qty), weighted: sum.weighted.plus(new Decimal(each.qty).times(each.avgPx)) });
  }
  for (const [id, { instrument }] of market.listings) {
    if (instrument?.kind !== 'spot') continue;
    const qty = new Decimal(account.balances[instrument.baseCcy] ?? 0).div(instrument.baseQtyPerUnit);
    if (!qty.isZero()) held.set(id, { qty, weighted: new Decimal(0) });
  }
  return [...held].map(([id, { qty, weighted }]) => ({
    instrumentId: id as InstrumentId,
    qty: qty.toFixed(),
    foreignQty: protocol === 'metatrader' ? '0' : null,
    avgPx: qty.isZero() || weighted.isZero() ? null : weighted.div(qty).toDecimalPlaces(MONEY_DIGITS).toFixed(),
  }));
};

export const snapshotOf = (
  account: AccountState,
  orders: Iterable<BookedOrder>,
  market: PaperMarket,
  protocol: VenueProtocol,
  fillsSinceUnixMs: number,
  venueUnixMs: number,
): VenueSnapshot => {
  return {
    venueUnixMs,
    openOrders: [],
    fills: [...orders].filter((order) => order.venueUnixMs >= fillsSinceUnixMs).flatMap(fillsOf),
    positions: positionsOf(account, market, protocol),
    account: accountReport(account, market),
  };
};
