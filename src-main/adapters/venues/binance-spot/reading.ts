/**
 * Everything that a spot account knows of us, or a sentence why not: never a part of it. A position is what there is of the base
 * currency, locked or not; equity values it at the bid. Executions are asked for last.
 */
import type { z } from 'zod';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import type { AccountReport, PositionReport } from '../../../../src-shared/domain/order.ts';
import type { BinanceAccount } from '../shared/binanceAccount.ts';
import { openOrders } from '../shared/binanceOrderWire.ts';
import { byTime, openOrderOf } from '../shared/binanceReports.ts';
import type { BinanceSymbols } from '../shared/binanceSymbols.ts';
import type { AccountReading } from '../shared/orders/parts.ts';
import { account, bookTickers, PATHS, WEIGHTS } from './accountWire.ts';

type Balances = z.output<typeof account>['balances'];

const totalOf = (balances: Balances, ccy: string): Decimal => {
  const found = balances.find(({ asset }) => asset === ccy);
  return found === undefined ? new Decimal(0) : new Decimal(found.free).plus(found.locked);
};

export const positionsOf = (instruments: readonly Instrument[], balances: Balances): readonly PositionReport[] =>
  instruments.flatMap(({ id, baseCcy }) => {
    const qty = totalOf(balances, baseCcy);
    return qty.isZero() ? [] : [{ instrumentId: id, qty: qty.toFixed(), foreignQty: null, avgPx: null }];
  });

/** In the quote currency of the first instrument, with the base currencies that trade against it at their bids. */
export const accountOf = (
  instruments: readonly Instrument[],
  balances: Balances,
  bidOf: (symbol: string) => string | undefined,
): AccountReport => {
  const ccy = instruments[0]?.quoteCcy ?? 'USDT';
  const valued = new Set<string>([ccy]);
  let equity = totalOf(balances, ccy);
  for (const { symbol, baseCcy, quoteCcy } of instruments) {
    const bid = bidOf(symbol);
    if (quoteCcy !== ccy || valued.has(baseCcy) || bid === undefined) continue;
    valued.add(baseCcy);
    equity = equity.plus(totalOf(balances, baseCcy).times(bid));
  }
  return {
    ccy,
    equity: equity.toFixed(),
    marginUsed: null,
    marginFree: null,
    balances: balances.map(({ asset, free, locked }) => ({
      ccy: asset,
      free: new Decimal(free).toFixed(),
      total: new Decimal(free).plus(locked).toFixed(),
    })),
  };
};

export const readSpot = async (
  { calls, clock, trades, parts }: BinanceAccount,
  symbols: BinanceSymbols,
  fillsSinceUnixMs: number,
): Promise<AccountReading | string> => {
  const described = await symbols.ensure();
  if (typeof described === 'string') return described;
  const instruments: Instrument[] = [];
  for (const [symbol, { instrument }] of described) {
    if (typeof instrument === 'string') return `${symbol}: ${instrument}`;
    instruments.push(instrument);
  }
  const [open, money, tops] = await Promise.all([
    calls.signed('GET', PATHS.openOrders, {}, openOrders, { cost: WEIGHTS.openOrdersOfAll }),
    calls.signed('GET', PATHS.account, { omitZeroBalances: 'true' }, account, { cost: WEIGHTS.account }),
    calls.open(PATHS.bookTicker, { symbols: JSON.stringify([...described.keys()]) }, bookTickers, { cost: WEIGHTS.bookTicker }),
  ]);
  if (!open.ok) return open.why;
  if (!money.ok) return money.why;
  if (!tops.ok) return tops.why;
  const nowMs = clock.unixMs();
  if (nowMs === null) return clock.why;
  const fills = await Promise.all(parts.instruments.map(({ id, symbol }) => trades.since(id, symbol, fillsSinceUnixMs, nowMs)));
  const why = fills.find((found): found is string => typeof found === 'string');
  if (why !== undefined) return why;
  const { balances } = money.value;
  return {
    openOrders: open.value.map(openOrderOf),
    fills: fills.flatMap((found) => found as Exclude<typeof found, string>).sort(byTime),
    positions: positionsOf(instruments, balances),
    account: accountOf(instruments, balances, (symbol) => tops.value.find((top) => top.symbol === symbol)?.bidPrice),
  };
};
